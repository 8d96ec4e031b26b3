"""Dangers are recognised before anything else, and ordinary questions are not dangers."""

from __future__ import annotations

import pytest

from knowledge.answer import Danger
from knowledge.safety import danger_in, fold, safety_text

DANGERS: list[tuple[str, Danger]] = [
    ("ça sent le gaz dans la cuisine", "gas"),
    ("il y a une odeur de gaz", "gas"),
    ("je sens comme une odeur de gaz", "gas"),
    ("y a une fuite de gaz", "gas"),
    ("pas de flammes mais ça sent le gaz", "gas"),
    ("il y a de la fumée qui sort du lave-linge", "fire"),
    ("la machine fume", "fire"),
    ("ça fume derrière", "fire"),
    ("y'a le feu dans le four", "fire"),
    ("mon lave-linge a pris feu", "fire"),
    ("mon four prend feu", "fire"),
    ("il y a des étincelles", "fire"),
    ("ça sent le brûlé", "fire"),
    ("une odeur de brûlé", "fire"),
    ("ça sent le cramé", "fire"),
    ("la prise a fondu, c'est une prise brûlée", "fire"),
    ("j'ai pris une châtaigne en touchant la porte", "shock"),
    ("j'ai pris le jus", "shock"),
    ("j'ai reçu une décharge", "shock"),
    ("l'eau coule sur la prise", "shock"),
    ("il y a de l'eau sur la multiprise", "shock"),
    ("la prise est mouillée", "shock"),
    ("le détecteur de monoxyde sonne", "carbon_monoxide"),
    ("le détecteur de CO sonne", "carbon_monoxide"),
    ("mon fils est enfermé dans la machine", "shut_in"),
    ("le chat est coincé dans le tambour", "shut_in"),
    ("mon fils a avalé une pastille", "injury"),
    ("ma fille a mangé une capsule de lessive", "injury"),
    ("le chien a léché le produit", "injury"),
    ("vite ma puce a croqué le savon lave-vaisselle", "injury"),
    ("je me suis brûlé", "injury"),
    ("je me suis coupé le doigt", "injury"),
    ("mon mari s'est coupé", "injury"),
    ("elle s'est coupée à la main", "injury"),
    ("elle saigne", "injury"),
    ("mon doigt pisse le sang", "injury"),
    ("il est en sang", "injury"),
    ("le raccord est cassé, le gaz s'échappe", "gas"),
    ("j'ai dévissé et le gaz sort", "gas"),
    ("la rallonge du frigo est toute ramollie", "fire"),
    ("la fiche a un peu noirci, elle est noircie", "fire"),
    ("c'est l'appareil à CO qui bipe", "carbon_monoxide"),
    ("mon bébé est dans le tambour", "shut_in"),
    ("le chaton est monté dans la machine", "shut_in"),
    ("y a le petit frère qui est dedans", "shut_in"),
    ("il a avalé la pile de la télécommande", "injury"),
    ("je ne trouve plus l'aimant de la porte, elle a dû l'avaler", "injury"),
]

MISHEARD: list[tuple[str, Danger]] = [
    ("mon lave-linge sans le brûler", "fire"),
    ("le détecteur de mon oxyde sonne", "carbon_monoxide"),
    ("l'alarme à ce eau s'arrête plus", "carbon_monoxide"),
    ("sa sent le gaz", "gas"),
    ("ça sens le gaz", "gas"),
    ("ça sans le gaz", "gas"),
    ("sa cent le gaz", "gas"),
    ("01 90 au lala, ce sont les gaz tout à coup", "gas"),
    ("ça pue le gaz", "gas"),
    ("sa sent le brulé", "fire"),
    ("ça sens le brûler", "fire"),
    ("ca sang le brulé", "fire"),
    ("elle fume ma machine", "fire"),
]

ORDINARY = [
    "il y a une tache de sang sur la nappe",
    "le gaz n'arrive plus à la plaque",
    "comment régler l'arrivée de gaz",
    "le four est à feu doux",
    "cuisson à feu vif",
    "plaque à gaz à côté, où brancher ?",
    "il n'y a pas de fumée",
    "il n'y a plus de fumée",
    "sans odeur de gaz",
    "il n'y a aucune odeur de brûlé",
    "ça n'a pas pris feu",
    "mon feu vert",
    "le voyant, le feu vert, clignote",
    "la viande est brûlée",
    "où mettre le sel",
    "je mets combien de produit",
    "le tambour est bloqué",
    "mon lave-linge s'est bloqué",
    "où est la prise",
    "mon chat dort sur le lave-linge",
    "comment nettoyer le filtre",
    "",
]


