"""Markdown and plain text -> document of one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt

from knowledge.documents import Block, Document
from knowledge.documents.text import (
    BULLET,
    LETTER_STEP,
    NUMBERED,
    STEP,
    STEP_WORD,
    WARNING,
    block_of,
    check_lines,
    one_page,
    read_file,
    title_from_name,
)
from knowledge.documents.web import blocks_of_html

LONGEST_HEADING = 90
"""Characters."""

_FRONT_MATTER = re.compile(r"\A---\n.{0,4000}?\n---\n", re.DOTALL)
_RULE = re.compile(r"^\s*([=\-_*~#])\1{2,}\s*$")

Progress = Callable[[int, int], None]


def read_markdown(path: Path, progress: Progress) -> Document:
    """Read a Markdown file (CommonMark, with tables).

    Raises:
        DocumentError: It is too long, or holds no text.
    """
    progress(0, 1)
    text = read_file(path)
    check_lines(path, text)
    text = _FRONT_MATTER.sub("", text.replace("\r\n", "\n"), count=1)
    html = MarkdownIt("commonmark").enable("table").render(text)
    blocks, title = blocks_of_html(html, path)
    return one_page(title or title_from_name(path), blocks, path)


def read_text(path: Path, progress: Progress) -> Document:
    """Read a plain text: paragraphs by blank lines, headings by numbering, capitals or underlining.

    Raises:
        DocumentError: It is too long, or holds no text.
    """
    progress(0, 1)
    text = read_file(path)
    check_lines(path, text)
    blocks = blocks_of_text(text)
    first = next((b.text for b in blocks), "")
    title = first if len(first) <= LONGEST_HEADING else ""
    return one_page(title or title_from_name(path), blocks, path)


def blocks_of_text(text: str) -> list[Block]:
    """The blocks of a plain text, in order."""
    blocks: list[Block] = []
    group: list[str] = []

    def close() -> None:
        if group:
            blocks.append(block_of(_joined(group), 1))
            group.clear()

    lines = [line.strip() for line in text.replace("\f", "\n\n").splitlines()]
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if not line or _RULE.match(line):
            close()
        elif not group and (level := _heading_level(line, following)):
            blocks.append(Block("heading", line, 1, level))
        else:
            if group and (STEP.match(line) or STEP_WORD.match(line) or LETTER_STEP.match(line)
                          or BULLET.match(line) or WARNING.match(line)):  # fmt: skip
                close()
            group.append(line)
    close()
    return blocks


def _heading_level(line: str, following: str) -> int:
    """Depth of a heading, 0 for other lines."""
    if len(line) > LONGEST_HEADING or WARNING.match(line) or line.endswith((".", ";", ",")):
        return 0
    rule = _RULE.match(following)
    if rule:
        return 1 if rule.group(1) == "=" else 2
    numbered = NUMBERED.match(line)
    if numbered and not following:
        depth = numbered.group(1).count(".") + 1
        return depth if depth > 1 or line[numbered.end() :].isupper() else 0
    letters = [c for c in line if c.isalpha()]
    return 2 if len(letters) > 4 and line == line.upper() and not following else 0


def _joined(lines: list[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        hyphen = text.endswith("-") and line[:1].islower() and text[-2:-1].isalpha()
        text = text[:-1] + line if hyphen else f"{text} {line}"
    return text
