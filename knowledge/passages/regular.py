"""A document's blocks in one regular form: steps that layouts hide, tables in one piece. Pure.

Steps stand as « a) … b) … » within a paragraph, as « 1 - … », as « Étape 1 : … » or under a
figure in a circle; a table goes on after a page break, with its header or without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.documents import Block, BlockKind, Document, Page
from knowledge.passages.rows import Table
from knowledge.passages.subjects import is_header
from knowledge.safety import fold

COVER_WORDS = 80
"""A first page with fewer words is a cover: nothing to answer from."""

COVER_WORDS_ALONE = 12
"""The same for a file of one page."""

RUNNING_WORDS = 14
"""A paragraph with fewer words that repeats the heading is a running line."""

RUN_IN_LEVEL = 20
"""Level of headings set in their paragraph: below all others, which have a line of their own."""

STEP_NOTE_CHARACTERS = 400
"""Longest paragraph between two steps that still belongs to the first of them."""

_STEP_WORD = re.compile(
    r"^(?:[ÉEée]tape|ÉTAPE|ETAPE|[Ss]tep|[Pp]hase)\s*(?:n°\s*)?(\d{1,2})\s*[:.)–—-]?\s*(?=\S)"
)
_STEP_FIGURE = re.compile(r"^(\d{1,2})(?:\s?[-–—]\s+|[.)]\s+)(?=[A-ZÀ-ÖØ-Þ«])")
_STEP_LETTER = re.compile(r"^([a-h])[.)]\s+(?=[A-ZÀ-ÖØ-Þ«])")
_INLINE = (
    re.compile(r"(?:^|(?<=\s))([a-h])\)\s+(?=[A-ZÀ-ÖØ-Þ«])"),
    re.compile(r"(?:^|(?<=\s))(\d{1,2})\s?[-–—]\s+(?=[A-ZÀ-ÖØ-Þ«])"),
    re.compile(r"(?:^|(?<=[.;:!?)»]\s))(\d{1,2})[.)]\s+(?=[A-ZÀ-ÖØ-Þ«])"),
    re.compile(r"(?:^|(?<=\s))[ÉE]tape (\d{1,2})\s*[:.–-]\s*(?=\S)"),
)
_NOTE = re.compile(r"\s(?=(?:N\.?\s?B\.?|Nota|Remarque|Conseil)\s*[:–—]?\s+[A-ZÀ-ÖØ-Þ])")
_WARNS = re.compile(
    r"^(?:[⚠⚡☠☢🔥❗]\W*|(?:attention|avertissement|danger|mise en garde|prudence|important"
    r"|warning|"
    r"caution)\s*(?:[!:–—]|-\s)|(?:risque|danger) (?:de |d['’]|électrique)[^.]{0,40}\.\s)",
    re.IGNORECASE,
)
_RUN_IN = re.compile(
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){1,3})\.? (?P<title>[A-ZÀ-ÖØ-Þ](?:[^\s.;:!?]|(?<=\d)\.)*"
    r"(?: (?:\([^()]{2,40}\)|[a-zà-ÿœ0-9&/–’'][^\s.;:!?]*)){0,9} ?\??) "
    r"(?=[A-ZÀ-ÖØ-Þ]|\d{1,2}\.\d{1,2}|a\) |1\s?[-–.)] )"
)
_RUN_IN_LATER = re.compile(r"(?<=[.!?] )\d{1,2}(?:\.\d{1,2}){1,3} (?=[A-ZÀ-ÖØ-Þ])")
_LABELS = re.compile(r"(?:\d{1,2}|[^\W\d_])(?: (?:\d{1,2}|[^\W\d_]))*")
_SYMBOLS = re.compile(r"^[^\w«]*$")


@dataclass(frozen=True)
class Item:
    """A block in regular form.

    Attributes:
        block: A block that is no table, or the first piece of one.
        language: ISO 639-1 code of its page.
        table: For a table, all its pieces; else None.
    """

    block: Block
    language: str
    table: Table | None = None


def items_of(document: Document) -> list[Item]:
    """All blocks of a document but its cover, in regular form and reading order."""
    items: list[Item] = []
    for page in document.pages:
        if _is_cover(page, alone=len(document.pages) == 1):
            continue
        for block in _figures_as_steps(page):
            for headed in _run_in_headings(block):
                for part in _split(headed):
                    _append(items, Item(part, page.language))
    return list(_notes_in_their_step(items))


def _is_cover(page: Page, *, alone: bool) -> bool:
    """Whether a first page has nothing to answer from; a sheet has one page, and a table."""
    words = sum(len(block.text.split()) for block in page.blocks)
    if page.number != 1 or any(block.rows for block in page.blocks):
        return False
    return words < (COVER_WORDS_ALONE if alone else COVER_WORDS)


# Headings.


def _run_in_headings(block: Block) -> Iterator[Block]:
    """« 2.1 Déballage 2.1.1 Socle et cale L'appareil pèse … »: headings set in their paragraph."""
    if block.kind == "heading" and len(block.text.split()) > 8 and block.text.endswith("."):
        yield replace(block, kind="paragraph", level=0)  # a sentence set large
        return
    text, kind = block.text, block.kind
    if kind not in ("paragraph", "warning"):
        yield block
        return
    while found := _RUN_IN.match(text):
        yield Block("heading", f"{found['number']} {found['title']}", block.page,
                    RUN_IN_LEVEL + found["number"].count("."))  # fmt: skip
        text = text[found.end() :]
    for part_kind, part in _before_and_after(text, kind):
        piece = replace(block, text=part, kind=part_kind)
        if part and part_kind == kind:
            yield piece
        elif part:
            yield from _run_in_headings(piece)


