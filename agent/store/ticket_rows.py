"""A callback request as it is passed on, and how its row becomes one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from agent.call.record import Brief, Handoff, Urgency
from agent.store.database import NotKeptError
from agent.store.schema import TicketRow

Status = Literal["new", "live", "taken", "called", "done"]
"""`live`: its caller is being handed over at this moment, so there is nobody to call back yet."""

Result = Literal["reached", "no_answer", "wrong_number"]


@dataclass(frozen=True)
class Attempt:
    """Somebody called back.

    Attributes:
        at: UTC.
        user_id: Who did.
        result: What came of it.
        note: In their words, "" for none.
    """

    at: datetime
    user_id: str
    result: Result
    note: str = ""


@dataclass(frozen=True)
class Note:
    """What somebody wrote about a ticket; `at` in UTC."""

    at: datetime
    user_id: str
    text: str


@dataclass(frozen=True)
class Ticket:
    """A callback request.

    Attributes:
        ticket_id: Short enough to be read aloud, `T-7F3K2Q`.
        client: Slug of the client that was called.
        call_id: The call that it came from; a call has one ticket at most.
        created_at: UTC.
        status: "new" until someone takes it; `agent.store.ticket_work` has its life.
        caller_number: The number to call back, None if unknown.
        brief: What to know before calling back; its number is `caller_number`.
        due_at: From when the caller was told to be called back, UTC; None: from the call on.
        taken_by: Identifier of the user who has it, None if nobody has.
        attempts: Calls back, in order.
        notes: What was written about it, in order.
        done_at: When it was closed, UTC; None if it is not.
    """

    ticket_id: str
    client: str
    call_id: str
    created_at: datetime
    urgency: Urgency
    status: Status
    caller_number: str | None
    brief: Brief
    due_at: datetime | None
    taken_by: str | None = None
    attempts: tuple[Attempt, ...] = ()
    notes: tuple[Note, ...] = ()
    done_at: datetime | None = None


_TICKET: TypeAdapter[Ticket] = TypeAdapter(Ticket)
_COLUMNS = tuple(kept.name for kept in fields(Ticket) if kept.name != "ticket_id")


def handoff_of(row: TicketRow) -> Handoff:
    """The handoff that a ticket carries."""
    ticket = ticket_of(row)
    return Handoff(ticket.ticket_id, ticket.urgency, ticket.brief, ticket.due_at)


def ticket_of(row: TicketRow) -> Ticket:
    """The ticket that a row keeps."""
    kept = {name: getattr(row, name) for name in _COLUMNS}
    return _TICKET.validate_python({"ticket_id": row.id, **kept})


def locked_ticket(session: Session, ticket_id: str) -> TicketRow:
    """The ticket's row, which nobody else changes until the transaction ends.

    Raises:
        NotKeptError: There is none.
    """
    row = session.get(TicketRow, ticket_id, with_for_update=True)
    if row is None:
        raise not_kept(ticket_id)
    return row


def not_kept(ticket_id: str) -> NotKeptError:
    """The error of a ticket that there is not, or that is another client's."""
    return NotKeptError(f"No ticket {ticket_id!r} is kept; look it up in the list of tickets.")
