"""What the manuals answer to a question, and on which evidence: values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Decision = Literal["answer", "confirm", "clarify", "handoff", "safety"]
"""answer: say it. confirm: say what was understood, answer after a yes. clarify: ask which
appliance. handoff: the manuals do not support an answer. safety: a danger, spoken of first."""

Danger = Literal["gas", "fire", "shock", "carbon_monoxide", "shut_in", "injury"]


APPROVED = "réponses approuvées"
"""Stands for the manual of what a person has written; its "page" is the answer's number."""

UNKNOWN_CODE, OTHER_BRAND = "code inconnu", "autre marque"
"""How the reason of an answer begins that hands over for it."""


@dataclass(frozen=True)
class Sensed:
    """A danger in a caller's words, and whether it is sure; else the caller is to be asked."""

    danger: Danger
    sure: bool = True


@dataclass(frozen=True)
class Inquiry:
    """One question, with what the conversation knows.

    Attributes:
        question: As the caller said it.
        product: Appliance already known in this call, as `Answer.product` named it.
        readings: The recogniser's readings with their weights, likeliest first; () if written.
        earlier: The question before it in this call, for « et si ça ne suffit pas ? ».
        given: Passages whose advice was given for it already.
        which: What the caller said when asked which appliance it is about.
    """

    question: str
    product: str | None = None
    readings: tuple[tuple[str, float], ...] = ()
    earlier: str = ""
    given: tuple[str, ...] = ()
    which: str = ""


@dataclass(frozen=True)
class Evidence:
    """A passage that supports an answer.

    Attributes:
        manual: File name of the manual, `APPROVED` for what a person has written.
        page: Page of the PDF, from 1; of an approved answer, its number.
        passage_id: Identifier of the passage, stable for the same file.
        text: The passage's own words.
    """

    manual: str
    page: int
    passage_id: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, as people say it: « notice.pdf, page 14 »."""
        return place_of(self.manual, self.page)


def place_of(manual: str, page: int) -> str:
    """A page of a manual, or an approved answer, as people say it."""
    return f"Réponse approuvée n° {page}" if manual == APPROVED else f"{manual}, page {page}"


@dataclass(frozen=True)
class Answer:
    """A decision about one question.

    Attributes:
        decision: What to do with it.
        text: What is said, whole, as written French; for `confirm`, after a yes.
        parts: The same, cut into what is said at one time: a step, or a few sentences.
        confidence: Calibrated probability that the evidence supports the answer, 0 to 1.
        product: Appliance and reference that it is about, None if unknown.
        kind: Kind of passage that it stands on, "" if none (knowledge/passages.py).
        topic: What was understood, in the passage's own terms (for `confirm`).
        other: What may be meant instead, to be confirmed if the caller denies this (for `confirm`).
        choices: The appliances to choose from (for `clarify`); () if they are too many to say.
        danger: Which danger (for `safety`).
        reason: Why, for the brief and the log.
        refused: It is a person's matter, whatever the manuals say (for `handoff`).
        asked: The question as it would be asked alone: what the next one may lean on.
        evidence: Passages looked at, best first.
        timings_ms: Milliseconds per step: understand, embed, search, decide, total.
    """

    decision: Decision
    text: str = ""
    parts: tuple[str, ...] = ()
    confidence: float = 0.0
    product: str | None = None
    kind: str = ""
    topic: str = ""
    other: Answer | None = None
    choices: tuple[str, ...] = ()
    danger: Danger | None = None
    reason: str = ""
    refused: bool = False
    asked: str = ""
    evidence: tuple[Evidence, ...] = ()
    timings_ms: tuple[tuple[str, float], ...] = ()
