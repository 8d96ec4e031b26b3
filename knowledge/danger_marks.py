"""Danger by the letter: which sounds and words stand in what a caller says.

The meaning of a misheard sentence is lost (« la petite la va aller ») while its sounds are still
there, and a phrase's own words tell what its meaning alone leaves open. A linear model over hashed
groups of three to five sounds and of one or two words; it is added to what the networks of
danger_sense.py say of the meaning.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from knowledge.embeddings import Vectors
from knowledge.phonetics import sounds
from knowledge.safety import fold

PLACES = 1 << 16
"""Of the table in which the groups are looked up; two may share one."""

SOUNDS, WORDS = (3, 4, 5), (1, 2)
"""How many of each stand in a group."""

Marks = npt.NDArray[np.int64]


class Weights(NamedTuple):
    """What was learned: float32 [PLACES], and what is there without any mark."""

    places: Vectors
    bias: float


def marks(text: str) -> Marks:
    """The places of a text's groups, each once, rising."""
    said, words = f" {sounds(text)} ", fold(text).split()
    groups = [f"s{said[at : at + size]}" for size in SOUNDS for at in range(len(said) - size + 1)]
    groups += [
        f"w{' '.join(words[at : at + size])}"
        for size in WORDS
        for at in range(len(words) - size + 1)
    ]
    return np.array(sorted({zlib.crc32(group.encode()) % PLACES for group in groups}), np.int64)


def score(weights: Weights, found: Marks) -> float:
    """Log-odds of danger by a text's marks."""
    if not found.size:
        return weights.bias
    return float(weights.places[found].sum()) / float(np.sqrt(found.size)) + weights.bias
