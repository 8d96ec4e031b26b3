"""Hours in the words of who reads the portal: days, open or closed, what is wrong with a row."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from agent.handoff.hours import Schedule, as_said, closes_at, next_opening
from agent.handoff.hours_form import Why
from agent.handoff.hours_text import EXAMPLE
from agent.handoff.opening_hours import COMING_DAYS
from agent.web.portal.words import spoken, t

_MONDAY = date(2024, 1, 1)
_LINE = re.compile(r"Ligne (\d+) : « (.*) » n'est pas compris")


def day_names() -> list[str]:
    """The days of the week, Monday first."""
    days = (_MONDAY + timedelta(days=number) for number in range(7))
    return [format_date(one, "EEEE", locale=spoken()).capitalize() for one in days]


def state_words(schedule: Schedule, now: datetime) -> str:
    """Whether operators are there, and until or from when."""
    closes = closes_at(schedule, now)
    if closes is not None:
        if closes - now >= timedelta(days=COMING_DAYS):
            return t("Ouvert maintenant, sans fermeture prévue.")
        return t("Ouvert maintenant, ferme {when}.", when=_when(closes, now, schedule.zone))
    opens = next_opening(schedule, now)
    if opens is None:
        return t("Fermé, sans réouverture prévue : vérifiez ces horaires.")
    return t("Fermé maintenant, rouvre {when}.", when=_when(opens, now, schedule.zone))


def _when(at: datetime, now: datetime, zone: str) -> str:
    if spoken() == "fr":
        return as_said(at, now, zone)
    return format_datetime(at.astimezone(ZoneInfo(zone)), "EEEE d MMMM 'at' HH:mm", locale="en")


def why_words(why: Why) -> str:
    """What is wrong with a row of the form, and what to do."""
    match why:
        case "incomplete":
            return t("Donnez les deux heures, par exemple 09:00 et 18:00.")
        case "same":
            return t("La fin doit être à une autre heure que le début.")
        case "overlap":
            return t("Ces heures se recouvrent avec d'autres du même jour : changez-les.")
        case "no_date":
            return t("Donnez la date.")
        case "date_twice":
            return t("Ce jour est déjà dans la liste : gardez-en un.")
        case "ends_before":
            return t("La fin doit venir après le début.")


def not_understood(error: ValueError) -> str:
    """What is wrong with a text of hours."""
    found = _LINE.match(str(error))
    if spoken() == "fr" or found is None:
        return str(error)
    return t(
        "Ligne {line} : « {written} » n'est pas compris. Écrivez par exemple « {example} ».",
        line=found[1], written=found[2], example=EXAMPLE,
    )  # fmt: skip
