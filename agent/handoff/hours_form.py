"""A client's hours as a form shows them, row by row, and back to the text that is kept. Pure.

The text stays the truth: what a form cannot hold (lines that begin with #) is kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal

from agent.handoff.hours import WEEKDAYS, Closure, Range, Schedule
from agent.handoff.hours_text import parse

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)

Why = Literal["incomplete", "same", "overlap", "no_date", "date_twice", "ends_before"]

Place = tuple[str | int, ...]
"""Where in a form: ("week", 0, 1) is Monday's second row."""


class FormRefusedError(Exception):
    """What stands in a form cannot be meant.

    Attributes:
        place: Of the row.
        why: What is wrong with it.
    """

    def __init__(self, place: Place, why: Why) -> None:
        super().__init__(f"{place}: {why}")
        self.place, self.why = place, why


@dataclass
class Row:
    """From when to when, « 09:00 », "" where nothing is given yet."""

    opens: str = ""
    closes: str = ""


@dataclass
class Special:
    """A day with hours of its own; without rows it is closed."""

    day: str = ""
    rows: list[Row] = field(default_factory=list)


@dataclass
class Closing:
    """Closed from a day to another, which is closed too where no time is given."""

    first: str = ""
    from_time: str = ""
    last: str = ""
    to_time: str = ""


@dataclass
class HoursForm:
    """All of a client's hours, as they stand in the form.

    Attributes:
        zone: IANA name of the time zone.
        week: The rows of each weekday, Monday first.
        holidays: The rows of public holidays.
        alsace_moselle: Good Friday and 26 December are public holidays.
        special: Days with hours of their own.
        closings: When it is closed, whatever else is said.
        notes: Lines of the text that say nothing, as they were.
    """

    zone: str = "Europe/Paris"
    week: list[list[Row]] = field(default_factory=lambda: [[] for _ in WEEKDAYS])
    holidays: list[Row] = field(default_factory=list)
    alsace_moselle: bool = False
    special: list[Special] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def form_of(text: str) -> HoursForm:
    """The form of a text.

    Raises:
        ValueError: The text is not understood; one French sentence.
    """
    schedule = parse(text)
    return HoursForm(
        zone=schedule.zone,
        week=[_rows(ranges) for ranges in schedule.week],
        holidays=_rows(schedule.on_holidays),
        alsace_moselle=schedule.alsace_moselle,
        special=[Special(one.day.isoformat(), _rows(one.ranges)) for one in schedule.special_days],
        closings=[_closing(one) for one in schedule.closures],
        notes=tuple(line.strip() for line in text.splitlines() if line.strip().startswith("#")),
    )


def text_of(form: HoursForm) -> str:
    """The text of a form, each line as somebody would write it.

    Raises:
        FormRefusedError: Something in it cannot be meant.
    """
    week = [_ranges(rows, ("week", number)) for number, rows in enumerate(form.week)]
    lines = [*form.notes, *_week_lines(week)]
    holidays = _ranges(form.holidays, ("holidays",))
    if holidays:
        lines.append(f"fériés {_hours(holidays)}")
    if form.alsace_moselle:
        lines.append("alsace-moselle")
    days: set[date] = set()
    for number, special in enumerate(form.special):
        day = _date(special.day, ("special", number))
        if day in days:
            raise FormRefusedError(("special", number), "date_twice")
        days.add(day)
        ranges = _ranges(special.rows, ("special", number))
        lines.append(f"{day:%d/%m/%Y} {_hours(ranges)}")
    lines += [_closing_line(one, ("closings", n)) for n, one in enumerate(form.closings)]
    if form.zone != Schedule().zone:
        lines.append(f"fuseau {form.zone}")
    return "\n".join(lines)


