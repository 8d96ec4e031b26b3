"""Hours as callers and programs read them: words, and schema.org's JSON-LD."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.handoff.hours import Schedule, closes_at
from agent.handoff.hours_text import parse
from agent.handoff.opening_hours import (
    COMING_DAYS,
    Exceptional,
    coming,
    days_in_words,
    hours_in_words,
    json_ld,
    usual_week,
)

TODAY = date(2026, 11, 27)  # a Friday
TEXT = """
    lundi-jeudi 9h-12h30, 14h-18h
    vendredi 9h-12h
    31/12/2026 9h-12h
    fermé du 24/12/2026 à 11h au 28/12/2026 à 16h
"""


def in_words(text: str, today: date = TODAY, days: int = COMING_DAYS) -> dict[str, str]:
    """The coming exceptions of hours, in words."""
    return {
        days_in_words(one): hours_in_words(one.ranges) for one in coming(parse(text), today, days)
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lundi 9h-12h30, 14h-18h", "9 h – 12 h 30, 14 h – 18 h"),
        ("lundi 14h-18h, 9h-12h30", "9 h – 12 h 30, 14 h – 18 h"),
        ("lundi 9h-12h, 12h-18h", "9 h – 18 h"),
        ("lundi 9h-18h, 10h-12h", "9 h – 18 h"),
        ("lundi 8h-0h", "8 h – minuit"),
        ("lundi 0h-8h30", "0 h – 8 h 30"),
        ("lundi 22h-6h", "22 h – 6 h (le lendemain)"),
        ("lundi 24h/24", "jour et nuit"),
        ("lundi 0h-24h, 9h-12h", "jour et nuit"),
        ("lundi 8h-20h, 20h-8h05", "8 h – 20 h, 20 h – 8 h 05 (le lendemain)"),
        ("mardi 9h-12h", "fermé"),
    ],
)
def test_a_day_in_words(text: str, words: str) -> None:
    """In order, those that touch as one, the day's end told apart from its begin."""
    assert hours_in_words(usual_week(parse(text))[0]) == words


def test_exceptions_in_words() -> None:
    """Holidays by name, half days of a closure, days in a row as one."""
    assert in_words(TEXT) == {
        "jeudi 24 décembre 2026": "9 h – 11 h",
        "vendredi 25 décembre 2026 (Noël)": "fermé",
        "lundi 28 décembre 2026": "16 h – 18 h",
        "jeudi 31 décembre 2026": "9 h – 12 h",
        "vendredi 1er janvier 2027 (Jour de l'an)": "fermé",
    }
    assert in_words("tous les jours 9h-12h\nfermé du 01/12/2026 au 15/12/2026", days=30) == {
        "du mardi 1er au mardi 15 décembre 2026": "fermé",
        "vendredi 25 décembre 2026 (Noël)": "fermé",
    }
    assert in_words("tous les jours 24h/24\nfériés 24h/24", days=30) == {
        "vendredi 25 décembre 2026 (Noël)": "jour et nuit"
    }
    assert in_words("", days=20) == {}


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-08-03", "2026-08-15", "du lundi 3 au samedi 15 août 2026"),
        ("2026-07-31", "2026-08-15", "du vendredi 31 juillet au samedi 15 août 2026"),
        ("2026-12-28", "2027-01-02", "du lundi 28 décembre 2026 au samedi 2 janvier 2027"),
        ("2026-08-01", "2026-08-01", "samedi 1er août 2026"),
    ],
)
def test_days_in_a_row_in_words(first: str, last: str, words: str) -> None:
    """What two dates share is said once."""
    days_off = Exceptional(date.fromisoformat(first), date.fromisoformat(last), ())
    assert days_in_words(days_off) == words


def test_a_closure_within_a_night() -> None:
    """What is left of it after midnight is told of the day on which it begins."""
    text = "tous les jours 22h-6h\nfermé du 30/11/2026 à 23h au 01/12/2026 à 2h"
    assert in_words(text, days=10) == {
        "lundi 30 novembre 2026": "22 h – 23 h",
        "mardi 1er décembre 2026": "2 h – 6 h, 22 h – 6 h (le lendemain)",
    }
    assert in_words(text, date(2026, 12, 1), 5) == {
        "mardi 1er décembre 2026": "2 h – 6 h, 22 h – 6 h (le lendemain)"
    }


def specification(opens: str, closes: str, **more: Any) -> dict[str, Any]:
    """A specification as it is expected."""
    return {"@type": "OpeningHoursSpecification", **more, "opens": opens, "closes": closes}


