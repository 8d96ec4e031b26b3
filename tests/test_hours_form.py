"""Hours in a form: what the text says stands in it, and comes back as text."""

from __future__ import annotations

import pytest

from agent.handoff.hours_form import (
    Closing,
    FormRefusedError,
    HoursForm,
    Row,
    Special,
    Why,
    form_of,
    text_of,
    with_pause,
)
from agent.handoff.hours_text import parse

TEXTS = (
    "lundi-vendredi 9h-12h30, 14h-18h",
    "lundi-dimanche fermé",
    "tous les jours 24h/24",
    "# été\nmardi et jeudi 8h30-12h\nsamedi 22h-2h\nfériés 10h-12h\nalsace-moselle\n"
    "fuseau Indian/Reunion",
    "lundi 9h-24h\n11/11/2026 9h-12h\n24/12/2026 fermé\n"
    "fermé du 24/12/2026 à 16h au 04/01/2027 à 9h",
    "lundi au jeudi 9h-17h\nfermé du 03/08/2026 au 15/08/2026\nfermé le 14/05/2027",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_through_the_form_means_the_same(text: str) -> None:
    """Also twice; notes are kept."""
    form = form_of(text)
    written = text_of(form)
    assert parse(written) == parse(text)
    assert form_of(written) == form
    assert [line for line in written.splitlines() if line.startswith("#")] == list(form.notes)


def test_the_form_writes_as_people_do() -> None:
    """Days with the same hours on one line; closed ones not at all."""
    form = HoursForm()
    for day in range(5):
        form.week[day] = [Row("14:00", "18:00"), Row("09:00", "12:30"), Row()]
    form.week[5] = [Row("22:00", "00:00")]
    form.special = [Special("2026-12-24", [Row("09:00", "12:00")])]
    form.closings = [Closing("2026-08-03", "", "2026-08-15", "")]
    assert text_of(form).splitlines() == [
        "lundi-vendredi 9h-12h30, 14h-18h",
        "samedi 22h-24h",
        "24/12/2026 9h-12h",
        "fermé du 03/08/2026 au 15/08/2026",
    ]


@pytest.mark.parametrize(
    ("form", "place", "why"),
    [
        (HoursForm(week=[[Row("09:00", "")], *([[]] * 6)]), ("week", 0, 0), "incomplete"),
        (HoursForm(week=[[Row("9h", "12:00")], *([[]] * 6)]), ("week", 0, 0), "incomplete"),
        (HoursForm(week=[[], [Row("09:00", "09:00")], *([[]] * 5)]), ("week", 1, 0), "same"),
        (
            HoursForm(week=[[Row("14:00", "18:00"), Row("09:00", "15:00")], *([[]] * 6)]),
            ("week", 0, 0),
            "overlap",
        ),
        (
            HoursForm(week=[[Row("20:00", "02:00"), Row("21:00", "22:00")], *([[]] * 6)]),
            ("week", 0, 1),
            "overlap",
        ),
        (HoursForm(special=[Special("")]), ("special", 0), "no_date"),
        (
            HoursForm(special=[Special("2026-12-24"), Special("2026-12-24")]),
            ("special", 1),
            "date_twice",
        ),
        (
            HoursForm(closings=[Closing("2026-12-24", "", "2026-12-23", "")]),
            ("closings", 0),
            "ends_before",
        ),
        (HoursForm(closings=[Closing()]), ("closings", 0), "no_date"),
    ],
)
def test_what_cannot_be_meant_is_told_where_it_stands(
    form: HoursForm, place: tuple[str | int, ...], why: Why
) -> None:
    """The row and what is wrong with it."""
    with pytest.raises(FormRefusedError) as refused:
        text_of(form)
    assert (refused.value.place, refused.value.why) == (place, why)


@pytest.mark.parametrize(
    ("row", "rows"),
    [
        (Row("09:00", "18:00"), [Row("09:00", "12:00"), Row("14:00", "18:00")]),
        (Row("13:00", "17:00"), [Row("13:00", "15:00"), Row("15:30", "17:00")]),
        (Row("", ""), [Row("", ""), Row()]),
        (Row("09:00", "09:30"), [Row("09:00", "09:30"), Row()]),
    ],
)
def test_a_pause(row: Row, rows: list[Row]) -> None:
    """At noon, else in the middle; where there is no room, another row to fill in."""
    assert with_pause(row) == rows
