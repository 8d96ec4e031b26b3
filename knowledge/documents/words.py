"""What stands on a page before it is read: words, rules, boxes; and how words join. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from knowledge.documents import Block

LARGE = 1.2
"""A digit this much larger than the text beside it is the number of a step."""

MARK_REACH_PT = 46.0
"""How far left of its text a step's digit, a bullet or a sign may stand, points."""

_MARK = re.compile(r"(\d{1,2})[.)]?|[⚠⚡☠!]\ufe0f?|[①-⑳➀-➓❶-❿]")
_PRONOUNS = frozenset("le la les lui leur vous nous en y moi toi il ils elle elles on ce ci là "
                      "même mêmes t dessus dessous".split())  # fmt: skip
_FIRST_OF_COMPOUND = frozenset("après avant lave sèche micro non sous demi semi mi anti au par ci "
                               "là peut porte tire pare ouvre monte arrière main chauffe garde "
                               "essuie prêt grille".split())  # fmt: skip

TOUCHING = 0.1
"""Gap between two words, as a share of their size, under which they are one."""

STOPS = (".", ",", ")", "),", ").")


@dataclass(frozen=True)
class Word:
    """A word: its edges in points from the page's top left, its size in points, its weight."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool = False


@dataclass(frozen=True)
class Rule:
    """A horizontal line, or the edge of a filled box: points from the page's top left."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True)
class Box:
    """A filled or framed area; `warm` for red, orange and yellow ones."""

    x0: float
    top: float
    x1: float
    bottom: float
    warm: bool

    def holds(self, x: float, y: float) -> bool:
        """Whether a point stands in it."""
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom


@dataclass(frozen=True)
class Table:
    """A table found on a page.

    Attributes:
        rows: Cells, of one width.
        headed: Whether its first row is known to be a header.
        lefts: Left edges of its columns, points.
    """

    x0: float
    top: float
    x1: float
    bottom: float
    rows: tuple[tuple[str, ...], ...]
    headed: bool
    lefts: tuple[float, ...]

    def block(self, page: int) -> Block:
        """As a block of a page."""
        text = "\n".join(" | ".join(row) for row in self.rows)
        return Block("table", text, page, 0, self.rows)


@dataclass(frozen=True)
class Content:
    """All that stands on a page, `number` from 1, `width` and `height` in points."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    rules: tuple[Rule, ...] = ()
    boxes: tuple[Box, ...] = ()
    tables: tuple[Table, ...] = ()

    def vocabulary(self) -> frozenset[str]:
        """Its words, lower case, without the punctuation around them."""
        return vocabulary(word.text for word in self.words)


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """The words of texts, lower case, without the punctuation around them."""
    return frozenset(w.strip('.,;:!?«»()"') for text in texts for w in text.casefold().split())


def join_lines(lines: Sequence[str], known: frozenset[str] = frozenset()) -> str:
    """Lines as one text: a word cut at a line's end is whole again, a compound keeps its hyphen."""
    text = lines[0] if lines else ""
    for line in lines[1:]:
        if text.endswith("\u00ad"):
            text = text[:-1] + line
        elif text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower():
            kept = _keeps_hyphen(text.rpartition(" ")[2][:-1], line.partition(" ")[0], known)
            text = text + line if kept else text[:-1] + line
        elif text.endswith("-") and text[-2:-1].isalnum() and line[:1].isalnum():
            text += line  # « Stop-Eau », « HJ-340R »
        else:
            text = f"{text} {line}"
    return text.replace("\u00ad", "").strip()


def _keeps_hyphen(before: str, after: str, known: frozenset[str]) -> bool:
    first, second = before.casefold().strip('«("'), after.casefold().strip('.,;:!?»)"')
    first = first.rpartition("’")[2].rpartition("'")[2]
    if f"{first}-{second}" in known:
        return True
    if first + second in known:
        return False
    return second in _PRONOUNS or first in _FIRST_OF_COMPOUND or "-" in second


def rows_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words grouped by their baseline, rows from the top, each from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda w: (w.bottom, w.x0)):
        if rows and abs(rows[-1][-1].bottom - word.bottom) < 0.35 * word.size:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.x0) for row in rows]


def segments_of(row: list[Word], gap: float) -> list[list[Word]]:
    """A row cut where two words stand further apart than `gap` points."""
    parts = [[row[0]]]
    for before, word in pairwise(row):
        if word.x0 - before.x1 > gap:
            parts.append([])
        parts[-1].append(word)
    return parts


