"""What is heard over the agent, as recognised on the telephone from synthetic callers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.call.dialogue import step
from agent.call.moves import Heard, Listen, OpenTicket, Phase, Resume, Say, State
from agent.call.talked_over import is_no_interruption
from knowledge.answer import Sensed
from voices.prompts import prompt

MIDDLE = Heard("", interrupting=True, unheard_s=4.0)


def over(text: str, logprob: float, no_speech: float) -> Heard:
    """Words over an answer of which much is left."""
    return replace(MIDDLE, text=text, logprob=logprob, no_speech=no_speech)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"),
    [
        ("", 0.0, 0.0),
        ("Oui oui.", -0.56, 0.32),
        ("D'accord.", -0.08, 0.03),
        ("Oui, je vois.", -0.1, 0.01),
        ("On en.", -0.68, 0.04),  # hum hum
        ("MMR.", -0.70, 0.02),
        ("MMR, MMR.", -0.38, 0.08),
        ("Mache, émache.", -0.69, 0.01),
        ("Homme.", -1.63, 0.14),
        ("Oh, non, non.", -0.67, 0.04),  # hum hum
        ("Abonne.", -0.93, 0.28),  # ah bon
        ("C'est encore une fois.", -0.92, 0.61),  # a television
        ("L'hétoise, il y a de l'eau, je vous l'ai marrant.", -0.73, 0.17),
        ("Il ne faut pas le faire, c'est pas éloigne, il refroid.", -1.03, 0.03),
    ],
)
def test_the_agent_goes_on(text: str, logprob: float, no_speech: float) -> None:
    """A listener, a murmur, a television."""
    heard = over(text, logprob, no_speech)
    assert is_no_interruption(heard, text)
    state = State(brand="Boréal", said="Tournez le bouchon.")
    assert step(state, heard)[1] == (Resume(),)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"),
    [
        ("Attendez, je n'ai pas compris.", -0.04, 0.03),
        ("Non.", -0.51, 0.09),
        ("Stop !", -1.31, 0.41),
        ("Stompe.", -0.76, 0.22),
        ("Un conseiller", -0.67, 0.14),
        ("Laquelle ?", -1.04, 0.30),
        ("Ça fume.", -1.11, 0.20),
        ("Le four.", -1.02, 0.11),
        ("06 39 98 12 34.", -0.9, 0.1),
        ("Le filtre.", -0.2, 0.02),
        ("Le tuyau de vidange ?", -0.2, 0.02),
        ("Essile à filtre à cassé.", -0.69, 0.01),
        ("Il y a de la fumée qui s'en doit marquer.", -0.66, 0.04),
    ],
)
def test_the_caller_speaks(text: str, logprob: float, no_speech: float) -> None:
    """Words that are clear, or known though they are not."""
    heard = over(text, logprob, no_speech)
    assert not is_no_interruption(heard, text)
    assert Resume() not in step(State(brand="Boréal", said="Tournez le bouchon."), heard)[1]


def test_nearly_said_or_not_over_the_agent() -> None:
    """At the end of what it said, and while it is silent, words are words."""
    heard = over("On en.", -0.68, 0.04)
    assert not is_no_interruption(replace(heard, unheard_s=1.5), heard.text)
    assert not is_no_interruption(replace(heard, interrupting=False, unheard_s=0.0), heard.text)


def test_a_hint_of_danger_in_few_words_is_no_murmur() -> None:
    """« Fessons le gaz » is asked about."""
    heard = replace(over("Fessons le gaz.", -0.74, 0.07), sensed=True)
    assert is_no_interruption(heard, heard.text)
    assert not is_no_interruption(replace(heard, danger=Sensed("gas", sure=False)), heard.text)


def test_danger_is_heard_before_a_television_is() -> None:
    """However unclear the words are."""
    heard = replace(over("il y a le feu dans la cuisine", -0.9, 0.5), sensed=True)
    _, actions = step(State(brand="Boréal"), replace(heard, danger=Sensed("fire", sure=True)))
    assert isinstance(actions[0], Say)
    assert actions[0].decision == "safety"


def test_who_tries_a_third_time_is_asked() -> None:
    """Twice the agent goes on; an understood turn in between starts anew."""
    unclear = over("Mouez vit.", -0.8, 0.05)
    state = State(brand="Boréal", said="Tournez le bouchon.")
    for _ in range(2):
        state, actions = step(state, unclear)
        assert actions == (Resume(),)
    state, actions = step(state, unclear)
    assert actions == (Say(prompt("not_heard")),)
    assert state.ignored == 0
    state, _ = step(state, unclear)
    state, _ = step(state, over("Attendez, je cherche.", -0.1, 0.02))
    assert state.ignored == 0


def test_a_clear_no_in_the_middle_of_an_answer() -> None:
    """It is the wrong answer, not the end of the call."""
    state = State(brand="Boréal", said="Tournez le bouchon.")
    state, actions = step(state, over("Non, non.", -0.3, 0.02))
    assert actions == (Say(prompt("rephrase"), "clarify"),)
    assert state.phase is Phase.LISTENING


@pytest.mark.parametrize(
    "text", ["Stop !", "non, arrêtez", "Chut, écoutez-moi.", "Stop, j'ai compris."]
)
def test_stop(text: str) -> None:
    """The agent listens."""
    _, actions = step(State(brand="Boréal", said="Tournez le bouchon."), over(text, -0.2, 0.01))
    assert actions == (Say(prompt("go_on")),)


FAR = replace(MIDDLE, logprob=-0.1, no_speech=0.01, below_db=10.0)


def test_a_clear_voice_much_fainter_than_the_caller_is_another_s() -> None:
    """A television: the agent goes on, while it speaks and while it listens."""
    news = replace(FAR, text="Le ministre a présenté ce matin un nouveau plan.")
    state = State(brand="Boréal", said="Tournez le bouchon.")
    assert step(state, news)[1] == (Resume(),)
    assert step(state, replace(news, below_db=5.0))[1] != (Resume(),)
    listening = replace(news, interrupting=False, unheard_s=0.0, below_db=13.0)
    assert step(state, listening)[1] == (Listen(),)
    assert step(state, replace(listening, below_db=10.0))[1] != (Listen(),)
    label = replace(listening, text="Il y a écrit LV 450 en bas.")
    assert step(state, label)[1] != (Listen(),)


def test_the_agent_s_own_words_coming_back() -> None:
    """At any place of what it says; but not again and again: somebody may whisper."""
    state = State(brand="Boréal", said="Fermez la porte, puis appuyez.")
    own = replace(FAR, text="Fermez la porte.", unheard_s=1.0, below_db=15.0)
    state, first = step(state, own)
    state, second = step(state, own)
    assert first == second == (Resume(),)
    assert step(state, own)[1] == (Say(prompt("not_heard")),)


@pytest.mark.parametrize("text", ["Un conseiller.", "Je veux parler à quelqu'un."])
def test_who_asks_for_a_person_from_afar_is_heard(text: str) -> None:
    """Also with the telephone on the table."""
    _, actions = step(State(brand="Boréal", said="Tournez."), replace(FAR, text=text, below_db=14))
    assert isinstance(actions[0], OpenTicket)


def test_danger_from_afar_is_danger() -> None:
    """Whoever speaks of it."""
    cry = replace(FAR, text="Il y a le feu !", sensed=True, danger=Sensed("fire", sure=True))
    _, actions = step(State(brand="Boréal", said="Tournez."), replace(cry, below_db=20.0))
    assert isinstance(actions[0], Say)
    assert actions[0].decision == "safety"


@pytest.mark.parametrize("text", ["Hmm.", "Euh, alors...", "Mm hmm.", "Heu", "Mmh"])
def test_who_thinks_aloud_is_waited_for(text: str) -> None:
    """Nothing is looked up."""
    for phase in (Phase.LISTENING, Phase.STEPS):
        state = State(brand="Boréal", said="Tournez.", phase=phase)
        assert step(state, Heard(text))[1] == (Listen(),)


def test_a_hummed_yes() -> None:
    """« Mm-hm » to a question; « hmm » is no answer to it."""
    state = State(brand="Boréal", phase=Phase.HELPED, said="Est-ce que ça remarche ?")
    assert step(state, Heard("Mm hmm."))[1] == step(state, Heard("Oui."))[1]
    assert step(state, Heard("Hmm."))[1] == (Listen(),)
    assert step(state, Heard("Bon."))[1] != (Listen(),)
    gas = State(brand="Boréal", phase=Phase.CHECKING, suspected="gas", question="ça sent")
    assert step(gas, Heard("Hum hum.", sensed=True))[0].danger == "gas"
