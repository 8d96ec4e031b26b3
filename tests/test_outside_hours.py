"""Nobody is there: a caller leaves all that is needed by voice alone, and those concerned are told.

A real call with the real models, a real SMTP server, a real HTTP server that fails twice first.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.handoff import delivery
from agent.handoff.hours import WEEKDAYS
from agent.handoff.webhook import signature
from agent.opening import open_database
from agent.settings import Settings
from agent.store.targets import Targets, TargetStore
from agent.telephony.recorded_caller import RecordedCaller
from agent.web.server import RunningServer, running_server
from voices.french import sentences, speakable

T = TypeVar("T")
PARIS = ZoneInfo("Europe/Paris")
SECRET = "a secret of this test"
SAYS = (
    "Bonjour, mon lave-vaisselle VS trois cent vingt fait un bruit de casserole.",
    "Je préfère parler à un conseiller.",
    "Zéro six, trente-neuf, quatre-vingt-dix-huit, douze, trente-quatre.",
    "Oui, c'est ça.",
    "Bernard.",
    "Oui, c'est ça.",
    "Non merci, au revoir.",
)


class Inbox:
    """Takes e-mail."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Keep a message."""
        self.messages.append(message_from_bytes(envelope.content, policy=modern))
        return "250 OK"


class Hook(ThreadingHTTPServer):
    """Refuses the first two requests, takes the others."""

    def __init__(self) -> None:
        self.refused = 0
        self.taken: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), HookHandler)


class HookHandler(BaseHTTPRequestHandler):
    """One request of the hook."""

    server: Hook

    def do_POST(self) -> None:
        """Fail twice, then keep what is sent."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.refused < 2:
            self.server.refused += 1
            self.send_response(503)
        else:
            self.server.taken.append((dict(self.headers), body))
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server on loopback; its messages and its port."""
    kept = Inbox()
    with socket.socket() as free:  # the controller connects to the port that it was given
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield kept, port
    finally:
        controller.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A real HTTP server on loopback."""
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def closed_until_tomorrow(server: RunningServer) -> Iterator[datetime]:
    """The demo client's operators are back tomorrow at nine, which is given."""
    tomorrow = (datetime.now(PARIS) + timedelta(days=1)).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    server.house.clients.set_hours(
        "orvane", f"{WEEKDAYS[tomorrow.weekday()]} 9h-18h\nfériés 9h-18h"
    )
    try:
        yield tomorrow
    finally:
        server.house.clients.set_hours("orvane", "")


@contextmanager
def told_of(settings: Settings, targets: Targets) -> Iterator[None]:
    """The demo client's tickets are told there."""
    database = open_database(settings)
    try:
        TargetStore(database).set("orvane", targets)
        yield
        TargetStore(database).set("orvane", Targets())
    finally:
        database.close()


def wait_for(what: Callable[[], T], limit_s: float, name: str) -> T:
    """Wait until something is true; returns it."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    pytest.fail(f"not within {limit_s} s: {name}")


def test_a_ticket_by_voice_alone(
    settings: Settings, inbox: tuple[Inbox, int], hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name, number, appliance, problem and the promised time; e-mail and webhook once each."""
    monkeypatch.setattr(delivery, "FIRST_DELAY", timedelta(seconds=0.2))
    mail, port = inbox
    smtp = SecretStr(f"smtp://127.0.0.1:{port}?tls=none")
    told = settings.model_copy(update={"smtp_url": smtp, "smtp_from": "sav@orvane.example"})
    hooked = f"http://127.0.0.1:{hook.server_address[1]}/rappels"
    with (
        told_of(told, Targets(("sav@orvane.example",), hooked, SECRET)),
        running_server(told) as server,
        closed_until_tomorrow(server) as opens,
    ):

        async def say(words: str) -> Samples:
            speak = server.house.services.voice.speak
            parts = [await speak(speakable(s), TELEPHONE_RATE_HZ) for s in sentences(words)]
            return np.concatenate(parts)

        def spoken(words: str) -> Samples:
            return asyncio.run_coroutine_threadsafe(say(words), server.loop).result(60)

        address = f"{server.url.replace('http', 'ws', 1)}/media"
        turns = [spoken(words) for words in SAYS]
        call = asyncio.run(RecordedCaller(address, "orvane", turns, realtime=False).run())

        (ticket,) = [t for t in server.house.tickets.list("orvane") if t.call_id == call.call_id]
        wait_for(lambda: hook.taken and mail.messages, 20, "both have come")
        time.sleep(1.0)
    assert (ticket.caller_number, ticket.status) == ("0639981234", "new")
    assert ticket.brief.details["name"].casefold() == "bernard"
    assert ticket.brief.product is not None
    assert "VS320" in ticket.brief.product
    assert "bruit" in ticket.brief.question
    assert ticket.due_at == opens.astimezone(UTC)
    assert any("de retour demain à 9 h" in turn["said"] for turn in call.turns)
    (message,) = mail.messages
    assert ticket.ticket_id in str(message.get_content())
    assert "06 39 98 12 34" in str(message["Subject"])
    assert hook.refused == 2
    ((headers, body),) = hook.taken
    assert json.loads(body)["ticket"]["id"] == ticket.ticket_id
    stamp = headers["X-Permanence-Timestamp"]
    assert headers["X-Permanence-Signature"] == signature(SECRET, stamp, body)
    assert headers["Idempotency-Key"]
