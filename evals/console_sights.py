"""How soon what changes in the server is seen in consoles. Pure: two lists of sights are compared.

A sight is when something had a value: of a call what its agent is doing, or how many lines its
conversation has. A change counts as seen once the page shows it or what came after it: what lasts
for less than the page's refresh is passed over, and nobody misses it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

GOAL_S = 1.0
LAG_GOAL_S = 0.02


@dataclass(frozen=True)
class Sight:
    """Something has had a value since a time.

    Attributes:
        at: Seconds since the epoch.
        what: Of which call, and what of it.
        value: What it was.
    """

    at: float
    what: Hashable
    value: str


@dataclass(frozen=True)
class Seen:
    """What came of the changes.

    Attributes:
        after_s: Of each that was seen, how long after it.
        passed_over: Those after which another came before the page showed anything.
        missed: Those that were not seen though they lasted.
    """

    after_s: tuple[float, ...]
    passed_over: int
    missed: int


def seen(changes: Sequence[Sight], sights: Sequence[Sight], until: float) -> Seen:
    """Compare what changed with what a page has shown.

    Args:
        changes: In the server, in the order of their times.
        sights: In the page, in the order of their times.
        until: When it was looked at last; what changed shortly before cannot have been missed.
    """
    after_s: list[float] = []
    passed_over = missed = 0
    for index, change in enumerate(changes):
        later = [one for one in changes[index:] if one.what == change.what]
        found = next(
            (
                sight.at for sight in sights
                if sight.what == change.what and sight.at >= change.at
                and any(one.value == sight.value and one.at <= sight.at for one in later)
            ),
            None,
        )  # fmt: skip
        lasted_to = later[1].at if len(later) > 1 else until
        shown = [s.value for s in sights if s.what == change.what and s.at < change.at]
        if shown and shown[-1] == change.value:
            passed_over += 1  # it was something else for a moment, and is again what is shown
        elif found is not None and (len(later) == 1 or found - change.at <= GOAL_S
                                  or lasted_to - change.at > GOAL_S):  # fmt: skip
            after_s.append(found - change.at)
        elif lasted_to - change.at <= GOAL_S:
            passed_over += 1
        else:
            missed += 1
    return Seen(tuple(after_s), passed_over, missed)


def together(parts: Sequence[Seen]) -> Seen:
    """Of several pages."""
    return Seen(
        tuple(one for part in parts for one in part.after_s),
        sum(part.passed_over for part in parts),
        sum(part.missed for part in parts),
    )


def line(name: str, values_s: Sequence[float], shares: Sequence[float], goal: str = "") -> str:
    """A row of a table: some percentiles in ms, and the largest."""
    if not len(values_s):
        return f"{name:34}{'none':>9}"
    found = np.percentile(values_s, shares) * 1000
    cells = "".join(f"{value:9.1f}" for value in (*found, max(values_s) * 1000))
    return f"{name:34}{cells}{len(values_s):9d}{goal}"
