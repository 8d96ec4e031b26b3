"""Pages of words become a document: running lines, sizes of text, headings, tables that go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge.documents import Document, Page
from knowledge.documents.blocks import Style, blocks_of, whole_paragraphs, with_levels
from knowledge.documents.language import language_of
from knowledge.documents.layout import Line, lines_of
from knowledge.documents.words import Content, Table, vocabulary

REPEATED_SHARE = 0.5
"""A margin line that stands on more than this share of the pages, digits aside, is no content."""

FEWEST_LEVEL_PAGES = 4
"""Pages on which margin lines of small type must stand on one level to run."""


def document_of(contents: Iterable[Content], path: Path) -> Document:
    """Assemble a file's pages, which are read one after the other and not kept."""
    pages: list[list[Line]] = []
    open_table: Table | None = None
    for content in contents:
        lines, open_table = lines_of(content, open_table)
        pages.append(lines)
    sizes = _sizes(pages)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    running = _Running(pages, body)
    kept = [running.without(lines) for lines in pages]
    sizes = _sizes(kept)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    # Sizes that set a good many lines are text of some kind; larger ones are headings.
    headings = tuple(sorted((size for size in sizes if size >= body * 1.12), reverse=True))
    known = vocabulary(line.text for lines in kept for line in lines)
    style = Style(body, headings, known)
    found = [blocks_of(lines, n, style) for n, lines in enumerate(kept, start=1)]
    blocks = whole_paragraphs(with_levels(found))
    built = [
        Page(number, language_of(" ".join(block.text for block in mine)), tuple(mine))
        for number, mine in enumerate(blocks, start=1)
    ]
    return Document(_title(kept, path), tuple(built))


def _sizes(pages: Sequence[Sequence[Line]]) -> Counter[float]:
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            if line.table is None:
                sizes[line.size] += len(line.text)
    return sizes


class _Running:
    """Which lines run through the pages."""

    def __init__(self, pages: Sequence[Sequence[Line]], body: float) -> None:
        self._body = body
        shapes: Counter[str] = Counter()
        heads: Counter[str] = Counter()  # a header may name the section: its beginning counts
        levels: Counter[int] = Counter()  # or stand in small type where all others do
        for lines in pages:
            here = {line.shape for line in lines if _marginal(line)}
            shapes.update(here)
            heads.update({shape[:12] for shape in here})
            levels.update({round(line.bottom) for line in lines if self._small(line)})
        limit = max(2, REPEATED_SHARE * len(pages))
        self._shapes = {s for s in shapes if shapes[s] >= limit or heads[s[:12]] >= limit}
        enough = max(FEWEST_LEVEL_PAGES, limit)
        self._levels = {
            level for level in levels if sum(levels[level + d] for d in (-1, 0, 1)) >= enough
        }

    def without(self, lines: Sequence[Line]) -> list[Line]:
        """A page's lines but for its running ones.

        On a page of two columns, a running line comes in two pieces, one on each side: a piece
        goes where a running line begins with it, and takes what stands on its level along.
        """
        levels = [
            line.bottom
            for line in lines
            if _marginal(line)
            and (
                any(shape.startswith(line.shape) for shape in self._shapes)
                or (self._small(line) and round(line.bottom) in self._levels)
            )
        ]
        return [
            line
            for line in lines
            if not (_marginal(line) and any(abs(line.bottom - level) < 1.0 for level in levels))
        ]

    def _small(self, line: Line) -> bool:
        return _marginal(line) and line.size < self._body - 0.4


def _marginal(line: Line) -> bool:
    return line.table is None and line.in_margin()


def _title(pages: Sequence[Sequence[Line]], path: Path) -> str:
    texts = [[line for line in lines if line.table is None] for lines in pages]
    first = next((lines for lines in texts if lines), [])
    largest = sorted(first, key=lambda line: -line.size)[:3]
    title = " ".join(line.text for line in sorted(largest, key=lambda line: line.top))
    return title or path.stem
