"""The page of the manual that a turn of a call stands on, as a picture for the operator."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse, Response

from agent.call.record import CallRecord
from agent.errors import StoreError
from agent.house import House
from agent.store.users import User, may_see
from agent.web.auth import require_user
from knowledge.answer import Evidence
from knowledge.errors import KnowledgeError

KEPT = 32
"""Pictures that are kept in memory, some 300 kB each."""

AT_A_TIME = 1
"""Pictures that are drawn at a time: calls need the processor more."""

NO_PICTURE = "Cette page de la notice ne peut pas être montrée."

_OPERATOR = require_user("operator", "admin")


class Pictures:
    """Draws pages of manuals, and keeps the last ones."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._drawn: OrderedDict[tuple[str, Evidence], bytes] = OrderedDict()
        self._drawing = asyncio.Semaphore(AT_A_TIME)

    async def of(self, client: str, evidence: Evidence) -> bytes:
        """The picture of a passage's page, PNG.

        Raises:
            KnowledgeError: It cannot be drawn.
        """
        key = (client, evidence)
        async with self._drawing:
            if key not in self._drawn:
                self._drawn[key] = await asyncio.to_thread(
                    self._house.library.picture,
                    client, evidence.manual, evidence.page, evidence.text,
                )  # fmt: skip
            self._drawn.move_to_end(key)
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
            return self._drawn[key]


def picture_router(house: House) -> APIRouter:
    """/api/appels/{call_id}/tours/{position}/page.png"""  # a path
    router = APIRouter()
    pictures = Pictures(house)

    @router.get("/api/appels/{call_id}/tours/{position}/page.png")
    async def picture(
        call_id: str, position: int, user: Annotated[User, Depends(_OPERATOR)]
    ) -> Response:
        record = await _record(house, call_id)
        if record is None or not may_see(user, record.client):
            return PlainTextResponse(NO_PICTURE, 404)
        turns = record.turns
        if not 0 <= position < len(turns) or not turns[position].evidence:
            return PlainTextResponse(NO_PICTURE, 404)
        try:
            png = await pictures.of(record.client, turns[position].evidence[0])
        except KnowledgeError:
            return PlainTextResponse(NO_PICTURE, 404)
        return Response(png, media_type="image/png", headers={"Cache-Control": "private"})

    return router


async def _record(house: House, call_id: str) -> CallRecord | None:
    live = house.live.get(call_id)
    if live is not None:
        return live.record
    try:
        return await asyncio.to_thread(house.calls.load, call_id)
    except StoreError:
        return None
