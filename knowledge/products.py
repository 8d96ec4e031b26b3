"""Which appliance a manual is about, and which one a caller speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from knowledge.documents import Document
from knowledge.safety import fold
from knowledge.spoken import references

_APPLIANCES: tuple[tuple[str, str], ...] = (
    ("lave-linge", r"lave linge|machine a laver(?! la vaisselle)|washing machine|lavante"),
    ("lave-vaisselle", r"lave vaisselle|machine a laver la vaisselle|dishwasher"),
    ("sèche-linge", r"seche linge|tumble dryer"),
    ("four", r"\bfours?\b(?! a micro)|\boven\b|cuisiniere"),
    ("micro-ondes", r"micro ondes?|microwave"),
    ("réfrigérateur", r"refrigerateur|\bfrigos?\b|refrigerator|fridge"),
    ("congélateur", r"congelateur|freezer"),
    ("plaque de cuisson", r"plaques?(?: de cuisson| a induction)?|table de cuisson|\bhob\b"),
    ("hotte", r"\bhotte\b|cooker hood"),
    ("cave à vin", r"cave a vins?|wine cooler"),
    ("aspirateur", r"aspirateur|vacuum cleaner"),
    ("chauffe-eau", r"chauffe eau|cumulus|ballon d eau chaude|water heater"),
)
_COMPILED = tuple((name, re.compile(pattern)) for name, pattern in _APPLIANCES)
_REFERENCE = re.compile(r"\b[A-Z]{2,4}[- ]?\d{2,4}[A-Z]{0,3}\b")
_SOUNDS = {
    "lavelinge": "lave-linge",
    "lavevaisselle": "lave-vaisselle",
    "sechelinge": "sèche-linge",
}
"""Names that are often misheard and long enough to be near nothing else."""

NEAREST_NAME = 0.84
"""Similarity from which a run of words is a misheard name (difflib's ratio)."""

COVER_PAGES = 3
"""Pages, the cover first, that say what a manual is about."""


@dataclass(frozen=True)
class Product:
    """An appliance as a manual names it.

    Attributes:
        appliance: Its kind, in French ("lave-linge"); "appareil" if not recognised.
        references: Models that the manual covers ("LV450", "LV450X").
    """

    appliance: str
    references: tuple[str, ...]

    @property
    def name(self) -> str:
        """What is said to a caller: « lave-linge LV450 »."""
        return " ".join([self.appliance, *self.references[:1]])


def with_article(product: str) -> str:
    """« le lave-linge LV450 », « la hotte HT60 », « l'aspirateur AS10 »."""
    if product.startswith(("plaque", "hotte", "cave")):
        return f"la {product}"
    return f"l'{product}" if product[:1] in "aeiouyé" else f"le {product}"


def product_of(document: Document) -> Product:
    """The product that a manual is about, read from its cover and first pages."""
    cover = (
        document.title
        + " "
        + " ".join(block.text for page in document.pages[:1] for block in page.blocks)
    )
    early = (
        cover
        + " "
        + " ".join(block.text for page in document.pages[1:COVER_PAGES] for block in page.blocks)
    )
    appliance = appliance_in(cover) or appliance_in(early) or "appareil"
    counts: dict[str, int] = {}
    for found in _REFERENCE.findall(cover):
        name = re.sub(r"[- ]", "", found)
        counts[name] = counts.get(name, 0) + 1
    return Product(appliance, _family(counts))


def _family(counts: dict[str, int]) -> tuple[str, ...]:
    """The references that begin like the first one: the others are standards and parts."""
    if not counts:
        return ()
    first = max(counts, key=lambda name: (counts[name], -len(name)))
    stem = re.match(r"[A-Z]+\d+", first)
    root = stem.group() if stem else first
    return tuple(sorted((n for n in counts if n.startswith(root)), key=len))


def appliance_in(text: str) -> str | None:
    """The first kind of appliance named in a text, also misheard; None if there is none."""
    folded = fold(text)
    found = [(match.start(), name) for name, p in _COMPILED if (match := p.search(folded))]
    return min(found)[1] if found else _misheard(folded.split())


def _misheard(words: list[str]) -> str | None:
    """An appliance whose name nearly is a word or two in a row: « lavelange », « l'ave linge »."""
    runs = [*words, *(a + b for a, b in pairwise(words))]
    runs += [a + b + c for a, b, c in zip(words, words[1:], words[2:], strict=False)]
    best: tuple[float, str | None] = (NEAREST_NAME, None)
    for run in runs:
        for key, name in _SOUNDS.items():
            if abs(len(run) - len(key)) <= 3:
                ratio = SequenceMatcher(None, run, key).ratio()
                best = max(best, (ratio, name), key=lambda item: item[0])
    return best[1]


def named_product(question: str, products: Iterable[Product]) -> Product | None:
    """The product that a question names, by reference or by kind; None if open."""
    known = list(products)
    said = {reference.upper() for reference in references(question)}
    for product in known:
        if said & set(product.references):
            return product
    appliance = appliance_in(question)
    same_kind = [product for product in known if product.appliance == appliance]
    return same_kind[0] if len(same_kind) == 1 else None
