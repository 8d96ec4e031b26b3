"""Calls through the running path: real models, real sockets, real voices, real hang-ups."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
import time
import wave
from collections.abc import Awaitable, Callable
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import psutil
import pytest
from typer.testing import CliRunner
from websockets.asyncio.client import ClientConnection, connect

from agent.audio import (
    TELEPHONE_RATE_HZ,
    Samples,
    alaw_decode,
    alaw_encode,
    read_wav,
    samples_of,
    voiced_windows,
)
from agent.call.record import CallRecord
from agent.cli import app
from agent.errors import CallFailedError, CallRefusedError
from agent.house import BLOCKING_THREADS
from agent.telephony.recorded_caller import HeardCall, RecordedCaller
from agent.web.server import RunningServer
from knowledge.safety import fold
from tests.conftest import CALLS

pytestmark = pytest.mark.timeout(300)


def media(server: RunningServer) -> str:
    """Address of a server's media socket."""
    return f"{server.url.replace('http', 'ws', 1)}/media"


def turns(*names: str) -> list[Samples]:
    """Recorded turns by name."""
    return [read_wav(CALLS / f"{name}.wav", TELEPHONE_RATE_HZ) for name in names]


async def place(
    server: RunningServer, *names: str, caller: str | None = "0639981234", realtime: bool = False
) -> HeardCall:
    """Place a recorded call."""
    made = RecordedCaller(media(server), "orvane", turns(*names), caller=caller, realtime=realtime)
    return await made.run()


