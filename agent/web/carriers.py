"""The carriers' door: answers their webhooks, admits the streams that these open, runs the calls.

Nothing is done for a request that its carrier has not signed. A call's webhook is answered with a
pass in the stream's address: the stream opens with it once, within seconds, for that call only, so
the socket needs no other proof. Our name of a call is made of the carrier's: a call whose record is
kept is never begun again, whichever way its webhook comes back, also after a restart.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import suppress

from fastapi import APIRouter, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from agent.audio import TELEPHONE_RATE_HZ
from agent.call.guard import TOO_OFTEN
from agent.call.record import NOT_OURS, CallRecord
from agent.call.transport import Line
from agent.errors import CallRefusedError, PermanenceError
from agent.house import House
from agent.store.database import NotKeptError
from agent.telephony.carriers.carrier import CARRIER_NAMES, Carrier, StreamStart
from agent.telephony.carriers.configured import NEEDED, carriers_of, controls_of
from agent.telephony.carriers.meeting import CarriedCall
from agent.telephony.carriers.passes import Pass, Passes, Remembered, call_id_of
from agent.telephony.carriers.phones import CarrierPhones
from agent.telephony.carriers.stream import CarrierStream
from agent.telephony.carriers.stream_protocol import read
from agent.telephony.carriers.webhook import (
    ForgedError,
    IncomingCall,
    MalformedError,
    Webhook,
    is_over,
)
from agent.telephony.media_protocol import GarbageError
from agent.web.asterisk import phone_users
from agent.web.bodies import BodyCutError, BodyTooLargeError, read_body
from knowledge.errors import KnowledgeError
from voices.prompts import prompt

logger = logging.getLogger(__name__)

LARGEST_FORM = 64 * 1024
"""Bytes; carriers send some two thousand."""

FORM_LIMIT_S = 5.0

START_LIMIT_S = 5.0
"""Longest wait for a stream's start message."""

LAST_WORDS_S = 3.0
"""Longest wait for the carrier to have played our last words."""

CLOSE_LIMIT_S = 2.0

MOST_TRANSFERS = 1000
"""Numbers that wait to be asked for; one that a carrier never asks for is forgotten in the end."""

POLICY = 1008
"""WebSocket close code (RFC 6455): what came is not allowed."""


