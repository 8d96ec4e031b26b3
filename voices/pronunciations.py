"""Words that are spoken otherwise than they are written: « Whirlpool » is said « ouirlpoule »."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

_JOINED = r"[\w\-‑]"
"""What makes another word of the one beside it: « Orvanes », « Orvane-Pro »; no apostrophe does."""


def pronouncer(spoken: Mapping[str, str]) -> Callable[[str], str]:
    """What puts, in a text that is to be said, each of these words as it is spoken.

    Whole words, whatever their case, longer ones first; what was put is not looked at again.

    Args:
        spoken: How each word is said, by the word as it is written.
    """
    said = {_key(word): how for word, how in spoken.items()}
    if not said:
        return lambda text: text
    longest_first = sorted(said, key=len, reverse=True)
    pattern = re.compile(
        rf"(?<!{_JOINED})(?:{'|'.join(map(_written, longest_first))})(?!{_JOINED})", re.IGNORECASE
    )

    def pronounce(text: str) -> str:
        whole = unicodedata.normalize("NFC", text)
        return pattern.sub(lambda found: said.get(_key(found[0]), found[0]), whole)

    return pronounce


def _key(word: str) -> str:
    """The same for each way of writing a word."""
    plain = unicodedata.normalize("NFC", word).replace("’", "'").lower()
    return " ".join(plain.split())


def _written(key: str) -> str:
    """A pattern for each way of writing a word."""
    parts = (re.escape(part).replace("'", "['’]") for part in key.split())
    return r"\s+".join(parts)
