"""Whether the first hit is of the appliance that the caller means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.meant import BY_SCORE, MEANT_SIGNS, Meant, meant_from, meant_signs
from knowledge.retrieve import Hit
from tests.test_evidence import hit

OVEN, HOOD = "four F1", "hotte H1"

TABLE = {
    "signs": {name: {"weight": 1.0, "mean": 0.0, "scale": 1.0} for name in MEANT_SIGNS},
    "bias": -1.0,
    "sure_from": 0.9,
}


def signs(*hits: Hit, owners: tuple[str, ...]) -> dict[str, float]:
    """The signs by name."""
    return dict(zip(MEANT_SIGNS, meant_signs(hits, owners), strict=True))


def test_the_lead_is_over_other_appliances_only() -> None:
    """Another page of the same manual is no rival; the best of each side counts."""
    found = signs(
        hit(score=1.0, dense=0.6, read=1.0),
        hit(score=0.99, dense=0.7, read=3.0),
        hit(score=0.9, dense=0.65, read=0.5),
        hit(score=0.8, dense=0.5, read=2.0),
        owners=(OVEN, OVEN, HOOD, HOOD),
    )
    assert found == pytest.approx(
        {"read_lead": 1.0, "score_lead": 0.1, "dense_lead": 0.05, "share": 0.5}
    )


def test_nothing_of_another_appliance() -> None:
    """Then every lead is the widest."""
    found = signs(hit(), hit(), owners=(OVEN, OVEN))
    assert found == {"read_lead": 5.0, "score_lead": 0.3, "dense_lead": 0.3, "share": 1.0}


def test_leads_have_a_limit() -> None:
    """A passage that was not read at all does not outweigh everything else."""
    first, other = hit(read=9.0, score=2.0, dense=0.9), hit(read=-30.0, score=0.0, dense=0.1)
    assert signs(first, other, owners=(OVEN, HOOD))["read_lead"] == 5.0
    behind = signs(other, first, owners=(OVEN, HOOD))
    assert behind == {"read_lead": -5.0, "score_lead": -0.3, "dense_lead": -0.3, "share": 0.5}


def test_sure() -> None:
    """Where the appliance is known there is nothing to ask."""
    learned = meant_from(TABLE)
    assert learned.sure(())
    assert learned.sure((5.0, 0.3, 0.3, 1.0))
    assert not learned.sure((0.0, 0.0, 0.0, 0.5))
    assert learned.probability((1.0, 0.0, 0.0, 0.0)) == pytest.approx(0.5)


def test_without_a_table_the_score_decides() -> None:
    """For an embedding model that was calibrated before."""
    assert meant_from(None) is BY_SCORE
    assert BY_SCORE.sure((0.0, 0.04, 0.0, 0.5))
    assert not BY_SCORE.sure((5.0, 0.02, 0.3, 1.0))


def test_a_wider_lead_is_surer() -> None:
    """In each sign."""
    learned: Meant = replace(meant_from(TABLE), weights=(0.7, 4.0, 2.0, 0.4))
    for place in range(len(MEANT_SIGNS)):
        values = []
        for step in range(5):
            standing = [0.0] * len(MEANT_SIGNS)
            standing[place] = step / 10
            values.append(learned.probability(standing))
        assert values == sorted(values)
