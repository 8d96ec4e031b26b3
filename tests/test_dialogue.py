"""The dialogue: its conversations (tests/conversations.py), and what holds in all of them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from agent.call.capture import Capture, Stage
from agent.call.dialogue import (
    Action,
    Advice,
    Event,
    Found,
    HandoffReason,
    HangUp,
    Heard,
    KeepDetail,
    KeepNumber,
    Key,
    LookUp,
    LookUpFailed,
    OpenTicket,
    Phase,
    Resume,
    Say,
    Silence,
    Started,
    StartRecording,
    State,
    StopRecording,
    TicketFailed,
    TicketOpened,
    TimeUp,
    pairs,
    step,
)
from agent.call.handover import OperatorHere
from agent.call.moves import WITH_PEOPLE
from knowledge.answer import Answer, Danger, Sensed
from knowledge.safety import safety_text
from tests.conversations import (
    ASKED,
    CITED_CONFIRM,
    CONVERSATIONS,
    FILTER,
    GO_ON,
    NOT_RECORDED,
    NUMBER,
    ODD,
    PROMISE,
    READ,
    READ_BACK,
    RECORDED_CALLS,
    REFUSED,
    SHORT,
    TO_CONFIRM,
    TWO_GUESSES,
    UNRECORDED,
    UNSURE,
    VS320,
    WHICH,
)
from voices.prompts import prompt

REACHED: dict[Phase, tuple[Event, ...]] = {
    Phase.LISTENING: (Started(),),
    Phase.LOOKING_UP: (Heard(ASKED),),
    Phase.STEPS: (Heard(ASKED), Found(FILTER)),
    Phase.HELPED: (Heard(ASKED), Found(SHORT)),
    Phase.CONFIRMING: (Heard(ASKED), Found(TO_CONFIRM)),
    Phase.CHOOSING: (Heard(ASKED), Found(WHICH)),
    Phase.OFFERING: (Heard("vous êtes tous nuls"),),
    Phase.CHECKING: (Heard(ODD, sensed=True, danger=Sensed("fire", sure=False)),),
    Phase.HANDING_OVER: (Heard(ASKED), Found(UNSURE)),
    Phase.CAPTURING: (Heard(ASKED), Found(UNSURE), TicketOpened("T1")),
    Phase.RATING: (Heard(ASKED), Found(SHORT), Heard("merci, au revoir")),
    Phase.RINGING: (Heard(ASKED), Found(UNSURE), TicketOpened("T1", reachable=True)),
    Phase.CONNECTED: (
        Heard(ASKED),
        Found(UNSURE),
        TicketOpened("T1", reachable=True),
        OperatorHere(),
    ),
    Phase.ENDED: (TimeUp(),),
}
OPEN_PHASES = [phase for phase in Phase if phase not in (Phase.ENDED, *WITH_PEOPLE)]


def after(*events: Event, caller_number: str | None = None) -> State:
    """The state that these events lead to."""
    return after_from(State("Orvane", caller_number, rates=True), *events)


def after_from(state: State, *events: Event) -> State:
    """The state that these events lead to from another one."""
    for event in events:
        state, _ = step(state, event)
    return state


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversation(name: str) -> None:
    """Each move has exactly these actions, and the conversation ends in this phase."""
    moves, phase = CONVERSATIONS[name]
    state = State("Orvane")
    for number, (event, expected) in enumerate(moves, start=1):
        state, actions = step(state, event)
        assert actions == expected, f"move {number}: {event}"
    assert state.phase is phase


@pytest.mark.parametrize("name", RECORDED_CALLS)
def test_recorded_call(name: str) -> None:
    """It is announced before it starts, and stops at a word."""
    moves, recorded = RECORDED_CALLS[name]
    state = State("Orvane", recorded=True)
    for number, (event, expected) in enumerate(moves, start=1):
        state, actions = step(state, event)
        assert actions == expected, f"move {number}: {event}"
    assert state.recorded is recorded


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("phase", OPEN_PHASES)
def test_a_recording_can_be_refused_in_every_phase(phase: Phase, recorded: bool) -> None:
    """It stops, the truth is said, and the conversation stands where it stood."""
    before = replace(after(*REACHED[phase]), recorded=recorded)
    state, actions = step(before, Heard(REFUSED))
    back = GO_ON if phase is Phase.LISTENING else before.said
    told = Say(f"{UNRECORDED if recorded else NOT_RECORDED} {back}".strip())
    assert actions == ((StopRecording(), told) if recorded else (told,))
    said = told.text if phase is Phase.LISTENING else before.said
    assert state == replace(before, recorded=False, was_heard=True, said=said, misheard=0)


def test_every_phase_is_reached() -> None:
    """The table of ways into each phase leads there, and has them all."""
    assert {phase: after(*events).phase for phase, events in REACHED.items()} == {
        phase: phase for phase in Phase
    }


def test_greeting_says_that_it_is_automatic_and_that_a_person_can_be_asked_for() -> None:
    """The first words name the brand, disclose the machine and offer a person."""
    _, (greeting,) = step(State("Orvane"), Started())
    assert isinstance(greeting, Say)
    assert "assistant automatique Orvane" in greeting.text
    assert "Dites « conseiller » à tout moment" in greeting.text


@pytest.mark.parametrize("phase", OPEN_PHASES)
@pytest.mark.parametrize("event", [Heard("je veux parler à un conseiller"), Key("0")])
def test_a_person_can_be_asked_for_in_every_phase(phase: Phase, event: Event) -> None:
    """A ticket is asked for, unless there is one (then its number is) or a number is keyed."""
    before = after(*REACHED[phase])
    state, actions = step(before, event)
    numbering = phase is Phase.CAPTURING
    if numbering and isinstance(event, Key):
        assert actions == ()
        assert state.capture is not None
        assert state.capture.keys == "0"
    elif numbering:
        assert actions == (Say(prompt("already_noted_no_number"), "handoff"),)
        assert state.phase is Phase.CAPTURING
    else:
        question = before.question or (
            "" if isinstance(event, Key) else "je veux parler à un conseiller"
        )
        assert actions == (OpenTicket("human", question, before.tried, before.product),)
        assert state.phase is Phase.HANDING_OVER


@pytest.mark.parametrize("phase", OPEN_PHASES)
@pytest.mark.parametrize(
    ("words", "danger"),
    [
        ("il y a une fuite de gaz", "gas"),
        ("la prise fume, il y a des flammes", "fire"),
        ("j'ai pris le courant", "shock"),
        ("mon fils est enfermé dans le sèche-linge", "shut_in"),
        ("non merci mais ça sent le gaz je veux un conseiller au revoir", "gas"),
    ],
)
def test_danger_comes_first_in_every_phase(phase: Phase, words: str, danger: Danger) -> None:
    """Whom to call is said before anything else, then an urgent ticket is asked for."""
    before = after(*REACHED[phase])
    state, actions = step(before, Heard(words))
    text = safety_text(danger)
    assert actions == (
        Say(text, "safety"),
        OpenTicket("danger", words, (*before.tried, text), before.product, "urgent"),
    )
    assert (state.phase, state.advice, state.pending) == (Phase.HANDING_OVER, Advice(), None)
    assert state.danger == danger


@pytest.mark.parametrize(
    "reason", ["unsure", "human", "unheard", "technical", "danger", "angry", "language", "service"]
)
@pytest.mark.parametrize("number", [None, NUMBER])
def test_promise_follows_the_ticket(reason: HandoffReason, number: str | None) -> None:
    """A callback is promised once the ticket is durable, to the known number or after asking."""
    waiting = State("Orvane", number, Phase.HANDING_OVER, reason=reason, said="Avant.")
    state, (said,) = step(waiting, TicketOpened("T1"))
    assert isinstance(said, Say)
    assert said.decision == ("safety" if reason == "danger" else "handoff")
    if number is None:
        assert said.text == prompt(f"{reason}_unknown")
        assert state.phase is Phase.CAPTURING
    else:
        assert said.text.startswith(prompt(f"{reason}_known", number=READ_BACK))
        assert PROMISE in said.text
        asked_more = reason not in ("unheard", "danger", "language")
        assert state.phase is (Phase.CAPTURING if asked_more else Phase.LISTENING)


def test_outside_the_hours_the_caller_is_told_once_when_they_begin() -> None:
    """Once the number is known: before there is one, nobody can call back."""
    reopening = prompt("reopening", when="demain à 9 h")
    waiting = State("Orvane", NUMBER, Phase.HANDING_OVER, reason="unsure", said="Avant.")
    state, (said,) = step(waiting, TicketOpened("T1", "demain à 9 h"))
    assert isinstance(said, Say)
    known = prompt("unsure_known", number=READ_BACK)
    assert said.text.startswith(f"{known} {reopening} ")
    assert state.reopens == ""
    state, (said,) = step(replace(waiting, caller_number=None), TicketOpened("T1", "demain à 9 h"))
    assert said == Say(prompt("unsure_unknown"), "handoff")
    state, _ = step(state, Heard("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre"))
    state, (kept, said) = step(state, Heard("oui"))
    assert isinstance(kept, KeepNumber)
    assert isinstance(said, Say)
    assert said.text.startswith(f"{prompt('number_saved')} {reopening} ")


def test_a_danger_waits_for_no_opening() -> None:
    """Its ticket is urgent; whatever the desk says, no opening is told."""
    waiting = State("Orvane", NUMBER, Phase.HANDING_OVER, reason="danger", said="Avant.")
    _, (said,) = step(waiting, TicketOpened("T1", "demain à 9 h"))
    assert isinstance(said, Say)
    assert "demain" not in said.text


def test_second_wish_for_a_person_opens_no_second_ticket() -> None:
    """With ticket and number there is nothing more to ask."""
    state = after(Heard(ASKED), Found(UNSURE), TicketOpened("T1"), caller_number=NUMBER)
    state = after_from(state, Heard("je préfère pas"), Heard("je ne sais pas"))
    assert state.phase is Phase.LISTENING
    state, actions = step(state, Heard("je voudrais un conseiller"))
    assert actions == (Say(prompt("already_noted"), "handoff"),)
    assert state.phase is Phase.LISTENING


OTHER = "le four ne chauffe plus"


def test_a_second_problem_is_added_to_the_ticket() -> None:
    """Once, and said only after it; asked again, it is noted already."""
    state = after(Heard(ASKED), Found(UNSURE), TicketOpened("T1"), caller_number=NUMBER)
    state = after_from(state, Heard("je préfère pas"), Heard("je ne sais pas"), Heard(OTHER))
    state, actions = step(state, Found(UNSURE))
    added = KeepDetail("T1", "also", OTHER)
    assert actions == (added, Say(prompt("also_noted"), "handoff"))
    state, actions = step(after_from(state, Heard(OTHER)), Found(UNSURE))
    assert actions == (Say(prompt("already_noted"), "handoff"),)
    third = "la hotte fait du bruit"
    state, actions = step(after_from(state, Heard(third)), Found(UNSURE))
    assert actions[0] == KeepDetail("T1", "also", f"{OTHER} — {third}")


def test_a_danger_does_not_take_the_first_problem_off_the_ticket() -> None:
    """The ticket becomes the danger's; what it was about is kept beside it, after the promise."""
    state = after(Heard(ASKED), Found(UNSURE), TicketOpened("T1"), caller_number=NUMBER)
    state = after_from(state, Heard("ça sent le gaz"))
    state, actions = step(state, TicketOpened("T1"))
    assert isinstance(actions[0], Say)
    assert actions[-1] == KeepDetail("T1", "also", ASKED)


