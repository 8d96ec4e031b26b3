"""Which appliance a manual is about, and which one a caller speaks of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from knowledge.appliances import appliance_in, appliances_in, is_related, with_article
from knowledge.documents import Document
from knowledge.references import (
    REFERENCE,
    compact,
    references_in,
    said_reference,
    same_reference,
    written_references,
)
from knowledge.safety import fold
from knowledge.spoken import references

__all__ = [
    "Product", "appliance_in", "candidates", "distinct", "named_model", "named_product",
    "product_of", "same_product", "with_article",
]  # fmt: skip

COVER_PAGES = 3
"""Pages, the cover first, that say what a manual is about."""

_COVER, _NAMED, _FILE, _COLUMN, _TITLE = 3.0, 4.0, 5.0, 4.0, 3.0
"""How much each place says that a reference is the appliance's own; a place in the text says 1."""

MOST_IN_TEXT = 4
"""Places in the text that count."""

FAMILY_SHARE = 0.4
"""Share of the best score from which other figures are another model: NH90 and NH60."""

BRAND_PLACES = 2
"""Places in the text from which a proper name of the cover is the brand."""

_MODEL_LINE = re.compile(
    r"\b(?:mod[eè]les?|r[ée]f[ée]rences?|types?|appareils?)\s*:?\s*(?P<rest>.{0,80})", re.I
)
_PARTS = re.compile(r"pi[eè]ces?|accessoires?|command|rechange|filtre|option|vendu|cartouche", re.I)
_SPACED = re.compile(r"(?<!\w)(?:\w ){3,}\w(?!\w)")
_NO_BRAND = frozenset(
    "notice manuel mode guide livret emploi utilisation installation entretien garantie fr en de es"
    " it nl instructions manual user original originale traduction document francais english"
    " deutsch"
    " modele modeles reference type serie slim plus pro eco no frost securite nous vous les des une"
    " led usb wifi inox doc rev version imprime page sommaire codes faq questions erreur".split()
)


@dataclass(frozen=True)
class Product:
    """An appliance as a manual names it.

    Attributes:
        appliance: Its kind, in French ("lave-linge"); "appareil" if not recognised.
        references: Models that the manual covers ("LV450", "LV450X"), as they are written.
        brand: Its make ("Orvane"), "" if not recognised.
    """

    appliance: str
    references: tuple[str, ...]
    brand: str = ""

    @property
    def name(self) -> str:
        """What is said to a caller: « lave-linge LV450 »."""
        return " ".join([self.appliance, *self.references[:1]])


# From a document.


def product_of(document: Document, file_name: str = "", override: Product | None = None) -> Product:
    """The product that a file is about: its cover, headers of tables, title and file name.

    Args:
        document: The file, read.
        file_name: Its name; « hotte-nh90-codes.xlsx » names the appliance where nothing else does.
        override: What was entered by hand; it is taken as it is.
    """
    if override is not None:
        return override
    name = f"{PurePath(file_name).stem} " if file_name else ""
    first = document.pages[:1]
    cover = f"{document.title} " + " ".join(b.text for page in first for b in page.blocks)
    early = " ".join(b.text for page in document.pages[1:COVER_PAGES] for b in page.blocks)
    appliance = next(
        filter(None, map(_kind, (document.title, cover, name.replace("-", " "), early))), "appareil"
    )
    return Product(appliance, _references(document, name, cover), _brand(document, cover))


def _kind(text: str) -> str | None:
    return next(iter(appliances_in(text)), None) or (appliance_in(text) if len(text) < 60 else None)


def _references(document: Document, name: str, cover: str) -> tuple[str, ...]:
    """The family of the reference that most places name; parts and standards are left out."""
    whole = "\n".join(b.text for page in document.pages for b in page.blocks)
    scores: Counter[str] = Counter()
    for reference in written_references(cover):
        scores[reference] += _COVER  # type: ignore[assignment]
    for reference in written_references(document.title):
        scores[reference] += _TITLE  # type: ignore[assignment]
    for line in _MODEL_LINE.finditer(whole):
        if not _PARTS.search(whole[max(0, line.start() - 60) : line.end()]):
            for reference in written_references(line["rest"]):
                scores[reference] += _NAMED  # type: ignore[assignment]
    for block in (b for page in document.pages for b in page.blocks if b.rows):
        for cell in block.rows[0][1:]:
            for reference in written_references(cell):
                scores[reference] += _COLUMN  # type: ignore[assignment]
    for reference in _in_file_name(name.lower(), whole) + _in_file_name(document.title, whole):
        scores[reference] += _FILE  # type: ignore[assignment]
    if not scores:
        return ()
    for reference, count in Counter(written_references(whole)).items():
        if reference in scores:
            scores[reference] += min(count, MOST_IN_TEXT)
    best = max(scores, key=lambda r: (scores[r], -len(r)))
    strong = {r for r in scores if scores[r] >= FAMILY_SHARE * scores[best]}
    family = dict.fromkeys(r for r in scores if _is_family(r, best, strong))
    return tuple(sorted(_one_spelling(family), key=len))


