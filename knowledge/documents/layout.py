"""Words on a page become lines in reading order, tables among them, over one or two columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.documents import Block
from knowledge.documents.contents import contents_of
from knowledge.documents.headed import continued_table, headed_tables
from knowledge.documents.ruled import ruled_tables
from knowledge.documents.words import Box, Content, Table, Word, rows_of, segments_of, text_of

GUTTER_PT = 11.0
"""Horizontal gap within a line, points, that may be the gutter between two columns."""

COLUMN_LINES = 6
"""Lines that each side of a gutter needs to count as a column."""

MARGIN = 0.07
"""Share of the page's height in which running headers and footers stand."""

_PAGE_NUMBER = re.compile(r"(?:page\s)?[–—-]?\s?\d{1,4}\s?(?:[–—-]|/\s?\d{1,4})?", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A line of one column.

    Attributes:
        top, bottom, x0, x1: Edges, as points from the page's top left.
        size: Font size of most of its characters, points, rounded to 0.5.
        bold: Whether all of it is bold, or set in a colour.
        height: Height of the page, points.
        table: The table that stands there, for a line without text of its own.
        box: The filled or framed area around it.
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
    box: Box | None = None

    @property
    def shape(self) -> str:
        """The text with its digits masked: the same for every page of a running line."""
        return re.sub(r"\d+", "#", self.text)

    def in_margin(self, share: float = MARGIN) -> bool:
        """Whether it stands in the top or bottom share of the page."""
        return self.top < share * self.height or self.bottom > (1 - share) * self.height


def lines_of(content: Content, open_table: Table | None = None) -> tuple[list[Line], Table | None]:
    """A page's lines in reading order.

    Args:
        content: The page.
        open_table: The table that ended the page before, if one did.

    Returns:
        The lines, tables among them, and the table that ends this page, if one does.
    """
    tables = list(content.tables)
    numbers = {
        id(w) for row in rows_of(content.words) for w in row if _is_page_number(row, content)
    }
    listed = {id(word) for word in contents_of(content.words)}
    words = [w for w in _outside(content.words, tables) if id(w) not in numbers | listed]
    tables += ruled_tables(content, words)
    words = _outside(words, tables)
    known = content.vocabulary()
    tables += _below_titles(content, words, tables, known)
    words = _outside(words, tables)
    if open_table is not None and (rest := _rest_of(open_table, content, words, tables)):
        tables.append(rest)
        words = _outside(words, [rest])
    tables = [_with_header(table, open_table, content, words) for table in tables]
    placed = [_table_line(table, content) for table in tables]
    numbered = [word for word in content.words if id(word) in numbers]
    lines = _in_order(content, [*words, *numbered], placed)
    return lines, _last(content, words, tables)


def _is_page_number(row: list[Word], content: Content) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(text_of(row))) and _in_margin(
        row[0].top, row[0].bottom, content
    )


def _outside(words: Sequence[Word], tables: Sequence[Table]) -> list[Word]:
    return [
        word for word in words
        if not any(t.x0 - 1 <= (word.x0 + word.x1) / 2 <= t.x1 + 1
                   and t.top - 1 <= (word.top + word.bottom) / 2 <= t.bottom + 1 for t in tables)
    ]  # fmt: skip


def _below_titles(
    content: Content, words: Sequence[Word], tables: Sequence[Table], known: frozenset[str]
) -> list[Table]:
    """Tables without rules: over the whole width, else within each column."""
    found = headed_tables(words, known)
    rest = _outside(words, found)
    placed = [_table_line(table, content) for table in (*tables, *found)]
    gutter = _gutter([*_segments(rest, content), *placed], content.width)
    if gutter is not None:
        for side in (
            [w for w in rest if w.x1 <= gutter],
            [w for w in rest if w.x0 >= gutter],
        ):
            found += headed_tables(side, known)
    return found


def _rest_of(
    before: Table, content: Content, words: Sequence[Word], tables: Sequence[Table]
) -> Table | None:
    """What goes on from the page before, if nothing else begins this one."""
    body = [w for w in words if not _in_margin(w.top, w.bottom, content)]
    top = min((t.top for t in tables), default=content.height)
    if not body or min(w.top for w in body) > top:
        return None
    return continued_table([w for w in body if w.bottom < top], before.lefts, content.vocabulary())


def _with_header(
    table: Table, before: Table | None, content: Content, words: Sequence[Word]
) -> Table:
    """A table that goes on from the page before without its header gets a copy of it."""
    if before is None or table.headed or len(table.lefts) != len(before.lefts):
        return table
    above = [w for w in words if w.bottom < table.top and not _in_margin(w.top, w.bottom, content)]
    near = all(abs(a - b) < 12 for a, b in zip(table.lefts, before.lefts, strict=True))
    if above or not near or table.rows[0] == before.rows[0]:
        return table
    rows = (before.rows[0], *table.rows)
    return Table(table.x0, table.top, table.x1, table.bottom, rows, True, table.lefts)


def _last(content: Content, words: Sequence[Word], tables: Sequence[Table]) -> Table | None:
    last = max(tables, key=lambda t: t.bottom, default=None)
    if last is None or last.bottom < 0.6 * content.height:
        return None
    below = [w for w in words if w.top > last.bottom and not _in_margin(w.top, w.bottom, content)]
    return None if below else last


def _in_margin(top: float, bottom: float, content: Content) -> bool:
    return top < MARGIN * content.height or bottom > (1 - MARGIN) * content.height


def _table_line(table: Table, content: Content) -> Line:
    block = table.block(content.number)
    return Line("", table.top, table.bottom, table.x0, table.x1, 0.0, False, content.height, block)


# --- reading order --------------------------------------------------------------------------------


def _segments(words: Sequence[Word], content: Content) -> list[Line]:
    return [_line(part, content) for row in rows_of(words) for part in segments_of(row, GUTTER_PT)]


def _in_order(content: Content, words: Sequence[Word], tables: Sequence[Line]) -> list[Line]:
    segments = _segments(words, content)
    gutter = _gutter([*segments, *tables], content.width)
    if gutter is not None:
        return _in_columns([*segments, *tables], gutter)
    whole = [_line(row, content) for row in rows_of(words)]
    return sorted([*whole, *tables], key=lambda line: (line.top, line.x0))


def _line(words: list[Word], content: Content) -> Line:
    sizes: dict[float, int] = {}
    for word in words:
        size = round(word.size * 2) / 2
        sizes[size] = sizes.get(size, 0) + (len(word.text) if _spoken(word) else 0)
    top, bottom = min(w.top for w in words), max(w.bottom for w in words)
    middle_x, middle_y = (words[0].x0 + words[-1].x1) / 2, (top + bottom) / 2
    return Line(
        text=text_of(words),
        top=top,
        bottom=bottom,
        x0=words[0].x0,
        x1=words[-1].x1,
        size=max(sizes, key=lambda size: sizes[size]),
        bold=all(word.bold for word in words if _spoken(word)),
        height=content.height,
        box=_box_of(middle_x, middle_y, content.boxes),
    )


def _spoken(word: Word) -> bool:
    return any(c.isalnum() for c in word.text)


def _box_of(x: float, y: float, boxes: Iterable[Box]) -> Box | None:
    around = [box for box in boxes if box.holds(x, y)]
    return min(around, key=lambda b: (b.x1 - b.x0) * (b.bottom - b.top), default=None)


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
    edges = sorted(line.x0 for line in lines)
    most, low = 0, 0
    for high, edge in enumerate(edges):
        while edge - edges[low] >= 27:
            low += 1
        most = max(most, high - low + 1)
    return most


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
