"""What callers say about the conversation, and what only sounds like it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.call.intents import (
    SHORT_WORDS,
    asks_for_time,
    is_about_calling_back,
    is_angry,
    is_back_channel,
    is_correction,
    is_greeting,
    is_leaving,
    is_no_name,
    is_whole_reply,
    says,
    says_briefly,
    says_only,
    wants_person,
)

BRIEF = ("goodbye", "repeat", "done", "wait", "yes", "no", "thanks")

TABLE: tuple[tuple[str, str], ...] = (
    # yes
    ("oui", "yes"),
    ("Oui oui.", "yes"),
    ("ouais", "yes"),
    ("Ah ben oui !", "yes"),
    ("euh oui", "yes"),
    ("je pense que oui", "yes"),
    ("d'accord", "yes"),
    ("OK", "yes done"),
    ("exactement", "yes"),
    ("C'est exact.", "yes"),
    ("c'est ça", "yes"),
    ("C'est bien ça.", "yes"),
    ("C'est tout à fait ça.", "yes"),
    ("tout à fait", "yes"),
    ("bien sûr", "yes"),
    ("Très bien.", "yes"),
    ("Oui, c'est ça, merci.", "yes thanks"),
    ("c'est bon", "yes done"),
    ("Oui, le code E24.", "yes"),
    ("Oui, mais le filtre est bloqué.", ""),
    ("Oui, et comment je fais ?", ""),
    ("D'accord, et où est le filtre ?", ""),
    # no
    ("non", "no"),
    ("Non merci.", "no thanks"),
    ("Non non.", "no"),
    ("nan", "no"),
    ("Ah bah non.", "no"),
    ("Mais non !", "no"),
    ("pas du tout", "no"),
    ("Pas tout à fait.", "no"),
    ("pas vraiment", "no"),
    ("Pas d'accord.", "no"),
    ("Non, pas du tout.", "no"),
    ("Ce n'est pas ça.", "no"),
    ("c'est pas ça", "no"),
    ("Vous avez mal compris.", "no"),
    ("Rien d'autre, merci.", "no thanks"),
    ("Rien ne s'affiche.", ""),
    ("rien ne marche", ""),
    ("Pas d'eau dans la machine.", ""),
    # a person
    ("je voudrais parler à quelqu'un", "human"),
    ("Je veux parler à un conseiller.", "human"),
    ("un conseiller s'il vous plaît", "human"),
    ("Conseiller.", "human"),
    ("Passez-moi un opérateur.", "human"),
    ("Est-ce que je peux avoir un humain ?", "human"),
    ("Je préfère une vraie personne.", "human"),
    ("Il y a quelqu'un de vrai au téléphone ?", "human"),
    ("une personne, s'il vous plaît", "human"),
    ("J'aimerais qu'un technicien vienne, je veux un technicien.", "human"),
    ("Passez-moi le service après-vente.", "human"),
    ("Je voudrais qu'on me rappelle.", "human"),
    ("Il n'y a pas une vraie conseillère à qui je peux parler ?", "human"),
    ("Je veux le directeur !", "human"),
    ("Je voudrais le monsieur d'hier.", "human"),
    ("Passez-moi la même dame que la dernière fois.", "human"),
    ("J'ai eu un monsieur très bien hier.", ""),
    ("Je voulais un conseiller, mais vous pouvez peut-être m'aider.", ""),
    ("Je voulais un conseiller, mais ça coupe.", "human"),
    ("Je n'ai pas besoin d'être rappelé, dites-moi juste pour E vingt.", ""),
    ("Je ne veux pas parler à une machine.", "human"),
    ("Vous êtes un robot, passez-moi un humain.", "human robot"),
    ("Est-ce que quelqu'un peut venir ? Je voudrais joindre quelqu'un.", "human"),
    ("Est-ce que je pourrais parler avec un de vos collègues ?", "human"),
    ("Mettez-moi en relation avec quelqu'un.", "human"),
    ("Quelqu'un d'humain, s'il vous plaît.", "human"),
    ("le technicien m'a dit de nettoyer le filtre", ""),
    ("Un technicien est passé hier et le code revient.", ""),
    ("Votre technicien a changé la pompe.", ""),
    ("Quel programme est conseillé pour le coton ?", ""),
    ("Pouvez-vous me conseiller un programme ?", ""),
    ("Je peux changer le joint sans appeler un technicien ?", ""),
    ("Je n'ai pas besoin d'un conseiller.", ""),
    ("Quel agent de rinçage dois-je mettre ?", ""),
    ("un programme pour une personne seule", ""),
    ("Il n'y a personne à la maison.", ""),
    ("Le panneau opérateur clignote.", ""),
    # a robot
    ("vous êtes un robot ?", "robot"),
    ("Est-ce que vous êtes un robot ?", "robot"),
    ("Êtes-vous une machine ?", "robot"),
    ("Je parle à un ordinateur, là ?", "robot"),
    ("C'est un robot qui parle ?", "robot"),
    ("Vous êtes une vraie personne ?", "robot"),
    ("Je parle à un humain ?", "robot"),
    ("T'es une IA ?", "robot"),
    ("mon robot ménager", ""),
    ("C'est ma machine à laver.", ""),
    ("C'est la machine qui fuit.", ""),
    ("Mon robot ne démarre plus.", ""),
    # goodbye
    ("au revoir", "goodbye"),
    ("Merci, au revoir.", "goodbye thanks"),
    ("Bonne journée.", "goodbye"),
    ("C'est tout, merci.", "goodbye thanks"),
    ("Ce sera tout.", "goodbye"),
    ("Non, c'est tout.", "goodbye no"),
    ("C'est tout mouillé.", ""),
    ("C'est tout bloqué.", ""),
    # again
    ("répétez", "repeat"),
    ("Vous pouvez répéter s'il vous plaît ?", "repeat"),
    ("Est-ce que vous pouvez répéter, s'il vous plaît ?", "repeat"),
    ("Pardon ?", "repeat"),
    ("Comment ça ?", "repeat"),
    ("Je n'ai pas compris.", "repeat"),
    ("J'ai pas bien entendu.", "repeat"),
    ("Comment ça marche, le départ différé ?", ""),
    ("L'erreur se répète.", ""),
    # done
    ("c'est fait", "done"),
    ("Voilà, c'est fait.", "done yes"),
    ("ça y est", "done"),
    ("ensuite", "done"),
    ("Et ensuite ?", "done"),
    ("Qu'est-ce que je fais ensuite ?", "done"),
    ("continuez", "done"),
    ("Je l'ai enlevé.", "done"),
    ("C'est ouvert.", "done"),
    ("J'ai fini.", "done"),
    ("J'attends la suite.", "done"),
    ("ça continue de biper", ""),
    ("Ensuite ça bloque.", ""),
    ("C'est cassé.", ""),
    ("C'est pas fait.", ""),
    # wait
    ("attendez", "wait"),
    ("Attends.", "wait"),
    ("Une minute.", "wait"),
    ("Donnez-moi deux secondes.", "wait"),
    ("Un instant s'il vous plaît.", "wait"),
    ("Pas encore.", "wait"),
    ("Je vais voir.", "wait"),
    ("Ne quittez pas.", "wait"),
    ("Ça dure une minute.", ""),
    ("Le voyant clignote une seconde.", ""),
    # thanks
    ("merci", "thanks"),
    ("Merci beaucoup.", "thanks"),
    ("Je vous remercie.", "thanks"),
    # the appliance, and nothing else
    ("bonjour", ""),
    ("Mon lave-vaisselle affiche E24.", ""),
    ("Comment nettoyer le filtre ?", ""),
    ("Le linge sort mouillé.", ""),
)

ONLY: tuple[tuple[str, str, bool], ...] = (
    ("yes", "Oui, merci beaucoup.", True),
    ("yes", "Oui, ça répond à ma question.", True),
    ("yes", "Oui bonjour, ma machine fuit.", False),
    ("yes", "Oui, comment ?", False),
    ("no", "Non merci.", True),
    ("no", "Non, pas du tout.", True),
    ("no", "Non, ça ira, merci.", True),
    ("no", "Non, elle ne vidange pas.", False),
    ("no", "Non, c'est le sèche-linge.", False),
    ("no", "Rien ne s'affiche.", False),
    ("thanks", "Merci beaucoup.", True),
    ("thanks", "Merci pour votre aide.", True),
    ("thanks", "Merci, mais ça ne marche pas.", False),
)


@pytest.mark.parametrize(("text", "meant"), TABLE, ids=[text for text, _ in TABLE])
def test_utterance_means_this_and_nothing_else(text: str, meant: str) -> None:
    """Each utterance has the intents of its row, and none of the others."""
    found = {intent for intent in BRIEF if says_briefly(intent, text)}
    found |= {intent for intent in ("human", "robot") if says(intent, text)}
    assert found == set(meant.split())


@pytest.mark.parametrize(("intent", "text", "only"), ONLY, ids=[text for _, text, _ in ONLY])
def test_only_leaves_no_question_behind(intent: str, text: str, only: bool) -> None:
    """A yes, a no or thanks with something else in it is not only that."""
    assert says_only(intent, text) is only


QUESTIONS = Path(__file__).parents[1] / "evals" / "data" / "development.jsonl"
ABOUT_US = ["C'est une vraie personne ou c'est encore une machine qui parle ?"]


def test_no_question_about_an_appliance_is_taken_for_conversation() -> None:
    """No question of the development set asks for a person or says yes; one is about the agent."""
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert len(questions) >= 100
    taken = [
        question
        for question in questions
        if any(says(intent, question) for intent in ("human", "robot"))
        or any(says_briefly(intent, question) for intent in BRIEF)
    ]
    assert taken == ABOUT_US


def test_long_turn_is_about_the_appliance() -> None:
    """« Merci » in a long question takes no leave; a wish for a person counts at any length."""
    text = "Merci de me dire comment je nettoie le filtre du lave-vaisselle, je ne sais pas faire"
    assert len(text.split()) > SHORT_WORDS
    assert not any(says_briefly(intent, text) for intent in BRIEF)
    assert not says("human", text)
    wish = f"{text}, ou alors je voudrais parler à un conseiller"
    assert says("human", wish)


@pytest.mark.parametrize("text", ["", " ", "…", "?!", "😀", "a" * 20_000, "un " * 5_000])
def test_odd_texts_mean_nothing(text: str) -> None:
    """Nothing, signs and very long texts carry no intent and cost no time."""
    assert not any(says_briefly(intent, text) for intent in BRIEF)
    assert not says("human", text)
    assert not says("robot", text)
    assert not any(says_only(intent, text) for intent in ("yes", "no", "thanks"))


MOODS: tuple[tuple[str, str], ...] = (
    ("moins vite s'il vous plaît", "slower"),
    ("vous parlez trop vite", "slower"),
    ("je ne sais pas", "unknown"),
    ("je l'ai pas sous les yeux", "unknown"),
    ("laquelle ?", "where"),
    ("c'est où ?", "where"),
    ("je ne la trouve pas", "where"),
    ("ça remarche", "fixed"),
    ("le problème est réglé", "fixed"),
    ("ah, ça va mieux comme ça", "fixed"),
    ("E trente-huit revient à chaque fois", "still"),
    ("c'est fait mais il y a toujours de l'eau", "still"),
    ("je n'y arrive pas", "stuck"),
    ("c'est trop dur", "stuck"),
    ("merci, je connais la suite", "enough"),
    ("non non il n'y a pas de gaz", "false_alarm"),
    ("ah pardon, faut s'alerte, c'était le toaster", "false_alarm"),
    ("vous êtes tous désincapable", "insult"),
    ("et pour le four ?", "question"),
    ("comment je fais", "question"),
)


@pytest.mark.parametrize(("text", "meant"), MOODS)
def test_how_a_caller_gets_on(text: str, meant: str) -> None:
    """With a step, with our pace, with the recording."""
    assert says(meant, text)


@pytest.mark.parametrize(
    "text",
    ["ça ne marche pas", "ça marche toujours pas", "elle ne démarre plus", "ça n'essore pas"],
)
def test_what_does_not_work_is_not_fixed(text: str) -> None:
    """« Ça ne marche pas » holds « marche »."""
    assert not says("fixed", text)


@pytest.mark.parametrize(
    ("text", "angry"),
    [
        ("vous êtes nuls", True),
        ("c'est inadmissible", True),
        ("j'en ai marre de vos machines", True),
        ("vous vous fichez du monde", True),
        ("trois fois que j'appelle et trois fois que ça coupe, vous vous fichez de moi ?", True),
        ("bande de rigolos", True),
        ("il saute tout le courant chez moi dès que je le lance, ras le bol", False),
        ("ma machine est nulle en essorage ?", False),
        ("elle ferme la porte toute seule", False),
    ],
)
def test_anger(text: str, angry: bool) -> None:
    """Insults always; a complaint that tells what is wrong is dealt with."""
    assert is_angry(text) is angry


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Oui.", True),
        ("Non merci.", True),
        ("C'est fait.", True),
        ("oui c'est ça", True),
        ("oui mais le filtre", False),
        ("c'est pour un four", False),
        ("zéro six", False),
        ("", False),
    ],
)
def test_whole_reply(text: str, whole: bool) -> None:
    """Words after which nobody need wait for more."""
    assert is_whole_reply(text) is whole


@pytest.mark.parametrize(
    ("text", "listening"),
    [("hum hum", True), ("oui, d'accord", True), ("ah bon", True), ("", False), ("non", False),
     ("oui mais", False), ("stop", False)],
)  # fmt: skip
def test_back_channel(text: str, listening: bool) -> None:
    """What shows that the caller listens, and nothing that wants the floor."""
    assert is_back_channel(text) is listening


@pytest.mark.parametrize(
    ("text", "time"),
    [("attendez, je descends à la cave, ne quittez pas", True), ("deux minutes", True),
     ("attendez, ne quittez pas, je vous passe ma femme, c'est elle qui s'en sert", True),
     ("j'attends la pièce depuis un mois", False), ("attendez, comment je l'ouvre ?", False)],
)  # fmt: skip
def test_time(text: str, time: bool) -> None:
    """Time is asked for, not spoken of."""
    assert asks_for_time(text) is time


@pytest.mark.parametrize(
    ("text", "leaving"),
    [("c'est reparti tout seul finalement, au revoir", True), ("bonne journée à vous", True),
     ("au revoir, ah si, mon four affiche E5", False), ("adiós", True)],
)  # fmt: skip
def test_leaving(text: str, leaving: bool) -> None:
    """The last words count."""
    assert is_leaving(text) is leaving


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Rappelez-moi ce soir.", True),
        ("On peut me rappeler après dix-huit heures ?", True),
        ("Pouvez-vous me faire rappeler ?", True),
        ("Il faudrait que quelqu'un l'appelle.", True),
        ("Passez-moi un conseiller.", True),
        ("Rappelez-moi comment on ouvre le filtre.", False),
        ("Vous pouvez me rappeler la température ?", False),
        ("Je ne veux pas être rappelé.", False),
        ("Ne me dites pas qu'on va me rappeler.", False),
        ("Je ne me rappelle plus du code.", False),
        ("On m'a dit hier de vous rappeler.", False),
    ],
)
def test_who_wants_a_person_or_to_be_called_back(text: str, wanted: bool) -> None:
    """A wish, not what was said of calling back, and not being reminded of something."""
    assert wants_person(text) is wanted


def test_other_small_talk() -> None:
    """Greetings, corrections, and a telephone that is spoken of."""
    assert is_greeting("Allô, bonjour.")
    assert not is_greeting("")
    assert not is_greeting("Bonjour, mon four")
    assert is_correction("ah non pardon, c'est le lave-vaisselle")
    assert not is_correction("mon lave-vaisselle")
    assert is_about_calling_back("rappelez-moi plutôt sur mon fixe")
    assert not is_about_calling_back("le filtre est bouché")


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("On m'a dit de mettre un verre de vinaigre blanc dans le lave-vaisselle.", True),
        ("Et puis il y a aussi le four qui ne chauffe plus.", True),
        ("Martin.", False),
        ("Je m'appelle Jean-Pierre de la Fontaine du Bois.", False),
        ("C'est au nom de mon mari, monsieur Lefebvre.", False),
        ("Nguyen, N, G, U, Y, E, N.", False),
        ("N comme Nicolas, G comme Gaston, U comme Ursule", False),
        ("Alors oui c'est Martin tout simplement", False),
    ],
)
def test_what_is_no_name(text: str, other: bool) -> None:
    """Whoever is asked for a name and tells something else is listened to."""
    assert is_no_name(text) is other
