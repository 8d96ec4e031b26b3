"""Clients and the manuals that they uploaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from agent.errors import PermanenceError, UnknownClientError
from agent.store.database import Database, insert_if_absent
from agent.store.schema import ClientRow, ManualRow

_SLUG = re.compile(r"[a-z0-9-]{2,40}")
_NAMED_IN_ERROR = 10
"""Clients that an error lists before it says how many more there are."""


LONGEST_WORD, LONGEST_SPOKEN = 60, 100
"""Characters of a word, and of how it is spoken."""

_SHOWN_IN_ERROR = 30
"""Characters of what was given that an error repeats."""


Answering = Literal["always", "overflow"]
"""Who answers first: the agent, or operators and the agent when none of them does."""

Ringing = Literal["together", "in_turn"]
"""How operators are rung."""

MOST_MINUTES = 120
"""Minutes that a call may be said to save."""

MOST_RINGS = 10
"""Rings before the agent answers; ten of them last 50 s, longer than callers wait."""


class ClientRefusedError(PermanenceError):
    """A client cannot be so: a value is not allowed, or the slug of a new one is taken."""


class PronunciationRefusedError(PermanenceError):
    """A word cannot be spoken so, or is not on the client's list."""


@dataclass(frozen=True)
class Client:
    """A brand whose callers are answered.

    Attributes:
        slug: Unique short name, `[a-z0-9-]{2,40}`; also in URLs and folder names.
        name: The brand as it is written and said.
        created_at: UTC.
        recording: Its calls are recorded, unless a caller refuses.
        pronunciations: How its words are spoken, by the word as it is written.
        hours: When its operators are there, as the client wrote it; "" if it has not.
        answering: Who answers first.
        overflow_rings: Where operators do: rings after which the agent answers, from 1.
        ringing: How its operators are rung.
        satisfaction: Its callers are asked for a mark when all is settled.
        minutes_per_call: What a call that the agent answers saves its people, in minutes.
        recording_percent: Of a client that records, how many of 100 calls, drawn by lot.
        recording_notice: What callers are told of it, in place of the usual sentence; "" for that.
        spoken_name: How its name is said, in French spelling; "": as it is written.
        greeting_sentence: One of its own in the greeting; "" for none.
        greeting_heard: The greeting that its people listened to and found good, as text.
        voice: Catalogue name of the voice that speaks; "": the installation's.
        pace: How many times as long as usual speech takes: over 1 is slower.
        keep_audio_days: How long recordings are kept.
        keep_transcript_days: How long what was said in calls is kept.
        keep_ticket_days: How long callback requests that are done are kept.
        keep_analysis_days: How long verdicts and grouped questions are kept.
    """

    slug: str
    name: str
    created_at: datetime
    recording: bool = False
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    hours: str = ""
    answering: Answering = "always"
    overflow_rings: int = 3
    ringing: Ringing = "together"
    satisfaction: bool = False
    minutes_per_call: int = 6
    recording_percent: int = 100
    recording_notice: str = ""
    spoken_name: str = ""
    greeting_sentence: str = ""
    greeting_heard: str = ""
    voice: str = ""
    pace: float = 1.0
    keep_audio_days: int = 180
    keep_transcript_days: int = 365
    keep_ticket_days: int = 365
    keep_analysis_days: int = 365

    @property
    def said(self) -> Mapping[str, str]:
        """How its words are spoken, its name among them."""
        own = {self.name: self.spoken_name} if self.spoken_name else {}
        return {**own, **self.pronunciations}


@dataclass(frozen=True)
class Manual:
    """A manual as it was last ingested.

    Attributes:
        file_name: Unique among the client's manuals.
        sha256: Of the file, hexadecimal.
        pages: Pages of the file.
        product_title: What the manual calls the product.
        product_references: References that it covers, separated by ", ".
        appliance: Kind of appliance, as text.
        languages: Codes of its languages, separated by ", ".
        passages: Passages found in it.
        ingested_at: UTC.
    """

    file_name: str
    sha256: str
    pages: int
    product_title: str
    product_references: str
    appliance: str
    languages: str
    passages: int
    ingested_at: datetime


