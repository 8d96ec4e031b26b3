"""A question that was badly heard and has no answer is asked for again, once."""

from __future__ import annotations

from dataclasses import replace

from agent.call.dialogue import step
from agent.call.moves import (
    Action,
    Event,
    Found,
    Heard,
    LookUp,
    OpenTicket,
    Phase,
    Say,
    State,
    TicketOpened,
)
from knowledge.answer import Answer, Sensed
from voices.prompts import prompt

UNCLEAR = Heard("l'écart affiche à soi-même", logprob=-0.6)
CLEAR = replace(UNCLEAR, logprob=-0.1)
UNSURE = Answer("handoff", confidence=0.1, reason="réponse pas assez sûre")
STEPS = Answer("answer", "Un. Deux.", ("Un.", "Deux."), 0.95, "four FR610", kind="procedure")
REPHRASE = (Say(prompt("rephrase"), "clarify"),)


def after(*events: Event, state: State | None = None) -> tuple[State, tuple[Action, ...]]:
    """The state and the last event's actions."""
    state, actions = state or State(brand="Orvane"), ()
    for event in events:
        state, actions = step(state, event)
    return state, actions


def test_it_is_asked_for_again_once() -> None:
    """The second time a person takes over."""
    state, actions = after(UNCLEAR, Found(UNSURE))
    assert actions == REPHRASE
    assert state.phase is Phase.LISTENING
    _, (ticket,) = after(UNCLEAR, Found(UNSURE), state=state)
    assert isinstance(ticket, OpenTicket)


def test_one_that_was_heard_well_is_not() -> None:
    """It has no answer in the manuals."""
    _, (ticket,) = after(CLEAR, Found(UNSURE))
    assert isinstance(ticket, OpenTicket)


def test_what_only_a_person_may_answer_goes_to_one() -> None:
    """Complaints and files, however they were heard."""
    _, (ticket,) = after(UNCLEAR, Found(replace(UNSURE, refused=True)))
    assert isinstance(ticket, OpenTicket)


def test_an_answer_in_between_starts_anew() -> None:
    """The next question may be asked for again too."""
    state, _ = after(UNCLEAR, Found(UNSURE), CLEAR, Found(STEPS))
    state, actions = after(UNCLEAR, Found(UNSURE), state=replace(state, phase=Phase.LISTENING))
    assert actions == REPHRASE


def test_swearing_between_two_steps_loses_neither() -> None:
    """Taken for danger, denied, not understood: « continuez » goes back to the step."""
    sworn = replace(UNCLEAR, sensed=True, danger=Sensed("shock", sure=False))
    state, (asked,) = after(CLEAR, Found(STEPS), sworn)
    assert asked == Say(prompt("check_shock"), "clarify")
    state, (look,) = after(Heard("non, pas du tout", logprob=-0.05), state=state)
    assert isinstance(look, LookUp)
    state, actions = after(Found(UNSURE), state=state)
    assert actions == REPHRASE
    state, (again,) = after(Heard("continuez s'il vous plaît"), state=state)
    assert isinstance(again, Say)
    assert again.text.startswith(f"{prompt('back_to_it')} Un.")
    assert state.phase is Phase.STEPS


def test_a_danger_named_in_a_number_is_asked_about() -> None:
    """« Zéro un, quatre-vingt-dix… ça sent le gaz », unsure as it was heard; then the number."""
    asked = (Heard("un conseiller"), TicketOpened("T1"))
    gas = Heard("01 90, ce sont les gaz", sensed=True, danger=Sensed("gas", sure=False))
    state, (question,) = after(*asked, gas)
    assert question == Say(prompt("check_gas"), "clarify")
    _, (first, *_) = after(Heard("oui"), state=state)
    assert isinstance(first, Say)
    assert first.decision == "safety"
    back, (again,) = after(Heard("non, non"), state=state)
    assert isinstance(again, Say)
    assert (back.phase, back.capture is not None) == (Phase.CAPTURING, True)
