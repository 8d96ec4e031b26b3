"""What callers say in the hearing test, and what of it must arrive: words, codes, numbers.

The questions are the test split's, those left out that are written the way a recogniser mishears
them. Codes and references are the evaluation brands' own, telephone numbers stand in the ranges
that the French regulator keeps for fiction.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from agent.settings import Settings
from evals.bench import open_bench
from evals.questions import SETS
from knowledge.codes import CodeBook
from knowledge.lexical import WordIndex
from knowledge.library import Library
from knowledge.safety import fold

Kind = Literal["question", "code", "reference", "number"]

CLIENTS = ("brevia", "hestaline", "nordalec", "orvane")
NOUN_TIMES = 3
NOUN_LETTERS = 3
ARTICLES = ("le", "la", "les", "l", "un", "une", "des", "du", "au", "aux", "votre", "vos")
NOT_NOUNS = (
    "même autre seul petit petite grand bon bonne nouveau premier première dernier dernière deux"
    " trois quatre cinq six sept huit neuf dix fois cas fin coup bas haut dessus dessous plus moins"
    " appui mise mettre sort part pose heure minute jour"
)
"""What follows an article in manuals too and tells nothing of an appliance."""

FICTION = ("063998", "019900", "026191", "035301", "046571", "053649")
"""First six figures of the ranges kept for fiction."""

CODE_FRAMES = (
    "L'écran affiche {code}.",
    "J'ai le code erreur {code} depuis ce matin.",
    "C'est marqué {code} et ça ne marche plus.",
    "Bonjour, je vous appelle pour un code {code}.",
)
REFERENCE_FRAMES = (
    "C'est le modèle {reference}.",
    "Je vous appelle pour un {reference}.",
    "La référence, c'est {reference}.",
)
NUMBER_FRAMES = (
    "Mon numéro, c'est le {number}.",
    "{number}.",
    "Alors, vous pouvez me rappeler au {number}.",
)


@dataclass(frozen=True)
class Utterance:
    """Something that a caller says.

    Attributes:
        text: As written; `voices.french.speakable` makes of it what is spoken.
        kind: What it tests.
        client: Slug of the brand that is called.
        wanted: The code, the reference or the ten figures that must arrive, else "".
        terms: Stems of its domain words, see `Lexicon`.
    """

    text: str
    kind: Kind
    client: str
    wanted: str = ""
    terms: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lexicon:
    """What a client's manuals know.

    A domain word is an appliance's name or a noun of the manuals: a word of three letters or more
    that follows an article or a possessive there three times at least. Words are compared by their
    stems, so that plurals are no errors.

    Attributes:
        bias: Words that a call gives the recogniser (`Shelf.vocabulary`).
        book: The client's error codes.
        nouns: Stems of the domain words.
        references: Of its models, as they are written.
    """

    bias: tuple[str, ...]
    book: CodeBook
    nouns: frozenset[str]
    references: tuple[str, ...]


_STEMS = WordIndex([""])
"""Gives stems only; it holds no passage."""


def stems(text: str) -> frozenset[str]:
    """Stems of a text's content words."""
    return frozenset(_STEMS.stems(text))


def nouns(texts: Iterable[str]) -> frozenset[str]:
    """Stems of the words that stand after an article three times or more in some texts."""
    articles = "|".join(ARTICLES)
    after = re.compile(rf"(?<![a-z0-9])(?:{articles}) ([a-z]{{{NOUN_LETTERS},}})(?![a-z0-9])")
    counts = Counter(
        stem for text in texts for word in after.findall(fold(text)) for stem in stems(word)
    )
    often = frozenset(stem for stem, count in counts.items() if count >= NOUN_TIMES)
    return often - stems(NOT_NOUNS)


def read_lexicons(settings: Settings) -> dict[str, Lexicon]:
    """Each client's, from its manuals (blocks; minutes when they must be read anew)."""
    library = open_bench(settings, set(CLIENTS))
    try:
        return {client: _lexicon(library, client) for client in CLIENTS}
    finally:
        library.close()


def _lexicon(library: Library, client: str) -> Lexicon:
    shelf = library.shelf(client)
    passages = list(shelf.retriever.collection.passages)
    return Lexicon(
        bias=shelf.vocabulary(),
        book=CodeBook(passages),
        nouns=nouns(passage.searchable for passage in passages)
        | stems(" ".join(product.appliance for product in shelf.products)),
        references=tuple(name for product in shelf.products for name in product.references),
    )


def drawn(
    lexicons: dict[str, Lexicon], questions: int = 40, codes: int = 20, references: int = 20,
    numbers: int = 30,
) -> list[Utterance]:  # fmt: skip
    """The test's utterances, always the same; fewer where a client's manuals hold fewer."""
    return [
        *_questions(lexicons, questions),
        *_codes(lexicons, codes),
        *_references(lexicons, references),
        *_numbers(numbers),
    ]


def _questions(lexicons: dict[str, Lexicon], count: int) -> list[Utterance]:
    lines = (SETS / "test.jsonl").read_text("utf-8").splitlines()
    entries = [entry for entry in map(json.loads, lines) if entry["style"] != "misheard"]
    made = []
    for entry in _shuffled(entries, key="question")[:count]:
        text, client = str(entry["question"]), str(entry["client"])
        made.append(Utterance(text, "question", client, terms=stems(text) & lexicons[client].nouns))
    return made


def _codes(lexicons: dict[str, Lexicon], count: int) -> list[Utterance]:
    plain = [
        {"client": client, "code": code, "key": f"{client} {code}"}
        for client, lexicon in lexicons.items()
        for code in lexicon.book.codes()
        if re.fullmatch(r"[A-Z]\d{1,2}", code)
    ]
    made = []
    for number, one in enumerate(_shuffled(plain, key="key")[:count]):
        text = CODE_FRAMES[number % len(CODE_FRAMES)].format(code=one["code"])
        made.append(Utterance(text, "code", one["client"], one["code"]))
    return made


def _references(lexicons: dict[str, Lexicon], count: int) -> list[Utterance]:
    known = [
        {"client": client, "reference": reference}
        for client, lexicon in lexicons.items()
        for reference in lexicon.references
    ]
    made = []
    for number, one in enumerate(_shuffled(known, key="reference")[:count]):
        text = REFERENCE_FRAMES[number % len(REFERENCE_FRAMES)].format(reference=one["reference"])
        made.append(Utterance(text, "reference", one["client"], one["reference"]))
    return made


def _numbers(count: int) -> list[Utterance]:
    random = np.random.default_rng(count)
    made = []
    for number in range(count):
        digits = FICTION[number % len(FICTION)] + f"{random.integers(10_000):04d}"
        pairs = " ".join(digits[at : at + 2] for at in range(0, 10, 2))
        frame = NUMBER_FRAMES[number // len(FICTION) % len(NUMBER_FRAMES)]
        text = frame.format(number=pairs)
        made.append(Utterance(text, "number", CLIENTS[number % len(CLIENTS)], digits))
    return made


def _shuffled(entries: Sequence[dict[str, str]], key: str) -> list[dict[str, str]]:
    """In an order that a hash of one field gives: arbitrary and always the same."""
    return sorted(entries, key=lambda one: hashlib.sha256(one[key].encode()).hexdigest())
