"""What the console gives as files: the callbacks as a table, a call's recording."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import PlainTextResponse, Response

from agent.errors import StoreError
from agent.handoff.message import zone_of
from agent.house import House
from agent.sealing.stream import SealedError
from agent.store.users import User, may_see
from agent.ticket_csv import tickets_as_csv
from agent.web.auth import require_user
from agent.web.sound import recording_response

logger = logging.getLogger(__name__)

CSV_PATH = "/console/rappels.csv"

NO_CLIENT = "Ce client n'existe pas, ou n'est pas un des vôtres."
NO_RECORDING = "Cet appel n'a pas d'enregistrement."
NOT_READABLE = "Cet enregistrement ne peut pas être ouvert : prévenez votre fournisseur."

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
        file = await asyncio.to_thread(recording_file, house, user, call_id)
        if file is None:
            return PlainTextResponse(NO_RECORDING, 404)
        try:
            return await asyncio.to_thread(recording_response, house.vault, file, asked)
        except (OSError, SealedError):
            logger.exception("the recording of call %s cannot be opened", call_id)
            return PlainTextResponse(NOT_READABLE, 503)

    return router


def recording_file(house: House, user: User, call_id: str) -> Path | None:
    """The recording of a call of a client of the user's; None if there is none. Blocks."""
    try:
        record = house.calls.load(call_id)
    except StoreError:
        return None
    if record.recording is None or not may_see(user, record.client):
        return None
    folder = house.settings.data_dir.resolve()
    file = (folder / record.recording).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


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
