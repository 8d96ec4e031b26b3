"""Every question asked once, with the gate open: what was found, and what would be said of it.

The thresholds are applied afterwards, so that a curve over all of them costs one pass.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evals.questions import Question, supports
from knowledge.answer import Answer, Inquiry
from knowledge.embeddings import Embedder, Embedding
from knowledge.evidence import Calibration
from knowledge.library import Library
from knowledge.shelf import Shelf, Sought


@dataclass(frozen=True)
class Case:
    """One question, searched and answered with the gate open.

    Attributes:
        noisy: As the recogniser heard it, not as it was said.
        sought: What was found; None where a rule decided before the search.
        answer: "answer" with its probability as confidence; or what a rule decided.
        signs: Of the gate; () where it was not asked.
    """

    question: Question
    noisy: bool
    sought: Sought
    answer: Answer
    signs: tuple[float, ...]

    @property
    def gated(self) -> bool:
        """Whether the gate decides: no rule did, and there is something to say."""
        return self.answer.decision == "answer" and bool(self.signs)

    @property
    def right(self) -> bool:
        """Whether what would be said answers the question."""
        return supports(self.question, self.answer)


def decided(case: Case, gate: Calibration) -> str:
    """The decision at thresholds: answer | confirm | clarify | handoff | safety."""
    if case.answer.decision == "clarify":
        return "clarify" if case.answer.confidence >= gate.confirm_from else "handoff"
    if case.answer.decision != "answer" or not case.signs:
        return case.answer.decision
    if case.answer.confidence >= gate.answer_from:
        return "answer"
    return "confirm" if case.answer.confidence >= gate.confirm_from else "handoff"


class Remembering:
    """An embedding model that embeds a text once: a question is searched and answered."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._known: dict[str, Embedding] = {}
        self.name, self.dimensions = inner.name, inner.dimensions

    def query(self, text: str) -> Embedding:
        """See `Embedder`."""
        if text not in self._known:
            self._known[text] = self._inner.query(text)
        return self._known[text]

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """See `Embedder`."""
        return self._inner.passages(texts, titles)


def collect(
    library: Library, questions: Sequence[Question], *, noisy: bool, remembering: Remembering,
    calibrated: Calibration, known: bool = False,
) -> list[Case]:  # fmt: skip
    """Ask every question; of the noisy ones, those that the recogniser has heard.

    Args:
        library: The evaluation brands.
        questions: What is asked.
        noisy: As the recogniser heard it.
        remembering: The embedding model.
        calibrated: The order and the gate; its thresholds are not used.
        known: The appliance is known from earlier in the call, as after « quel appareil ? ».
    """
    wide_open = replace(calibrated, answer_from=0.0, confirm_from=0.0)
    shelves: dict[str, Shelf] = {}
    cases = []
    for number, question in enumerate(questions):
        if noisy and not question.heard:
            continue
        shelf = shelves.get(question.client)
        if shelf is None:
            collection = library.shelf(question.client).retriever.collection
            shelf = shelves[question.client] = Shelf(collection, remembering, wide_open)
        text = question.heard[0][0] if noisy else question.text
        product = _product(question, shelf) if known else None
        inquiry = Inquiry(text, product, readings=question.heard if noisy else ())
        understood, about, model = shelf.understood(inquiry)
        sought = shelf.search(understood, about, model, shelf.embed(understood))
        answer = shelf.answer(inquiry)
        by_gate = answer.decision == "answer" and "decide" in dict(answer.timings_ms)
        signs = tuple(shelf.signs(sought)) if by_gate and sought.hits else ()
        cases.append(Case(question, noisy, sought, answer, signs))
        if number % 50 == 49:
            print(f"  {number + 1} of {len(questions)}", file=sys.stderr, flush=True)
    return cases


def _product(question: Question, shelf: Shelf) -> str | None:
    """The name of the appliance that a question is about, as a call would remember it."""
    for product in shelf.products:
        if any(question.product.startswith(reference) for reference in product.references):
            return product.name
    return None
