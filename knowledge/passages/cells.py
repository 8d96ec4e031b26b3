"""Error codes as manuals write them: which words of a cell or of a line are codes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.safety import fold

LONGEST_RANGE = 30
"""Codes that « E1 à E9 » may stand for."""

_LAMP = re.compile(r"\b(?:voyants?|temoins?|leds?|lampes?|diodes?|lights?|lumiere)\b")
_BLINKS = re.compile(
    r"\b(?:clignot\w*|flash\w*|eclats?|blinks?|bips?|beeps?|fixe|allumee?s?|rouge|orange|eteinte?s?)\b"
)
_ERROR_WORD = r"(?:[Ee]rr(?:eur|or)?|ERR(?:EUR|OR)?)"
_STRICT = re.compile(
    rf"(?:{_ERROR_WORD}[-. :]?\d{{1,3}}|[A-Za-z]{{1,2}}[-. :]?\d{{1,3}}[A-Za-z]?"
    rf"|[A-Za-z]{{3}}-?\d{{1,2}}"
    r"|\d{1,2}[A-Za-z]{1,2})"
)
_LOOSE = re.compile(
    r"(?:\d{1,3}|[A-Za-z]{1,4}|[-–—_][-–—_ O0]*[-–—_]|°[CFf]|[A-Za-z][-. ][A-Za-z])"
)
_WITHIN = re.compile(
    rf"(?<![\w-])(?:{_ERROR_WORD} ?\d{{1,3}}|[A-Z]{{1,2}}[- ]?\d{{1,3}}|\d{{1,2}}[A-Z])(?![\w-])"
)
_JOINED = re.compile(r"([A-Za-z]{1,2})[-. :]+(\d{1,3}[A-Za-z]?)")
_SEPARATOR = re.compile(r"\s*(?:[,;|\n]|/|\bou\b|\bet\b|\bor\b|\band\b)\s*")
_RANGE = re.compile(
    r"([A-Za-z]{0,3} ?)(\d{1,3})\s*(?:à|to|…|\.\.\.?|[-–—])\s*([A-Za-z]{0,3} ?)(\d{1,3})"
)
_QUOTES = " «»“”\"'()[]"
_LINE = re.compile(
    r"^[«“\"(]?\s*(?:(?:[Cc]ode|CODE|[Mm]essage|[Dd]éfaut|[Aa]ffichage)\s+)?"
    rf"(?P<code>{_ERROR_WORD} ?\d{{1,3}}|[A-Za-z]{{1,2}}[- .]?\d{{1,3}}[A-Za-z]?"
    rf"|\d{{1,2}}[A-Z]|[A-Za-z]{{2,4}}|\d{{1,3}})"
    r"\s*[»”\")]?\s*(?::|–|—|=|->|→|\s-\s)\s*(?P<rest>\S.*)$",
    re.DOTALL,
)


def canonical(code: str) -> str:
    """A code as it is kept: « E 05 » and « E-05 » → « E05 »; « Err 3 » and « dH » stay."""
    code = " ".join(code.split())
    joined = _JOINED.fullmatch(code)
    if joined:
        return joined[1] + joined[2]
    return "--" if re.fullmatch(r"[-–—_](?:\s?[-–—_])+", code) else code


def is_strict(text: str) -> bool:
    """Whether a text can hardly be anything but a code: letters and figures, or « Err 3 »."""
    return _STRICT.fullmatch(text.strip(_QUOTES)) is not None


def codes_in_cell(cell: str, *, loose: bool = True) -> tuple[str, ...]:
    """The codes that a cell of a code column names; () if it holds something else.

    Args:
        cell: As it stands: « E 05 / E-06 », « i40 à i70 », « voyant Départ clignote 3 fois ».
        loose: Whether letters alone and figures alone count: « dH », « 24 », « -- ».
    """
    folded = fold(cell)
    if _LAMP.search(folded) or (_BLINKS.search(folded) and re.search(r"\d", folded)):
        return (" ".join(cell.replace("- ", "").split()),) if len(cell) < 90 else ()
    found: list[str] = []
    for part in _SEPARATOR.split(cell):
        part = part.strip(_QUOTES).rstrip(".")
        if _STRICT.fullmatch(part) or (loose and _LOOSE.fullmatch(part)):
            found.append(canonical(part))
        elif span := _RANGE.fullmatch(part):
            found += _spread(span)
        elif part:
            return tuple(canonical(code) for code in _WITHIN.findall(cell))
    return tuple(dict.fromkeys(found))


def _spread(span: re.Match[str]) -> Iterator[str]:
    """« i40 à i70 » by tens, « E1 à E4 » by ones."""
    letters, first, last = span[1].strip(), int(span[2]), int(span[4])
    step = 10 if first % 10 == 0 == last % 10 and first else 1
    if span[3].strip() not in ("", letters) or not 0 < last - first <= LONGEST_RANGE * step:
        return
    for number in range(first, last + 1, step):
        yield canonical(f"{letters}{' ' if span[1].endswith(' ') else ''}{number:0{len(span[2])}}")


def code_line(text: str, *, loose: bool = False) -> tuple[str, str] | None:
    """Code and meaning of a line such as « Err 3 : couvercle mal fermé », None for any other.

    Args:
        text: A paragraph, a bullet or a heading.
        loose: Whether letters alone count: only among codes is « dH : … » one.
    """
    line = _LINE.match(text)
    if line is None or re.match(r"\d+ ?(?:°|min|kg|cm|h\b|W\b|V\b)", line["rest"]):
        return None
    code = line["code"]
    if not is_strict(code):
        looks_shown = code.isupper() or code.isdigit() or not code[1:].islower()
        if not (loose and looks_shown):
            return None
    return canonical(code), line["rest"].strip()
