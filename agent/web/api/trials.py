"""The client's own test questions: kept, and asked of the manuals."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from agent.house import House
from agent.store.database import NotKeptError
from agent.store.test_questions import (
    LONGEST_APPLIANCE,
    LONGEST_QUESTION,
    MOST_QUESTIONS,
    Check,
    Checked,
    KeptQuestion,
    NewQuestion,
    Place,
    QuestionRefusedError,
)
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.idempotency import IdempotencyKey, once
from agent.web.api.paging import Closed
from agent.web.api.problems import ApiError
from agent.web.api.route import operation, too_many
from knowledge.errors import IndexMissingError

Asking = Annotated[Caller, Depends(requested_by)]
QuestionId = Annotated[
    str,
    Path(
        description="De la question d'essai.", pattern="^[0-9a-f]{12}$", examples=["0b1e4c8f3a52"]
    ),
]
BUSY_S = 30.0
"""After so long a check of 500 questions is mostly over."""


class Page(Closed):
    """A page of a manual."""

    manual: str = Field(min_length=1, max_length=200, examples=["lave-linge-lv450.pdf"])
    page: int = Field(ge=1, le=100_000, examples=[14])


class NewTrial(Closed):
    """A test question to be kept."""

    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, examples=["Mon lave-linge affiche E20."]
    )
    appliance: str = Field(
        "", max_length=LONGEST_APPLIANCE, examples=["lave-linge"],
        description="Ce que l'appelant dirait si l'on demandait de quel appareil il s'agit.",
    )  # fmt: skip
    expected: Page | None = Field(
        description="Où est la réponse ; null : ne pas répondre.",
        examples=[{"manual": "lave-linge-lv450.pdf", "page": 14}],
    )


class Result(Closed):
    """What became of a test question."""

    question_id: str
    passed: bool
    decision: str
    found: Page | None
    confidence: float
    reason: str


class Trial(Closed):
    """A test question."""

    id: str = Field(examples=["0b1e4c8f3a52"])
    question: str
    appliance: str
    expected: Page | None = Field(description="Où est la réponse ; null : ne pas répondre.")
    added_at: datetime
    changed_at: datetime
    last: Result | None = Field(description="Le dernier essai sur les manuels en service.")
    last_at: datetime | None


class TrialList(Closed):
    """All test questions, the oldest first."""

    items: list[Trial]


class CheckView(Closed):
    """All test questions, asked once."""

    id: str
    at: datetime
    draft: bool
    asked: int
    failed: int
    results: list[Result]


class WantedCheck(Closed):
    """Of which manuals."""

    draft: bool = Field(False, description="Du brouillon ; sinon de ce qui est en service.")


def trials_router(house: House, router: APIRouter) -> None:
    """Add the operations of test questions."""
    checking = threading.Lock()  # one at a time: callers' questions come first

    @router.get(
        "/test-questions", summary="Lister les questions d'essai",
        description="Avec leur dernier résultat.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(),
    )  # fmt: skip
    def list_trials(caller: Asking) -> TrialList:
        last = house.test_questions.last(caller.client, draft=False)
        return TrialList(
            items=[_trial(one, last) for one in house.test_questions.list(caller.client)]
        )

    @router.post(
        "/test-questions", status_code=201, summary="Garder une question d'essai",
        description="Celle des mêmes mots pour le même appareil est remplacée.",
        tags=["questions"], openapi_extra=operation("questions"),
        responses=answers(409, 413, 415, 422),
    )  # fmt: skip
    def add_trial(caller: Asking, new: NewTrial, idempotency_key: IdempotencyKey = None) -> Trial:
        def make() -> str:
            if not new.question.strip():
                raise ApiError(422, sentences.EMPTY_QUESTION)
            expected = None if new.expected is None else Place(**new.expected.model_dump())
            wanted = NewQuestion(new.question, expected, new.appliance)
            try:
                [kept] = house.test_questions.add(caller.client, [wanted], caller.actor)
            except QuestionRefusedError as error:
                raise ApiError(409, sentences.QUESTION_REFUSED, most=MOST_QUESTIONS) from error
            caller.note(house, "test_question.added", kept.question_id)
            return kept.question_id

        made = once(
            house, caller, idempotency_key, {"test-question": None, **new.model_dump()}, make
        )
        found = [one for one in house.test_questions.list(caller.client) if one.question_id == made]
        if not found:
            raise ApiError(404, sentences.NO_QUESTION)
        return _trial(found[0], house.test_questions.last(caller.client, draft=False))

    @router.delete(
        "/test-questions/{question_id}", status_code=204, summary="Supprimer une question d'essai",
        description="Elle n'est plus posée.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(404),
    )  # fmt: skip
    def remove_trial(caller: Asking, question_id: QuestionId) -> Response:
        try:
            house.test_questions.remove(caller.client, question_id)
        except NotKeptError as error:
            raise ApiError(404, sentences.NO_QUESTION) from error
        caller.note(house, "test_question.removed", question_id)
        return Response(status_code=204)

    @router.post(
        "/test-questions/check", summary="Poser toutes les questions d'essai",
        description="Quelques secondes pour cent questions ; une vérification à la fois.",
        tags=["questions"], openapi_extra=operation("questions"),
        responses=answers(409, 413, 415, 422),
    )  # fmt: skip
    def check_trials(caller: Asking, wanted: WantedCheck) -> CheckView:
        if not checking.acquire(timeout=0):
            raise too_many(sentences.ASKING, BUSY_S)
        try:
            made = house.test_questions.check(caller.client, wanted.draft, by=caller.actor)
        except IndexMissingError as error:
            raise ApiError(409, sentences.NO_MANUALS) from error
        finally:
            checking.release()
        return _check(made)


def _trial(kept: KeptQuestion, last: dict[str, tuple[datetime, Checked]]) -> Trial:
    at, result = last.get(kept.question_id, (None, None))
    return Trial(
        id=kept.question_id,
        question=kept.question,
        appliance=kept.appliance,
        expected=_page(kept.expected),
        added_at=kept.added_at,
        changed_at=kept.changed_at,
        last=None if result is None else _result(result),
        last_at=at,
    )


def _check(made: Check) -> CheckView:
    return CheckView(
        id=made.check_id,
        at=made.at,
        draft=made.draft,
        asked=len(made.results),
        failed=made.failed,
        results=[_result(one) for one in made.results],
    )


def _result(one: Checked) -> Result:
    return Result(
        question_id=one.question_id,
        passed=one.passed,
        decision=one.decision,
        found=_page(one.found),
        confidence=one.confidence,
        reason=one.reason,
    )


def _page(place: Place | None) -> Page | None:
    return None if place is None else Page(manual=place.manual, page=place.page)
