"""Sentences become audio on the line; the next one is made while one is heard."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pipecat.frames.frames import (
    DataFrame,
    Frame,
    OutputTransportMessageFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup

from agent.call.voice import Voice
from voices.french import sentences, speakable

logger = logging.getLogger(__name__)


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

    async def setup(self, setup: FrameProcessorSetup) -> None:
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
        for sentence in sentences(frame.text):
            try:
                samples = await self._voice.speak(speakable(sentence), self._rate_hz)
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
