"""What the agent does next: a pure state machine, `step(state, event) -> (state, actions)`.

No clock, no audio, no I/O: every conversation is a table in tests/conversations.py. The agent
announces a ticket only in answer to `TicketOpened`: never what code has not done. alarm.py holds
the moves of danger, consent.py those of recording, guiding.py those of advice, handing.py those of
the handoff, rating.py those of the mark at the end, ringing.py those of operators who are rung,
unspoken.py those of keys and silence.
"""

from __future__ import annotations

from dataclasses import replace

from agent.call import ringing
from agent.call.alarm import after_danger, alarm, check, is_yes_to_danger, sensed_in
from agent.call.consent import (
    asks_whether_recorded,
    besides_refusal,
    refusal_in,
    then_back,
    whether_recorded,
)
from agent.call.guiding import (
    Readings,
    choosing,
    chosen,
    confirmed,
    found,
    helped,
    look_up,
    names_another_appliance,
    next_step,
    take_up,
)
from agent.call.handing import (
    another_number,
    captured,
    hand_over,
    pairs,
    ticket_failed,
    ticket_opened,
)
from agent.call.intents import (
    asks_for_time,
    is_about_calling_back,
    is_angry,
    is_back_channel,
    is_greeting,
    is_hesitation,
    is_leaving,
    is_no_name,
    says,
    says_briefly,
    says_only,
)
from agent.call.moves import (
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
    Listen,
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
)
from agent.call.rating import farewell, rated, unclear
from agent.call.short_replies import reading_of
from agent.call.story import first_asked, mooded
from agent.call.strangers import foreign_language, is_child, is_machine, is_selling, is_wrong_number
from agent.call.talked_over import IGNORED_LIMIT, is_from_afar, is_no_interruption, is_refused
from agent.call.talking import Step, aside, greet, leave, say
from agent.call.unspoken import key, silence
from knowledge.answer import Sensed
from knowledge.safety import danger_in
from voices.prompts import prompt

__all__ = [
    "Action",
    "Advice",
    "Event",
    "Found",
    "HandoffReason",
    "HangUp",
    "Heard",
    "KeepDetail",
    "KeepNumber",
    "Key",
    "Listen",
    "LookUp",
    "LookUpFailed",
    "OpenTicket",
    "Phase",
    "Resume",
    "Say",
    "Silence",
    "StartRecording",
    "Started",
    "State",
    "Step",
    "StopRecording",
    "TicketFailed",
    "TicketOpened",
    "TimeUp",
    "pairs",
    "step",
]

MISHEARD_LIMIT = 2
"""Turns in a row that were not understood before a person is offered; one more, and it is asked."""

OFFERS_LIMIT = 2
"""Times that a person is offered to an angry caller."""

REST_WORDS = 4
"""Words beside a refusal to be recorded from which they are dealt with, too."""


def step(state: State, event: Event) -> Step:
    """One move of the conversation."""
    if state.phase is Phase.ENDED:
        return state, ()
    match event:
        case Started(ring_first):
            return ringing.ring_first(state) if ring_first else greet(state)
        case Heard():
            return _heard(replace(state, silences=0), event)
        case Found(answer):
            return found(state, answer)
        case LookUpFailed():
            return hand_over(state, "technical")
        case TicketOpened(ticket_id, reopens, reachable):
            return ticket_opened(replace(state, reopens=reopens, reachable=reachable), ticket_id)
        case TicketFailed():
            return ticket_failed(state)
        case Key(digit):
            return key(replace(state, silences=0), digit)
        case Silence():
            return silence(state)
        case TimeUp():
            if state.phase is Phase.CONNECTED:  # two people talk
                return state, ()
            return leave(state, prompt("time_up"))
        case _:
            return ringing.told(state, event)


# --- the caller spoke -------------------------------------------------------------------------


