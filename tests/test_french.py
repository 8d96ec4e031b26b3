"""Written French becomes what a person says aloud, word for word."""

from __future__ import annotations

import pytest

from voices.french import LONGEST_CHUNK, sentences, speakable
from voices.numbers import LARGEST, cardinal, figures, ordinal

SPOKEN = [
    ("Lavez à 60 °C.", "Lavez à soixante degrés."),
    ("40°C", "quarante degrés"),
    ("-18 °C", "moins dix-huit degrés"),
    ("Entre -18 et -24 °C", "Entre moins dix-huit et moins vingt-quatre degrés"),
    ("− 5 °C", "moins cinq degrés"),
    ("1 200 tr/min", "mille deux cents tours par minute"),
    ("1 tr/min", "un tour par minute"),
    ("1400 tr/min.", "mille quatre cents tours par minute."),
    ("0,73 kWh", "zéro virgule soixante-treize kilowattheure"),
    ("0,73 kWh/cycle", "zéro virgule soixante-treize kilowattheure par cycle"),
    ("2 200 W", "deux mille deux cents watts"),
    ("1 kg", "un kilo"),
    ("8 kg", "huit kilos"),
    ("1,5 kg", "un virgule cinq kilo"),
    ("2,5 kg", "deux virgule cinq kilos"),
    ("3 bar", "trois bars"),
    ("0,5 bar", "zéro virgule cinq bar"),
    ("10 mm", "dix millimètres"),
    ("85 cm", "quatre-vingt-cinq centimètres"),
    ("1,5 m", "un virgule cinq mètre"),
    ("120 km", "cent vingt kilomètres"),
    ("9 L", "neuf litres"),
    ("1 L", "un litre"),
    ("9,5 l", "neuf virgule cinq litres"),
    ("49 dB", "quarante-neuf décibels"),
    ("72 dB(A)", "soixante-douze décibels"),
    ("30 min", "trente minutes"),
    ("1 min", "une minute"),
    ("21 min", "vingt et une minutes"),
    ("30 min.", "trente minutes."),
    ("Attendez 30 min. puis ouvrez.", "Attendez trente minutes puis ouvrez."),
    ("Attendez 30 min. Ouvrez.", "Attendez trente minutes. Ouvrez."),
    ("2 h", "deux heures"),
    ("1 h", "une heure"),
    ("1 h 30", "une heure trente"),
    ("1h30", "une heure trente"),
    ("2 h 30 min", "deux heures trente"),
    ("1,5 h", "une heure et demie"),
    ("2,5 h", "deux heures et demie"),
    ("19 h 30", "dix-neuf heures trente"),
    ("9 h", "neuf heures"),
    ("19:30", "dix-neuf heures trente"),
    ("9h-12h", "de neuf heures à douze heures"),
    ("de 9 h à 12 h", "de neuf heures à douze heures"),
    ("Ouvert 9:00–18:00", "Ouvert de neuf heures à dix-huit heures"),
    ("8 h 05", "huit heures cinq"),
    ("15 s", "quinze secondes"),
    ("1 s", "une seconde"),
    ("230 V", "deux cent trente volts"),
    ("50 Hz", "cinquante hertz"),
    ("10 A", "dix ampères"),
    ("220-240 V", "de deux cent vingt à deux cent quarante volts"),
    ("220/240 V", "deux cent vingt ou deux cent quarante volts"),
    ("50/60 Hz", "cinquante ou soixante hertz"),
    ("2 × 3", "deux fois trois"),
    ("60 × 85 × 55 cm", "soixante par quatre-vingt-cinq par cinquante-cinq centimètres"),
    ("2 x 30 min", "deux fois trente minutes"),
    ("3x par semaine", "trois fois par semaine"),
    ("12/24 mois", "douze ou vingt-quatre mois"),
    ("24 mois", "vingt-quatre mois"),
    ("cf. p. 12", "voir page douze"),
    ("voir p. 12", "voir page douze"),
    ("pp. 12-14", "pages douze à quatorze"),
    ("p. 4–6", "pages quatre à six"),
    ("24/12/2026", "vingt-quatre décembre deux mille vingt-six"),
    ("le 01/05/2026", "le premier mai deux mille vingt-six"),
    ("le 24/12", "le vingt-quatre décembre"),
    ("2026-12-24", "vingt-quatre décembre deux mille vingt-six"),
    ("24/12/26", "vingt-quatre décembre deux mille vingt-six"),
    ("12 €", "douze euros"),
    ("9,99 €", "neuf euros quatre-vingt-dix-neuf"),
    ("0,35 €", "trente-cinq centimes"),
    ("0,35 €/min", "trente-cinq centimes par minute"),
    ("1 €", "un euro"),
    ("99,00 €", "quatre-vingt-dix-neuf euros"),
    ("30 %", "trente pour cent"),
    ("100%", "cent pour cent"),
    ("12,5 %", "douze virgule cinq pour cent"),
    ("06 39 98 12 34", "zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre"),
    ("0639981234", "zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre"),
    ("06.39.98.12.34", "zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre"),
    (
        "+33 6 39 98 12 34",
        "plusse trente-trois, six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre",
    ),
    (
        "+33 (0)6 39 98 12 34",
        "plusse trente-trois, six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre",
    ),
    ("01 00 07 70 91", "zéro un, zéro zéro, zéro sept, soixante-dix, quatre-vingt-onze"),
    ("0 800 123 456", "zéro huit cents, cent vingt-trois, quatre cent cinquante-six"),
    ("0 805 012 034", "zéro huit cent cinq, zéro douze, zéro trente-quatre"),
    ("10–15 cm", "de dix à quinze centimètres"),
    ("10-15 cm", "de dix à quinze centimètres"),
    ("de 10–15 cm", "de dix à quinze centimètres"),
    ("entre 10-15 cm", "entre dix et quinze centimètres"),
    ("à 10–15 cm du mur", "à dix à quinze centimètres du mur"),
    ("2–3 fois", "de deux à trois fois"),
    ("1/2", "un demi"),
    ("3/4", "trois quarts"),
    ("1/3", "un tiers"),
    ("1/2 L", "un demi-litre"),
    ("3/4 h", "trois quarts d'heure"),
    ("1/2 h", "une demi-heure"),
    ("1 1/2", "un et demi"),
    ("½ L", "un demi-litre"),
    ("2/8", "deux sur huit"),
    ("étape 2/8", "étape deux sur huit"),
    ("n° 4", "numéro quatre"),
    ("N°4", "numéro quatre"),
    ("max. 8 kg", "maximum huit kilos"),
    ("8 kg max.", "huit kilos maximum."),
    ("8 kg max. de linge", "huit kilos maximum de linge"),
    ("Charge min. 2 kg", "Charge minimum deux kilos"),
    ("Température min. 5 °C", "Température minimum cinq degrés"),
    ("5 cm min.", "cinq centimètres minimum."),
    ("env. 30 min", "environ trente minutes"),
    ("Chaussettes, draps, etc.", "Chaussettes, draps, etcétéra."),
    ("Chaussettes, etc. sont admis.", "Chaussettes, etcétéra sont admis."),
    ("etc. Puis lavez.", "etcétéra. Puis lavez."),
    ("« Coton »", "Coton"),
    ("• Coton 60 °C", "Coton soixante degrés"),
    ("- 2 vis", "deux vis"),
    ("Menu → Options", "Menu, Options"),
    ("Menu > Options", "Menu, Options"),
    ("Ouvrez (en bas à droite) le filtre.", "Ouvrez, en bas à droite, le filtre."),
    ("Ouvrez le filtre (voir p. 12).", "Ouvrez le filtre, voir page douze."),
    ("classe I", "classe un"),
    ("classe II", "classe deux"),
    ("étape IV", "étape quatre"),
    ("Classe A", "Classe A"),
    ("classe A+++", "classe A plusse plusse plusse"),
    ("étape V : essorage", "étape cinq: essorage"),
    ("sav@lumea.fr", "S A V arobase lumea point F R"),
    ("www.lumea.fr", "trois W point lumea point F R"),
    ("https://www.lumea.fr/aide", "trois W point lumea point F R barre aide"),
    ("lumea.com", "lumea point com"),
    ("contact.sav@lumea-france.com", "contact point S A V arobase lumea tiret france point com"),
    ("E24", "E vingt-quatre"),
    ("F07", "F zéro sept"),
    ("E3", "E trois"),
    ("Code E24.", "Code E vingt-quatre."),
    ("E-24", "E vingt-quatre"),
    ("code E 24", "code E vingt-quatre"),
    ("P100", "P cent"),
    ("E07 et F7", "E zéro sept et F sept"),
    ("LV450X", "L V quatre cent cinquante X"),
    ("LV 450 X", "L V quatre cent cinquante X"),
    ("Le LV450X, le WM1200.", "Le L V quatre cent cinquante X, le W M mille deux cents."),
    ("À 0.73 kWh", "À zéro virgule soixante-treize kilowattheure"),
    ("1.200 W", "mille deux cents watts"),
    ("WAN28282FF", "W A N vingt-huit, deux cent quatre-vingt-deux F F"),
    ("LV-450/X", "L V quatre cent cinquante X"),
    ("H2O", "H deux O"),
    ("CO2", "C O deux"),
    ("R600a", "R six cents A"),
    ("4ème", "quatrième"),
    ("1er", "premier"),
    ("1re", "première"),
    ("2e", "deuxième"),
    ("3es", "troisièmes"),
    ("21e", "vingt et unième"),
    ("SAV", "S A V"),
    ("S.A.V.", "S A V."),
    ("le S.A.V. répond", "le S A V répond"),
    ("USB", "U S B"),
    ("TTC", "T T C"),
    ("80", "quatre-vingts"),
    ("99 999", "quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf"),
    ("1.200", "mille deux cents"),
    (
        "999 999 999",
        "neuf cent quatre-vingt-dix-neuf millions neuf cent "
        "quatre-vingt-dix-neuf mille neuf cent quatre-vingt-dix-neuf",
    ),
    ("0.73", "zéro virgule soixante-treize"),
    ("007", "zéro zéro sept"),
    ("71", "soixante et onze"),
    ("200", "deux cents"),
    ("2 000 000", "deux millions"),
    ("2024", "deux mille vingt-quatre"),
    ("version 3.2.1", "version trois point deux point un"),
    ("1, 2 ou 3", "un, deux ou trois"),
    ("pièce(s)", "pièces"),
    ("Marche/Arrêt", "Marche Arrêt"),
    ("et/ou", "ou"),
    ("> 5 kg", "plus de cinq kilos"),
    ("< 30 °C", "moins de trente degrés"),
    ("± 2 °C", "plus ou moins deux degrés"),
    ("≥ 3 bar", "au moins trois bars"),
    ("A + B", "A plusse B"),
    ("touche #", "touche dièse"),
    ("touche *", "touche étoile"),
    ("3 en 1", "trois en un"),
    ("24h/24 et 7j/7", "vingt-quatre heures sur vingt-quatre, sept jours sur sept"),
    ("24h/24", "vingt-quatre heures sur vingt-quatre"),
    ("kWh/an", "kilowattheures par an"),
    ("236 kWh/an", "deux cent trente-six kilowattheures par an"),
    ("46 kWh/100 cycles", "quarante-six kilowattheures pour cent cycles"),
    ("en kg", "en kilos"),
    ("2 m²", "deux mètres carrés"),
    ("5 L/min", "cinq litres par minute"),
    ("3 fois/jour", "trois fois par jour"),
    ("1. Coupez l'eau.", "un, Coupez l'eau."),
    ("1. Coupez l'eau.\n2. Ouvrez le filtre.", "un, Coupez l'eau. deux, Ouvrez le filtre."),
    ("Il faut :\n• un tournevis\n• une bassine", "Il faut: un tournevis. une bassine"),
    ("La porte\nreste fermée", "La porte reste fermée"),
    ("p. ex. le coton", "par exemple le coton"),
    ("par ex. 30 °C", "par exemple trente degrés"),
    ("M. Dupont", "monsieur Dupont"),
    ("Mme Martin", "madame Martin"),
    ("réf. LV450X", "référence L V quatre cent cinquante X"),
    (
        "tél. : 06 39 98 12 34",
        "téléphone: zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre",
    ),
    ("fig. 3", "figure trois"),
    ("12 V 3 A", "douze volts trois ampères"),
    ("75011 Paris", "soixante-quinze mille onze Paris"),
    (
        "1234567890123",
        "douze, trente-quatre, cinquante-six, soixante-dix-huit, "
        "quatre-vingt-dix, douze, vingt-trois",
    ),
    ("L'appareil… s'arrête", "L'appareil, s'arrête"),
    ("Attention !", "Attention!"),
    ("Est-ce le code E24 ?", "Est-ce le code E vingt-quatre?"),
    ("0,05 mm", "zéro virgule zéro cinq millimètre"),
    ("0,05 – 0,8 MPa", "de zéro virgule zéro cinq à zéro virgule huit mégapascal"),
    ("1 050 W", "mille cinquante watts"),
    ("40 °", "quarante degrés"),
    ("N.B. : fermez.", "nota béné: fermez."),
    ("15 000 heures", "quinze mille heures"),
    ("Y", "I grec"),
    ("Y a-t-il du sel ? Y en avait. Y a une fuite.", "Y a-t-il du sel? Y en avait. Y a une fuite."),
    ("IPX4", "I P X quatre"),
    ("CLn s'affiche", "C L N s'affiche"),
    ("le code dEo", "le code D E O"),
    ("EnF, HOt", "E N F, H O T"),
    ("le WiFi, SuperFroid, Dr, Prog", "le WiFi, SuperFroid, Dr, Prog"),
    (
        "0,73 kWh, 45 dB, 50 Hz, 3 000 mAh",
        "zéro virgule soixante-treize kilowattheure, "
        "quarante-cinq décibels, cinquante hertz, trois mille milliampèreheures",
    ),
    ("A++", "A plusse plusse"),
    ("le 24 décembre 2026", "le vingt-quatre décembre deux mille vingt-six"),
    ("pendant 2 h.", "pendant deux heures."),
    ("Wi-Fi 2,4 GHz", "Wi-Fi deux virgule quatre gigahertz"),
    ("le programme Éco 40-60", "le programme Éco quarante-soixante"),
    ("-10 %", "moins dix pour cent"),
    ("2 à 3 cm", "deux à trois centimètres"),
    ("5 mL", "cinq millilitres"),
    ("Modèle 3D", "Modèle trois D"),
    ("de 10 kg à 12 kg", "de dix kilos à douze kilos"),
    ("10 kg – 12 kg", "de dix à douze kilos"),
    ("1/2 heure", "une demi-heure"),
    ("Appelez le S.A.V. Merci.", "Appelez le S A V. Merci."),
    ("Le 3 mars à 14 h.", "Le trois mars à quatorze heures."),
    ("6 mois.", "six mois."),
    ("E24, E25 et F07.", "E vingt-quatre, E vingt-cinq et F zéro sept."),
    ("0 °C", "zéro degré"),
    ("0,1 MPa", "zéro virgule un mégapascal"),
    ("Poids net : 70,5 kg", "Poids net: soixante-dix virgule cinq kilos"),
    (
        "Tension 220–240 V ~ 50 Hz",
        "Tension de deux cent vingt à deux cent quarante volts, cinquante hertz",
    ),
    ("Puissance : 2 100 W", "Puissance: deux mille cent watts"),
    ("L'erreur E24 (vidange) s'affiche.", "L'erreur E vingt-quatre, vidange, s'affiche."),
    ("l'e-mail : sav@lumea.fr.", "l'e-mail: S A V arobase lumea point F R."),
    ("Distance de 2 m.", "Distance de deux mètres."),
    ("de 5 à 10 min", "de cinq à dix minutes"),
    ("5 à 10 min.", "cinq à dix minutes."),
    ("1 an", "un an"),
    ("2e étage", "deuxième étage"),
    ("Réglez sur –18 °C", "Réglez sur moins dix-huit degrés"),
    ("Le linge est-il sec ?", "Le linge est-il sec?"),
    ("3-4 min", "de trois à quatre minutes"),
    ("15-20 minutes", "de quinze à vingt minutes"),
    ("Réf. : LV450X-01", "référence: L V quatre cent cinquante X zéro un"),
    ("du 24/12 au 02/01/2027", "du vingt-quatre décembre au deux janvier deux mille vingt-sept"),
    ("E24/E25", "E vingt-quatre E vingt-cinq"),
]

