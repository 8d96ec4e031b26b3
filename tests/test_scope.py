"""What no manual can answer is told by its words."""

from __future__ import annotations

import pytest

from knowledge.appliances import foreign_appliance
from knowledge.scope import out_of_scope

KNOWN = {"orvane", "lessive"}
WASHING = {"four", "lave-linge", "lave-vaisselle"}
PROCEDURES = {"sonde", "cordon"}
"""Parts that a procedure of the manuals is about."""


def _reason(
    question: str, known: set[str] = KNOWN, procedures: set[str] = PROCEDURES
) -> str | None:
    return out_of_scope(question, known.__contains__, procedures.__contains__)


@pytest.mark.parametrize(
    "question",
    [
        "C'est combien le joint de porte ?",
        "combien coûte la réparation",
        "combien ça va me coûter",
        "combien vaut une pompe neuve",
        "quel est le prix d'un filtre",
        "je voudrais un rendez-vous",
        "est-ce que vous pouvez envoyer un technicien",
        "le réparateur devait venir hier",
        "je veux être remboursé",
        "je voudrais commander un joint",
        "est-ce que vous recrutez en ce moment",
        "vous êtes ouverts le samedi",
        "quels sont vos horaires",
        "je veux une extension de garantie",
        "vous avez la pièce en stock",
        "vous faites une remise",
    ],
)
def test_commercial(question: str) -> None:
    """Prices, appointments, orders and opening hours stand in no manual."""
    assert _reason(question) == "demande commerciale"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("comment connecter au wifi", "les notices n'en parlent pas : wifi"),
        ("comment connecter au Wi-Fi", "les notices n'en parlent pas : wifi"),
        ("il y a une application ?", "les notices n'en parlent pas : application"),
        ("mon lave-linge Bosch fuit", "autre marque : bosch"),
        ("j'ai un Whirlpool", "autre marque : whirlpool"),
        ("mon lave vaisselle siemens", "autre marque : siemens"),
    ],
)
def test_other_things(question: str, reason: str) -> None:
    """Another brand, a topic without a passage: the reason names it."""
    assert _reason(question) == reason


@pytest.mark.parametrize(
    "question",
    [
        "C'est combien de temps le programme éco ?",
        "mon lave-linge Orvane fuit",
        "comment nettoyer le filtre",
        "le bandeau de commande ne répond plus",
        "je mets combien de lessive",
        "combien de temps dure la garantie",
        "le four à côté du frigo",
        "comment ouvrir la porte",
        "ouvrir le hublot",
        "les horaires des heures creuses",
        "j'ai fermé la porte samedi",
    ],
)
def test_within_scope(question: str) -> None:
    """Words that only resemble: a duration, the control panel, a neighbour's place."""
    assert _reason(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "comment faire la remise à niveau",
        "la remise en marche après une coupure",
        "la remise à zéro du programme",
    ],
)
def test_remise_is_not_always_a_rebate(question: str) -> None:
    """Cause: « remise à niveau » and « remise en marche » were taken for a price."""
    assert _reason(question) is None


def test_what_the_manuals_name_is_in_scope() -> None:
    """A brand or a topic that stands in the manuals."""
    assert _reason("comment connecter au wifi", KNOWN | {"wifi"}) is None
    assert _reason("mon four Bosch", KNOWN | {"bosch"}) is None


@pytest.mark.parametrize(
    ("question", "kinds", "other"),
    [
        ("mon frigo est en panne", WASHING, "réfrigérateur"),
        ("mon réfrigérateur est en panne", WASHING, "réfrigérateur"),
        ("mon aspirateur n'aspire plus", WASHING, "aspirateur"),
        ("mon micro-ondes ne chauffe plus", WASHING, "micro-ondes"),
        ("mon sèche-linge ne sèche plus", WASHING, "sèche-linge"),
        ("ma plaque à induction clignote", WASHING, "plaque de cuisson"),
        ("la chaudière s'éteint", WASHING, "chaudière"),
        ("notre cave à vin fait du bruit", WASHING, "cave à vin"),
        ("le four à côté du frigo", WASHING, None),
        ("mon frigo", {"réfrigérateur"}, None),
        ("mon congélateur givre", {"réfrigérateur"}, None),
        ("ma cuisinière chauffe mal", {"four"}, None),
        ("mon lave-linge fuit", {"lave-linge"}, None),
        ("mon lave-linge fuit", {"four"}, "lave-linge"),
        ("mon four ne tourne plus", {"micro-ondes"}, None),
        ("mon micro-ondes ne tourne plus", {"four"}, "micro-ondes"),
        ("mon frigo à vin fait du bruit", {"cave à vin"}, None),
        ("le tuyau du radiateur est plus bas", WASHING, None),
        ("je peux poser un micro-ondes dessus", WASHING, None),
        ("je peux le mettre sous la hotte", WASHING, None),
        ("comment nettoyer le filtre", WASHING, None),
        ("", WASHING, None),
    ],
)
def test_other_appliance(question: str, kinds: set[str], other: str | None) -> None:
    """Asked about, it is another client's; named beside one's own, it is a neighbour."""
    assert foreign_appliance(question, kinds) == other


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("comment changer la pompe de vidange", "pompe"),
        ("je voudrais remplacer la résistance", "resistance"),
        ("comment démonter le moteur moi-même", "moteur"),
        ("la courroie est cassée, je peux la changer", "courroie"),
        ("la carte électronique se remplace comment", "carte"),
        ("comment accéder au compresseur", "compresseur"),
        ("je peux ouvrir et recharger le gaz frigorigène", "gaz frigorigene"),
        ("comment réparer le thermostat", "thermostat"),
    ],
)
def test_repair_is_for_a_technician(question: str, part: str) -> None:
    """Work inside the appliance, unless a procedure is about that very part."""
    assert _reason(question) == f"réparation réservée à un technicien : {part}"
    assert _reason(question, procedures={part}) is None


@pytest.mark.parametrize(
    "question",
    [
        "comment nettoyer le filtre de la pompe",
        "la pompe fait du bruit",
        "comment retirer la sonde de cuisson",  # a procedure is about it
        "comment changer l'ampoule",
        "comment remplacer le joint de porte",
        "la résistance est entartrée",
        "le ventilateur du four tourne tout seul après la cuisson",
    ],
)
def test_care_is_no_repair(question: str) -> None:
    """Cleaning, a noise, and parts that anybody may change."""
    assert _reason(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "je vais prendre un avocat",
        "je veux porter plainte",
        "je vais écrire à Que choisir",
        "je veux un dédommagement",
        "où en est ma réparation",
        "je n'ai pas reçu ma facture",
        "je veux faire une réclamation",
        "effacez mes données",
        "c'est quoi mon numéro de commande",
    ],
)
def test_complaints_and_files(question: str) -> None:
    """A person's matter."""
    assert _reason(question) == "réclamation ou dossier personnel"