def _heard(state: State, event: Heard) -> Step:
    refusal = refusal_in(state, (event.text, *event.alternatives))
    if state.phase is Phase.CONNECTED:  # the caller speaks to the operator
        stop = (StopRecording(),) if refusal and state.recorded else ()
        return replace(state, recorded=state.recorded and not refusal), stop
    if refusal:
        return _refused(state, event, refusal)
    text = reading_of(event, state.phase)
    state = mooded(state, text)
    sensed = sensed_in(event, text)
    if sensed is not None and sensed.sure:
        return alarm(state, text, sensed.danger)
    if is_no_interruption(event, text):
        return _gone_on(state, text, Resume())
    if is_from_afar(event, text):
        return _gone_on(state, text, Listen())
    if is_hesitation(text) and not event.interrupting:
        return replace(state, was_heard=True), (Listen(),)
    if state.phase is Phase.RINGING:
        return ringing.heard(state, text)
    if not text:
        asked = state.phase is Phase.RATING and not event.interrupting
        return unclear(state) if asked else _not_heard(state, event.interrupting)
    state = replace(state, misheard=0, ignored=0, was_heard=True, waiting=False)
    if sensed is None and asks_whether_recorded(text):
        return whether_recorded(state)
    if state.phase is Phase.CHECKING:
        return _checked(state, text, sensed)
    called_back = state.ticket_id is None and state.phase is not Phase.OFFERING
    if says("human", text) or (called_back and says("call_back", text)):
        return hand_over(first_asked(state, text), "human")
    if state.phase is Phase.RATING:
        if sensed is not None and not state.safe:
            return check(state, text, sensed.danger, _readings(event))
        marking = rated(state, text, event.alternatives)
        if marking is not None:
            return marking
        state = replace(state, phase=Phase.LISTENING)  # another matter
    courteous = _about_the_call(state, text)
    if courteous is not None:
        return courteous
    if state.phase is Phase.CAPTURING:
        if sensed is not None and danger_in(text) is not None and not state.safe:
            return check(state, text, sensed.danger, _readings(event))
        asked_name = state.wanted[0] == "name" and not (state.capture and state.capture.offered)
        another = says("question", text) or (asked_name and is_no_name(text))
        if state.wanted[0] == "phone" or not another:
            return captured(state, text, event.alternatives)
        state = replace(state, phase=Phase.LISTENING, capture=None, wanted=())
    if says("robot", text):
        return _robot(state)
    stranger = _stranger(state, text)
    if stranger is not None:
        return stranger
    if state.phase is Phase.OFFERING:
        return _offered(state, text, _readings(event))
    if is_angry(text) and state.offers < OFFERS_LIMIT and state.ticket_id is None:
        return _offer(first_asked(state, text), "angry")
    if state.danger is not None:
        return after_danger(state, text)
    state = replace(state, logprob=event.logprob)
    if is_refused(event, state.phase, text):
        listening = replace(state, phase=Phase.LISTENING, advice=Advice(), paused=None)
        return say(listening, prompt("rephrase"), "clarify")
    answered = _about_the_appliance(state, text, _readings(event))
    looks_up = any(isinstance(action, LookUp) for action in answered[1])
    if sensed is not None and looks_up and not state.safe:
        return check(state, text, sensed.danger, _readings(event))
    return answered


def _gone_on(state: State, text: str, on: Action) -> Step:
    """On with what was done; who says again and again what cannot be understood is asked."""
    if not text or is_back_channel(text):
        return state, (on,)
    ignored = replace(state, ignored=state.ignored + 1)
    if ignored.ignored > IGNORED_LIMIT:
        return aside(replace(state, ignored=0), prompt("not_heard"))
    return ignored, (on,)


def _refused(state: State, event: Heard, refusal: str) -> Step:
    """No recording any more; then what else the caller said, or what was being said to them."""
    told = prompt("unrecorded" if state.recorded else "not_recorded")
    stop = (StopRecording(),) if state.recorded else ()
    state = replace(state, recorded=False, misheard=0, was_heard=True)
    rest, sensed = besides_refusal(refusal), sensed_in(event, refusal)
    if sensed is not None and sensed.sure:
        state, (call, *others) = alarm(state, refusal, sensed.danger)
        return state, (call, *stop, *others)
    if says("human", rest or refusal):
        state, actions = hand_over(first_asked(state, rest or refusal), "human")
    elif len(rest.split()) >= REST_WORDS or (rest and sensed is not None):
        state, actions = _heard(state, replace(event, text=rest, alternatives=(), weights=()))
    else:
        state, actions = then_back(state, told)
        return state, (*stop, *actions)
    return state, (*stop, Say(told, slow=state.slow), *actions)


def _about_the_call(state: State, text: str) -> Step | None:
    """Again, more slowly, stop, goodbye; None if it is something else."""
    if says_briefly("slower", text):
        slow = replace(state, slow=True)
        return slow, (Say(f"{prompt('slower')} {state.said}".strip(), slow=True),)
    capturing = state.phase is Phase.CAPTURING
    if says_briefly("repeat", text) and state.said and not (capturing and _has_digits(text)):
        return aside(state, state.said)
    if says("stop", text):
        return aside(state, prompt("go_on"))
    if is_leaving(text) or says_briefly("goodbye", text):
        if says("wait", text) and not is_leaving(text):  # « au revoir. Ah non, attendez ! »
            return aside(replace(state, phase=Phase.LISTENING), prompt("go_on"))
        if state.danger is not None:
            return leave(state, prompt("goodbye_safe"))
        return farewell(state, text)
    return None


