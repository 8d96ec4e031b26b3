"""Records a call once its caller knows: the caller on the left, the agent on the right.

It is given the caller's sound as it arrived and the agent's as it was sent, and stands behind the
transport, where it sees when the notice was heard.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pipecat.frames.frames import Frame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.call.recording_file import GrowingWav
from agent.call.speaking import NoticeFrame
from agent.call.tracks import Interleaver, Tracks
from agent.sealing.vault import Vault

logger = logging.getLogger(__name__)

T = TypeVar("T")

CHUNK_S = 1.0
"""What is written at a time."""

BACKLOG_S = 10.0
"""What may wait for the disk; then the recording is given up."""

DISK_LIMIT_S = 5.0
"""Longest wait for the disk at the end of a call, or when a caller refuses."""


class Recorder(FrameProcessor):
    """Writes one call to one file, a second at a time, in a thread.

    Attributes:
        over: Nothing is recorded any more: the caller refused, it failed, or the call ended.
        failures: 1 if it failed; what there was of it is deleted then.
        began_at: `time.time()` of its first sample; None before.
    """

    def __init__(
        self,
        path: Path,
        blocking: Executor,
        rate_in_hz: int,
        rate_out_hz: int,
        vault: Vault | None = None,
    ) -> None:
        """Prepare; nothing is recorded before a `NoticeFrame`.

        Args:
            path: Of the file once the call is over.
            blocking: Threads for the disk.
            rate_in_hz: Rate of the caller's frames.
            rate_out_hz: Rate of the agent's frames.
            vault: Seals the file; by default it is plain.
        """
        super().__init__()
        self._file = GrowingWav(path, TELEPHONE_RATE_HZ, 2, vault)
        self._blocking = blocking
        self._tracks = Tracks(rate_in_hz, rate_out_hz)
        self._interleaver = Interleaver(rate_in_hz, rate_out_hz)
        self._running = False
        self._writing: asyncio.Future[OSError | None] | None = None
        self.over = False
        self.failures = 0
        self.began_at: float | None = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Begin behind the notice; every frame goes on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, NoticeFrame):
            self._begin(frame.whole)
        await self.push_frame(frame, direction)

    def hear(self, pcm: bytes) -> None:
        """Take down what the caller says: int16 mono."""
        if self._running:
            self._tracks.hear(pcm)
            self._write()

    def say(self, pcm: bytes) -> None:
        """Take down what the agent says: int16 mono."""
        if self._running:
            self._tracks.say(pcm)
            self._write()

    async def discard(self) -> None:
        """Delete what was recorded and record nothing more."""
        self._stop()
        self._tracks.take(rest=True)
        try:
            await self._in_time(self._in_thread(self._file.drop))
        except (OSError, RuntimeError) as error:
            self._fail(error)

    async def finish(self) -> bool:
        """Write what is left at the end of the call; returns whether a recording is kept."""
        if not self._running:
            return False
        self._stop()
        rest = self._tracks.take(rest=True)
        try:
            error = None if self._writing is None else await self._in_time(self._writing)
            if error is not None:
                raise error
            return await self._in_time(self._in_thread(lambda: self._keep(rest)))
        except (OSError, RuntimeError) as error:
            self._fail(error)
            return False

    def _begin(self, told: bool) -> None:
        if self.over:
            return
        if not told:
            self._fail(RuntimeError("the caller could not be told"))
            return
        self._running = True
        self.began_at = time.time()

    def _write(self) -> None:
        """Have what is final written, unless the disk is busy with what came before."""
        if self._writing is not None:
            if not self._writing.done():
                if self._tracks.waiting_s > BACKLOG_S:
                    self._fail(TimeoutError("the disk is too slow"))
                return
            error, self._writing = self._writing.result(), None
            if error is not None:
                self._fail(error)
                return
        if self._tracks.final_s >= CHUNK_S:
            sides = self._tracks.take()
            self._writing = self._in_thread(lambda: self._put(sides))

    def _put(self, sides: tuple[Samples, Samples]) -> OSError | None:
        try:
            self._file.write(self._interleaver.next(sides))
        except OSError as error:
            return error
        return None

    def _keep(self, rest: tuple[Samples, Samples]) -> bool:
        self._file.write(self._interleaver.next(rest, last=True))
        return self._file.keep()

    def _in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._blocking, work)

    async def _in_time(self, work: asyncio.Future[T]) -> T:
        """Wait for the disk; the work is done also if the call's task is cancelled meanwhile."""
        async with asyncio.timeout(DISK_LIMIT_S):
            return await asyncio.shield(work)

    def _stop(self) -> None:
        self._running, self.over = False, True

    def _fail(self, error: Exception) -> None:
        """Give the recording up: on a full disk the tickets need the room more."""
        logger.error("the call is not recorded", exc_info=error)
        self._stop()
        self.failures = 1
        with suppress(RuntimeError):  # the process ends: its threads take no more work
            self._blocking.submit(self._drop)

    def _drop(self) -> None:
        try:
            self._file.drop()
        except OSError:
            logger.exception("what was recorded could not be deleted")
