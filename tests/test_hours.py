"""Staffed hours: weeks, nights, holidays, exceptions, clock changes; and how an opening is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.handoff.holidays import holidays_of
from agent.handoff.hours import (
    Closure,
    Range,
    Schedule,
    SpecialDay,
    as_said,
    closes_at,
    next_opening,
)
from voices.french import speakable

PARIS = ZoneInfo("Europe/Paris")
MORNING, AFTERNOON = Range(time(9), time(12, 30)), Range(time(14), time(18))
OFFICE = Schedule(week=(*((MORNING, AFTERNOON),) * 5, (Range(time(9), time(12)),), ()))
NIGHT = Schedule(week=((Range(time(22), time(6)),),) * 7)
ALWAYS = Schedule(week=((Range(time(0), time(0)),),) * 7, on_holidays=(Range(time(0), time(0)),))


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    """A local time, « 2026-11-27 09:00 »."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def is_open(schedule: Schedule, when: datetime) -> bool:
    """Whether somebody is there, told in both ways alike."""
    opens = next_opening(schedule, when)
    staffed = closes_at(schedule, when) is not None
    assert staffed is (opens is not None and opens <= when)
    return staffed


@pytest.mark.parametrize(
    ("when", "staffed"),
    [
        ("2026-11-27 08:59", False),  # a Friday
        ("2026-11-27 09:00", True),
        ("2026-11-27 12:29", True),
        ("2026-11-27 12:30", False),
        ("2026-11-27 14:00", True),
        ("2026-11-27 18:00", False),
        ("2026-11-28 11:59", True),
        ("2026-11-28 14:00", False),
        ("2026-11-29 10:00", False),
        ("2026-11-11 10:00", False),  # a holiday
        ("2026-12-26 10:00", True),
        ("2026-05-25 10:00", False),  # Whit Monday
    ],
)
def test_a_week(when: str, staffed: bool) -> None:
    """The end of a range is outside it."""
    assert is_open(OFFICE, at(when)) is staffed


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-27 10:00", "2026-11-27 10:00"),
        ("2026-11-27 12:45", "2026-11-27 14:00"),
        ("2026-11-27 19:00", "2026-11-28 09:00"),
        ("2026-11-28 13:00", "2026-11-30 09:00"),
        ("2026-12-24 20:00", "2026-12-26 09:00"),
        ("2026-04-04 13:00", "2026-04-07 09:00"),  # Easter
    ],
)
def test_the_next_opening(now: str, opens: str) -> None:
    """Over nights, Sundays and holidays."""
    assert next_opening(OFFICE, at(now)) == at(opens)


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Also into a holiday, and out of one."""
    assert is_open(NIGHT, at("2026-11-27 23:00"))
    assert is_open(NIGHT, at("2026-11-28 05:59"))
    assert not is_open(NIGHT, at("2026-11-28 06:00"))
    assert is_open(NIGHT, at("2026-05-01 05:00"))  # begun on 30 April
    assert not is_open(NIGHT, at("2026-05-01 23:00"))
    assert not is_open(NIGHT, at("2026-05-02 05:00"))


def test_who_is_always_there_never_closes() -> None:
    """Days that touch are one; it ends beyond the horizon."""
    closes = closes_at(ALWAYS, at("2026-11-27 23:59"))
    assert closes is not None
    assert closes - at("2026-11-27 23:59") > timedelta(days=300)
    assert is_open(ALWAYS, at("2026-11-28 00:00"))


def test_who_is_never_there_never_opens() -> None:
    """Nothing can be promised."""
    assert next_opening(Schedule(), at("2026-11-27 10:00")) is None
    assert closes_at(Schedule(), at("2026-11-27 10:00")) is None


def test_closed_on_christmas_eve_from_four() -> None:
    """What else the day has stays."""
    eve = Closure(datetime(2026, 12, 24, 16), datetime(2026, 12, 25))
    office = replace(OFFICE, closures=(eve,))
    assert closes_at(office, at("2026-12-24 15:00")) == at("2026-12-24 16:00")
    assert not is_open(office, at("2026-12-24 16:00"))
    assert is_open(OFFICE, at("2026-12-24 16:00"))
    assert next_opening(office, at("2026-12-24 16:30")) == at("2026-12-26 09:00")


def test_a_closure_in_the_middle_and_one_over_weeks() -> None:
    """Both halves of what it cuts remain."""
    lunch = Closure(datetime(2026, 11, 27, 10), datetime(2026, 11, 27, 15))
    summer = Closure(datetime(2026, 11, 30), datetime(2026, 12, 14))
    office = replace(OFFICE, closures=(summer, lunch))
    assert closes_at(office, at("2026-11-27 09:30")) == at("2026-11-27 10:00")
    assert next_opening(office, at("2026-11-27 11:00")) == at("2026-11-27 15:00")
    assert next_opening(office, at("2026-11-28 12:00")) == at("2026-12-14 09:00")


def test_a_special_day_goes_before_week_and_holiday() -> None:
    """Open on a holiday, closed on a Tuesday."""
    special = (SpecialDay(date(2026, 11, 11), (MORNING,)), SpecialDay(date(2026, 12, 1)))
    office = replace(OFFICE, special_days=special)
    assert is_open(office, at("2026-11-11 10:00"))
    assert not is_open(office, at("2026-11-11 15:00"))
    assert next_opening(office, at("2026-11-30 18:00")) == at("2026-12-02 09:00")


def test_alsace_and_moselle_have_two_holidays_more() -> None:
    """Good Friday and 26 December."""
    metz = replace(OFFICE, alsace_moselle=True)
    for day in ("2026-04-03 10:00", "2026-12-26 10:00"):
        assert is_open(OFFICE, at(day))
        assert not is_open(metz, at(day))


def test_holidays_of_years() -> None:
    """Eleven by law, thirteen in Alsace and Moselle; in 2008 two fell on one day."""
    assert len(holidays_of(2026)) == 11
    assert len(holidays_of(2026, alsace_moselle=True)) == 13
    assert len(holidays_of(2008)) == 10
    assert holidays_of(2027)[date(2027, 3, 29)] == "Lundi de Pâques"
    assert holidays_of(2027)[date(2027, 5, 6)] == "Ascension"
    assert list(holidays_of(2027)) == sorted(holidays_of(2027))


def test_the_night_in_which_the_clock_leaps() -> None:
    """From 22 h to 6 h are seven hours then, and nine in autumn."""
    for night, hours in (("2026-03-28 22:00", 7), ("2026-10-24 22:00", 9)):
        closes = closes_at(NIGHT, at(night))
        assert closes is not None
        assert closes - at(night).astimezone(UTC) == timedelta(hours=hours)


def test_hours_that_come_twice_or_never() -> None:
    """From the first two o'clock to the last three; from 2 h 30, which is not, one goes on."""
    small = Schedule(week=((Range(time(2), time(3)),),) * 7)
    assert is_open(small, datetime(2026, 10, 25, 0, 0, tzinfo=UTC))  # 2 h, summer time
    assert is_open(small, datetime(2026, 10, 25, 1, 59, tzinfo=UTC))  # 2 h 59, winter time
    assert not is_open(small, datetime(2026, 10, 25, 2, 0, tzinfo=UTC))
    leaping = Schedule(week=((Range(time(1), time(2, 30)),),) * 7)
    assert closes_at(leaping, at("2026-03-29 01:00")) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_same_instant_in_another_zone() -> None:
    """Hours are meant where the client is, whoever asks."""
    reunion = replace(OFFICE, zone="Indian/Reunion")
    noon_in_paris = at("2026-11-27 07:00")
    assert not is_open(OFFICE, noon_in_paris)
    assert is_open(reunion, noon_in_paris)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"zone": "Paris"}, "Europe/Paris"),
        ({"week": ((),)}, "sept jours"),
        ({"closures": (Closure(datetime(2026, 1, 2), datetime(2026, 1, 1)),)}, "après son début"),
        ({"special_days": (SpecialDay(date(2026, 1, 2)),) * 2}, "deux fois"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_french(wrong: dict[str, object], says: str) -> None:
    """One sentence that says what to do."""
    with pytest.raises(ValueError, match=says):
        Schedule(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("opening", "said", "spoken"),
    [
        ("2026-11-27 14:00", "aujourd'hui à 14 h", "aujourd'hui à quatorze heures"),
        ("2026-11-28 09:00", "demain à 9 h", "demain à neuf heures"),
        ("2026-11-30 08:30", "lundi matin à 8 h 30", "lundi matin à huit heures trente"),
        ("2026-12-01 14:00", "mardi après-midi à 14 h", "mardi après-midi à quatorze heures"),
        ("2026-12-01 12:00", "mardi à midi", "mardi à midi"),
        ("2026-12-01 00:00", "mardi à 0 h", "mardi à zéro heure"),
        ("2026-12-02 19:15", "mercredi soir à 19 h 15", "mercredi soir à dix-neuf heures quinze"),
        ("2026-11-28 00:00", "demain à 0 h", "demain à zéro heure"),
        ("2027-01-04 09:00", "le lundi 4 janvier à 9 h", "le lundi quatre janvier à neuf heures"),
        ("2027-02-01 09:00", "le lundi 1er février à 9 h",
         "le lundi premier février à neuf heures"),
    ],
)  # fmt: skip
def test_an_opening_as_people_say_it(opening: str, said: str, spoken: str) -> None:
    """Written for operators, and as the voice says it."""
    text = as_said(at(opening), at("2026-11-27 11:00"), "Europe/Paris")
    assert text == said
    assert speakable(text) == spoken


def test_tomorrow_is_the_caller_s() -> None:
    """Late in the evening it is another day in UTC already."""
    now = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)  # half past midnight in Paris
    assert as_said(at("2026-11-28 09:00"), now, "Europe/Paris") == "aujourd'hui à 9 h"
