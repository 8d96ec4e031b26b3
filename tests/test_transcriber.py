"""What the recogniser writes that nobody said: loops, and the words that it was given."""

from __future__ import annotations

import pytest

from agent.call.transcriber import Hypotheses, credible, echoed, guessed, invented, looped

GIVEN = ("four", "lave-vaisselle", "FR610P", "LV450", "code d'erreur.")


@pytest.mark.parametrize(
    ("text", "is_echo"),
    [
        ("FR610P, LV450,", True),
        ("LV450, FR610P, LV", True),
        ("LV450, oui", False),
        ("LV450,", True),
        ("four, lave-vaisselle, code d'erreur.", True),
        ("LV450", False),
        ("C'est le LV450, un lave-linge.", False),
        ("Un four, un LV450.", False),
        ("", False),
        (",", False),
    ],
)
def test_a_list_of_what_was_given_is_an_echo(text: str, is_echo: bool) -> None:
    """One of them alone is what a caller says."""
    assert echoed(text, GIVEN) is is_echo


@pytest.mark.parametrize(
    ("text", "goes_round"),
    [
        ("lave-vaisselle lave-vaisselle lave-vaisselle", True),
        ("il y a de l'eau par terre il y a de l'eau par terre", True),
        ("Non, non, ça fuit encore.", False),
        ("Mon numéro, c'est le 06 06 39 98 12.", False),
    ],
)
def test_a_loop(text: str, goes_round: bool) -> None:
    """A word three times, or a sentence twice."""
    assert looped(text) is goes_round


@pytest.mark.parametrize(
    ("found", "was_said"),
    [
        (Hypotheses("Sous-titres réalisés par la communauté d'Amara.org", (), -0.2, 0.1), False),
        (Hypotheses("Merci.", (), -0.2, 0.1), False),
        (Hypotheses("Il fuit.", (), -1.4, 0.9), False),
        (Hypotheses("Il fuit.", (), -0.4, 0.9), True),
        (Hypotheses("Il fuit.", (), -1.4, 0.1), True),
    ],
)
def test_what_is_invented_is_dropped(found: Hypotheses, was_said: bool) -> None:
    """Film credits, thanks, and doubtful words where nobody seems to speak."""
    assert credible(found) is was_said


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech", "is_guess"),
    [
        ("FR610.", -0.6, 0.19, True),  # a kitchen
        ("LV450", -1.5, 0.02, True),
        ("FR610X, FR610.", -1.2, 0.6, True),
        ("FR610.", -0.03, 0.0, False),  # said
        ("LV450.", -0.85, 0.04, False),  # said with a kitchen behind it
        ("Le FR610.", -1.5, 0.6, False),
        ("610.", -1.5, 0.6, False),
        ("Oui.", -1.5, 0.6, False),
        ("", -1.5, 0.9, False),
    ],
)
def test_a_lone_reference_is_guessed(
    text: str, logprob: float, no_speech: float, is_guess: bool
) -> None:
    """Nothing but a reference, and little in the sound that speaks for it."""
    found = Hypotheses(text, (), logprob, no_speech)
    assert guessed(found) is is_guess
    assert invented(found, GIVEN) is (is_guess or echoed(text, GIVEN))
    assert not invented(found, ())
