"""Decisions of the evaluation: thresholds, which appliance, first and second guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.cases import Case, asks_which, decided, settled
from evals.decisions import figures
from evals.questions import Question
from knowledge.answer import Answer, Evidence
from knowledge.deciding import Sought
from knowledge.evidence import Calibration
from knowledge.meant import Meant
from knowledge.retrieve import RANK_SIGNS
from tests.test_evidence import asked, hit

GATE = Calibration(
    rank=(1.0,) * len(RANK_SIGNS), read_weight=0.0, weights=(1.0,), means=(0.0,), scales=(1.0,),
    bias=0.0, answer_from=0.8, confirm_from=0.4,
    meant=Meant((1.0,) * 4, (0.0,) * 4, (1.0,) * 4, 0.0, 0.9),
)  # fmt: skip
QUESTION = Question("où est le filtre", True, frozenset({("a.pdf", 3)}), "text", False, False)
NEAR_MISS = replace(QUESTION, answerable=False, places=frozenset())
SURE, UNSURE = (5.0, 5.0, 5.0, 5.0), (0.0, 0.0, 0.0, 0.0)


def answer(page: int, confidence: float) -> Answer:
    """An answer with the gate open, from a page."""
    return Answer("answer", "Là.", ("Là.",), confidence,
                  evidence=(Evidence("a.pdf", page, "p", "Là."),))  # fmt: skip


def case(
    page: int = 3, confidence: float = 0.9, *, question: Question = QUESTION,
    meant: tuple[float, ...] = (), told: Case | None = None, other: Answer | None = None,
) -> Case:  # fmt: skip
    """A question whose first hit stands on a page; page 3 is right."""
    sought = Sought(asked(), None, None, (hit(),))
    return Case(question, False, sought, answer(page, confidence), (1.0,), meant, other, told)


@pytest.mark.parametrize(
    ("confidence", "meant", "decision"),
    [
        (0.9, (), "answer"),
        (0.9, SURE, "answer"),
        (0.9, UNSURE, "clarify"),
        (0.5, (), "confirm"),
        (0.5, UNSURE, "clarify"),
        (0.2, (), "handoff"),
        (0.2, UNSURE, "clarify"),  # knowing the appliance may help, and an operator needs it
        (0.05, UNSURE, "handoff"),
    ],
)
def test_decided(confidence: float, meant: tuple[float, ...], decision: str) -> None:
    """The appliance is asked for first where it is not sure, unless nothing fits anyway."""
    one = case(confidence=confidence, meant=meant)
    assert decided(one, GATE) == decision
    assert asks_which(one, GATE) == (decision == "clarify")


def test_rules_are_not_gated() -> None:
    """What a rule decided stands whatever the thresholds are."""
    refused = replace(case(), answer=Answer("handoff", reason="commerciale"), signs=())
    assert decided(refused, GATE) == "handoff"
    coded = replace(case(), answer=Answer("clarify", confidence=0.9), signs=())
    assert decided(coded, GATE) == "clarify"


def test_settled_once_the_appliance_is_said() -> None:
    """Only where it is asked for; a question about none of the appliances stays as it is."""
    told = case(confidence=0.95)
    unsure = case(page=7, meant=UNSURE, told=told)
    assert settled(unsure, GATE) is told
    sure = case(page=7, meant=SURE, told=told)
    assert settled(sure, GATE) is sure
    of_none = case(meant=UNSURE)
    assert settled(of_none, GATE) is of_none


def test_figures_count_both_turns() -> None:
    """At once, once the appliance is said, confirmed at the first or second guess, and wrong."""
    told = case(confidence=0.95)
    cases = [
        case(),  # right at once
        case(page=7, meant=UNSURE, told=told),  # right once told
        case(page=7, confidence=0.5, other=answer(3, 0.0)),  # the second guess is right
        case(page=7, confidence=0.5),  # no guess is
        case(page=7),  # wrong
        case(question=NEAR_MISS, confidence=0.3),  # handed over
        case(question=NEAR_MISS, confidence=0.85),  # answered: wrong
    ]
    found = figures(cases, GATE)
    assert (found.answerable, found.near_misses) == (5, 2)
    assert (found.at_once, found.right) == pytest.approx((1 / 5, 2 / 5))
    assert (found.confirmed, found.clarified) == pytest.approx((1 / 5, 1 / 5))
    assert (found.spoken, found.wrong, found.answered_near_misses) == (4, 2, 1)


def test_wrong_once_the_appliance_is_said() -> None:
    """A wrong answer of the second turn is a wrong answer."""
    found = figures([case(meant=UNSURE, told=case(page=9, confidence=0.95))], GATE)
    assert (found.spoken, found.wrong, found.right) == (1, 1, 0.0)


def test_a_question_about_two_appliances_is_rightly_asked_back() -> None:
    """No appliance is told there: asking is the answer."""
    both = replace(QUESTION, ambiguous=True)
    found = figures([case(question=both, meant=UNSURE)], GATE)
    assert (found.right, found.clarified) == (1.0, 0.0)
