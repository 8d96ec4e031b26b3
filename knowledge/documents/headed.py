"""Tables without any rule: below a line of column titles, in the columns it begins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from knowledge.documents.grid import (
    CORRIDOR_PT,
    WORD_GAP,
    Cells,
    Columns,
    all_bold,
    is_aligned,
    is_header,
    merged,
    names_columns,
    table_of,
    with_lefts,
)
from knowledge.documents.tables import is_contents
from knowledge.documents.text import BULLET
from knowledge.documents.words import Table, Word, rows_of, segments_of, text_of

FULLEST_FIRST_COLUMN = 0.82
"""In prose of two columns the lines of the left one fill more of its width than this."""


def headed_tables(words: Sequence[Word], known: frozenset[str]) -> list[Table]:
    """Tables without any rule: below a line of column titles, in the columns it begins."""
    found: list[Table] = []
    rows = rows_of(words)
    index = 0
    while index < len(rows):
        table, used = _below_header(rows[index:], known) if is_header(rows[index]) else (None, 1)
        if table is not None:
            found.append(table)
        index += used
    return found


def continued_table(
    words: Sequence[Word], lefts: Sequence[float], known: frozenset[str]
) -> Table | None:
    """The rest of a table of the page before, at the top of this one, without its header."""
    rows = rows_of(words)
    corridors = [(left - 2 * CORRIDOR_PT, left - 0.5) for left in lefts[1:]]
    if not rows or not corridors:
        return None
    used = _grow(rows, corridors, start=0)
    body = rows[:used]
    columns = _columns_at(body, corridors)
    if used < 2 or columns is None:
        return None
    lines = [columns.cells(row) for row in body]
    if _is_prose(lines, columns, names=False):
        return None
    cells = _grouped(lines, body, known)
    full = [row for row in cells if sum(map(bool, row)) > 1]
    if len(full) < 2 or len(full) < 0.6 * len(cells) or not is_aligned(body, lefts):
        return None
    return table_of(cells, body, columns, headed=False)


def _below_header(rows: list[list[Word]], known: frozenset[str]) -> tuple[Table | None, int]:
    header = rows[0]
    segments = segments_of(header, WORD_GAP * header[0].size)
    if any(BULLET.fullmatch(segment[0].text) for segment in segments):
        return None, 1  # a list beside something else
    corridors = [(a[-1].x1, b[0].x0) for a, b in pairwise(segments)]
    used = _grow(rows, corridors, start=1)
    body = rows[1:used]
    columns = _columns_at(rows[:used], corridors)
    if columns is None or len(body) < 2:
        return None, 1
    names = names_columns([text_of(s) for s in segments])
    cells = [columns.cells(row) for row in body]
    if not cells[0][0] or _is_prose(cells, columns, names) or not is_aligned(body, columns.lefts):
        return None, 1
    if max(w.size for w in header) > 1.1 * median([w.size for row in body for w in row]):
        return None, 1  # two headings, side by side
    grid = _grouped(cells, body, known)
    filled = [row for row in grid if sum(map(bool, row)) > 1]
    if len(grid) < 2 or len(filled) < 0.7 * len(grid) or is_contents(grid):
        return None, 1
    if all(all_bold(row) for row in body):
        return None, 1
    top = [text_of(cell) for cell in columns.cells(header)]
    return table_of([top, *grid], rows[:used], columns, headed=True), used


def _is_prose(cells: list[Cells], columns: Columns, names: bool) -> bool:
    """Whether it is text of two columns: it fills its left one, line after line."""
    width = columns.lefts[1] - columns.lefts[0]
    first = [line[0] for line in cells if line[0]]
    fill = median([(cell[-1].x1 - columns.lefts[0]) / width for cell in first] or [1.0])
    limit = FULLEST_FIRST_COLUMN if names else FULLEST_FIRST_COLUMN - 0.15
    return fill > limit and len(first) > 0.75 * len(cells)


def _grow(rows: list[list[Word]], corridors: list[tuple[float, float]], start: int) -> int:
    """How many rows keep to the corridors, which narrow on the way; they are changed in place."""
    used = start
    for row in rows[start:]:
        before = rows[used - 1] if used else row
        size = row[0].size
        if used and row[0].top - max(w.bottom for w in before) > 2.3 * size:
            break
        if max(w.size for w in row) > 1.16 * max(w.size for w in rows[0]):
            break
        narrowed = []
        for left, right in corridors:
            for segment in segments_of(row, WORD_GAP * size):
                low, high = segment[0].x0, segment[-1].x1
                if low < right and high > left:
                    if low <= left + 1 and high >= right - 1:
                        left = right  # crossed
                    elif low <= left:
                        left = max(left, high)
                    else:
                        right = min(right, low)
            narrowed.append((left, right))
        if any(right - left < 2.0 for left, right in narrowed):
            break
        alone = row[-1].x1 < corridors[0][1] and all_bold(row)
        if (
            alone
            and used > start
            and not any(_all_bold_first(r, corridors) for r in rows[start:used])
        ):
            break  # a heading after the table
        corridors[:] = narrowed
        used += 1
    return used


def _all_bold_first(row: list[Word], corridors: list[tuple[float, float]]) -> bool:
    first = [word for word in row if word.x1 < corridors[0][1]]
    return bool(first) and all_bold(first)


def _columns_at(rows: list[list[Word]], corridors: list[tuple[float, float]]) -> Columns | None:
    cuts = tuple((left + right) / 2 for left, right in corridors)
    return with_lefts(rows, cuts)


def _grouped(cells: list[Cells], rows: list[list[Word]], known: frozenset[str]) -> list[list[str]]:
    """Lines of cells as rows: by the space between them, else by a filled first cell."""
    gaps = [rows[i][0].top - max(w.bottom for w in rows[i - 1]) for i in range(1, len(rows))]
    size = median([row[0].size for row in rows])
    least = min(gaps, default=0.0)
    wide = [gap > least + 0.2 * size for gap in gaps]
    blank = [not line[0] for line in cells[1:]]
    # Spaces tell rows apart where they differ, and no line without a first cell follows a wide one.
    by_space = any(wide) and not all(wide) and not any(
        w and b for w, b in zip(wide, blank, strict=True)
    )  # fmt: skip
    groups: list[list[Cells]] = []
    for index, line in enumerate(cells):
        begins = index == 0 or (wide[index - 1] if by_space else bool(line[0]))
        if begins and index and not by_space and line[0][0].text[:1].islower():
            begins = False  # the first cell goes on
        if begins or not groups:
            groups.append([])
        groups[-1].append(line)
    return [merged(group, known) for group in groups]
