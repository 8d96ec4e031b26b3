"""A database of any earlier version is brought to today's: nothing that it holds is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, MetaData, Table, select, text
from sqlalchemy.pool import NullPool

from agent.call.record import Brief, CallRecord, Handoff, Turn, TurnTimings, record_as_json
from agent.store import migrations
from agent.store.calls import CallStore
from agent.store.clients import ClientStore, Manual
from agent.store.database import Database
from agent.store.history import CallHistory, Search
from agent.store.schema import HEAD
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from knowledge.answer import Evidence
from tests.test_cli_clients import Permanence, home, permanence

__all__ = ["home", "permanence"]

FIRST = Path(__file__).parent / "data" / "first_version.sql"
"""What the first version's own stores wrote: two clients, four calls, two tickets."""

BEGAN = datetime(2026, 11, 23, 7, 58, 12, 250_000, tzinfo=UTC)
REVISIONS = tuple(
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(migrations.config()).walk_revisions()))
)
BRIEF = Brief(
    line="Lave-vaisselle SN23, code E24 après deux essais.",
    caller_number="0639981234",
    product="lave-vaisselle SN23",
    question="ça affiche E24",
    reason="la réponse n'est pas dans les notices",
    tried=("nettoyer le filtre", "redresser le tuyau"),
    pages=("sn23.pdf, page 41",),
)
VALUES: dict[type, Any] = {
    bool: True,
    datetime: BEGAN.replace(tzinfo=None),
    int: 7,
    float: 0.25,
    bytes: b"\x00\xe9",
}
JSONS: dict[str, Any] = {
    "record": record_as_json(CallRecord("c-1", "acme", BEGAN, turns=[Turn("", "Bonjour.")])),
    "history": [{"at": BEGAN.isoformat(), "state": "connected", "by": "u-1", "why": ""}],
    "evidence": [{"manual": "sn23.pdf", "page": 41, "passage_id": "p-7", "text": "E24."}],
    "attempts": [{"at": BEGAN.isoformat(), "by": "u-1", "result": "no_answer", "note": ""}],
    "notes": [{"at": BEGAN.isoformat(), "by": "u-1", "text": "messagerie"}],
    "timings_ms": {"voice_to_voice": 840.25},
    **{name: ["é"] for name in ("clients", "languages", "notify_emails", "on_call")},
}
"""What must be of a form of its own, as a migration may read it; by the column's name."""

Row = Mapping[str, Any]


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Database]:
    """The first version's database, as it left it."""
    file = tmp_path / "permanence.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(FIRST.read_text("utf-8"))
    connection.close()
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


def upgrade(database: Database, revision: str) -> None:
    """Bring the tables as far as a revision, with foreign keys off as `migrate` has them."""
    engine = database._make_engine(foreign_keys=False, poolclass=NullPool)
    with database._session(engine.execution_options(write=True)) as session:
        command.upgrade(migrations.config(session.connection()), revision)


