"""What a recogniser writes becomes one canonical form."""

from __future__ import annotations

import pytest

from knowledge.spoken import codes, digits_said, normalise, references, same_code

NORMALISED = [
    ("soixante-quinze degrés", "75 degrés"),
    ("deux mille vingt-quatre", "2024"),
    ("quatre-vingt-dix-neuf", "99"),
    ("quatre vingt dix neuf", "99"),
    ("vingt et un", "21"),
    ("soixante et onze", "71"),
    ("quatre-vingts", "80"),
    ("quatre-vingt-un", "81"),
    ("cent", "100"),
    ("deux cent cinquante", "250"),
    ("mille deux cents tours", "1200 tours"),
    ("mille neuf cent quatre-vingts", "1980"),
    ("dix-neuf cent quatre-vingt-cinq", "1985"),
    ("trois millions deux cent mille", "3200000"),
    ("zéro virgule soixante-treize", "0,73"),
    ("zéro virgule zéro cinq", "0,05"),
    ("vingt pour cent", "20 %"),
    ("un lave-linge neuf", "un lave-linge neuf"),
    ("mon lave-linge neuf fait du bruit", "mon lave-linge neuf fait du bruit"),
    ("neuf minutes", "9 minutes"),
    ("il est tout neuf", "il est tout neuf"),
    ("l'appareil est neuf depuis deux mois", "l'appareil est neuf depuis 2 mois"),
    ("étape neuf", "étape 9"),
    ("septante-cinq", "75"),
    ("nonante-neuf", "99"),
    ("une porte et un joint", "une porte et un joint"),
    ("trente et un", "31"),
    ("deux trois minutes", "2 3 minutes"),
    ("mille", "1000"),
    ("j'ai acheté une machine", "j'ai acheté une machine"),
    ("euh mon lave-linge affiche E vingt-quatre", "mon lave-linge affiche E24"),
    ("bonjour madame, mon lave-linge ne vidange plus", "mon lave-linge ne vidange plus"),
    ("Bonjour, alors voilà, mon four ne chauffe plus s'il vous plaît", "mon four ne chauffe plus"),
    ("euh ben alors il y a de l'eau par terre", "il y a de l'eau par terre"),
    ("alors que la porte est fermée", "alors que la porte est fermée"),
    ("ma machine fuit, merci beaucoup", "ma machine fuit"),
    ("il affiche eux 24", "il affiche E24"),
    ("il affiche e 24", "il affiche E24"),
    ("code E-24", "code E24"),
    ("E 2 4", "E24"),
    ("bloqué sur E un deux", "bloqué sur E12"),
    ("le code F un sept", "le code F17"),
    ("le programme B un peu long", "le programme B un peu long"),
    ("le code euh vingt-quatre", "le code E24"),
    ("erreur euh vingt-quatre", "erreur E24"),
    ("F zéro sept", "F07"),
    ("F 07", "F07"),
    ("effe sept", "F7"),
    ("erreur effe zéro sept", "erreur F07"),
    ("il affiche F 0 7", "il affiche F07"),
    ("le code est E 24", "le code est E24"),
    ("code d'erreur E vingt quatre", "code d'erreur E24"),
    ("erreur 24", "erreur 24"),
    ("le code 24", "le code 24"),
    ("il affiche le code vingt-quatre", "il affiche le code 24"),
    ("le code, c'est le 24", "le code, c'est le 24"),
    ("il affiche 24", "il affiche 24"),
    ("il affiche 30 minutes", "il affiche 30 minutes"),
    ("il affiche 1:30", "il affiche 1:30"),
    ("il affiche deux heures", "il affiche 2 heures"),
    ("E24 non pardon E25", "E24 non pardon E25"),
    ("E24 ou F07", "E24 ou F07"),
    ("E24", "E24"),
    ("e24", "E24"),
    ("le E vingt-quatre s'affiche", "le E24 s'affiche"),
    ("E un", "E1"),
    ("code E un", "code E1"),
    ("erreur E trois", "erreur E3"),
    ("E zéro un", "E01"),
    ("LV450X", "LV450X"),
    ("mon LV450X affiche E24", "mon LV450X affiche E24"),
    ("L V 450", "LV450"),
    ("elle vé quatre cent cinquante", "LV450"),
    ("elle vé quatre cent cinquante ixe", "LV450X"),
    ("L V quatre cent cinquante X", "LV450X"),
    ("LV 450 X", "LV450X"),
    ("lv450x", "LV450X"),
    ("référence LV-450", "référence LV450"),
    ("le LV 450 a un problème", "le LV450 a un problème"),
    ("W A N vingt-huit deux cent quatre-vingt-deux", "WAN28282"),
    ("WAN28282FF", "WAN28282FF"),
    ("le LV 450 a deux ans", "le LV450 a 2 ans"),
    ("il a 3 ans", "il a 3 ans"),
    ("à 60 degrés", "à 60 degrés"),
    ("il y a 2 ans", "il y a 2 ans"),
    ("C'est à 30 minutes", "C'est à 30 minutes"),
    ("chez eux 24 heures", "chez eux 24 heures"),
    ("elle 30 minutes", "elle 30 minutes"),
    ("erreur EO7", "erreur E07"),
    ("CO2", "CO2"),
    ("le SAV 24", "le SAV 24"),
    ("code 4C", "code 4C"),
    ("E 20 4", "E24"),
    ("E 60 degrés", "E 60 degrés"),
    ("code A3", "code A3"),
    ("erreur A trois", "erreur A3"),
    ("code hache douze", "code H12"),
    ("erreur ache 20", "erreur H20"),
    ("j'ai une erreur E18 sur mon lave-vaisselle", "j'ai une erreur E18 sur mon lave-vaisselle"),
    ("défaut c 3", "défaut C3"),
    ("classe A 20 kilos", "classe A 20 kilos"),
    ("panne F sept", "panne F7"),
    ("j'ai l'erreur E vingt, et le voyant clignote", "j'ai l'erreur E20, et le voyant clignote"),
    ("le programme 4 à 40 degrés", "le programme 4 à 40 degrés"),
    ("E22 et E23", "E22 et E23"),
    ("la machine fait 3 bips", "la machine fait 3 bips"),
    ("il affiche un", "il affiche un"),
    ("il affiche un message", "il affiche un message"),
    ("lavage à soixante", "lavage à 60"),
    ("ça dure une heure trente", "ça dure une heure 30"),
    ("il a été acheté en deux mille dix-neuf", "il a été acheté en 2019"),
    ("entre soixante et quatre-vingts", "entre 60 et 80"),
    ("elle a 450 euros", "elle a 450 euros"),
    ("il y a 450 euros", "il y a 450 euros"),
    ("elle aime 450", "elle aime 450"),
    ("code neuf", "code 9"),
    ("erreur E neuf", "erreur E9"),
    ("il est neuf et il fuit", "il est neuf et il fuit"),
    ("c'est un appareil neuf, de deux jours", "c'est un appareil neuf, de 2 jours"),
    ("on a quatre enfants", "on a 4 enfants"),
    ("neuf fois sur dix", "9 fois sur 10"),
    ("d'accord", "d'accord"),
    ("j'ai un Lumea L V quatre cinq zéro X", "j'ai un Lumea LV450X"),
    ("E vingt-quatre, non pardon, F zéro sept", "E24, non pardon, F07"),
    ("code erreur d 7", "code erreur D7"),
    ("le voyant numéro 3 clignote", "le voyant numéro 3 clignote"),
    ("le programme coton 60 a planté", "le programme coton 60 a planté"),
    (
        "c'est un elle vé quatre cent cinquante ixe, il affiche E vingt-quatre",
        "c'est un LV450X, il affiche E24",
    ),
    ("le code F 1 1", "le code F11"),
    ("E-07", "E07"),
    ("la fuite vient de l'arrière, merci", "la fuite vient de l'arrière"),
    ("d'où vient l'erreur", "d'où vient l'erreur"),
    ("depuis le 24 décembre 2026", "depuis le 24 décembre 2026"),
    ("j'ai payé trois cent cinquante euros", "j'ai payé 350 euros"),
    ("mille neuf cents tours minute", "1900 tours minute"),
    ("ça affiche F zéro cinq.", "ça affiche F05."),
    ("voilà ce qui se passe", "voilà ce qui se passe"),
    ("est-ce que je dois appeler ?", "est-ce que je dois appeler ?"),
    ("c 3 litres", "c 3 litres"),
    ("un virgule cinq litre", "1,5 litre"),
]
CODES = [
    ("euh mon lave-linge affiche E vingt-quatre", ("E24",)),
    ("il affiche eux 24", ("E24",)),
    ("il affiche e 24", ("E24",)),
    ("code E-24", ("E24",)),
    ("E 2 4", ("E24",)),
    ("le code euh vingt-quatre", ("E24", "24")),
    ("erreur euh vingt-quatre", ("E24", "24")),
    ("F zéro sept", ("F07",)),
    ("F 07", ("F07",)),
    ("effe sept", ("F7",)),
    ("erreur effe zéro sept", ("F07",)),
    ("il affiche F 0 7", ("F07",)),
    ("le code est E 24", ("E24",)),
    ("code d'erreur E vingt quatre", ("E24",)),
    ("erreur 24", ("24",)),
    ("le code 24", ("24",)),
    ("il affiche le code vingt-quatre", ("24",)),
    ("le code, c'est le 24", ("24",)),
    ("il affiche 24", ("24",)),
    ("il affiche 30 minutes", ()),
    ("il affiche 1:30", ()),
    ("il affiche deux heures", ()),
    ("E24 non pardon E25", ("E25", "E24")),
    ("E24 ou F07", ("E24", "F07")),
    ("E24", ("E24",)),
    ("e24", ("E24",)),
    ("le E vingt-quatre s'affiche", ("E24",)),
    ("E un", ("E1",)),
    ("code E un", ("E1",)),
    ("erreur E trois", ("E3",)),
    ("E zéro un", ("E01",)),
    ("LV450X", ()),
    ("mon LV450X affiche E24", ("E24",)),
    ("elle vé quatre cent cinquante", ()),
    ("elle vé quatre cent cinquante ixe", ()),
    ("C'est à 30 minutes", ()),
    ("chez eux 24 heures", ()),
    ("elle 30 minutes", ()),
    ("erreur EO7", ("E07",)),
    ("CO2", ()),
    ("code 4C", ("4C",)),
    ("E 20 4", ("E24",)),
    ("code A3", ("A3",)),
    ("erreur A trois", ("A3",)),
    ("code hache douze", ("H12",)),
    ("erreur ache 20", ("H20",)),
    ("j'ai une erreur E18 sur mon lave-vaisselle", ("E18",)),
    ("défaut c 3", ("C3",)),
    ("classe A 20 kilos", ()),
    ("panne F sept", ("F7",)),
    ("j'ai l'erreur E vingt, et le voyant clignote", ("E20",)),
    ("E22 et E23", ("E22", "E23")),
    ("il affiche un", ()),
    ("il affiche un message", ()),
    ("elle a 450 euros", ()),
    ("elle aime 450", ()),
    ("code neuf", ("9",)),
    ("erreur E neuf", ("E9",)),
    ("E vingt-quatre, non pardon, F zéro sept", ("F07", "E24")),
    ("code erreur d 7", ("D7",)),
    ("c'est un elle vé quatre cent cinquante ixe, il affiche E vingt-quatre", ("E24",)),
    ("le code F 1 1", ("F11",)),
    ("E-07", ("E07",)),
    ("d'où vient l'erreur", ()),
    ("ça affiche F zéro cinq.", ("F05",)),
]
REFERENCES = [
    ("E24 non pardon E25", ()),
    ("E24 ou F07", ()),
    ("E24", ()),
    ("LV450X", ("LV450X",)),
    ("mon LV450X affiche E24", ("LV450X",)),
    ("L V 450", ("LV450",)),
    ("elle vé quatre cent cinquante", ("LV450",)),
    ("elle vé quatre cent cinquante ixe", ("LV450X",)),
    ("L V quatre cent cinquante X", ("LV450X",)),
    ("LV 450 X", ("LV450X",)),
    ("lv450x", ("LV450X",)),
    ("référence LV-450", ("LV450",)),
    ("le LV 450 a un problème", ("LV450",)),
    ("W A N vingt-huit deux cent quatre-vingt-deux", ("WAN28282",)),
    ("WAN28282FF", ("WAN28282FF",)),
    ("le LV 450 a deux ans", ("LV450",)),
    ("elle 30 minutes", ()),
    ("CO2", ()),
    ("le SAV 24", ()),
    ("j'ai une erreur E18 sur mon lave-vaisselle", ()),
    ("elle a 450 euros", ()),
    ("elle aime 450", ()),
    ("j'ai un Lumea L V quatre cinq zéro X", ("LV450X",)),
    ("c'est un elle vé quatre cent cinquante ixe, il affiche E vingt-quatre", ("LV450X",)),
]
TELEPHONES = [
    ("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre", "0639981234"),
    ("06 39 98 12 34", "0639981234"),
    ("0639981234", "0639981234"),
    ("plus trente-trois six trente-neuf quatre-vingt-dix-huit douze trente-quatre", "0639981234"),
    ("+33 6 39 98 12 34", "0639981234"),
    ("zéro un, quarante-deux, soixante, quinze, zéro huit", "0142601508"),
    ("zéro un, quarante-deux, soixante-quinze, quinze, zéro huit", "0142751508"),
    ("zéro six, soixante, quinze, douze, trente-quatre, dix", "0675123410"),
    ("zéro six soixante quinze douze trente quatre dix", "0675123410"),
    ("zéro six soixante quinze douze trente-quatre", "0660151234"),
    ("zéro six soixante-quinze douze trente-quatre dix-huit", "0675123418"),
    ("mon numéro c'est le zéro six, euh, trente-neuf, quatre-vingt-dix-huit, 12, 34", "0639981234"),
    ("c'est le 06 39 98 12 34, appelez après 18 heures", "0639981234"),
    ("zéro huit cents cent vingt-trois quatre cent cinquante-six", "0800123456"),
    ("zéro six zéro un zéro deux zéro trois zéro quatre", "0601020304"),
    ("zéro six, vingt et un, trente et un, douze, treize", "0621311213"),
    ("06 39 98 12 30 4", "0639981234"),
    ("j'ai un numéro", ""),
    ("un deux trois", "123"),
    ("zéro six trois neuf neuf huit un deux trois quatre", "0639981234"),
    ("zéro neuf soixante-douze neuf", "09729"),
    ("00 33 6 39 98 12 34", "0639981234"),
    ("06.39.98.12.34", "0639981234"),
    ("zéro six soixante-dix quatre-vingt onze douze", "06709112"),
    ("zéro six, soixante, dix-sept, quatre-vingts, douze, trente", "066017801230"),
    ("+33 (0)6 39 98 12 34", "0639981234"),
    ("", ""),
    ("six", "6"),
    ("zéro six et puis trente-neuf quatre-vingt-dix-huit douze trente-quatre", "0639981234"),
    ("soixante et un", "61"),
]

