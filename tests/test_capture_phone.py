"""A telephone number is understood however it is said, and corrected as people correct it."""

from __future__ import annotations

import random

import pytest

from agent.call.capture.phone import amend, read, said
from voices.french import speakable
from voices.numbers import cardinal

USUAL = "+33639981234"

NUMBERS = [
    ("06 39 98 12 34", USUAL),
    ("0639981234", USUAL),
    ("06-39-98-12-34", USUAL),
    ("06.39.98.12.34", USUAL),
    ("06, 39. 98. 12. 34.", USUAL),
    ("zéro 6 39 98 12 34", USUAL),
    ("0 six 39 98 douze 34", USUAL),
    ("Le 0-6-39-98-12-34.", USUAL),
    ("06 399 81234", USUAL),
    ("06h39, 98, 12, 34", USUAL),
    ("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre", USUAL),
    ("zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre", USUAL),
    ("zéro six trente neuf quatre vingt dix huit douze trente quatre", USUAL),
    ("zéro six trois neuf neuf huit un deux trois quatre", USUAL),
    ("0 6 3 9 9 8 1 2 3 4", USUAL),
    ("zéro six, trois cent quatre-vingt-dix-neuf, huit cent douze, trente-quatre", USUAL),
    ("zéro-six, trente-neuf, quatre-vingt-dix-huit, euh attendez, douze, trente-quatre", USUAL),
    ("euh... zéro six... attendez... trente-neuf... 98... douze... 34", USUAL),
    ("zéro si trente-neuf quatre-vingt-dix-huit douze trente-quatre", USUAL),
    ("+33 6 39 98 12 34", USUAL),
    ("+33 (0)6 39 98 12 34", USUAL),
    ("plus trente-trois six trente-neuf quatre-vingt-dix-huit douze trente-quatre", USUAL),
    ("zéro zéro trente-trois six trente-neuf quatre-vingt-dix-huit douze 34", USUAL),
    ("double zéro trente-trois six trente-neuf quatre-vingt-dix-huit douze 34", USUAL),
    ("0033639981234", USUAL),
    ("c'est un 06 39 98 12 34", USUAL),
    ("vous avez de quoi noter ? 06 39 98 12 34", USUAL),
    ("deux numéros, non un seul, le 06 39 98 12 34", USUAL),
    ("c'est le 06 39 98 12 34, appelez après dix-huit heures", USUAL),
    ("06 39 98 12 34 après 18h30", USUAL),
    ("06 39 98 12 34 sauf le mardi 12 mars", USUAL),
    ("06 39 98 12 34 c'est le portable de ma fille et elle a 34 ans", USUAL),
    ("j'habite au 12 rue des Lilas et mon numéro est le 06 39 98 12 34", USUAL),
    ("mon code postal c'est 75011 et mon numéro 06 39 98 12 34", USUAL),
    ("zéro six, soixante, quinze, douze, trente-quatre, dix", "+33675123410"),
    ("zéro six soixante-quinze douze trente quatre dix", "+33675123410"),
    ("zéro un, quarante-deux, soixante, quinze, zéro huit", "+33142601508"),
    ("zéro un, quarante-deux, soixante-quinze, quinze, zéro huit", "+33142751508"),
    ("zéro six soixante quinze douze trente-quatre", "+33660151234"),
    ("zéro quatre vingt-deux trente-trois quatre-vingt-huit soixante-quatorze", "+33422338874"),
    ("zéro neuf cent treize cinq cent quatre-vingt-six soixante", "+33911358660"),
    ("zéro un quatre-vingt-dix-neuf zéro zéro douze trente-quatre", "+33199001234"),
    ("zéro un nonante-neuf double zéro huitante-deux quarante", "+33199008240"),
    ("zéro quatre soixante-cinq septante et un douze nonante-quatre", "+33465711294"),
    ("zéro deux soixante-et-un quatre-vingt-onze dix onze", "+33261911011"),
    ("zéro trois cinquante-trois zéro un vingt et un trente et un", "+33353012131"),
    ("zéro cinq trente-six quarante-neuf zéro zéro zéro un", "+33536490001"),
    ("06 39 98 double un 34", "+33639981134"),
    ("06 39 98 deux fois le douze", "+33639981212"),
    ("0692 12 34 56", "+262692123456"),
    ("+32 470 12 34 56", "+32470123456"),
    ("plus trente-deux quatre cent soixante-dix douze 34 cinquante-six", "+32470123456"),
    ("double zéro quarante et un soixante-dix-neuf cent vingt-trois 45 67", "+41791234567"),
]
"""Heard, in E.164; nothing doubtful about them."""