def tables(connection: Connection) -> dict[str, Table]:
    """The tables as they are, those first to which others refer."""
    found = MetaData()
    found.reflect(connection)
    return {table.name: table for table in found.sorted_tables if table.name != "alembic_version"}


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Everything that stands in a database."""
    with database.reading() as session:
        connection = session.connection()
        return {
            name: sorted(
                (dict(row) for row in connection.execute(select(table)).mappings()), key=repr
            )
            for name, table in tables(connection).items()
        }


def assert_kept(before: Mapping[str, list[Row]], after: Mapping[str, list[Row]]) -> None:
    """Every row is there still, with every value of a column that there still is."""
    for name, old in before.items():
        new = after[name]
        assert len(new) == len(old), name
        for row in old:
            left = {key: value for key, value in row.items() if not new or key in new[0]}
            assert any(all(one[key] == value for key, value in left.items()) for one in new), (
                name,
                row,
            )


def test_the_first_versions_database_goes_through_every_revision(first: Database) -> None:
    """At each step what it held is as it was."""
    assert REVISIONS[0] == "0001" and REVISIONS[-1] == HEAD
    before = rows(first)
    assert {name: len(found) for name, found in before.items()} == {
        "clients": 2, "manuals": 2, "calls": 4, "turns": 4, "tickets": 2,
    }  # fmt: skip
    for revision in REVISIONS[1:]:
        upgrade(first, revision)
        assert_kept(before, rows(first))
    first.migrate()
    assert_kept(before, rows(first))


def test_todays_stores_read_what_the_first_version_kept(first: Database) -> None:
    """Clients, manuals, calls with their turns, tickets; and they can be worked on."""
    first.migrate()
    clients, calls, tickets = ClientStore(first), CallStore(first), TicketStore(first)
    assert [(one.slug, one.name, one.recording) for one in clients.list()] == [
        ("acme", "Acmé & Fils", False),
        ("bora", "Bora", False),
    ]
    assert clients.manuals("bora") == (
        Manual("four.pdf", "cd" * 32, 12, "Four FX", "FX60", "four", "fr, en", 48,
               BEGAN + timedelta(hours=1)),
    )  # fmt: skip
    evidence = Evidence(
        "sn23.pdf", 41, "p-7", "E24 : l'évacuation est bouchée. Nettoyez le filtre."
    )
    answered = CallRecord(
        "c-1", "acme", BEGAN, "0639981234", "browser", BEGAN + timedelta(seconds=61.5), "caller",
        "answered",
        [
            Turn("", "Bonjour, je vous écoute."),
            Turn("ça affiche « E24 »", "Nettoyez le filtre.", "answer", 0.93, (evidence,),
                 TurnTimings(312.5, 290.0, 3.0, 5.25, 840.25), True),
        ],
        anomalies={"garbage frame": 3},
    )  # fmt: skip
    assert calls.load("c-1") == answered
    assert calls.load("c-2").handoff == Handoff("T-394NXQ", "urgent", BRIEF)
    assert calls.load("c-3").error == "ligne coupée"
    assert calls.close_orphans(BEGAN + timedelta(days=1)) == ("c-4",)
    urgent = tickets.get("T-394NXQ", client="acme")
    assert (urgent.brief, urgent.urgency, urgent.status) == (BRIEF, "urgent", "new")
    assert TicketWork(first).take("T-394NXQ", "u1").status == "taken"
    found = CallHistory(first).search(Search("affiche E24"), None)
    assert [one.record.call_id for one in found.calls] == ["c-1"]


def invented(connection: Connection, table: Table) -> Row:
    """A row with a value in every column, of the kind that it takes."""
    made: dict[str, Any] = {}
    for column in table.columns:
        if column.foreign_keys:
            (key,) = column.foreign_keys
            made[column.name] = connection.scalar(select(key.column).limit(1))
        elif isinstance(column.type, JSON):
            made[column.name] = JSONS.get(column.name, {"é": [1, "deux"]})
        else:
            kind = column.type.python_type
            made[column.name] = VALUES.get(kind, f"{column.name} à part")
    return made


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_row_in_every_table_of_any_revision_is_kept(tmp_path: Path, revision: str) -> None:
    """Also where a table is made anew to change it, which must not take those that refer to it."""
    database = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    upgrade(database, revision)
    with database.transaction() as session:
        connection = session.connection()
        for table in tables(connection).values():
            connection.execute(table.insert().values(invented(connection, table)))
    before = rows(database)
    assert all(len(found) == 1 for found in before.values())
    database.migrate()
    assert_kept(before, rows(database))
    with database.reading() as session:
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    database.close()


def test_an_older_permanence_says_what_to_do(permanence: Permanence, home: Path) -> None:
    """A database of a later version is left as it is, whatever is asked of it."""
    file = home / "data" / "permanence.db"
    permanence("client", "list")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    sentence = permanence("client", "list").sentence
    assert "not of this version of permanence" in sentence
    assert "install the version that last wrote it, or restore a backup" in sentence
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("9999",)
        ]
    connection.close()
