"""The dashboard's tables as files: one of them, or all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from agent.house import House
from agent.store.clients import Client
from agent.store.users import User
from agent.web.auth import NO_CLIENT, client_for, require_user
from agent.web.portal.dashboard.csv_files import sheets_as_csv
from agent.web.portal.dashboard.period import Asked, PeriodError
from agent.web.portal.dashboard.reading import read
from agent.web.portal.words import speaking

ALL = "tout"
NO_TABLE = "Ce tableau n'existe pas."
HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_PORTAL = require_user("admin", "manager", "reader")


def dashboard_router(house: House) -> APIRouter:
    """/portail/{slug}/tableau/{name}.csv, the period as on the page."""  # a path
    router = APIRouter()

    @router.get("/portail/{slug}/tableau/{name}.csv")
    async def table(
        slug: str, name: str, request: Request, user: Annotated[User, Depends(_PORTAL)]
    ) -> Response:
        client = await asyncio.to_thread(client_for, house, user, slug)
        if client is None:
            return PlainTextResponse(NO_CLIENT, 404)
        try:
            content = await asyncio.to_thread(
                _table, house, client, name, Asked.of(request.query_params), user.language
            )
        except PeriodError as error:
            return PlainTextResponse(str(error), 400)
        if content is None:
            return PlainTextResponse(NO_TABLE, 404)
        file = f"{slug}-{name}-{datetime.now(UTC):%Y-%m-%d}.csv"
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{file}"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def _table(house: House, client: Client, name: str, asked: Asked, language: str) -> bytes | None:
    """In a thread: the file; None if there is no such table."""
    with speaking(language):
        sheets = read(house, client, asked, datetime.now(UTC), language).sheets
        if name == ALL:
            return sheets_as_csv(sheets.values())
        return sheets_as_csv([sheets[name]]) if name in sheets else None
