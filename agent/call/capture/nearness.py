"""How far apart two references are to the ear and the eye of a telephone line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

_SOUNDS = ("BDPTVGCE", "MN", "FSX", "AHK", "IJ", "GJ", "IY", "KQ", "QU", "LR")
"""Letters whose names differ by one sound, hardly heard below 4 kHz."""

_LOOKS = {frozenset(pair): 0.15 for pair in ("0O", "1I", "1L", "5S", "2Z", "8B", "IL")}
_FIGURES = {
    frozenset(pair): 0.6
    for pair in ("26", "36", "13", "67", "05", "15", "A1", "C6", "D2", "K4", "S7", "V2")
}
"""Figures that are taken for each other, and letters that are taken for figures."""

_SAME_SOUND, _OTHER_FIGURE, _OTHER, _LEFT_OUT = 0.4, 0.9, 1.0, 0.8
_OTHER_KIND = 2 * _LEFT_OUT
_LOST, _INVENTED = 0.6, 1.4


def sound_alike(one: str, other: str) -> bool:
    """Whether the names of two letters differ by one sound."""
    return one != other and any(one in group and other in group for group in _SOUNDS)


@cache
def _swap(one: str, other: str) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    if pair in _LOOKS or pair in _FIGURES:
        return _LOOKS.get(pair) or _FIGURES[pair]
    if sound_alike(one, other):
        return _SAME_SOUND
    if one.isdigit() and other.isdigit():
        return _OTHER_FIGURE
    return _OTHER if one.isdigit() == other.isdigit() else _OTHER_KIND


def distance(one: str, other: str) -> float:
    """Cost of the cheapest edit of one string of capitals and figures into another; 0: the same."""
    return _costs(one, other, _LEFT_OUT, _LEFT_OUT)[-1][-1]


def misheard(heard: str, meant: str) -> float:
    """The same for what was heard of what was meant: more is lost on a telephone than invented."""
    return _costs(heard, meant, _LOST, _INVENTED)[-1][-1]


def aligned(one: str, other: str) -> list[tuple[str, str]]:
    """Both strings place by place, as the cheapest edit has them; "" where one has nothing."""
    rows = _costs(one, other, _LEFT_OUT, _LEFT_OUT)
    pairs: list[tuple[str, str]] = []
    at, to = len(one), len(other)
    while at or to:
        here = rows[at][to]
        if at and to and here == rows[at - 1][to - 1] + _swap(one[at - 1], other[to - 1]):
            at, to = at - 1, to - 1
            pairs.append((one[at], other[to]))
        elif at and here == rows[at - 1][to] + _LEFT_OUT:
            at -= 1
            pairs.append((one[at], ""))
        else:
            to -= 1
            pairs.append(("", other[to]))
    return pairs[::-1]


def _costs(one: str, other: str, more: float, less: float) -> list[list[float]]:
    """Costs of the edits of every beginning of one string into every beginning of the other.

    Args:
        one: What is edited.
        other: What it becomes.
        more: Cost of a character that only the other one has.
        less: Cost of a character that only the first one has.
    """
    row = [at * more for at in range(len(other) + 1)]
    rows = [row]
    for at, char in enumerate(one, 1):
        above, row = row, [at * less]
        for to, wanted in enumerate(other, 1):
            row.append(
                min(
                    above[to - 1] + _swap(char, wanted),
                    above[to] + less,
                    row[to - 1] + more,
                )
            )
        rows.append(row)
    return rows


def allowed(reference: str) -> float:
    """The largest distance at which a reference may still be the one that was meant."""
    return 1.0 if len(reference) <= 6 else 1.5 if len(reference) <= 9 else 2.0


def nearest(heard: Iterable[str], known: Iterable[str]) -> tuple[str, float] | None:
    """The known reference nearest to any of what was heard, and its distance, if one is near."""
    best: tuple[str, float] | None = None
    texts = [(text, Counter(text)) for text in heard]
    for name in known:
        limit, letters = allowed(name), Counter(name)
        for text, counts in texts:
            shared = sum((letters & counts).values())
            if abs(len(text) - len(name)) > 2 or shared * 2 < len(name):
                continue
            far = distance(text, name)
            if far <= limit and (best is None or far < best[1]):
                best = (name, far)
    return best
