"""The media WebSocket's door: admits a call, runs it, tells how it ended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from agent.audio import FRAME_MS, TELEPHONE_RATE_HZ
from agent.call.record import CallRecord, record_as_json
from agent.call.transport import Line
from agent.errors import CallRefusedError, PermanenceError
from agent.house import House, new_call_id
from agent.telephony.media_protocol import (
    CLOSE_CODES,
    GarbageError,
    RefusalReason,
    Start,
    message,
    parse_start,
)
from agent.telephony.media_socket import MediaSocketTransport
from agent.web.origin import same_machine
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

KIND = "media-socket"
"""The kind of its lines, on their records."""

START_LIMIT_S = 5.0
"""Longest wait for the start message."""

CLOSE_LIMIT_S = 2.0
"""Longest wait for a peer to take the last words of the protocol."""


async def media_call(house: House, websocket: WebSocket) -> None:
    """One connection, one call."""
    await websocket.accept()
    try:
        start = parse_start(await asyncio.wait_for(websocket.receive_text(), START_LIMIT_S))
    except (GarbageError, TimeoutError, KeyError) as error:
        house.admission.refuse("bad_start", KIND)
        await _refuse(websocket, "bad_start", f"the first message must be `start` ({error})")
        return
    except WebSocketDisconnect:
        return
    call_id = new_call_id()
    try:
        client = await asyncio.to_thread(house.clients.get, start.client)
        line = Line(
            transport=(transport := MediaSocketTransport(websocket, start)),
            kind=KIND,
            rate_in_hz=TELEPHONE_RATE_HZ,
            rate_out_hz=TELEPHONE_RATE_HZ,
            caller_number=_digits(start.caller),
            at_pace=start.pacing == "realtime",
        )
        session = await asyncio.to_thread(house.session, call_id, client, line)
    except (PermanenceError, KnowledgeError) as error:
        house.admission.refuse("unknown_client", KIND)
        await _refuse(websocket, "unknown_client", str(error))
        return
    try:
        # A program on this machine may ring as often as it likes; it says any number.
        counted = None if same_machine(websocket) else start.caller
        with house.admit(call_id, client.slug, KIND, counted):
            await session.open()
            await transport.send_text(_started(call_id, start))
            record = await session.run()
            if transport.garbage:
                record.anomalies["garbage"] = transport.garbage
                await asyncio.to_thread(house.calls.save, record)
    except CallRefusedError as error:
        await _refuse(websocket, "busy", str(error))
        return
    await _finish(websocket, _ended(record), 1000)


def _started(call_id: str, start: Start) -> str:
    return message("started", call_id=call_id, format=start.format, rate=start.rate, ptime=FRAME_MS)


def _ended(record: CallRecord) -> str:
    handoff = record_as_json(record)["handoff"]
    return message(
        "ended",
        call_id=record.call_id,
        outcome=record.outcome,
        ended_by=record.ended_by,
        handoff=handoff,
    )


async def _refuse(websocket: WebSocket, reason: RefusalReason, text: str) -> None:
    logger.info("a call was refused: %s", reason)
    await _finish(websocket, message("refused", reason=reason, message=text), CLOSE_CODES[reason])


async def _finish(websocket: WebSocket, text: str, code: int) -> None:
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await websocket.send_text(text)
            await websocket.close(code)


def _digits(caller: str | None) -> str | None:
    """A caller's number without spaces, +33 as 0; None if masked."""
    digits = "".join(c for c in caller or "" if c.isdigit() or c == "+")
    if digits.startswith("+33"):
        digits = "0" + digits[3:]
    return digits or None
