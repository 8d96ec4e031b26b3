"""Tables of contents: their words would match everything, so they are taken off the page. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.documents.words import Word, rows_of, text_of

FEWEST_ENTRIES = 5
MOST_BETWEEN = 2
"""Lines between two entries: titles of parts, and titles that take two lines."""

CONTENTS_TITLE = re.compile(
    r"^(?:sommaire|table des mati[èe]res|contents|table of contents|inhalt|[íi]ndice|inhoud)$", re.I
)
_NUMBER = re.compile(r"(\d{1,3})(?:[,–-]\d{0,3})?")


def contents_of(words: Sequence[Word]) -> list[Word]:
    """The words of a table of contents whose page numbers stand at the right, in rising order."""
    rows = rows_of(words)
    taken: list[Word] = []
    start = 0
    while start < len(rows):
        end, entries = _run(rows, start)
        if entries >= FEWEST_ENTRIES:
            if start and CONTENTS_TITLE.match(text_of(rows[start - 1])):
                taken += rows[start - 1]
            taken += [word for row in rows[start:end] for word in row]
        start = end if entries >= FEWEST_ENTRIES else start + 1
    return taken


def _run(rows: list[list[Word]], start: int) -> tuple[int, int]:
    """Where the run of entries from a row ends, and how many it has."""
    edge = rows[start][-1].x1
    last, entries, end = 0, 0, start
    for index in range(start, len(rows)):
        number = _page_of(rows[index], edge)
        if number is None or number < last:
            if not entries or number is not None or index - end >= MOST_BETWEEN:
                break
            continue
        last, entries, end = number, entries + 1, index + 1
    return end, entries


def _page_of(row: list[Word], edge: float) -> int | None:
    """The page number that ends a row at this right edge, apart from its title."""
    found = _NUMBER.fullmatch(row[-1].text)
    if found is None or len(row) < 2 or abs(row[-1].x1 - edge) > 3:
        return None
    title = [word for word in row[:-1] if any(c.isalpha() for c in word.text)]
    apart = row[-1].x0 - row[-2].x1 > row[-1].size or set(row[-2].text) <= set(". …")
    words = sum(len(word.text) for word in title)
    return int(found.group(1)) if apart and words > 2 else None
