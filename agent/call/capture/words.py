"""A caller's words one by one, each with what stands before it: a pause is a comma there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[0-9]{1,40}|[^\W\d_]+")
_PAUSE = re.compile(r"[,;:…!?]|\.(?!\S)|\.\.")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‑": "-"})


@dataclass(frozen=True)
class Word:
    """One word or one group of figures.

    Attributes:
        raw: As the recogniser wrote it.
        plain: In lower case, without accents.
        gap: What stands between the word before and this one.
    """

    raw: str
    plain: str
    gap: str = " "

    @property
    def paused(self) -> bool:
        """Whether the caller paused before this word."""
        return _PAUSE.search(self.gap) is not None

    @property
    def figures(self) -> bool:
        """Whether it is a group of figures."""
        return self.plain.isascii() and self.plain.isdigit()

    @property
    def joined(self) -> bool:
        """Whether it makes one word with the one before: « quatre-vingt », « 18h »."""
        return self.gap in ("", "-")

    @property
    def elided(self) -> bool:
        """Whether an apostrophe stands before it: what comes before is an article."""
        return self.gap.strip() == "'"


def plain(text: str) -> str:
    """Lower case without accents; signs stay."""
    flat = unicodedata.normalize("NFD", text.casefold().translate(_LIGATURES))
    return "".join(char for char in flat if not unicodedata.combining(char))


def words_of(text: str) -> list[Word]:
    """The words and the groups of figures of a text, in order."""
    text = unicodedata.normalize("NFKC", text).translate(_LIGATURES)
    words: list[Word] = []
    end = 0
    for found in _WORD.finditer(text):
        gap = text[end : found.start()] or ("" if words else " ")
        words.append(Word(found[0], plain(found[0]), gap))
        end = found.end()
    return words


def phrase(words: Sequence[Word]) -> str:
    """Plain words with one space between them, for patterns."""
    return " ".join(word.plain for word in words)
