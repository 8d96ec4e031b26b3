"""What is kept of somebody or for too long: found, and made unreadable; figures that count stay.

A call that is forgotten keeps its row: when, how long, how it came out, what it was about. Its
words, its number, its story and the tickets that came of it are gone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, cast, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from agent.call.record import Brief, record_as_json, record_from_json
from agent.privacy.masking import SHOWN
from agent.privacy.whose import (
    as_e164,
    is_same,
    mentions,
    numbers_in,
    tail_of,
    written_forms,
)
from agent.store.clients import require_client
from agent.store.database import Database
from agent.store.schema import (
    AuditRow,
    Base,
    CallRow,
    GapRow,
    HandoffRow,
    OutboxRow,
    TicketRow,
    TurnRow,
    VerdictRow,
)

OTHERS = frozenset(("clients", "client_numbers", "users", "sessions", "manuals"))
"""Tables that hold nothing of callers: an operator's telephone may have the same number."""

_MAY_TELL = re.compile(r"\d|z[ée]ro|h[ée]ros|\bplus\b", re.IGNORECASE)
_AT_ONCE = 500
"""Rows of one statement: a list of more is too long for some databases."""


@dataclass(frozen=True)
class Held:
    """What is kept of a number, for one client.

    Attributes:
        calls: Identifiers, the newest first.
        tickets: Identifiers, the newest first.
        live: One of the calls still goes on.
    """

    calls: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    live: bool = False

    def __bool__(self) -> bool:
        return bool(self.calls or self.tickets)


class ForgettingStore:
    """What is kept of callers, found and forgotten; every method is about one client."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, client: str, e164: str, until: datetime | None = None) -> Held:
        """What is kept of a number: called from it, to be called back there, or it was said.

        Args:
            client: Slug.
            e164: The number.
            until: Only what was begun before that.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            require_client(session, client)
            tickets = dict(_tickets_of(session, client, e164, until))
            calls = set(_calls_from(session, client, e164))
            calls |= set(_calls_telling(session, client, e164))
            calls |= set(tickets.values())
            rows = [
                row
                for ids in _batches(sorted(calls))
                for row in session.execute(
                    select(CallRow.call_id, CallRow.started_at, CallRow.ended_at).where(
                        CallRow.call_id.in_(ids), CallRow.client == client
                    )
                )
            ]
            rows = [row for row in rows if until is None or row.started_at < until]
            rows.sort(key=lambda row: (row.started_at, row.call_id), reverse=True)
            ids = [row.call_id for row in rows]
            for batch in _batches(ids):  # also tickets that have another number to call back
                theirs = select(TicketRow.id, TicketRow.call_id).where(
                    TicketRow.call_id.in_(batch), TicketRow.client == client
                )
                tickets |= {row.id: row.call_id for row in session.execute(theirs)}
            live = any(row.ended_at is None for row in rows)
            return Held(tuple(ids), tuple(sorted(tickets)), live)

    def numbers(self, client: str) -> set[str]:
        """Every number, E.164, that calls and tickets of a client have or in which it was said."""
        found = set()
        with self._database.reading() as session:
            for table in (CallRow, TicketRow):
                query = select(table.caller_number).where(table.client == client).distinct()
                found |= {as_e164(number) for number in session.scalars(query) if number}
            for _, text in _texts(session, client):
                found |= numbers_in(text)
        return {number for number in found if number}

    def forget(
        self, client: str, call_ids: Collection[str] = (), ticket_ids: Collection[str] = ()
    ) -> None:
        """Forget calls and tickets, all or none: what tells that one belongs to the other goes too.

        Taken out of calls are the words, the numbers and the stories, with what judges them;
        tickets are deleted with what was or is to be sent of them.
        """
        with self._database.transaction() as session:
            for ids in _batches(list(call_ids)):
                mine = CallRow.call_id.in_(ids), CallRow.client == client
                for row in session.scalars(select(CallRow).where(*mine).with_for_update()):
                    _scrub(session, row)
            for ids in _batches(list(ticket_ids)):
                theirs = TicketRow.id.in_(ids), TicketRow.client == client
                found = list(session.scalars(select(TicketRow.id).where(*theirs)))
                session.execute(delete(OutboxRow).where(OutboxRow.ticket_id.in_(found)))
                session.execute(
                    update(HandoffRow).where(HandoffRow.ticket_id.in_(found)).values(ticket_id=None)
                )
                session.execute(delete(TicketRow).where(TicketRow.id.in_(found)))

    def forget_number(self, client: str, e164: str) -> int:
        """Replace a number wherever else it still stands for a client; returns in how many rows.

        Every table is looked through, also one that nobody thought of: notes, questions, groups.
        """
        forms = sorted(written_forms(e164), key=len, reverse=True)
        changed = 0
        with self._database.transaction() as session:
            for table in Base.metadata.sorted_tables:
                if table.name in OTHERS:
                    continue
                if "client" in table.c:
                    mine = table.c.client == client
                elif "call_id" in table.c:
                    owner = select(CallRow.client).where(CallRow.call_id == table.c.call_id)
                    mine = owner.scalar_subquery() == client
                else:
                    continue
                for column in table.c:
                    text = isinstance(column.type, (String, Text))
                    if column.primary_key or not (text or isinstance(column.type, JSON)):
                        continue
                    there = or_(*(cast(column, Text).like(f"%{form}%") for form in forms))
                    keys = list(table.primary_key.columns)
                    for row in session.execute(select(*keys, column).where(mine, there)).all():
                        value = _without(row[-1], forms)
                        same = [key == row[at] for at, key in enumerate(keys)]
                        session.execute(update(table).where(*same).values({column: value}))
                        changed += 1
        return changed

    def older_calls(self, client: str, before: datetime) -> tuple[str, ...]:
        """Calls that are over, began before then and still have words, a number or a story."""
        words = exists().where(
            TurnRow.call_id == CallRow.call_id, or_(TurnRow.heard != "", TurnRow.said != "")
        )
        has = or_(CallRow.caller_number.is_not(None), words)
        query = select(CallRow.call_id).where(
            CallRow.client == client,
            CallRow.started_at < before,
            CallRow.ended_at.is_not(None),
            has,
        )
        with self._database.reading() as session:
            return tuple(session.scalars(query))

    def older_tickets(self, client: str, before: datetime) -> tuple[str, ...]:
        """Tickets that were done before then, or that nobody has dealt with since."""
        at = func.coalesce(TicketRow.done_at, TicketRow.created_at)
        query = select(TicketRow.id).where(
            TicketRow.client == client, TicketRow.status != "live", at < before
        )
        with self._database.reading() as session:
            return tuple(session.scalars(query))

    def forget_judgements(self, client: str, before: datetime) -> int:
        """Delete verdicts that were given before then, and questions grouped of calls before then.

        Returns:
            How many there were of both.
        """
        mine = select(CallRow.call_id).where(CallRow.client == client)
        older = mine.where(CallRow.started_at < before)
        verdicts = delete(VerdictRow).where(
            VerdictRow.given_at < before, VerdictRow.call_id.in_(mine)
        )
        grouped = delete(GapRow).where(GapRow.client == client, GapRow.call_id.in_(older))
        with self._database.transaction() as session:
            done = session.execute(verdicts.returning(VerdictRow.call_id)).all()
            return len(done) + len(session.execute(grouped.returning(GapRow.call_id)).all())

    def forget_audit(self, before: datetime) -> int:
        """Delete what is said of who did what before then; returns how many entries."""
        query = delete(AuditRow).where(AuditRow.at < before).returning(AuditRow.id)
        with self._database.transaction() as session:
            return len(session.execute(query).all())


