"""A recorded call through the pipeline: a real line, real turns; words and voice made for it."""

from __future__ import annotations

import asyncio
import socket
import wave
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import ClientConnection

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav, rms, samples_of
from agent.call.errands import Ask
from agent.call.handover import NoOperators
from agent.call.live import LiveCalls
from agent.call.record import CallRecord, recording_of
from agent.call.recording_file import open_recording
from agent.call.session import CallServices, CallSession
from agent.call.transcriber import Transcript
from agent.call.transport import Line
from agent.call.turns import TurnModels
from agent.sealing.keys import Key
from agent.sealing.vault import Vault
from agent.telephony.media_protocol import message, parse_start
from agent.telephony.media_socket import MediaSocketTransport
from agent.telephony.recorded_caller import HeardCall, RecordedCaller
from knowledge.answer import Answer, Inquiry
from tests.conftest import CALLS
from tests.test_reply import NoDesk

VAULT = Vault([Key(bytes(32))])
SPOKEN = read_wav(CALLS / "human.wav", TELEPHONE_RATE_HZ)
"""A caller's turn; what is heard in it is up to the test."""


class Recogniser:
    """Hears these words, one text a turn, whatever is said."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The next text; a longer version of the same turn is the same text."""
        return Transcript(self._texts[0], (), -0.2, 10.0)

    def next_turn(self) -> None:
        """The turn is over."""
        self._texts = self._texts[1:] or self._texts


class Tone:
    """Speaks in tones of 440 Hz, 0.4 s a sentence, except those that hold a word."""

    def __init__(self, unspeakable: str = "") -> None:
        self._unspeakable = unspeakable

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """A tone."""
        if self._unspeakable and self._unspeakable in sentence:
            raise RuntimeError("cannot be made")
        time_s = np.arange(int(rate_hz * 0.4)) / rate_hz
        return (8000 * np.sin(2 * np.pi * 440 * time_s)).astype(np.int16)

    def close(self) -> None:
        """Nothing to release."""


def no_manuals(_: Inquiry) -> Answer:
    """Nothing is looked up here."""
    raise LookupError


class Book:
    """Keeps the last record."""

    def __init__(self) -> None:
        self.saved: CallRecord | None = None

    def save(self, record: CallRecord) -> None:
        """In memory."""
        self.saved = record


@asynccontextmanager
async def serving(
    services: CallServices, *, recorded: bool, ask: Ask = no_manuals, rates: bool = False
) -> AsyncIterator[str]:
    """The address of a line whose every call is Orvane's."""
    app = FastAPI()

    @app.websocket("/media")
    async def media(websocket: WebSocket) -> None:
        await websocket.accept()
        transport = MediaSocketTransport(websocket, parse_start(await websocket.receive_text()))
        line = Line(transport, "media-socket", TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ)
        session = CallSession(
            call_id="c1", client="orvane", brand="Orvane", line=line, ask=ask,
            sense=lambda _: None, services=services, recorded=recorded, rates=rates,
        )  # fmt: skip
        await transport.send_text(message("started", call_id="c1"))
        record = await session.run()
        ended = {"outcome": record.outcome, "ended_by": record.ended_by, "handoff": None}
        await transport.send_text(message("ended", call_id="c1", **ended))

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(app, log_config=None, ws="websockets-sansio")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/media"
        finally:
            server.should_exit = True
            await running


class Hasty(RecordedCaller):
    """Speaks as soon as the line is open, over the greeting."""

    _began_to_speak = False

    async def _wait_for_agent(self, socket: ClientConnection) -> None:
        if self._began_to_speak:
            await super()._wait_for_agent(socket)
        self._began_to_speak = True


async def call(
    folder: Path,
    *heard: str,
    recorded: bool = True,
    voice: Tone | None = None,
    caller: type[RecordedCaller] = RecordedCaller,
) -> tuple[HeardCall, CallRecord]:
    """A call of so many turns; as its caller lived it, and its record."""
    book, recogniser, turns = Book(), Recogniser(*heard), TurnModels()

    def follow(event: dict[str, object]) -> None:
        if event["event"] == "heard":
            recogniser.next_turn()

    with ThreadPoolExecutor(2) as blocking:
        services = CallServices(
            transcriber=recogniser, voice=voice or Tone(), turns=turns, desk=NoDesk(), log=book,
            operators=NoOperators(), live=LiveCalls(1),
            blocking=blocking, data_dir=folder, max_call_s=60, vault=VAULT,
        )  # fmt: skip
        async with serving(services, recorded=recorded) as url:
            lived = await caller(url, "orvane", [SPOKEN] * len(heard), on_event=follow).run()
        await turns.close()
    assert book.saved is not None
    return lived, book.saved


