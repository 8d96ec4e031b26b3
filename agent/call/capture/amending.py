"""A value that was read back and of which the caller corrects a part: « non, 34 à la fin ».

Only what can be aligned without doubt is changed; the result is read back again all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.call.capture.nearness import distance
from agent.call.capture.runs import Place

_UNLIKE = 0.75
"""Distance a character from which a part is no correction of another one."""

_MARGIN = 0.5
"""How much nearer the corrected part must be than any other one."""


def amended(value: str, new: str, *, old: str = "", place: Place = "", step: int = 1) -> str | None:
    """A value with a part of it replaced, None where it is not clear which part.

    Args:
        value: What was read back: capitals and figures.
        new: What the caller says instead.
        old: What the caller says is wrong, if they say it.
        place: Where in the value they say it is.
        step: Characters of the groups in which the value was read back.
    """
    if not new or len(new) >= len(value):
        return None
    if old:
        places = list(_found(value, old, 1 if len(old) % step else step))
        if len(places) == 1:
            return value[: places[0]] + new + value[places[0] + len(old) :]
        if places and place != "end":
            return None
        if places:
            return value[: places[-1]] + new + value[places[-1] + len(old) :]
    if place == "end":
        return value[: -len(new)] + new
    if place == "start":
        return new + value[len(new) :]
    if len(new) == 1 and new.isalpha():
        alike = [at for at, char in enumerate(value) if char.isalpha() and _alike(char, new)]
        at = alike[0] if len(alike) == 1 else None
        return None if at is None else value[:at] + new + value[at + 1 :]
    if len(new) < 2 or len(new) % step:
        return None
    return _aligned(value, new, step)


def _alike(one: str, other: str) -> bool:
    return 0 < distance(one, other) < _MARGIN


def _found(value: str, part: str, step: int) -> Iterator[int]:
    last = len(value) - len(part) + 1
    return (at for at in range(0, last, step) if value.startswith(part, at))


def _aligned(value: str, new: str, step: int) -> str | None:
    """The one part of the same make that is nearest to what is said, replaced by it."""
    near = sorted(
        (distance(value[at : at + len(new)], new), at)
        for at in range(0, len(value) - len(new) + 1, step)
        if value[at : at + len(new)].isdigit() == new.isdigit()
    )
    if not near or near[0][0] == 0 or near[0][0] > _UNLIKE * len(new):
        return None
    if len(near) > 1 and near[1][0] - near[0][0] < _MARGIN:
        return None
    at = near[0][1]
    return value[:at] + new + value[at + len(new) :]
