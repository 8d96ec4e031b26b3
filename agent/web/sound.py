"""A recording as a browser's player asks for it: whole, or from any place on, sealed or not."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from agent.call.record import CallRecord
from agent.call.recording_file import open_recording
from agent.house import House
from agent.sealing.stream import SealedError
from agent.sealing.vault import Vault, size_of

logger = logging.getLogger(__name__)

NO_RECORDING = "Cet appel n'a pas d'enregistrement."
NOT_READABLE = "Cet enregistrement ne peut pas être ouvert : prévenez votre fournisseur."

PIECE_BYTES = 1 << 16

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
}

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def recording_of(house: House, record: CallRecord) -> Path | None:
    """The file of a call's recording; None if there is none. Blocks."""
    if record.recording is None:
        return None
    folder = house.settings.data_dir.resolve()
    file: Path = (folder / record.recording).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


async def recording_answer(house: House, record: CallRecord | None, asked: str | None) -> Response:
    """The answer to somebody who may hear a call, or has asked for one that there is not.

    Args:
        house: Whose recordings.
        record: The call's; None if there is none for who asks.
        asked: The request's « Range », None without one.
    """
    if record is None:
        return PlainTextResponse(NO_RECORDING, 404)
    file = await asyncio.to_thread(recording_of, house, record)
    if file is None:
        return PlainTextResponse(NO_RECORDING, 404)
    try:
        return await asyncio.to_thread(recording_response, house.vault, file, asked)
    except (OSError, SealedError):
        logger.exception("the recording of call %s cannot be opened", record.call_id)
        return PlainTextResponse(NOT_READABLE, 503)


def recording_response(vault: Vault, path: Path, asked: str | None) -> Response:
    """The answer to a request for a recording (blocks; its body is read in threads).

    Args:
        vault: Opens it.
        path: Of the recording.
        asked: The request's « Range », None without one; several ranges at once get the whole.

    Raises:
        OSError, SealedError: It cannot be opened.
    """
    with closing(open_recording(vault, path)) as file:
        size = size_of(file)
    start, end = _span(asked or "", size) or (0, size)
    if start >= end and asked:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {**HEADERS, "Content-Length": str(end - start)}
    whole = (start, end) == (0, size) and _span(asked or "", size) is None
    if not whole:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = _body(vault, path, start, end)
    return StreamingResponse(body, 200 if whole else 206, headers, "audio/wav")


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """From where to where, of a content of that size; None: all of it."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1 if last else size)


def _body(vault: Vault, path: Path, start: int, end: int) -> Iterator[bytes]:
    """Opened here: of a body that nobody asks for, nothing would close it."""
    with closing(open_recording(vault, path)) as file:
        file.seek(start, io.SEEK_SET)
        while start < end and (piece := file.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece
