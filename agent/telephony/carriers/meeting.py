"""A caller and an operator in a conference of their carrier's, and what follows when either leaves.

The caller's stream is closed; the carrier then asks what is to be done with the call, and sends
them to the conference, where the operator waits. It ends for both when one of them leaves it: the
operator's call is then over, and the caller's carrier asks again. A caller who has lost the
operator is streamed to the same call as before.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from agent.call.record import CallRecord
from agent.call.session import CallSession
from agent.errors import PermanenceError
from agent.handoff.switchboard import Switchboard
from agent.handoff.transfer import SwitchboardTransfer
from agent.telephony.carriers.control import CallControl
from agent.telephony.carriers.documents import Dialect
from agent.telephony.carriers.passes import Pass, Remembered
from agent.telephony.carriers.stream import CarrierStream

logger = logging.getLogger(__name__)

JOIN_S = 10.0
"""For a caller's stream to end and the carrier to ask what follows."""

MEETING_S = 3.0
"""Who hangs up sooner after the caller was sent to them has not spoken with them."""

ENDED_S = 3.0
"""For the carrier to tell how an operator's call ended whom the caller has lost."""

BACK_S = 6.0
"""For such a caller to be streamed to us again."""

GONE_S = 8.0
"""After a talk, for the carrier to tell that it has hung up on the caller; it need not."""

LONGEST_TALK_S = 4 * 3600.0
"""After which carriers end a call by themselves; its end may not have been told."""

State = Literal["ringing", "telling", "accepted", "over"]


@dataclass(eq=False)
class CarriedCall:
    """A caller whom a carrier has brought, while their call lasts.

    Attributes:
        words: The carrier's.
        control: Of the carrier's calls; None if nothing can be asked of it.
        leg: Of the operator who has accepted.
        stops: This process stops: who talks with an operator is left alone.
        ended: Set once it is over, for whoever holds a stream of it open.
    """

    stream: CarrierStream
    granted: Pass
    words: Dialect
    control: CallControl | None
    leg: CarrierLeg | None = None
    stops: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def gone(self) -> None:
        """The carrier holds this call no more."""
        talked = self.leg is not None and self.leg.finished
        await self.stream.disconnected("operator" if talked else "caller")

    async def run(self, session: CallSession) -> CallRecord:
        """Run the call; that this process stops is known before anything of it is torn down."""
        running = asyncio.create_task(session.run(), name="call")
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.stops = True
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            raise


@dataclass(eq=False)
class CarrierLeg:
    """An operator's telephone that a carrier rings for one call; implements `FarLeg`.

    Attributes:
        call: The caller's.
        control: Of the carrier that brought it.
        hang_up: Ends this call.
        take_caller: Sends the caller here.
        room: Name of the conference, not to be guessed.
        back: Stands in the address that the caller's carrier asks once the conference is over.
        rung: The carrier's name of the ringing, "" before it is told.
        call_id: The carrier's name of this call, likewise.
        tellings: How often the story was told.
        sent_at: When the caller was sent to the conference (monotonic, s).
        sent: Set then.
        ended: Set once this call is over.
        finished: It was ended after a talk.
    """

    transfer: SwitchboardTransfer
    user_id: str
    call: CarriedCall
    control: CallControl
    hang_up: Callable[[CarrierLeg], None]
    take_caller: Callable[[CarrierLeg], Awaitable[bool]]
    room: str = field(default_factory=lambda: secrets.token_hex(16))
    back: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    rung: str = ""
    call_id: str = ""
    state: State = "ringing"
    tellings: int = 0
    sent_at: float = 0.0
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    finished: bool = False

    async def take(self) -> bool:
        """Have the caller's stream end, so that the carrier sends them to the conference."""
        return await self.take_caller(self)

    def close(self, why: str) -> None:
        """Hang up, but not on one of two who talk while it is this process that stops."""
        if not (self.call.stops and self.sent.is_set()):
            self.hang_up(self)

    def end(self, *, normally: bool = False) -> None:
        """This call has ended.

        Args:
            normally: Somebody ended it: no line was lost.
        """
        met = self.sent.is_set() and time.monotonic() - self.sent_at >= MEETING_S
        self.finished = self.finished or (self.state == "accepted" and met and normally)
        self.state = "over"
        self.ended.set()


