"""Operators are rung for a caller: what is said and done, in tables; and what callers say."""

from __future__ import annotations

import pytest

from agent.call.dialogue import (
    Action,
    Event,
    HangUp,
    Heard,
    Key,
    OpenTicket,
    Phase,
    Say,
    Silence,
    Started,
    State,
    StopRecording,
    TicketOpened,
    TimeUp,
    pairs,
    step,
)
from agent.call.handover import (
    NoOperator,
    OperatorAccepted,
    OperatorAway,
    OperatorFree,
    OperatorHere,
    OperatorLeft,
    Queued,
    TakenOver,
)
from agent.call.moves import Join, Listen, Ring, StopRinging, Tone
from knowledge.safety import safety_text
from voices.prompts import greeting, prompt

NUMBER = "0612345678"
PERSON = "je voudrais parler à un conseiller"
OPEN = OpenTicket("human", PERSON, (), None)
THERE = TicketOpened("T-1", reachable=True)
RINGING = Say(prompt("human_transfer"), "handoff")
ACCEPTED = Say(prompt("operator_accepted"), "handoff")
ACCEPTS = prompt("taken_over")
AWAY = Say(prompt("operator_away"), "handoff")
STILL = Say(prompt("still_ringing"))
BYE = Say(prompt("goodbye"))
TONES: list[tuple[Event, tuple[Action, ...]]] = [(Silence(), (Tone(),))] * 3

ASKS: list[tuple[Event, tuple[Action, ...]]] = [
    (Heard(PERSON), (OPEN,)),
    (THERE, (Ring(), RINGING)),
]
ON_THE_LINE = [*ASKS, (OperatorAccepted(), (ACCEPTED,)), (OperatorHere(), (Join(),))]


def known(name: str) -> Say:
    """What is said to a caller whose number is known; the name is then asked for."""
    text = f"{prompt(f'{name}_known', number=pairs(NUMBER))} {prompt('ask_name')}"
    return Say(text.replace("  ", " "), "handoff")


def unknown(name: str) -> Say:
    """What is said to a caller whose number is not known."""
    return Say(prompt(f"{name}_unknown"), "handoff")


