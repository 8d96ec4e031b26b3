"""« L comme Louis », « J'ai comme Gaston », « À commande Aton »: the letter that an example names.

A recogniser writes the example well more often than the letter before it, so its first letter
counts; the letter itself only where the example may be written as it sounds: « K comme Clébé ».
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.call.capture.letter_names import ELIDED, letter_named
from agent.call.capture.nearness import sound_alike
from agent.call.capture.words import Word

_NO_EXAMPLE = frozenset("ca cela quoi comme une les dans avec tout vous moi celui celle".split())
_TWO_WORDS = frozenset("estce ygrec igrec doublev doubleve doublevee".split())
"""Two words that a recogniser makes of a letter's name, or that are it."""

_WRITTEN = {"K": r"[cq]", "Q": r"[ck]", "W": r"v|ou", "Y": r"i|h?y", "H": r"[aeiouy]"}
"""How an example of a letter begins where it is written as it sounds: « H comme Élène »."""

_MOST_SWALLOWED = 3
"""Words of an example that ran together with its « comme »: « A commande Aton »."""

_ROMAN = {"II": "2", "III": "3", "IV": "4", "VI": "6", "VII": "7", "VIII": "8", "IX": "9"}


@dataclass(frozen=True)
class Example:
    """A letter that an example names.

    Attributes:
        options: Letters it may be, likeliest first.
        width: Words it takes.
        sure: It is a letter, and no word that sounds like one.
    """

    options: tuple[str, ...]
    width: int
    sure: bool = True


def example_at(words: Sequence[Word], at: int) -> Example | None:
    """The letter that an example names, if one starts at a word.

    « est-ce comme Suzanne », « Y grec comme Yvonne » are one letter: two words that a recogniser
    made of its name.
    """
    word = words[at]
    if at == 0 and word.plain == "comme" and len(words) > 1 and _is_example(words[1]):
        return Example((words[1].plain[0].upper(),), 2)
    four = words[at : at + 4]
    if len(four) == 4 and four[2].plain == "comme" and _is_example(four[3]) and _is_one(four):
        said = ELIDED.get(word.plain + four[1].plain) or four[1].plain[:1].upper()
        said = "Y" if four[1].plain.startswith("grec") else said
        return Example(_letters((said,), four[3]), 4)
    if len(four) >= 3 and _is_example(four[2]):
        link, example = four[1], four[2]
        of = link.plain == "de" and len(word.plain) == 1 and word.raw.isupper()
        short = len(word.plain) <= 4 or letter_named(word) is not None
        if (link.plain == "comme" and short) or (of and example.raw[:1].isupper()):
            return _with_capitals(word, example)
    return _swallowed(words, at)


def roman_after_example(word: Word) -> str:
    """The figure that a recogniser writes as after a king's name: « X comme Xavier IV »."""
    return "" if word.paused else _ROMAN.get(word.raw, "")


def _is_one(words: Sequence[Word]) -> bool:
    """Whether two words are one letter's name: « j'ai », « est-ce », « double vé »."""
    if words[1].paused or len(words[0].plain) > 6:
        return False
    return words[1].elided or words[0].plain + words[1].plain in _TWO_WORDS


def _with_capitals(word: Word, example: Word) -> Example:
    """« DX comme Xavier »: capitals before the letter are letters of their own."""
    named = letter_named(word)
    said = named[0] if named is not None else (word.plain[-1:].upper(),)
    options = _letters(said, example)
    ahead = word.raw[:-1] if len(word.raw) == 2 and word.raw.isupper() else ""
    return Example((options[0], ahead + options[0], *options[1:]) if ahead else options, 3)


def _letters(said: Sequence[str], example: Word) -> tuple[str, ...]:
    first = example.plain[0].upper()
    if first in said:
        return (first, "Y") if first == "I" and example.plain[1:2] in "vao" else (first,)
    as_heard = [
        letter
        for letter in said
        if letter in _WRITTEN and re.match(_WRITTEN[letter], example.plain)
    ]
    if as_heard and example.plain.startswith("qu"):  # no K is written so
        return (first, *as_heard)
    if as_heard:
        return (*as_heard, first)
    return (first, *(letter for letter in said if sound_alike(letter, first)))


def _swallowed(words: Sequence[Word], at: int) -> Example | None:
    """« Au commence cas, », « À Commandaton, »: « comme » in one word with its example."""
    named = letter_named(words[at])
    if named is None or at + 1 == len(words):
        return None
    link = words[at + 1]
    if link.paused or not re.match(r"comm.{3}", link.plain):
        return None
    end = next((to for to in range(at + 2, len(words)) if words[to].paused), len(words))
    width = end - at
    return Example(named[0], width, named[1]) if width - 2 < _MOST_SWALLOWED else None


def _is_example(word: Word) -> bool:
    one = len(word.plain) == 1 and word.raw.isupper()  # « B comme B »
    long = len(word.plain) >= 3 and word.plain not in _NO_EXAMPLE
    return (one or long) and word.plain.isalpha()
