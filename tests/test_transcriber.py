"""What the recogniser writes that nobody said: loops, and the words that it was given."""

from __future__ import annotations

import pytest

from agent.call.transcriber import Hypotheses, credible, echoed, looped

GIVEN = ("four", "lave-vaisselle", "FR610P", "LV450", "code d'erreur.")


@pytest.mark.parametrize(
    ("text", "is_echo"),
    [
        ("FR610P, LV450,", True),
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
