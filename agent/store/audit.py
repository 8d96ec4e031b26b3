"""Who did what, and when: written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from agent.store.database import Database
from agent.store.schema import AuditRow
from agent.store.ticket_work import Scope
from agent.store.users import User

SERVICE = "permanence"
"""Who did what nobody asked for: the nightly job, a retry."""

PAGE = 100
"""Entries of a page."""


@dataclass(frozen=True)
class Entry:
    """Something that somebody did.

    Attributes:
        id: Greater than that of every earlier one.
        at: UTC.
        who: Address of the user as it was then, or another name of who did it.
        client: Slug; None where it concerns the whole service.
        action: Dotted: "manual.published".
        subject: What it was done to: a file name, an address, never a caller's number.
        detail: What else there is to say of it, as JSON.
    """

    id: int
    at: datetime
    who: str
    client: str | None
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class AuditStore:
    """The entries in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self,
        action: str,
        *,
        user: User | None = None,
        who: str = "",
        client: str | None = None,
        subject: str = "",
        now: datetime | None = None,
        **detail: Any,
    ) -> None:
        """Keep that something was done; durable when it returns.

        Args:
            action: Dotted: "manual.published".
            user: Who did it, if somebody signed in did.
            who: Else its name: a token's, "command line"; "" for `SERVICE`.
            client: Slug of the client that it concerns, None for the whole service.
            subject: What it was done to.
            now: When, with its zone; None for now.
            detail: Of it, as JSON has it.

        Raises:
            StoreError: The database cannot be written.
        """
        with self._database.transaction() as session:
            session.add(
                AuditRow(
                    at=now or datetime.now(UTC),
                    user_id=user.id if user is not None else None,
                    who=user.email if user is not None else who or SERVICE,
                    client=client,
                    action=action,
                    subject=subject,
                    detail=detail,
                )
            )

    def entries(
        self, clients: Scope, *, client: str | None = None, before: int | None = None
    ) -> tuple[Entry, ...]:
        """A page of entries, the newest first.

        Args:
            clients: Whose entries may be seen; None for all, those of the whole service too.
            client: Only those of this one.
            before: Identifier of the last entry of the page before; None for the first page.

        Raises:
            StoreError: The database cannot be read.
        """
        query = select(AuditRow).order_by(AuditRow.id.desc()).limit(PAGE)
        if clients is not None and "*" not in clients:
            query = query.where(AuditRow.client.in_(list(clients)))
        if client is not None:
            query = query.where(AuditRow.client == client)
        if before is not None:
            query = query.where(AuditRow.id < before)
        with self._database.reading() as session:
            return tuple(_entry(row) for row in session.scalars(query))


def _entry(row: AuditRow) -> Entry:
    return Entry(row.id, row.at, row.who, row.client, row.action, row.subject, dict(row.detail))
