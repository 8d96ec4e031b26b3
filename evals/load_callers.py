"""Many callers in a process of their own, so that they take no turn of the server's loop."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent.audio import Samples
from agent.demo import CALLER, CLIENT
from agent.errors import PermanenceError
from agent.telephony.media_protocol import message
from agent.telephony.recorded_caller import RecordedCaller

HANGING_UP_S = 10.0
APART_S = 0.4
"""Between two callers who ring: all at once no service is called."""


class AskingCaller(RecordedCaller):
    """Asks one thing after the other until they are told to hang up."""

    def __init__(self, url: str, turns: Sequence[Samples], first: int, over: Event) -> None:
        super().__init__(url, CLIENT, turns, caller=CALLER)
        self._first = first
        self._told = over

    async def _play(self, socket: ClientConnection) -> None:
        number = self._first
        try:
            while not self._told.is_set():
                await self._silence(
                    socket,
                    lambda: (self._listening.is_set() and not self._playout) or self._told.is_set(),
                    60.0,
                )
                self._listening.clear()
                if not self._told.is_set():
                    await self._speak(socket, self._turns[number % len(self._turns)])
                number += 1
            await socket.send(message("hangup"))
            await asyncio.wait_for(self._over.wait(), HANGING_UP_S)
        except (ConnectionClosed, TimeoutError):
            self._over.set()


@contextmanager
def callers(url: str, count: int, turns: Sequence[Samples]) -> Iterator[None]:
    """So many callers ring, one after the other, and ask on; at the end they have hung up.

    Who is hung up on rings again.
    """
    spawn = multiprocessing.get_context("spawn")
    over = spawn.Event()
    process = spawn.Process(target=_call, args=(url, count, list(turns), over), daemon=True)
    process.start()
    try:
        yield
    finally:
        over.set()
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()


def _call(url: str, count: int, turns: list[Samples], over: Event) -> None:
    asyncio.run(_call_all(url, count, turns, over))


async def _call_all(url: str, count: int, turns: list[Samples], over: Event) -> None:
    async def ring(number: int) -> None:
        await asyncio.sleep(number * APART_S)
        while not over.is_set():
            started = time.monotonic()
            try:
                await AskingCaller(url, turns, number, over).run()
            except PermanenceError as error:
                print(f"  a caller: {error}", flush=True)
            await asyncio.sleep(max(0.0, 2.0 - (time.monotonic() - started)))

    await asyncio.gather(*(ring(number) for number in range(count)))
