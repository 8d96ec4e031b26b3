"""Who is on the line but no customer, and the customers who only sound like it."""

from __future__ import annotations

import json

import pytest

from agent.call.strangers import (
    foreign_language,
    is_child,
    is_machine,
    is_selling,
    is_wrong_number,
    language_wanted,
)
from evals.lessons import read_lessons
from evals.questions import DATA

WRONG = [
    "Oh pardon, je me suis trompé de numéro.",
    "J'ai fait un faux numéro, excusez-moi.",
    "C'est bien le restaurant ?",
    "Je voulais joindre le docteur.",
    "ah non c'est pas la pharmacie",
    "Je me suis trompée.",
]
MACHINES = [
    "Nous sommes absents, merci de laisser un message après le beep.",
    "Bonjour, vous êtes bien sur la messagerie de Paul, laissez un message après le bip.",
    "Le numéro que vous avez composé n'est pas attribué.",
    "Votre correspondant n'est pas disponible pour le moment.",
    "Tous nos conseillers sont en ligne, veuillez patienter.",
    "Pour le service commercial, tapez un.",
]
CHILDREN = [
    "Allô, c'est maman ?",
    "papa ?",
    "Ma maman elle dort.",
    "J'ai cinq ans.",
    "je suis toute seule à la maison",
]
SELLERS = [
    "Bonjour, je suis de la société Soleil Habitat, je vous appelle pour des panneaux solaires.",
    "Je vous contacte pour vous proposer une isolation à un euro.",
    "Je vous appelle au sujet de votre mutuelle.",
]
FOREIGN = [
    ("Hello, do you speak English please?", "en"),
    ("My dishwasher is not working", "en"),
    ("Elle au doût du speaking English, mi-washing machine is not draining.", "en"),
    ("Hola, ¿habla usted español?", "es"),
    ("Mi lavadora no funciona", "es"),
    ("Guten Tag, sprechen Sie Deutsch?", "de"),
    ("Buongiorno, la mia lavatrice non funziona", "it"),
    ("Bom dia, a minha máquina não funciona", "pt"),
    ("Salam aleykoum, ana andi mouchkil fi lghassala", "ar"),
]
CUSTOMERS = [
    "je me suis trompé, c'est le code E20",
    "je me suis trompée de numéro de programme, ça lave déjà, comment je stoppe tout",
    "le bip ne s'arrête plus",
    "après le bip il ne se passe rien",
    "il y a un message sur l'écran",
    "mon fils a neuf ans et il a mis un jouet dans le tambour",
    "maman a un lave-linge LV450 qui fuit",
    "le programme no iron",
    "je vous appelle parce qu'on m'a proposé un technicien",
    "je suis de la société Durand, notre lave-linge ne vidange plus",
    "je vous appelle de la part de ma mère, l'isolation de la porte du four est abîmée",
    "j'ai un problème avec la machine",
    "c'est marqué door open",
    "la machine est au camping, le brushing et le parking n'ont rien à voir",
    "",
]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_number(text: str) -> None:
    """As those say it who wanted somebody else."""
    assert is_wrong_number(text)


@pytest.mark.parametrize("text", MACHINES)
def test_machine(text: str) -> None:
    """Mailboxes, exchanges and waiting loops."""
    assert is_machine(text)


@pytest.mark.parametrize("text", SELLERS)
def test_seller(text: str) -> None:
    """Who rings to sell something."""
    assert is_selling(text)


@pytest.mark.parametrize("text", CHILDREN)
def test_child(text: str) -> None:
    """A small child, alone or by chance."""
    assert is_child(text)


@pytest.mark.parametrize(("text", "language"), FOREIGN)
def test_language(text: str, language: str) -> None:
    """First sentences of callers who speak no French."""
    assert foreign_language(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Est-ce que quelqu'un parle anglais chez vous ?", "en"),
        ("Je voudrais un conseiller qui parle espagnol.", "es"),
        ("Je parle seulement portugais.", "pt"),
        ("Hello, do you speak English please?", "en"),
        ("Je parle pas anglais.", None),
        ("L'écran est passé en anglais.", None),
        ("Passez-moi un conseiller.", None),
    ],
)
def test_language_that_is_wanted(text: str, language: str | None) -> None:
    """Spoken, or asked for in French."""
    assert language_wanted(text) == language


@pytest.mark.parametrize("text", CUSTOMERS)
def test_customer(text: str) -> None:
    """Somebody who rings about an appliance."""
    assert not is_wrong_number(text)
    assert not is_machine(text)
    assert not is_child(text)
    assert not is_selling(text)
    assert foreign_language(text) is None


def test_hardly_any_question_is_taken_for_a_stranger() -> None:
    """Of the questions of the lessons and the ordinary phrases, three in ten thousand at most."""
    asked = [question.text for lesson in read_lessons() for question in lesson.questions]
    lines = (DATA / "ordinary.jsonl").read_text("utf-8").splitlines()
    asked += [json.loads(line)["text"] for line in lines]
    taken = [
        text
        for text in asked
        if is_wrong_number(text) or is_machine(text) or is_child(text) or foreign_language(text)
    ]
    assert len(asked) > 20_000
    assert len(taken) <= len(asked) * 0.0003, taken
