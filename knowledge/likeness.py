"""How alike two questions are, for a model: where its questions lie, what follows from how near.

Learned by `permanence eval gaps --write` on the development questions (evals/data/gaps); the
thresholds of another model mean nothing. Questions of all kinds lie in one corner of the model's
space: their centre is taken off first, so that what they differ in is compared.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from knowledge.embeddings import Vectors


@dataclass(frozen=True)
class Likeness:
    """What was learned for a model.

    Attributes:
        centre: Mean of its questions' vectors, shape (dimensions,).
        widest: Mean distance (1 - cosine) up to which questions are of one group.
        weights: Of the likeness to the nearest question, and to the approved answer itself.
        bias: Of the logistic regression over both.
        answer_from: Probability from which an approved answer is said at once.
        confirm_from: Probability from which the caller is asked whether it is meant.
    """

    centre: Vectors
    widest: float
    weights: tuple[float, float]
    bias: float
    answer_from: float
    confirm_from: float

    def centred(self, vectors: Vectors) -> Vectors:
        """Questions' vectors, shape (n, dimensions), as they are compared: of unit length."""
        moved = vectors - self.centre
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-6), dtype=np.float32)

    def probability(self, nearest: float, whole: float) -> float:
        """Probability that an approved answer is what is asked for.

        Args:
            nearest: Cosine of the question with the nearest one of the answer's, both centred.
            whole: Cosine of the question with the answer, both as they are.
        """
        logit = self.bias + self.weights[0] * nearest + self.weights[1] * whole
        return 1.0 / (1.0 + math.exp(-logit))


@cache
def likeness(embedder: str) -> Likeness | None:
    """What was learned for an embedding model; None where nothing was."""
    tables = json.loads((files("knowledge") / "likeness.json").read_text("utf-8"))
    table = tables.get(embedder)
    return None if table is None else likeness_from(table)


def likeness_from(table: dict[str, object]) -> Likeness:
    """The likeness that a table of likeness.json holds."""
    centre, weights = _numbers(table["centre"]), _numbers(table["weights"])
    widest, bias, answer_from, confirm_from = _numbers(
        [table[name] for name in ("widest", "bias", "answer_from", "confirm_from")]
    )
    return Likeness(
        np.asarray(centre, dtype=np.float32), widest, (weights[0], weights[1]), bias,
        answer_from, confirm_from,
    )  # fmt: skip


def _numbers(values: object) -> Sequence[float]:
    assert isinstance(values, list)
    return [float(value) for value in values]
