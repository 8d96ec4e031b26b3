"""Messages left with the exchange: each becomes one ticket, whatever dies in between."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav, write_wav
from agent.call.record import CallRecord, HandoffRequest
from agent.call.transcriber import Transcript
from agent.handoff.tickets import TicketDesk
from agent.store.calls import CallStore
from agent.store.database import NotKeptError
from agent.store.numbers import NumberStore
from agent.store.recordings import RecordingStore
from agent.telephony.asterisk.messages import (
    MARK,
    NOTHING_LEFT,
    MessageBox,
    MessageWork,
    left_message,
    pieces,
)
from knowledge.answer import Sensed
from tests.ticket_homes import TARGETS, Home, made_home

DIALLED = "+33199001234"
NAME = f"1795779832_{DIALLED}_+33639981234_1795779832.7.wav"
CALL_ID = "1795779832.7"
WORDS = "Bonjour, mon four ne chauffe plus, rappelez-moi."
STEPS = ("transcribe", "open", "opened", "save", "saved", "complete", "completed")


class Told:
    """A recogniser that hears what it was told to."""

    def __init__(self, text: str = WORDS) -> None:
        self.text = text
        self.heard = 0

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The text, for the first piece."""
        self.heard += 1
        return Transcript(self.text if self.heard == 1 else "", (), 0.0, 0.0)

    def close(self) -> None:
        """Nothing is open."""


def work_in(folder: Path, home: Home, text: str = WORDS, **changed: Any) -> MessageWork:
    """What messages are dealt with by, over a home's stores."""
    calls = CallStore(home.database)

    def has_call(call_id: str) -> bool:
        try:
            return calls.load(call_id).outcome != "message"
        except NotKeptError:
            return False

    numbers = NumberStore(home.database)
    work = MessageWork(
        client_of=numbers.client_of,
        tickets=home.tickets,
        desk=TicketDesk(
            home.tickets, release=lambda ticket: home.outbox.release(ticket, datetime.now(UTC))
        ),
        log=calls,
        has_call=has_call,
        transcriber=Told(text),
        vocabulary=lambda _: (),
        sense=lambda readings: Sensed("gas") if "gaz" in readings[0] else None,
        data_dir=folder / "data",
    )
    return replace(work, **changed)


def leave(folder: Path, name: str = NAME, seconds: float = 3.0) -> Path:
    """What the exchange leaves: a tone that is loud enough to be a voice."""
    at = np.arange(int(seconds * TELEPHONE_RATE_HZ))
    file = folder / "messages" / name
    write_wav(file, TELEPHONE_RATE_HZ, (6000 * np.sin(at / 4)).astype(np.int16))
    return file


def look(folder: Path, work: MessageWork) -> int:
    """Look into the folder once."""
    return asyncio.run(MessageBox(folder / "messages", work, still_s=0.0).look_once())


@pytest.fixture
def home(tmp_path: Path) -> Any:
    """Stores with a client who has a number and wants to be told."""
    made = made_home(tmp_path)
    NumberStore(made.database).add("essai", DIALLED)
    yield made
    made.database.close()


def test_name_says_whose_call_it_was() -> None:
    """Time, number, caller and call; a caller who is masked, or whose number is none, has none."""
    message = left_message(Path(NAME))
    assert message is not None
    assert (message.dialled, message.caller, message.call_id) == (DIALLED, "0639981234", CALL_ID)
    assert message.at == datetime.fromtimestamp(1795779832, UTC)
    for masked in ("", "++", "9" * 30):
        other = left_message(Path(f"1795779832_{DIALLED}_{masked}_1795779832.7.wav"))
        assert other is not None
        assert other.caller is None
    assert left_message(Path("notes.txt")) is None
    assert left_message(Path(NAME + ".part")) is None