@pytest.mark.parametrize(("text", "danger"), DANGERS)
def test_danger(text: str, danger: Danger) -> None:
    """As callers say it."""
    assert danger_in(text) == danger


@pytest.mark.parametrize(("text", "danger"), MISHEARD)
def test_misheard_danger(text: str, danger: Danger) -> None:
    """As a recogniser may write it. Cause: only « sens » and « sent » counted, for gas alone."""
    assert danger_in(text) == danger


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_question(text: str) -> None:
    """Nothing that stops the conversation."""
    assert danger_in(text) is None


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("je n'arrive pas à éteindre le feu", "fire"),
        ("on n'arrive pas à arrêter les flammes", "fire"),
        ("ce n'est pas normal cette odeur de gaz", "gas"),
        ("il y a de plus en plus de fumée", "fire"),
        ("de plus en plus de flammes", "fire"),
    ],
)
def test_a_negation_of_something_else_denies_nothing(text: str, danger: Danger) -> None:
    """Cause: any « pas » or « plus » up to three words before struck the danger out."""
    assert danger_in(text) == danger


@pytest.mark.parametrize(
    "text",
    [
        "la sécurité enfants est bloquée",
        "comment bloquer la sécurité enfants",
        "le hublot est bloqué, la sécurité enfant est active",
    ],
)
def test_child_lock_shuts_nobody_in(text: str) -> None:
    """Cause: « enfants » beside « bloqué » was a child shut in."""
    assert danger_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "le four s'est coupé tout seul",
        "le programme s'est coupé",
        "la machine s'est coupée en plein cycle",
    ],
)
def test_appliance_that_stops_is_not_injured(text: str) -> None:
    """Cause: « s'est coupé » was an injury, whoever it was."""
    assert danger_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "ce sont les brûleurs du gaz qui sont sales",
        "quelle saloperie, l'eau prise cette machine",
        "où je branche ma prise d'eau",
        "la prise d'eau fuit",
        "l'eau n'arrive pas à la prise d'eau",
    ],
)
def test_water_inlet_is_no_socket(text: str) -> None:
    """Cause: « prise d'eau » was water on a socket."""
    assert danger_in(text) is None


def test_nobody_hurt_is_no_injury() -> None:
    """Cause: « blessé » counted, also after « personne n'est »."""
    assert danger_in("personne n'est blessé") is None


def test_the_first_of_two_dangers_is_the_deadlier() -> None:
    """Gas before fire: no switch may be touched."""
    assert danger_in("ça sent le gaz et il y a des flammes") == "gas"


def test_texts() -> None:
    """Whom to call, in the order of what to do."""
    assert safety_text("gas") == (
        "Ne touchez à aucun interrupteur, ouvrez les fenêtres et sortez. "
        "Une fois dehors, appelez le 0 800 47 33 33, ou le 18."
    )
    assert safety_text("fire") == (
        "Mettez-vous à l'abri tout de suite, sans rien toucher. "
        "S'il y a des flammes ou de la fumée, sortez et appelez le 18 ou le 112."
    )
    assert safety_text("shock") == (
        "Ne touchez plus à l'appareil, et coupez le courant au tableau si vous le pouvez. "
        "Si quelqu'un a pris le courant, appelez le 15 ou le 112."
    )
    assert safety_text("carbon_monoxide") == (
        "Ouvrez les fenêtres, sortez tout de suite, et appelez le 18 ou le 112 une fois dehors."
    )
    assert safety_text("shut_in") == (
        "Coupez le courant de l'appareil. "
        "Si vous ne pouvez pas ouvrir tout de suite, appelez le 18 ou le 112."
    )
    assert safety_text("injury") == (
        "Si quelqu'un est blessé, appelez le 15 ou le 112 tout de suite."
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Été, c'est BRÛLÉ !", "l ete c est brule"),
        ("lave-linge", "lave linge"),
        ("  ", ""),
        ("Œuf à 90 °C", "uf a 90 c"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Lower case, no accents, no punctuation."""
    assert fold(text) == folded
