"""The second factor: codes of an app that change every half minute (RFC 6238), codes on paper."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.sealing.stream import SealedError
from agent.sealing.vault import Vault
from agent.store.database import Database
from agent.store.schema import RecoveryCodeRow, SecondFactorRow

logger = logging.getLogger(__name__)

ISSUER = "permanence"
STEP_S = 30
"""How long a code is shown; RFC 6238, 5.2."""

DRIFT_STEPS = 1
"""A clock may be off by so many steps, either way."""

RECOVERY_CODES = 10

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4  # 79 bits: a plain digest of one tells nothing

Used = Literal["code", "recovery"]


class CodeRefusedError(PermanenceError):
    """A code is not the one that the app shows now, or has been used."""


@dataclass(frozen=True)
class Enrolment:
    """A second factor that is not in use yet.

    Attributes:
        key: Base 32, to be typed into the app.
        uri: The same for a QR code, « otpauth://… ».
    """

    key: str
    uri: str


class SecondFactorStore:
    """The second factors in the database, at most one a user.

    Args:
        database: Where they are kept.
        vault: Seals their keys: who has the database alone cannot make a code.
    """

    def __init__(self, database: Database, vault: Vault | None = None) -> None:
        self._database = database
        self._vault = vault or Vault()

    def begin(self, user_id: str, email: str, now: datetime) -> Enrolment:
        """The key of a new second factor; it is in use once `confirm` is told a code of it.

        Asked again before that, it is the same: a page may be loaded twice.

        Raises:
            CodeRefusedError: One is in use already.
        """
        with self._database.transaction() as session:
            row = session.get(SecondFactorRow, user_id)
            if row is not None and row.confirmed_at is not None:
                raise CodeRefusedError("There is a second factor already; turn it off first.")
            key = None if row is None else self._opened(row)
            if row is None:
                row = SecondFactorRow(user_id=user_id, last_step=0, created_at=now)
                session.add(row)
            if key is None:
                key = pyotp.random_base32()
                row.key = self._vault.seal_words(key, user_id)
            uri = pyotp.TOTP(key).provisioning_uri(name=email, issuer_name=ISSUER)
            return Enrolment(key, uri)

    def confirm(self, user_id: str, code: str, now: datetime) -> tuple[str, ...]:
        """Put the new second factor to use; returns the recovery codes, which are nowhere else.

        Raises:
            CodeRefusedError: It is not the code that the app shows, or there is none to confirm.
        """
        with self._database.transaction() as session:
            row = session.get(SecondFactorRow, user_id)
            if row is None or row.confirmed_at is not None or not self._takes(row, code, now):
                raise CodeRefusedError("The code is not the one that the app shows now.")
            row.confirmed_at = now
            return _drawn(session, user_id)

    def is_on(self, user_id: str) -> bool:
        """Whether a user is asked for a code."""
        with self._database.reading() as session:
            row = session.get(SecondFactorRow, user_id)
            return row is not None and row.confirmed_at is not None

    def those_on(self) -> frozenset[str]:
        """Identifiers of the users who are asked for a code."""
        query = select(SecondFactorRow.user_id).where(SecondFactorRow.confirmed_at.is_not(None))
        with self._database.reading() as session:
            return frozenset(session.scalars(query))

    def check(self, user_id: str, code: str, now: datetime) -> Used | None:
        """What a code is that somebody types to sign in; None: none. Each is taken once."""
        with self._database.transaction() as session:
            row = session.get(SecondFactorRow, user_id)
            if row is None or row.confirmed_at is None:
                return None
            if self._takes(row, code, now):
                return "code"
            paper = session.get(RecoveryCodeRow, (user_id, _digest(code)))
            if paper is None:
                return None
            session.delete(paper)
            return "recovery"

    def recovery_left(self, user_id: str) -> int:
        """How many recovery codes are left."""
        query = select(func.count()).where(RecoveryCodeRow.user_id == user_id)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def new_recovery_codes(self, user_id: str) -> tuple[str, ...]:
        """Other recovery codes in place of all so far.

        Raises:
            CodeRefusedError: No second factor is in use.
        """
        with self._database.transaction() as session:
            row = session.get(SecondFactorRow, user_id)
            if row is None or row.confirmed_at is None:
                raise CodeRefusedError("There is no second factor.")
            return _drawn(session, user_id)

    def turn_off(self, user_id: str) -> bool:
        """Ask a user for no code any more; returns whether they were asked for one."""
        with self._database.transaction() as session:
            row = session.get(SecondFactorRow, user_id)
            was_on = row is not None and row.confirmed_at is not None
            session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
            if row is not None:
                session.delete(row)
            return was_on

    def seal_keys(self) -> tuple[int, int]:
        """Seal keys that stand plain or are sealed with an older one.

        Returns:
            How many were sealed, and how many could not be opened and stay as they are.
        """
        sealed = left = 0
        with self._database.transaction() as session:
            for row in session.scalars(select(SecondFactorRow).with_for_update()):
                if self._vault.seals and not self._vault.are_current(row.key):
                    key = self._opened(row)
                    left += key is None
                    if key is not None:
                        row.key = self._vault.seal_words(key, row.user_id)
                        sealed += 1
        return sealed, left

    def _opened(self, row: SecondFactorRow) -> str | None:
        """A key; None where it cannot be opened: codes on paper are taken all the same."""
        try:
            return self._vault.open_words(row.key, row.user_id)
        except SealedError as error:
            logger.error("a second factor cannot be used: %s", error)
            return None

    def _takes(self, row: SecondFactorRow, code: str, now: datetime) -> bool:
        """Whether it is a code of now that was not used; it is from then on, as are older ones."""
        typed = "".join(code.split())
        key = self._opened(row)
        if key is None or not (typed.isascii() and typed.isdecimal()):
            return False
        one = pyotp.TOTP(key, interval=STEP_S)
        step = int(now.timestamp()) // STEP_S
        for candidate in range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1):
            shown = one.generate_otp(candidate)
            if candidate > row.last_step and secrets.compare_digest(shown, typed):
                row.last_step = candidate
                return True
        return False


def _drawn(session: Session, user_id: str) -> tuple[str, ...]:
    codes = tuple(_one() for _ in range(RECOVERY_CODES))
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    session.add_all(RecoveryCodeRow(user_id=user_id, digest=_digest(one)) for one in codes)
    return codes


def _one() -> str:
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _digest(code: str) -> str:
    """However it is typed: with dashes or spaces or none, in capitals or not."""
    typed = "".join(sign for sign in code.casefold() if sign.isalnum())
    return hashlib.sha256(typed.encode("utf-8", "replace")).hexdigest()
