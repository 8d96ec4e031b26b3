"""Danger in a conversation: whom to call before anything else, and then nothing to try. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.call.handing import hand_over
from agent.call.intents import says, says_only
from agent.call.moves import Advice, Heard, Phase, State
from agent.call.story import in_danger
from agent.call.talking import Step, aside, leave, say
from knowledge.answer import Danger, Sensed
from knowledge.safety import danger_in, fold, safety_text
from voices.prompts import prompt

REMINDERS = 2
"""Times that a caller in danger is told again before the agent takes leave."""

_YES = re.compile(r"^(?:\w+ ){0,2}(?:oui|ouais|si si|exact\w*|absolument|un peu|beaucoup)\b")
"""A yes to whether there is danger; « d'accord » and « voilà » are none."""

_GOING = re.compile(
    r"\b(?:je|on|nous) (?:sors|sort|sortons|raccroche|pars|part|vais (?:sortir|appeler|couper)"
    r"|coupe|quitte|y vais|fais ca)\b|\bj (?:appelle|ai appele|y vais)\b"
)
"""The caller does what they were told: the line is theirs again."""


def sensed_in(event: Heard, text: str) -> Sensed | None:
    """The danger in a caller's words; by their names where their meaning was not looked at."""
    if event.sensed:
        return event.danger
    named = danger_in(text) if text else None
    return None if named is None else Sensed(named)


def alarm(state: State, text: str, danger: Danger) -> Step:
    """Whom to call, before anything else; then an urgent ticket."""
    urgent = replace(state, question=text, which="", advice=Advice(), paused=None, pending=None,
                     danger=danger, was_heard=True)  # fmt: skip
    urgent = in_danger(urgent, text)
    urgent, actions = say(urgent, safety_text(danger), "safety")
    urgent, more = hand_over(urgent, "danger")
    return urgent, actions + more


def check(state: State, text: str, danger: Danger, readings: tuple[tuple[str, float], ...]) -> Step:
    """Ask whether there is danger; what was said waits for the answer."""
    paused = state.advice if state.phase is Phase.STEPS else state.paused
    checking = replace(
        state, phase=Phase.CHECKING, suspected=danger, question=text, readings=readings,
        paused=paused,
    )  # fmt: skip
    return say(checking, prompt(f"check_{danger}"), "clarify")


def is_yes_to_danger(text: str) -> bool:
    """Whether the caller says that there is danger, when asked."""
    return _YES.search(fold(text)) is not None and not says("no", text)


def after_danger(state: State, text: str) -> Step:
    """Nothing is to be tried any more, unless the caller says that there is no danger."""
    if says("false_alarm", text):
        calm = replace(state, danger=None, phase=Phase.LISTENING)
        return say(calm, prompt("no_danger"))
    going = says_only("thanks", text) or _GOING.search(fold(text)) is not None
    if going or state.reminded >= REMINDERS:
        return leave(state, prompt("goodbye_safe"))
    reminded = replace(state, reminded=state.reminded + 1)
    if says_only("yes", text) or says_only("no", text):
        return aside(reminded, prompt("stay_safe"))
    return aside(reminded, f"{prompt('danger_first')} {prompt('stay_safe')}")
