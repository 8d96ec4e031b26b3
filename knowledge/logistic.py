"""A logistic regression as calibration learned it. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence


def logistic(
    signs: Sequence[float], weights: Sequence[float], means: Sequence[float],
    scales: Sequence[float], bias: float,
) -> float:  # fmt: skip
    """Probability, 0 to 1, of signs that are standardised by their means and scales.

    Raises:
        ValueError: The numbers of signs, weights, means and scales differ.
    """
    total = bias + sum(
        weight * (sign - mean) / scale
        for weight, sign, mean, scale in zip(weights, signs, means, scales, strict=True)
    )
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))
