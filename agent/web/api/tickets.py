"""Callback requests: listed, read, taken, called, noted about and closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from agent.call.record import StepResult, Urgency
from agent.house import House
from agent.store.database import NotKeptError
from agent.store.pages import TicketFilter
from agent.store.ticket_rows import Result, Status, Ticket
from agent.store.ticket_work import LONGEST_NOTE, TO_DO, TicketRefusedError, is_overdue
from agent.web.api import sentences
from agent.web.api.answers import answers
from agent.web.api.caller import Caller, requested_by
from agent.web.api.hiding import shown, shown_details, shown_number
from agent.web.api.idempotency import IdempotencyKey, once
from agent.web.api.paging import Closed, Instant, Paged, cursor_of
from agent.web.api.problems import ApiError
from agent.web.api.route import operation

Asking = Annotated[Caller, Depends(requested_by)]
TicketId = Annotated[
    str,
    Path(description="De la demande de rappel.", pattern="^T-[0-9A-Z]{6}$", examples=["T-DTH99H"]),
]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]


class Filters(Paged):
    """Which callback requests."""

    status: list[Status] = Field(
        default_factory=list, max_length=5, description="Seulement ceux-là ; répétable."
    )
    urgency: Urgency | None = Field(None, description="Seulement celle-là.")
    since: Instant | None = Field(None, description="Créées à partir de cet instant.")
    until: Instant | None = Field(None, description="Créées avant cet instant.")


class Step(Closed):
    """A step that the caller was given."""

    text: str
    result: StepResult
    page: str = Field(description="« manuel, page n », ou vide.")


class Said(Closed):
    """Something that was answered."""

    text: str
    page: str = Field(description="« manuel, page n », ou vide.")


class Attempt(Closed):
    """Somebody called back."""

    at: datetime
    by: str | None = Field(description="Nom de la personne, si elle est connue.")
    result: Result
    note: str


class Note(Closed):
    """What somebody wrote."""

    at: datetime
    by: str | None = Field(description="Nom de la personne, si elle est connue.")
    text: str


class TicketView(Closed):
    """A callback request, with the story of its call."""

    id: str = Field(examples=["T-DTH99H"])
    call_id: str
    created_at: datetime
    due_at: datetime = Field(description="À partir de quand rappeler.")
    overdue: bool = Field(description="Attend depuis plus longtemps que prévu.")
    done_at: datetime | None
    status: Status
    urgency: Urgency
    caller_number: str | None = Field(description="Masqué sans `personal:read`.")
    line: str = Field(description="L'histoire en une phrase.")
    question: str = Field(description="Les mots de l'appelant.")
    problem: str | None
    reason: str = Field(description="Pourquoi un conseiller est demandé.")
    product: str | None
    reference: str | None
    danger: str | None
    mood: Literal["calm", "upset", "insulting"]
    language: str
    details: dict[str, str] = Field(description="Ce que l'appelant a donné pour être rappelé.")
    earlier: list[str] = Field(description="Ce qu'il a demandé avant, dans l'ordre.")
    said: list[Said]
    steps: list[Step] = Field(description="Ce qui a été essayé.")
    next_step: Said | None = Field(description="Ce que le manuel propose ensuite.")
    taken_by: str | None = Field(description="Nom de la personne qui s'en occupe.")
    attempts: list[Attempt]
    notes: list[Note]


class TicketPage(Closed):
    """Some callback requests, the newest first."""

    items: list[TicketView]
    next: str | None = Field(
        description="Le `cursor` de la page suivante ; null : il n'y en a plus."
    )


class NewNote(Closed):
    """A note."""

    text: Text = Field(examples=["Pièce commandée, arrivée prévue mardi."])


class NewAttempt(Closed):
    """A call back that was made."""

    result: Result
    note: str = Field("", max_length=LONGEST_NOTE, examples=["Rappeler après 18 h."])


def tickets_router(house: House, router: APIRouter) -> None:
    """Add the operations of callback requests."""

    @router.get(
        "/tickets", summary="Lister les demandes de rappel",
        description="Les plus récentes d'abord.",
        tags=["tickets"],
        openapi_extra=operation("tickets:read"), responses=answers(422),
    )  # fmt: skip
    def list_tickets(caller: Asking, wanted: Annotated[Filters, Query()]) -> TicketPage:
        chosen = TicketFilter(tuple(wanted.status), wanted.urgency, wanted.since, wanted.until)
        page = house.pages.tickets(caller.client, chosen, wanted.after, wanted.limit)
        names = _names(house, page.items)
        return TicketPage(
            items=[_view(caller, one, names) for one in page.items], next=cursor_of(page.after)
        )

    @router.get(
        "/tickets/{ticket_id}", summary="Lire une demande de rappel",
        description="Avec tout ce qu'il faut savoir avant de rappeler.",
        tags=["tickets"],
        openapi_extra=operation("tickets:read"), responses=answers(404),
    )  # fmt: skip
    def read_ticket(caller: Asking, ticket_id: TicketId) -> TicketView:
        return _read(house, caller, ticket_id)

    def change(
        path: str, summary: str, why: str, do: Callable[[Caller, str], Ticket], action: str
    ) -> None:
        @router.post(
            f"/tickets/{{ticket_id}}/{path}", summary=summary, description=why, tags=["tickets"],
            operation_id=f"{path.replace('-', '_')}_ticket",
            openapi_extra=operation("tickets:write"), responses=answers(404, 409),
        )  # fmt: skip
        def changed(caller: Asking, ticket_id: TicketId) -> TicketView:
            with _refused(house, caller, ticket_id):
                ticket = do(caller, ticket_id)
            caller.note(house, action, ticket_id)
            return _view(caller, ticket, _names(house, [ticket]))

    change(
        "take", "Prendre une demande",
        "Elle est à qui a créé le jeton ; déjà prise par quelqu'un d'autre : 409.",
        lambda caller, one: house.work.take(one, caller.actor, clients=(caller.client,)),
        "ticket.taken",
    )  # fmt: skip
    change(
        "give-back", "Rendre une demande", "N'importe qui peut alors la prendre.",
        lambda caller, one: house.work.give_back(one, caller.actor, clients=(caller.client,)),
        "ticket.given_back",
    )  # fmt: skip
    change(
        "close", "Clore une demande", "Elle ne change plus, sauf à la rouvrir.",
        lambda caller, one: house.work.close(
            one, caller.actor, datetime.now(UTC), clients=(caller.client,)
        ),
        "ticket.closed",
    )  # fmt: skip
    change(
        "reopen", "Rouvrir une demande", "Elle est à rappeler de nouveau, par n'importe qui.",
        lambda caller, one: house.work.reopen(one, clients=(caller.client,)),
        "ticket.reopened",
    )  # fmt: skip

    @router.post(
        "/tickets/{ticket_id}/attempts", status_code=201, summary="Noter un rappel",
        description="Joint ou non : la demande reste à clore.",
        tags=["tickets"],
        openapi_extra=operation("tickets:write"), responses=answers(404, 409, 413, 415, 422),
    )  # fmt: skip
    def add_attempt(
        caller: Asking, ticket_id: TicketId, new: NewAttempt, idempotency_key: IdempotencyKey = None
    ) -> TicketView:

        def make() -> str:
            with _refused(house, caller, ticket_id):
                house.work.attempt(
                    ticket_id, caller.actor, new.result, new.note, datetime.now(UTC),
                    clients=(caller.client,),
                )  # fmt: skip
            caller.note(house, "ticket.called", ticket_id)
            return ticket_id

        asked = {"attempt": ticket_id, **new.model_dump()}
        return _read(house, caller, once(house, caller, idempotency_key, asked, make))

    @router.post(
        "/tickets/{ticket_id}/notes", status_code=201, summary="Écrire une note",
        description="Quel que soit l'état de la demande.",
        tags=["tickets"],
        openapi_extra=operation("tickets:write"), responses=answers(404, 409, 413, 415, 422),
    )  # fmt: skip
    def add_note(
        caller: Asking, ticket_id: TicketId, new: NewNote, idempotency_key: IdempotencyKey = None
    ) -> TicketView:

        def make() -> str:
            if not new.text.strip():
                raise ApiError(422, sentences.EMPTY_NOTE)
            with _refused(house, caller, ticket_id):
                house.work.note(
                    ticket_id, caller.actor, new.text, datetime.now(UTC), clients=(caller.client,)
                )
            caller.note(house, "ticket.noted", ticket_id)
            return ticket_id

        asked = {"note": ticket_id, **new.model_dump()}
        return _read(house, caller, once(house, caller, idempotency_key, asked, make))


def _read(house: House, caller: Caller, ticket_id: str) -> TicketView:
    try:
        ticket = house.tickets.get(ticket_id, client=caller.client)
    except NotKeptError as error:
        raise ApiError(404, sentences.NO_TICKET) from error
    return _view(caller, ticket, _names(house, [ticket]))


@contextmanager
def _refused(house: House, caller: Caller, ticket_id: str) -> Iterator[None]:
    """Says why a ticket is not in a state for that, or that there is none."""
    try:
        yield
    except NotKeptError as error:
        raise ApiError(404, sentences.NO_TICKET) from error
    except TicketRefusedError as error:
        status = house.tickets.get(ticket_id, client=caller.client).status
        why = {"done": sentences.TICKET_DONE, "live": sentences.TICKET_LIVE}
        raise ApiError(409, why.get(status, sentences.TICKET_TAKEN), id=ticket_id) from error


def _view(caller: Caller, ticket: Ticket, names: Mapping[str, str]) -> TicketView:
    """A ticket as a caller of the API may see it, with the names of who worked on it."""
    brief = ticket.brief
    whole = caller.sees_people
    show = shown(whole, brief.details)
    due_at = ticket.due_at or ticket.created_at
    made = [attempt.at for attempt in ticket.attempts]
    late = ticket.status in TO_DO and is_overdue(ticket.urgency, due_at, made, datetime.now(UTC))
    return TicketView(
        id=ticket.ticket_id,
        call_id=ticket.call_id,
        created_at=ticket.created_at,
        due_at=due_at,
        overdue=late,
        done_at=ticket.done_at,
        status=ticket.status,
        urgency=ticket.urgency,
        caller_number=shown_number(ticket.caller_number, whole),
        line=show(brief.line),
        question=show(brief.question),
        problem=None if brief.problem is None else show(brief.problem),
        reason=brief.reason,
        product=brief.product,
        reference=brief.reference,
        danger=brief.danger,
        mood=brief.mood,
        language=brief.language,
        details=shown_details(brief.details, whole),
        earlier=[show(text) for text in brief.earlier],
        said=[Said(text=show(one.text), page=one.page) for one in brief.said],
        steps=[Step(text=one.text, result=one.result, page=one.page) for one in brief.steps],
        next_step=(
            None
            if brief.next_step is None
            else Said(text=brief.next_step.text, page=brief.next_step.page)
        ),
        taken_by=None if ticket.taken_by is None else names.get(ticket.taken_by, "API"),
        attempts=[
            Attempt(at=one.at, by=names.get(one.user_id), result=one.result, note=show(one.note))
            for one in ticket.attempts
        ],
        notes=[
            Note(at=one.at, by=names.get(one.user_id), text=show(one.text)) for one in ticket.notes
        ],
    )


def _names(house: House, tickets: Sequence[Ticket]) -> dict[str, str]:
    """The names of users, by their identifiers; none are read where nobody worked on a ticket."""
    if not any(one.taken_by or one.attempts or one.notes for one in tickets):
        return {}
    return {user.id: user.name for user in house.users.list()}