def files_in(folder: Path) -> list[Path]:
    """What was written and is still there."""
    return [file for file in folder.rglob("*") if file.is_file()]


def read(path: Path) -> tuple[Samples, Samples]:
    """Both sides of a recording."""
    assert VAULT.is_current(path)  # sealed as it was written: see test_sealing.py
    with open_recording(VAULT, path) as sound, wave.open(sound) as file:
        both = samples_of(file.readframes(file.getnframes())).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def loud_s(side: Samples) -> float:
    """How much of a side is sound, seconds."""
    windows = side[: side.size // 80 * 80].reshape(-1, 80)
    return sum(rms(window) > 300 for window in windows) / 100


def offset(recorded: Samples, lived: Samples) -> int:
    """Samples by which what was recorded lies in what the caller lived."""
    size = 1 << (lived.size + recorded.size).bit_length()
    spectra = np.fft.rfft(lived.astype(float), size) * np.conj(
        np.fft.rfft(recorded.astype(float), size)
    )
    return int(np.argmax(np.fft.irfft(spectra, size)))


async def test_both_sides_are_recorded_from_the_notice_on(tmp_path: Path) -> None:
    """On the clock on which the caller lived it; the greeting itself is not in it."""
    lived, record = await call(tmp_path, "répétez")
    assert record.recording == recording_of("orvane", "c1")
    assert record.anomalies == {}
    caller, agent = read(tmp_path / record.recording)
    assert caller.size == agent.size
    assert loud_s(caller) == pytest.approx(loud_s(SPOKEN), abs=0.1)
    greeting_s = 4 * 0.4  # its four sentences, which are said again at « répétez »
    assert loud_s(lived.agent) == pytest.approx(2 * greeting_s, abs=0.2)
    assert loud_s(agent) == pytest.approx(greeting_s, abs=0.1)
    begun = offset(caller, lived.caller)
    assert begun / TELEPHONE_RATE_HZ > greeting_s * 0.9
    reply = lived.agent.copy()
    reply[: lived.spans[0][1]] = 0
    assert abs(offset(agent, reply) - begun) / TELEPHONE_RATE_HZ < 0.1, "two clocks"


async def test_a_caller_who_speaks_over_the_greeting_is_recorded_after_it(tmp_path: Path) -> None:
    """The greeting is heard whole all the same; what was said over it is in no file."""
    lived, record = await call(tmp_path, "bonjour", caller=Hasty)
    assert loud_s(lived.agent) == pytest.approx(5 * 0.4, abs=0.2)
    assert record.recording is not None
    caller, agent = read(tmp_path / record.recording)
    assert loud_s(caller) < loud_s(SPOKEN) - 1.0
    assert loud_s(agent) == pytest.approx(0.4, abs=0.1)


async def test_a_refusal_over_the_greeting_is_kept_to(tmp_path: Path) -> None:
    """The end of the greeting starts nothing."""
    _, record = await call(tmp_path, "sans enregistrement", caller=Hasty)
    assert record.recording is None
    assert files_in(tmp_path) == []


async def test_a_refusal_leaves_no_file(tmp_path: Path) -> None:
    """Neither then nor at the end of the call; what is said is in the record."""
    lived, record = await call(tmp_path, "sans enregistrement", "vous m'enregistrez ?")
    assert record.recording is None
    assert record.anomalies == {}
    assert files_in(tmp_path) == []
    assert lived.turns[1]["said"].startswith("C'est entendu, cet appel n'est pas enregistré.")
    assert lived.turns[2]["said"].startswith("Non, cet appel n'est pas enregistré.")


async def test_a_client_that_records_nothing(tmp_path: Path) -> None:
    """Is not spoken of, and asked about it is denied."""
    lived, record = await call(tmp_path, "cet appel est enregistré ?", recorded=False)
    assert record.recording is None
    assert files_in(tmp_path) == []
    assert "enregistre" not in lived.turns[0]["said"]
    assert lived.turns[1]["said"].startswith("Non, cet appel n'est pas enregistré.")


async def test_a_notice_that_cannot_be_said_means_no_recording(tmp_path: Path) -> None:
    """The voice fails at that sentence: nobody is recorded unawares, and none is told so."""
    lived, record = await call(
        tmp_path, "vous m'enregistrez ?", voice=Tone(unspeakable="sans enregistrement")
    )
    assert record.recording is None
    assert record.anomalies["failed_recording"] == 1
    assert files_in(tmp_path) == []
    assert lived.turns[1]["said"].startswith("Non, cet appel n'est pas enregistré.")
