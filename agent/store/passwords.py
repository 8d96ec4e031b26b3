"""Passwords: what is allowed, how they are kept, how one is checked. Takes tens of ms: a thread's.

Kept as argon2id strings, which name their own parameters: others may be chosen at any time, and a
password is then kept anew the next time that it is given.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from agent.store.weak_passwords import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Weakness,
    weakness,
)

HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
"""Some 75 ms of one core and 46 MiB: above the OWASP's least, and few at a time beside calls.

Source: OWASP Password Storage Cheat Sheet, Argon2id.
"""

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5


_SENTENCES: dict[Weakness, str] = {
    "short": f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
    "long": f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
    "common": "That password is among those that are tried first",
    "personal": "That password is made of a name that strangers know",
}


class WeakPasswordError(ValueError):
    """A password may not be kept.

    Attributes:
        weakness: Why.
    """

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(f"{_SENTENCES[weakness]}; choose another.")
        self.weakness = weakness


def checked(password: str, about: Iterable[str] = ()) -> str:
    """A password that may be kept.

    Args:
        password: As it was chosen.
        about: What a stranger knows of its user.

    Raises:
        WeakPasswordError: It is too short or too long, or easily guessed; says what is asked for.
    """
    wrong = weakness(password, about)
    if wrong is not None:
        raise WeakPasswordError(wrong)
    return password


def generated() -> str:
    """A password by chance, 99 bits, to be read out or copied: no sign in it looks like another."""
    groups = ("".join(secrets.choice(_SIGNS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def digest_of(password: str) -> str:
    """What is kept of a password."""
    return HASHER.hash(_same_everywhere(password))


def is_it(password: str, digest: str | None) -> bool:
    """Whether that is the password; of nobody (None) it takes as long to say no."""
    if digest is None:
        HASHER.hash(_same_everywhere(password))
        return False
    try:
        return HASHER.verify(digest, _same_everywhere(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(digest: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(digest)


def _same_everywhere(password: str) -> bytes:
    """Its bytes, the same from every keyboard: « é » is typed as one sign or as two.

    What is no text (a lone surrogate) becomes « ? ».
    """
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")
