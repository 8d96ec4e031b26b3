"""PDF -> document: what stands on each page, from its text layer or, on scans, by recognition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.pdftypes import resolve1
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.documents import Document
from knowledge.documents.assemble import document_of
from knowledge.documents.limits import MAX_PAGES
from knowledge.documents.ocr import Recogniser, RecognitionMissingError
from knowledge.documents.problems import ProblemKind, gathered
from knowledge.documents.words import (
    Box,
    Content,
    Rule,
    Table,
    Word,
    join_lines,
    joined,
    settle_marks,
)
from knowledge.errors import DocumentError

_UNNAMED = re.compile(r"\(cid:(\d+)\)")
_BULLET_GLYPHS = ("127", "149")
"""Codes under which the usual encodings of text have a bullet."""

MAX_PAGE_BYTES = 6_000_000
"""Drawing instructions of a page, unpacked: a detailed exploded view takes a tenth of it."""

MAX_PAGE_CHARACTERS = 60_000
MAX_PAGE_SHAPES = 40_000
MAX_GRID_EDGES = 4_000
"""Lines of a page above which it holds a drawing rather than tables."""

FEWEST_CHARACTERS = 20
"""A page with fewer, and a picture over it, is a scan."""

SCAN_SHARE = 0.4
"""Share of the page that a scan's pictures cover."""

RULE_PT = 2.6
"""Thickest rule, points: what is higher is a filled box."""

BULLET_PT = 5.0
"""Largest bullet that is drawn, points."""

FEWEST_CELLS_FILLED = 0.35
"""Share of a grid's cells that hold text, below which it is a drawing."""

_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)

Progress = Callable[[int, int], None]


def read_pdf(path: Path, progress: Progress | None = None) -> Document:
    """Read a PDF, its scanned pages by text recognition.

    Raises:
        DocumentError: The file is missing, encrypted, damaged, no PDF, too long, holds no text,
            or nothing but scanned pages where no text recognition is installed.
    """
    if not path.is_file():
        raise DocumentError(f"Il n'y a pas de fichier {path} ; vérifiez le nom.")
    report = progress or (lambda done, total: None)
    damaged = f"{path.name} n'est pas un PDF lisible ; exportez-le de nouveau."
    total = _count(path)
    if total > MAX_PAGES:
        raise DocumentError(
            f"{path.name} compte plus de {MAX_PAGES} pages ; partagez-le en plusieurs fichiers."
        )
    seen = _Seen()
    try:
        document = document_of(_contents(path, total, report, seen), path)
    except PdfminerException as error:
        if isinstance(error.args[0] if error.args else None, PDFPasswordIncorrect):
            raise DocumentError(
                f"{path.name} est protégé par un mot de passe ; enregistrez-le sans protection."
            ) from error
        raise DocumentError(damaged) from error
    except (PDFSyntaxError, ValueError, KeyError, TypeError, OSError, AttributeError,
            IndexError, AssertionError, RecursionError) as error:  # fmt: skip
        raise DocumentError(damaged) from error
    if not seen.text:
        raise seen.missing or DocumentError(
            f"{path.name} ne contient pas de texte (pages numérisées ?) ; "
            "fournissez un PDF avec du texte."
        )
    return replace(document, problems=gathered(seen.noticed))


class _Seen:
    """What was noticed while the pages were read.

    Attributes:
        text: Any page held anything.
        noticed: What is to be said of pages.
        missing: Why scanned pages were not read.
    """

    def __init__(self) -> None:
        self.text = False
        self.noticed: list[tuple[ProblemKind, int, str]] = []
        self.missing: DocumentError | None = None


def _count(path: Path) -> int:
    """Pages of a file, 0 where pdfium cannot open it and the other parser will say why."""
    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return 0
    try:
        return len(pdf)
    finally:
        pdf.close()


