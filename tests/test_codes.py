"""A caller's words against a client's own list of codes: every style, and no false alarm."""

from __future__ import annotations

import pytest

from knowledge.codes import CodeBook, CodeMatch, key_of
from knowledge.passages import Passage

FRIDGE, WASHER, DISHWASHER, HOOD = "réfrigérateur A", "lave-linge B", "lave-vaisselle C", "hotte D"
LISTS = {
    FRIDGE: ["E1", "E4", "E24", "LF", "HI", "dO", "dH", "dE", "Lc", "Fi", "HH", "LL", "--", "°F"],
    WASHER: [
        "Err 1", "Err 3", "Err 11", "ER03", "E24", "F07", "PAU", "Fin",
        "voyant Départ clignote 1 fois", "voyant Départ clignote 3 fois",
        "voyant Essorage clignote 2 fois", "voyants Rinçage et Essorage clignotent 2 fois",
    ],
    DISHWASHER: ["i10", "i20", "iC0", "iF0", "CA", "LOC", "F02", "H1", "5E", "C3"],
    HOOD: ["F12", "E01", "UE"],
}  # fmt: skip


def _passage(number: int, product: str, code: str) -> Passage:
    return Passage(f"{number:016x}", "a.pdf", 1, "fr", "error_code", product, "Codes", "x", "x x x",
                   code=code)  # fmt: skip


PASSAGES = [
    _passage(100 * rank + at, product, code)
    for rank, (product, codes) in enumerate(LISTS.items())
    for at, code in enumerate(codes)
]
BOOK = CodeBook(PASSAGES)

EXACT = [
    ("il affiche E24", ["E24"]),
    ("il affiche E vingt-quatre", ["E24"]),
    ("E24", ["E24"]),
    ("euh c'est E 2 4", ["E24"]),
    ("le code eux vingt-quatre", ["E24"]),
    ("mon frigo affiche E un", ["E1"]),
    ("erreur E quatre", ["E4"]),
    ("Err 3", ["Err 3"]),
    ("Err trois", ["Err 3"]),
    ("erreur 3", ["Err 3"]),
    ("erreur trois", ["Err 3"]),
    ("il affiche erreur onze", ["Err 11"]),
    ("il y a marqué err un", ["Err 1"]),
    ("l'écran indique Err 1", ["Err 1"]),
    ("ça affiche ER zéro trois", ["ER03"]),
    ("code E R zéro trois", ["ER03"]),
    ("code E R 03", ["ER03"]),
    ("F zéro sept", ["F07"]),
    ("effe zéro sept", ["F07"]),
    ("le lave-vaisselle affiche F zéro deux", ["F02"]),
    ("i dix", ["i10"]),
    ("il affiche i dix", ["i10"]),
    ("le code i vingt", ["i20"]),
    ("message i 20", ["i20"]),
    ("I20", ["i20"]),
    ("il affiche i F zéro", ["iF0"]),
    ("message iF0", ["iF0"]),
    ("i effe zéro", ["iF0"]),
    ("code i C zéro", ["iC0"]),
    ("le message i cé zéro", ["iC0"]),
    ("il affiche dH", ["dH"]),
    ("il affiche D H", ["dH"]),
    ("D H", ["dH"]),
    ("dé ache", ["dH"]),
    ("c'est marqué dé ache", ["dH"]),
    ("l'écran affiche d h", ["dH"]),
    ("le code DH", ["dH"]),
    ("elle effe", ["LF"]),
    ("il affiche elle effe", ["LF"]),
    ("LF", ["LF"]),
    ("L F s'affiche", ["LF"]),
    ("j'ai LF qui clignote sur le frigo", ["LF"]),
    ("H H", ["HH"]),
    ("c'est écrit ache ache", ["HH"]),
    ("il y a HH sur l'afficheur", ["HH"]),
    ("code L L", ["LL"]),
    ("il affiche elle elle", ["LL"]),
    ("les lettres H I", ["HI"]),
    ("le frigo affiche HI", ["HI"]),
    ("il affiche ache i", ["HI"]),
    ("cinq E", ["5E"]),
    ("il affiche 5E", ["5E"]),
    ("code cinq eux", ["5E"]),
    ("il affiche H un", ["H1"]),
    ("le code H1", ["H1"]),
    ("ache un", ["H1"]),
    ("code C.3", ["C3"]),
    ("défaut C 3", ["C3"]),
    ("il affiche cé trois", ["C3"]),
    ("F-12", ["F12"]),
    ("F douze", ["F12"]),
    ("la hotte affiche effe douze", ["F12"]),
    ("code E zéro un", ["E01"]),
    ("le code UE", ["UE"]),
    ("il affiche U E", ["UE"]),
    ("il affiche CA", ["CA"]),
    ("le message C A", ["CA"]),
    ("il affiche LOC", ["LOC"]),
    ("l o c est affiché", ["LOC"]),
    ("elle affiche PAU", ["PAU"]),
    ("code p a u", ["PAU"]),
    ("il affiche fin", ["Fin"]),
    ("il affiche dO", ["dO"]),
    ("dé o s'affiche", ["dO"]),
    ("c'est marqué d e", ["dE"]),
    ("le code est dE", ["dE"]),
    ("il affiche L C", ["Lc"]),
    ("elle cé sur l'écran", ["Lc"]),
    ("il affiche Fi", ["Fi"]),
    ("il affiche effe i", ["Fi"]),
    ("il affiche deux tirets", ["--"]),
    ("l'écran montre -- et rien d'autre", ["--"]),
    ("il y a des tirets sur l'écran", ["--"]),
    ("il affiche degré F", ["°F"]),
    ("c'est affiché en °F", ["°F"]),
    ("le voyant Départ clignote 3 fois", ["voyant Départ clignote 3 fois"]),
    ("le voyant départ clignote trois fois", ["voyant Départ clignote 3 fois"]),
    ("départ clignote une fois", ["voyant Départ clignote 1 fois"]),
    ("le voyant de départ fait 3 éclats", ["voyant Départ clignote 3 fois"]),
    ("la lampe essorage clignote deux fois", ["voyant Essorage clignote 2 fois"]),
    (
        "les voyants rinçage et essorage clignotent 2 fois",
        ["voyants Rinçage et Essorage clignotent 2 fois"],
    ),
    ("E24, non pardon, F zéro sept", ["F07", "E24"]),
    ("d'abord E24 et puis Err 3", ["E24", "Err 3"]),
    ("i 10 ou i 20", ["i10", "i20"]),
]

