"""Letters as people spell them aloud: « L comme Louis », « double vé », « deux N », « i grec »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.call.capture.examples import example_at, roman_after_example
from agent.call.capture.letter_names import ELIDED, letter_named
from agent.call.capture.numerals import is_number
from agent.call.capture.words import Word

Kind = Literal["letter", "figures", "word"]

_OF_MODE = frozenset("majuscule majuscules minuscule minuscules accent aigu grave circonflexe trema"
                     " cedille".split())  # fmt: skip
_FILLERS = frozenset("euh heu hum hm".split())


@dataclass(frozen=True)
class Sign:
    """One letter, one group of figures or one word.

    Attributes:
        kind: What it is.
        options: Letters it may be, in capitals, likeliest first; of a word or figures, the text.
        sure: The letter is meant: it is written as one or its name is no word.
        words: The words that it was heard as.
        doubled: « deux N »: in a reference it may be a 2 and an N.
        named: An example came with it: « N comme Noël ».
    """

    kind: Kind
    options: tuple[str, ...]
    sure: bool
    words: tuple[Word, ...]
    doubled: bool = False
    named: bool = False

    @property
    def text(self) -> str:
        """The likeliest reading."""
        return self.options[0]

    @property
    def single(self) -> bool:
        """Whether it was written as one letter."""
        return self.kind == "letter" and len(self.words[0].plain) == 1


def signs_of(words: Sequence[Word]) -> list[Sign]:
    """Letters, figures and words in order; what only describes a letter is left out."""
    signs: list[Sign] = []
    at = 0
    while at < len(words):
        roman = roman_after_example(words[at]) if signs and signs[-1].named else ""
        if roman:
            signs.append(Sign("figures", (roman,), True, (Word(roman, roman, words[at].gap),)))
            at += 1
            continue
        sign, width = _sign(words, at)
        if sign is not None and not _only_explains(sign, signs):
            signs.append(sign)
        at += width
    return signs


def _only_explains(sign: Sign, signs: Sequence[Sign]) -> bool:
    """« D U P O N T, T comme Thérèse »: an example of the letter that was just said."""
    before = signs[-1] if signs else None
    same = before is not None and before.kind == "letter" and before.text == sign.text
    return sign.named and same and sign.words[0].paused and before is not None and not before.named


def _sign(words: Sequence[Word], at: int) -> tuple[Sign | None, int]:
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else None
    if word.plain in _OF_MODE or (word.plain in _FILLERS and not word.raw.isupper()):
        return None, 1
    example = example_at(words, at)
    if example is not None:
        heard = tuple(words[at : at + example.width])
        return Sign("letter", example.options, example.sure, heard, named=True), example.width
    before = words[at - 1] if at else None
    if before is not None and word.plain == "et" and is_number(before) and _is_one(following):
        return Sign("figures", (word.plain,), True, (word,)), 1  # « trente et un »
    if following is not None and _doubles(word, before):
        if word.plain == "double" and following.plain in ("v", "ve", "vee", "w"):
            return Sign("letter", ("W",), True, (word, following)), 2
        inner, width = _sign(words, at + 1)
        two = word.plain in ("deux", "2")
        plural = inner is not None and inner.kind == "letter" and (inner.sure or not two)
        if inner is not None and plural and len(inner.text) == 1:
            twice = tuple(option * 2 for option in inner.options)
            heard = tuple(words[at : at + 1 + width])
            return Sign("letter", twice, inner.sure, heard, two), width + 1
    if following is not None and _is_greek(word, following):
        before_it = word.raw[:-1] if word.raw.isupper() else ""  # « BI grec »
        return Sign("letter", (f"{before_it}Y",), True, (word, following)), 2
    if following is not None and following.elided and word.plain + following.plain in ELIDED:
        sounds = ELIDED[word.plain + following.plain]
        options = (sounds, "J") if sounds == "G" else (sounds,)
        return Sign("letter", options, False, (word, following)), 2
    if is_number(word) and not (word.plain == "un" and _is_article(following)):
        return Sign("figures", (word.plain,), True, (word,)), 1
    letter = letter_named(word)
    if letter is not None and not (following is not None and following.elided):
        return Sign("letter", letter[0], letter[1], (word,)), 1
    return Sign("word", (word.raw,), True, (word,)), 1


def _is_one(word: Word | None) -> bool:
    return word is not None and word.plain in ("un", "une", "onze")


def _doubles(word: Word, before: Word | None) -> bool:
    """Whether a word may say that the next letter comes twice: not the end of a number."""
    if word.plain in ("double", "doubles"):
        return True
    ends = before is not None and is_number(before) and not word.paused
    written = before is not None and before.figures and word.gap == " "
    return word.plain in ("deux", "2") and (not ends or (written and word.plain == "deux"))


def _is_greek(word: Word, following: Word) -> bool:
    """« i grec », « BI grec », « ensuite i grec » heard as « en Suiti grec »."""
    ends = word.plain.endswith(("i", "y")) and len(word.plain) <= 6
    return ends and not following.paused and following.plain in ("grec", "grecque", "greg")


def _is_article(following: Word | None) -> bool:
    return following is not None and letter_named(following) is None and not is_number(following)


def is_spelled(signs: Sequence[Sign]) -> bool:
    """Whether a run of letters is spelled out rather than made of words that sound like some."""
    letters = [sign for sign in signs if sign.kind == "letter"]
    sure = sum(sign.sure for sign in letters)
    return len(letters) >= 2 and sure * 2 >= len(letters) and len(letters) == len(signs)
