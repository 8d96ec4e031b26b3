"""A client's list of references around those that callers dictate: four in five and look-alikes.

The one in five that is left out has its look-alikes on the list all the same: a caller whose
appliance the client does not know must not be given one that is nearly the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

LISTED = 4
"""References on the list, of each five."""

MADE_UP = 60
"""Look-alikes on the list."""

_ALIKE = ("BDPTVGC", "MN", "FS", "AHK", "JG", "QU", "LR", "IY", "XS", "0123456789")
"""Letters whose names sound alike on the telephone; any figure for another."""


def known_references(said: Sequence[str]) -> tuple[str, ...]:
    """Four in five of what is said, each fifth left out, and look-alikes of all; no one twice."""
    draw = random.Random("look-alikes")
    listed = [value for at, value in enumerate(said) if at % (LISTED + 1) != LISTED]
    made: dict[str, None] = {}
    while len(made) < MADE_UP:
        value = _looks_like(said[len(made) % len(said)], draw)
        if value not in said:
            made[value] = None
    everything = [*listed, *made]
    draw.shuffle(everything)
    return tuple(everything)


def _looks_like(value: str, draw: random.Random) -> str:
    """One or two places changed, now and then the last one dropped: what other models differ in."""
    if draw.random() < 0.2:
        return value[:-1]
    signs = list(value)
    for at in draw.sample(range(len(signs)), draw.choice((1, 1, 2))):
        groups = [group for group in _ALIKE if signs[at] in group]
        others = "".join(groups).replace(signs[at], "") or "X"
        signs[at] = draw.choice(others)
    return "".join(signs)