def test_a_hint_of_danger_beside_a_refusal_is_asked_about() -> None:
    """However few its words."""
    hint = Sensed("fire", sure=False)
    said = Heard("sans enregistrement, drôle d'odeur", sensed=True, danger=hint)
    state, actions = step(replace(after(Started()), recorded=True), said)
    assert actions[0] == StopRecording()
    assert state.phase is Phase.CHECKING


def test_a_second_problem_asks_for_the_number_that_is_missing() -> None:
    """It is added before."""
    state = after(*REACHED[Phase.CAPTURING], Heard("je préfère pas"), Heard("non merci"))
    while state.phase is Phase.CAPTURING:
        state = after_from(state, Heard("je préfère pas"))
    state, actions = step(after_from(state, Heard(OTHER)), Found(UNSURE))
    assert actions[0] == KeepDetail("T1", "also", OTHER)
    assert actions[1] == Say(prompt("also_noted_no_number"), "handoff")
    assert state.phase is Phase.CAPTURING


def test_keys_left_from_an_interrupted_number_do_not_spoil_the_next() -> None:
    """Cause: three keyed digits stayed when a danger asked for the number anew."""
    state = after(*REACHED[Phase.CAPTURING], Key("0"), Key("6"), Key("3"), Heard("ça sent le gaz"))
    state, _ = step(state, TicketOpened("T1"))
    for digit in NUMBER:
        state, actions = step(state, Key(digit))
    assert actions == (READ,)


