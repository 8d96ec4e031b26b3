"""The signs of hits, and the probability that follows from them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from knowledge.errors import EmbeddingError
from knowledge.evidence import SIGNS, Calibration, calibration, calibration_from, signs_of
from knowledge.passages import Passage
from knowledge.question import Reading, Understood
from knowledge.reading import UNREAD
from knowledge.retrieve import RANK_SIGNS, Hit

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
OTHER_MANUAL = replace(PASSAGE, passage_id="3" * 16, manual="b.pdf")


def hit(
    passage: Passage = PASSAGE, score: float = 1.0, *, dense: float = 0.7,
    matches: Sequence[float] = (0.9, 0.8, 0.4, 0.6), words: float = 0.5, coverage: float = 0.6,
    sound: float = 0.3, title: float = 0.25, read: float = 0.0,
) -> Hit:  # fmt: skip
    """A hit made by hand; its late interaction is the mean of its matches."""
    rows = np.array(matches, dtype=np.float32)
    late = float(rows.mean()) if len(rows) else 0.0
    return Hit(passage, dense, late, rows, words, coverage, sound, title, (), read, score)


BEST = hit(dense=0.75, words=0.8, sound=0.5)
SECOND = hit(SAME_PAGE, 0.95, dense=0.70, words=0.7, matches=(0.5, 0.9, 0.6, 0.6))
THIRD = hit(ELSEWHERE, 0.9, dense=0.50, words=0.2, sound=0.1, matches=(0.1, 0.1, 0.9, 0.1))
HITS = [BEST, SECOND, THIRD]

SIMPLE = Calibration(
    rank=(1.0,) * len(RANK_SIGNS),
    read_weight=0.0,
    weights=(2.0, -1.0),
    means=(0.5, 0.0),
    scales=(0.5, 1.0),
    bias=0.0,
    answer_from=0.8,
    confirm_from=0.4,
)


def asked(text: str = "une lampe de 25 ou 40 W", confidence: float = 0.9) -> Understood:
    """A question of one reading."""
    return Understood(text, (Reading(text, 1.0),), (text,), text, confidence)


def signs(
    hits: Sequence[Hit], question: Understood | None = None, *, unknown: float = 0.0,
    row_named: bool = True, product_known: bool = True,
) -> dict[str, float]:  # fmt: skip
    """The signs by name."""
    values = signs_of(
        question or asked(), hits, unknown=unknown, row_named=row_named,
        product_known=product_known,
    )  # fmt: skip
    return dict(zip(SIGNS, values, strict=True))


def test_signs_of_three_hits() -> None:
    """A hit of the same page is no rival: both give the same page to the caller."""
    raised = [1.0, math.exp(-1.0), math.exp(-2.0)]
    assert signs(HITS, unknown=0.25, product_known=False) == pytest.approx(
        {
            "read": 0.0,
            "read_share": 2 / 4,  # even odds: two on this page, one elsewhere, none of them
            "read_margin": 0.0,
            "read_missed": 0.0,
            "read_alone": 5.0,  # nothing of another appliance
            "score": 1.0,
            "margin": 0.1,
            "share": (raised[0] + raised[1]) / sum(raised),
            "dense": 0.75,
            "spread": 0.10,
            "late": 0.675,
            "late_low": 0.6,  # the mean of 0.4, 0.6 and 0.8
            "late_elsewhere": 0.5,  # the third token: 0.9 elsewhere, 0.4 here
            "words_margin": 0.6,
            "coverage": 0.6,
            "unknown": 0.25,
            "numbers_missing": 0.5,  # 40, of 25 and 40
            "row_unnamed": 0.0,
            "title": 0.25,
            "agreement": 1.0,
            "product_known": 0.0,
            "sure_hearing": 0.9,
            "length": 7 / 40,
            "is_row": 0.0,
            "is_prose": 1.0,
            "is_steps": 0.0,
        }
    )


def test_a_hit_alone_has_no_rival() -> None:
    """It leads by a fixed margin, has the whole share, and differs from no other."""
    alone = signs([BEST])
    assert alone["margin"] == pytest.approx(0.2)
    assert (alone["share"], alone["spread"], alone["late_elsewhere"]) == (1.0, 0.0, 0.0)
    assert alone["words_margin"] == 0.8
    assert alone["agreement"] == 1.0


@pytest.mark.parametrize(
    ("passage", "margin"), [(SAME_PAGE, 0.2), (ELSEWHERE, 0.04), (OTHER_MANUAL, 0.04)]
)
def test_a_rival_stands_on_another_page(passage: Passage, margin: float) -> None:
    """Of this manual or of another one."""
    assert signs([BEST, hit(passage, 0.96)])["margin"] == pytest.approx(margin)


@pytest.mark.parametrize(("score", "margin"), [(0.0, 0.3), (0.69, 0.3), (0.75, 0.25), (1.0, 0.0)])
def test_margin_is_bounded(score: float, margin: float) -> None:
    """Far ahead is far ahead."""
    assert signs([BEST, hit(ELSEWHERE, score)])["margin"] == pytest.approx(margin)


@pytest.mark.parametrize(("mine", "theirs", "margin"), [(9.0, 0.0, 1.0), (0.0, 9.0, -1.0),
                                                        (0.4, 0.1, 0.3)])  # fmt: skip
def test_word_margin_is_bounded_both_ways(mine: float, theirs: float, margin: float) -> None:
    """Nine times what a question can reach is as good as once."""
    hits = [hit(words=mine), hit(ELSEWHERE, 0.9, words=theirs)]
    assert signs(hits)["words_margin"] == pytest.approx(margin)


def test_share_falls_with_near_rivals() -> None:
    """Equal scores on other pages divide it; the same page adds to it."""
    assert signs([BEST, hit(ELSEWHERE, 1.0)])["share"] == pytest.approx(1 / 2)
    assert signs([BEST, hit(ELSEWHERE), hit(OTHER_MANUAL)])["share"] == pytest.approx(1 / 3)
    assert signs([BEST, hit(SAME_PAGE), hit(ELSEWHERE)])["share"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("ahead", "agreement"),
    [
        ({}, 1.0),
        ({"words": 2.0}, 2 / 3),
        ({"words": 2.0, "sound": 2.0}, 1 / 3),
        ({"words": 2.0, "sound": 2.0, "dense": 0.99}, 0.0),
    ],
)
def test_agreement(ahead: dict[str, float], agreement: float) -> None:
    """How many of words, sound and meaning put this page first."""
    rival = hit(ELSEWHERE, 0.9, **{"words": 0.1, "sound": 0.1, "dense": 0.1, **ahead})
    assert signs([BEST, rival])["agreement"] == pytest.approx(agreement)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("25", 0.0),
        ("0,5 A", 0.0),
        ("07", 0.5),  # of a code, not a number of its own
        ("40 et 60", 1.0),
        ("1 2 3 4", 1.0),
        ("le F07", 0.0),
    ],
)
def test_numbers_missing(text: str, share: float) -> None:
    """Numbers asked for that do not stand in the passage, two at most."""
    assert signs([BEST], asked(text))["numbers_missing"] == share


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        ("table_row", (1.0, 0.0, 0.0)),
        ("specification", (1.0, 0.0, 0.0)),
        ("text", (0.0, 1.0, 0.0)),
        ("safety", (0.0, 1.0, 0.0)),
        ("warranty", (0.0, 1.0, 0.0)),
        ("procedure", (0.0, 0.0, 1.0)),
        ("trouble", (0.0, 0.0, 0.0)),
        ("error_code", (0.0, 0.0, 0.0)),
        ("faq", (0.0, 0.0, 0.0)),
    ],
)
def test_kind_of_passage(kind: Any, flags: tuple[float, float, float]) -> None:
    """At most one of the three."""
    found = signs([hit(replace(PASSAGE, kind=kind))])
    assert (found["is_row"], found["is_prose"], found["is_steps"]) == flags


def test_what_is_told_of_the_question_is_passed_on() -> None:
    """Row, appliance, hearing and length; a very long question is as long as any."""
    found = signs([BEST], asked("mot " * 90, 0.4), row_named=False, product_known=False)
    assert (found["row_unnamed"], found["product_known"]) == (1.0, 0.0)
    assert (found["sure_hearing"], found["length"]) == (0.4, 1.0)


@pytest.mark.parametrize(
    ("mine", "theirs", "low", "elsewhere"),
    [
        ((), (), 0.0, 0.0),  # e5-small gives no token
        ((0.5,), (0.5,), 0.5, 0.0),
        ((0.9, 0.3), (0.2, 0.2), 0.6, 0.0),  # two tokens are fewer than three
        ((0.9, 0.9, 0.1, 0.2, 0.3), (0.1, 0.1, 0.7, 0.1, 0.1), 0.2, 0.6),
    ],
)
def test_worst_matches(
    mine: tuple[float, ...], theirs: tuple[float, ...], low: float, elsewhere: float
) -> None:
    """One thing asked for that the passage lacks, and that another one has or has not."""
    found = signs([hit(matches=mine), hit(ELSEWHERE, 0.9, matches=theirs)])
    assert found["late_low"] == pytest.approx(low, abs=1e-6)
    assert found["late_elsewhere"] == pytest.approx(elsewhere, abs=1e-6)


def test_probability_of_known_signs() -> None:
    """The logistic function of the standardised signs."""
    assert SIMPLE.probability([0.5, 0.0]) == 0.5
    assert SIMPLE.probability([1.0, 0.0]) == pytest.approx(0.8807970779778823)
    assert SIMPLE.probability([0.5, 1.0]) == pytest.approx(0.2689414213699951)


@pytest.mark.parametrize(("sign", "probability"), [(1e9, 1.0), (-1e9, 0.0)])
def test_probability_of_absurd_signs(sign: float, probability: float) -> None:
    """No overflow."""
    assert SIMPLE.probability([sign, 0.0]) == pytest.approx(probability)


def test_probability_wants_every_sign() -> None:
    """A sign too few is a mistake of the code, not a zero."""
    with pytest.raises(ValueError, match="zip"):
        SIMPLE.probability([0.5])


def _tables() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("knowledge") / "calibration.json").read_text("utf-8"))
    return found


def test_probability_is_monotone_in_each_sign() -> None:
    """It rises with a sign of positive weight and falls with one of negative weight."""
    learned = calibration("embeddinggemma-sav")
    for place, weight in enumerate(learned.weights):
        values = []
        for step in range(-3, 4):
            standing = list(learned.means)
            standing[place] += step * learned.scales[place]
            values.append(learned.probability(standing))
        assert values == sorted(values, reverse=weight < 0)
        assert all(0.0 < value < 1.0 for value in values)


@pytest.mark.parametrize("name", sorted(_tables()))
def test_calibration_on_file_is_whole(name: str) -> None:
    """A weight, a mean and a scale for each sign and for no other; thresholds in order."""
    table, learned = _tables()[name], calibration(name)
    assert set(table["rank"]) <= set(RANK_SIGNS)
    assert set(table["gate"]) <= set(SIGNS)
    assert len(learned.rank) == len(RANK_SIGNS)
    assert len(learned.weights) == len(learned.means) == len(learned.scales) == len(SIGNS)
    assert 0.0 < learned.confirm_from <= learned.answer_from < 1.0
    assert min(learned.scales) > 0.0
    assert all(math.isfinite(value) for value in (*learned.rank, *learned.weights, learned.bias))


def test_default_calibration_has_learned_every_sign() -> None:
    """A sign that is new to the code is to be calibrated before it is shipped."""
    table = _tables()["embeddinggemma-sav"]
    assert set(table["rank"]) == set(RANK_SIGNS)
    assert set(table["gate"]) == set(SIGNS)


def test_calibration_is_read_by_name() -> None:
    """The order of a table's signs does not matter; one that it does not know counts nothing."""
    table: dict[str, Any] = {
        "rank": {name: float(i) for i, name in enumerate(RANK_SIGNS)},
        "gate": {
            name: {"weight": float(i), "mean": i / 10, "scale": i + 1.0}
            for i, name in enumerate(SIGNS)
        },
        "bias": 0.5, "answer_from": 0.8, "confirm_from": 0.5,
    }  # fmt: skip
    turned = {
        **table,
        "rank": dict(reversed(table["rank"].items())),
        "gate": dict(reversed(table["gate"].items())),
    }
    assert calibration_from(turned) == calibration_from(table)
    assert calibration_from(table).rank == tuple(map(float, range(len(RANK_SIGNS))))
    assert calibration_from(table).weights == tuple(map(float, range(len(SIGNS))))
    del table["gate"]["margin"], table["rank"]["late"]
    older = calibration_from(table)
    place = SIGNS.index("margin")
    assert (older.weights[place], older.means[place], older.scales[place]) == (0.0, 0.0, 1.0)
    assert older.rank[RANK_SIGNS.index("late")] == 0.0
    unmoved = [0.0] * len(SIGNS)
    moved = [0.3 if name == "margin" else 0.0 for name in SIGNS]
    assert older.probability(moved) == older.probability(unmoved)


