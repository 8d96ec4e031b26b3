"""What the console gives as files: the callbacks as a table, a call's recording."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import PlainTextResponse, Response

from agent.call.record import CallRecord
from agent.errors import StoreError
from agent.handoff.message import zone_of
from agent.house import House
from agent.store.users import User, may_see
from agent.ticket_csv import tickets_as_csv
from agent.web.auth import NO_CLIENT, require_user
from agent.web.sound import recording_answer

CSV_PATH = "/console/rappels.csv"


_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_OPERATOR = require_user("operator", "admin")


def recording_path(call_id: str) -> str:
    """Where a call's recording is asked for."""
    return f"/console/appels/{call_id}/enregistrement.wav"


def downloads_router(house: House) -> APIRouter:
    """The routes of the files; before the pages, which are mounted over them."""
    router = APIRouter()

    @router.get(CSV_PATH)
    async def table(user: Annotated[User, Depends(_OPERATOR)], client: str = "") -> Response:
        if client and not may_see(user, client):
            return PlainTextResponse(NO_CLIENT, 404)
        content = await asyncio.to_thread(_table, house, user, client)
        name = f"rappels-{datetime.now(UTC):%Y-%m-%d}.csv"
        headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @router.get(recording_path("{call_id}"))
    async def recording(
        call_id: str,
        user: Annotated[User, Depends(_OPERATOR)],
        asked: Annotated[str | None, Header(alias="Range")] = None,
    ) -> Response:
        record = await asyncio.to_thread(_record, house, user, call_id)
        return await recording_answer(house, record, asked)

    return router


def _record(house: House, user: User, call_id: str) -> CallRecord | None:
    """In a thread: a call of a client of the user's; None if it is none."""
    try:
        record = house.calls.load(call_id)
    except StoreError:
        return None
    return record if may_see(user, record.client) else None


def _table(house: House, user: User, client: str) -> bytes:
    """In a thread: the tickets of the user's clients, the newest first."""
    clients = house.clients.list()
    tickets = [
        ticket
        for ticket in house.tickets.list(client or None)
        if may_see(user, ticket.client)
    ]  # fmt: skip
    zones = {one.slug: zone_of(one.hours) for one in clients}
    names = {one.id: one.name for one in house.users.list()}
    return tickets_as_csv(tickets, zones, names)
