"""A telephone number as French people say it: by pairs, by threes, figure by figure, corrected.

The numbering plan is that of the library `phonenumbers`. Numbers of France's plan that it holds for
unassigned are accepted by their shape: the plan grows, and fiction has its own ranges (ARCEP,
decision 2018-0881: 06 39 98, 01 99 00 …).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from agent.call.capture.amending import amended
from agent.call.capture.numerals import as_heard, figures_heard, ways
from agent.call.capture.reading import NOTHING, Reading
from agent.call.capture.runs import Edit, edits_of, runs_of
from agent.call.capture.takes import Take, takes_of
from agent.call.capture.words import Word

DIGITS = 10
"""Figures of a French number as it is said."""

_FICTION = re.compile(r"0(?:63998|19900|26191|35301|46571|53649)\d{4}")
_SHORT = re.compile(r"(?:3\d{3}|10\d{2}|118\d{3}|112|11[4-9]|119)")
"""Numbers that are called and do not call: 36 46, 118 218, 112."""

_OVERSEAS = {"590": ("GP", "BL", "MF"), "594": ("GF",), "596": ("MQ",), "262": ("RE", "YT"),
             "508": ("PM",)}  # fmt: skip
"""Country codes of French departments overseas, whose numbers are said with a zero as well."""

_REPAIRED, _TOO_FAR = 2, 5
"""Costs from which a reading is doubtful though no other one fits, and is none at all."""

_ZERO_LOST, _PAIR_TWICE = 3, 3


@dataclass(frozen=True)
class _Number:
    value: str
    likely: bool = True
    unusable: bool = False


def read(text: str) -> Reading:
    """The telephone number that is said.

    Args:
        text: The caller's words; figures may be written or in words.

    Returns:
        The number in E.164 if it is complete. If it is not: its figures so far, « + » before them
        where the caller said so. Unusable numbers are those that cannot be called back.
    """
    takes = takes_of(edits_of(runs_of(text)), _cost)
    whole = [reading for take in takes if (reading := _best(take)) is not None]
    if whole:
        others = {reading.value for reading in whole} - {whole[0].value}
        first = whole[0]
        return Reading(first.value, not first.unusable, first.doubtful or bool(others),
                       first.unusable)  # fmt: skip
    if not takes:
        return NOTHING
    longest = max(takes, key=lambda take: len(figures_heard(take.words)))
    figures = figures_heard(longest.words)
    if _SHORT.fullmatch(figures) and not longest.plus:
        return Reading(figures, unusable=True)
    return Reading(f"+{figures}" if longest.plus else figures)


def amend(value: str, text: str) -> Reading:
    """The number once a part of it is corrected: « non, 34 à la fin », « quinze, pas cinq ».

    Args:
        value: The number that was read back, in E.164.
        text: The caller's words.

    Returns:
        The corrected number; nothing where it is not clear which part is meant.
    """
    figures = national(value)
    for edit in edits_of(runs_of(text)):
        changed = _amended(figures, edit)
        if changed is None:
            return NOTHING
        figures = changed
    number = _number(figures, plus=not figures.startswith("0"))
    if number is None or number.value == value:
        return NOTHING
    return Reading(number.value, not number.unusable, False, number.unusable)


def _amended(figures: str, edit: Edit) -> str | None:
    """Figures with one correction made; by pairs first, where « cinq » is 05."""
    new, old, place = figures_heard(edit.run.words), figures_heard(edit.old), edit.run.place
    if old and not (len(new) == len(old) == 1):
        paired = amended(figures, _paired(new), old=_paired(old), place=place, step=2)
        if paired is not None and len(paired) == len(figures):
            return paired
    changed = amended(figures, new, old=old, place=place, step=2)
    return changed if changed is not None and len(changed) == len(figures) else None


def _paired(figures: str) -> str:
    return f"0{figures}" if len(figures) % 2 else figures


def _cost(words: Sequence[Word], plus: bool) -> int | None:
    costs = [2 * cost + (not number.likely) for cost, number in _numbers(tuple(words), plus)]
    return min(costs) if costs else None


def _best(take: Take) -> Reading | None:
    """The likeliest whole number of a take."""
    found = sorted(_numbers(take.words, take.plus), key=_rank)
    if not found:
        return None
    cost, best = found[0]
    rivals = [
        number
        for other, number in found
        if number.value != best.value and other <= cost + 1 and number.likely >= best.likely
    ]
    doubtful = bool(rivals) or cost >= _REPAIRED
    if not best.value.startswith("+33"):
        doubtful = doubtful or not best.likely
    return Reading(best.value, True, doubtful, best.unusable)


def _rank(found: tuple[int, _Number]) -> tuple[int, bool, str]:
    cost, number = found
    return cost, not number.likely, number.value


def _numbers(words: tuple[Word, ...], plus: bool) -> tuple[tuple[int, _Number], ...]:
    """Whole numbers that words may mean, with their costs."""
    costs = dict(ways(words))
    pieces = as_heard(words)
    for at in range(1, len(pieces)):
        if pieces[at][2] == pieces[at - 1][2] and len(pieces[at][2]) == 2:  # a pair said twice
            once = ways((*words[: pieces[at][0]], *words[pieces[at][1] :]))
            for figures, cost in once.items():
                costs[figures] = min(cost + _PAIR_TWICE, costs.get(figures, 99))
    heard = len(figures_heard(words))
    found = _fitting(costs, heard, plus)
    if not found and heard > DIGITS and not plus:
        # « quatre-vingt… dix-huit »: where only this makes a number of all of it, it is that one.
        slow = [way for way in ways(words, slow=True).items() if len(way[0]) == DIGITS]
        found = [(_REPAIRED, number) for _, number in _fitting(dict(slow), heard, plus)]
    return tuple(found)


def _fitting(costs: Mapping[str, int], heard: int, plus: bool) -> list[tuple[int, _Number]]:
    """Those of the ways that are whole numbers."""
    found = []
    for figures, cost in costs.items():
        # No number is parted to make up the length: who stops after eight figures goes on later.
        if cost >= _TOO_FAR or len(figures) > heard:
            continue
        number = _number(figures, plus=plus)
        if number is None and not plus and re.fullmatch(r"[1-79]\d{8}", figures):
            number, cost = _number(f"0{figures}", plus=False), cost + _ZERO_LOST
        if number is not None:
            found.append((cost, number))
    return found


def _number(figures: str, *, plus: bool) -> _Number | None:
    """The number that figures are, None if they are none or only a part of one."""
    if not plus and not figures.startswith("00"):
        return _french(figures)
    abroad = figures if plus else figures.removeprefix("00")
    abroad = abroad.removeprefix("00")
    if abroad.startswith("33"):
        national = abroad.removeprefix("33")
        return _french(national if national.startswith("0") else f"0{national}")
    number = _parsed(f"+{abroad}")
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return _Number(_e164(number), phonenumbers.is_valid_number(number))


def _french(figures: str) -> _Number | None:
    if not re.fullmatch(r"0[1-9]\d{8}", figures):
        return None
    if figures.startswith("08"):
        return _Number(f"+33{figures[1:]}", unusable=True)
    for code, regions in _OVERSEAS.items():
        number = _parsed(f"+{code}{figures[1:]}")
        if number and any(phonenumbers.is_valid_number_for_region(number, at) for at in regions):
            return _Number(_e164(number))
    number = _parsed(f"+33{figures[1:]}")
    assigned = number is not None and phonenumbers.is_valid_number(number)
    return _Number(f"+33{figures[1:]}", assigned or _FICTION.fullmatch(figures) is not None)


def _parsed(written: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(written, None)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national(value: str) -> str:
    """A number's figures as they are said: with a zero in France, with its country's code abroad.

    Args:
        value: A number in E.164.
    """
    for code in ("33", *_OVERSEAS):
        if value.startswith(f"+{code}") and len(value) == len(code) + DIGITS:
            return f"0{value.removeprefix(f'+{code}')}"
    return value.removeprefix("+")


def said(value: str) -> str:
    """A number as it is read back: « 06 39 98 12 34 », « +32, 470, 12, 34, 56 ».

    The commas are breaths: figures of other countries would run into each other without them.

    Args:
        value: A number in E.164, or the figures of one that is not complete.
    """
    if not value.startswith("+"):
        return ", ".join(re.findall(r"\d{1,2}", value))
    figures = national(value)
    if figures.startswith("0"):
        return " ".join(re.findall(r"\d\d", figures))
    number = _parsed(value)
    if number is None:
        return f"+{' '.join(re.findall(r'..?', figures))}"
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    groups = re.findall(r"\+?\d+", written)
    short = [part for group in groups for part in ([group] if len(group) <= 3 or "+" in group
             else re.findall(r"\d\d?", group))]  # fmt: skip
    return ", ".join(short)
