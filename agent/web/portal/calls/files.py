"""A call's recording, for who may see its caller's number."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response

from agent.call.record import CallRecord
from agent.errors import StoreError
from agent.house import House
from agent.store.users import User, may_see
from agent.web.auth import require_user
from agent.web.sound import recording_answer

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
        record = None
        if may_see(user, slug):
            record = await asyncio.to_thread(_record, house, slug, call_id)
        return await recording_answer(house, record, asked)

    return router


def _record(house: House, slug: str, call_id: str) -> CallRecord | None:
    try:
        return house.calls.load(call_id, client=slug)
    except StoreError:
        return None
