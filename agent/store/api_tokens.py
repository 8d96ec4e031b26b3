"""What programs hold to use the API: tokens of one client, of which only digests are kept."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.clients import require_client
from agent.store.database import Database, NotKeptError
from agent.store.schema import ApiTokenRow, UserRow
from agent.store.users import User, may_see, user_of

ApiScope = Literal[
    "manuals:read",
    "manuals:write",
    "questions",
    "tickets:read",
    "tickets:write",
    "calls:read",
    "personal:read",
    "settings:read",
]
"""What a token allows. Without "personal:read" whatever tells who called is masked, and there are
no recordings."""

SCOPES: tuple[ApiScope, ...] = get_args(ApiScope)

PREFIX = "prm_"
"""Begins every token, so that whoever scans for secrets that got out can find them."""

SECRET_SIGNS, CHECK_SIGNS = 36, 6
"""Signs of chance (214 bits) and of a checksum: what only looks like a token is told from one
without the database, by scanners too."""

SHOWN_SIGNS = len(PREFIX) + 4
"""Of a token, so many signs are kept to recognise it by."""

USE_KEPT_EVERY = timedelta(minutes=10)
"""A use is written down when the last one written is older, so that most requests only read."""

MANAGING = ("admin", "manager")
"""Roles of those who may make tokens; one ends when its maker no longer has one of them."""

LONGEST_NAME, MOST_TOKENS = 60, 50
"""Characters of a name; tokens in force of one client."""

_SIGNS = string.digits + string.ascii_letters


class TokenRefusedError(PermanenceError):
    """A token cannot be made so; `reason` is "name", "scopes", "expiry", "maker" or "many"."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class ApiToken:
    """A token, without its secret.

    Attributes:
        id: Unique, hexadecimal.
        client: Slug of the one client whose things it gives access to.
        name: What it is for, in its maker's words.
        prefix: Its first signs, to recognise it by.
        scopes: What it allows.
        created_by: Identifier of the user who made it; None: the provider, on the command line.
        created_at: UTC.
        expires_at: UTC; None: it does not expire.
        last_used_at: UTC, kept at most every ten minutes; None: never used.
        revoked_at: UTC; None: it is in force.
    """

    id: str
    client: str
    name: str
    prefix: str
    scopes: tuple[ApiScope, ...]
    created_by: str | None
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class ApiTokenStore:
    """The tokens in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        client: str,
        name: str,
        scopes: Iterable[str],
        now: datetime,
        *,
        created_by: str | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token; returns it and its secret, which is nowhere else.

        Args:
            client: Slug.
            name: What it is for.
            scopes: Of `SCOPES`, at least one.
            now: With its zone.
            created_by: Identifier of the user who makes it, None for the provider.
            expires_at: With its zone, later than now; None: never.

        Raises:
            TokenRefusedError: Something of it is not allowed.
            UnknownClientError: There is no such client.
        """
        called = " ".join(name.split())
        if not called or len(called) > LONGEST_NAME or not called.isprintable():
            raise TokenRefusedError(
                f"A token's name cannot be {name[:30]!r}; write 1 to {LONGEST_NAME} characters.",
                "name",
            )
        given = set(scopes)
        wrong = sorted(given.difference(SCOPES))
        if wrong or not given:
            raise TokenRefusedError(
                f"A scope cannot be {(wrong or [''])[0][:30]!r}; choose {', '.join(SCOPES)}.",
                "scopes",
            )
        if expires_at is not None and expires_at <= now:
            raise TokenRefusedError("A token must expire later than now.", "expiry")
        secret = new_secret()
        with self._database.transaction() as session:
            require_client(session, client)
            if created_by is not None and not _may_make(session, created_by, client):
                raise TokenRefusedError(f"This user may make no token of {client}.", "maker")
            if _in_force(session, client, now) >= MOST_TOKENS:
                raise TokenRefusedError(
                    f"{client} has {MOST_TOKENS} tokens already; revoke one first.", "many"
                )
            row = ApiTokenRow(
                id=uuid.uuid4().hex,
                client=client,
                name=called,
                digest=_digest(secret),
                prefix=secret[:SHOWN_SIGNS],
                scopes=[scope for scope in SCOPES if scope in given],
                created_by=created_by,
                created_at=now,
                expires_at=expires_at,
            )
            session.add(row)
            session.flush()
            return _token(row), secret

    def list(self, client: str) -> tuple[ApiToken, ...]:
        """The client's tokens, the newest first; those revoked or expired too.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = (
            select(ApiTokenRow)
            .where(ApiTokenRow.client == client)
            .order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id)
        )
        with self._database.reading() as session:
            require_client(session, client)
            return tuple(_token(row) for row in session.scalars(query))

    def revoke(self, client: str, token_id: str, now: datetime) -> ApiToken:
        """End a token of the client's, from its next use on; one that has ended stays so.

        Raises:
            NotKeptError: The client has none of that identifier.
        """
        with self._database.transaction() as session:
            row = session.get(ApiTokenRow, token_id, with_for_update=True)
            if row is None or row.client != client:
                raise NotKeptError(f"{client} has no token {token_id[:40]!r}; list them first.")
            row.revoked_at = row.revoked_at or now
            return _token(row)

    def holder(self, secret: str, now: datetime) -> tuple[ApiToken, User | None] | None:
        """The token in force of that secret, and its maker; None if it is of none.

        A token whose maker is deactivated, or no longer manages that client, is found ended here
        and stays so. Counts as a use.
        """
        if not looks_like_one(secret):
            return None
        digest = _digest(secret)
        with self._database.reading() as session:
            found = _found(session, digest, now)
            if found is None:
                return None
            row, maker, may = found
            token = _token(row)
            user = None if maker is None else user_of(maker)
            used = token.last_used_at is None or now - token.last_used_at >= USE_KEPT_EVERY
        if may and not used:
            return token, user
        with self._database.transaction() as session:
            found = _found(session, digest, now)  # it may have been revoked meanwhile
            if found is None:
                return None
            row, _, may = found
            if not may:
                row.revoked_at = now
                return None
            row.last_used_at = now
            return _token(row), user


def new_secret() -> str:
    """A token as its holder has it."""
    chance = "".join(secrets.choice(_SIGNS) for _ in range(SECRET_SIGNS))
    return f"{PREFIX}{chance}{_check(chance)}"


def looks_like_one(secret: str) -> bool:
    """Whether a text has a token's form, its checksum included."""
    chance, check = secret[len(PREFIX) : -CHECK_SIGNS], secret[-CHECK_SIGNS:]
    return (
        secret.startswith(PREFIX)
        and len(chance) == SECRET_SIGNS
        and secret.isascii()
        and secret[len(PREFIX) :].isalnum()
        and check == _check(chance)
    )


