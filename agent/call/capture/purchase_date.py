"""When an appliance was bought, as precisely as the caller says it: 2024, 2024-03 or 2024-03-12."""

from __future__ import annotations

import re
from datetime import date

from agent.call.capture.date_words import SaidDate, figured, latest, said_date
from agent.call.capture.reading import NOTHING, Reading
from voices.numbers import day_of_month

EARLIEST_YEAR = 1980
"""No appliance of an after-sales line is older."""

_CORRECTS = re.compile(
    r"\b(?:non|nan|pardon|plut[oô]t|je reprends|je me trompe|excusez-moi)\b", re.IGNORECASE
)


def read(text: str, today: date) -> Reading:
    """The date that is said, with the precision that was said.

    Args:
        text: The caller's words.
        today: The day of the call; « l'an dernier » and a month without its year depend on it.

    Returns:
        « 2024 », « 2024-03 » or « 2024-03-12 »: never later than today, never before 1980.
    """
    reading = NOTHING
    for chunk in _CORRECTS.split(text):
        changed = amend(reading.value, chunk, today) if reading.complete else _read(chunk, today)
        reading = changed if changed.complete or not reading.complete else reading
    return reading


def amend(value: str, text: str, today: date) -> Reading:
    """The date once a part of it is corrected: « non, en avril », « non, 2023 », « le treize ».

    Args:
        value: The date that was read back.
        text: The caller's words.
        today: The day of the call.
    """
    said = said_date(_meant(text), today)
    parts: list[int | None] = [int(part) for part in value.split("-")]
    year, month, day = [*parts, None, None][:3]
    alone = re.search(r"\b(?:le|du) (\d{1,2})\b", figured(_meant(text)))
    if said == SaidDate() and alone is not None and month is not None:
        said = SaidDate(day=int(alone[1]))
    if (said.year, said.month, said.day) == (None, None, None):
        return NOTHING
    if said.year is not None and said.month is not None:
        return _checked(said, today)
    if said.year is not None and said.year != year:
        day = day if said.day is None and month is not None else said.day
    merged = SaidDate(said.year or year, said.month or month, said.day or day, said.doubtful)
    return _checked(merged, today)


def said(value: str) -> str:
    """A date as it is read back: « en 2024 », « en mars 2024 », « le 12 mars 2024 »."""
    year, *rest = (int(part) for part in value.split("-"))
    if not rest:
        return f"en {year}"
    month = (day_of_month(2, rest[0]) or "").removeprefix("deux ")
    if len(rest) == 1:
        return f"en {month} {year}"
    return f"le {'1er' if rest[1] == 1 else rest[1]} {month} {year}"


def _meant(text: str) -> str:
    """A correction without what is wrong: « avril, pas mars », « pas mars, avril »."""
    found = re.match(r"\W*(?:non\W+)?(?:(?:c'est|ce n'est) )?pas\b([^,.;]*)[,.;](.+)", text, re.I)
    return found[2] if found else re.split(r"\bpas\b", text, maxsplit=1)[0]


def _read(text: str, today: date) -> Reading:
    said = said_date(text, today)
    if said.year is None and said.month is not None:
        return _checked(latest(said, today), today)
    return _checked(said, today)


def _checked(said: SaidDate, today: date) -> Reading:
    """A date that can be, as a value; nothing whole if it is in the future or before 1980."""
    year, month, day = said.year, said.month, said.day
    if year is None or not EARLIEST_YEAR <= year <= today.year:
        return NOTHING
    if month is None:
        return Reading(f"{year}", True, said.doubtful)
    if (year, month) > (today.year, today.month) or not 1 <= month <= 12:
        return NOTHING
    if day is None:
        return Reading(f"{year}-{month:02}", True, said.doubtful)
    try:
        whole = date(year, month, day)
    except ValueError:  # the 30th of February
        return NOTHING
    return Reading(whole.isoformat(), True, said.doubtful) if whole <= today else NOTHING