class CarrierDoor:
    """The carriers' door of a house; used from the event loop only."""

    def __init__(self, house: House) -> None:
        """Set it up.

        Raises:
            SettingsError: A carrier's key cannot be used.
        """
        self._house = house
        self._carriers = carriers_of(house.settings)
        self.controls = controls_of(house.settings, self._transfer_address)
        self._passes = Passes()
        self._seen = Remembered()
        self._refused, self._too_often = Remembered(), Remembered()
        self._transfers: dict[str, tuple[str, str]] = {}
        self.phones = CarrierPhones(
            house.switchboard,
            frozenset(self.controls) & frozenset(self._carriers),
            lambda: phone_users(house),
            house.brands,
            house.settings.transfer_allowed,
            self._address,
            self._streamed,
        )
        self._calls = self.phones.meetings.calls
        self._ringing: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to ring operators' outside numbers."""
        if self.controls and self._house.settings.transfer_allowed:
            self._ringing = asyncio.create_task(self.phones.run(), name="operators' numbers")

    async def close(self) -> None:
        """Ring nobody any more; who talks with an operator goes on. Close the connections."""
        if self._ringing is not None:
            self._ringing.cancel()
            await asyncio.gather(self._ringing, return_exceptions=True)
        for control in self.controls.values():
            await control.close()

    async def voice(self, name: str, request: Request) -> Response:
        """A call comes in: stream it, or say why not."""
        carrier, call = await self._verified(name, request)
        house, dialect = self._house, carrier.dialect
        client = await asyncio.to_thread(house.numbers.client_of, call.dialled)
        if client is None:
            logger.warning("a call from %s is for a number that is no client's", name)
            return _document(dialect.rejected())
        call_id = call_id_of(name, call.call_id)
        if await self._record(call_id) is not None:
            raise HTTPException(403, "This call has been taken already.")
        if self._full():
            logger.info("a call from %s was refused: busy", name)
            return _document(dialect.said(*self._busy()))
        issued = self._passes.issue(name, call, client.slug, time.monotonic())
        if issued is None:
            raise HTTPException(403, "This call's stream has been opened already.")
        return _document(self._to_stream(issued))

    async def after(self, name: str, request: Request, token: str = "") -> Response:
        """A stream has ended and the carrier still holds the call: what is to be done with it?

        With a token: the conference with an operator has ended that it was sent to.
        """
        carrier, call = await self._verified(name, request)
        call_id = call_id_of(name, call.call_id)
        follows = await self.phones.meetings.after(call_id, token, carrier.dialect)
        if follows is not None:
            return _document(follows)
        record = await self._record(call_id)
        if record is not None and record.ended_by and record.ended_by not in NOT_OURS:
            return _document(carrier.dialect.hung_up())
        logger.warning("a stream of %s ended before its call", name)
        if call_id in self._too_often:  # who rings too often rings no number at our expense
            return _document(carrier.dialect.said(prompt("line_busy")))
        words = self._busy() if call_id in self._refused else self._failed()
        return _document(carrier.dialect.said(*words))

    async def status(self, name: str, request: Request) -> Response:
        """The carrier tells how a call stands; one that is over for it is over for us."""
        _, call = await self._verified(name, request)
        if is_over(call):
            carried = self._calls.get(call_id_of(name, call.call_id))
            if carried is not None:
                await carried.gone()
        return Response(status_code=204)

    async def operator(self, name: str, token: str, request: Request) -> Response:
        """The carrier tells of an operator's call, or asks what to do with it.

        One of which nothing is known (any more: a restart) is hung up, without the carrier's words.
        """
        carrier, call = await self._verified(name, request)
        answer = self.phones.told(name, token, call)
        if answer is None:
            logger.warning("%s tells of an operator's call that is none of ours", name)
            answer = carrier.dialect.hung_up()
        return _document(answer) if answer else Response(status_code=204)

    async def passed_on(self, name: str, token: str, request: Request) -> Response:
        """The carrier asks whom to dial for a call that is passed on (Plivo)."""
        carrier, call = await self._verified(name, request)
        call_id, number = self._transfers.pop(token, ("", ""))
        if not number or call_id != call.call_id:
            raise HTTPException(403, "This call is not to be passed on.")
        return _document(carrier.dialect.dialled(number))

    async def media(self, name: str, token: str, websocket: WebSocket) -> None:
        """One stream, one call."""
        carrier = self._carriers.get(name)
        granted = self._passes.use(name, token, time.monotonic()) if carrier else None
        if carrier is None or granted is None:
            logger.warning("a stream without a pass was refused")
            await websocket.close(POLICY)  # before it is accepted: answered with 403
            return
        await websocket.accept()
        try:
            start = await _start(websocket, carrier)
            if start is None or start.call_id != granted.carrier_call:
                logger.warning("a stream of %s did not begin as it should", name)
                await _close(websocket, POLICY)
                return
            if granted.back:
                await self._back(websocket, start, granted)
            else:
                await self._carry(CarrierStream(websocket, carrier, start), granted, carrier)
        except CallRefusedError as error:
            (self._too_often if error.reason in TOO_OFTEN else self._refused).first(granted.call_id)
            logger.info("a stream of %s was refused: %s", name, error)
        except (PermanenceError, KnowledgeError) as error:
            logger.warning("a stream of %s could not be carried: %s", name, error)
        await _close(websocket, 1000)

    async def _back(self, websocket: WebSocket, start: StreamStart, granted: Pass) -> None:
        """A caller comes back from an operator: to the call that they were in, if it goes on."""
        call = self._calls.get(granted.call_id)
        if call is not None and await call.stream.return_to(websocket, start):
            await call.ended.wait()  # the call's own task reads and writes; the socket is ours

    async def _carry(self, stream: CarrierStream, granted: Pass, carrier: Carrier) -> None:
        """Run a call on its stream; the stream is then to be closed.

        Raises:
            CallRefusedError: Every place is taken.
            PermanenceError, KnowledgeError: The client is gone, or cannot be opened.
        """
        house, call_id = self._house, granted.call_id
        client = await asyncio.to_thread(house.clients.get, granted.client)
        line = Line(
            transport=stream,
            kind=granted.carrier,
            rate_in_hz=TELEPHONE_RATE_HZ,
            rate_out_hz=TELEPHONE_RATE_HZ,
            caller_number=granted.caller,
        )
        caller = granted.caller or ""  # masked: such callers are counted, too
        control = self.controls.get(granted.carrier)
        call = CarriedCall(stream, granted, carrier.dialect, control)
        try:
            with house.admit(call_id, client.slug, granted.carrier, caller, called=granted.dialled):
                session = await asyncio.to_thread(house.session, call_id, client, line)
                await session.open()
                self._calls[call_id] = call
                try:
                    record = await call.run(session)
                finally:
                    del self._calls[call_id]
                if stream.counted:
                    record.anomalies.update(stream.counted)
                    await asyncio.to_thread(house.calls.save, record)
            if record.ended_by not in NOT_OURS:
                await stream.last_words(LAST_WORDS_S)
                await self._hang_up(granted)
        finally:
            call.ended.set()

    async def _hang_up(self, granted: Pass) -> None:
        """End the call at once; without an API the carrier asks `after` once the stream is shut."""
        control = self.controls.get(granted.carrier)
        if control is None:
            return
        try:
            await control.hang_up(granted.carrier_call)
        except PermanenceError as error:
            logger.warning("a call could not be hung up: %s", error)

    async def _verified(self, name: str, request: Request) -> tuple[Carrier, IncomingCall]:
        """A carrier's request and its call.

        Raises:
            HTTPException: The carrier is not set up; the request is not its own, or not the first
                of its kind; or it makes no sense.
        """
        carrier = self._carrier(name)
        hook = Webhook(
            self._address(request.url.path)
            + (f"?{request.url.query}" if request.url.query else ""),
            {key.lower(): value for key, value in request.headers.items()},
            await _body(request),
        )
        try:
            once = carrier.verify(hook, time.time())
            call = carrier.incoming(hook)
        except ForgedError as error:
            logger.warning("a request in the name of %s was refused: %s", name, error)
            raise HTTPException(403, f"This request is not from {name}: {error}.") from error
        except MalformedError as error:
            raise HTTPException(400, f"This request cannot be read: {error}.") from error
        if once and not self._seen.first(f"{name}:{once}"):
            logger.warning("a request of %s came again and was refused", name)
            raise HTTPException(403, "This request has come before.")
        return carrier, call

    def _carrier(self, name: str) -> Carrier:
        known = next((one for one in CARRIER_NAMES if one == name), None)
        if known is None:
            raise HTTPException(404, f"There is no such carrier; use {', '.join(CARRIER_NAMES)}.")
        if known not in self._carriers:
            raise HTTPException(
                404, f"{name} is not set up here: set PERMANENCE_PUBLIC_URL and {NEEDED[known]}."
            )
        return self._carriers[known]

    async def _record(self, call_id: str) -> CallRecord | None:
        with suppress(NotKeptError):
            return await asyncio.to_thread(self._house.calls.load, call_id)
        return None

    def _full(self) -> bool:
        return len(self._house.live) >= self._house.live.limit

    def _address(self, path: str) -> str:
        return self._house.settings.public_url + path

    def _to_stream(self, issued: Pass) -> str:
        """The document that has a call streamed to us by that pass."""
        name = issued.carrier
        media_url = self._address(f"/carriers/{name}/media/{issued.token}")
        return self._carriers[name].dialect.streamed(
            media_url.replace("http", "ws", 1), self._address(f"/carriers/{name}/after")
        )

    def _streamed(self, used: Pass) -> str:
        """The document that has a caller streamed to us again who was with an operator."""
        return self._to_stream(self._passes.again(used, time.monotonic()))

    def _transfer_address(self, call_id: str, number: str) -> str:
        while len(self._transfers) >= MOST_TRANSFERS:
            del self._transfers[next(iter(self._transfers))]
        token = secrets.token_urlsafe(24)
        self._transfers[token] = (call_id, number)
        return self._address(f"/carriers/plivo/transfer/{token}")

    def _busy(self) -> tuple[str, str]:
        number = self._house.settings.fallback_number
        return (prompt("line_busy_passed_on") if number else prompt("line_busy")), number

    def _failed(self) -> tuple[str, str]:
        number = self._house.settings.fallback_number
        return (prompt("line_failed_passed_on") if number else prompt("line_failed")), number


