"""The signs of hits, and the probability that follows from them."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest

from knowledge.errors import EmbeddingError
from knowledge.evidence import SIGNS, Calibration, calibration, signs_of
from knowledge.passages import Passage
from knowledge.retrieve import FusionWeights, Hit

PASSAGE = Passage(
    passage_id="0" * 16,
    manual="a.pdf",
    page=3,
    language="fr",
    kind="text",
    product="four F1",
    heading="Entretien",
    title="Lampe",
    text="Une lampe de 25 W, 0,5 A, pour le four F07.",
)
SAME_PAGE = replace(PASSAGE, passage_id="1" * 16)
ELSEWHERE = replace(PASSAGE, passage_id="2" * 16, page=4)
BEST = Hit(PASSAGE, dense=0.75, words=9.0, coverage=0.5, score=1.0)
HITS = [
    BEST,
    Hit(SAME_PAGE, dense=0.70, words=8.0, coverage=0.4, score=0.9),
    Hit(ELSEWHERE, dense=0.50, words=3.0, coverage=0.2, score=0.6),
]
SIMPLE = Calibration(
    weights=(2.0, -1.0),
    means=(0.5, 0.0),
    scales=(0.5, 1.0),
    bias=0.0,
    answer_from=0.8,
    confirm_from=0.4,
    fusion=FusionWeights(),
)


def test_signs_of_three_hits() -> None:
    """A hit of the same page is no rival: both give the same page to the caller."""
    signs = signs_of("une lampe de 25 ou 40 W", HITS, unknown=0.25, row_named=True)
    assert dict(zip(SIGNS, signs, strict=True)) == pytest.approx(
        {
            "dense": 0.75,
            "dense_margin": 0.25,
            "spread": 0.10,
            "words_margin": 6.0 / 15.0,
            "coverage": 0.5,
            "unknown": 0.25,
            "numbers_missing": 0.5,  # 40, of 25 and 40
            "row_unnamed": 0.0,
            "complete": 0.0,
        }
    )


def test_a_hit_alone_has_no_rival() -> None:
    """Its whole similarity is its margin."""
    signs = signs_of("lampe", [BEST], unknown=0.0, row_named=False)
    assert signs == [0.75, 0.75, 0.0, 0.6, 0.5, 0.0, 0.0, 1.0, 0.0]


def test_word_margin_is_bounded_both_ways() -> None:
    """Fifteen points of BM25 are as good as a hundred."""
    ahead = [replace(BEST, words=100.0), HITS[2]]
    behind = [BEST, replace(HITS[2], words=100.0)]
    assert signs_of("x", ahead, unknown=0, row_named=True)[3] == 1.0
    assert signs_of("x", behind, unknown=0, row_named=True)[3] == -1.0


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("25", 0.0),
        ("0,5 A", 0.0),
        ("07", 0.5),  # of a code, not a number of its own
        ("40 et 60", 1.0),
        ("1 2 3 4", 1.0),
        ("le F07", 0.0),
    ],
)
def test_numbers_missing(question: str, share: float) -> None:
    """Numbers asked for that do not stand in the passage, two at most."""
    assert signs_of(question, [BEST], unknown=0, row_named=True)[6] == share


def test_complete_from_95_percent() -> None:
    """All that was asked for stands there."""
    assert signs_of("x", [replace(BEST, coverage=0.95)], unknown=0, row_named=True)[8] == 0.0
    assert signs_of("x", [replace(BEST, coverage=0.96)], unknown=0, row_named=True)[8] == 1.0


def test_probability_of_known_signs() -> None:
    """The logistic function of the standardised signs."""
    assert SIMPLE.probability([0.5, 0.0]) == 0.5
    assert SIMPLE.probability([1.0, 0.0]) == pytest.approx(0.8807970779778823)
    assert SIMPLE.probability([0.5, 1.0]) == pytest.approx(0.2689414213699951)


def test_probability_wants_every_sign() -> None:
    """A sign too few is a mistake of the code, not a zero."""
    with pytest.raises(ValueError, match="zip"):
        SIMPLE.probability([0.5])


def test_probability_is_monotone_in_each_sign() -> None:
    """It rises with a sign of positive weight and falls with one of negative weight."""
    learned = calibration("embeddinggemma-300m")
    for place, weight in enumerate(learned.weights):
        values = []
        for step in range(-3, 4):
            signs = list(learned.means)
            signs[place] += step * learned.scales[place]
            values.append(learned.probability(signs))
        assert values == sorted(values, reverse=weight < 0)
        assert all(0.0 < value < 1.0 for value in values)


def test_calibration_on_file_is_whole() -> None:
    """A weight, a mean and a scale for each sign, and thresholds in order."""
    for name in json.loads((files("knowledge") / "calibration.json").read_text("utf-8")):
        learned = calibration(name)
        assert len(learned.weights) == len(learned.means) == len(learned.scales) == len(SIGNS)
        assert 0.0 < learned.confirm_from < learned.answer_from < 1.0
        assert min(learned.scales) > 0.0


def test_similarity_speaks_for_an_answer_and_unknown_words_against() -> None:
    """Whatever is learned, these keep their sense."""
    learned = dict(zip(SIGNS, calibration("embeddinggemma-300m").weights, strict=True))
    assert learned["dense"] > 0
    assert learned["dense_margin"] > 0
    assert learned["unknown"] < 0
    assert learned["row_unnamed"] < 0


def test_unknown_embedder() -> None:
    """Probabilities of another model mean nothing."""
    with pytest.raises(EmbeddingError, match="modele-inconnu"):
        calibration("modele-inconnu")
