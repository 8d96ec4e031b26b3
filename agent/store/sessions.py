"""Who is signed in: a browser holds a token, of which only the digest is kept here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent.store.database import Database
from agent.store.schema import SessionRow, UserRow
from agent.store.users import UnknownUserError, User, token_digest, user_of

TOKEN_BYTES = 32
"""Of chance in a token: nobody guesses one."""

IDLE = timedelta(hours=12)
"""A session ends so long after its last use: a long shift is one session, a night between two."""

LONGEST = timedelta(days=7)
"""And in any case so long after signing in, so that a stolen token does not last."""

RENEWED_EVERY = timedelta(minutes=10)
"""A use is written down when the last one written is older, so that most requests only read."""


LONGEST_DEVICE = 100
"""Characters kept of what a browser says that it is."""


@dataclass(frozen=True)
class OpenSession:
    """Where somebody is signed in.

    Attributes:
        id: Unique; opens nothing.
        created_at: Of signing in, UTC.
        used_at: Of the last use that was written down, at most `RENEWED_EVERY` before the last.
        device: Browser and system; "" where they are not known.
        network: Address or network of the last sign-in; "" where it is not known.
        here: It is the one that asks.
    """

    id: str
    created_at: datetime
    used_at: datetime
    device: str
    network: str
    here: bool


class SessionStore:
    """The sessions in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user_id: str, now: datetime, *, device: str = "", network: str = "") -> str:
        """Sign a user in; returns the token, which is nowhere else. Forgets expired sessions.

        Args:
            user_id: Whom.
            now: UTC.
            device: Browser and system, as the user is shown them.
            network: Whence.

        Raises:
            UnknownUserError: There is no such user, or they may not sign in.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._database.transaction() as session:
            user = session.get(UserRow, user_id)
            if user is None or not user.active:
                raise UnknownUserError(f"The user {user_id!r} may not sign in.")
            session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            user.signed_in_at = now
            row = SessionRow(digest=token_digest(token), user_id=user_id)
            row.created_at, row.used_at, row.expires_at = now, now, now + IDLE
            row.device, row.network = device[:LONGEST_DEVICE], network[:LONGEST_DEVICE]
            session.add(row)
        return token

    def user_of(self, token: str, now: datetime) -> User | None:
        """Who holds a token, as they are now; None if it is of no session, or no longer.

        Counts as a use: the session lasts `IDLE` from now.
        """
        digest = token_digest(token)
        with self._database.reading() as session:
            found = _live(session, digest, now)
            if found is None:
                return None
            row, user = found
            renew = row.expires_at + RENEWED_EVERY < _end(row, now)
        if renew:
            with self._database.transaction() as session:
                found = _live(session, digest, now)  # it may have been closed meanwhile
                if found is None:
                    return None
                row, user = found
                row.expires_at, row.used_at = _end(row, now), now
        return user

    def close(self, token: str) -> None:
        """Sign out where that token is held; nothing happens if it is of no session."""
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.digest == token_digest(token)))

    def close_all(self, user_id: str, *, but: str = "") -> int:
        """Sign a user out everywhere; returns of how many sessions.

        Args:
            user_id: Whom.
            but: Token of the session that goes on.
        """
        mine = SessionRow.user_id == user_id, SessionRow.digest != token_digest(but)
        with self._database.transaction() as session:
            return len(
                session.scalars(delete(SessionRow).where(*mine).returning(SessionRow.digest)).all()
            )

    def list(self, user_id: str, now: datetime, *, here: str = "") -> list[OpenSession]:
        """Where a user is signed in, the last used first.

        Args:
            user_id: Whom.
            now: UTC.
            here: Token of the session that asks.
        """
        query = select(SessionRow).where(SessionRow.user_id == user_id, SessionRow.expires_at > now)
        with self._database.reading() as session:
            found = [
                OpenSession(
                    _id(row), row.created_at, row.used_at or row.created_at, row.device,
                    row.network, row.digest == token_digest(here),
                )
                for row in session.scalars(query)
            ]  # fmt: skip
        return sorted(found, key=lambda one: one.used_at, reverse=True)

    def close_one(self, user_id: str, session_id: str) -> bool:
        """Sign a user out of one session; returns whether there was such a session of theirs."""
        with self._database.transaction() as session:
            rows = session.scalars(select(SessionRow).where(SessionRow.user_id == user_id))
            gone = [row for row in rows if _id(row) == session_id]
            for row in gone:
                session.delete(row)
            return bool(gone)


def _id(row: SessionRow) -> str:
    return row.digest[:16]


def _live(session: Session, digest: str, now: datetime) -> tuple[SessionRow, User] | None:
    row = session.get(SessionRow, digest)
    if row is None or row.expires_at <= now:
        return None
    user = session.get(UserRow, row.user_id)
    if user is None or not user.active:
        return None
    return row, user_of(user)


def _end(row: SessionRow, now: datetime) -> datetime:
    return min(now + IDLE, row.created_at + LONGEST)
