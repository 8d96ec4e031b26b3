"""An e-mail address is understood as people dictate it and as recognisers write it."""

from __future__ import annotations

import pytest

from agent.call.capture.email import amend, read, said

USUAL = "marie.durand@gmail.com"

ADDRESSES = [
    ("marie point durand arobase gmail point com", USUAL),
    ("marie.durand@gmail.com", USUAL),
    ("Marie.Durand@gmail.com.", USUAL),
    ("C'est marie.durand arobase gmail.com.", USUAL),
    ("Marie, point, Durand, arrobas, gmail.com", USUAL),
    ("marie . durand @ gmail . com", USUAL),
    ("marie point durand à robase j'ai mail point comme", USUAL),
    ("marie.durand at gmail.com", USUAL),
    ("marie point durand à robots gmail point com", USUAL),
    ("marie point durand arobase gmail point com mais je la regarde jamais", USUAL),
    ("marie point durand arobase hotmail non gmail point com", USUAL),
    ("mon adresse c'est marie tiret durand arobase orange point fr", "marie-durand@orange.fr"),
    ("marie tiret du six durand arobase orange point f r", "marie-durand@orange.fr"),
    ("marie tiret bas durand à robas hotmail point com", "marie_durand@hotmail.com"),
    ("marie underscore durand arobase hot mail point com", "marie_durand@hotmail.com"),
    ("marie tiret du huit durand a commercial la poste point net", "marie_durand@laposte.net"),
    ("marie durand tout attaché arobase yahoo point fr", "mariedurand@yahoo.fr"),
    ("M A R T I N arobase free point fr", "martin@free.fr"),
    ("Martin, M-A-R-T-I-N, arobase sfr point fr", "martin@sfr.fr"),
    ("emme a erre té i enne arobase s f r point effe erre", "martin@sfr.fr"),
    ("M comme Marie, point, D U R A N D, arobase, free point fr", "m.durand@free.fr"),
    ("L comme Louis, A, point, martin arobase outlook point fr", "la.martin@outlook.fr"),
    ("C'est C fontaine arobase bbox point fr", "cfontaine@bbox.fr"),
    ("double vé point martin arobase i cloud point com", "w.martin@icloud.com"),
    ("martin quatre-vingt-deux arobase wanadou point fr", "martin82@wanadoo.fr"),
    ("martin deux mille dix-huit arobase gmx point fr", "martin2018@gmx.fr"),
    ("j point dupont zéro sept arobase neuf point fr", "j.dupont07@neuf.fr"),
    ("paul tiret 75 arobase club internet point fr", "paul-75@club-internet.fr"),
    ("jean-pierre point martin chez orange point fr", "jeanpierre.martin@orange.fr"),
    ("contact arobase boulangerie tiret petit point fr", "contact@boulangerie-petit.fr"),
    ("m point lefèvre arobase ac tiret lyon point fr", "m.lefevre@ac-lyon.fr"),
    ("info@petit-moulin.co.uk", "info@petit-moulin.co.uk"),
    ("la.boutique@free.fr", "la.boutique@free.fr"),
]

PARTS = [
    ("marie point durand", "marie.durand"),
    ("marie point durand arobase", "marie.durand@"),
    ("je n'ai pas d'adresse mail", ""),
    ("j'ai pas internet", ""),
    ("non merci", ""),
    ("arobase gmail point com", ""),
    ("", ""),
]


@pytest.mark.parametrize(("heard", "address"), ADDRESSES)
def test_address(heard: str, address: str) -> None:
    """Signs by any name, spelled letters, numbers, and the usual services however written."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (address, True, False)


@pytest.mark.parametrize(
    ("heard", "address"),
    [
        ("marie point durand arobase gmail", USUAL),
        ("marie point durand arobase free", "marie.durand@free.fr"),
        ("marie point durant non durand arobase gmail point com", USUAL),
        ("marie.durand.gmail.com", USUAL),
    ],
)
def test_doubtful_address(heard: str, address: str) -> None:
    """An end that was not said is guessed, with doubt."""
    reading = read(heard)
    assert (reading.value, reading.complete, reading.doubtful) == (address, True, True)


@pytest.mark.parametrize(("heard", "part"), PARTS)
def test_part_of_an_address(heard: str, part: str) -> None:
    """What is said before the « @ » is kept; words that are no address are not."""
    reading = read(heard)
    assert (reading.value, reading.complete) == (part, False)


@pytest.mark.parametrize(
    ("heard", "address"),
    [
        ("non, hotmail point fr", "marie.durand@hotmail.fr"),
        ("non c'est chez orange", "marie.durand@orange.fr"),
        ("non pas gmail, orange", "marie.durand@orange.fr"),
        ("orange, pas gmail", "marie.durand@orange.fr"),
        ("non point fr pas point com", "marie.durand@gmail.fr"),
        ("non, sans point", "mariedurand@gmail.com"),
        ("non c'est un tiret bas pas un point", "marie_durand@gmail.com"),
        ("non c'est un tiret", "marie-durand@gmail.com"),
        ("non, durant", "marie.durant@gmail.com"),
        ("non durand avec un t à la fin", "marie.durant@gmail.com"),
        ("non", ""),
        ("non je veux un conseiller", ""),
    ],
)
def test_part_corrected_after_the_read_back(heard: str, address: str) -> None:
    """The service, its end, a sign or a letter; nothing where it is not clear."""
    assert amend(USUAL, heard).value == address


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (USUAL, "marie point durand, arobase, gmail point com"),
        ("marie_durand@sfr.fr", "marie tiret bas durand, arobase, S F R point F R"),
        ("xyz82@laposte.net", "X Y Z 82, arobase, la poste point net"),
        ("m.brtx@bbox.fr", "M point B R T X, arobase, B box point F R"),
        ("wdupont@ac-lyon.fr", "W D U P O N T, arobase, A C tiret lyon point F R"),
    ],
)
def test_address_as_it_is_said(value: str, text: str) -> None:
    """As it was dictated; what is no plain word letter by letter."""
    assert said(value) == text
