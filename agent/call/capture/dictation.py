"""Letters and figures as somebody dictates them, and every string that they may stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from agent.call.capture.numerals import ways
from agent.call.capture.spelling import Sign, signs_of
from agent.call.capture.words import Word

_JOINS = frozenset("tiret trait union d espace slash barre point et puis ensuite blanc"
                   " chiffre chiffres lettre lettres letter oui encore".split())  # fmt: skip
_DASH = re.compile(r"tir(?:es?|er|ez|ait|ets?|erait)")
"""What a recogniser makes of « tiret »."""

_UNITS = frozenset("ans an mois euros degres kilos litres minutes heures watts fois".split())
_PIECES = ("elle emme enne erre esse effe zede ixe ache el em en er es ef be ce de ge pe te ve ka"
           " ku ji").split()  # fmt: skip
_LETTER_OF_PIECE = {"elle": "L", "emme": "M", "enne": "N", "erre": "R", "esse": "S", "effe": "F",
                    "zede": "Z", "ixe": "X", "ache": "H", "ku": "Q", "ka": "K", "el": "L",
                    "em": "M", "en": "N", "er": "R", "es": "S", "ef": "F", "ji": "J"}  # fmt: skip
_STRINGS, _PER_SIGN = 24, 4
"""Readings kept of a run, and of one sign of it."""

_OTHER_OPTION, _DROPPED_FIRST, _DROPPED_LAST = 0.3, 0.3, 0.4
_MOST_DROPPED = 2

_FIGURES = {"A": "1", "C": "6", "D": "2", "K": "4"}
"""Letters that a recogniser writes for figures: « un », « six », « deux », « quatre »."""

_AS_FIGURE = 0.4
"""Cost of such a letter where it may as well be one."""

_EXAMPLES = 2
"""Letters with an example from which a bare one that touches figures is a figure."""

_BETWEEN: dict[str, dict[str, float]] = {
    "de": {"2": 0.0, "": 0.3, "D": 0.3}, "des": {"2": 0.0, "": 0.3, "D": 0.3},
    "en": {"1": 0.0, "": 0.3, "N": 0.4}, "à": {"": 0.0, "1": 0.3, "A": 0.3},
    "a": {"": 0.0, "1": 0.3, "A": 0.3},
}  # fmt: skip
"""Short words heard before a figure: « quatre, six, deux » as « 4 à 62 », « un » as « en »."""

Costs = dict[str, float]


@dataclass(frozen=True)
class _Part:
    """One sign of a run with the strings that it may stand for, likeliest first."""

    strings: Costs
    sure: bool = True
    named: bool = False

    @property
    def weight(self) -> int:
        """How much it takes to leave it out: each figure counts, an example counts for three."""
        return 3 if self.named else max(1, len(next(iter(self.strings), "")))


def strings_in(words: Sequence[Word]) -> tuple[Costs, bool]:
    """Strings of the runs of letters and figures in words, with their costs."""
    costs: Costs = {}
    unsure = False
    for run in _runs(words):
        letters = [part for part in run if not part.sure]
        for left in range(min(_MOST_DROPPED, len(run) - 1) + 1):
            for right in range(min(_MOST_DROPPED, len(run) - 1 - left) + 1):
                dropped = _DROPPED_FIRST * sum(part.weight for part in run[:left])
                dropped += _DROPPED_LAST * sum(part.weight for part in run[len(run) - right :])
                for string, cost in _strings(run[left : len(run) - right]).items():
                    costs[string] = min(cost + dropped, costs.get(string, 99.0))
        unsure = unsure or len(letters) * 2 > len(run)
    return dict(sorted(costs.items(), key=lambda item: (item[1], -len(item[0])))), unsure


def _strings(run: Sequence[_Part]) -> Costs:
    heads: Costs = {"": 0.0}
    for part in run:
        longer: Costs = {}
        for head, cost in heads.items():
            for string, more in part.strings.items():
                whole = head + string
                longer[whole] = min(cost + more, longer.get(whole, 99.0))
        heads = dict(sorted(longer.items(), key=lambda item: item[1])[:_STRINGS])
    return heads


def _runs(words: Sequence[Word]) -> Iterator[list[_Part]]:
    """Runs of letters and figures with no other word between them."""
    run: list[_Part] = []
    figures: list[Word] = []
    signs = signs_of(_without_articles(words))
    with_examples = sum(sign.named for sign in signs) >= _EXAMPLES
    for sign, following in zip_longest((*signs, None), signs[1:]):
        if sign is not None and sign.kind == "figures":
            figures += sign.words
            continue
        text = sign.words[0].plain if sign is not None else ""
        if figures and text not in _UNITS and not _is_article(run, figures, sign):
            run.append(_figures(figures))
        figures = []
        part = _letters(sign, run, following, with_examples) if sign is not None else None
        if part is not None:
            run.append(part)
        elif sign is None or not (text in _JOINS or _DASH.fullmatch(text)):
            # « LV 460 car il … »: a word that only sounds like a letter is a word before a word.
            while sign is not None and run and not run[-1].sure and not sign.words[0].paused:
                run.pop()
            if run:
                yield run
            run = []


def _without_articles(words: Sequence[Word]) -> list[Word]:
    """« la lettre O, le chiffre zéro » without « la » and « le »: they part no reference."""
    return [
        word
        for word, after in zip_longest(words, words[1:])
        if word.plain not in ("la", "le", "l")
        or after is None
        or after.plain not in ("lettre", "letter", "chiffre")
    ]


def _is_article(run: Sequence[_Part], figures: Sequence[Word], sign: Sign | None) -> bool:
    return not run and sign is not None and [w.plain for w in figures] in (["un"], ["une"])


def _figures(words: Sequence[Word]) -> _Part:
    costs = sorted(ways(words, thousands=True, longest=12).items(), key=lambda way: way[1])
    return _Part({figures: cost * 0.5 for figures, cost in costs[:_PER_SIGN]})


def _letters(
    sign: Sign, run: Sequence[_Part], following: Sign | None, with_examples: bool
) -> _Part | None:
    """What a sign that is no figure stands for, None if it is any other word."""
    if run and following is not None and following.kind == "figures" and not sign.named:
        between = _BETWEEN.get(sign.words[0].raw)
        if between is not None:
            return _Part(between, sure=False)
    if sign.kind == "word":
        elides = following is not None and following.words[0].elided
        return None if elides else _as_literal(sign.words[0])  # « n'est » holds no N
    strings = {option: at * _OTHER_OPTION for at, option in enumerate(sign.options)}
    if sign.doubled:
        strings = {f"2{sign.options[0][0]}": 0.0, sign.options[0]: _OTHER_OPTION}
    figure = _FIGURES.get(sign.text)
    if figure is None or sign.named or sign.doubled:
        return _Part(strings, sign.sure, sign.named)
    glued = sign.words[0].gap == "" or (following is not None and following.words[0].gap == "")
    last = following is None and sign.text == "A"
    if with_examples and run and (glued or last):
        return _Part({figure: 0.0, sign.text: _OTHER_OPTION}, sign.sure)
    return _Part({**strings, figure: _AS_FIGURE}, sign.sure) if run else _Part(strings, sign.sure)


def _as_literal(word: Word) -> _Part | None:
    """Capitals as they stand, and letters' names in one word; None for any other word."""
    literal = word.plain.upper()
    capitals = word.raw.isupper() and len(word.raw) <= 6
    if literal == "WWW":  # « double vé » before a point
        return _Part({"W": 0.0, literal: _OTHER_OPTION})
    if capitals or (word.gap == "" and len(literal) <= 4):
        return _Part({literal: 0.0})
    if len(literal) <= 4 and not re.search("[AEIOUY]", literal):
        return _Part({literal: 0.0})
    pieces = _in_pieces(word.plain)
    return _Part({pieces: _OTHER_OPTION}, sure=False) if pieces else None


def _in_pieces(word: str) -> str:
    """Letters whose names a recogniser wrote in one word: « elvé » is L V; none if it is a word."""
    if not 4 <= len(word) <= 8:
        return ""
    letters: dict[int, str] = {0: ""}
    for at in range(len(word)):
        for piece in _PIECES if at in letters else ():
            if word.startswith(piece, at):
                name = _LETTER_OF_PIECE.get(piece, piece[0].upper())
                letters.setdefault(at + len(piece), letters[at] + name)
    return letters.get(len(word), "")
