"""Tables whose rows are set apart by horizontal rules or by stripes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from knowledge.documents.grid import (
    WORD_GAP,
    Cells,
    Columns,
    all_bold,
    columns_of,
    is_header,
    merged,
    names_columns,
    table_of,
)
from knowledge.documents.tables import is_contents
from knowledge.documents.words import Content, Rule, Table, Word, rows_of, segments_of, text_of

SAME_PT = 4.0
"""Edges nearer than this are the same."""

TALLEST_ROW_PT = 200.0

CROSSED_SHARE = 0.12
"""Share of lines that may cross a corridor (cells over several columns)."""

LONGEST_NAMES = 60
"""Characters of a first cell, on average, above which there are rows no longer but text."""

LARGE = 1.16
"""Type this much larger than the rest is a heading's."""


def ruled_tables(content: Content, words: Sequence[Word]) -> list[Table]:
    """Tables whose rows are set apart by horizontal rules or by stripes.

    Args:
        content: The page, for its rules.
        words: Those that stand in no other table.
    """
    found: list[Table] = []
    for stack in _stacks(content.rules):
        for table in _of_stack(stack, words, content.vocabulary()):
            if not any(_overlap(table, other) for other in found):
                found.append(table)
    return found


def _stacks(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules of the same width, one above the other."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (round(r.y / 1.5), r.x0)):
        last = joined[-1] if joined else None
        if last and abs(last.y - rule.y) < 1.6 and rule.x0 - last.x1 < 3 and rule.x0 >= last.x0 - 1:
            joined[-1] = replace(last, x1=max(last.x1, rule.x1))
        else:
            joined.append(rule)
    stacks: list[list[Rule]] = []
    for rule in sorted(joined, key=lambda r: r.y):
        for stack in stacks:
            last = stack[-1]
            if (
                abs(last.x0 - rule.x0) < SAME_PT and abs(last.x1 - rule.x1) < SAME_PT
                and rule.y - last.y < TALLEST_ROW_PT
            ):  # fmt: skip
                if rule.y - last.y > 3:
                    stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > 2]


def _of_stack(stack: list[Rule], words: Sequence[Word], known: frozenset[str]) -> list[Table]:
    """The tables between rules of one width; headings and text between them set them apart."""
    x0, x1 = stack[0].x0 - 2, stack[0].x1 + 2
    inside = [w for w in words if x0 <= (w.x0 + w.x1) / 2 <= x1]
    tables: list[Table] = []
    bands: list[list[Word]] = []
    first = stack[0]
    for above, below in zip(stack, [*stack[1:], None], strict=True):
        band = [
            w for w in inside
            if below and above.y - 1 < (w.top + w.bottom) / 2 < below.y + 1
        ]  # fmt: skip
        if band and not _sets_apart(band, inside, x1 - x0):
            first = first if bands else above
            bands.append(band)
        elif (band or below is None) and bands:
            table = _of_bands(bands, first, above, inside, known)
            tables += [table] if table is not None else []
            bands = []
    return tables


def _sets_apart(band: list[Word], inside: Sequence[Word], width: float) -> bool:
    """Whether what stands between two rules is a heading or text rather than a row."""
    usual = median([w.size for w in inside])
    for large in (w for w in band if w.size > LARGE * usual):
        middle = (large.top + large.bottom) / 2
        beside = [w for w in band if w.size <= LARGE * usual and w.top < middle < w.bottom]
        if not beside:
            return True
    lines = rows_of(band)
    single = all(len(segments_of(line, WORD_GAP * line[0].size)) == 1 for line in lines)
    return single and max(line[-1].x1 - line[0].x0 for line in lines) > 0.6 * width