async def until(condition: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Wait for a condition that another thread brings about.

    Raises:
        TimeoutError: It did not come about.
    """
    deadline = time.monotonic() + limit_s
    while not await asyncio.to_thread(condition):  # another thread brings it about
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.05)


def saved(server: RunningServer, call_id: str) -> CallRecord:
    """The record of a call as the store has it."""
    return server.house.calls.load(call_id)


# --- the main job -----------------------------------------------------------------------------


async def test_a_recorded_call_is_answered_from_the_manual_and_handed_over(
    server: RunningServer, tmp_path: Path
) -> None:
    """An error code, a procedure and a question that no manual covers, at the pace of the ear."""
    call = await place(server, "demo-1-code", "demo-2-filtre", "demo-3-wifi", realtime=True)

    greeting, code, procedure, unknown = call.turns
    assert greeting["heard"] == ""
    assert "assistant automatique" in greeting["said"]
    assert code["decision"] == "answer"
    assert code["evidence"][0]["manual"] == "lave-linge-lv450.pdf"
    assert code["evidence"][0]["page"] == 14
    assert "vidange impossible" in code["said"]
    assert procedure["decision"] == "answer"
    assert procedure["evidence"][0]["page"] == 12
    assert unknown["decision"] == "handoff"
    assert call.outcome == "handoff"
    assert call.handoff is not None
    assert "un conseiller vous rappelle au 06 39 98 12 34" in unknown["said"]

    ticket = server.house.tickets.get(call.handoff["ticket_id"])
    assert ticket.caller_number == "0639981234"
    record = saved(server, call.call_id)
    assert record.outcome == "handoff"
    assert record.ended_by == "caller"
    assert [turn.decision for turn in record.turns] == ["social", "answer", "answer", "handoff"]

    recording = tmp_path / "call.wav"
    call.write(recording)
    assert read_wav(recording, TELEPHONE_RATE_HZ).size == call.agent.size
    assert all(heard is not None for heard in call.voice_to_voice_ms())
    assert np.abs(call.agent).max() < 32_000, "the agent's voice clips"


async def test_what_the_agent_says_is_heard_back(server: RunningServer) -> None:
    """The audio that reaches the caller carries the words of the record, all of them.

    Compared letter by letter: which spelling the recogniser picks (« vydange ») differs from one
    processor to another, the sound does not.
    """
    call = await place(server, "demo-1-code", realtime=True)
    reply = call.agent[call.spans[0][1] :]
    heard = await on_server(
        server,
        lambda: server.house.services.transcriber.transcribe(reply, TELEPHONE_RATE_HZ),
    )
    said = call.turns[1]["said"]
    assert "vidange impossible" in said
    assert likeness(said, heard.text) > 0.85, heard.text


def likeness(said: str, heard: str) -> float:
    """How alike two texts are by their letters, 0 to 1; 0.5 is chance for French sentences."""
    return SequenceMatcher(None, fold(said), fold(heard), autojunk=False).ratio()


async def on_server(server: RunningServer, work: Callable[[], Awaitable]) -> object:
    """Run a coroutine on the server's loop, where its pools belong."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), server.loop))


async def test_danger_is_spoken_of_first_and_makes_an_urgent_ticket(server: RunningServer) -> None:
    """« Ça sent le gaz » : the safety text, no advice from the manual, an urgent request."""
    call = await place(server, "gas")
    last = call.turns[-1]
    assert last["decision"] == "safety"
    assert "0 800 47 33 33" in last["said"]
    assert call.handoff is not None
    assert call.handoff["urgency"] == "urgent"


async def test_a_masked_caller_is_asked_for_a_number_and_it_is_kept(server: RunningServer) -> None:
    """The number is said, read back, confirmed, and stands on the ticket."""
    call = await place(server, "human", "number", "yes", "thanks", caller=None)
    assert call.handoff is not None
    assert server.house.tickets.get(call.handoff["ticket_id"]).caller_number == "0639981234"
    assert saved(server, call.call_id).handoff is not None
    assert call.ended_by == "agent", "the caller said goodbye, the agent hung up"


# --- what is left behind ----------------------------------------------------------------------


async def fill_pools(server: RunningServer) -> None:
    """Bring every bounded pool to its full size, so that what grows afterwards is a leak.

    Threads are made when first needed, and each opens the index and the database for itself.
    """
    together = threading.Barrier(BLOCKING_THREADS)

    def look_up() -> None:
        together.wait(30)
        server.house.library.ask("orvane", "comment nettoyer le filtre du lave-linge")
        server.house.calls.recent("orvane", limit=1)

    for _ in range(3):
        asked = [server.house.services.blocking.submit(look_up) for _ in range(BLOCKING_THREADS)]
        await asyncio.gather(*(asyncio.wrap_future(one) for one in asked))
    count = min(32, (os.cpu_count() or 1) + 4)  # of an event loop's own threads

    async def fill_loop() -> None:
        gate = threading.Barrier(count)
        await asyncio.gather(*(asyncio.to_thread(gate.wait, 30) for _ in range(count)))

    await fill_loop()
    await on_server(server, fill_loop)


async def remains(server: RunningServer) -> dict[str, int]:
    """Tasks of the server's loop, threads, open files and sockets of the process."""

    async def tasks() -> int:
        return len(asyncio.all_tasks())

    gc.collect()
    files = open_files()
    pooled = [file for file in files if "permanence.db" in file]
    assert len(pooled) <= DATABASE_FILES, pooled
    return {
        "tasks": int(await on_server(server, tasks)),
        "threads": threading.active_count(),
        "files": len(files) - len(pooled),
        "sockets": len(psutil.Process().net_connections()),
    }


def open_files() -> list[str]:
    """What each file descriptor of this process stands for."""
    links = list(Path("/proc/self/fd").iterdir())
    return [str(link.readlink()) for link in links if link.is_symlink()]


DATABASE_FILES = 15
"""The pool keeps five connections at most, each with the database, its log and its index."""


async def settled(
    server: RunningServer, limit: dict[str, int], wait_s: float = 15.0
) -> dict[str, int]:
    """What remains once it no longer exceeds `limit`, or at the end of the wait."""
    deadline = time.monotonic() + wait_s
    while True:
        left = await remains(server)
        if all(left[kind] <= limit[kind] for kind in limit) or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.25)


async def test_ten_calls_in_a_row_and_three_at_once_leave_nothing_behind(
    server: RunningServer,
) -> None:
    """No task, thread, file or socket is left, and every call has its record."""
    await fill_pools(server)
    await asyncio.gather(*(place(server, "demo-1-code") for _ in range(3)))
    await until(lambda: len(server.house.live) == 0)
    before = await settled(server, {"tasks": 0}, wait_s=2.0)

    calls = [await place(server, "dishwasher-code") for _ in range(10)]
    calls += await asyncio.gather(
        *(place(server, "demo-1-code", "demo-2-filtre") for _ in range(3))
    )
    await until(lambda: len(server.house.live) == 0)

    after = await settled(server, before)
    assert all(after[kind] <= before[kind] for kind in before), (before, after)
    assert len({call.call_id for call in calls}) == 13
    for call in calls:
        record = saved(server, call.call_id)
        assert record.ended_at is not None
        assert len(record.turns) >= 2
        assert record.error is None
        assert "stuck_pipeline" not in record.anomalies
    # The recogniser may mishear one; all the others were answered.
    assert sum(saved(server, call.call_id).outcome == "answered" for call in calls) >= 12