CORRECTED = [
    ("06 39 98 12 34, non pardon, 35", "+33639981235"),
    ("06 39 98 12 34 non 5", "+33639981235"),
    ("zéro six trente-neuf quatre-vingt-dix-huit douze non pardon treize 34", "+33639981334"),
    ("zéro six trente-neuf non quarante-neuf quatre-vingt-dix-huit douze 34", "+33649981234"),
    ("06 39 98 12 34 non 13 34", "+33639981334"),
    ("0 6 3 9 9 8 1 2 non 3 3 4", "+33639981334"),
    ("06 39 89, je reprends, 06 39 98 12 34", USUAL),
    ("06 39 98, je recommence, 98 12 34", USUAL),
    ("06 39 98 12 34 oh non zut 07 39 98 12 34", "+33739981234"),
    ("06 39 98 12 24, le dernier c'est 34", USUAL),
    ("zéro six 39 98 douze dix, le dernier c'est six pas dix", "+33639981206"),
    ("06 39 98 12 34 non c'est pas 34 c'est 35", "+33639981235"),
    ("06 39 98 21 34, à la place de 21 c'est 12", USUAL),
    ("zéro six, c'est trente-neuf pas trente, 98 douze 34", USUAL),
    ("06 39 98 12 et à la fin 34", USUAL),
    ("06 39 98 12 34 je répète 06 39 98 12 34", USUAL),
]
"""Corrections inside one utterance."""

DOUBTFUL = [
    ("six trente-neuf quatre-vingt-dix-huit douze trente-quatre", USUAL),
    ("06 4 20 18 12 34 56", "+33698123456"),
    ("06 30 9 98 12 34", USUAL),
    ("06 39 39 98 12 34", USUAL),
    ("le 06 39 98 12 34 ou alors le 01 99 00 12 34", USUAL),
    ("0, 2, 80, 14, 80, 9, 0, 3, 33", "+33294890333"),
    ("03 23 80 14 80 5 72.", "+33323948572"),
    ("0 4 80 19 57 80 17 87.", "+33499579787"),
    ("07 60 19 76 49 84.", "+33779764984"),
]
"""Readings that were repaired, or one of two."""

INCOMPLETE = [
    ("zéro six", "06"),
    ("zéro six… trente-neuf…", "0639"),
    ("zéro six trente neuf quatre vingt dix huit douze", "06399812"),
    ("06 39 98 12 34 56", "063998123456"),
    ("06 12 34 56 78 90 12", "06123456789012"),
    ("plus trente-deux quatre", "+324"),
    ("il a 3 ans et il fuit", ""),
    ("cinq minutes, je le cherche", ""),
    ("mon numéro c'est toujours le même", ""),
    ("² ½ ٣", "212"),  # figures of no telephone
    ("", ""),
]

UNUSABLE = ["0 890 12 34 56", "08 00 12 34 56", "3900", "trente-six quarante-six", "118 218"]


@pytest.mark.parametrize(("heard", "number"), NUMBERS)
def test_number(heard: str, number: str) -> None:
    """Pairs, threes, single figures, prefixes, fillers and what stands around the number."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (number, True, False)


@pytest.mark.parametrize(("heard", "number"), CORRECTED)
def test_correction_in_the_same_breath(heard: str, number: str) -> None:
    """What is taken back does not count, and no more than that is taken back."""
    reading = read(heard)
    assert (reading.value, reading.complete) == (number, True)


@pytest.mark.parametrize(("heard", "number"), DOUBTFUL)
def test_doubtful_number(heard: str, number: str) -> None:
    """The likeliest number is offered, with the doubt that there is."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (number, True, True)


