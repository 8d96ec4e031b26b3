"""A turn's audio becomes its words; decoding starts at the first pause, before the turn is over.

At each pause the whole turn so far is decoded. When the turn is then declared over, the words are
there or nearly; when the caller goes on speaking, they are dropped and the longer turn is decoded
at its own end. So no decoding sees half a sentence, and the wait for Smart Turn costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    SystemFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.audio import SAMPLE_BYTES, samples_of, speech_level_db
from agent.call.transcriber import NOTHING, Transcriber, TranscriberBusyError, Transcript

logger = logging.getLogger(__name__)

PRE_ROLL_S = 0.5
"""Audio kept before the voice was noticed: the first syllable, and the VAD's own delay."""

Overhear = Callable[[bytes, int], Awaitable[None]]
"""Takes a line's sound as it comes: int16 mono, and its rate, Hz."""

MAX_TURN_S = 28.0
"""Longest turn that is decoded; of a longer one, the end (Whisper's window is 30 s)."""


@dataclass
class HeardFrame(SystemFrame):
    """The caller's words, once per turn.

    Attributes:
        transcript: The words; an empty text when nothing was said.
        voice_ended_at: `time.time()` of the caller's last voiced frame.
        turn_ended_at: `time.time()` at which the turn was declared over.
        level_db: Of the voice, below full scale.
    """

    transcript: Transcript
    voice_ended_at: float
    turn_ended_at: float
    level_db: float


@dataclass
class PartialFrame(SystemFrame):
    """The caller's words so far, at a pause in which they may yet go on; may never be confirmed.

    Attributes:
        transcript: What is heard as theirs if they do not go on.
    """

    transcript: Transcript

    @property
    def text(self) -> str:
        """The likeliest words."""
        return self.transcript.text


class Hearing(FrameProcessor):
    """Buffers the caller's turn and has it decoded; their sound goes no further as frames."""

    def __init__(
        self,
        transcriber: Transcriber,
        vocabulary: Callable[[], Sequence[str]] = tuple,
        overhear: Overhear | None = None,
    ) -> None:
        """Listen.

        Args:
            transcriber: Shared by all calls.
            vocabulary: Words that are likely to be said now; asked at each turn.
            overhear: Also takes the caller's sound.
        """
        super().__init__(enable_direct_mode=True)
        self._overhear = overhear
        self._transcriber = transcriber
        self._vocabulary = vocabulary
        self._rate_hz = 0
        self._audio = bytearray()
        self._in_turn = False
        self._voice_ended_at = 0.0
        self._decoding: asyncio.Task[Transcript] | None = None
        self._delivery: asyncio.Task[None] | None = None
        self.failures = 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Follow the caller's audio and the turn's bounds; every other frame goes on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            self._buffer(frame)
            if self._overhear is not None:
                await self._overhear(frame.audio, frame.sample_rate)
            return
        if isinstance(frame, UserStartedSpeakingFrame):
            await self._open_turn()
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            await self._drop(self._decoding)
            self._decoding = None
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            self._voice_ended_at = frame.timestamp - frame.stop_secs
            if self._in_turn:
                self._start_decoding()
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self._close_turn()
        elif isinstance(frame, (EndFrame, CancelFrame)):
            await self._stop()
        await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Cancel what is still being decoded."""
        await self._stop()
        await super().cleanup()

    def _buffer(self, frame: InputAudioRawFrame) -> None:
        self._rate_hz = frame.sample_rate
        self._audio += frame.audio
        limit_s = MAX_TURN_S if self._in_turn or self._delivery else PRE_ROLL_S
        excess = len(self._audio) - int(limit_s * self._rate_hz) * SAMPLE_BYTES
        if excess > 0:
            del self._audio[:excess]

    async def _open_turn(self) -> None:
        # A turn that is still being decoded goes on: the caller had only paused.
        if self._delivery is not None:
            await self._drop(self._delivery)
            self._delivery = None
        self._in_turn = True

    def _start_decoding(self) -> None:
        samples = np.array(samples_of(bytes(self._audio)))
        self._decoding = self.create_task(self._decode(samples), "decode")

    async def _decode(self, samples: np.ndarray) -> Transcript:
        try:
            found = await self._transcriber.transcribe(samples, self._rate_hz, self._vocabulary())
            if self._in_turn and found.text:
                await self.push_frame(PartialFrame(found))
                await self.push_frame(PartialFrame(found), FrameDirection.UPSTREAM)
            return found
        except TranscriberBusyError:
            logger.warning("the transcriber's queue is full; the caller will be asked to repeat")
            return NOTHING
        except (RuntimeError, ValueError, MemoryError, OSError):
            # The caller must not wait in silence for words that never come.
            logger.exception("a turn could not be decoded; the caller will be asked to repeat")
            self.failures += 1
            return NOTHING

    def _close_turn(self) -> None:
        if not self._in_turn:
            return
        self._in_turn = False
        if self._decoding is None:
            self._start_decoding()
        assert self._decoding is not None
        self._delivery = self.create_task(self._deliver(self._decoding, time.time()), "deliver")
        self._decoding = None

    async def _deliver(self, decoding: asyncio.Task[Transcript], turn_ended_at: float) -> None:
        try:
            transcript = await decoding
        except asyncio.CancelledError:
            await self._drop(decoding)
            raise
        level_db = speech_level_db(samples_of(bytes(self._audio)), self._rate_hz)
        logger.debug("heard at %.0f dB: %s", level_db, transcript)
        # The next turn's first syllable may already be here: keep a pre-roll of it.
        del self._audio[: -int(PRE_ROLL_S * self._rate_hz) * SAMPLE_BYTES]
        self._delivery = None
        await self.push_frame(HeardFrame(transcript, self._voice_ended_at, turn_ended_at, level_db))

    async def _drop(self, task: asyncio.Task[Transcript] | asyncio.Task[None] | None) -> None:
        if task is not None and not task.done():
            await self.cancel_task(task)

    async def _stop(self) -> None:
        await self._drop(self._delivery)
        await self._drop(self._decoding)
        self._delivery = self._decoding = None
