"""What a client's own people may set of their line, checked, and never over somebody else's change.

Whoever changes something tells what they saw: if that is not so any more, nothing is written, and
they are told so. Why a value is refused is one word with its values: the page says it
in its reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

from agent.errors import PermanenceError
from agent.store.clients import (
    MOST_MINUTES,
    MOST_RINGS,
    Answering,
    Client,
    Ringing,
    client_from,
    require_client,
)
from agent.store.database import Database
from agent.store.history import fold

LONGEST_NAME, LONGEST_SENTENCE, LONGEST_NOTICE = 60, 90, 200
"""Characters; a greeting that takes longer than some ten seconds is talked over."""

SLOWEST, FASTEST = 1.3, 0.85
"""Times as long as usual."""

MOST_AUDIO_DAYS, MOST_DAYS = 180, 365
"""Six months of sound and a year of what is made of it: the most that the CNIL allows."""


Reason = Literal[
    "too_long", "no_text", "no_letters", "pretends", "says_not_recorded", "says_not_who",
    "says_not_why", "says_not_how", "number", "choice",
]  # fmt: skip


class SettingRefusedError(PermanenceError):
    """A value cannot be used; nothing has changed.

    Attributes:
        field: The column it was for.
        reason: Why.
        values: What a sentence about it names: `most`, `least`, `n`, `brand`.
    """

    def __init__(self, field: str, reason: Reason, **values: int | str) -> None:
        super().__init__(f"The setting {field} cannot be so ({reason} {values}); correct it.")
        self.field, self.reason, self.values = field, reason, values


class ChangedMeanwhileError(PermanenceError):
    """Somebody else changed it since it was shown; nothing of this change was kept.

    Attributes:
        now: The client as it is.
    """

    def __init__(self, now: Client) -> None:
        super().__init__("Somebody else has changed these settings; look at them again.")
        self.now = now


class SettingsStore:
    """The settings of the clients in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def change(
        self, slug: str, seen: Mapping[str, object], wanted: Mapping[str, object]
    ) -> tuple[Client, Client]:
        """Change some settings of a client, from its next call on.

        Args:
            slug: The client.
            seen: What they were when whoever changes them saw them, by column.
            wanted: What they are to be; columns of `CHECKS` only.

        Returns:
            The client before and after.

        Raises:
            SettingRefusedError: A value cannot be used.
            ChangedMeanwhileError: One of those seen is otherwise now.
            UnknownClientError: There is no such client.
        """
        with self._database.transaction() as session:
            row = require_client(session, slug)
            session.refresh(row, with_for_update=True)
            before = client_from(row)
            if any(getattr(before, column) != value for column, value in seen.items()):
                raise ChangedMeanwhileError(before)
            for column, value in wanted.items():
                setattr(row, column, CHECKS[column](column, value, before))
            return before, client_from(row)


Check = Callable[[str, Any, Client], object]
"""Of a column, a value that is wanted for it, and the client as it is: what is kept."""


def one_line(field: str, text: str, most: int) -> str:
    """A text on one line.

    Raises:
        SettingRefusedError: It is too long, or holds what is no text.
    """
    plain = " ".join(str(text).split())
    if len(plain) > most:
        raise SettingRefusedError(field, "too_long", most=most, n=len(plain))
    if not plain.isprintable() or re.search(r"[{}<>]", plain):
        raise SettingRefusedError(field, "no_text")
    return plain