def _scrub(session: Session, row: CallRow) -> None:
    record = record_from_json(row.record)
    record.caller_number, record.recording, record.recording_from_s = None, None, None
    record.turns = [replace(turn, heard="", said="", evidence=()) for turn in record.turns]
    if record.error is not None:
        record.error = record.error.partition(":")[0]
    if record.handoff is not None:
        brief = record.handoff.brief
        bare = Brief("", None, brief.product, "", "", (), (), danger=brief.danger)
        record.handoff = replace(record.handoff, brief=bare)
    row.caller_number, row.error, row.record = None, record.error, record_as_json(record)
    blank: dict[str, Any] = {"heard": "", "said": "", "evidence": []}
    session.execute(update(TurnRow).where(TurnRow.call_id == row.call_id).values(blank))
    for judged in (VerdictRow, GapRow):  # nothing is left that they could be about
        session.execute(delete(judged).where(judged.call_id == row.call_id))
    for handoff in session.scalars(select(HandoffRow).where(HandoffRow.call_id == row.call_id)):
        handoff.history = [{**passage, "why": ""} for passage in handoff.history]


def _tickets_of(
    session: Session, client: str, e164: str, until: datetime | None
) -> Iterator[tuple[str, str]]:
    query = select(TicketRow).where(TicketRow.client == client)
    for row in session.scalars(query.execution_options(yield_per=_AT_ONCE)):
        if until is not None and row.created_at >= until:
            continue
        told = json.dumps([row.brief, row.notes, row.attempts], ensure_ascii=False)
        if is_same(row.caller_number, e164) or tail_of(e164) in re.sub(r"\D", "", told):
            yield row.id, row.call_id


def _calls_from(session: Session, client: str, e164: str) -> Iterator[str]:
    query = select(CallRow.call_id, CallRow.caller_number).where(
        CallRow.client == client, CallRow.caller_number.like(f"%{tail_of(e164)}")
    )
    yield from (row.call_id for row in session.execute(query) if is_same(row.caller_number, e164))


def _calls_telling(session: Session, client: str, e164: str) -> Iterator[str]:
    for call_id, text in _texts(session, client):
        if mentions(text, e164):
            yield call_id


def _texts(session: Session, client: str) -> Iterator[tuple[str, str]]:
    """What callers and the agent said, of each call that may have a number in it."""
    query = (
        select(TurnRow.call_id, TurnRow.heard, TurnRow.said)
        .join(CallRow, CallRow.call_id == TurnRow.call_id)
        .where(CallRow.client == client)
        .order_by(TurnRow.call_id, TurnRow.position)
        .execution_options(yield_per=_AT_ONCE)
    )
    of, heard, said = "", "", ""
    for row in session.execute(query):
        if row.call_id != of:
            yield from ((of, text) for text in (heard, said) if _MAY_TELL.search(text))
            of, heard, said = row.call_id, "", ""
        heard, said = f"{heard} {row.heard}", f"{said} {row.said}"
    yield from ((of, text) for text in (heard, said) if _MAY_TELL.search(text))


def _without(value: Any, forms: Iterable[str]) -> Any:
    """A text, or what JSON holds, without a number."""
    if isinstance(value, str):
        for form in forms:
            value = re.sub(rf"\+?{re.escape(form)}", SHOWN["phone"], value)
        return value
    if isinstance(value, dict):
        return {key: _without(one, forms) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, forms) for one in value]
    return value


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
