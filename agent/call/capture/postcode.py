"""A French postcode: « soixante-quinze zéro onze », « soixante-neuf mille trois », « 2A … ».

The first two figures are the department's (La Poste): 01 to 95, 97 and 98 overseas; Corsica's 2A
and 2B are written 20.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.call.capture.amending import amended
from agent.call.capture.numerals import figures_heard, value_of, ways
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.runs import edits_of, runs_of
from agent.call.capture.takes import Take, takes_of
from agent.call.capture.words import Word, phrase, words_of

DIGITS = 5
"""Figures of a postcode."""

_VALID = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|97[1-8]|98\d)\d*")
_CORSICA = re.compile(r"\b(2|deux) ?([ab])\b(?!')", re.IGNORECASE)
_TOWNS = {"paris": ("750", 20), "lyon": ("6900", 9), "marseille": ("130", 16)}
"""Cities of several postcodes: how they begin, and how many districts there are."""

_RANKS = {"premier": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5,
          "sixieme": 6, "septieme": 7, "huitieme": 8, "neuvieme": 9, "dixieme": 10, "onzieme": 11,
          "douzieme": 12, "treizieme": 13, "quatorzieme": 14, "quinzieme": 15, "seizieme": 16,
          "vingtieme": 20}  # fmt: skip
_REPAIRED, _TOO_FAR = 2, 5
_ZERO_LOST = 2


def read(text: str) -> Reading:
    """The postcode that is said.

    Args:
        text: The caller's words; figures may be written or in words.

    Returns:
        Five figures, or those of them that were heard.
    """
    takes = takes_of(edits_of(runs_of(_CORSICA.sub(" vingt, ", text))), _cost)
    whole = [reading for take in takes if (reading := _best(take)) is not None]
    if whole:
        others = {reading.value for reading in whole} - {whole[0].value}
        return Reading(whole[0].value, True, whole[0].doubtful or bool(others))
    district = _district(text)
    if district is not None:
        return Reading(district, True, True)
    if not takes:
        return NOTHING
    return Reading(max((figures_heard(take.words, thousands=True) for take in takes), key=len))


def amend(value: str, text: str) -> Reading:
    """The postcode once a part of it is corrected: « non, zéro quatre à la fin ».

    Args:
        value: The postcode that was read back.
        text: The caller's words.
    """
    figures = value
    for edit in edits_of(runs_of(text)):
        new, old = figures_heard(edit.run.words), figures_heard(edit.old)
        changed = amended(figures, new, old=old, place=edit.run.place)
        if changed is None:
            return NOTHING
        figures = changed
    return Reading(figures, True) if figures != value and is_postcode(figures) else NOTHING


def is_postcode(figures: str) -> bool:
    """Whether figures are a postcode of France."""
    return len(figures) == DIGITS and _VALID.fullmatch(figures) is not None


def _cost(words: Sequence[Word], plus: bool) -> int | None:
    costs = _postcodes(words)
    return min(costs.values()) if costs and not plus else None


def _best(take: Take) -> Reading | None:
    found = sorted(_postcodes(take.words).items(), key=lambda way: (way[1], way[0]))
    if not found:
        return None
    value, cost = found[0]
    rivals = [other for other, other_cost in found[1:] if other_cost <= cost + 1]
    return Reading(value, True, bool(rivals) or cost >= _REPAIRED)


def _postcodes(words: Sequence[Word]) -> dict[str, int]:
    """Postcodes that words may mean, with their costs."""
    costs: dict[str, int] = {}
    for figures, cost in ways(words, thousands=True, longest=DIGITS + 2).items():
        if len(figures) == DIGITS - 1 and _is_one_thousand(words):
            figures = f"0{figures}"  # « six mille » is 06000
        if cost < _TOO_FAR and is_postcode(figures):
            costs[figures] = min(cost, costs.get(figures, cost))
    heard = figures_heard(words, thousands=True)
    if len(heard) == 4 and heard.startswith(("75", "69", "13")) and len(words) > 1:
        district = f"{heard[:2]}0{heard[2:]}"  # « soixante-quinze onze »
        if _is_district(district):
            costs.setdefault(district, _ZERO_LOST)
    return costs


def _is_one_thousand(words: Sequence[Word]) -> bool:
    value = value_of(words)
    return value is not None and 1000 <= value < 10_000 and phrase(words).count("mil") == 1


def _is_district(figures: str) -> bool:
    return any(
        figures.startswith(head) and 1 <= int(figures[len(head) :]) <= last
        for head, last in _TOWNS.values()
    )


def _district(text: str) -> str | None:
    """« Paris onzième »: the postcode of a city's district."""
    words = words_of(text)
    for at, word in enumerate(words):
        if word.plain not in _TOWNS:
            continue
        head, last = _TOWNS[word.plain]
        rest = [w for w in words[at + 1 :] if w.plain not in ("dans", "le", "e", "eme", "er", "c")]
        number = _RANKS.get(rest[0].plain) if rest else None
        if rest and number is None:
            number = value_of(rest[:1])
        if number is not None and 1 <= number <= last:
            return head + str(number).zfill(DIGITS - len(head))
    return None


def said(value: str) -> str:
    """A postcode as it is read back: a number, as people say it."""
    return value
