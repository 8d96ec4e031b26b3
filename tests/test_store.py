"""The data layer, on real temporary databases."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text

from agent.call.record import (
    Brief,
    CallRecord,
    Evidence,
    Handoff,
    Turn,
    TurnTimings,
    record_as_json,
)
from agent.errors import StoreError, UnknownClientError
from agent.store import migrations
from agent.store.calls import CallStore
from agent.store.clients import (
    Client,
    ClientRefusedError,
    ClientStore,
    Manual,
    PronunciationRefusedError,
)
from agent.store.database import Database, NotKeptError
from agent.store.schema import HEAD, Base, TicketRow, TurnRow
from agent.store.tickets import ALPHABET, TicketStore
from tests.databases import database_url

ROOT = Path(__file__).parents[1]
START = datetime(2026, 3, 29, 0, 59, 30, 250_000, tzinfo=UTC)
BRIEF = Brief(
    line="Madame Durand, lave-vaisselle, code E24 après deux essais.",
    caller_number=None,
    product="lave-vaisselle SN23",
    question="ça affiche E24",
    reason="le manuel ne suffit pas",
    tried=("nettoyer le filtre", "redresser le tuyau"),
    pages=("sn23.pdf, page 41",),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's database stands; its folder does not exist yet."""
    return tmp_path / "données" / "permanence.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """A database at head, with the clients "acme" and "bora"."""
    made = Database(database_url(path.parent))
    made.migrate()
    ClientStore(made).add("acme", "Acmé")
    ClientStore(made).add("bora", "Bora")
    yield made
    made.close()


def call(call_id: str = "c-1", client: str = "acme", turns: int = 2) -> CallRecord:
    """A call in progress."""
    evidence = Evidence("sn23.pdf", 41, "p-7", "E24 : l'évacuation est bouchée.")
    timings = TurnTimings(end_of_turn=312.5, voice_to_voice=840.25)
    answer = Turn("ça affiche E24", "Nettoyez le filtre.", "answer", 0.93, (evidence,), timings)
    return CallRecord(
        call_id,
        client,
        START,
        caller_number="0612345678",
        transport="browser",
        turns=[Turn("", "Bonjour.", interrupted=True), answer][:turns],
        anomalies={"garbage frame": 3},
    )


def manual(file_name: str = "sn23.pdf", passages: int = 212) -> Manual:
    """A manual as ingestion describes it."""
    return Manual(
        file_name, "ab" * 32, 60, "Série 4", "SN23, SN24", "lave-vaisselle", "fr", passages, START
    )


def run(code: str, path: Path) -> subprocess.Popen[str]:
    """Another process, which finds the path of the database in `sys.argv[1]`."""
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_a_full_call_comes_back_equal(database: Database) -> None:
    """Every field of a finished call survives, a record of its own each time."""
    record = call()
    record.handoff = Handoff("T-7F3K2Q", "urgent", BRIEF)
    record.ended_at, record.ended_by = START + timedelta(seconds=61.5), "caller"
    record.error = "ligne coupée"
    record.settle_outcome()
    store = CallStore(database)
    store.save(record)
    assert store.load("c-1") == record
    assert store.load("c-1") is not record


def test_saving_again_replaces_the_call_and_its_turns(database: Database) -> None:
    """The same call, saved twice and then with other turns, is one call with the last turns."""
    store = CallStore(database)
    for turns in (1, 2, 2, 1):
        store.save(call(turns=turns))
        assert store.load("c-1") == call(turns=turns)
        with database.reading() as session:
            rows = session.scalars(select(TurnRow).order_by(TurnRow.position)).all()
            assert [(row.position, row.heard) for row in rows] == [
                (0, ""),
                (1, "ça affiche E24"),
            ][:turns]
    assert store.recent("acme") == (call(turns=1),)


@pytest.mark.sqlite
def test_instants_are_kept_in_utc_and_naive_ones_refused(database: Database) -> None:
    """A start given in Paris time is the same instant; one without a zone is our mistake."""
    paris = replace(call(), started_at=START.astimezone(timezone(timedelta(hours=2))))
    CallStore(database).save(paris)
    with database.reading() as session:
        kept = session.scalar(text("SELECT started_at FROM calls"))
    assert kept == "2026-03-29 00:59:30.250000"
    with pytest.raises(Exception, match="has no time zone"):
        CallStore(database).save(replace(call("c-2"), started_at=START.replace(tzinfo=None)))


def test_a_client_sees_its_own_calls_only(database: Database) -> None:
    """Lists and look-ups are scoped, and no client can overwrite another's call."""
    store = CallStore(database)
    store.save(call("c-1", "acme"))
    store.save(replace(call("c-2", "bora"), started_at=START + timedelta(minutes=1)))
    assert [record.call_id for record in store.recent("acme")] == ["c-1"]
    assert [record.call_id for record in store.recent(None)] == ["c-2", "c-1"]
    assert [record.call_id for record in store.recent(None, limit=1)] == ["c-2"]
    assert store.load("c-2", client="bora").client == "bora"
    for wrong in ("acme", "nobody"):
        with pytest.raises(NotKeptError, match="c-2"):
            store.load("c-2", client=wrong)
    with pytest.raises(StoreError, match="another client's"):
        store.save(call("c-2", "acme"))
    with pytest.raises(UnknownClientError):
        store.save(call("c-3", "nobody"))
    with pytest.raises(UnknownClientError):
        store.recent("nobody")


