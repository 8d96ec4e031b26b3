"""Signing in by steps: who has given the password and not yet the code; browsers that are known."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete

from agent.store.database import Database
from agent.store.schema import DeviceRow, SignInStepRow

TOKEN_BYTES = 32
STEP_VALID = timedelta(minutes=10)
"""How long after the password the code may come."""

DEVICE_VALID = timedelta(days=180)
"""How long after its last sign-in a browser is known."""


class SignInSteps:
    """Those who have given their password, in the database; a browser holds the token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user_id: str, now: datetime) -> str:
        """Keep that a user has given the password; returns the token. Forgets older ones."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._database.transaction() as session:
            session.execute(delete(SignInStepRow).where(SignInStepRow.expires_at <= now))
            row = SignInStepRow(digest=_digest(token), user_id=user_id)
            row.expires_at = now + STEP_VALID
            session.add(row)
        return token

    def user_of(self, token: str, now: datetime) -> str | None:
        """Identifier of who has given the password; None if nobody has, or too long ago."""
        with self._database.reading() as session:
            row = session.get(SignInStepRow, _digest(token))
            return None if row is None or row.expires_at <= now else row.user_id

    def close(self, token: str) -> None:
        """Forget it."""
        with self._database.transaction() as session:
            session.execute(delete(SignInStepRow).where(SignInStepRow.digest == _digest(token)))


class DeviceStore:
    """Browsers in which somebody has signed in: strangers' failures do not make these wait."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, user_id: str, token: str, now: datetime) -> str:
        """Know a browser as this user's; returns the token that it is to hold.

        Args:
            user_id: Who has signed in there.
            token: That it holds already; "" for none.
            now: UTC.
        """
        with self._database.transaction() as session:
            session.execute(delete(DeviceRow).where(DeviceRow.used_at < now - DEVICE_VALID))
            row = session.get(DeviceRow, (_digest(token), user_id)) if token else None
            if row is None:
                token = secrets.token_urlsafe(TOKEN_BYTES)
                row = DeviceRow(digest=_digest(token), user_id=user_id)
                session.add(row)
            row.used_at = now
        return token

    def is_known(self, user_id: str, token: str, now: datetime) -> bool:
        """Whether that user has signed in with that browser lately."""
        with self._database.reading() as session:
            row = session.get(DeviceRow, (_digest(token), user_id)) if token else None
            return row is not None and row.used_at > now - DEVICE_VALID


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