def days(*names: str) -> list[str]:
    """Weekdays as schema.org names them."""
    return [f"https://schema.org/{name}" for name in names]


def test_the_whole_of_it_for_programs() -> None:
    """The week, the exceptions, the time zone, the assistant that is always there."""
    told = json_ld("Orvane", parse(TEXT), TODAY, "/phone/orvane")
    assert json.loads(json.dumps(told)) == told
    four = days("Monday", "Tuesday", "Wednesday", "Thursday")
    assert told["openingHoursSpecification"] == [
        specification("09:00", "12:00", dayOfWeek=days("Friday")),
        specification("09:00", "12:30", dayOfWeek=four),
        specification("14:00", "18:00", dayOfWeek=four),
        specification("00:00", "00:00", dayOfWeek=days("Saturday", "Sunday")),
    ]
    one_day = [("2026-12-24", "09:00", "11:00"), ("2026-12-28", "16:00", "18:00"),
               ("2026-12-31", "09:00", "12:00")]  # fmt: skip
    closed = [("2026-12-25", "Noël"), ("2027-01-01", "Jour de l'an")]
    assert told["specialOpeningHoursSpecification"] == sorted(
        [
            *(specification(b, c, validFrom=a, validThrough=a) for a, b, c in one_day),
            *(specification("00:00", "00:00", validFrom=a, validThrough=a, name=b)
              for a, b in closed),
        ],
        key=lambda one: str(one["validFrom"]),
    )  # fmt: skip
    assert told["additionalProperty"]["value"] == "Europe/Paris"  # type: ignore[index]
    assert (told["@context"], told["@type"], told["name"]) == (
        "https://schema.org", "LocalBusiness", "Orvane",
    )  # fmt: skip
    every = days("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    assistant: Any = told["contactPoint"]
    assert assistant["hoursAvailable"] == specification("00:00", "23:59", dayOfWeek=every)
    assert assistant["url"] == "/phone/orvane"


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("lundi 22h-6h", ("22:00", "06:00")),
        ("lundi 18h-0h", ("18:00", "00:00")),
        ("lundi 24h/24", ("00:00", "23:59")),
        ("lundi 0h-6h30", ("00:00", "06:30")),
    ],
)
def test_midnight_for_programs(text: str, times: tuple[str, str]) -> None:
    """Into the next day: closes before it opens; only a whole day ends at 23:59."""
    told: Any = json_ld("Orvane", parse(text), TODAY)
    assert told["openingHoursSpecification"][0] == specification(
        *times, dayOfWeek=days("Monday")
    )  # fmt: skip


def test_no_hours_tell_none() -> None:
    """Nothing is invented for a client that has set none."""
    told = json_ld("Orvane", None, TODAY)
    assert told.keys() == {"@context", "@type", "name", "contactPoint"}


def open_at(told: Any, at: datetime) -> bool:
    """Whether a program that reads the JSON-LD takes it for open, local time."""
    for day in (at.date(), at.date() - timedelta(days=1)):
        special = [
            one
            for one in told["specialOpeningHoursSpecification"]
            if one["validFrom"] <= day.isoformat() <= one["validThrough"]
        ]
        weekly = [
            one
            for one in told["openingHoursSpecification"]
            if f"https://schema.org/{day:%A}" in one["dayOfWeek"]
        ]
        for one in special or weekly:
            opens = datetime.fromisoformat(f"{day} {one['opens']}")
            closes = datetime.fromisoformat(f"{day} {one['closes']}")
            if one["closes"] == "23:59":
                closes += timedelta(minutes=1)
            elif closes < opens:
                closes += timedelta(days=1)
            if opens <= at < closes:
                return True
    return False


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "tous les jours 22h-6h\nfermé du 30/11/2026 à 23h au 01/12/2026 à 2h",
        "tous les jours 24h/24\nfermé le 08/12/2026 à partir de 16h30\n11/12/2026 9h-0h",
        "lundi 8h-20h, 20h-9h\ndimanche 0h-12h, 12h-0h\nfériés 10h-11h\nalsace-moselle",
        "",
    ],
)
def test_programs_read_what_calls_are_answered_by(text: str) -> None:
    """Every half hour of the coming weeks, the JSON-LD and the telephone agree."""
    schedule: Schedule = parse(text)
    told = json_ld("Orvane", schedule, TODAY)
    zone = ZoneInfo(schedule.zone)
    at = datetime.combine(TODAY, datetime.min.time())
    while at.date() < TODAY + timedelta(days=COMING_DAYS):
        staffed = closes_at(schedule, at.replace(tzinfo=zone)) is not None
        assert open_at(told, at) is staffed, at
        at += timedelta(minutes=30)
