"""A telephone number in every way that it is written or said: whether a text has it in it."""

from __future__ import annotations

import re

from agent.privacy.masking import personal_spans
from agent.privacy.numerals import figures_of

COMPARED = 9
"""Last figures by which numbers are compared: a French number without its zero."""


def as_e164(number: str) -> str | None:
    """A number as it is kept and compared, E.164; None if it is none. French without a prefix."""
    import phonenumbers  # its tables take a moment

    written = re.sub(r"^\s*00", "+", number.strip())
    written = re.sub(r"^(\+33)\s*\(0\)", r"\1", written)
    try:
        found = phonenumbers.parse(written, "FR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def is_same(number: str | None, e164: str) -> bool:
    """Whether a number, however it is kept, is this one."""
    return bool(number) and as_e164(str(number)) == e164


def tail_of(e164: str) -> str:
    """The figures by which a number is looked for."""
    return e164.lstrip("+")[-COMPARED:]


def written_forms(e164: str) -> tuple[str, ...]:
    """How a number may stand in a file, figures grouped and not: for a search by bytes."""
    figures = e164.lstrip("+")
    forms = [figures]
    if figures.startswith("33"):
        national = f"0{figures[2:]}"
        pairs = re.findall("..", national)
        forms += [national, *(sign.join(pairs) for sign in (" ", ".", "-", "\u00a0"))]
        forms += [f"33 {figures[2]} {' '.join(pairs[1:])}", f"33(0){figures[2:]}"]
    return tuple(dict.fromkeys(forms))


def mentions(text: str, e164: str) -> bool:
    """Whether a text has a number in it, in figures or in words."""
    wanted = tail_of(e164)
    if wanted in re.sub(r"\D", "", text):
        return True
    return any(
        wanted in figures_of(text[span.start : span.end])
        for span in personal_spans(text)
        if span.kind == "phone"
    )


def numbers_in(text: str) -> set[str]:
    """Every French number, E.164, that the figures of a text's dictations may be."""
    found = set()
    for span in personal_spans(text):
        if span.kind == "phone":
            figures = figures_of(text[span.start : span.end])
            for match in re.finditer(rf"(?=(?:0|33)([1-9]\d{{{COMPARED - 1}}}))", figures):
                found.add(f"+33{match[1]}")
            found |= {number} if (number := as_e164(text[span.start : span.end])) else set()
    return found