def test_message_becomes_a_ticket_with_its_words_and_its_sound(tmp_path: Path, home: Home) -> None:
    """The caller's number is to be called back; the sound is the call's recording; all are told."""
    file = leave(tmp_path)
    assert look(tmp_path, work_in(tmp_path, home)) == 1
    (ticket,) = home.tickets.list()
    assert (ticket.client, ticket.call_id, ticket.caller_number) == (
        "essai", CALL_ID, "0639981234",
    )  # fmt: skip
    assert ticket.brief.question == WORDS
    assert "a laissé un message" in ticket.brief.line
    record = CallStore(home.database).load(CALL_ID)
    assert (record.outcome, record.turns[0].heard) == ("message", WORDS)
    assert record.handoff is not None
    assert record.handoff.ticket_id == ticket.ticket_id
    assert record.recording is not None
    assert read_wav(tmp_path / "data" / record.recording, TELEPHONE_RATE_HZ).size == 24_000
    assert not file.exists()
    told = {sending.target for sending in home.outbox.of_ticket(ticket.ticket_id)}
    assert told == {*TARGETS.emails, TARGETS.webhook_url}
    assert look(tmp_path, work_in(tmp_path, home)) == 0


def test_recording_of_a_message_is_deleted_like_any_other(tmp_path: Path, home: Home) -> None:
    """The name of a call of the exchange holds a dot; the recording is found all the same."""
    leave(tmp_path)
    look(tmp_path, work_in(tmp_path, home))
    orphan = tmp_path / "data" / "recordings" / "essai" / "1700000000.3.wav"
    write_wav(orphan, TELEPHONE_RATE_HZ, np.zeros(8000, np.int16))
    os.utime(orphan, (0, 0))
    recordings = RecordingStore(home.database, tmp_path / "data")
    assert recordings.purge(datetime.fromtimestamp(1795000000, UTC)) == 1
    assert not orphan.exists()
    assert recordings.erase("0639981234") == 1


def test_silence_is_a_ticket_only_of_a_known_caller(tmp_path: Path, home: Home) -> None:
    """Who is known has called without a message; who is not cannot be called back."""
    for name in (NAME, f"1795779833_{DIALLED}__1795779833.8.wav"):
        write_wav(tmp_path / "messages" / name, TELEPHONE_RATE_HZ, np.zeros(40_000, np.int16))
    assert look(tmp_path, work_in(tmp_path, home)) == 2
    (ticket,) = home.tickets.list()
    assert ticket.call_id == CALL_ID
    assert ticket.brief.reason == NOTHING_LEFT
    assert list((tmp_path / "messages").iterdir()) == []


def test_danger_in_a_message_is_urgent(tmp_path: Path, home: Home) -> None:
    """Nobody could ask back, so whoever is on call is told."""
    leave(tmp_path)
    look(tmp_path, work_in(tmp_path, home, "Chez moi, ça sent le gaz."))
    (ticket,) = home.tickets.list()
    assert (ticket.urgency, ticket.brief.danger) == ("urgent", "gas")


def test_message_of_a_call_that_broke_off_is_added_to_its_ticket(
    tmp_path: Path, home: Home
) -> None:
    """What the agent had noted stays, and the sound of the call is not overwritten."""
    work = work_in(tmp_path, home)
    started = datetime(2026, 11, 27, 9, tzinfo=UTC)
    record = CallRecord(CALL_ID, "essai", started, recording="recordings/essai/x.wav")
    CallStore(home.database).save(record)
    request = HandoffRequest(
        "essai", CALL_ID, "0639981234", "lave-linge", "il fuit", "human", (), (), "normal"
    )
    work.desk.open(request)
    leave(tmp_path)
    look(tmp_path, work)
    (ticket,) = home.tickets.list()
    assert (ticket.brief.question, ticket.brief.details["also"]) == ("il fuit", WORDS)
    assert CallStore(home.database).load(CALL_ID).recording == "recordings/essai/x.wav"
    beside = CallStore(home.database).load(f"{CALL_ID}-message")
    assert beside.recording == f"recordings/essai/{CALL_ID}-message.wav"


