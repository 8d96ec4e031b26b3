"""Number words and figures, read into figures: « soixante-dix-huit » is 78, « double zéro » 00."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agent.privacy.span import Token, tokens_of

_UNITS = "zero un deux trois quatre cinq six sept huit neuf".split()
_TEENS = "dix onze douze treize quatorze quinze seize".split()
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
         "septante": 70, "huitante": 80, "octante": 80, "nonante": 90}  # fmt: skip
_SPELLINGS = {"une": "un", "cents": "cent", "vingts": "vingt", "zeros": "zero", "mil": "mille",
              "quatres": "quatre", "cinque": "cinq", "sis": "six", "dizhuit": "dix"}  # fmt: skip
SOUNDS_LIKE = {"set": "sept", "cet": "sept", "cette": "sept", "dis": "dix", "dit": "dix",
                "vin": "vingt", "vint": "vingt", "vain": "vingt", "heros": "zero", "si": "six",
                "saint": "cinq", "ouit": "huit", "neufs": "neuf"}  # fmt: skip
"""What a recogniser writes for a number that stands beside others."""


@dataclass(frozen=True)
class Piece:
    """One number: its figures and its tokens, from `first` up to `last`."""

    figures: str
    first: int
    last: int


@cache
def _two_figures() -> dict[tuple[str, ...], int]:
    """The words of 0 to 99, with and without « et »."""
    small: dict[tuple[str, ...], int] = {(word,): value for value, word in enumerate(_UNITS)}
    small |= {(word,): 10 + value for value, word in enumerate(_TEENS)}
    small |= {("dix", _UNITS[unit]): 10 + unit for unit in (7, 8, 9)}
    table = dict(small)
    for word, ten in (*_TENS.items(), ("quatre vingt", 80)):
        table[tuple(word.split())] = ten
        most = 20 if word in ("soixante", "quatre vingt") else 10
        for said, value in small.items():
            if 0 < value < most:
                table[(*word.split(), *said)] = ten + value
                table[(*word.split(), "et", *said)] = ten + value
    return table


@cache
def _words() -> frozenset[str]:
    known = {word for said in _two_figures() for word in said} - {"et"}
    return frozenset({*known, *_SPELLINGS, "cent", "mille"})


def is_number(token: Token) -> bool:
    """Whether a word is a group of figures or part of a number."""
    return token.plain.isdigit() or token.plain in _words()


def figures_of(text: str) -> str:
    """All figures of a text, in figures or in words, one after the other."""
    tokens = tokens_of(text)
    return "".join(piece.figures for piece in pieces_of(tokens, 0, len(tokens)))


def _said(token: Token) -> str:
    word = SOUNDS_LIKE.get(token.plain, token.plain)
    return _SPELLINGS.get(word, word)


def pieces_of(tokens: Sequence[Token], start: int, end: int) -> list[Piece]:
    """The numbers of a run, each as long as its words allow."""
    pieces: list[Piece] = []
    at = start
    while at < end:
        figures, following = _number_at(tokens, at, end)
        if figures:
            times = 2 if at > start and tokens[at - 1].plain == "double" else 1
            pieces.append(Piece(figures * times, at, following))
        at = following
    return pieces


def _number_at(tokens: Sequence[Token], at: int, end: int) -> tuple[str, int]:
    """The number that begins at a token and where it ends; "" for a word that is none."""
    token = tokens[at]
    if token.plain.isdigit():
        return token.plain, at + 1
    if not (is_number(token) or token.plain in SOUNDS_LIKE):
        return "", at + 1
    value, following = _below_thousand(tokens, at, end)
    if following < end and _said(tokens[following]) == "mille":
        rest, last = _below_thousand(tokens, following + 1, end)
        return str(max(value, 1) * 1000 + rest), max(last, following + 1)
    return (str(value), following) if following > at else ("", at + 1)


def _below_thousand(tokens: Sequence[Token], at: int, end: int) -> tuple[int, int]:
    """The number up to 999 that begins at a token, and where it ends: there, if none does."""
    value, following = _below_hundred(tokens, at, end)
    hundred = following < end and _said(tokens[following]) == "cent"
    if not hundred or not (value < 10 or following == at):
        return value, following
    rest, last = _below_hundred(tokens, following + 1, end)
    if last > following + 1 and _said(tokens[following + 1]) == "zero":
        rest, last = 0, following + 1
    return (value if following > at else 1) * 100 + rest, max(last, following + 1)


def _below_hundred(tokens: Sequence[Token], at: int, end: int) -> tuple[int, int]:
    for size in range(min(5, end - at), 0, -1):
        words = tuple(_said(token) for token in tokens[at : at + size])
        value = _two_figures().get(words)
        if value is not None and not any("," in t.gap for t in tokens[at + 1 : at + size]):
            return value, at + size
    return 0, at