def with_pause(row: Row) -> list[Row]:
    """A row with a pause in it: at noon if it is open then, else in its middle."""
    opens, closes = _minutes(row.opens), _minutes(row.closes)
    if opens is None or closes is None:
        return [row, Row()]
    closes = closes if closes > opens else closes + 24 * 60
    begins, ends = 12 * 60, 14 * 60
    if not opens < begins < ends < closes:
        middle = (opens + closes) // 2 // 30 * 30
        begins, ends = middle, middle + 30
    if not opens < begins < ends < closes:
        return [row, Row()]
    return [Row(row.opens, _clock(begins)), Row(_clock(ends), row.closes)]


def _minutes(given: str) -> int | None:
    try:
        at = time.fromisoformat(given)
    except ValueError:
        return None
    return at.hour * 60 + at.minute


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _rows(ranges: tuple[Range, ...]) -> list[Row]:
    return [Row(f"{one.opens:%H:%M}", f"{one.closes:%H:%M}") for one in ranges]


def _closing(one: Closure) -> Closing:
    last = one.ends.date() - _DAY if one.ends.time() == _MIDNIGHT else one.ends.date()
    return Closing(
        one.begins.date().isoformat(),
        "" if one.begins.time() == _MIDNIGHT else f"{one.begins:%H:%M}",
        last.isoformat(),
        "" if one.ends.time() == _MIDNIGHT else f"{one.ends:%H:%M}",
    )


def _ranges(rows: list[Row], place: Place) -> tuple[Range, ...]:
    """The ranges of rows in the order of the day; rows in which nothing stands are left out."""
    found: list[tuple[Range, int]] = []
    for number, row in enumerate(rows):
        if not row.opens and not row.closes:
            continue
        try:
            one = Range(time.fromisoformat(row.opens), time.fromisoformat(row.closes))
        except ValueError:
            raise FormRefusedError((*place, number), "incomplete") from None
        if one.opens == one.closes != _MIDNIGHT:
            raise FormRefusedError((*place, number), "same")
        found.append((one, number))
    found.sort(key=lambda pair: pair[0].opens)
    for (before, _), (after, number) in pairwise(found):
        if before.closes <= before.opens or after.opens < before.closes:
            raise FormRefusedError((*place, number), "overlap")
    return tuple(one for one, _ in found)


def _week_lines(week: list[tuple[Range, ...]]) -> list[str]:
    """A line for each run of days with the same hours; closed days are not written."""
    if not any(week):
        return ["lundi-dimanche fermé"]
    lines: list[str] = []
    first = 0
    for number in range(1, len(week) + 1):
        if number < len(week) and week[number] == week[first]:
            continue
        if week[first]:
            days = WEEKDAYS[first]
            if number - 1 > first:
                days += f"-{WEEKDAYS[number - 1]}"
            lines.append(f"{days} {_hours(week[first])}")
        first = number
    return lines


def _hours(ranges: tuple[Range, ...]) -> str:
    written = (f"{_time(one.opens)}-{_time(one.closes, ends=True)}" for one in ranges)
    return ", ".join(written) or "fermé"


def _time(at: time, *, ends: bool = False) -> str:
    hour = 24 if ends and at == _MIDNIGHT else at.hour
    return f"{hour}h" + (f"{at.minute:02d}" if at.minute else "")


def _date(given: str, place: Place) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise FormRefusedError(place, "no_date") from None


def _closing_line(one: Closing, place: Place) -> str:
    first, last = _date(one.first, place), _date(one.last or one.first, place)
    begins = datetime.combine(first, _optional_time(one.from_time, place))
    ends = datetime.combine(last, _optional_time(one.to_time, place))
    if not one.to_time:
        ends += _DAY
    if ends <= begins:
        raise FormRefusedError(place, "ends_before")
    since = f" à {_time(begins.time())}" if one.from_time else ""
    until = f" à {_time(ends.time())}" if one.to_time else ""
    return f"fermé du {first:%d/%m/%Y}{since} au {last:%d/%m/%Y}{until}"


def _optional_time(given: str, place: Place) -> time:
    try:
        return time.fromisoformat(given) if given else _MIDNIGHT
    except ValueError:
        raise FormRefusedError(place, "incomplete") from None