CARDINALS = [
    (0, "zéro"), (16, "seize"), (17, "dix-sept"), (21, "vingt et un"), (61, "soixante et un"),
    (70, "soixante-dix"), (71, "soixante et onze"), (77, "soixante-dix-sept"),
    (80, "quatre-vingts"),
    (81, "quatre-vingt-un"), (91, "quatre-vingt-onze"), (99, "quatre-vingt-dix-neuf"),
    (100, "cent"), (101, "cent un"), (200, "deux cents"), (201, "deux cent un"),
    (280, "deux cent quatre-vingts"), (1_000, "mille"), (1_001, "mille un"),
    (80_000, "quatre-vingt mille"), (200_000, "deux cent mille"), (1_000_000, "un million"),
    (80_000_000, "quatre-vingts millions"), (200_000_001, "deux cents millions un"),
    (-18, "moins dix-huit"),
]  # fmt: skip
RANKS = [
    (1, "premier"), (2, "deuxième"), (4, "quatrième"), (5, "cinquième"), (9, "neuvième"),
    (11, "onzième"), (21, "vingt et unième"), (80, "quatre-vingtième"), (200, "deux centième"),
]  # fmt: skip
SPLIT = [
    ("Voir p. 12. Coupez l'eau.", ["Voir page douze.", "Coupez l'eau."]),
    ("Charge max. 8 kg. Fermez.", ["Charge maximum huit kilos.", "Fermez."]),
    ("Remplissez au max. Fermez.", ["Remplissez au maximum.", "Fermez."]),
    ("Consomme 0.73 kWh env. par cycle.",
     ["Consomme zéro virgule soixante-treize kilowattheure environ par cycle."]),
    ("Essorage à 1 200 tr/min. Séchez.",
     ["Essorage à mille deux cents tours par minute.", "Séchez."]),
    ("Est-ce E24 ? Oui ! Bien.", ["Est-ce E vingt-quatre?", "Oui!", "Bien."]),
    ("1. Coupez l'eau.\n2. Ouvrez le filtre.", ["un, Coupez l'eau.", "deux, Ouvrez le filtre."]),
    ("Écrivez à sav@lumea.fr. Merci.", ["Écrivez à S A V arobase lumea point F R.", "Merci."]),
    ("Le S.A.V. répond. Merci.", ["Le S A V répond.", "Merci."]),
    ("", []),
    (" … ", []),
]  # fmt: skip


