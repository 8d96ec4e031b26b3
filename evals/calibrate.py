"""Learns the order and the gate, and chooses the thresholds: `permanence eval calibrate`.

- The order's weights: a softmax over the candidates of development, pairs and practice questions.
- Which appliance is meant, where none is named: a logistic regression, and the lowest probability
  at which the stated rate of wrong appliances is not exceeded on products left out.
- The gate: a logistic regression on the signs of the hits, none of them against its known sense,
  over all questions but the test's and the fresh ones; what a question's probability is judged by
  comes from a gate that has seen no question of the same product. Where the agent asks which
  appliance it is, the question is learned from as it stands once that is said.
- The thresholds, judged on development and calibration questions alone: the lowest ones for which
  Clopper–Pearson's bound on those probabilities allows the stated rate of wrong answers.

The result is knowledge/calibration.json, one table for each embedding model.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent.settings import Settings
from evals.bench import open_bench
from evals.cases import Case, Remembering, collect
from evals.decisions import settled_all
from evals.learning import Floats, auc, learn_gate, learn_order, left_out, threshold, upper_bound
from evals.questions import Split, read_split
from knowledge.evidence import SENSE, SIGNS, calibration_from
from knowledge.meant import MEANT_SIGNS
from knowledge.reading import UNREAD
from knowledge.retrieve import RANK_SIGNS

CALIBRATION = Path(__file__).parent.parent / "knowledge" / "calibration.json"

WRONG_RATE = 0.03
"""Rate of wrong answers, among all that are spoken, that the bound must exclude; the questions are
of products left out."""

CONFIDENCE = 0.50
"""Of the bound. For 3 % at 95 %, as one would wish, a hundred answers without an error are needed;
today's signs do not give them, and callers would be asked back nearly every time."""

WRONG_APPLIANCE = 0.03
"""Rate of answers about another appliance than the caller's, among those given without asking."""

CONFIRM_RIGHT = 0.15
"""Probability from which « il s'agit de ceci… c'est bien ça ? » is worth the caller's time, with
the second guess after a « non ». Against 0.25, 4 more in a hundred answerable questions are rightly
understood, and 9 more in a hundred others are asked in vain (development and calibration)."""


def order_lists(cases: list[Case]) -> list[tuple[Floats, Floats]]:
    """Each answerable question's candidates: their signs, and which stand where the answer does."""
    lists = []
    for case in cases:
        question = case.question
        if not question.answerable or question.ambiguous or not case.sought.hits:
            continue
        if question.danger or not case.signs:
            continue
        signs = np.array([hit.signs for hit in case.sought.hits])
        right = np.array(
            [float((h.passage.manual, h.passage.page) in question.places) for h in case.sought.hits]
        )
        lists.append((signs, right))
    return lists


def first_right(lists: list[tuple[Floats, Floats]], weights: Floats) -> float:
    """Share of the lists whose first candidate is right."""
    return float(np.mean([right[np.argmax(signs @ weights)] for signs, right in lists]))


def learn_rank(cases: list[Case]) -> dict[str, float]:
    """The order's weights by name, learned on the questions given."""
    lists = order_lists(cases)
    groups = [c.question.product for c in cases if _listed(c)]
    weights = learn_order(lists)
    apart = []
    for name in dict.fromkeys(groups):
        others = [one for one, group in zip(lists, groups, strict=True) if group != name]
        mine = [one for one, group in zip(lists, groups, strict=True) if group == name]
        apart += [first_right([one], learn_order(others)) for one in mine[:1]] and [
            first_right(mine, learn_order(others))
        ] * len(mine)
    alone = np.eye(len(RANK_SIGNS))[0]
    print(
        f"order: right page first {first_right(lists, alone):.3f} by meaning alone, "
        f"{first_right(lists, weights):.3f} as learned, {np.mean(apart):.3f} for products left out"
        f" ({len(lists)} questions)"
    )
    return {name: round(float(w), 4) for name, w in zip(RANK_SIGNS, weights, strict=True)}


def learn_read_weight(cases: list[Case], rank: dict[str, float]) -> float:
    """What a unit of the reader's logit is worth beside the other signs' score."""
    weights = np.array([rank[name] for name in RANK_SIGNS])
    lists = []
    for case in cases:
        read = np.array([hit.read for hit in case.sought.hits])
        for signs, right in order_lists([case]):
            seen = read > UNREAD
            lists.append((np.stack([signs @ weights, read], axis=1)[seen], right[seen]))
    if not any(len(signs) for signs, _ in lists):
        return 0.0  # a model without token rows
    found = learn_order(lists, penalty=0.0)
    print(
        f"order: right page first {first_right(lists, np.array([0.0, 1.0])):.3f} by the reader "
        f"alone, {first_right(lists, found):.3f} with it, {first_right(lists, np.eye(2)[0]):.3f} "
        "without"
    )
    return round(float(found[1]), 4)


