"""Sounds that a telephone blurs are nearer than others."""

from __future__ import annotations

import pytest

from knowledge.alike import costs, from_start, likeness
from knowledge.phonetics import sounds


@pytest.mark.parametrize(
    ("said", "nearer", "farther"),
    [
        ("lave-linge", "lave-lâche", "lave-vaisselle"),
        ("sèche-linge", "chèche lange", "lave-linge"),
        ("hotte", "otte", "four"),
        ("cave à vin", "gave à vent", "cafetière"),
        ("oui", "ui", "non"),
    ],
)
def test_likeness(said: str, nearer: str, farther: str) -> None:
    """A misheard name is nearer to it than another name."""
    near, far = (likeness(sounds(said), sounds(text)) for text in (nearer, farther))
    assert 1 >= near > far + 0.15


def test_same_and_nothing() -> None:
    """The same sounds are wholly alike; nothing is like nothing."""
    assert likeness("lavlEZ", "lavlEZ") == 1
    assert likeness("", "") == 0
    assert likeness("fuR", "") == pytest.approx(1 - 2.6 / 3)


def test_costs_go_on_from_what_was_said_before() -> None:
    """« pour » and « four », one after the other, cost what they cost together."""
    heard = sounds("pour le four")
    first = costs(sounds("pour le"), heard, from_start(heard))
    assert costs(sounds("four"), heard, first)[-1] == 0
