"""The stores on a real PostgreSQL server, started here; skipped where none is installed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from agent.call.record import Handoff
from agent.errors import StoreError
from agent.store.calls import CallStore
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.tickets import TicketStore
from tests.databases import SERVER, empty
from tests.test_migrations import BEGAN, FIRST, REVISIONS, Row, assert_kept, rows, tables, upgrade
from tests.test_migrations import BRIEF as OLD_BRIEF

ROOT = Path(__file__).parents[1]
STORES = ("test_store", "test_users", "test_handoff_store", "test_ticket_work", "test_history",
          "test_announce", "test_recordings", "test_numbers", "test_erasing",
          "test_figures")  # fmt: skip
"""What is run again on the server; those marked `sqlite` are about SQLite's own ways."""


def _programs() -> Path | None:
    """The newest PostgreSQL's folder of programs, None if there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _version(program: Path) -> float:
    return float(program.parts[-3])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A cluster of this module's own on a socket in a temporary folder; stops at the end.

    Nothing is flushed to the disk: what is tried is the language, not the durability.
    """
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    user = "nobody" if os.getuid() == 0 else None  # the server refuses to be root
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "permanence", "-A", "trust", "--no-sync",
             "-E", "UTF8", "--locale", "C.UTF-8"],
            user=user, cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        running = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=",
             "-c", "fsync=off", "-c", "max_connections=100"],
            user=user, cwd=folder, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert running.stderr is not None
        for line in running.stderr:
            if "ready to accept connections" in line:
                break
        else:
            pytest.fail("PostgreSQL has ended before it was ready")
        drain = threading.Thread(target=running.stderr.read)
        drain.start()
        try:
            yield f"postgresql://permanence@/postgres?host={quote(name)}"
        finally:
            running.send_signal(signal.SIGQUIT)  # at once: nothing of it is wanted any more
            running.wait(30)
            drain.join()
            running.stderr.close()


@pytest.fixture
def database(server: str) -> Iterator[Database]:
    """A database at head, without rows."""
    made = Database(server)
    made.migrate()
    empty(server)
    yield made
    made.close()


def test_every_store_works_on_it(server: str, database: Database) -> None:
    """The tests of the stores pass as they do on SQLite."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not sqlite", "-p", "no:cacheprovider",
         *(f"tests/{name}.py" for name in STORES)],
        cwd=ROOT, env={**os.environ, SERVER: server}, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:]


def new_database(server: str, name: str) -> str:
    """The URL of another database on that server, which is empty."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return server.replace("/postgres?", f"/{name}?")


def test_the_first_versions_rows_go_through_every_revision(server: str, tmp_path: Path) -> None:
    """At each step all is as it was, and today's stores read it."""
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.executescript(FIRST.read_text("utf-8"))
    connection.close()
    held = rows(old)
    old.close()
    database = Database(new_database(server, "grown"))
    upgrade(database, "0001")
    with database.transaction() as session:
        for name, table in tables(session.connection()).items():
            for row in held[name]:
                session.execute(table.insert().values(_with_zone(row)))
    before = rows(database)
    assert {name: len(found) for name, found in before.items()} == {
        "clients": 2, "manuals": 2, "calls": 4, "turns": 4, "tickets": 2,
    }  # fmt: skip
    for revision in REVISIONS[1:]:
        upgrade(database, revision)
        assert_kept(before, rows(database))
    assert CallStore(database).load("c-2").handoff == Handoff("T-394NXQ", "urgent", OLD_BRIEF)
    assert TicketStore(database).get("T-394NXQ", client="acme").brief == OLD_BRIEF
    assert CallStore(database).load("c-1").started_at == BEGAN
    clients = ClientStore(database)
    clients.put_manual("acme", replace(clients.manuals("bora")[0], file_name="new.pdf"))
    assert len(clients.manuals("acme")) == 2  # the counter of rows goes on after those inserted
    database.close()


def _with_zone(row: Row) -> dict[str, Any]:
    """As PostgreSQL has it: an instant with its zone, and a number that it counts itself."""
    return {
        key: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for key, value in row.items()
        if key != "id" or isinstance(value, str)
    }


def test_processes_may_start_together(server: str) -> None:
    """Four processes make the tables of one empty database at once: all succeed."""
    url = new_database(server, "together")
    code = """
import sys
from agent.store.clients import ClientStore
from agent.store.database import Database
database = Database(sys.argv[1])
sys.stdin.read()
database.migrate()
print(len(ClientStore(database).list()))
database.close()
"""
    gate, opener = os.pipe()
    started = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stdin=gate,
                         stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]  # fmt: skip
    os.close(gate)
    os.close(opener)
    assert [process.communicate(timeout=60)[0] for process in started] == ["0\n"] * 4


def test_a_ticket_survives_kill_9(database: Database, server: str) -> None:
    """What a process acknowledged is there after SIGKILL."""
    ClientStore(database).add("acme", "Acmé")
    code = """
import sys, time
from agent.call.record import Brief
from agent.store.database import Database
from agent.store.tickets import TicketStore
brief = Brief("Rappeler.", "0612345678", None, "E24", "fermé", (), ())
print(TicketStore(Database(sys.argv[1])).open_ticket("acme", "c-9", brief, "normal"), flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, server], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ticket_id = process.stdout.readline().strip()
        process.kill()
    assert TicketStore(database).get(ticket_id, client="acme").call_id == "c-9"


def test_lost_connections_are_opened_again(database: Database) -> None:
    """A server that was started anew is used at once; a transaction that it cut is one sentence."""
    ClientStore(database).add("acme", "Acmé")
    killed = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with database.reading() as session:
        session.execute(text(f"{killed} AND datname = current_database()"))
    assert [one.slug for one in ClientStore(database).list()] == ["acme"]
    with pytest.raises(StoreError, match="cannot be used"), database.transaction() as session:
        mine = session.scalar(text("SELECT pg_backend_pid()"))
        with database.reading() as other:
            other.execute(text(f"SELECT pg_terminate_backend({mine})"))
        session.execute(text("SELECT 1"))
    database.probe()


def test_a_probe_notices_a_server_that_only_reads(server: str, database: Database) -> None:
    """A standby in the primary's place, say."""
    database.probe()
    only = Database(f"{server}&options=-cdefault_transaction_read_only%3Don")
    with pytest.raises(StoreError, match="read-only"):
        only.probe()
    only.close()


def test_what_cannot_be_opened_is_one_sentence(server: str) -> None:
    """A database that there is not, a server that there is not; no password is shown."""
    for url in (
        server.replace("/postgres?", "/nothing?"),
        "postgresql://user:secret@127.0.0.1:1/name",
    ):
        with pytest.raises(StoreError, match="cannot be used") as caught:
            Database(url).migrate()
        assert "\n" not in str(caught.value) and "secret" not in str(caught.value)
