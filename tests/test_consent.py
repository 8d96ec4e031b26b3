"""What callers say about being recorded, and what only sounds like it."""

from __future__ import annotations

import json

import pytest

from agent.call.consent import (
    asks_whether_recorded,
    besides_refusal,
    refuses_recording,
    whether_recorded,
)
from agent.call.moves import Say, State
from evals.questions import DATA
from evals.scripts import read_scripts

REFUSALS = (
    "sans enregistrement",
    "Bonjour, sans enregistrement, s'il vous plaît.",
    "Je préfère sans enregistrement.",
    "Je voudrais continuer sans enregistrement.",
    "je ne veux pas être enregistré",
    "Non, je veux pas être enregistrée.",
    "Je ne veux surtout pas être enregistré.",
    "Je ne souhaite pas que cet appel soit enregistré.",
    "Je ne veux pas que vous m'enregistriez.",
    "Je veux pas qu'on m'enregistre.",
    "J'ai pas envie d'être enregistré.",
    "Je préfère ne pas être enregistré.",
    "Je ne suis pas d'accord pour être enregistré.",
    "Je suis contre l'enregistrement.",
    "Je m'oppose à l'enregistrement.",
    "je refuse l'enregistrement",
    "Non, je refuse d'être enregistré.",
    "n'enregistrez pas",
    "Ne m'enregistrez pas, merci.",
    "Vous ne m'enregistrez pas, d'accord ?",
    "N'enregistrez rien.",
    "pas d'enregistrement",
    "Je ne veux pas d'enregistrement.",
    "non à l'enregistrement",
    "arrêtez d'enregistrer",
    "Arrêtez tout de suite l'enregistrement.",
    "Vous pouvez arrêter l'enregistrement ?",
    "Effacez l'enregistrement, s'il vous plaît.",
    "Merci de ne pas m'enregistrer.",
    "Vous n'avez pas le droit de m'enregistrer.",
    "Je ne vous autorise pas à m'enregistrer.",
    "Je ne veux pas être enregistré mon four affiche E cinq",
    # as a recogniser writes them
    "son enregistrement s'il vous plaît",
    "Pas d'angistrement.",
    "Je recuse l'engistrement.",
    "arrêté d'enregistrer. Arrêtez d'enregistrer.",
    "Sans en registrement.",
    "Cent enregistrements.",
    "Sang enregistrement",
    "Pas denregistrement.",
    "N'enregistrer pas.",
    "Non je veux pas être enregistrer",
    "Arrêter d'enregistrer.",
)
OTHERS = (
    "je voudrais enregistrer mon appareil",
    "comment enregistrer un programme",
    "j'ai enregistré mon produit sur votre site",
    "Je n'ai pas enregistré mon produit.",
    "Je n'arrive pas à enregistrer ma recette.",
    "Je n'arrive pas à m'enregistrer sur votre site.",
    "La garantie sans enregistrement, c'est combien ?",
    "Mon four n'enregistre pas la température.",
    "Le four n'enregistre pas.",
    "Ma demande n'a pas été enregistrée.",
    "La garantie ne peut pas être enregistrée.",
    "Le produit n'a pas pu être enregistré.",
    "Il y a pas d'enregistrement dans la mémoire.",
    "J'ai pas fait l'enregistrement.",
    "Comment arrêter l'enregistrement d'une recette ?",
    "Je ne veux pas enregistrer mon appareil.",
    "Le lave-linge refuse l'enregistrement du programme.",
    "Vous pouvez m'enregistrer une demande de rappel ?",
    "L'enregistrement pour les cinq ans, je le fais comment ?",
    "Je ne veux pas de conseiller.",
    "Je voudrais parler à quelqu'un sans attendre.",
    "Arrêtez de me faire attendre.",
    "Non.",
    "",
    "sans " * 5_000,
)
QUESTIONS = (
    "Cet appel est-il enregistré ?",
    "Vous m'enregistrez ?",
    "Est-ce que cet appel est enregistré ?",
    "La conversation est enregistrée ?",
    "M'enregistrez-vous ?",
    "Vous êtes en train de m'enregistrer ?",
    "Est-ce que vous enregistrez cet appel ?",
    "Je suis enregistrée, là ?",
    "Pourquoi vous m'enregistrez ?",
    "L'appel n'est pas enregistré ?",
    "Vous enregistrez ce que je dis ?",
)
NO_QUESTIONS = (
    "Je suis enregistré chez vous.",
    "Je me suis enregistré hier.",
    "Mon appareil est enregistré ?",
    "Vous avez enregistré ma demande ?",
    "Est-ce que vous enregistrez la garantie ?",
    "Le chiffre clignote, c'est enregistré ou il faut valider ?",
    "Vous pouvez enregistrer mon produit ?",
    "À quoi sert l'enregistrement du produit ?",
    "Mon appel est enregistré sous quel numéro ?",
    "comment enregistrer un programme",
)


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal(text: str) -> None:
    """Whatever the words, and as they are misheard."""
    assert refuses_recording(text)


@pytest.mark.parametrize("text", (*OTHERS, *QUESTIONS[:-2], *NO_QUESTIONS))
def test_no_refusal(text: str) -> None:
    """A guarantee, a recipe or a request is recorded, too."""
    assert not refuses_recording(text)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question(text: str) -> None:
    """Of this call."""
    assert asks_whether_recorded(text)


@pytest.mark.parametrize("text", (*OTHERS, *NO_QUESTIONS, "sans enregistrement"))
def test_no_question(text: str) -> None:
    """Of something else."""
    assert not asks_whether_recorded(text)


def test_what_else_was_said() -> None:
    """The other clauses, as they were said."""
    assert besides_refusal("Sans enregistrement.") == ""
    said = "Bonjour, je refuse l'enregistrement et mon four fume."
    assert besides_refusal(said) == "Bonjour, mon four fume"


def test_no_caller_of_the_evaluations_is_taken_to_refuse() -> None:
    """Their questions, recipes and guarantees included, and all they say in scripted calls."""
    files = [
        *(DATA / "lessons").glob("*.jsonl"),
        DATA / "development.jsonl",
        DATA / "ordinary.jsonl",
    ]
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    said = [row[key] for row in rows for key in ("q", "question", "said", "heard", "text")
            if isinstance(row.get(key), str) and "heading" not in row]  # fmt: skip
    said += [line for script in read_scripts() for line in script.lines]
    assert len(said) > 5_000
    taken = [text for text in said if refuses_recording(text) or asks_whether_recorded(text)]
    assert taken == []


def test_a_client_s_own_notice_is_the_answer() -> None:
    """Whoever asks whether they are recorded hears the reason that the client gave."""
    notice = "Nous enregistrons pour former l'équipe, sauf si vous dites « sans enregistrement »."
    state = State(brand="Orvane", recorded=True, notice=notice)
    _, (said,) = whether_recorded(state)
    assert isinstance(said, Say)
    assert said.text == f"Oui, en effet. {notice} Je vous écoute."
