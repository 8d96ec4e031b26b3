"""Hides what is somebody's own in a text: numbers, addresses, names, accounts, cards.

Rules, not a model: a name that nothing announces stays, and a number dictated over several turns is
hidden where the agent has just asked for it (`masked_turns`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from agent.privacy.addresses import spoken_emails
from agent.privacy.names import answered_name, known_names, spelled_by_words, spoken_names
from agent.privacy.span import Kind, Span, merged, plain, tokens_of
from agent.privacy.spoken import spoken_numbers
from agent.privacy.written import emails, ibans, numbers

SHOWN: dict[Kind, str] = {
    "phone": "[téléphone]",
    "email": "[e-mail]",
    "name": "[nom]",
    "iban": "[IBAN]",
    "card": "[carte]",
}
"""What stands in place of each kind."""

Asked = Literal["", "phone", "name"]
"""What the caller was just asked for."""

_ASKS_PHONE = re.compile(
    r"\b(?:numero\b(?!.{0,4}(?:de serie|du modele))|rappel\w*|joindre).*\?|\bchiffre par chiffre\b"
)
_ASKS_NAME = re.compile(r"\b(?:quel nom|votre nom|quel est le nom|epel\w*|lettre par lettre)\b")


def masked(text: str, names: Iterable[str] = (), *, asked: Asked = "") -> str:
    """A text without what is somebody's own.

    Args:
        text: A sentence, a transcript or a line of a log.
        names: Names that are known, as a ticket has them: they are hidden wherever they stand.
        asked: What the caller was just asked for: parts of a number, or a name alone, are hidden.
    """
    out, end = [], 0
    for span in personal_spans(text, names, asked=asked):
        out += [text[end : span.start], SHOWN[span.kind]]
        end = span.end
    return "".join([*out, text[end:]])


def masked_turns(
    turns: Sequence[tuple[str, str]], names: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """A conversation without what is somebody's own.

    Args:
        turns: What the caller said and what the agent then answered, turn by turn.
        names: Names that are known.
    """
    known, out = tuple(names), []
    asked: Asked = ""
    for heard, said in turns:
        out.append((masked(heard, known, asked=asked), masked(said, known)))
        asked = asked_by(said)
    return out


def asked_by(said: str) -> Asked:
    """What the agent's sentences ask for."""
    flat = plain(said)
    if _ASKS_PHONE.search(flat):
        return "phone"
    return "name" if _ASKS_NAME.search(flat) else ""


def masked_number(number: str | None) -> str:
    """A telephone number of which only the last two figures are left: « •• •• •• •• 34 »."""
    figures = re.sub(r"\D", "", number or "")
    return f"•• •• •• •• {figures[-2:]}" if len(figures) > 4 else ""


def personal_spans(text: str, names: Iterable[str] = (), *, asked: Asked = "") -> list[Span]:
    """Where something of somebody's own stands in a text, in order."""
    tokens = tokens_of(text)
    return merged(
        (
            *emails(text),
            *ibans(text),
            *numbers(text),
            *spoken_emails(tokens),
            *spoken_numbers(text, tokens, dictating=asked == "phone"),
            *spoken_names(tokens),
            *spelled_by_words(tokens),
            *(answered_name(tokens) if asked == "name" else ()),
            *known_names(tokens, names),
        )
    )
