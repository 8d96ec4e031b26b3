"""What would be published: the difference, publishing it, and going back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from agent.house import House
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.manuals import refused
from agent.web.api.paging import Closed
from agent.web.api.problems import ApiError
from agent.web.api.route import operation
from knowledge.draft import NothingPreparedError, draft_name, pending

Asking = Annotated[Caller, Depends(requested_by)]


class Change(Closed):
    """A value of a manual that changes."""

    manual: str
    before: str
    after: str


class Difference(Closed):
    """From one version of the manuals to another."""

    added: list[str]
    replaced: list[str]
    removed: list[str]
    products: list[Change]
    codes_added: list[tuple[str, str]] = Field(description="Manuel et code d'erreur.")
    codes_removed: list[tuple[str, str]] = Field(description="Manuel et code d'erreur.")
    passages_before: int
    passages_after: int


class DraftView(Closed):
    """What would be published."""

    name: str | None = Field(
        description="Distingue ce brouillon d'un autre ; null : il n'y en a pas."
    )
    difference: Difference | None


class WantedDraft(Closed):
    """Which draft is to be published."""

    name: str = Field(
        "", max_length=200,
        description="Le `name` du brouillon regardé ; un autre : 409. Vide : quel qu'il soit.",
    )  # fmt: skip


class PublicationView(Closed):
    """A change of what callers are answered from."""

    id: str
    at: datetime
    kind: Literal["published", "rolled_back"]
    version: str
    who: str
    difference: Difference | None


class PublicationList(Closed):
    """The last changes, the newest first."""

    items: list[PublicationView]


def drafts_router(house: House, router: APIRouter) -> None:
    """Add the operations of the draft."""

    @router.get(
        "/draft", summary="Lire le brouillon",
        description="Ce que sa publication changerait pour les appelants.",
        tags=["manuals"], openapi_extra=operation("manuals:read"), responses=answers(409),
    )  # fmt: skip
    def read_draft(caller: Asking) -> DraftView:
        folder = house.manuals.folder(caller.client)
        name = draft_name(folder)
        if not name:
            return DraftView(name=None, difference=None)
        with refused():
            return DraftView(name=name, difference=_difference(pending(folder).as_json()))

    @router.delete(
        "/draft", status_code=204, summary="Abandonner le brouillon",
        description="Ce qui est en service le reste.",
        tags=["manuals"], openapi_extra=operation("manuals:write"), responses=answers(),
    )  # fmt: skip
    def discard_draft(caller: Asking) -> Response:
        house.manuals.discard(caller.client, caller.who)
        return Response(status_code=204)

    @router.post(
        "/draft/publish", summary="Publier le brouillon",
        description="En une fois, pendant que les appels continuent. Les questions d'essai ne sont "
        "pas posées d'elles-mêmes : voir `/test-questions/check`.",
        tags=["manuals"], openapi_extra=operation("manuals:write"),
        responses=answers(409, 413, 415, 422),
    )  # fmt: skip
    def publish_draft(caller: Asking, wanted: WantedDraft) -> Difference:
        with refused():
            return _difference(
                house.manuals.publish(caller.client, caller.who, wanted.name).as_json()
            )

    @router.post(
        "/publications/roll-back", summary="Revenir à la version précédente",
        description="Ce qui était en service devient à son tour la version précédente.",
        tags=["manuals"], openapi_extra=operation("manuals:write"), responses=answers(409),
    )  # fmt: skip
    def roll_back(caller: Asking) -> Difference:
        try:
            with refused():
                return _difference(house.manuals.roll_back(caller.client, caller.who).as_json())
        except ApiError as error:
            if isinstance(error.__cause__, NothingPreparedError):
                raise ApiError(409, sentences.NOTHING_BEFORE) from error
            raise

    @router.get(
        "/publications", summary="Lister les publications",
        description="Les plus récentes d'abord, trente au plus.",
        tags=["manuals"], openapi_extra=operation("manuals:read"), responses=answers(),
    )  # fmt: skip
    def list_publications(caller: Asking) -> PublicationList:
        return PublicationList(
            items=[
                PublicationView(
                    id=one.publication_id,
                    at=one.at,
                    kind=one.kind,
                    version=one.version,
                    who=one.who,
                    difference=_difference(one.difference) if one.difference else None,
                )
                for one in house.manuals.work.history(caller.client)
            ]
        )


def _difference(made: Mapping[str, Any]) -> Difference:
    return Difference.model_validate(dict(made))
