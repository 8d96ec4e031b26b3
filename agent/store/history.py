"""Calls that are over, to be found again: by words, number, ticket, client, day and outcome."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from agent.call.record import CallRecord, Outcome, record_from_json
from agent.store.call_facts import CallKind
from agent.store.database import Database
from agent.store.schema import CallCodeRow, CallFactRow, CallPageRow, CallRow, TicketRow, TurnRow
from agent.store.ticket_work import Scope

PAGE = 30
"""Calls of a page."""

MOST_TERMS, LONGEST_TERM = 8, 60
"""Words that are looked for, and characters of each; what is more is left out."""

_BATCH = 4 * PAGE
_ACCENTED = frozenset("aceinouy'")
"""Signs that may be written otherwise, with an accent or as another apostrophe."""

_ONE_NUMBER = re.compile(r"\+?\d[\d .()-]{4,}\d")
_SHORTEST_NUMBER = 4


@dataclass(frozen=True)
class Counted:
    """What the calls behind a figure have in common; nothing given: nothing.

    Attributes:
        kind: How they came out, as figures count it.
        product: Appliance that they were about.
        code: Error code that was told in them.
        manual: File name of a manual that answered a question in them.
        page: Of that manual.
        mark: That their callers gave.
        danger: A danger was spoken of in them.
    """

    kind: CallKind | None = None
    product: str = ""
    code: str = ""
    manual: str = ""
    page: int | None = None
    mark: int | None = None
    danger: bool = False


@dataclass(frozen=True)
class Search:
    """What is looked for; nothing given: every call.

    Attributes:
        text: Words of the conversation, each of which occurs in it, a number or a ticket's.
        client: Slug.
        outcome: Of the call.
        since: Of its start, with its zone.
        until: Of its start, which is earlier than that.
        after: Identifier of the call after which the page begins, "" for the first page.
        counted: What calls are counted for.
    """

    text: str = ""
    client: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    counted: Counted = Counted()


@dataclass(frozen=True)
class PastCall:
    """A call that was found, the ticket that came of it, and how it counts (None: it goes on)."""

    record: CallRecord
    ticket_id: str | None
    kind: CallKind | None = None

    @property
    def question(self) -> str:
        """What its caller wanted, in their words; "" if they told nothing."""
        handoff = self.record.handoff
        if handoff is not None and handoff.brief.problem:
            return handoff.brief.problem
        heard = [turn for turn in self.record.turns if turn.heard]
        asked = (turn.heard for turn in heard if turn.decision != "social")
        return next(asked, heard[0].heard if heard else "")


@dataclass(frozen=True)
class Found:
    """A page of what was found, the newest call first.

    Attributes:
        more: There are older ones.
    """

    calls: tuple[PastCall, ...]
    more: bool


class CallHistory:
    """The calls in the database, as operators look for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, search: Search, clients: Scope) -> Found:
        """A page of the calls that answer to it, of these clients alone.

        Raises:
            StoreError: The database cannot be read.
        """
        terms = terms_of(search.text)
        with self._database.reading() as session:
            query = _within(session, search, clients).where(*(_may_hold(term) for term in terms))
            found = _matching(session, query, terms)
            calls = tuple(call for call, _ in zip(found, range(PAGE + 1), strict=False))
        return Found(calls[:PAGE], len(calls) > PAGE)


def terms_of(text: str) -> tuple[str, ...]:
    """What a text looks for, folded: a telephone number is one term however it is written."""
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    if _ONE_NUMBER.fullmatch(seen.strip()):
        return (re.sub(r"\D", "", _national(seen.strip())),)
    terms = dict.fromkeys(fold(word)[:LONGEST_TERM] for word in seen.split())
    return tuple(term for term in terms if term)[:MOST_TERMS]


def fold(text: str) -> str:
    """A text without accents, ligatures and capitals."""
    plain = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    marked = unicodedata.normalize("NFKD", plain)
    return "".join(sign for sign in marked if not unicodedata.combining(sign))


def _national(number: str) -> str:
    return re.sub(r"^(\+33|0033)\s*(\(0\))?", "0", number)


def _within(session: Session, search: Search, clients: Scope) -> Select[CallRow]:
    """The calls that everything but the words allows, in order; those that tried the line never."""
    query = (
        select(CallRow)
        .where(CallRow.test.is_(False))
        .order_by(CallRow.started_at.desc(), CallRow.call_id.desc())
    )
    if clients is not None and "*" not in clients:
        query = query.where(CallRow.client.in_(clients))
    if search.client is not None:
        query = query.where(CallRow.client == search.client)
    if search.outcome is not None:
        query = query.where(CallRow.outcome == search.outcome, CallRow.ended_at.is_not(None))
    if search.since is not None:
        query = query.where(CallRow.started_at >= search.since)
    if search.until is not None:
        query = query.where(CallRow.started_at < search.until)
    query = query.where(*_counted(search.counted))
    last = session.get(CallRow, search.after) if search.after else None
    if last is None or not (clients is None or {last.client, "*"}.intersection(clients)):
        return query  # when another client's call was must not tell
    return query.where(_older(last))