def _before_and_after(text: str, kind: BlockKind) -> list[tuple[BlockKind, str]]:
    """A warning and the numbered heading that was run into it."""
    inner = _RUN_IN_LATER.search(text) if kind == "warning" else None
    if inner is None:
        return [(kind, text)]
    return [(kind, text[: inner.start()].strip()), ("paragraph", text[inner.start() :].strip())]


# Steps.


def _figures_as_steps(page: Page) -> Iterator[Block]:
    """A heading that is nothing but « 2 » numbers the paragraph under it; one of symbols goes."""
    number, warns = 0, False
    for block in page.blocks:
        bare = block.text.strip(" .)") if block.kind == "heading" else ""
        if block.kind == "heading" and (bare.isdigit() or _SYMBOLS.match(block.text)):
            number = int(bare) if bare.isdigit() and int(bare) < 40 else 0
            warns = any(sign in block.text for sign in "⚠⚡☠❗")
        elif block.kind == "heading" and _LABELS.fullmatch(bare):
            number = 0  # figures or letters of a drawing
        elif block.kind == "paragraph" and (number or warns):
            kind = "step" if number else "warning"
            yield replace(block, kind=kind, level=number)  # type: ignore[arg-type]
            number, warns = 0, False
        else:
            number, warns = 0, False
            yield block


def _split(block: Block) -> Iterator[Block]:
    """The steps and warnings that a paragraph holds, else the block itself."""
    if block.kind == "paragraph" and _WARNS.match(block.text):
        yield replace(block, kind="warning")
        return
    if block.kind not in ("paragraph", "bullet"):
        yield block
        return
    single = _STEP_WORD.match(block.text) or _STEP_FIGURE.match(block.text)
    letter = None if single else _STEP_LETTER.match(block.text)
    marks = _marks(block.text)
    if len(marks) > 1:
        yield from _inline(block, marks)
    elif single:
        yield Block("step", block.text[single.end() :], block.page, int(single[1]))
    elif letter:
        yield Block("step", block.text[letter.end() :], block.page, ord(letter[1]) - 96)
    else:
        yield block


def _marks(text: str) -> list[tuple[int, int, int]]:
    """Places (start, end, number) of steps within a text, numbered one by one."""
    best: list[tuple[int, int, int]] = []
    for pattern in _INLINE:
        marks: list[tuple[int, int, int]] = []
        for found in pattern.finditer(text):
            number = int(found[1]) if found[1].isdigit() else ord(found[1]) - 96
            if marks and number == marks[-1][2] + 1:
                marks.append((found.start(), found.end(), number))
            elif not marks and (number == 1 or found.start() == 0):
                marks = [(found.start(), found.end(), number)]
        if len(marks) > len(best):
            best = marks
    return best


def _inline(block: Block, marks: list[tuple[int, int, int]]) -> Iterator[Block]:
    before = block.text[: marks[0][0]].strip()
    if before:
        yield replace(block, text=before)
    ends = [start for start, _, _ in marks[1:]] + [len(block.text)]
    for (_, start, number), end in zip(marks, ends, strict=True):
        text = block.text[start:end].strip()
        note = _NOTE.search(text) if end == len(block.text) else None
        yield Block("step", text[: note.start()] if note else text, block.page, number)
        if note:
            yield Block("paragraph", text[note.end() :], block.page)


def _notes_in_their_step(items: Sequence[Item]) -> Iterator[Item]:
    """A paragraph between step 2 and step 3 belongs to step 2."""
    held: Item | None = None
    for at, item in enumerate(items):
        following = items[at + 1].block if at + 1 < len(items) else None
        between = (
            held is not None
            and item.block.kind in ("paragraph", "bullet")
            and following is not None
            and following.kind == "step"
            and following.level == held.block.level + 1 > 1
            and len(item.block.text) <= STEP_NOTE_CHARACTERS
        )
        if held is not None and between:
            text = f"{held.block.text} {item.block.text}"
            held = replace(held, block=replace(held.block, text=text))
            continue
        if held is not None:
            yield held
        held = item if item.block.kind == "step" else None
        if held is None:
            yield item
    if held is not None:
        yield held


# Tables.


def _append(items: list[Item], item: Item) -> None:
    """Add an item; a piece of a table that goes on joins the piece before it."""
    block = item.block
    if block.kind != "table" or not block.rows:
        items.append(item)
        return
    rows = tuple((block.page, row) for row in block.rows[1:])
    before = _table_before(items, block)
    if before is None:
        items.append(replace(item, table=Table(block.rows[0], rows)))
        return
    place, last = before, items[before]
    assert last.table is not None
    again = [fold(c) for c in block.rows[0]] == last.table.folded
    head = () if again else ((block.page, block.rows[0]),)
    del items[place + 1 :]
    items[place] = replace(last, table=Table(last.table.header, (*last.table.rows, *head, *rows)))


def _table_before(items: Sequence[Item], block: Block) -> int | None:
    """Place of the table that a table at the top of a page goes on with, None if it is new."""
    heading = next((i.block.text for i in reversed(items) if i.block.kind == "heading"), "")
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        if item.table is not None:
            last = item.table.rows[-1][0] if item.table.rows else item.block.page
            if len(item.table.header) != len(block.rows[0]) or last + 1 != block.page:
                return None
            same = [fold(c) for c in block.rows[0]] == item.table.folded
            return place if same or not is_header(block.rows[0]) else None
        if item.block.kind != "paragraph" or not _is_running(item.block.text, heading):
            return None
    return None


def _is_running(text: str, heading: str) -> bool:
    """Whether a paragraph is the running line of a page: it repeats the heading."""
    words = fold(re.sub(r"^\d+(?:\.\d+)*\.?\s+", "", heading))
    return len(text.split()) < RUNNING_WORDS and bool(words) and words in fold(text)
