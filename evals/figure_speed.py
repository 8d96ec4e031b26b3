"""How long the figures of a year of calls take: `python -m evals.figure_speed [CALLS]`."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from agent.store.call_facts import slot_of
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.figures import FigureStore

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2027, 1, 1, tzinfo=UTC)
TIMES = 5
KINDS = ("answered", "transferred", "message", "abandoned")

TABLES = {
    "calls": ("call_id", "client", "started_at", "ended_at", "outcome", "record"),
    "call_facts": ("client", "slot", "call_id", "outcome", "length_s", "waited_ms", "danger",
                   "asked", "rating", "product"),
    "call_codes": ("client", "slot", "call_id", "code"),
    "call_pages": ("client", "slot", "call_id", "position", "manual", "page"),
}  # fmt: skip


def rows_of(number: int, at: datetime, chance: np.random.Generator) -> dict[str, tuple[Any, ...]]:
    """A call in each table."""
    call_id, length_s = f"c{number:06d}", int(chance.integers(5, 600))
    own = ("acme", slot_of(at), call_id)
    asked = chance.random() < 0.4
    return {
        "calls": (call_id, "acme", str(at)[:26], str(at + timedelta(seconds=length_s))[:26],
                  "answered", "{}"),
        "call_facts": (*own, KINDS[chance.integers(4)], length_s, 100 * int(chance.integers(2, 30)),
                       bool(chance.random() < 0.01), asked,
                       int(chance.integers(1, 6)) if asked else None,
                       f"lave-linge LV{chance.integers(60)}"),
        "call_codes": (*own, f"E{chance.integers(40)}"),
        "call_pages": (*own, 1, f"m{chance.integers(20)}.pdf", int(chance.integers(1, 60))),
    }  # fmt: skip


def fill(file: Path, calls: int) -> None:
    """A year of calls, each with a code and a page, in one transaction."""
    chance = np.random.default_rng(7)
    times_s = np.sort(chance.uniform(0, (ENDS - BEGINS).total_seconds(), calls))
    made = [
        rows_of(number, BEGINS + timedelta(seconds=float(at_s)), chance)
        for number, at_s in enumerate(times_s)
    ]
    connection = sqlite3.connect(file)
    for table, columns in TABLES.items():
        places = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",
            [rows[table] for rows in made],
        )
    connection.commit()
    connection.close()


def main(calls: int) -> None:
    """Print milliseconds on the clock and of the processor."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "year.db"
        database = Database(f"sqlite:///{file}")
        database.migrate()
        ClientStore(database).add("acme", "Acmé")
        fill(file, calls)
        store = FigureStore(database)
        for _ in range(TIMES):
            clock, processor = time.perf_counter(), time.process_time()
            found = store.read("acme", BEGINS, ENDS, ENDS)
            clock_ms = 1000 * (time.perf_counter() - clock)
            processor_ms = 1000 * (time.process_time() - processor)
            print(f"{found.calls} calls: {clock_ms:.0f} ms, of the processor {processor_ms:.0f} ms")
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
