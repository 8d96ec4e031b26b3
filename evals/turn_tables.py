"""What `permanence eval turns` found, as tables and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from evals import plots
from evals.arrived import rate_of
from evals.barging import Outcome
from evals.end_of_turn import AS_CALLED, AT_ONCE_S, REPLY_S, Heard, Waiting
from evals.talking_over import ECHO_DB, LISTENING, MURMURS, NOISES

THRESHOLDS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97)
"""Of Smart Turn's probability; it decides at 0.5."""

SOON_MS = 300.0
"""By when the agent must be silent once it is talked over."""


@dataclass
class Findings:
    """Everything that was played.

    Attributes:
        waits: The clips by waiting, on a clean telephone line.
        lines: The clips by condition, waiting as calls do.
        barges: What came of words said over the agent.
        murmurs: What came of sounds that should not stop it.
        hands_free: What came of listening and of words where its voice comes back.
    """

    waits: dict[Waiting, list[Heard]] = field(default_factory=dict)
    lines: dict[str, list[Heard]] = field(default_factory=dict)
    barges: list[Outcome] = field(default_factory=list)
    murmurs: list[Outcome] = field(default_factory=list)
    hands_free: list[Outcome] = field(default_factory=list)

    def sections(self) -> list[tuple[str, str]]:
        """Heading and text of each table."""
        told: list[tuple[str, list[str]]] = []
        if AS_CALLED in self.waits:
            told.append((f"Cut in the middle, waiting {AS_CALLED}", kinds(self.waits[AS_CALLED])))
            told.append(("Smart Turn's probability", thresholds(self.waits[AS_CALLED])))
        if len(self.waits) > 1:
            by_name = {str(wanted): heard for wanted, heard in self.waits.items()}
            told.append(("Waiting: a pause / an unfinished turn", groups(by_name)))
        if self.lines:
            told.append(("Lines", groups(self.lines)))
        if self.barges:
            told.append(("Talking over the agent", stops(self.barges)))
        if self.murmurs:
            told.append(("False interruptions", false_stops(self.murmurs)))
        if self.hands_free:
            told.append(("Hands-free: its own voice comes back", hands_free(self.hands_free)))
        return [(heading, "\n".join(text)) for heading, text in told]

    def drawings(self) -> list[tuple[str, str]]:
        """Caption and SVG of each plot."""
        drawn = []
        if len(self.waits) > 1:
            svg = plots.points(
                _curves(self.waits), "mean wait after a complete utterance, s", "share of turns"
            )
            drawn.append(("Cut turns against waiting; beside each point pause / unfinished", svg))
        stopped = [one.stopped_ms for one in self.barges if one.stopped_ms is not None]
        if stopped:
            svg = plots.histogram(stopped, "from the caller's first to the agent's last, ms", 300)
            drawn.append(("Silent after being talked over", svg))
        return drawn


def kinds(heard: Sequence[Heard]) -> list[str]:
    """A line for each kind of utterance and pause, then the complete ones' waits."""
    told = [f"{'kind':12} {'pause s':>7} {'clips':>5} {'cut':>18} {'talked over':>18} "
            f"{'turn never begun':>17}"]  # fmt: skip
    seen = dict.fromkeys((h.clip.plan.kind, h.clip.plan.pause_s) for h in heard)
    for kind, pause_s in seen:
        if kind != "complete":
            some = [h for h in heard if (h.clip.plan.kind, h.clip.plan.pause_s) == (kind, pause_s)]
            told.append(f"{kind:12} {pause_s:7.1f} {_cuts(some)} {_unheard(some):17d}")
    paused = [h for h in heard if h.clip.plan.kind != "complete"]
    whole = [h for h in heard if h.clip.plan.kind == "complete"]
    thinking_ms = [ms for h in whole for ms in h.thinking_ms if ms]
    told.append(f"{'all':12} {'':7} {_cuts(paused)} {_unheard(paused):17d}")
    told.append(f"{'complete':12} {'':7} {_cuts(whole)} {_unheard(whole):17d}")
    told.append(
        f"talked over: the caller goes on more than {REPLY_S:g} s after the cut, {AT_ONCE_S:g} s "
        "where silence made it"
    )
    told.append(f"wait after a complete utterance: {_waits(whole)}")
    if thinking_ms:
        told.append(
            f"of which Smart Turn thinks, where it decides ({len(thinking_ms)}): median "
            f"{np.median(thinking_ms):.0f} ms"
        )
    return told


def groups(found: Mapping[str, Sequence[Heard]]) -> list[str]:
    """A line for each group: cut turns among those with pauses, waits of the complete ones."""
    told = [f"{'':26} {'clips':>5} {'cut':>18} {'talked over':>18}  after complete ones"]
    for name, heard in found.items():
        paused = [h for h in heard if h.clip.plan.kind != "complete"]
        whole = [h for h in heard if h.clip.plan.kind == "complete"]
        told.append(f"{name:26} {_cuts(paused)}  {_waits(whole)}")
    return told