def test_orphans_are_closed_with_what_is_known(database: Database) -> None:
    """Calls without an end are ended; a ticket of theirs is their handoff; others stay."""
    store = CallStore(database)
    ended = call("c-1")
    ended.ended_at, ended.ended_by = START + timedelta(seconds=9), "caller"
    store.save(ended)
    store.save(call("c-2"))
    store.save(replace(call("c-3", turns=1), started_at=START + timedelta(seconds=1)))
    ticket_id = TicketStore(database).open_ticket("acme", "c-3", BRIEF, "urgent")
    now = START + timedelta(hours=1)
    assert store.close_orphans(now) == ("c-2", "c-3")
    assert store.close_orphans(now + timedelta(hours=1)) == ()
    assert store.load("c-1") == ended
    second, third = store.load("c-2"), store.load("c-3")
    for record in (second, third):
        assert (record.ended_at, record.ended_by, record.error) == (now, "error", "server died")
    assert (second.outcome, second.handoff) == ("answered", None)
    assert (third.outcome, third.handoff) == ("handoff", Handoff(ticket_id, "urgent", BRIEF))


def test_clients_are_added_listed_and_named_in_errors(database: Database) -> None:
    """What there is comes back by slug; the error for what there is not lists it."""
    store = ClientStore(database)
    assert [client.slug for client in store.list()] == ["acme", "bora"]
    assert store.get("acme").name == "Acmé"
    assert store.get("acme").created_at.tzinfo == UTC
    with pytest.raises(UnknownClientError, match=r"'acmé' \(there is: acme, bora\); add one"):
        store.get("acmé")
    with pytest.raises(ClientRefusedError, match="'acme' exists"):
        store.add("acme", "Autre")
    for number in range(20):
        store.add(f"zz-{number:02}", "Z")
    with pytest.raises(UnknownClientError, match="zz-07 and 12 more"):
        store.get("nobody")


@pytest.mark.parametrize("slug", ["a", "Acme", "ac me", "acmé", "../etc", "acme\n", "a" * 41, ""])
def test_a_bad_slug_is_refused(database: Database, slug: str) -> None:
    """A slug goes into URLs and folder names: the error names it and what is allowed."""
    with pytest.raises(ClientRefusedError, match=re.escape(repr(slug))):
        ClientStore(database).add(slug, "Acme")


def test_manuals_are_replaced_by_file_name_and_client(database: Database) -> None:
    """A manual ingested again takes the old one's place; another client's stays apart."""
    store = ClientStore(database)
    store.put_manual("acme", manual())
    store.put_manual("acme", manual("four.pdf"))
    store.put_manual("bora", manual())
    store.put_manual("acme", manual(passages=7))
    assert store.manuals("acme") == (manual("four.pdf"), manual(passages=7))
    assert store.remove_manual("acme", "sn23.pdf") is True
    assert store.remove_manual("acme", "sn23.pdf") is False
    assert store.manuals("bora") == (manual(),)
    with pytest.raises(UnknownClientError):
        store.put_manual("nobody", manual())


