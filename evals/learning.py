"""What calibration learns with: a listwise order, a logistic regression, exact bounds. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ORDER_STEPS = 400
ORDER_RATE = 0.05
ORDER_PENALTY = 0.02
GATE_PENALTY = 3.0


def learn_order(lists: Sequence[tuple[Floats, Floats]], penalty: float = ORDER_PENALTY) -> Floats:
    """Weights that put a right candidate first: maximum likelihood of a softmax over each list.

    Where several candidates are right, any of them will do (their probabilities are summed).

    Args:
        lists: For each question its candidates' signs, [n, signs], and which are right, [n].
        penalty: L2, on standardised signs.

    Returns:
        Weights, [signs], scaled so that the first one is 1.
    """
    spread = np.concatenate([signs for signs, _ in lists]).std(axis=0) + 1e-9
    useful = [(signs / spread, right) for signs, right in lists if right.any()]
    weights = np.zeros(len(spread))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, ORDER_STEPS + 1):  # Adam
        slope = penalty * weights
        for signs, right in useful:
            scores = signs @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            among_right = shares * right
            slope = slope + signs.T @ (shares - among_right / among_right.sum()) / len(useful)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope * slope
        pace = np.sqrt(second / (1 - 0.999**step)) + 1e-8
        weights = weights - ORDER_RATE * first / (1 - 0.9**step) / pace
    learned = weights / spread
    return np.asarray(learned / learned[0], dtype=np.float64)


def learn_gate(
    signs: Floats, right: Floats, penalty: float = GATE_PENALTY, sense: Floats | None = None
) -> tuple[Floats, float]:
    """Logistic regression with L2 on standardised signs: weights and bias (Newton's method).

    Args:
        signs: Of each question, [n, signs].
        right: Whether what would be said is right, [n].
        penalty: L2, of the weights.
        sense: What each weight may be, [signs]: 1 is zero or more, -1 zero or less, 0 anything. The
            sign that most speaks against its sense is left out, and the rest learned again.
    """
    kept = np.ones(signs.shape[1], dtype=bool)
    while True:
        weights = np.zeros(signs.shape[1])
        weights[kept], bias = _logistic(signs[:, kept], right, penalty)
        against = np.minimum(weights * (0 if sense is None else sense), 0)
        if not against.any():
            return weights, bias
        kept[np.argmin(against)] = False


def _logistic(signs: Floats, right: Floats, penalty: float) -> tuple[Floats, float]:
    design = np.hstack([signs, np.ones((len(signs), 1))])
    ridge = np.diag([penalty] * signs.shape[1] + [1e-6])
    found = np.zeros(design.shape[1])
    for _ in range(50):
        shares = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (shares - right) + ridge @ found
        curve = design.T @ (design * (shares * (1 - shares))[:, None]) + ridge
        change = np.linalg.solve(curve, slope)
        found = found - change
        if np.abs(change).max() < 1e-8:
            break
    return found[:-1], float(found[-1])


def left_out(
    signs: Floats, right: Floats, groups: Sequence[str], sense: Floats | None = None
) -> Floats:
    """Each question's probability by a gate that has seen no question of its group."""
    names = np.asarray(groups)
    predicted = np.zeros(len(right))
    for name in dict.fromkeys(groups):
        held = names == name
        means, scales = signs[~held].mean(axis=0), signs[~held].std(axis=0) + 1e-9
        weights, bias = learn_gate((signs[~held] - means) / scales, right[~held], sense=sense)
        total = (signs[held] - means) / scales @ weights + bias
        predicted[held] = 1 / (1 + np.exp(-np.clip(total, -30, 30)))
    return predicted


def upper_bound(wrong: int, spoken: int, confidence: float = 0.95) -> float:
    """Clopper–Pearson's one-sided upper bound of a rate of errors (1934), by bisection."""
    if spoken == 0 or wrong >= spoken:
        return 1.0
    low, high = wrong / spoken, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(wrong, spoken, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, spoken: int, rate: float) -> float:
    """Probability of so few errors or fewer, if each of `spoken` answers errs at that rate."""
    logs = [
        math.lgamma(spoken + 1) - math.lgamma(k + 1) - math.lgamma(spoken - k + 1)
        + k * math.log(rate) + (spoken - k) * math.log1p(-rate)
        for k in range(wrong + 1)
    ]  # fmt: skip
    return sum(math.exp(one) for one in logs)


def threshold(
    predicted: Floats, right: Floats, *, rate: float, confidence: float,
    before: tuple[int, int] = (0, 0),
) -> tuple[float, int, int]:  # fmt: skip
    """The lowest threshold whose wrong answers stay under a rate, by the bound above.

    Args:
        predicted: Probabilities of questions left out, [n].
        right: Whether what would be said is right, [n].
        rate: Share of wrong answers among the spoken ones that is allowed.
        confidence: Of the bound.
        before: Answers that are spoken whatever the threshold (codes), and the wrong ones.

    Returns:
        The threshold, and how many were spoken and wrong at it; a threshold above 1 if none will
        do.
    """
    order = np.argsort(-predicted, kind="stable")
    wrong = np.cumsum(1 - right[order])
    best = (1.01, 0, 0)
    for spoken in range(1, len(order) + 1):
        errors = int(wrong[spoken - 1])
        if spoken < len(order) and predicted[order[spoken]] == predicted[order[spoken - 1]]:
            continue
        if upper_bound(errors + before[1], spoken + before[0], confidence) <= rate:
            best = (float(predicted[order[spoken - 1]]), spoken, errors)
    return best


def auc(scores: Floats, positive: Floats) -> float:
    """Area under the ROC curve: chance that a positive one scores above a negative one."""
    high, low = scores[positive == 1], scores[positive == 0]
    if not len(high) or not len(low):
        return float("nan")
    above = (high[:, None] > low[None, :]).mean() + 0.5 * (high[:, None] == low[None, :]).mean()
    return float(above)


def risk_coverage(confidence: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Share answered and share of wrong ones among them, as the threshold falls; [n] each."""
    order = np.argsort(-confidence, kind="stable")
    counts = np.arange(1, len(order) + 1)
    return counts / len(order), np.cumsum(1 - right[order]) / counts


def aurc(confidence: Floats, right: Floats) -> float:
    """Area under the risk–coverage curve (Geifman and El-Yaniv 2017); 0 is best."""
    return float(risk_coverage(confidence, right)[1].mean())


def bootstrap(values: Floats, times: int = 1000, seed: int = 1) -> tuple[float, float]:
    """95 % interval of a mean, by resampling the questions."""
    if not len(values):
        return (float("nan"), float("nan"))
    drawn = np.random.default_rng(seed).integers(0, len(values), (times, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)
