"""Messages that callers left with the exchange while the agent could not answer: each one a ticket.

The exchange writes a WAV for each, whose name says all that is known of the call. What is done
with it can be broken off between any two steps and begun again: the ticket is the call's, and says
itself that it holds the message; the file is deleted last.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, Samples, samples_of, voiced_windows, wav_of
from agent.call.record import (
    CallLog,
    CallRecord,
    Handoff,
    HandoffDesk,
    HandoffRequest,
    Turn,
    recording_of,
)
from agent.call.transcriber import Transcriber
from agent.sealing.vault import Vault
from agent.store.clients import Client
from agent.store.ticket_rows import Ticket
from knowledge.answer import Sensed

logger = logging.getLogger(__name__)

LOOK_S = 3.0
"""How often the folder is looked into."""

STILL_S = 25.0
"""A file that has not grown for so long is finished: the exchange writes every two seconds while
sound comes, and ends a call that has brought none for twenty."""

AGAIN_S = 60.0
"""Wait after a message could not be dealt with."""

PIECE_S, SEEK_S = 24.0, 8.0
"""Longest piece that the recogniser takes, and how far back of its end a pause is looked for."""

LEAST_VOICED_S = 0.4
"""Less is no word: a click, a breath, the receiver being put down."""

LEFT, NOTHING_LEFT = "a laissé un message", "a appelé sans laisser de message"
"""Why a ticket was opened, as an operator reads it."""

UNHEARD = "(message à écouter : ses mots n'ont pas été compris)"

MARK = "message"
"""Name of the detail that says that a ticket holds its call's message."""

_NAME = re.compile(r"(\d{9,11})_(\+\d{7,15})_([+\d]{0,40})_(\d+\.\d+)\.wav")
_HEADER_BYTES = 44
_SENT_MASKED = re.compile(r"\+?\d{3,15}")


class TicketShelf(Protocol):
    """Where tickets are looked up; `agent.store` implements it. Calls block."""

    def of_call(self, call_id: str) -> Ticket | None:
        """The ticket of a call, None if it has none."""


@dataclass(frozen=True)
class LeftMessage:
    """One that a caller left.

    Attributes:
        at: When it began, UTC.
        dialled: The number that was called, E.164.
        caller: The caller's, national digits or E.164; None if masked.
        call_id: Of the call, as the exchange and its agent name it.
    """

    file: Path
    at: datetime
    dialled: str
    caller: str | None
    call_id: str


def left_message(file: Path) -> LeftMessage | None:
    """What a file's name says; None for a file that is no message."""
    found = _NAME.fullmatch(file.name)
    if found is None:
        return None
    number = found[3] if _SENT_MASKED.fullmatch(found[3]) else ""
    caller = f"0{number[3:]}" if number.startswith("+33") else number
    at = datetime.fromtimestamp(int(found[1]), UTC)
    return LeftMessage(file, at, found[2], caller or None, found[4])


@dataclass(frozen=True)
class MessageWork:
    """What messages are dealt with by.

    Attributes:
        client_of: Whose number was dialled, None: nobody's; blocks.
        tickets: Where they are looked up.
        desk: Opens them, and has those told who are to be told.
        log: Where calls are kept.
        has_call: Whether a call is kept that is no message; blocks.
        transcriber: Reads what was said.
        vocabulary: A client's words, by its slug; blocks.
        sense: The danger in what was said, None if there is none; blocks.
        data_dir: Folder under which recordings stand.
        vault: Seals them.
    """

    client_of: Callable[[str], Client | None]
    tickets: TicketShelf
    desk: HandoffDesk
    log: CallLog
    has_call: Callable[[str], bool]
    transcriber: Transcriber
    vocabulary: Callable[[str], Sequence[str]]
    sense: Callable[[Sequence[str]], Sensed | None]
    data_dir: Path
    vault: Vault = field(default_factory=Vault)