TABLES: dict[str, tuple[list[tuple[Event, tuple[Action, ...]]], Phase]] = {
    "an operator comes, talks and ends": (
        [
            *ON_THE_LINE,
            (Heard("bonjour, mon four ne chauffe plus"), ()),
            (Silence(), ()),
            (Key("0"), ()),
            (TimeUp(), ()),
            (OperatorLeft("finished"), (BYE, HangUp())),
        ],
        Phase.ENDED,
    ),
    "pauses are filled by tones, each fourth by words": (
        [
            *ASKS,
            *TONES,
            (Silence(), (STILL,)),
            *TONES,
            (Silence(), (Say(prompt("still_ringing_choice")),)),
        ],
        Phase.RINGING,
    ),
    "who waits for one who is on a call is told how many are before": (
        [
            *ASKS,
            (Queued(2), (Say(prompt("queued", before="2")),)),
            *TONES,
            (Silence(), (Say(prompt("still_queued", before="2")),)),
            (Queued(1), (Say(prompt("queued_one")),)),
            (Heard("d'accord merci"), (Say(prompt("still_one")),)),
            (Queued(0), (Say(prompt("queued_next")),)),
            (
                Heard("il affiche le code E15 depuis hier"),
                (Say(f"{prompt('passed_on')} {prompt('still_next')}"),),
            ),
            (OperatorFree(), (Say(prompt("operator_free")),)),
            (Heard("d'accord merci"), (STILL,)),
            (NoOperator("no_answer"), (unknown("no_operator"),)),
        ],
        Phase.CAPTURING,
    ),
    "everybody is on another call": (
        [
            *ASKS,
            (Queued(2), (Say(prompt("queued", before="2")),)),
            (Queued(1), (Say(prompt("queued_one")),)),
            (Queued(0), (Say(prompt("queued_next")),)),
            (OperatorAccepted(), (ACCEPTED,)),
        ],
        Phase.RINGING,
    ),
    "nobody answers": (
        [*ASKS, (NoOperator("no_answer"), (unknown("no_operator"),))],
        Phase.CAPTURING,
    ),
    "nobody is there any more when they are to be rung": (
        [*ASKS, (NoOperator("nobody"), (unknown("human"),))],
        Phase.CAPTURING,
    ),
    "the caller prefers to be called back": (
        [*ASKS, (Heard("rappelez-moi plutôt"), (StopRinging("callback"), unknown("called_back")))],
        Phase.CAPTURING,
    ),
    "the caller goes": (
        [*ASKS, (Heard("au revoir"), (StopRinging("caller"), BYE, HangUp()))],
        Phase.ENDED,
    ),
    "the caller tells more meanwhile": (
        [
            *ASKS,
            (
                Heard("il affiche le code E15 depuis hier"),
                (Say(f"{prompt('passed_on')} {STILL.text}"),),
            ),
            (Heard("d'accord merci"), (STILL,)),
            (Heard("euh"), (Listen(),)),
            (Key("0"), (STILL,)),
        ],
        Phase.RINGING,
    ),
    "the operator's page is reloaded": (
        [
            *ON_THE_LINE,
            (OperatorAway(), (AWAY,)),
            (OperatorHere(), (Join(),)),
        ],
        Phase.CONNECTED,
    ),
    "the operator is lost, another comes": (
        [
            *ON_THE_LINE,
            (OperatorAway(), (AWAY,)),
            (OperatorLeft("lost"), (Ring(), Say(prompt("operator_lost"), "handoff"))),
            (OperatorAccepted(), (ACCEPTED,)),
            (OperatorHere(), (Join(),)),
        ],
        Phase.CONNECTED,
    ),
    "the operator is lost and nobody else is there": (
        [
            *ON_THE_LINE,
            (OperatorAway(), (AWAY,)),
            (OperatorLeft("lost"), (Ring(), Say(prompt("operator_lost"), "handoff"))),
            (NoOperator("nobody"), (unknown("no_operator"),)),
        ],
        Phase.CAPTURING,
    ),
    "two operators are lost": (
        [
            *ON_THE_LINE,
            (OperatorLeft("lost"), (Ring(), Say(prompt("operator_lost"), "handoff"))),
            (OperatorHere(), (Join(),)),
            (OperatorLeft("lost"), (unknown("no_operator"),)),
        ],
        Phase.CAPTURING,
    ),
    "the operator gives the caller back, who asks for a person again": (
        [
            *ON_THE_LINE,
            (OperatorLeft("returned"), (unknown("returned"),)),
            (Heard(PERSON), (Ring(), RINGING)),
        ],
        Phase.RINGING,
    ),
    "the operator has settled it and gives the caller back, who has another matter": (
        [
            *ON_THE_LINE,
            (OperatorLeft("settled"), (Say(prompt("operator_settled")),)),
            (Heard(PERSON), (OPEN,)),
        ],
        Phase.HANDING_OVER,
    ),
    "the operator has settled it, and that was all": (
        [
            *ON_THE_LINE,
            (OperatorLeft("settled"), (Say(prompt("operator_settled")),)),
            (Heard("non merci"), (BYE, HangUp())),
        ],
        Phase.ENDED,
    ),
    "operators answer first, and one does": (
        [
            (Started(ring_first=True), (Ring(), Tone())),
            (Heard("allô ?"), (Listen(),)),
            (Silence(), (Tone(),)),
            (OperatorAccepted(), ()),
            (OperatorHere(), (Join(),)),
            (OperatorLeft("finished"), (BYE, HangUp())),
        ],
        Phase.ENDED,
    ),
    "operators answer first, but none does": (
        [
            (Started(ring_first=True), (Ring(), Tone())),
            (Silence(), (Tone(),)),
            (NoOperator("no_answer"), (Say(greeting("Orvane", recorded=False)),)),
            (Heard(PERSON), (OPEN,)),
        ],
        Phase.HANDING_OVER,
    ),
    "operators answer first, but have just gone": (
        [
            (Started(ring_first=True), (Ring(), Tone())),
            (NoOperator("nobody"), (Say(greeting("Orvane", recorded=False)),)),
        ],
        Phase.LISTENING,
    ),
    "an operator who answered first gives the caller to the agent": (
        [
            (Started(ring_first=True), (Ring(), Tone())),
            (OperatorHere(), (Join(),)),
            (OperatorLeft("returned"), (Say(greeting("Orvane", recorded=False)),)),
        ],
        Phase.LISTENING,
    ),
    "an operator comes unasked": (
        [
            (TakenOver(), (Say(prompt("taken_over"), "handoff"),)),
            (OperatorHere(), (Join(),)),
            (OperatorLeft("finished"), (BYE, HangUp())),
        ],
        Phase.ENDED,
    ),
    "an operator who comes unasked is lost": (
        [
            (TakenOver(), (Say(prompt("taken_over"), "handoff"),)),
            (OperatorHere(), (Join(),)),
            (OperatorAway(), (AWAY,)),
            (OperatorLeft("lost"), (OpenTicket("technical", "", (ACCEPTS, AWAY.text), None),)),
        ],
        Phase.HANDING_OVER,
    ),
    "an operator who comes unasked never arrives": (
        [
            (TakenOver(), (Say(prompt("taken_over"), "handoff"),)),
            (NoOperator("failed"), (Say(prompt("operator_returned")),)),
        ],
        Phase.LISTENING,
    ),
}


