"""The evidence check: what a manual says in other words passes, what it does not say is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from knowledge.claims import missing, unsupported
from knowledge.safety import fold
from knowledge.wording import OPPOSITES

PUMP = (
    "Ouvrez la trappe en bas de l'appareil. Dévissez le filtre dans le sens inverse des aiguilles "
    "d'une montre et rincez-le à l'eau froide pendant 2 minutes. Revissez le filtre à fond."
)
HOSE = "Vidange impossible. Tuyau de vidange plié. Porte mal fermée. Filtre encrassé."
ROAST = "Rôti de porc, 1 kg : Sigle : CT ; °C : 180 ; Gradin : 2 ; Durée : 70 min."
WEIGHT = "Poids net : FR610 : 32 kg ; FR610P : 38 kg."
PYRO = (
    "La pyrolyse réduit la graisse en cendres à environ 480 °C. Trois durées : P1 légère (1 h 30, "
    "3,2 kWh), P2 normale (2 h 00, 4,3 kWh), P3 forte (2 h 30, 5,4 kWh)."
)
CODE = (
    "F01. Sonde de température du four en défaut. Sonde coupée ou débranchée. 1. Coupez le "
    "disjoncteur 2 minutes et remettez-le. 2. Si F01 revient, n'utilisez plus le four et appelez "
    "le service après-vente."
)
SALT = (
    "Utilisez uniquement du sel régénérant pour lave-vaisselle. Le sel de table bouche "
    "l'adoucisseur. Ne versez jamais de produit de lavage dans le réservoir de sel : il le "
    "détruit. Sortez le panier inférieur et dévissez le bouchon du réservoir, à gauche du filtre. "
    "Versez environ 1,2 kg de sel."
)
BULB = (
    "Coupez le disjoncteur et attendez que l'ampoule soit froide. Vissez l'ampoule neuve, en la "
    "tenant avec un chiffon sec."
)
WATER = (
    "L'appareil se raccorde à l'eau froide ou à l'eau chaude jusqu'à 60 °C. La hauteur du tuyau "
    "est de 40 à 100 cm. Le tuyau d'arrivée mesure 1,6 m. Laissez au moins 5 cm derrière "
    "l'appareil."
)
WASH = "Coton à 60 °C, laine à 30 °C."
DRUM = (
    "Ouvrez la porte, puis fermez le robinet. Videz d'abord le panier inférieur, puis le supérieur."
)
LOCK = (
    "Appuyez 4 secondes sur la touche Départ différé. Débranchez l'appareil avant de nettoyer le "
    "joint. N'ouvrez pas la porte pendant le programme. La garantie ne couvre pas la casse."
)
PARTS = (
    "L'ampoule et le joint de porte peuvent être montés par l'utilisateur. Les autres pièces sont "
    "montées par un professionnel. Les pièces sont disponibles 10 ans."
)

SUPPORTED = [
    (PUMP, "Ouvrez la trappe en bas de l'appareil."),
    (PUMP, "D'accord, ouvrez d'abord la trappe en bas de la machine."),
    (PUMP, "Vous pouvez ouvrir la trappe."),
    (PUMP, "Commencez par ouvrir la trappe en bas de l'appareil."),
    (PUMP, "Il faut dévisser le filtre."),
    (PUMP, "Ensuite, dévissez le filtre dans le sens inverse des aiguilles d'une montre."),
    (PUMP, "Rincez le filtre à l'eau froide pendant deux minutes."),
    (PUMP, "Rincez-le à l'eau froide."),
    (PUMP, "Puis rincez-le à l'eau froide durant 120 secondes."),
    (PUMP, "N'oubliez pas de revisser le filtre à fond."),
    (PUMP, "Pensez à revisser le filtre à fond."),
    (PUMP, "Dévissez le filtre et rincez-le à l'eau froide."),
    (PUMP, "Très bien, on y va."),
    (PUMP, "Voici donc ce que vous pouvez faire."),
    (HOSE, "Redressez le pli."),
    (HOSE, "Redressez le tuyau de vidange."),
    (HOSE, "Le tuyau de vidange est plié."),
    (HOSE, "Fermez bien la porte."),
    (HOSE, "La porte est mal fermée."),
    (HOSE, "Nettoyez le filtre."),
    (HOSE, "Le filtre est encrassé."),
    (ROAST, "Pour un rôti de porc de 1 kg, sigle CT, 180 degrés, gradin 2, durée 70 minutes."),
    (ROAST, "Rôti de porc, 1 kg : CT, 180 °C, gradin 2, durée 1 h 10."),
    (ROAST, "La durée est de soixante-dix minutes."),
    (WEIGHT, "Le poids net du FR610P est de 38 kg."),
    (WEIGHT, "Le poids net du FR610 est de trente-deux kilos."),
    (WEIGHT, "Pour le FR610P, c'est 38 kg."),
    (PYRO, "La pyrolyse réduit la graisse en cendres à environ 480 degrés."),
    (PYRO, "P2 normale : 2 h 00."),
    (PYRO, "P3 forte, c'est deux heures trente."),
    (PYRO, "P1 légère, c'est 90 minutes."),
    (CODE, "Coupez le disjoncteur pendant deux minutes."),
    (CODE, "Coupez le disjoncteur deux minutes, puis remettez-le."),
    (CODE, "Si F01 revient, n'utilisez plus le four et appelez le SAV."),
    (CODE, "La sonde de température du four est en défaut."),
    (CODE, "Si F01 revient, contactez le service après-vente."),
    (SALT, "Utilisez uniquement du sel régénérant."),
    (SALT, "Le sel de table bouche l'adoucisseur."),
    (SALT, "Ne versez jamais de produit de lavage dans le réservoir de sel."),
    (SALT, "Ne versez pas de produit de lavage dans le réservoir de sel."),
    (SALT, "Sortez le panier inférieur."),
    (SALT, "Dévissez le bouchon du réservoir, à gauche du filtre."),
    (SALT, "Versez environ 1,2 kilo de sel."),
    (SALT, "Versez environ 1200 grammes de sel."),
    (BULB, "Coupez le disjoncteur."),
    (BULB, "Attendez que l'ampoule soit froide."),
    (BULB, "Patientez, l'ampoule doit être froide."),
    (BULB, "Vissez l'ampoule neuve en la tenant avec un chiffon sec."),
    (WATER, "L'eau chaude, c'est jusqu'à 60 degrés."),
    (WATER, "La hauteur du tuyau est de 40 à 100 centimètres."),
    (WATER, "La hauteur du tuyau est de 0,4 à 1 mètre."),
    (WATER, "Le tuyau d'arrivée mesure 160 cm."),
    (WATER, "Laissez au moins cinq centimètres derrière l'appareil."),
    (WASH, "Le coton, c'est à 60 degrés."),
    (WASH, "Pour la laine, 30 °C."),
    (DRUM, "Ouvrez la porte."),
    (DRUM, "Fermez le robinet."),
    (DRUM, "Ouvrez la porte puis fermez le robinet."),
    (DRUM, "Videz d'abord le panier inférieur, ensuite le supérieur."),
    (LOCK, "Appuyez quatre secondes sur Départ différé."),
    (LOCK, "Appuyez sur la touche Départ différé."),
    (LOCK, "Pressez 4 secondes la touche Départ différé."),
    (LOCK, "Débranchez la machine avant de nettoyer le joint."),
    (LOCK, "Vous ne devez pas ouvrir la porte pendant le programme."),
    (LOCK, "La garantie ne couvre pas la casse."),
    (PARTS, "Le joint de porte peut être monté par l'utilisateur."),
    (PARTS, "Les autres pièces sont montées par un professionnel."),
    (PARTS, "Les pièces sont disponibles dix ans."),
    (PARTS, "Les pièces sont disponibles 120 mois."),
]

TREACHEROUS = [
    # the contrary act, place or state
    (PUMP, "Fermez la trappe en bas de l'appareil.", "opposite"),
    (PUMP, "Ouvrez la trappe en haut de l'appareil.", "opposite"),
    (PUMP, "Vissez le filtre.", "opposite"),
    (PUMP, "Rincez le filtre à l'eau chaude.", "opposite"),
    (PUMP, "Dévissez le filtre dans le sens des aiguilles d'une montre.", "order"),
    (HOSE, "Pliez le tuyau de vidange.", "opposite"),
    (HOSE, "Il faut plier le tuyau.", "opposite"),
    (HOSE, "Dépliez la porte.", "order"),
    (HOSE, "Le tuyau de vidange n'est pas plié.", "negation"),
    (HOSE, "La porte est fermée.", "negation"),
    (HOSE, "La porte est bien fermée.", "negation"),
    (HOSE, "Fermez mal la porte.", "negation"),
    (HOSE, "Ouvrez la porte.", "opposite"),
    (HOSE, "Encrassez le filtre.", "word"),
    (HOSE, "Le filtre n'est pas encrassé.", "negation"),
    (HOSE, "Vidange possible.", "opposite"),
    (HOSE, "Redressez le filtre.", "order"),
    (HOSE, "Redressez le tuyau d'arrivée.", "opposite"),
    (BULB, "Attendez que l'ampoule soit chaude.", "opposite"),
    (BULB, "Dévissez l'ampoule neuve.", "opposite"),
    (BULB, "Vissez l'ampoule neuve avec un chiffon humide.", "opposite"),
    (BULB, "Remettez le disjoncteur.", "word"),
    (BULB, "N'attendez pas que l'ampoule soit froide.", "negation"),
    (BULB, "Vissez l'ampoule neuve sans chiffon.", "negation"),
    (SALT, "Sortez le panier supérieur.", "opposite"),
    (SALT, "Dévissez le bouchon du réservoir, à droite du filtre.", "opposite"),
    (SALT, "Vissez le bouchon du réservoir.", "opposite"),
    (WATER, "L'appareil se raccorde à l'eau tiède.", "word"),
    (WATER, "Laissez au moins 5 cm devant l'appareil.", "opposite"),
    (LOCK, "Branchez l'appareil avant de nettoyer le joint.", "opposite"),
    (LOCK, "Débranchez l'appareil après avoir nettoyé le joint.", "opposite"),
    # denials added and dropped
    (PUMP, "Ne dévissez pas le filtre.", "negation"),
    (PUMP, "Évitez de dévisser le filtre.", "negation"),
    (PUMP, "N'ouvrez jamais la trappe.", "negation"),
    (PUMP, "Il ne faut pas ouvrir la trappe.", "negation"),
    (PUMP, "Inutile de rincer le filtre.", "negation"),
    (PUMP, "Rincez le filtre sans eau.", "negation"),
    (SALT, "Versez du produit de lavage dans le réservoir de sel.", ""),
    (SALT, "Vous pouvez verser du produit de lavage dans le réservoir.", ""),
    (SALT, "N'utilisez pas de sel régénérant.", "negation"),
    (SALT, "Le sel de table ne bouche pas l'adoucisseur.", "negation"),
    (SALT, "Ne sortez pas le panier inférieur.", "negation"),
    (CODE, "Si F01 revient, utilisez le four et appelez le service après-vente.", "negation"),
    (CODE, "Si F01 revient, n'appelez pas le service après-vente.", "negation"),
    (CODE, "La sonde n'est pas débranchée.", "negation"),
    (LOCK, "Ouvrez la porte pendant le programme.", "negation"),
    (LOCK, "Vous pouvez ouvrir la porte pendant le programme.", "negation"),
    (LOCK, "La garantie couvre la casse.", "negation"),
    (LOCK, "N'appuyez pas sur la touche Départ différé.", "negation"),
    # conditions and restrictions added and dropped
    (CODE, "Appelez le service après-vente.", "condition"),
    (CODE, "N'utilisez plus le four.", "condition"),
    (CODE, "Si F01 revient, coupez le disjoncteur.", ""),
    (CODE, "Si le four est froid, coupez le disjoncteur.", "word"),
    (CODE, "Quand la sonde est coupée, remettez-le.", ""),
    (SALT, "Utilisez du sel régénérant.", "condition"),
    (SALT, "Versez uniquement environ 1,2 kg de sel.", "condition"),
    (PUMP, "Revissez le filtre sauf à fond.", "negation"),
    (PUMP, "Si besoin, ouvrez la trappe.", "word"),
    # numbers, units, bounds, ranges, swaps
    (PUMP, "Rincez le filtre pendant 3 minutes.", "number"),
    (PUMP, "Rincez le filtre pendant deux heures.", "number"),
    (PUMP, "Rincez le filtre pendant 2 secondes.", "number"),
    (PUMP, "Rincez le filtre pendant au moins 2 minutes.", "number"),
    (ROAST, "Rôti de porc : 200 °C.", "number"),
    (ROAST, "Rôti de porc, 2 kg, CT à 180 °C.", "number"),
    (ROAST, "Rôti de porc, 1 kg : gradin 3.", "number"),
    (ROAST, "La durée est de 70 heures.", "number"),
    (ROAST, "La durée est de 180 minutes.", "number"),
    (ROAST, "Sigle CV.", "word"),
    (WEIGHT, "Le poids net du FR610P est de 32 kg.", "order"),
    (WEIGHT, "Le poids net du FR610 est de 38 kg.", "order"),
    (WEIGHT, "Le poids net du FR620 est de 32 kg.", "number"),
    (WEIGHT, "32 kg pour le FR610P.", "order"),
    (WEIGHT, "Le poids net est de 32 g.", "number"),
    (PYRO, "P2 dure 1 h 30.", ""),
    (PYRO, "P2 normale, c'est 1 h 30.", "order"),
    (PYRO, "P1 légère, c'est 2 h 30.", "order"),
    (PYRO, "P3 normale, c'est 2 h 30.", "order"),
    (PYRO, "P4 forte, c'est 2 h 30.", "number"),
    (PYRO, "P1 légère consomme 4,3 kWh.", ""),
    (PYRO, "P1 légère, c'est 4,3 kWh.", "order"),
    (PYRO, "La pyrolyse réduit la graisse en cendres à 480 °C.", "number"),
    (PYRO, "La pyrolyse réduit la graisse à plus de 480 °C.", "number"),
    (CODE, "Coupez le disjoncteur 20 minutes.", "number"),
    (CODE, "Si F02 revient, appelez le service après-vente.", "number"),
    (CODE, "Si F10 revient, appelez le service après-vente.", "number"),
    (SALT, "Versez environ 12 kg de sel.", "number"),
    (SALT, "Versez 1,2 kg de sel.", "number"),
    (SALT, "Versez environ 1,2 litre de sel.", "number"),
    (WATER, "L'eau chaude, c'est au moins 60 °C.", "number"),
    (WATER, "L'eau chaude, c'est 60 °C.", "number"),
    (WATER, "La hauteur du tuyau est de 100 à 40 cm.", ""),
    (WATER, "La hauteur du tuyau est de 40 à 100 mm.", "number"),
    (WATER, "La hauteur du tuyau est de 1,6 m.", "order"),
    (WATER, "Le tuyau d'arrivée mesure 100 cm.", "order"),
    (WATER, "Laissez au plus 5 cm derrière l'appareil.", "number"),
    (WATER, "Laissez 5 cm derrière l'appareil.", "number"),
    (WASH, "Le coton, c'est à 30 degrés.", "order"),
    (WASH, "La laine, c'est à 60 degrés.", "order"),
    (WASH, "60 degrés pour la laine.", "order"),
    (WASH, "Coton à 30 °C, laine à 60 °C.", "order"),
    (WASH, "Coton à 90 °C.", "number"),
    (LOCK, "Appuyez 14 secondes sur la touche Départ différé.", "number"),
    (LOCK, "Appuyez 4 fois sur la touche Départ différé.", "number"),
    (PARTS, "Les pièces sont disponibles 15 ans.", "number"),
    (PARTS, "Les pièces sont disponibles 10 mois.", "number"),
    (PARTS, "Les pièces sont disponibles au moins 10 ans.", "number"),
    # words bound to the wrong thing
    (PUMP, "Rincez la trappe.", "order"),
    (PUMP, "Dévissez l'appareil.", "order"),
    (PUMP, "Ouvrez le filtre.", "order"),
    (DRUM, "Fermez la porte.", "order"),
    (DRUM, "Ouvrez le robinet.", "order"),
    (DRUM, "Fermez la porte, puis ouvrez le robinet.", "order"),
    (DRUM, "Videz d'abord le panier supérieur, puis l'inférieur.", "order"),
    (DRUM, "Fermez le robinet, puis ouvrez la porte.", "order"),
    (PARTS, "Les autres pièces sont montées par l'utilisateur.", "order"),
    (PARTS, "Le joint est monté par un professionnel.", ""),
    (SALT, "Versez le sel dans le filtre.", "order"),
    (SALT, "Le réservoir détruit le sel.", "order"),
    (SALT, "L'adoucisseur bouche le sel de table.", "order"),
    # claims that stand nowhere
    (PUMP, "Ouvrez la trappe avec un tournevis.", "word"),
    (PUMP, "Rincez toujours le filtre.", "word"),
    (PUMP, "Le filtre est garanti.", "word"),
    (PUMP, "C'est gratuit.", "word"),
    (PUMP, "Oui.", "word"),
    (PUMP, "Non, ce n'est pas dangereux.", ""),
    (PUMP, "Un technicien passera demain.", "word"),
    (PUMP, "Remplacez le filtre.", "word"),
    (PUMP, "C'est sans danger.", ""),
    (PUMP, "Le filtre coûte 20 euros.", ""),
    (PARTS, "Vous devez monter le joint de porte.", ""),
    (PARTS, "Montez le joint de porte.", ""),
    (CODE, "Vous serez remboursé.", "word"),
    (CODE, "Le four est tombé en panne à cause de vous.", "word"),
    (CODE, "Réparez la sonde.", "word"),
    (CODE, "Débranchez la sonde.", ""),
    # never, whatever stands there
    (PUMP, "Appelez le 01 23 45 67 89.", "telephone"),
    (PUMP, "Appelez le zéro un vingt-trois quarante-cinq soixante-sept quatre-vingt-neuf.", "tel"),
    (PUMP, "Allez sur www.exemple.fr.", "link"),
    (PUMP, "Écrivez à sav@exemple.fr.", "link"),
    (PUMP, "Voulez-vous ouvrir la trappe ?", "question"),
    (PUMP, "**Ouvrez la trappe.**", "code"),
    (PUMP, "Ouvrez la trappe, " * 30, "length"),
    (PUMP, "打开盖子。", "script"),
    (PUMP, "Open the flap.", "word"),
]


@pytest.mark.parametrize(("passage", "sentence"), SUPPORTED)
def test_the_manual_in_other_words_passes(passage: str, sentence: str) -> None:
    """Same claims, same denials, same numbers: supported."""
    assert unsupported(sentence, [passage]) is None


@pytest.mark.parametrize(("passage", "sentence", "kind"), TREACHEROUS)
def test_treachery_is_refused(passage: str, sentence: str, kind: str) -> None:
    """However like the manual it sounds; the reason names the kind where the table does."""
    reason = unsupported(sentence, [passage])
    assert reason is not None
    assert reason.startswith(kind)


def test_the_table_is_large_and_treacherous() -> None:
    """150 sentences at least, half of them not the manual's."""
    assert len(SUPPORTED) + len(TREACHEROUS) >= 150
    assert len(TREACHEROUS) >= len(SUPPORTED)


MANUAL = [
    "Lancez P9 Nettoyage machine (1 h 50 à 70 °C).",
    "Videz d'abord le panier inférieur, puis le supérieur, pour éviter les gouttes.",
    "Tournez le sélecteur sur O et laissez refroidir 30 minutes.",
    "Dévissez le cache en verre dans le sens inverse des aiguilles d'une montre.",
    "Le tuyau d'arrivée mesure 1,6 m et le tuyau de vidange 1,9 m.",
    "Quand End s'affiche, attendez 15 minutes que la vaisselle refroidisse.",
    "Rôti de porc, 1 kg : Sigle : CT ; °C : 180 ; Gradin : 2 ; Durée : 70 min.",
    "Protection de la ligne : LV450 : 10 A au moins ; LV450X : 16 A.",
    "Remontez la porte (8.5, étape 5).",
    "Retirez les accessoires et, si besoin, le support droit.",
    "Placez l'entonnoir et versez le sel, environ 1,2 kg.",
    "Versez l'assouplissant dans le compartiment à fleur, sous le repère MAX.",
]
"""Sentences of manuals, each to be spoilt in every way below."""


def _spoilt(text: str) -> Iterator[str]:
    """A number more by one; two numbers changed over; an act denied; a word for its contrary."""
    numbers = list(re.finditer(r"\d+", text))
    for found in numbers:
        yield f"{text[: found.start()]}{int(found[0]) + 1}{text[found.end() :]}"
    for one, two in pairwise(numbers):
        if one[0] != two[0]:
            between = text[one.end() : two.start()]
            yield f"{text[: one.start()]}{two[0]}{between}{one[0]}{text[two.end() :]}"
    for found in re.finditer(r"\w{3,}ez\b", text):
        yield f"{text[: found.start()]}ne {found[0].lower()} pas{text[found.end() :]}"
    for pair in OPPOSITES:
        for here, there in (pair, pair[::-1]):
            if re.search(rf"\b{here}\b", fold(text)):
                yield re.sub(rf"\b{here}\b", there, fold(text))


