"""The mark at the end of a call: who is asked for it, what counts, how the call then ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.call.dialogue import (
    Action,
    Event,
    Found,
    HangUp,
    Heard,
    Key,
    LookUp,
    OpenTicket,
    Phase,
    Say,
    Silence,
    State,
    TicketFailed,
    TicketOpened,
    step,
)
from agent.call.handover import OperatorHere, OperatorLeft, TakenOver
from agent.call.moves import Listen
from agent.call.noting import note_codes, note_state
from agent.call.rating import mark_in
from agent.call.record import CallRecord
from knowledge.answer import Sensed
from tests.conversations import ASKED, FILTER, NUMBER, SHORT, TO_CONFIRM, UNSURE, VS320
from voices.prompts import prompt

ASK, AGAIN = (Say(prompt("rating_ask")),), (Say(prompt("rating_again")),)
THANKS = (Say(prompt("rating_thanks")), HangUp())
FRANK = (Say(prompt("rating_frank")), HangUp())
GOODBYE = (Say(prompt("goodbye")), HangUp())
SETTLED = (Heard(ASKED), Found(SHORT), Heard("oui, merci"))
DUE: tuple[Event, ...] = (*SETTLED, Heard("non, c'est tout, au revoir"))


def run(
    *events: Event, rates: bool = True, number: str | None = None
) -> tuple[State, tuple[Action, ...]]:
    """Where these events lead, and what is done at the last of them."""
    state, actions = State("Orvane", number, rates=rates), ()
    for event in events:
        state, actions = step(state, event)  # type: ignore[assignment]
    return state, actions


@pytest.mark.parametrize(
    "events",
    [
        DUE,
        (*SETTLED, Heard("non merci")),
        (*SETTLED, Heard("merci beaucoup")),
        (*SETTLED, Heard("c'est tout, merci")),
        (Heard(ASKED), Found(SHORT), Heard("oui merci, au revoir")),
        (Heard(ASKED), Found(FILTER), Heard("je connais la suite"), Heard("non merci")),
        (Heard(ASKED), Found(TO_CONFIRM), Heard("oui"), Heard("merci, bonne journée")),
    ],
)
def test_who_leaves_content_is_asked(events: tuple[Event, ...]) -> None:
    """Once a matter is settled and the caller takes leave; no mark is kept yet."""
    state, actions = run(*events)
    assert actions == ASK
    assert (state.phase, state.rating_asks, state.rating) == (Phase.RATING, 1, None)


@pytest.mark.parametrize(
    "events",
    [
        (Heard("au revoir"),),
        (Heard(ASKED), Found(SHORT), Heard("non, au revoir")),
        (Heard(ASKED), Found(FILTER), Heard("au revoir")),
        (Heard("c'est inadmissible, mon four est en panne"), Found(SHORT), Heard("au revoir")),
        (Heard("vous êtes nuls"), Heard("non"), Heard(ASKED), Found(SHORT), Heard("au revoir")),
        (*SETTLED, Heard("et la garantie du four ?"), Found(UNSURE), TicketFailed(),
         Heard("au revoir")),
        (Heard("ça sent le gaz"), TicketOpened("T1"), Heard("au revoir")),
        (Heard("ça sent le gaz"), TicketOpened("T1"), Heard("fausse alerte"), Heard(ASKED),
         Found(SHORT), Heard("merci, au revoir")),
        (Heard(ASKED), Found(SHORT), Heard(ASKED), Found(UNSURE), TicketOpened("T1"),
         Heard("au revoir")),
    ],
)  # fmt: skip
def test_who_does_not_is_let_go(events: tuple[Event, ...]) -> None:
    """Nothing settled, upset, in danger, handed over or noted: no question."""
    state, actions = run(*events, number=NUMBER)
    assert ASK[0] not in actions
    assert (state.phase, state.rating_asks) == (Phase.ENDED, 0)
    assert HangUp() in actions


def test_who_has_talked_with_an_operator_is_not_asked() -> None:
    """Though the operator came unasked, gave the caller back, and the agent answered then."""
    state, _ = run(
        Heard(ASKED), Found(SHORT), TakenOver(), OperatorHere(), OperatorLeft("returned")
    )
    state = replace(state, ticket_id=None)
    for event in (Heard(ASKED), Found(SHORT), Heard("merci, au revoir")):
        state, actions = step(state, event)
    assert actions == GOODBYE


def test_a_client_that_does_not_want_it_or_a_short_call() -> None:
    """Is as it was."""
    state, actions = run(*DUE, rates=False)
    assert actions == GOODBYE
    assert state.rating_asks == 0


ANSWERS: dict[str, tuple[tuple[Event, ...], tuple[Action, ...], int | None]] = {
    "a word": ((Heard("quatre"),), THANKS, 4),
    "of five": ((Heard("Cinq sur cinq !"),), THANKS, 5),
    "a low one": ((Heard("deux"),), FRANK, 2),
    "the lowest": ((Heard("un"),), FRANK, 1),
    "a key": ((Key("3"),), THANKS, 3),
    "a refusal": ((Heard("non merci"),), GOODBYE, None),
    "no time": ((Heard("je n'ai pas le temps"),), GOODBYE, None),
    "goodbye": ((Heard("au revoir"),), GOODBYE, None),
    "an insult": ((Heard("bande de nuls"),), GOODBYE, None),
    "silence": ((Silence(),), GOODBYE, None),
    "praise, then a mark": ((Heard("très bien"), Heard("cinq")), THANKS, 5),
    "praise twice": ((Heard("très bien"), Heard("parfait")), GOODBYE, None),
    "praise, then silence": ((Heard("très bien"), Silence()), GOODBYE, None),
    "half a mark": ((Heard("quatre et demi"), Heard("quatre")), THANKS, 4),
    "two marks": ((Heard("quatre ou cinq"), Key("4")), THANKS, 4),
    "a key that is none": ((Key("9"), Key("5")), THANKS, 5),
    "no such keys": ((Key("9"), Key("#")), GOODBYE, None),
    "not heard": ((Heard(""), Heard("cinq")), THANKS, 5),
    "not heard twice": ((Heard(""), Heard("")), GOODBYE, None),
    "thinks first": ((Heard("euh…"), Heard("trois")), THANKS, 3),
    "another reading": ((Heard("Cadre.", alternatives=("Quatre.", "Cadre")),), THANKS, 4),
    "two other readings": (
        (Heard("Cadre.", alternatives=("Quatre.", "Trois.")), Silence()), GOODBYE, None,
    ),
    "over the question": ((Heard("cinq", interrupting=True, unheard_s=0.5),), THANKS, 5),
    "asked to repeat": ((Heard("pardon ?"), Heard("trois")), THANKS, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    """What counts as a mark, and how the call ends then."""
    events, last, mark = ANSWERS[name]
    state, actions = run(*DUE, *events)
    assert actions == last
    assert (state.phase, state.rating) == (Phase.ENDED, mark)


@pytest.mark.parametrize("name", [name for name, case in ANSWERS.items() if len(case[0]) == 2])
def test_what_is_no_mark_is_asked_once_more(name: str) -> None:
    """Or waited for; never more than once."""
    (first, _), _, _ = ANSWERS[name]
    state, actions = run(*DUE, first)
    assert actions in (AGAIN, ASK, (Listen(),))
    assert state.phase is Phase.RATING
    assert state.rating_asks <= 2


def test_another_matter_is_not_lost() -> None:
    """A question instead of a mark is looked up, and the mark is not asked for again."""
    state, actions = run(*DUE, Heard("et comment je nettoie le filtre du four ?"))
    assert actions == (LookUp("et comment je nettoie le filtre du four ?", VS320),)
    state, _ = step(state, Found(SHORT))
    state, actions = step(state, Heard("merci, au revoir"))
    assert actions == GOODBYE


def test_wait_goes_back_to_listening() -> None:
    """« Attendez » is no mark."""
    state, actions = run(*DUE, Heard("attendez"))
    assert actions == (Say(prompt("go_on")),)
    assert state.phase is Phase.LISTENING


def test_a_person_and_danger_come_first() -> None:
    """A person is still to be had, and a hint of danger is asked about."""
    _, actions = run(*DUE, Heard("je voudrais un conseiller"))
    assert isinstance(actions[0], OpenTicket)
    _, actions = run(*DUE, Key("0"))
    assert isinstance(actions[0], OpenTicket)
    hint = Heard("tiens, une drôle d'odeur", sensed=True, danger=Sensed("fire", sure=False))
    state, actions = run(*DUE, hint)
    assert actions == (Say(prompt("check_fire"), "clarify"),)
    assert state.phase is Phase.CHECKING


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Quatre.", 4), ("5/5", 5), ("4 sur 5, merci", 4), ("je vous mets un quatre", 4),
        ("je mets un", 1), ("c'est un cinq, au revoir", 5), ("une étoile", 1), ("4,5", None),
        ("quatre sur dix", None), ("zéro", None), ("six", None), ("dix", None), ("un deux", None),
        ("deux secondes", None), ("un instant", None), ("un conseiller", None), ("", None),
        ("trois fois j'ai appelé", None), ("la meilleure", None), ("très bien", None),
    ],
)  # fmt: skip
def test_marks(text: str, mark: int | None) -> None:
    """A whole number from one to five and nothing else: nothing is made up."""
    assert mark_in(text) == mark


def test_what_the_record_keeps() -> None:
    """The appliance, the codes with a letter, the mark; a mark that is taken back goes."""
    record = CallRecord("c", "acme", datetime.now(UTC))
    state, _ = run(*DUE, Heard("quatre"))
    note_state(record, state)
    assert (record.satisfaction_asked, record.satisfaction, record.product) == (True, 4, VS320)
    note_state(record, replace(state, rating=None, product=None))
    assert (record.satisfaction, record.product) == (None, VS320)
    note_codes(record, "mon lave-linge affiche E20, non, E21")
    note_codes(record, "et le code 24, et E20 ?")
    assert set(record.codes) == {"E20", "E21"}
