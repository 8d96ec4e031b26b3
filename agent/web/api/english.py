"""The API's description in English, of `en.po`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

SCOPE_SAID = " Accès : "
"""Comes after an operation's description, and before its scope."""

_TEXTS = Path(__file__).parent / "en.po"


@cache
def english() -> dict[str, str]:
    """What is said for each French text."""
    with _TEXTS.open("rb") as file:
        catalog = read_po(file, locale="en")
    return {str(one.id): str(one.string) for one in catalog if one.id}


def in_english(french: Any) -> Any:
    """A description with its texts in English."""
    if isinstance(french, dict):
        return {
            key: _said(value)
            if key in ("description", "summary") and isinstance(value, str)
            else in_english(value)
            for key, value in french.items()
        }
    if isinstance(french, list):
        return [in_english(value) for value in french]
    return french


def _said(text: str) -> str:
    words, mark, scope = text.partition(SCOPE_SAID)
    return english().get(words, words) + (f" Access: {scope}" if mark else "")