def thresholds(heard: Sequence[Heard]) -> list[str]:
    """What would be held for the end of a turn if Smart Turn had to be surer."""
    inside = [p for h in heard for at_s, p in h.judged if at_s < h.clip.ends_s]
    after = [p for h in heard for at_s, p in h.judged if at_s >= h.clip.ends_s]
    told = [f"{'from':>5} {'pauses held for an end':>24} {'ends held for an end':>24}"]
    for least in THRESHOLDS:
        wrong, right = (rate_of([p > least for p in judged]) for judged in (inside, after))
        told.append(f"{least:5.2f} {wrong!s:>24} {right!s:>24}")
    told.append(f"{len(inside)} judgements in pauses, {len(after)} after the last word")
    return told


def stops(found: Sequence[Outcome]) -> list[str]:
    """How soon the agent was silent once it was talked over."""
    stopped_ms = [one.stopped_ms for one in found if one.stopped_ms is not None]
    told = [
        f"talked over {len(found)} times; told to stop {sum(o.cleared is not None for o in found)}"
    ]
    if stopped_ms:
        soon = rate_of([ms <= SOON_MS for ms in stopped_ms])
        told += [
            f"from the caller's first voiced sample to the agent's last one ({len(stopped_ms)}, "
            "without those where it was between two sentences):",
            f"  median {np.median(stopped_ms):.0f} ms, longest {max(stopped_ms):.0f} ms; "
            f"within {SOON_MS:.0f} ms {soon}",
        ]
    stale_ms = [one.stale_ms for one in found]
    told.append(
        f"voice that still arrived afterwards: {sum(ms > 0 for ms in stale_ms)} of {len(found)} "
        f"times, longest {max(stale_ms):.0f} ms"
    )
    return told


def false_stops(found: Sequence[Outcome]) -> list[str]:
    """What each sound that is no interruption did to the agent's voice."""
    told = [f"{'over the agent':15} {'times':>5} {'agent stopped':>18} {'then went on':>13} "
            f"{'silent s':>8}  heard: before → after"]  # fmt: skip
    for name in (*MURMURS, *NOISES):
        some = [one for one in found if one.name == name]
        if not some:
            continue
        stopped = [one for one in some if one.cleared is not None]
        silent_s = [one.silent_s for one in stopped if one.silent_s is not None]
        silent = f"{np.median(silent_s):.1f}" if silent_s else "–"
        rate = rate_of([one.cleared is not None for one in some])
        went_on = f"{sum(one.taken_up for one in stopped)} of {len(stopped)}"
        words = dict.fromkeys(
            f"« {one.heard} »: « {one.last_said[:30]} » → « {one.next_said[:40]} »"
            for one in stopped
            if one.next_said
        )
        told.append(
            f"{name:15} {len(some):5d} {rate!s:>18} {went_on:>13} {silent:>8}  " + "; ".join(words)
        )
    told.append(
        "went on: with the sentence cut short, or the one in front of it; silent: the median"
    )
    return told


def hands_free(found: Sequence[Outcome]) -> list[str]:
    """Whether the agent interrupts itself, and is interrupted all the same."""
    listened = [one for one in found if one.name == LISTENING]
    over = [one for one in found if one.name != LISTENING]
    itself = rate_of([one.cleared is not None for one in listened])
    return [
        f"the voice comes back {-ECHO_DB:.0f} dB lower; nobody speaks: {len(listened)} times, "
        f"interrupted by itself {itself}",
        *(stops(over) if over else ()),
    ]


def _cuts(heard: Sequence[Heard]) -> str:
    cut = rate_of([h.was_cut for h in heard])
    over = rate_of([h.talked_over for h in heard])
    return f"{len(heard):5d} {cut!s:>18} {over!s:>18}"


def _unheard(heard: Sequence[Heard]) -> int:
    return sum(not h.begun_s for h in heard)


def _waits(heard: Sequence[Heard]) -> str:
    waits = [h.waited_s for h in heard if h.waited_s is not None]
    if not waits:
        return "no turn ended"
    never = len(heard) - len(waits)
    return (
        f"median {np.median(waits):.2f} s, 95 % {np.percentile(waits, 95):.2f} s, longest "
        f"{max(waits):.2f} s" + (f", {never} of {len(heard)} never ended" if never else "")
    )


def _curves(
    waits: Mapping[Waiting, Sequence[Heard]],
) -> dict[str, list[tuple[float, float, str]]]:
    cut: list[tuple[float, float, str]] = []
    over: list[tuple[float, float, str]] = []
    for wanted, heard in waits.items():
        ended_s = [h.waited_s for h in heard if h.clip.plan.kind == "complete"]
        known_s = [wait for wait in ended_s if wait is not None]
        paused = [h for h in heard if h.clip.plan.kind != "complete"]
        if known_s and paused:
            wait_s = float(np.mean(known_s))
            cut.append((wait_s, float(np.mean([h.was_cut for h in paused])), str(wanted)))
            over.append((wait_s, float(np.mean([h.talked_over for h in paused])), ""))
    return {"cut in the middle": sorted(cut), "talked over": sorted(over)}
