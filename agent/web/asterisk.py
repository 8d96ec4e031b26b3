"""The exchange's door: each call that Asterisk brings opens a WebSocket here."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from contextlib import suppress

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from agent.errors import CallRefusedError, PermanenceError
from agent.house import House
from agent.telephony.asterisk.exchange import Exchange
from agent.telephony.asterisk.media import MediaStart, command, parse_event
from agent.telephony.asterisk.transport import AsteriskTransport
from agent.telephony.media_protocol import GarbageError
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

START_LIMIT_S = 3.0
CLOSE_LIMIT_S = 2.0


class SipCalls:
    """Owns the calls that the exchange brings."""

    def __init__(self, house: House, exchange: Exchange) -> None:
        self._house = house
        self._exchange = exchange

    async def take(self, websocket: WebSocket, call_id: str, number: str, caller: str) -> None:
        """One connection: a new call, or a caller who comes back from an operator.

        Whatever is refused leaves the caller's channel where it is: its dialplan goes on to the
        fallback.

        Args:
            call_id: Of the caller's channel.
            number: That was dialled.
            caller: The caller's number, empty if it is masked.
        """
        await websocket.accept(subprotocol="media")
        start = await _start(websocket)
        if start is None:
            return
        before = self._exchange.calls.get(call_id)
        if before is not None:
            await self._back(websocket, before, start)
            return
        transport = AsteriskTransport(websocket, start)
        try:
            with self._house.live.admit(call_id):
                self._exchange.calls[call_id] = transport
                try:
                    await self._carry(transport, call_id, number, caller)
                finally:
                    del self._exchange.calls[call_id]
                    transport.ended.set()
        except (PermanenceError, KnowledgeError, CallRefusedError) as error:
            logger.warning("a telephone call was refused: %s", error)
        finally:
            await _close(transport.websocket)

    async def _carry(
        self, transport: AsteriskTransport, call_id: str, number: str, caller: str
    ) -> None:
        client = await asyncio.to_thread(self._house.numbers.client_of, number)
        if client is None:
            raise CallRefusedError("Nobody's number was dialled: permanence client number adds it.")
        line = transport.line(_national(caller))
        session = await asyncio.to_thread(self._house.session, call_id, client, line)
        await session.open()
        await transport.send_text(command("ANSWER"))
        record = await session.run()
        if transport.anomalies:
            record.anomalies.update(transport.anomalies)
            await asyncio.to_thread(self._house.calls.save, record)
        if record.ended_by != "server":  # a server that stops leaves the caller to the fallback
            await self._exchange.ari.hang_up(call_id)

    async def _back(
        self, websocket: WebSocket, transport: AsteriskTransport, start: MediaStart
    ) -> None:
        if not transport.return_to(websocket, start):
            logger.warning("a call that is in progress was brought again")
            await _close(websocket)
            return
        await transport.send_text(command("ANSWER"))
        await transport.ended.wait()  # the call's own task reads and writes; the socket is ours


def asterisk_router(calls: SipCalls, password: str) -> APIRouter:
    """The door.

    Args:
        password: That the exchange signs on with.
    """
    router = APIRouter()
    wanted = "Basic " + base64.b64encode(f"asterisk:{password}".encode()).decode()

    @router.websocket("/asterisk/media")
    async def media(
        websocket: WebSocket, call: str = "", to: str = "", caller: str = Query("", alias="from")
    ) -> None:
        given = websocket.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), wanted.encode()) or not call:
            await websocket.close(1008)
            return
        await calls.take(websocket, call, to, caller)

    return router


async def _start(websocket: WebSocket) -> MediaStart | None:
    try:
        async with asyncio.timeout(START_LIMIT_S):
            event = parse_event(await websocket.receive_text())
    except (GarbageError, TimeoutError, KeyError, WebSocketDisconnect) as error:
        logger.warning("the exchange's socket did not begin as it should: %r", error)
        event = None
    if isinstance(event, MediaStart):
        return event
    await _close(websocket)
    return None


async def _close(websocket: WebSocket) -> None:
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await websocket.close(1000)


def _national(caller: str) -> str | None:
    """A caller's number, +33 as 0; None if masked."""
    return (f"0{caller[3:]}" if caller.startswith("+33") else caller) or None
