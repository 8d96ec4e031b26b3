"""A drawing of a week's hours, with the same in words beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from nicegui import ui

from agent.handoff.hours import Range, Schedule
from agent.handoff.opening_hours import coming, days_in_words, hours_in_words, usual_week
from agent.web.console.pieces import Words, set_attributes
from agent.web.portal.settings.hours_words import day_names
from agent.web.portal.words import day, spoken, t

_DAY_MINUTES = 24 * 60


def draw_week(schedule: Schedule) -> None:
    """The usual week, and the days to come that are not usual."""
    week = usual_week(schedule)
    with ui.element("table").classes("week"):
        Words(t("La semaine"), "caption")
        with ui.element("tbody"):
            for number, (name, ranges) in enumerate(zip(day_names(), week, strict=True)):
                before = week[number - 1]  # Sunday night goes on on Monday
                with ui.element("tr"):
                    Words(name, "th", scope="row")
                    with ui.element("td").classes("bar-cell"), ui.element("div") as bar:
                        bar.classes("day-bar")
                        set_attributes(bar, aria_hidden="true")
                        for begin, end in (*_over_midnight(before), *_of_day(ranges)):
                            left, width = _hundredths(begin), _hundredths(end - begin)
                            ui.element("i").style(f"left:{left:.2f}%;width:{width:.2f}%")
                    Words(in_words(ranges), "td")
    today = datetime.now(UTC).astimezone(ZoneInfo(schedule.zone)).date()
    special = coming(schedule, today)
    if special:
        Words(t("Les huit semaines à venir"), "h3")
        with ui.element("ul"):
            for one in special:
                named = days_in_words(one) if spoken() == "fr" else _days(one.first, one.last)
                Words(t("{days} : {hours}", days=named, hours=in_words(one.ranges)), "li")


def in_words(ranges: tuple[Range, ...]) -> str:
    """A day's hours in words."""
    if spoken() == "fr":
        return hours_in_words(ranges)
    if not ranges:
        return t("fermé")
    return ", ".join(f"{one.opens:%H:%M}–{one.closes:%H:%M}" for one in ranges)


def _days(first: date, last: date) -> str:
    return day(first) if first == last else f"{day(first)} – {day(last)}"


def _of_day(ranges: tuple[Range, ...]) -> list[tuple[int, int]]:
    """The parts of a day's ranges that are on that day, in minutes from midnight."""
    return [
        (_minutes(one), _DAY_MINUTES if one.closes <= one.opens else _end(one)) for one in ranges
    ]


def _over_midnight(ranges: tuple[Range, ...]) -> list[tuple[int, int]]:
    """The parts of the day before that are on this one."""
    return [(0, _end(one)) for one in ranges if one.closes <= one.opens and _end(one) > 0]


def _hundredths(minutes: int) -> float:
    return 100 * minutes / _DAY_MINUTES


def _minutes(one: Range) -> int:
    return one.opens.hour * 60 + one.opens.minute


def _end(one: Range) -> int:
    return one.closes.hour * 60 + one.closes.minute
