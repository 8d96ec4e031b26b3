"""HTML -> document: headings, lists, tables and warnings by their tags, of one page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
from lxml.etree import LxmlError

from knowledge.documents import Block, Document
from knowledge.documents.limits import MAX_CELLS
from knowledge.documents.tables import blocks_of_rows
from knowledge.documents.text import block_of, decode, one_page, read_file, title_from_name
from knowledge.errors import DocumentError

MAX_HTML_CHARACTERS = 48_000_000
"""Pictures written into the page included."""

_DATA = re.compile(r"data:[\w/+.-]{1,60};base64,[\w+/=\s]*")
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,30})", re.IGNORECASE)
_SKIPPED = frozenset(
    "script style template noscript svg math nav iframe object head select textarea audio video "
    "canvas".split()
)
_INLINE = frozenset(
    "a abbr acronym b bdi big br button cite code data del dfn em font i img input ins kbd label "
    "mark picture q s samp small span strong sub sup time tt u var wbr".split()
)
_WARNING_CLASS = re.compile(r"warn|danger|attention|avertissement|caution|alert\b|securite")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")

Progress = Callable[[int, int], None]


def read_html(path: Path, progress: Progress) -> Document:
    """Read a web page.

    Raises:
        DocumentError: It is too large, or holds no text.
    """
    progress(0, 1)
    with path.open("rb") as file:
        declared = _CHARSET.search(file.read(4096))
    text = read_file(path, MAX_HTML_CHARACTERS)
    if declared is not None:
        name = declared.group(1).decode()
        try:
            text = path.read_bytes().decode(name)
        except (LookupError, UnicodeDecodeError):
            text = decode(path.read_bytes())
    blocks, title = blocks_of_html(text, path)
    return one_page(title or title_from_name(path), blocks, path)


def blocks_of_html(text: str, path: Path) -> tuple[list[Block], str]:
    """The blocks of a page and its title, "" where it has none.

    Raises:
        DocumentError: It is no HTML.
    """
    text = _DECLARED.sub("", _DATA.sub("", text).replace("\0", ""), count=1)
    if not text.strip():
        return [], ""
    try:
        root = lxml.html.document_fromstring(text)
    except (LxmlError, ValueError) as error:
        raise DocumentError(f"{path.name} n'est pas une page HTML lisible ; enregistrez-la de "
                            "nouveau.") from error  # fmt: skip
    body = root.find("body")
    blocks = list(_Walk(path).blocks(body if body is not None else root))
    named = " ".join((root.findtext("head/title") or "").split())
    first = next((b.text for b in blocks if b.kind == "heading"), "")
    return blocks, named or first


class _Walk:
    """Goes through the elements without recursion, however deep they are nested."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cells = 0

    def blocks(self, root: Any) -> Iterator[Block]:
        run: list[str] = []  # the inline text since the last block
        kind: list[Block | None] = [None]  # what the innermost list item or frame makes of it

        def flush() -> Iterator[Block]:
            text = " ".join("".join(run).split())
            run.clear()
            if text:
                shape = kind[-1]
                if shape is None:
                    yield block_of(text, 1)
                else:
                    yield Block(shape.kind, _unmarked(text), 1, shape.level)
                    if shape.kind == "step":
                        kind[-1] = None  # a second paragraph of the item is no second step

        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            element, leaving = stack.pop()
            tag = element.tag if isinstance(element.tag, str) else "!"
            if leaving:
                if tag not in _INLINE:
                    yield from flush()
                    kind.pop()
                else:
                    run.append(" " if tag in ("button", "label") else "")
                run.append(element.tail or "")
                continue
            if tag == "!" or tag in _SKIPPED or _is_hidden(element):
                run.append(element.tail or "")
                continue
            if tag == "br":
                run.append(" ")
            if tag not in _INLINE:
                yield from flush()
                if tag in ("table", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary", "caption"):
                    yield from self._whole(element, tag)
                    run.append(element.tail or "")
                    continue
                kind.append(_shape(element, tag, kind[-1]))
            run.append(element.text or "")
            stack.append((element, True))
            stack += [(child, False) for child in reversed(element)]
        yield from flush()

    def _whole(self, element: Any, tag: str) -> Iterator[Block]:
        if tag == "table":
            yield from self._table(element)
            return
        text = " ".join(element.text_content().split())
        if text:
            yield Block("heading", text, 1, int(tag[1]) if tag[0] == "h" else 6)

    def _table(self, table: Any) -> Iterator[Block]:
        rows = [tr for tr in table.iter("tr") if next(tr.iterancestors("table")) is table]
        taken: dict[tuple[int, int], bool] = {}
        grid: list[list[str]] = []
        for y, row in enumerate(rows):
            texts: list[str] = []
            for cell in row.iterchildren("td", "th"):
                while taken.pop((y, len(texts)), False):
                    texts.append("")
                wide, high = _span(cell, "colspan", 100), _span(cell, "rowspan", 200)
                for below in range(1, high):
                    for x in range(wide):
                        taken[(y + below, len(texts) + x)] = True
                texts += [_cell_text(cell), *[""] * (wide - 1)]
                self._cells += wide * high
                if self._cells > MAX_CELLS:
                    raise DocumentError(
                        f"{self._path.name} compte trop de cellules ; "
                        "partagez-le en plusieurs fichiers."
                    )
            grid.append(texts)
        caption = table.find("caption")
        if caption is not None and caption.text_content().strip():
            yield Block("paragraph", " ".join(caption.text_content().split()), 1)
        if max(map(len, grid), default=0) < 2 or (len(grid) == 1 and table.find(".//th") is None):
            for text in filter(None, (cell for row in grid for cell in row)):
                yield block_of(" ".join(text.split()), 1)  # a frame or a layout
        else:
            yield from blocks_of_rows(grid, 1, level=6)


def _shape(element: Any, tag: str, outer: Block | None) -> Block | None:
    """The kind of block that the text of an element becomes, None for what its words say."""
    if tag == "li":
        parent = element.getparent()
        if parent is not None and parent.tag == "ol":
            number = element.get("value") or ""
            before = sum(1 for _ in element.itersiblings("li", preceding=True))
            start = parent.get("start") or "1"
            first = int(start) if start.isdecimal() and len(start) < 4 else 1
            own = int(number) if number.isdecimal() and len(number) < 4 else first + before
            return Block("step", "", 1, own)
        return Block("bullet", "", 1)
    if _WARNING_CLASS.search((element.get("class") or "").casefold()[:200]):
        return Block("warning", "", 1)
    if outer is not None and outer.kind == "step":
        return outer
    return outer if outer is not None and tag in ("p", "div", "section") else None


def _unmarked(text: str) -> str:
    return re.sub(r"^[⚠⚡☠•▪–—-]\ufe0f?\s+", "", text)


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _span(cell: Any, name: str, most: int) -> int:
    value = cell.get(name) or "1"
    return max(1, min(int(value), most)) if value.isdecimal() and len(value) < 6 else 1


def _cell_text(cell: Any) -> str:
    """A cell's words, a line for each of its paragraphs, list items and line breaks."""
    pieces: list[str] = []
    for number, item in enumerate(cell.iter()):
        if not isinstance(item.tag, str) or item.tag in ("script", "style"):
            continue
        if number and item.tag in ("br", "p", "li", "div", "tr"):
            pieces.append("\n")
        pieces.append(item.text or "")
        if number:
            pieces.append(item.tail or "")
    return "".join(pieces)
