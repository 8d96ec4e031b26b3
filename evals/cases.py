"""Every question asked with the gate open: what was found, and what would be said of it.

The thresholds are applied afterwards, so that a curve over all of them costs one pass. A question
that names no appliance is asked a second time as it is once the caller has said which: where the
agent asks, it answers that one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evals.questions import Question, supports
from knowledge.answer import Answer, Inquiry
from knowledge.deciding import Sought
from knowledge.embeddings import Embedder, Embedding
from knowledge.evidence import Calibration
from knowledge.library import Library
from knowledge.shelf import Shelf


@dataclass(frozen=True)
class Case:
    """One question, searched and answered with the gate open.

    Attributes:
        noisy: As the recogniser heard it, not as it was said.
        sought: What was found; None where a rule decided before the search.
        answer: "answer" with its probability as confidence; or what a rule decided.
        signs: Of the gate; () where it was not asked.
        meant: Signs of whether the appliance is the one meant; () where it is known.
        other: What would be asked next if the caller denies that the answer is meant.
        told: The same once the caller has said which appliance; None if that is known already, or
            the question is about none of the client's, or about several.
    """

    question: Question
    noisy: bool
    sought: Sought
    answer: Answer
    signs: tuple[float, ...]
    meant: tuple[float, ...] = ()
    other: Answer | None = None
    told: Case | None = None

    @property
    def gated(self) -> bool:
        """Whether the gate decides: no rule did, and there is something to say."""
        return self.answer.decision == "answer" and bool(self.signs)

    @property
    def right(self) -> bool:
        """Whether what would be said answers the question."""
        return supports(self.question, self.answer)

    @property
    def right_at_last(self) -> bool:
        """Whether that, or what would be asked next after a « non », answers the question."""
        return self.right or (self.other is not None and supports(self.question, self.other))


def asks_which(case: Case, gate: Calibration) -> bool:
    """Whether the agent asks which appliance it is."""
    if not case.gated:
        return case.answer.decision == "clarify"  # a code of two appliances
    return gate.asks_which(case.meant, case.answer.confidence)


def settled(case: Case, gate: Calibration) -> Case:
    """The question once the caller has been asked which appliance, where that is done."""
    return case.told if case.told is not None and asks_which(case, gate) else case


def decided(case: Case, gate: Calibration) -> str:
    """The first decision at thresholds: answer | confirm | clarify | handoff | safety."""
    if asks_which(case, gate):
        return "clarify"
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
    never_asks = replace(calibrated.meant, sure_from=0.0)
    wide_open = replace(calibrated, answer_from=0.0, confirm_from=0.0, meant=never_asks)
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
        inquiry = Inquiry(text, readings=question.heard if noisy else ())
        product = _product(question, shelf)
        told = replace(inquiry, product=product)
        case = _asked(shelf, question, told if known else inquiry, noisy)
        open_to_one = product is not None and not question.ambiguous
        if not known and open_to_one and case.sought.product is None:
            case = replace(case, told=_asked(shelf, question, told, noisy))
        cases.append(case)
        if number % 50 == 49:
            print(f"  {number + 1} of {len(questions)}", file=sys.stderr, flush=True)
    return cases


def _asked(shelf: Shelf, question: Question, inquiry: Inquiry, noisy: bool) -> Case:
    """One question, once."""
    understood, about, model = shelf.understood(inquiry)
    sought = shelf.search(understood, about, model, shelf.embed(understood))
    answer = shelf.answer(inquiry)
    by_gate = answer.decision == "answer" and "decide" in dict(answer.timings_ms)
    if not by_gate or not sought.hits:
        return Case(question, noisy, sought, answer, ())
    decider = shelf.decider
    signs, meant = tuple(decider.signs(sought)), decider.meant_signs(sought)
    return Case(question, noisy, sought, answer, signs, meant, decider.instead(sought))


def _product(question: Question, shelf: Shelf) -> str | None:
    """The name of the appliance that a question is about, as a call would remember it."""
    for product in shelf.products:
        if any(question.product.startswith(reference) for reference in product.references):
            return product.name
    return None
