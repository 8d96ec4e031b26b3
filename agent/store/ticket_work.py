"""What operators do with callback requests: take, call, note, close; and which to call next.

A ticket is `new`, `taken` once somebody has it, `called` once they tried, `done` when it is closed.
While it is `live` its caller is on the line with somebody: it is neither taken nor called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Text, case, cast, func, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.database import Database
from agent.store.schema import TicketRow, UserRow
from agent.store.ticket_rows import (
    Attempt,
    Note,
    Result,
    Ticket,
    locked_ticket,
    not_kept,
    ticket_of,
)

OVERDUE, URGENT_OVERDUE = timedelta(hours=2), timedelta(minutes=15)
"""How long after it was due, or after the last attempt, a callback is overdue."""

TO_DO = ("new", "taken", "called")
"""Statuses of a ticket whose caller is to be called back."""

LONGEST_NOTE = 4000
"""Characters; what is longer is cut."""

_ATTEMPT, _NOTE = TypeAdapter(Attempt), TypeAdapter(Note)

Scope = Collection[str] | None
"""The clients whose tickets somebody may touch; None or with "*" among them: all."""


class TicketRefusedError(PermanenceError):
    """A ticket is not in a state for that, or somebody else has it; said in French."""


@dataclass(frozen=True)
class ToCall:
    """A callback to make.

    Attributes:
        due_at: From when it was promised, or since when it waits, UTC.
        overdue: It waits for longer than it should.
    """

    ticket: Ticket
    due_at: datetime
    overdue: bool


@dataclass(frozen=True)
class TicketBacklog:
    """How many callbacks are to be made, and how many of them wait for longer than they should."""

    to_call: int = 0
    overdue: int = 0


class TicketWork:
    """The callback requests as operators work on them; each method is durable when it returns.

    Every method raises `NotKeptError` for a ticket that there is not, or that is none of `clients`,
    and `TicketRefusedError` where it says so.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, ticket_id: str, user_id: str, *, clients: Scope = None) -> Ticket:
        """Give it to a user, who may have it already.

        Raises:
            TicketRefusedError: Somebody else has it, or it is live or done.
        """
        with self._locked(ticket_id, clients) as (session, row):
            _require_open(row)
            _require_free(session, row, user_id)
            row.taken_by = user_id
            row.status = "taken" if row.status == "new" else row.status
            return ticket_of(row)

    def give_back(self, ticket_id: str, user_id: str | None, *, clients: Scope = None) -> Ticket:
        """Take it from a user (None: from whoever has it), for anybody else to have.

        Raises:
            TicketRefusedError: Somebody else has it, or it is live or done.
        """
        with self._locked(ticket_id, clients) as (session, row):
            _require_open(row)
            _require_free(session, row, user_id)
            _free(row)
            return ticket_of(row)

    def attempt(
        self,
        ticket_id: str,
        user_id: str,
        result: Result,
        note: str,
        now: datetime,
        *,
        clients: Scope = None,
    ) -> Ticket:
        """Keep that a user called back. Reached does not close it; that is for them to say.

        A call that was made is kept also where another user has the ticket, who goes on having it.

        Raises:
            TicketRefusedError: It is live or done.
        """
        made = Attempt(now.astimezone(UTC), user_id, result, note.strip()[:LONGEST_NOTE])
        with self._locked(ticket_id, clients) as (_, row):
            _require_open(row)
            row.attempts = [*row.attempts, _ATTEMPT.dump_python(made, mode="json")]
            row.called_at = row.called_at or made.at
            row.taken_by = row.taken_by or user_id
            row.status = "called"
            return ticket_of(row)

    def note(
        self, ticket_id: str, user_id: str, text: str, now: datetime, *, clients: Scope = None
    ) -> Ticket:
        """Write something about it, whatever its status.

        Raises:
            TicketRefusedError: There is no text.
        """
        if not text.strip():
            raise TicketRefusedError("La note est vide : écrivez quelques mots.")
        written = Note(now.astimezone(UTC), user_id, text.strip()[:LONGEST_NOTE])
        with self._locked(ticket_id, clients) as (_, row):
            row.notes = [*row.notes, _NOTE.dump_python(written, mode="json")]
            return ticket_of(row)

    def close(
        self, ticket_id: str, user_id: str | None, now: datetime, *, clients: Scope = None
    ) -> Ticket:
        """Have it done; once it is, nothing changes any more.

        Args:
            ticket_id: Of the ticket.
            user_id: Who closes it; None: whoever has it, as when its caller was handed over.
            now: With its zone.
            clients: See `Scope`.

        Raises:
            TicketRefusedError: Somebody else has it, or a user closes it while it is live.
        """
        with self._locked(ticket_id, clients) as (session, row):
            if row.status != "done":
                if user_id is not None:
                    _require_open(row)
                _require_free(session, row, user_id)
                row.taken_by = row.taken_by or user_id
                row.status, row.done_at = "done", now.astimezone(UTC)
            return ticket_of(row)

    def reopen(self, ticket_id: str, *, clients: Scope = None) -> Ticket:
        """Have it to be done again, by anybody; nothing changes if it is not done."""
        with self._locked(ticket_id, clients) as (_, row):
            if row.status == "done":
                row.done_at = None
                _free(row)
            return ticket_of(row)

    def to_call(self, clients: Scope, now: datetime) -> tuple[ToCall, ...]:
        """The callbacks to make, taken ones too: urgent ones first, then as they are due.

        Args:
            clients: Whose; None: every client's.
            now: With its zone.
        """
        query = (
            select(TicketRow)
            .where(TicketRow.status.in_(TO_DO))
            .order_by(
                case((TicketRow.urgency == "urgent", 0), else_=1),
                func.coalesce(TicketRow.due_at, TicketRow.created_at),
                TicketRow.id,
            )
        )
        if clients is not None and "*" not in clients:
            query = query.where(TicketRow.client.in_(clients))
        with self._database.reading() as session:
            return tuple(_to_call(ticket_of(row), now) for row in session.scalars(query))

    def backlogs(self, now: datetime) -> dict[str, TicketBacklog]:
        """How many callbacks are to be made, by client; of those without any nothing."""
        columns = (
            TicketRow.client, TicketRow.urgency, TicketRow.due_at, TicketRow.created_at,
            TicketRow.attempts,
        )  # fmt: skip
        query = select(*columns).where(TicketRow.status.in_(TO_DO))
        found: dict[str, TicketBacklog] = {}
        with self._database.reading() as session:
            for client, urgency, due_at, created_at, attempts in session.execute(query):
                made = (_ATTEMPT.validate_python(attempt).at for attempt in attempts)
                late = is_overdue(urgency, due_at or created_at, made, now)
                before = found.get(client, TicketBacklog())
                found[client] = TicketBacklog(before.to_call + 1, before.overdue + late)
        return found

    def of_same_caller(self, ticket: Ticket) -> tuple[Ticket, ...]:
        """Other tickets of the client's whose caller has the same number, newest first."""
        if ticket.caller_number is None:
            return ()
        query = (
            select(TicketRow)
            .where(
                TicketRow.client == ticket.client,
                TicketRow.caller_number.in_(_as_written(ticket.caller_number)),
                TicketRow.id != ticket.ticket_id,
            )
            .order_by(TicketRow.created_at.desc(), TicketRow.id)
        )
        with self._database.reading() as session:
            return tuple(ticket_of(row) for row in session.scalars(query))

    def mark(self) -> int:
        """A number that is another one once something of a ticket to do has changed.

        Only for comparing with what this process was told before: cheaper than `to_call`, so it
        can be asked every second.
        """
        columns = (
            TicketRow.id, TicketRow.status, TicketRow.urgency, TicketRow.taken_by, TicketRow.line,
            TicketRow.caller_number, TicketRow.due_at,
            *(func.length(cast(column, Text)) for column in (
                TicketRow.brief, TicketRow.attempts, TicketRow.notes)),
        )  # fmt: skip
        query = select(*columns).where(TicketRow.status != "done").order_by(TicketRow.id)
        with self._database.reading() as session:
            return hash(tuple(map(tuple, session.execute(query))))

    @contextmanager
    def _locked(self, ticket_id: str, clients: Scope) -> Iterator[tuple[Session, TicketRow]]:
        with self._database.transaction() as session:
            row = locked_ticket(session, ticket_id)
            if clients is not None and not {row.client, "*"}.intersection(clients):
                raise not_kept(ticket_id)
            yield session, row