def learn_meant(cases: list[Case]) -> dict[str, Any]:
    """When the first hit's appliance is the caller's: the table `Meant` is read from."""
    asked = [
        c for c in cases
        if c.meant and c.gated and c.question.answerable and not c.question.ambiguous
    ]  # fmt: skip
    signs = np.array([case.meant for case in asked])
    manuals = [{manual for manual, _ in case.question.places} for case in asked]
    right = np.array(
        [
            float(case.sought.hits[0].passage.manual in manual)
            for case, manual in zip(asked, manuals, strict=True)
        ]
    )
    groups = [case.question.product[:5] for case in asked]
    sense = np.ones(len(MEANT_SIGNS))
    predicted = left_out(signs, right, groups, sense)
    sure_from, sure, wrong = threshold(predicted, right, rate=WRONG_APPLIANCE, confidence=0.5)
    print(
        f"appliance: {len(asked)} questions name none, {right.mean():.3f} of their first hits are "
        f"of the right one; AUC {auc(predicted, right):.3f} left out; sure from {sure_from:.3f}: "
        f"{sure}, {wrong} of them wrong"
    )
    means, scales = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    weights, bias = learn_gate((signs - means) / scales, right, sense=sense)
    return {
        "signs": _by_name(MEANT_SIGNS, weights, means, scales), "bias": round(bias, 4),
        "sure_from": round(sure_from, 3),
    }  # fmt: skip


def _by_name(
    names: Sequence[str], weights: Floats, means: Floats, scales: Floats
) -> dict[str, dict[str, float]]:
    return {
        name: {
            "weight": round(float(w), 4),
            "mean": round(float(m), 5),
            "scale": round(float(s), 5),
        }
        for name, w, m, s in zip(names, weights, means, scales, strict=True)
    }


def _listed(case: Case) -> bool:
    return bool(order_lists([case]))


def learn_decision(cases: list[Case], pairs: list[Case]) -> dict[str, Any]:
    """The gate and its thresholds, learned on questions split by product.

    Args:
        cases: Questions as callers ask them: they judge the thresholds.
        pairs: Near misses beside what they nearly are, and questions whose labels were read by
            their writer only: they only teach.
    """
    gated = [c for c in (*cases, *pairs) if c.gated and not c.question.ambiguous]
    judging = np.array([not c.noisy for c in gated])
    judging[len(gated) - _count(pairs) :] = False
    signs = np.array([case.signs for case in gated])
    right = np.array([float(case.right) for case in gated])
    groups = [case.question.product[:5] for case in gated]
    sense = np.array([float(SENSE.get(name, 0)) for name in SIGNS])
    predicted = left_out(signs, right, groups, sense)
    raw = signs[:, SIGNS.index("dense")]
    codes = [c for c in cases if c.answer.decision == "answer" and not c.signs and not c.noisy]
    by_rule = (len(codes), sum(not case.right for case in codes))
    print(
        f"gate: {len(gated)} questions, {right.mean():.2f} of them right if answered; AUC "
        f"{auc(predicted, right):.3f} left out, {auc(raw, right):.3f} by similarity alone"
    )
    answer_from, spoken, wrong = threshold(
        predicted[judging], right[judging], rate=WRONG_RATE, confidence=CONFIDENCE,
        before=by_rule,
    )  # fmt: skip
    spoken, wrong = spoken + by_rule[0], wrong + by_rule[1]
    print(
        f"answer from {answer_from:.3f}: {spoken} spoken, {wrong} wrong (95 % bound "
        f"{upper_bound(wrong, spoken):.3f}), {by_rule[0]} codes with {by_rule[1]} wrong among them"
    )
    means, scales = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    weights, bias = learn_gate((signs - means) / scales, right, sense=sense)
    gate = _by_name(SIGNS, weights, means, scales)
    for name, entry in sorted(gate.items(), key=lambda item: -abs(item[1]["weight"])):
        print(f"  {name:16} {entry['weight']:+.2f}")
    return {
        "gate": gate, "bias": round(bias, 4), "answer_from": round(answer_from, 3),
        "confirm_from": min(CONFIRM_RIGHT, round(answer_from, 3)),
    }  # fmt: skip


def _count(cases: list[Case]) -> int:
    return sum(case.gated and not case.question.ambiguous for case in cases)


def run(settings: Settings, *, write: bool) -> None:
    """Learn the order, then the gate over the hits in that order; print, and write if asked.

    The order changes what comes first, hence what the gate learns: it is written before the gate's
    questions are asked.
    """
    library = open_bench(settings)
    try:
        remembering = Remembering(library.embedder)
        known = json.loads(CALIBRATION.read_text("utf-8"))
        table = known[settings.embedding]

        def ask(split: Split) -> list[Case]:
            return [
                case
                for noisy in (False, True)
                for case in collect(
                    library, read_split(split), noisy=noisy, remembering=remembering,
                    calibrated=calibration_from(table),
                )
            ]  # fmt: skip

        known_cases = [*ask("development"), *ask("pairs"), *ask("practice")]
        rank = learn_rank(known_cases)
        table = {**table, "rank": rank, "read_weight": learn_read_weight(known_cases, rank)}
        judged = [*ask("development"), *ask("calibration")]
        taught = [*ask("pairs"), *ask("practice")]
        table["meant"] = learn_meant([*judged, *taught])
        gate = calibration_from(table)
        table |= learn_decision(settled_all(judged, gate), settled_all(taught, gate))
    finally:
        library.close()
    if write:
        known[settings.embedding] = table
        CALIBRATION.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
