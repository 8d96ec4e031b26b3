"""Who answers a call first, and who is on call for an emergency. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from agent.handoff.holidays import holidays_of
from agent.handoff.hours import Schedule, SpecialDay, closes_at
from agent.handoff.hours_text import parse

Answering = Literal["always", "overflow"]
"""« Toujours répondre d'abord par l'agent », « débordement seulement »."""

RING_S = 5.0
"""A ring in France: 1.5 s of sound, 3.5 s of silence (ITU-T E.180, supplement 2)."""

_OF_HOLIDAYS = re.compile(r"^\s*(?:jours\s+)?f[ée]ri[ée]s\b", re.IGNORECASE | re.MULTILINE)


def answers(
    schedule: Schedule | None, mode: Answering, now: datetime, free_operators: int
) -> Literal["agent", "ring_first"]:
    """Whether the agent answers at once, or operators are rung first.

    Args:
        schedule: The client's hours; None if it has set none: then whoever is free counts as there.
        mode: What the client wants.
        now: With its time zone.
        free_operators: Operators who could take the call now.
    """
    if mode == "always" or free_operators <= 0:
        return "agent"
    if schedule is not None and closes_at(schedule, now) is None:
        return "agent"
    return "ring_first"


def rings_s(rings: int) -> float:
    """How long so many rings last, seconds."""
    return rings * RING_S


def on_call_now(rules: Sequence[Mapping[str, str]], now: datetime) -> tuple[str, ...]:
    """The e-mail addresses of those on call, in the order of the rules, each once.

    A rule that names no hours means all of them, and so does one that is not understood: an
    emergency is better told to one person too many. Where a rule says nothing of public holidays,
    they are days like others, unlike a client's own hours: « tous les jours » means Christmas too.

    Args:
        rules: Each `{"email": address, "hours": text}`; the text is one for `hours_text.parse`.
        now: With its time zone.
    """
    found = [rule["email"] for rule in rules if _is_on_call(rule.get("hours", ""), now)]
    return tuple(dict.fromkeys(found))


def check_on_call(rules: Sequence[Mapping[str, str]]) -> None:
    """Refuse rules that would not be understood later.

    Raises:
        ValueError: One French sentence for whoever wrote them.
    """
    for number, rule in enumerate(rules, start=1):
        if "@" not in rule.get("email", ""):
            raise ValueError(f"Astreinte {number} : indiquez une adresse e-mail.")
        try:
            parse(rule.get("hours", ""))
        except ValueError as error:
            raise ValueError(f"Astreinte {number} : {error}") from error


def _is_on_call(text: str, now: datetime) -> bool:
    schedule = _schedule(text)
    if schedule is None:
        return True
    if _OF_HOLIDAYS.search(text) is None:
        today = now.astimezone(ZoneInfo(schedule.zone)).date()
        schedule = _as_weekdays(schedule, today)
    return closes_at(schedule, now) is not None


@lru_cache(maxsize=256)
def _schedule(text: str) -> Schedule | None:
    """The hours that a text tells; None: all."""
    try:
        return parse(text) if text.strip() else None
    except ValueError:
        return None


def _as_weekdays(schedule: Schedule, today: date) -> Schedule:
    """The hours with the holidays around a day like any weekday; days of their own stay."""
    own = {special.day for special in schedule.special_days}
    near = (today + timedelta(days) for days in (-1, 0, 1))
    added = tuple(
        SpecialDay(day, schedule.week[day.weekday()])
        for day in near
        if day not in own and day in holidays_of(day.year, alsace_moselle=schedule.alsace_moselle)
    )
    return replace(schedule, special_days=(*schedule.special_days, *added))
