"""What is answered, rightly and wrongly, at the gate's thresholds: `permanence eval answers`.

A right answer stands on a page that holds it and says the facts listed with the question. A right
confirmation would lead to such an answer, at once or after one « non »; a wrong one costs the
caller a « non » or two, and is not a wrong answer. Where the agent asks which appliance, the caller
says it, and what is then decided counts: what is answered at once stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.cases import Case, asks_which, decided, settled
from evals.learning import Floats, auc, aurc, bootstrap, upper_bound
from knowledge.evidence import Calibration


@dataclass(frozen=True)
class Figures:
    """The figures of a set of questions at the gate's thresholds.

    Attributes:
        answered: Share of the answerable questions that are answered, right or wrong.
        at_once: Share of them answered rightly, nothing asked.
        right: Share of them answered rightly, at once or with the appliance said.
        confirmed: Share of them asked back with the right thing in mind, first or second.
        clarified: Share of them whose appliance is asked for.
        spoken, wrong: Answers given to whatever question, and the wrong ones among them.
        bound: 95 % upper bound of the rate of wrong answers.
        near_misses, answered_near_misses: Questions without an answer, and those answered.
        auc: Of the probability, answerable against not.
        auc_raw: The same by the first passage's similarity alone.
        aurc, aurc_raw: Area under the risk–coverage curve, likewise.
    """

    answerable: int
    answered: float
    at_once: float
    right: float
    confirmed: float
    clarified: float
    spoken: int
    wrong: int
    bound: float
    near_misses: int
    answered_near_misses: int
    auc: float
    auc_raw: float
    aurc: float
    aurc_raw: float

    def lines(self) -> list[str]:
        """As text."""
        rate = self.wrong / self.spoken if self.spoken else 0.0
        return [
            f"answered rightly {self.right:.3f} of {self.answerable} answerable, "
            f"{self.at_once:.3f} at once, which appliance asked {self.clarified:.3f}; with what "
            f"is rightly confirmed {self.right + self.confirmed:.3f}",
            f"wrong among answered {rate:.3f} ({self.wrong} of {self.spoken}, 95 % bound "
            f"{self.bound:.3f})",
            f"near misses answered {self.answered_near_misses} of {self.near_misses}",
            f"AUC answerable against near miss {self.auc:.3f} (similarity alone "
            f"{self.auc_raw:.3f})",
            f"AURC {self.aurc:.4f} (similarity alone {self.aurc_raw:.4f}, ratio "
            f"{self.aurc / max(self.aurc_raw, 1e-9):.2f})",
        ]


def figures(cases: Sequence[Case], gate: Calibration) -> Figures:
    """The figures of some cases."""
    asked = {id(settled(case, gate)): asks_which(case, gate) for case in cases}
    cases = settled_all(cases, gate)
    able = [case for case in cases if case.question.answerable]
    unable = [case for case in cases if not case.question.answerable]
    what = {id(case): decided(case, gate) for case in cases}
    answered = [case for case in cases if what[id(case)] == "answer"]
    wrong = sum(not case.right for case in answered)
    told = np.array([float(case.question.answerable) for case in cases])
    right = np.array([float(case.right) for case in cases])
    return Figures(
        answerable=len(able),
        answered=_share(able, lambda c: what[id(c)] == "answer"),
        at_once=_share(able, lambda c: _rightly(c, what[id(c)]) and not asked[id(c)]),
        right=_share(able, lambda c: _rightly(c, what[id(c)])),
        confirmed=_share(able, lambda c: what[id(c)] == "confirm" and c.right_at_last),
        clarified=_share(able, lambda c: asked[id(c)] and not c.question.ambiguous),
        spoken=len(answered),
        wrong=wrong,
        bound=upper_bound(wrong, len(answered)),
        near_misses=len(unable),
        answered_near_misses=sum(what[id(case)] == "answer" for case in unable),
        auc=auc(confidences(cases), told),
        auc_raw=auc(similarities(cases), told),
        aurc=aurc(confidences(cases), right),
        aurc_raw=aurc(similarities(cases), right),
    )


def _rightly(case: Case, decision: str) -> bool:
    """Answered rightly; where the question fits two appliances, asking which; safety for danger."""
    if case.question.danger:
        return decision == "safety"
    if case.question.ambiguous and decision == "clarify":
        return True
    return decision == "answer" and case.right


def _share(cases: Sequence[Case], holds: Callable[[Case], bool]) -> float:
    return sum(holds(case) for case in cases) / max(1, len(cases))


def settled_all(cases: Sequence[Case], gate: Calibration) -> list[Case]:
    """Each question once the appliance is said, where the agent asks for it."""
    return [settled(case, gate) for case in cases]


def confidences(cases: Sequence[Case]) -> Floats:
    """The probability with which each question would be answered; 0 where a rule refuses."""
    return np.array([c.answer.confidence if c.answer.decision != "handoff" else 0.0 for c in cases])


def similarities(cases: Sequence[Case]) -> Floats:
    """The raw score: similarity of the most similar passage."""
    return np.array([max((h.dense for h in c.sought.hits), default=0.0) for c in cases])


def by_kind(cases: Sequence[Case], gate: Calibration) -> list[str]:
    """Decisions for each kind of question, as text."""
    kinds: dict[str, Counter[str]] = {}
    for case in settled_all(cases, gate):
        kind = case.question.kind if case.question.answerable else case.question.group or "none"
        decision = decided(case, gate)
        if decision in ("answer", "confirm"):
            decision += " right" if _right_by(case, decision) else " wrong"
        kinds.setdefault(kind, Counter())[decision] += 1
    names = sorted({name for counts in kinds.values() for name in counts})
    out = [" " * 24 + "".join(f"{name:>15}" for name in names)]
    for kind, counts in sorted(kinds.items()):
        out.append(f"{kind:24}" + "".join(f"{counts[name]:>15}" for name in names))
    return out


def _right_by(case: Case, decision: str) -> bool:
    return case.right_at_last if decision == "confirm" else case.right


def reliability(cases: Sequence[Case], bins: int = 8) -> list[tuple[float, float, int]]:
    """Mean probability, share right and number of questions of each bin of equal size."""
    gated = sorted((c for c in cases if c.gated), key=lambda c: c.answer.confidence)
    parts = [part for part in np.array_split(np.arange(len(gated)), bins) if len(part)]
    return [
        (
            float(np.mean([gated[i].answer.confidence for i in part])),
            float(np.mean([gated[i].right for i in part])),
            len(part),
        )
        for part in parts
    ]


def overlap(
    cases: Sequence[Case], stems: Callable[[str], list[str]]
) -> tuple[float, tuple[float, float]]:
    """Median share of a question's content words that its supporting passage holds, and interval.

    Args:
        cases: The cases.
        stems: A text's content words.
    """
    shares = []
    for case in cases:
        asked = set(stems(case.question.text))
        texts = [
            hit.passage.text
            for hit in case.sought.hits
            if (hit.passage.manual, hit.passage.page) in case.question.places
        ]
        if asked and texts:
            shares.append(max(len(asked & set(stems(text))) / len(asked) for text in texts))
    return float(np.median(shares)), bootstrap(np.array(shares))
