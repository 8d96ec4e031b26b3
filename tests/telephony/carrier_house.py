"""A house for carriers: real server, stores, pipeline and voice detector; light recogniser and
voice; no manual. And a carrier that calls it: signs as documented, streams recorded messages."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never
from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import Element, fromstring

import httpx
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from agent.audio import TELEPHONE_RATE_HZ, Samples, alaw_decode, alaw_encode, samples_of
from agent.call.admission import Admission
from agent.call.guard import Guard, Limits
from agent.call.live import LiveCalls
from agent.call.session import CallServices, CallSession
from agent.call.transport import Line
from agent.call.turns import TurnModels
from agent.handoff.desks import RingLimits
from agent.handoff.states import HandoffRecord
from agent.handoff.switchboard import Switchboard
from agent.handoff.tickets import TicketDesk
from agent.house import House
from agent.opening import open_database
from agent.settings import Settings
from agent.store.calls import CallStore
from agent.store.clients import Client, ClientStore
from agent.store.numbers import NumberStore
from agent.store.tickets import TicketStore
from agent.store.users import UserStore
from agent.web.carriers import CarrierDoor, carriers_router
from evals.light_models import LightTranscriber
from tests.web.small_server import small_server

DATA = Path(__file__).parents[1] / "data" / "carriers"
PUBLIC_URL = "https://sav.example"
FRAME = TELEPHONE_RATE_HZ // 50
QUIET = np.zeros(FRAME, np.int16)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SETUP = {
    "public_url": PUBLIC_URL,
    "twilio_auth_token": "12345",
    "telnyx_public_key": base64.b64encode(KEY.public_key().public_bytes_raw()).decode(),
    "plivo_auth_token": "12345",
}


class QuickVoice:
    """Says every sentence at once, as a tone of its length; implements `Voice`."""

    def __init__(self, letter_s: float, level: float) -> None:
        self._letter_s, self._level = letter_s, level

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """A tone."""
        count = int(len(sentence) * self._letter_s * pace * rate_hz)
        turns = 220.0 / rate_hz * np.arange(count)
        return (self._level * np.sin(2 * np.pi * turns)).astype(np.int16)

    def close(self) -> None:
        """Nothing is held."""


class CarrierHouse:
    """Of the house, what the carriers' door needs; `admit` is the house's own."""

    def __init__(self, settings: Settings, lines: int, voice: QuickVoice) -> None:
        self.settings = settings
        self.database = open_database(settings)
        self.clients, self.numbers = ClientStore(self.database), NumberStore(self.database)
        self.calls, self.tickets = CallStore(self.database), TicketStore(self.database)
        self.live = LiveCalls(lines)
        self.admission = Admission(self.live, Guard(Limits()))
        self.users, self.brands = UserStore(self.database), {"essai": "Essai"}
        self.handoffs: dict[str, HandoffRecord] = {}
        self.switchboard = Switchboard(self._keep, RingLimits(together_s=20, return_s=1))
        self.blocking = ThreadPoolExecutor(2)
        self.turns = TurnModels()
        self.voice = voice
        if not self.clients.list():
            self.clients.add("essai", "Essai")
            self.numbers.add("essai", "01 99 00 12 34")

    admit = House.admit

    def _keep(self, handoff: HandoffRecord) -> None:
        self.handoffs[handoff.handoff_id] = handoff

    def states(self) -> list[list[str]]:
        """What each handoff came through, the oldest first; twice the same is a word on it."""
        return [[one.state for one in each.history] for each in self.handoffs.values()]

    def session(self, call_id: str, client: Client, line: Line) -> CallSession:
        """A call of a client without a manual."""
        services = CallServices(
            transcriber=LightTranscriber({"Attendez, s'il vous plaît.": 1.5}),
            voice=self.voice,
            turns=self.turns,
            desk=TicketDesk(self.tickets),
            operators=self.switchboard,
            live=self.live,
            log=self.calls,
            blocking=self.blocking,
            data_dir=self.settings.data_dir,
            max_call_s=self.settings.max_call_s,
        )
        return CallSession(
            call_id=call_id, client=client.slug, brand=client.name, line=line, ask=_no_manual,
            sense=lambda _: None, services=services,
        )  # fmt: skip

    def only_call(self) -> Any:
        """The record of the one call that is kept."""
        (record,) = self.calls.recent(None)
        return record


def _no_manual(_: object) -> Never:
    raise RuntimeError("nothing is asked in these calls")


@contextmanager
def carrier_server(
    settings: Settings, lines: int = 2, letter_s: float = 0.02, level: float = 4000
) -> Iterator[tuple[Any, str]]:
    """The house and the address of a server over its carriers' door; the voice is as given."""
    house: Any = CarrierHouse(settings, lines, QuickVoice(letter_s, level))
    try:
        with small_server(lambda app: add_door(app, house)) as url:
            yield house, url
    finally:
        house.blocking.shutdown()
        house.database.close()


