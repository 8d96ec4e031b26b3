"""What people do with a client's manuals: files that they send, versions that they publish."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.schema import ManualPublicationRow, ManualUploadRow

State = Literal["queued", "running", "ready", "refused", "interrupted", "cancelled"]
"""Of a file: it waits, it is read, it is in the draft, it cannot be read, its reading ended midway
more than once, somebody took it back."""

OPEN: tuple[State, ...] = ("queued", "running")
"""States of a file on which there is work to do."""

SHOWN: tuple[State, ...] = (*OPEN, "refused", "interrupted")
"""States of a file about which somebody should know."""

Kind = Literal["published", "rolled_back"]

HISTORY = 30
"""Publications that are shown."""

_NOT_KEPT = "Ce fichier n'est pas parmi ceux de ce client : rechargez la page."


@dataclass(frozen=True)
class Upload:
    """A file that somebody sent, whole on the disk before it is here.

    Attributes:
        upload_id: Its folder's name too.
        client: Slug.
        file_name: As it is kept; a manual of the same name is replaced.
        sha256: Of the file.
        size: Bytes.
        user_id, who: Who sent it: identifier ("" if no user) and name as it was then.
        at: UTC.
        state: See `State`.
        refusal: Why it cannot be read, one French sentence; "" if it can.
        pages, passages: Of the manual, once it is ready.
        attempts: How often its reading was begun.
        finished_at: When it got its last state, UTC.
    """

    upload_id: str
    client: str
    file_name: str
    sha256: str
    size: int
    user_id: str
    who: str
    at: datetime
    state: State = "queued"
    refusal: str = ""
    pages: int = 0
    passages: int = 0
    attempts: int = 0
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Publication:
    """A change of what callers are answered from.

    Attributes:
        kind: A draft was published, or the version before was taken back.
        version: Name of the version that is in service since.
        difference: `knowledge.difference.Difference.as_json`.
        check: How the client's test questions went before: "asked", "failed"; {} of none.
    """

    publication_id: str
    client: str
    at: datetime
    kind: Kind
    version: str
    user_id: str
    who: str
    difference: Mapping[str, Any] = field(default_factory=dict)
    check: Mapping[str, Any] = field(default_factory=dict)


class ManualWork:
    """The uploads and publications in the database; every method is of one client. Blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, upload: Upload) -> None:
        """Keep a file that has arrived; durable when it returns.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.transaction() as session:
            require_client(session, upload.client)
            session.add(ManualUploadRow(**vars(upload)))

    def get(self, slug: str, upload_id: str) -> Upload:
        """A file.

        Raises:
            NotKeptError: The client has no such file.
        """
        with self._database.reading() as session:
            return _upload(_row(session, slug, upload_id))

    def change(
        self, slug: str, upload_id: str, state: State, *, of: tuple[State, ...], **values: Any
    ) -> Upload:
        """Give a file another state.

        Args:
            slug: The client.
            upload_id: The file.
            state: That it comes into.
            of: Those of which it may come: whoever else was first is not undone.
            values: Other columns.

        Raises:
            NotKeptError: The client has no such file in one of these states.
        """
        with self._database.transaction() as session:
            row = _row(session, slug, upload_id)
            session.refresh(row, with_for_update=True)
            if row.state not in of:
                raise NotKeptError(_NOT_KEPT)
            row.state = state
            row.finished_at = None if state in OPEN else datetime.now(UTC)
            for name, value in values.items():
                setattr(row, name, value)
            return _upload(row)

    def shown(self, slug: str) -> tuple[Upload, ...]:
        """The files that are not in the draft, the oldest first."""
        return self._select(
            ManualUploadRow.client == slug, ManualUploadRow.state.in_(SHOWN)
        )  # fmt: skip

    def last_ready(self, slug: str) -> dict[tuple[str, str], Upload]:
        """By file name and SHA-256, who last sent a file that became a manual."""
        ready = self._select(ManualUploadRow.client == slug, ManualUploadRow.state == "ready")
        return {(one.file_name, one.sha256): one for one in ready}

    def waiting(self) -> tuple[Upload, ...]:
        """All files on which there is work to do, of every client, the oldest first."""
        return self._select(ManualUploadRow.state.in_(OPEN))

    def published(self, publication: Publication) -> None:
        """Keep that something was published.

        Raises:
            UnknownClientError: There is no such client.
        """
        values = vars(publication)
        with self._database.transaction() as session:
            require_client(session, publication.client)
            session.add(
                ManualPublicationRow(
                    **{
                        **values,
                        "difference": dict(publication.difference),
                        "check": dict(publication.check),
                    }
                )
            )

    def history(self, slug: str) -> tuple[Publication, ...]:
        """The client's last publications, the newest first."""
        query = (
            select(ManualPublicationRow)
            .where(ManualPublicationRow.client == slug)
            .order_by(ManualPublicationRow.at.desc())
            .limit(HISTORY)
        )
        with self._database.reading() as session:
            return tuple(
                Publication(**{one.name: getattr(row, one.name) for one in fields(Publication)})
                for row in session.scalars(query)
            )

    def _select(self, *conditions: Any) -> tuple[Upload, ...]:
        query = select(ManualUploadRow).where(*conditions).order_by(ManualUploadRow.at)
        with self._database.reading() as session:
            return tuple(_upload(row) for row in session.scalars(query))


def new_id() -> str:
    """An identifier for an upload or a publication."""
    return uuid.uuid4().hex[:16]


def _row(session: Session, slug: str, upload_id: str) -> ManualUploadRow:
    row = session.get(ManualUploadRow, upload_id)
    if row is None or row.client != slug:
        raise NotKeptError(_NOT_KEPT)
    return row


def _upload(row: ManualUploadRow) -> Upload:
    return Upload(**{one.name: getattr(row, one.name) for one in fields(Upload)})
