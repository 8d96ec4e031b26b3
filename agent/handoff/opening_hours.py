"""A client's hours as others read them: day by day, in words, and as schema.org's JSON-LD. Pure.

Everything here is local time on the wall, as the client wrote it: instants are `hours`'s affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from agent.handoff.holidays import holidays_of
from agent.handoff.hours import MONTHS, WEEKDAYS, Range, Schedule

COMING_DAYS = 56
"""Days, today first, whose holidays and exceptions are told: eight weeks."""

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_SCHEMA_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Span = tuple[datetime, datetime]
"""Begin and end, local time; the end is outside."""


@dataclass(frozen=True)
class Exceptional:
    """Days in a row whose hours are not those of their weekdays, or which are a holiday.

    Attributes:
        first: The first of them.
        last: The last of them, which may be the first.
        ranges: The hours of each; (): closed.
        holiday: The public holiday's name; "" if it is none.
    """

    first: date
    last: date
    ranges: tuple[Range, ...]
    holiday: str = ""


def usual_week(schedule: Schedule) -> tuple[tuple[Range, ...], ...]:
    """The ranges of each weekday in order, Monday first, those that touch as one."""
    monday = date(2024, 1, 1)
    return tuple(
        _ranges(_spans(monday + number * _DAY, ranges))
        for number, ranges in enumerate(schedule.week)
    )


def coming(schedule: Schedule, today: date, days: int = COMING_DAYS) -> tuple[Exceptional, ...]:
    """The holidays and exceptions from a day on, in order.

    Args:
        schedule: The client's hours.
        today: The first day, in the schedule's time zone.
        days: How many, today included.
    """
    week = usual_week(schedule)
    # What closures leave of a night may begin on the next day, and is then told of that one.
    spans = [
        span
        for number in range(-1, days)
        for day in [today + number * _DAY]
        for span in _without(_spans(day, schedule.ranges_of(day)), schedule)
    ]
    found: list[Exceptional] = []
    for day in (today + number * _DAY for number in range(days)):
        ranges = _ranges([span for span in spans if span[0].date() == day])
        holiday = holidays_of(day.year, alsace_moselle=schedule.alsace_moselle).get(day, "")
        if not holiday and ranges == week[day.weekday()]:
            continue
        one = Exceptional(day, day, ranges, holiday)
        if found and replace(found[-1], first=day, last=found[-1].last + _DAY) == one:
            found[-1] = replace(found[-1], last=day)
        else:
            found.append(one)
    return tuple(found)


def hours_in_words(ranges: tuple[Range, ...]) -> str:
    """A day's hours: « 9 h – 12 h 30, 14 h – 18 h », « jour et nuit », « fermé »."""
    if not ranges:
        return "fermé"
    if ranges == (Range(_MIDNIGHT, _MIDNIGHT),):
        return "jour et nuit"
    return ", ".join(
        f"{_clock(one.opens)} – {_clock(one.closes, ends=True)}"
        + (" (le lendemain)" if _MIDNIGHT < one.closes <= one.opens else "")
        for one in ranges
    )


def days_in_words(days: Exceptional) -> str:
    """Which: « vendredi 25 décembre 2026 (Noël) », « du lundi 3 au samedi 15 août 2026 »."""
    name = f" ({days.holiday})" if days.holiday else ""
    first, last = days.first, days.last
    if first == last:
        return f"{_date(last)} {last.year}{name}"
    if first.year != last.year:
        return f"du {_date(first)} {first.year} au {_date(last)} {last.year}"
    begin = _date(first) if first.month != last.month else _weekday(first)
    return f"du {begin} au {_date(last)} {last.year}"


