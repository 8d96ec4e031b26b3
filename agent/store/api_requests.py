"""Requests that make something, by their Idempotency-Key: one that comes again makes nothing more.

Kept is what was made, never the answer: that would hold what callers said for longer than the call.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from agent.errors import PermanenceError
from agent.store.database import Database, insert_if_absent
from agent.store.schema import ApiRequestRow

KEPT_FOR = timedelta(hours=24)
"""A key may be used for something else after that."""

ABANDONED_AFTER = timedelta(minutes=5)
"""A request that was not answered for so long died with its process: it may be made again."""


class KeyReusedError(PermanenceError):
    """That key came with another request before."""


class KeyBusyError(PermanenceError):
    """The request of that key is being answered at this moment."""


class ApiRequestStore:
    """The requests in the database, of each token its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, token_id: str, client: str, key: str, fingerprint: str, now: datetime
    ) -> str | None:
        """Take a key; None: go on, else what its request made before.

        Args:
            token_id: Whose key it is.
            client: Of the token.
            key: As it was sent.
            fingerprint: Of all that the request asks for.
            now: With its zone.

        Raises:
            KeyReusedError, KeyBusyError: See there.
        """
        values = {
            "token_id": token_id, "key": key, "client": client, "fingerprint": fingerprint,
            "begun_at": now, "made": None,
        }  # fmt: skip
        with self._database.transaction() as session:
            session.execute(delete(ApiRequestRow).where(ApiRequestRow.begun_at <= now - KEPT_FOR))
            if insert_if_absent(session, ApiRequestRow, values):
                return None
            row = session.get_one(ApiRequestRow, (token_id, key), with_for_update=True)
            if row.fingerprint != fingerprint:
                raise KeyReusedError("This Idempotency-Key came with another request; use another.")
            if row.made is None:
                if now - row.begun_at < ABANDONED_AFTER:
                    raise KeyBusyError("This request is being answered; ask again in a moment.")
                row.begun_at = now
            return row.made

    def finish(self, token_id: str, key: str, made: str) -> None:
        """Keep what the request made."""
        with self._database.transaction() as session:
            session.get_one(ApiRequestRow, (token_id, key)).made = made

    def give_up(self, token_id: str, key: str) -> None:
        """Free a key whose request made nothing."""
        with self._database.transaction() as session:
            session.execute(
                delete(ApiRequestRow).where(
                    ApiRequestRow.token_id == token_id,
                    ApiRequestRow.key == key,
                    ApiRequestRow.made.is_(None),
                )
            )
