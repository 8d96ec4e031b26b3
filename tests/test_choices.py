"""Which appliance a misheard answer means, among those that were offered."""

from __future__ import annotations

import pytest

from knowledge.choices import choice_heard

DEMO = ("le lave-linge", "le four", "le lave-vaisselle")
OTHERS = ("l'aspirateur", "la machine à café", "le robot de cuisine")
HEATING = ("le climatiseur", "le radiateur", "le chauffe-eau")
COOLING = ("la cave à vin", "la hotte", "le micro-ondes")
MODELS = ("le lave-linge LV450", "le lave-linge LV620")


@pytest.mark.parametrize(
    ("heard", "choices", "taken"),
    [
        ("Le lave-lâche.", DEMO, 0),
        ("La machine à la veille.", DEMO, 0),
        ("Il s'agit de la vlage.", DEMO, 0),
        ("Euh, mon fourre.", DEMO, 1),
        ("C'est pour la vaisselle.", DEMO, 2),
        ("C'est pour l'astirateur.", OTHERS, 0),
        ("La caustière.", OTHERS, 1),
        ("Voilà, l'astirateur, s'il vous plaît.", OTHERS, 0),
        ("Do you robot a cuisine ?", OTHERS, 2),
        ("La climat.", HEATING, 0),
        ("Il s'agit du chauffeau.", HEATING, 2),
        ("De la haute.", COOLING, 1),
        ("Les vacances cinquante.", MODELS, 0),
        ("Le lave-linge, elle vais 620.", MODELS, 1),
    ],
)
def test_nearest(heard: str, choices: tuple[str, ...], taken: int) -> None:
    """Words of the measurement (`permanence eval which`), and models by their figures."""
    assert choice_heard((heard,), choices) == choices[taken]


@pytest.mark.parametrize(
    "heard",
    [
        "Le lave-linge.",  # words are enough
        "C'est mon aspirateur.",  # not offered
        "C'est mon aspirature.",
        "Mon ordinature.",
        "C'est pas le lave-lâche.",
        "Ni l'un ni l'autre.",
        "Aucun des deux.",
        "Je ne sais pas.",
        "J'en sais rien du tout.",
        "Les deux.",
        "Le gris.",
        "Celui de la cuisine.",
        "Attendez, je regarde.",
        "Vous pouvez répéter ?",
        "Oui.",
        "Non.",
        "Un conseiller.",
        "C'est pour ma mère.",
        "D'y foutre.",
        "Il y a de l'eau partout.",
        "Alors voilà, en fait depuis hier matin ça me fait un drôle de bruit de vaisselle.",
        "",
    ],
)
@pytest.mark.parametrize("choices", [DEMO, HEATING])
def test_nothing_is_taken(heard: str, choices: tuple[str, ...]) -> None:
    """What names another appliance, denies, hesitates or says something else chooses nothing."""
    assert choice_heard((heard,), choices) is None


def test_the_kind_alone_does_not_choose_a_model() -> None:
    """« Le lave-linge », where there are two."""
    assert choice_heard(("le lave-linge",), MODELS) is None


def test_another_reading_may_name_it() -> None:
    """A choice named in a less likely reading is taken before the sound of the likeliest."""
    assert (
        choice_heard(
            (
                "Euh, mon fouet.",
                "Euh, mon four.",
            ),
            DEMO,
        )
        == "le four"
    )
    assert (
        choice_heard(
            (
                "L'avis ligne.",
                "Le lave-vaisselle.",
            ),
            DEMO,
        )
        == "le lave-vaisselle"
    )
    assert (
        choice_heard(
            (
                "Je ne sais pas, l'avion.",
                "Le lave-vaisselle.",
            ),
            DEMO,
        )
        is None
    )


def test_nothing_was_offered() -> None:
    """After « c'est pour quel appareil ? » nothing is near by sound."""
    assert choice_heard(("le lave-lâche",), ()) is None
