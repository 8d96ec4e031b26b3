"""Telephone numbers, e-mail addresses, IBAN and payment cards as they are written in figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.privacy.span import Kind, Span

_EMAIL = re.compile(
    r"[\w.+-]*\w@ ?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\. ?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
    r"\. ?[a-z]{2,12}\b",
    re.IGNORECASE,
)
_SEPARATOR = r"[ .,/\-\u00a0\u202f\u2011]"
_NUMBER = re.compile(
    rf"(?:(?<=%2B)|(?<=%2b)|(?<![0-9A-Za-z.,:/-])|(?<=[a-z]:)|(?<=[A-Za-z]/)|(?<=: ))"
    rf"(?:\+ ?)?\d(?:{_SEPARATOR}?\(?\d\)?){{7,19}}(?![0-9A-Za-z]|[.,:]\d)"
)
DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}([-/. ])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d[-/.]\d\d[-/.]\d\d)(?!\d)"
)
_FRENCH = re.compile(r"0[1-79]\d{8}")
_NO_ZERO = re.compile(r"[1-79](?:[ .-]\d\d){4}")
_BELGIAN = re.compile(r"0\d{1,2}(?:[ .-]\d{2,3}){3}")
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Z]{2} ?\d{2}(?: ?[A-Z0-9]){11,30}(?![0-9A-Za-z])")
_CARD = re.compile(
    r"4(?:\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|35\d{14}|6(?:011|4[4-9]\d|5\d\d)\d{12}|(?:5[06]|6[37])\d{14}"
)
"""Beginnings and lengths that the card schemes publish (ISO/IEC 7812 issuers)."""


def emails(text: str) -> Iterator[Span]:
    """Addresses, also with a space behind a sign, as a recogniser writes them."""
    for found in _EMAIL.finditer(text):
        yield Span(found.start(), found.end(), "email")


def ibans(text: str) -> Iterator[Span]:
    """What is built like an IBAN and whose check figures are right (ISO 13616)."""
    for found in _IBAN.finditer(text):
        signs = found[0].replace(" ", "")
        for size in range(len(signs), 14, -1):  # a word in capitals may follow
            if _checked(signs[:size]):
                yield Span(found.start(), _place(found[0], size) + found.start(), "iban")
                break


def _place(text: str, size: int) -> int:
    """Where the first so many signs of a text end, spaces not counted."""
    for at, sign in enumerate(text):
        size -= sign != " "
        if size == 0:
            return at + 1
    return len(text)


def _checked(iban: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def numbers(text: str) -> Iterator[Span]:
    """Telephone numbers and payment cards; dates, references and the like are none."""
    for found in _NUMBER.finditer(text):
        encoded = text[: found.start()][-3:].upper() == "%2B"
        for start, end in _parts(found[0]):
            kind = _kind(found[0][start:end], encoded=encoded and start == 0)
            if kind is not None:
                yield Span(found.start() + start, found.start() + end, kind)
                break


def _parts(written: str) -> Iterator[tuple[int, int]]:
    """A row of figures and what of it stands between spaces, the longest first."""
    starts = [0, *(gap.end() for gap in re.finditer(r"\s", written))]
    ends = [*(gap.start() for gap in re.finditer(r"\s", written)), len(written)]
    parts = [(start, end) for start in starts for end in ends if end - start >= 8]
    yield from sorted(parts, key=lambda part: part[0] - part[1])


def _kind(written: str, *, encoded: bool) -> Kind | None:
    figures = re.sub(r"\D", "", written)
    if is_card(figures):
        return "card"
    phone = not DATE.search(written) and _is_phone(written, figures, encoded)
    return "phone" if phone else None


def is_card(figures: str) -> bool:
    """Whether figures are those of a payment card, by their beginning and the Luhn sum."""
    if not _CARD.fullmatch(figures):
        return False
    doubled = (int(figure) * (1 + at % 2) for at, figure in enumerate(reversed(figures)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _is_phone(written: str, figures: str, encoded: bool) -> bool:
    separators = set(re.sub(r"[\d()+]", "", written))
    if "/" in separators and len(separators) > 1:
        return False
    if "," in separators and not re.fullmatch(r"0[1-79](?:,\d\d){4}", written):
        return False
    if written.startswith("+") or encoded:
        return _abroad(figures)
    if figures.startswith("00"):
        return len(figures) >= 10 and _abroad(figures[2:])
    return bool(
        _FRENCH.fullmatch(figures) or _NO_ZERO.fullmatch(written) or _BELGIAN.fullmatch(written)
    )


def _abroad(figures: str) -> bool:
    """Whether figures behind « + » can be a number; « (0) » may stand in it."""
    import phonenumbers  # its tables take a moment, and most texts have none

    try:
        number = phonenumbers.parse(f"+{figures}", None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number)) or bool(
        re.fullmatch(r"330[1-9]\d{8}", figures)
    )
