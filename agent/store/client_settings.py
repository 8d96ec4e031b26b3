"""What a client's own people may set of their line, checked, and never over somebody else's change.

Whoever changes something tells what they saw: if that is not so any more, nothing is written, and
they are told so. Refusals are French sentences with their values apart, so
that a page can say them in another language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

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


class SettingRefusedError(PermanenceError):
    """A value cannot be used; nothing has changed.

    Attributes:
        field: The column it was for.
        sentence: What is wrong and what to do, in French, with `{name}` for each value.
        values: Those values.
    """

    def __init__(self, field: str, sentence: str, **values: Any) -> None:
        super().__init__(sentence.format(**values))
        self.field, self.sentence, self.values = field, sentence, values


class ChangedMeanwhileError(PermanenceError):
    """Somebody else changed it since it was shown; nothing of this change was kept.

    Attributes:
        now: The client as it is.
    """

    def __init__(self, now: Client) -> None:
        super().__init__("Quelqu'un d'autre vient de changer ces réglages : rien n'a été écrasé.")
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
        raise SettingRefusedError(
            field, "C'est trop long : {most} caractères au plus, il y en a {n}.",
            most=most, n=len(plain),
        )  # fmt: skip
    if not plain.isprintable() or re.search(r"[{}<>]", plain):
        raise SettingRefusedError(field, "Écrivez des mots, sans accolades ni signes < et >.")
    return plain


def _plain(text: str) -> str:
    """Lower case, no accents, signs as spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def _name(field: str, value: str, _: Client) -> str:
    name = one_line(field, value, LONGEST_NAME)
    if not any(map(str.isalpha, name)):
        raise SettingRefusedError(
            field, "Écrivez le nom de votre marque, comme vos clients le lisent."
        )
    return name


def _spoken_name(field: str, value: str, _: Client) -> str:
    spoken = one_line(field, value, LONGEST_NAME)
    if spoken and not any(map(str.isalpha, spoken)):
        raise SettingRefusedError(field, "Écrivez ce nom comme il s'entend, avec des lettres.")
    return spoken


_PRETENDS = re.compile(
    r"\b(?:pas|ni|n est)(?: \w+){0,2} (?:robot|machine|automate|automatique|assistant|enregistr\w*)"
    r"|\bje (?:suis|m appelle) (?!l assistant|un assistant)"
    r"|\b(?:humain|vraie personne|en personne)\b"
)
"""What would make callers believe that a person answers, or that nothing is recorded."""


def _sentence(field: str, value: str, _: Client) -> str:
    """A sentence of one's own; what the law wants said stays around it, whatever it says.

    AI Act, article 50(1): callers are told at once that a machine answers.
    """
    text = one_line(field, value, LONGEST_SENTENCE)
    if not text:
        return ""
    if not any(map(str.isalpha, text)):
        raise SettingRefusedError(field, "Écrivez une phrase, avec des mots.")
    if _PRETENDS.search(_plain(text)):
        raise SettingRefusedError(
            field,
            "Cette phrase pourrait faire croire qu'une personne répond, ou cacher"
            " l'enregistrement : la loi demande le contraire. Changez-la.",
        )
    return text if text[-1] in ".!?" else f"{text}."


def _notice(field: str, value: str, client: Client) -> str:
    """What callers are told of the recording: who records, why, how to object (CNIL)."""
    text = one_line(field, value, LONGEST_NOTICE)
    if not text:
        return ""
    plain = _plain(text)
    if "enregistr" not in plain.replace("sans enregistrement", ""):
        raise SettingRefusedError(
            field, "Dites que l'appel est enregistré : « … enregistre cet appel »."
        )
    if _plain(client.name) not in plain and not re.search(r"\bnous\b", plain):
        raise SettingRefusedError(
            field, "Dites qui enregistre : écrivez « {brand} » ou « nous ».", brand=client.name
        )
    if not re.search(r"\b(?:pour|afin)\b", plain):
        raise SettingRefusedError(
            field, "Dites pourquoi : « pour améliorer ses réponses », par exemple."
        )
    if "sans enregistrement" not in plain:
        raise SettingRefusedError(
            field, "Dites comment refuser : « sauf si vous dites sans enregistrement »."
        )
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
        raise SettingRefusedError(
            field, "Écrivez un nombre entier de {least} à {most}.", least=least, most=most
        )
    return found


def _numbered(least: int, most: int) -> Check:
    return lambda field, value, _: number(field, value, least, most)


def _pace(field: str, value: object, _: Client) -> float:
    try:
        pace = round(float(str(value).replace(",", ".")), 2)
    except ValueError:
        pace = 0.0
    if not FASTEST <= pace <= SLOWEST:
        raise SettingRefusedError(field, "Choisissez une vitesse de la liste.")
    return pace


def _one_of(*allowed: object) -> Check:
    def check(field: str, value: object, _: Client) -> object:
        if value not in allowed:
            raise SettingRefusedError(field, "Choisissez une des réponses proposées.")
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
