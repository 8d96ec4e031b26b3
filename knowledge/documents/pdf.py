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
from knowledge.documents.layout import Line, blocks_of, lines_of
from knowledge.documents.language import language_of
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
        raise DocumentError(f"{path.name} n'est pas un PDF lisible ; exportez-le de nouveau.") from (
            error
        )
    except (PDFSyntaxError, ValueError, KeyError, TypeError, OSError) as error:
        raise DocumentError(
            f"{path.name} n'est pas un PDF lisible ; exportez-le de nouveau."
        ) from error
    if not any(lines for lines, _ in raw):
        raise DocumentError(
            f"{path.name} ne contient pas de texte (pages numérisées ?) ; "
            "fournissez un PDF avec du texte."
        )
    return _document([lines for lines, _ in raw], [tables for _, tables in raw], path)


def _raw_page(page: Any) -> tuple[list[Line], list[tuple[float, Block]]]:
    """Lines outside tables, and tables with their top, of a pdfplumber page."""
    tables, boxes = [], []
    for found in page.find_tables():
        rows = tuple(
            tuple(" ".join((cell or "").split()) for cell in row) for row in found.extract()
        )
        if len(rows) > 1 and len(rows[0]) > 1:
            boxes.append(found.bbox)
            text = "\n".join(" | ".join(row) for row in rows)
            tables.append((found.bbox[1], Block("table", text, page.page_number, 0, rows)))

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
    lines = lines_of(words, float(page.width), float(page.height))
    page.close()  # pdfplumber keeps every character of every page otherwise
    return lines, tables


def _document(
    pages: list[list[Line]], tables: list[list[tuple[float, Block]]], path: Path
) -> Document:
    repeated = _repeated_margins(pages)
    kept = [
        [line for line in lines if not (line.in_margin(MARGIN) and line.shape in repeated)]
        for lines in pages
    ]
    sizes: Counter[float] = Counter()
    for lines in kept:
        for line in lines:
            sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    # Sizes that set a good many lines are text of some kind; larger ones are headings.
    headings = sorted((size for size in sizes if size >= body * 1.12), reverse=True)
    built = []
    for number, (lines, page_tables) in enumerate(zip(kept, tables, strict=True), start=1):
        blocks = blocks_of(lines, page_tables, number, body, headings)
        text = " ".join(block.text for block in blocks)
        built.append(Page(number, language_of(text), tuple(blocks)))
    return Document(_title(kept, path), tuple(built))


def _repeated_margins(pages: list[list[Line]]) -> set[str]:
    shapes: Counter[str] = Counter()
    for lines in pages:
        shapes.update({line.shape for line in lines if line.in_margin(MARGIN)})
    # A header may name the section: what starts alike counts together.
    starts = Counter({shape: count for shape, count in shapes.items()})
    heads: Counter[str] = Counter()
    for shape, count in shapes.items():
        heads[shape[:12]] += count
    limit = max(2, REPEATED_SHARE * len(pages))
    return {s for s in starts if starts[s] >= limit or heads[s[:12]] >= limit}


def _title(pages: list[list[Line]], path: Path) -> str:
    first = next((lines for lines in pages if lines), [])
    largest = sorted(first, key=lambda line: -line.size)[:3]
    title = " ".join(line.text for line in sorted(largest, key=lambda line: line.top))
    return title or path.stem
