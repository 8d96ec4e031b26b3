"""What the portal says in French, it says in English too."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from agent.web.portal import words

PORTAL = Path(words.__file__).parent
FIELD = re.compile(r"\{(\w+)\}")


def written() -> dict[str, str]:
    """Every French text in the portal's code, and where it stands."""
    found: dict[str, str] = {}
    for file, line, message, _, _ in extract_from_dir(
        str(PORTAL), [("**.py", "python")], keywords={"t": None, "tn": (1, 2)}
    ):
        for text in message if isinstance(message, tuple) else (message,):
            found[str(text)] = f"{file}:{line}"
    return found


def test_every_text_has_its_english_and_none_is_left_over() -> None:
    """And what is filled in stands in both."""
    french, english = written(), words._english()
    missing = [f"{where}: {text}" for text, where in french.items() if text not in english]
    assert missing == [], "\n".join(missing)
    left = sorted(english.keys() - french.keys())
    assert left == [], "left over, or within an f-string, where they are not found"
    for text, where in french.items():
        assert set(FIELD.findall(text)) == set(FIELD.findall(english[text])), where


def test_a_text_is_translated_once() -> None:
    """In one file: two would say it in two ways."""
    seen: dict[str, str] = {}
    for file in sorted((PORTAL / "locale" / "en").glob("*.po")):
        with file.open("rb") as source:
            catalogue = read_po(source, locale="en")
        for message in catalogue:
            for text in message.id if isinstance(message.id, tuple) else (message.id,):
                if text:
                    assert text not in seen, f"{text!r} in {file.name} and {seen[text]}"
                    seen[text] = file.name


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Se déconnecter 1\u202f234,5"), ("en", "Sign out 1,234.5")]
)
def test_a_language_is_spoken(language: str, said: str) -> None:
    """Texts and numbers."""
    with words.speaking(language):
        assert f"{words.t('Se déconnecter')} {words.number(1234.5)}" == said


def test_days_and_instants() -> None:
    """As each language writes them, in the client's zone."""
    at = datetime(2026, 11, 27, 15, 5, tzinfo=UTC)
    with words.speaking("fr"):
        assert words.day(at.date()) == "27 novembre 2026"
        assert words.moment(at, "Europe/Paris") == "27 nov. 2026 16:05"
    with words.speaking("en"):
        assert words.day(at.date()) == "November 27, 2026"
        assert words.moment(at, "Europe/Paris") == "27 Nov 2026 16:05"
