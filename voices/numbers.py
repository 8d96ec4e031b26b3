"""Numbers, quantities, codes and references in French words, as they are said.

Source of the rules: Académie française, « L'écriture des nombres » (before the 1990 reform).
"""

from __future__ import annotations

import re
from typing import NamedTuple

LARGEST = 999_999_999

_TO_SIXTEEN = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf",
               "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"]  # fmt: skip
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
_MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre"]  # fmt: skip


def _below_hundred(number: int) -> str:
    if number <= 16:
        return _TO_SIXTEEN[number]
    if number < 20:
        return f"dix-{_TO_SIXTEEN[number - 10]}"
    ten, unit = divmod(number, 10)
    if ten in (7, 9):
        ten, unit = ten - 1, unit + 10
    if unit == 0:
        return "quatre-vingts" if ten == 8 else _TENS[ten]
    if unit in (1, 11) and ten != 8:
        return f"{_TENS[ten]} et {_TO_SIXTEEN[unit]}"
    return f"{_TENS[ten]}-{_below_hundred(unit)}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if hundreds == 0:
        return _below_hundred(rest)
    head = "cent" if hundreds == 1 else f"{_TO_SIXTEEN[hundreds]} cent"
    if rest:
        return f"{head} {_below_hundred(rest)}"
    return head if hundreds == 1 else f"{head}s"


def cardinal(number: int, *, feminine: bool = False) -> str:
    """Spells a whole number: 1200 → « mille deux cents ».

    Args:
        number: -999 999 999 … 999 999 999.
        feminine: counts a feminine noun, so that a last « un » becomes « une ».

    Raises:
        ValueError: the number is outside that range.
    """
    if abs(number) > LARGEST:
        raise ValueError(f"{number} cannot be spelled: at most {LARGEST}")
    if number < 0:
        return f"moins {cardinal(-number, feminine=feminine)}"
    millions, rest = divmod(number, 1_000_000)
    thousands, units = divmod(rest, 1_000)
    words = []
    if millions:
        words.append(f"{_below_thousand(millions)} million{'s' if millions > 1 else ''}")
    if thousands:
        # « mille » is a numeral, before which vingt and cent take no s; « million » is a noun.
        count = _below_thousand(thousands)
        invariable = count[:-1] if count.endswith(("cents", "vingts")) else count
        words.append("mille" if thousands == 1 else f"{invariable} mille")
    if units or not words:
        words.append(_below_thousand(units))
    text = " ".join(words)
    return f"{text}e" if feminine and (text == "un" or text.endswith((" un", "-un"))) else text


def ordinal(number: int, *, feminine: bool = False) -> str:
    """Spells a rank: 1 → « premier » or « première », 21 → « vingt et unième »."""
    if number == 1:
        return "première" if feminine else "premier"
    text = cardinal(number)
    if text.endswith(("cents", "vingts")):
        text = text[:-1]
    if text.endswith("cinq"):
        return f"{text}uième"
    if text.endswith("neuf"):
        return f"{text[:-1]}vième"
    return f"{text.removesuffix('e')}ième"


def decimal(written: str) -> str:
    """Spells a number as written in figures: « 1 200 », « 0,73 », « 0.05 », « 007 ».

    A dot before exactly three figures parts thousands, unless the whole part is zero.
    """
    whole, point, fraction = written.replace(" ", "").replace(",", " ").partition(" ")
    if not point and "." in whole:
        head, *groups = whole.split(".")
        if all(len(group) == 3 for group in groups) and not head.startswith("0"):
            whole = head + "".join(groups)
        else:
            whole, _, fraction = whole.partition(".")
    whole = whole.replace(".", "")
    text = figures(whole) if whole.startswith("0") or len(whole) > 9 else cardinal(int(whole))
    return f"{text} virgule {figures(fraction, longest=3)}" if fraction else text


def figures(digits: str, *, longest: int = 9) -> str:
    """Spells figures of which each counts: « 07 » → « zéro sept », « 007 » → « zéro zéro sept ».

    Args:
        digits: figures only.
        longest: more figures than this are said two by two, parted by commas.
    """
    if len(digits) > longest:
        head = 3 if len(digits) % 2 and longest == 3 else 2
        groups = [digits[start : start + 2] for start in range(0, len(digits) - head, 2)]
        return ", ".join(figures(group) for group in [*groups, digits[-head:]])
    significant = digits.lstrip("0")
    zeros = ["zéro"] * (len(digits) - len(significant))
    return " ".join([*zeros, cardinal(int(significant))] if significant else zeros)


