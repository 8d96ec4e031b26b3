"""What the agent would do with a question, in the words of who runs the line. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from agent.answers import spoken_text
from agent.web.portal.parts import Kind
from agent.web.portal.words import t
from knowledge.answer import APPROVED, Answer, Evidence
from knowledge.grouping import codes_in
from voices.prompts import prompt

SURE, RATHER = 0.9, 0.6
"""Confidence from which an answer is called sure, or rather sure."""


@dataclass(frozen=True)
class Told:
    """A decision as it is shown.

    Attributes:
        kind: Of the notice.
        sentence: What the agent would do.
        heard: What a caller hears, in order; before each, "" or when it is said.
        sure: The confidence as a word, "" where it says nothing.
        why: Signs, a sentence each.
        best: What it rests on; None for nothing.
        others: What else was looked at.
    """

    kind: Kind
    sentence: str
    heard: tuple[tuple[str, str], ...]
    sure: str
    why: tuple[str, ...]
    best: Evidence | None
    others: tuple[Evidence, ...]


def told(answer: Answer) -> Told:
    """What is shown of an answer."""
    speaks = answer.decision in ("answer", "confirm")
    evidence = answer.evidence
    kind: Kind = "good" if answer.decision == "answer" else "warn"
    return Told(
        kind, decision_words(answer.decision), _heard(answer),
        _sure(answer.confidence) if answer.decision != "safety" else "", _why(answer),
        evidence[0] if evidence and speaks else None, evidence[1:] if speaks else evidence,
    )  # fmt: skip


def decision_words(decision: str) -> str:
    """What the agent would do."""
    return {
        "answer": t("L'assistant répondrait."),
        "confirm": t("L'assistant demanderait d'abord confirmation."),
        "clarify": t("L'assistant demanderait de quel appareil il s'agit."),
        "handoff": t("L'assistant ne répondrait pas : il passerait la main."),
        "safety": t("L'assistant donnerait une consigne de sécurité, puis passerait la main."),
    }.get(decision, decision)  # fmt: skip


def place_words(manual: str, page: int) -> str:
    """A page of a manual, or an approved answer."""
    if manual == APPROVED:
        return t("Réponse approuvée n° {number}", number=page)
    return t("{manual}, page {page}", manual=manual, page=page)


def _heard(answer: Answer) -> tuple[tuple[str, str], ...]:
    if answer.decision == "answer":
        return tuple(("", part) for part in answer.parts or (answer.text,))
    first: tuple[tuple[str, str], ...] = (("", spoken_text(answer)),)
    if answer.decision == "confirm":
        first += tuple((t("après « oui »"), part) for part in answer.parts)
        if answer.other is not None:
            other = prompt("confirm_other", topic=answer.other.topic)
            first += ((t("après « non »"), other),)
    return first


def _sure(confidence: float) -> str:
    if confidence >= SURE:
        return t("sûr")
    if confidence >= RATHER:
        return t("plutôt sûr")
    return t("pas assez sûr")


def _why(answer: Answer) -> tuple[str, ...]:
    signs = []
    if answer.product:
        signs.append(t("Appareil reconnu : {name}.", name=answer.product))
    codes = sorted(codes_in(answer.asked))
    if codes:
        signs.append(t("Code ou référence reconnus : {names}.", names=", ".join(codes)))
    if not answer.product and answer.decision != "safety":
        signs.append(t("Aucun appareil reconnu dans la question."))
    if answer.reason:
        signs.append(t("Raison : {reason}.", reason=answer.reason.rstrip(".")))
    if answer.asked:
        signs.append(t("Question comprise : « {asked} ».", asked=answer.asked))
    return tuple(signs)
