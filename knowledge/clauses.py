"""A text read for comparison: its words in order, each with its denial, clause and role. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from knowledge.denial import Denial
from knowledge.quantities import Quantity, quantities
from knowledge.spoken import normalise
from knowledge.verbs import act, is_verb, noun_stem
from knowledge.wording import (
    CONDITIONS,
    DENIALS,
    DENYING,
    EXCEPT,
    FLAWED,
    MUST,
    ONLY,
    OPPOSITES,
    REMEDIES,
    REMEDIES_IF_FLAWED,
    SILENT,
)

_PIECE = re.compile(r"~|[a-z]+\d[\w-]*|\d+(?:[/,.]\d+)*\w*|[a-z]+|[.!?…]+(?=\s|$)|[;:,()]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_CLITIC = re.compile(r"(?<=\w)-(?:le|la|les|l|y|en|lui|leur|vous|moi|nous)\b")
_NOT_FORGOTTEN = re.compile(r"\bn'?\s?(?:oubliez|omettez) (?:pas|jamais) (?:de |d'?\s?)")
_SERVICE = re.compile(r"\bservice[ -]apres[ -]vente\b|\bsav\b")
_CODE = re.compile(r"(?=.*\d)[a-z]+[\d][\w-]*|\d+(?:[/.]\d+)+")
_GRAMMAR = SILENT | DENIALS | DENYING | ONLY | EXCEPT | FLAWED | {"moins"}

OBJECT_WORDS = 2
"""Words after a verb that « -le » after the next verb may stand for."""


@dataclass(frozen=True)
class Token:
    """A word, number or code that carries a claim.

    Attributes:
        word: As written, folded.
        stem: What is compared; acts that mean the same share it.
        verb: It asks for an act: « fermez », « fermer ».
        denied: "" | "not" | "badly" | "except".
        sentence, clause: Numbers of its sentence and clause within the text, from 0.
        number: Its quantity, if it is one.
        code: It is an error code or a reference.
        optional: It is not written there but follows from what is: what « rincez-le » refers to.
        label: It stands before a colon.
    """

    word: str
    stem: str
    verb: bool = False
    denied: str = ""
    sentence: int = 0
    clause: int = 0
    number: Quantity | None = None
    code: bool = False
    optional: bool = False
    label: bool = False

    @property
    def is_fact(self) -> bool:
        """A number or a code."""
        return self.number is not None or self.code

    def __str__(self) -> str:
        return f"{self.denied} {self.number or self.word}".strip()


@dataclass(frozen=True)
class Reading:
    """A text's claims.

    Attributes:
        tokens: In order, with the optional ones.
        conditions_of: Kinds of condition of each sentence.
        only_in: Sentences that say « only ».
        must: It demands: « il faut », « vous devez ».
    """

    tokens: tuple[Token, ...]
    conditions_of: tuple[frozenset[str], ...]
    only_in: frozenset[int]
    must: bool

    @property
    def claims(self) -> tuple[Token, ...]:
        """What is written there."""
        return tuple(token for token in self.tokens if not token.optional)

    @property
    def conditions(self) -> frozenset[str]:
        """Of the whole text."""
        return frozenset().union(*self.conditions_of)

    @property
    def only(self) -> bool:
        """Whether anything is restricted."""
        return bool(self.only_in)


def folded(text: str) -> str:
    """Lower case without accents, punctuation kept, numbers in figures, codes in one piece."""
    # One sentence at a time: « 60 °C. Trois durées » holds no code « C3 ».
    parts = _SENTENCE_END.split(text.replace("’", "'").strip())
    text = " ".join(normalise(part) for part in parts).casefold()
    flat = unicodedata.normalize("NFD", text)
    flat = "".join(c for c in flat if not unicodedata.combining(c)).replace("œ", "oe")
    flat = re.sub(r"\b(?:une?) (?=(?:minute|heure|seconde|fois|jour|semaine|an)\b)", "1 ", flat)
    flat = re.sub(r"(\d) heures? et demie\b", r"\1 h 30", flat)
    flat = _SERVICE.sub("sav", _NOT_FORGOTTEN.sub("", flat))
    return _CLITIC.sub(" ~ ", flat)


def read(text: str) -> Reading:
    """Read a text."""
    reader = _Reader()
    flat = folded(text)
    numbers = {start: (end, quantity) for start, end, quantity in quantities(flat)}
    clause: list[tuple[str, Quantity | None]] = []
    done = 0
    for piece in _PIECE.finditer(flat):
        if piece.start() < done:
            continue
        if piece.start() in numbers:
            done, quantity = numbers[piece.start()]
            clause.append((flat[piece.start() : done].strip(), quantity))
        elif piece[0] in ";:,()" or piece[0][0] in ".!?…":
            reader.clause(clause, piece[0][0])
            clause = []
        else:
            clause.append((piece[0], None))
    reader.clause(clause, ".")
    return reader.finish()


class _Reader:
    """Gathers tokens clause by clause."""

    def __init__(self) -> None:
        self._tokens: list[Token] = []
        self._conditions: list[set[str]] = [set()]
        self._only: set[int] = set()
        self._must = False
        self._clause = 0
        self._objects: list[Token] = []
        self._objects_before: list[Token] = []
        self._item = 0  # where the sentence, or the item of a row, starts among the tokens

    def finish(self) -> Reading:
        conditions = tuple(frozenset(kinds) for kinds in self._conditions)
        return Reading(tuple(self._tokens), conditions, frozenset(self._only), self._must)

    def clause(self, pieces: list[tuple[str, Quantity | None]], end: str) -> None:
        """Read one clause; `end` is the mark after it."""
        words = [word for word, _ in pieces]
        first = len(self._tokens)
        denial = Denial(words)
        for at, (word, quantity) in enumerate(pieces):
            self._read_word(words, at, word, quantity, denial, first)
        if end == ":":
            start = self._item
            self._tokens[start:] = [replace(token, label=True) for token in self._tokens[start:]]
        else:
            self._remedies(first)
            self._clause += 1
        if end in ";.!?…":
            self._item = len(self._tokens)
        if end in ".!?…":
            self._conditions.append(set())

    def _read_word(
        self, words: list[str], at: int, word: str, quantity: Quantity | None,
        denial: Denial, first: int,
    ) -> None:  # fmt: skip
        sentence = len(self._conditions) - 1
        if quantity is not None:
            self._add(Token(word, str(quantity), number=quantity))
            return
        if word == "~":
            meant = self._objects_before[:OBJECT_WORDS]
            for token in meant:
                self._add(replace(token, optional=True))
            self._objects = [*meant, *self._objects]
            return
        self._must = self._must or word in MUST
        if (kind := CONDITIONS.get(word)) and not (word == "cas" and words[at - 1 : at] != ["en"]):
            self._conditions[-1].add(kind)
        if denial.only(at) or word in ONLY:
            self._only.add(sentence)
        if _CODE.fullmatch(word):
            self._add(Token(word, word, code=True, denied=denial.of(at)))
            return
        if (word in _GRAMMAR or len(word) < 2) and not denial.speaks(at):
            return
        starts = len(self._tokens) == first
        verb = is_verb(words, at, starts=at == 0)
        if verb and not starts:
            self._clause += 1
        stem = act(word) if verb else noun_stem(word)
        token = self._add(Token(word, stem, verb, denial.of(at)))
        if verb:
            self._objects_before = self._objects or self._objects_before
            self._objects = []
        elif not token.denied:
            self._objects.append(token)

    def _add(self, token: Token) -> Token:
        sentence = len(self._conditions) - 1
        placed = replace(token, sentence=sentence, clause=self._clause)
        self._tokens.append(placed)
        return placed

    def _remedies(self, first: int) -> None:
        """Acts that end a defect which this clause states, put before it as optional."""
        added: list[Token] = []
        for token in self._tokens[first:]:
            if token.verb or token.is_fact or token.optional or token.denied == "not":
                continue
            table = REMEDIES_IF_FLAWED if token.denied == "badly" else REMEDIES
            for name in _endings(token.word):
                for remedy in table.get(name, ()):
                    added.append(replace(token, word=remedy, stem=act(remedy), verb=True,
                                         denied="", optional=True))  # fmt: skip
        self._tokens[first:first] = added


def _endings(word: str) -> Iterable[str]:
    """A participle without its agreement: « pliées » → « plie »."""
    bare = word.removesuffix("s")
    return dict.fromkeys((word, bare, bare.removesuffix("e") if bare.endswith("ee") else bare))


def contrary(token: Token, tokens: Iterable[Token]) -> Token | None:
    """A word of the text that says the contrary of this one."""
    stems = {_key(other): other for other in tokens}
    for one, other in OPPOSITES:
        for here, there in ((one, other), (other, one)):
            if _key_of(here) == _key(token) and _key_of(there) in stems:
                return stems[_key_of(there)]
    return None


def _key(token: Token) -> str:
    return token.stem.removeprefix("@") if token.verb else token.stem


def _key_of(word: str) -> str:
    return act(word).removeprefix("@") if word.endswith("ez") else noun_stem(word)
