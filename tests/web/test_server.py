"""A server that stops leaves nothing behind."""

from __future__ import annotations

import asyncio
import threading

from agent.web.server import run_to_the_end


def test_what_is_left_behind_is_cancelled() -> None:
    """A task that nobody awaited is, before its loop is closed: it was destroyed as it waited."""
    loop = asyncio.new_event_loop()
    left: list[asyncio.Task[None]] = []

    async def work() -> None:
        left.append(asyncio.create_task(asyncio.sleep(3600), name="ping"))
        await asyncio.to_thread(lambda: None)

    thread = threading.Thread(target=run_to_the_end, args=(loop, work()))
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert left[0].cancelled()
    assert loop.is_closed()
