"""What no manual can answer is told by its words."""

from __future__ import annotations

import pytest

from knowledge.scope import out_of_scope

APPLIANCES = {"four", "lave-linge", "lave-vaisselle"}
KNOWN = {"orvane", "lessive"}


def _reason(question: str, known: set[str] = KNOWN) -> str | None:
    return out_of_scope(question, APPLIANCES, known.__contains__)


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
        ("mon frigo est en panne", "autre appareil : frigo"),
        ("mon réfrigérateur est en panne", "autre appareil : refrigerateur"),
        ("mon aspirateur n'aspire plus", "autre appareil : aspirateur"),
        ("mon micro-ondes ne chauffe plus", "autre appareil : micro ondes"),
        ("mon sèche-linge ne sèche plus", "autre appareil : seche linge"),
        ("ma plaque à induction clignote", "autre appareil : plaque a induction"),
        ("la chaudière s'éteint", "autre appareil : chaudiere"),
    ],
)
def test_other_things(question: str, reason: str) -> None:
    """Another brand, another appliance, a topic without a passage: the reason names it."""
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
    """A brand or topic that stands in the manuals, and an appliance of the client's own."""
    assert _reason("comment connecter au wifi", KNOWN | {"wifi"}) is None
    assert _reason("mon four Bosch", KNOWN | {"bosch"}) is None
    assert out_of_scope("mon frigo", {"réfrigérateur"}, KNOWN.__contains__) is None
