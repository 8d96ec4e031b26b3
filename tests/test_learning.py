"""Exact bounds against published values, and learning on toys whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from evals.learning import (
    Floats,
    auc,
    aurc,
    bootstrap,
    learn_gate,
    learn_order,
    left_out,
    risk_coverage,
    threshold,
    upper_bound,
)


@pytest.mark.parametrize(
    ("wrong", "spoken", "confidence", "bound"),
    [
        (0, 59, 0.95, 0.0495),  # the smallest sample that excludes 5 %
        (0, 58, 0.95, 0.0503),
        (0, 299, 0.95, 0.00997),  # « the rule of three », exact
        (1, 100, 0.95, 0.0466),
        (0, 10, 0.95, 0.2589),
        (5, 100, 0.95, 0.1023),
        (10, 100, 0.95, 0.1637),
        (1, 10, 0.95, 0.3942),
        (5, 10, 0.95, 0.7776),
        (9, 10, 0.95, 0.9949),
        (1, 10, 0.975, 0.4450),  # the upper end of the two-sided interval of 95 %
        (0, 10, 0.975, 0.3085),
        (0, 1, 0.95, 0.95),
        (0, 10, 0.8, 0.1487),
    ],
)
def test_clopper_pearson(wrong: int, spoken: int, confidence: float, bound: float) -> None:
    """As in published tables (Clopper and Pearson 1934), to four places."""
    assert upper_bound(wrong, spoken, confidence) == pytest.approx(bound, abs=6e-5)


@pytest.mark.parametrize("spoken", [1, 7, 40, 500])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_bound_without_an_error_is_closed(spoken: int, confidence: float) -> None:
    """1 - (1 - confidence)^(1 / n)."""
    closed = 1 - (1 - confidence) ** (1 / spoken)
    assert upper_bound(0, spoken, confidence) == pytest.approx(closed, abs=1e-12)


def test_bound_of_nothing_or_of_errors_alone_is_one() -> None:
    """Nothing is known then."""
    assert upper_bound(0, 0) == upper_bound(5, 5) == 1.0


def test_bound_rises_with_errors_and_falls_with_answers() -> None:
    """And always lies above the rate itself."""
    by_errors = [upper_bound(wrong, 80) for wrong in range(0, 80, 8)]
    assert by_errors == sorted(by_errors)
    by_answers = [upper_bound(2, spoken) for spoken in range(10, 400, 30)]
    assert by_answers == sorted(by_answers, reverse=True)
    assert all(upper_bound(k, 60) > k / 60 for k in range(60))


def _drawn(count: int, weights: Floats, bias: float, seed: int) -> tuple[Floats, Floats]:
    chance = np.random.default_rng(seed)
    signs = chance.standard_normal((count, len(weights)))
    odds = 1 / (1 + np.exp(-(signs @ weights + bias)))
    return signs, (chance.random(count) < odds).astype(np.float64)


def test_gate_recovers_known_weights() -> None:
    """Labels drawn by a logistic rule: its weights come back within what chance allows."""
    true = np.array([2.0, -1.0, 0.0])
    signs, right = _drawn(20_000, true, 0.5, seed=3)
    weights, bias = learn_gate(signs, right)
    assert weights == pytest.approx(true, abs=0.08)
    assert bias == pytest.approx(0.5, abs=0.06)


def test_gate_of_separable_questions_stays_finite_and_tells_them_apart() -> None:
    """The penalty bounds what perfect separation would drive to infinity."""
    signs = np.array([[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0]])
    right = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    weights, bias = learn_gate(signs, right)
    assert 0.3 < weights[0] < 5.0
    assert bias == pytest.approx(0.0, abs=1e-6)
    assert auc(signs @ weights + bias, right) == 1.0


def test_a_heavier_penalty_gives_a_shyer_gate() -> None:
    """The bias alone is not held back: the mean stays that of the labels."""
    signs, right = _drawn(400, np.array([1.5, 0.5]), 1.0, seed=5)
    light, _ = learn_gate(signs, right, penalty=0.1)
    heavy, bias = learn_gate(signs, right, penalty=300.0)
    assert np.abs(heavy).max() < np.abs(light).max() / 2
    shares = 1 / (1 + np.exp(-(signs @ heavy + bias)))
    assert shares.mean() == pytest.approx(right.mean(), abs=1e-4)


def test_a_sign_against_its_sense_is_left_out() -> None:
    """What is known to speak for an answer never speaks against it; the others stay."""
    signs, right = _drawn(4_000, np.array([1.5, -0.5, 0.5]), 0.0, seed=6)
    free, _ = learn_gate(signs, right)
    assert free[1] < -0.3
    weights, _ = learn_gate(signs, right, sense=np.array([1.0, 1.0, 0.0]))
    assert weights[1] == 0.0
    assert weights[[0, 2]] == pytest.approx(free[[0, 2]], abs=0.2)
    same, _ = learn_gate(signs, right, sense=np.array([1.0, -1.0, 0.0]))
    assert same.tolist() == free.tolist()


def test_left_out_groups_are_judged_by_others_alone() -> None:
    """Changing a group's own labels changes none of its probabilities."""
    signs, right = _drawn(120, np.array([2.0, 0.0]), 0.0, seed=7)
    groups = ["a"] * 40 + ["b"] * 40 + ["c"] * 40
    predicted = left_out(signs, right, groups)
    turned = np.concatenate([1 - right[:40], right[40:]])
    again = left_out(signs, turned, groups)
    assert again[:40].tolist() == predicted[:40].tolist()
    assert np.abs(again[40:] - predicted[40:]).max() > 0.05
    assert auc(predicted, right) > auc(signs[:, 0], right) - 0.03


