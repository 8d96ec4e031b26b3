"""Rows of cells become table blocks, their header first, with the titles that stand above. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from knowledge.documents import Block

Row = tuple[str, ...]

HEADER_WORDS = re.compile(
    r"\b(?:codes?|affichages?|affich[ée]|erreurs?|d[ée]fauts?|anomalies?|pannes?|probl[èe]mes?|"
    r"sympt[ôo]mes?|constat(?:ation)?s?|signes?|signal|signification|messages?|libell[ée]|"
    r"descriptions?|d[ée]signation|causes?|origines?|raisons?|rem[èe]des?|solutions?|actions?|"
    r"que faire|quoi faire|conduite|explications?|questions?|r[ée]ponses?|faq|programmes?|"
    r"rep[èe]res?|[ée]l[ée]ments?|caract[ée]ristiques?|valeurs?|unit[ée]s?|r[ée]f[ée]rences?|"
    r"articles?|pi[èe]ces?|mod[èe]les?|dur[ée]es?|temp[ée]ratures?|touches?|fonctions?|effets?|"
    r"meaning|what to do|remedy|display|fault|question|answer|ce que)\b",
    re.IGNORECASE,
)
FEWEST_OF_HEADER = 0.6
"""Share of a table's columns that its header fills at least."""

LONGEST_TITLE = 90
"""Characters of a line that can be a title."""


def table_block(rows: Sequence[Row], page: int) -> Block:
    """A table of rows of one width, its header first."""
    text = "\n".join(" | ".join(row) for row in rows)
    return Block("table", text, page, 0, tuple(rows))


def cell_text(cell: str) -> str:
    """A cell on one line; lines that are sentences of their own end with a full stop."""
    lines = [" ".join(line.split()) for line in cell.splitlines()]
    text = ""
    for line in filter(None, lines):
        own = text and text[-1] not in ".;:!?," and (line[0].isupper() or line[0].isdigit())
        text = f"{text}. {line}" if own else f"{text} {line}".strip()
    return text


def blocks_of_rows(rows: Iterable[Sequence[str]], page: int, level: int = 2) -> list[Block]:
    """A sheet's rows as blocks: titles become headings, notes paragraphs, the rest tables.

    A blank row ends a table where a title or a new header follows it; a row that fills its first
    cell only, in a table of three columns or more, is a heading over the rows below it, which get
    the header again.

    Args:
        rows: Cells, blank ones "", widths may differ.
        page: Page of the blocks.
        level: Depth of the first heading.
    """
    clean = [tuple(cell_text(cell) for cell in row) for row in rows]
    used = [i for i in range(max(map(len, clean), default=0)) if any(_cell(r, i) for r in clean)]
    grid = [tuple(_cell(row, i) for i in used) for row in clean]
    blocks: list[Block] = []
    for part in _parts(grid):
        blocks += _part_blocks(part, page, level)
    return blocks


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _filled(row: Row) -> int:
    return sum(map(bool, row))


def _parts(grid: list[Row]) -> list[list[Row]]:
    """Cut at blank rows after which something else begins than one more row."""
    parts: list[list[Row]] = [[]]
    blank = False
    for row in grid:
        if not any(row):
            blank = True
            continue
        begins = _filled(row) == 1 or (_looks_like_header(row) and len(parts[-1]) > 1)
        if blank and begins and parts[-1]:
            parts.append([])
        parts[-1].append(row)
        blank = False
    return [part for part in parts if part]


def _looks_like_header(row: Row) -> bool:
    cells = [cell for cell in row if cell]
    known = sum(bool(HEADER_WORDS.search(cell)) for cell in cells)
    return len(cells) > 1 and known * 2 >= len(cells) and all(len(c) < 60 for c in cells)


def _part_blocks(part: list[Row], page: int, level: int) -> list[Block]:
    columns = [i for i in range(len(part[0])) if any(row[i] for row in part)]
    rows = [tuple(row[i] for i in columns) for row in part]
    if is_contents(rows):
        return []
    start = _header(rows)
    blocks = []
    for number, row in enumerate(rows[:start] if start is not None else rows):
        text = " ".join(cell for cell in row if cell)
        title = number == 0 and len(text) <= LONGEST_TITLE and not text.endswith((".", ":"))
        blocks.append(Block("heading", text, page, level) if title
                      else Block("paragraph", text, page))  # fmt: skip
    if start is None:
        return blocks
    header, gathered = rows[start], [rows[start]]
    for row in rows[start + 1 :]:
        if row == header:
            continue  # repeated for print
        if _filled(row) == 1 and row[0] and len(columns) > 2:
            if len(gathered) > 1:
                blocks.append(table_block(gathered, page))
            title = len(row[0]) <= LONGEST_TITLE and not row[0].endswith(".")
            blocks.append(Block("heading", row[0], page, level + 1) if title
                          else Block("paragraph", row[0], page))  # fmt: skip
            gathered = [header]
        else:
            gathered.append(row)
    if len(gathered) > 1 or len(blocks) == 0:
        blocks.append(table_block(gathered, page))
    return blocks


def _header(rows: list[Row]) -> int | None:
    """Index of the header: the first row whose cells name columns, else the first full one."""
    width = len(rows[0])
    if width < 2:
        return None
    early = rows[:20]
    full = [i for i, row in enumerate(early) if _filled(row) >= FEWEST_OF_HEADER * width]
    # Lines about the file may fill two columns too: titles of all columns below them count more.
    named = [i for i in full if all(HEADER_WORDS.search(cell) for cell in early[i] if cell)
             and _looks_like_header(early[i])]  # fmt: skip
    return named[0] if named else full[0] if full else None


def is_contents(rows: Sequence[Sequence[str]]) -> bool:
    """Whether it is a list of titles and page numbers rather than a table."""
    numbers = [row[-1].partition(",")[0].strip() for row in rows]
    pages = [int(number) for number in numbers if number.isdecimal() and len(number) < 5]
    titles = sum(len(row[0]) > 12 for row in rows)
    return (
        len(rows[0]) == 2 and len(pages) > 0.75 * len(rows) and len(rows) > 3
        and pages == sorted(pages) and titles > 0.5 * len(rows)
    )  # fmt: skip
