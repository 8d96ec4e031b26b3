"""The stores on a real PostgreSQL server, started here; skipped where none is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from agent.errors import StoreError
from agent.store.clients import ClientStore
from agent.store.database import Database
from tests.databases import SERVER, empty

ROOT = Path(__file__).parents[1]
STORES = ("test_store", "test_users", "test_handoff_store", "test_ticket_work", "test_history",
          "test_announce", "test_recordings", "test_numbers")  # fmt: skip
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