def day_of_month(day: int, month: int) -> str | None:
    """Says a day: (1, 5) → « premier mai »; None if the calendar has no such day."""
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    return f"{ordinal(1) if day == 1 else cardinal(day)} {_MONTHS[month - 1]}"


class Unit(NamedTuple):
    """A unit's name, singular and plural, and its gender."""

    one: str
    many: str
    feminine: bool = False


def _unit(one: str, many: str = "", feminine: bool = False) -> Unit:
    return Unit(one, many or f"{one}s", feminine)


UNITS = {
    **dict.fromkeys(("°C", "° C", "ºC", "℃", "°", "º"), _unit("degré")),
    **dict.fromkeys(("°F", "° F"), _unit("degré Fahrenheit", "degrés Fahrenheit")),
    **dict.fromkeys(("tr/min", "tr/mn", "trs/min", "tours/min", "t/min", "rpm"),
                    _unit("tour par minute", "tours par minute")),
    **dict.fromkeys(("min", "mn"), _unit("minute", feminine=True)),
    **dict.fromkeys(("s", "sec"), _unit("seconde", feminine=True)),
    **dict.fromkeys(("h", "hrs"), _unit("heure", feminine=True)),
    **dict.fromkeys(("l", "L"), _unit("litre")),
    **dict.fromkeys(("ml", "mL"), _unit("millilitre")),
    **dict.fromkeys(("cl", "cL"), _unit("centilitre")),
    **dict.fromkeys(("dB(A)", "dB (A)", "dBA", "dB"), _unit("décibel")),
    **dict.fromkeys(("m²", "m2"), _unit("mètre carré", "mètres carrés")),
    **dict.fromkeys(("m³", "m3"), _unit("mètre cube", "mètres cubes")),
    **dict.fromkeys(("kWh", "KWh", "kwh", "Kwh"), _unit("kilowattheure")),
    **dict.fromkeys(("kg", "Kg", "KG"), _unit("kilo")),
    "g": _unit("gramme"), "mg": _unit("milligramme"), "t": _unit("tonne", feminine=True),
    "km": _unit("kilomètre"), "m": _unit("mètre"), "cm": _unit("centimètre"),
    "mm": _unit("millimètre"), "W": _unit("watt"), "kW": _unit("kilowatt"),
    "Wh": _unit("wattheure"),
    "V": _unit("volt"), "A": _unit("ampère"), "mA": _unit("milliampère"),
    "Ah": _unit("ampèreheure"), "mAh": _unit("milliampèreheure"), "Hz": _unit("hertz", "hertz"),
    "kHz": _unit("kilohertz", "kilohertz"), "MHz": _unit("mégahertz", "mégahertz"),
    "GHz": _unit("gigahertz", "gigahertz"), "bar": _unit("bar"), "bars": _unit("bar"),
    "mbar": _unit("millibar"), "Pa": _unit("pascal"), "kPa": _unit("kilopascal"),
    "MPa": _unit("mégapascal"), "VA": _unit("voltampère"), "%": _unit("pour cent", "pour cent"),
    "€": _unit("euro"), "EUR": _unit("euro"), "j": _unit("jour"), "centime": _unit("centime"),
}  # fmt: skip


def _value(written: str) -> float:
    """The size of a number in figures, with the dots that `decimal` takes for thousands."""
    compact = written.replace(" ", "")
    if re.fullmatch(r"[1-9]\d*(?:\.\d{3})+(?:,\d+)?", compact):
        compact = compact.replace(".", "")
    return float(compact.replace(",", "."))


def counted(written: str, unit: Unit) -> str:
    """A number and its unit in agreement; a French plural starts at two."""
    noun = unit.one if _value(written) < 2 else unit.many
    if written.isdigit() and not written.startswith("0"):
        return f"{cardinal(int(written), feminine=unit.feminine)} {noun}"
    return f"{decimal(written)} {noun}"


def letters(text: str) -> str:
    """Parts letters so that each is said by its name: « LV » → « L V »."""
    return " ".join("I grec" if letter in "yY" else letter.upper() for letter in text)


def spelled(token: str) -> str:
    """A code or a reference: letters by name, figures as a number or in small groups."""
    said = []
    for part in re.findall(r"[A-Za-z]+|\d+", token):
        if part.isdigit():
            hundreds = len(part) == 4 and part.endswith("00") and part[0] != "0"
            said.append(figures(part, longest=4 if hundreds else 3))
        else:
            word = part.islower() and len(part) > 3
            said.append(part if word else letters(part))
    return " ".join(said)


def pairs(digits: str) -> str:
    """Figures two by two, as in a telephone number: « 0639 » → « zéro six, trente-neuf »."""
    return ", ".join(figures(pair) for pair in re.findall(r"\d\d", digits))
