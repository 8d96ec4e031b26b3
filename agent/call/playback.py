"""How much of what the agent says the caller has heard, and what is left to be heard.

The transport hands each 20 ms of audio on once it has been sent, and drops what an interruption
leaves unsent; so what is heard is counted in samples, not guessed from a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from agent.audio import Samples

CHARACTERS_A_SECOND = 15.0
"""Pace of French speech, to estimate sentences of which there is no sound yet."""

STEP_BACK_S = 0.4
"""How far before the interruption the voice takes up again: a word or two."""


@dataclass
class Playback:
    """What is being said, on one call; one utterance may come in several pieces.

    Attributes:
        pieces: Sentences whose sound was made, in order, int16 mono.
        waiting: Sentences whose sound is not made yet, in order.
        sent: Samples that have gone to the line.
        cut: An interruption dropped the rest; it is there until something else is begun.
        rate_hz: Rate of the samples.
    """

    rate_hz: int = 0
    pieces: list[tuple[str, Samples]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    sent: int = 0
    cut: bool = False

    def begin(self, sentences: list[str]) -> None:
        """Something new is to be said; what was cut short before is forgotten."""
        if self.cut or self.unheard_s() == 0:
            self.forget()
        self.waiting = [*self.waiting, *sentences]

    def forget(self) -> None:
        """Nothing is being said any more."""
        self.pieces, self.waiting, self.sent, self.cut = [], [], 0, False

    def cut_short(self) -> None:
        """The line was told to drop what it has not played."""
        self.cut = True

    def made(self, sentence: str, samples: Samples) -> None:
        """The sound of the first waiting sentence is there."""
        self.waiting = self.waiting[1:]
        self.pieces.append((sentence, samples))

    def failed(self) -> None:
        """The first waiting sentence cannot be made: it is left out."""
        self.waiting = self.waiting[1:]

    def added(self, sentence: str, samples: Samples) -> None:
        """Something that was not waited for is said first."""
        self.pieces.append((sentence, samples))

    def heard(self, samples: int) -> None:
        """So many more samples have been sent."""
        self.sent += samples

    def unheard_s(self) -> float:
        """How much is left, seconds; sentences without sound are estimated."""
        made = sum(samples.size for _, samples in self.pieces)
        left = max(0, made - self.sent) / self.rate_hz if self.rate_hz else 0.0
        return left + sum(map(len, self.waiting)) / CHARACTERS_A_SECOND

    def rest(self) -> tuple[list[tuple[str, Samples]], list[str]]:
        """What is left from a little before the interruption: pieces with sound, and sentences."""
        start = max(0, self.sent - int(STEP_BACK_S * self.rate_hz))
        left: list[tuple[str, Samples]] = []
        for sentence, samples in self.pieces:
            if samples.size > start:
                left.append((sentence, np.asarray(samples[start:])))
            start = max(0, start - samples.size)
        return left, list(self.waiting)
