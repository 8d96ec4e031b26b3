"""Questions of real calls without an answer, by meaning; answers approved for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import Field

from agent.house import House
from agent.store.database import NotKeptError
from agent.store.faq import (
    LONGEST_ANSWER,
    LONGEST_APPLIANCE,
    LONGEST_QUESTION,
    Faq,
    FaqRefusedError,
    NewFaq,
)
from agent.store.gap_groups import Group, Settled
from agent.store.gaps import GapKind
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.hiding import shown
from agent.web.api.idempotency import IdempotencyKey, once
from agent.web.api.paging import Closed
from agent.web.api.problems import ApiError
from agent.web.api.route import operation

Asking = Annotated[Caller, Depends(requested_by)]
GroupId = Annotated[
    str,
    Path(
        description="Du groupe, tel que la liste le donne.", pattern="^[A-Za-z0-9._:-]{1,120}$",
        examples=["f6b3a2a5e88c:3"],
    ),
]  # fmt: skip
AnswerId = Annotated[
    str,
    Path(
        description="De la réponse approuvée.", pattern="^[0-9a-f]{12}$", examples=["0b1e4c8f3a52"]
    ),
]
MOST_SHOWN = 20
"""Questions of a group that are shown."""


class GapQuestion(Closed):
    """A question of a group."""

    call_id: str
    at: datetime
    kind: GapKind = Field(
        description="wrong : jugée fausse ; unanswered : sans réponse ; misunderstood : mal "
        "comprise."
    )
    asked: str = Field(description="Masquée sans `personal:read`.")
    said: str
    pages: list[str] = Field(description="Ce qui en était le plus près.")


class GapGroup(Closed):
    """Questions of one meaning."""

    id: str
    title: str = Field(description="La question la plus typique.")
    count: int
    first: datetime
    last: datetime
    questions: list[GapQuestion] = Field(description="Vingt au plus.")


class GapList(Closed):
    """What is to be done, the largest group first."""

    grouping: bool = Field(description="Les groupes sont en train d'être refaits.")
    items: list[GapGroup]


class Refreshing(Closed):
    """The groups are made anew."""

    begun: bool = Field(description="false : c'était déjà en cours.")


class NewAnswer(Closed):
    """An answer to a group."""

    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, examples=["Peut-on laver les rideaux ?"]
    )
    answer: str = Field(
        min_length=1,
        max_length=LONGEST_ANSWER,
        examples=["Oui, à 30 degrés, avec un essorage doux."],
    )
    appliance: str = Field(
        "", max_length=LONGEST_APPLIANCE, examples=["lave-linge"],
        description="Le type d'appareil dont il s'agit ; vide : tous.",
    )  # fmt: skip


class ApprovedView(Closed):
    """An answer that callers hear."""

    id: str
    number: int
    question: str
    answer: str
    variants: list[str] = Field(description="Les mots d'appelants.")
    appliance: str
    models: list[str]
    written_at: datetime
    changed_at: datetime


class ApprovedList(Closed):
    """Approved answers, the oldest first."""

    items: list[ApprovedView]


def gaps_router(house: House, router: APIRouter) -> None:
    """Add the operations of what was not answered."""

    @router.get(
        "/gaps", summary="Lister les questions restées sans réponse",
        description="Par sens, les plus fréquentes d'abord.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(),
    )  # fmt: skip
    def list_gaps(caller: Asking) -> GapList:
        groups = [one for one in house.gaps.groups(caller.client) if one.is_to_do]
        return GapList(
            grouping=house.gap_grouping.is_running(caller.client),
            items=[_group(caller, one) for one in groups],
        )

    @router.post(
        "/gaps/refresh", status_code=202, summary="Refaire les groupes",
        description="En arrière-plan, avec les questions venues depuis.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(),
    )  # fmt: skip
    def refresh_gaps(caller: Asking) -> Refreshing:
        return Refreshing(begun=house.gap_grouping.soon(caller.client))

    @router.post(
        "/gaps/{group_id}/answer", status_code=201, summary="Répondre à un groupe",
        description="Les appelants entendent la réponse aussitôt, en d'autres mots aussi.",
        tags=["questions"], openapi_extra=operation("questions"),
        responses=answers(404, 409, 413, 415, 422),
    )  # fmt: skip
    def answer_gap(
        caller: Asking, group_id: GroupId, new: NewAnswer, idempotency_key: IdempotencyKey = None
    ) -> ApprovedView:
        def make() -> str:
            group = _found(house, caller, group_id)
            variants = tuple(one.gap.asked for one in group.open)
            wanted = NewFaq(new.question, new.answer, variants, new.appliance)
            try:
                made = house.approving.add(caller.client, wanted, caller.actor)
            except FaqRefusedError as error:
                raise ApiError(422, sentences.ANSWER_REFUSED, why=str(error)) from error
            _settle(house, caller, group, "answered")
            caller.note(house, "answer.approved", made.faq_id)
            return made.faq_id

        asked = {"gap": group_id, **new.model_dump()}
        return _answer(house, caller, once(house, caller, idempotency_key, asked, make))

    @router.post(
        "/gaps/{group_id}/ignore", status_code=204, summary="Ignorer un groupe",
        description="Il revient si assez d'appelants le demandent encore.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(404),
    )  # fmt: skip
    def ignore_gap(caller: Asking, group_id: GroupId) -> Response:
        _settle(house, caller, _found(house, caller, group_id), "ignored")
        caller.note(house, "gap.ignored", group_id)
        return Response(status_code=204)

    @router.get(
        "/approved-answers", summary="Lister les réponses approuvées",
        description="Ce que les appelants entendent au lieu des manuels.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(),
    )  # fmt: skip
    def list_answers(caller: Asking) -> ApprovedList:
        kept = house.approving.list(caller.client)
        return ApprovedList(items=[_approved(caller, one) for one in kept])

    @router.delete(
        "/approved-answers/{answer_id}", status_code=204, summary="Retirer une réponse approuvée",
        description="Les appelants ne l'entendent plus.",
        tags=["questions"], openapi_extra=operation("questions"), responses=answers(404),
    )  # fmt: skip
    def remove_answer(caller: Asking, answer_id: AnswerId) -> Response:
        try:
            house.approving.remove(caller.client, answer_id)
        except NotKeptError as error:
            raise ApiError(404, sentences.NO_ANSWER) from error
        caller.note(house, "answer.removed", answer_id)
        return Response(status_code=204)


def _found(house: House, caller: Caller, group_id: str) -> Group:
    for group in house.gaps.groups(caller.client):
        if group.key == group_id and group.is_to_do:
            return group
    raise ApiError(404, sentences.NO_GAP)


def _settle(house: House, caller: Caller, group: Group, settled: Settled) -> None:
    keys = [one.key for one in group.open]
    try:
        house.gaps.settle(caller.client, keys, settled, caller.actor)
    except NotKeptError as error:
        raise ApiError(404, sentences.NO_GAP) from error


def _answer(house: House, caller: Caller, faq_id: str) -> ApprovedView:
    for one in house.approving.list(caller.client):
        if one.faq_id == faq_id:
            return _approved(caller, one)
    raise ApiError(404, sentences.NO_ANSWER)


def _approved(caller: Caller, kept: Faq) -> ApprovedView:
    show = _shown(caller)
    return ApprovedView(
        id=kept.faq_id,
        number=kept.number,
        question=kept.new.question,
        answer=kept.new.answer,
        variants=[show(one) for one in kept.new.variants],
        appliance=kept.new.appliance,
        models=list(kept.new.models),
        written_at=kept.written_at,
        changed_at=kept.changed_at,
    )


def _group(caller: Caller, group: Group) -> GapGroup:
    show = _shown(caller)
    return GapGroup(
        id=group.key,
        title=show(group.title),
        count=len(group.open),
        first=group.first,
        last=group.last,
        questions=[
            GapQuestion(
                call_id=one.gap.call_id,
                at=one.gap.at,
                kind=one.gap.kind,
                asked=show(one.gap.asked),
                said=show(one.gap.said),
                pages=list(one.gap.pages),
            )
            for one in group.open[:MOST_SHOWN]
        ],
    )


def _shown(caller: Caller) -> Callable[[str], str]:
    details: Mapping[str, str] = {}
    return shown(caller.sees_people, details)
