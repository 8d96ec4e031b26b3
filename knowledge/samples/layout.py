"""Turn the blocks of a sample manual into reportlab flowables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    CondPageBreak,
    FrameBreak,
    NextPageTemplate,
    PageBreak,
    Paragraph,
    Spacer,
    Table,
)

from knowledge.samples.drawing import ACCENT, INK, PALE, Panel
from knowledge.samples.markup import Block, Manual, section_key, typographic

MARGIN = 19 * mm
WIDTH = A4[0] - 2 * MARGIN
GUTTER = 8 * mm
PAD = 4.0
NOTICES = {"DANGER": "#a3201d", "ATTENTION": "#b5532d", "WARNING": "#b5532d"}
CONTENTS = {"fr": "Sommaire", "en": "Contents"}

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13.6, spaceAfter=5)
STEP = ParagraphStyle("step", BODY, leftIndent=18, bulletIndent=1, spaceAfter=3.5)
BULLET = ParagraphStyle("bullet", BODY, leftIndent=13, bulletIndent=2, spaceAfter=2.5)
CELL = ParagraphStyle("cell", BODY, fontSize=8.8, leading=11, spaceAfter=0)
TOC = ParagraphStyle("toc", CELL, fontSize=8.4, leading=9.8)
HEAD = ParagraphStyle("head", CELL, fontName="Helvetica-Bold", textColor=HexColor("#ffffff"))
HEADINGS = {
    level: ParagraphStyle(
        f"h{level}", BODY, fontName="Helvetica-Bold", fontSize=size, leading=size * 1.22,
        textColor=colour, spaceBefore=before, spaceAfter=after,
    )
    for level, size, colour, before, after in (
        (1, 18, ACCENT, 6, 9), (2, 12.5, INK, 9, 5), (3, 10.5, INK, 6, 3),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A heading as laid out."""

    lang: str
    level: int
    title: str
    page: int


@dataclass
class Pass:
    """What one layout pass reads from the previous one, and what it finds itself."""

    known: list[Entry] = field(default_factory=list)
    found: list[Entry] = field(default_factory=list)
    chapter: str = ""

    def page_of(self, lang: str, key: str) -> str:
        """Return the page of the section numbered `key`, "0" while it is not known."""
        if not self.known:
            return "0"
        pages = (e.page for e in self.known if e.lang == lang and section_key(e.title) == key)
        page = next(pages, None)
        if page is None:
            raise ValueError(f"reference to an unknown section: {lang} {key}")
        return str(page)


class Heading(Paragraph):  # type: ignore[misc]
    """A heading that notes the page on which it is drawn, and adds a bookmark."""

    def __init__(self, markup: str, entry: Entry, state: Pass) -> None:
        """Keep the entry to record; its page is filled in when drawing."""
        super().__init__(markup, HEADINGS[max(entry.level, 1)])
        self.entry = entry
        self.state = state

    def split(self, _width: float, _height: float) -> list[Any]:
        """Never split a heading: it moves to the next page whole."""
        return []

    def draw(self) -> None:
        """Draw the heading and record its page."""
        entry = self.entry
        page = self.canv.getPageNumber()
        self.state.found.append(Entry(entry.lang, entry.level, entry.title, page))
        if entry.level < 2:
            self.state.chapter = entry.title
        anchor = f"h{len(self.state.found)}"
        self.canv.bookmarkPage(anchor)
        self.canv.addOutlineEntry(entry.title, anchor, min(max(entry.level - 1, 0), 1), closed=True)
        super().draw()