# --- a line that misbehaves -------------------------------------------------------------------


async def start(socket: ClientConnection, **values: object) -> dict:
    """Send the start message and return the first answer."""
    message = {"event": "start", "client": "orvane", "pacing": "none", **values}
    await socket.send(json.dumps(message))
    while True:
        received = await socket.recv()
        if isinstance(received, str):
            return json.loads(received)


async def wait_for(socket: ClientConnection, event: str) -> dict:
    """The next event of a kind; audio and other events are passed over."""
    async with asyncio.timeout(30):
        while True:
            received = await socket.recv()
            if isinstance(received, str) and json.loads(received)["event"] == event:
                return json.loads(received)


async def test_a_caller_who_hangs_up_mid_sentence_leaves_a_whole_record(
    server: RunningServer,
) -> None:
    """The socket closes while the agent speaks: the call ends by the caller, saved."""
    async with connect(media(server)) as socket:
        call_id = (await start(socket, pacing="realtime"))["call_id"]
        await wait_for(socket, "said")
        await asyncio.sleep(0.5)
    await until(lambda: saved(server, call_id).ended_at is not None)
    record = saved(server, call_id)
    assert record.ended_by == "caller"
    assert record.outcome == "abandoned"
    assert record.error is None
    await until(lambda: len(server.house.live) == 0)


async def test_a_line_that_breaks_without_a_word_ends_the_call(server: RunningServer) -> None:
    """The TCP connection is cut while the caller speaks."""
    socket = await connect(media(server))
    call_id = (await start(socket))["call_id"]
    speech = alaw_encode(turns("demo-1-code")[0][:8000].tobytes())
    for offset in range(0, len(speech), 160):
        await socket.send(speech[offset : offset + 160])
    socket.transport.abort()
    await until(lambda: saved(server, call_id).ended_at is not None)
    assert saved(server, call_id).ended_by == "caller"


async def test_a_socket_that_stops_reading_is_given_up(server: RunningServer) -> None:
    """A peer that reads nothing answers no ping: the call ends and its place is free again."""
    reader, writer = await raw_websocket(server)
    writer.write(client_frame(json.dumps({"event": "start", "client": "orvane"}).encode(), 1))
    await writer.drain()
    await until(lambda: len(server.house.live) == 1)
    reader._transport.pause_reading()  # type: ignore[attr-defined]  # nothing is read from here on
    await until(lambda: len(server.house.live) == 0, limit_s=40)
    writer.transport.abort()
    newest = server.house.calls.recent("orvane", limit=1)[0]
    assert newest.ended_at is not None
    assert newest.ended_by in ("caller", "error")


async def raw_websocket(server: RunningServer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket opened by hand, which answers no ping by itself."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET /media HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
    )
    await writer.drain()
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def client_frame(payload: bytes, opcode: int) -> bytes:
    """A masked WebSocket frame of less than 126 bytes (RFC 6455, mask of zeros)."""
    return bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload


async def test_garbage_is_counted_and_the_call_goes_on(server: RunningServer) -> None:
    """Bad JSON, unknown events and impossible audio do not disturb the call."""
    async with connect(media(server)) as socket:
        call_id = (await start(socket, format="pcm16"))["call_id"]
        await socket.send("{not json")
        await socket.send('{"event":"explode"}')
        await socket.send('{"event":"dtmf","digit":"99"}')
        await socket.send(b"\x01\x02\x03")
        await socket.send(b"")
        await socket.send(b"\x00" * 60_000)
        await wait_for(socket, "listening")
        await speak(socket, turns("dishwasher-code")[0])
        turn = await wait_for(socket, "turn")
        assert turn["turn"]["evidence"][0]["page"] == 12
        await socket.send('{"event":"hangup"}')
        ended = await wait_for(socket, "ended")
    assert ended["outcome"] == "answered"
    assert saved(server, call_id).anomalies["garbage"] == 6


async def speak(socket: ClientConnection, samples: Samples) -> None:
    """Send a turn as PCM, then enough silence for its end to be noticed."""
    pcm = np.concatenate([samples, np.zeros(TELEPHONE_RATE_HZ, np.int16)]).tobytes()
    for offset in range(0, len(pcm) - 319, 320):
        await socket.send(pcm[offset : offset + 320])
        await asyncio.sleep(0.004)


