"""Handoffs, each state that they came into, and what it means for their tickets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.handoff.states import ENDS, HandoffRecord, Passage
from agent.store.announce import withdraw
from agent.store.call_facts import note_talk
from agent.store.database import Database, insert_if_absent
from agent.store.schema import HandoffRow, TicketRow

_HISTORY = TypeAdapter(tuple[Passage, ...])


class HandoffStore:
    """The handoffs in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, record: HandoffRecord) -> None:
        """Keep it as it stands; returns when it is durable.

        In the same transaction its ticket goes live while somebody is rung or talks with the
        caller, is done when the talk is over, and is one to call back where nobody came or the
        operator gave the caller back to the agent without having settled it: so a process that
        dies in between leaves no ticket that nobody calls back.
        """
        with self._database.transaction() as session:
            values: dict[str, Any] = {
                "id": record.handoff_id,
                "client": record.client,
                "call_id": record.call_id,
                "ticket_id": record.ticket_id,
                "requested_at": record.history[0].at,
                "state": record.state,
                "history": [],
            }
            insert_if_absent(session, HandoffRow, values)
            row = session.get_one(HandoffRow, record.handoff_id, with_for_update=True)
            row.state = record.state
            row.operator = record.operator
            row.connected_at = next(
                (one.at for one in record.history if one.state == "connected"), None
            )
            if row.connected_at is not None:
                note_talk(session, record.call_id)
            row.ended_at = record.history[-1].at if record.is_over else None
            row.history = _HISTORY.dump_python(record.history, mode="json")
            if record.ticket_id is not None:
                _settle(session, record)

    def of_call(self, call_id: str) -> tuple[HandoffRecord, ...]:
        """The handoffs of a call, the oldest first."""
        query = select(HandoffRow).where(HandoffRow.call_id == call_id)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(HandoffRow.requested_at))
            return tuple(_record(row) for row in rows)

    def close_orphans(self, now: datetime) -> int:
        """End the handoffs that a dead process left; their tickets are to be called back.

        Args:
            now: When they count as ended, aware; run at server start, before any call.

        Returns:
            How many there were.
        """
        query = select(HandoffRow).where(HandoffRow.state.not_in(ENDS)).with_for_update()
        with self._database.transaction() as session:
            rows = session.scalars(query).all()
            for row in rows:
                died = Passage(now.astimezone(UTC), "failed", row.operator, "server died")
                row.history = [*row.history, TypeAdapter(Passage).dump_python(died, mode="json")]
                row.state, row.ended_at = "failed", now
            live = select(TicketRow).where(TicketRow.status == "live").with_for_update()
            for ticket in session.scalars(live):
                ticket.status = "new"
            return len(rows)


def _settle(session: Session, record: HandoffRecord) -> None:
    ticket = session.get(TicketRow, record.ticket_id, with_for_update=True)
    if ticket is not None and ticket.status == "done" and not record.is_over:
        ticket.status, ticket.taken_by, ticket.done_at = "new", None, None  # they ask once more
    if ticket is None or ticket.status not in ("new", "live"):
        return
    if not record.is_over:
        ticket.status = "live"
    elif record.state == "finished" and record.history[-1].why != "returned":
        ticket.status, ticket.done_at = "done", record.history[-1].at
        ticket.taken_by = record.operator
        withdraw(session, ticket.id)
    else:
        ticket.status = "new"


def _record(row: HandoffRow) -> HandoffRecord:
    history = _HISTORY.validate_python(row.history)
    return HandoffRecord(row.id, row.client, row.call_id, row.ticket_id, history)
