"""Handing over: the ticket first, then what a person needs to call back. Pure.

Nothing is promised before `TicketOpened`; each detail goes onto the ticket as soon as the caller
has confirmed it, so that one who hangs up in the middle loses nothing.
"""

from __future__ import annotations

from dataclasses import replace

from agent.call import capture as capturing
from agent.call.capture import Ask, Captured, GivenUp
from agent.call.intents import says, says_briefly, says_only, wants_person
from agent.call.moves import (
    Advice,
    Detail,
    HandoffReason,
    KeepDetail,
    KeepNumber,
    OpenTicket,
    Phase,
    Ring,
    State,
)
from agent.call.record import Decision, Urgency
from agent.call.story import named, tells_matter
from agent.call.talking import Step, aside, leave, say
from voices.prompts import prompt

NUMBER_DIGITS = 10
"""Digits of a French telephone number."""


def hand_over(state: State, reason: HandoffReason) -> Step:
    """Ask for a person: open the ticket, or come back to the one that is open."""
    if state.ticket_id is not None and reason != "danger":
        if reason == "human" and state.reachable:
            return _ring(state)
        return _add_to(state.ticket_id, state)
    urgency: Urgency = "urgent" if reason == "danger" else "normal"
    opening = replace(
        state, phase=Phase.HANDING_OVER, reason=reason, advice=Advice(), paused=None,
        pending=None, doubts=0, capture=None,
    )  # fmt: skip
    return opening, (OpenTicket(reason, state.problem, state.tried, state.about, urgency),)


def _add_to(ticket_id: str, state: State) -> Step:
    """Add to an open ticket what it does not hold yet."""
    question = state.problem
    known = state.caller_number is not None
    state = replace(state, doubts=0, advice=Advice(), paused=None, pending=None)
    if not question or question in state.noted or wants_person(question):
        text = prompt("already_noted") if known else prompt("already_noted_no_number")
        return _noted_again(state, text)
    state = replace(state, noted=(*state.noted, question))
    text = prompt("also_noted") if known else prompt("also_noted_no_number")
    after, actions = _noted_again(state, text)
    return after, (_also(ticket_id, state), *actions)


def _also(ticket_id: str, state: State) -> KeepDetail:
    return KeepDetail(ticket_id, "also", " — ".join(state.noted[1:]))


def _noted_again(state: State, text: str) -> Step:
    """Say so; the number is asked for where it is missing."""
    if state.caller_number is None:
        others = tuple(one for one in state.wanted if one != "phone")
        return _ask(replace(state, wanted=("phone", *others)), text)
    return say(replace(state, phase=Phase.LISTENING), text, "handoff")


def ticket_opened(state: State, ticket_id: str) -> Step:
    """The request is kept: say so, then ask what is missing on it.

    A danger takes the place of what the ticket was about: that is kept beside it.
    """
    before = tuple(one for one in state.noted if one not in ("", state.problem))
    state = replace(
        state, ticket_id=ticket_id, wanted=_missing(state), noted=(state.problem, *before)
    )
    after, actions = _ring(state) if state.reachable else announced(state, state.reason)
    return after, (*actions, _also(ticket_id, state)) if before else actions


def _ring(state: State) -> Step:
    """Ring operators; where some are being rung already, go on waiting for them."""
    ringing = replace(
        state, phase=Phase.RINGING, ringing=True, silences=0, capture=None,
        before=state.before if state.ringing else None,
    )  # fmt: skip
    decision: Decision = "safety" if state.reason == "danger" else "handoff"
    after, actions = say(ringing, prompt(f"{state.reason}_transfer"), decision)
    return after, actions if state.ringing else (Ring(), *actions)


def announced(state: State, how: str) -> Step:
    """Say that somebody calls back, and ask for what is missing.

    Args:
        state: Its ticket is open.
        how: Of the prompts: the reason of the handoff, or why it came to that.
    """
    if state.reason == "danger":
        how = "danger"
    if state.caller_number is None:
        return _ask(state, prompt(f"{how}_unknown"), opening=True)
    text = prompt(f"{how}_known", number=pairs(state.caller_number))
    if state.reason == "danger":
        return _say_after_danger(replace(state, phase=Phase.LISTENING), text)
    return _next_detail(replace(state, reopens=""), f"{text} {_reopening(state)}")


def _reopening(state: State) -> str:
    """When operators are there again, where they are not and the caller was not told."""
    return prompt("reopening", when=state.reopens) + " " if state.reopens else ""


def ticket_failed(state: State) -> Step:
    """The request could not be kept: nothing is promised."""
    return _say_after_danger(replace(state, phase=Phase.LISTENING), prompt("handoff_failed"))


