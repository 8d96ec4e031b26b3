"""A number and a text as an operator reads them, wherever they stand. Pure."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers


def by_pairs(number: str) -> str:
    """A number as it is written in France, « 06 39 98 12 34 », or with its country's code."""
    national = f"0{number[3:]}" if number.startswith("+33") else number
    if re.fullmatch(r"0\d{9}", national):
        return " ".join(re.findall(r"\d\d", national))
    if not number.startswith("+"):
        return one_line(number)
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return one_line(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def one_line(text: str) -> str:
    """A text of the caller's on one line, without signs that a reader does not see."""
    seen = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join("".join(seen).split())
