"""Unanswered questions in groups of one meaning, as they were last grouped; what became of them.

That a question was answered or is to be ignored is kept with each question, not with its group:
groups are made anew when more questions come. A group that was dealt with leaves the list, and
comes back when enough callers ask it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select, update

from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.gaps import Gap, found_gaps
from agent.store.schema import GapRow

MOST = 5_000
"""Newest gaps of a client that are grouped."""

COMES_BACK = 3
"""Newer questions with which a group that was dealt with comes back, if they are half of it."""

Settled = Literal["ignored", "answered"]
_SETTLED: dict[str, Settled] = {"ignored": "ignored", "answered": "answered"}
Key = tuple[str, int]
"""Of a question: its call, and the position of its turn."""


@dataclass(frozen=True)
class Vector:
    """A question's vector as it is kept: float16, little-endian.

    Attributes:
        heard: The words that it is of.
        embedder: The model that made it.
        bytes: Of its numbers.
    """

    heard: str
    embedder: str
    bytes: bytes


@dataclass(frozen=True)
class Question:
    """A question of a group."""

    gap: Gap
    settled: Settled | None

    @property
    def key(self) -> Key:
        """Of its turn."""
        return self.gap.call_id, self.gap.position


@dataclass(frozen=True)
class Group:
    """Questions of one meaning, the most typical one first.

    Attributes:
        key: Of the group until it is made anew.
    """

    key: str
    questions: tuple[Question, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        """Those of which nothing was done yet."""
        return tuple(one for one in self.questions if one.settled is None)

    @property
    def is_to_do(self) -> bool:
        """Whether it stands on the list."""
        settled = len(self.questions) - len(self.open)
        return bool(self.open) and (
            not settled or len(self.open) >= max(COMES_BACK, (len(self.questions) + 1) // 2)
        )

    @property
    def title(self) -> str:
        """The most typical question."""
        return self.questions[0].gap.asked

    @property
    def first(self) -> datetime:
        """When it was asked first, UTC."""
        return min(one.gap.at for one in self.questions)

    @property
    def last(self) -> datetime:
        """When it was asked last, UTC."""
        return max(one.gap.at for one in self.questions)


class GapStore:
    """The grouped questions in the database; every method is of one client. Blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def gaps(self, slug: str, now: datetime | None = None) -> tuple[Gap, ...]:
        """What is to be grouped, the oldest first.

        Args:
            slug: The client.
            now: Unless None, calls are left out whose analyses the client no longer keeps then: the
                night has deleted those, and their words may still be there.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            days = timedelta(days=require_client(session, slug).keep_analysis_days)
            found = found_gaps(session, slug, MOST, None if now is None else now - days)
        return tuple(gap for gap in reversed(found) if gap.asked)

    def vectors(self, slug: str) -> dict[Key, Vector]:
        """The vectors that are kept."""
        query = select(GapRow).where(GapRow.client == slug)
        with self._database.reading() as session:
            return {
                (row.call_id, row.position): Vector(row.heard, row.embedder, row.vector)
                for row in session.scalars(query)
            }

    def keep(
        self, slug: str, vectors: Mapping[Key, Vector], groups: Sequence[Sequence[Key]] | None
    ) -> None:
        """Keep new vectors and, unless None, the groups, in place of those before.

        Args:
            slug: The client.
            vectors: New ones, or of other words than before.
            groups: Every question, the most typical one of a group first.
        """
        with self._database.transaction() as session:
            require_client(session, slug)
            rows = session.scalars(select(GapRow).where(GapRow.client == slug)).all()
            known = {(row.call_id, row.position): row for row in rows}
            for key, vector in vectors.items():
                row = known.get(key)
                if row is None:
                    row = GapRow(
                        call_id=key[0], position=key[1], client=slug, group_key="", place=0
                    )
                    session.add(row)
                    known[key] = row
                row.heard, row.embedder, row.vector = vector.heard, vector.embedder, vector.bytes
            if groups is None:
                return
            wanted: set[Key] = set()
            for group in groups:
                name = "{}:{}".format(*min(group))
                for place, key in enumerate(group):
                    wanted.add(key)
                    if key in known:
                        known[key].group_key, known[key].place = name, place
            for key in known.keys() - wanted:
                session.delete(known[key])

    def groups(self, slug: str) -> tuple[Group, ...]:
        """The groups as they were last made, the largest first.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = (
            select(GapRow.call_id, GapRow.position, GapRow.group_key, GapRow.settled)
            .where(GapRow.client == slug, GapRow.group_key != "")
            .order_by(GapRow.place)
        )
        with self._database.reading() as session:
            require_client(session, slug)
            gaps = {(gap.call_id, gap.position): gap for gap in found_gaps(session, slug, MOST)}
            rows = session.execute(query).all()
        members: dict[str, list[Question]] = {}
        for call_id, position, group, settled in rows:
            gap = gaps.get((call_id, position))
            if gap is not None and gap.asked:
                state: Settled | None = _SETTLED.get(settled)
                members.setdefault(group, []).append(Question(gap, state))
        found = (Group(key, tuple(questions)) for key, questions in members.items())
        return tuple(
            sorted(found, key=lambda one: (-len(one.open), -one.last.timestamp(), one.key))
        )

    def settle(self, slug: str, keys: Collection[Key], settled: Settled | None, by: str) -> int:
        """Keep that questions were answered or are to be ignored; None: that they are not.

        Returns:
            How many of them are the client's.

        Raises:
            NotKeptError: None is.
        """
        values = {
            "settled": settled or "", "settled_by": by if settled else "",
            "settled_at": datetime.now(UTC) if settled else None,
        }  # fmt: skip
        done = 0
        with self._database.transaction() as session:
            for call_id, position in keys:
                mine = GapRow.call_id == call_id, GapRow.position == position
                query = update(GapRow).where(GapRow.client == slug, *mine).values(values)
                done += session.execute(query.returning(GapRow.call_id)).first() is not None
        if keys and not done:
            raise NotKeptError("Ces questions ne sont plus là : rechargez la page.")
        return done
