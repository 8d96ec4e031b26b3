"""Operators' telephones for callers of a carrier's: that carrier rings, tells and joins them.

While the switchboard rings an operator who has an outside number, the carrier that brought the
caller is asked to call it. Who picks up hears the story and takes the call with a key: a voicemail
presses none. The two then meet in a conference of the carrier's (`meeting`): they are joined by the
carrier alone, and a stop of this process does not cut them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Literal

from agent.errors import PermanenceError
from agent.handoff.switchboard import Switchboard
from agent.handoff.transfer import SwitchboardTransfer
from agent.store.numbers import e164
from agent.telephony.carriers.control import Ringing
from agent.telephony.carriers.meeting import CarrierLeg, Meetings
from agent.telephony.carriers.passes import Pass
from agent.telephony.carriers.webhook import IncomingCall, is_over, was_ended
from agent.telephony.operator_phones import (
    ACCEPT,
    CALL,
    DECLINE,
    RING_S,
    TELLINGS,
    TOO_LATE,
    PhoneUser,
    spoken_story,
)

logger = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often it is looked who has a telephone."""

MOST_TOGETHER = 4
"""Operators who are rung for one caller at one time: each call costs, and an account may make only
one a second; the next is rung once one of them has declined."""

MOST_TOKENS = 4000
"""Addresses that wait to be asked; of those that a carrier never asks the oldest are forgotten."""

JOINING = "Merci, vous êtes en ligne dans un instant."

Purpose = Literal["answer", "key", "status"]


