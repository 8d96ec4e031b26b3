"""Attempts that failed, counted so that nothing can be tried out, and kept over a restart.

Each attempt beyond the first few makes the next one wait, twice as long each time, up to a bound:
no stranger locks anybody out for good. In time attempts are forgiven, one after the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from agent.store.database import Database
from agent.store.schema import AttemptRow

KEPT = timedelta(days=2)
"""An attempt untouched for so long is forgotten, whatever its allowance."""


@dataclass(frozen=True)
class Allowance:
    """How many attempts may fail, and what those beyond cost.

    Attributes:
        free: So many may fail before one has to wait.
        first_s: How long one waits after the first beyond these; doubled at each further one.
        longest_s: Longest wait, seconds.
        forgiven_every_s: One attempt is forgotten each so many seconds.
    """

    free: int
    first_s: float
    longest_s: float
    forgiven_every_s: float

    def left(self, count: float, elapsed_s: float) -> float:
        """What still counts of so many attempts after a time."""
        return max(0.0, count - max(0.0, elapsed_s) / self.forgiven_every_s)

    def wait_s(self, count: float) -> float:
        """How long to wait after so many attempts, seconds."""
        beyond = round(count) - self.free
        return min(self.first_s * 2 ** min(beyond, 40), self.longest_s) if beyond >= 0 else 0.0


@dataclass(frozen=True)
class Counter:
    """What is counted: whose attempts at what, and how many they have.

    Attributes:
        key: « sign-in:someone@example.org »; kept as a digest.
    """

    key: str
    allowance: Allowance


class AttemptStore:
    """The counters in the database. An attempt counts from its start: many at once gain nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, counters: Iterable[Counter], now: datetime) -> float:
        """Count an attempt with every counter, unless one of them says to wait.

        Returns:
            0.0: it may be made. Else the seconds to wait; nothing is counted then.
        """
        counters = tuple(counters)
        with self._database.transaction() as session:
            rows = [session.get(AttemptRow, _digest(one.key)) for one in counters]
            wait_s = max(_wait_s(row, now) for row in rows)
            if wait_s > 0:
                return wait_s
            session.execute(delete(AttemptRow).where(AttemptRow.counted_at < now - KEPT))
            for one in counters:
                _count(session, one, now)
            return 0.0

    def take_back(self, counters: Iterable[Counter], now: datetime) -> None:
        """Count an attempt no longer: it succeeded."""
        with self._database.transaction() as session:
            for one in counters:
                row = session.get(AttemptRow, _digest(one.key))
                if row is not None:
                    row.count = max(0.0, row.count - 1.0)
                    row.blocked_until = now

    def clear(self, counters: Iterable[Counter]) -> None:
        """Forget all attempts of these."""
        with self._database.transaction() as session:
            digests = [_digest(one.key) for one in counters]
            session.execute(delete(AttemptRow).where(AttemptRow.key.in_(digests)))


def _wait_s(row: AttemptRow | None, now: datetime) -> float:
    return 0.0 if row is None else max(0.0, (row.blocked_until - now).total_seconds())


def _count(session: Session, counter: Counter, now: datetime) -> None:
    digest, allowance = _digest(counter.key), counter.allowance
    row = session.get(AttemptRow, digest)
    before = 0.0
    if row is not None:
        before = allowance.left(row.count, (now - row.counted_at).total_seconds())
    else:
        row = AttemptRow(key=digest)
        session.add(row)
    row.count, row.counted_at = before + 1.0, now
    row.blocked_until = now + timedelta(seconds=allowance.wait_s(row.count))


def _digest(key: str) -> str:
    """An address that was typed is kept nowhere."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