def test_leading_speaks_for_an_answer_and_unknown_words_against() -> None:
    """Whatever is learned, these keep their sense."""
    learned = dict(zip(SIGNS, calibration("embeddinggemma-sav").weights, strict=True))
    assert learned["share"] + learned["margin"] + learned["score"] > 0
    assert learned["unknown"] <= 0
    assert learned["row_unnamed"] <= 0


def test_unknown_embedder() -> None:
    """Probabilities of another model mean nothing."""
    with pytest.raises(EmbeddingError, match="modele-inconnu"):
        calibration("modele-inconnu")


def test_what_the_reader_says_of_the_first_hit() -> None:
    """Its logit, its share beside « none », its lead over other places."""
    best, second = hit(read=2.0), hit(SAME_PAGE, 0.9, read=1.0)
    third = hit(ELSEWHERE, 0.8, read=0.0)
    found = signs([best, second, third])
    raised = math.exp(2.0) + math.exp(1.0)
    assert found["read"] == 2.0
    assert found["read_share"] == pytest.approx(raised / (1.0 + raised + 1.0))
    assert found["read_margin"] == pytest.approx(2.0)
    assert found["read_missed"] == 0.0


def test_the_reader_prefers_another_hit() -> None:
    """The first by all signs, not by the reader: how far behind is a sign."""
    found = signs([hit(read=-1.0), hit(ELSEWHERE, 0.9, read=3.0)])
    assert (found["read_margin"], found["read_missed"]) == (-4.0, 4.0)


@pytest.mark.parametrize(
    ("theirs", "known", "lead"),
    [(-1.0, False, 3.0), (6.0, False, -4.0), (-9.0, False, 5.0), (6.0, True, 5.0)],
)
def test_lead_over_other_appliances(theirs: float, known: bool, lead: float) -> None:
    """While the appliance is not known, another one's passage that fits as well speaks against."""
    other = replace(ELSEWHERE, product="four FR610")
    hits = [hit(read=2.0), hit(SAME_PAGE, 0.95, read=8.0), hit(other, 0.9, read=theirs)]
    assert signs(hits, product_known=known)["read_alone"] == lead


def test_unread_hits_weigh_nothing() -> None:
    """A model without token rows: no share, no lead, no error."""
    found = signs([hit(read=UNREAD), hit(ELSEWHERE, 0.9, read=UNREAD)])
    assert found["read_share"] == pytest.approx(0.0, abs=1e-6)
    assert (found["read_margin"], found["read_missed"]) == (0.0, 0.0)
