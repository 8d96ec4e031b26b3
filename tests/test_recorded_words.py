"""What is put together from recorded words says what is written."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ
from evals.recorded_words import (
    Speaker,
    error_code,
    hurried,
    in_words,
    reference,
    telephone_number,
)
from evals.spoken_lessons import LETTERS, draw_alike, read_material
from voices.numbers import cardinal

WORDS = [*map(str, range(21)), *map(str, range(30, 100, 10)), *LETTERS]
SPEAKER = Speaker({word: np.full(800, 1_000, np.int16) for word in WORDS})


@pytest.mark.parametrize("pair", [f"{number:02d}" for number in range(100)])
def test_a_pair_is_said_as_french_says_it(pair: str) -> None:
    """By the number's own words, but where « et » stands between them: that was not recorded."""
    words = in_words(pair)
    said = " ".join(cardinal(int(word)) for word in words)
    value = int(pair)
    if value < 10:
        assert words == ["0", str(value)]
    elif not words:
        assert " et " in cardinal(value).replace("-", " ")
    else:
        plain = cardinal(value).replace("-", " ").rstrip("s")
        assert said.replace("-", " ").replace("vingts ", "vingt ").rstrip("s") == plain


def test_everything_drawn_can_be_said() -> None:
    """And its words are those of what is written."""
    random = Random(1)
    for draw in (telephone_number, reference, error_code):
        for _ in range(50):
            written, groups = draw(SPEAKER, random)
            assert all(SPEAKER.can_say(group) for group in groups)
            assert SPEAKER.say(groups, random).size > 800
            figures = "".join(
                f"{sum(map(int, group)):02d}" for group in groups if group[0].isdigit()
            )
            assert figures == re.sub(r"\D", "", written)


def test_a_word_that_was_not_recorded_is_no_silence() -> None:
    """It is an error."""
    assert not SPEAKER.can_say(["21"])
    with pytest.raises(KeyError):
        SPEAKER.say([["21"]], Random(1))


def test_hurried_speech_is_shorter_at_the_same_pitch() -> None:
    """A tone of 200 Hz is one of 200 Hz."""
    seconds = np.arange(2 * TELEPHONE_RATE_HZ) / TELEPHONE_RATE_HZ
    tone = (np.sin(2 * np.pi * 200 * seconds) * 8_000).astype(np.int16)
    faster = hurried(tone, TELEPHONE_RATE_HZ, 1.6)
    assert faster.size == pytest.approx(tone.size / 1.6, rel=0.05)
    power = np.abs(np.fft.rfft(faster.astype(np.float64)))
    assert power.argmax() * TELEPHONE_RATE_HZ / faster.size == pytest.approx(200, abs=5)


def test_numbers_alike_are_mostly_high() -> None:
    """66 and 76, 88 and 98: those that are taken for one another."""
    lines = draw_alike(read_material(), 100)
    assert lines == draw_alike(read_material(), 100)
    pairs = [
        int(pair)
        for line in lines
        for pair in re.findall(r"\b\d\d\b", line.written)[1:5]
    ]  # fmt: skip
    assert np.mean([pair >= 60 for pair in pairs]) > 0.6
