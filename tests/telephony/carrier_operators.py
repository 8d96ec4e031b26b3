"""A carrier's API, the telephones that it rings when asked, and a caller who asks for a person."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import httpx
from fastapi import FastAPI, Request, Response

from agent.settings import Settings
from tests.telephony.carrier_house import FakeCarrier, FakeStream, carrier_server, document
from tests.web.small_server import small_server

ALLOWED = ("+33199001231", "+33199001232", "+33199001233")
KEYS = {"twilio_account_sid": "AC1", "telnyx_api_key": "key", "plivo_auth_id": "MA1"}


async def until(condition: Callable[[], Any], limit_s: float = 15.0) -> None:
    """Wait for something that the server brings about."""
    deadline = time.monotonic() + limit_s
    while not await asyncio.to_thread(condition):
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.02)


@dataclass
class Asked:
    """A request to a carrier's API."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, Any]


@dataclass
class FakeApi:
    """A carrier's REST API as documented: keeps what it is asked, makes calls.

    Attributes:
        refuses: Status of every answer to who wants a call made; 0: it is made.
        delay_s: Before such an answer.
        names: Whether the answer names the call, where it may not (Telnyx).
    """

    name: str
    asked: list[Asked] = field(default_factory=list)
    refuses: int = 0
    delay_s: float = 0.0
    names: bool = True

    def made(self) -> list[Asked]:
        """The calls that it was asked to make."""
        return [one for one in self.asked if self._makes(one.method, one.path)]

    def others(self) -> list[Asked]:
        """What else it was asked."""
        return [one for one in self.asked if not self._makes(one.method, one.path)]

    def _makes(self, method: str, path: str) -> bool:
        return method == "POST" and path.endswith(("/Calls.json", "/Calls", "/Call/"))

    async def answer(self, request: Request) -> Response:
        """Keep a request, and answer it."""
        body, path = (await request.body()).decode(), request.scope["raw_path"].decode()
        form = request.headers.get("content-type", "").startswith("application/x-www-form")
        fields = dict(httpx.QueryParams(body)) if form else json.loads(body or "{}")
        self.asked.append(Asked(request.method, path, dict(request.headers), fields))
        if not self._makes(request.method, path):
            return Response(status_code=204 if request.method == "DELETE" else 200)
        number = len(self.made())
        await asyncio.sleep(self.delay_s)
        if self.refuses:
            return Response(status_code=self.refuses)
        made = dict(FakeCarrier(self.name, "").script["operator"]["made"])
        for key in ("sid", "call_sid", "request_uuid"):
            if key in made:
                made[key] += str(number)
        if not self.names:
            made.pop("call_sid")
        return Response(json.dumps(made), 201, media_type="application/json")


@contextmanager
def fake_api(name: str) -> Iterator[tuple[FakeApi, str]]:
    """The API and its address."""
    api = FakeApi(name)

    def add(app: FastAPI) -> None:
        app.add_api_route("/{path:path}", api.answer, methods=["POST", "DELETE"])

    with small_server(add) as url:
        yield api, url


class FakePhone:
    """A telephone that a carrier rings, and the carrier's words about it."""

    def __init__(self, carrier: FakeCarrier, asked: Asked, number: int) -> None:
        self.carrier = carrier
        self.script = carrier.script["operator"]
        self.call = f"{self.script['call']}{number}"
        told = asked.fields
        self.number = told.get("To") or f"+{told['to']}"
        self.shown = told.get("From") or f"+{told['from']}"
        self.answer_url = told.get("Url") or told["answer_url"]
        self.status_url = told.get("StatusCallback") or told["hangup_url"]

    async def pick_up(self) -> Element:
        """Somebody answers, or a voicemail; what is then to be done."""
        return document(await self.post(self.answer_url))

    async def press(self, asked: Element, key: str) -> Element:
        """They press a key while they are told."""
        return document(await self.pressed(asked, key))

    async def pressed(self, asked: Element, key: str) -> httpx.Response:
        """The same, as it is answered."""
        return await self.post(asked[0].attrib["action"], {"Digits": key, **self.script["key"]})

    async def stay_silent(self, asked: Element) -> Element:
        """They press none: what comes after the question is done."""
        assert asked[1].tag == "Redirect"
        return document(await self.post(asked[1].text or ""))

    async def tell(self, what: str) -> httpx.Response:
        """The carrier tells how the call stands: ended, lost, busy, no-answer; ringing."""
        return await self.post(self.status_url, self.script.get(what, {"CallStatus": what}))

    async def post(self, url: str, fields: dict[str, str] | None = None) -> httpx.Response:
        """The carrier tells something of this call, or asks."""
        called = {self.carrier.script["call_field"]: self.call, "To": self.number}
        form = {**self.script["webhook"], **called, **(fields or {})}
        return await self.carrier.post(url, form)


@dataclass
class Scene:
    """A caller of a carrier's whom an operator's telephone rings for."""

    house: Any
    carrier: FakeCarrier
    stream: FakeStream
    api: FakeApi

    async def rung(self, number: int = 0) -> FakePhone:
        """The telephone that is rung first, second…"""
        await until(lambda: len(self.api.made()) > number)
        return FakePhone(self.carrier, self.api.made()[number], number + 1)

    def said(self) -> str:
        """All that the agent has said."""
        return " ".join(turn.said for turn in self.house.only_call().turns)

    async def told(self, words: str) -> None:
        """Wait for the caller to have been told something."""
        await until(lambda: words in self.said())

    async def asks(self) -> Element:
        """The caller's stream was closed: the carrier asks what is to be done with the call."""
        await asyncio.wait_for(self.stream.closed.wait(), 15)
        return document(await self.carrier.post("after"))

    async def hang_up(self, stream: FakeStream | None = None) -> None:
        """The caller hangs up."""
        stream = stream or self.stream
        if self.carrier.script["stop"] is not None and not stream.closed.is_set():
            await stream.send(self.carrier.script["stop"])
        await self.carrier.post("status", self.carrier.script["completed"])
        await until(lambda: len(self.house.live) == 0)


@asynccontextmanager
async def handing_over(
    settings_for: Callable[..., Settings],
    name: str,
    phones: tuple[str, ...] = ALLOWED[:1],
    **api: Any,
) -> AsyncIterator[Scene]:
    """A caller who asks for a person, of a client with so many operators with telephones."""
    with fake_api(name) as (fake, address):
        for key, value in api.items():
            setattr(fake, key, value)
        settings = settings_for(
            **KEYS, **{f"{name}_api_url": address}, transfer_numbers=", ".join(ALLOWED)
        )
        with carrier_server(settings, letter_s=0.002) as (house, url):
            for number, phone in enumerate(phones):
                user = house.users.add(
                    f"op{number}@example.org", f"Op {number}", "operator", "un long mot de passe",
                    clients=["essai"],
                )  # fmt: skip
                house.users.set_phone(user.id, phone)
            there = sum(phone in ALLOWED for phone in phones)
            await until(lambda: house.switchboard.free("essai", name) == there)
            carrier = FakeCarrier(name, url)
            async with carrier.stream(await carrier.call()) as stream:
                await until(lambda: stream.heard())
                await stream.send(carrier.script["dtmf"])
                scene = Scene(house, carrier, stream, fake)
                try:
                    yield scene
                finally:
                    await scene.hang_up()


def room_of(joined: Element) -> str:
    """The conference that a document leads to."""
    found = joined.find(".//Conference")
    assert found is not None
    assert found.attrib["endConferenceOnExit"] == "true"
    return found.text or ""


def tags(element: Element) -> list[str]:
    """The elements of a document, in order."""
    return [one.tag for one in element]