async def test_pure_noise_never_makes_an_answer(server: RunningServer) -> None:
    """Whatever the recogniser invents on noise, nothing from a manual is said."""
    noise = (np.random.default_rng(1).normal(0, 900, 3 * TELEPHONE_RATE_HZ)).astype(np.int16)
    async with connect(media(server)) as socket:
        call_id = (await start(socket, format="pcm16"))["call_id"]
        await wait_for(socket, "listening")
        await speak(socket, noise)
        await asyncio.sleep(2)
        await socket.send('{"event":"hangup"}')
        await wait_for(socket, "ended")
    assert all(turn.decision != "answer" for turn in saved(server, call_id).turns)


@pytest.mark.parametrize(
    "first",
    [
        "hello",
        '{"event":"hangup"}',
        '{"event":"start"}',
        '{"event":"start","client":"orvane","rate":44100}',
    ],
)
async def test_a_bad_start_is_refused_with_a_reason(server: RunningServer, first: str) -> None:
    """The first message must be a start message."""
    async with connect(media(server)) as socket:
        await socket.send(first)
        refused = json.loads(await socket.recv())
        assert (refused["event"], refused["reason"]) == ("refused", "bad_start")
        await socket.wait_closed()
        assert socket.close_code == 1002


async def test_an_unknown_client_is_refused(server: RunningServer) -> None:
    """A number that belongs to nobody is told so, and the socket closes."""
    with pytest.raises(CallRefusedError, match="nobody"):
        await RecordedCaller(media(server), "nobody", turns("yes")).run()


async def test_calls_beyond_the_limit_are_refused_and_the_others_go_on(
    server: RunningServer,
) -> None:
    """The fifth caller of four lines hears nothing and is told why; a freed line is taken again."""
    sockets = [await connect(media(server)) for _ in range(server.house.live.limit)]
    try:
        for socket in sockets:
            assert (await start(socket, pacing="realtime"))["event"] == "started"
        with pytest.raises(CallRefusedError, match="busy"):
            await place(server, "yes")
        await sockets[0].close()
        await until(lambda: len(server.house.live) == server.house.live.limit - 1)
        assert (await place(server, "dishwasher-code")).outcome == "answered"
    finally:
        for socket in sockets:
            await socket.close()
    await until(lambda: len(server.house.live) == 0)


async def test_a_server_that_is_not_there_is_said_in_one_sentence() -> None:
    """The recorded caller says what to start."""
    with pytest.raises(CallFailedError, match="permanence serve"):
        await RecordedCaller("ws://127.0.0.1:9/media", "orvane", turns("yes")).run()


# --- speaking over each other -----------------------------------------------------------------


