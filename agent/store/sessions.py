"""Who is signed in: a browser holds a token, of which only the digest is kept here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from agent.store.database import Database
from agent.store.schema import SessionRow, UserRow
from agent.store.users import UnknownUserError, User, user_of

TOKEN_BYTES = 32
"""Of chance in a token: nobody guesses one."""

IDLE = timedelta(hours=12)
"""A session ends so long after its last use: a long shift is one session, a night between two."""

LONGEST = timedelta(days=7)
"""And in any case so long after signing in, so that a stolen token does not last."""

RENEWED_EVERY = timedelta(minutes=10)
"""A use is written down when the last one written is older, so that most requests only read."""


class SessionStore:
    """The sessions in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user_id: str, now: datetime) -> str:
        """Sign a user in; returns the token, which is nowhere else. Forgets expired sessions.

        Raises:
            UnknownUserError: There is no such user, or they may not sign in.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._database.transaction() as session:
            user = session.get(UserRow, user_id)
            if user is None or not user.active:
                raise UnknownUserError(f"The user {user_id!r} may not sign in.")
            session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            session.add(
                SessionRow(
                    digest=_digest(token), user_id=user_id, created_at=now, expires_at=now + IDLE
                )
            )
        return token

    def user_of(self, token: str, now: datetime) -> User | None:
        """Who holds a token, as they are now; None if it is of no session, or no longer.

        Counts as a use: the session lasts `IDLE` from now.
        """
        digest = _digest(token)
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
                row.expires_at = _end(row, now)
        return user

    def close(self, token: str) -> None:
        """Sign out where that token is held; nothing happens if it is of no session."""
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.digest == _digest(token)))

    def close_all(self, user_id: str) -> int:
        """Sign a user out everywhere; returns of how many sessions."""
        with self._database.transaction() as session:
            gone = session.scalars(
                delete(SessionRow).where(SessionRow.user_id == user_id).returning(SessionRow.digest)
            )
            return len(gone.all())


def _digest(token: str) -> str:
    """Of so much chance a plain digest tells nothing; a slow one would be for passwords."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


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
