"""The figures of handovers: what each run has shown, in tables and as JSON. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

Z_95 = 1.959964

KEPT = "kept or ticketed"
SILENT = "nothing rings on"

GOALS_S = {"requested to ringing": 1.0, "hung up to silent": 1.0}


@dataclass
class Run:
    """One caller who asked for a person.

    Attributes:
        case: What was to come of it.
        by: How they called: media | browser.
        checks: What had to be so, and whether it was.
        times_s: What took how long, seconds.
        numbers: What else was measured.
        fault: What broke the run off, "" if nothing did; each check not made then is a failed one.
        took_s: From the call to the end of what was looked at, seconds.
    """

    case: str
    by: str = "media"
    checks: dict[str, bool] = field(default_factory=dict)
    times_s: dict[str, float] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    fault: str = ""
    took_s: float = 0.0

    def passed(self, wanted: Sequence[str]) -> bool:
        """Whether all of these were so."""
        return not self.fault and all(self.checks.get(name, False) for name in wanted)


@dataclass(frozen=True)
class Share:
    """So many of so many, with a 95 % interval that holds at 0 and at all as well.

    Wilson's score interval (E. B. Wilson, 1927): resampling would give none where all are alike.
    """

    count: int
    of: int

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval."""
        if not self.of:
            return 0.0, 1.0
        share, z2 = self.count / self.of, Z_95**2 / self.of
        middle = (share + z2 / 2) / (1 + z2)
        half = Z_95 / (1 + z2) * math.sqrt(share * (1 - share) / self.of + z2 / (4 * self.of))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.bounds
        return f"{self.count:4d}/{self.of:<4d} [{low:.2f} {high:.2f}]"


def sections(runs: Sequence[Run], wanted: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Heading and text of each table.

    Args:
        runs: What was played.
        wanted: What has to be so in each case, by its name.
    """
    told = []
    for case, names in wanted.items():
        of_case = [run for run in runs if run.case == case]
        if not of_case:
            continue
        lines = [f"{'all of it':42}{Share(sum(r.passed(names) for r in of_case), len(of_case))}"]
        lines += [f"{name:42}{share(of_case, name)}" for name in names]
        took = np.median([run.took_s for run in of_case])
        lines.append(f"{len(of_case)} runs, {_ways(of_case)}; median length {took:.0f} s")
        told.append((case, "\n".join(lines)))
    told.append(("Times", times(runs)))
    faults = [f"{r.case} ({r.by}): {why}" for r in runs if (why := wrong(r, wanted[r.case]))]
    told.append(("What went wrong", "\n".join(faults) or "nothing"))
    return told


def share(runs: Sequence[Run], name: str) -> Share:
    """How often something was so; a run that broke off before it counts as one where it was not."""
    return Share(sum(run.checks.get(name, False) for run in runs), len(runs))


def wrong(run: Run, wanted: Sequence[str]) -> str:
    """What was not as it had to be, "" if all was."""
    missing = [name for name in wanted if not run.checks.get(name, False)]
    if not missing and not run.fault:
        return ""
    measured = ", ".join(f"{name} {value:g}" for name, value in run.numbers.items())
    return "; ".join(filter(None, [run.fault, f"not: {', '.join(missing)}", measured]))


def times(runs: Sequence[Run]) -> str:
    """A line for each thing that was timed."""
    names = dict.fromkeys(name for run in runs for name in run.times_s)
    lines = [f"{'':42}{'p50':>8}{'p95':>8}{'max':>8}{'runs':>6}   (s)"]
    for name in names:
        values = [run.times_s[name] for run in runs if name in run.times_s]
        p50, p95 = np.percentile(values, (50, 95))
        goal = f"   goal: at most {GOALS_S[name]:g}" if name in GOALS_S else ""
        lines.append(f"{name:42}{p50:8.2f}{p95:8.2f}{max(values):8.2f}{len(values):6d}{goal}")
    return "\n".join(lines)


def as_json(runs: Sequence[Run], wanted: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The figures and all runs, as JSON values."""
    cases: dict[str, Any] = {}
    for case, names in wanted.items():
        of_case = [run for run in runs if run.case == case]
        found = {name: share(of_case, name) for name in names}
        found["all of it"] = Share(sum(run.passed(names) for run in of_case), len(of_case))
        cases[case] = {
            name: {"count": one.count, "of": one.of, "bounds": [round(b, 4) for b in one.bounds]}
            for name, one in found.items()
        }
    return {"cases": cases, "runs": [asdict(run) for run in runs]}


def _ways(runs: Sequence[Run]) -> str:
    ways = dict.fromkeys(run.by for run in runs)
    return ", ".join(f"{sum(run.by == way for run in runs)} by {way}" for way in ways)
