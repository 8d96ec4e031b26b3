"""A postcode is understood however its figures are grouped, and is one of France."""

from __future__ import annotations

import random

import pytest

from agent.call.capture.postcode import amend, is_postcode, read
from voices.numbers import cardinal

POSTCODES = [
    ("75011", "75011"),
    ("75 011", "75011"),
    ("75 0 11.", "75011"),
    ("75.011", "75011"),
    ("soixante-quinze zéro onze", "75011"),
    ("soixante-quinze mille onze", "75011"),
    ("sept cinq zéro un un", "75011"),
    ("soixante-neuf mille trois", "69003"),
    ("69 mille 3", "69003"),
    ("soixante-neuf zéro zéro trois", "69003"),
    ("j'habite 12 rue des Lilas 69003 Lyon", "69003"),
    ("six mille", "06000"),
    ("zéro six mille", "06000"),
    ("zéro un zéro zéro zéro", "01000"),
    ("08 mille 590", "08590"),
    ("treize cent cinquante", "13150"),
    ("quatre-vingt-treize cent", "93100"),
    ("trente-huit cent", "38100"),
    ("quarante deux cent quatre-vingt-dix", "40290"),
    ("trente-trois triple zéro", "33000"),
    ("vingt et un mille", "21000"),
    ("un, zéro, cinq, neuf, zéro", "10590"),
    ("deux A zéro zéro zéro", "20000"),
    ("2B 200", "20200"),
    ("neuf sept quatre zéro zéro", "97400"),
    ("quatre-vingt-dix-sept mille quatre cents", "97400"),
    ("98000", "98000"),
    ("69003 non pardon 69004", "69004"),
    ("69003, non, quatre", "69004"),
    ("soixante-neuf zéro zéro trois non zéro zéro quatre", "69004"),
]

DOUBTFUL = [
    ("Paris 11e", "75011"),
    ("Paris, dans le onzième", "75011"),
    ("Lyon 3", "69003"),
    ("soixante-quinze onze", "75011"),
]

NOT_ONE = ["96 000", "99123", "00123", "97900", "750", "trente-cinq", "j'habite en Belgique", ""]


@pytest.mark.parametrize(("heard", "postcode"), POSTCODES)
def test_postcode(heard: str, postcode: str) -> None:
    """Thousands, groups and single figures; streets and towns are left out."""
    reading = read(heard)
    assert (reading.value, reading.complete) == (postcode, True)


@pytest.mark.parametrize(("heard", "postcode"), DOUBTFUL)
def test_district_of_a_city(heard: str, postcode: str) -> None:
    """The postcode of a district follows from its number, with doubt."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (postcode, True, True)


@pytest.mark.parametrize("heard", NOT_ONE)
def test_no_postcode(heard: str) -> None:
    """Departments that do not exist and figures that are too few are none."""
    assert not read(heard).complete


@pytest.mark.parametrize(
    ("heard", "postcode"),
    [
        ("non le dernier c'est quatre", "69004"),
        ("non, quatre pas trois", "69004"),
        ("non, soixante-huit au début", "68003"),
        ("non, zéro quatre", ""),  # 00 or 03
        ("non, quatre-vingt-seize au début", ""),
        ("non", ""),
    ],
)
def test_part_corrected_after_the_read_back(heard: str, postcode: str) -> None:
    """Only what can be aligned and makes a postcode."""
    assert amend("69003", heard).value == postcode


@pytest.mark.parametrize("seed", range(30))
def test_any_postcode_said_as_thousands_is_understood(seed: int) -> None:
    """« soixante-neuf mille trois », with hyphens or without."""
    draw = random.Random(seed)
    figures = f"{draw.randint(10, 95)}{draw.choice(('000', '100', '003', '450', '290'))}"
    assert is_postcode(figures)
    assert read(cardinal(int(figures))).value == figures
    assert read(f"{cardinal(int(figures[:2]))} mille {figures[2:].lstrip('0')}").value == figures
