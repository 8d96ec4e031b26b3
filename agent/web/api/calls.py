"""Calls: listed, read word by word, and heard."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from agent.call.record import Decision, Outcome
from agent.house import House
from agent.sealing.stream import SealedError
from agent.store.database import NotKeptError
from agent.store.history import PastCall
from agent.store.pages import CallFilter
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.hiding import shown, shown_number, shown_turns
from agent.web.api.paging import Closed, Instant, Paged, cursor_of
from agent.web.api.problems import ApiError
from agent.web.api.route import operation
from agent.web.sound import recording_of, recording_response

logger = logging.getLogger(__name__)

Asking = Annotated[Caller, Depends(requested_by)]
CallId = Annotated[
    str,
    Path(description="De l'appel.", pattern="^[A-Za-z0-9._:-]{1,100}$", examples=["f6b3a2a5e88c"]),
]


class Filters(Paged):
    """Which calls."""

    outcome: Outcome | None = Field(None, description="Seulement ceux qui ont fini ainsi.")
    since: Instant | None = Field(None, description="Commencés à partir de cet instant.")
    until: Instant | None = Field(None, description="Commencés avant cet instant.")


class CallSummary(Closed):
    """A call in a list."""

    id: str = Field(examples=["f6b3a2a5e88c"])
    started_at: datetime
    ended_at: datetime | None = Field(description="null : il est en cours.")
    line: str = Field(description="Par où il est venu : browser, asterisk, twilio…")
    outcome: Outcome
    ended_by: str | None
    caller_number: str | None = Field(description="Masqué sans `personal:read`.")
    question: str = Field(description="Ce que l'appelant voulait, dans ses mots.")
    ticket_id: str | None
    recorded: bool


class CallPage(Closed):
    """Some calls, the newest first."""

    items: list[CallSummary]
    next: str | None = Field(
        description="Le `cursor` de la page suivante ; null : il n'y en a plus."
    )


class Passage(Closed):
    """A passage of a manual."""

    manual: str
    page: int
    text: str


class CallTurn(Closed):
    """What the caller said, and what was answered."""

    at_s: float | None = Field(description="Secondes depuis le début de l'appel.")
    heard: str = Field(description="Les mots reconnus ; vide pour l'accueil.")
    said: str
    by: Literal["agent", "operator"]
    decision: Decision
    confidence: float | None
    interrupted: bool = Field(description="L'appelant a parlé par-dessus.")
    evidence: list[Passage]


class CallView(CallSummary):
    """A call, word by word."""

    turns: list[CallTurn]


def calls_router(house: House, router: APIRouter) -> None:
    """Add the operations of calls."""

    @router.get(
        "/calls", summary="Lister les appels",
        description="Les plus récents d'abord, ceux en cours compris.",
        tags=["calls"],
        openapi_extra=operation("calls:read"), responses=answers(422),
    )  # fmt: skip
    def list_calls(caller: Asking, wanted: Annotated[Filters, Query()]) -> CallPage:
        chosen = CallFilter(wanted.outcome, wanted.since, wanted.until)
        page = house.pages.calls(caller.client, chosen, wanted.after, wanted.limit)
        return CallPage(
            items=[CallSummary(**_summary(caller, one)) for one in page.items],
            next=cursor_of(page.after),
        )

    @router.get(
        "/calls/{call_id}", summary="Lire un appel",
        description="Mot à mot ; numéros, adresses et noms sont masqués sans `personal:read`.",
        tags=["calls"],
        openapi_extra=operation("calls:read"), responses=answers(404),
    )  # fmt: skip
    def read_call(caller: Asking, call_id: CallId) -> CallView:
        call = _call(house, caller, call_id)
        record = call.record
        words = shown_turns(record.turns, caller.sees_people, _details(call))
        turns = [
            CallTurn(
                at_s=turn.at_s,
                heard=heard,
                said=said,
                by=turn.by,
                decision=turn.decision,
                confidence=turn.confidence,
                interrupted=turn.interrupted,
                evidence=[
                    Passage(manual=one.manual, page=one.page, text=one.text)
                    for one in turn.evidence
                ],
            )
            for turn, (heard, said) in zip(record.turns, words, strict=True)
        ]
        return CallView(**_summary(caller, call), turns=turns)

    @router.get(
        "/calls/{call_id}/recording", summary="Télécharger un enregistrement",
        description="Si l'appel a été enregistré et l'est encore.",
        tags=["calls"],
        openapi_extra=operation("personal:read"), response_class=StreamingResponse,
        responses={
            200: {
                "description": "WAV, l'appelant à gauche.",
                "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
            },
            206: {
                "description": "La partie demandée par Range.",
                "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
            },
            416: {"description": "Range est hors du fichier."},
            **answers(404),
        },
    )  # fmt: skip
    def read_recording(caller: Asking, call_id: CallId, request: Request) -> Response:
        call = _call(house, caller, call_id)
        file = recording_of(house, call.record)
        if file is None:
            raise ApiError(404, sentences.NO_RECORDING)
        try:
            return recording_response(house.vault, file, request.headers.get("range"))
        except (OSError, SealedError) as error:
            logger.exception("the recording of call %s cannot be opened", call_id)
            raise ApiError(404, sentences.NO_RECORDING) from error


def _call(house: House, caller: Caller, call_id: str) -> PastCall:
    try:
        return house.pages.call(caller.client, call_id)
    except NotKeptError as error:
        raise ApiError(404, sentences.NO_CALL) from error


def _details(call: PastCall) -> dict[str, str]:
    handoff = call.record.handoff
    return {} if handoff is None else handoff.brief.details


def _summary(caller: Caller, call: PastCall) -> dict[str, object]:
    record = call.record
    whole = caller.sees_people
    return {
        "id": record.call_id,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "line": record.transport,
        "outcome": record.outcome,
        "ended_by": record.ended_by,
        "caller_number": shown_number(record.caller_number, whole),
        "question": shown(whole, _details(call))(call.question),
        "ticket_id": call.ticket_id,
        "recorded": record.recording is not None,
    }
