"""Does the evidence support an answer? Signs of the hits -> a calibrated probability. Pure."""

from __future__ import annotations

import json
import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from knowledge.errors import EmbeddingError
from knowledge.retrieve import FusionWeights, Hit

SIGNS = (
    "dense", "dense_margin", "spread", "words_margin", "coverage", "unknown", "numbers_missing",
    "row_unnamed", "complete",
)  # fmt: skip
"""The signs by name, in the order of the calibration's weights."""

FIELD = 12
"""Hits against whose mean the first one is held."""

COMPLETE = 0.95
"""Coverage from which a passage holds all that was asked for."""

_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,]\d+)?(?![A-Za-z\d])")


@dataclass(frozen=True)
class Calibration:
    """Learned by `python -m evals.calibrate` on evals/data/development.jsonl.

    Attributes:
        weights, means, scales: Of the standardised signs, in the order of SIGNS.
        bias: Of the logistic regression.
        answer_from: Probability from which an answer is spoken.
        confirm_from: Probability from which the caller is asked whether it is meant.
        fusion: Weights of the fused order.
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    bias: float
    answer_from: float
    confirm_from: float
    fusion: FusionWeights

    def probability(self, signs: Sequence[float]) -> float:
        """Probability that the first hit answers the question."""
        total = self.bias + sum(
            weight * (sign - mean) / scale
            for weight, sign, mean, scale in zip(
                self.weights, signs, self.means, self.scales, strict=True
            )
        )
        return 1.0 / (1.0 + math.exp(-total))


@cache
def calibration(embedder: str) -> Calibration:
    """The calibration for an embedding model; probabilities of another model mean nothing.

    Raises:
        EmbeddingError: The model has not been calibrated.
    """
    tables = json.loads((files("knowledge") / "calibration.json").read_text("utf-8"))
    if embedder not in tables:
        raise EmbeddingError(
            f"The embedding model {embedder} is not calibrated; set PERMANENCE_EMBEDDING to one of "
            f"{', '.join(sorted(tables))}, or run `python -m evals.calibrate --write`."
        )
    table = tables[embedder]
    lists = {key: tuple(table[key]) for key in ("weights", "means", "scales")}
    return Calibration(
        **lists,
        bias=table["bias"],
        answer_from=table["answer_from"],
        confirm_from=table["confirm_from"],
        fusion=FusionWeights(**table["fusion"]),
    )


def signs_of(question: str, hits: Sequence[Hit], *, unknown: float, row_named: bool) -> list[float]:
    """The signs of a question's hits, in the order of SIGNS.

    Args:
        question: Normalised (figures as digits).
        hits: Best first, at least one.
        unknown: Share of the question's content words that stand nowhere in the manuals.
        row_named: The question names the row, where the first hit is a row of a table: what
            holds for a chicken does not hold for a turkey.
    """
    best = hits[0]
    place = (best.passage.manual, best.passage.page)
    others = [hit for hit in hits[1:] if (hit.passage.manual, hit.passage.page) != place]
    rival = max((hit.dense for hit in others), default=0.0)
    rival_words = max((hit.words for hit in others), default=0.0)
    numbers = set(_NUMBER.findall(question))
    known = set(_NUMBER.findall(best.passage.searchable))
    return [
        best.dense,
        best.dense - rival,
        best.dense - statistics.fmean(hit.dense for hit in hits[:FIELD]),
        min(max(best.words - rival_words, -15.0), 15.0) / 15.0,
        best.coverage,
        unknown,
        min(len(numbers - known), 2) / 2.0,
        0.0 if row_named else 1.0,
        1.0 if best.coverage > COMPLETE else 0.0,
    ]
