"""French verbs and nouns reduced to what is compared: roots, acts, acts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import Stemmer

from knowledge.wording import (
    BEFORE_INFINITIVES,
    INFINITIVES,
    IRREGULAR,
    NOT_INFINITIVES,
    SAME_NOUNS,
    SYNONYMS,
)

_NOT_VERBS = frozenset("chez assez rez nez avez pouvez devez allez voulez savez".split())
_CLITICS_BEFORE = frozenset("le la les l y en lui leur vous se s me".split())


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("french")


def verb_root(word: str) -> str:
    """The root of a « vous » form or an infinitive: « éteignez », « éteindre » → « eteind »."""
    root = word[:-2] if word[-2:] in ("ez", "er", "ir", "re") else word
    if word.endswith("oir"):
        root = word[:-1]
    return IRREGULAR.get(root, root)


@cache
def _acts() -> dict[str, str]:
    """Root of a verb -> the one that stands for all that ask for the same act."""
    return {verb_root(word): verb_root(group[0]) for group in SYNONYMS for word in group}


def act(word: str) -> str:
    """What stands for a verb's act in comparisons."""
    root = verb_root(word)
    return "@" + _acts().get(root, root)


def noun_stem(word: str) -> str:
    """What stands for any other word."""
    return str(_stemmer().stemWord(SAME_NOUNS.get(word, word)))


def is_verb(words: Sequence[str], at: int, *, starts: bool) -> bool:
    """Whether a word asks for an act.

    Args:
        words: Of the clause.
        at: Which.
        starts: It is the clause's first word.
    """
    word = words[at]
    if word.endswith("ez") and len(word) > 3:
        return word not in _NOT_VERBS
    regular = word.endswith(("er", "ir")) and not word.endswith("oir")
    if word not in INFINITIVES and (not regular or word in NOT_INFINITIVES or len(word) < 4):
        return False
    before = at - 1
    while before >= 0 and (words[before] in _CLITICS_BEFORE or words[before] == "~"):
        before -= 1
    return starts or before < 0 or words[before] in BEFORE_INFINITIVES
