"""Short replies that were misheard: another reading or the sound holds them, or nothing does."""

from __future__ import annotations

import pytest

from agent.call.moves import Heard, Phase
from agent.call.short_replies import reading_of
from knowledge.answer import Sensed


@pytest.mark.parametrize(
    ("readings", "phase", "taken"),
    [
        (("Vêille.", "Vé.", "VEI."), Phase.STEPS, "C'est fait."),
        (("VV.", "V.", "VZ."), Phase.STEPS, "C'est fait."),
        (("C'est frais.",), Phase.STEPS, "C'est fait."),
        (("Pendez-tu ?", "Pandit 2."), Phase.CONFIRMING, "Non."),
        (("C'est salp.", "C'est sale.", "C'est ça."), Phase.CONFIRMING, "C'est ça."),
        (("Où est-ce ça ?", "Oui c'est ça."), Phase.CONFIRMING, "Oui c'est ça."),
        (("On se voit.", "Au revoir."), Phase.LISTENING, "Au revoir."),
        (("On se voit.", "Au revoir."), Phase.HELPED, "Au revoir."),
        (("Pied on.", "Pardon.", "Pied en."), Phase.STEPS, "Pardon."),
        (("Un consul y est.", "Un conseiller."), Phase.LISTENING, "Un consul y est."),  # four words
        (("Un consulier.", "Un conseiller."), Phase.LISTENING, "Un conseiller."),
    ],
)
def test_taken(readings: tuple[str, ...], phase: Phase, taken: str) -> None:
    """Words as synthetic callers were heard on the telephone."""
    assert reading_of(Heard(readings[0], alternatives=readings[1:]), phase) == taken


@pytest.mark.parametrize(
    "text",
    [
        "Attendez.", "Pas encore.", "Baisse encore.", "Une seconde.", "Répétez.", "Que manque ?",
        "Un conseiller.", "Sa bloc.", "Ça fume.", "Sa film.", "Du gaz.", "Du feu.", "Au feu !",
        "Stombe.", "Je serre.", "J'ai faim !", "Le filtre.", "La porte.", "Mon four.", "Huit.",
        "F1.", "Quelle touche ?", "Le bouton rouge.", "Et le sel ?",
    ],
)  # fmt: skip
@pytest.mark.parametrize("phase", [Phase.STEPS, Phase.CONFIRMING, Phase.HELPED, Phase.OFFERING])
def test_left(text: str, phase: Phase) -> None:
    """What is clear by itself, names a thing, asks or warns stays what it is."""
    assert reading_of(Heard(text), phase) == text


def test_not_where_none_is_awaited() -> None:
    """At the beginning of a call « fait » is no reply, and after a hint of danger nothing is."""
    assert reading_of(Heard("Vêille."), Phase.LISTENING) == "Vêille."
    assert reading_of(Heard("Vêille."), Phase.CHECKING) == "Vêille."
    hint = Heard("Vêille.", sensed=True, danger=Sensed("fire", sure=False))
    assert reading_of(hint, Phase.STEPS) == "Vêille."
