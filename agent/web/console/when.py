"""Instants as operators say them. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from agent.handoff.hours import MONTHS, WEEKDAYS, as_said


def when_said(at: datetime, now: datetime, zone: str) -> str:
    """An instant, past or to come: « hier à 16 h 05 », « demain à 9 h ».

    Args:
        at: With its time zone.
        now: With its time zone.
        zone: In which it is told.
    """
    local, here = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    days = (local.date() - here.date()).days
    if days >= 0:
        return as_said(at, now, zone)
    clock = clock_of(at, zone)
    if days == -1:
        return f"hier à {clock}"
    day = "1er" if local.day == 1 else str(local.day)
    year = f" {local.year}" if local.year != here.year else ""
    return f"{WEEKDAYS[local.weekday()]} {day} {MONTHS[local.month - 1]}{year} à {clock}"


def clock_of(at: datetime, zone: str) -> str:
    """The time of day, « 9 h 05 »."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.hour} h" + (f" {local.minute:02d}" if local.minute else "")


def minutes_of(seconds: float) -> str:
    """A length, « 3:07 »."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
