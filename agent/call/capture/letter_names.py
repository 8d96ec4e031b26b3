"""What letters are called and how a recogniser writes their names: « effe », « J'ai », « thé ».

A name of a letter that is a word as well (« elle », « aime », « thé ») is a letter that is not
sure: who reads the signs decides by what stands around it.
"""

from __future__ import annotations

import re

from agent.call.capture.words import Word, plain
from knowledge.letters import LETTER_OF, SURE

_MORE_NAMES = {
    "B": "bée baie bais", "C": "cée sé sais sait ces ses", "D": "dée dais des", "E": "é",
    "G": "gée jé", "I": "ii", "J": "gi jy", "K": "car qua", "L": "ell", "M": "em hem",
    "N": "ène ènne", "P": "pée paix pet paie paye", "Q": "cul qu", "R": "ère aire", "S": "ess ès",
    "T": "tée tais tes", "U": "hue", "V": "vée vais vait", "X": "ix iks hixe hix", "Z": "zed zet",
}  # fmt: skip
_SURE_TOO = frozenset(
    "bée cée sé dée gée jé gi jy ell em ène ènne pée cul ess tée vée ix iks hixe hix zed zet"
    " é".split()
)
_WORDS_TOO = frozenset(
    "a à y de ce le la les ne te se me je un une en et est ou au aux ai as".split()
)
"""Short words that are letters only between letters."""


def _names() -> dict[str, tuple[str, ...]]:
    """Letters that a word may name; without its accents too, where that is no other word."""
    table = {word: options for word, options in LETTER_OF.items() if "'" not in word}
    for letter, words in _MORE_NAMES.items():
        for word in words.split():
            table[word] = (*table.get(word, ()), letter)
    bare = {plain(word): options for word, options in table.items()}
    return {**{word: bare[word] for word in bare if word not in _WORDS_TOO}, **table}


NAMES = _names()
_GREEK = re.compile(r"[hv]?[iy]gr[ea](?:c|g|que|gue)")
"""« i grec » in one word."""

ELIDED = {"jai": "G", "jy": "J", "cest": "C", "tes": "T", "sest": "C"}
"""« j'ai » is how G sounds, « c'est » how C does."""


def letter_named(word: Word) -> tuple[tuple[str, ...], bool] | None:
    """The letters that a word may name and whether it names one for sure, None if it does not."""
    lower = word.raw.lower()
    if len(word.plain) == 1 and word.plain.isalpha():
        return (word.plain.upper(),), word.raw.isupper() or word.plain not in "ay"
    if _GREEK.fullmatch(word.plain):
        return ("Y",), True
    if lower == "doublevé":
        return ("W",), True
    options = NAMES.get(lower)
    if options is None or (word.raw.isupper() and len(lower) == 2):  # « ES 287 » is no S
        return None
    return options, lower in SURE or lower in _SURE_TOO
