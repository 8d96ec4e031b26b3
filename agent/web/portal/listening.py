"""A sentence by the voice that a client's callers hear, before anything is saved."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse, Response

from agent.audio import wav_bytes
from agent.call.speaking import parts_of
from agent.call.voice import Voice
from agent.house import House
from agent.speakers import installed
from agent.store.client_settings import FASTEST, SLOWEST
from agent.store.clients import Client
from agent.store.users import User
from agent.web.auth import FOREIGN, NO_CLIENT, client_for, require_user
from agent.web.portal.frame import PATH
from agent.web.portal.words import speaking, t
from agent.web.rates import Allowance, Rates

LONGEST_TEXT = 500
"""Characters of what is listened to: a greeting with all that it may hold has 420."""

RATE_HZ = 24_000
LISTENS = Allowance(at_once=30, a_minute=10)
"""Of one user."""

_PEOPLE = require_user("manager", "reader", "admin")
_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def listening_address(slug: str, text: str, *, pace: float = 1.0, voice: str = "") -> str:
    """Where a text is listened to.

    Args:
        slug: The client.
        text: As it is spoken.
        pace: How many times as long as usual it takes.
        voice: Catalogue name; "": the installation's.
    """
    asked = urlencode({"texte": text, "rythme": f"{pace:g}", "voix": voice})
    return f"{PATH}/{slug}/ecouter.wav?{asked}"


def listening_router(house: House) -> APIRouter:
    """The route; before the pages, which are mounted over it."""
    router = APIRouter()
    rates = Rates(LISTENS)
    one_at_a_time = asyncio.Semaphore(1)

    @router.get(f"{PATH}/{{slug}}/ecouter.wav")
    async def listen(
        slug: str,
        request: Request,
        user: Annotated[User, Depends(_PEOPLE)],
        texte: Annotated[str, Query()] = "",
        rythme: Annotated[float, Query(ge=FASTEST, le=SLOWEST)] = 1.0,
        voix: Annotated[str, Query(max_length=60)] = "",
    ) -> Response:
        with speaking(user.language):
            if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
                return PlainTextResponse(FOREIGN, 403)
            client = await asyncio.to_thread(client_for, house, user, slug)
            if client is None:
                return PlainTextResponse(NO_CLIENT, 404)
            text = " ".join(texte.split())
            if not any(map(str.isalnum, text)) or len(text) > LONGEST_TEXT:
                most = LONGEST_TEXT
                return PlainTextResponse(t("Écrivez de 1 à {most} caractères.", most=most), 422)
            if rates.wait_s(user.id, time.monotonic()):
                return PlainTextResponse(
                    t("Vous avez écouté beaucoup de phrases : attendez quelques minutes."), 429
                )
            voice = await asyncio.to_thread(_voice, house, client, voix)
            async with one_at_a_time:  # calls come first: one sentence waits for theirs at a time
                sound = await _sound(voice, text, rythme)
        return Response(sound, media_type="audio/wav", headers=_HEADERS)

    return router


def _voice(house: House, client: Client, name: str) -> Voice:
    """In a thread: the voice of that name if it is installed, else the client's own."""
    names = {one.name for one in installed(house.settings)}
    return house.voice_of(client if name not in names else replace(client, voice=name))


async def _sound(voice: Voice, text: str, pace: float) -> bytes:
    """A text in the pieces in which callers hear it, as a WAV file."""
    pieces = [await voice.speak(part, RATE_HZ, pace) for part in parts_of(text)]
    return await asyncio.to_thread(wav_bytes, RATE_HZ, pieces)
