"""Where two lines are joined: what is heard on one is said on the other, within this process."""

from __future__ import annotations

from typing import Protocol

from pipecat.frames.frames import Frame, OutputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.audio import SAMPLE_BYTES, Resampler, samples_of

AHEAD_S = 0.3
"""What may wait to be played on a joined line; the rest is dropped: two who talk must not drift
apart because the loop once stood still."""


class Party(Protocol):
    """The other side of a joined line."""

    async def take(self, pcm: bytes, rate_hz: int) -> None:
        """Say this on its line: int16 mono."""


class Joint(FrameProcessor):
    """Stands before a line's output; while it is joined, the two lines hear one another.

    Attributes:
        dropped: Frames that came faster than they could be played.
    """

    def __init__(self, rate_out_hz: int) -> None:
        super().__init__()
        self._rate_hz = rate_out_hz
        self._party: Party | None = None
        self._resamplers: dict[int, Resampler] = {}
        self._waiting = 0
        self.dropped = 0

    @property
    def is_joined(self) -> bool:
        """Whether somebody else is on the line."""
        return self._party is not None

    def join(self, party: Party) -> None:
        """From now on the party hears this line; what it says comes by `take`."""
        self._party = party
        self._waiting = 0
        self._resamplers.clear()

    def part(self) -> None:
        """Nobody else is on the line any more."""
        self._party = None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass everything on."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)

    async def hear(self, pcm: bytes, rate_hz: int) -> None:
        """Let the party hear what is said on this line: int16 mono."""
        if self._party is not None:
            await self._party.take(pcm, rate_hz)

    async def take(self, pcm: bytes, rate_hz: int) -> None:
        """Say this on the line, after what waits to be played."""
        if self._party is None:
            return
        if self._waiting > AHEAD_S * self._rate_hz:
            self.dropped += 1
            return
        if rate_hz not in self._resamplers:
            self._resamplers[rate_hz] = Resampler(rate_hz, self._rate_hz)
        samples = self._resamplers[rate_hz].next(samples_of(pcm))
        if not samples.size:
            return
        self._waiting += samples.size
        frame = OutputAudioRawFrame(samples.tobytes(), self._rate_hz, num_channels=1)
        frame.interruptible = False  # a caller who speaks does not silence the operator
        await self.push_frame(frame)

    def sent(self, pcm: bytes) -> None:
        """So much has been played on the line."""
        self._waiting = max(0, self._waiting - len(pcm) // SAMPLE_BYTES)


class Sent(FrameProcessor):
    """Stands behind a line's output and tells the joint what was played."""

    def __init__(self, joint: Joint) -> None:
        super().__init__(enable_direct_mode=True)
        self._joint = joint

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Count the sound, which goes no further; every other frame does."""
        await super().process_frame(frame, direction)
        if isinstance(frame, OutputAudioRawFrame):
            self._joint.sent(frame.audio)
        else:
            await self.push_frame(frame, direction)
