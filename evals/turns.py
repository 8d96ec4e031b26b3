"""When the agent takes the floor and when it gives it up: `permanence eval turns`.

Turns cut in the middle against time waited, by the models of a call alone; then calls to a server
in which the caller talks over the agent, or coughs, or says « oui » while it speaks.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence

from agent.audio import Samples
from agent.settings import Settings
from evals.end_of_turn import AS_CALLED, TRIED, play_all
from evals.line import CONDITIONS, Condition
from evals.talking_over import (
    ECHO_DB,
    WORDS,
    attempts,
    attempts_hands_free,
    sounds_over,
    talk_over,
)
from evals.turn_clips import Clip, Plan, on_a_line, parts_spoken, plans
from evals.turn_tables import Findings

CLEAN = "telephone"
LINES = ("telephone kitchen 15 dB", "telephone tv 15 dB", "faint")


def run(
    settings: Settings, *, words: int = 8, murmurs: int = 2, echoes: int = 2, curve: bool = True,
    paced: bool = False,
) -> Findings:  # fmt: skip
    """Measure everything (blocks; some ten minutes on two cores).

    Args:
        settings: Of the installation that is measured; it has the demo client.
        words: How often the agent is talked over with words.
        murmurs: How often it hears each thing that should not stop it.
        echoes: How often it is listened to, and talked over, on a hands-free telephone.
        curve: Try other waits and other lines too.
        paced: Play at the pace of the ear: the same figures, more slowly.

    Raises:
        PermanenceError: A model is missing, or the server cannot be started.
    """
    findings = Findings()
    _tell("the callers speak")
    wanted = plans()
    said = parts_spoken(settings, wanted)
    talkers = [part for parts in said.values() for part in parts]
    takes = sounds_over(settings, talkers)
    clips = _clips(wanted, said, CONDITIONS[CLEAN], talkers)
    for waiting in dict.fromkeys((AS_CALLED, *(TRIED if curve else ()))):
        _tell(f"waiting {waiting}")
        findings.waits[waiting] = asyncio.run(play_all(clips, waiting, paced=paced))
    for name in LINES if curve else ():
        _tell(name)
        noisy = _clips(wanted, said, CONDITIONS[name], talkers)
        findings.lines.setdefault(CLEAN, findings.waits[AS_CALLED])
        findings.lines[name] = asyncio.run(play_all(noisy, paced=paced))
    if words or murmurs:
        _tell("calls")
        found = talk_over(settings, attempts(takes, words, murmurs))
        findings.barges = [one for one in found if one.name == WORDS]
        findings.murmurs = [one for one in found if one.name != WORDS]
    if echoes:
        _tell("hands-free calls")
        findings.hands_free = talk_over(settings, attempts_hands_free(takes, echoes), ECHO_DB)
    return findings


def _clips(
    wanted: Sequence[Plan], said: Mapping[tuple[str, ...], Sequence[Samples]],
    condition: Condition, talkers: Sequence[Samples],
) -> list[Clip]:  # fmt: skip
    return [on_a_line(plan, said[plan.parts], condition, talkers) for plan in wanted]


def _tell(step: str) -> None:
    print(f"  {step}", file=sys.stderr, flush=True)
