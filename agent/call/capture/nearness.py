"""How far apart two references are to the ear and the eye of a telephone line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_SOUNDS = ("BDPTVGCE", "MN", "FSX", "AHK", "IJ", "QU", "LR")
"""Letters whose names differ by one sound, hardly heard below 4 kHz."""

_LOOKS = {frozenset(pair): 0.15 for pair in ("0O", "1I", "1L", "5S", "2Z", "8B", "IL")}
_FIGURES = {frozenset(pair): 0.6 for pair in ("26", "36", "13", "67", "05", "15")}
_SAME_SOUND, _OTHER_FIGURE, _OTHER, _LEFT_OUT = 0.4, 0.9, 1.0, 0.8


def _swap(one: str, other: str) -> float:
    if one == other:
        return 0.0
    pair = frozenset((one, other))
    if pair in _LOOKS:
        return _LOOKS[pair]
    if any(one in group and other in group for group in _SOUNDS):
        return _SAME_SOUND
    if one.isdigit() and other.isdigit():
        return _FIGURES.get(pair, _OTHER_FIGURE)
    return _OTHER


def distance(one: str, other: str) -> float:
    """Cost of the cheapest edit of one string of capitals and figures into another; 0: the same."""
    row = [at * _LEFT_OUT for at in range(len(other) + 1)]
    for at, char in enumerate(one, 1):
        above, row = row, [at * _LEFT_OUT]
        for to, wanted in enumerate(other, 1):
            row.append(
                min(
                    above[to - 1] + _swap(char, wanted),
                    above[to] + _LEFT_OUT,
                    row[to - 1] + _LEFT_OUT,
                )
            )
    return row[-1]


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