@pytest.mark.parametrize(("written", "said"), SPOKEN)
def test_speakable(written: str, said: str) -> None:
    """Each notation of a manual is said as a person says it."""
    assert speakable(written) == said


@pytest.mark.parametrize(("_written", "said"), SPOKEN)
def test_speakable_text_stays(_written: str, said: str) -> None:
    """What is speakable already is not changed again."""
    assert speakable(said) == said


@pytest.mark.parametrize(("number", "words"), CARDINALS)
def test_cardinal(number: int, words: str) -> None:
    """Numbers take their traditional hyphens and agreements."""
    assert cardinal(number) == words


@pytest.mark.parametrize(("number", "words"), RANKS)
def test_ordinal(number: int, words: str) -> None:
    """Ranks lose the plural and the mute e of their number."""
    assert ordinal(number) == words


def test_cardinal_agrees_with_a_feminine_noun() -> None:
    """« Un » becomes « une », « mille » and « cent » do not change."""
    assert [cardinal(n, feminine=True) for n in (1, 21, 81, 100)] == [
        "une", "vingt et une", "quatre-vingt-une", "cent",
    ]  # fmt: skip


def test_cardinal_refuses_a_thousand_millions() -> None:
    """A number too large to be said is an error, not a wrong number."""
    with pytest.raises(ValueError, match="1000000000"):
        cardinal(LARGEST + 1)


@pytest.mark.parametrize(
    ("digits", "said"),
    [("28282", "vingt-huit, deux cent quatre-vingt-deux"), ("0007", "zéro zéro, zéro sept")],
)
def test_figures_in_groups(digits: str, said: str) -> None:
    """Long series of figures are parted by commas, and keep each zero."""
    assert figures(digits, longest=3) == said


@pytest.mark.parametrize(("text", "parts"), SPLIT)
def test_sentences(text: str, parts: list[str]) -> None:
    """Sentences end at full stops, never within an abbreviation, a number or an address."""
    assert sentences(text) == parts


@pytest.mark.parametrize("joint", ["; ", " : ", ", ", " "])
def test_no_chunk_is_too_long(joint: str) -> None:
    """An overlong sentence is cut at its punctuation, or at a space, and loses no word."""
    text = joint.join(["nettoyez le filtre de la pompe de vidange"] * 20) + "."
    chunks = sentences(text)
    assert max(len(chunk) for chunk in chunks) <= LONGEST_CHUNK
    assert " ".join(chunks).split() == speakable(text).split()