def carriers_router(door: CarrierDoor) -> APIRouter:
    """The carriers' addresses."""
    router = APIRouter(prefix="/carriers/{name}")

    @router.post("/voice")
    async def voice(name: str, request: Request) -> Response:
        return await door.voice(name, request)

    @router.post("/after")
    async def after(name: str, request: Request) -> Response:
        return await door.after(name, request)

    @router.post("/after/{token}")
    async def after_meeting(name: str, token: str, request: Request) -> Response:
        return await door.after(name, request, token)

    @router.post("/operator/{token}")
    async def operator(name: str, token: str, request: Request) -> Response:
        return await door.operator(name, token, request)

    @router.post("/status")
    async def status(name: str, request: Request) -> Response:
        return await door.status(name, request)

    @router.post("/transfer/{token}")
    async def passed_on(name: str, token: str, request: Request) -> Response:
        return await door.passed_on(name, token, request)

    @router.websocket("/media/{token}")
    async def media(websocket: WebSocket, name: str, token: str) -> None:
        await door.media(name, token, websocket)

    return router


async def _body(request: Request) -> bytes:
    try:
        return await read_body(request, LARGEST_FORM, FORM_LIMIT_S)
    except BodyTooLargeError as error:
        raise HTTPException(413, "This request is too large.") from error
    except BodyCutError as error:
        raise HTTPException(400, "This request did not arrive whole.") from error


async def _start(websocket: WebSocket, carrier: Carrier) -> StreamStart | None:
    """The stream that the carrier opens; None if it does not say which."""
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while True:
                message = read(await websocket.receive_text())
                if message["event"] == "start":
                    return carrier.start_of(message)
                if message["event"] != "connected":
                    return None
    except (GarbageError, TimeoutError, KeyError, WebSocketDisconnect):
        return None


async def _close(websocket: WebSocket, code: int) -> None:
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await websocket.close(code)


def _document(text: str) -> Response:
    return Response(text, media_type="application/xml")