def test_a_second_request_of_a_call_updates_its_ticket(database: Database) -> None:
    """Same identifier, newer brief; the urgency never goes down, a known number stays."""
    store = TicketStore(database)
    ticket_id = store.open_ticket("acme", "c-1", BRIEF, "urgent")
    assert re.fullmatch(f"T-[{ALPHABET}]{{6}}", ticket_id)
    store.set_number(ticket_id, "0698765432")
    newer = replace(BRIEF, line="Elle rappelle.", caller_number="0612345678")
    assert store.open_ticket("acme", "c-1", newer, "normal") == ticket_id
    ticket = store.get(ticket_id)
    assert (ticket.urgency, ticket.status, ticket.client) == ("urgent", "new", "acme")
    assert ticket.caller_number == "0698765432"
    assert ticket.brief == replace(newer, caller_number="0698765432")
    assert abs(datetime.now(UTC) - ticket.created_at) < timedelta(minutes=1)
    assert store.list() == store.list("acme") == (ticket,)


def test_a_ticket_is_due_when_the_caller_was_told_and_no_later(database: Database) -> None:
    """A second request may bring it forward; an urgent one is due at once."""
    store = TicketStore(database)
    monday, sooner = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (30, 28))
    ticket_id = store.open_ticket("acme", "c-1", BRIEF, "normal", monday)
    assert store.get(ticket_id).due_at == monday
    store.open_ticket("acme", "c-1", BRIEF, "normal", sooner)
    assert store.get(ticket_id).due_at == sooner
    store.open_ticket("acme", "c-1", BRIEF, "normal", monday)
    assert store.get(ticket_id).due_at == sooner
    store.open_ticket("acme", "c-1", BRIEF, "urgent", None)
    store.open_ticket("acme", "c-1", BRIEF, "normal", monday)
    assert store.get(ticket_id).due_at is None


def test_details_are_kept_and_survive_a_second_request(database: Database) -> None:
    """A caller's name stays when the same call asks for a person once more."""
    store = TicketStore(database)
    ticket_id = store.open_ticket("acme", "c-1", BRIEF, "normal")
    store.set_detail(ticket_id, "name", "Durand")
    store.set_detail(ticket_id, "subject", "la facture")
    store.set_detail(ticket_id, "name", "Durant")
    assert store.get(ticket_id).brief.details == {"name": "Durant", "subject": "la facture"}
    store.open_ticket("acme", "c-1", replace(BRIEF, details={"appliance": "four"}), "normal")
    kept = {"name": "Durant", "subject": "la facture", "appliance": "four"}
    assert store.get(ticket_id).brief == replace(BRIEF, details=kept)
    with pytest.raises(NotKeptError, match="T-222222"):
        store.set_detail("T-222222", "name", "Durand")


def test_a_ticket_of_before_the_details_is_read(database: Database) -> None:
    """Its brief holds none."""
    store = TicketStore(database)
    ticket_id = store.open_ticket("acme", "c-1", BRIEF, "normal")
    with database.transaction() as session:
        row = session.get(TicketRow, ticket_id)
        assert row is not None
        row.brief = {key: value for key, value in row.brief.items() if key != "details"}
    assert store.get(ticket_id).brief == BRIEF
    store.set_detail(ticket_id, "name", "Durand")
    assert store.get(ticket_id).brief.details == {"name": "Durand"}


def test_a_client_sees_its_own_tickets_only(database: Database) -> None:
    """Lists and look-ups are scoped; a call's ticket cannot change client."""
    store = TicketStore(database)
    ticket_id = store.open_ticket("acme", "c-1", BRIEF, "normal")
    assert store.list("bora") == ()
    assert store.get(ticket_id, client="acme").ticket_id == ticket_id
    with pytest.raises(NotKeptError, match=ticket_id):
        store.get(ticket_id, client="bora")
    with pytest.raises(NotKeptError, match="T-222222"):
        store.set_number("T-222222", "0612345678")
    with pytest.raises(StoreError, match="another client's"):
        store.open_ticket("bora", "c-1", BRIEF, "normal")
    with pytest.raises(UnknownClientError):
        store.open_ticket("nobody", "c-2", BRIEF, "normal")