ZEROS = [
    ("il affiche F sept", ["F07"]),
    ("F deux", ["F02"]),
    ("erreur effe deux", ["F02"]),
    ("code F 7", ["F07"]),
    ("E R trois", ["ER03"]),
]

UNCERTAIN = [
    ("il affiche 24", ["E24"]),
    ("le code 24", ["E24"]),
    ("code vingt", ["i20"]),
    ("il affiche dix", ["i10"]),
    ("l'écran affiche douze", ["F12"]),
    ("le code c'est le 7", ["F07"]),
]

LAMP_MISSING = [
    ("ça clignote trois fois", "voyant Départ clignote 3 fois"),
    ("un voyant clignote 1 fois", "voyant Départ clignote 1 fois"),
]

UNKNOWN = [
    ("il affiche E22", "E22"),
    ("il affiche E vingt-deux", "E22"),
    ("E99", "E99"),
    ("code F zéro neuf", "F09"),
    ("le code i 35", "I35"),
    ("erreur 88", "88"),
    ("code A3", "A3"),
    ("le code U4", "U4"),
    ("le code est Z Z", "Z Z"),
    ("il affiche PF", "PF"),
    ("c'est le code T K", "T K"),
    ("erreur H 9", "H9"),
    ("le voyant Départ clignote 7 fois", "voyant depart 7 fois"),
    ("le voyant clignote 9 fois", "voyant 9 fois"),
]

NOTHING = [
    "F", "H", "E", "L", "le", "la", "elle", "et", "ça", "de", "d", "on", "hi", "fin",
    "il affiche 1 h 20", "il affiche 1:20", "il affiche 2 heures", "60 degrés", "à 60 degrés",
    "1400 tours", "programme 3", "le programme 24", "classe A+++", "A+++", "il est de classe E",
    "elle fait du bruit", "le lave-linge ne vidange plus", "la porte est bloquée",
    "à la fin du programme", "le cycle ne va pas jusqu'à la fin", "il affiche de l'eau",
    "il affiche la température", "il n'affiche rien", "il affiche un message", "il affiche ça",
    "l'écran est noir", "l'afficheur est éteint", "le voyant est allumé", "il clignote",
    "le voyant sel clignote", "il fait 3 bips", "il a 3 ans", "j'ai 24 verres dedans",
    "le 24 décembre", "la hotte ne s'allume pas", "comment débloquer les touches",
    "elle est au sous-sol", "l'eau ne part pas", "au secours", "il y a de l'eau par terre",
    "programme 10 à 30 degrés", "charge de 5 kilos", "depuis 11 heures", "mon LV450 fuit",
    "référence HRC340", "j'habite au 12 rue de la Paix", "le filtre F est bouché",
    "il affiche 60 degrés", "il affiche 24 minutes", "température à 4", "le niveau L4",
    "le programme P2", "touche E", "un litre d'eau", "il indique 3 heures",
    "combien de temps pour le coton à 60", "H", "d'où vient le bruit", "les enfants sont là",
    "on a changé le joint", "il a cassé", "haut et bas", "l'air est humide", "elle aime le linge",
    "la machine est en panne", "en panne depuis 3 jours", "le code postal",
]  # fmt: skip


