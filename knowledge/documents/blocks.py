"""A page's lines become blocks: headings, steps, bullets, warnings, paragraphs, tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.documents import Block
from knowledge.documents.contents import CONTENTS_TITLE
from knowledge.documents.layout import Line
from knowledge.documents.text import (
    BULLET,
    LETTER_STEP,
    NUMBERED,
    SIGN,
    STEP,
    STEP_WORD,
    WARNING,
    block_of,
)
from knowledge.documents.words import join_lines

FEWEST_CONTENTS = 4
"""Lines that end with a page number, in rising order, from which they are a table of contents."""

LONGEST_HEADING, LONGEST_LARGE_HEADING = 90, 140
UNNUMBERED = 9
"""Depth of a heading without a number: below the numbered ones of its size."""

_DOTTED = re.compile(r"(?:\.\s?){4,}\s*(\d+)$")
_NUMBER_LAST = re.compile(r"^(?=.{4}).*[^\W\d_)].*?\s(\d{1,3})(?:[,–-]\s?\d{1,3})?$")
_CAPTION = re.compile(r"^(?:fig(?:ure)?\.?|sch[ée]ma|illustration|n\.\s?b\.)\s?\d*", re.IGNORECASE)

SHORTEST_OPEN = 40
"""Characters from which a text without a stop at its end may go on elsewhere."""

MOST_LABELS, LONGEST_LABEL = 4, 60
"""Short texts that may stand between its halves, and their characters."""

_TEXT = ("paragraph", "bullet", "warning", "step")
_LEADING = frozenset("à de du des le la les un une et ou par pour sur en au aux dans".split())


@dataclass(frozen=True)
class Style:
    """How a document sets its text.

    Attributes:
        body: Size of most of its text, points.
        headings: Sizes of headings, the largest first.
        known: Its words, to tell a hyphen of a compound from one at a line's end.
    """

    body: float
    headings: tuple[float, ...]
    known: frozenset[str] = frozenset()


def blocks_of(lines: Sequence[Line], page: int, style: Style) -> list[Block]:
    """A page's lines, tables among them, as blocks, in reading order.

    Headings have a provisional level, which `with_levels` replaces.
    """
    blocks: list[Block] = []
    group: list[Line] = []

    def close() -> None:
        if group:
            blocks.append(_block(group, page, style))
            group.clear()

    for line in _without_contents(lines):
        if line.table is not None:
            close()
            blocks.append(line.table)
            continue
        if group and _starts(line, group, style):
            close()
        group.append(line)
    close()
    return [block for block in blocks if any(c.isalnum() for c in block.text)]


def with_levels(pages: Sequence[Sequence[Block]]) -> list[list[Block]]:
    """The same blocks, with the levels of headings from 1, without gaps, over the document."""
    used = sorted({b.level for blocks in pages for b in blocks if b.kind == "heading"})
    rank = {level: number for number, level in enumerate(used, start=1)}
    return [
        [replace(b, level=rank[b.level]) if b.kind == "heading" else b for b in blocks]
        for blocks in pages
    ]


def whole_paragraphs(pages: Sequence[Sequence[Block]]) -> list[list[Block]]:
    """The same blocks; a sentence that goes on in the next column or page is whole.

    The labels of a figure may stand between the two halves.
    """
    flat = [block for blocks in pages for block in blocks]
    gone: set[int] = set()
    for place, block in enumerate(flat):
        if place in gone or block.kind not in _TEXT or not _is_open(block.text):
            continue
        for later in range(place + 1, min(place + 2 + MOST_LABELS, len(flat))):
            other = flat[later]
            if other.kind != "paragraph" or other.page > block.page + 1:
                break
            if _goes_on(block.text, other.text):
                text = join_lines([block.text, other.text])
                here = len(block.text) >= len(other.text) or block.page == other.page
                # On the page where most of it stands.
                at, dropped = (place, later) if here else (later, place)
                flat[at] = replace(block, text=text, page=flat[at].page)
                gone.add(dropped)
                break
            if len(other.text) >= LONGEST_LABEL:
                break
    kept = [block for place, block in enumerate(flat) if place not in gone]
    numbers = [blocks[0].page if blocks else 0 for blocks in pages]
    return [[block for block in kept if number and block.page == number] for number in numbers]


def _is_open(text: str) -> bool:
    """Whether a text breaks off: it is no label, and no stop is at its end."""
    return len(text) >= SHORTEST_OPEN and text[-1] not in ".!?:;…»)"


def _goes_on(before: str, text: str) -> bool:
    if not re.search(r"[a-zà-ÿ]{3}", text):
        return False
    return text[:1].islower() or (text[:1].isdigit() and before.split()[-1].lower() in _LEADING)


def _without_contents(lines: Sequence[Line]) -> list[Line]:
    """The lines but for a table of contents: its words would match everything."""
    dotted = [index for index, line in enumerate(lines) if _DOTTED.search(line.text)]
    spans = [(dotted[0], dotted[-1])] if len(dotted) >= FEWEST_CONTENTS else []
    titled = any(CONTENTS_TITLE.match(line.text) for line in lines)
    start = 0
    while start < len(lines):
        end = _end_of_contents(lines, start)
        if end - start > (FEWEST_CONTENTS if titled else FEWEST_CONTENTS + 1):
            spans.append((start, end - 1))
        start = max(end, start + 1)
    if not spans:
        return list(lines)
    return [
        line for index, line in enumerate(lines)
        if not any(low <= index <= high for low, high in spans)
        and not CONTENTS_TITLE.match(line.text)
    ]  # fmt: skip


def _end_of_contents(lines: Sequence[Line], start: int) -> int:
    """Where a run of short lines ends that close with rising page numbers."""
    last = 0
    for index in range(start, len(lines)):
        line = lines[index]
        match = _NUMBER_LAST.match(line.text)
        if match is None or len(line.text) > 80 or STEP.match(line.text) or line.table:
            return index
        number = int(match.group(1))
        if number < last or (last and number > last + 60):
            return index
        last = number
    return len(lines)


def _begins_item(text: str) -> bool:
    patterns = (BULLET, STEP, STEP_WORD, LETTER_STEP, WARNING, SIGN)
    return any(pattern.match(text) for pattern in patterns)


def _starts(line: Line, group: Sequence[Line], style: Style) -> bool:
    """Whether a line begins a new block rather than going on with the group before it."""
    before, first = group[-1], group[0]
    if _begins_item(line.text) or line.box is not before.box:
        return True
    if abs(line.size - before.size) > 0.4:
        return True
    if line.top < before.top:  # the next column
        return not before.text.endswith((",", "-")) and not line.text[:1].islower()
    gap = line.top - before.bottom
    hanging = BULLET.match(first.text) or STEP.match(first.text) or LETTER_STEP.match(first.text)
    if hanging and line.x0 < first.x0 + 4:
        return True
    titled = all(each.bold for each in group) and not WARNING.match(first.text)
    numbered = NUMBERED.match(line.text)
    if line.bold and (numbered or (not before.bold and not WARNING.match(first.text))):
        return True
    if titled and not line.bold and len(first.text) < LONGEST_HEADING and _is_title(group, line):
        return True
    return gap > 0.62 * line.size


def _is_title(group: Sequence[Line], following: Line) -> bool:
    """Whether bold lines before a plain one are its heading, not the beginning of its text."""
    last = group[-1]
    ends_early = last.x1 < max(following.x1, following.x0 + 20 * last.size) - 4 * last.size
    return bool(NUMBERED.match(group[0].text)) or ends_early or last.text.endswith("?")


def _block(lines: list[Line], page: int, style: Style) -> Block:
    text = join_lines([line.text for line in lines], style.known)
    first = lines[0]
    bold = all(line.bold for line in lines) and _is_titling(text)
    large = first.size in style.headings and _is_titling(text)
    if large and len(text) < LONGEST_LARGE_HEADING and not (len(text) > 50 and text[-1] == "."):
        return Block("heading", text, page, 10 * style.headings.index(first.size) + _depth(text))
    block = block_of(text, page)
    if block.kind in ("step", "bullet", "warning"):
        if block.kind == "step" and bold and NUMBERED.match(text) and len(lines) == 1 and (
            re.match(r"\d+\.\s", text) and len(text) < 60 and text[-1] not in ".;:!"
        ):  # fmt: skip
            return Block("heading", text, page, 10 * len(style.headings) + _depth(text))
        return block
    if first.box is not None and first.box.warm and len(text) > 12:
        return Block("warning", text, page)
    capitals = bool(NUMBERED.match(text)) and text.isupper() and len(text) > 5
    if (
        (bold or capitals) and len(text) < LONGEST_HEADING and first.size >= style.body - 0.6
        and not _CAPTION.match(text) and not text.endswith((".", ";", ","))
    ):  # fmt: skip
        return Block("heading", text, page, 10 * len(style.headings) + _depth(text))
    return block


def _is_titling(text: str) -> bool:
    """Whether it has the words of a title, not the labels of a figure."""
    words = text.split()
    return 2 * sum(sum(map(str.isalpha, w)) > 1 for w in words) > len(words) or bool(
        NUMBERED.match(text)
    )


def _depth(text: str) -> int:
    numbered = NUMBERED.match(text)
    return min(numbered.group(1).count(".") + 1, 8) if numbered else UNNUMBERED
