"""How a database comes to have the tables of `schema`: Alembic, without an alembic.ini.

Migrations are append-only. A new one is `versions/NNNN_what.py`, in the form of
`script.py.mako`; `schema.HEAD` names the newest.
"""

from __future__ import annotations

import threading

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from agent.errors import StoreError

_ALEMBIC = threading.Lock()  # `alembic.context` is one global for the process
_POSTGRESQL_LOCK = 0x7065726D  # "perm": any number that nothing else in the database takes


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, for `connection` if it is to touch a database."""
    made = Config()
    made.set_main_option("script_location", "agent.store:migrations")
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """Run what is missing, inside the transaction that `connection` is in.

    Raises:
        StoreError: The database is of a newer version of permanence.
    """
    if connection.dialect.name == "postgresql":  # SQLite has its write lock by now
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
    try:
        with _ALEMBIC:
            command.upgrade(config(connection), "head")
    except CommandError as error:
        raise StoreError(
            f"The database is not of this version of permanence ({error}); install the version"
            " that last wrote it, or restore a backup."
        ) from error
