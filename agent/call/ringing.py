"""While operators are rung, and once one is on the call. Pure.

The caller hears only what is so: that somebody is rung once somebody is, that they come once they
have accepted. Whoever does not want to wait is called back; whoever is lost is rung for again.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.call.handing import announced, hand_over
from agent.call.handover import (
    NoOperator,
    OperatorAccepted,
    OperatorAway,
    OperatorEvent,
    OperatorFree,
    OperatorHere,
    OperatorLeft,
    Queued,
    TakenOver,
)
from agent.call.intents import is_about_calling_back, is_leaving, says, says_briefly
from agent.call.moves import Advice, Detail, Join, Listen, Phase, Ring, State, StopRinging, Tone
from agent.call.story import settled
from agent.call.talking import Step, aside, greet, leave, say
from knowledge.safety import fold
from voices.prompts import prompt

WORDS_EVERY = 4
"""Of the pauses while operators are rung, each fourth is filled with words, every 20 s or so; the
others by a tone."""

LOSSES_LIMIT = 1
"""Times that another operator is rung for a caller who lost one."""

_WAITS_NO_LONGER = re.compile(
    r"\b(?:rappele[rz] moi|rappelle moi|me rappele[rz]?|me rappellera?|etre rappelee?)\b"
    r"|\b(?:laissez|laisse) tomber\b|\btant pis\b|\btrop long\b"
    r"|\b(?:peux|veux|vais|compte) (?:pas|plus) (?:plus )?(?:attendre|rester|patienter)\b"
    r"|\bpas le temps\b|\bplus tard\b|\bune autre fois\b"
)


def ring_first(state: State) -> Step:
    """Operators answer this client's calls first; the agent says nothing yet."""
    return replace(state, phase=Phase.RINGING, ringing=True, unmet=True), (Ring(), Tone())


def told(state: State, event: OperatorEvent) -> Step:
    """What the operators' side says."""
    match event:
        case Queued(before):
            return _queued(replace(state, before=before), before)
        case OperatorFree():
            return aside(replace(state, before=None), prompt("operator_free"))
        case OperatorAccepted():
            if state.unmet:  # they say themselves who they are
                return state, ()
            return say(_waiting(state), prompt("operator_accepted"), "handoff")
        case OperatorAway():
            return say(_waiting(state), prompt("operator_away"), "handoff")
        case OperatorHere():
            here = replace(state, phase=Phase.CONNECTED, ringing=False, capture=None, talked=True)
            return here, (Join(),)
        case NoOperator(why):
            return _nobody(state, why)
        case OperatorLeft(why):
            return _left(state, why)
        case TakenOver():
            if state.ringing:
                return state, ()
            return say(_waiting(state), prompt("taken_over"), "handoff")


def heard(state: State, text: str) -> Step:
    """What a caller says who waits for an operator."""
    if not text or state.unmet:
        return state, (Listen(),)
    if is_leaving(text) or says_briefly("goodbye", text):
        after, actions = leave(replace(state, ringing=False), prompt("goodbye"))
        return after, (StopRinging("caller"), *actions)
    if says("repeat", text) and state.said:
        return aside(state, state.said)
    if _WAITS_NO_LONGER.search(fold(text)) or is_about_calling_back(text):
        return call_back(state)
    if says_briefly("no", text):  # « non non, je ne veux pas »
        return call_back(state)
    courteous = any(says_briefly(one, text) for one in ("yes", "thanks", "wait", "human"))
    return aside(state, still(state) if courteous else f"{prompt('passed_on')} {still(state)}")


def call_back(state: State) -> Step:
    """Ring no more: the caller prefers to be called back."""
    if state.ticket_id is None:  # an operator who took over has not come yet
        return aside(state, still(state))
    after, actions = announced(replace(state, ringing=False), "called_back")
    return after, (StopRinging("callback"), *actions)


def silence(state: State) -> Step:
    """Fill a pause while operators are rung."""
    silences = state.silences + 1
    quiet = replace(state, silences=silences)
    if state.unmet:
        return quiet, (Tone(),)
    if silences % WORDS_EVERY:
        return quiet, (Tone(),)
    again = silences % (2 * WORDS_EVERY) == 0
    return aside(quiet, prompt("still_ringing_choice") if again else still(state))


def still(state: State) -> str:
    """What goes on meanwhile: somebody is rung, or so many are served before."""
    if state.before is None:
        return prompt("still_ringing")
    if state.before == 0:
        return prompt("still_next")
    if state.before == 1:
        return prompt("still_one")
    return prompt("still_queued", before=str(state.before))


def _waiting(state: State) -> State:
    """Nothing else goes on but waiting for the operator."""
    return replace(
        state, phase=Phase.RINGING, ringing=True, advice=Advice(), paused=None, pending=None,
        capture=None, suspected=None, silences=0, before=None,
    )  # fmt: skip


def _queued(state: State, before: int) -> Step:
    if before == 0:
        return aside(state, prompt("queued_next"))
    if before == 1:
        return aside(state, prompt("queued_one"))
    return aside(state, prompt("queued", before=str(before)))


def _nobody(state: State, why: str) -> Step:
    """No operator came: the caller is told, and called back."""
    state = replace(state, ringing=False, reachable=state.reachable and why != "nobody")
    if state.ticket_id is None:
        return _agent_again(state)
    if why == "nobody" and state.losses == 0:  # nothing was announced yet
        return announced(state, state.reason)
    return announced(state, "no_operator")


def _agent_again(state: State) -> Step:
    """The agent's turn, again or for the first time."""
    listening = replace(state, phase=Phase.LISTENING)
    return greet(listening) if state.unmet else say(listening, prompt("operator_returned"))


def _left(state: State, why: str) -> Step:
    """The operator is no longer there."""
    state = replace(state, phase=Phase.LISTENING, ringing=False)
    if why == "finished":
        return leave(state, prompt("goodbye"))
    if why in ("returned", "settled") and state.ticket_id is None:
        return _agent_again(state)
    if why == "settled":  # what they ask from now on is another matter
        return say(settled(state), prompt("operator_settled"))
    if why == "returned":
        wanted: tuple[Detail, ...] = ("phone",) if state.caller_number is None else ()
        return announced(replace(state, wanted=wanted), "returned")
    if state.ticket_id is None:
        return hand_over(state, "technical")
    lost = _waiting(replace(state, losses=state.losses + 1))
    if lost.losses > LOSSES_LIMIT:
        return announced(replace(lost, ringing=False), "no_operator")
    after, actions = say(lost, prompt("operator_lost"), "handoff")
    return after, (Ring(), *actions)
