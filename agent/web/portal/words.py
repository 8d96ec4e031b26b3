"""Texts in the language of who reads them: French is written in the code, English in PO files.

`locale/en/*.po` hold the English of the French texts, a file for each area of the portal (GNU
gettext's format, read by Babel). `tests/test_translations.py` finds what is missing in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from nicegui import context

LOCALE = Path(__file__).parent / "locale"

_spoken: ContextVar[str | None] = ContextVar("language", default=None)


def t(text: str, /, **values: object) -> str:
    """A text in the language spoken here, its `{names}` filled in.

    Args:
        text: In French, as a literal (never inside an f-string, where it would not be found): it is
            the key to the other languages.
        values: What is filled in, as text or as a whole number, by name.
    """
    return (
        _english().get(text, text).format(**values) if spoken() == "en" else text.format(**values)
    )


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """A text that depends on a number, which is `{n}` in it: French has one of 0, 1 and 1.5."""
    if spoken() == "en":
        text = _english().get(one if n == 1 else many, one if n == 1 else many)
    else:
        text = one if n < 2 else many
    return text.format(n=number(n), **values)


def spoken() -> str:
    """The language of the page that is being made or answered, "fr" where there is none."""
    given = _spoken.get()
    if given is not None:
        return given
    try:
        return str(getattr(context.client, "portal_language", "fr"))
    except RuntimeError:  # no page here
        return "fr"


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have `t` speak a language within the block: for what is no page."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def day(at: date) -> str:
    """A day: « 27 novembre 2026 »."""
    return format_date(at, "long", locale=spoken())


def moment(at: datetime, zone: str) -> str:
    """An instant of a zone: « 27 nov. 2026 16:05 »."""
    return format_datetime(at.astimezone(ZoneInfo(zone)), "d MMM y HH:mm", locale=spoken())


def number(value: float) -> str:
    """A number: « 1 234,5 »."""
    return format_decimal(value, locale=spoken())


def percent(share: float) -> str:
    """A share of one in hundredths: « 45 % »."""
    return format_percent(share, locale=spoken())


@cache
def _english() -> dict[str, str]:
    """The English of each French text."""
    found: dict[str, str] = {}
    for file in sorted((LOCALE / "en").glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale="en", charset="utf-8", abort_invalid=True)
        for message in catalogue:
            french, english = message.id, message.string
            if isinstance(french, tuple) and isinstance(english, tuple):  # singular and plural
                found.update({key: text for key, text in zip(french, english, strict=True) if text})
            elif isinstance(french, str) and isinstance(english, str) and french and english:
                found[french] = english
    return found
