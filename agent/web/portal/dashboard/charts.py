"""The dashboard's figures as plots (Apache ECharts' options). Pure.

Series differ by pattern as well as by colour; what they show stands beside them as text too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.store.figures import MARKS
from agent.web.portal.dashboard.shapes import HOURS
from agent.web.portal.dashboard.sheets import (
    KINDS,
    Seen,
    kind_name,
    length_classes,
    short_day,
)
from agent.web.portal.words import t

Options = dict[str, Any]

GREEN, AMBER, GREY = "#14624c", "#c77700", "#6d7673"
SHADE = "rgba(20, 98, 76, 0.10)"
LABEL_WIDTH = 130
"""Pixels of a name beside a bar; the table has it whole."""


def charts_of(seen: Seen) -> dict[str, Options]:
    """A plot for each table that has one, by the table's name."""
    figures = seen.now.figures
    return {
        "heures": _hours(seen),
        "jours": _days(seen),
        "issues": _compared(
            [kind_name(kind) for kind in KINDS],
            [figures.kinds.get(kind, 0) for kind in KINDS],
            None if seen.before is None else
            [seen.before.figures.kinds.get(kind, 0) for kind in KINDS],
            across=True,
        ),
        "durees": _compared(
            [name for name, _ in length_classes(figures)],
            [count for _, count in length_classes(figures)],
            None if seen.before is None else
            [count for _, count in length_classes(seen.before.figures)],
            across=True,
        ),
        "notes": _compared(
            [str(mark) for mark in MARKS],
            [figures.marks.counts[mark] for mark in MARKS],
            None if seen.before is None else
            [seen.before.figures.marks.counts[mark] for mark in MARKS],
        ),
        "appareils": _ranked(figures.products),
        "codes": _ranked(figures.codes),
        "pages": _ranked(
            [(t("p. {page}, {manual}", page=one.page, manual=one.manual), one.count)
             for one in figures.pages]
        ),
    }  # fmt: skip


def _plot(**options: Any) -> Options:
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"enabled": False}, "decal": {"show": True}},
        "textStyle": {"fontFamily": "system-ui, sans-serif", "fontSize": 12},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "grid": {"left": 8, "right": 16, "top": 40, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 22},
        **options,
    }


def _counts() -> Options:
    """An axis of whole numbers."""
    return {"type": "value", "minInterval": 1, "splitLine": {"lineStyle": {"color": "#e4e2da"}}}


def _bars(name: str, data: Sequence[int], colour: str, **more: Any) -> Options:
    return {"name": name, "type": "bar", "data": list(data), "itemStyle": {"color": colour}, **more}


def _hours(seen: Seen) -> Options:
    hours = seen.now.hours
    within = _bars(t("Pendant les horaires"), hours.within, GREEN, stack="calls")
    outside = _bars(t("En dehors"), hours.outside, AMBER, stack="calls")
    if hours.staffed is not None:
        # Shaded: hours that are staffed on most weekdays.
        times = [sum(day[hour] for day in hours.staffed[:5]) for hour in range(HOURS)]
        bands = _bands([count >= 3 for count in times])
        within["markArea"] = {
            "silent": True,
            "itemStyle": {"color": SHADE},
            "data": [[{"xAxis": begin}, {"xAxis": end}] for begin, end in bands],
        }
    labels = [t("{hour} h", hour=hour) for hour in range(HOURS)]
    axis = {"type": "category", "data": labels, "axisTick": {"alignWithLabel": True}}
    return _plot(xAxis=axis, yAxis=_counts(), series=[within, outside])


def _bands(marked: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last of each run that is marked."""
    bands: list[tuple[int, int]] = []
    for place, is_marked in enumerate(marked):
        if is_marked and bands and bands[-1][1] == place - 1:
            bands[-1] = bands[-1][0], place
        elif is_marked:
            bands.append((place, place))
    return bands


def _days(seen: Seen) -> Options:
    now, before = seen.now, seen.before
    lines = [_line(t("Période"), list(now.days.values()), GREEN, "solid", "circle")]
    if before is not None:
        other = list(before.days.values())[: len(now.days)]
        lines.append(_line(t("Avant"), other, GREY, "dashed", "emptyTriangle"))
    axis = {"type": "category", "data": [short_day(day) for day in now.days], "boundaryGap": False}
    return _plot(xAxis=axis, yAxis=_counts(), series=lines, tooltip={"trigger": "axis"})


def _line(name: str, data: list[int], colour: str, kind: str, symbol: str) -> Options:
    return {
        "name": name, "type": "line", "data": data, "symbol": symbol, "symbolSize": 6,
        "showSymbol": len(data) <= 31, "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "type": kind, "width": 2},
    }  # fmt: skip


def _compared(
    names: Sequence[str], now: Sequence[int], before: Sequence[int] | None, *, across: bool = False
) -> Options:
    """Bars of both periods beside one another; `across`: they lie."""
    label = {"show": True, "position": "right" if across else "top"}
    series = [_bars(t("Période"), now, GREEN, label=label)]
    if before is not None:
        series.append(_bars(t("Avant"), before, GREY))
    category: Options = {"type": "category", "data": list(names)}
    if across:
        category |= {"inverse": True, "axisLabel": _broken(110)}
        grid = {"left": 8, "right": 44, "top": 40, "bottom": 8, "containLabel": True}
        return _plot(xAxis=_counts() | {"show": False}, yAxis=category, series=series, grid=grid)
    category["axisLabel"] = _broken(46)
    return _plot(xAxis=category, yAxis=_counts(), series=series)


def _broken(width: int) -> Options:
    """Labels of several lines, so many pixels wide."""
    return {"interval": 0, "width": width, "overflow": "break", "lineHeight": 14, "fontSize": 11}


def _ranked(found: Sequence[tuple[str, int]]) -> Options:
    """Lying bars, the longest on top."""
    names = [name for name, _ in found]
    bars = _bars(t("Appels"), [count for _, count in found], GREEN,
                 label={"show": True, "position": "right"}, barMaxWidth=22)  # fmt: skip
    label = {"width": LABEL_WIDTH, "overflow": "truncate", "interval": 0}
    category = {"type": "category", "inverse": True, "data": names, "axisLabel": label}
    grid = {"left": 8, "right": 40, "top": 8, "bottom": 8, "containLabel": True}
    return _plot(
        xAxis=_counts() | {"show": False},
        yAxis=category,
        series=[bars],
        grid=grid,
        legend={"show": False},
    )