@pytest.mark.parametrize(
    ("rate", "confidence", "expected"),
    [
        (0.05, 0.95, (0.9, 59, 0)),  # 59 without an error, then errors only
        (0.04, 0.95, (1.01, 0, 0)),
        (0.10, 0.95, (0.3, 61, 2)),
        (1.00, 0.95, (0.3, 61, 2)),
    ],
)
def test_threshold(rate: float, confidence: float, expected: tuple[float, int, int]) -> None:
    """The lowest at which the bound holds; above one where none does."""
    predicted = np.array([0.3, 0.3, *[0.9] * 59])
    right = np.array([0.0, 0.0, *[1.0] * 59])
    if rate == 0.10:
        assert upper_bound(2, 61) == pytest.approx(0.0998, abs=1e-3)
    assert threshold(predicted, right, rate=rate, confidence=confidence) == expected


def test_threshold_does_not_cut_between_equals() -> None:
    """Questions of one probability are all spoken or none is."""
    predicted = np.full(100, 0.7)
    right = np.array([1.0] * 80 + [0.0] * 20)
    assert threshold(predicted, right, rate=0.10, confidence=0.95) == (1.01, 0, 0)
    assert threshold(predicted, right, rate=0.30, confidence=0.95) == (0.7, 100, 20)


def test_threshold_goes_past_an_early_error() -> None:
    """One wrong answer at the top spoils no later threshold."""
    predicted = np.linspace(1.0, 0.5, 200)
    right = np.array([0.0] + [1.0] * 149 + [0.0] * 50)
    found, spoken, wrong = threshold(predicted, right, rate=0.05, confidence=0.95)
    assert upper_bound(wrong, spoken) <= 0.05 < upper_bound(wrong + 1, spoken + 1)
    assert found == predicted[spoken - 1]
    assert (predicted >= found).sum() == spoken >= 150


@pytest.mark.parametrize(
    ("scores", "positive", "area"),
    [
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 1.0),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], 0.0),
        ([0.5, 0.5, 0.5, 0.5], [1, 0, 1, 0], 0.5),
        ([0.9, 0.7, 0.8, 0.1], [1, 1, 0, 0], 0.75),
        ([0.7, 0.7, 0.1], [1, 0, 0], 0.75),
    ],
)
def test_auc(scores: list[float], positive: list[int], area: float) -> None:
    """The share of pairs in the right order, a tie counting half."""
    assert auc(np.array(scores), np.array(positive, dtype=float)) == area


