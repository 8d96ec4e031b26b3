"""A filler is heard where a sentence comes late, and only there."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from pipecat.frames.frames import Frame, OutputTransportMessageFrame
from pipecat.processors.frame_processor import FrameDirection

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.call.playback import Playback
from agent.call.speaking import Fillers, ResumeFrame, SayFrame, Speaking, parts_of
from voices.french import sentences
from voices.prompts import fixed_openings, prompt, which_appliance


class UnevenVoice:
    """Makes « Lent. » in 1.3 s and every other sentence at once."""

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """A tenth of a second of sound, times the pace."""
        if sentence == "Lent.":
            await asyncio.sleep(1.3)
        if sentence == "Impossible.":
            raise RuntimeError("cannot be made")
        return np.full(int(rate_hz * pace / 10), 100, dtype=np.int16)

    def close(self) -> None:
        """Nothing to release."""


class Line(Speaking):
    """Speaking whose frames are kept instead of pushed."""

    def __init__(self) -> None:
        super().__init__(UnevenVoice(), Playback(), Fillers(["Un.", "Deux."]))
        self._rate_hz = self._playback.rate_hz = TELEPHONE_RATE_HZ
        self.said: list[str] = []

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None:
        """Keep the sentences that would be heard."""
        if isinstance(frame, OutputTransportMessageFrame):
            self.said.append(frame.message["text"])

    async def says(self, *parts: str, due_in_s: float | None = None) -> list[str]:
        """What is heard of these sentences."""
        self.said = []
        due_at = None if due_in_s is None else time.time() + due_in_s
        self._playback.begin(list(parts))
        await self._say(SayFrame(list(parts), due_at=due_at))
        return self.said

    async def resumes(self, pieces: list[tuple[str, Samples]], *parts: str) -> list[str]:
        """What is heard of the rest of something."""
        self.said = []
        await self._resume(ResumeFrame(pieces, list(parts)))
        return self.said


@pytest.mark.parametrize(
    ("parts", "due_in_s", "heard"),
    [
        (("Lent.", "Vite."), 0.0, ["Un.", "Lent.", "Vite."]),
        (("Lent.",), 5.0, ["Lent."]),
        (("Lent.",), None, ["Lent."]),
        (("Vite.",), -5.0, ["Vite."]),
        (("Vite.", "Lent."), 0.0, ["Vite.", "Lent."]),
        (("Impossible.", "Vite."), 0.0, ["Vite."]),
    ],
)
async def test_filler(parts: tuple[str, ...], due_in_s: float | None, heard: list[str]) -> None:
    """Before a first sentence that is late; never before one that is in memory."""
    assert await Line().says(*parts, due_in_s=due_in_s) == heard


async def test_no_filler_twice_in_a_row() -> None:
    """They take turns."""
    line = Line()
    heard = [(await line.says("Lent.", due_in_s=0.0))[0] for _ in range(3)]
    assert heard == ["Un.", "Deux.", "Un."]


async def test_the_rest_is_said_with_its_sound_first() -> None:
    """What was made before the interruption is not made again."""
    sound = np.full(800, 7, dtype=np.int16)
    assert await Line().resumes([("Début.", sound)], "Vite.") == ["Début.", "Vite."]


async def test_slower_speech_takes_longer() -> None:
    """A pace of 1.25 is a quarter longer."""
    line = Line()
    line._playback.begin(["Vite."])
    await line._say(SayFrame(["Vite."], pace=1.25))
    assert line._playback.pieces[0][1].size == TELEPHONE_RATE_HZ // 8


def test_parts_are_cut_where_the_first_is_long() -> None:
    """As they are spoken: words for figures, a long first sentence at a comma."""
    text = (
        "Fermez le robinet d'arrivée d'eau, puis débranchez la prise du mur et attendez 2 minutes."
    )
    assert parts_of(text) == [
        "Fermez le robinet d'arrivée d'eau,",
        "puis débranchez la prise du mur et attendez deux minutes.",
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (which_appliance(("le four", "la hotte")), "C'est pour quel appareil:"),
        (prompt("confirm", topic="porte, couteaux"), "Si je comprends bien, il s'agit de ceci:"),
        (prompt("confirm_other", topic="le filtre"), "Alors peut-être ceci:"),
    ],
)
def test_what_is_ready_before_any_call_is_said_first(text: str, first: str) -> None:
    """And nothing is lost behind it."""
    parts = parts_of(text)
    assert first in parts[:2]
    assert first in fixed_openings()
    assert " ".join(parts) == " ".join(sentences(text))
