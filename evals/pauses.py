"""How often the agent speaks into a caller's pause: `permanence eval calls --pauses`.

Callers stop in the middle of a sentence or of a telephone number, for so long, and go on whatever
they hear. End of turn, recogniser, dialogue and voice are those of a call; a turn that was held to
be over does no harm while nothing is heard of the reply, so what counts is the agent's voice on the
recording before the caller's last word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.audio import TELEPHONE_RATE_HZ, Samples, voiced_windows
from agent.demo import CALLER, CLIENT
from agent.settings import Settings
from agent.telephony.recorded_caller import HeardCall, RecordedCaller
from agent.web.server import running_server
from evals.arrived import rate_of
from evals.line import CONDITIONS
from evals.spoken_clips import spoken
from evals.turn_clips import LEAD_S, Clip, Plan, on_a_line, parts_spoken, plans

PAUSES_S = (0.6, 0.9, 1.2)
TURNS_A_CALL = 4
ASKS_FOR_SOMEBODY = "Je voudrais parler à un conseiller, s'il vous plaît."
"""Then the agent asks for the caller's number, which is dictated with pauses."""

AFTER_S = 0.1
"""Of the clip's silence after the last word."""

WINDOW = TELEPHONE_RATE_HZ // 100


@dataclass
class Findings:
    """The clips, and whether the agent spoke before the last word of each."""

    heard: list[tuple[Plan, bool]] = field(default_factory=list)

    def sections(self) -> list[tuple[str, str]]:
        """Heading and text."""
        told = [f"{'kind':12} {'pause s':>7} {'clips':>5}  talked over"]
        for kind, pause_s in dict.fromkeys((plan.kind, plan.pause_s) for plan, _ in self.heard):
            over = [o for plan, o in self.heard if (plan.kind, plan.pause_s) == (kind, pause_s)]
            told.append(f"{kind:12} {pause_s:7.1f} {len(over):5d}  {rate_of(over)}")
        told.append(
            f"{'all':12} {'':7} {len(self.heard):5d}  {rate_of([o for _, o in self.heard])}"
        )
        return [("The agent speaks into a pause", "\n".join(told))]


def run(settings: Settings, most: int) -> Findings:
    """Call with at most so many clips, drawn evenly (blocks; some fifteen seconds a clip)."""
    wanted = [plan for plan in plans(PAUSES_S) if plan.kind in ("clauses", "hesitation", "number")]
    wanted = wanted[:: -(-len(wanted) // most)]
    said = parts_spoken(settings, wanted)
    clips = [on_a_line(plan, said[plan.parts], CONDITIONS["telephone"]) for plan in wanted]
    asks = spoken(settings, [ASKS_FOR_SOMEBODY])[ASKS_FOR_SOMEBODY]
    told = [clip for clip in clips if clip.plan.kind != "number"]
    dictated = [clip for clip in clips if clip.plan.kind == "number"]
    found = Findings()
    with running_server(settings.model_copy(update={"port": 0})) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/media"
        for at in range(0, len(told), TURNS_A_CALL):
            some = told[at : at + TURNS_A_CALL]
            add(found, some, _call(address, [_spoken(clip) for clip in some], CALLER))
        for clip in dictated:
            add(found, [clip], _call(address, [asks, _spoken(clip)], None), first=1)
    return found


def add(found: Findings, clips: Sequence[Clip], call: HeardCall, first: int = 0) -> None:
    """Read off a call whether the agent spoke within its clips, the first of them at a place."""
    agent = voiced_windows(call.agent, TELEPHONE_RATE_HZ) * WINDOW
    for clip, (start, _) in zip(clips, call.spans[first:], strict=False):
        begins, ends = (start + int(at * TELEPHONE_RATE_HZ) for at in (LEAD_S, clip.ends_s))
        found.heard.append((clip.plan, bool(((agent > begins) & (agent < ends)).any())))


def _spoken(clip: Clip) -> Samples:
    return clip.samples[: int((clip.ends_s + AFTER_S) * TELEPHONE_RATE_HZ)]


def _call(address: str, turns: Sequence[Samples], number: str | None) -> HeardCall:
    return asyncio.run(RecordedCaller(address, CLIENT, turns, caller=number).run())