def captured(state: State, text: str, alternatives: tuple[str, ...]) -> Step:
    """What the caller says when a detail is asked of them."""
    if text and says_briefly("wait", text) and not any(c.isdigit() for c in text):
        return aside(replace(state, waiting=True), prompt("take_time"))
    if state.capture is None:
        return _noted(state, text)
    after, move = capturing.heard(state.capture, text, alternatives)
    return _captured(replace(state, capture=after), move)


def keyed(state: State, digit: str) -> Step:
    """A key that is pressed while a detail is asked for."""
    if state.capture is None:
        return state, ()
    after, move = capturing.key(state.capture, digit)
    if move is None:
        return replace(state, capture=after), ()
    return _captured(replace(state, capture=after), move)


def another_number(state: State, text: str) -> Step | None:
    """Read back another number that the caller wants to be called at; None if there is none."""
    capture, _ = capturing.ask("phone")
    capture, move = capturing.heard(capture, text)
    if not capture.offered or not isinstance(move, Ask):
        return None
    asking = replace(state, phase=Phase.CAPTURING, capture=capture, wanted=("phone",))
    return say(asking, move.text, "handoff")


def pairs(number: str) -> str:
    """A number as it is read: ten digits by pairs, any other as it stands."""
    if len(number) != NUMBER_DIGITS:
        return number
    return " ".join(number[i : i + 2] for i in range(0, NUMBER_DIGITS, 2))


def national(number: str) -> str:
    """A French number in E.164 as it is dialled in France; another one as it stands."""
    return f"0{number[3:]}" if number.startswith("+33") else number


def _missing(state: State) -> tuple[Detail, ...]:
    """What a person would have to ask, the most needed first."""
    wanted: tuple[Detail, ...] = () if state.caller_number else ("phone",)
    if state.reason in ("danger", "language", "unheard"):
        return wanted
    wanted = (*wanted, "name")
    if not tells_matter(state.problem):
        return (*wanted, "subject")
    known = state.about or state.which or state.story.appliance
    return wanted if known else (*wanted, "appliance")


def _ask(state: State, text: str, *, opening: bool = False) -> Step:
    """Ask for the first detail that is wanted, in these words."""
    field = state.wanted[0]
    capture = None  # of the appliance and the subject any words do: they are kept as said
    if field == "phone" or field == "name":
        capture = replace(capturing.ask(field)[0], said=text)
    asking = replace(state, phase=Phase.CAPTURING, capture=capture)
    return _say_after_danger(asking, text) if opening else say(asking, text, "handoff")


def _captured(state: State, move: Ask | Captured | GivenUp) -> Step:
    match move:
        case Ask(text):
            return say(state, text, "handoff")
        case Captured(value):
            return _keep(state, value)
        case GivenUp(text, _):
            if state.wanted[0] == "phone":
                text = f"{text} {prompt('number_missed')}"
            return _next_detail(replace(state, wanted=state.wanted[1:]), f"{text} ", kept=False)


def _keep(state: State, value: str) -> Step:
    assert state.ticket_id is not None, "details are asked only once a ticket is open"
    field = state.wanted[0]
    rest = replace(state, wanted=state.wanted[1:], capture=None)
    if field != "phone":
        after, actions = _next_detail(rest, prompt("detail_saved") + " ")
        return after, (KeepDetail(state.ticket_id, field, value), *actions)
    number = national(value)
    saved = f"{prompt('number_saved')} {_reopening(state)}"
    after, actions = _next_detail(replace(rest, caller_number=number, reopens=""), saved)
    return after, (KeepNumber(state.ticket_id, number), *actions)


def _noted(state: State, text: str) -> Step:
    """Free words about the appliance or the matter: kept as said, unless there are none."""
    if not text:
        return aside(state, prompt("not_heard"))
    assert state.ticket_id is not None, "details are asked only once a ticket is open"
    rest = replace(state, wanted=state.wanted[1:])
    if says("unknown", text) or says_only("no", text):
        return _next_detail(rest, "")
    after, actions = _next_detail(named(rest, text), prompt("detail_saved") + " ")
    return after, (KeepDetail(state.ticket_id, state.wanted[0], text), *actions)


def _next_detail(state: State, before: str, *, kept: bool = True) -> Step:
    """Ask for the next detail, or what else there is to do."""
    if state.wanted:
        return _ask(state, f"{before}{prompt(f'ask_{state.wanted[0]}')}")
    done = replace(state, phase=Phase.LISTENING, capture=None)
    if state.danger is not None:
        return say(done, f"{before}{prompt('stay_safe')}", "handoff")
    if not state.was_heard and not kept:
        return leave(done, f"{before}{prompt('silence_goodbye')}")
    return say(done, f"{before}{prompt('anything_else')}", "handoff")


def _say_after_danger(state: State, text: str) -> Step:
    """Say what became of a request; « répétez » after a danger repeats whom to call as well."""
    if state.reason != "danger":
        return say(state, text, "handoff")
    spoken, actions = say(state, text, "safety")
    return replace(spoken, said=f"{state.said} {text}"), actions
