"""Who answers first, and who is on call: hours, clock changes, holidays."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent.handoff.answering import answers, check_on_call, on_call_now, rings_s
from agent.handoff.hours_text import parse

PARIS = ZoneInfo("Europe/Paris")
OFFICE = parse("lundi-vendredi 9h-12h30, 14h-18h")
NIGHT = parse("tous les jours 22h-6h\nfériés 22h-6h")


def at(text: str) -> datetime:
    """A local time in Paris; "+" at its end: the second of two."""
    return datetime.fromisoformat(text.rstrip("+")).replace(
        tzinfo=PARIS, fold=int(text.endswith("+"))
    )


@pytest.mark.parametrize(
    ("hours", "mode", "when", "free", "first"),
    [
        (OFFICE, "always", "2026-11-27 10:00", 3, "agent"),
        (OFFICE, "overflow", "2026-11-27 10:00", 3, "ring_first"),
        (OFFICE, "overflow", "2026-11-27 10:00", 0, "agent"),
        (OFFICE, "overflow", "2026-11-27 12:29", 1, "ring_first"),
        (OFFICE, "overflow", "2026-11-27 12:30", 1, "agent"),
        (OFFICE, "overflow", "2026-11-28 10:00", 1, "agent"),  # a Saturday
        (OFFICE, "overflow", "2026-11-11 10:00", 1, "agent"),  # a holiday
        (None, "overflow", "2026-11-28 03:00", 1, "ring_first"),
        (None, "overflow", "2026-11-28 03:00", 0, "agent"),
        (None, "always", "2026-11-28 03:00", 1, "agent"),
        (NIGHT, "overflow", "2026-10-25 02:30", 1, "ring_first"),  # the hour that comes twice
        (NIGHT, "overflow", "2026-10-25 02:30+", 1, "ring_first"),
        (NIGHT, "overflow", "2026-10-25 05:59", 1, "ring_first"),
        (NIGHT, "overflow", "2026-10-25 06:00", 1, "agent"),
        (NIGHT, "overflow", "2026-03-29 03:00", 1, "ring_first"),  # after the hour leapt over
        (NIGHT, "overflow", "2026-03-29 06:00", 1, "agent"),
    ],
)
def test_who_answers_first(hours: object, mode: str, when: str, free: int, first: str) -> None:
    """Operators where the client wants it, while they are there and one is free."""
    assert answers(hours, mode, at(when), free) == first  # type: ignore[arg-type]
    assert answers(hours, mode, at(when).astimezone(UTC), free) == first  # type: ignore[arg-type]


def test_how_long_rings_last() -> None:
    """A French ring is 1.5 s of sound in 5 s."""
    assert rings_s(3) == 15.0


RULES = [
    {"email": "jour@example.org", "hours": "lundi-vendredi 8h-20h"},
    {"email": "nuit@example.org", "hours": "tous les jours 20h-8h"},
    {"email": "fêtes@example.org", "hours": "fériés 0h-24h"},
    {"email": "semaine@example.org", "hours": "lundi-vendredi 8h-20h\nJours fériés : fermé"},
    {"email": "jour@example.org", "hours": "samedi 9h-12h"},
]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-11-27 10:00", ("jour", "semaine")),
        ("2026-11-27 20:00", ("nuit",)),
        ("2026-11-28 07:59", ("nuit",)),
        ("2026-11-28 10:00", ("jour",)),
        ("2026-11-29 10:00", ()),
        ("2026-12-25 10:00", ("jour", "fêtes")),  # a Friday: said nothing of, it is a day like any
        ("2026-12-25 03:00", ("nuit", "fêtes")),
        ("2026-12-26 07:00", ("nuit",)),  # the night that began on the holiday
        ("2026-10-25 02:30", ("nuit",)),
        ("2026-10-25 02:30+", ("nuit",)),
        ("2026-10-25 07:59", ("nuit",)),
        ("2026-10-25 08:00", ()),
        ("2026-03-29 03:00", ("nuit",)),
        ("2026-03-29 08:00", ()),
    ],
)
def test_who_is_on_call(when: str, expected: tuple[str, ...]) -> None:
    """Each once, in the order of the rules."""
    found = on_call_now(RULES, at(when))
    assert found == tuple(f"{name}@example.org" for name in expected)
    assert on_call_now(RULES, at(when).astimezone(UTC)) == found


@pytest.mark.parametrize("rule", [{}, {"hours": " "}, {"hours": "quand il fait beau"}])
def test_a_rule_that_tells_no_hours_means_all(rule: dict[str, str]) -> None:
    """An emergency is told to one too many rather than to nobody."""
    rules = [{"email": "a@example.org", **rule}]
    assert on_call_now(rules, at("2026-11-29 04:00")) == ("a@example.org",)
    assert on_call_now([], at("2026-11-29 04:00")) == ()


def test_a_rule_in_another_zone() -> None:
    """9 h in Réunion is 6 h in Paris, in winter."""
    rules = [{"email": "a@example.org", "hours": "tous les jours 9h-12h\nfuseau Indian/Reunion"}]
    assert on_call_now(rules, at("2026-11-27 05:59")) == ()
    assert on_call_now(rules, at("2026-11-27 06:00")) == ("a@example.org",)


def test_rules_are_refused_when_they_are_set() -> None:
    """In a sentence that says which one."""
    check_on_call(RULES)
    check_on_call([{"email": "a@example.org"}])
    with pytest.raises(ValueError, match=r"^Astreinte 2 : indiquez une adresse e-mail\.$"):
        check_on_call([RULES[0], {"hours": "lundi 9h-12h"}])
    with pytest.raises(
        ValueError, match=r"^Astreinte 1 : Ligne 1 : « lundi \? » n'est pas compris"
    ):
        check_on_call([{"email": "a@example.org", "hours": "lundi ?"}])