def _of_bands(
    bands: list[list[Word]], first: Rule, last: Rule, inside: Sequence[Word], known: frozenset[str]
) -> Table | None:
    """A table of rows between rules, `first` above it and `last` below."""
    rows = [row for band in bands for row in rows_of(band)]
    columns = columns_of(rows, CROSSED_SHARE)
    if columns is None or len(bands) < 2:
        return None
    lines = [[columns.cells(row) for row in rows_of(band)] for band in bands]
    grid = [merged(band, known) for band in lines]
    header_bands = 0
    while header_bands < 2 and header_bands < len(bands) - 1 and all_bold(bands[header_bands]):
        header_bands += 1
    below = _lines_beside(last.y, 1, bands, inside, columns)
    if below:
        bands.append([word for row in below for word in row])
        grid.append(merged([columns.cells(row) for row in below], known))
    above = _line_above(first, bands, inside) if header_bands == 0 else None
    if above is None and header_bands == 0 and not names_columns(grid[0]):
        beside = _lines_beside(first.y, -1, bands, inside, columns)
        top = min((w.top for row in beside for w in row), default=0.0)
        rule = replace(first, y=top)
        above = _line_above(rule, bands, inside) if beside else None
        if above is not None:  # the first row has no stripe of its own
            bands.insert(0, [word for row in beside for word in row])
            grid.insert(0, merged([columns.cells(row) for row in beside], known))
    if header_bands == 2:
        grid[:2] = [_two_levels(rows_of(bands[0]), grid[1], columns, lines[1])]
    elif above is not None:
        cells = columns.cells(above)
        if sum(map(bool, cells)) > 1:
            grid.insert(0, [text_of(cell) for cell in cells])
            bands.insert(0, above)
    if header_bands == 1 and not all(grid[0]):
        upper = _line_above(first, bands, inside)
        if upper is not None:  # titles over several columns, which their own rules set apart
            grid[0] = _two_levels([upper], grid[0], columns, lines[0])
            bands.insert(0, upper)
    headed = header_bands > 0 or above is not None or names_columns(grid[0])
    filled = [row for row in grid if sum(map(bool, row)) > 1]
    if len(grid) < 2 or len(filled) < 0.6 * len(grid) or is_contents(grid):
        return None
    if not any(any(c.isalnum() for c in row[0]) for row in grid):
        return None  # a column of signs beside framed texts
    if not headed and sum(len(row[0]) for row in grid) > LONGEST_NAMES * len(grid):
        return None  # text of two columns, between the edges of boxes
    flat = [[w for band in bands for w in band]]
    return table_of(grid, flat, columns, headed=headed)


def _lines_beside(
    y: float, way: int, bands: list[list[Word]], inside: Sequence[Word], columns: Columns
) -> list[list[Word]]:
    """The lines of a row that stands below the last rule (way 1) or above the first one (-1)."""
    size = median([w.size for w in bands[-1]])
    tallest = max(max(w.bottom for w in b) - min(w.top for w in b) for b in bands) + 1.2 * size
    near = [w for w in inside if 0 < way * ((w.top + w.bottom) / 2 - y) < tallest]
    rows: list[list[Word]] = []
    edge = y
    for row in rows_of(near)[::way]:
        top, bottom = min(w.top for w in row), max(w.bottom for w in row)
        gap = top - edge if way > 0 else edge - bottom
        if gap > (1.1 if not rows else 0.62) * size or max(w.size for w in row) > 1.1 * size:
            break
        crossing = any(s[0].x0 + 2 < cut < s[-1].x1 - 2 for cut in columns.cuts
                       for s in segments_of(row, WORD_GAP * size))  # fmt: skip
        if crossing and not all(columns.cells(row)):
            break
        rows.insert(len(rows) if way > 0 else 0, row)
        edge = bottom if way > 0 else top
    cells = [columns.cells(row) for row in rows]
    filled = [any(line[column] for line in cells) for column in range(len(columns.lefts))]
    return rows if sum(filled) > 1 and filled[0] and not any(map(all_bold, rows)) else []


def _line_above(rule: Rule, bands: list[list[Word]], inside: Sequence[Word]) -> list[Word] | None:
    """A header that stands on the first rule, where none begins the table."""
    size = max(w.size for w in bands[0])
    near = [w for w in inside if rule.y - 1.9 * size < (w.top + w.bottom) / 2 < rule.y]
    rows = rows_of(near)
    if not rows or not (all_bold(rows[-1]) or is_header(rows[-1])):
        return None
    return rows[-1] if max(w.size for w in rows[-1]) <= LARGE * size else None


def _two_levels(
    upper: list[list[Word]], lower: list[str], columns: Columns, lines: list[Cells]
) -> list[str]:
    """One header out of two: a title over several columns goes before each of theirs."""
    titles = [s for row in upper for s in segments_of(row, WORD_GAP * row[0].size)]
    header = list(lower)
    centres = [
        [(w.x0 + w.x1) / 2 for cells in lines for w in cells[c]] or [columns.lefts[c]]
        for c in range(len(lower))
    ]
    for column, text in enumerate(lower):
        middle = sum(centres[column]) / len(centres[column])
        nearest = min(titles, key=lambda s: max(s[0].x0 - middle, middle - s[-1].x1, 0.0))
        if text or columns.of(nearest[0]) == column:
            header[column] = f"{text_of(nearest)} {text}".strip()
    return header


def _overlap(a: Table, b: Table) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.top < b.bottom and b.top < a.bottom
