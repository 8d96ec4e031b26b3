"""XLSX and CSV -> document: one page a sheet, the header of each table found below its titles."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl

from knowledge.documents import Block, Document, Page
from knowledge.documents.language import language_of
from knowledge.documents.limits import MAX_CELLS, MAX_CHARACTERS, MAX_LINE
from knowledge.documents.tables import blocks_of_rows
from knowledge.documents.text import check_lines, one_page, read_file, title_from_name
from knowledge.errors import DocumentError

MAX_COLUMNS = 100
DELIMITERS = ";,\t|"
MAX_SHEETS = 200

_GENERIC_NAME = re.compile(r"(?:feuil(?:le)?|sheet|tabelle)\s?\d*", re.IGNORECASE)

Progress = Callable[[int, int], None]


def read_xlsx(path: Path, progress: Progress) -> Document:
    """Read a workbook: the pages are its visible sheets, by their number in the file.

    Raises:
        DocumentError: It holds too much, or nothing.
    """
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    sheets = book.worksheets
    if len(sheets) > MAX_SHEETS:
        raise DocumentError(f"{path.name} compte plus de {MAX_SHEETS} feuilles ; partagez-le.")
    pages, cells, characters, title = [], 0, 0, ""
    for number, sheet in enumerate(sheets, start=1):
        progress(number - 1, len(sheets))
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()  # what the file claims may be a million blank rows
        rows: list[list[str]] = []
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            texts = [_shown(cell) for cell in row]
            cells += len(texts) + 1
            characters += sum(map(len, texts))
            if cells > MAX_CELLS or characters > MAX_CHARACTERS:
                raise DocumentError(
                    f"{path.name} compte trop de cellules pour un manuel ; "
                    "partagez-le en plusieurs fichiers."
                )
            if len(rows) % 2_000 == 1_999:
                progress(number - 1, len(sheets))
            if any(texts) or (rows and any(rows[-1])):
                rows.append(texts)
        blocks = blocks_of_rows(rows, number)
        if blocks and not _GENERIC_NAME.fullmatch(sheet.title.strip()):
            blocks.insert(0, Block("heading", sheet.title.strip(), number, 1))
        words = " ".join(block.text for block in blocks)
        pages.append(Page(number, language_of(words), tuple(blocks)))
        title = title or next((b.text for b in blocks if b.kind == "heading" and b.level > 1), "")
    if not any(page.blocks for page in pages):
        raise DocumentError(f"{path.name} ne contient pas de texte ; fournissez le manuel entier.")
    return Document(_titled(title, path), tuple(pages))


def read_csv(path: Path, progress: Progress) -> Document:
    """Read a CSV file, whatever its encoding and delimiter.

    Raises:
        DocumentError: It holds too much, or nothing.
    """
    progress(0, 1)
    text = read_file(path)
    check_lines(path, text)
    csv.field_size_limit(MAX_LINE)
    rows: list[list[str]] = []
    cells = 0
    lines = csv.reader(StringIO(text.replace("\0", ""), newline=""), delimiter=_delimiter(text))
    for row in lines:
        cells += len(row) + 1
        if cells > MAX_CELLS:
            raise DocumentError(
                f"{path.name} compte trop de cellules pour un manuel ; "
                "partagez-le en plusieurs fichiers."
            )
        rows.append([cell.strip() for cell in row[:MAX_COLUMNS]])
    blocks = blocks_of_rows(rows, 1)
    title = next((b.text for b in blocks if b.kind == "heading"), "")
    return one_page(_titled(title, path), blocks, path)


def _titled(title: str, path: Path) -> str:
    """A table's own title with the file's name, which often holds the reference."""
    name = title_from_name(path)
    return f"{title} – {name}" if title else name


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into the same number of cells, most cells winning."""
    sample = [line for line in text[:100_000].splitlines() if line.strip()][:30]

    def score(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(sample, delimiter=delimiter)]
        wide = [count for count in counts if count > 1]
        usual = max(set(wide), key=wide.count, default=0)
        return wide.count(usual), usual

    return max(DELIMITERS, key=score)


def _shown(cell: Any) -> str:
    """A cell as the client sees it: decimal comma, percent, leading zeros, dates by day first."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, (int, float)):
        return _number(value, str(cell.number_format or ""))
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y" if value.time() == time() else "%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value).replace("_x000D_", " ").strip()


def _number(value: float, shown_as: str) -> str:
    percent = "%" in shown_as
    number = round(value * 100, 6) if percent else value
    whole = isinstance(number, int) or (abs(number) < 1e15 and float(number).is_integer())
    text = str(int(number)) if whole else f"{number:.10g}"
    if re.fullmatch(r"0{2,8}", shown_as) and text.isdigit():
        text = text.zfill(len(shown_as))  # code 05
    elif prefix := re.fullmatch(r'"([^"]{1,8})"(0+)', shown_as):
        text = prefix.group(1) + text.zfill(len(prefix.group(2)))  # code "E"00
    return text.replace(".", ",") + (" %" if percent else "")
