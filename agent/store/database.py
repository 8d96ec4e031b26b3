"""The database: one engine for the process, short transactions, every error in one sentence."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from agent.errors import StoreError
from agent.store.schema import HEAD, Base

BUSY_TIMEOUT_MS = 10_000
"""Longest wait for SQLite's one write lock; a transaction of ours holds it for milliseconds."""


class NotKeptError(StoreError):
    """Nothing is kept under that identifier, or it belongs to another client."""


class Database:
    """One database, shared by all threads of the process.

    Args:
        url: SQLAlchemy URL of a SQLite file (its folder is made if need be) or of PostgreSQL.

    Raises:
        StoreError: The URL cannot be used. Every other method raises it too, when the database
            cannot be opened, read or written.
    """

    def __init__(self, url: str) -> None:
        self._url = _checked_url(url)
        self._where = self._url.render_as_string(hide_password=True)
        self._engine = self._make_engine(pool_pre_ping=self._url.get_backend_name() != "sqlite")
        self._writer = self._engine.execution_options(write=True)
        self._closed = False
        self._file_id: tuple[int, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that may write: durable once the block is left, undone if it raises.

        SQLite's write lock is taken at the start: one that reads first and then writes could
        otherwise fail halfway, whatever the busy timeout.
        """
        with self._session(self._writer) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; writers do not wait for it."""
        with self._session(self._engine) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest revision; any number of processes may do so at once."""
        with self.reading() as session:
            revision = _revision(session.connection())
            self._file_id = _file_id(Path(str(self._url.database)))
            if revision == HEAD:
                return
        from agent.store.migrations import upgrade  # Alembic takes 0.2 s to import

        # An engine of its own: rebuilding a SQLite table needs foreign keys off from the start.
        engine = self._make_engine(foreign_keys=False, poolclass=NullPool)
        with self._session(engine.execution_options(write=True)) as session:
            upgrade(session.connection())

    def revision(self) -> str | None:
        """The revision of the tables as they are; None in an empty database."""
        with self.reading() as session:
            return _revision(session.connection())

    def faults(self) -> list[str]:
        """What SQLite finds wrong within its file, at most some lines; reads all of it.

        Of PostgreSQL nothing is looked at: its server does that.
        """
        if self._url.get_backend_name() != "sqlite":
            return []
        with self.reading() as session:
            found = [str(row[0]) for row in session.execute(text("PRAGMA quick_check(5)"))]
            loose = session.execute(text("PRAGMA foreign_key_check")).first()
        return [line for line in found if line != "ok"] + (
            [f"a row of {loose[0]} belongs to nothing"] if loose else []
        )

    def probe(self) -> None:
        """Write something that changes nothing, durably: whether anything can be kept now."""
        file = self._url.database
        if self._url.get_backend_name() == "sqlite" and self._file_id != _file_id(Path(str(file))):
            # What is open would still be written, to a file that no later start finds.
            raise StoreError(
                f"The database {self._where} is no longer the file that was opened; put it back,"
                " and start the server again."
            )
        with self.transaction() as session:
            if self._url.get_backend_name() == "sqlite":  # it does not write an equal row
                session.execute(text(f"PRAGMA user_version = {int(time.time()) % 2**31}"))
            else:
                session.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def copy_to(self, file: Path) -> bool:
        """Write the whole database as it stands now into a file; writers go on (blocks).

        Returns:
            False on PostgreSQL, whose `pg_dump` does that.
        """
        if self._url.get_backend_name() != "sqlite":
            return False
        with self._connected(self._make_engine(poolclass=NullPool)) as connection:
            copy = sqlite3.connect(file)
            try:
                connection.backup(copy)  # one step: one instant
            finally:
                copy.close()
        return True

    def wipe(self, *, whole: bool = True) -> bool:
        """Leave no byte of what was deleted in the files of the database (blocks; writers wait).

        Args:
            whole: Write the file anew, so that what was deleted before `secure_delete` was on is
                gone too; without, only the log is emptied.

        Returns:
            Whether it is so: False where something kept the database busy, and on PostgreSQL, where
            `VACUUM FULL` and the archived log are its administrator's.
        """
        if self._url.get_backend_name() != "sqlite":
            return False
        engine = self._make_engine(poolclass=NullPool)
        with self._connected(engine) as connection:
            if whole:
                connection.execute("VACUUM").close()
            busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            return busy == 0

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[sqlite3.Connection]:
        """A connection without a transaction."""
        try:
            connection = engine.raw_connection()
            try:
                yield cast(sqlite3.Connection, connection.driver_connection)
            finally:
                connection.close()
        except (sqlite3.Error, DBAPIError) as error:
            raise StoreError(f"The database {self._where} cannot be used ({error}).") from error

    def close(self) -> None:
        """Close every connection; one in use by a thread closes when its transaction ends."""
        self._closed = True
        self._engine.pool.dispose()

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        if self._closed:
            raise StoreError(f"The database {self._where} is closed; start the server again.")
        try:
            with Session(engine) as session, session.begin():
                session.connection()  # begins now, not at the first statement
                yield session
        except (IntegrityError, ProgrammingError, DataError):
            raise  # a mistake of ours, not the database's
        except (DBAPIError, PoolTimeoutError) as error:
            raise StoreError(
                f"The database {self._where} cannot be used ({_reason(error)}); check that it is"
                " permanence's own, that its server or disk is well and that it may be written."
            ) from error
        finally:
            if self._closed:
                self._engine.pool.dispose()

    def _make_engine(self, foreign_keys: bool = True, **options: Any) -> Engine:
        try:
            engine = create_engine(
                self._url, json_serializer=partial(json.dumps, ensure_ascii=False), **options
            )
        except (ArgumentError, ImportError) as error:
            raise StoreError(
                f"The database {self._where} needs a driver ({error}); install it, or correct"
                " PERMANENCE_DATABASE_URL."
            ) from error
        if self._url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", partial(_prepare_sqlite, foreign_keys))
            event.listen(engine, "begin", _begin_sqlite)
        return engine


def insert_if_absent(session: Session, table: type[Base], values: dict[str, Any]) -> bool:
    """Insert a row unless one of its unique keys is taken, by whomever.

    Returns:
        Whether the row was inserted.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = inspect(table).primary_key[0]
    done = session.execute(insert(table).values(values).on_conflict_do_nothing().returning(key))
    return done.first() is not None


def _checked_url(url: str) -> URL:
    """The URL, once it is sure that what is written there outlives the process."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(  # the URL stays unnamed: it may hold a password
            "PERMANENCE_DATABASE_URL is not a database URL; write sqlite:///PATH or"
            " postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"PERMANENCE_DATABASE_URL cannot be {parsed.drivername!r}; write sqlite:///PATH or"
            " postgresql://USER:PASSWORD@HOST/NAME."
        )
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise StoreError(
                "PERMANENCE_DATABASE_URL names no file, so messages would be lost; write"
                " sqlite:///PATH."
            )
        folder = Path(str(parsed.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The database's folder {folder} cannot be made ({error.strerror}); make it, or"
                " set PERMANENCE_DATABASE_URL to another place."
            ) from error
    return parsed


def _file_id(file: Path) -> tuple[int, int] | None:
    """What tells a file from another one in its place; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(foreign_keys: bool, connection: sqlite3.Connection, _: object) -> None:
    """Set what SQLite keeps per connection; the timeout first, as the rest may have to wait."""
    try:
        connection.isolation_level = None  # transactions begin in `_begin_sqlite` alone
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}").close()
        _write_ahead(connection)
        for pragma in (
            "synchronous=FULL",  # a commit is on the disk when it returns
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            "secure_delete=ON",  # what is deleted is overwritten
        ):
            connection.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        connection.close()
        raise


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on, which only the first connection to a file really does.

    Of two that do so together SQLite refuses one at once, whatever the busy timeout: both read,
    and neither could write before the other ends. The refused one tries again.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _revision(connection: Connection) -> str | None:
    """The revision of the tables; None in an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _reason(error: Exception) -> str:
    """The driver's own words, first line."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
