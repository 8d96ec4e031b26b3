"""Messages of invitations and resets that are to be sent, each with a link of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from agent.store.database import Database
from agent.store.invitation_rows import Invitation, drawn_link, invitation_of, standing
from agent.store.schema import ClientRow, InvitationRow, UserRow

LEASE = timedelta(minutes=5)
"""How long a claimed message is nobody else's."""

_LONGEST_ERROR = 300


@dataclass(frozen=True)
class Letter:
    """A message to send: an invitation with a link that was just drawn.

    Attributes:
        name: Of the user, if there is one already; else "".
        brand: The client's name; "" for none.
        language: In which it is written.
    """

    invitation: Invitation
    token: str
    name: str
    brand: str
    language: str


class LetterStore:
    """The messages in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime) -> Letter | None:
        """Take a message that is due, with a link of its own; None if there is none.

        Resets for addresses that nobody has are dropped here.
        """
        with self._database.transaction() as session:
            while True:
                row = session.scalar(
                    _waiting(now).where(InvitationRow.due_at <= now).with_for_update()
                )
                if row is None:
                    return None
                user = session.scalar(select(UserRow).where(UserRow.email == row.email))
                if row.kind == "reset" and (user is None or not user.active):
                    session.delete(row)
                    session.flush()
                    continue
                row.attempts += 1
                row.due_at = now + LEASE
                token = drawn_link(session, row.id, now)
                client = None if row.client is None else session.get(ClientRow, row.client)
                name, brand = user.name if user else "", client.name if client else ""
                language = user.language if user else row.language
                return Letter(invitation_of(row), token, name, brand, language)

    def next_due(self, now: datetime) -> datetime | None:
        """When the next message is due; None if none waits."""
        with self._database.reading() as session:
            row = session.scalar(_waiting(now))
            return None if row is None else row.due_at

    def sent(self, invitation_id: str, now: datetime) -> None:
        """Mark it sent."""
        self._told(invitation_id, sent_at=now, due_at=None, error=None)

    def failed(self, invitation_id: str, error: str, again_at: datetime | None) -> None:
        """Have it tried again at `again_at`, or no more if that is None."""
        self._told(invitation_id, due_at=again_at, error=error[:_LONGEST_ERROR])

    def _told(self, invitation_id: str, **columns: object) -> None:
        with self._database.transaction() as session:
            row = session.get(InvitationRow, invitation_id)
            if row is not None:
                for column, value in columns.items():
                    setattr(row, column, value)


def _waiting(now: datetime) -> Select[InvitationRow]:
    return (
        select(InvitationRow)
        .where(standing(now), InvitationRow.sent_at.is_(None), InvitationRow.due_at.is_not(None))
        .order_by(InvitationRow.due_at)
        .limit(1)
    )