def _plain(text: str) -> str:
    """Lower case, no accents, signs as spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def _name(field: str, value: str, _: Client) -> str:
    name = one_line(field, value, LONGEST_NAME)
    if not any(map(str.isalpha, name)):
        raise SettingRefusedError(field, "no_letters")
    return name


def _spoken_name(field: str, value: str, _: Client) -> str:
    spoken = one_line(field, value, LONGEST_NAME)
    if spoken and not any(map(str.isalpha, spoken)):
        raise SettingRefusedError(field, "no_letters")
    return spoken


_PRETENDS = re.compile(
    r"\b(?:pas|ni|n est)(?: \w+){0,2} (?:robot|machine|automate|automatique|assistant|enregistr\w*)"
    r"|\bje m appelle\b"
    r"|\bje suis (?:(?:un|une|votre|le|la) )?(?:conseill|operat|telecons|hotesse|technicien|person)"
    r"|\b(?:humaine?|vraie personne|en personne)\b"
)
"""What would make callers believe that a person answers, or that nothing is recorded."""

_NAMED = re.compile(r"\b[Jj]e suis [A-ZÀ-Þ]")
"""« Je suis Julie »."""


def _sentence(field: str, value: str, _: Client) -> str:
    """A sentence of one's own; what the law wants said stays around it, whatever it says.

    AI Act, article 50(1): callers are told at once that a machine answers.
    """
    text = one_line(field, value, LONGEST_SENTENCE)
    if not text:
        return ""
    if not any(map(str.isalpha, text)):
        raise SettingRefusedError(field, "no_letters")
    if _PRETENDS.search(_plain(text)) or _NAMED.search(text):
        raise SettingRefusedError(field, "pretends")
    return text if text[-1] in ".!?" else f"{text}."


def _notice(field: str, value: str, client: Client) -> str:
    """What callers are told of the recording: who records, why, how to object (CNIL)."""
    text = one_line(field, value, LONGEST_NOTICE)
    if not text:
        return ""
    plain = _plain(text)
    if "enregistr" not in plain.replace("sans enregistrement", ""):
        raise SettingRefusedError(field, "says_not_recorded")
    if _plain(client.name) not in plain and not re.search(r"\bnous\b", plain):
        raise SettingRefusedError(field, "says_not_who", brand=client.name)
    if not re.search(r"\b(?:pour|afin)\b", plain):
        raise SettingRefusedError(field, "says_not_why")
    if "sans enregistrement" not in plain:
        raise SettingRefusedError(field, "says_not_how")
    return text if text[-1] in ".!?" else f"{text}."


def number(field: str, value: object, least: int, most: int) -> int:
    """A whole number.

    Raises:
        SettingRefusedError: It is none, or is outside.
    """
    try:
        found = int(str(value).strip())
    except ValueError:
        found = least - 1
    if not least <= found <= most:
        raise SettingRefusedError(field, "number", least=least, most=most)
    return found


def _numbered(least: int, most: int) -> Check:
    return lambda field, value, _: number(field, value, least, most)


def _pace(field: str, value: object, _: Client) -> float:
    try:
        pace = round(float(str(value).replace(",", ".")), 2)
    except ValueError:
        pace = 0.0
    if not FASTEST <= pace <= SLOWEST:
        raise SettingRefusedError(field, "choice")
    return pace


def _one_of(*allowed: object) -> Check:
    def check(field: str, value: object, _: Client) -> object:
        if value not in allowed:
            raise SettingRefusedError(field, "choice")
        return value

    return check


def _as_it_is(_field: str, value: object, _: Client) -> object:
    return value


CHECKS: Mapping[str, Check] = {
    "name": _name,
    "spoken_name": _spoken_name,
    "greeting_sentence": _sentence,
    "greeting_heard": _as_it_is,
    "voice": _as_it_is,
    "pace": _pace,
    "hours": _as_it_is,
    "answering": _one_of(*get_args(Answering)),
    "overflow_rings": _numbered(1, MOST_RINGS),
    "ringing": _one_of(*get_args(Ringing)),
    "recording": _one_of(True, False),
    "recording_percent": _numbered(1, 100),
    "recording_notice": _notice,
    "keep_audio_days": _numbered(1, MOST_AUDIO_DAYS),
    "keep_transcript_days": _numbered(1, MOST_DAYS),
    "keep_ticket_days": _numbered(1, MOST_DAYS),
    "keep_analysis_days": _numbered(1, MOST_DAYS),
    "minutes_per_call": _numbered(1, MOST_MINUTES),
    "satisfaction": _one_of(True, False),
}
"""Columns that may be set here; who may speak and what hours mean, the caller has checked."""


def checked(column: str, value: object, client: Client) -> object:
    """A value as it would be kept.

    Raises:
        SettingRefusedError: It cannot be used.
    """
    return CHECKS[column](column, value, client)