def test_who_is_given_back_hears_what_becomes_of_their_request() -> None:
    """Called back at their number, with nothing more asked; settled, it is no longer theirs."""
    state = State("Orvane", caller_number=NUMBER)
    for event in (Heard(PERSON), THERE, OperatorAccepted(), OperatorHere()):
        state, _ = step(state, event)
    kept, actions = step(state, OperatorLeft("returned"))
    told = prompt("returned_known", number=pairs(NUMBER))
    assert actions == (Say(f"{told} {prompt('anything_else')}", "handoff"),)
    assert (kept.ticket_id, kept.phase) == ("T-1", Phase.LISTENING)
    done, _ = step(state, OperatorLeft("settled"))
    assert (done.ticket_id, done.problem, done.phase) == (None, "", Phase.LISTENING)
    assert done.caller_number == NUMBER


@pytest.mark.parametrize("name", TABLES)
def test_ringing(name: str) -> None:
    """Each move has exactly these actions, and the conversation ends in this phase."""
    moves, phase = TABLES[name]
    state = State("Orvane")
    for number, (event, expected) in enumerate(moves, start=1):
        state, actions = step(state, event)
        assert actions == expected, f"move {number}: {event}"
    assert state.phase is phase


def test_with_a_known_number_only_the_name_is_asked() -> None:
    """Nobody came: the number that rings is read back, what is missing is asked."""
    state = State("Orvane", NUMBER)
    for event in (Heard(PERSON), THERE, NoOperator("no_answer")):
        state, actions = step(state, event)
    assert actions == (known("no_operator"),)


def test_danger_while_operators_are_rung() -> None:
    """Whom to call is said at once, the ticket becomes urgent, and they ring on."""
    state = State("Orvane")
    for event in (Heard(PERSON), THERE, Heard("ça sent le gaz")):
        state, actions = step(state, event)
    assert actions[0] == Say(safety_text("gas"), "safety")
    assert isinstance(actions[1], OpenTicket)
    assert actions[1].urgency == "urgent"
    state, actions = step(state, THERE)
    assert [type(a) for a in actions if not isinstance(a, Say)] != [Ring]
    assert Say(prompt("danger_transfer"), "safety") in actions
    state, actions = step(state, OperatorHere())
    assert (state.phase, actions) == (Phase.CONNECTED, (Join(),))


def test_a_recording_is_refused_while_two_people_talk() -> None:
    """It stops, and the agent says nothing about it."""
    state = State("Orvane", recorded=True)
    for event in (Heard(PERSON), THERE, OperatorHere()):
        state, _ = step(state, event)
    state, actions = step(state, Heard("sans enregistrement s'il vous plaît"))
    assert (actions, state.recorded) == ((StopRecording(),), False)


@pytest.mark.parametrize(
    "words",
    [
        "rappelez-moi", "non, qu'on me rappelle", "laissez tomber", "c'est trop long",
        "je ne peux pas attendre", "je n'ai pas le temps", "je préfère être rappelée", "tant pis",
    ],
)  # fmt: skip
def test_who_does_not_want_to_wait_is_called_back(words: str) -> None:
    """Ringing ends, and the number is asked for."""
    state = State("Orvane")
    for event in (Heard(PERSON), THERE, Heard(words)):
        state, actions = step(state, event)
    assert actions[0] == StopRinging("callback")
    assert state.phase is Phase.CAPTURING