def test_what_still_grows_is_left_alone(tmp_path: Path, home: Home) -> None:
    """A message that is being spoken is not taken from under the exchange."""
    leave(tmp_path)
    box = MessageBox(tmp_path / "messages", work_in(tmp_path, home), still_s=60.0)
    assert asyncio.run(box.look_once()) == 0


def test_message_for_nobody_stays_and_keeps_no_other_back(tmp_path: Path, home: Home) -> None:
    """A number that was taken from its client: the file waits until it is somebody's again."""
    strange = leave(tmp_path, "1795779831_+33199005678_0639981234_1795779831.1.wav")
    leave(tmp_path)
    assert look(tmp_path, work_in(tmp_path, home)) == 1
    assert strange.exists()
    NumberStore(home.database).add("autre", "+33199005678")
    assert look(tmp_path, work_in(tmp_path, home)) == 1
    assert {ticket.client for ticket in home.tickets.list()} == {"essai", "autre"}


def test_exchange_that_died_has_written_no_length(tmp_path: Path, home: Home) -> None:
    """What stands after the header counts."""
    file = leave(tmp_path)
    data = bytearray(file.read_bytes())
    data[4:8] = data[40:44] = bytes(4)
    file.write_bytes(data)
    look(tmp_path, work_in(tmp_path, home))
    recording = tmp_path / "data" / "recordings" / "essai" / f"{CALL_ID}.wav"
    assert read_wav(recording, TELEPHONE_RATE_HZ).size == 24_000


def test_long_message_is_cut_in_its_pauses() -> None:
    """No piece is longer than the recogniser takes, none is lost, the cut is in the silence."""
    at = np.arange(70 * TELEPHONE_RATE_HZ)
    samples = (6000 * np.sin(at / 4)).astype(np.int16)
    samples[20 * TELEPHONE_RATE_HZ : 21 * TELEPHONE_RATE_HZ] = 0
    cut = pieces(samples)
    assert np.array_equal(np.concatenate(cut), samples)
    assert all(piece.size <= 24 * TELEPHONE_RATE_HZ for piece in cut)
    assert 20 * TELEPHONE_RATE_HZ <= cut[0].size <= 21 * TELEPHONE_RATE_HZ


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_any_two_steps_nothing_is_lost_or_doubled(
    tmp_path: Path, home: Home, step: str
) -> None:
    """Killed with SIGKILL there, and begun again: one ticket, told once, one record, one sound."""
    leave(tmp_path)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([__name__])
    child = server.Process(target=_die_at, args=(tmp_path, step))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert look(tmp_path, work_in(tmp_path, home)) == 1
    (ticket,) = home.tickets.list()
    assert (ticket.brief.question, ticket.brief.details[MARK]) == (WORDS, WORDS)
    sendings = home.outbox.of_ticket(ticket.ticket_id)
    assert sorted((one.event, one.target) for one in sendings) == sorted(
        ("opened", target) for target in (*TARGETS.emails, TARGETS.webhook_url)
    )
    assert [record.call_id for record in CallStore(home.database).recent(None)] == [CALL_ID]
    assert (tmp_path / "data" / "recordings" / "essai" / f"{CALL_ID}.wav").exists()
    assert list((tmp_path / "messages").iterdir()) == []


def _die_at(folder: Path, step: str) -> None:
    home = made_home_again(folder)
    work = work_in(folder, home)

    def dying(method: Any, before: str, after: str) -> Any:
        def call(*given: Any) -> Any:
            _die(step == before)
            made = method(*given)
            _die(step == after)
            return made

        return call

    work.transcriber.transcribe = dying(  # type: ignore[method-assign]
        work.transcriber.transcribe, "transcribe", ""
    )
    desk: Any = work.desk
    desk.open = dying(desk.open, "open", "opened")
    desk.complete = dying(desk.complete, "complete", "completed")
    log: Any = work.log
    log.save = dying(log.save, "save", "saved")
    look(folder, work)


def _die(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)


def made_home_again(folder: Path) -> Home:
    """The home's stores, in another process."""
    from agent.store.database import Database

    return Home(Database(f"sqlite:///{folder / 'permanence.db'}"))
