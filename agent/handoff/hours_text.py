"""A client's hours as the client writes them, a line each, and back. Pure.

    lundi-vendredi 9h-12h30, 14h-18h
    samedi 9h-12h
    fériés fermé
    alsace-moselle
    11/11/2026 9h-12h
    fermé du 24/12/2026 à 16h au 04/01/2027 à 9h
    fuseau Europe/Paris

What is not written is closed; a line that begins with # says nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from agent.handoff.hours import WEEKDAYS, Closure, Range, Schedule, SpecialDay

LONGEST_TEXT = 20_000
"""Characters of all lines."""

EXAMPLE = "lundi-vendredi 9h-12h30, 14h-18h"

_DAY = "(?:" + "|".join(WEEKDAYS) + ")"
_MORE_DAYS = rf"(?: ?- ?| au | a |, ?| et )(?:le )?{_DAY}s?"
_DAYS = re.compile(rf"^(?:tous les jours|(?:du |le |les )?{_DAY}s?(?:{_MORE_DAYS})*)")
_DATE = r"(?:(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{2})-(\d{2}))"
_SPECIAL = re.compile(rf"^(?:le )?{_DATE}")
_TIME = r"(\d{1,2}) ?[h:] ?(\d{2})?"
_CLOSED_FROM_TO = re.compile(
    rf"^ferme(?:ture|e)?s? du {_DATE}(?: (?:a |a partir de )?{_TIME})?"
    rf" au {_DATE}(?: (?:a |jusqu a )?{_TIME})?$"
)
_CLOSED_FROM = re.compile(
    rf"^ferme(?:ture|e)?s? le {_DATE}(?: (?:a partir de|des|apres) {_TIME})?$"
)
_RANGE = re.compile(rf"(?:de |le matin |l apres-midi )*{_TIME} ?(?:-|a|jusqu a) ?{_TIME}")
_BETWEEN = re.compile(r"[\s,;&+:]|\b(?:et|puis)\b")
_ALL_DAY = re.compile(r"^(?:24 ?h ?(?:/|sur) ?24|jour et nuit)$")
_CLOSED = re.compile(r"^fermee?s?$")


@dataclass
class _Reading:
    """What the lines so far have said."""

    week: dict[int, tuple[Range, ...]] = field(default_factory=dict)
    special: list[SpecialDay] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)


def parse(text: str) -> Schedule:
    """The hours that a text tells.

    Raises:
        ValueError: One French sentence with the line's number, for whoever wrote it.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(
            f"Le texte des horaires est trop long : {LONGEST_TEXT} caractères au plus."
        )
    schedule, read = Schedule(), _Reading()
    for number, line in enumerate(text.splitlines(), start=1):
        written = " ".join(line.split())
        if not written or written.startswith("#"):
            continue
        try:
            schedule = _line(schedule, read, written)
        except ValueError as error:
            why = str(error) if str(error).endswith(".") else ""
            raise ValueError(
                f"Ligne {number} : « {written[:60]} » n'est pas compris. "
                + (why or f"Écrivez par exemple « {EXAMPLE} ».")
            ) from error
    week = tuple(read.week.get(day, ()) for day in range(len(WEEKDAYS)))
    return replace(
        schedule, week=week, special_days=tuple(read.special), closures=tuple(read.closures)
    )


