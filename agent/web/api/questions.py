"""Questions: asked of the manuals, as a caller would."""

from __future__ import annotations

import threading
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from agent.answers import spoken_text
from agent.house import House
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.paging import Closed
from agent.web.api.problems import ApiError
from agent.web.api.route import operation, too_many
from knowledge.answer import Answer, Danger, Inquiry
from knowledge.errors import IndexMissingError

Asking = Annotated[Caller, Depends(requested_by)]

ASKED_AT_ONCE = 1
"""Questions that programs may have answered at one time: callers' questions come first."""

WAIT_S = 5.0
"""Longest that one waits for its turn."""

LONGEST_QUESTION, LONGEST_APPLIANCE = 500, 100
"""Characters."""


class Question(Closed):
    """A question, as a caller would ask it."""

    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, examples=["Mon lave-linge affiche E20."]
    )
    appliance: str = Field(
        "", max_length=LONGEST_APPLIANCE, examples=["lave-linge"],
        description="Ce que l'appelant dirait si l'on demandait de quel appareil il s'agit.",
    )  # fmt: skip


class Evidence(Closed):
    """A passage that was looked at."""

    manual: str
    page: int
    passage_id: str
    text: str


class AnswerView(Closed):
    """What a caller would be answered, and on which evidence."""

    decision: Literal["answer", "confirm", "clarify", "handoff", "safety"] = Field(
        description="answer : dit ; confirm : dit après un oui ; clarify : demande quel appareil ; "
        "handoff : passe la main ; safety : un danger, dit d'abord."
    )
    text: str = Field(description="Ce que l'appelant entendrait d'abord.")
    confidence: float = Field(ge=0, le=1)
    product: str | None
    topic: str = Field(description="Ce qui a été compris, à confirmer.")
    choices: list[str] = Field(description="Les appareils entre lesquels choisir.")
    danger: Danger | None
    reason: str
    evidence: list[Evidence] = Field(description="La meilleure d'abord.")


def questions_router(house: House, router: APIRouter) -> None:
    """Add the operations of questions."""
    turns = threading.BoundedSemaphore(ASKED_AT_ONCE)

    @router.post(
        "/questions/ask", summary="Poser une question",
        description="Aux manuels en service, comme un appelant ; rien n'en est gardé.",
        tags=["questions"],
        openapi_extra=operation("questions"), responses=answers(409, 413, 415, 422),
    )  # fmt: skip
    def ask(caller: Asking, asked: Question) -> AnswerView:
        if not asked.question.strip():
            raise ApiError(422, sentences.EMPTY_QUESTION)
        if not turns.acquire(timeout=WAIT_S):
            raise too_many(sentences.ASKING, WAIT_S)
        try:
            inquiry = Inquiry(asked.question, which=asked.appliance)
            return _view(house.library.answer(caller.client, inquiry))
        except IndexMissingError as error:
            raise ApiError(409, sentences.NO_MANUALS) from error
        finally:
            turns.release()


def _view(answer: Answer) -> AnswerView:
    return AnswerView(
        decision=answer.decision,
        text=spoken_text(answer),
        confidence=round(answer.confidence, 3),
        product=answer.product,
        topic=answer.topic,
        choices=list(answer.choices),
        danger=answer.danger,
        reason=answer.reason,
        evidence=[
            Evidence(manual=one.manual, page=one.page, passage_id=one.passage_id, text=one.text)
            for one in answer.evidence
        ],
    )
