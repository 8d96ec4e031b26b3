"""DOCX -> document: headings by style, lists with their numbers, tables, pages by their breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn
from lxml.etree import XMLSyntaxError

from knowledge.documents import Block, Document, Page
from knowledge.documents.language import language_of
from knowledge.documents.limits import MAX_CELLS, MAX_CHARACTERS, MAX_PAGES
from knowledge.documents.tables import blocks_of_rows
from knowledge.documents.text import block_of, title_from_name
from knowledge.errors import DocumentError

_HEADING = re.compile(r"(?:heading|titre)\s?(\d)", re.IGNORECASE)
_PARTS = {qn("w:p"), qn("w:tbl")}
_WRAPPERS = {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOX = qn("w:txbxContent")
_TEXT_ITEMS = [
    qn(f"w:{name}") for name in ("t", "tab", "br", "cr", "lastRenderedPageBreak", "noBreakHyphen")
]
PLAIN_STYLE_CHARACTERS = 80
"""A paragraph that is all bold and no longer is a heading, where its style says nothing."""

Progress = Callable[[int, int], None]


def read_docx(path: Path, progress: Progress) -> Document:
    """Read a Word document.

    Raises:
        DocumentError: It is damaged, too long or without text.
    """
    progress(0, 1)
    try:
        opened = docx.Document(str(path))
    except (KeyError, ValueError, XMLSyntaxError) as error:
        raise DocumentError(f"{path.name} est endommagé ; exportez-le de nouveau.") from error
    walk = _Walk(opened, path)
    for number, element in enumerate(_elements(opened.element.body)):
        walk.read(element)
        if number % 200 == 0:
            progress(0, walk.page)
    pages: dict[int, list[Block]] = {number: [] for number in range(1, walk.page + 1)}
    for block in walk.blocks:
        pages[block.page].append(block)
    if not walk.blocks:
        raise DocumentError(f"{path.name} ne contient pas de texte ; fournissez le manuel entier.")
    made = tuple(
        Page(number, language_of(" ".join(b.text for b in blocks)), tuple(blocks))
        for number, blocks in pages.items()
    )
    return Document(_title(opened, walk.blocks, path), made)


def _elements(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, out of content controls and tracked insertions."""
    stack = [iter(parent)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag in _PARTS:
            yield child
        elif child.tag in _WRAPPERS:
            stack.append(iter(child))


class _Walk:
    """Gathers blocks, with the page and the list numbers in force."""

    def __init__(self, opened: Any, path: Path) -> None:
        self.page = 1
        self.blocks: list[Block] = []
        self._path = path
        self._styles = {style.style_id: style for style in opened.styles}
        self._formats = _list_formats(opened)
        self._counts: dict[tuple[str, int], int] = {}
        self._characters = self._cells = 0
        self._just_broken = False

    def read(self, element: Any) -> None:
        if element.tag == qn("w:tbl"):
            self._table(element)
            return
        start = self.page
        text = self._text(element)
        # The break at a paragraph's start moves it; one within it leaves it where it begins.
        page = self.page if self._break_first else start
        if text:
            self._add(self._block(element, text, page))
        for box in element.iter(_BOX):
            if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                words = " ".join(filter(None, (self._text(p) for p in box.iter(qn("w:p")))))
                if words:
                    self._add(block_of(words, self.page))
        properties = element.find(qn("w:pPr"))
        section = None if properties is None else properties.find(qn("w:sectPr"))
        if section is not None:
            kind = section.find(qn("w:type"))
            if kind is None or kind.get(qn("w:val")) != "continuous":
                self._turn()

    def _add(self, block: Block) -> None:
        self._characters += len(block.text)
        if self._characters > MAX_CHARACTERS:
            raise DocumentError(
                f"{self._path.name} contient trop de texte ; partagez-le en plusieurs fichiers."
            )
        self.blocks.append(block)

    def _turn(self) -> None:
        if not self._just_broken:
            self.page += 1
        self._just_broken = True
        if self.page > MAX_PAGES:
            raise DocumentError(
                f"{self._path.name} compte plus de {MAX_PAGES} pages ; "
                "partagez-le en plusieurs fichiers."
            )

    def _text(self, paragraph: Any) -> str:
        """A paragraph's words; page breaks in it are counted on the way."""
        pieces: list[str] = []
        self._break_first = False
        properties = paragraph.find(qn("w:pPr"))
        if properties is not None and properties.find(qn("w:pageBreakBefore")) is not None:
            self._turn()
            self._break_first = True
        for item in paragraph.iter(*_TEXT_ITEMS):
            if _inside(item, paragraph):
                continue
            if item.tag == qn("w:t"):
                pieces.append(item.text or "")
                self._just_broken = self._just_broken and not (item.text or "").strip()
            elif item.tag == qn("w:noBreakHyphen"):
                pieces.append("-")
            elif item.tag == qn("w:lastRenderedPageBreak") or item.get(qn("w:type")) == "page":
                self._break_first = self._break_first or not "".join(pieces).strip()
                self._turn()
            else:
                pieces.append(" ")
        return " ".join("".join(pieces).split())

    def _block(self, paragraph: Any, text: str, page: int) -> Block:
        properties = paragraph.find(qn("w:pPr"))
        style_name, level = "", None
        numbering = None
        if properties is not None:
            numbering = properties.find(qn("w:numPr"))
            style = properties.find(qn("w:pStyle"))
            outline = properties.find(qn("w:outlineLvl"))
            if outline is not None:
                level = int(outline.get(qn("w:val"), "9")) + 1
            chain = self._styles.get(style.get(qn("w:val"))) if style is not None else None
            for _ in range(10):  # a style may be based on itself in a broken file
                if chain is None:
                    break
                style_name = style_name or str(chain.name or "")
                found = _HEADING.search(str(chain.name or ""))
                level = level or (int(found.group(1)) if found else None)
                if numbering is None and chain.element.pPr is not None:
                    numbering = chain.element.pPr.find(qn("w:numPr"))
                chain = chain.base_style
        if style_name.casefold() in ("title", "titre"):
            return Block("heading", text, page, 1)
        if level is not None and level < 9:
            return Block("heading", text, page, level)
        if numbering is not None and (listed := self._listed(numbering, text, page)) is not None:
            return listed
        block = block_of(text, page)
        if (
            block.kind == "paragraph" and len(text) <= PLAIN_STYLE_CHARACTERS
            and not text.endswith((".", ";", ",")) and _all_bold(paragraph)
        ):  # fmt: skip
            return Block("heading", text, page, 8)
        return block

    def _listed(self, numbering: Any, text: str, page: int) -> Block | None:
        number, depth = numbering.find(qn("w:numId")), numbering.find(qn("w:ilvl"))
        list_id = number.get(qn("w:val"), "0") if number is not None else "0"
        level = int(depth.get(qn("w:val"), "0")) if depth is not None else 0
        if list_id == "0":
            return None
        kind, first = self._formats.get((list_id, level), ("bullet", 1))
        if kind in ("bullet", "none"):
            return Block("bullet", text, page)
        key = (list_id, level)
        self._counts[key] = self._counts.get(key, first - 1) + 1
        for other in list(self._counts):
            if other[0] == list_id and other[1] > level:
                del self._counts[other]  # deeper levels begin anew
        return Block("step", text, page, self._counts[key])

    def _table(self, table: Any) -> None:
        rows: list[tuple[str, ...]] = []
        start = self.page
        cells: list[Any] = []
        for row in table.iterchildren(qn("w:tr"), qn("w:sdt")):
            texts: list[str] = []
            for cell in row.iterchildren(qn("w:tc")):
                cells.append(cell)
                properties = cell.find(qn("w:tcPr"))
                span, merged = 1, False
                if properties is not None:
                    wide = properties.find(qn("w:gridSpan"))
                    span = min(int(wide.get(qn("w:val"), "1")), 100) if wide is not None else 1
                    down = properties.find(qn("w:vMerge"))
                    merged = down is not None and down.get(qn("w:val")) != "restart"
                words = [] if merged else [self._text(p) for p in cell.iter(qn("w:p"))]
                texts += ["\n".join(filter(None, words)), *[""] * (span - 1)]
                self._cells += span
            if self._cells > MAX_CELLS:
                raise DocumentError(
                    f"{self._path.name} compte trop de cellules ; "
                    "partagez-le en plusieurs fichiers."
                )
            rows.append(tuple(texts))
        if len(cells) == 1:  # a frame around text
            for element in _elements(cells[0]):
                self.read(element) if element.tag == qn("w:p") else self._table(element)
            return
        width = max(map(len, rows), default=0)
        if width == 1:
            found = [block_of(" ".join(row[0].split()), start) for row in rows if row and row[0]]
        else:
            found = blocks_of_rows(rows, start, level=7)
        for block in found:
            self._add(block)


def _inside(item: Any, paragraph: Any) -> bool:
    """Whether an item of a paragraph stands in a text box or in a second rendering of one."""
    for parent in item.iterancestors():
        if parent is paragraph:
            return False
        if parent.tag in (_BOX, _FALLBACK):
            return True
    return False


def _all_bold(paragraph: Any) -> bool:
    runs = [r for r in paragraph.iter(qn("w:r")) if any((t.text or "").strip()
            for t in r.iter(qn("w:t")))]  # fmt: skip
    marks = [r.find(f"{qn('w:rPr')}/{qn('w:b')}") for r in runs]
    return bool(marks) and all(
        mark is not None and mark.get(qn("w:val"), "1") not in ("0", "false") for mark in marks
    )


def _list_formats(opened: Any) -> dict[tuple[str, int], tuple[str, int]]:
    """Format ("decimal", "bullet"…) and first number of each level of each list."""
    try:
        root = opened.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return {}
    abstract: dict[str, dict[int, tuple[str, int]]] = {}
    for definition in root.iter(qn("w:abstractNum")):
        levels = {}
        for level in definition.iter(qn("w:lvl")):
            kind, start = level.find(qn("w:numFmt")), level.find(qn("w:start"))
            levels[int(level.get(qn("w:ilvl"), "0"))] = (
                kind.get(qn("w:val"), "decimal") if kind is not None else "decimal",
                int(start.get(qn("w:val"), "1")) if start is not None else 1,
            )
        abstract[definition.get(qn("w:abstractNumId"), "")] = levels
    formats = {}
    for number in root.iter(qn("w:num")):
        link = number.find(qn("w:abstractNumId"))
        if link is not None:
            for depth, found in abstract.get(link.get(qn("w:val"), ""), {}).items():
                formats[(number.get(qn("w:numId"), ""), depth)] = found
    return formats


def _title(opened: Any, blocks: list[Block], path: Path) -> str:
    heading = next((b.text for b in blocks if b.kind == "heading"), "")
    said = str(opened.core_properties.title or "").strip()
    return said or heading or title_from_name(path)
