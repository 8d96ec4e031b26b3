"""How alike two strings of French phonemes sound: what a telephone blurs costs less. Pure.

Phonemes are those of `knowledge.phonetics.sound_of`. A telephone line and a recogniser take « b »
for « p » and « an » for « on » sooner than « b » for « s »; a weak sound is lost altogether.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

_VOWELS = frozenset("aeiouyøAEO")
_NEAR = ("pb", "td", "kg", "fv", "sz", "SZ", "mn", "aA", "eE", "oO", "ou", "iy", "øe", "øE", "øo")
"""Voiced and unvoiced, oral and nasal, rounded and not."""

_AKIN = ("ptk", "bdg", "fsS", "vzZ", "vb", "lR", "ln", "lj", "dn", "bm", "gR", "ei", "AEO", "øyu",
         "ae", "ao", "aE", "aO", "uw", "ij")  # fmt: skip
"""Sounds made in another place or another way."""

NEAR_COST, AKIN_COST, SAME_SORT_COST, OTHER_COST = 0.35, 0.6, 0.85, 1.0
WEAK = frozenset("øRljw")
WEAK_COST, LOST_COST = 0.6, 1.0

_COSTS = {
    frozenset(pair): cost
    for groups, cost in ((_AKIN, AKIN_COST), (_NEAR, NEAR_COST))
    for group in groups
    for pair in combinations(group, 2)
}


def _instead(one: str, other: str) -> float:
    if one == other:
        return 0.0
    same_sort = (one in _VOWELS) == (other in _VOWELS)
    return _COSTS.get(frozenset((one, other)), SAME_SORT_COST if same_sort else OTHER_COST)


def _lost(phoneme: str) -> float:
    return WEAK_COST if phoneme in WEAK else LOST_COST


def costs(said: str, heard: str, before: Sequence[float]) -> list[float]:
    """What it costs to have heard each beginning of a string for something said.

    Args:
        said: Phonemes.
        heard: Phonemes.
        before: What it costs to have heard each beginning of `heard`, from none to the whole, for
            what was said before; `from_start` where there was nothing.

    Returns:
        As many costs as `before`.
    """
    row = list(before)
    for at, sound in enumerate(heard):
        row[at + 1] = min(row[at + 1], row[at] + _lost(sound))
    for phoneme in said:
        above, row = row, [row[0] + _lost(phoneme)]
        for at, sound in enumerate(heard):
            row.append(
                min(
                    above[at] + _instead(phoneme, sound),
                    above[at + 1] + _lost(phoneme),
                    row[at] + _lost(sound),
                )
            )
    return row


def from_start(heard: str) -> list[float]:
    """The costs before anything was said."""
    return [0.0, *(float("inf") for _ in heard)]


@lru_cache(maxsize=4096)
def likeness(said: str, heard: str) -> float:
    """How alike two strings of phonemes sound, 1 for the same, 0 or less for nothing in common."""
    longest = max(len(said), len(heard))
    if not longest:
        return 0.0
    return 1 - costs(said, heard, from_start(heard))[-1] / longest
