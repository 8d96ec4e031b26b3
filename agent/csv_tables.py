"""Tables for a French Excel: UTF-8 with its mark, semicolons, CRLF, no cell that is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet may take for a formula:
https://owasp.org/www-community/attacks/CSV_Injection"""

_NUMBER = re.compile(r"\+[0-9][0-9 -]*")


def table_as_csv(rows: Iterable[Iterable[Cell]]) -> bytes:
    """The content of a file, a line for each row; None is an empty cell."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        lines.writerow(harmless(cell) if isinstance(cell, str) else cell for cell in row)
    return out.getvalue().encode("utf-8-sig", "replace")


def harmless(text: str) -> str:
    """A text that is shown as it is, whatever a caller said; telephone numbers stay as they are."""
    if text.startswith(_FORMULA) and _NUMBER.fullmatch(text) is None:
        return f"'{text}"
    return text


def as_written(cell: str) -> str:
    """A text as it was before `harmless`."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell
