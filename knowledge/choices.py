"""Which of the appliances that were offered a short answer sounds like: « le lave-lâche ».

A caller who was asked « le four ou le lave-linge ? » mostly says one of the two; what is heard is
held against the names that were offered, by sound, and against what else is said there. Where it
is not clearly the nearest to one of them, nothing is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from knowledge.alike import costs, from_start, likeness
from knowledge.appliances import KINDS, appliances_in, is_related
from knowledge.phonetics import sounds
from knowledge.safety import fold

LIKE_CHOICE = 0.65
"""Likeness of sounds from which an answer may be a choice."""

CLEARLY = 0.1
"""By how much the nearest choice is nearer than the second, and than all that is no choice."""

LONGEST_ANSWER = 8
"""Words of an answer that only chooses."""

_LEADS = (
    "", "le", "la", "l'", "du", "de la", "mon", "ma", "un", "une", "c'est", "c'est le", "c'est la",
    "c'est mon", "c'est ma", "c'est pour", "c'est pour le", "c'est pour la", "c'est pour mon",
    "c'est pour ma", "pour le", "pour la", "pour mon", "pour ma", "je parle du", "je parle de la",
    "il s'agit du", "il s'agit de la", "c'est un", "c'est une", "plutôt le", "plutôt la",
    "oui le", "oui la", "euh le", "euh la", "alors c'est le", "alors c'est la",
)  # fmt: skip
"""What comes before the name."""

_ALSO = {
    "lave-linge": ("machine à laver", "machine à laver le linge"),
    "lave-vaisselle": ("machine à laver la vaisselle",),
    "sèche-linge": ("séchoir",),
    "réfrigérateur": ("frigo", "frigidaire"),
    "congélateur": ("congélo",),
    "micro-ondes": ("four à micro-ondes",),
    "plaque de cuisson": ("plaque", "plaques", "table de cuisson", "plaque à induction"),
    "machine à café": ("cafetière",),
    "cave à vin": ("cave",),
    "climatiseur": ("clim",),
    "télévision": ("télé",),
}
"""What callers call a kind, beside its name."""

_NO_CHOICE = (
    "je ne sais pas", "je sais pas", "j'en sais rien", "aucune idée", "aucun", "aucun des deux",
    "ni l'un ni l'autre", "aucun des trois", "les deux", "tous les deux", "attendez",
    "attendez je regarde", "je regarde", "une seconde", "un instant", "pardon", "comment",
    "répétez", "vous pouvez répéter", "oui", "non", "merci", "au revoir", "un conseiller",
    "un autre appareil", "autre chose", "le premier", "le deuxième", "le dernier", "allô",
    "je n'ai pas compris", "je ne comprends pas", "lequel", "c'est quoi", "peu importe",
)  # fmt: skip
"""What else is said there."""

_DENIES = re.compile(r"\b(?:pas|ni|aucune?s?|non|sauf|autres?|sans|rien|plus)\b")
_POLITE = re.compile(
    r"\b(?:s['’ ]il (?:vous|te) pla[iî]t|merci|voil[aà]|madame|monsieur|bonjour)\b"
)


@lru_cache(maxsize=64)
def choice_heard(readings: tuple[str, ...], choices: tuple[str, ...]) -> str | None:
    """The choice that an answer sounds like; None if none, or if words are enough to tell.

    Args:
        readings: What the recogniser may have heard, likelier first.
        choices: What was offered: « le four », « le lave-linge LV450 ».

    It takes some 25 ms; the turn that was rehearsed at a pause asks again.
    """
    kinds = [next(iter(appliances_in(choice)), "") for choice in choices]
    several = {kind for kind in kinds if kinds.count(kind) > 1}
    if len(choices) < 2 or not readings or not _may_choose(readings[0]):
        return None
    if not several.issuperset(appliances_in(readings[0])):
        return None
    for reading in filter(_may_choose, readings[1:]):
        named = appliances_in(reading)
        if len(named) == 1 and named[0] in kinds and named[0] not in several:
            return choices[kinds.index(named[0])]
    names = {
        choice: _references(choice) if kind in several else _called(kind)
        for choice, kind in zip(choices, kinds, strict=True)
    }
    leads = (*_LEADS, *(f"{lead} {kind}" for lead in _LEADS for kind in sorted(several)))
    return _nearest(_heard(readings[0]), names, leads)


def _may_choose(text: str) -> bool:
    folded = fold(text)
    return 0 < len(folded.split()) <= LONGEST_ANSWER and _DENIES.search(folded) is None


def _heard(text: str) -> str:
    return sounds(_POLITE.sub(" ", text.casefold()))


def _called(kind: str) -> tuple[str, ...]:
    return tuple(sounds(name) for name in (kind, *_ALSO.get(kind, ())))


def _references(choice: str) -> tuple[str, ...]:
    """A model's reference as it is said, whole and without its letters."""
    parts = re.findall(r"[A-Za-z]|\d+", " ".join(re.findall(r"\S*\d\S*", choice)))
    figures = [part for part in parts if part.isdigit()]
    return tuple(sounds(" ".join(said)) for said in (parts, figures) if said)


def _nearest(heard: str, names: dict[str, tuple[str, ...]], leads: Sequence[str]) -> str | None:
    """The one of the names that is near enough, and clearly nearer than all else."""
    before = _after_leads(heard, leads)
    near = {
        choice: max((_like(name, heard, before) for name in called if name), default=0.0)
        for choice, called in names.items()
    }
    best, second, *_ = sorted(near, key=lambda choice: -near[choice])
    kinds = {kind for choice in names for kind in appliances_in(choice)}
    others = [
        _like(name, heard, before)
        for other in KINDS
        if not any(is_related(other.name, kind) for kind in kinds)
        for name in _called(other.name)
    ]
    others += [likeness(sounds(phrase), heard) for phrase in _NO_CHOICE]
    beaten = max(near[second], *others) + CLEARLY
    return best if near[best] >= max(LIKE_CHOICE, beaten) else None


def _after_leads(heard: str, leads: Sequence[str]) -> list[float]:
    """What it costs to have heard each beginning for the nearest lead-in."""
    rows = [costs(sounds(lead), heard, from_start(heard)) for lead in leads]
    return [min(row[at] for row in rows) for at in range(len(heard) + 1)]


def _like(name: str, heard: str, before: Sequence[float]) -> float:
    """How alike a name sounds to what was heard after the lead-in."""
    return 1 - costs(name, heard, before)[-1] / len(name)