def test_a_taken_ticket_identifier_is_drawn_again(database: Database) -> None:
    """Two calls that draw the same identifier get two tickets."""
    drawn = iter(["T-AAAAAA", "T-AAAAAA", "T-CCCCCC"])
    store = TicketStore(database, new_id=lambda: next(drawn))
    assert store.open_ticket("acme", "c-1", BRIEF, "normal") == "T-AAAAAA"
    assert store.open_ticket("acme", "c-2", BRIEF, "normal") == "T-CCCCCC"
    stuck = TicketStore(database, new_id=lambda: "T-AAAAAA")
    with pytest.raises(StoreError, match="No free"):
        stuck.open_ticket("acme", "c-3", BRIEF, "normal")


def test_threads_opening_a_ticket_of_one_call_get_one(database: Database) -> None:
    """Two threads at once, fifty times over: one identifier, one row, the higher urgency."""
    store = TicketStore(database)
    together = threading.Barrier(2)

    def open_one(call_id: str, urgent: bool) -> str:
        together.wait(10)
        return store.open_ticket("acme", call_id, BRIEF, "urgent" if urgent else "normal")

    with ThreadPoolExecutor(2) as pool:
        for number in range(50):
            first, second = pool.map(open_one, [f"c-{number}"] * 2, [False, True])
            assert first == second
            assert store.get(first).urgency == "urgent"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TicketRow)) == 50


def test_many_threads_save_calls_at_once(database: Database) -> None:
    """More threads than pooled connections: none fails, none is lost."""
    store = CallStore(database)
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda number: store.save(call(f"c-{number}")), range(96)))
    assert len(store.recent("acme", limit=1000)) == 96


@pytest.mark.sqlite
def test_a_ticket_survives_kill_9(database: Database, path: Path) -> None:
    """What a process acknowledged is there after SIGKILL, without any clean-up of its own."""
    code = """
import sys, time
from agent.call.record import Brief
from agent.store.database import Database
from agent.store.tickets import TicketStore
database = Database(f"sqlite:///{sys.argv[1]}")
database.migrate()
brief = Brief("Rappeler.", "0612345678", None, "E24", "fermé", (), ())
print(TicketStore(database).open_ticket("acme", "c-9", brief, "normal"), flush=True)
time.sleep(60)
"""
    with run(code, path) as process:
        assert process.stdout is not None
        ticket_id = process.stdout.readline().strip()
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    ticket = TicketStore(database).get(ticket_id, client="acme")
    assert (ticket.call_id, ticket.caller_number) == ("c-9", "0612345678")


@pytest.mark.sqlite
def test_processes_may_start_together(path: Path) -> None:
    """Six processes migrate one missing database at once: all succeed."""
    code = """
import sys
from agent.store.clients import ClientStore
from agent.store.database import Database
sys.stdin.read()
database = Database(f"sqlite:///{sys.argv[1]}")
database.migrate()
ClientStore(database).list()
database.close()
"""
    gate, opener = os.pipe()  # all wait for its end, which is when we close it
    command = [sys.executable, "-c", code, str(path)]
    processes = [subprocess.Popen(command, cwd=ROOT, stdin=gate) for _ in range(6)]
    os.close(gate)
    time.sleep(2)  # long enough for their imports; if not, they only meet less closely
    os.close(opener)
    assert [process.wait(60) for process in processes] == [0] * 6
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    connection.close()


@pytest.mark.sqlite
def test_a_first_start_waits_for_one_that_is_writing(path: Path) -> None:
    """Write-ahead logging, which SQLite then refuses at once, is asked for until it is granted."""
    opened = Database(f"sqlite:///{path}")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        migrated = pool.submit(opened.migrate)
        with pytest.raises(TimeoutError):
            migrated.result(timeout=0.5)
        other.execute("COMMIT")
        migrated.result(timeout=30)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    opened.close()
    other.close()


@pytest.mark.sqlite
def test_a_probe_writes(database: Database, path: Path) -> None:
    """What is probed has been written to the disk; a closed database says so."""
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 0")
    before = Path(f"{path}-wal").stat().st_mtime_ns
    database.probe()
    assert Path(f"{path}-wal").stat().st_mtime_ns > before
    assert other.execute("PRAGMA user_version").fetchone()[0] > 0
    other.close()
    database.close()
    with pytest.raises(StoreError, match="closed"):
        database.probe()


