"""A reference is understood spelled, named or written, and matched to the known ones."""

from __future__ import annotations

import pytest

from agent.call.capture.nearness import distance
from agent.call.capture.reference import amend, read, said
from agent.call.capture.spelling import signs_of
from agent.call.capture.words import words_of

KNOWN = ("LV450X", "LV460", "WAN28282FF", "BI-C640", "DW600", "TM-31", "MN720")

EXACT = [
    ("LV450X", "LV450X"),
    ("lv450x", "LV450X"),
    ("L V 450 X", "LV450X"),
    ("L, V, 4, 5, 0, X.", "LV450X"),
    ("LV-450-X", "LV450X"),
    ("elle vé quatre cent cinquante ixe", "LV450X"),
    ("L V quatre cinq zéro X", "LV450X"),
    ("L comme Louis, V comme Victor, quatre cent cinquante, X comme Xavier", "LV450X"),
    ("la référence, c'est elle vé quatre cinquante ixe", "LV450X"),
    ("elvé 450 x", "LV450X"),
    ("Elle vais 450 X", "LV450X"),
    ("c'est marqué LV450 barre X", "LV450X"),
    ("c'est un lave-linge Lumea L V 450 X de deux ans", "LV450X"),
    ("la référence c'est LV 450 X, c'est un lave-vaisselle", "LV450X"),
    ("L V 450 non pardon 460", "LV460"),
    ("L P 450 X, non, V pas P", "LV450X"),
    ("LV 460 car il est vieux", "LV460"),
    ("W A N vingt-huit deux cent quatre-vingt-deux F F", "WAN28282FF"),
    ("double vé a enne deux huit deux huit deux effe effe", "WAN28282FF"),
    ("W comme William, A comme Anatole, N comme Noé, 28 282, deux F", "WAN28282FF"),
    ("double vé A N vingt-huit deux cent quatre-vingt-deux double F", "WAN28282FF"),
    ("B. I. C. 640.", "BI-C640"),
    ("B comme Berthe I comme Irma C comme Célestin six quarante", "BI-C640"),
    ("le modèle c'est DW tiret 600", "DW600"),
    ("dé double vé six cent", "DW600"),
    ("référence euh attendez, D W, six cents", "DW600"),
    ("il y a écrit TM tiret 31 sur la plaque", "TM-31"),
    ("T M trente et un", "TM-31"),
    ("aime haine sept cent vingt", "MN720"),
]
"""Heard, and the known reference that it is, as the manual writes it."""

NEAR = [
    ("P I C 640", "BI-C640"),
    ("T W 600", "DW600"),
    ("N N 720", "MN720"),
    ("T N 31", "TM-31"),
    ("LV 450", "LV450X"),
    ("L V 455 X", "LV450X"),
    ("L V 4 5 O X", "LV450X"),
    ("DW 6 100", "DW600"),
    ("W A N 28 282 F S", "WAN28282FF"),
]
"""Heard, and the known reference that is nearest."""

RAW = [
    ("L V quatre cent cinquante ixe", "LV450X"),
    ("il y a marqué ES 287", "ES287"),
    ("S M S quarante-six G I zéro un E", "SMS46GI01E"),
    ("hm364", "HM364"),
    ("I grec K comme kilo neuf cent double zéro", "YK90000"),
    ("le numéro c'est le 641 203 912", "641203912"),
    ("DW six cents, non pardon, sept cents", "DW700"),
    ("S comme Suzanne G 6 double 0", "SG600"),
    ("Z comme Zoé, Tu comme Québec, W comme Vagon, 7318, K comme Clébé", "ZQW7318K"),
    ("J'ai comme Gaston, J comme Joseph, 6075.", "GJ6075"),
    ("Est-ce comme Suzanne ? Est-ce comme Suzanne ? X comme Xavier 401.", "SSX401"),
    ("C'est comme Pierre, Q comme Québec, 08 18.", "PQ0818"),
    ("Y grec comme Yvonne, V comme Victor, Y comme Ivan, 2190", "YVY2190"),
    ("T comme Thérèse, encore T comme Thérèse, Q comme Québec, 6, 3.", "TTQ63"),
    ("T comme Thérèse, B comme B, 9, 0", "TB90"),
    ("M comme Marcel, R comme Raoul, cinq, de zéro", "MR520"),
    ("la lettre H, la lettre T, ensuite le chiffre zéro, 83", "HT083"),
    ("P comme Pierre, O comme Oscar, pas 0, 4 3 1", "PO431"),
    ("B, pas D, B comme Berthe, K 370", "BK370"),
    ("J'y comme Julie, T comme Théo, 5 1 8", "JT518"),
    ("D comme David, F comme Florence, X comme Xavier IV, 2", "DFX42"),
    ("À commandeur, U comme Ursule, 7 40", "AU740"),
    ("HI grec, tirer 905", "HY905"),
    ("LD comme Denise, 8 8 4", "LD884"),
    ("H comme Ubert, W comme Valter, 30 12", "HW3012"),
    ("U comme Hugo, N comme Nadine, 61 2", "UN612"),
    ("V comme Vincent, C comme Colline, 4 à 92", "VC492"),
    ("T comme t'amine, R comme Rose, 3 3 8", "TR338"),
    ("G comme Gilbert, S comme Simon, C7K", "GS674"),
    ("www.d4417", "WD4417"),
]
"""Heard, and the reference that it looks like, with no list to compare it with."""

