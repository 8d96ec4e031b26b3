"""Questions grouped by meaning: the clustering alone, and with the real model."""

from __future__ import annotations

import numpy as np
import pytest

from agent.models import path as model_path
from agent.settings import load_settings
from evals.gaps import scored
from knowledge.grouping import asked, codes_in, grouped
from knowledge.likeness import likeness
from knowledge.linkage import groups

SAID = (
    "comment je connecte ma machine à laver au wifi",
    "je voudrais rallonger la garantie",
    "est-ce que le lave-linge il va sur internet",
    "on peut prolonger la garantie de deux ans",
    "je trouve pas le wi-fi sur la machine",
    "où est-ce que je peux poser des rideaux",
)


def joined_one_by_one(distances: np.ndarray, widest: float) -> list[list[int]]:
    """Average linkage as it is defined: the nearest two groups again and again."""
    found = [[place] for place in range(len(distances))]
    while len(found) > 1:
        means = {
            (i, j): distances[np.ix_(found[i], found[j])].mean()
            for i in range(len(found))
            for j in range(i)
        }
        nearest = min(means, key=lambda pair: means[pair])
        if means[nearest] > widest:
            break
        i, j = nearest
        found[j] += found.pop(i)
    return sorted((sorted(one) for one in found), key=lambda one: one[0])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("widest", [0.0, 0.4, 0.6, 0.8, 2.0])
def test_the_chain_joins_what_the_definition_joins(seed: int, widest: float) -> None:
    """The same groups, at every width."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(24, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    distances = np.asarray(1 - rows @ rows.T, dtype=np.float32)
    expected = joined_one_by_one(distances.astype(np.float64), widest)
    assert groups(distances, widest) == expected


def test_equal_things_are_one_group() -> None:
    """However many are equally near; and one alone is a group."""
    assert groups(np.zeros((7, 7), dtype=np.float32), 0.1) == [list(range(7))]
    assert groups(np.zeros((1, 1), dtype=np.float32), 0.1) == [[0]]
    assert groups(np.zeros((0, 0), dtype=np.float32), 0.1) == []


def test_codes_are_found_as_they_are_said() -> None:
    """In canonical form, without spaces; a number alone is none."""
    assert codes_in(asked("il affiche le code E vingt-quatre depuis 3 jours").text) == {"E24"}
    assert codes_in("la machine LV 450 à 30 degrés") == {"LV450"}


def test_a_model_that_taught_nothing_groups_equal_words() -> None:
    """Whatever the vectors."""
    questions = [asked("Le prix ?"), asked("le prix"), asked("La garantie ?")]
    found = grouped(questions, np.ones((3, 4), dtype=np.float32), None)
    assert found == [[0, 1], [2]] or found == [[0], [1], [2]]


def test_groups_are_meanings() -> None:
    """Callers' words by the real model; other codes, other groups; the order changes nothing."""
    from knowledge.embeddings import load_embedder

    settings = load_settings()
    embedder = load_embedder(settings.embedding, model_path(settings, settings.embedding))
    learned = likeness(embedder.name)
    said = [*SAID, "mon lave-linge affiche E20", "mon lave-linge affiche E24"]
    questions = [asked(words) for words in said]
    vectors = np.stack([embedder.query(one.text).vector for one in questions])
    found = grouped(questions, vectors, learned)
    assert found == [[0, 2, 4], [1, 3], [5], [6], [7]]
    again = grouped(questions[::-1], vectors[::-1], learned)
    turned = sorted(sorted(len(said) - 1 - place for place in one) for one in again)
    assert turned == sorted(found)


def test_figures_of_grouping() -> None:
    """By hand: two meanings, one group too wide, one meaning in two."""
    found = scored([[0, 1, 2], [3]], ["a", "a", "b", "b"])
    assert (found.groups, found.purity, found.inverse) == (2, 0.75, 0.75)
    assert found.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert found.recall == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
