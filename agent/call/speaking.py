"""Sentences become audio on the line; the next one is made while one is heard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from pipecat.frames.frames import (
    ControlFrame,
    DataFrame,
    Frame,
    OutputAudioRawFrame,
    OutputTransportMessageFrame,
    SystemFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup

from agent.audio import SAMPLE_BYTES, Samples, fade_edges
from agent.call.echo import EchoCanceller
from agent.call.playback import Playback
from agent.call.voice import Voice
from voices.french import sentences
from voices.prompts import fixed_openings

logger = logging.getLogger(__name__)


READY_S = 1.0
"""Time in which a sentence that was begun is usually there: a filler would come in its way."""

SLOW_PACE = 1.25
"""How many times as long speech takes for a caller who asked for it."""

EAGER_SENTENCES = 2
"""How many first sentences are cut at a clause, so that their sound is ready in time."""

EAGER_CHARACTERS = 60
"""A longer one of them is cut at the last comma or colon before this."""


RINGING_HZ, RINGING_S, RINGING_PEAK = 440.0, 1.5, 1600.0
"""Of the tone that a waiting caller hears; some 10 dB fainter than the voice."""


def eager(parts: list[str]) -> list[str]:
    """The same words with the first sentences cut at a clause where they are long.

    The first sound of a sentence comes when all of it is made; a clause is made sooner, and while
    it is heard the rest is made. What is ready before any call is cut off first.
    """
    cut: list[str] = []
    for index, part in enumerate(parts):
        opening = next((one for one in fixed_openings() if part.startswith(f"{one} ")), None)
        if opening is not None:
            cut += [opening, part[len(opening) + 1 :]]
            continue
        place = max(part.rfind(mark, 12, EAGER_CHARACTERS) for mark in (", ", ": ", "; "))
        if index < EAGER_SENTENCES and len(part) > EAGER_CHARACTERS and place > 0:
            cut += [part[: place + 1], part[place + 2 :]]
        else:
            cut.append(part)
    return cut


@dataclass
class EndOfSpeechFrame(ControlFrame):
    """Follows an utterance's audio through the transport's queue; an interruption drops it."""


@dataclass
class NoticeFrame(ControlFrame):
    """Follows the greeting's audio through the transport's queue, whatever the caller does: behind
    it the caller may be recorded.

    Attributes:
        whole: Every sentence of the greeting could be made.
    """

    whole: bool = True
    interruptible: bool = field(default=False, init=False)


@dataclass
class SpokenFrame(SystemFrame):
    """Sent back up once the transport has sent all of an utterance to the line."""


@dataclass
class SayFrame(DataFrame):
    """Something to say; an interruption drops it.

    Attributes:
        parts: Sentences and clauses, as `parts_of` cuts a text.
        pace: How many times as long as usual they take.
        due_at: `time.time()` by which something must be heard: else a filler is; None: no matter.
    """

    parts: list[str]
    pace: float = 1.0
    due_at: float | None = None


@dataclass
class ToneFrame(DataFrame):
    """A telephone that rings, as a caller hears it who waits; an interruption drops it."""


@dataclass
class PrepareFrame(SystemFrame):
    """What may soon be said, to be made meanwhile; what was foreseen before it is not any more.

    Attributes:
        parts: The first pieces of `parts_of`.
        pace: How many times as long as usual they take.
    """

    parts: list[str]
    pace: float = 1.0


@dataclass
class ResumeFrame(DataFrame):
    """What an interruption left of something said: sound first, then sentences without."""

    pieces: list[tuple[str, Samples]]
    parts: list[str]
    pace: float = 1.0


def ringing_tone(rate_hz: int) -> Samples:
    """The French ringing tone, once: 440 Hz for 1.5 s (ITU-T E.180), softly; int16 mono."""
    times = np.arange(int(RINGING_S * rate_hz)) / rate_hz
    tone = (RINGING_PEAK * np.sin(2 * np.pi * RINGING_HZ * times)).astype(np.int16)
    return fade_edges(tone, rate_hz, ms=20)


def parts_of(text: str) -> list[str]:
    """A written text in the pieces in which it is spoken."""
    return eager(sentences(text))


class Fillers:
    """Short words that are heard while an answer is looked for; never the same twice in a row."""

    def __init__(self, choices: Sequence[str]) -> None:
        self._choices = tuple(choices)
        self._next = 0

    def take(self) -> str:
        """The next one."""
        chosen = self._choices[self._next % len(self._choices)]
        self._next += 1
        return chosen


class Speaking(FrameProcessor):
    """Speaks each `SayFrame`, sentence by sentence.

    The audio queue of the transport behind it is filled faster than it is heard, so that a
    sentence is ready before the one in front of it ends. pipecat cancels `process_frame` when the
    caller interrupts, and empties the transport's queue.
    """

    def __init__(
        self, voice: Voice, playback: Playback, fillers: Fillers, pace: float = 1.0
    ) -> None:
        """Say nothing yet.

        Args:
            voice: That speaks.
            playback: Counts what is heard.
            fillers: Short words for while a sentence is made.
            pace: How many times as long as usual all of it takes.
        """
        super().__init__()
        self._voice = voice
        self._pace = pace
        self._playback = playback
        self._fillers = fillers
        self._rate_hz = 0
        self._preparing: asyncio.Task[None] | None = None
        self.failures = 0

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]  # pipecat's own
        """Learn the rate of the line."""
        await super().setup(setup)
        self._rate_hz = setup.audio_out_sample_rate
        self._playback.rate_hz = self._rate_hz

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Speak what is to be said; every other frame goes on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, SayFrame):
            await self._say(frame)
        elif isinstance(frame, ResumeFrame):
            await self._resume(frame)
        elif isinstance(frame, ToneFrame):
            await self._ring()
        elif isinstance(frame, PrepareFrame):
            await self._drop_prepared()
            self._preparing = self.create_task(self._prepare(frame), "prepare")
        else:
            if isinstance(frame, NoticeFrame):
                frame.whole = not self.failures
            await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Cancel what is made for nobody."""
        await self._drop_prepared()
        await super().cleanup()

    async def _prepare(self, frame: PrepareFrame) -> None:
        try:
            for part in frame.parts:
                await self._voice.speak(part, self._rate_hz, frame.pace * self._pace)
        except (RuntimeError, ValueError, OSError):
            logger.exception("a sentence could not be prepared")  # it is tried again when said

    async def _drop_prepared(self) -> None:
        task, self._preparing = self._preparing, None
        if task is not None and not task.done():
            await self.cancel_task(task)

    async def _say(self, frame: SayFrame) -> None:
        await self.push_frame(TTSStartedFrame())
        due_at = frame.due_at
        for sentence in frame.parts:
            samples = await self._sound(sentence, frame.pace, due_at)
            due_at = None
            if samples is not None:
                await self._send(sentence, samples, interruptible=frame.interruptible)
        await self._end()

    async def _resume(self, frame: ResumeFrame) -> None:
        await self.push_frame(TTSStartedFrame())
        for sentence, samples in frame.pieces:
            await self._send(sentence, fade_edges(samples.copy(), self._rate_hz))
        for sentence in frame.parts:
            made = await self._sound(sentence, frame.pace, None)
            if made is not None:
                await self._send(sentence, made)
        await self._end()

    async def _ring(self) -> None:
        samples = ringing_tone(self._rate_hz)
        self._playback.added("", samples)
        await self.push_frame(TTSStartedFrame())
        await self.push_frame(TTSAudioRawFrame(samples.tobytes(), self._rate_hz, num_channels=1))
        await self._end()

    async def _sound(self, sentence: str, pace: float, due_at: float | None) -> Samples | None:
        """A sentence's sound, after a filler if it comes too late; None if it cannot be made."""
        making = asyncio.ensure_future(
            self._voice.speak(sentence, self._rate_hz, pace * self._pace)
        )
        try:
            if due_at is not None:
                await asyncio.wait({making}, timeout=max(READY_S, due_at - time.time()))
                if not making.done():
                    await self._fill()
            samples = await making
        except (RuntimeError, ValueError, OSError):
            # One sentence that cannot be made must not silence the call.
            logger.exception("a sentence could not be spoken")
            self.failures += 1
            self._playback.failed()
            return None
        finally:
            making.cancel()
        self._playback.made(sentence, samples)
        return samples

    async def _fill(self) -> None:
        filler = self._fillers.take()
        samples = await self._voice.speak(filler, self._rate_hz, self._pace)
        self._playback.added(filler, samples)
        await self._send(filler, samples)

    async def _send(self, sentence: str, samples: Samples, *, interruptible: bool = True) -> None:
        # In the audio queue, so that the words are sent when their sound is heard.
        await self.push_frame(
            OutputTransportMessageFrame(message={"event": "said", "text": sentence})
        )
        if samples.size:
            audio = TTSAudioRawFrame(samples.tobytes(), self._rate_hz, num_channels=1)
            audio.interruptible = interruptible
            await self.push_frame(audio)

    async def _end(self) -> None:
        await self.push_frame(TTSStoppedFrame())
        await self.push_frame(EndOfSpeechFrame())


class Spoken(FrameProcessor):
    """Stands behind the transport and tells when an utterance has been sent whole.

    pipecat's BotStoppedSpeakingFrame also comes after 3 s without audio, in the middle of an
    utterance whose next sentence is late, and never comes for one without sound.
    """

    def __init__(
        self,
        playback: Playback,
        echo: EchoCanceller | None = None,
        sent: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        """Follow the line.

        Args:
            playback: Counts what is heard.
            echo: Takes what was played out of what comes back.
            sent: Told of all that was played.
        """
        super().__init__(enable_direct_mode=True)
        self._playback = playback
        self._echo = echo
        self._sent = sent

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer the end of an utterance; sound goes no further, every other frame does."""
        await super().process_frame(frame, direction)
        if isinstance(frame, EndOfSpeechFrame):
            await self.push_frame(SpokenFrame(), FrameDirection.UPSTREAM)
            return
        if isinstance(frame, OutputAudioRawFrame):
            self._playback.heard(len(frame.audio) // SAMPLE_BYTES)
            self._sent(frame.audio)
            if self._echo is not None:
                self._echo.played(frame.audio)
            return
        await self.push_frame(frame, direction)
