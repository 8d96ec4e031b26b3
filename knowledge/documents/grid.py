"""Columns of a table by the white corridors between them, and their cells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.documents.tables import HEADER_WORDS
from knowledge.documents.words import Table, Word, join_lines, segments_of, text_of

CORRIDOR_PT = 3.5
"""Narrowest white corridor between two columns, points."""

WORD_GAP = 0.5
"""Widest gap between two words of a cell, in sizes of the text."""

Cells = list[list[Word]]
"""The words of a line, by column."""


@dataclass(frozen=True)
class Columns:
    """Columns between corridors.

    Attributes:
        cuts: Middles of the corridors, points, from the left.
        lefts: Usual left edge of each column's text.
    """

    cuts: tuple[float, ...]
    lefts: tuple[float, ...]

    def cells(self, row: list[Word]) -> Cells:
        """A line's words by column; a text that runs over a corridor stays where it begins."""
        cells: Cells = [[] for _ in self.lefts]
        for segment in segments_of(row, WORD_GAP * max(word.size for word in row)):
            column = self.of(segment[0])
            for word in segment:
                here = self.of(word)
                if here > column and abs(word.x0 - self.lefts[here]) < 2.5:
                    column = here
                cells[column].append(word)
        return cells

    def of(self, word: Word) -> int:
        """The column in which a word begins."""
        return sum(cut <= word.x0 + 1 for cut in self.cuts)


def columns_of(rows: list[list[Word]], crossed: float) -> Columns | None:
    """Columns by the corridors that nearly no line crosses."""
    if not rows:
        return None
    low = int(min(row[0].x0 for row in rows))
    high = int(max(row[-1].x1 for row in rows)) + 1
    cover = [0] * (high - low + 2)
    for row in rows:
        for segment in segments_of(row, WORD_GAP * row[0].size):
            for x in range(int(segment[0].x0) - low, int(segment[-1].x1) + 1 - low):
                cover[x] += 1
    most = int(crossed * len(rows))
    cuts, start = [], None
    for x, count in enumerate(cover):
        if count <= most:
            start = x if start is None else start
        elif start is not None:
            if x - start >= CORRIDOR_PT and start > 0:
                cuts.append(low + (start + x) / 2)
            start = None
    return with_lefts(rows, tuple(cuts))


def with_lefts(rows: list[list[Word]], cuts: tuple[float, ...]) -> Columns | None:
    """Columns between cuts, None where one of them holds nothing."""
    if not cuts:
        return None
    edges: list[list[float]] = [[] for _ in range(len(cuts) + 1)]
    for row in rows:
        for segment in segments_of(row, WORD_GAP * row[0].size):
            edges[sum(cut <= segment[0].x0 + 1 for cut in cuts)].append(segment[0].x0)
    if not all(edges):
        return None
    lefts = []
    for found in edges:
        rounded = [round(x) for x in found]
        usual = max(set(rounded), key=lambda x: (rounded.count(x), -x))
        lefts.append(min(x for x in found if abs(x - usual) <= 1.5))
    return Columns(cuts, tuple(lefts))


def is_aligned(rows: list[list[Word]], lefts: Sequence[float]) -> bool:
    """Whether most lines of each column but the first begin at its left edge."""
    columns = Columns(tuple(left - 1.5 for left in lefts[1:]), tuple(lefts))
    cells = [columns.cells(row) for row in rows]
    for column, left in enumerate(lefts):
        here = [line[column][0].x0 for line in cells if line[column]]
        if column and (not here or sum(abs(x - left) < 3.5 for x in here) < 0.6 * len(here)):
            return False
    return True


def merged(lines: list[Cells], known: frozenset[str]) -> list[str]:
    """The cells of some lines, each as one text."""
    width = len(lines[0])
    return [
        join_lines([text_of(line[column]) for line in lines if line[column]], known)
        for column in range(width)
    ]


def is_header(row: list[Word]) -> bool:
    """Whether a line holds titles of columns: bold ones, or words that name columns."""
    segments = segments_of(row, WORD_GAP * row[0].size)
    if len(segments) < 2 or any(len(text_of(s)) > 60 for s in segments):
        return False
    if sum(c.isalpha() for c in text_of(segments[0])) < 2 or row[-1].text.endswith((".", ",", ";")):
        return False  # a mark of a list, or a sentence
    named = sum(bool(HEADER_WORDS.search(text_of(s))) for s in segments)
    titled = not any(s[0].text[0].islower() for s in segments)
    return all_bold(row) or (titled and named > 0 and 2 * named >= len(segments))


def names_columns(header: Sequence[str]) -> bool:
    """Whether cells name columns, as those of a header do."""
    named = sum(bool(HEADER_WORDS.search(cell)) for cell in header)
    return named > 0 and 2 * named >= sum(map(bool, header)) and max(map(len, header)) < 60


def all_bold(words: Sequence[Word]) -> bool:
    """Whether all words with letters or digits are bold."""
    return all(word.bold for word in words if any(c.isalnum() for c in word.text))


def table_of(
    grid: list[list[str]], rows: list[list[Word]], columns: Columns, *, headed: bool
) -> Table:
    """A table of these cells, where these lines stand."""
    words = [word for row in rows for word in row]
    return Table(
        min(w.x0 for w in words), min(w.top for w in words), max(w.x1 for w in words),
        max(w.bottom for w in words), tuple(tuple(row) for row in grid), headed, columns.lefts,
    )  # fmt: skip
