"""Words on a page become lines in reading order, and lines become blocks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from knowledge.documents import Block

GUTTER_PT = 11.0
"""Horizontal gap within a line, points, that may be the gutter between two columns."""

COLUMN_LINES = 6
"""Lines that each side of a gutter needs to count as a column."""

_BULLET = re.compile(r"^(?:\(cid:\d+\)|[•◦▪■●‣·*]|[-–—](?=\s))\s*")
_STEP = re.compile(r"^(?:[ÉEée]tape\s+)?(\d{1,2})[.)]\s+(?=\S)")
_WARNING = re.compile(
    r"^(?:DANGER|ATTENTION|AVERTISSEMENT|MISE EN GARDE|IMPORTANT|PRUDENCE|WARNING|CAUTION)\b"
)
_CONTENTS_LINE = re.compile(r"(?:\.\s?){4,}\s*\d+$")


@dataclass(frozen=True)
class Line:
    """A line of one column.

    Attributes:
        top, bottom, x0, x1: Edges, as points from the page's top left.
        size: Font size of most of its characters, points, rounded to 0.5.
        bold: Whether all of it is bold.
        height: Height of the page, points.
        table: The table that stands there, for a line without text of its own.
    """

    text: str
    top: float
    bottom: float
    x0: float
    x1: float
    size: float
    bold: bool
    height: float
    table: Block | None = None

    @property
    def shape(self) -> str:
        """The text with its digits masked: the same for every page of a running line."""
        return re.sub(r"\d+", "#", self.text)

    def in_margin(self, share: float) -> bool:
        """Whether it stands in the top or bottom share of the page."""
        return self.top < share * self.height or self.bottom > (1 - share) * self.height


def lines_of(
    words: list[dict[str, Any]], width: float, height: float, tables: Sequence[Line] = ()
) -> list[Line]:
    """Group a page's words into lines, in reading order, over one or two columns.

    Tables take their place among the lines, each in its own column.
    """
    rows: list[list[dict[str, Any]]] = []
    for word in sorted(words, key=lambda w: (w["bottom"], w["x0"])):
        if rows and abs(rows[-1][-1]["bottom"] - word["bottom"]) < 0.35 * word["size"]:
            rows[-1].append(word)
        else:
            rows.append([word])
    segments = [_line(part, height) for row in rows for part in _split(sorted_row(row))]
    gutter = _gutter([*segments, *tables], width)
    if gutter is None:
        whole = [_line(sorted_row(row), height) for row in rows]
        return sorted([*whole, *tables], key=lambda line: (line.top, line.x0))
    return _in_columns([*segments, *tables], gutter)


def sorted_row(row: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row's words from left to right."""
    return sorted(row, key=lambda word: float(word["x0"]))


def _split(row: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts = [[row[0]]]
    for before, word in pairwise(row):
        if word["x0"] - before["x1"] > GUTTER_PT:
            parts.append([])
        parts[-1].append(word)
    return parts


def _line(words: list[dict[str, Any]], height: float) -> Line:
    sizes: dict[float, int] = {}
    for word in words:
        size = round(float(word["size"]) * 2) / 2
        sizes[size] = sizes.get(size, 0) + len(word["text"])
    return Line(
        text=" ".join(word["text"] for word in words),
        top=min(float(word["top"]) for word in words),
        bottom=max(float(word["bottom"]) for word in words),
        x0=float(words[0]["x0"]),
        x1=float(words[-1]["x1"]),
        size=max(sizes, key=lambda size: sizes[size]),
        bold=all("bold" in word["fontname"].casefold() for word in words),
        height=height,
    )


def _gutter(segments: list[Line], width: float) -> float | None:
    """The middle of the gutter if the page has two columns."""
    best: tuple[int, float] | None = None
    for x in range(int(width * 0.38), int(width * 0.62), 3):
        left = [s for s in segments if s.x1 <= x]
        right = [s for s in segments if s.x0 >= x]
        crossing = len(segments) - len(left) - len(right)
        aligned = _aligned(right)
        if len(left) >= COLUMN_LINES and aligned >= COLUMN_LINES and crossing <= 0.35 * len(left):
            score = len(left) + aligned - 2 * crossing
            if best is None or score > best[0]:
                best = (score, float(x))
    return None if best is None else best[1]


def _aligned(lines: list[Line]) -> int:
    """How many lines share a left edge (a column's) within a hanging indent."""
    return max((sum(abs(a.x0 - b.x0) < 18 for b in lines) for a in lines), default=0)


def _in_columns(segments: list[Line], gutter: float) -> list[Line]:
    """Left column before right, between the lines that cross the gutter."""
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for segment in sorted(segments, key=lambda s: s.top):
        if segment.x0 < gutter < segment.x1:
            ordered += [*left, *right, segment]
            left, right = [], []
        elif segment.x1 <= gutter:
            left.append(segment)
        else:
            right.append(segment)
    return [*ordered, *left, *right]


def blocks_of(lines: Sequence[Line], page: int, body: float, headings: list[float]) -> list[Block]:
    """A page's lines, tables among them, as blocks, in reading order."""
    if sum(bool(_CONTENTS_LINE.search(line.text)) for line in lines) >= 4:
        return []  # a table of contents: its words would match everything
    blocks: list[Block] = []
    group: list[Line] = []

    def close() -> None:
        if group:
            blocks.append(_block(group, page, body, headings))
            group.clear()

    for line in lines:
        if line.table is not None:
            close()
            blocks.append(line.table)
            continue
        if group and _starts(line, group[-1], group[0]):
            close()
        group.append(line)
    close()
    return blocks


def _starts(line: Line, before: Line, first: Line) -> bool:
    """Whether a line begins a new block rather than going on with the one before."""
    if _BULLET.match(line.text) or _STEP.match(line.text) or _WARNING.match(line.text):
        return True
    if abs(line.size - before.size) > 0.4:
        return True
    if line.top < before.top:  # the next column
        return not before.text.endswith((",", "-")) and not line.text[:1].islower()
    gap = line.top - before.bottom
    hanging = _BULLET.match(first.text) or _STEP.match(first.text)
    if hanging and line.x0 < first.x0 + 4:
        return True
    if line.bold and not before.bold and not _WARNING.match(first.text):
        return True
    return gap > 0.62 * line.size


def _block(lines: list[Line], page: int, body: float, headings: list[float]) -> Block:
    text = lines[0].text
    for line in lines[1:]:
        joined = text.endswith("-") and line.text[:1].islower() and not text.endswith(" -")
        text = text[:-1] + line.text if joined else f"{text} {line.text}"
    first = lines[0]
    step = _STEP.match(text)
    if first.size in headings and len(text) < 140:
        return Block("heading", text, page, headings.index(first.size) + 1)
    if _WARNING.match(text):
        return Block("warning", text, page)
    if _BULLET.match(text):
        return Block("bullet", _BULLET.sub("", text), page)
    if step:
        return Block("step", text[step.end() :], page, int(step.group(1)))
    if all(line.bold for line in lines) and len(text) < 90 and first.size >= body:
        return Block("heading", text, page, len(headings) + 1)
    return Block("paragraph", text, page)
