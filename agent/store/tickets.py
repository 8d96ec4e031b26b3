"""Callback requests: the `TicketBook` that nobody can lose."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select

from agent.call.record import Brief, Urgency
from agent.errors import StoreError
from agent.store.announce import Event, OnDuty, all_on_duty, announce
from agent.store.clients import require_client
from agent.store.database import Database, insert_if_absent
from agent.store.schema import TicketRow
from agent.store.ticket_rows import Ticket, locked_ticket, not_kept, ticket_of
from agent.store.ticket_work import late_at

ALPHABET = "234679ACDEFGHJKMNPQRTWXY"
"""No sign that resembles another: of 0/O, 1/I/L, 2/Z, 5/S, 8/B and U/V at most one is left."""

_TRIES = 8
_BRIEF: TypeAdapter[Brief] = TypeAdapter(Brief)


def new_ticket_id() -> str:
    """A random identifier, one of 191 million."""
    return "T-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


class TicketStore:
    """The callback requests in the database; implements `TicketBook`.

    Args:
        database: Where they are kept.
        new_id: Makes an identifier; called again when the one it made is taken.
        on_duty: Who of those on call is told of an urgent ticket; by default all are.
        now: The time, with its zone.
    """

    def __init__(
        self,
        database: Database,
        new_id: Callable[[], str] = new_ticket_id,
        on_duty: OnDuty = all_on_duty,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._new_id = new_id
        self._on_duty = on_duty
        self._now = now

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
        is known stays, the urgency never goes down, it is due no later, and if it was done it is
        to be done again. What is to be sent of it is queued in the same transaction.

        Raises:
            UnknownClientError: There is no such client.
            StoreError: Another client has a ticket of that call.
        """
        now = self._now()
        values = {
            "client": client,
            "call_id": call_id,
            "created_at": now,
            "urgency": urgency,
            "status": "new",
            "caller_number": brief.caller_number,
            "brief": _BRIEF.dump_python(brief, mode="json"),
            "line": brief.line,
            "due_at": due_at,
        }
        mine = select(TicketRow).where(TicketRow.call_id == call_id).with_for_update()
        with self._database.transaction() as session:
            owner = require_client(session, client)
            for _ in range(_TRIES):
                new = insert_if_absent(session, TicketRow, {"id": self._new_id(), **values})
                row = session.scalar(mine)
                if row is not None:
                    break  # this request's or an earlier one's; none if the identifier was taken
            else:
                raise StoreError("No free ticket identifier was found; try again.")
            if row.client != client:
                raise StoreError(f"The call {call_id} is another client's; use a new one.")
            event = "opened" if new else _event(row, urgency)
            row.urgency = "urgent" if "urgent" in (row.urgency, urgency) else "normal"
            row.caller_number = row.caller_number or brief.caller_number
            details = row.brief.get("details", {}) | brief.details
            row.brief = _BRIEF.dump_python(brief, mode="json") | _number(row) | {"details": details}
            row.line = brief.line
            row.due_at = _earlier(row.due_at, due_at)
            row.late_at = late_at(row.urgency, row.due_at or row.created_at)
            if row.status == "done":
                row.status, row.taken_by, row.done_at = "new", None, None
            if event is not None:
                announce(session, owner, row, event, now, self._on_duty)
            return row.id

    def set_brief(self, ticket_id: str, brief: Brief) -> None:
        """Keep a newer brief, number and details aside; returns when it is durable.

        Raises:
            NotKeptError: There is no such ticket.
        """
        with self._database.transaction() as session:
            row = locked_ticket(session, ticket_id)
            newer = _BRIEF.dump_python(brief, mode="json")
            row.brief = newer | _number(row) | {"details": row.brief.get("details", {})}
            row.line = brief.line

    def set_number(self, ticket_id: str, caller_number: str) -> None:
        """Keep the number to call back; returns when it is durable.

        Raises:
            NotKeptError: There is no such ticket.
        """
        with self._database.transaction() as session:
            row = locked_ticket(session, ticket_id)
            row.caller_number = caller_number
            row.brief = row.brief | _number(row)

    def set_detail(self, ticket_id: str, field: str, value: str) -> None:
        """Keep a detail by its name ("name", "appliance", …); returns when it is durable.

        Raises:
            NotKeptError: There is no such ticket.
        """
        with self._database.transaction() as session:
            row = locked_ticket(session, ticket_id)
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
            return tuple(ticket_of(row) for row in session.scalars(query))

    def get(self, ticket_id: str, *, client: str | None = None) -> Ticket:
        """The ticket; with `client`, only if it is that client's.

        Raises:
            NotKeptError: There is none.
        """
        with self._database.reading() as session:
            row = session.get(TicketRow, ticket_id)
            if row is None or client not in (None, row.client):
                raise not_kept(ticket_id)
            return ticket_of(row)

    def of_call(self, call_id: str) -> Ticket | None:
        """The ticket of a call, None if it has none."""
        with self._database.reading() as session:
            row = session.scalar(select(TicketRow).where(TicketRow.call_id == call_id))
            return None if row is None else ticket_of(row)


def _event(row: TicketRow, urgency: Urgency) -> Event | None:
    """What a second request makes of a ticket, if it is to be told."""
    if row.status == "done":
        return "reopened"
    return "urgent" if urgency == "urgent" != row.urgency else None


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two; None is at once."""
    return None if one is None or other is None else min(one, other)


def _number(row: TicketRow) -> dict[str, Any]:
    return {"caller_number": row.caller_number}
