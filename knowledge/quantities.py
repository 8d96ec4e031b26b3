"""Numbers as a manual and a speaker write them, to one value, unit and bound. Pure.

« 75 °C » = « 75 degrés »; « 1 h 30 » = « 90 minutes »; « 150 à 200 °C » are two of one unit.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FACTORS: dict[str, tuple[str, float]] = {
    "s": ("s", 1), "sec": ("s", 1), "seconde": ("s", 1), "min": ("s", 60), "mn": ("s", 60),
    "minute": ("s", 60), "h": ("s", 3600), "heure": ("s", 3600),
    "jour": ("day", 1), "semaine": ("day", 7), "mois": ("month", 1), "an": ("month", 12),
    "annee": ("month", 12),
    "mm": ("mm", 1), "millimetre": ("mm", 1), "cm": ("mm", 10), "centimetre": ("mm", 10),
    "m": ("mm", 1000), "metre": ("mm", 1000), "g": ("g", 1), "gramme": ("g", 1),
    "kg": ("g", 1000), "kilo": ("g", 1000), "kilogramme": ("g", 1000),
    "ml": ("ml", 1), "millilitre": ("ml", 1), "cl": ("ml", 10), "centilitre": ("ml", 10),
    "l": ("ml", 1000), "litre": ("ml", 1000), "°c": ("°", 1), "°": ("°", 1), "degre": ("°", 1),
    "%": ("%", 1), "w": ("W", 1), "watt": ("W", 1), "kw": ("W", 1000), "kwh": ("kWh", 1),
    "v": ("V", 1), "volt": ("V", 1), "hz": ("Hz", 1), "hertz": ("Hz", 1), "bar": ("bar", 1),
    "tr/min": ("rpm", 1), "tour": ("rpm", 1), "fois": ("times", 1), "db": ("dB", 1),
    "decibel": ("dB", 1), "€": ("€", 1), "euro": ("€", 1), "couvert": ("covers", 1),
    "cran": ("notch", 1), "ampere": ("A", 1),
}  # fmt: skip
_FACTORS |= {f"{name}s": value for name, value in _FACTORS.items() if name.isalpha() and
             (len(name) > 3 or name == "an")}  # fmt: skip
_UNIT = "|".join(sorted((re.escape(u) for u in _FACTORS), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<a>\d+(?:,\d+)?)(?:(?P<h> ?h(?:eures?)? ?)(?P<m>\d{{1,2}})(?: ?min(?:utes?)?)?(?!\w)"
    rf"| ?(?P<unit>{_UNIT})(?![\w°%]))?"
)
_RANGE = re.compile(r"\s*(?:a|et|ou|-|–|/|ou a)\s*$")
_LABEL = re.compile(rf"(?:^|[ ;(])(?P<unit>{_UNIT}) ?: ?$")
_BOUNDS = (
    (">=", re.compile(r"(?:au moins|minimum(?: de)?|plus d[e'] ?|a partir de|superieure?s? a"
                      r"|min\.?)\s*$"),
     re.compile(r"\s*(?:a )?(?:au moins|(?:au )?minimum|mini\b|ou plus)")),
    ("<=", re.compile(r"(?:au plus|maximum(?: de)?|moins d[e'] ?|jusqu'? ?a|inferieure?s? a|max\.?"
                      r"|depass\w+(?: pas)?)\s*$"),
     re.compile(r"\s*(?:a )?(?:au plus|(?:au )?maximum|maxi\b)")),
    ("~", re.compile(r"(?:environ|a peu pres|autour de|quelque)\s*$"), re.compile(r"\s*environ")),
)  # fmt: skip


class Quantity(NamedTuple):
    """A number with what it counts.

    Attributes:
        value: In the unit's base (seconds, millimetres, grams, millilitres, months).
        unit: Its base unit, "" if the number stands bare.
        bound: ">=", "<=", "~" or "" for exactly.
    """

    value: float
    unit: str
    bound: str

    def __str__(self) -> str:
        return f"{self.bound}{self.value:g} {self.unit}".strip()


def quantities(text: str) -> list[tuple[int, int, Quantity]]:
    """The numbers of a folded text that keeps its punctuation: start, end, quantity; in order."""
    found = [m for m in _NUMBER.finditer(text) if not _inside_word(text, m)]
    result: list[tuple[int, int, Quantity]] = []
    for index, match in enumerate(found):
        value, unit = _value(match)
        if not unit and (label := _LABEL.search(text[: match.start()])):
            unit, factor = _FACTORS[label["unit"]]
            value *= factor
        if not unit and index + 1 < len(found):
            following = found[index + 1]
            if _RANGE.match(text[match.end() : following.start()]):
                unit, factor = _unit(following)
                value *= factor
        result.append((match.start(), match.end(), Quantity(value, unit, _bound(text, match))))
    return result


def _inside_word(text: str, match: re.Match[str]) -> bool:
    """Whether figures belong to a code or a reference (« e20 », « ov-3310 », « 20/27 »)."""
    before = text[: match.start("a")]
    return bool(re.search(r"[a-z]-?\d*$|\d[.,/]?$", before)) or bool(
        re.match(r"[a-z]|[/.]\d", text[match.end("a") :]) and not match["unit"] and not match["h"]
    )


def _value(match: re.Match[str]) -> tuple[float, str]:
    number = float(match["a"].replace(",", "."))
    if match["h"]:
        return number * 3600 + int(match["m"]) * 60, "s"
    unit, factor = _unit(match)
    return number * factor, unit


def _unit(match: re.Match[str]) -> tuple[str, float]:
    if match["h"]:
        return "s", 3600
    return _FACTORS[match["unit"]] if match["unit"] else ("", 1)


def _bound(text: str, match: re.Match[str]) -> str:
    before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() :]
    for bound, left, right in _BOUNDS:
        if left.search(before) or right.match(after):
            return bound
    return ""
