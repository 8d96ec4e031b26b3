"""The caller presses a key, or says nothing. Pure."""

from __future__ import annotations

from dataclasses import replace

from agent.call import rating, ringing
from agent.call.handing import hand_over, keyed
from agent.call.moves import Phase, State
from agent.call.talking import Step, aside, leave
from voices.prompts import prompt

DEADEST_SILENCES = 3
"""Silences in a row after which the agent takes leave."""

WAITING_SILENCES = 8
"""The same while the caller tries something: at one in 35 s, nearly five minutes."""


def key(state: State, digit: str) -> Step:
    """A digit of what is being dictated, or a mark; else 0 asks for a person."""
    if state.phase is Phase.CAPTURING and state.capture is not None:
        return keyed(state, digit)
    if state.phase is Phase.CONNECTED:
        return state, ()
    if state.phase is Phase.RINGING:
        return ringing.heard(state, "conseiller")
    if digit == "0":
        return hand_over(state, "human")
    if state.phase is Phase.RATING:
        return rating.keyed(state, digit)
    return state, ()


def silence(state: State) -> Step:
    """A word to who is busy, a question to who seems gone, and leave in the end."""
    if state.phase is Phase.CONNECTED:
        return state, ()
    if state.phase is Phase.RINGING:
        return ringing.silence(state)
    if state.phase is Phase.RATING:  # who does not want to say need not
        return leave(state, prompt("goodbye"))
    silences = state.silences + 1
    quiet = replace(state, silences=silences)
    if state.waiting or state.phase is Phase.STEPS:
        if silences >= WAITING_SILENCES:
            return leave(state, prompt("silence_goodbye"))
        return aside(quiet, prompt("still_here" if silences % 2 else "whenever_ready"))
    if silences >= DEADEST_SILENCES:
        return leave(state, prompt("silence_goodbye"))
    return aside(quiet, prompt("listening" if silences == 1 else "still_there"))