class MessageBox:
    """Looks into the exchange's folder of messages, at start and again and again."""

    def __init__(self, folder: Path, work: MessageWork, *, still_s: float = STILL_S) -> None:
        """Nothing is looked at yet.

        Args:
            folder: Where the exchange leaves them; it may not be there yet.
            work: What they are dealt with by.
            still_s: A file that has not grown for so long is finished, seconds.
        """
        self._folder = folder
        self._work = work
        self._still_s = still_s
        self._not_before: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look(), name="messages of the exchange")

    async def close(self) -> None:
        """Look no more; what is being dealt with is begun again at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look_once(self) -> int:
        """Deal with all that is finished; returns with how many."""
        done = 0
        for message in await asyncio.to_thread(self._finished):
            try:
                await take_message(message, self._work)
                self._not_before.pop(message.file.name, None)
                done += 1
            except Exception:  # one must not keep the others from being dealt with
                logger.exception("the message of call %s is tried again later", message.call_id)
                self._not_before[message.file.name] = time.monotonic() + AGAIN_S
        return done

    async def _look(self) -> None:
        while True:
            try:
                await self.look_once()
            except OSError as error:
                logger.warning("the exchange's messages cannot be read: %s", error)
                await asyncio.sleep(AGAIN_S)
            await asyncio.sleep(LOOK_S)

    def _finished(self) -> list[LeftMessage]:
        if not self._folder.is_dir():
            return []
        now = time.time()
        found = []
        for file in sorted(self._folder.iterdir()):
            message = left_message(file)
            if message is None or time.monotonic() < self._not_before.get(file.name, 0.0):
                continue
            if now - file.stat().st_mtime >= self._still_s:
                found.append(message)
        return found


async def take_message(message: LeftMessage, work: MessageWork) -> None:
    """Make a message the ticket of its call, keep its sound, delete its file.

    Whatever of it was done before is found done.

    Raises:
        LookupError: Nobody's number was dialled: it is a client's no more.
    """
    client = await asyncio.to_thread(work.client_of, message.dialled)
    if client is None:
        raise LookupError(f"{message.dialled} is nobody's number: permanence client number adds it")
    samples = await asyncio.to_thread(_read, message.file)
    ticket = await asyncio.to_thread(work.tickets.of_call, message.call_id)
    if ticket is not None and MARK in ticket.brief.details:
        text = ticket.brief.details[MARK]
    else:
        text = await _words(samples, work, client)
        if not text and ticket is None and message.caller is None:
            logger.info("a caller without a number left no message")
            await asyncio.to_thread(message.file.unlink)
            return
    await asyncio.to_thread(_keep, message, samples, text, client, ticket, work)


async def _words(samples: Samples, work: MessageWork, client: Client) -> str:
    """What was said; "" if nothing was."""
    voiced_s = await asyncio.to_thread(_voiced_s, samples)
    if voiced_s < LEAST_VOICED_S:
        return ""
    vocabulary = await asyncio.to_thread(work.vocabulary, client.slug)
    texts = []
    for piece in await asyncio.to_thread(_spoken, samples):
        heard = await work.transcriber.transcribe(piece, TELEPHONE_RATE_HZ, vocabulary)
        texts.append(heard.text)
    text = " ".join(one for one in texts if one)
    return text or (UNHEARD if voiced_s > 5 * LEAST_VOICED_S else "")


def _spoken(samples: Samples) -> list[Samples]:
    """The pieces in which something is said."""
    return [piece for piece in pieces(samples) if _voiced_s(piece) >= LEAST_VOICED_S]


def _keep(
    message: LeftMessage,
    samples: Samples,
    text: str,
    client: Client,
    ticket: Ticket | None,
    work: MessageWork,
) -> None:
    """Step by step, each of which may have been done before: sound, ticket, record, file."""
    # A call that broke off is kept already: its message is kept beside it.
    beside = work.has_call(message.call_id)
    record_id = f"{message.call_id}-message" if beside else message.call_id
    recording = recording_of(client.slug, record_id)
    if samples.size:
        _write(work.data_dir / recording, samples, work.vault)
    handoff = _ticketed(message, text, client, ticket, work)
    record = CallRecord(
        record_id,
        client.slug,
        message.at,
        message.caller,
        "asterisk",
        message.at + timedelta(seconds=samples.size / TELEPHONE_RATE_HZ),
        "caller",
        "message",
        [Turn(text, at_s=0.0)],
        handoff,
        recording=recording if samples.size else None,
        recording_from_s=0.0 if samples.size else None,
    )
    work.log.save(record)
    work.desk.complete(handoff)
    message.file.unlink()
    logger.info("a message was left in call %s: ticket %s", message.call_id, handoff.ticket_id)


def _ticketed(
    message: LeftMessage, text: str, client: Client, ticket: Ticket | None, work: MessageWork
) -> Handoff:
    """The call's ticket, with the message in it; durable."""
    if ticket is not None and MARK in ticket.brief.details:
        return _handoff(ticket)
    if ticket is not None and ticket.status != "done":  # the agent had opened it, then broke off
        before = ticket.brief.details.get("also", "")
        both = before if before.endswith(text) else f"{before} {text}".strip()
        handoff = work.desk.set_detail(_handoff(ticket), "also", both)
        return work.desk.set_detail(handoff, MARK, text)
    sensed = work.sense([text]) if text and text != UNHEARD else None
    request = HandoffRequest(
        client=client.slug,
        call_id=message.call_id,
        caller_number=message.caller,
        product=None,
        question=text,
        reason=LEFT if text else NOTHING_LEFT,
        tried=(),
        looked_at=(),
        urgency="normal" if sensed is None else "urgent",  # nobody can ask: what may be one is
        danger=sensed.danger if sensed is not None and sensed.sure else None,
        details={MARK: text},
    )
    return work.desk.open(request)


def _handoff(ticket: Ticket) -> Handoff:
    return Handoff(ticket.ticket_id, ticket.urgency, ticket.brief, ticket.due_at)


def pieces(samples: Samples) -> list[Samples]:
    """A message in pieces that the recogniser takes, cut where it is quietest."""
    longest, seek = int(PIECE_S * TELEPHONE_RATE_HZ), int(SEEK_S * TELEPHONE_RATE_HZ)
    window = TELEPHONE_RATE_HZ // 5
    cut: list[Samples] = []
    while samples.size > longest:
        tail = samples[longest - seek : longest].astype(np.float64) ** 2
        energy = np.convolve(tail, np.ones(window), "valid")
        at = longest - seek + int(np.argmin(energy)) + window // 2
        cut.append(samples[:at])
        samples = samples[at:]
    return [*cut, samples]


def _voiced_s(samples: Samples) -> float:
    return voiced_windows(samples, TELEPHONE_RATE_HZ).size / 100


def _read(file: Path) -> Samples:
    """The samples of the exchange's WAV: 8 kHz, 16 bits, one channel.

    An exchange that was killed has not written the lengths: what stands after the header counts.
    """
    data = file.read_bytes()[_HEADER_BYTES:]
    return samples_of(data[: len(data) // 2 * 2])


def _write(path: Path, samples: Samples, vault: Vault) -> None:
    """Write a recording, at once or not at all, durably; sealed where there is a key."""
    vault.write(path, wav_of(TELEPHONE_RATE_HZ, samples))