def _codes(text: str, exactness: str) -> list[str]:
    return [match.code for match in BOOK.find(text) if match.exactness == exactness]


@pytest.mark.parametrize(("heard", "codes"), EXACT)
def test_exact(heard: str, codes: list[str]) -> None:
    """However it is said or written, it is found as the manual writes it."""
    found = BOOK.find(heard)
    assert [match.code for match in found] == codes
    assert {match.exactness for match in found} <= {"exact", "zeros"}
    assert found[0].exactness == "exact"


@pytest.mark.parametrize(("heard", "codes"), ZEROS)
def test_leading_zero_not_said(heard: str, codes: list[str]) -> None:
    """F7 is F07 where no F7 stands in the list; the difference is told."""
    assert (_codes(heard, "zeros"), _codes(heard, "unknown")) == (codes, [])


@pytest.mark.parametrize(("heard", "codes"), UNCERTAIN)
def test_figures_alone_are_uncertain(heard: str, codes: list[str]) -> None:
    """« il affiche 24 » may be E24."""
    assert (_codes(heard, "letter_missing"), _codes(heard, "exact")) == (codes, [])


@pytest.mark.parametrize(("heard", "code"), LAMP_MISSING)
def test_lamp_not_named(heard: str, code: str) -> None:
    """How often it blinks is not which lamp blinks."""
    assert _codes(heard, "lamp_missing") == [code]


@pytest.mark.parametrize(("heard", "code"), UNKNOWN)
def test_clearly_a_code_but_in_no_list(heard: str, code: str) -> None:
    """It is told apart, so that it is not answered from similar text."""
    assert BOOK.find(heard) == (CodeMatch(code, "unknown"),)


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        ("il affiche A24", "E24"),
        ("le code D24", "E24"),
        ("le code U4", "E4"),
        ("il affiche S12", "F12"),
        ("l'écran indique hé 24", "E24"),
    ],
)
def test_a_misheard_letter_is_asked_back(heard: str, code: str) -> None:
    """Where one code of the list has these figures and sounds like it."""
    assert all(match.exactness == "unknown" for match in BOOK.find(heard))
    (found,) = BOOK.near(heard)
    assert (found.code, found.exactness) == (code, "letter_misheard")


@pytest.mark.parametrize(
    "heard",
    [
        *NOTHING,
        *(heard for heard, _ in UNKNOWN if heard != "le code U4"),
        "il affiche Z24",  # sounds like no letter of a code with these figures
        "il affiche S24",
        "j'habite à 24",
        "il affiche à 24 degrés",
        "il affiche à 22",
    ],
)
def test_no_code_is_near(heard: str) -> None:
    """Other figures, measures, letters that sound otherwise."""
    assert BOOK.near(heard) == ()


@pytest.mark.parametrize("heard", NOTHING)
def test_ordinary_french_is_no_code(heard: str) -> None:
    """Letters, short words, measures and programmes."""
    assert BOOK.find(heard) == ()


def test_code_of_another_appliance_is_unknown() -> None:
    """A known appliance has its own list and no other."""
    assert [m.exactness for m in BOOK.find("il affiche LF", WASHER)] == ["unknown"]
    assert BOOK.find("il affiche E24", HOOD) == (CodeMatch("E24", "unknown"),)
    (found,) = BOOK.find("il affiche E24", WASHER)
    assert (found.exactness, found.products) == ("exact", (WASHER,))


def test_code_of_two_appliances_names_both() -> None:
    """One question then tells which."""
    (found,) = BOOK.find("il affiche E24")
    assert found.products == (FRIDGE, WASHER)
    assert found.passage_ids == (f"{2:016x}", f"{104:016x}")


def test_other_languages_and_other_passages_are_left_out() -> None:
    """Only what can be spoken."""
    english = [Passage("1" * 16, "a.pdf", 9, "en", "error_code", WASHER, "", "x", "x", code="E77")]
    assert CodeBook(english).codes() == ()


def test_codes_of_a_product() -> None:
    """As they are written, in order."""
    assert BOOK.codes(HOOD) == ("F12", "E01", "UE")


@pytest.mark.parametrize(
    ("one", "other"), [("E-05", "e05"), ("Err 3", "ERR3"), ("C.3", "C3"), ("E 1", "E1")]
)
def test_key(one: str, other: str) -> None:
    """Signs, spaces and case do not tell codes apart."""
    assert key_of(one) == key_of(other)
