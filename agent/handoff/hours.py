"""When a client's operators are there: weekly hours, holidays, exceptions, time zone. Pure.

Hours are kept as the client says them, in local time, and become instants only here: a range that
begins on a day belongs to that day, also where it ends after midnight; on the days on which clocks
change it lasts as long as the clock on the wall says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.handoff.holidays import holidays_of

Interval = tuple[datetime, datetime]
"""Begin and end, in UTC; the end is outside."""

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
          "octobre", "novembre", "décembre")  # fmt: skip

HORIZON_DAYS = 400
"""How far ahead an opening is looked for: more than a year of closure is none."""

NOON, EVENING = time(12), time(18)
A_WEEK = 7


@dataclass(frozen=True)
class Range:
    """Staffed from `opens` to `closes`, local time; until after midnight if that is not later.

    « De 0 h à 0 h » is the whole day.
    """

    opens: time
    closes: time


@dataclass(frozen=True)
class SpecialDay:
    """A day that has hours of its own, a holiday too; none: closed."""

    day: date
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True)
class Closure:
    """Closed from one local time to another, whatever else is said: « le 24 à partir de 16 h »."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Schedule:
    """A client's hours.

    Attributes:
        zone: IANA name of the time zone in which all of it is meant.
        week: Ranges of each weekday, Monday first; () is closed.
        on_holidays: Ranges of public holidays.
        alsace_moselle: Good Friday and 26 December are public holidays.
        special_days: Days with hours of their own.
        closures: What is taken out of everything else.
    """

    zone: str = "Europe/Paris"
    week: tuple[tuple[Range, ...], ...] = ((),) * A_WEEK
    on_holidays: tuple[Range, ...] = ()
    alsace_moselle: bool = False
    special_days: tuple[SpecialDay, ...] = ()
    closures: tuple[Closure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: A sentence in French for whoever set the hours.
        """
        if len(self.week) != A_WEEK:
            raise ValueError("Les horaires demandent sept jours, du lundi au dimanche.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"Le fuseau horaire « {self.zone} » est inconnu : écrivez par exemple Europe/Paris."
            ) from error
        for closure in self.closures:
            if closure.begins.tzinfo or closure.ends.tzinfo or closure.ends <= closure.begins:
                raise ValueError("Une fermeture doit finir après son début, en heure locale.")
        days = [special.day for special in self.special_days]
        if len(set(days)) != len(days):
            raise ValueError("Un jour particulier est indiqué deux fois : gardez-en un.")

    def ranges_of(self, day: date) -> tuple[Range, ...]:
        """The ranges that begin on a day, closures left aside."""
        for special in self.special_days:
            if special.day == day:
                return special.ranges
        if day in holidays_of(day.year, alsace_moselle=self.alsace_moselle):
            return self.on_holidays
        return self.week[day.weekday()]


def closes_at(schedule: Schedule, at: datetime) -> datetime | None:
    """When the hours that an instant is within end, UTC; None if nobody is there then.

    Args:
        schedule: The client's hours.
        at: With its time zone.
    """
    at = at.astimezone(UTC)
    begin, end = next((span for span in _intervals(schedule, at) if span[1] > at), (at, None))
    return end if begin <= at else None


def next_opening(schedule: Schedule, at: datetime) -> datetime | None:
    """The first instant from `at` on at which operators are staffed, UTC; `at` itself if they are.

    None if there is none within `HORIZON_DAYS`.
    """
    at = at.astimezone(UTC)
    return next((max(begin, at) for begin, end in _intervals(schedule, at) if end > at), None)


def staffed(schedule: Schedule, since: datetime, until: datetime) -> Iterator[Interval]:
    """The staffed intervals between two instants, in order.

    Args:
        schedule: The client's hours.
        since: With its time zone.
        until: With its time zone; within `HORIZON_DAYS` of `since`.
    """
    for begin, end in _intervals(schedule, since):
        if begin >= until:
            return
        if end > since:
            yield max(begin, since.astimezone(UTC)), min(end, until.astimezone(UTC))


def _intervals(schedule: Schedule, at: datetime) -> Iterator[Interval]:
    """The staffed intervals from the day before an instant on, in order, none touching another."""
    zone = ZoneInfo(schedule.zone)
    first = at.astimezone(zone).date() - timedelta(days=1)
    closed = sorted(
        (_instant(one.begins, zone), _instant(one.ends, zone, last=True))
        for one in schedule.closures
    )
    days = (first + timedelta(days=number) for number in range(HORIZON_DAYS))
    spans = (
        span
        for day in days
        for span in sorted(_span(day, hours, zone) for hours in schedule.ranges_of(day))
    )
    for span in _merged(spans):
        yield from _without(span, closed)


def _merged(spans: Iterator[Interval]) -> Iterator[Interval]:
    """Spans in the order of their begin, those that touch or overlap as one."""
    last: Interval | None = None
    for span in spans:
        if last is not None and span[0] <= last[1]:
            last = last[0], max(last[1], span[1])
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _span(day: date, hours: Range, zone: ZoneInfo) -> Interval:
    ends = day if hours.closes > hours.opens else day + timedelta(days=1)
    return (
        _instant(datetime.combine(day, hours.opens), zone),
        _instant(datetime.combine(ends, hours.closes), zone, last=True),
    )


def _instant(local: datetime, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """A time on the wall as an instant; of an hour that comes twice, its first or its last.

    One that the clock leaps over counts from where the clock would have been.
    """
    instant = local.replace(tzinfo=zone, fold=int(last)).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _without(span: Interval, closed: list[Interval]) -> Iterator[Interval]:
    begin, end = span
    for closes, opens in closed:
        if opens <= begin or closes >= end:
            continue
        if begin < closes:
            yield begin, closes
        begin = max(begin, opens)
    if begin < end:
        yield begin, end


def as_said(opening: datetime, now: datetime, zone: str) -> str:
    """An opening as people say it: « demain à 9 h », « lundi matin à 8 h 30 ».

    Args:
        opening: Later than `now`, with its time zone.
        now: With its time zone.
        zone: In which the caller reckons.
    """
    local, here = opening.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    days = (local.date() - here.date()).days
    clock = f"{local.hour} h" + (f" {local.minute:02d}" if local.minute else "")
    clock = "midi" if clock == "12 h" else clock  # « demain à minuit » may be either night
    if days == 0:
        return f"aujourd'hui à {clock}"
    if days == 1:
        return f"demain à {clock}"
    weekday = WEEKDAYS[local.weekday()]
    if days < A_WEEK:
        if clock in ("midi", "0 h"):
            return f"{weekday} à {clock}"
        at = local.time()
        part = "matin" if at < NOON else "après-midi" if at < EVENING else "soir"
        return f"{weekday} {part} à {clock}"
    day = "1er" if local.day == 1 else str(local.day)
    return f"le {weekday} {day} {MONTHS[local.month - 1]} à {clock}"
