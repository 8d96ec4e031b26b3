"""A caller's words in tokens, and where cues such as « code » and « affiche » stand. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from knowledge.letters import spaced

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[.,;:!?…]")
CUE = re.compile(
    r"codes?|erreurs?|messages?|défauts?|pannes?|affich\w*|écran|ecran|cadran|display|marqué?e?s?|"
    r"marque|indiqu\w*|écrite?s?|ecrit|écris|inscrite?s?|clignot\w*|appara\w*|lettres?|lis|montre"
)
NUMBERING = re.compile(
    r"codes?|erreurs?|défauts?|messages?|affich\w*|marqué?e?s?|marque|indiqu\w*|montre|écrit|numéro"
)
FIRM = re.compile(r"codes?|erreurs?|défauts?|messages?")
_LINKS = frozenset(
    "c est le la les l un une de du d au numéro code codes erreur lettre lettres bien alors"
    " me m en que"
    " qu il elle s à dit donne toujours maintenant aussi ce sont y encore : et puis moi juste quoi"
    " ça a".split()
)
_CHATTER = frozenset(
    "oui non donc euh alors c est ce le la les l un une je crois vois lis madame monsieur"
    " voilà et puis"
    " attendez il elle y a ça dit bien , . ! ? ; : … de du d en fait moi j ai pense que".split()
)
_CORRECTS = re.compile(r"\b(?:non|pardon|plutôt|je veux dire|je me trompe|enfin)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """A word, a run of figures or a mark of punctuation."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """In small letters."""
        return self.text.lower()


class Utterance:
    """A caller's normalised words, in tokens."""

    def __init__(self, text: str) -> None:
        self.text = spaced(text)

    @cached_property
    def tokens(self) -> list[Token]:
        """Its tokens, in order."""
        return [Token(f[0], f.start(), f.end()) for f in _TOKEN.finditer(self.text)]

    def cued(self, first: int, last: int, cue: re.Pattern[str] = CUE) -> bool:
        """Whether a cue stands right before tokens first to last, or right after them."""
        for at in range(first - 1, max(-1, first - 8), -1):
            word = self.tokens[at].lower
            if cue.fullmatch(word):
                return True
            if word not in _LINKS and word not in ",:":
                break
        after = [token.lower for token in self.tokens[last : last + 4]]
        for word in after:
            if re.fullmatch(r"affich\w*|clignot\w*|appara\w*|écran|cadran", word):
                return cue is CUE
            if word not in {"s", "qui", "se", "est", "y", "il", "sur", "l", "le"}:
                break
        return False

    def near_cue(self, first: int, last: int) -> bool:
        """Whether a cue stands within a few words."""
        near = self.tokens[max(0, first - 9) : first] + self.tokens[last : last + 6]
        return any(CUE.fullmatch(token.lower) for token in near)

    def alone(self, first: int, last: int) -> bool:
        """Whether nothing else of weight is said."""
        rest = self.tokens[:first] + self.tokens[last:]
        return all(token.lower in _CHATTER for token in rest)

    def joined(self, first: int, last: int) -> bool:
        """Whether tokens first to last stand in one piece."""
        part = self.tokens[first:last]
        return all(a.end == b.start for a, b in pairwise(part))

    def rest(self, last: int) -> str:
        """What is said after token last."""
        return self.text[self.tokens[last - 1].end :]

    def words(self, first: int, last: int) -> str:
        """What tokens first to last say, figures and letters in one piece."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def corrects(self, first: int, last: int) -> bool:
        """Whether « non, pardon » stands between two places."""
        return _CORRECTS.search(self.text, first, last) is not None
