"""Figures of one client's calls in a period: counted by the database, over small columns alone.

A call belongs to the period in which it began; one that goes on is not counted yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from agent.store.call_facts import SLOT_S, CallKind, slot_of
from agent.store.database import Database
from agent.store.schema import CallCodeRow, CallFactRow, CallPageRow, HandoffRow, TicketRow

MOST = 10
"""Products, codes and pages that are named: those with the most calls."""

MARKS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Spread:
    """How whole numbers are spread: how many there are of each."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many numbers there are."""
        return sum(self.counts.values())

    def quantile(self, share: float) -> int | None:
        """The smallest number that at least this share of them do not exceed; None if none is.

        Args:
            share: Over 0, to 1; 0.5 is the lower median.
        """
        left = share * self.total
        for value, count in sorted(self.counts.items()):
            left -= count
            if left <= 1e-9:
                return value
        return None

    def share_within(self, limit: int) -> float | None:
        """The share of numbers that do not exceed a limit; None if there are none."""
        if not self.total:
            return None
        return sum(count for value, count in self.counts.items() if value <= limit) / self.total


@dataclass(frozen=True)
class Marks:
    """What callers gave when asked for a mark.

    Attributes:
        asked: Callers who were.
        counts: Of each mark, 1 to 5.
    """

    asked: int = 0
    counts: Mapping[int, int] = field(default_factory=lambda: dict.fromkeys(MARKS, 0))

    @property
    def given(self) -> int:
        """Marks that were given."""
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """Of the marks; None if there are none."""
        told = sum(mark * count for mark, count in self.counts.items())
        return told / self.given if self.given else None

    @property
    def replied(self) -> float | None:
        """The share of those asked who gave one; None if nobody was asked."""
        return self.given / self.asked if self.asked else None


@dataclass(frozen=True)
class Callbacks:
    """Callback requests of the period, those aside that an operator settled in the call itself.

    Attributes:
        on_time: Tried, or closed by hand, within two hours of when they were due (15 minutes where
            urgent), as the console counts it.
        late: Tried or closed later, or not yet though they should have been.
        waiting: Not yet, and there is time.
    """

    on_time: int = 0
    late: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Page:
    """A page of a manual, and the questions that it answered."""

    manual: str
    page: int
    count: int


@dataclass(frozen=True)
class Figures:
    """Those of a client's calls in a period.

    Attributes:
        slots: Calls by the quarter of an hour in which they began (`call_facts.slot_of`).
        kinds: Calls by how they came out: each is counted once.
        lengths_s: How long they were.
        waits_ms: From when a call was taken to the first word that its caller was told, where that
            was kept.
        dangers: Calls in which a danger was spoken of.
        products: Appliances with the most calls, as the manuals name them.
        codes: Error codes that the most calls told; a call may tell several.
        pages: Pages that answered the most questions; a call may hold several.
        questions: Questions that any page answered.
    """

    slots: Mapping[int, int] = field(default_factory=dict)
    kinds: Mapping[CallKind, int] = field(default_factory=dict)
    lengths_s: Spread = field(default_factory=Spread)
    waits_ms: Spread = field(default_factory=Spread)
    marks: Marks = field(default_factory=Marks)
    callbacks: Callbacks = field(default_factory=Callbacks)
    dangers: int = 0
    products: tuple[tuple[str, int], ...] = ()
    codes: tuple[tuple[str, int], ...] = ()
    pages: tuple[Page, ...] = ()
    questions: int = 0

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return sum(self.kinds.values())

    def saved_min(self, minutes_per_call: int) -> int:
        """What the agent spared the client's people: minutes of the calls that it answered."""
        return self.kinds.get("answered", 0) * minutes_per_call


