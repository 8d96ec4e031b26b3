"""Danger is told by meaning too, and words of danger that mean something else are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals.questions import DATA
from knowledge.answer import Sensed
from knowledge.danger_marks import PLACES, Weights
from knowledge.danger_sense import KINDS, DangerSense, Layers, chances, save, softmax
from knowledge.embeddings import E5Embedder, GemmaEmbedder


@pytest.fixture(scope="module")
def sense(models_home: Path) -> DangerSense:
    """The sense with the default embedding model."""
    return DangerSense(GemmaEmbedder(models_home / "models" / "embeddinggemma-sav"))


@pytest.mark.parametrize(
    ("text", "sensed"),
    [
        ("ça sent le gaz dans ma cuisine", Sensed("gas")),
        ("il y a de la fumée qui sort du lave-linge", Sensed("fire")),
        ("la graisse de la poêle vient de prendre, ça monte très haut", Sensed("fire")),
        ("le chaton est à l'intérieur et le tambour tourne", Sensed("shut_in")),
        ("quand je touche la porte ça me pique la main", Sensed("shock")),
        ("comment je nettoie le filtre du lave-linge", None),
        ("mon four affiche F zéro sept", None),
        ("je laisse mijoter le pot-au-feu, combien de temps", None),
        ("oui", None),
        ("", None),
        ("Zéro un quatre vingt-dix au la-là, ce sont les gaz tout à coup.", Sensed("gas")),
        ("zéro six trente-neuf, attendez, c'est mon mari qui l'a", None),
        ("alors c'est le zéro six trente-neuf quatre-vingt-dix-huit", None),
    ],
)
def test_sensed(sense: DangerSense, text: str, sensed: Sensed | None) -> None:
    """Named or not; ordinary words of the kitchen are no danger."""
    assert sense.sense(text) == sensed


def test_most_of_the_phrases_of_others_are_recognised_or_asked_about(sense: DangerSense) -> None:
    """Of 130 phrases that it never learned from, 95 % at least; few of a hundred ordinary ones.

    `permanence eval dangers` prints the figures; these bounds only keep them from falling.
    """
    dangers, ordinary = (
        [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()][::step]
        for name, step in (("dangers.jsonl", 1), ("ordinary.jsonl", 3))
    )
    missed = [one["text"] for one in dangers if sense.sense(one["text"]) is None]
    assert len(missed) <= 0.05 * len(dangers), missed
    taken = [one["text"] for one in ordinary if sense.sense(one["text"]) is not None]
    assert len(taken) <= 0.12 * len(ordinary), taken
    alarms = [text for text in taken if sense.danger_in(text) is not None]
    assert len(alarms) <= 0.03 * len(ordinary), alarms


def test_another_reading_is_never_sure(sense: DangerSense) -> None:
    """What the recogniser holds for less likely is asked about."""
    assert sense.heard(["sa cent le bras", "ça sent le gaz"]) == Sensed("gas", sure=False)
    assert sense.heard(["ça sent le gaz", "sa cent le bras"]) == Sensed("gas")
    assert sense.heard(["comment nettoyer le filtre"]) is None


def test_without_its_model_the_words_alone_count() -> None:
    """The networks go with one embedding model."""
    words = DangerSense(E5Embedder())
    assert words.sense("ça sent le gaz dans ma cuisine") == Sensed("gas")
    assert words.sense("l'huile a pris dans la poêle, ça monte jusqu'à la hotte") is None


def test_chances_are_the_mean_of_the_networks() -> None:
    """Two networks with one hidden unit, by hand."""
    kinds = len(KINDS) + 1
    out = np.zeros((1, kinds), np.float32)
    out[0, 1] = 1.0
    one = Layers(np.ones((2, 1), np.float32), np.zeros(1, np.float32), out,
                 np.zeros(kinds, np.float32))  # fmt: skip
    other = one._replace(out=np.zeros((1, kinds), np.float32))
    vector = np.array([[0.5, 0.5]], np.float32)
    first = np.exp(1.0) / (np.exp(1.0) + kinds - 1)
    found = chances([one, other], vector)
    assert found.shape == (1, kinds)
    assert found[0, 1] == pytest.approx((first + 1 / kinds) / 2, abs=1e-6)
    assert softmax(np.zeros((1, 4), np.float32)).tolist() == [[0.25] * 4]


def test_saved_and_loaded_alike(tmp_path: Path) -> None:
    """Every layer, the weights of the marks, both thresholds and the model's name."""
    net = Layers(*(np.full(shape, 0.5, np.float32) for shape in ((2, 3), (3,), (3, 7), (7,))))
    weights = Weights(np.full(PLACES, 0.25, np.float32), -1.5)
    save(tmp_path / "danger.npz", [net, net], weights, 0.9, 0.25, "model")
    with np.load(tmp_path / "danger.npz") as stored:
        assert [stored[name].shape for name in Layers._fields] == [
            (2, 2, 3), (2, 3), (2, 3, 7), (2, 7),
        ]  # fmt: skip
        assert (float(stored["sure"]), float(stored["maybe"])) == (pytest.approx(0.9), 0.25)
        assert str(stored["model"]) == "model"
        assert stored["places"].tolist() == weights.places.tolist()
        assert float(stored["places_bias"]) == weights.bias
