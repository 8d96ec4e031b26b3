"""Where a test's database stands: SQLite in its folder, or a PostgreSQL server that was named."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from agent.store.schema import HEAD, Base

SERVER = "PERMANENCE_TEST_POSTGRESQL"
"""Environment: the URL of a migrated database, emptied for each test: a new one takes longer."""

_given: list[Path] = []
"""The folder whose database it is now."""


def database_url(folder: Path) -> str:
    """The URL of a database without rows that is this folder's own; the same if asked again."""
    server = os.environ.get(SERVER)
    if not server:
        return f"sqlite:///{folder / 'permanence.db'}"
    if _given != [folder]:
        _given[:] = [folder]
        empty(server)
    return server


def empty(server: str) -> None:
    """Delete every row of a PostgreSQL database; its tables stay."""
    engine = create_engine(server, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))  # no foreign key counts
        for table in Base.metadata.tables.values():
            connection.execute(table.delete())
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
