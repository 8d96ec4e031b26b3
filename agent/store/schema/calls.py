"""Calls, their figures, and what came of them: tickets, messages, handoffs, verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from agent.store.schema.base import Base


class CallRow(Base):
    """A call. `record` is the whole truth; the other columns repeat what queries need.

    A `test` was placed by the client's own people to try their line: it counts nowhere.
    """

    __tablename__ = "calls"
    __table_args__ = (Index(None, "client", "started_at"), Index(None, "ended_at"))

    call_id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    caller_number: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    outcome: Mapped[str]
    error: Mapped[str | None]
    test: Mapped[bool] = mapped_column(server_default=false())
    record: Mapped[dict[str, Any]]


class CallFactRow(Base):
    """A call that is over, in a few small columns: what figures are made of.

    Beside the records, which are large, and in the order of time: a year of a client's calls is
    read in milliseconds.
    """

    __tablename__ = "call_facts"
    __table_args__ = (UniqueConstraint("call_id"), {"sqlite_with_rowid": False})

    client: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    outcome: Mapped[str]
    length_s: Mapped[int]
    waited_ms: Mapped[int | None]
    danger: Mapped[bool]
    asked: Mapped[bool]
    rating: Mapped[int | None]
    product: Mapped[str]


class CallCodeRow(Base):
    """An error code that a call was about."""

    __tablename__ = "call_codes"
    __table_args__ = (Index(None, "call_id"), {"sqlite_with_rowid": False})

    client: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)


class CallPageRow(Base):
    """A question of a call that a page of a manual answered, by the position of its turn."""

    __tablename__ = "call_pages"
    __table_args__ = (Index(None, "call_id"), {"sqlite_with_rowid": False})

    client: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    manual: Mapped[str]
    page: Mapped[int]


class TurnRow(Base):
    """A turn of a call, from position 0, repeated from the call's record for queries."""

    __tablename__ = "turns"

    call_id: Mapped[str] = mapped_column(
        ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    heard: Mapped[str]
    said: Mapped[str]
    decision: Mapped[str]
    confidence: Mapped[float | None]
    evidence: Mapped[list[Any]]
    timings_ms: Mapped[dict[str, Any]]


class TicketRow(Base):
    """A callback request. Its call need not be kept yet: the request must not wait for it."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "client", "created_at"),
        Index(None, "client", "caller_number"),
        Index(None, "status", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    call_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    urgency: Mapped[str]
    status: Mapped[str]
    caller_number: Mapped[str | None]
    brief: Mapped[dict[str, Any]]
    line: Mapped[str]
    due_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
    attempts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    notes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    done_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]


class OutboxRow(Base):
    """Something to be sent about a ticket; its key tells a receiver that it has come before."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("ticket_id", "event", "kind", "target"),
        Index(None, "sent_at", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    event: Mapped[str]
    kind: Mapped[str]
    target: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str | None]


class HandoffRow(Base):
    """A caller who was handed over, or was to be, and each state that this went through."""

    __tablename__ = "handoffs"
    __table_args__ = (Index(None, "client", "requested_at"), Index(None, "call_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.slug"))
    call_id: Mapped[str]
    ticket_id: Mapped[str | None]
    state: Mapped[str]
    operator: Mapped[str | None]
    requested_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    history: Mapped[list[Any]]


class VerdictRow(Base):
    """What an operator thinks of a turn of the agent's."""

    __tablename__ = "verdicts"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    verdict: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    user_id: Mapped[str]
    given_at: Mapped[datetime]
