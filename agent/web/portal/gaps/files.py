"""The sound of one turn of a call, for who listens to what was not answered."""

from __future__ import annotations

import asyncio
import io
import logging
import wave
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse, Response

from agent.call.record import CallRecord
from agent.call.recording_file import open_recording
from agent.errors import StoreError
from agent.house import House
from agent.sealing.stream import SealedError
from agent.store.users import User, may_see
from agent.web.auth import require_user
from agent.web.portal.frame import PATH
from agent.web.sound import NO_RECORDING, NOT_READABLE, recording_of

logger = logging.getLogger(__name__)

BEFORE_S, LONGEST_S = 1.0, 30.0
"""How long before a turn's first words its sound begins, and how long it is at most."""

_MANAGER = require_user("admin", "manager")
_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def turn_address(slug: str, call_id: str, position: int) -> str:
    """Where a turn is listened to."""
    return f"{PATH}/{slug}/questions/{call_id}/{position}.wav"


def turns_router(house: House) -> APIRouter:
    """The route; before the pages, which are mounted over it."""
    router = APIRouter()

    @router.get(f"{PATH}/{{slug}}/questions/{{call_id}}/{{position}}.wav")
    async def turn(
        slug: str, call_id: str, position: int, user: Annotated[User, Depends(_MANAGER)]
    ) -> Response:
        if not may_see(user, slug):
            return PlainTextResponse(NO_RECORDING, 404)
        try:
            sound = await asyncio.to_thread(_sound, house, slug, call_id, position)
        except (OSError, SealedError, wave.Error, EOFError):
            logger.exception("the recording of call %s cannot be opened", call_id)
            return PlainTextResponse(NOT_READABLE, 503)
        if sound is None:
            return PlainTextResponse(NO_RECORDING, 404)
        return Response(sound, media_type="audio/wav", headers=_HEADERS)

    return router


def _sound(house: House, slug: str, call_id: str, position: int) -> bytes | None:
    """In a thread: the turn as a WAV file of its own; None if there is none."""
    try:
        record = house.calls.load(call_id, client=slug)
    except StoreError:
        return None
    file = recording_of(house, record)
    span = span_of(record, position)
    if file is None or span is None:
        return None
    with open_recording(house.vault, file) as opened, wave.open(opened) as whole:
        rate = whole.getframerate()
        first = min(int(span[0] * rate), whole.getnframes())
        whole.setpos(first)
        frames = whole.readframes(int((span[1] - span[0]) * rate))
        out = io.BytesIO()
        with wave.open(out, "wb") as part:
            part.setnchannels(whole.getnchannels())
            part.setsampwidth(whole.getsampwidth())
            part.setframerate(rate)
            part.writeframes(frames)
        return out.getvalue()


def span_of(record: CallRecord, position: int) -> tuple[float, float] | None:
    """From when to when a turn lasts in its recording, seconds; None if that is not known. Pure."""
    if not 0 <= position < len(record.turns):
        return None
    at = record.turns[position].at_s
    if at is None or record.recording_from_s is None:
        return None
    start = max(0.0, at - record.recording_from_s - BEFORE_S)
    later = (turn.at_s for turn in record.turns[position + 1 :] if turn.at_s is not None)
    end = next(later, at + LONGEST_S) - record.recording_from_s
    return (start, min(end, start + LONGEST_S)) if end > start else None
