"""A turn's readings: the recogniser's texts with weights that sum to one."""

from __future__ import annotations

import pytest

from agent.call.transcriber import NOTHING, Transcript


@pytest.mark.parametrize(
    ("text", "alternatives", "odds", "readings"),
    [
        ("la vidange", (), (), (("la vidange", 1.0),)),
        (
            "la vie d'ange",
            ("la vidange",),
            (0.25,),
            (("la vie d'ange", 0.8), ("la vidange", 0.2)),
        ),
        (
            "le filtre",
            ("le feutre", "le philtre"),
            (0.5, 0.5),
            (("le filtre", 0.5), ("le feutre", 0.25), ("le philtre", 0.25)),
        ),
        ("oui", ("ouïe",), (1.0,), (("oui", 0.5), ("ouïe", 0.5))),
        ("le sel", ("le celle",), (0.0,), (("le sel", 1.0), ("le celle", 0.0))),
    ],
)
def test_weights(
    text: str,
    alternatives: tuple[str, ...],
    odds: tuple[float, ...],
    readings: tuple[tuple[str, float], ...],
) -> None:
    """Each alternative's odds are against the text's, which stand at one."""
    found = Transcript(text, alternatives, -0.3, 200.0, odds).readings()
    assert found == readings
    assert sum(weight for _, weight in found) == pytest.approx(1.0)


def test_the_text_is_the_likeliest_reading() -> None:
    """Odds of at most one, falling, give weights that fall."""
    transcript = Transcript("a", ("b", "c", "d"), -0.3, 200.0, (0.9, 0.4, 0.1))
    texts, weights = zip(*transcript.readings(), strict=True)
    assert texts == ("a", "b", "c", "d")
    assert list(weights) == sorted(weights, reverse=True)
    assert weights == pytest.approx((1 / 2.4, 0.9 / 2.4, 0.4 / 2.4, 0.1 / 2.4))


def test_alternatives_without_odds_are_not_weighed() -> None:
    """A recogniser that gives no odds is taken at its first word, with all the weight."""
    assert Transcript("le filtre", ("le feutre",), -0.3, 200.0).readings() == (("le filtre", 1.0),)


@pytest.mark.parametrize("transcript", [NOTHING, Transcript("", ("merci",), -2.0, 9.0, (0.5,))])
def test_nothing_said_has_no_reading(transcript: Transcript) -> None:
    """A dropped text takes its alternatives with it."""
    assert transcript.readings() == ()