NONE = [
    "mon lave-linge a 3 ans",
    "elle a 450 euros",
    "je ne sais pas où c'est marqué",
    "c'est le lave-linge blanc",
    "il affiche E 24",
    "",
]


@pytest.mark.parametrize(
    ("heard", "options"),
    [("K comme Québec", "QK"), ("M comme Noémie", "NM"), ("N comme Noémie", "N"),
     ("I comme Ivonne", "IY"), ("P comme Berte", "PB"), ("S comme Fanny", "FS"),
     ("C'est comme Kentin", "KQC"), ("double vé comme Vagon", "WV"), ("t'as comme Karine", "KA")],
)  # fmt: skip
def test_letters_of_an_example(heard: str, options: str) -> None:
    """A name that is known says its letter; the letter itself and what sounds alike come next."""
    (sign,) = signs_of(words_of(heard))
    assert (sign.named, "".join(sign.options)) == (True, options)


@pytest.mark.parametrize(("heard", "name"), EXACT)
def test_known_reference(heard: str, name: str) -> None:
    """Letters by any name, figures one by one or as numbers, examples, corrections."""
    reading = read(heard, KNOWN)
    assert (reading.value, reading.complete, reading.doubtful) == (name, True, False)


@pytest.mark.parametrize(("heard", "name"), NEAR)
def test_nearest_reference(heard: str, name: str) -> None:
    """Letters that sound alike on the telephone lead to the known one, with doubt."""
    reading = read(heard, KNOWN)
    assert (reading.value, reading.complete, reading.doubtful) == (name, True, True)


@pytest.mark.parametrize(("heard", "name"), RAW)
def test_reference_without_a_list(heard: str, name: str) -> None:
    """Letters and figures that look like a reference are taken as they are."""
    reading = read(heard)
    assert (reading.value, reading.complete) == (name, True)


@pytest.mark.parametrize("heard", NONE)
@pytest.mark.parametrize("known", [KNOWN, ()])
def test_no_reference(heard: str, known: tuple[str, ...]) -> None:
    """Ages, prices, codes and mere words are no reference."""
    assert not read(heard, known).complete


def test_unknown_reference_is_doubtful_where_a_list_is_known() -> None:
    """It is offered, but no manual names it."""
    reading = read("S M S quarante-six G I zéro un E", KNOWN)
    assert (reading.value, reading.complete, reading.doubtful) == ("SMS46GI01E", True, True)


def test_beginning_of_a_reference_is_kept() -> None:
    """Letters without their figures are a beginning."""
    reading = read("L V")
    assert (reading.value, reading.complete) == ("LV", False)


@pytest.mark.parametrize(
    ("value", "heard", "corrected"),
    [
        ("TW600", "non, D pas T", "DW600"),
        ("TW600", "non c'est un D comme Denis au début", "DW600"),
        ("LV450X", "non, à la fin c'est un W", "LV450W"),
        ("LV450X", "non la dernière lettre c'est Y", "LV450Y"),
        ("LV450X", "non, 460", "LV460X"),
        ("LV450X", "quatre cent soixante, pas quatre cent cinquante", "LV460X"),
        ("LN450X", "non c'est un M", "LM450X"),
        ("PIC640", "non c'est un B", ""),  # P and C are both near
        ("LV450X", "non", ""),
        ("LV450X", "non c'est pas ça", ""),
    ],
)
def test_part_corrected_after_the_read_back(value: str, heard: str, corrected: str) -> None:
    """A letter or a number is put in its place where there is just one."""
    assert amend(value, heard).value == corrected


def test_corrected_reference_is_a_known_one_again() -> None:
    """The manual's spelling comes back with it."""
    assert amend("PIC640", "non c'est pas P c'est B", KNOWN).value == "BI-C640"


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [("LV450X", "LV450X", 0.0), ("DV", "BV", 0.4), ("LV45O", "LV450", 0.15), ("M", "N", 0.4),
     ("LV450", "LV450X", 0.8), ("A", "Z", 1.0)],
)  # fmt: skip
def test_distance(one: str, other: str, far: float) -> None:
    """Letters that sound or look alike are near, whichever way round."""
    assert distance(one, other) == pytest.approx(far)
    assert distance(other, one) == pytest.approx(far)


def test_reference_as_it_is_said() -> None:
    """Letters by name, figures as a number."""
    assert said("LV450X") == "L V quatre cent cinquante X"
    assert said("BI-C640") == "B I C six cent quarante"
