"""Bodies of requests, read within bounds: before one is read whole, nobody knows its size."""

from __future__ import annotations

import asyncio

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive


class BodyError(Exception):
    """A body cannot be taken."""


class BodyTooLargeError(BodyError):
    """It has more bytes than may come."""


class BodyCutError(BodyError):
    """It did not arrive whole, or not in time."""


async def read_body(request: Request, most: int, within_s: float) -> bytes:
    """A request's body.

    Args:
        request: Whose body nobody has read.
        most: Bytes that it may have.
        within_s: Longest time that it may take.

    Raises:
        BodyTooLargeError, BodyCutError: See there.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise BodyTooLargeError
    except (TimeoutError, ClientDisconnect) as error:
        raise BodyCutError from error
    return bytes(body)


def bounded(receive: Receive, most: int, idle_s: float) -> Receive:
    """`receive` that gives no more than so many bytes, and waits no longer for more of them.

    It raises `HTTPException` (413, 400), which FastAPI passes on where it makes « 400 » of
    anything else.
    """
    taken = 0

    async def next_message() -> Message:
        nonlocal taken
        try:
            async with asyncio.timeout(idle_s):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(400) from error
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return next_message
