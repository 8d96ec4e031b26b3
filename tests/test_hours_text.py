"""Hours as clients write them, and what is said of what is not understood."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from agent.handoff.hours import Closure, Range, Schedule, SpecialDay
from agent.handoff.hours_text import LONGEST_TEXT, parse

DAY, MORNING = Range(time(9), time(17)), Range(time(9), time(12))


def week(*days: int, ranges: tuple[Range, ...] = (DAY,)) -> tuple[tuple[Range, ...], ...]:
    """A week with these days, Monday 0."""
    return tuple(ranges if day in days else () for day in range(7))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lundi-vendredi 9h-17h", week(0, 1, 2, 3, 4)),
        ("Du lundi au vendredi : de 9 h à 17 h", week(0, 1, 2, 3, 4)),
        ("LUNDI – MERCREDI 09:00–17:00", week(0, 1, 2)),
        ("lundi, mercredi et samedi 9h-17h", week(0, 2, 5)),
        ("vendredi-lundi 9h-17h", week(0, 4, 5, 6)),
        ("tous les jours 9h à 17h00", week(*range(7))),
        ("samedi 9h-12h, 14h-18h30",
         week(5, ranges=(MORNING, Range(time(14), time(18, 30))))),
        ("samedi de 9h à 12h et de 14h à 18h30",
         week(5, ranges=(MORNING, Range(time(14), time(18, 30))))),
        ("lundi 22h-6h", week(0, ranges=(Range(time(22), time(6)),))),
        ("dimanche 0h-24h", week(6, ranges=(Range(time(0), time(0)),))),
        ("tous les jours 24h/24", week(*range(7), ranges=(Range(time(0), time(0)),))),
        ("samedi et dimanche fermés", week()),
        ("# rien encore", week()),
        ("", week()),
    ],
)  # fmt: skip
def test_weeks(text: str, expected: tuple[tuple[Range, ...], ...]) -> None:
    """In the many ways in which they are written."""
    assert parse(text) == Schedule(week=expected)


def test_everything_else_that_may_be_said() -> None:
    """Holidays, days of their own, closures, the time zone."""
    text = """
        samedi 9h-12h
        jours fériés 9h-12h
        Alsace-Moselle
        11/11/2026 fermé
        le 2026-12-31 9h-12h
        fermé du 24/12/2026 à 16h au 04/01/2027 à 9h
        fermé du 01/08/2026 au 15/08/2026
        Fermé le 03/06/2026 à partir de 16h30
        fermé le 04/06/2026
        fuseau Indian/Reunion
    """
    assert parse(text) == Schedule(
        zone="Indian/Reunion",
        week=week(5, ranges=(MORNING,)),
        on_holidays=(MORNING,),
        alsace_moselle=True,
        special_days=(SpecialDay(date(2026, 11, 11)), SpecialDay(date(2026, 12, 31), (MORNING,))),
        closures=(
            Closure(datetime(2026, 12, 24, 16), datetime(2027, 1, 4, 9)),
            Closure(datetime(2026, 8, 1), datetime(2026, 8, 16)),
            Closure(datetime(2026, 6, 3, 16, 30), datetime(2026, 6, 4)),
            Closure(datetime(2026, 6, 4), datetime(2026, 6, 5)),
        ),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lundi 9h-12h\n\nmardii 9h-12h", "Ligne 3 : « mardii 9h-12h » n'est pas compris. Écrivez"),
        ("lundi 25h-26h", "Une heure va de 0h à 24h"),
        ("lundi 9h60-12h", "Une heure va de 0h à 24h"),
        ("lundi 9h", "par exemple"),
        ("lundi", "par exemple"),
        ("lundi 9-12", "par exemple"),
        ("lundi 9h-12h et parfois 14h-15h", "par exemple"),
        ("lundi 9h-9h", "finir à une autre heure"),
        ("31/02/2026 fermé", "Cette date n'existe pas"),
        ("11/11/2026 fermé\n2026-11-11 9h-12h", "indiqué deux fois"),
        ("fermé du 05/01/2027 au 03/01/2027", "finir après son début"),
        ("fuseau Lune", "écrivez par exemple Europe/Paris"),
        ("lundi 9h-12h\ndu lundi au jeudi 14h-18h", "Le lundi est indiqué deux fois"),
        ("fériés parfois", "par exemple"),
        ("x" * (LONGEST_TEXT + 1), "trop long"),
    ],
)
def test_what_is_not_understood(text: str, says: str) -> None:
    """One French sentence, with the line's number."""
    with pytest.raises(ValueError) as refused:
        parse(text)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
