"""A file becomes a document: pages of blocks (headings, paragraphs, list items, tables)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knowledge.documents.problems import Problem

BlockKind = Literal["heading", "paragraph", "bullet", "step", "warning", "table"]


@dataclass(frozen=True)
class Block:
    """A piece of a page, in reading order.

    Attributes:
        kind: What it is.
        text: Its words; for a table, its cells joined, for search in the whole page.
        page: Page of the file, from 1.
        level: Depth of a heading, from 1; number of a step; else 0.
        rows: Cells of a table, header first; empty for other kinds.
    """

    kind: BlockKind
    text: str
    page: int
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Page:
    """One page: its number from 1, its language (ISO 639-1) and its blocks."""

    number: int
    language: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A whole file.

    Attributes:
        title: What the cover says, one line.
        pages: In order; a page without text has no block.
        problems: What could not be used, or should be looked at.
    """

    title: str
    pages: tuple[Page, ...]
    problems: tuple[Problem, ...] = ()