def _counted(counted: Counted) -> list[ColumnElement[bool]]:
    """What a call must have been counted for."""
    facts: list[ColumnElement[bool]] = []
    if counted.kind is not None:
        facts.append(CallFactRow.outcome == counted.kind)
    if counted.product:
        facts.append(CallFactRow.product == counted.product)
    if counted.mark is not None:
        facts.append(CallFactRow.rating == counted.mark)
    if counted.danger:
        facts.append(CallFactRow.danger.is_(True))
    found: list[ColumnElement[bool]] = []
    if facts:
        found.append(exists().where(CallFactRow.call_id == CallRow.call_id, *facts))
    if counted.code:
        found.append(
            exists().where(CallCodeRow.call_id == CallRow.call_id, CallCodeRow.code == counted.code)
        )
    if counted.manual:
        mine = [CallPageRow.call_id == CallRow.call_id, CallPageRow.manual == counted.manual]
        if counted.page is not None:
            mine.append(CallPageRow.page == counted.page)
        found.append(exists().where(*mine))
    return found


def _older(last: CallRow) -> ColumnElement[bool]:
    return or_(
        CallRow.started_at < last.started_at,
        and_(CallRow.started_at == last.started_at, CallRow.call_id < last.call_id),
    )


def _may_hold(term: str) -> ColumnElement[bool]:
    """Whether a call may hold a term: the database knows no accents, so some hold it not."""
    pattern = _pattern(term)
    words = exists().where(
        TurnRow.call_id == CallRow.call_id,
        or_(TurnRow.heard.ilike(pattern, escape="\\"), TurnRow.said.ilike(pattern, escape="\\")),
    )
    ticket = TicketRow.call_id == CallRow.call_id
    found: list[ColumnElement[bool]] = [words, exists().where(ticket, TicketRow.id == term.upper())]
    if digits := _digits(term):
        found.append(CallRow.caller_number.like(f"%{digits}%"))
        found.append(exists().where(ticket, TicketRow.caller_number.like(f"%{digits}%")))
    return or_(*found)


def _pattern(term: str) -> str:
    """A pattern that every way of writing a folded term answers to, and some other words too."""
    pieces = re.split(r"[ao]e", term)  # perhaps written as one sign
    return f"%{'%'.join(''.join(map(_any_writing, piece)) for piece in pieces)}%"


def _any_writing(sign: str) -> str:
    if sign in _ACCENTED:
        return "_"
    return f"\\{sign}" if sign in "%_\\" else sign


def _digits(term: str) -> str:
    """The digits of a number by which it is found however it is written; "" if it is none."""
    if not term.isdecimal() or len(term) < _SHORTEST_NUMBER:
        return ""
    return term.removeprefix("0")


def _matching(session: Session, query: Select[CallRow], terms: Sequence[str]) -> Iterator[PastCall]:
    """The calls of a query that really hold the terms, a batch at a time."""
    size = _BATCH if terms else PAGE + 1
    last: CallRow | None = None
    while True:
        batch = query if last is None else query.where(_older(last))
        rows = session.scalars(batch.limit(size)).all()
        tickets = _tickets(session, [row.call_id for row in rows])
        kinds = _kinds(session, [row.call_id for row in rows])
        for row in rows:
            record = record_from_json(row.record)
            ticket = tickets.get(row.call_id)
            if all(_holds(record, ticket, term) for term in terms):
                kind = kinds.get(row.call_id)
                yield PastCall(record, None if ticket is None else ticket.id, kind)
        if len(rows) < size:
            return
        last = rows[-1]


def _tickets(session: Session, call_ids: Iterable[str]) -> dict[str, TicketRow]:
    rows = session.scalars(select(TicketRow).where(TicketRow.call_id.in_(call_ids)))
    return {row.call_id: row for row in rows}


def _kinds(session: Session, call_ids: Sequence[str]) -> dict[str, CallKind]:
    query = select(CallFactRow.call_id, CallFactRow.outcome).where(
        CallFactRow.call_id.in_(call_ids)
    )
    return {
        call_id: kind
        for call_id, outcome in session.execute(query)
        for kind in get_args(CallKind)
        if kind == outcome
    }


def _holds(record: CallRecord, ticket: TicketRow | None, term: str) -> bool:
    if any(term in fold(words) for turn in record.turns for words in (turn.heard, turn.said)):
        return True
    if ticket is not None and ticket.id == term.upper():
        return True
    digits = _digits(term)
    numbers = (record.caller_number, None if ticket is None else ticket.caller_number)
    return bool(digits) and any(digits in (number or "") for number in numbers)
