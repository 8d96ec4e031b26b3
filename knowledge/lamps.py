"""Lamps that blink, a fault without a display: « le voyant Départ clignote 3 fois ». Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.safety import fold

_LAMP = r"(?:voyants?|temoins?|leds?|lampes?|diodes?|lumieres?|loupiotes?)"
_BLINKS = re.compile(
    r"\b(?:clignot\w*|eclats?|flash\w*|bips?|sonne\w*|allume\w*|s allume|fixe|bat)\b"
)
_COUNT = re.compile(
    r"\b(\d{1,2}|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix) "
    r"(?:fois|eclats?|clignotements?|coups?|flash\w*|bips?|impulsions?)\b"
)
_NUMBERS = {name: at for at, name in enumerate(
    "zero un deux trois quatre cinq six sept huit neuf dix".split())} | {"une": 1}  # fmt: skip
_NO_NAME = frozenset(
    "voyant voyants temoin temoins led leds lampe lampes diode diodes lumiere lumieres le la"
    " les l un"
    " une du de des d et ou est sont clignote clignotent clignotant clignotement clignotements fois"
    " eclat eclats flash bip bips coup coups en rouge vert verte orange fixe allume allumes"
    " rapidement"
    " lentement vite qui se s par seconde secondes sur a au avec".split()
)
_COLOURS = frozenset("rouge vert verte orange bleu bleue blanc fixe".split())


@dataclass(frozen=True)
class Lamp:
    """A sign of lamps: names of the lamps, folded, and how often they blink, 0 if not counted."""

    names: frozenset[str]
    count: int


@dataclass(frozen=True)
class Said:
    """What a caller says of lamps: those of the list that fit, and whether one was named."""

    lamps: tuple[Lamp, ...]
    named: bool
    words: str


def _count(folded: str) -> int:
    found = _COUNT.search(folded)
    if found is None:
        return 0
    return int(found[1]) if found[1].isdigit() else _NUMBERS[found[1]]


def lamp_of(code: str) -> Lamp | None:
    """The lamps of a code such as « voyants Rinçage et Essorage clignotent 3 fois », else None."""
    folded = fold(code)
    if not re.search(rf"\b{_LAMP}\b", folded) and not (_BLINKS.search(folded) and _count(folded)):
        return None
    words = [w for w in folded.split() if not w.isdigit() and w not in _NUMBERS]
    names = frozenset(w for w in words if w not in _NO_NAME)
    return Lamp(names or frozenset(w for w in words if w in _COLOURS), _count(folded))


def lamps_said(text: str, known: Sequence[Lamp]) -> Said | None:
    """The lamps of a list that a caller's words fit, None if they are of no lamp.

    A count that stands in no list gives no lamp, so that it is not answered as another one.
    """
    folded = fold(text)
    count, words = _count(folded), set(folded.split())
    blinks = _BLINKS.search(folded) is not None
    if not known or not blinks:
        return None
    if not count:
        fixed = [lamp for lamp in known if not lamp.count and lamp.names and lamp.names <= words]
        about = re.search(rf"\b{_LAMP}\b", folded)
        return Said(tuple(fixed), True, text) if fixed and about else None
    named = [lamp for lamp in known if lamp.names and lamp.names <= words]
    if named:
        widest = max(len(lamp.names) for lamp in named)
        fitting = [lamp for lamp in named if lamp.count == count and len(lamp.names) == widest]
        return Said(tuple(fitting), True, _words(named[0], count))
    if re.search(r"\b(?:bips?|sonne\w*)\b", folded) and not re.search(rf"\b{_LAMP}\b", folded):
        return None
    fitting = [lamp for lamp in known if lamp.count == count]
    return Said(tuple(fitting), False, _words(None, count))


def _words(lamp: Lamp | None, count: int) -> str:
    name = f" {' '.join(sorted(lamp.names))}" if lamp else ""
    return f"voyant{name} {count} fois"