def is_in_force(token: ApiToken, now: datetime) -> bool:
    """Whether a token is neither revoked nor expired."""
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def _check(chance: str) -> str:
    """A checksum, CRC-32 in base 62."""
    rest, signs = zlib.crc32(chance.encode()), ""
    for _ in range(CHECK_SIGNS):
        rest, sign = divmod(rest, len(_SIGNS))
        signs = _SIGNS[sign] + signs
    return signs


def _digest(secret: str) -> str:
    """Of so much chance a plain digest tells nothing; a slow one would be for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _found(
    session: Session, digest: str, now: datetime
) -> tuple[ApiTokenRow, UserRow | None, bool] | None:
    """A token in force, its maker, and whether they may still have one."""
    row = session.scalar(select(ApiTokenRow).where(ApiTokenRow.digest == digest))
    if row is None or not is_in_force(_token(row), now):
        return None
    if row.created_by is None:
        return row, None, True
    maker = session.get(UserRow, row.created_by)
    return row, maker, _may_make(session, row.created_by, row.client)


def _may_make(session: Session, user_id: str, client: str) -> bool:
    row = session.get(UserRow, user_id)
    if row is None:
        return False
    user = user_of(row)
    return user.role in MANAGING and may_see(user, client)


def _in_force(session: Session, client: str, now: datetime) -> int:
    query = select(func.count()).where(
        ApiTokenRow.client == client,
        ApiTokenRow.revoked_at.is_(None),
        ApiTokenRow.expires_at.is_(None) | (ApiTokenRow.expires_at > now),
    )
    return session.scalar(query) or 0


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        client=row.client,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(scope for scope in SCOPES if scope in row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
