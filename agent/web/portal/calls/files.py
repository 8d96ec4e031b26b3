"""A call's recording, for who may see its caller's number."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import PlainTextResponse, Response

from agent.errors import StoreError
from agent.house import House
from agent.sealing.stream import SealedError
from agent.store.users import User, may_see
from agent.web.auth import require_user
from agent.web.console.downloads import NO_RECORDING, NOT_READABLE, recording_file
from agent.web.sound import recording_response

logger = logging.getLogger(__name__)

_MANAGER = require_user("admin", "manager")


def calls_router(house: House) -> APIRouter:
    """/portail/{slug}/appels/{call_id}/enregistrement.wav"""  # a path
    router = APIRouter()

    @router.get("/portail/{slug}/appels/{call_id}/enregistrement.wav")
    async def recording(
        slug: str,
        call_id: str,
        user: Annotated[User, Depends(_MANAGER)],
        asked: Annotated[str | None, Header(alias="Range")] = None,
    ) -> Response:
        if not may_see(user, slug) or not await asyncio.to_thread(_is_of, house, slug, call_id):
            return PlainTextResponse(NO_RECORDING, 404)
        file = await asyncio.to_thread(recording_file, house, user, call_id)
        if file is None:
            return PlainTextResponse(NO_RECORDING, 404)
        try:
            return await asyncio.to_thread(recording_response, house.vault, file, asked)
        except (OSError, SealedError):
            logger.exception("the recording of call %s cannot be opened", call_id)
            return PlainTextResponse(NOT_READABLE, 503)

    return router


def _is_of(house: House, slug: str, call_id: str) -> bool:
    try:
        house.calls.load(call_id, client=slug)
    except StoreError:
        return False
    return True
