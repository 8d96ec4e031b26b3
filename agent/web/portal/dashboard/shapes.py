"""Calls laid out by hours and days of a client's time zone, against its staffed hours. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from agent.handoff.hours import Interval, Schedule, staffed
from agent.store.call_facts import SLOT_S
from agent.web.portal.dashboard.period import Period

HOURS, WEEKDAYS = 24, 7
MOSTLY = 0.5
"""Share of an hour of the week, over a period, from which it counts as staffed."""


@dataclass(frozen=True)
class Hours:
    """Calls by the hour in which they began, on the clock on the wall.

    Attributes:
        within: Those in staffed hours, by hour of the day.
        outside: The others, by hour of the day.
        week: All of them, by weekday (Monday first) and hour.
        staffed: Whether an hour of the week is staffed, mostly; None where no hours are set.
    """

    within: tuple[int, ...]
    outside: tuple[int, ...]
    week: tuple[tuple[int, ...], ...]
    staffed: tuple[tuple[bool, ...], ...] | None


def by_hours(slots: Mapping[int, int], period: Period, schedule: Schedule | None) -> Hours:
    """Lay a period's calls out by hours.

    Args:
        slots: Calls by quarter of an hour, `call_facts.slot_of`.
        period: Theirs.
        schedule: The client's hours, None if it has set none: all calls are outside then.
    """
    spans = [] if schedule is None else list(staffed(schedule, period.since, period.until))
    begins = [span[0].timestamp() for span in spans]
    within, outside = [0] * HOURS, [0] * HOURS
    week = [[0] * HOURS for _ in range(WEEKDAYS)]
    zone = ZoneInfo(period.zone)
    for slot, count in slots.items():
        at = datetime.fromtimestamp(slot * SLOT_S, zone)
        here = bisect_right(begins, slot * SLOT_S) - 1
        is_staffed = here >= 0 and spans[here][1].timestamp() > slot * SLOT_S
        (within if is_staffed else outside)[at.hour] += count
        week[at.weekday()][at.hour] += count
    shown = None if schedule is None else _staffed_week(spans, period)
    return Hours(tuple(within), tuple(outside), tuple(map(tuple, week)), shown)


def _staffed_week(spans: list[Interval], period: Period) -> tuple[tuple[bool, ...], ...]:
    zone = ZoneInfo(period.zone)
    quarters: Counter[tuple[int, int]] = Counter()
    for begin, end in spans:
        for slot in range(int(begin.timestamp()) // SLOT_S, -(-int(end.timestamp()) // SLOT_S)):
            at = datetime.fromtimestamp(slot * SLOT_S, zone)
            quarters[at.weekday(), at.hour] += 1
    times = Counter(day.weekday() for day in period.each_day())
    return tuple(
        tuple(
            times[weekday] > 0 and quarters[weekday, hour] >= MOSTLY * 4 * times[weekday]
            for hour in range(HOURS)
        )
        for weekday in range(WEEKDAYS)
    )


def by_days(slots: Mapping[int, int], period: Period) -> dict[date, int]:
    """A period's calls by day of its zone; each day is there, also one without calls."""
    days = dict.fromkeys(period.each_day(), 0)
    zone = ZoneInfo(period.zone)
    for slot, count in slots.items():
        days[datetime.fromtimestamp(slot * SLOT_S, UTC).astimezone(zone).date()] += count
    return days
