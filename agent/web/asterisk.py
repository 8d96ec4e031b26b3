"""The exchange's door: each call that Asterisk brings opens a WebSocket here."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from agent.audio import TELEPHONE_RATE_HZ, write_wav
from agent.call.guard import TOO_OFTEN as GUARD_TOO_OFTEN
from agent.call.operator_leg import OperatorLeg
from agent.call.record import NOT_OURS
from agent.errors import CallRefusedError, PermanenceError
from agent.handoff.desks import Operator
from agent.house import House
from agent.store.clients import Client
from agent.store.database import NotKeptError
from agent.telephony.asterisk.ari import Ari
from agent.telephony.asterisk.config import TOO_OFTEN
from agent.telephony.asterisk.exchange import Exchange
from agent.telephony.asterisk.media import MediaStart, command, parse_event
from agent.telephony.asterisk.phones import Phones
from agent.telephony.asterisk.pulse import Pulse
from agent.telephony.asterisk.transport import AsteriskTransport
from agent.telephony.media_protocol import GarbageError
from agent.telephony.operator_phones import PhoneUser
from knowledge.errors import KnowledgeError
from voices.french import sentences, speakable

logger = logging.getLogger(__name__)

ARI_USER = "permanence"
KIND = "asterisk"
STAYS = ("operator", *NOT_OURS)
"""Whoever ended a call of which the caller's channel is not ours to hang up."""

START_LIMIT_S = 3.0
CLOSE_LIMIT_S = 2.0


class SipCalls:
    """Owns the calls that the exchange brings."""

    def __init__(self, house: House, exchange: Exchange, phones: Phones) -> None:
        self._house = house
        self._exchange = exchange
        self._phones = phones

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
            client = await self._client(call_id, number)
            with self._house.admit(call_id, client.slug, KIND, caller, called=number):
                self._exchange.calls[call_id] = transport
                try:
                    await self._carry(transport, call_id, client, caller)
                finally:
                    del self._exchange.calls[call_id]
                    self._exchange.done(call_id)
                    transport.ended.set()
        except (PermanenceError, KnowledgeError) as error:
            logger.warning("a telephone call was refused: %s", error)
            if isinstance(error, CallRefusedError) and error.reason in GUARD_TOO_OFTEN:
                await self._exchange.refuse(call_id, TOO_OFTEN)
        finally:
            await _close(transport.websocket)

    async def join(self, websocket: WebSocket, handoff_id: str) -> None:
        """An operator's telephone, whose caller did not come by the exchange: join the two here."""
        await websocket.accept(subprotocol="media")
        start = await _start(websocket)
        if start is None:
            return
        phone = self._phones.of_handoff(handoff_id)
        if phone is None:
            await _close(websocket)
            return
        transport = AsteriskTransport(websocket, start)
        services, board = self._house.services, self._house.switchboard

        def here() -> None:
            if not board.connected(handoff_id, phone.user_id, leg):
                leg.close("late")

        leg = OperatorLeg(
            phone.transfer.request.call_id,
            transport.line(None),
            services.transcriber,
            services.turns,
            here,
        )
        await transport.send_text(command("ANSWER"))
        phone.joined = True
        try:
            await leg.run()
        finally:
            await _close(websocket)  # the telephone's dialplan hangs up; its end is told there

    async def _client(self, call_id: str, number: str) -> Client:
        """Whose number was dialled.

        Raises:
            CallRefusedError: Nobody's; or the call was carried before a restart: who has lost their
                operator since is the fallback's, what was kept of the call stays as it is.
        """
        client = await asyncio.to_thread(self._house.numbers.client_of, number)
        if client is None:
            self._house.admission.refuse("unknown_client", KIND)
            raise CallRefusedError("Nobody's number was dialled: permanence client number adds it.")
        with suppress(NotKeptError):
            await asyncio.to_thread(self._house.calls.load, call_id)
            self._house.admission.refuse("carried_before", KIND, client.slug)
            raise CallRefusedError("The call was in progress before this start.")
        return client

    async def _carry(
        self, transport: AsteriskTransport, call_id: str, client: Client, caller: str
    ) -> None:
        line = transport.line(_national(caller))
        session = await asyncio.to_thread(self._house.session, call_id, client, line)
        await session.open()
        await transport.send_text(command("ANSWER"))
        record = await session.run()
        if record.ended_by == "caller" and not await self._exchange.has_hung_up(call_id, transport):
            record.ended_by = "error"
            transport.count("taken_back")
        if transport.anomalies:
            record.anomalies.update(transport.anomalies)
            await asyncio.to_thread(self._house.calls.save, record)
        # Whose line ended without our goodbye is the fallback's by now: to hang up would cut them.
        if record.ended_by not in STAYS and not transport.is_away:
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


