"""What is kept of a number, as a file; asked for by POST: no number stands in an address."""

from __future__ import annotations

import asyncio
import io
import logging
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from agent.handoff.message import zone_of
from agent.house import House
from agent.personal.export import write_export
from agent.personal.person import PersonRefusedError, persons_of
from agent.sealing.stream import SealedError
from agent.store.clients import Client
from agent.store.users import User
from agent.web.auth import NO_CLIENT, client_for, require_user
from agent.web.forms import read_form
from agent.web.portal.frame import PATH

logger = logging.getLogger(__name__)

NOTHING = "Rien n'est gardé de ce numéro."
NOT_READABLE = "Un enregistrement ne peut pas être lu : prévenez votre fournisseur."

_MANAGER = require_user("manager", "admin")


def export_path(slug: str) -> str:
    """Where a number's export is asked for."""
    return f"{PATH}/{slug}/donnees/export"


def personal_router(house: House) -> APIRouter:
    """The route of the exports; before the pages, which are mounted over it."""
    router = APIRouter()

    @router.post(export_path("{slug}"))
    async def export(
        slug: str, request: Request, user: Annotated[User, Depends(_MANAGER)]
    ) -> Response:
        client = await asyncio.to_thread(client_for, house, user, slug)
        if client is None:
            return PlainTextResponse(NO_CLIENT, 404)
        # Not a parameter: FastAPI would take a stranger's form in whole before asking who they are.
        number = (await read_form(request) or {}).get("number", "")
        try:
            content = await asyncio.to_thread(_export, house, user, client, number)
        except PersonRefusedError as error:
            return PlainTextResponse(str(error), 422)
        except (OSError, SealedError):
            logger.exception("an export for %s could not be made", slug)
            return PlainTextResponse(NOT_READABLE, 503)
        if content is None:
            return PlainTextResponse(NOTHING, 404)
        name = f"donnees-{datetime.now(UTC):%Y-%m-%d}.zip"
        headers = {
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        return Response(content, media_type="application/zip", headers=headers)

    return router


def _export(house: House, user: User, client: Client, number: str) -> bytes | None:
    """In a thread, in memory: nothing of it comes onto the disk."""
    person = persons_of(house.settings, house.database, house.vault).find(client.slug, number)
    if not person:
        return None
    out = io.BytesIO()
    write_export(
        out, person, house.vault, brand=client.name, zone=zone_of(client.hours),
        at=datetime.now(UTC),
    )  # fmt: skip
    house.audit.note("person.exported", user=user, client=client.slug, calls=len(person.calls))
    return out.getvalue()