class CarrierPhones:
    """All outside numbers of operators, for callers of carriers; used on the event loop only.

    Attributes:
        meetings: Callers who are with an operator.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        carriers: frozenset[str],
        users: Callable[[], Sequence[PhoneUser]],
        brands: Mapping[str, str],
        allowed: Collection[str],
        address: Callable[[str], str],
        streamed: Callable[[Pass], str],
    ) -> None:
        """Nobody is rung yet.

        Args:
            carriers: Those of whose API something can be asked.
            users: Those who have a telephone (blocks).
            brands: Names of the clients by their slugs.
            allowed: The numbers that may be rung, E.164.
            address: As `Meetings` takes it.
            streamed: Likewise.
        """
        self.meetings = Meetings(switchboard, address, streamed, self._start)
        self._board, self._carriers = switchboard, carriers
        self._users, self._brands, self._allowed = users, brands, allowed
        self._address = address
        self._there: dict[str, PhoneUser] = {}
        self._legs: set[CarrierLeg] = set()
        self._rung: set[tuple[str, str]] = set()
        self._hooks: OrderedDict[str, tuple[CarrierLeg, Purpose]] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Look who has a telephone, and ring them, for ever."""
        with self._board.watched(self._changed):
            try:
                while True:
                    try:
                        await self._look()
                    except Exception:  # a database that is away for a moment must not end this
                        logger.exception("it is not known who has a telephone")
                    await asyncio.sleep(LOOK_S)
            finally:
                self._sign({})  # with which nobody is rung any more
                for task in tuple(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                while self._asking:  # each has a time limit; a number that is rung may be cut then
                    await asyncio.gather(*self._asking)

    def rings(self, call_id: str, phone: str) -> bool:
        """Whether a telephone is rung for that call from here."""
        call = self.meetings.calls.get(call_id)
        return call is not None and call.control is not None and phone in self._allowed

    def hang_up(self, leg: CarrierLeg) -> None:
        """End an operator's call."""
        if leg.state != "over":
            leg.end()
            self._begin_to_cut(leg)

    # --- who is there ---------------------------------------------------------------------------

    async def _look(self) -> None:
        users = await asyncio.to_thread(self._users)
        self._sign({one.operator.user_id: one for one in users if one.phone in self._allowed})

    def _sign(self, users: Mapping[str, PhoneUser]) -> None:
        """Tell the switchboard who can be rung for callers of these carriers, and who no more."""
        before, self._there = self._there, dict(users)
        for user_id, one in before.items():
            if user_id not in users:
                self._board.telephone(one.operator, frozenset())
        for user_id, one in users.items():
            if before.get(user_id) != one:
                self._board.telephone(one.operator, self._carriers)

    # --- ringing --------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Ring whom the switchboard rings, so many at a time, and no others."""
        wanted = {
            (transfer.handoff_id, user_id): transfer
            for transfer in self._board.transfers()
            for user_id in transfer.rung
            if user_id in self._there
            and self.rings(transfer.request.call_id, self._there[user_id].phone)
        }
        for leg in tuple(self._legs):
            rings = (leg.transfer.handoff_id, leg.user_id) in wanted
            if leg.state in ("ringing", "telling") and not rings:
                self.hang_up(leg)
        self._legs = {leg for leg in self._legs if leg.state != "over"}
        self._rung &= set(wanted)
        for key, transfer in wanted.items():
            if key not in self._rung and self._ringing_for(transfer) < MOST_TOGETHER:
                self._rung.add(key)
                self._ring(transfer, key[1])

    def _ringing_for(self, transfer: SwitchboardTransfer) -> int:
        mine = (leg for leg in self._legs if leg.transfer is transfer)
        return sum(leg.state in ("ringing", "telling") for leg in mine)

    def _ring(self, transfer: SwitchboardTransfer, user_id: str) -> None:
        call = self.meetings.calls[transfer.request.call_id]
        assert call.control is not None, "no other call rings here"
        leg = CarrierLeg(transfer, user_id, call, call.control, self.hang_up, self.meetings.take)
        self._legs.add(leg)
        phone = self._there[user_id].phone
        self._start(self._call(leg, phone), "ring a telephone", self._asking)

    async def _call(self, leg: CarrierLeg, phone: str) -> None:
        """Have one telephone rung."""
        granted = leg.call.granted
        try:
            leg.rung = await leg.control.ring(
                Ringing(
                    number=phone,
                    shown=e164(granted.dialled),
                    answer_url=self._hook(leg, "answer"),
                    status_url=self._hook(leg, "status"),
                    ring_s=RING_S,
                    account=granted.account,
                    application=granted.application,
                )
            )
        except PermanenceError as error:
            logger.warning("a telephone cannot be rung: %s", error)
            leg.end()  # should it ring all the same, its first webhook ends it
            self._cannot_be_had(leg, "no line")
            return
        if leg.state == "over" and leg.rung:  # it was given up meanwhile
            self._begin_to_cut(leg)

    def _begin_to_cut(self, leg: CarrierLeg) -> None:
        """End a call that is over for us; while the carrier has no name for it: later."""
        if leg.call_id or leg.rung:
            self._start(self._cut(leg), "hang up", self._asking)

    async def _cut(self, leg: CarrierLeg) -> None:
        try:
            if leg.call_id:
                await leg.control.hang_up(leg.call_id)
            else:
                await leg.control.give_up(leg.rung)
        except PermanenceError as error:
            logger.warning("an operator's call could not be ended: %s", error)

    def _hook(self, leg: CarrierLeg, purpose: Purpose) -> str:
        """An address that the carrier is told for one purpose."""
        token = secrets.token_urlsafe(24)
        self._hooks[token] = (leg, purpose)
        if len(self._hooks) > MOST_TOKENS:
            self._hooks.popitem(last=False)
        return self._address(f"/carriers/{leg.call.granted.carrier}/operator/{token}")

    def _forget(self, leg: CarrierLeg) -> None:
        for token in [one for one, (whose, _) in self._hooks.items() if whose is leg]:
            del self._hooks[token]

    # --- what the carrier tells of an operator's call ---------------------------------------------

    def told(self, carrier: str, token: str, call: IncomingCall) -> str | None:
        """Deal with what a carrier tells.

        Returns:
            The document that it is answered, "" if it wants none; None: nothing is known of it.
        """
        leg, purpose = self._hooks.get(token, (None, "status"))
        if leg is None or leg.call.granted.carrier != carrier:
            return None
        if leg.call_id not in ("", call.call_id):
            return None
        unknown, leg.call_id = not (leg.call_id or leg.rung), call.call_id
        if purpose == "status":
            if is_over(call):
                self._ended(leg, call)
            elif leg.state == "over" and unknown:
                self._begin_to_cut(leg)
            return ""
        del self._hooks[token]
        if leg.state == "over":
            return leg.call.words.hung_up()
        if purpose == "key":
            return self._pressed(leg, call.key)
        leg.state = "telling"
        self._board.picked_up(leg.transfer.handoff_id, leg.user_id)
        return self._story(leg)

    def _story(self, leg: CarrierLeg) -> str:
        leg.tellings += 1
        client, brief = leg.transfer.request.client, leg.transfer.request.brief
        text = CALL.format(brand=self._brands.get(client, client), story=spoken_story(brief))
        return leg.call.words.asked(text, self._hook(leg, "key"))

    def _pressed(self, leg: CarrierLeg, key: str) -> str:
        if key == ACCEPT:
            return self._accept(leg)
        if key != DECLINE and leg.tellings < TELLINGS:
            return self._story(leg)
        leg.end()
        if key == DECLINE:
            self._board.decline(leg.transfer.handoff_id, leg.user_id, "declined by telephone")
        else:
            self._cannot_be_had(leg, "no key")
        return leg.call.words.hung_up()

    def _accept(self, leg: CarrierLeg) -> str:
        handoff_id, words = leg.transfer.handoff_id, leg.call.words
        leg.state = "accepted"
        if not self._board.accept(handoff_id, leg.user_id):
            leg.end()
            return words.said(TOO_LATE)
        leg.call.leg = leg
        if not self._board.connected(handoff_id, leg.user_id, leg):
            leg.end()
            return words.hung_up()
        return words.joined(leg.room, sentence=JOINING)

    def _ended(self, leg: CarrierLeg, call: IncomingCall) -> None:
        """An operator's call has ended."""
        self._forget(leg)
        was = leg.state
        leg.end(normally=was_ended(call))
        if was == "accepted":
            self._start(self.meetings.left(leg), "an operator left")
        elif was in ("ringing", "telling"):
            self._cannot_be_had(leg, "hung up" if was_ended(call) else call.status.lower())

    def _cannot_be_had(self, leg: CarrierLeg, why: str) -> None:
        self._board.cannot_be_had(leg.transfer.handoff_id, leg.user_id, why, is_console=False)

    def _start(
        self, work: Awaitable[None], name: str, among: set[asyncio.Task[None]] | None = None
    ) -> None:
        async def safely() -> None:
            try:
                await work
            except Exception:
                logger.exception("failed: %s", name)

        owned = self._tasks if among is None else among
        task = asyncio.create_task(safely(), name=name)
        owned.add(task)
        task.add_done_callback(owned.discard)