SAME = [
    ("F07", "F7", True), ("F07", "f-07", True), ("E24", "E 24", True), ("E24", "E25", False),
    ("E24", "F24", False), ("24", "E24", False), ("E70", "E7", False), ("F00", "F0", True),
    ("4C", "4c", True), ("4C", "4E", False), ("E", "e", True), ("", "E1", False),
]  # fmt: skip


@pytest.mark.parametrize(("heard", "canonical"), NORMALISED)
def test_normalise(heard: str, canonical: str) -> None:
    """Fillers go, number words become figures, codes and references come in one piece."""
    assert normalise(heard) == canonical


@pytest.mark.parametrize(("_heard", "canonical"), NORMALISED)
def test_normalised_text_stays(_heard: str, canonical: str) -> None:
    """What is canonical already is not changed again."""
    assert normalise(canonical) == canonical


@pytest.mark.parametrize(("heard", "candidates"), CODES)
def test_codes(heard: str, candidates: tuple[str, ...]) -> None:
    """Error codes are found however they are said, and nothing else is taken for one."""
    assert codes(heard) == candidates


@pytest.mark.parametrize(("heard", "names"), REFERENCES)
def test_references(heard: str, names: tuple[str, ...]) -> None:
    """Product references are found written, spelled or read by letter names."""
    assert references(heard) == names


@pytest.mark.parametrize(("heard", "digits"), TELEPHONES)
def test_digits_said(heard: str, digits: str) -> None:
    """Telephone numbers come out in national form, whichever way they were grouped."""
    assert digits_said(heard) == digits


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_same_code(one: str, other: str, same: bool) -> None:
    """Case, hyphens and leading zeros do not tell codes apart; letters and figures do."""
    assert same_code(one, other) is same
    assert same_code(other, one) is same


def test_same_code_when_the_letter_was_not_heard() -> None:
    """A code without its letter fits any letter, and only then, and only if asked to."""
    assert same_code("24", "E24", any_letter=True)
    assert not same_code("24", "E25", any_letter=True)
    assert not same_code("F24", "E24", any_letter=True)


def test_long_dictation_is_read_at_once() -> None:
    """Readings are counted by their tails, not one by one: sixty numbers take no time."""
    assert digits_said("quatre-vingt-dix-sept " * 60) == "97" * 60
