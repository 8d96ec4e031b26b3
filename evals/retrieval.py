"""How often the right passage is found, and by what: `permanence eval retrieval`.

Ablation over the same candidates: words (BM25), meaning (the adapted EmbeddingGemma, its vectors
alone), both fused without sound, with it, and with the reader; beside it EmbeddingGemma as it is
published, over all passages (evals/published.py). Clean text and as the recogniser heard it. A
passage is right when it stands on a page that holds the answer. Intervals: bootstrap over
questions, 95 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evals.cases import Case
from evals.learning import Floats, bootstrap
from evals.published import Place, Published
from evals.questions import Question
from knowledge.retrieve import RANK_SIGNS, Hit

FIRST = 10
"""Places of the list that nDCG looks at."""

Order = Callable[[Hit], float]


def orders(rank: Sequence[float]) -> dict[str, Order]:
    """Ways to order the same candidates, by name."""
    weights = dict(zip(RANK_SIGNS, rank, strict=True))

    def without(*names: str) -> Order:
        kept = np.array([0.0 if name in names else weights[name] for name in RANK_SIGNS])
        return lambda hit: float(kept @ np.asarray(hit.signs))

    return {
        "BM25": lambda hit: hit.words,
        "phonetic": lambda hit: hit.sound,
        "dense": lambda hit: hit.dense,
        "dense + BM25": without("late", "sound"),
        "+ late interaction": without("sound"),
        "+ phonetic": without(),
        "+ reader (all)": lambda hit: hit.score,
    }


def ordered(case: Case, order: Order) -> list[Place]:
    """Where the candidates stand, best first."""
    hits = sorted(case.sought.hits, key=order, reverse=True)
    return [(hit.passage.manual, hit.passage.page) for hit in hits]


def relevance(question: Question, found: Sequence[Place]) -> Floats:
    """Whether each of the pages found is right, [n]; a page counts once."""
    seen: set[Place] = set()
    marks = []
    for place in found:
        marks.append(float(place in question.places and place not in seen))
        seen.add(place)
    return np.array(marks or [0.0])


def measures(question: Question, found: Sequence[Place]) -> dict[str, float]:
    """recall@1, @3, @5, reciprocal rank and nDCG@10 of one question."""
    marks = relevance(question, found)
    places = np.flatnonzero(marks)
    first = int(places[0]) + 1 if len(places) else 0
    gains = 1 / np.log2(np.arange(2, FIRST + 2))
    gained = float((marks[:FIRST] * gains[: len(marks[:FIRST])]).sum())
    ideal = float(gains[: max(1, min(len(question.places), FIRST))].sum())
    return {
        "recall@1": float(first == 1),
        "recall@3": float(0 < first <= 3),
        "recall@5": float(0 < first <= 5),
        "MRR": 1 / first if first else 0.0,
        "nDCG@10": min(1.0, gained / ideal),
    }


def table(
    cases: Sequence[Case], rank: Sequence[float], published: Published | None = None
) -> list[tuple[str, dict[str, Floats]]]:
    """For each order, each measure's value for every answerable question."""
    asked = [c for c in cases if c.question.answerable and not c.question.danger]
    found = {}
    if published is not None:
        found["as published"] = [published.found(case) for case in asked]
    for name, order in orders(rank).items():
        found[name] = [ordered(case, order) for case in asked]
    rows = []
    for name, lists in found.items():
        each = [measures(case.question, one) for case, one in zip(asked, lists, strict=True)]
        rows.append((name, {key: np.array([one[key] for one in each]) for key in each[0]}))
    return rows


def lines(title: str, rows: Sequence[tuple[str, dict[str, Floats]]]) -> list[str]:
    """The table as text."""
    count = len(next(iter(rows[0][1].values())))
    names = list(rows[0][1])
    out = [f"{title} ({count} answerable questions)"]
    out.append(" " * 20 + "".join(f"{name:>22}" for name in names))
    for name, values in rows:
        cells = []
        for key in names:
            low, high = bootstrap(values[key])
            cells.append(f"{values[key].mean():.3f} [{low:.2f}, {high:.2f}]")
        out.append(f"{name:20}" + "".join(f"{cell:>22}" for cell in cells))
    return out
