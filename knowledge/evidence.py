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
from knowledge.logistic import logistic
from knowledge.meant import BY_SCORE, Meant, meant_from
from knowledge.question import Understood
from knowledge.reading import UNREAD
from knowledge.retrieve import RANK_SIGNS, Hit

SIGNS = (
    "read", "read_share", "read_margin", "read_missed", "read_alone",
    "score", "margin", "share", "dense", "spread", "late", "late_low", "late_elsewhere",
    "words_margin", "coverage", "unknown", "numbers_missing", "row_unnamed", "title", "agreement",
    "product_known", "sure_hearing", "length", "is_row", "is_prose", "is_steps",
)  # fmt: skip
"""The signs by name, in the order of the calibration's weights."""

SENSE = {
    "read": 1, "read_share": 1, "read_margin": 1, "read_missed": -1, "read_alone": 1, "score": 1,
    "margin": 1, "share": 1, "dense": 1, "spread": 1, "late": 1, "late_low": 1,
    "late_elsewhere": -1, "words_margin": 1, "coverage": 1, "unknown": -1, "numbers_missing": -1,
    "row_unnamed": -1, "title": 1, "agreement": 1, "product_known": 1, "sure_hearing": 1,
}  # fmt: skip
"""For (1) or against (-1) an answer, whatever chance shows in a few hundred questions: with this,
69 of 351 questions were answered with 3 % wrong, without it 27 (products left out)."""

ASK_FROM = 0.1
"""Probability of an answer from which it is worth asking which appliance is meant."""

FIELD = 12
"""Hits against whose mean the first one is held."""

SHARPNESS = 20.0
"""Scale of the softmax over scores that gives the first place's share."""

LOWEST = 3
"""Tokens of the question that match worst: one thing asked for that stands nowhere shows here."""

WIDEST_LEAD = 5.0
"""Of the reader's logit: a wider lead says no more."""

_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,]\d+)?(?![A-Za-z\d])")


@dataclass(frozen=True)
class Calibration:
    """Learned by `permanence eval calibrate` on the development and calibration questions.

    Attributes:
        rank: Weights of the order, in the order of RANK_SIGNS.
        read_weight: What a unit of the reader's logit is worth in the order.
        weights, means, scales: Of the standardised signs, in the order of SIGNS.
        bias: Of the logistic regression.
        answer_from: Probability from which an answer is spoken.
        confirm_from: Probability from which the caller is asked whether it is meant.
        meant: Whether the first hit's appliance is the caller's, where none is named.
    """

    rank: tuple[float, ...]
    read_weight: float
    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    bias: float
    answer_from: float
    confirm_from: float
    meant: Meant = BY_SCORE

    def probability(self, signs: Sequence[float]) -> float:
        """Probability that the first hit answers the question."""
        return logistic(signs, self.weights, self.means, self.scales, self.bias)

    def asks_which(self, meant: Sequence[float], probability: float) -> bool:
        """Whether the caller is asked which appliance is meant.

        Args:
            meant: Signs of `meant_signs`; () where the appliance is known.
            probability: That the first hit answers the question.
        """
        return probability >= min(ASK_FROM, self.confirm_from) and not self.meant.sure(meant)


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
        read_weight=table.get("read_weight", 0.0),
        weights=tuple(entry["weight"] for entry in gate),
        means=tuple(entry["mean"] for entry in gate),
        scales=tuple(entry["scale"] or 1.0 for entry in gate),  # 0: a sign the model has not
        bias=table["bias"],
        answer_from=table["answer_from"],
        confirm_from=table["confirm_from"],
        meant=meant_from(table.get("meant")),
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
        *_as_read(hits),
        WIDEST_LEAD if product_known else _lead_over_others(hits),
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


def _as_read(hits: Sequence[Hit]) -> tuple[float, float, float, float]:
    """What the reader says of the first hit, alone and beside the others.

    Returns:
        Its logit; its share among all that was read and « none of them » (logit 0), as a softmax;
        its lead over other places; how far it is behind the best logit.
    """
    best = hits[0]
    place = (best.passage.manual, best.passage.page)
    logits = np.array([hit.read for hit in hits])
    here = np.array([(hit.passage.manual, hit.passage.page) == place for hit in hits])
    raised = np.exp(np.clip(logits, UNREAD, -UNREAD))
    rival = logits[~here].max(initial=UNREAD)
    most = float(logits.max())
    return (
        best.read,
        float(raised[here].sum() / (1.0 + raised.sum())),
        _within(float(logits[here].max() - rival)),
        most - best.read,
    )


def _lead_over_others(hits: Sequence[Hit]) -> float:
    """The reader's lead of the first hit over what it read of other appliances."""
    best = hits[0]
    others = [hit.read for hit in hits[1:] if hit.passage.product != best.passage.product]
    return _within(best.read - max(others, default=UNREAD))


def _within(lead: float) -> float:
    return max(-WIDEST_LEAD, min(WIDEST_LEAD, lead))


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
