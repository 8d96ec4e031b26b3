"""The tables of a new SQLite database, made by the migrations once a process and then repeated."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import Connection, inspect

from agent.store import migrations

really_upgrade = migrations.upgrade


class RememberedTables:
    """Upgrades as `agent.store.migrations` does; an empty SQLite file by what that made before.

    Hundreds of tests begin with a database of their own, and each revision makes that slower. What
    is there already is upgraded for good, and so is any other database than SQLite.
    """

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, connection: Connection) -> None:
        """Bring the tables to the newest revision."""
        is_new = connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()
        with self._lock:
            if not is_new or not self._statements:
                really_upgrade(connection)
                if is_new:
                    self._statements = _dumped(connection.connection.driver_connection)
                return
        for statement in self._statements:
            connection.exec_driver_sql(statement)


def _dumped(sqlite: Any) -> list[str]:
    """The statements that make what a database holds."""
    return [line for line in sqlite.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