@pytest.mark.parametrize(("heard", "figures"), INCOMPLETE)
def test_part_of_a_number(heard: str, figures: str) -> None:
    """Figures that make no number are kept as they are; hours and ages are none."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.unusable) == (figures, False, False)


@pytest.mark.parametrize("heard", UNUSABLE)
def test_number_that_cannot_be_called_back(heard: str) -> None:
    """Surcharged, free and short numbers have an outcome of their own."""
    reading = read(heard)
    assert (reading.complete, reading.unusable) == (False, True)


AMENDED = [
    ("non, douze trente-cinq à la fin", "+33639981235"),
    ("non c'est trente-cinq et pas trente-quatre", "+33639981235"),
    ("non, à la fin c'est trente-cinq", "+33639981235"),
    ("non, trois cinq à la fin", "+33639981235"),
    ("non le dernier c'est cinq", "+33639981235"),
    ("oui sauf la fin c'est 43", "+33639981243"),
    ("non c'est quinze pas douze", "+33639981534"),
    ("non pas douze, quinze", "+33639981534"),
    ("non, zéro sept au début", "+33739981234"),
    ("non, treize trente-quatre", "+33639981334"),
    ("non, trente-cinq", ""),  # 39 and 34 are equally near
    ("non, 98 pas 99", ""),  # 99 is no pair of it
    ("non, quatre pas cinq", ""),
    ("non c'est pas ça", ""),
    ("non", ""),
]


@pytest.mark.parametrize(("heard", "number"), AMENDED)
def test_part_corrected_after_the_read_back(heard: str, number: str) -> None:
    """The part is put where it belongs beyond doubt, and nowhere otherwise."""
    assert amend(USUAL, heard).value == number


@pytest.mark.parametrize(
    ("number", "heard", "corrected"),
    [
        ("+33639981505", "non c'est quinze, pas cinq", "+33639981515"),
        ("+33639981210", "le dernier c'est six pas dix", "+33639981206"),
        ("+33639981264", "non c'est trois, pas six", ""),  # 06 and 64 both have a six
    ],
)
def test_figure_for_a_pair(number: str, heard: str, corrected: str) -> None:
    """« cinq » is the pair 05 where there is just one."""
    assert amend(number, heard).value == corrected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (USUAL, "06 39 98 12 34"),
        ("+262692123456", "06 92 12 34 56"),
        ("+32470123456", "+32, 470, 12, 34, 56"),
        ("+41791234567", "+41, 79, 123, 45, 67"),
        ("+447700900123", "+44, 77, 00, 90, 01, 23"),
        ("06399812", "06, 39, 98, 12"),
    ],
)
def test_number_as_it_is_said(value: str, text: str) -> None:
    """French numbers by pairs, others after their country's code."""
    assert said(value) == text


def test_number_is_spoken_by_pairs() -> None:
    """What is read back is what the voice says pair by pair."""
    spoken = "zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre"
    assert speakable(said(USUAL)) == spoken


def _pair(figures: str) -> str:
    zeros = ["zéro"] * (2 - len(figures.lstrip("0")))
    return " ".join([*zeros, cardinal(int(figures))] if figures.strip("0") else zeros)


@pytest.mark.parametrize("seed", range(40))
def test_any_number_said_by_pairs_is_understood(seed: int) -> None:
    """Hyphens as a recogniser writes them make pairs of words unambiguous, pauses or not."""
    draw = random.Random(seed)
    figures = "063998" + "".join(draw.choice("0123456789") for _ in range(4))
    pairs = [_pair(figures[at : at + 2]) for at in range(0, 10, 2)]
    for gap in (" ", ", ", " euh, "):
        assert read(gap.join(pairs)).value == f"+33{figures[1:]}"


def test_long_dictation_is_read_at_once() -> None:
    """Ways are counted by their tails, not one by one."""
    assert not read("quatre-vingt-dix-sept " * 60).complete
