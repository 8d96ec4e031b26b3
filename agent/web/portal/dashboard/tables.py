"""Tables of the dashboard as one piece of HTML each: hundreds of elements would hold up calls."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from nicegui import ui

from agent.web.portal.dashboard.shapes import HOURS, Hours
from agent.web.portal.dashboard.sheets import Sheet, Value, weekday_name
from agent.web.portal.words import number, t

NONE = "—"


def sheet_table(sheet: Sheet, links: Mapping[int, str] | None = None) -> ui.html:
    """A table that becomes a list of cards on a narrow screen.

    Args:
        sheet: What it shows.
        links: Where the first cell of a row leads, by the row's place.
    """
    head = "".join(f"<th scope='col'>{escape(one)}</th>" for one in sheet.headings)
    body = "".join(_row(sheet, index, (links or {}).get(index)) for index in range(len(sheet.rows)))
    return ui.html(
        f"<table class='grid'><caption>{escape(sheet.title)}</caption><thead><tr>{head}</tr>"
        f"</thead><tbody>{body}</tbody></table>",
        sanitize=False,
    )


def _row(sheet: Sheet, index: int, to: str | None) -> str:
    cells = []
    for place, (heading, value) in enumerate(zip(sheet.headings, sheet.rows[index], strict=True)):
        text = escape(_text(value))
        if not place:
            linked = f"<a href='{escape(to)}'>{text}</a>" if to else text
            cells.append(f"<th scope='row'>{linked}</th>")
        else:
            cells.append(f"<td data-label='{escape(heading)}'>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _text(value: Value) -> str:
    if value is None:
        return NONE
    return value if isinstance(value, str) else number(value)


def week_grid(sheet: Sheet, hours: Hours) -> ui.html:
    """Calls of each hour of the week; the more there are the darker, staffed hours are framed."""
    most = max(1, *(max(day) for day in hours.week))
    head = "".join(f"<th scope='col'>{hour}</th>" for hour in range(HOURS))
    present, rows = f"<span class='sr'>{escape(_present())}</span>", []
    for weekday, counts in enumerate(hours.week):
        cells = []
        for hour, count in enumerate(counts):
            is_staffed = hours.staffed is not None and hours.staffed[weekday][hour]
            depth = 0 if not count else 1 + (3 * count - 1) // most
            told = present if is_staffed else ""
            classes = f"depth{depth}{' staffed' if is_staffed else ''}"
            cells.append(f"<td class='{classes}'>{count or ''}{told}</td>")
        rows.append(
            f"<tr><th scope='row'>{escape(weekday_name(weekday))}</th>{''.join(cells)}</tr>"
        )
    return ui.html(
        f"<div class='wide' role='region' tabindex='0' aria-label='{escape(sheet.title)}'>"
        f"<table class='hour-week'><caption>{escape(sheet.title)}</caption><thead><tr>"
        f"<th scope='col'>{escape(t('Jour'))}</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>",
        sanitize=False,
    )


def _present() -> str:
    return t("équipe présente")