def test_pairs() -> None:
    """Ten digits are read by pairs, anything else as it stands."""
    assert pairs(NUMBER) == READ_BACK
    assert pairs("+33639981234") == "+33639981234"
    assert pairs("") == ""


@pytest.mark.parametrize("event", [Started(), Heard("allô"), Heard("ça sent le gaz"), Key("0"),
                                   Silence(), TimeUp(), Found(SHORT), TicketOpened("T1"),
                                   TicketFailed(), LookUpFailed()])  # fmt: skip
def test_nothing_after_the_end(event: Event) -> None:
    """Whatever comes after the last words changes nothing."""
    state = after(TimeUp())
    assert step(state, event) == (state, ())


# --- any order of events ----------------------------------------------------------------------

WORDS = (
    "", " ", ASKED, "oui", "non", "non merci", "merci", "c'est fait", "ensuite", "attendez",
    "répétez", "au revoir", "un conseiller", "vous êtes un robot ?", "ça sent le gaz", "rien",
    "06 39 98 12 34", "le 06 12", "le lave-linge", "pas tout à fait", "c'est tout", "😀", "x" * 500,
    "sans enregistrement", "cet appel est enregistré ?",
)  # fmt: skip
ANSWERS = (FILTER, SHORT, UNSURE, TO_CONFIRM, TWO_GUESSES, WHICH, Answer("answer"),
           Answer("safety"), Answer("clarify"),
           Answer("safety", "Sortez.", danger="fire"))  # fmt: skip


