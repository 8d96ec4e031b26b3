"""Learns the weights of the order and of the gate from the development questions.

    python -m evals.calibrate [--write]

The order's weights are chosen on a grid for the right passage first; the gate is a logistic
regression (L2) on the signs of the hits, and its thresholds come from predictions for questions
that were left out. `--write` puts the result into knowledge/calibration.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.house import open_library
from agent.settings import load_settings
from evals.questions import DATA, Question, read_questions
from knowledge.evidence import SIGNS
from knowledge.library import Shelf, about_another
from knowledge.products import Product
from knowledge.retrieve import FusionWeights, Hit
from knowledge.safety import danger_in
from knowledge.spoken import codes, normalise

Floats = npt.NDArray[np.float64]
FOLDS = 10
PENALTY = 2.0
WRONG_SHARE = 0.03
"""Share of wrong answers among the spoken ones, on questions left out, that the gate may let by."""

CONFIRM_SHARE = 0.45
"""Probability from which asking « c'est bien ça ? » is worth the caller's time."""

CALIBRATION = Path(__file__).parent.parent / "knowledge" / "calibration.json"


def hits_of(shelf: Shelf, question: Question) -> tuple[str, Product | None, list[Hit]] | None:
    """A question's hits; None where a rule decides before the gate."""
    text = normalise(question.text)
    if danger_in(question.text) or codes(text) or shelf.refusal(text) is not None:
        return None
    product = shelf.product(text, None)
    return text, product, shelf.retriever.search(text, shelf.embed(text), product)


def order(hits: list[Hit], w: FusionWeights) -> list[Hit]:
    """Hits in the order of other weights."""
    return sorted(
        hits, key=lambda h: -(w.dense * h.dense + w.words * h.words + w.coverage * h.coverage)
    )


def right(question: Question, hit: Hit) -> bool:
    """Whether a hit stands where the answer does."""
    return (hit.passage.manual, hit.passage.page) in question.places


def choose_fusion(cases: list[tuple[Question, list[Hit]]]) -> FusionWeights:
    """The weights that put a right passage first most often, then among the first three."""

    def quality(w: FusionWeights) -> tuple[float, float]:
        ranks = [order(hits, w) for question, hits in cases]
        first = sum(right(q, r[0]) for (q, _), r in zip(cases, ranks, strict=True))
        three = sum(any(right(q, h) for h in r[:3]) for (q, _), r in zip(cases, ranks, strict=True))
        return first + 0.5 * three, -(w.words + w.coverage)

    grid = itertools.product((0, 0.002, 0.004, 0.006, 0.01, 0.015), (0, 0.05, 0.1, 0.2, 0.3))
    return max((FusionWeights(1.0, a, b) for a, b in grid), key=quality)


def fit(signs: Floats, labels: Floats) -> tuple[Floats, float]:
    """Logistic regression by Newton's method; the bias is not penalised."""
    design = np.hstack([signs, np.ones((len(signs), 1))])
    weights = np.zeros(design.shape[1])
    ridge = np.diag([PENALTY] * signs.shape[1] + [0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (p - labels) + ridge @ weights
        hessian = (design * (p * (1 - p))[:, None]).T @ design + ridge
        weights = weights - np.linalg.solve(hessian + 1e-9 * np.eye(len(weights)), gradient)
    return weights[:-1], float(weights[-1])


def left_out(signs: Floats, labels: Floats) -> Floats:
    """For each question, its probability by a model that has not seen it."""
    predicted = np.zeros(len(labels))
    order_ = np.random.default_rng(0).permutation(len(labels))
    for fold in np.array_split(order_, FOLDS):
        rest = np.setdiff1d(order_, fold)
        weights, bias = fit(signs[rest], labels[rest])
        predicted[fold] = 1 / (1 + np.exp(-(signs[fold] @ weights + bias)))
    return predicted


def threshold(predicted: Floats, labels: Floats) -> float:
    """The lowest probability above which at most WRONG_SHARE of the answers are wrong."""
    best = 0.99
    for value in sorted(set(predicted), reverse=True):
        spoken = predicted >= value
        if (1 - labels[spoken]).sum() <= WRONG_SHARE * spoken.sum():
            best = float(value)
    return best


def auc(predicted: Floats, labels: Floats) -> float:
    """Area under the ROC curve."""
    positive, negative = predicted[labels == 1], predicted[labels == 0]
    return float(np.mean(positive[:, None] > negative[None, :]))


def learn(shelf: Shelf, questions: list[Question]) -> dict[str, Any]:
    """The calibration as JSON values; prints what it is worth."""
    found = [(q, hits) for q in questions if (hits := hits_of(shelf, q)) is not None]
    able = [(q, hits) for q, (_, _, hits) in found if q.answerable and hits]
    weights = choose_fusion(able)
    ordered = [(q, text, product, order(hits, weights)) for q, (text, product, hits) in found]
    ordered = [row for row in ordered if not about_another(row[1], row[3][0].passage)]
    first = sum(right(q, hits[0]) for q, _, _, hits in ordered if q.answerable)
    three = sum(any(right(q, h) for h in hits[:3]) for q, _, _, hits in ordered if q.answerable)
    print(f"{weights}: right page first {first}/{len(able)}, in three {three}/{len(able)}")
    raw = np.array([shelf.signs(text, hits) for _, text, _, hits in ordered])
    labels = np.array([float(q.answerable and right(q, hits[0])) for q, _, _, hits in ordered])
    means, scales = raw.mean(0), raw.std(0) + 1e-6
    signs = (raw - means) / scales
    predicted = left_out(signs, labels)
    answer_from = threshold(predicted, labels)
    spoken = predicted >= answer_from
    print(f"AUC left out {auc(predicted, labels):.3f}; answer from {answer_from:.3f}")
    print(f"spoken {spoken.sum()} of {len(labels)}, wrong {(1 - labels[spoken]).sum():.0f}")
    fitted, bias = fit(signs, labels)
    for name, weight in zip(SIGNS, fitted, strict=True):
        print(f"  {name:14} {weight:+.2f}")
    return {
        "weights": fitted.round(4).tolist(),
        "means": means.round(5).tolist(),
        "scales": scales.round(5).tolist(),
        "bias": round(bias, 4),
        "answer_from": round(answer_from, 3),
        "confirm_from": min(CONFIRM_SHARE, round(answer_from, 3)),
        "fusion": asdict(weights),
    }


def main() -> None:
    """Read the command line, learn, print, write."""
    parser = argparse.ArgumentParser(description="Calibrate the order and the gate.")
    parser.add_argument("--client", default="orvane")
    parser.add_argument("--write", action="store_true", help="write knowledge/calibration.json")
    given = parser.parse_args()
    settings = load_settings()
    library = open_library(settings)
    try:
        learned = learn(library.shelf(given.client), read_questions(DATA / "development.jsonl"))
    finally:
        library.close()
    if given.write:
        table = json.loads(CALIBRATION.read_text("utf-8")) if CALIBRATION.exists() else {}
        table[settings.embedding] = learned
        CALIBRATION.write_text(json.dumps(table, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
