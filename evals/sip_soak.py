"""Call after call for an hour: `permanence eval sip-soak`. Does anything grow?

The server with stand-ins for the recogniser and the voice and the exchange are looked at every
second; the first tenth of the time is held against the last.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil

from agent.settings import Settings
from evals.sip_ground import ALL, GREETING_S, Ground, ground
from evals.sipp import Counts

CALL_S = 25.0
"""Of each call: the greeting, a question, an answer, another question."""

WARM_S = 120.0
"""Left out at the beginning, or a third if that is less: the first calls load what all others use,
and memory is as large as its busiest moment soon after."""

SHARE = 0.1
GROWTH_GOAL = 0.05
STEADY = 3.0
"""Descriptors, tasks or threads more than at the beginning, in the middle of their range."""

LOOK_S = 1.0
FLAT = ("fds", "tasks", "threads", "asterisk fds", "asterisk threads")
MEMORY = ("rss_mb", "asterisk rss_mb")


@dataclass
class Soak:
    """What was seen.

    Attributes:
        minutes: That it lasted.
        counts: Calls, as SIPp tells.
        kept: Calls in the agent's records; `ended` of them have ended, by their caller.
        twice: Calls that stand there more than once.
        samples: Values by what they are of, one a second.
        faults: First lines of what SIPp tells.
    """

    minutes: float
    counts: Counts = field(default_factory=Counts)
    kept: int = 0
    ended: int = 0
    twice: int = 0
    samples: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def first_last(self, name: str) -> tuple[float, float]:
        """The medians of the first and of the last tenth of what was seen."""
        seen = self.samples.get(name, [])
        values = seen[min(int(WARM_S / LOOK_S), len(seen) // 3) :]
        if not values:
            return float("nan"), float("nan")
        part = max(1, int(len(values) * SHARE))
        return float(np.median(values[:part])), float(np.median(values[-part:]))

    def flat(self, name: str) -> bool:
        """Whether something has not grown."""
        first, last = self.first_last(name)
        if name in MEMORY:
            return last <= first * (1 + GROWTH_GOAL)
        return last - first <= max(STEADY, GROWTH_GOAL * first)

    @property
    def once(self) -> bool:
        """Whether each call was answered and is recorded, once."""
        ours = self.counts
        return bool(ours.done) and not self.twice and not ours.failed and (
            ours.created == ours.done == self.kept == self.ended
        )  # fmt: skip

    @property
    def met(self) -> bool:
        """Whether all goals are."""
        return self.once and all(self.flat(name) for name in (*MEMORY, *FLAT))

    def sections(self) -> list[tuple[str, str]]:
        """Headings and texts."""
        told = [
            f"{self.counts.created} calls, {self.counts.failed} failed; {self.kept} recorded, "
            f"{self.ended} of them ended by their caller, {self.twice} more than once",
            f"{'':22}{'first tenth':>14}{'last tenth':>14}{'most':>10}",
        ]
        for name in (*MEMORY, *FLAT):
            first, last = self.first_last(name)
            most = max(self.samples.get(name, [0]))
            told.append(f"{name:22}{first:>14.1f}{last:>14.1f}{most:>10.1f}"
                        f"   {'flat' if self.flat(name) else 'GROWS'}")  # fmt: skip
        return [(f"{self.minutes:g} minutes, goals {'met' if self.met else 'MISSED'}",
                 "\n".join([*told, *self.faults]))]  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The figures, as JSON values."""
        seen = {}
        for name in (*MEMORY, *FLAT):
            first, last = self.first_last(name)
            values = self.samples.get(name, [])
            minutes = [round(float(np.median(values[at : at + 60])), 1)
                       for at in range(0, len(values), 60)]  # fmt: skip
            seen[name] = {"by_minute": minutes, "first": round(first, 1), "last": round(last, 1),
                          "most": round(max(values, default=0.0), 1),
                          "flat": self.flat(name)}  # fmt: skip
        return {"met": self.met, "minutes": self.minutes, "calls": self.counts.created,
                "failed": self.counts.failed, "kept": self.kept, "ended": self.ended,
                "twice": self.twice, "seen": seen, "faults": self.faults}  # fmt: skip


def run(settings: Settings, minutes: float, calls: int) -> Soak:
    """Have call after call placed (blocks; `minutes` and two more).

    Args:
        settings: Whose models are used.
        minutes: During which calls are begun.
        calls: At a time.
    """
    found = Soak(minutes)
    with ground(settings, max_calls=calls + 2, changes={"limits": {"calls": calls + 2}}) as raised:
        limit_s = 60 * minutes + 2 * CALL_S + 60
        with raised.callers(calls, CALL_S + GREETING_S, each=ALL, limit_s=limit_s) as callers:
            exchange, until = _Exchange(raised), time.monotonic() + 60 * minutes
            while time.monotonic() < until:
                time.sleep(LOOK_S)
                exchange.look()
            callers.begin_no_more()
            found.counts = callers.wait(CALL_S + GREETING_S + 30)
            found.faults = callers.faults()
        time.sleep(3.0)  # for the last records
        lines = [json.loads(line) for line in raised.figures.read_text().splitlines()]
        mine = [one for one in lines if exchange.began <= one["at"] <= exchange.ended]
        found.samples = {name: [float(one[name]) for one in mine]
                         for name in ("rss_mb", "fds", "tasks", "threads")}  # fmt: skip
        found.samples |= exchange.samples
        records = raised.records()
        found.kept = len(records)
        found.ended = sum(record.ended_by == "caller" for record in records)
        found.twice = _more_than_once([record.call_id for record in records])
    return found


class _Exchange:
    """Looks at Asterisk's own process."""

    def __init__(self, raised: Ground) -> None:
        self._process: psutil.Process = raised.asterisk
        self.began = self.ended = time.time()
        self.samples: dict[str, list[float]] = {}

    def look(self) -> None:
        """Add what it takes now."""
        with self._process.oneshot():
            seen = {
                "asterisk rss_mb": self._process.memory_info().rss / 1e6,
                "asterisk fds": self._process.num_fds(),
                "asterisk threads": self._process.num_threads(),
            }
        for name, value in seen.items():
            self.samples.setdefault(name, []).append(float(value))
        self.ended = time.time()


def _more_than_once(call_ids: Sequence[str]) -> int:
    return sum(count > 1 for count in Counter(call_ids).values())
