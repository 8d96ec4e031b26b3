"""The pulse against a real HTTP server: what ends it, and what does not."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from agent.telephony.asterisk.pulse import Pulse

EVERY_S, HANGS_S = 0.02, 0.5
LIMIT_S = 30.0


class Exchange(ThreadingHTTPServer):
    """Keeps the values that a global variable is set to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.values: list[str] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Exchange

    def do_POST(self) -> None:
        """ARI: POST /asterisk/variable."""
        address = urlsplit(self.path)
        wanted = "Basic " + base64.b64encode(b"permanence:secret").decode()
        asked = parse_qs(address.query)
        if address.path == "/ari/asterisk/variable" and self.headers["Authorization"] == wanted:
            assert asked["variable"] == ["PERMANENCE_BEAT"]
            self.server.values.append(asked["value"][0])
            self.send_response(204)
        else:
            self.send_response(401)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """A server of its own, which ends with the test."""
    with Exchange() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def pulse_at(url: str) -> Pulse:
    """A quick one."""
    return Pulse(url, "permanence", "secret", EVERY_S, HANGS_S)


def until(wanted: object) -> None:
    """Wait for something; fails when it does not come."""
    end = time.monotonic() + LIMIT_S
    while not wanted():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_loop_that_is_late_keeps_its_pulse(exchange: Exchange) -> None:
    """Python is busy in the loop, no task of it runs: the beats go on."""

    async def call() -> int:
        pulse = Pulse(exchange.url, "permanence", "secret", EVERY_S, LIMIT_S)
        pulse.start()
        until(lambda: len(exchange.values) > 2)  # blocks: the loop does nothing else
        await asyncio.to_thread(pulse.stop)
        return pulse.beats

    assert asyncio.run(call()) > 2
    assert abs(int(exchange.values[0]) - time.time()) < LIMIT_S


def test_a_loop_that_hangs_loses_it(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    """It is not seen any more; when it is, the beats begin again."""
    pulse = pulse_at(exchange.url)
    pulse.start()
    until(lambda: "the event loop hangs" in caplog.text)
    beats = pulse.beats
    time.sleep(5 * EVERY_S)
    assert pulse.beats == beats
    pulse.seen()
    until(lambda: pulse.beats > beats)
    pulse.stop()


def test_the_end_is_told(exchange: Exchange) -> None:
    """0: no pulse is to be waited for."""
    pulse = pulse_at(exchange.url)
    pulse.start()
    until(lambda: pulse.beats > 0)
    pulse.stop()
    pulse.stop()
    assert exchange.values[-1] == "0"
    assert "0" not in exchange.values[:-1]


def test_an_exchange_that_is_away_or_refuses_is_no_end(caplog: pytest.LogCaptureFixture) -> None:
    """It is said once, and tried again."""
    server = Exchange()
    port = server.server_port
    server.server_close()
    pulse = pulse_at(f"http://127.0.0.1:{port}")
    pulse.start()
    until(lambda: "no pulse reaches the exchange" in caplog.text)
    time.sleep(5 * EVERY_S)
    pulse.seen()
    assert caplog.text.count("no pulse reaches the exchange") == 1
    pulse.stop()
    assert pulse.beats == 0


def test_a_wrong_password_is_said(exchange: Exchange, caplog: pytest.LogCaptureFixture) -> None:
    """As any other failure."""
    pulse = Pulse(exchange.url, "permanence", "other", EVERY_S, HANGS_S)
    pulse.start()
    until(lambda: "401" in caplog.text)
    pulse.stop()
    assert exchange.values == []