def json_ld(name: str, schedule: Schedule | None, today: date, url: str = "") -> dict[str, object]:
    """The hours as schema.org has them.

    A range that ends on the next day closes at an earlier hour than it opens (schema.org,
    OpeningHoursSpecification); a whole day is 00:00 to 23:59, a closed one 00:00 to 00:00 (Google
    Search Central, LocalBusiness). schema.org's hours have no time zone of their own: it is named
    beside them.

    Args:
        name: The brand.
        schedule: Its hours; None if it has set none, and none are then told.
        today: In the schedule's time zone.
        url: Where the line can be called; "" leaves it out.
    """
    assistant: dict[str, object] = {
        "@type": "ContactPoint",
        "contactType": "customer service",
        "description": "Assistant téléphonique automatique, à toute heure",
        "availableLanguage": "fr",
        "hoursAvailable": _specification(Range(_MIDNIGHT, _MIDNIGHT), dayOfWeek=_days(range(7))),
    }
    if url:
        assistant["url"] = url
    told: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "name": name,
        "contactPoint": assistant,
    }
    if schedule is None:
        return told
    return {
        **told,
        "openingHoursSpecification": list(_weekly(schedule)),
        "specialOpeningHoursSpecification": [
            _specification(
                one,
                validFrom=days.first.isoformat(),
                validThrough=days.last.isoformat(),
                **({"name": days.holiday} if days.holiday else {}),
            )
            for days in coming(schedule, today)
            for one in days.ranges or (None,)
        ],
        "additionalProperty": {
            "@type": "PropertyValue",
            "propertyID": "timezone",
            "name": "Fuseau horaire",
            "value": schedule.zone,
        },
    }


def _weekly(schedule: Schedule) -> Iterator[dict[str, object]]:
    """A specification for each range, of all weekdays that have it; then the closed days."""
    week = usual_week(schedule)
    for one in sorted({one for ranges in week for one in ranges}, key=_order):
        yield _specification(one, dayOfWeek=_days(d for d in range(7) if one in week[d]))
    if not all(week):
        yield _specification(None, dayOfWeek=_days(d for d in range(7) if not week[d]))


def _specification(hours: Range | None, **more: object) -> dict[str, object]:
    opens, closes = (hours.opens, hours.closes) if hours else (_MIDNIGHT, _MIDNIGHT)
    if hours and opens == closes:
        closes = time(23, 59)
    return {
        "@type": "OpeningHoursSpecification",
        **more,
        "opens": opens.isoformat("minutes"),
        "closes": closes.isoformat("minutes"),
    }


def _days(numbers: Iterator[int] | range) -> list[str]:
    return [f"https://schema.org/{_SCHEMA_DAYS[number]}" for number in numbers]


def _order(one: Range) -> tuple[time, time]:
    return one.opens, one.closes


def _spans(day: date, ranges: tuple[Range, ...]) -> list[Span]:
    return [
        (
            datetime.combine(day, one.opens),
            datetime.combine(day if one.closes > one.opens else day + _DAY, one.closes),
        )
        for one in ranges
    ]


def _without(spans: list[Span], schedule: Schedule) -> list[Span]:
    for closure in schedule.closures:
        spans = [
            part
            for begin, end in spans
            for part in ((begin, min(end, closure.begins)), (max(begin, closure.ends), end))
            if part[0] < part[1]
        ]
    return spans


def _ranges(spans: list[Span]) -> tuple[Range, ...]:
    """The spans of a day in order; those that touch as one, where that is shorter than a day."""
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and end <= merged[-1][1]:
            continue
        if merged and begin <= merged[-1][1] and end - merged[-1][0] < _DAY:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((begin, end))
    return tuple(Range(begin.time(), end.time()) for begin, end in merged)


def _clock(at: time, *, ends: bool = False) -> str:
    if ends and at == _MIDNIGHT:
        return "minuit"
    return f"{at.hour} h" + (f" {at.minute:02d}" if at.minute else "")


def _weekday(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {'1er' if day.day == 1 else day.day}"


def _date(day: date) -> str:
    return f"{_weekday(day)} {MONTHS[day.month - 1]}"
