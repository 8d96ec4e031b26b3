"""Another language by its sound: « mi lavadora » is written « mille avadora » by a French ear.

What callers say first in a few languages, as phonemes of `knowledge.phonetics`, is looked for
anywhere in the sounds of a turn. Pure.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from knowledge.alike import costs
from knowledge.phonetics import sounds

Language = Literal["en", "es", "de", "it", "pt", "ar"]

SURE = 0.82
"""Likeness from which one phrase tells the language."""

LIKELY = 0.7
"""The same where there are two."""

FEWEST_WORDS = 3
"""Words of a turn that is long enough to tell."""

SHARED = 3
"""Pieces of three phonemes that a phrase and a turn must share to be compared at all."""

_PHRASES: dict[Language, tuple[str, ...]] = {
    "en": (
        "dujuspikiNgliS",
        "dozenioneispikiNgliS",
        "majwaSiNmaSin",
        "majdiSwoSe",
        "izEtwoRkiN",
        "ajdontspikfRenS",
    ),
    "es": (
        "ablaespanol",
        "ablausteespanol",
        "milavadoRa",
        "milavavaxijas",
        "noablofRanses",
        "olabwenosdias",
        "algjenkeableespanol",
    ),
    "de": ("SpReSenzidojtS", "majnevaSmaSine", "funksjonirtniSt"),
    "it": ("paRlaitaljano", "lamjalavatRitSe", "nonfuntsjona", "nonpaRlofRantSeze"),
    "pt": ("algenkefalapoRtuges", "aminamakinadølavaR", "naofunsjona", "naofalofRanses"),
    "ar": ("salamalejkum", "matekdemS", "manadeRSelfRansja"),
}
"""Longer than what French holds by chance: « de lavar » is in « de la vapeur »."""


def language_heard(text: str) -> Language | None:
    """The language in whose phrases a turn sounds, None if it is French or not clear."""
    if len(text.split()) < FEWEST_WORDS:
        return None
    heard = sounds(text)
    pieces = _pieces(heard)
    for language, phrases in _PHRASES.items():
        near = [
            _within(phrase, heard) for phrase in phrases if len(_pieces(phrase) & pieces) >= SHARED
        ]
        if any(one >= SURE for one in near) or sum(one >= LIKELY for one in near) > 1:
            return language
    return None


@lru_cache(maxsize=256)
def _pieces(sound: str) -> frozenset[str]:
    return frozenset(sound[at : at + 3] for at in range(len(sound) - 2))


def _within(phrase: str, heard: str) -> float:
    """How alike a phrase is to the nearest part of what was heard."""
    return 1 - min(costs(phrase, heard, [0.0] * (len(heard) + 1))) / len(phrase)
