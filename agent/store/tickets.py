"""Callback requests: the `TicketBook` that nobody can lose."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select

from agent.call.record import Brief, Handoff, Urgency
from agent.errors import StoreError
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError, insert_if_absent
from agent.store.schema import TicketRow

ALPHABET = "234679ACDEFGHJKMNPQRTWXY"
"""No sign that resembles another: of 0/O, 1/I/L, 2/Z, 5/S, 8/B and U/V at most one is left."""

_TRIES = 8
_BRIEF: TypeAdapter[Brief] = TypeAdapter(Brief)
_URGENCY: TypeAdapter[Urgency] = TypeAdapter(Urgency)


@dataclass(frozen=True)
class Ticket:
    """A callback request.

    Attributes:
        ticket_id: Short enough to be read aloud, `T-7F3K2Q`.
        client: Slug of the client that was called.
        call_id: The call that it came from; a call has one ticket at most.
        created_at: UTC.
        status: "new" until someone takes it.
        caller_number: The number to call back, None if unknown.
        brief: What to know before calling back; its number is `caller_number`.
        due_at: From when the caller was told to be called back, UTC; None: from the call on.
    """

    ticket_id: str
    client: str
    call_id: str
    created_at: datetime
    urgency: Urgency
    status: str
    caller_number: str | None
    brief: Brief
    due_at: datetime | None


def new_ticket_id() -> str:
    """A random identifier, one of 191 million."""
    return "T-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


class TicketStore:
    """The callback requests in the database; implements `TicketBook`.

    Args:
        database: Where they are kept.
        new_id: Makes an identifier; called again when the one it made is taken.
    """

    def __init__(self, database: Database, new_id: Callable[[], str] = new_ticket_id) -> None:
        self._database = database
        self._new_id = new_id

    def open_ticket(
        self,
        client: str,
        call_id: str,
        brief: Brief,
        urgency: Urgency,
        due_at: datetime | None = None,
    ) -> str:
        """Keep a request and return its identifier once it is durable.

        A second request of the same call updates the first: its brief is replaced, a number that
        is known stays, the urgency never goes down, and it is due no later.

        Raises:
            UnknownClientError: There is no such client.
            StoreError: Another client has a ticket of that call.
        """
        values = {
            "client": client,
            "call_id": call_id,
            "created_at": datetime.now(UTC),
            "urgency": urgency,
            "status": "new",
            "caller_number": brief.caller_number,
            "brief": _BRIEF.dump_python(brief, mode="json"),
            "line": brief.line,
            "due_at": due_at,
        }
        mine = select(TicketRow).where(TicketRow.call_id == call_id).with_for_update()
        with self._database.transaction() as session:
            require_client(session, client)
            for _ in range(_TRIES):
                insert_if_absent(session, TicketRow, {"id": self._new_id(), **values})
                row = session.scalar(mine)
                if row is not None:
                    break  # this request's or an earlier one's; none if the identifier was taken
            else:
                raise StoreError("No free ticket identifier was found; try again.")
            if row.client != client:
                raise StoreError(f"The call {call_id} is another client's; use a new one.")
            row.urgency = "urgent" if "urgent" in (row.urgency, urgency) else "normal"
            row.caller_number = row.caller_number or brief.caller_number
            details = row.brief.get("details", {}) | brief.details
            row.brief = _BRIEF.dump_python(brief, mode="json") | _number(row) | {"details": details}
            row.line = brief.line
            row.due_at = _earlier(row.due_at, due_at)
            return row.id

    def set_number(self, ticket_id: str, caller_number: str) -> None:
        """Keep the number to call back; returns when it is durable.

        Raises:
            NotKeptError: There is no such ticket.
        """
        with self._database.transaction() as session:
            row = session.get(TicketRow, ticket_id, with_for_update=True)
            if row is None:
                raise _not_kept(ticket_id)
            row.caller_number = caller_number
            row.brief = row.brief | _number(row)

    def set_detail(self, ticket_id: str, field: str, value: str) -> None:
        """Keep a detail by its name ("name", "appliance", …); returns when it is durable.

        Raises:
            NotKeptError: There is no such ticket.
        """
        with self._database.transaction() as session:
            row = session.get(TicketRow, ticket_id, with_for_update=True)
            if row is None:
                raise _not_kept(ticket_id)
            row.brief = row.brief | {"details": row.brief.get("details", {}) | {field: value}}

    def list(self, client: str | None = None) -> tuple[Ticket, ...]:
        """The client's tickets (every client's if None), newest first.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = select(TicketRow).order_by(TicketRow.created_at.desc(), TicketRow.id)
        with self._database.reading() as session:
            if client is not None:
                require_client(session, client)
                query = query.where(TicketRow.client == client)
            return tuple(_ticket(row) for row in session.scalars(query))

    def get(self, ticket_id: str, *, client: str | None = None) -> Ticket:
        """The ticket; with `client`, only if it is that client's.

        Raises:
            NotKeptError: There is none.
        """
        with self._database.reading() as session:
            row = session.get(TicketRow, ticket_id)
            if row is None or client not in (None, row.client):
                raise _not_kept(ticket_id)
            return _ticket(row)


def handoff_of(row: TicketRow) -> Handoff:
    """The handoff that a ticket carries."""
    ticket = _ticket(row)
    return Handoff(ticket.ticket_id, ticket.urgency, ticket.brief, ticket.due_at)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two; None is at once."""
    return None if one is None or other is None else min(one, other)


def _number(row: TicketRow) -> dict[str, Any]:
    return {"caller_number": row.caller_number}


def _not_kept(ticket_id: str) -> NotKeptError:
    return NotKeptError(f"No ticket {ticket_id!r} is kept; look it up in the list of tickets.")


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(
        ticket_id=row.id,
        client=row.client,
        call_id=row.call_id,
        created_at=row.created_at,
        urgency=_URGENCY.validate_python(row.urgency),
        status=row.status,
        caller_number=row.caller_number,
        brief=_BRIEF.validate_python(row.brief),
        due_at=row.due_at,
    )
