"""Many telephone calls at once through a real exchange: `permanence eval sip-load`.

With stand-ins for the recogniser and the voice: whether all calls hold, and how evenly their sound
arrives. With the real models: how many callers may talk at once before they wait too long, and
whether one more disturbs them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import psutil

from agent.call.record import CallRecord
from agent.settings import Settings
from evals.rtp_watch import WatchedCall, watching
from evals.sip_ground import GREETING_S, Ground, ground, milliseconds
from evals.sipp import Counts

GAP_GOAL_MS = 60.0
VOICE_GOAL_S = 2.5
STEPS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24)
"""Callers who talk at once, one level after the other."""

TURN_S = 13.0
"""From one question of a caller to the next."""

LEVEL_S = (60.0, 300.0)
"""Shortest and longest that a level is measured."""

EXTRA = "063999000"
EXTRA_S = 12.0
FALLBACK_LIMIT_S = 3.0
"""By when a caller for whom there is no place hears the exchange's own words."""


@dataclass
class Level:
    """So many calls, and how they went.

    Attributes:
        calls: That were begun, all of them at once.
        counts: What SIPp says of them.
        answer_ms: From each INVITE to its 200.
        first_ms: From each 200 to the first voiced frame.
        gaps_ms: Between frames at the callers, of all calls.
        short: Share of the frames of 20 ms that did not come.
        voice_ms: Of the turns of the agent's own records, from the caller's last word to sound.
        cpu: Share of all cores that was in use.
        kept: Calls in the agent's records.
        faults: First lines of what SIPp tells.
    """

    calls: int
    counts: Counts = field(default_factory=Counts)
    answer_ms: list[float] = field(default_factory=list)
    first_ms: list[float] = field(default_factory=list)
    gaps_ms: list[float] = field(default_factory=list)
    short: float = 0.0
    voice_ms: list[float] = field(default_factory=list)
    cpu: float = 0.0
    kept: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every call was answered, held and was kept."""
        return self.counts.done == self.calls == self.kept and not self.counts.failed

    @property
    def even(self) -> bool:
        """Whether sound arrives evenly enough."""
        return bool(self.gaps_ms) and float(np.percentile(self.gaps_ms, 99)) <= GAP_GOAL_MS

    @property
    def prompt(self) -> bool:
        """Whether callers do not wait too long."""
        return bool(self.voice_ms) and _p95(self.voice_ms) <= 1000 * VOICE_GOAL_S

    def lines(self) -> list[str]:
        """As text."""
        told = [
            f"{self.counts.done} of {self.calls} calls held, {self.counts.failed} failed, "
            f"{self.kept} kept; {self.cpu:.0%} of all cores in use",
            f"{'(ms)':30}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}{'count':>9}",
        ]
        for name, values, goal in (
            ("INVITE to 200", self.answer_ms, ""),
            ("200 to the first voice", self.first_ms, ""),
            ("gaps between frames", self.gaps_ms, f"   goal: p99 at most {GAP_GOAL_MS:g}"),
            ("voice to voice", self.voice_ms, ""),
        ):
            found = milliseconds(values)
            if found["count"]:
                row = "".join(f"{found[key]:>9.0f}" for key in ("p50", "p95", "p99", "max"))
                told.append(f"{name:30}{row}{found['count']:>9.0f}{goal}")
        told.append(f"frames that did not come: {self.short:.2%}")
        return [*told, *self.faults]

    def as_json(self) -> dict[str, Any]:
        """The figures, as JSON values."""
        return {
            "calls": self.calls, "done": self.counts.done, "failed": self.counts.failed,
            "kept": self.kept, "whole": self.whole, "even": self.even,
            "answer_ms": milliseconds(self.answer_ms), "first_ms": milliseconds(self.first_ms),
            "gaps_ms": milliseconds(self.gaps_ms), "short": round(self.short, 5),
            "voice_ms": milliseconds(self.voice_ms), "cpu": round(self.cpu, 3),
            "faults": self.faults,
        }  # fmt: skip


@dataclass
class Beyond:
    """One call beyond the limit.

    Attributes:
        limit: Calls that are admitted, all of them talking.
        before_ms, after_ms: Voice to voice of those, before and after the one that is too many.
        answered_s: From its INVITE to its 200; None: it was not answered.
        fallback_s: From its INVITE to the exchange's own voice.
        admitted: Whether the agent took it, which it must not.
        failed: Calls of the others that did not hold.
    """

    limit: int
    before_ms: list[float] = field(default_factory=list)
    after_ms: list[float] = field(default_factory=list)
    answered_s: float | None = None
    fallback_s: float | None = None
    admitted: bool = False
    failed: int = 0

    @property
    def met(self) -> bool:
        """Whether it was refused to the fallback at once, and the others still hold."""
        at_once = self.fallback_s is not None and self.fallback_s <= FALLBACK_LIMIT_S
        held = bool(self.after_ms) and _p95(self.after_ms) <= 1000 * VOICE_GOAL_S
        return at_once and held and not self.admitted and not self.failed

    def lines(self) -> list[str]:
        """As text."""
        return [
            f"limit {self.limit}; one more: {'ADMITTED' if self.admitted else 'refused'}, "
            f"answered by the exchange after {_seconds(self.answered_s)}, its words after "
            f"{_seconds(self.fallback_s)} (goal: {FALLBACK_LIMIT_S:g} s)",
            f"the others: voice to voice p95 {_p95(self.before_ms):.0f} ms before, "
            f"{_p95(self.after_ms):.0f} ms after; {self.failed} failed",
            f"goals {'met' if self.met else 'MISSED'}",
        ]

    def as_json(self) -> dict[str, Any]:
        """The figures, as JSON values."""
        return {
            "limit": self.limit, "met": self.met, "admitted": self.admitted,
            "answered_s": self.answered_s, "fallback_s": self.fallback_s,
            "before_ms": milliseconds(self.before_ms), "after_ms": milliseconds(self.after_ms),
            "failed": self.failed,
        }  # fmt: skip


def run_light(settings: Settings, calls: int, seconds: float) -> Level:
    """Calls with the stand-ins (blocks; `seconds` and a minute and a half)."""
    with ground(settings, max_calls=calls + 2, changes={"limits": {"calls": calls}}) as raised:
        return _level(raised, calls, seconds)


def run_real(settings: Settings, turns: int, most: int = STEPS[-1]) -> Iterator[Level]:
    """Calls with the real models, one level after the other, the last one beyond the goal.

    Args:
        settings: Whose models are used.
        turns: Of all callers of a level together, if that does not take too long.
        most: Callers at once, at most.
    """
    steps = [step for step in STEPS if step <= most]
    with ground(settings, max_calls=steps[-1] + 2, light=False, start=False,
                changes={"limits": {"calls": steps[-1] + 2}}) as raised:  # fmt: skip
        for calls in steps:
            raised.agent.start()  # anew: what one level leaves behind is not the next one's
            try:
                level = _level(raised, calls, level_s(turns, calls))
            finally:
                raised.agent.stop()
            yield level
            if not (level.whole and level.prompt):
                return


def run_beyond(settings: Settings, limit: int, turns: int) -> Beyond:
    """One call beyond the limit, while all that are admitted talk (blocks; twice a level)."""
    half_s = level_s(turns, limit)
    found = Beyond(limit)
    with (
        ground(settings, max_calls=limit, light=False,
               changes={"limits": {"calls": limit + 4}}) as raised,
        watching(raised.stage.sip_port, raised.stage.values.network.rtp) as watch,
    ):  # fmt: skip
        lasts_s = 2 * half_s + EXTRA_S
        with raised.callers(limit, lasts_s) as callers:
            time.sleep(GREETING_S + half_s)
            rung_at = time.time()
            with raised.extra(EXTRA, EXTRA_S) as extra:
                extra.wait(EXTRA_S + 20)
            counts = callers.wait(lasts_s + 60)
        found.failed = limit - counts.done
        one = next(call for call in watch.calls() if call.caller.startswith(EXTRA))
        found.answered_s, voice_s = one.answer_s, one.voice_s()
        if one.answer_s is not None and voice_s is not None:
            found.fallback_s = one.answer_s + voice_s
        for record in raised.records():
            if (record.caller_number or "").startswith(EXTRA):
                found.admitted = True
            found.before_ms += _voices(record, 0.0, rung_at)
            found.after_ms += _voices(record, rung_at)
    return found


def level_s(turns: int, calls: int) -> float:
    """How long a level lasts, seconds."""
    return float(np.clip(turns * TURN_S / calls, *LEVEL_S))


def sections(
    light: Level | None, real: Sequence[Level], beyond: Beyond | None
) -> list[tuple[str, str]]:
    """Headings and texts."""
    told = []
    if light is not None:
        goals = "met" if light.whole and light.even else "MISSED"
        told.append((f"{light.calls} calls with stand-ins, goals {goals}",
                     "\n".join(light.lines())))  # fmt: skip
    for level in real:
        told.append((f"{level.calls} talking calls with the real models, "
                     f"{'they hold' if level.whole and level.prompt else 'too many'}",
                     "\n".join(level.lines())))  # fmt: skip
    if real:
        heading = f"Most talking calls that hold (voice to voice p95 at most {VOICE_GOAL_S:g} s)"
        told.append((heading, str(highest(real))))
    if beyond is not None:
        told.append(("One call beyond the limit", "\n".join(beyond.lines())))
    return told


def highest(levels: Sequence[Level]) -> int:
    """The highest number of calls that holds; 0: none."""
    return max((one.calls for one in levels if one.whole and one.prompt), default=0)


def _level(raised: Ground, calls: int, seconds: float) -> Level:
    level, since = Level(calls), time.time()
    with watching(raised.stage.sip_port, raised.stage.values.network.rtp) as watch:
        with _cpu(level), raised.callers(calls, seconds) as callers:
            level.counts = callers.wait(seconds + 60)
            level.faults = callers.faults()
        time.sleep(2.0)  # for the last records
        seen = watch.calls()
    frames = expected = 0.0
    for call in seen:
        _take(level, call)
        if call.answered_at is not None:
            frames += len(call.frames)
            expected += 50 * ((call.ended_at or time.time()) - call.answered_at)
    level.short = max(0.0, 1 - frames / expected) if expected else 1.0
    for record in raised.records():
        if record.started_at.timestamp() >= since - 1 and record.ended_at is not None:
            level.kept += 1
            level.voice_ms += _voices(record)
    return level


def _take(level: Level, call: WatchedCall) -> None:
    if call.answer_s is not None:
        level.answer_ms.append(1000 * call.answer_s)
    voice_s = call.voice_s()
    if voice_s is not None:
        level.first_ms.append(1000 * voice_s)
    level.gaps_ms += call.gaps_ms()


@contextmanager
def _cpu(level: Level) -> Iterator[None]:
    psutil.cpu_percent()
    yield
    level.cpu = psutil.cpu_percent() / 100


def _voices(record: CallRecord, since: float = 0.0, until: float = float("inf")) -> list[float]:
    """Voice to voice of a call's turns that began in a while, ms."""
    start = record.started_at.timestamp()
    return [
        turn.timings_ms.voice_to_voice
        for turn in record.turns
        if turn.timings_ms.voice_to_voice is not None
        and since <= start + (turn.at_s or 0.0) < until
    ]


def _p95(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95)) if values else float("nan")


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"