class Meetings:
    """Callers of carriers who are, or are to be, with an operator; on the event loop only.

    Attributes:
        calls: The callers' calls in progress, by our names of them.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        address: Callable[[str], str],
        streamed: Callable[[Pass], str],
        start: Callable[[Awaitable[None], str], None],
    ) -> None:
        """Nobody is there yet.

        Args:
            address: Of a path, the public address.
            streamed: The document by which a caller who was away is streamed to us again.
            start: Has work done in a task of its own, by its name.
        """
        self.calls: dict[str, CarriedCall] = {}
        self._finished = Remembered()
        self._board = switchboard
        self._address, self._streamed, self._start = address, streamed, start

    async def take(self, leg: CarrierLeg) -> bool:
        """Let the caller go to the operator who waits for them."""
        if leg.state != "accepted":
            return False  # they have hung up: the switchboard is being told
        await leg.call.stream.leave()
        self._start(self._watch(leg), "join a caller")
        return True

    async def after(self, call_id: str, token: str, words: Dialect) -> str | None:
        """What follows for a caller who has left our stream, or (with the token) the conference.

        Args:
            words: The carrier's.

        Returns:
            A document; None if the caller is not with an operator of ours.
        """
        if call_id in self._finished:
            return words.hung_up()
        call = self.calls.get(call_id)
        leg = call.leg if call is not None and call.stream.is_away else None
        if call is None or leg is None or token not in ("", leg.back):
            return None
        if token:
            await _within(leg.ended, ENDED_S)
            if leg.state == "accepted":  # how it ended is not told: it is lost
                leg.hang_up(leg)
                self._start(self.left(leg), "an operator left")
        elif leg.state == "accepted":
            if not leg.sent.is_set():
                leg.sent_at = time.monotonic()
                leg.sent.set()
            return words.joined(leg.room, self._after(leg, f"/{leg.back}"))
        return words.hung_up() if leg.finished else self._streamed(call.granted)

    async def left(self, leg: CarrierLeg) -> None:
        """Tell the switchboard, once a caller who has lost the operator can hear us again.

        A caller who does not come back has gone: they are called back.
        """
        handoff_id = leg.transfer.handoff_id
        if leg.finished:
            self._finished.first(leg.call.granted.call_id)
            self._board.left(handoff_id, leg.user_id, "finished")
            if not await _within(leg.call.ended, GONE_S):
                await leg.call.gone()
            return
        comes = await self._comes_back(leg)
        self._board.left(handoff_id, leg.user_id, "lost", comes_back=not comes)
        if not comes:
            await leg.call.stream.disconnected()

    async def _watch(self, leg: CarrierLeg) -> None:
        """Nobody waits for ever: the operator for the caller, nor we for the end of their talk."""
        if not await _within(leg.sent, JOIN_S):
            if leg.state == "accepted":
                logger.warning("a caller was not sent to the operator who waits for them")
                leg.hang_up(leg)
                await self.left(leg)
        elif not await _within(leg.ended, LONGEST_TALK_S):
            await leg.call.stream.disconnected()

    async def _comes_back(self, leg: CarrierLeg) -> bool:
        """Wait for the caller; who does not come, alone in a conference or lost, is fetched."""
        call, granted = leg.call, leg.call.granted
        if await call.stream.is_back(BACK_S):
            return True
        if call.ended.is_set():
            return False
        try:
            await leg.control.redirect(granted.carrier_call, self._after(leg), granted.account)
        except PermanenceError as error:
            logger.warning("a caller could not be fetched: %s", error)
        return await call.stream.is_back(BACK_S)

    def _after(self, leg: CarrierLeg, token: str = "") -> str:
        return self._address(f"/carriers/{leg.call.granted.carrier}/after{token}")


async def _within(event: asyncio.Event, limit_s: float) -> bool:
    """Wait for an event, at most so long; whether it has come."""
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