def test_auc_of_one_class_is_not_a_number() -> None:
    """There is no pair."""
    assert np.isnan(auc(np.array([0.1, 0.9]), np.array([1.0, 1.0])))


@pytest.mark.parametrize(
    ("confidence", "right", "area"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 1, 1], 0.0),
        ([0.9, 0.8, 0.7, 0.6], [0, 0, 0, 0], 1.0),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], (1 / 3 + 1 / 2) / 4),
        ([0.6, 0.7, 0.8, 0.9], [1, 1, 0, 0], (1 + 1 + 2 / 3 + 1 / 2) / 4),
        ([0.9, 0.8, 0.7, 0.6], [0, 1, 1, 1], (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4),
    ],
)
def test_aurc(confidence: list[float], right: list[int], area: float) -> None:
    """The mean, over all coverages, of the share of wrong answers."""
    found = aurc(np.array(confidence), np.array(right, dtype=float))
    assert found == pytest.approx(area)


def test_risk_coverage_ends_with_all_of_them() -> None:
    """The last point is every question and the whole rate of errors."""
    coverage, risk = risk_coverage(np.array([0.2, 0.9, 0.5]), np.array([0.0, 1.0, 1.0]))
    assert coverage.tolist() == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert risk.tolist() == pytest.approx([0.0, 0.0, 1 / 3])


def test_order_learns_which_sign_tells() -> None:
    """One sign tells half, one tells the contrary, one is noise."""
    chance = np.random.default_rng(11)
    lists = []
    for _ in range(80):
        right = np.zeros(6)
        right[chance.integers(6)] = 1.0
        noise = chance.standard_normal((6, 3))
        lists.append((noise + right[:, None] * np.array([1.5, -1.5, 0.0]), right))
    weights = learn_order(lists)
    assert weights[0] == 1.0
    assert -1.5 < weights[1] < -0.6
    assert abs(weights[2]) < 0.25
    first = np.mean([right[np.argmax(signs @ weights)] for signs, right in lists])
    alone = np.mean([right[np.argmax(signs[:, 0])] for signs, right in lists])
    assert first > alone


def test_order_takes_any_right_candidate() -> None:
    """Two pages hold the answer: neither is pushed down for the other."""
    signs = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 0.0], [0.2, 0.1]])
    both = [(signs, np.array([1.0, 1.0, 0.0, 0.0]))]
    weights = learn_order(both)
    assert set(np.argsort(-(signs @ weights))[:2].tolist()) == {0, 1}


def test_order_passes_over_lists_without_a_right_one() -> None:
    """They cannot teach; the scale of their signs still counts."""
    chance = np.random.default_rng(13)
    taught = [
        (np.array([[2.0, 0.0], [0.0, 0.3], [0.5, 1.0]]), np.array([1.0, 0.0, 0.0])),
        (np.array([[0.2, 0.9], [1.8, 0.1], [0.1, 0.4]]), np.array([0.0, 1.0, 0.0])),
    ]
    empty = (chance.standard_normal((5, 2)), np.zeros(5))
    weights = learn_order([*taught, empty])
    assert np.isfinite(weights).all()
    assert all(right[np.argmax(signs @ weights)] == 1.0 for signs, right in taught)


def test_bootstrap_holds_the_mean_and_is_repeatable() -> None:
    """Some 1.96 standard errors on either side; the same each time; of nothing, nothing."""
    values = np.array([1.0] * 70 + [0.0] * 30)
    low, high = bootstrap(values)
    assert (low, high) == bootstrap(values)
    assert low == pytest.approx(0.70 - 1.96 * 0.0458, abs=0.02)
    assert high == pytest.approx(0.70 + 1.96 * 0.0458, abs=0.02)
    assert bootstrap(np.ones(5)) == (1.0, 1.0)
    assert all(np.isnan(one) for one in bootstrap(np.array([])))
