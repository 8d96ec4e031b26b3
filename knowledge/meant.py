"""Does a caller who names no appliance mean that of the first hit? Pure.

« Il y a de l'eau par terre » fits the dishwasher and the washing machine. Where this is not sure, a
good adviser asks: an answer from another appliance's manual is wrong, however well it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.logistic import logistic
from knowledge.retrieve import Hit

MEANT_SIGNS = ("read_lead", "score_lead", "dense_lead", "share")
"""By how much the best hit of the first one's appliance leads any other's: the reader's logit, the
order's score, the likeness; and its share of the first hits."""

WIDEST_READ, WIDEST = 5.0, 0.3
"""A wider lead says no more; also where nothing of another appliance was found."""

FIRST = 8


@dataclass(frozen=True)
class Meant:
    """Learned by `permanence eval calibrate` on answerable questions that name no appliance.

    Attributes:
        weights, means, scales: Of the standardised signs, in the order of MEANT_SIGNS.
        bias: Of the logistic regression.
        sure_from: Probability from which the appliance is not asked for.
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    bias: float
    sure_from: float

    def probability(self, signs: Sequence[float]) -> float:
        """Probability that the first hit is of the appliance that the caller means."""
        return logistic(signs, self.weights, self.means, self.scales, self.bias)

    def sure(self, signs: Sequence[float]) -> bool:
        """Whether the appliance need not be asked for; () where it is known."""
        return not signs or self.probability(signs) >= self.sure_from


BY_SCORE = Meant((0.0, 1.0, 0.0, 0.0), (0.0, 0.03, 0.0, 0.0), (1.0, 1e-3, 1.0, 1.0), 0.0, 0.5)
"""For an embedding model without such a table: a lead of 0.03 in score."""


def meant_from(table: dict[str, Any] | None) -> Meant:
    """What a table of calibration.json holds of it."""
    if table is None:
        return BY_SCORE
    signs = [table["signs"][name] for name in MEANT_SIGNS]
    return Meant(
        weights=tuple(entry["weight"] for entry in signs),
        means=tuple(entry["mean"] for entry in signs),
        scales=tuple(entry["scale"] or 1.0 for entry in signs),
        bias=table["bias"],
        sure_from=table["sure_from"],
    )


def meant_signs(hits: Sequence[Hit], owners: Sequence[str]) -> tuple[float, ...]:
    """The signs, in the order of MEANT_SIGNS.

    Args:
        hits: Best first, at least one.
        owners: The appliance of each of them.
    """
    mine = [hit for hit, owner in zip(hits, owners, strict=True) if owner == owners[0]]
    others = [hit for hit, owner in zip(hits, owners, strict=True) if owner != owners[0]]
    share = sum(owner == owners[0] for owner in owners[:FIRST]) / len(owners[:FIRST])
    if not others:
        return WIDEST_READ, WIDEST, WIDEST, share
    reads = max(hit.read for hit in mine) - max(hit.read for hit in others)
    scores = max(hit.score for hit in mine) - max(hit.score for hit in others)
    dense = max(hit.dense for hit in mine) - max(hit.dense for hit in others)
    return (
        max(-WIDEST_READ, min(WIDEST_READ, reads)),
        max(-WIDEST, min(WIDEST, scores)),
        max(-WIDEST, min(WIDEST, dense)),
        share,
    )