def _line(schedule: Schedule, read: _Reading, written: str) -> Schedule:
    plain = _plain(written)
    if plain == "alsace-moselle":
        return replace(schedule, alsace_moselle=True)
    if plain.startswith("fuseau "):
        return replace(schedule, zone=written.split(maxsplit=1)[1])
    if plain.startswith(("feries ", "jours feries ")):
        return replace(schedule, on_holidays=_ranges(plain.split("feries ", 1)[1]))
    closure = _closure(plain)
    if closure is not None:
        read.closures.append(closure)
        replace(schedule, closures=(closure,))  # raises if it ends before it begins
        return schedule
    special = _SPECIAL.match(plain)
    if special is not None:
        day = _date(special.groups())
        if any(one.day == day for one in read.special):
            raise ValueError("Ce jour est indiqué deux fois : gardez une seule ligne.")
        read.special.append(SpecialDay(day, _ranges(plain[special.end() :])))
        return schedule
    named = _DAYS.match(plain)
    if named is None:
        raise ValueError(plain)
    ranges = _ranges(plain[named.end() :])
    for weekday in _weekdays(named.group()):
        if weekday in read.week:
            raise ValueError(
                f"Le {WEEKDAYS[weekday]} est indiqué deux fois : mettez ses heures sur une ligne."
            )
        read.week[weekday] = ranges
    return schedule


def _plain(written: str) -> str:
    """Lower case, no accents; dashes and apostrophes in one form, signs kept."""
    same = written.replace("–", "-").replace("—", "-").replace("’", " ").replace("'", " ")
    parts = unicodedata.normalize("NFKD", same.casefold())
    return " ".join("".join(sign for sign in parts if not unicodedata.combining(sign)).split())


def _weekdays(text: str) -> list[int]:
    if text == "tous les jours":
        return list(range(len(WEEKDAYS)))
    days: list[int] = []
    through = False
    for word in re.findall(rf"{_DAY}|-|\bau\b|\ba\b", text):
        if word in ("-", "au", "a"):
            through = True
            continue
        day = WEEKDAYS.index(word)
        if through:
            after = days[-1] + 1
            days += [(after + step) % 7 for step in range((day - days[-1]) % 7)]
        else:
            days.append(day)
        through = False
    return days


def _ranges(text: str) -> tuple[Range, ...]:
    """The ranges of a day; () for « fermé ».

    Raises:
        ValueError: It is none.
    """
    text = text.strip(" :,")
    if _CLOSED.match(text):
        return ()
    if _ALL_DAY.match(text):
        return (Range(time(0), time(0)),)
    found = [_times(match.groups()) for match in _RANGE.finditer(text)]
    if not found or _BETWEEN.sub("", _RANGE.sub(" ", text)):
        raise ValueError(text)
    return tuple(Range(opens, closes) for opens, closes in found)


def _times(groups: tuple[str | None, ...]) -> tuple[time, time]:
    opens, closes = _time(groups[0], groups[1]), _time(groups[2], groups[3])
    if opens == closes != time(0):
        raise ValueError("Une plage horaire doit finir à une autre heure que celle de son début.")
    return opens, closes


def _time(hour: str | None, minute: str | None) -> time:
    hours, minutes = int(hour or 0), int(minute or 0)
    if (hours, minutes) == (24, 0):
        return time(0)
    if hours > 23 or minutes > 59:
        raise ValueError("Une heure va de 0h à 24h, par exemple 9h ou 14h30.")
    return time(hours, minutes)


def _date(groups: tuple[str | None, ...]) -> date:
    day, month, year, iso_year, iso_month, iso_day = groups[:6]
    try:
        return date(int(year or iso_year or 0), int(month or iso_month or 0),
                    int(day or iso_day or 0))  # fmt: skip
    except ValueError as error:
        raise ValueError("Cette date n'existe pas.") from error


def _closure(plain: str) -> Closure | None:
    match = _CLOSED_FROM_TO.match(plain)
    if match is not None:
        groups = match.groups()
        begins = datetime.combine(_date(groups[:6]), _time(groups[6], groups[7]))
        ends = datetime.combine(_date(groups[8:14]), _time(groups[14], groups[15]))
        if groups[14] is None:  # « au 4 janvier » means that day too
            ends += timedelta(days=1)
        return Closure(begins, ends)
    match = _CLOSED_FROM.match(plain)
    if match is not None:
        groups = match.groups()
        begins = datetime.combine(_date(groups[:6]), _time(groups[6], groups[7]))
        return Closure(begins, datetime.combine(begins.date() + timedelta(days=1), time(0)))
    return None
