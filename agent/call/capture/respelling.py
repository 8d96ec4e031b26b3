"""What people add to a name about its letters: « avec deux N », « un T à la fin », « sans E »."""

from __future__ import annotations

import re

from agent.call.capture.spelling import Sign, signs_of
from agent.call.capture.words import phrase, plain, words_of

_END_PAIRS = ("dt", "sxz", "ckq")
"""Letters at the end of a name that sound the same, or not at all."""

_FOR = {"y": "i", "k": "cq", "c": "kq", "z": "s", "s": "zc", "w": "v", "v": "w", "i": "y",
        "q": "kc", "g": "j", "j": "g", "m": "n", "n": "m", "t": "d", "d": "t",
        "x": "s"}  # fmt: skip
"""Letters that a letter may have been heard for."""

_ABOUT = re.compile(r"\b(?:avec|sans|deux|double|pas|fin|debut|lettre|termine|commence|seul)\b")


def respelled(word: str, text: str) -> str | None:
    """A word with its letters changed as the caller says, None if nothing clear is said.

    Args:
        word: The word, in any case; the letters that stay keep theirs.
        text: What the caller adds: « avec deux N », « c'est un D, pas un T », « sans E ».
    """
    said = phrase(words_of(text))
    if not _ABOUT.search(said):
        return None
    before_pas, _, after_pas = said.partition(" pas ")
    letters, wrong = _letters(before_pas), _letters(after_pas) if after_pas else []
    if re.search(r"\bsans\b", said):
        gone = letters or wrong
        return _once(word, gone[0].text.lower(), "") if gone else None
    if not letters:
        return None
    new = letters[0].text.lower()
    if len(new) == 2 and new[0] == new[1]:
        return _doubled(word, new[0])
    if re.search(r"\bseul\b", said):
        return _once(word, new * 2, new)
    if wrong:
        if re.search(r"\bfin\b", said) and plain(word[-1]) == wrong[0].text.lower():
            return word[:-1] + new
        return _once(word, wrong[0].text.lower(), new)
    if re.search(r"\b(?:fin|termine|derniere)\b", said):
        return _at_end(word, new)
    if re.search(r"\b(?:debut|commence|premiere)\b", said):
        return new + word[1:] if _alike(plain(word[0]), new) else new + word
    return _instead(word, new)


def _letters(said: str) -> list[Sign]:
    """Letters named in a phrase, without the words that only look like one."""
    said = re.sub(r"\b(?:a la fin|au debut|a la place|c est|un|une|le|la)\b", " ", said)
    return [sign for sign in signs_of(words_of(said.upper())) if sign.kind == "letter"]


def _alike(one: str, other: str) -> bool:
    return one == other or one in _FOR.get(other, "")


def _once(word: str, part: str, by: str) -> str | None:
    flat = plain(word)
    if len(flat) != len(word) or flat.count(part) != 1:
        return None
    at = flat.index(part)
    return word[:at] + by + word[at + len(part) :]


def _doubled(word: str, letter: str) -> str | None:
    flat = plain(word)
    places = [found.start() for found in re.finditer(f"{letter}+", flat)]
    if len(flat) != len(word) or not places:
        return None
    # One that follows a vowel is one that may be doubled.
    inner = [at for at in places if at and flat[at - 1] in "aeiouy"
             and flat[at : at + 2] != letter * 2]  # fmt: skip
    if len(inner) != 1:
        return None
    return word[: inner[0]] + letter + word[inner[0] :]


def _at_end(word: str, letter: str) -> str | None:
    last = plain(word[-1])
    if last == letter:
        return None
    if any(last in pair and letter in pair for pair in _END_PAIRS):
        return word[:-1] + letter
    return word + letter


def _instead(word: str, letter: str) -> str | None:
    """« avec un Y »: the one letter that may have been heard for it."""
    flat = plain(word)
    if letter in flat or len(flat) != len(word):
        return None
    if any(flat[-1] in pair and letter in pair for pair in _END_PAIRS):
        return word[:-1] + letter
    alike = [at for at, char in enumerate(flat) if char in _FOR.get(letter, "")]
    if len(alike) == 1:
        return word[: alike[0]] + letter + word[alike[0] + 1 :]
    return word + letter if letter in "tsdexz" else None
