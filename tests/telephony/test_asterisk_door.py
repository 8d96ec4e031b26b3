"""The exchange's door: what it does not take, and whom it then leaves to whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from agent.call.guard import RefusalReason
from agent.errors import CallRefusedError
from agent.store.database import NotKeptError
from agent.telephony.asterisk.config import TOO_OFTEN
from agent.web.asterisk import SipCalls

NUMBER, CALLER = "+33199001234", "+33639981234"
START = {
    "event": "MEDIA_START", "connection_id": "1", "channel": "WebSocket/permanence/1",
    "channel_id": "1.1", "format": "alaw", "optimal_frame_size": 160, "ptime": 20,
    "channel_variables": {},
}  # fmt: skip


class NotingExchange:
    """Notes what the dialplan is told."""

    def __init__(self) -> None:
        self.calls: dict[str, object] = {}
        self.told: list[tuple[str, str]] = []

    async def refuse(self, call_id: str, why: str) -> None:
        """Note it."""
        self.told.append((call_id, why))


class RefusingHouse:
    """Has one client; every call of theirs is refused, or one of them was kept before."""

    def __init__(self, reason: RefusalReason, kept: str = "") -> None:
        self.refused: list[str] = []
        self.reason = reason
        self.kept = kept
        self.numbers = SimpleNamespace(client_of=self._client_of)
        self.calls = SimpleNamespace(load=self._load)
        self.admission = SimpleNamespace(refuse=lambda reason, *_: self.refused.append(reason))

    @contextmanager
    def admit(self, *_: str, **__: Any) -> Iterator[None]:
        """Refuse."""
        self.refused.append(self.reason)
        raise CallRefusedError("no", self.reason)
        yield

    def _client_of(self, number: str) -> object:
        return SimpleNamespace(slug="orvane") if number == NUMBER else None

    def _load(self, call_id: str) -> object:
        if call_id != self.kept:
            raise NotKeptError("no such call")
        return object()


def ring(house: RefusingHouse, call_id: str = "1795.1", number: str = NUMBER) -> NotingExchange:
    """Have a call brought, and refused: its socket is closed without an answer."""
    exchange = NotingExchange()
    door = SipCalls(house, exchange, None)  # type: ignore[arg-type]  # as much as is asked of them
    app = FastAPI()

    @app.websocket("/media")
    async def media(websocket: WebSocket) -> None:
        await door.take(websocket, call_id, number, CALLER)

    with TestClient(app).websocket_connect("/media", subprotocols=["media"]) as socket:
        socket.send_text(json.dumps(START))
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
    return exchange


@pytest.mark.parametrize("reason", ["caller_too_often", "masked_too_often"])
def test_who_rings_too_often_rings_nobody_at_the_clients_expense(reason: RefusalReason) -> None:
    """The dialplan is told why before it goes on to the fallback."""
    assert ring(RefusingHouse(reason)).told == [("1795.1", TOO_OFTEN)]


def test_for_whom_there_is_no_place_people_are_rung() -> None:
    """The fallback deals with them as with anybody."""
    assert ring(RefusingHouse("busy")).told == []


def test_nobodys_number_is_counted() -> None:
    """And goes to the fallback."""
    house = RefusingHouse("busy")
    assert ring(house, number="+33199009999").told == []
    assert house.refused == ["unknown_client"]


def test_call_that_was_carried_before_a_restart_is_not_begun_again() -> None:
    """What was kept of it would be written over."""
    house = RefusingHouse("busy", kept="1795.1")
    assert ring(house).told == []
    assert house.refused == ["carried_before"]
