"""What stops in the middle is waited for; what is whole is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.call.capture import Capture, Stage
from agent.call.half_said import HELD_S, UNHURRIED_S, held_s, is_half_said
from agent.call.moves import Phase, State

LISTENING = State(brand="Orvane")
DICTATING = replace(LISTENING, phase=Phase.CAPTURING, capture=Capture("phone"))


@pytest.mark.parametrize(
    "text",
    [
        "C'est pour mon",
        "C'est pour mon...",
        "Alors j'ai un lave-linge et",
        "Je voudrais savoir comment nettoyer le",
        "Il y a écrit sur l',",
        "Bonjour, voilà, euh",
        "La touche avec le",
        "Alors, euh...",
        "Bonjour madame, voilà.",
        "Euh, donc",
        "Alors.",
        "Quand j'ouvre la porte du four.",
        "Dès que j'appuie sur marche",
        "Et quand je lance un lavage,",
        "Sur l'écran, il y a écrit.",
        "Alors l'écran affiche",
        "La machine, ça indique",
        "Il y a écrit avant.",
        "Bonjour, c'est pour moi.",
        "Bonjour, voilà, Gens.",
    ],
)
def test_more_is_to_come(text: str) -> None:
    """The sentence needs another word."""
    assert is_half_said(LISTENING, text)


@pytest.mark.parametrize(
    "text",
    [
        "Mon four ne chauffe plus.",
        "Comment nettoyer le filtre ?",
        "Et je lave ça avec quoi, l'eau de la ?",
        "Que dois-je ?",
        "Le voyant clignote, que puis-je",
        "Oui.",
        "",
        "Bonjour.",
        "Quand j'ouvre la porte, il y a de l'eau qui coule.",
        "Quand est-ce qu'on me rappelle ?",
        "Comme ça ?",
        "Dès que j'appuie sur marche elle fait un bruit et tout saute dans la maison",
        "Je n'ai pas trouvé ce qui est écrit là-dessus",
        "Ça n'est pas affiché",
        "Je vous la donne, allez-y",
        "Zéro six, trente-neuf",
        "Et alors",
        "C'est pour mon four.",
        "Il y a écrit E24.",
    ],
)
def test_it_is_whole(text: str) -> None:
    """Or nothing tells that it is not."""
    assert not is_half_said(LISTENING, text)


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("06", True),
        ("06 39, 98", True),
        ("Alors c'est le 06 39 98 12", True),
        ("06 39 98 12 34", False),
        ("Oui.", False),
        ("Je ne sais pas", False),
        ("36 46", False),
    ],
)
def test_a_number_is_whole_when_it_has_its_figures(text: str, half: bool) -> None:
    """Callers breathe between pairs."""
    assert is_half_said(DICTATING, text) is half


def test_a_number_goes_on_from_what_was_said_before() -> None:
    """The second half makes it whole."""
    capture = Capture("phone", partial="06 39 98", so_far="063998")
    state = replace(DICTATING, capture=capture)
    assert is_half_said(state, "12")
    assert not is_half_said(state, "12 34")


@pytest.mark.parametrize("phase", [Phase.STEPS, Phase.CONFIRMING, Phase.HELPED])
def test_where_an_answer_is_awaited_voila_is_one(phase: Phase) -> None:
    """« Voilà » after a step means that it is done."""
    assert not is_half_said(replace(LISTENING, phase=phase), "Voilà.")


def test_other_details_are_not_held_back() -> None:
    """A name or a reference may be of any length."""
    assert not is_half_said(replace(DICTATING, capture=Capture("name")), "Martin de")


def test_a_correction_of_what_was_read_back_is_whole() -> None:
    """« Non, douze » has no more figures to come."""
    capture = Capture("phone", stage=Stage.READ_BACK, offered="+33639983412")
    assert not is_half_said(replace(DICTATING, capture=capture), "non, 12")


@pytest.mark.parametrize(
    ("state", "text", "seconds"),
    [
        (LISTENING, "C'est pour mon", HELD_S),
        (LISTENING, "Mon lave-linge affiche un code.", UNHURRIED_S),
        (LISTENING, "Attendez, je regarde.", HELD_S),
        (LISTENING, "Attendez, vous allez trop vite.", UNHURRIED_S),
        (LISTENING, "Attendez, répétez.", UNHURRIED_S),
        (LISTENING, "Comment nettoyer le filtre ?", 0.0),
        (LISTENING, "Non merci.", 0.0),
        (LISTENING, "", 0.0),
        (replace(LISTENING, phase=Phase.STEPS), "C'est fait.", 0.0),
        (DICTATING, "06 39, 98", HELD_S),
        (DICTATING, "06 39 98 12 34", 0.0),
    ],
)
def test_how_long_the_caller_has_to_go_on(state: State, text: str, seconds: float) -> None:
    """A question is answered at once, a statement after a breath."""
    assert held_s(state, text) == seconds
