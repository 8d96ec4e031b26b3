"""Letters as people spell them aloud: « L comme Louis », « double vé », « deux N », « i grec ».

A name of a letter that is a word as well (« elle », « aime », « thé ») is a letter that is not
sure: who reads the signs decides by what stands around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.call.capture.numerals import is_number
from agent.call.capture.words import Word, plain
from knowledge.letters import LETTER_OF, SURE

Kind = Literal["letter", "figures", "word"]

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

_OF_MODE = frozenset("majuscule majuscules minuscule minuscules accent aigu grave circonflexe trema"
                     " cedille".split())  # fmt: skip
_NO_EXAMPLE = frozenset("ca cela quoi comme une les dans avec tout vous moi celui celle".split())


def _names() -> dict[str, tuple[str, ...]]:
    """Letters that a word may name; without its accents too, where that is no other word."""
    table = {word: options for word, options in LETTER_OF.items() if "'" not in word}
    for letter, words in _MORE_NAMES.items():
        for word in words.split():
            table[word] = (*table.get(word, ()), letter)
    bare = {plain(word): options for word, options in table.items()}
    return {**{word: bare[word] for word in bare if word not in _WORDS_TOO}, **table}


NAMES = _names()
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
    example = _example(words, at)
    if example is not None:
        return example
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
    if (
        following is not None
        and word.plain in ("i", "y")
        and following.plain in ("grec", "grecque")
    ):
        return Sign("letter", ("Y",), True, (word, following)), 2
    if following is not None and following.elided and word.plain + following.plain in _ELIDED:
        return Sign("letter", (_ELIDED[word.plain + following.plain],), False, (word, following)), 2
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


_ELIDED = {"jai": "G", "cest": "C", "tes": "T", "sest": "C"}
"""« j'ai » is how G sounds, « c'est » how C does."""


def _is_article(following: Word | None) -> bool:
    return following is not None and letter_named(following) is None and not is_number(following)


def letter_named(word: Word) -> tuple[tuple[str, ...], bool] | None:
    """The letters that a word may name and whether it names one for sure, None if it does not."""
    lower = word.raw.lower()
    if len(word.plain) == 1 and word.plain.isalpha():
        return (word.plain.upper(),), word.raw.isupper() or word.plain not in "ay"
    if lower == "doublevé":
        return ("W",), True
    options = NAMES.get(lower)
    if options is None or (word.raw.isupper() and len(lower) == 2):  # « ES 287 » is no S
        return None
    return options, lower in SURE or lower in _SURE_TOO


def _example(words: Sequence[Word], at: int) -> tuple[Sign, int] | None:
    """« L comme Louis », « N de Nicole », « comme Louis »: the example says which letter it is.

    « J'ai comme Gaston », « est-ce comme Suzanne », « Y grec comme Yvonne » are one letter too: two
    words that a recogniser made of its name.
    """
    word = words[at]
    rest = words[at + 1 : at + 3]
    four = words[at : at + 4]
    in_two = len(four) == 4 and word.plain + four[1].plain in _TWO_WORDS
    if in_two and four[2].plain == "comme" and _is_example(four[3]):
        return _letter(four[3], four), 4
    if at == 0 and word.plain == "comme" and rest and _is_example(rest[0]):
        return _letter(rest[0], words[:2]), 2
    if len(rest) < 2 or not _is_example(rest[1]):
        return None
    link, example = rest
    of = link.plain == "de" and len(word.plain) == 1 and word.raw.isupper()
    short = len(word.plain) <= 4 or letter_named(word) is not None
    if (link.plain == "comme" and short) or (of and example.raw[:1].isupper()):
        return _letter(example, words[at : at + 3]), 3
    return None


def _letter(example: Word, words: Sequence[Word]) -> Sign:
    letter, said = example.plain[0].upper(), words[0].plain.upper()
    # « K comme Clébé », « W comme Vagon »: the example is written as it sounds.
    letter = said if (said, letter) in _SOUNDS_ALIKE else letter
    return Sign("letter", (letter,), True, tuple(words), named=True)


_TWO_WORDS = frozenset(("jai", "cest", "estce", "sest", "tes", "ygrec", "igrec"))
_SOUNDS_ALIKE = frozenset((("K", "C"), ("K", "Q"), ("W", "V"), ("Y", "I")))
"""A letter, and that with which a recogniser writes an example of it."""


def _is_example(word: Word) -> bool:
    one = len(word.plain) == 1 and word.raw.isupper()  # « B comme B »
    long = len(word.plain) >= 3 and word.plain not in _NO_EXAMPLE
    return (one or long) and word.plain.isalpha()


def is_spelled(signs: Sequence[Sign]) -> bool:
    """Whether a run of letters is spelled out rather than made of words that sound like some."""
    letters = [sign for sign in signs if sign.kind == "letter"]
    sure = sum(sign.sure for sign in letters)
    return len(letters) >= 2 and sure * 2 >= len(letters) and len(letters) == len(signs)
