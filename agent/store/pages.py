"""A client's tickets and calls, a page at a time, the newest first, which newer ones shift not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select

from agent.call.record import Outcome, Urgency, record_from_json
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.history import PastCall
from agent.store.schema import CallRow, TicketRow
from agent.store.ticket_rows import Status, Ticket, ticket_of

Position = tuple[datetime, str]
"""Of something in a list: when it was, with its zone, and its identifier."""

T = TypeVar("T")


@dataclass(frozen=True)
class TicketFilter:
    """Which tickets; nothing given: all.

    Attributes:
        since: Of their making, with its zone.
        until: Of their making, which is earlier than that.
    """

    statuses: tuple[Status, ...] = ()
    urgency: Urgency | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class CallFilter:
    """Which calls; nothing given: all.

    Attributes:
        outcome: Of calls that are over.
        since: Of their start, with its zone.
        until: Of their start, which is earlier than that.
    """

    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some of a list.

    Attributes:
        after: Where the next page begins, None if this is the last.
    """

    items: tuple[T, ...]
    after: Position | None


class Pages:
    """The lists of the database; every method is of one client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tickets(
        self, client: str, wanted: TicketFilter, after: Position | None, limit: int
    ) -> Page[Ticket]:
        """A page of the client's tickets.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = select(TicketRow).where(TicketRow.client == client)
        if wanted.statuses:
            query = query.where(TicketRow.status.in_(wanted.statuses))
        if wanted.urgency is not None:
            query = query.where(TicketRow.urgency == wanted.urgency)
        at, key = TicketRow.created_at, TicketRow.id
        query = _page(query, at, key, wanted.since, wanted.until, after, limit)
        with self._database.reading() as session:
            require_client(session, client)
            rows = session.scalars(query).all()
            last = (rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
            return Page(tuple(ticket_of(row) for row in rows[:limit]), last)

    def calls(
        self, client: str, wanted: CallFilter, after: Position | None, limit: int
    ) -> Page[PastCall]:
        """A page of the client's calls, those that go on too.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = select(CallRow).where(CallRow.client == client, CallRow.test.is_(False))
        if wanted.outcome is not None:
            query = query.where(CallRow.outcome == wanted.outcome, CallRow.ended_at.is_not(None))
        at, key = CallRow.started_at, CallRow.call_id
        query = _page(query, at, key, wanted.since, wanted.until, after, limit)
        with self._database.reading() as session:
            require_client(session, client)
            rows = session.scalars(query).all()
            tickets = _tickets(session, client, [row.call_id for row in rows])
            last = rows[limit - 1] if len(rows) > limit else None
            return Page(
                tuple(
                    PastCall(record_from_json(row.record), tickets.get(row.call_id))
                    for row in rows[:limit]
                ),
                None if last is None else (last.started_at, last.call_id),
            )

    def call(self, client: str, call_id: str) -> PastCall:
        """One call of the client's.

        Raises:
            NotKeptError: The client has none of that identifier.
        """
        with self._database.reading() as session:
            row = session.get(CallRow, call_id)
            if row is None or row.client != client:
                raise NotKeptError(f"No call {call_id[:40]!r} is kept; look it up in the list.")
            ticket = _tickets(session, client, [call_id]).get(call_id)
            return PastCall(record_from_json(row.record), ticket)


def _page(
    query: Select[Any],
    at: Any,
    key: Any,
    since: datetime | None,
    until: datetime | None,
    after: Position | None,
    limit: int,
) -> Select[Any]:
    """A page of a query, and one row more if there is one."""
    if since is not None:
        query = query.where(at >= since)
    if until is not None:
        query = query.where(at < until)
    if after is not None:
        query = query.where(_older(at, key, after))
    return query.order_by(at.desc(), key.desc()).limit(limit + 1)


def _older(at: Any, key: Any, than: Position) -> ColumnElement[bool]:
    moment, identifier = than
    return or_(at < moment, and_(at == moment, key < identifier))


def _tickets(session: Any, client: str, call_ids: Sequence[str]) -> dict[str, str]:
    """The tickets of calls, by the call."""
    query = select(TicketRow.call_id, TicketRow.id).where(
        TicketRow.client == client, TicketRow.call_id.in_(call_ids)
    )
    return {row.call_id: row.id for row in session.execute(query)}
