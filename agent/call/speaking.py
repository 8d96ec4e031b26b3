"""Sentences become audio on the line; the next one is made while one is heard."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pipecat.frames.frames import (
    ControlFrame,
    DataFrame,
    Frame,
    OutputTransportMessageFrame,
    SystemFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup

from agent.call.voice import Voice
from voices.french import sentences

logger = logging.getLogger(__name__)


EAGER_SENTENCES = 2
"""How many first sentences are cut at a clause, so that their sound is ready in time."""

EAGER_CHARACTERS = 60
"""A longer one of them is cut at the last comma or colon before this."""


def eager(parts: list[str]) -> list[str]:
    """The same words with the first sentences cut at a clause where they are long.

    The first sound of a sentence comes when all of it is made; a clause is made sooner, and while
    it is heard the rest is made.
    """
    cut: list[str] = []
    for index, part in enumerate(parts):
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
class SpokenFrame(SystemFrame):
    """Sent back up once the transport has sent all of an utterance to the line."""


@dataclass
class SayFrame(DataFrame):
    """Something to say, as written French; an interruption drops it.

    Attributes:
        text: One or more sentences, as they stand in a manual or a prompt.
    """

    text: str


class Speaking(FrameProcessor):
    """Speaks each `SayFrame`, sentence by sentence.

    The audio queue of the transport behind it is filled faster than it is heard, so that a
    sentence is ready before the one in front of it ends. pipecat cancels `process_frame` when the
    caller interrupts, and empties the transport's queue.
    """

    def __init__(self, voice: Voice) -> None:
        super().__init__()
        self._voice = voice
        self._rate_hz = 0
        self.failures = 0

    async def setup(self, setup: FrameProcessorSetup) -> None:  # type: ignore[override]  # pipecat's own
        """Learn the rate of the line."""
        await super().setup(setup)
        self._rate_hz = setup.audio_out_sample_rate

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Speak what is to be said; every other frame goes on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, SayFrame):
            await self._say(frame)
        else:
            await self.push_frame(frame, direction)

    async def _say(self, frame: SayFrame) -> None:
        await self.push_frame(TTSStartedFrame())
        for sentence in eager(sentences(frame.text)):
            try:
                samples = await self._voice.speak(sentence, self._rate_hz)
            except (RuntimeError, ValueError, OSError):
                # One sentence that cannot be made must not silence the call.
                logger.exception("a sentence could not be spoken")
                self.failures += 1
                continue
            # In the audio queue, so that the words are sent when their sound is heard.
            await self.push_frame(
                OutputTransportMessageFrame(message={"event": "said", "text": sentence})
            )
            if samples.size:
                audio = TTSAudioRawFrame(samples.tobytes(), self._rate_hz, num_channels=1)
                audio.interruptible = frame.interruptible
                await self.push_frame(audio)
        await self.push_frame(TTSStoppedFrame())
        await self.push_frame(EndOfSpeechFrame())


class Spoken(FrameProcessor):
    """Stands behind the transport and tells when an utterance has been sent whole.

    pipecat's BotStoppedSpeakingFrame also comes after 3 s without audio, in the middle of an
    utterance whose next sentence is late, and never comes for one without sound.
    """

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer the end of an utterance; every other frame goes on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, EndOfSpeechFrame):
            await self.push_frame(SpokenFrame(), FrameDirection.UPSTREAM)
        else:
            await self.push_frame(frame, direction)
