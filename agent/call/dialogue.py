"""What the agent does next: a pure state machine, `step(state, event) -> (state, actions)`.

No clock, no audio, no I/O: every conversation is a table in tests/test_dialogue.py. The agent
announces a ticket only in answer to `TicketOpened`: never what code has not done.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.call.intents import says, says_briefly, says_only
from agent.call.moves import (
    Action,
    Event,
    Found,
    HandoffReason,
    HangUp,
    Heard,
    KeepNumber,
    Key,
    LookUp,
    LookUpFailed,
    OpenTicket,
    Phase,
    Say,
    Silence,
    Started,
    State,
    TicketFailed,
    TicketOpened,
    TimeUp,
)
from agent.call.record import Decision, Urgency
from knowledge.answer import Answer
from knowledge.followup import is_not_enough
from knowledge.safety import danger_in, safety_text
from knowledge.spoken import digits_said
from voices.prompts import prompt, which_appliance

__all__ = [
    "Action",
    "Event",
    "Found",
    "HandoffReason",
    "HangUp",
    "Heard",
    "KeepNumber",
    "Key",
    "LookUp",
    "LookUpFailed",
    "OpenTicket",
    "Phase",
    "Say",
    "Silence",
    "Started",
    "State",
    "Step",
    "TicketFailed",
    "TicketOpened",
    "TimeUp",
    "is_french_number",
    "pairs",
    "step",
]

MISHEARD_LIMIT = 2
"""Turns in a row that were not understood before a person is offered."""

DOUBTS_LIMIT = 2
"""Times in a row that a question is put back to the caller before a person is offered."""

NUMBER_DIGITS = 10
"""Digits of a French telephone number."""

NUMBER_TRIES = 2
"""Times a telephone number is asked before the request is kept without it."""

DEADEST_SILENCES = 3
"""Silences in a row after which the agent takes leave."""

Step = tuple[State, tuple[Action, ...]]
Readings = tuple[tuple[str, float], ...]


def step(state: State, event: Event) -> Step:
    """One move of the conversation."""
    if state.phase is Phase.ENDED:
        return state, ()
    match event:
        case Started():
            return _say(state, prompt("greeting", brand=state.brand))
        case Heard():
            return _heard(replace(state, silences=0), event)
        case Found(answer):
            return _found(state, answer)
        case LookUpFailed():
            return _hand_over(state, "technical")
        case TicketOpened(ticket_id):
            return _ticket_opened(state, ticket_id)
        case TicketFailed():
            return _ticket_failed(state)
        case Key(digit):
            return _key(replace(state, silences=0), digit)
        case Silence():
            return _silence(state)
        case TimeUp():
            return _leave(state, prompt("time_up"))


# --- the caller spoke -------------------------------------------------------------------------


def _reading(phase: Phase, event: Heard) -> str:
    """The caller's words; where a short one is awaited, the first reading that holds it.

    « Oui, c'est ça » is so short that the recogniser often has it second: « où est-ce ça ».
    """
    if phase in _AWAIT_A_WORD:
        for reading in (event.text, *event.alternatives):
            if any(says_briefly(intent, reading) for intent in ("yes", "no", "done")):
                return reading.strip()
    return event.text.strip()


_AWAIT_A_WORD = frozenset({Phase.CONFIRMING, Phase.STEPS, Phase.HELPED, Phase.NUMBER_CHECK})


def _heard(state: State, event: Heard) -> Step:
    text = _reading(state.phase, event)
    danger = danger_in(text) if text else None
    if danger is not None:
        urgent = replace(state, question=text, parts=(), pending=None)
        urgent, actions = _say(urgent, safety_text(danger), "safety")
        urgent, more = _hand_over(urgent, "danger")
        return urgent, actions + more
    if not text:
        return _not_heard(state, event.interrupting)
    state = replace(state, misheard=0)
    if says("human", text):
        return _hand_over(replace(state, question=state.question or text), "human")
    numbering = state.phase in (Phase.NUMBER, Phase.NUMBER_CHECK)
    if numbering and is_french_number(digits_said(text)):  # « je répète : 06… »
        return _number(state, text)
    if says_briefly("repeat", text) and state.said:
        return state, (Say(state.said),)
    if says_briefly("goodbye", text):
        return _leave(state, prompt("goodbye"))
    if numbering:
        return _number(state, text)
    if says("robot", text):
        return _say(replace(state, phase=Phase.LISTENING), prompt("robot"))
    match state.phase:
        case Phase.CONFIRMING:
            return _confirmed(state, text, _readings(event))
        case Phase.CHOOSING:
            return _look_up_again(state, text)
        case Phase.STEPS:
            return _next_step(state, text, _readings(event))
        case Phase.HELPED if says_briefly("no", text):
            return _hand_over(state, "unsure")
        case Phase.HELPED if says_only("yes", text) or says_only("thanks", text):
            return _say(replace(state, phase=Phase.LISTENING), prompt("glad"))
    if says_only("no", text) or says_only("thanks", text):
        return _leave(state, prompt("goodbye"))
    if says_briefly("wait", text):
        return state, (Say(prompt("listening")),)
    if says_only("yes", text):
        return state, (Say(prompt("go_on")),)
    return _look_up(state, text, _readings(event))


def _readings(event: Heard) -> Readings:
    """What the recogniser may have heard, for the manuals to choose from."""
    return tuple(zip((event.text, *event.alternatives), event.weights, strict=False))


def _not_heard(state: State, interrupting: bool) -> Step:
    if interrupting and state.said:
        # A cough or a noise cut the agent short: say it again.
        return state, (Say(f"{prompt('resume')} {state.said}"),)
    misheard = state.misheard + 1
    if misheard > MISHEARD_LIMIT and state.ticket_id is None:
        return _hand_over(replace(state, misheard=0), "unheard")
    return replace(state, misheard=misheard), (Say(prompt("not_heard")),)


def _look_up(state: State, question: str, readings: Readings = ()) -> Step:
    """Ask the manuals; what was advised before is not advised again when it did not help."""
    given = state.given if is_not_enough(question) else ()
    asked = replace(
        state, phase=Phase.LOOKING_UP, question=question, readings=readings, which="",
        given=given, parts=(), pending=None,
    )  # fmt: skip
    return asked, (LookUp(question, state.about, readings, state.asked, given),)


def _look_up_again(state: State, which: str) -> Step:
    """Ask the manuals the same question, with what the caller says of the appliance."""
    said = f"{state.which} {which}".strip()
    asked = replace(state, phase=Phase.LOOKING_UP, which=said)
    look = LookUp(state.question, state.product, state.readings, state.asked, state.given, said)
    return asked, (look,)


def _confirmed(state: State, text: str, readings: Readings) -> Step:
    answer = state.pending
    if answer is not None and says_briefly("yes", text):
        known = answer.product or state.product
        return _speak_answer(replace(state, pending=None, product=known), answer)
    if says_only("no", text):
        if answer is not None and answer.other is not None:
            other = replace(state, pending=answer.other)
            return _say(other, prompt("confirm_other", topic=answer.other.topic), "confirm")
        again = replace(state, pending=None, phase=Phase.LISTENING, doubts=state.doubts + 1)
        if again.doubts >= DOUBTS_LIMIT:
            return _hand_over(again, "unsure")
        return _say(again, prompt("rephrase"), "clarify")
    return _look_up(state, text, readings)


def _next_step(state: State, text: str, readings: Readings) -> Step:
    if says_briefly("wait", text):
        return state, (Say(prompt("listening")),)
    if any(says_briefly(intent, text) for intent in ("done", "yes")):
        return _speak_part(state)
    if says_only("no", text) or says_only("thanks", text):
        return _say(replace(state, phase=Phase.LISTENING, parts=()), prompt("anything_else"))
    return _look_up(state, text, readings)


# --- the manuals answered ---------------------------------------------------------------------


def _found(state: State, answer: Answer) -> Step:
    state = replace(state, asked=answer.asked or state.asked)
    if answer.decision != "confirm":  # a guess that is denied says nothing about the appliance
        state = replace(state, product=answer.product or state.product)
    match answer.decision:
        case "answer":
            return _speak_answer(state, answer)
        case "confirm":
            asking = replace(state, phase=Phase.CONFIRMING, pending=answer)
            return _say(asking, prompt("confirm", topic=answer.topic), "confirm")
        case "clarify" if state.doubts < DOUBTS_LIMIT:
            asking = replace(state, phase=Phase.CHOOSING, doubts=state.doubts + 1)
            return _say(asking, which_appliance(answer.choices), "clarify")
        case "safety" if answer.danger is not None:
            state, actions = _say(state, safety_text(answer.danger), "safety")
            state, more = _hand_over(state, "danger")
            return state, actions + more
        case _:
            return _hand_over(state, "unsure")


def _speak_answer(state: State, answer: Answer) -> Step:
    given = (*state.given, *(evidence.passage_id for evidence in answer.evidence[:1]))
    parts = answer.parts or (answer.text,)
    return _speak_part(replace(state, parts=parts, given=given, doubts=0))


def _speak_part(state: State) -> Step:
    if not state.parts:
        return _say(replace(state, phase=Phase.HELPED), prompt("helped"))
    first, rest = state.parts[0], state.parts[1:]
    if rest:
        text, phase = f"{first} {prompt('step_hint')}", Phase.STEPS
    else:
        text, phase = f"{first} {prompt('helped')}", Phase.HELPED
    return _say(replace(state, parts=rest, phase=phase), text, "answer")


# --- handing over -----------------------------------------------------------------------------


def _hand_over(state: State, reason: HandoffReason) -> Step:
    if state.ticket_id is not None and reason != "danger":
        if state.caller_number is None:
            asking = replace(state, phase=Phase.NUMBER, number_tries=1, keys="", doubts=0)
            return _say(asking, prompt("already_noted_no_number"), "handoff")
        noted = replace(state, phase=Phase.LISTENING, doubts=0)
        return _say(noted, prompt("already_noted"), "handoff")
    urgency: Urgency = "urgent" if reason == "danger" else "normal"
    opening = replace(
        state, phase=Phase.HANDING_OVER, reason=reason, parts=(), pending=None, doubts=0
    )
    question = f"{state.question} {state.which}".strip()
    ticket = OpenTicket(reason, question, state.tried, state.about, urgency)
    return opening, (ticket,)


def _ticket_opened(state: State, ticket_id: str) -> Step:
    state = replace(state, ticket_id=ticket_id)
    if state.caller_number is None:
        asking = replace(state, phase=Phase.NUMBER, number_tries=1, keys="")
        return _say_after_danger(asking, prompt(f"{state.reason}_unknown"))
    text = prompt(f"{state.reason}_known", number=pairs(state.caller_number))
    if state.reason != "danger":
        text = f"{text} {prompt('anything_else')}"
    return _say_after_danger(replace(state, phase=Phase.LISTENING), text)


def _ticket_failed(state: State) -> Step:
    return _say_after_danger(replace(state, phase=Phase.LISTENING), prompt("handoff_failed"))


def _say_after_danger(state: State, text: str) -> Step:
    """Say what became of a request; « répétez » after a danger repeats whom to call as well."""
    if state.reason != "danger":
        return _say(state, text, "handoff")
    spoken, actions = _say(state, text, "safety")
    return replace(spoken, said=f"{state.said} {text}"), actions


def _number(state: State, text: str) -> Step:
    if state.phase is Phase.NUMBER_CHECK and says_briefly("yes", text):
        return _keep_number(state)
    digits = digits_said(text)
    if not is_french_number(digits) and says_briefly("wait", text):
        return state, (Say(prompt("listening")),)
    return _check_number(state, digits)


def _check_number(state: State, digits: str) -> Step:
    if is_french_number(digits):
        checking = replace(state, phase=Phase.NUMBER_CHECK, offered_number=digits, keys="")
        return _say(checking, prompt("number_check", number=pairs(digits)), "handoff")
    if state.number_tries < NUMBER_TRIES:
        again = replace(state, phase=Phase.NUMBER, number_tries=state.number_tries + 1, keys="")
        return _say(again, prompt("number_again"), "handoff")
    return _say(replace(state, phase=Phase.LISTENING), prompt("number_missed"), "handoff")


def _keep_number(state: State) -> Step:
    assert state.ticket_id is not None, "a number is asked only once a ticket is open"
    keep = KeepNumber(state.ticket_id, state.offered_number)
    known = replace(state, phase=Phase.LISTENING, caller_number=state.offered_number, keys="")
    known, actions = _say(known, prompt("number_saved"), "handoff")
    return known, (keep, *actions)


def _key(state: State, digit: str) -> Step:
    if state.phase in (Phase.NUMBER, Phase.NUMBER_CHECK):
        keys = state.keys + digit if digit.isdigit() else ""
        if len(keys) == NUMBER_DIGITS:
            return _check_number(state, keys)
        return replace(state, keys=keys), ()
    if digit == "0":
        return _hand_over(state, "human")
    return state, ()


def is_french_number(digits: str) -> bool:
    """Whether these are the ten digits of a French subscriber (0 then 1 to 9)."""
    return re.fullmatch(rf"0[1-9][0-9]{{{NUMBER_DIGITS - 2}}}", digits) is not None


def pairs(number: str) -> str:
    """A number as it is read: ten digits by pairs, any other as it stands."""
    if len(number) != NUMBER_DIGITS:
        return number
    return " ".join(number[i : i + 2] for i in range(0, NUMBER_DIGITS, 2))


# --- silence and the end ----------------------------------------------------------------------


def _silence(state: State) -> Step:
    silences = state.silences + 1
    if silences >= DEADEST_SILENCES:
        return _leave(state, prompt("silence_goodbye"))
    text = prompt("listening") if silences == 1 else prompt("still_there")
    return replace(state, silences=silences), (Say(text),)


def _leave(state: State, text: str) -> Step:
    return replace(state, phase=Phase.ENDED, said=text), (Say(text), HangUp())


def _say(state: State, text: str, decision: Decision = "social") -> Step:
    tried = state.tried if decision == "social" else (*state.tried, text)
    return replace(state, said=text, tried=tried), (Say(text, decision),)