class Telephone:
    """Everything that belongs to the exchange: its commands, its calls, operators' telephones."""

    def __init__(self, house: House, elsewhere: Callable[[str, str], bool]) -> None:
        """Nothing is asked of the exchange yet.

        Args:
            elsewhere: As `Phones` takes it.
        """
        settings = house.settings
        self._password = settings.asterisk_password.get_secret_value()
        reached = (settings.asterisk_url, ARI_USER, self._password)
        self._exchange = Exchange(Ari(*reached), Pulse(*reached))
        self._house = house
        self._phones = Phones(
            house.switchboard,
            self._exchange,
            lambda: phone_users(house),
            self._speak,
            house.brands,
            settings.asterisk_sounds,
            elsewhere,
        )
        self._calls = SipCalls(house, self._exchange, self._phones)
        self._ringing: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin: the pulse, the events, the telephones."""
        self._exchange.open()
        self._ringing = asyncio.create_task(self._phones.run(), name="operators' telephones")

    async def close(self) -> None:
        """Ring nobody any more; talks between a caller and an operator go on in the exchange."""
        if self._ringing is not None:
            self._ringing.cancel()
            await asyncio.gather(self._ringing, return_exceptions=True)
        await self._exchange.close()

    @property
    def trouble(self) -> str:
        """What is wrong between the exchange and us, in a few words; "" if nothing is."""
        if self._ringing is not None and self._ringing.done():
            return "operators' telephones are not rung any more"
        if not os.access(self._house.settings.asterisk_sounds, os.W_OK):
            return f"{self._house.settings.asterisk_sounds} may not be written by the service"
        return self._exchange.trouble

    def router(self) -> APIRouter:
        """The exchange's door."""
        router = APIRouter()
        wanted = "Basic " + base64.b64encode(f"asterisk:{self._password}".encode()).decode()

        @router.websocket("/asterisk/media")
        async def media(
            websocket: WebSocket,
            call: str = "",
            to: str = "",
            caller: str = Query("", alias="from"),
            leg: str = "",
        ) -> None:
            given = websocket.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), wanted.encode()) or not (call or leg):
                await websocket.close(1008)
            elif leg:
                await self._calls.join(websocket, leg)
            else:
                await self._calls.take(websocket, call, to, caller)

        return router

    async def _speak(self, text: str, path: Path) -> None:
        voice = self._house.services.voice
        parts = [await voice.speak(speakable(part), TELEPHONE_RATE_HZ) for part in sentences(text)]
        pause = np.zeros(TELEPHONE_RATE_HZ // 4, np.int16)
        sound = np.concatenate([piece for part in parts for piece in (part, pause)])
        await asyncio.to_thread(write_wav, path, TELEPHONE_RATE_HZ, sound)


def telephone_of(house: House, elsewhere: Callable[[str, str], bool]) -> Telephone | None:
    """The telephone exchange of an installation; None if it has none."""
    return Telephone(house, elsewhere) if house.settings.asterisk_url else None


def phone_users(house: House) -> list[PhoneUser]:
    """The operators who have a telephone (blocks)."""
    return [
        PhoneUser(Operator(user.id, user.name, user.clients, user.languages), user.phone)
        for user in house.users.list()
        if user.phone and user.active and user.role in ("operator", "admin")
    ]


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
