"""Stand-ins for the recogniser and the voice that cost nothing: for loads that the machine cannot
bear with the real ones. All else of a call is real: frames, endpointing, manuals, dialogue."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from agent.audio import Samples
from agent.call.transcriber import NOTHING, Transcript

DECODING_S, SYNTHESIS_S = 0.2, 0.15
"""What the real ones take on an idle machine."""

SHORTEST_S = 0.4
SECONDS_A_LETTER = 0.06
LEVEL = 3000.0


class LightTranscriber:
    """Knows what is said by how long it lasts; implements `Transcriber`."""

    def __init__(self, lengths_s: Mapping[str, float]) -> None:
        """Args:
        lengths_s: How long each sentence that callers say lasts.
        """
        self._lengths_s = dict(lengths_s)

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The sentence of the nearest length."""
        await asyncio.sleep(DECODING_S)
        length_s = samples.size / rate_hz
        if length_s < SHORTEST_S:
            return NOTHING
        text = min(self._lengths_s, key=lambda one: abs(self._lengths_s[one] - length_s))
        return Transcript(text, (), -0.2, DECODING_S * 1000)

    def close(self) -> None:
        """Nothing is held."""


class LightVoice:
    """Says every sentence as noise of its length, the same each time; implements `Voice`."""

    native_rate_hz = 24_000

    def __init__(self, seconds_a_letter: float = SECONDS_A_LETTER) -> None:
        """Args:
        seconds_a_letter: How long it takes.
        """
        self._seconds_a_letter = seconds_a_letter

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """Noise as loud as a voice."""
        await asyncio.sleep(SYNTHESIS_S)
        count = int(len(sentence) * self._seconds_a_letter * pace * rate_hz)
        noise = np.random.default_rng(len(sentence)).normal(0, LEVEL, count)
        return np.clip(noise, -32768, 32767).astype(np.int16)

    def close(self) -> None:
        """Nothing is held."""
