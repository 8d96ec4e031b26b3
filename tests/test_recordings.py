"""Recordings are deleted when they are too old, and when a caller asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.call.record import CallRecord, recording_of
from agent.errors import StoreError
from agent.store.calls import CallStore
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.recordings import RecordingStore
from agent.store.tickets import TicketStore
from tests.databases import database_url
from tests.test_store import BRIEF

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
NUMBER, OTHER = "0639981234", "0639985678"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with the clients "acme" and "bora"."""
    made = Database(database_url(tmp_path))
    made.migrate()
    for slug in ("acme", "bora"):
        ClientStore(made).add(slug, slug.title())
    yield made
    made.close()


@pytest.fixture
def recordings(database: Database, tmp_path: Path) -> RecordingStore:
    """The recordings under the test's folder."""
    return RecordingStore(database, tmp_path)


def recorded(
    database: Database, folder: Path, call_id: str, days: float,
    number: str | None = NUMBER, client: str = "acme",
) -> Path:  # fmt: skip
    """The recording of a call so many days ago, as a call leaves it."""
    name = recording_of(client, call_id)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF")
    started_at = NOW - timedelta(days=days)
    CallStore(database).save(
        CallRecord(call_id, client, started_at, number, ended_at=started_at, recording=name)
    )
    return path


def test_old_ones_are_deleted_and_their_records_say_so(
    database: Database, recordings: RecordingStore, tmp_path: Path
) -> None:
    """Of every client; the rest of the record stays, and so do younger recordings."""
    old = [recorded(database, tmp_path, "c1", 181), recorded(database, tmp_path, "c2", 200, None,
                                                             "bora")]  # fmt: skip
    young = recorded(database, tmp_path, "c3", 179)
    before = [CallStore(database).load(call_id) for call_id in ("c1", "c2", "c3")]
    assert recordings.purge(NOW - timedelta(days=180)) == 2
    assert not any(file.exists() for file in old)
    assert young.exists()
    after = [CallStore(database).load(call_id) for call_id in ("c1", "c2", "c3")]
    assert after[:2] == [replace(record, recording=None) for record in before[:2]]
    assert after[2] == before[2]
    assert recordings.purge(NOW - timedelta(days=180)) == 0


def test_what_a_dead_process_left_is_deleted_too(
    database: Database, recordings: RecordingStore, tmp_path: Path
) -> None:
    """An unfinished file goes by its call's date; one without a call by its own."""
    path = recorded(database, tmp_path, "c1", 181)
    part = path.rename(path.with_name("c1.wav.part"))
    stray = path.with_name("c9.wav.part")
    fresh = path.with_name("c8.wav.part")
    for file, days in ((stray, 181), (fresh, 1)):
        file.write_bytes(b"RIFF")
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (at, at))
    assert recordings.purge(NOW - timedelta(days=180)) == 2
    assert [file.name for file in path.parent.iterdir()] == [fresh.name]
    assert not part.exists()


def test_a_file_that_is_gone_is_no_longer_spoken_of(
    database: Database, recordings: RecordingStore, tmp_path: Path
) -> None:
    """Somebody deleted it by hand."""
    recorded(database, tmp_path, "c1", 181).unlink()
    assert recordings.purge(NOW - timedelta(days=180)) == 0
    assert CallStore(database).load("c1").recording is None


def test_a_callers_recordings_are_erased(
    database: Database, recordings: RecordingStore, tmp_path: Path
) -> None:
    """Those of their number, those in which they gave it, unfinished ones; of nobody else."""
    mine = [recorded(database, tmp_path, "c1", 1), recorded(database, tmp_path, "c2", 1, None)]
    tickets = TicketStore(database)
    tickets.set_number(tickets.open_ticket("acme", "c2", BRIEF, "normal"), NUMBER)
    unfinished = recorded(database, tmp_path, "c3", 1, client="bora")
    mine.append(unfinished.rename(unfinished.with_name("c3.wav.part")))
    others = [
        recorded(database, tmp_path, "c4", 1, OTHER),
        recorded(database, tmp_path, "c5", 1, None),
    ]
    assert recordings.erase(NUMBER) == 3
    assert not any(file.exists() for file in mine)
    assert all(file.exists() for file in others)
    records = [CallStore(database).load(f"c{number}") for number in range(1, 6)]
    assert [record.recording is None for record in records] == [True, True, True, False, False]
    assert recordings.erase(NUMBER) == 0


def test_a_file_that_cannot_be_deleted_stays_on_the_record(
    database: Database, recordings: RecordingStore, tmp_path: Path
) -> None:
    """One sentence says which; the record does not claim that it is gone."""
    path = recorded(database, tmp_path, "c1", 181)
    path.unlink()
    path.mkdir()  # whoever may write anywhere cannot unlink a folder
    with pytest.raises(StoreError, match=r"c1\.wav cannot be deleted"):
        recordings.purge(NOW - timedelta(days=180))
    assert CallStore(database).load("c1").recording == recording_of("acme", "c1")
