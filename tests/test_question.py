"""Readings become what is searched: merged, weighed, and mended by ear."""

from __future__ import annotations

import pytest

from knowledge.phonetics import Ear, sound_of
from knowledge.question import Reading, Understood, understand
from knowledge.safety import fold

EAR = Ear(
    (term, sound_of(term))
    for term in "la le ne marche pas plus vidange filtre robinet hublot code affiche".split()
)


def _texts(understood: Understood) -> list[str]:
    return [reading.text for reading in understood.readings]


@pytest.mark.parametrize(
    ("readings", "texts", "confidence"),
    [
        ([("le filtre", 1.0)], ["le filtre"], 1.0),
        ([("le filtre", 0.7), ("le feutre", 0.3)], ["le filtre", "le feutre"], 0.7),
        # The same but for case, accents, stops and fillers: one reading, weights added.
        ([("Le filtre ?", 0.4), ("le filtre", 0.3), ("le feutre", 0.3)],
         ["Le filtre ?", "le feutre"], 0.7),
        ([("le feutre", 0.4), ("le filtre", 0.35), ("Le filtre.", 0.25)],
         ["le filtre", "le feutre"], 0.6),
        ([("le code e vingt", 0.5), ("le code E20", 0.5)], ["le code E20"], 1.0),
        ([("euh le filtre", 0.6), ("le filtre", 0.4)], ["le filtre"], 1.0),
        # Too unlikely to be looked at, or one too many.
        ([("le filtre", 0.95), ("le feutre", 0.05)], ["le filtre"], 0.95),
        ([("le filtre", 0.9), ("le feutre", 0.1)], ["le filtre", "le feutre"], 0.9),
        ([("a b", 0.4), ("c d", 0.3), ("e f", 0.3)], ["a b", "c d"], 0.4),
        # The first one is looked at, however unlikely it is.
        ([("le filtre", 0.05)], ["le filtre"], 0.05),
        ([("le filtre", 0.8), ("le filtre", 0.8)], ["le filtre"], 1.0),
    ],
)  # fmt: skip
def test_readings(readings: list[tuple[str, float]], texts: list[str], confidence: float) -> None:
    """Two at most, likeliest first; the confidence is the weight of the first."""
    understood = understand(readings)
    assert [fold(text) for text in _texts(understood)] == [fold(text) for text in texts]
    assert understood.text == _texts(understood)[0]
    assert understood.confidence == pytest.approx(confidence)
    assert sum(reading.weight for reading in understood.readings) == pytest.approx(1.0)


def test_canonical_form() -> None:
    """Numbers in figures, codes in one piece."""
    assert understand([("euh il affiche e vingt", 1.0)]).text == "il affiche E20"


@pytest.mark.parametrize("readings", [[], [("", 1.0)], [("euh", 1.0)]])
def test_nothing_said(readings: list[tuple[str, float]]) -> None:
    """An empty question, not an error."""
    understood = understand(readings, EAR)
    assert understood.text == ""
    assert set(understood.searched) <= {""}
    assert _texts(understood) in ([], [""])


def test_what_it_sounds_like_is_searched_and_embedded_too() -> None:
    """The mended reading takes the second reading's place: it is the likelier one."""
    understood = understand([("la vie d'ange ne marche plus", 0.6), ("la vidéo", 0.4)], EAR)
    assert understood.text == "la vie d'ange ne marche plus"
    assert understood.readings == (
        Reading("la vie d'ange ne marche plus", 0.5),
        Reading("la vidange ne marche plus", 0.5),
    )
    assert understood.searched == (
        "la vie d'ange ne marche plus", "la vidéo", "la vidange ne marche plus",
    )  # fmt: skip
    assert understood.confidence == 0.6


def test_the_likeliest_reading_alone_is_mended() -> None:
    """Another one is searched as it was heard."""
    understood = understand([("le filtre", 0.6), ("le hobinet", 0.4)], EAR)
    assert _texts(understood) == ["le filtre", "le hobinet"]
    assert not any("robinet" in text for text in understood.searched)


def test_nothing_is_mended_without_an_ear() -> None:
    """Nor where nothing sounds like a term."""
    assert understand([("la vie d'ange", 1.0)]).searched == ("la vie d'ange",)
    assert understand([("le filtre", 1.0)], EAR).searched == ("le filtre",)


@pytest.mark.parametrize(
    "readings",
    [
        [("le filtre", 1.0)],
        [("le filtre", 0.6), ("le feutre", 0.4)],
        [("Le filtre ?", 0.6), ("le feutre", 0.4)],
        [("la vie d'ange", 0.6), ("la vidéo", 0.4)],
    ],
)
def test_the_first_reading_is_searched_by_ear(
    readings: list[tuple[str, float]],
) -> None:
    """Cause: where nothing was mended, the second reading alone was searched by sound."""
    understood = understand(readings, EAR)
    assert fold(understood.sounded) == fold(EAR.mend(understood.text))
