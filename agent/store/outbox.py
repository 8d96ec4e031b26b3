"""What waits to be sent: claimed by one sender at a time, marked when it was delivered.

`announce` writes the rows. A claim is a lease that is written: the row's attempt is counted and
its next one set to when the lease ends, so a sender that dies holds nothing for longer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select, update

from agent.store.database import Database
from agent.store.schema import ClientRow, OutboxRow, TicketRow
from agent.store.ticket_rows import Ticket, ticket_of

LEASE = timedelta(minutes=3)
"""Longer than any attempt takes (`agent.handoff.mail`, `agent.handoff.webhook`)."""

_LONGEST_ERROR = 500
"""Characters of why an attempt failed."""


@dataclass(frozen=True)
class Message:
    """A message that this sender has claimed.

    Attributes:
        key: The same for each attempt; a receiver tells by it that it had the message.
        event: opened | urgent | reopened.
        kind: email | webhook.
        target: Address or URL.
        body: What is sent; empty until the first attempt.
        attempt: From 1 on.
        ticket: As it was when the message was claimed.
        brand: The client's name.
        hours: When its operators are there, as it wrote it.
        secret: Its webhook's.
    """

    key: str
    event: str
    kind: str
    target: str
    body: Mapping[str, Any]
    attempt: int
    ticket: Ticket
    brand: str
    hours: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Backlog:
    """What of one kind was not sent.

    Attributes:
        waiting: Messages that are due now or later.
        given_up: Messages that will not be tried again.
        error: Why the last attempt failed, of a message that still waits or was given up.
    """

    waiting: int = 0
    given_up: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Sending:
    """How far a message of a ticket is; instants in UTC.

    Attributes:
        due_at: When it is tried next, if it was neither sent nor given up.
        attempts: How often it was tried.
        error: Why the last attempt failed, None if it did not.
    """

    event: str
    kind: str
    target: str
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    given_up_at: datetime | None
    error: str | None


class OutboxStore:
    """The messages in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, kinds: Collection[str]) -> Message | None:
        """Take a message that is due, those of urgent tickets first; None if there is none.

        Nothing is sent of a ticket whose caller is being handed over.
        """
        query = (
            _waiting(kinds)
            .where(OutboxRow.due_at <= now)
            .order_by(case((TicketRow.urgency == "urgent", 0), else_=1), OutboxRow.due_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=OutboxRow)
        )
        with self._database.transaction() as session:
            row = session.scalar(query)
            if row is None:
                return None
            row.attempts += 1
            row.due_at = now + LEASE
            client = session.get_one(ClientRow, row.client)
            return Message(
                key=row.id,
                event=row.event,
                kind=row.kind,
                target=row.target,
                body=row.body,
                attempt=row.attempts,
                ticket=ticket_of(session.get_one(TicketRow, row.ticket_id)),
                brand=client.name,
                hours=client.hours,
                secret=client.webhook_secret,
            )

    def next_due(self, kinds: Collection[str]) -> datetime | None:
        """When the next message of these kinds is due, UTC; None if none waits."""
        query = _waiting(kinds).order_by(OutboxRow.due_at).limit(1)
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else row.due_at

    def keep_body(self, key: str, body: Mapping[str, Any]) -> None:
        """Keep what is sent, so that each attempt sends the same."""
        self._change(key, {"body": dict(body)})

    def sent(self, key: str, now: datetime) -> None:
        """Mark it delivered."""
        self._change(key, {"sent_at": now, "error": None})

    def failed(
        self, key: str, attempt: int, error: str, again_at: datetime | None, now: datetime
    ) -> None:
        """Have it tried again at `again_at`, or given up if that is None.

        Nothing changes if another sender has claimed it meanwhile.
        """
        values: dict[str, Any] = {"error": error[:_LONGEST_ERROR]}
        if again_at is None:
            values["given_up_at"] = now
        else:
            values["due_at"] = again_at
        self._change(key, values, attempt)

    def release(self, ticket_id: str, now: datetime) -> int:
        """Make due what still waits for the end of the ticket's call; returns how many."""
        return self._count(
            update(OutboxRow)
            .where(
                OutboxRow.ticket_id == ticket_id,
                OutboxRow.sent_at.is_(None),
                OutboxRow.attempts == 0,
                OutboxRow.due_at > now,
            )
            .values(due_at=now)
            .returning(OutboxRow.id)
        )

    def of_ticket(self, ticket_id: str) -> tuple[Sending, ...]:
        """What was, is or will be sent of a ticket, the oldest first."""
        query = (
            select(OutboxRow)
            .where(OutboxRow.ticket_id == ticket_id)
            .order_by(OutboxRow.created_at, OutboxRow.kind, OutboxRow.target)
        )
        with self._database.reading() as session:
            return tuple(
                Sending(**{kept.name: getattr(row, kept.name) for kept in fields(Sending)})
                for row in session.scalars(query)
            )

    def backlog(self, kind: str) -> Backlog:
        """What of a kind was not sent."""
        unsent = (OutboxRow.kind == kind, OutboxRow.sent_at.is_(None))
        given_up = OutboxRow.given_up_at.is_not(None)
        counts = select(given_up, func.count()).where(*unsent).group_by(given_up)
        last = (
            select(OutboxRow.error)
            .where(*unsent, OutboxRow.error.is_not(None))
            .order_by(OutboxRow.due_at.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            found = {bool(gone): number for gone, number in session.execute(counts)}
            return Backlog(found.get(False, 0), found.get(True, 0), session.scalar(last))

    def _change(self, key: str, values: dict[str, Any], attempt: int | None = None) -> None:
        query = update(OutboxRow).where(OutboxRow.id == key, OutboxRow.sent_at.is_(None))
        if attempt is not None:
            query = query.where(OutboxRow.attempts == attempt)
        with self._database.transaction() as session:
            session.execute(query.values(values))

    def _count(self, statement: Any) -> int:
        with self._database.transaction() as session:
            return len(session.execute(statement).all())


def _waiting(kinds: Collection[str]) -> Select[OutboxRow]:
    return (
        select(OutboxRow)
        .join(TicketRow, TicketRow.id == OutboxRow.ticket_id)
        .where(
            OutboxRow.sent_at.is_(None),
            OutboxRow.given_up_at.is_(None),
            OutboxRow.kind.in_(kinds),
            TicketRow.status != "live",
        )
    )