def _in_file_name(name: str, whole: str) -> list[str]:
    """References in small letters, as file names have them, spelled as the text spells them."""
    found = []
    for part in re.findall(r"(?<![a-z])[a-z]{1,4}[-_ ]?\d{2,5}[a-z]{0,3}(?![a-z\d])", name):
        shown = re.search(rf"(?<!\w){re.escape(compact(part))}(?!\w)", whole, re.IGNORECASE)
        candidate = shown[0] if shown and shown[0] != shown[0].lower() else compact(part).upper()
        if REFERENCE.fullmatch(candidate):
            found.append(candidate)
    return found


def _is_family(reference: str, best: str, strong: Collection[str]) -> bool:
    """Same letters and as many figures: « BT6512 » and « BT6514S », neither part nor standard."""
    one, other = (re.match(r"([A-Za-z]+)(\d+)", name) for name in (reference, best))
    if one is None or other is None or one[1] != other[1]:
        return False
    half = len(other[2]) // 2
    same = one[2][:half] == other[2][:half] or reference in strong
    return len(one[2]) == len(other[2]) and same


def _one_spelling(names: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for name in names:
        if not any(same_reference(name, other) for other in kept):
            kept.append(name)
    return kept


def _brand(document: Document, cover: str) -> str:
    """A proper name of the cover that the text uses again, else the cover's first word if alone.

    Proper names stand within sentences and never in small letters.
    """
    later = " ".join(b.text for page in document.pages[1:] for b in page.blocks)
    small = set(re.findall(r"(?<![\w-])[a-zà-ÿœ]{3,}", later))
    inside = Counter(re.findall(r"(?<=[a-zà-ÿ,:’'] )([A-ZÀ-ÖØ-Þ][\w&]{2,})(?![\w-])", later))
    kinds = set(fold(" ".join(appliances_in(cover))).split())

    def proper(word: str) -> bool:
        known = fold(word) in _NO_BRAND or bool(appliances_in(word)) or fold(word) in kinds
        return word.isalpha() and not known and word.casefold() not in small

    joined = _SPACED.sub(lambda found: found[0].replace(" ", ""), cover)
    words = [word.capitalize() for word in re.findall(r"(?<![\w-])[^\W\d_]{3,}(?![\w-])", joined)]
    counts = {word: inside[word] + inside[word.upper()] for word in words if proper(word)}
    best = max(counts, key=lambda word: counts[word], default="")
    if best and counts[best] >= BRAND_PLACES:
        return best
    first = next((b.text for page in document.pages[:1] for b in page.blocks), "")
    alone = _SPACED.sub(lambda found: found[0].replace(" ", ""), first).strip(" ®™")
    return alone.capitalize() if len(alone) > 2 and proper(alone) else ""


# From a caller's words.


def same_product(one: Product, other: Product) -> bool:
    """Whether two files are about one appliance: a sheet of codes and its manual."""
    if one.name == other.name:
        return True
    return any(same_reference(a, b) for a in one.references for b in other.references)


def distinct(products: Iterable[Product]) -> list[Product]:
    """Each appliance once, as the file that covers most of its models names it."""
    kept: list[Product] = []
    for product in products:
        place = next((i for i, other in enumerate(kept) if same_product(product, other)), None)
        if place is None:
            kept.append(product)
        elif len(product.references) > len(kept[place].references):
            kept[place] = product
    return kept


def named_product(question: str, products: Iterable[Product]) -> Product | None:
    """The product that a question names, by reference or by kind; None if open."""
    found = _fitting(question, distinct(products))
    return found[0] if len(found) == 1 else None


def candidates(question: str, products: Iterable[Product]) -> list[Product]:
    """The products that a question may be about, to ask which; all if it names none."""
    known = distinct(products)
    return _fitting(question, known) or known


def _fitting(question: str, products: Sequence[Product]) -> list[Product]:
    """Those that the reference fits, else those of the kind that is named."""
    said = references(question)
    exact = [p for p in products if any(same_reference(a, b) for a in said for b in p.references)]
    exact = exact or [p for p in products if references_in(question, p.references)]
    if exact:
        return exact
    near = [p for p in products if said_reference(question, said, p.references)]
    appliance = appliance_in(question)
    if len(near) == 1 or (near and appliance is None):
        return near
    kind = [p for p in near or products if p.appliance == appliance]
    if not kind and appliance is not None:
        kind = [p for p in near or products if is_related(appliance, p.appliance)]
    return kind or near


def named_model(question: str, product: Product) -> str | None:
    """The model of a product that a question names, as the manual writes it; None if open."""
    said = references(question)
    exact = [r for r in product.references if any(same_reference(r, s) for s in said)]
    written = references_in(question, product.references)
    if len(exact) == 1 or len(written) == 1:
        return (exact or list(written))[0]
    near = said_reference(question, said, product.references)
    return near[0] if len(near) == 1 else None
