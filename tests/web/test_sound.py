"""A recording over HTTP: whole, from any place on, sealed or plain."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from agent.call.recording_file import GrowingWav
from agent.sealing.keys import Key
from agent.sealing.vault import Vault
from agent.web.sound import recording_response

PCM = bytes(range(250)) * 400
SIZE = 44 + len(PCM)


def caller(path: Path, vault: Vault) -> httpx.AsyncClient:
    """Asks a server that has one recording."""
    app = FastAPI()

    @app.get("/")
    def sound(request: Request) -> Response:
        return recording_response(vault, path, request.headers.get("range"))

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize("vault", [Vault(), Vault([Key(bytes(32))])], ids=["plain", "sealed"])
async def test_ranges_are_served_as_players_ask(tmp_path: Path, vault: Vault) -> None:
    """The same bytes and headers whether it is sealed or not."""
    path = tmp_path / "c1.wav"
    growing = GrowingWav(path, 8000, 2, vault)
    growing.write(PCM)
    growing.keep()
    async with caller(path, vault) as http:
        whole = await http.get("/")
        assert (whole.status_code, len(whole.content)) == (200, SIZE)
        assert whole.headers["content-type"] == "audio/wav"
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.content[:4] == b"RIFF"
        assert whole.content[44:] == PCM
        for asked, start, end in (
            ("bytes=0-", 0, SIZE),
            ("bytes=0-1", 0, 2),
            ("bytes=43-50000", 43, 50_001),
            ("bytes=60000-", 60_000, SIZE),
            ("bytes=-100", SIZE - 100, SIZE),
            ("bytes=99000-999999999", 99_000, SIZE),
        ):
            part = await http.get("/", headers={"Range": asked})
            assert part.status_code == 206, asked
            assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
            assert part.headers["content-length"] == str(end - start)
            assert part.content == whole.content[start:end]
        beyond = await http.get("/", headers={"Range": f"bytes={SIZE}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{SIZE}")
        for odd in ("bytes=1-2,5-6", "bytes=-", "lines=1-2", "bytes=a-b"):
            assert (await http.get("/", headers={"Range": odd})).content == whole.content