class ClientStore:
    """The clients in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, slug: str, name: str) -> Client:
        """Keep a new client.

        Raises:
            ClientRefusedError: The slug or the name is not allowed, or the slug is taken.
        """
        if _SLUG.fullmatch(slug) is None:
            raise ClientRefusedError(
                f"A client's slug cannot be {slug!r}; use 2 to 40 of a-z, 0-9 and '-'."
            )
        if not name.strip():
            raise ClientRefusedError(f"The client {slug!r} has no name; give the brand's.")
        client = Client(slug, name.strip(), datetime.now(UTC))
        with self._database.transaction() as session:
            if not insert_if_absent(session, ClientRow, asdict(client)):
                raise ClientRefusedError(f"The client {slug!r} exists; choose another slug.")
        return client

    def get(self, slug: str) -> Client:
        """The client of that slug.

        Raises:
            UnknownClientError: There is none; the message lists those there are.
        """
        with self._database.reading() as session:
            return client_from(require_client(session, slug))

    def set_recording(self, slug: str, recording: bool) -> Client:
        """Have all of the client's calls recorded or none, from the next one on.

        Raises:
            UnknownClientError: There is no such client.
        """
        return self._change(slug, recording=recording, recording_percent=100)

    def set_hours(self, slug: str, hours: str) -> Client:
        """Keep when the client's operators are there, as text that was understood.

        Raises:
            UnknownClientError: There is no such client.
        """
        return self._change(slug, hours=hours)

    def set_answering(self, slug: str, mode: str, rings: int | None = None) -> Client:
        """Have the agent answer first, or only what operators leave, from the next call on.

        Args:
            slug: The client.
            mode: One of `Answering`.
            rings: Rings after which the agent answers, 1 to `MOST_RINGS`; None: as before.

        Raises:
            ClientRefusedError: The mode or the rings are not allowed.
            UnknownClientError: There is no such client.
        """
        _one_of("answering", mode, get_args(Answering))
        if rings is not None and not 1 <= rings <= MOST_RINGS:
            raise ClientRefusedError(f"Rings cannot be {rings}; give 1 to {MOST_RINGS}.")
        return self._change(
            slug, answering=mode, **({} if rings is None else {"overflow_rings": rings})
        )

    def set_ringing(self, slug: str, ringing: str) -> Client:
        """Have the client's operators rung together, or one after the other.

        Raises:
            ClientRefusedError: It is none of `Ringing`.
            UnknownClientError: There is no such client.
        """
        _one_of("ringing", ringing, get_args(Ringing))
        return self._change(slug, ringing=ringing)

    def set_satisfaction(self, slug: str, asked: bool) -> Client:
        """Have the client's callers asked for a mark at the end or not, from the next call on.

        Raises:
            UnknownClientError: There is no such client.
        """
        return self._change(slug, satisfaction=asked)

    def set_minutes_per_call(self, slug: str, minutes: int) -> Client:
        """Say what a call that the agent answers saves the client's people, in minutes.

        Raises:
            ClientRefusedError: It is none of 1 to `MOST_MINUTES`.
            UnknownClientError: There is no such client.
        """
        if not 1 <= minutes <= MOST_MINUTES:
            raise ClientRefusedError(f"Minutes cannot be {minutes}; give 1 to {MOST_MINUTES}.")
        return self._change(slug, minutes_per_call=minutes)

    def set_pronunciation(self, slug: str, word: str, spoken: str | None) -> Client:
        """Have a word of the client's spoken so, whatever its case (None: as it is written).

        Raises:
            UnknownClientError: There is no such client.
            PronunciationRefusedError: The word or how it is spoken is not allowed, or the word
                that is to be read as written is not on the list.
        """
        word = _spoken_text("word", word, LONGEST_WORD)
        if spoken is not None:
            spoken = _spoken_text("pronunciation", spoken, LONGEST_SPOKEN)
        with self._database.transaction() as session:
            row = require_client(session, slug)
            others = {
                other: said
                for other, said in row.pronunciations.items()
                if other.casefold() != word.casefold()
            }
            if spoken is None and len(others) == len(row.pronunciations):
                raise PronunciationRefusedError(
                    f"{slug} has no pronunciation of {word!r}; `permanence client say {slug}`"
                    " lists those it has."
                )
            row.pronunciations = others if spoken is None else {**others, word: spoken}
            return client_from(row)

    def _change(self, slug: str, **columns: object) -> Client:
        with self._database.transaction() as session:
            row = require_client(session, slug)
            for column, value in columns.items():
                setattr(row, column, value)
            return client_from(row)

    def list(self) -> tuple[Client, ...]:
        """All clients, by slug."""
        with self._database.reading() as session:
            rows = session.scalars(select(ClientRow).order_by(ClientRow.slug))
            return tuple(client_from(row) for row in rows)

    def manuals(self, slug: str) -> tuple[Manual, ...]:
        """The client's manuals, by file name.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.reading() as session:
            require_client(session, slug)
            rows = session.scalars(
                select(ManualRow).where(ManualRow.client == slug).order_by(ManualRow.file_name)
            )
            return tuple(_manual(row) for row in rows)

    def put_manual(self, slug: str, manual: Manual) -> None:
        """Keep the client's manual, in place of an older one of the same file name.

        Raises:
            UnknownClientError: There is no such client.
        """
        values = asdict(manual)
        with self._database.transaction() as session:
            require_client(session, slug)
            if not insert_if_absent(session, ManualRow, {"client": slug, **values}):
                session.execute(
                    update(ManualRow)
                    .where(ManualRow.client == slug, ManualRow.file_name == manual.file_name)
                    .values(values)
                )

    def set_manuals(self, slug: str, in_service: Callable[[], Iterable[Manual]]) -> None:
        """Make the client's list that of its index; what is unchanged keeps its date.

        Args:
            slug: The client.
            in_service: Reads the index. Called within the transaction, so that the last of two
                writers writes what is in service last.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.transaction() as session:
            require_client(session, slug)
            rows = session.scalars(select(ManualRow).where(ManualRow.client == slug))
            known = {row.file_name: row for row in rows}
            for manual in in_service():
                row = known.pop(manual.file_name, None)
                if row is None:
                    session.add(ManualRow(client=slug, **asdict(manual)))
                elif _manual(row) != replace(manual, ingested_at=row.ingested_at):
                    read_again = row.sha256 != manual.sha256
                    date = manual.ingested_at if read_again else row.ingested_at
                    for name, value in asdict(replace(manual, ingested_at=date)).items():
                        setattr(row, name, value)
            for row in known.values():
                session.delete(row)

    def remove_manual(self, slug: str, file_name: str) -> bool:
        """Forget the client's manual; returns whether there was one.

        Raises:
            UnknownClientError: There is no such client.
        """
        with self._database.transaction() as session:
            require_client(session, slug)
            removed = session.scalar(
                delete(ManualRow)
                .where(ManualRow.client == slug, ManualRow.file_name == file_name)
                .returning(ManualRow.id)
            )
            return removed is not None


def require_client(session: Session, slug: str) -> ClientRow:
    """The client's row.

    Raises:
        UnknownClientError: There is none; the message lists those there are.
    """
    row = session.get(ClientRow, slug)
    if row is not None:
        return row
    slugs = session.scalars(select(ClientRow.slug).order_by(ClientRow.slug)).all()
    named = ", ".join(slugs[:_NAMED_IN_ERROR]) or "none yet"
    more = f" and {len(slugs) - _NAMED_IN_ERROR} more" if len(slugs) > _NAMED_IN_ERROR else ""
    raise UnknownClientError(
        f"There is no client {slug!r} (there is: {named}{more});"
        " add one with `permanence client add SLUG --name NAME`."
    )


def _one_of(what: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        raise ClientRefusedError(f"{what} cannot be {given!r}; choose {' or '.join(allowed)}.")


def _spoken_text(what: str, given: str, longest: int) -> str:
    """The text on one line.

    Raises:
        PronunciationRefusedError: It holds no letter, or what is no text, or too much.
    """
    text = " ".join(given.split())
    if text.isprintable() and any(map(str.isalpha, text)) and len(text) <= longest:
        return text
    shown = given if len(given) <= _SHOWN_IN_ERROR else f"{given[:_SHOWN_IN_ERROR]}…"
    raise PronunciationRefusedError(
        f"A {what} cannot be {shown!r}; write 1 to {longest} characters with a letter among them."
    )


def client_from(row: ClientRow) -> Client:
    """The client that a row keeps."""
    return Client(**{kept.name: getattr(row, kept.name) for kept in fields(Client)})


def _manual(row: ManualRow) -> Manual:
    return Manual(**{kept.name: getattr(row, kept.name) for kept in fields(Manual)})