def _about_the_appliance(state: State, text: str, readings: Readings) -> Step:
    match state.phase:
        case Phase.CONFIRMING:
            return confirmed(state, text, readings)
        case Phase.CHOOSING:
            return choosing(state, text, readings)
        case Phase.STEPS:
            return next_step(state, text, readings)
        case Phase.HELPED:
            step = helped(state, text, readings)
            if step is not None:
                return step
    if says_only("no", text) or says_only("thanks", text):
        return farewell(state, text)
    if asks_for_time(text):
        return aside(replace(state, waiting=True), prompt("take_time"))
    if says_only("yes", text) or is_greeting(text):
        return aside(state, prompt("go_on"))
    if state.paused is not None and says_briefly("done", text):
        return take_up(state, state.paused)
    if state.ticket_id is not None and is_about_calling_back(text):
        another = another_number(state, text)
        if another is not None:
            return another
    if names_another_appliance(state, text):
        return chosen(replace(state, product=None, which=""), text)
    return look_up(state, text, readings)


def _readings(event: Heard) -> Readings:
    """What the recogniser may have heard, for the manuals to choose from."""
    return tuple(zip((event.text, *event.alternatives), event.weights, strict=False))


def _has_digits(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _not_heard(state: State, interrupting: bool) -> Step:
    if interrupting and state.said:
        # A cough or a noise cut the agent short: go on.
        return state, (Resume(),)
    if state.phase is Phase.CAPTURING:
        return captured(state, "", ())
    misheard = state.misheard + 1
    again = replace(state, misheard=misheard)
    if state.ticket_id is None and misheard >= MISHEARD_LIMIT:
        if misheard > MISHEARD_LIMIT:
            if not state.was_heard and state.caller_number is None:
                return leave(again, prompt("silence_goodbye"))  # a fax, music, an open line
            return hand_over(replace(again, misheard=0), "unheard")
        return _offer(again, "unheard")
    return aside(again, prompt("not_heard"))


# --- a person is offered ----------------------------------------------------------------------


def _offer(state: State, reason: HandoffReason) -> Step:
    """Ask whether the caller would rather have a person."""
    offering = replace(
        state, phase=Phase.OFFERING, reason=reason, offers=state.offers + 1, advice=Advice(),
        paused=None, pending=None,
    )  # fmt: skip
    return say(offering, prompt(f"offer_{reason}"), "clarify")


def _offered(state: State, text: str, readings: Readings) -> Step:
    if says("call_back", text) or (says("yes", text) and not says("question", text)):
        return hand_over(state, state.reason)
    listening = replace(state, phase=Phase.LISTENING)
    if says_briefly("no", text) or is_angry(text):
        if state.paused is not None:
            return take_up(listening, state.paused)
        return say(listening, prompt("tell_me"))
    return _about_the_appliance(listening, text, readings)


def _robot(state: State) -> Step:
    """The truth, then back to what was being said."""
    if state.phase is Phase.LISTENING:
        return say(state, prompt("robot"))
    return aside(state, f"{prompt('robot_short')} {state.said}".strip())


def _checked(state: State, text: str, sensed: Sensed | None) -> Step:
    """« Oui » to whether there is danger, or a second hint of it; else back to what was said."""
    assert state.suspected is not None, "only a suspected danger is asked about"
    if sensed is not None or is_yes_to_danger(text):
        return alarm(state, f"{state.question} {text}", state.suspected)
    safe = replace(state, phase=Phase.LISTENING, safe=True, suspected=None)
    if says("human", text):
        return hand_over(safe, "human")
    if is_leaving(text):
        return leave(safe, prompt("goodbye"))
    if says_briefly("no", text) and state.wanted:  # they were giving their number
        return captured(replace(safe, phase=Phase.CAPTURING), "", ())
    if says_briefly("no", text):
        return _about_the_appliance(safe, state.question, state.readings)
    return _about_the_appliance(safe, text, ())


# --- not for us -------------------------------------------------------------------------------


def _stranger(state: State, text: str) -> Step | None:
    """A machine, a wrong number, a child, another language; None if it is a customer."""
    if is_machine(text):
        return replace(state, phase=Phase.ENDED), (HangUp(),)
    if is_wrong_number(text):
        return leave(state, prompt("wrong_number", brand=state.brand))
    if is_selling(text):
        return leave(state, prompt("not_buying"))
    if is_child(text):
        strange = replace(state, strange=state.strange + 1)
        if strange.strange > 1:
            return leave(strange, prompt("child_goodbye"))
        return aside(strange, prompt("child"))
    if foreign_language(text) is not None:
        return hand_over(first_asked(state, text), "language")
    return None