@pytest.mark.parametrize("text", MANUAL)
def test_every_spoilt_sentence_is_refused(text: str) -> None:
    """The sentence itself passes; no spoilt one does."""
    assert unsupported(text, [text]) is None
    assert missing(text, text) is None
    for spoilt in _spoilt(text):
        assert unsupported(spoilt, [text]) or missing(text, spoilt), spoilt


def test_numbers_of_two_passages_are_not_mixed() -> None:
    """Each passage is looked at by itself."""
    passages = ["Lavez le coton à 60 °C.", "Lavez la laine à 30 °C."]
    assert unsupported("Lavez la laine à 30 °C.", passages) is None
    assert unsupported("Lavez la laine à 60 °C.", passages) is not None


def test_without_a_passage_nothing_is_supported() -> None:
    """No evidence, no answer."""
    assert unsupported("Ouvrez la trappe.", []) == "word: there is no passage"
    assert unsupported("Ouvrez la trappe.", [" "]) == "word: there is no passage"


@pytest.mark.parametrize(
    ("part", "said", "reason"),
    [
        ("Fermez le robinet et débranchez l'appareil.", "Fermez le robinet.", "debranchez"),
        ("Coupez le disjoncteur 2 minutes.", "Coupez le disjoncteur.", "120 s"),
        ("Lancez P8.", "Lancez.", "p8"),
        ("Si E20 revient, appelez le service.", "E20 revient, appelez le service.", "condition"),
        ("Utilisez uniquement du sel régénérant.", "Utilisez du sel régénérant.", "only"),
        ("Fermez la porte et ne forcez pas.", "Fermez la porte.", "not forcez"),
        ("Le joint gris de la porte ronde est usé.", "Le joint est usé.", "words"),
        ("Four froid, retirez ce qui touche le fond.", "Retirez ce qui touche le fond.", "froid"),
        (
            "Porte ouverte, tirez le panier gris vers vous à deux mains.",
            "Tirez le panier gris vers vous à deux mains.",
            "ouverte",
        ),
        (
            "De chaque côté, basculez le loquet de la charnière vers vous.",
            "Basculez le loquet de la charnière vers vous.",
            "chaque",
        ),
        ("Fermez bien la porte.", "Fermez la porte.", None),
        ("Coupez le disjoncteur 2 minutes.", "Coupez le disjoncteur deux minutes.", None),
    ],
)
def test_what_a_rewording_leaves_out(part: str, said: str, reason: str | None) -> None:
    """Acts, numbers, codes, denials and conditions may not be left out."""
    found = missing(part, said)
    assert found == (None if reason is None else f"left out: {reason}") or (
        reason == "condition" and found == "left out: condition if"
    )