def any_event(chance: random.Random, waiting: list[Action]) -> Event:
    """Mostly what the last actions call for; sometimes anything at all."""
    if chance.random() < 0.8:
        if any(isinstance(action, LookUp) for action in waiting):
            found: list[Event] = [*map(Found, ANSWERS), LookUpFailed()]
            return chance.choice(found)
        if any(isinstance(action, OpenTicket) for action in waiting):
            opened: list[Event] = [TicketOpened("T1"), TicketOpened("T1"), TicketFailed()]
            return chance.choice(opened)
        return Heard(chance.choice(WORDS), chance.random() < 0.2)
    anything: list[Event] = [
        Started(), Heard(chance.choice(WORDS), chance.random() < 0.5), LookUpFailed(),
        Found(chance.choice(ANSWERS)), TicketFailed(), Key(chance.choice("0123456789*#")),
        Silence(), Silence(), *([TimeUp()] if chance.random() < 0.1 else []),
    ]  # fmt: skip
    return chance.choice(anything)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_events_keeps_the_promises(seed: int) -> None:
    """100 conversations a seed: never a promise before a ticket, never silence, never no end."""
    chance = random.Random(seed)
    for _ in range(100):
        state = State("Orvane", chance.choice([None, NUMBER]), chance.random() < 0.5)
        waiting: list[Action] = []
        durable, hung_up, refused = False, False, False
        for _ in range(chance.randint(5, 60)):
            event = any_event(chance, waiting)
            durable = durable or isinstance(event, TicketOpened)
            ended = state.phase is Phase.ENDED
            state, actions = step(state, event)
            waiting = list(actions)
            texts = [action.text for action in actions if isinstance(action, Say)]
            assert all(text.strip() and "{" not in text for text in texts)
            assert durable or not any(PROMISE in text for text in texts)
            assert durable or not any(isinstance(action, KeepNumber) for action in actions)
            assert StartRecording() not in actions or isinstance(event, Started)
            refused = refused or StopRecording() in actions
            assert not (refused and state.recorded)
            assert not (ended and actions)
            assert (
                ended
                or not isinstance(event, Heard)
                or any(isinstance(action, Say | Resume | LookUp | OpenTicket) for action in actions)
                or HangUp() in actions
            )
            hung_up = hung_up or HangUp() in actions
            assert (state.phase is Phase.ENDED) == hung_up
            assert state.capture is None or len(state.capture.keys) < 18


