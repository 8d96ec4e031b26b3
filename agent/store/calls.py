"""Calls and their turns: the `CallLog` that outlives the process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from agent.call.record import CallRecord, record_as_json, record_from_json, turn_as_json
from agent.errors import StoreError
from agent.store.call_facts import write_facts
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError, insert_if_absent
from agent.store.schema import CallRow, TicketRow, TurnRow
from agent.store.ticket_rows import handoff_of

_TURN_COLUMNS = ("heard", "said", "decision", "confidence", "evidence", "timings_ms")


class CallStore:
    """The calls in the database; implements `CallLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, record: CallRecord) -> None:
        """Keep the call as it stands now; returns when it is durable.

        May be called after each turn and at the end. The record is read once the call's row is
        locked, so of two saves at once the later one wins with the newer state.

        Raises:
            UnknownClientError: There is no such client.
            StoreError: Another client has a call of that identifier.
        """
        with self._database.transaction() as session:
            require_client(session, record.client)
            new = {
                "call_id": record.call_id,
                "client": record.client,
                "started_at": record.started_at,
                "outcome": record.outcome,
                "record": {},
            }
            insert_if_absent(session, CallRow, new)
            row = session.get_one(CallRow, record.call_id, with_for_update=True)
            if row.client != record.client:
                raise StoreError(f"The call {record.call_id} is another client's; use a new one.")
            _write(session, row, record)

    def load(self, call_id: str, *, client: str | None = None) -> CallRecord:
        """The call as it was last kept; with `client`, only if it is that client's.

        Raises:
            NotKeptError: There is none.
        """
        query = select(CallRow.record).where(CallRow.call_id == call_id)
        if client is not None:
            query = query.where(CallRow.client == client)
        with self._database.reading() as session:
            record = session.scalar(query)
        if record is None:
            raise NotKeptError(f"No call {call_id!r} is kept; look it up in the list of calls.")
        return record_from_json(record)

    def recent(self, client: str | None, limit: int = 50) -> tuple[CallRecord, ...]:
        """The client's newest calls (every client's if None), newest first.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = select(CallRow.record).order_by(CallRow.started_at.desc(), CallRow.call_id)
        with self._database.reading() as session:
            if client is not None:
                require_client(session, client)
                query = query.where(CallRow.client == client)
            return tuple(record_from_json(record) for record in session.scalars(query.limit(limit)))

    def close_orphans(self, now: datetime) -> tuple[str, ...]:
        """End the calls that a dead process left open; run at server start, before any call.

        Args:
            now: When they count as ended, aware.

        Returns:
            Their identifiers, oldest first.
        """
        with self._database.transaction() as session:
            rows = session.scalars(
                select(CallRow)
                .where(CallRow.ended_at.is_(None))
                .order_by(CallRow.started_at)
                .with_for_update()
            ).all()
            for row in rows:
                record = record_from_json(row.record)
                record.ended_at, record.ended_by, record.error = now, "error", "server died"
                if record.handoff is None:  # died between the ticket and the call's own save
                    ticket = session.scalar(
                        select(TicketRow).where(
                            TicketRow.call_id == row.call_id, TicketRow.client == row.client
                        )
                    )
                    record.handoff = handoff_of(ticket) if ticket is not None else None
                if record.outcome == "abandoned":  # the outcome of a call that is not over
                    record.settle_outcome()
                _write(session, row, record)
            return tuple(row.call_id for row in rows)


def _write(session: Session, row: CallRow, record: CallRecord) -> None:
    """Make the call's row and its turns say what `record` says."""
    row.caller_number = record.caller_number
    row.started_at = record.started_at
    row.ended_at = record.ended_at
    row.ended_by = record.ended_by
    row.outcome = record.outcome
    row.error = record.error
    row.test = record.test
    row.record = record_as_json(record)
    turns = []
    for position, turn in enumerate(record.turns):
        values = turn_as_json(turn)
        columns = {name: values[name] for name in _TURN_COLUMNS}  # the rest is in the record only
        turns.append({"call_id": record.call_id, "position": position, **columns})
    session.execute(delete(TurnRow).where(TurnRow.call_id == record.call_id))
    if turns:
        session.execute(insert(TurnRow), turns)
    if record.ended_at is not None and not record.test:
        session.flush()
        write_facts(session, record)