def _contents(path: Path, total: int, report: Progress, seen: _Seen) -> Iterator[Content]:
    number = 0

    def beat() -> None:
        report(number, total)

    with pdfplumber.open(path) as pdf, Recogniser(path, beat) as recogniser:
        pages = pdf.pages
        total = max(total, len(pages))
        for number, page in enumerate(pages):
            beat()
            if _is_heavy(page):
                raise DocumentError(
                    f"La page {number + 1} de {path.name} est trop chargée ; simplifiez-la ou "
                    "retirez-la, puis exportez le fichier de nouveau."
                )
            content = _content(page)
            if _is_scan(page, content):
                content = _recognised(recogniser, number, content, seen)
            elif page.images and not content.words and not content.tables:
                seen.noticed.append(("picture", number + 1, ""))
            seen.text = seen.text or bool(content.words or content.tables)
            yield content
            page.close()  # pdfplumber keeps every character of every page otherwise
            with suppress(AttributeError):
                pdf.doc._cached_objs.clear()  # and pdfminer the data of every picture
        report(total, total)


def _recognised(recogniser: Recogniser, number: int, content: Content, seen: _Seen) -> Content:
    """A scanned page's content, as far as it can be recognised; what came of it is noticed."""
    try:
        found = recogniser.read(number) or content
    except RecognitionMissingError as error:
        seen.missing = error
        seen.noticed.append(("unread_scan", number + 1, ""))
        return content
    kind: ProblemKind = "recognised" if found.words or found.tables else "picture"
    seen.noticed.append((kind, number + 1, ""))
    return found


def _is_heavy(page: Any) -> bool:
    """Whether a page holds more than any page of a manual; told before most of it is parsed."""
    unpacked = 0
    for stream in page.page_obj.contents:
        unpacked += len(resolve1(stream).get_data())
        if unpacked > MAX_PAGE_BYTES:
            return True
    shapes = len(page.rects) + len(page.lines) + len(page.curves)
    return len(page.chars) > MAX_PAGE_CHARACTERS or shapes > MAX_PAGE_SHAPES


def _content(page: Any) -> Content:
    tables, boxes = _grids(page)

    def outside(item: dict[str, Any]) -> bool:
        middle_x, middle_y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
        return not any(x0 <= middle_x <= x1 and t <= middle_y <= b for x0, t, x1, b in boxes)

    words = [
        Word(
            text, float(w["x0"]), float(w["x1"]), float(w["top"]), float(w["bottom"]),
            float(w["size"]), _stands_out(w),
        )
        for w in page.extract_words(
            extra_attrs=["size", "fontname", "non_stroking_color"], x_tolerance_ratio=0.17,
            use_text_flow=False, keep_blank_chars=False,
        )
        if outside(w) and (text := _readable(w["text"]))
    ]  # fmt: skip
    dots = [
        _box(shape) for shape in (*page.curves, *page.rects)
        if shape.get("fill") and 1 < float(shape["width"]) < BULLET_PT
        and 1 < float(shape["height"]) < BULLET_PT
    ]  # fmt: skip
    return Content(
        page.page_number, float(page.width), float(page.height),
        tuple(settle_marks(joined(words), dots[:200])), tuple(_rules(page)), tuple(_boxes(page)),
        tuple(tables),
    )  # fmt: skip


def _grids(page: Any) -> tuple[list[Table], list[tuple[float, float, float, float]]]:
    """Fully ruled tables, and the boxes of their cells' area."""
    if not 4 <= len(page.edges) <= MAX_GRID_EDGES:
        return [], []
    tables, boxes = [], []
    known: frozenset[str] = frozenset()
    for found in page.find_tables():
        rows = tuple(
            tuple(_cell(cell or "", known) for cell in row)
            for row in found.extract(x_tolerance_ratio=0.17)
        )
        filled = sum(bool(cell) for row in rows for cell in row)
        if (
            len(rows) < 2 or len(rows[0]) < 2
            or filled < FEWEST_CELLS_FILLED * len(rows) * len(rows[0])
            or sum(sum(map(bool, row)) > 1 for row in rows) < 2
        ):  # fmt: skip
            continue
        boxes.append(found.bbox)
        x0, top, x1, bottom = (float(edge) for edge in found.bbox)
        lefts = tuple(sorted({round(float(cell[0])) for cell in found.cells}))
        edges = tuple(float(edge) for edge in lefts)
        tables.append(Table(x0, top, x1, bottom, rows, False, edges))
    return tables, boxes


