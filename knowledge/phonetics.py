"""Search by sound: French phonemes, so that « vie d'ange » finds « vidange ».

A telephone recogniser errs by ear: the words are wrong, the sounds are nearly right. Texts become
strings of phonemes (espeak-ng's French voice, through piper), without stress, length and word
boundaries, and are compared by their 4-grams (BM25) or, for a single term, by edit distance.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import Stemmer

ESPEAK_LOCK = threading.Lock()
"""espeak-ng is not thread-safe; whoever makes phonemes in this process holds this."""

GRAM = 4
"""Phonemes in one indexed piece (measured best of 3, 4 and 5 with BM25)."""

NEAR_TERM = 0.82
"""Likeness of sounds from which a run of words is taken for a term of the manuals."""

SHORTEST_TERM = 4
"""Phonemes of a term that can be recognised by ear; shorter ones sound like too much else."""

SHORT_TERM = 5
"""Phonemes up to which only the very same sound will do."""

SHORTEST_WORD = 3
"""Letters up to which a word is taken as it was heard: articles, pronouns."""

LONGEST_RUN = 4
"""Words as which one term may be heard: « à doux six ans » for « adoucissant »."""

_UNDOES = "de"
"""The sound of a prefix that turns a word into its contrary."""

_DROPPED = str.maketrans("", "", "ˈˌːˑ -‿.,;:!?'|()0123456789")
_MERGED = str.maketrans(
    {"ɛ": "e", "œ": "ø", "ə": "ø", "ɔ": "o", "ɑ": "a", "ɡ": "g", "ɲ": "n", "ŋ": "n", "ɥ": "y"}
)
_NASAL = {"a": "A", "e": "E", "o": "O", "ø": "E", "œ": "E"}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]")


@lru_cache(maxsize=1)
def _phonemizer() -> Any:
    """The one that piper's voices use: espeak-ng set up a second time crashes the process."""
    import piper.voice
    from piper.phonemize_espeak import EspeakPhonemizer

    with piper.voice._ESPEAK_PHONEMIZER_LOCK:
        if piper.voice._ESPEAK_PHONEMIZER is None:
            piper.voice._ESPEAK_PHONEMIZER = EspeakPhonemizer()
        return piper.voice._ESPEAK_PHONEMIZER


@lru_cache(maxsize=60_000)
def sound_of(word: str) -> str:
    """A word's French phonemes, a character each; open and closed vowels are the same.

    A nasal vowel is a capital: « vidange » → « vidAZ ». Unstressed e at a word's end is dropped.
    """
    with ESPEAK_LOCK:
        groups = _phonemizer().phonemize("fr", word)
    raw = "".join(phoneme for group in groups for phoneme in group)
    out: list[str] = []
    for character in unicodedata.normalize("NFD", raw.translate(_DROPPED)).translate(_MERGED):
        if character == "\u0303":  # the tilde of a nasal vowel
            if out:
                out[-1] = _NASAL.get(out[-1], out[-1])
        elif not unicodedata.combining(character):
            out.append({"ʒ": "Z", "ʃ": "S", "ʁ": "R"}.get(character, character))
    return "".join(out)


def words_of(text: str) -> list[str]:
    """A text's words, lower case, an elided one with its next: « l'eau », « d'ange »."""
    return _WORD.findall(text.casefold())


def sounds(text: str) -> str:
    """A whole text's phonemes, word boundaries dropped: they are what a recogniser gets wrong."""
    return "".join(sound_of(word) for word in words_of(text))


def grams(text: str) -> list[str]:
    """The overlapping pieces of a text's phonemes; a short text is one piece."""
    whole = sounds(text)
    if len(whole) <= GRAM:
        return [whole] if whole else []
    return [whole[i : i + GRAM] for i in range(len(whole) - GRAM + 1)]


class Ear:
    """Finds a client's terms in what was heard, by sound."""

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        """Index terms.

        Args:
            terms: The manuals' words as written, with their sounds (`sound_of`); one without a
                sound is known, but never found by ear.
        """
        self._by_start: dict[str, list[tuple[str, str]]] = {}
        self._stemmer = Stemmer.Stemmer("french")
        self._known: set[str] = set()
        for term, sound in terms:
            self._known.add(self._stem(term))
            if len(sound) >= SHORTEST_TERM:
                for key in _keys(sound):
                    self._by_start.setdefault(key, []).append((sound, term))

    def knows(self, word: str) -> bool:
        """Whether a word stands among the terms as written."""
        bare = _ELIDED.sub("", word.casefold())
        return len(bare) <= SHORTEST_WORD or self._stem(bare) in self._known

    def _stem(self, word: str) -> str:
        return str(self._stemmer.stemWord(word.casefold()))

    def mend(self, text: str) -> str:
        """The text's words, lower case, with what sounds like a term replaced by it.

        Only runs that hold an unknown word are tried: « vie d'ange » is, « le filtre » is not.
        """
        words = words_of(text)
        out: list[str] = []
        at = 0
        while at < len(words):
            found = self._term_at(words, at)
            if found is None:
                out.append(words[at])
                at += 1
            else:
                term, at = found
                out.append(term)
        return " ".join(out)

    def _term_at(self, words: Sequence[str], at: int) -> tuple[str, int] | None:
        best: tuple[float, str, int] | None = None
        for end in range(at + 1, min(at + LONGEST_RUN, len(words)) + 1):
            run = words[at:end]
            if run[-1].isdigit():
                break
            if all(self.knows(word) for word in run):
                continue
            heard = "".join(sound_of(word) for word in run)
            if len(heard) < SHORTEST_TERM - 1:
                continue
            exactly = (
                self.knows(run[0]) and "'" not in run[0]
            )  # « à doux six ans », but not « des vie brations »
            for sound, term in sorted(self._near(heard)):
                if sound.startswith(_UNDOES) and not heard.startswith(_UNDOES):
                    continue  # « vérouillée » is not « déverrouillée »
                likeness = _likeness(heard, sound)
                needed = 1.0 if exactly or len(sound) <= SHORT_TERM else NEAR_TERM
                if likeness >= needed and (best is None or likeness > best[0]):
                    best = (likeness, term, end)
        return None if best is None else (best[1], best[2])

    def _near(self, heard: str) -> set[tuple[str, str]]:
        return {
            pair
            for key in _keys(heard)
            for pair in self._by_start.get(key, ())
            if abs(len(pair[0]) - len(heard)) <= 2
        }


def _keys(sound: str) -> set[str]:
    """Pieces of three phonemes: a near sound shares one of them."""
    return {sound[i : i + 3] for i in range(max(1, len(sound) - 2))}


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