def test_every_caller_who_falls_silent_is_let_go() -> None:
    """From every phase, three silences end the call with words; eight while a step is tried."""
    for phase, events in REACHED.items():
        if phase in WITH_PEOPLE:
            continue  # the switchboard ends it
        state = after(*events)
        for _ in range(8 if phase is Phase.STEPS else 3):
            state, _ = step(state, Silence())
        assert state.phase is Phase.ENDED


def test_a_short_word_is_taken_from_the_recognisers_other_readings() -> None:
    """« Oui, c'est ça » heard second still confirms the number; a question does not borrow it."""
    state = after(*REACHED[Phase.CAPTURING], Heard(NUMBER))
    heard = Heard("Où est-ce ça ?", alternatives=("Oui, c'est ça.",))
    saved, actions = step(state, heard)
    assert KeepNumber("T1", NUMBER) in actions
    assert saved.caller_number == NUMBER
    asking = State(brand="Orvane")
    _, actions = step(asking, Heard("Où est le filtre ?", alternatives=("Oui.",)))
    assert actions == (LookUp("Où est le filtre ?", None),)


READINGS = (("la vie d'ange", 0.6), ("la vidange", 0.4))


@pytest.mark.parametrize("phase", [Phase.LISTENING, Phase.LOOKING_UP, Phase.STEPS, Phase.HELPED,
                                   Phase.CONFIRMING, Phase.HANDING_OVER])  # fmt: skip
def test_a_question_keeps_its_readings(phase: Phase) -> None:
    """Wherever a question may come: the manuals choose among what the recogniser heard."""
    (text, _), (other, _) = READINGS
    heard = Heard(text, alternatives=(other,), weights=(0.6, 0.4))
    _, (asked,) = step(after(*REACHED[phase]), heard)
    assert isinstance(asked, LookUp)
    assert (asked.question, asked.readings) == (text, READINGS)


@pytest.mark.parametrize(
    ("alternatives", "weights", "readings"),
    [
        ((), (), ()),
        (("la vidange",), (), ()),
        ((), (1.0,), (("la vie d'ange", 1.0),)),
        (("la vidange",), (0.6, 0.4), READINGS),
    ],
)
def test_readings_without_weights_are_none(
    alternatives: tuple[str, ...], weights: tuple[float, ...],
    readings: tuple[tuple[str, float], ...],
) -> None:  # fmt: skip
    """Then the words alone are asked."""
    _, actions = step(State("Orvane"), Heard("la vie d'ange", False, alternatives, weights))
    assert actions == (LookUp("la vie d'ange", None, readings),)


def test_a_denied_guess_leaves_the_appliance_open() -> None:
    """Cause: after « non » to a guess about the dishwasher, the oven was never looked at."""
    guessed, _ = step(after(*REACHED[Phase.LOOKING_UP]), Found(CITED_CONFIRM))
    assert guessed.about == VS320
    refused, _ = step(guessed, Heard("non"))
    assert (refused.product, refused.about) == (None, None)
    accepted, _ = step(guessed, Heard("oui"))
    assert accepted.product == VS320


def test_which_appliance_asks_with_the_first_question() -> None:
    """The choice completes the question, whose readings are kept; those of the choice are not."""
    (text, _), (other, _) = READINGS
    asked, _ = step(State("Orvane"), Heard(text, alternatives=(other,), weights=(0.6, 0.4)))
    choosing, _ = step(asked, Found(WHICH))
    heard = Heard("le lave-vaisselle", alternatives=("la vaisselle",), weights=(0.6, 0.4))
    _, actions = step(choosing, heard)
    assert actions == (LookUp(text, None, READINGS, which="le lave-vaisselle"),)


@pytest.mark.parametrize(
    ("offered", "looked_up"), [("", True), ("Martin", False)], ids=["asked", "read back"]
)
def test_another_matter_when_a_name_is_asked_for(offered: str, looked_up: bool) -> None:
    """It is dealt with; but what is said to a read-back is about the name."""
    capture = Capture("name", stage=Stage.READ_BACK if offered else Stage.WHOLE, offered=offered)
    state = State(
        brand="Orvane", ticket_id="T", phase=Phase.CAPTURING, capture=capture, wanted=("name",)
    )
    words = "On m'a dit de mettre un verre de vinaigre blanc dedans."
    _, actions = step(state, Heard(words))
    assert any(isinstance(action, LookUp) for action in actions) is looked_up
