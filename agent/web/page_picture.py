"""Pages of manuals as pictures; for the operator the page that a turn of a call stands on."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse, Response

from agent.call.record import CallRecord
from agent.errors import StoreError
from agent.house import House
from agent.store.users import User, may_see
from agent.web.auth import require_user
from knowledge.errors import KnowledgeError
from knowledge.library import Library

KEPT = 32
"""Pictures that are kept in memory, some 300 kB each."""

AT_A_TIME = 1
"""Pictures that are drawn at a time: calls need the processor more."""

NO_PICTURE = "Cette page de la notice ne peut pas être montrée."

_OPERATOR = require_user("operator", "admin")


class Pictures:
    """Has pages of manuals drawn for all who look at one, and keeps the last ones."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[Hashable, bytes] = OrderedDict()
        self._drawing = asyncio.Semaphore(AT_A_TIME)

    async def of(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        """A picture, PNG.

        Args:
            key: The client, and all that tells the picture from others.
            draw: Makes it; blocks.

        Raises:
            What `draw` raises.
        """
        async with self._drawing:
            if key not in self._drawn:
                self._drawn[key] = await asyncio.to_thread(draw)
            self._drawn.move_to_end(key)
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
            return self._drawn[key]

    async def marked(
        self, library: Library, slug: str, manual: str, page: int, text: str, *,
        draft: bool = False,
    ) -> bytes:  # fmt: skip
        """A page of a client's manual with a passage marked, as `Library.picture` draws it.

        Raises:
            ManualMissingError, IndexMissingError, DocumentError: It cannot be drawn.
        """
        entry = await asyncio.to_thread(library.manual, slug, manual, draft=draft)
        return await self.of(
            (slug, entry.sha256, page, text),
            lambda: library.picture(slug, manual, page, text, draft=draft),
        )


def picture_router(house: House, pictures: Pictures) -> APIRouter:
    """/api/appels/{call_id}/tours/{position}/page.png"""  # a path
    router = APIRouter()

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
        shown = turns[position].evidence[0]
        try:
            png = await pictures.marked(
                house.library, record.client, shown.manual, shown.page, shown.text
            )
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
