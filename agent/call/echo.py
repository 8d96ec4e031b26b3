"""The agent's own voice, as the caller's telephone sends it back, taken out of what is listened to.

A hands-free telephone or a poor exchange returns a tenth to a hundredth of what is played into it:
enough for the agent to interrupt itself. WebRTC's audio processing (livekit's build) learns the way
there and back and subtracts it. Only whether somebody speaks is decided on the result; the
recogniser hears the line as it is, for the voice has stopped by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from livekit.rtc.apm import AudioProcessingModule
from livekit.rtc.audio_frame import AudioFrame

from agent.audio import SAMPLE_BYTES, rms, samples_of

RATES_HZ = (8_000, 16_000, 32_000, 48_000)
"""Sampling rates that the canceller knows."""

BLOCK_S = 0.01
LEAD_S = 0.06
"""How much later than it was played the agent's voice is compared: it is there by then, whatever
the two directions' clocks, and the way back is as long in each sentence."""

UNDECIDED_S = 4.5
"""Of the agent's voice, before it is known whether the line echoes: the greeting, which nobody
interrupts. Until then the canceller is trusted, then on lines that echo: it also takes something
from a caller who speaks over the agent, and so they would be heard later."""

LIKELY_S = 0.5
"""The same of a line that may yet prove to echo: the canceller is trusted a little longer."""

AUDIBLE_RMS, REMOVED, ECHOED_S = 50.0, 0.25, 2.5
"""A line echoes once so many more seconds of sound, of this level (16 bits) or above, were taken
down to a quarter or less while the agent spoke than were not. Of simulated lines those that return
10 to 30 dB less get there within the greeting, at 40 dB after 11 s; of eight without echo one does,
whose caller speaks over the whole greeting. Repeat it: `python -m evals.echoes`.
"""

TAIL_S = 1.0
"""Of the agent's silence, after which nothing of it can still come back: nothing is looked for."""

KEPT_S = 1.0
"""Of what was played and not yet compared; no more is there at the pace of the ear."""


class EchoCanceller:
    """That of one call.

    Attributes:
        echoes: The line was found to echo; from then on its sound is cleaned.
        echoed_s: Sound taken out while the agent spoke, over sound left, seconds.
    """

    def __init__(
        self, rate_in_hz: int, rate_out_hz: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Know no echo yet; it takes a second of the agent's voice to learn one.

        Args:
            rate_in_hz: Of what comes from the caller.
            rate_out_hz: Of what is played to them.
            clock: Seconds.

        Raises:
            ValueError: A rate is none of `RATES_HZ`.
        """
        if not {rate_in_hz, rate_out_hz} <= set(RATES_HZ):
            raise ValueError(f"Echo is cancelled at {RATES_HZ} Hz only.")
        self._rate_in_hz, self._rate_out_hz = rate_in_hz, rate_out_hz
        self._near_bytes = int(rate_in_hz * BLOCK_S) * SAMPLE_BYTES
        self._far_bytes = int(rate_out_hz * BLOCK_S) * SAMPLE_BYTES
        self._module = AudioProcessingModule(echo_cancellation=True)
        self._module.set_stream_delay_ms(0)  # how long the way is, the module finds itself
        self._clock = clock
        self._far = bytearray()
        self._near = b""
        self._compared_s = self._spoken_s = self.echoed_s = 0.0
        self._silent_s = 0.0
        self.echoes = False
        self._began_at: float | None = None

    def played(self, audio: bytes) -> None:
        """So much more of the agent's voice has gone to the line, 16-bit mono at `rate_out_hz`."""
        if self._began_at is None:
            self._began_at = self._clock()  # until the caller's first sound tells better
        if not self._far:
            behind_s = self._clock() - self._began_at - self._compared_s
            self._delay(LEAD_S + min(max(behind_s, 0.0), LEAD_S))
        self._far += audio
        excess = len(self._far) - int(KEPT_S * self._rate_out_hz) * SAMPLE_BYTES
        if excess > 0:
            del self._far[:excess]

    def cleaned(self, audio: bytes) -> bytes:
        """The caller's sound, 16-bit mono at `rate_in_hz`, without the agent's voice.

        What does not fill 10 ms is kept for the next time.
        """
        audio = self._near + audio
        whole = len(audio) - len(audio) % self._near_bytes
        self._near = audio[whole:]
        blocks = range(0, whole, self._near_bytes)
        return b"".join(self._block(audio[at : at + self._near_bytes]) for at in blocks)

    def _block(self, near: bytes) -> bytes:
        self._keep_time()
        far = bytes(self._far[: self._far_bytes])
        del self._far[: self._far_bytes]
        spoken = any(far)
        self._silent_s = 0.0 if spoken else self._silent_s + BLOCK_S
        if self._silent_s > TAIL_S:
            return near
        far += bytes(self._far_bytes - len(far))
        self._module.process_reverse_stream(_frame(far, self._rate_out_hz))
        frame = _frame(near, self._rate_in_hz)
        self._module.process_stream(frame)
        left = bytes(frame.data.cast("B"))
        if not self.echoes and spoken:
            self._spoken_s += BLOCK_S
            self._compare(near, left)
        undecided = self._spoken_s < UNDECIDED_S or self.echoed_s >= LIKELY_S
        return left if self.echoes or undecided else near

    def _compare(self, near: bytes, left: bytes) -> None:
        """Tell by the levels of a block whether what came back was the agent's voice."""
        before = rms(samples_of(near))
        if before < AUDIBLE_RMS:
            return
        removed = rms(samples_of(left)) < before * REMOVED
        self.echoed_s = max(0.0, self.echoed_s + (BLOCK_S if removed else -BLOCK_S))
        self.echoes = self.echoed_s >= ECHOED_S

    def _keep_time(self) -> None:
        """Tell when the caller's sound began, by the block that came soonest after it was spoken.

        Blocks that waited (at the start of a call they do) are looked at faster than they were
        spoken; what was played is then held back, so that the way stays as long as it was.
        """
        began_at = self._clock() - self._compared_s
        if self._began_at is not None and began_at < self._began_at and self._far:
            self._delay(self._began_at - began_at)
        if self._began_at is None or began_at < self._began_at:
            self._began_at = began_at
        self._compared_s += BLOCK_S

    def _delay(self, seconds: float) -> None:
        self._far[:0] = bytes(round(seconds * self._rate_out_hz) * SAMPLE_BYTES)


def _frame(audio: bytes, rate_hz: int) -> AudioFrame:
    return AudioFrame(audio, rate_hz, 1, len(audio) // SAMPLE_BYTES)


def echo_canceller(rate_in_hz: int, rate_out_hz: int) -> EchoCanceller | None:
    """One for a line; None at rates of which none is known."""
    try:
        return EchoCanceller(rate_in_hz, rate_out_hz)
    except ValueError:
        return None
