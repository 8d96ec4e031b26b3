"""Saying something and taking leave: the ends of every move. Pure."""

from __future__ import annotations

from dataclasses import replace

from agent.call.moves import Action, HangUp, Phase, Say, StartRecording, State
from agent.call.record import Decision
from voices.prompts import greeting

Step = tuple[State, tuple[Action, ...]]


def say(state: State, text: str, decision: Decision = "social") -> Step:
    """Say something; what is no mere courtesy goes on the list of what was tried."""
    tried = state.tried if decision == "social" else (*state.tried, text)
    return replace(state, said=text, tried=tried), (Say(text, decision, state.slow),)


def greet(state: State) -> Step:
    """The first words: who answers, that it is a machine, that a person can be asked for."""
    words = greeting(state.brand, recorded=state.recorded, own=state.greeting, notice=state.notice)
    met, greeted = say(replace(state, unmet=False), words)
    return met, (*greeted, *((StartRecording(),) if state.recorded else ()))


def aside(state: State, text: str) -> Step:
    """Say something in passing: « répétez » still means what was said before it."""
    return state, (Say(text, slow=state.slow),)


def leave(state: State, text: str) -> Step:
    """Last words, then the end."""
    ended = replace(state, phase=Phase.ENDED, said=text)
    return ended, (Say(text, slow=state.slow), HangUp())
