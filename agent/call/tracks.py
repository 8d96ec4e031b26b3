"""Both sides of a call on one clock: the caller's frames, which a line delivers all the time.

The agent's come only while it speaks, and not evenly; between them stands silence.
"""

from __future__ import annotations

import math

import numpy as np

from agent.audio import FRAME_MS, SAMPLE_BYTES, TELEPHONE_RATE_HZ, Resampler, Samples, samples_of

JITTER_FRAMES = 5
"""A frame of the agent that comes so much later than the one before it follows a silence."""

AHEAD_FRAMES = 50
"""A caller's side that is so far behind the agent's has sent nothing: silence is put there."""


class _Side:
    """What one side has said and nobody has taken yet."""

    def __init__(self, rate_hz: int) -> None:
        self._frame_bytes = rate_hz * FRAME_MS // 1000 * SAMPLE_BYTES
        self._pcm = bytearray()

    @property
    def frames(self) -> float:
        """How many frames of `FRAME_MS` it is."""
        return len(self._pcm) / self._frame_bytes

    def add(self, pcm: bytes) -> float:
        """Go on; returns for how many frames."""
        self._pcm += pcm
        return len(pcm) / self._frame_bytes

    def be_silent(self, frames: float) -> None:
        """Say nothing for so many frames."""
        samples = round(frames * self._frame_bytes / SAMPLE_BYTES)
        self._pcm += bytes(max(0, samples) * SAMPLE_BYTES)

    def take(self, frames: int) -> Samples:
        """So many frames; what is missing of them is silence."""
        size = frames * self._frame_bytes
        taken = bytes(self._pcm[:size]).ljust(size, b"\0")
        del self._pcm[:size]
        return samples_of(taken)


class Tracks:
    """Both sides as they come, each at its own rate, until they are taken."""

    def __init__(self, rate_in_hz: int, rate_out_hz: int) -> None:
        self._caller, self._agent = _Side(rate_in_hz), _Side(rate_out_hz)
        self._quiet = 0.0

    @property
    def waiting_s(self) -> float:
        """How much is here, seconds."""
        return max(self._caller.frames, self._agent.frames) * FRAME_MS / 1000

    @property
    def final_s(self) -> float:
        """How much of it can be taken, seconds."""
        return (self._caller.frames - JITTER_FRAMES) * FRAME_MS / 1000

    @property
    def _behind(self) -> float:
        """Frames that the agent's side has less than the caller's."""
        return self._caller.frames - self._agent.frames

    def hear(self, pcm: bytes) -> None:
        """The caller's next samples: the clock goes on."""
        self._quiet += self._caller.add(pcm)
        self._agent.be_silent(self._behind - JITTER_FRAMES)

    def say(self, pcm: bytes) -> None:
        """The agent's next samples: behind the last ones, or at the clock if it was silent."""
        if self._quiet > JITTER_FRAMES:
            self._agent.be_silent(self._behind)
        self._agent.add(pcm)
        self._quiet = 0.0
        self._caller.be_silent(-self._behind - AHEAD_FRAMES)

    def take(self, *, rest: bool = False) -> tuple[Samples, Samples]:
        """What is final of the caller and of the agent, equally long.

        Args:
            rest: Nothing more comes: all that is here.
        """
        if rest:
            frames = math.ceil(max(self._caller.frames, self._agent.frames))
        else:
            frames = max(0, math.floor(self._caller.frames - JITTER_FRAMES))
        return self._caller.take(frames), self._agent.take(frames)


class Interleaver:
    """Makes one signal of 8 kHz of what is taken, the caller on the left."""

    def __init__(self, rate_in_hz: int, rate_out_hz: int) -> None:
        self._resamplers = [Resampler(r, TELEPHONE_RATE_HZ) for r in (rate_in_hz, rate_out_hz)]
        self._over = [np.zeros(0, np.int16) for _ in self._resamplers]

    def next(self, sides: tuple[Samples, Samples], *, last: bool = False) -> bytes:
        """What can be told of both so far, sample by sample; all of it if they are the last."""
        told = [
            np.concatenate([over, resampler.next(side, last=last)])
            for over, resampler, side in zip(self._over, self._resamplers, sides, strict=True)
        ]
        size = min(side.size for side in told)
        self._over = [side[size:] for side in told]
        return np.stack([side[:size] for side in told], axis=1).astype("<i2").tobytes()
