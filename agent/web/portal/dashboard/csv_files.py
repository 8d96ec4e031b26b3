"""The dashboard's tables as files for a French Excel: UTF-8 with its mark, semicolons, CRLF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from agent.ticket_csv import harmless
from agent.web.portal.dashboard.sheets import Sheet, Value


def sheets_as_csv(sheets: Iterable[Sheet]) -> bytes:
    """One table, or several below one another, each with its title."""
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=";", lineterminator="\r\n")
    several = list(sheets)
    for index, sheet in enumerate(several):
        if len(several) > 1:
            if index:
                lines.writerow([])
            lines.writerow([harmless(sheet.title)])
        lines.writerow(map(harmless, sheet.headings))
        lines.writerows(map(_cell, row) for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    # No-break spaces of numbers are ordinary ones here: a spreadsheet reads them so.
    text = str(value).replace("\u202f", " ").replace("\u00a0", " ")
    return harmless(text) if isinstance(value, str) else text