@pytest.mark.sqlite
def test_a_probe_notices_a_moved_file(database: Database, path: Path) -> None:
    """What is open goes on being written, to a file that no later start finds."""
    path.rename(path.with_suffix(".gone"))
    with pytest.raises(StoreError, match="no longer the file"):
        database.probe()
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="no longer the file"):
        database.probe()
    path.with_suffix(".gone").replace(path)
    database.probe()


@pytest.mark.sqlite
def test_a_probe_notices_a_file_that_may_not_be_written() -> None:
    """Another user's file: it can be read, so that only writing tells."""
    with tempfile.TemporaryDirectory() as folder:
        found = run(
            """
import os, sys
from pathlib import Path
from agent.errors import StoreError
from agent.store.database import Database

file = Path(sys.argv[1])
made = Database(f"sqlite:///{file}")
made.migrate()
made.close()
file.chmod(0o444)
file.parent.chmod(0o555)
if os.getuid() == 0:
    os.setuid(65534)
database = Database(f"sqlite:///{file}")
try:
    database.migrate()
    database.probe()
except StoreError as error:
    print(error)
""",
            Path(folder) / "permanence.db",
        ).communicate(timeout=60)[0]
        Path(folder).chmod(0o755)
    assert "check that it is permanence's own" in found
    assert "readonly" in found


@pytest.mark.usefixtures("real_migrations")
def test_migrations_make_exactly_the_schema(database: Database) -> None:
    """From an empty database, through each revision, to the tables of `schema` and no others."""
    scripts = ScriptDirectory.from_config(migrations.config())
    assert scripts.get_heads() == [HEAD]
    with database.reading() as session:
        context = MigrationContext.configure(
            session.connection(),
            # PostgreSQL cannot tell whether two JSON values are equal.
            opts={"compare_server_default": session.connection().dialect.name == "sqlite"},
        )
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.usefixtures("real_migrations")
def test_migrating_again_keeps_everything_and_is_quick(database: Database) -> None:
    """At head, and with Alembic run from 0001, nothing changes; at head it takes no time."""
    CallStore(database).save(call())
    took_s = []
    for _ in range(3):
        start = time.perf_counter()
        database.migrate()
        took_s.append(time.perf_counter() - start)
    for _ in range(2):
        with database.transaction() as session:
            migrations.upgrade(session.connection())
    assert CallStore(database).load("c-1") == call()
    assert min(took_s) < 0.05


@pytest.mark.sqlite
def test_a_database_of_the_first_version_keeps_what_it_holds(path: Path) -> None:
    """A client and its call, written before there were its wishes: it has none."""
    path.parent.mkdir()
    database = Database(f"sqlite:///{path}")
    record = {key: value for key, value in record_as_json(call()).items() if key != "recording"}
    with database.transaction() as session:
        command.upgrade(migrations.config(session.connection()), "0001")
        session.execute(
            text("INSERT INTO clients (slug, name, created_at) VALUES ('acme', 'Acmé', :at)"),
            {"at": "2026-03-29 00:59:30.250000"},
        )
        session.execute(
            text(
                "INSERT INTO calls (call_id, client, started_at, outcome, record)"
                " VALUES ('c-1', 'acme', :at, 'answered', :record)"
            ),
            {"at": "2026-03-29 00:59:30.250000", "record": json.dumps(record)},
        )
    database.migrate()
    assert ClientStore(database).list() == (Client("acme", "Acmé", START, False, {}),)
    assert CallStore(database).load("c-1") == call()
    assert ClientStore(database).set_recording("acme", True).recording
    assert ClientStore(database).set_pronunciation("acme", "Acmé", "ac mé").pronunciations
    database.close()


def test_a_client_is_recorded_or_not(database: Database) -> None:
    """Until it is changed; nobody else is."""
    store = ClientStore(database)
    for recording in (True, True, False, True):
        assert store.set_recording("acme", recording) == store.get("acme")
        assert [client.recording for client in store.list()] == [recording, False]
    with pytest.raises(UnknownClientError, match=r"'nobody' \(there is: acme, bora\)"):
        store.set_recording("nobody", True)


def test_a_clients_words_are_spoken_as_it_wants(database: Database) -> None:
    """Set, set again in another case, taken back; nobody else's change."""
    store = ClientStore(database)
    assert store.get("acme").pronunciations == {}
    store.set_pronunciation("acme", " Whirl  pool ", "ouirl\tpoule")
    assert store.get("acme").pronunciations == {"Whirl pool": "ouirl poule"}
    store.set_pronunciation("acme", "AEG", "a é gé")
    store.set_pronunciation("acme", "WHIRL POOL", "wirlpoul")
    wanted = {"AEG": "a é gé", "WHIRL POOL": "wirlpoul"}
    assert store.get("acme").pronunciations == wanted
    assert store.set_pronunciation("acme", "aeg", None) == store.get("acme")
    assert store.get("acme").pronunciations == {"WHIRL POOL": "wirlpoul"}
    assert store.get("bora").pronunciations == {}
    with pytest.raises(PronunciationRefusedError, match="acme has no pronunciation of 'AEG'"):
        store.set_pronunciation("acme", "AEG", None)
    with pytest.raises(UnknownClientError):
        store.set_pronunciation("nobody", "AEG", "a é gé")


@pytest.mark.parametrize("bad", ["", "  ", "x" * 200, "450", "4 50", "…", "a\x00b", "a\u202eb"])
def test_a_pronunciation_that_cannot_be_is_refused(database: Database, bad: str) -> None:
    """Neither as a word nor as how it is spoken; nothing changes."""
    store = ClientStore(database)
    for what, word, spoken in (
        ("word", bad, "ou"),
        ("word", bad, None),
        ("pronunciation", "W", bad),
    ):
        with pytest.raises(PronunciationRefusedError, match=f"^A {what} cannot be .*characters"):
            store.set_pronunciation("acme", word, spoken)
    assert store.get("acme").pronunciations == {}


@pytest.mark.sqlite
@pytest.mark.usefixtures("real_migrations")
def test_migrating_leaves_the_log_alone(path: Path) -> None:
    """Alembic's usual env.py reconfigures logging, which would silence a running server."""
    root, ours = logging.getLogger(), logging.getLogger("agent.test_store")
    before = (root.level, list(root.handlers), ours.disabled)
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    assert (root.level, list(root.handlers), ours.disabled) == before


def test_a_newer_database_is_refused(database: Database) -> None:
    """An older permanence does not touch what a newer one wrote."""
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"not of this version.*9999"):
        database.migrate()


@pytest.mark.sqlite
def test_sqlite_is_set_for_durability(database: Database) -> None:
    """WAL, a flush at each commit, foreign keys, a wait for the lock."""
    with database.reading() as session:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [session.scalar(text(f"PRAGMA {name}")) for name in pragmas]
    assert found == ["wal", 2, 1, 10_000]


@pytest.mark.sqlite
def test_what_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    """Garbage, a folder, a file in the way, a server that is not there, nonsense."""
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"not a database at all, " * 500)
    urls = {
        f"sqlite:///{garbage}": "file is not a database",
        f"sqlite:///{tmp_path}": "unable to open database file",
        f"sqlite:///{garbage}/permanence.db": "cannot be made",
        "sqlite://": "names no file",
        "mysql://user:secret@host/name": "'mysql'",
        "nonsense": "not a database URL",
        "postgresql://user:secret@127.0.0.1:1/name": "PERMANENCE_DATABASE_URL|cannot be used",
    }
    for url, words in urls.items():
        with pytest.raises(StoreError, match=words) as caught:
            Database(url).migrate()
        assert "\n" not in str(caught.value) and "secret" not in str(caught.value)
    assert garbage.read_bytes() == b"not a database at all, " * 500


@pytest.mark.sqlite
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
def test_no_file_stays_open_after_close(database: Database, path: Path) -> None:
    """Connections of other threads close too, one in the middle of a transaction at its end."""

    def open_files() -> int:
        names = []
        for descriptor in Path("/proc/self/fd").iterdir():
            try:
                names.append(str(descriptor.readlink()))
            except FileNotFoundError:
                continue  # the listing's own, or another thread's
        return sum(name.startswith(str(path)) for name in names)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: CallStore(database).save(call(f"c-{number}")), range(16)))
    assert open_files() > 0
    with database.transaction() as session:
        session.execute(text("DELETE FROM turns"))
        database.close()
    assert open_files() == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (0,)
    connection.close()
    with pytest.raises(StoreError, match="is closed"):
        CallStore(database).recent(None)
