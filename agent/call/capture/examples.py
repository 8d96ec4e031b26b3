"""« L comme Louis », « J'ai comme Gaston », « À commande Aton »: the letter that an example names.

A recogniser writes a known name well more often than the letter before it; then the name counts.
Any other word is an example that was heard badly: the letter counts, if it is sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.call.capture.example_names import EXAMPLE_NAMES
from agent.call.capture.letter_names import ELIDED, letter_named
from agent.call.capture.nearness import sound_alike
from agent.call.capture.numerals import is_number
from agent.call.capture.words import Word

_NO_EXAMPLE = frozenset("ca cela quoi comme une les dans avec tout vous moi celui celle".split())
_TWO_WORDS = frozenset("estce ygrec igrec doublev doubleve doublevee".split())
"""Two words that a recogniser makes of a letter's name, or that are it."""

_WRITTEN = {
    "A": "H", "B": "P", "C": "KQ", "E": "H", "F": "P", "G": "J", "H": "", "I": "YH", "J": "G",
    "K": "QC", "O": "HW", "Q": "K", "S": "C", "U": "H", "V": "W", "Y": "H",
}  # fmt: skip
"""Letters whose examples may be written with another one, as they sound: « H comme Élène »."""

_MOST_SWALLOWED = 3
"""Words of an example that ran together with its « comme »: « A commande Aton »."""

_LONGEST_NAME = 6
"""Letters of what may have been the name of one, before an example that is known."""

_BETWEEN_SIGNS = frozenset("tiret espace slash barre point et puis ensuite encore comme".split())

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
    if at == 0 and word.plain == "comme" and (found := _example_after(words, 1)):
        return Example((found[0].plain[0].upper(),), 1 + found[1])
    two = words[at : at + 3]
    if len(two) == 3 and two[2].plain == "comme" and _is_one(two):
        found = _example_after(words, at + 3)
        if found is not None:
            said = ELIDED.get(word.plain + two[1].plain) or two[1].plain[:1].upper()
            said = "Y" if two[1].plain.startswith("grec") else said
            said = "W" if word.plain == "double" else said
            return Example(_letters((said,), found[0], sure=said in "YW"), 3 + found[1])
    if at + 2 >= len(words):
        return _swallowed(words, at)
    link, found = words[at + 1], _example_after(words, at + 2)
    if found is not None:
        example, width = found
        of = link.plain == "de" and len(word.plain) == 1 and word.raw.isupper()
        short = len(word.plain) <= 4 or letter_named(word) is not None
        known = example.plain in EXAMPLE_NAMES and len(word.plain) <= _LONGEST_NAME
        as_letter = link.plain == "comme" and (short or known)
        if as_letter or (of and example.raw[:1].isupper()):
            return Example(_with_capitals(word, example), 2 + width)
    if link.plain == "comme" and is_number(words[at + 2]):
        named = letter_named(word)  # « V comme 204 » for « V comme Vincent, quatre »
        return Example(named[0], 2) if named is not None and named[1] else None
    return _swallowed(words, at)


def roman_after_example(word: Word) -> str:
    """The figure that a recogniser writes as after a king's name: « X comme Xavier IV »."""
    return "" if word.paused else _ROMAN.get(word.raw, "")


def _is_one(words: Sequence[Word]) -> bool:
    """Whether two words are one letter's name: « j'ai », « est-ce », « double vé »."""
    if words[1].paused or len(words[0].plain) > 6:
        return False
    return words[1].elided or words[0].plain + words[1].plain in _TWO_WORDS


def _with_capitals(word: Word, example: Word) -> tuple[str, ...]:
    """« DX comme Xavier »: capitals before the letter are letters of their own."""
    named = letter_named(word)
    ahead = word.raw[:-1] if len(word.raw) == 2 and word.raw.isupper() else ""
    said = named[0] if named is not None else (word.plain[-1:].upper(),)
    sure = bool(ahead) or (named is not None and named[1])
    options = _letters(said, example, sure=sure)
    return (ahead + options[0], *options) if ahead else options


def _letters(said: Sequence[str], example: Word, *, sure: bool) -> tuple[str, ...]:
    """The letter of an example, likeliest first.

    A known name says it; any other is an example that was heard badly, and the letter itself says
    more if it is sure.
    """
    first, second = example.plain[0].upper(), example.plain[1:2].upper()
    if sure and first == "H" and second in said:  # « U comme Hugo »
        return (second, first)
    if example.plain in EXAMPLE_NAMES:
        return (first, *(letter for letter in said if sound_alike(letter, first)))
    if first in said:
        return (first, "Y") if first == "I" and example.plain[1:2] in "vao" else (first,)
    by_sound = (first, *_WRITTEN.get(first, ""))
    if sure:
        return (*said, *(letter for letter in by_sound if letter not in said))
    return by_sound


def _example_after(words: Sequence[Word], at: int) -> tuple[Word, int] | None:
    """An example and the words it takes: « d'amien » is one, « qui chante » is another."""
    if at >= len(words):
        return None
    word, width = words[at], 1
    if len(word.plain) == 1 and at + 1 < len(words) and words[at + 1].elided:
        word, width = Word(word.raw + words[at + 1].raw, word.plain + words[at + 1].plain), 2
    if not _is_example(word):
        return None
    end = at + width
    if word.plain not in EXAMPLE_NAMES:
        while end < len(words) and end - at < _MOST_SWALLOWED and _is_mere(words, end):
            end += 1
    whole = end == len(words) or words[end].paused
    return word, end - at if whole else width


def _is_mere(words: Sequence[Word], at: int) -> bool:
    """Whether a word says nothing but the end of an example: no letter, figure or pause."""
    word, following = words[at], words[at + 1] if at + 1 < len(words) else None
    if word.paused or is_number(word) or word.plain in _BETWEEN_SIGNS or not word.raw.islower():
        return False
    return letter_named(word) is None and (following is None or following.plain != "comme")


def _swallowed(words: Sequence[Word], at: int) -> Example | None:
    """« Au commence cas, », « À Commandaton, »: « comme » in one word with its example."""
    named = letter_named(words[at])
    if named is None or at + 1 == len(words):
        return None
    link = words[at + 1]
    if link.paused or not re.match(r"comm.{3}", link.plain):
        return None
    width = 2
    while width <= _MOST_SWALLOWED and at + width < len(words) and _is_mere(words, at + width):
        width += 1
    return Example(named[0], width, named[1])


def _is_example(word: Word) -> bool:
    one = len(word.plain) == 1 and word.raw.isupper()  # « B comme B »
    long = len(word.plain) >= 3 and word.plain not in _NO_EXAMPLE
    return (one or long) and word.plain.isalpha()
