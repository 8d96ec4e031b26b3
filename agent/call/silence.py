"""How long nobody has spoken on a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pipecat.processors.frame_processor import FrameProcessor


class Silence:
    """A clock that is set anew whenever somebody speaks."""

    def __init__(self, owner: FrameProcessor, on_silence: Callable[[], None]) -> None:
        """Be still until armed.

        Args:
            owner: Whose task it is.
            on_silence: Called once the silence has lasted.
        """
        self._owner = owner
        self._on_silence = on_silence
        self._task: asyncio.Task[None] | None = None

    async def arm(self, after_s: float) -> None:
        """Begin to count, from now."""
        await self.disarm()
        self._task = self._owner.create_task(self._wait(after_s), "silence")

    async def disarm(self) -> None:
        """Stop counting."""
        task, self._task = self._task, None
        if task is not None and task is not asyncio.current_task():
            await self._owner.cancel_task(task)

    async def _wait(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self._task = None
        self._on_silence()
