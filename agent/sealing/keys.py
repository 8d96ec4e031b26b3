"""The keys with which files are sealed: the first one seals, all of them open."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field

KEY_BYTES = 32
ID_BYTES = 8


@dataclass(frozen=True)
class Key:
    """A key and what names it in a file: the beginning of its SHA-256."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """Tells it from other keys, and tells nothing of it."""
        return hashlib.sha256(b"permanence key id" + self.secret).digest()[:ID_BYTES]


def new_key() -> str:
    """A random key as it is written in the settings: URL-safe base64, 43 signs."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=").decode()


def read_keys(written: str) -> tuple[Key, ...]:
    """The keys of a setting, separated by commas or spaces, the newest first.

    Raises:
        ValueError: One is no key; the sentence does not repeat it.
    """
    keys = []
    for number, one in enumerate(written.replace(",", " ").split(), 1):
        try:
            secret = base64.b64decode(one + "=" * (-len(one) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            raise ValueError(
                f"key {number} is not one that `permanence key new` made (43 letters, figures, - _)"
            )
        keys.append(Key(secret))
    return tuple(dict.fromkeys(keys))
