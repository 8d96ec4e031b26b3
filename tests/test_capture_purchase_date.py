"""A date of purchase is understood with the precision that was said, and is in the past."""

from __future__ import annotations

from datetime import date

import pytest

from agent.call.capture.purchase_date import amend, read, said

TODAY = date(2026, 3, 18)
"""A Wednesday."""

DATES = [
    ("en mars deux mille vingt-quatre", "2024-03"),
    ("le douze janvier de l'an dernier", "2025-01-12"),
    ("il y a deux ans", "2024"),
    ("à Noël", "2025-12"),
    ("Noël 2023", "2023-12"),
    ("à Noël de l'année dernière", "2025-12"),
    ("pour la fête des mères", "2025-05"),
    ("la semaine dernière", "2026-03"),
    ("il y a trois semaines", "2026-02"),
    ("hier", "2026-03-17"),
    ("avant-hier", "2026-03-16"),
    ("samedi dernier", "2026-03-14"),
    ("le mois dernier", "2026-02"),
    ("le 3 du mois dernier", "2026-02-03"),
    ("cette année", "2026"),
    ("l'année dernière en octobre", "2025-10"),
    ("l'été dernier", "2025"),
    ("au printemps 2024", "2024"),
    ("début 2023", "2023"),
    ("fin mars 2022", "2022-03"),
    ("en mars dernier", "2025-03"),
    ("en 2021", "2021"),
    ("en vingt vingt-deux", "2022"),
    ("en deux mille, vingt-quatre", "2024"),
    ("en 98", "1998"),
    ("en mille neuf cent quatre-vingt-dix-huit", "1998"),
    ("en septembre vingt-deux", "2022-09"),
    ("12/03/2024", "2024-03-12"),
    ("12/03/24", "2024-03-12"),
    ("03/2024", "2024-03"),
    ("douze zéro trois deux mille vingt-quatre", "2024-03-12"),
    ("le 1er mai 2023", "2023-05-01"),
    ("le vingt et un juin deux mille vingt et un", "2021-06-21"),
    ("il y a trois mois", "2025-12"),
    ("il y a deux ans et trois mois", "2023-12"),
    ("ça fait trois ans", "2023"),
    ("elle a quatre ans", "2022"),
    ("mars 2023 non 2024", "2024-03"),
    ("mars 2023, non, avril", "2023-04"),
]

DOUBTFUL = [
    ("il y a deux ou trois ans", "2024"),
    ("je ne sais plus, il y a une dizaine d'années", "2016"),
    ("il y a environ six ans", "2020"),
    ("il y a un an et demi", "2024-09"),
    ("en 2021 ou 2022", "2021"),
    ("en avril", "2025-04"),
    ("le 20 mars", "2025-03-20"),
    ("le 10 mars", "2026-03-10"),
    ("pendant le confinement", "2020"),
]

NO_DATES = [
    "en mars 2030",
    "le 19 mars 2026",
    "le 30 février 2024",
    "en 1975",
    "je ne sais plus",
    "il est tout neuf",
    "j'ai 72 ans",
    "",
]


@pytest.mark.parametrize(("heard", "value"), DATES)
def test_date(heard: str, value: str) -> None:
    """Dates, years, feasts and « il y a … », written or in words."""
    reading = read(heard, TODAY)
    assert (reading.value, reading.complete, reading.doubtful) == (value, True, False)


@pytest.mark.parametrize(("heard", "value"), DOUBTFUL)
def test_doubtful_date(heard: str, value: str) -> None:
    """Estimates, and months whose year has to be guessed."""
    reading = read(heard, TODAY)
    assert (reading.value, reading.complete, reading.doubtful) == (value, True, True)


@pytest.mark.parametrize("heard", NO_DATES)
def test_no_date(heard: str) -> None:
    """Nothing in the future, before 1980 or outside the calendar."""
    assert not read(heard, TODAY).complete


@pytest.mark.parametrize(
    ("value", "heard", "corrected"),
    [
        ("2024-03", "non, en avril", "2024-04"),
        ("2024-03", "non, 2023", "2023-03"),
        ("2024-03-12", "non le treize", "2024-03-13"),
        ("2024-03-12", "non, avril pas mars", "2024-04-12"),
        ("2024-03-12", "non pas mars, avril", "2024-04-12"),
        ("2024", "non, il y a trois ans", "2023"),
        ("2024", "non en mars 2023", "2023-03"),
        ("2024-03-31", "non, avril", ""),  # there is no 31st of April
        ("2024-03", "non, en 2030", ""),
        ("2024", "non", ""),
    ],
)
def test_part_corrected_after_the_read_back(value: str, heard: str, corrected: str) -> None:
    """What is not said again stays."""
    assert amend(value, heard, TODAY).value == corrected


@pytest.mark.parametrize(
    ("value", "text"),
    [("2024", "en 2024"), ("2024-03", "en mars 2024"), ("2024-03-01", "le 1er mars 2024"),
     ("2024-08-12", "le 12 août 2024")],
)  # fmt: skip
def test_date_as_it_is_said(value: str, text: str) -> None:
    """With the precision that it has."""
    assert said(value) == text