def text_of(words: Iterable[Word]) -> str:
    """Words, joined by spaces; a letterspaced word is whole."""
    row = list(words)
    texts = [word.text for word in row]
    spaced = len(row) > 3 and all(len(text) == 1 and text.isalpha() for text in texts)
    spaced = spaced and all(b.x0 - a.x1 < b.size for a, b in pairwise(row))
    return ("" if spaced else " ").join(texts)


def joined(words: Sequence[Word]) -> list[Word]:
    """Words that a change of type has parted: small capitals, a stop after a word in bold."""
    whole: list[Word] = []
    for row in rows_of(words):
        start = len(whole)
        for word in row:
            before = whole[-1] if len(whole) > start else None
            if before is not None and _goes_on(before, word):
                whole[-1] = replace(
                    before, text=before.text + word.text, x1=word.x1,
                    top=min(before.top, word.top), bottom=max(before.bottom, word.bottom),
                )  # fmt: skip
            else:
                whole.append(word)
    return whole


def _goes_on(before: Word, word: Word) -> bool:
    if abs(word.x0 - before.x1) > TOUCHING * word.size or abs(before.bottom - word.bottom) > 3.0:
        return False
    capitals = len(before.text) == 1 and before.text.isupper() and word.text.isupper()
    return word.text in STOPS or (capitals and word.size < before.size)


def settle_marks(words: Sequence[Word], bullets: Sequence[Box]) -> list[Word]:
    """Step digits, warning signs and drawn bullets, set on the first line of their text.

    Args:
        words: Of a page.
        bullets: Small filled shapes: bullets that are drawn rather than written.
    """
    settled = [w for w in words if not _is_mark(w)]
    for word in words:
        if _is_mark(word):
            line = _first_line_beside(word, settled)
            settled.append(_as_mark(word, line) if line is not None else word)
    for shape in bullets:
        dot = Word("•", shape.x0, shape.x1, shape.top, shape.bottom, 0.0)
        middle = (shape.top + shape.bottom) / 2
        beside = [w for w in settled if w.top < middle < w.bottom and 0 < w.x0 - shape.x1 < 16]
        before = [w for w in settled if w.top < middle < w.bottom and 0 <= shape.x0 - w.x1 < 30]
        if beside and not before:
            first = min(beside, key=lambda w: w.x0)
            settled.append(
                replace(dot, top=first.top, bottom=first.bottom, size=first.size, bold=first.bold)
            )
    return settled


def _is_mark(word: Word) -> bool:
    return bool(_MARK.fullmatch(word.text))


def _first_line_beside(mark: Word, words: Sequence[Word]) -> Word | None:
    """The first word of the text that a large digit or a sign stands beside."""
    digit = mark.text[0].isdigit()
    slack = 0.0 if digit else 0.6 * mark.size  # a sign's font has edges of its own
    beside = [
        w for w in words
        if 0 < w.x0 - mark.x1 < MARK_REACH_PT and w.bottom > mark.top + 0.1 * mark.size - slack
        and w.top < mark.bottom + slack and any(c.isalpha() for c in w.text)
        and (not digit or mark.size > LARGE * w.size)
    ]  # fmt: skip
    if not beside:
        return None
    nearest = min(w.x0 for w in beside)
    column = [w for w in beside if w.x0 < nearest + 6]
    if digit:  # a number of a figure stands anywhere; that of a step at the left of its line
        left = [w for w in words if 0 <= mark.x0 - w.x1 < 14 and w.bottom > mark.top
                and w.top < mark.bottom]  # fmt: skip
        if left:
            return None
    return min(column, key=lambda w: w.top)


def _as_mark(mark: Word, line: Word) -> Word:
    digit = re.match(r"\d+", mark.text)
    text = f"{digit.group()}." if digit else mark.text
    if len(mark.text) == 1 and ord(mark.text) > 0x2450 and not digit:
        text = _circled(mark.text)
    return replace(
        mark, text=text, top=line.top, bottom=line.bottom, size=line.size, bold=line.bold
    )


def _circled(sign: str) -> str:
    for first, last in (("①", "⑳"), ("➀", "➉"), ("❶", "❿")):
        if first <= sign <= last:
            return f"{ord(sign) - ord(first) + 1}."
    return sign
