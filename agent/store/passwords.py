"""Passwords: what is allowed, how they are kept, how one is checked. Takes tens of ms: a thread's.

Kept as argon2id strings, which name their own parameters: others may be chosen at any time, and a
password is then kept anew the next time that it is given.
"""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
"""Characters."""

HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
"""Some 75 ms of one core and 46 MiB: above the OWASP's least, and few at a time beside calls.

Source: OWASP Password Storage Cheat Sheet, Argon2id.
"""

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5


def checked(password: str) -> str:
    """A password that may be kept.

    Raises:
        ValueError: It is too short or too long; says what is asked for.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; choose another."
        )
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
