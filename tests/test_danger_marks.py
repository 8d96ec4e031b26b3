"""Sounds and words that tell danger, and how they join what the meaning tells."""

from __future__ import annotations

import numpy as np
import pytest

from evals.teach_danger import learn_marks
from knowledge.danger_marks import PLACES, Weights, marks, score
from knowledge.danger_sense import LEAN, together


def test_each_mark_once_and_in_order() -> None:
    """Whatever stands in the text."""
    for text in ("ça sent le gaz, ça sent le gaz", "oui", "", "E24 !"):
        found = marks(text).tolist()
        assert found == sorted(set(found))
        assert all(0 <= place < PLACES for place in found)


def test_misheard_words_keep_most_of_their_marks() -> None:
    """« Chatènes » sounds like « châtaignes »; a question about a filter shares next to none."""
    said = set(marks("la carcasse envoie des châtaignes").tolist())
    heard = set(marks("la carcasse envoie des chatènes").tolist())
    other = set(marks("comment nettoyer le filtre de la pompe").tolist())
    assert len(said & heard) > len(said) / 2
    assert len(said & other) < len(said) / 10


def test_what_was_learned_tells_danger_by_its_marks() -> None:
    """Of three dangers and three ordinary phrases, and one that was not among them."""
    dangers = ["ça sent le gaz", "il y a une fuite de gaz", "le gaz siffle"]
    ordinary = ["comment nettoyer le filtre", "le code E vingt", "la porte est bloquée"]
    weights = learn_marks([marks(text) for text in (*dangers, *ordinary)],
                          np.array([True] * 3 + [False] * 3))  # fmt: skip
    assert all(score(weights, marks(text)) > 0 for text in dangers)
    assert all(score(weights, marks(text)) < 0 for text in ordinary)
    assert score(weights, marks("une odeur de gaz")) > score(weights, marks("le filtre"))


def test_nothing_said_leaves_the_bias() -> None:
    """No mark, no evidence."""
    assert score(Weights(np.ones(PLACES, np.float32), -1.5), marks("")) == -1.5


def test_meaning_and_marks_together() -> None:
    """Without evidence by marks, the meaning alone; with it, the log-odds are added."""
    assert together(0.2, 0.0) == pytest.approx(0.8)
    odds = together(0.5, 2.0)
    assert np.log(odds / (1 - odds)) == pytest.approx(LEAN * 2.0)
    assert 0.0 < together(1.0, -30.0) < together(0.0, 30.0) < 1.0
