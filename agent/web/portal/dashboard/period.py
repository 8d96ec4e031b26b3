"""The period that a dashboard shows and the one that it is compared with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from agent.web.portal.words import t

LENGTHS = (7, 30, 90)
"""Days of the periods that are one click away."""

USUAL = 30
LONGEST_DAYS = 366
OLDEST = date(2000, 1, 1)

Comparison = Literal["precedente", "annee", "autre", "aucune"]
"""With the period of the same length just before, the same days a year ago, another one, none."""

COMPARISONS: tuple[Comparison, ...] = ("precedente", "annee", "autre", "aucune")


class PeriodError(ValueError):
    """A period cannot be so; a sentence that says what to do."""


@dataclass(frozen=True)
class Period:
    """Days of a time zone.

    Attributes:
        first: Day.
        last: Day, which belongs to it.
        zone: IANA name.
    """

    first: date
    last: date
    zone: str

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        """When it begins."""
        return _midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """When it ends, which is outside."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    def each_day(self) -> tuple[date, ...]:
        """Its days, in order."""
        return tuple(self.first + timedelta(days=number) for number in range(self.days))


@dataclass(frozen=True)
class Asked:
    """The fields of the form, as they were typed."""

    length: str = ""
    first: str = ""
    last: str = ""
    comparison: str = ""
    other_first: str = ""
    other_last: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """What a page's address asks for."""
        names = ("jours", "du", "au", "face", "face_du", "face_au")
        return cls(*(query.get(name, "").strip()[:20] for name in names))

    def address(self) -> str:
        """The same as the end of an address, "" where nothing is asked for."""
        fields = {
            "jours": self.length, "du": self.first, "au": self.last, "face": self.comparison,
            "face_du": self.other_first, "face_au": self.other_last,
        }  # fmt: skip
        given = urlencode({name: value for name, value in fields.items() if value})
        return f"?{given}" if given else ""

    def periods(self, today: date, zone: str) -> tuple[Period, Period | None]:
        """The period, and the one that it is compared with; None for none.

        Args:
            today: In the zone.
            zone: In which days are meant.

        Raises:
            PeriodError: They cannot be so.
        """
        if self.first or self.last:
            period = _of_days(self.first, self.last, zone)
        else:
            period = _last_days(self.length, today, zone)
        return period, self._compared(period, zone)

    def _compared(self, period: Period, zone: str) -> Period | None:
        match self.comparison or "precedente":
            case "precedente":
                length = timedelta(days=period.days)
                return Period(period.first - length, period.last - length, zone)
            case "annee":
                year = timedelta(days=364)  # of whole weeks: Mondays are held against Mondays
                return Period(period.first - year, period.last - year, zone)
            case "autre":
                return _of_days(self.other_first, self.other_last, zone)
            case "aucune":
                return None
        raise PeriodError(t("Choisissez la comparaison dans la liste."))


def _last_days(length: str, today: date, zone: str) -> Period:
    text = length or str(USUAL)
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_DAYS:
        raise PeriodError(t("Demandez de 1 à {most} jours.", most=LONGEST_DAYS))
    return Period(today - timedelta(days=int(text) - 1), today, zone)


def _of_days(first: str, last: str, zone: str) -> Period:
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise PeriodError(
            t("Donnez les deux dates, comme 2026-11-27 : année, mois, jour.")
        ) from error
    if begins > ends:
        raise PeriodError(t("La date de début vient après la date de fin : échangez-les."))
    if begins < OLDEST or ends.year > 2100:
        raise PeriodError(t("Choisissez des dates entre 2000 et 2100."))
    period = Period(begins, ends, zone)
    if period.days > LONGEST_DAYS:
        raise PeriodError(t("Demandez de 1 à {most} jours.", most=LONGEST_DAYS))
    return period


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