async def test_speaking_over_the_agent_stops_its_voice(server: RunningServer) -> None:
    """The agent falls silent soon after the caller begins, and answers what was said."""
    async with connect(media(server)) as socket:
        await start(socket, format="pcm16", pacing="realtime")
        heard = Ear(socket)
        listening = asyncio.create_task(heard.listen())
        await heard.event("listening")
        await realtime(socket, turns("demo-1-code")[0])
        await heard.event("said")
        await realtime(socket, np.zeros(2 * TELEPHONE_RATE_HZ, np.int16))
        frames = len(heard.audio)
        await realtime(socket, turns("human")[0])
        await heard.event("clear")
        cut = len(heard.audio)
        await realtime(socket, np.zeros(TELEPHONE_RATE_HZ // 2, np.int16))
        turn = await heard.event("turn")
        while turn["turn"]["decision"] != "handoff":
            assert turn["turn"]["interrupted"] or turn["turn"]["decision"] == "social"
            turn = await heard.event("turn")
        listening.cancel()
    assert (cut - frames) * 0.02 < 1.5, "the agent went on speaking over the caller"


async def test_a_yes_over_a_long_answer_does_not_take_its_place(server: RunningServer) -> None:
    """The voice stops for it, then goes on from there to the end; the step is not skipped."""
    async with connect(media(server)) as socket:
        await start(socket, format="pcm16", pacing="realtime")
        heard = Ear(socket)
        listening = asyncio.create_task(heard.listen())
        await heard.event("listening")
        await realtime(socket, turns("demo-1-code")[0])
        said = asyncio.create_task(heard.event("said"))
        while not said.done():
            await realtime(socket, np.zeros(TELEPHONE_RATE_HZ // 10, np.int16))
        await realtime(socket, np.zeros(2 * TELEPHONE_RATE_HZ, np.int16))
        await realtime(socket, turns("yes")[0])
        ended = asyncio.create_task(heard.texts_until("listening"))
        for _ in range(250):
            if ended.done():
                break
            await realtime(socket, np.zeros(TELEPHONE_RATE_HZ // 10, np.int16))
        texts = await ended
        listening.cancel()
    assert any("Dites-moi quand" in text for text in texts), texts
    assert not any("quarante degrés" in text for text in texts), texts


class Ear:
    """Listens to a socket: audio frames, and events in the order in which they came."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.audio: list[bytes] = []
        self._events: asyncio.Queue[dict] = asyncio.Queue()

    async def listen(self) -> None:
        """Take in everything until cancelled."""
        async for received in self._socket:
            if isinstance(received, bytes):
                self.audio.append(received)
            else:
                self._events.put_nowait(json.loads(received))

    async def event(self, name: str) -> dict:
        """The next event of that name; others are dropped."""
        async with asyncio.timeout(30):
            while (event := await self._events.get())["event"] != name:
                pass
        return event

    async def texts_until(self, name: str) -> list[str]:
        """What is said until an event of that name."""
        texts = []
        async with asyncio.timeout(60):
            while (event := await self._events.get())["event"] != name:
                if event["event"] == "said":
                    texts.append(event["text"])
        return texts


async def realtime(socket: ClientConnection, samples: Samples) -> None:
    """Send PCM at the pace of the ear."""
    pcm = samples.tobytes()
    begun = time.monotonic()
    for index, offset in enumerate(range(0, len(pcm) - 319, 320)):
        await socket.send(pcm[offset : offset + 320])
        await asyncio.sleep(max(0.0, begun + (index + 1) * 0.02 - time.monotonic()))


async def test_the_greeting_is_heard_whole_even_by_a_caller_who_speaks_at_once(
    server: RunningServer,
) -> None:
    """That an automatic assistant speaks is heard by everybody (AI Act, article 50)."""
    async with connect(media(server)) as socket:
        await start(socket, format="pcm16", pacing="realtime")
        heard = Ear(socket)
        listening = asyncio.create_task(heard.listen())
        await realtime(socket, turns("human")[0])
        await realtime(socket, np.zeros(9 * TELEPHONE_RATE_HZ, np.int16))
        listening.cancel()
    audio = samples_of(b"".join(heard.audio))
    words = await on_server(
        server,
        lambda: server.house.services.transcriber.transcribe(
            audio[: 5 * TELEPHONE_RATE_HZ], TELEPHONE_RATE_HZ
        ),
    )
    assert "assistant" in words.text.casefold()
    assert voiced_windows(audio, TELEPHONE_RATE_HZ).size > 300


def test_alaw_on_the_line_is_g711(server: RunningServer) -> None:
    """What is sent as A-law decodes to the same samples on the other side."""
    tone = (8000 * np.sin(np.arange(800) * 2 * np.pi * 440 / 8000)).astype(np.int16)
    back = samples_of(alaw_decode(alaw_encode(tone.tobytes())))
    assert np.abs(back.astype(int) - tone).max() <= 256


def test_the_command_line_writes_the_call_as_promised(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`permanence call` prints the conversation and writes JSON and a two-channel recording."""
    out, recording = tmp_path / "call.json", tmp_path / "call.wav"
    monkeypatch.setenv("PERMANENCE_HOME", str(server.house.settings.home))
    files = [str(CALLS / f"{name}.wav") for name in ("demo-1-code", "human")]
    options = ["--client", "orvane", "--url", media(server), "--caller", "0639981234"]
    written = ["--json", str(out), "--record", str(recording), "--as-fast-as-possible"]
    result = CliRunner().invoke(app, ["call", *files, *options, *written])
    assert result.exit_code == 0, result.output
    assert "lave-linge-lv450.pdf, page 14" in result.output
    call = json.loads(out.read_text("utf-8"))
    assert call["outcome"] == "handoff"
    assert [turn["decision"] for turn in call["turns"]] == ["answer", "handoff"]
    first = call["turns"][0]
    assert set(first["timings_ms"]) == {
        "end_of_turn", "transcription", "retrieval", "first_audio", "voice_to_voice"
    }  # fmt: skip
    assert None not in first["timings_ms"].values()
    assert set(first["evidence"][0]) == {"manual", "page", "passage_id", "text"}
    assert 0 <= first["confidence"] <= 1
    assert "assistant automatique" in call["unasked"][0]
    assert call["handoff"]["brief"]["caller_number"] == "0639981234"
    with wave.open(str(recording)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, TELEPHONE_RATE_HZ)
