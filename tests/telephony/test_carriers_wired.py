"""The running server has the carriers' door."""

from __future__ import annotations

import httpx

from agent.web.server import RunningServer


def test_the_server_has_the_carriers_door(server: RunningServer) -> None:
    """Here no carrier is set up: each says in a sentence what is missing."""
    for name in ("twilio", "telnyx", "plivo"):
        for what in ("voice", "after", "status"):
            answer = httpx.post(f"{server.url}/carriers/{name}/{what}")
            assert answer.status_code == 404
            assert f"{name} is not set up here" in answer.json()["detail"]
    assert httpx.post(f"{server.url}/carriers/other/voice").status_code == 404
    assert httpx.get(f"{server.url}/carriers/twilio/voice").status_code == 405