def add_door(app: FastAPI, house: Any) -> None:
    """Add the carriers' door, which closes with the server."""
    house.door = CarrierDoor(house)
    app.include_router(carriers_router(house.door))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        house.door.open()
        yield
        await house.door.close()
        await house.turns.close()

    app.router.lifespan_context = lifespan


@dataclass
class FakeCarrier:
    """A carrier as its documentation tells of it.

    Attributes:
        url: Of the server; it signs what it posts as if posted to `PUBLIC_URL`.
        script: Its recorded messages, as in `tests/data/carriers`.
        nonces: Counts those given.
    """

    name: str
    url: str
    nonces: int = 0
    script: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.script = json.loads((DATA / f"{self.name}.json").read_text("utf-8"))

    def signed(self, path: str, body: bytes, late_s: float = 0) -> dict[str, str]:
        """The headers of a request, written from the documentation, not from our code."""
        address, fields = PUBLIC_URL + path, sorted(_pairs(body))
        written = "".join(key + value for key, value in fields)
        if self.name == "twilio":
            mac = hmac.new(b"12345", (address + written).encode(), hashlib.sha1)
            return {"X-Twilio-Signature": base64.b64encode(mac.digest()).decode()}
        if self.name == "telnyx":
            at = str(int(time.time() - late_s) + self.nonces)  # each is sent at a later second
            self.nonces += 1
            signature = KEY.sign(at.encode() + b"|" + body)
            return {
                "telnyx-timestamp": at,
                "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
            }
        self.nonces += 1
        nonce = f"316277615952861{self.nonces:05d}"
        mac = hmac.new(b"12345", f"{address}?{written}.{nonce}".encode(), hashlib.sha256)
        return {
            "X-Plivo-Signature-V3": base64.b64encode(mac.digest()).decode(),
            "X-Plivo-Signature-V3-Nonce": nonce,
        }

    async def post(
        self,
        what: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Post a webhook: voice, after, status, transfer/TOKEN; or to an address that was told."""
        path = what.removeprefix(PUBLIC_URL)
        if path == what:
            path = f"/carriers/{self.name}/{what}"
        body = urlencode(self.script["webhook"] if fields is None else fields).encode()
        given = self.signed(path, body) if headers is None else headers
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient() as client:
            return await client.post(self.url + path, content=body, headers={**form, **given})

    async def call(self) -> str:
        """Tell of a call; returns the address of its stream, here."""
        return self.stream_in(await self.post("voice"))

    def stream_in(self, answer: httpx.Response) -> str:
        """The address of the stream that is asked for, on this server."""
        assert answer.status_code == 200, answer.text
        found = document(answer).find(".//Stream")
        assert found is not None
        address = found.get("url") or found.text or ""
        assert address.startswith(f"wss://sav.example/carriers/{self.name}/media/")
        return address.replace("wss://sav.example", self.url.replace("http", "ws", 1))

    @asynccontextmanager
    async def stream(self, address: str, stream_id: str = "") -> AsyncIterator[FakeStream]:
        """Open the stream with its recorded first messages, then send silence all the time.

        Args:
            stream_id: Another name than the recorded one: of a later stream of the same call.
        """
        async with connect(address) as socket:
            for message in self.script["opening"]:
                text = json.dumps(message)
                known = self.script["stream_id"]
                await socket.send(text.replace(known, stream_id or known))
            stream = FakeStream(self, socket)
            tasks = [asyncio.create_task(work) for work in (stream.speak(), stream.hear())]
            try:
                yield stream
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class FakeStream:
    """A stream: what the caller says and does goes out at the pace of the ear; all that comes in
    is kept, marks are sent back once what came before them has been played.

    Attributes:
        received: Messages, and when they came (monotonic, s).
        to_say: Sound that is still to be sent.
        closed: Set once the server has closed it.
    """

    carrier: FakeCarrier
    socket: ClientConnection
    received: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    to_say: list[Samples] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    chunk: int = 100
    plays_until: float = 0.0

    async def send(self, message: Any) -> None:
        """Send a message of the script, or a text as it is."""
        await self.socket.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def media(self, samples: Samples, **media: Any) -> dict[str, Any]:
        """A recorded media message with this sound."""
        self.chunk += 1
        chunk = str(self.chunk) if self.carrier.script["chunk_as"] == "text" else self.chunk
        payload = base64.b64encode(encoded(samples, self.carrier.script["encoding"])).decode()
        script = self.carrier.script["media"]
        return {**script, "media": {**script["media"], "chunk": chunk, "payload": payload, **media}}

    async def speak(self) -> None:
        """Send what is to be said, 20 ms a message, and silence else."""
        due = time.monotonic()
        try:
            while True:
                await self.send(self.media(self.to_say.pop(0) if self.to_say else QUIET))
                due += 0.02
                await asyncio.sleep(max(0.0, due - time.monotonic()))
        except ConnectionClosed:
            return

    def say(self, samples: Samples) -> None:
        """Have the caller say something."""
        frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
        self.to_say += list(frames)

    async def hear(self) -> None:
        """Keep what comes; send marks back."""
        try:
            async for text in self.socket:
                message, now = json.loads(text), time.monotonic()
                self.received.append((now, message))
                event = message["event"]
                if event == self.carrier.script["sent"]["event"]:
                    self.plays_until = max(self.plays_until, now) + self.sound(message).size / 8000
                elif event == self.carrier.script["clear"]["event"]:
                    self.plays_until = now
                elif message == self.carrier.script["mark"]:
                    await asyncio.sleep(max(0.0, self.plays_until - now))
                    await self.send(self.carrier.script["marked"])
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()

    def sound(self, message: Mapping[str, Any]) -> Samples:
        """The sound in a message from the agent."""
        return decoded(
            base64.b64decode(message["media"]["payload"]), self.carrier.script["encoding"]
        )

    def heard(self) -> list[tuple[float, Samples]]:
        """All sound that came, and when."""
        wanted = self.carrier.script["sent"]["event"]
        return [(at, self.sound(one)) for at, one in self.received if one["event"] == wanted]

    def others(self) -> list[dict[str, Any]]:
        """All that came and is no sound."""
        wanted = self.carrier.script["sent"]["event"]
        return [one for _, one in self.received if one["event"] != wanted]


def document(answer: httpx.Response) -> Element:
    """What a carrier is answered."""
    assert answer.headers["content-type"].startswith("application/xml")
    return fromstring(answer.text)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(), keep_blank_values=True)


def _ulaw_values() -> np.ndarray:
    """What each code of mu-law stands for (ITU-T G.711, table 2, in 16 bits)."""
    code = ~np.arange(256) & 0xFF
    size = (((code & 15) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return np.where(code & 0x80, -size, size)


ULAW = _ulaw_values()
ORDER = np.argsort(ULAW, kind="stable")


def encoded(samples: Samples, encoding: str) -> bytes:
    """G.711: the nearest code."""
    if encoding == "PCMA":
        return alaw_encode(samples.tobytes())
    steps = ULAW[ORDER]
    places = np.searchsorted((steps[1:] + steps[:-1]) / 2, samples)
    return ORDER[places].astype(np.uint8).tobytes()


def decoded(data: bytes, encoding: str) -> Samples:
    """G.711, back."""
    if encoding == "PCMA":
        return samples_of(alaw_decode(data))
    return ULAW[np.frombuffer(data, np.uint8)].astype(np.int16)
