"""What goes in and out of a client's manuals as bytes: files that are sent, pages as pictures."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.requests import ClientDisconnect

from agent.house import House
from agent.manual_desk import Arriving
from agent.store.clients import Client
from agent.store.manual_work import Upload
from agent.store.users import User
from agent.web.auth import NO_CLIENT, client_for, require_user
from agent.web.page_picture import NO_PICTURE, Pictures
from knowledge.documents.kinds import EXTENSIONS, HEAD_BYTES, refusal_of
from knowledge.documents.limits import MAX_BYTES
from knowledge.documents.picture import page_picture
from knowledge.draft import draft_name, drafted
from knowledge.errors import KnowledgeError
from knowledge.lifecycle import in_service
from knowledge.stored_passages import passages_of_part
from knowledge.versions import ManualEntry, ManualMissingError, stored_file

LONGEST_NAME = 120
"""Characters of a file's name, its kind included."""

WRITE_BYTES = 1 << 20
"""What is written at a time, in a thread."""

STALL_S = 30.0
"""Longest wait for the next bytes."""

NO_NAME = "Ce fichier n'a pas de nom utilisable : renommez-le, puis renvoyez-le."
CUT = "Le fichier n'est pas arrivé entier : vérifiez votre connexion, puis renvoyez-le."
NO_ROOM = "Le serveur n'a plus assez de place pour ce fichier : prévenez votre fournisseur."

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]+')
_WRITER = require_user("manager", "admin")
_VISITOR = require_user("manager", "reader", "admin")


class _RefusedError(Exception):
    """A file is not taken; one French sentence, and the HTTP status."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


def safe_name(given: str) -> str:
    """A name under which a file can be kept, and shown; "" if nothing of it can be.

    The last part of a path, in composed letters, without what file systems or shells trip over.
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", "".join(c for c in last if c.isprintable()))
    name = " ".join(_UNSAFE.sub("-", name).split()).strip(". ")
    path = PurePosixPath(name)
    stem = path.stem[: LONGEST_NAME - len(path.suffix)].rstrip(". ")
    if not any(map(str.isalnum, stem)) or len(path.suffix) > LONGEST_NAME // 4:
        return ""
    return f"{stem}{path.suffix}"


def manual_files_router(house: House, pictures: Pictures) -> APIRouter:
    """The routes, under /portail/{slug}/manuels; before the pages, which are mounted over them."""
    router = APIRouter(prefix="/portail/{slug}/manuels")

    @router.post("/fichiers")
    async def take(
        request: Request, slug: str, user: Annotated[User, Depends(_WRITER)], nom: str = ""
    ) -> Response:
        try:
            client = await _client(house, user, slug)
            upload = await _receive(house, request, client, user, nom)
        except _RefusedError as refused:
            return JSONResponse({"refused": str(refused)}, refused.status)
        return JSONResponse({"upload": upload.upload_id, "file": upload.file_name}, 201)

    @router.get("/page.png")
    async def picture(
        slug: str, user: Annotated[User, Depends(_VISITOR)], nom: str, page: int, passage: str = ""
    ) -> Response:
        try:
            await _client(house, user, slug)
            version = await asyncio.to_thread(draft_name, house.manuals.folder(slug))
            png = await pictures.of(
                (slug, version, nom, page, passage),
                lambda: _draw(house, slug, nom, page, passage),
            )
        except (_RefusedError, KnowledgeError, OSError, ValueError, KeyError):
            return PlainTextResponse(NO_PICTURE, 404)
        headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(png, media_type="image/png", headers=headers)

    return router


async def _client(house: House, user: User, slug: str) -> Client:
    client = await asyncio.to_thread(client_for, house, user, slug)
    if client is None:
        raise _RefusedError(NO_CLIENT, 404)
    return client


async def _receive(
    house: House, request: Request, client: Client, user: User, given: str
) -> Upload:
    """Write a file as it comes, never whole in memory.

    Raises:
        _RefusedError: It is not taken; nothing of it stays.
    """
    name = safe_name(given)
    if not name:
        raise _RefusedError(NO_NAME, 400)
    if PurePosixPath(name).suffix.casefold() not in EXTENSIONS:
        raise _RefusedError(refusal_of(name, b"MZ"), 415)
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isascii() and announced.isdigit() else 0
    _check_size(name, size)
    free = await asyncio.to_thread(shutil.disk_usage, house.settings.data_dir)
    if free.free - 2 * size < house.settings.min_free_mb * 1_000_000:
        raise _RefusedError(NO_ROOM, 507)
    arriving = await asyncio.to_thread(house.manuals.begin, client.slug, name, user)
    try:
        sha256 = await _write(request, arriving)
        return await asyncio.to_thread(house.manuals.received, arriving, sha256, user)
    except (TimeoutError, ClientDisconnect) as error:
        await asyncio.to_thread(house.manuals.drop, arriving)
        raise _RefusedError(CUT, 400) from error
    except BaseException:
        await asyncio.shield(asyncio.to_thread(house.manuals.drop, arriving))
        raise


async def _write(request: Request, arriving: Arriving) -> str:
    """Write a request's body; its SHA-256.

    Raises:
        _RefusedError: It is too large, or of no kind that can be read.
    """
    name = arriving.upload.file_name
    digest, waiting, taken, head = hashlib.sha256(), bytearray(), 0, b""
    body = request.stream()
    with arriving.file.open("wb") as file:

        def put(part: bytes) -> None:
            file.write(part)
            digest.update(part)

        while True:
            async with asyncio.timeout(STALL_S):
                chunk = await anext(body, None)
            if chunk is None:
                break
            taken += len(chunk)
            _check_size(name, taken)
            waiting += chunk
            if not head and taken >= HEAD_BYTES:
                head = bytes(waiting[:HEAD_BYTES])
                if sentence := refusal_of(name, head):
                    raise _RefusedError(sentence, 415)
            if len(waiting) >= WRITE_BYTES:
                await asyncio.to_thread(put, bytes(waiting))
                waiting.clear()
        if not head and (sentence := refusal_of(name, bytes(waiting))):
            raise _RefusedError(sentence, 415)
        await asyncio.to_thread(put, bytes(waiting))
    announced = request.headers.get("content-length")
    if announced is not None and announced != str(taken):
        raise _RefusedError(CUT, 400)
    return digest.hexdigest()


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        mega = MAX_BYTES // 1_000_000
        raise _RefusedError(f"{name} dépasse {mega} Mo ; partagez-le en plusieurs fichiers.", 413)


def _draw(house: House, slug: str, manual: str, page: int, passage: str) -> bytes:
    """In a thread: a page of the draft's, a passage marked on it, PNG.

    Raises:
        KnowledgeError, OSError, ValueError, KeyError: It cannot be drawn.
    """
    folder = house.manuals.folder(slug)
    entry, text = shown_manual(folder, manual), ""
    if passage:
        found = passages_of_part(folder, entry)
        text = next((one.text for one in found if one.passage_id == passage), "")
    return page_picture(stored_file(folder, entry), page, text)


def shown_manual(folder: Path, name: str) -> ManualEntry:
    """A manual as the draft has it; as it is in service if it was taken out of the draft. Blocks.

    Raises:
        ManualMissingError: It is in neither.
        IndexMissingError: The index is damaged.
    """
    for manuals in (drafted(folder), in_service(folder)):
        for manual in manuals:
            if manual.file == name:
                return manual
    raise ManualMissingError(f"La notice {name} n'est pas en service.")
