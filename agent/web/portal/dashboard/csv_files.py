"""The dashboard's tables as files."""

from __future__ import annotations

from collections.abc import Iterable

from agent.csv_tables import Cell, table_as_csv
from agent.web.portal.dashboard.sheets import Sheet, Value


def sheets_as_csv(sheets: Iterable[Sheet]) -> bytes:
    """One table, or several below one another, each with its title."""
    rows: list[Iterable[Cell]] = []
    several = list(sheets)
    for index, sheet in enumerate(several):
        if len(several) > 1:
            if index:
                rows.append([])
            rows.append([sheet.title])
        rows.append(sheet.headings)
        rows += [map(_cell, row) for row in sheet.rows]
    return table_as_csv(rows)


def _cell(value: Value) -> Cell:
    # No-break spaces of numbers are ordinary ones here: a spreadsheet reads them so.
    return value.replace("\u202f", " ").replace("\u00a0", " ") if isinstance(value, str) else value
