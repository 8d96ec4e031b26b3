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
from agent.call.capture.numerals import is_number
from agent.call.capture.words import Word

_NO_EXAMPLE = frozenset("ca cela quoi comme une les dans avec tout vous moi celui celle".split())
_TWO_WORDS = frozenset("estce ygrec igrec doublev doubleve doublevee".split())
"""Two words that a recogniser makes of a letter's name, or that are it."""

_KNOWN = frozenset(
    "alain albert alfred alice alpha amelie anatole andre anne annie antoine arthur avion banane"
    " bateau beatrice benoit bernard berthe bertrand bravo brigitte bruno camille caroline"
    " catherine cecile celestin cesar charles charlie chloe christian claire claude daniel david"
    " delphine delta denis denise desire dominique dupont echo ecole edouard elephant elisabeth"
    " emile emilie eric ernest etienne eugene europe fabrice fanny ferdinand fernand foxtrot"
    " france francis francois frederic gaston georges gerard gilbert gilles golf guillaume gustave"
    " guy helene henri henriette hotel hubert hugo ida india irene irma isabelle isidore"
    " jacqueline jacques jean jerome joseph jules julie julien juliette karim karine kevin kilo"
    " kilometre kiwi kleber laurent leon leonie lima louis louise luc lucie lucien madame maison"
    " maman marc marcel marie marseille martin mathieu maurice michel michele mike monique nantes"
    " napoleon nathalie nice nicolas nicole noel noemie novembre october odette odile olivier"
    " orange oscar papa paris pascal patrick paul philippe pierre quebec quentin quimper quintal"
    " raoul raymond rene richard robert roger romeo sandrine sebastien serge sierra simon sophie"
    " stephane suzanne sylvie tango theo therese thierry thomas ulysse uniform ursule valerie"
    " vanessa victoire victor vincent virginie wagon walter whisky william xavier xylophone yankee"
    " yannick yaourt yves yvette yvonne zacharie zebre zoe zorro zoulou".split()
)
"""Names and words that letters are spelled with; heard well, they say more than the letter."""

_WRITTEN = {
    "A": "H", "B": "P", "C": "KQ", "E": "H", "F": "P", "G": "J", "H": "", "I": "YH", "J": "G",
    "K": "QC", "O": "HW", "Q": "K", "S": "C", "U": "H", "V": "W", "Y": "H",
}  # fmt: skip
"""Letters whose examples may be written with another one, as they sound: « H comme Élène »."""

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
        return Example(_letters((said,), four[3], sure=said in "YW"), 4)
    if len(four) >= 3 and _is_example(four[2]):
        link, example = four[1], four[2]
        of = link.plain == "de" and len(word.plain) == 1 and word.raw.isupper()
        short = len(word.plain) <= 4 or letter_named(word) is not None
        if (link.plain == "comme" and short) or (of and example.raw[:1].isupper()):
            return _with_capitals(word, example)
    if len(four) >= 3 and four[1].plain == "comme" and is_number(four[2]):
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


def _with_capitals(word: Word, example: Word) -> Example:
    """« DX comme Xavier »: capitals before the letter are letters of their own."""
    named = letter_named(word)
    said = named[0] if named is not None else (word.plain[-1:].upper(),)
    options = _letters(said, example, sure=named is not None and named[1])
    ahead = word.raw[:-1] if len(word.raw) == 2 and word.raw.isupper() else ""
    return Example((ahead + options[0], *options) if ahead else options, 3)


def _letters(said: Sequence[str], example: Word, *, sure: bool) -> tuple[str, ...]:
    """The letter of an example, likeliest first.

    A known name says it; any other is an example that was heard badly, and the letter itself says
    more if it is sure.
    """
    first = example.plain[0].upper()
    if example.plain in _KNOWN:
        return (first, *(letter for letter in said if sound_alike(letter, first)))
    if first in said:
        return (first, "Y") if first == "I" and example.plain[1:2] in "vao" else (first,)
    by_sound = (first, *_WRITTEN.get(first, ""))
    if sure:
        return (*said, *(letter for letter in by_sound if letter not in said))
    return by_sound


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