class Typesetter:
    """Turns the blocks of a manual into flowables, for one layout pass."""

    def __init__(self, manual: Manual, state: Pass) -> None:
        """Start with the first language, in one column."""
        self.manual = manual
        self.state = state
        self.lang = "fr"
        self.width = WIDTH

    def rich(self, text: str) -> str:
        """Resolve page references and inline markup into reportlab's markup."""
        text = re.sub(r"\{p:([^}]+)\}", lambda m: self.state.page_of(self.lang, m.group(1)), text)
        text = escape(typographic(text, self.lang))
        text = text.replace("&lt;br&gt;", "<br/>")
        return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)

    def story(self) -> Iterator[Any]:
        """Yield the flowables of the whole manual."""
        yield Spacer(1, 1)
        yield NextPageTemplate("one")
        yield PageBreak()
        yield from self.contents()
        for block in self.manual.blocks:
            yield from self.flow(block)

    def contents(self) -> Iterator[Any]:
        """Yield the contents list of the current language."""
        yield Paragraph(CONTENTS[self.lang], HEADINGS[1])
        rows: list[list[Any]] = []
        for entry in self.state.known:
            own = entry.lang == self.lang and 1 <= entry.level <= 2
            if not own and not (self.lang == "fr" and entry.level == 0):
                continue
            text = escape(typographic(entry.title, self.lang))
            text = f"<b>{text}</b>" if entry.level < 2 else f"&nbsp;&nbsp;&nbsp;&nbsp;{text}"
            rows.append([Paragraph(text, TOC), Paragraph(str(entry.page), TOC)])
        if rows:
            tight = [
                ("TOPPADDING", (0, 0), (-1, -1), 0.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9),
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, HexColor("#c9d2d9")),
            ]
            yield Table(rows, colWidths=[self.width - 34, 34], style=tight)
        yield PageBreak()

    def flow(self, block: Block) -> Iterator[Any]:
        """Yield the flowables of one block."""
        if block.kind == "heading":
            yield CondPageBreak((60 if block.level == 1 else 36) * mm)
            entry = Entry(self.lang, block.level, block.text, 0)
            yield Heading(self.rich(block.text), entry, self.state)
        elif block.kind == "para":
            yield Paragraph(self.rich(block.text), BODY)
        elif block.kind == "step":
            yield Paragraph(self.rich(block.text), STEP, bulletText=f"{block.label}.")
        elif block.kind == "bullet":
            yield Paragraph(self.rich(block.text), BULLET, bulletText="•")
        elif block.kind == "notice":
            yield from self.notice(block)
        elif block.kind == "table":
            yield from self.table(block)
        elif block.kind == "panel":
            yield Panel(block.label, self.width)
        elif block.kind == "page":
            yield PageBreak()
        elif block.kind == "column":
            yield FrameBreak()
        elif block.kind in ("columns", "/columns"):
            two = block.kind == "columns"
            self.width = (WIDTH - GUTTER) / 2 if two else WIDTH
            yield NextPageTemplate("two" if two else "one")
            yield PageBreak()
        elif block.kind == "language":
            yield from self.language(block)
        else:
            raise ValueError(f"unknown block: {block}")

    def language(self, block: Block) -> Iterator[Any]:
        """Open another language: its title, then its own contents."""
        yield PageBreak()
        self.lang, title = (part.strip() for part in block.label.split("|"))
        entry = Entry(self.lang, 0, title, 0)
        yield Heading(escape(title), entry, self.state)
        yield from self.contents()

    def notice(self, block: Block) -> Iterator[Any]:
        """Yield a framed warning or note."""
        colour = HexColor(NOTICES.get(block.label, "#3c6e8f"))
        label = f'<font color="#{colour.hexval()[2:]}"><b>{block.label}</b></font> – '
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), PALE),
            ("LINEBEFORE", (0, 0), (0, -1), 3, colour),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
        ]
        yield Spacer(1, 2)
        yield Table(
            [[Paragraph(label + self.rich(block.text), CELL)]],
            colWidths=[self.width], style=style, spaceAfter=6,
        )  # fmt: skip

    def table(self, block: Block) -> Iterator[Any]:
        """Yield a grid table whose header repeats on every page."""
        rows = [
            [Paragraph(self.rich(cell), HEAD if index == 0 else CELL) for cell in row]
            for index, row in enumerate(block.rows)
        ]
        style = [
            ("GRID", (0, 0), (-1, -1), 0.6, HexColor("#6d7f8c")),
            ("BACKGROUND", (0, 0), (-1, 0), INK),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [HexColor("#ffffff"), HexColor("#f5f7f9")]),
            ("LEFTPADDING", (0, 0), (-1, -1), PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
        ]
        widths = column_widths(block.rows, self.width)
        yield Table(rows, colWidths=widths, repeatRows=1, style=style, spaceBefore=3, spaceAfter=8)


def column_widths(rows: tuple[tuple[str, ...], ...], total: float) -> list[float]:
    """Share `total` between columns: never less than the longest word, then by content."""
    minimum: list[float] = []
    natural: list[float] = []
    longest: list[float] = []
    for column in zip(*rows, strict=True):
        lines = [part.replace("**", "") for cell in column for part in cell.split("<br>")]
        words = [typographic(line, "fr").split(" ") for line in lines]
        widest = max(text_width(word) for line in words for word in line)
        minimum.append(widest + 2 * PAD + 2)
        natural.append(max(text_width(line) for line in lines) + 2 * PAD + 2)
        longest.append(max(text_width(cell) for cell in column) + 2 * PAD + 2)
    if sum(natural) <= total:
        return [width * total / sum(natural) for width in natural]
    spare = total - sum(minimum)
    if spare < 0:
        raise ValueError(f"table too wide: {rows[0]}")
    wanted = [(n - m) ** 0.85 for n, m in zip(longest, minimum, strict=True)]
    return [m + spare * w / sum(wanted) for m, w in zip(minimum, wanted, strict=True)]


def text_width(text: str) -> float:
    """Return the width of a cell's text, set in the bolder of its fonts."""
    return float(stringWidth(text, HEAD.fontName, HEAD.fontSize))