def _free(row: TicketRow) -> None:
    row.taken_by = None
    row.status = "called" if row.attempts else "new"


def _require_open(row: TicketRow) -> None:
    """Refuse what is live or done.

    Raises:
        TicketRefusedError: It is.
    """
    if row.status == "live":
        raise TicketRefusedError(
            f"La demande {row.id} est en cours de transfert : son appelant est en ligne."
        )
    if row.status == "done":
        raise TicketRefusedError(f"La demande {row.id} est close : rouvrez-la d'abord.")


def _require_free(session: Session, row: TicketRow, user_id: str | None) -> None:
    """Refuse what somebody else has.

    Raises:
        TicketRefusedError: They have; the sentence names them if they are known.
    """
    if row.taken_by is None or user_id in (None, row.taken_by):
        return
    user = session.get(UserRow, row.taken_by)
    by = user.name if user is not None else "quelqu'un d'autre"
    raise TicketRefusedError(f"La demande {row.id} est déjà prise par {by}.")


def _to_call(ticket: Ticket, now: datetime) -> ToCall:
    due_at = ticket.due_at or ticket.created_at
    made = (attempt.at for attempt in ticket.attempts)
    return ToCall(ticket, due_at, is_overdue(ticket.urgency, due_at, made, now))


def is_overdue(urgency: str, due_at: datetime, made: Iterable[datetime], now: datetime) -> bool:
    """Whether a callback waits for longer than it should.

    Args:
        urgency: Of its ticket.
        due_at: From when it was promised, or since when it waits.
        made: When it was tried.
        now: With its zone.
    """
    patience = URGENT_OVERDUE if urgency == "urgent" else OVERDUE
    return now - max([due_at, *made]) > patience


def late_at(urgency: str, due_at: datetime) -> datetime:
    """From when a callback that nobody has tried is late.

    Args:
        urgency: Of its ticket.
        due_at: From when it was promised, or since when it waits.
    """
    return due_at + (URGENT_OVERDUE if urgency == "urgent" else OVERDUE)


def _as_written(number: str) -> tuple[str, ...]:
    """A number as it may be kept: a French one with its country's code or with a zero."""
    if number.startswith("+33"):
        return number, f"0{number.removeprefix('+33')}"
    if number.startswith("0") and not number.startswith("00"):
        return number, f"+33{number[1:]}"
    return (number,)
