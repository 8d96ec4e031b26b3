"""Words on a page become lines in reading order, tables among them, over one to three columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median

from knowledge.documents import Block
from knowledge.documents.contents import contents_of
from knowledge.documents.headed import continued_table, headed_tables
from knowledge.documents.ruled import ruled_tables
from knowledge.documents.words import Box, Content, Table, Word, rows_of, segments_of, text_of

GUTTER_PT = 11.0
"""Horizontal gap within a line, points, that may be the gutter between two columns."""

COLUMN_LINES = 6
"""Lines that each side of a gutter needs to count as a column."""

BAND_LINES = 4
"""Lines that each side of a gutter needs which does not go through the whole page."""

CROSSING = 0.1
"""Share of a page's lines that may cross a gutter between three columns."""

FILLED = 0.6
"""Share of a column's width that a line of text fills, mostly; a table's cell does not."""

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
    gutters = _gutters([*_segments(rest, content), *placed], content.width)
    for left, right in pairwise([0.0, *gutters, content.width]) if gutters else ():
        found += headed_tables([w for w in rest if left <= w.x0 and w.x1 <= right], known)
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
    gutters = _gutters([*segments, *tables], content.width)
    if gutters:
        return _in_columns([*segments, *tables], gutters)
    rows = [
        (_line(row, content), [_line(part, content) for part in segments_of(row, GUTTER_PT)])
        for row in rows_of(words)
    ]
    rows += [(table, [table]) for table in tables]
    return _in_bands(sorted(rows, key=lambda row: (row[0].top, row[0].x0)), content.width)


Row = tuple[Line, list[Line]]
"""A line over the whole width, and the pieces of it that a gutter may part."""


def _in_bands(rows: list[Row], width: float) -> list[Line]:
    """Lines in their order; where some of them stand in two columns, one after the other."""
    best: tuple[int, list[Line]] = (0, [line for line, _ in rows])
    for x in range(int(width * 0.38), int(width * 0.62), 3):
        apart, ordered = 0, []
        marked = [(any(s.x0 < x < s.x1 for s in parts), (line, parts)) for line, parts in rows]
        for crossed, band in groupby(marked, key=itemgetter(0)):
            lines = [row for _, row in band]
            pieces = [piece for _, parts in lines for piece in parts]
            columns = [s for s in pieces if s.x1 <= x], [s for s in pieces if s.x0 >= x]
            if not crossed and all(_is_prose(column, BAND_LINES) for column in columns):
                apart += len(pieces)
                ordered += [*columns[0], *columns[1]]
            else:
                ordered += [line for line, _ in lines]
        if apart > best[0]:
            best = (apart, ordered)
    return best[1]


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


def _gutters(segments: list[Line], width: float) -> list[float]:
    """The middles of the gutters between the page's columns; none if it has one."""
    three = _two_gutters(segments, width)
    one = _one_gutter(segments, width) if three is None else None
    return list(three or ([one] if one is not None else []))


def _two_gutters(segments: list[Line], width: float) -> tuple[float, float] | None:
    """The gutters if the page has three columns of prose: their lines fill their width."""
    texts = [s for s in segments if s.table is None]
    allowed = CROSSING * len(texts)

    def cuts(low: float, high: float) -> Iterable[int]:
        """Where few lines are crossed; one place for each way to part them."""
        found: dict[tuple[int, int], int] = {}
        for x in range(int(width * low), int(width * high), 3):
            before, after = sum(s.x1 <= x for s in texts), sum(s.x0 >= x for s in texts)
            if len(texts) - before - after <= allowed:
                found.setdefault((before, after), x)
        return found.values()

    firsts, seconds = cuts(0.26, 0.42), cuts(0.58, 0.74)
    best: tuple[int, float, float] | None = None
    for first in firsts:
        for second in seconds:
            columns = [
                [s for s in texts if s.x1 <= first],
                [s for s in texts if first <= s.x0 and s.x1 <= second],
                [s for s in texts if s.x0 >= second],
            ]
            if all(_is_prose(column) for column in columns):
                score = sum(map(len, columns))
                if best is None or score > best[0]:
                    best = (score, float(first), float(second))
    return None if best is None else best[1:]


def _is_prose(column: list[Line], least: int = COLUMN_LINES) -> bool:
    """Whether lines are a column of text, not of a table's cells: they fill its width."""
    if _aligned(column) < least:
        return False
    width = max(line.x1 for line in column) - min(line.x0 for line in column)
    return median(line.x1 - line.x0 for line in column) > FILLED * width


def _one_gutter(segments: list[Line], width: float) -> float | None:
    """The middle of the gutter if the page has two columns."""
    best: tuple[int, float] | None = None
    for x in range(int(width * 0.38), int(width * 0.62), 3):
        left = [s for s in segments if s.x1 <= x]
        right = [s for s in segments if s.x0 >= x]
        crossing = len(segments) - len(left) - len(right)
        lines, aligned = sum(map(_lines, left)), _aligned(right)
        if lines >= COLUMN_LINES and aligned >= COLUMN_LINES and crossing <= 0.35 * lines:
            score = lines + aligned - 2 * crossing
            if best is None or score > best[0]:
                best = (score, float(x))
    return None if best is None else best[1]


def _lines(line: Line) -> int:
    """One for a line of text; a table counts for as many as it has rows."""
    return 1 if line.table is None else len(line.table.rows)


def _aligned(lines: list[Line]) -> int:
    """How many lines share a left edge (a column's) within a hanging indent."""
    edges = sorted(line.x0 for line in lines for _ in range(_lines(line)))
    most, low = 0, 0
    for high, edge in enumerate(edges):
        while edge - edges[low] >= 27:
            low += 1
        most = max(most, high - low + 1)
    return most


def _in_columns(segments: list[Line], gutters: Sequence[float]) -> list[Line]:
    """One column after the other, between the lines that cross a gutter."""
    ordered: list[Line] = []
    columns: list[list[Line]] = [[] for _ in (*gutters, 0)]
    for segment in sorted(segments, key=lambda s: s.top):
        if any(segment.x0 < gutter < segment.x1 for gutter in gutters):
            ordered += [*(line for column in columns for line in column), segment]
            columns = [[] for _ in columns]
        else:
            columns[sum(segment.x0 >= gutter for gutter in gutters)].append(segment)
    return [*ordered, *(line for column in columns for line in column)]
