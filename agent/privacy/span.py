"""A piece of a text that is somebody's own, and a word of a text with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["phone", "email", "name", "iban", "card"]

_WORD = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True)
class Span:
    """From `start` up to `end` of a text."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Token:
    """A word or a group of figures.

    Attributes:
        raw: As it is written.
        plain: In lower case, without accents.
        gap: What stands between the one before and this one.
    """

    raw: str
    plain: str
    start: int
    end: int
    gap: str


def tokens_of(text: str) -> list[Token]:
    """The words and the groups of figures of a text, in order, each with its place."""
    tokens, end = [], 0
    for found in _WORD.finditer(text):
        raw = found[0]
        tokens.append(Token(raw, plain(raw), found.start(), found.end(), text[end : found.start()]))
        end = found.end()
    return tokens


def plain(text: str) -> str:
    """Lower case without accents."""
    flat = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe"))
    return "".join(char for char in flat if not unicodedata.combining(char))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, none within or over another: what overlaps is of the longer one's kind."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if out and span.start < out[-1].end:
            before = out[-1]
            kind = max((before, span), key=lambda one: one.end - one.start).kind
            out[-1] = Span(before.start, max(before.end, span.end), kind)
        else:
            out.append(span)
    return out
