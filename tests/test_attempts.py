"""Failed attempts, counted in a real database; the clock is the test's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from agent.store.attempts import KEPT, Allowance, AttemptStore, Counter
from agent.store.database import Database

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
THREE = Allowance(free=3, first_s=60.0, longest_s=900.0, forgiven_every_s=3600.0)
MINE = [Counter("sign-in:op@example.org", THREE)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database at head."""
    made = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def attempts(database: Database) -> AttemptStore:
    """The attempts of that database."""
    return AttemptStore(database)


def after(seconds: float) -> datetime:
    """So long after the beginning."""
    return NOW + timedelta(seconds=seconds)


def test_waits_grow_and_are_bounded(attempts: AttemptStore) -> None:
    """Three are free; then a minute, two, four, eight, and never more than a quarter of an hour."""
    assert [attempts.begin(MINE, NOW) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]
    at, waits = 60.0, []
    for _ in range(6):
        assert attempts.begin(MINE, after(at)) == 0.0
        waits.append(attempts.begin(MINE, after(at)))
        at += waits[-1]
    assert waits == [120.0, 240.0, 480.0, 900.0, 900.0, 900.0]


def test_a_refused_attempt_is_not_counted(attempts: AttemptStore) -> None:
    """Who goes on trying while they must wait does not wait for longer."""
    for _ in range(3):
        attempts.begin(MINE, NOW)
    assert [attempts.begin(MINE, after(at)) for at in (0, 30, 59)] == [60.0, 30.0, 1.0]
    assert attempts.begin(MINE, after(60)) == 0.0


def test_attempts_are_forgiven_in_time(attempts: AttemptStore) -> None:
    """One each hour."""
    for _ in range(3):
        attempts.begin(MINE, NOW)
    assert attempts.begin(MINE, after(7200)) == 0.0  # two are forgiven, this is the second
    assert attempts.begin(MINE, after(7200)) == 0.0
    assert attempts.begin(MINE, after(7200)) == 60.0


def test_it_is_remembered_over_a_restart(database: Database, tmp_path: Path) -> None:
    """By a digest: no address that was typed stands in the table."""
    for _ in range(3):
        AttemptStore(database).begin(MINE, NOW)
    database.close()
    again = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    assert AttemptStore(again).begin(MINE, after(10)) == 50.0
    with again.reading() as session:
        [(key,)] = session.execute(text("SELECT key FROM attempts")).all()
    assert len(key) == 64
    again.close()
    assert b"op@example.org" not in (tmp_path / "permanence.db").read_bytes()


def test_success_is_taken_back_or_forgets(attempts: AttemptStore) -> None:
    """One attempt of a network, all of a user; what nobody counted is no error."""
    network = [Counter("network:192.0.2.7", THREE)]
    for _ in range(3):
        assert attempts.begin([*MINE, *network], NOW) == 0.0
    attempts.take_back(network, NOW)
    attempts.clear(MINE)
    assert attempts.begin([*MINE, *network], NOW) == 0.0
    assert attempts.begin(network, NOW) == 60.0
    assert attempts.begin(MINE, NOW) == 0.0
    attempts.take_back([Counter("nobody", THREE)], NOW)
    attempts.clear([Counter("nobody", THREE)])


def test_many_at_once_are_no_way_round(attempts: AttemptStore) -> None:
    """Of twenty in parallel three are let through."""
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda _: attempts.begin(MINE, NOW), range(20)))
    assert (waits.count(0.0), waits.count(60.0)) == (3, 17)


def test_the_table_does_not_grow_for_ever(database: Database, attempts: AttemptStore) -> None:
    """What nobody touched for two days goes."""
    for number in range(50):
        attempts.begin([Counter(f"u{number}", THREE)], NOW)
    attempts.begin(MINE, NOW + KEPT + timedelta(seconds=1))
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM attempts")).scalar() == 1
