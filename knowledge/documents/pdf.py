"""PDF -> document: reading order over one or two columns, headings by size, real tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.documents import Block, Document, Page
from knowledge.documents.language import language_of
from knowledge.documents.layout import Line, blocks_of, lines_of
from knowledge.errors import DocumentError

MARGIN = 0.07
"""Share of the page's height in which running headers and footers stand."""

REPEATED_SHARE = 0.5
"""A margin line that stands on more than this share of the pages, digits aside, is no content."""


def read_pdf(path: Path) -> Document:
    """Read a PDF with a text layer.

    Raises:
        DocumentError: The file is missing, encrypted, damaged, no PDF, or holds no text.
    """
    if not path.is_file():
        raise DocumentError(f"Il n'y a pas de fichier {path} ; vérifiez le nom.")
    try:
        with pdfplumber.open(path) as pdf:
            raw = [_raw_page(page) for page in pdf.pages]
    except PdfminerException as error:
        if isinstance(error.args[0] if error.args else None, PDFPasswordIncorrect):
            raise DocumentError(
                f"{path.name} est protégé par un mot de passe ; enregistrez-le sans protection."
            ) from error
        raise DocumentError(
            f"{path.name} n'est pas un PDF lisible ; exportez-le de nouveau."
        ) from (error)
    except (PDFSyntaxError, ValueError, KeyError, TypeError, OSError) as error:
        raise DocumentError(
            f"{path.name} n'est pas un PDF lisible ; exportez-le de nouveau."
        ) from error
    if not any(raw):
        raise DocumentError(
            f"{path.name} ne contient pas de texte (pages numérisées ?) ; "
            "fournissez un PDF avec du texte."
        )
    return _document(raw, path)


def _raw_page(page: Any) -> list[Line]:
    """The lines of a pdfplumber page, its tables among them, in reading order."""
    tables: list[Line] = []
    boxes: list[tuple[float, float, float, float]] = []
    height = float(page.height)
    for found in page.find_tables():
        rows = tuple(
            tuple(" ".join((cell or "").split()) for cell in row) for row in found.extract()
        )
        if len(rows) > 1 and len(rows[0]) > 1:
            boxes.append(found.bbox)
            text = "\n".join(" | ".join(row) for row in rows)
            block = Block("table", text, page.page_number, 0, rows)
            x0, top, x1, bottom = found.bbox
            tables.append(Line("", top, bottom, x0, x1, 0.0, False, height, block))

    def outside(item: dict[str, Any]) -> bool:
        middle_x, middle_y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
        return not any(x0 <= middle_x <= x1 and t <= middle_y <= b for x0, t, x1, b in boxes)

    words = [
        word
        for word in page.extract_words(
            extra_attrs=["size", "fontname"], use_text_flow=False, keep_blank_chars=False
        )
        if outside(word)
    ]
    lines = lines_of(words, float(page.width), height, tables)
    page.close()  # pdfplumber keeps every character of every page otherwise
    return lines


def _document(pages: list[list[Line]], path: Path) -> Document:
    repeated = _repeated_margins(pages)
    kept = [_without_margins(lines, repeated) for lines in pages]
    sizes: Counter[float] = Counter()
    for lines in kept:
        for line in lines:
            if line.table is None:
                sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    # Sizes that set a good many lines are text of some kind; larger ones are headings.
    headings = sorted((size for size in sizes if size >= body * 1.12), reverse=True)
    built = []
    for number, lines in enumerate(kept, start=1):
        blocks = blocks_of(lines, number, body, headings)
        text = " ".join(block.text for block in blocks)
        built.append(Page(number, language_of(text), tuple(blocks)))
    return Document(_title(kept, path), tuple(built))


def _repeated_margins(pages: list[list[Line]]) -> set[str]:
    """Shapes of the running lines."""
    shapes: Counter[str] = Counter()
    heads: Counter[str] = Counter()  # a header may name the section: its beginning counts
    for lines in pages:
        here = {line.shape for line in lines if _marginal(line)}
        shapes.update(here)
        heads.update({shape[:12] for shape in here})
    limit = max(2, REPEATED_SHARE * len(pages))
    return {s for s in shapes if shapes[s] >= limit or heads[s[:12]] >= limit}


def _without_margins(lines: list[Line], repeated: set[str]) -> list[Line]:
    """A page's lines but for its running ones.

    On a page of two columns, a running line comes in two pieces, one on each side: a piece goes
    where a running line begins with it, and takes what stands on its level along.
    """
    levels = [
        line.bottom
        for line in lines
        if _marginal(line) and any(shape.startswith(line.shape) for shape in repeated)
    ]
    return [
        line
        for line in lines
        if not (_marginal(line) and any(abs(line.bottom - level) < 1.0 for level in levels))
    ]


def _marginal(line: Line) -> bool:
    return line.table is None and line.in_margin(MARGIN)


def _title(pages: list[list[Line]], path: Path) -> str:
    texts = [[line for line in lines if line.table is None] for lines in pages]
    first = next((lines for lines in texts if lines), [])
    largest = sorted(first, key=lambda line: -line.size)[:3]
    title = " ".join(line.text for line in sorted(largest, key=lambda line: line.top))
    return title or path.stem
