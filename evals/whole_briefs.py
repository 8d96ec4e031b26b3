"""Whether a brief holds what its caller told and was told: looked at without asking the dialogue.

What the caller ever said is read off the turns that were heard; what they were given to do, off the
agent's own sentences; what it is about, off the script.
"""

from __future__ import annotations

import re

from agent.call.record import Brief, CallRecord
from agent.handoff.brief import REASONS
from evals.scripts import Script
from knowledge.appliances import appliances_in, is_related
from knowledge.safety import fold
from voices.prompts import prompt

_HINTS = (fold(prompt("step_hint")), fold(prompt("step_hint_short")))
_AGAIN = (fold(prompt("once_more")), fold(prompt("back_to_it")), fold(prompt("slower")))


def lacking(script: Script, record: CallRecord) -> tuple[str, ...]:
    """What the brief of a call should hold and does not, each in a word; () if it is whole.

    Args:
        script: What the caller wanted; `matter`, `earlier`, `also`, `mood` and `last_step` of what
            it expects are checked where they are given.
        record: Of the call, which was handed over.
    """
    assert record.handoff is not None, "only a handoff has a brief"
    brief, wanted = record.handoff.brief, script.expect
    found = []
    if not _names_product(brief, record):
        found.append("product")
    if "matter" in wanted and not re.search(wanted["matter"], _matter(brief)):
        found.append("problem")
    if not _has_steps(brief, record):
        found.append("steps")
    if brief.reason not in REASONS.values():
        found.append("reason")
    before = (*brief.earlier, brief.details.get("also", ""))  # of a ticket that was there already
    if "earlier" in wanted and not _search(wanted["earlier"], *before):
        found.append("earlier")
    if "also" in wanted and not _search(wanted["also"], brief.details.get("also", "")):
        found.append("also")
    if "mood" in wanted and brief.mood != wanted["mood"]:
        found.append("mood")
    if "last_step" in wanted and [s.result for s in brief.steps][-1:] != [wanted["last_step"]]:
        found.append("last step")
    if (brief.danger is not None) != (wanted.get("reason") == "danger"):
        found.append("danger")
    return tuple(found)


def _names_product(brief: Brief, record: CallRecord) -> bool:
    """Whether an appliance that the caller named is there, the one of the problem if it names one;
    so too if they named none."""
    named = {name for turn in record.turns for name in appliances_in(turn.heard)}
    named = set(appliances_in(_matter(brief))) or named
    held = appliances_in(f"{brief.product or ''} {brief.details.get('appliance', '')}")
    return not named or any(is_related(said, one) for said in named for one in held)


def _matter(brief: Brief) -> str:
    """What it is about, as the brief has it: the caller's words, and what they said when asked."""
    return fold(f"{brief.question} {brief.details.get('subject', '')}")


def _has_steps(brief: Brief, record: CallRecord) -> bool:
    """Whether each step that was waited for is there."""
    steps = [fold(step.text) for step in brief.steps]
    for turn in record.turns:
        said = fold(turn.said)
        if not said.endswith(_HINTS) or any(again in said for again in _AGAIN):
            continue
        if not any(step in said for step in steps):
            return False
    return True


def _search(pattern: str, *texts: str) -> bool:
    return any(re.search(pattern, fold(text)) for text in texts)
