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
from typing import Any

import numpy as np

from knowledge.errors import EmbeddingError
from knowledge.question import Understood
from knowledge.retrieve import RANK_SIGNS, Hit

SIGNS = (
    "score", "margin", "share", "dense", "spread", "late", "late_low", "late_elsewhere",
    "words_margin", "coverage", "unknown", "numbers_missing", "row_unnamed", "title", "agreement",
    "product_known", "sure_hearing", "length", "is_row", "is_prose", "is_steps",
)  # fmt: skip
"""The signs by name, in the order of the calibration's weights."""

FIELD = 12
"""Hits against whose mean the first one is held."""

SHARPNESS = 20.0
"""Scale of the softmax over scores that gives the first place's share."""

LOWEST = 3
"""Tokens of the question that match worst: one thing asked for that stands nowhere shows here."""

_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,]\d+)?(?![A-Za-z\d])")


@dataclass(frozen=True)
class Calibration:
    """Learned by `permanence eval calibrate` on the development and calibration questions.

    Attributes:
        rank: Weights of the order, in the order of RANK_SIGNS.
        weights, means, scales: Of the standardised signs, in the order of SIGNS.
        bias: Of the logistic regression.
        answer_from: Probability from which an answer is spoken.
        confirm_from: Probability from which the caller is asked whether it is meant.
    """

    rank: tuple[float, ...]
    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    bias: float
    answer_from: float
    confirm_from: float

    def probability(self, signs: Sequence[float]) -> float:
        """Probability that the first hit answers the question."""
        total = self.bias + sum(
            weight * (sign - mean) / scale
            for weight, sign, mean, scale in zip(
                self.weights, signs, self.means, self.scales, strict=True
            )
        )
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


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
            f"{', '.join(sorted(tables))}, or run `permanence eval calibrate --write`."
        )
    return calibration_from(tables[embedder])


def calibration_from(table: dict[str, Any]) -> Calibration:
    """The calibration that a table of calibration.json holds; signs by name, in any order."""
    unlearned = {"weight": 0.0, "mean": 0.0, "scale": 1.0}  # a sign newer than the table
    gate = [table["gate"].get(name, unlearned) for name in SIGNS]
    return Calibration(
        rank=tuple(table["rank"].get(name, 0.0) for name in RANK_SIGNS),
        weights=tuple(entry["weight"] for entry in gate),
        means=tuple(entry["mean"] for entry in gate),
        scales=tuple(entry["scale"] or 1.0 for entry in gate),  # 0: a sign the model has not
        bias=table["bias"],
        answer_from=table["answer_from"],
        confirm_from=table["confirm_from"],
    )


def signs_of(
    question: Understood, hits: Sequence[Hit], *, unknown: float, row_named: bool,
    product_known: bool,
) -> list[float]:  # fmt: skip
    """The signs of a question's hits, in the order of SIGNS.

    Args:
        question: What was asked.
        hits: Best first, at least one.
        unknown: Share of the question's content words that stand nowhere in the manuals.
        row_named: The question names the row, where the first hit is a row of a table: what
            holds for a chicken does not hold for a turkey.
        product_known: The appliance is known, by its name or from earlier, or there is only one.
    """
    best = hits[0]
    place = (best.passage.manual, best.passage.page)
    others = [hit for hit in hits[1:] if (hit.passage.manual, hit.passage.page) != place]
    rival = max((hit.score for hit in others), default=best.score - 0.2)
    rival_words = max((hit.words for hit in others), default=0.0)
    raised = [math.exp(SHARPNESS * (hit.score - best.score)) for hit in hits]
    here = sum(
        one
        for one, hit in zip(raised, hits, strict=True)
        if (hit.passage.manual, hit.passage.page) == place
    )
    numbers = set(_NUMBER.findall(question.text))
    known = set(_NUMBER.findall(best.passage.searchable))
    low, elsewhere = _worst_matches(hits)
    by_words = max(hits, key=lambda hit: hit.words)
    by_sound = max(hits, key=lambda hit: hit.sound)
    by_meaning = max(hits, key=lambda hit: hit.dense)
    agreeing = sum(
        (hit.passage.manual, hit.passage.page) == place for hit in (by_words, by_sound, by_meaning)
    )
    return [
        best.score,
        min(best.score - rival, 0.3),
        here / sum(raised),
        best.dense,
        best.dense - statistics.fmean(hit.dense for hit in hits[:FIELD]),
        best.late,
        low,
        elsewhere,
        max(-1.0, min(1.0, best.words - rival_words)),
        best.coverage,
        unknown,
        min(len(numbers - known), 2) / 2.0,
        0.0 if row_named else 1.0,
        best.title,
        agreeing / 3.0,
        float(product_known),
        question.confidence,
        min(len(question.text.split()), 40) / 40.0,
        float(best.passage.kind in ("table_row", "specification")),
        float(best.passage.kind in ("text", "safety", "warranty")),
        float(best.passage.kind == "procedure"),
    ]


def _worst_matches(hits: Sequence[Hit]) -> tuple[float, float]:
    """How well the question's worst matched tokens match, and how much better elsewhere.

    A thing asked for that the first passage lacks and another one has points elsewhere; one that
    no passage has is not covered.
    """
    mine = hits[0].matches
    if not len(mine):
        return 0.0, 0.0
    best = np.max([hit.matches for hit in hits[:FIELD]], axis=0)
    return float(np.sort(mine)[:LOWEST].mean()), float((best - mine).max())