def _cell(text: str, known: frozenset[str]) -> str:
    return join_lines([" ".join(_readable(line).split()) for line in text.split("\n")], known)


def _readable(text: str) -> str:
    """A word without glyphs that the file does not name: pdfminer writes « (cid:127) ».

    One that stands alone stays, for it may be a bullet.
    """
    named = _UNNAMED.sub(lambda glyph: "•" if glyph[1] in _BULLET_GLYPHS else glyph[0], text)
    return named if _UNNAMED.fullmatch(named) else _UNNAMED.sub("", named)


def _stands_out(word: dict[str, Any]) -> bool:
    """Whether a word is bold, or in a colour."""
    return (
        bool(_BOLD.search(str(word["fontname"]))) or _chroma(word.get("non_stroking_color")) > 0.25
    )


def _rgb(colour: Any) -> tuple[float, float, float]:
    values = colour if isinstance(colour, (tuple, list)) else (colour,)
    numbers = [float(v) for v in values if isinstance(v, (int, float))]
    if len(numbers) == 3:
        return numbers[0], numbers[1], numbers[2]
    if len(numbers) == 4:
        c, m, y, k = numbers
        return (1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)
    return (numbers[0],) * 3 if len(numbers) == 1 else (0.0, 0.0, 0.0)


def _chroma(colour: Any) -> float:
    rgb = _rgb(colour)
    return max(rgb) - min(rgb)


def _box(shape: dict[str, Any], *, warm: bool = False) -> Box:
    return Box(
        float(shape["x0"]), float(shape["top"]), float(shape["x1"]), float(shape["bottom"]), warm
    )


def _rules(page: Any) -> Iterator[Rule]:
    for line in page.lines:
        if abs(float(line["top"]) - float(line["bottom"])) < 1 and float(line["width"]) > 8:
            yield Rule(float(line["x0"]), float(line["x1"]), float(line["top"]))
    for rect in page.rects:
        x0, x1 = float(rect["x0"]), float(rect["x1"])
        top, bottom = float(rect["top"]), float(rect["bottom"])
        if x1 - x0 < 8:
            continue
        if bottom - top <= RULE_PT:
            yield Rule(x0, x1, (top + bottom) / 2)
        elif bottom - top < 0.5 * float(page.height):
            yield Rule(x0, x1, top)
            yield Rule(x0, x1, bottom)


def _boxes(page: Any) -> Iterator[Box]:
    """Filled areas that can hold a warning: not the page, no stripe of a table, no button."""
    area = float(page.width) * float(page.height)
    for rect in (*page.rects, *page.curves):
        wide, high = float(rect["width"]), float(rect["height"])
        if not rect.get("fill") or wide < 60 or high < 14 or wide * high > 0.4 * area:
            continue
        red, green, blue = _rgb(rect.get("non_stroking_color"))
        if red + green + blue > 2.97:
            continue  # white
        yield _box(rect, warm=red - blue > 0.04 and red >= green and red > 0.5)


def _is_scan(page: Any, content: Content) -> bool:
    letters = sum(len(word.text) for word in content.words)
    unmapped = sum(bool(_UNNAMED.fullmatch(_readable(char["text"]))) for char in page.chars)
    if content.tables or (letters >= FEWEST_CHARACTERS and unmapped < 0.3 * len(content.words)):
        return False
    covered = sum(float(i["width"]) * float(i["height"]) for i in page.images)
    return unmapped > 30 or covered > SCAN_SHARE * float(page.width) * float(page.height)
