"""References of appliances, as they are written in a manual and compared with one another. Pure.

« BT 6514 S », « BT-6514S » and « bt6514s » are one reference; so are « HRC340 / 340NF » two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_NOT_PREFIX = frozenset(
    "EN ISO IEC CEI DIN UTE UE CE EU IP NF NFC DOC REV TEL FAX BP CS RCS TVA SAV IPX RAL AWG PNC "
    "COP HI FIG REF ART PAGE VER RJ USB AAA AA MAX MIN ECO WIFI LED MP CO CR BS ASTM ANSI UL HR "
    "DE DU LE LA LES UN ET OU EST PAR SUR AN AU A".split()
)
"""Letters before figures in standards, addresses and words, never in a model's name."""

_STANDARDS = frozenset(
    "EN ISO IEC CEI DIN UTE UE EU IP IPX NF NFC RAL RJ PNC DOC REV TEL FAX BP CS RCS AWG".split()
)
"""Those of them that are no model's either where figures follow at once: « EN60335 »."""

REFERENCE = re.compile(
    r"(?<![\w/-])(?P<letters>[A-Z]{2,5}|[A-Z](?=[- ]?\d{3}))[- ]?(?P<digits>\d{2,6}|\d{1,3}"
    r" \d{2,3}(?!\d))"
    r"(?P<tail>(?:[A-Z]{1,4}\d{0,2}|[a-z]{1,2}(?![a-z])| [A-Z]{1,3}(?![\w'’])|-[A-Z]{1,3}(?!\w)|)"
    r"(?:/\d{1,2}(?!\d))?)(?![\w])"
)
_SHORTENED = re.compile(
    r"^\s*/\s*(?:(?P<digits>\d{2,6})(?P<tail>[A-Z]{0,3}[a-z]?)|(?P<only>[A-Z]{1,3}))(?!\w)"
)


def compact(reference: str) -> str:
    """Without spaces, hyphens and points: « BT 6514 S » → « BT6514S »."""
    return re.sub(r"[\s.\-_]", "", reference)


def same_reference(one: str, other: str) -> bool:
    """Whether two spellings are one reference: case and spaces do not tell."""
    return compact(one).casefold() == compact(other).casefold()


def written_references(text: str) -> Iterator[str]:
    """References written in a text, in order, in one piece: « HRC340 / 340NF » gives both."""
    for found in REFERENCE.finditer(text):
        glued = found[0][len(found["letters"])].isdigit()
        if found["letters"] in (_STANDARDS if glued else _NOT_PREFIX):
            continue
        name = compact(found[0])
        yield name
        after, stem = text[found.end() :], found["letters"]
        while rest := _SHORTENED.match(after):
            if rest["only"]:
                yield name + rest["only"]
            elif len(rest["digits"]) == len(compact(found["digits"])):
                yield stem + rest["digits"] + rest["tail"]
            after = after[rest.end() :]


def _spelling(reference: str) -> str:
    """A pattern for a reference however it is spaced."""
    parts = re.findall(r"[A-Za-z]+|\d+|[^\w\s]", reference)
    return r"[-\s.]?".join(re.escape(part) for part in parts)


def references_in(text: str, references: Sequence[str]) -> tuple[str, ...]:
    """Those of some references that a text names, as whole words, in the order given."""
    found = set()
    rest = text
    for reference in sorted(references, key=len, reverse=True):
        pattern = re.compile(
            rf"(?<![A-Za-z\d]){_spelling(reference)}(?![A-Za-z\d'’])", re.IGNORECASE
        )
        if pattern.search(rest):
            found.add(reference)
            rest = pattern.sub(" ", rest)
    return tuple(reference for reference in references if reference in found)


def is_only_references(text: str, references: Sequence[str]) -> bool:
    """Whether a text is nothing but references: the header of a model's column."""
    if not references_in(text, references):
        return False
    for reference in sorted(references, key=len, reverse=True):
        text = re.sub(
            rf"(?<![A-Za-z\d]){_spelling(reference)}(?![A-Za-z\d])", " ", text, flags=re.I
        )
    return re.fullmatch(r"(?:[\W_]|modeles?|modèles?|model|et|ou)*", text, re.I) is not None


# As callers say them.

_SUFFIX_WORDS = {"NF": r"no ?frost|nofrost|sans givre|enne effe|n f", "X": r"ixe|inox|x", "I": r"i",
                 "S": r"esse|s", "P": r"pé|p", "N": r"enne|n", "W": r"double vé|blanc"
                                                                    r"|w"}  # fmt: skip
_COUNTED = (
    r"\s?(?:°|degr|min\b|minute|heure|h\b|seconde|kilo|kg|g\b|gramme|litre|l\b|ans?\b|mois|jours?|fois|"
    r"euros?|€|%|tours?|tr/|volts?|v\b|watts?|w\b|bars?|cm|mm|m[eè]tres?|centi|kwh|programmes?)"
)
_FIGURES = re.compile(rf"(?<![\d,.:])(\d{{3,6}})(?![\d,.:]*\d)(?!{_COUNTED})", re.IGNORECASE)


def said_reference(
    question: str, said: Sequence[str], references: Sequence[str]
) -> tuple[str, ...]:
    """References that a caller may mean: figures alone, or with a letter that was misheard.

    Figures must be right: another figure is another model. With « no frost » or « ixe » after
    them, the ending decides among models of the same figures.

    Args:
        question: As normalised, numbers in figures.
        said: References that were heard in it, in one piece.
        references: A product's.
    """
    found: list[str] = []
    for reference in references:
        parts = re.match(r"([A-Za-z]*)(\d+)(.*)", reference)
        if parts is None:
            continue
        letters, figures, tail = parts[1].upper(), parts[2], parts[3].upper()
        heard = [re.match(r"([A-Z]*)(\d+)(.*)", name.upper()) for name in said]
        near = [m for m in heard if m and m[2] == figures and _one_apart(m[1], letters)]
        alone = len(figures) > 2 and figures in _FIGURES.findall(question)
        if near or alone:
            tails = {m[3] for m in near} - {""}
            if not tails or tail in tails:
                found.append(reference)
    return _by_ending(question, found)


def _by_ending(question: str, references: Sequence[str]) -> tuple[str, ...]:
    """Among models of the same figures, the one whose ending is said in words."""
    for reference in references:
        tail = re.sub(r"^[A-Za-z]*\d+", "", reference).upper()
        words = _SUFFIX_WORDS.get(tail)
        figures = re.sub(r"\D", "", reference)
        if words and re.search(rf"{figures}[ -](?:{words})(?![\w'’])", question, re.IGNORECASE):
            return (reference,)
    return tuple(references)


def _one_apart(one: str, other: str) -> bool:
    """Whether two runs of letters are equal but for one letter: misheard, missing or added."""
    if one == other:
        return True
    if not one or abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < 2:
        return False
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