class FigureStore:
    """Counts the calls in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, client: str, since: datetime, until: datetime, now: datetime) -> Figures:
        """The figures of one client. Blocks: some 100 ms for 100,000 calls.

        Args:
            client: Slug.
            since: When the period begins; with `until` at full quarters of an hour.
            until: When it ends, which is outside.
            now: For what is late.

        Raises:
            StoreError: The database cannot be read.
        """
        within = _within(CallFactRow, client, since, until)
        with self._database.reading() as session:
            kinds, dangers, marks = _sums(session, within)
            pages, questions = _pages(session, _within(CallPageRow, client, since, until))
            slots = select(CallFactRow.slot, func.count()).where(within).group_by(CallFactRow.slot)
            return Figures(
                slots=_pairs(session.execute(slots)),
                kinds=kinds,
                lengths_s=_spread(session, CallFactRow.length_s, within),
                waits_ms=_spread(session, CallFactRow.waited_ms, within),
                marks=marks,
                callbacks=_callbacks(session, client, since, until, now),
                dangers=dangers,
                products=_top(session, CallFactRow.product, within),
                codes=_top(session, CallCodeRow.code, _within(CallCodeRow, client, since, until)),
                pages=pages,
                questions=questions,
            )


Facts = type[CallFactRow] | type[CallCodeRow] | type[CallPageRow]


def _within(table: Facts, client: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    if since.timestamp() % SLOT_S or until.timestamp() % SLOT_S:
        raise ValueError("a period begins and ends at full quarters of an hour")
    first, end = slot_of(since), slot_of(until)
    return and_(table.client == client, table.slot >= first, table.slot < end)


def _sums(session: Session, within: ColumnElement[bool]) -> tuple[dict[CallKind, int], int, Marks]:
    """Calls of each kind, those with a danger, and the marks: all in one pass."""
    kinds: tuple[CallKind, ...] = get_args(CallKind)
    counted = [
        *(CallFactRow.outcome == kind for kind in kinds),
        *(CallFactRow.rating == mark for mark in MARKS),
        CallFactRow.danger.is_(True),
        CallFactRow.asked.is_(True),
    ]
    columns = [func.sum(case((one, 1), else_=0)) for one in counted]
    found = [count or 0 for count in session.execute(select(*columns).where(within)).one()]
    *sums, dangers, asked = found
    marks = dict(zip(MARKS, sums[len(kinds) :], strict=True))
    return dict(zip(kinds, sums, strict=False)), dangers, Marks(asked, marks)


def _pairs(rows: Iterable[Sequence[Any]]) -> dict[int, int]:
    return {row[0]: row[1] for row in rows}


def _spread(
    session: Session,
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    within: ColumnElement[bool],
) -> Spread:
    query = select(column, func.count()).where(within, column.is_not(None)).group_by(column)
    return Spread(_pairs(session.execute(query)))


def _top(
    session: Session, column: InstrumentedAttribute[str], within: ColumnElement[bool]
) -> tuple[tuple[str, int], ...]:
    count = func.count()
    query = select(column, count).where(within, column != "").group_by(column)
    rows = session.execute(query.order_by(count.desc(), column).limit(MOST))
    return tuple((name, number) for name, number in rows)


def _pages(session: Session, within: ColumnElement[bool]) -> tuple[tuple[Page, ...], int]:
    """Those that answered the most questions, and how many all of them answered."""
    count = func.count()
    query = (
        select(CallPageRow.manual, CallPageRow.page, count, func.sum(count).over())
        .where(within)
        .group_by(CallPageRow.manual, CallPageRow.page)
        .order_by(count.desc(), CallPageRow.manual, CallPageRow.page)
        .limit(MOST)
    )
    rows = session.execute(query).all()
    found = tuple(Page(manual, page, number) for manual, page, number, _ in rows)
    return found, int(rows[0][3]) if rows else 0


def _callbacks(
    session: Session, client: str, since: datetime, until: datetime, now: datetime
) -> Callbacks:
    made = func.coalesce(TicketRow.called_at, TicketRow.done_at)
    talked = exists().where(
        HandoffRow.call_id == TicketRow.call_id,
        HandoffRow.client == client,
        HandoffRow.connected_at.is_not(None),
    )
    settled = and_(TicketRow.called_at.is_(None), TicketRow.status == "done", talked)
    counts = (
        made <= TicketRow.late_at,
        or_(made > TicketRow.late_at, and_(made.is_(None), TicketRow.late_at < now)),
        and_(made.is_(None), TicketRow.late_at >= now),
    )
    query = select(*(func.sum(case((one, 1), else_=0)) for one in counts)).where(
        TicketRow.client == client,
        TicketRow.created_at >= since,
        TicketRow.created_at < until,
        TicketRow.status != "live",
        ~settled,
    )
    return Callbacks(*(count or 0 for count in session.execute(query).one()))
