"""Rings operators for calls: who is there, who is rung, who has accepted.

Used on the event loop only. Each state is kept by a `HandoffLog`, in the order in which it came;
nothing waits for that: a call must not stand still while a disk does.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.call.handover import (
    GivingUp,
    Leaving,
    Leg,
    NoOperator,
    OperatorAccepted,
    OperatorAway,
    OperatorHere,
    OperatorLeft,
    Queued,
    RingRequest,
    Tell,
    Unanswered,
)
from agent.handoff.desks import Desk, Operator, Ringing, RingLimits, Status
from agent.handoff.states import HandoffRecord, HandoffState, Passage

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class SwitchboardTransfer:
    """One call's operators; implements `Transfer`.

    Attributes:
        request: What is known of the call.
        record: The handoff as it stands.
        rung: Operators whose consoles ring.
        declined: Operators who do not want it.
        tried: Operators who were rung, in turn.
        desk: Of the operator who has accepted.
    """

    board: Switchboard
    request: RingRequest
    record: HandoffRecord
    tell: Tell
    rung: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    tried: list[str] = field(default_factory=list)
    desk: Desk | None = None
    before: int = -1
    _leg: Leg | None = None
    timer: asyncio.TimerHandle | None = None
    queued_at: float = 0.0

    @property
    def leg(self) -> Leg | None:
        """The operator's line once it carries sound."""
        return self._leg

    @property
    def handoff_id(self) -> str:
        """Unique."""
        return self.record.handoff_id

    def give_up(self, why: GivingUp) -> None:
        """Ring no more, and end the line of an operator who is on the call."""
        self.board.abandon(self, why)


class Switchboard:
    """All operators and all calls that want one; implements `Operators`."""

    def __init__(
        self,
        keep: Callable[[HandoffRecord], None],
        limits: RingLimits = RingLimits(),  # noqa: B008  # frozen
    ) -> None:
        """Nobody is there yet.

        Args:
            keep: Has a handoff kept as it stands; returns at once.
            limits: How long who is rung.
        """
        self._keep = keep
        self._limits = limits
        self._ringing: dict[str, Ringing] = {}
        self._desks: dict[str, Desk] = {}
        self._transfers: dict[str, SwitchboardTransfer] = {}
        self._watchers: set[Callable[[], None]] = set()

    # --- those who watch ------------------------------------------------------------------------

    @contextmanager
    def watched(self, watcher: Callable[[], None]) -> Iterator[None]:
        """Have a function told of every change; it returns at once."""
        self._watchers.add(watcher)
        try:
            yield
        finally:
            self._watchers.discard(watcher)

    def desks(self) -> Sequence[Desk]:
        """The operators who are signed on, by name."""
        return sorted(self._desks.values(), key=lambda desk: desk.operator.name.casefold())

    def transfers(self) -> Sequence[SwitchboardTransfer]:
        """The handoffs that are not over, the oldest first."""
        return tuple(self._transfers.values())

    def transfer(self, handoff_id: str) -> SwitchboardTransfer | None:
        """One that is not over."""
        return self._transfers.get(handoff_id)

    def ringing_for(self, user_id: str) -> Sequence[SwitchboardTransfer]:
        """Those that an operator can accept now."""
        return [one for one in self._transfers.values() if user_id in one.rung]

    # --- operators ------------------------------------------------------------------------------

    def sign_on(self, operator: Operator) -> Desk:
        """One more page of an operator is open."""
        desk = self._desks.setdefault(operator.user_id, Desk(operator))
        desk.operator = operator
        now = asyncio.get_running_loop().time()
        if desk.consoles == 0 and now - desk.left_at > self._limits.away_s:
            desk.status = "break"
        desk.consoles += 1
        self._changed()
        self._ring_waiting()
        return desk

    def sign_off(self, user_id: str) -> None:
        """A page of an operator has closed; with the last one they can be rung no more."""
        desk = self._desks.get(user_id)
        if desk is None:
            return
        desk.consoles = max(0, desk.consoles - 1)
        if desk.consoles == 0:
            for transfer in self.ringing_for(user_id):
                self._ring_no_more(transfer, user_id)
            desk.left_at = asyncio.get_running_loop().time()
        self._changed()

    def set_status(self, user_id: str, status: Status) -> None:
        """An operator is there, or has a break."""
        desk = self._desks.get(user_id)
        if desk is None:
            return
        desk.status = status
        if status != "available":
            for transfer in self.ringing_for(user_id):
                self._ring_no_more(transfer, user_id)
        self._changed()
        self._ring_waiting()

    def accept(self, handoff_id: str, user_id: str) -> bool:
        """An operator takes a call; False if somebody else has, or the caller has gone."""
        transfer, desk = self._transfers.get(handoff_id), self._desks.get(user_id)
        if transfer is None or desk is None or user_id not in transfer.rung or desk.call:
            return False
        for other in self.ringing_for(user_id):
            if other is not transfer:
                self._ring_no_more(other, user_id)
        self._accepted(transfer, desk)
        transfer.tell(OperatorAccepted())
        return True

    def take_over(
        self, request: RingRequest, user_id: str, tell: Tell
    ) -> SwitchboardTransfer | None:
        """An operator takes a call unasked; None if they are on another, or it has one."""
        desk = self._desks.get(user_id)
        taken = any(one.request.call_id == request.call_id for one in self._transfers.values())
        if desk is None or desk.call is not None or taken:
            return None
        transfer = self._new(request, tell)
        for other in self.ringing_for(user_id):
            self._ring_no_more(other, user_id)
        self._accepted(transfer, desk)
        return transfer

    def decline(self, handoff_id: str, user_id: str, why: str = "") -> None:
        """An operator does not want a call that rings."""
        transfer = self._transfers.get(handoff_id)
        if transfer is None or user_id not in transfer.rung:
            return
        transfer.declined.add(user_id)
        logger.info("a handoff was declined")
        note = Passage(datetime.now(UTC), transfer.record.state, user_id, why or "declined")
        transfer.record = transfer.record.noted(note)
        self._keep(transfer.record)
        self._ring_no_more(transfer, user_id)

    def connected(self, handoff_id: str, leg: Leg) -> bool:
        """The line of the operator who accepted carries sound; False if it is too late."""
        transfer = self._transfers.get(handoff_id)
        if transfer is None or transfer.record.state not in ("accepted", "connected"):
            return False
        self._stop_timer(transfer)
        transfer._leg = leg
        if transfer.record.state == "accepted":
            self._into(transfer, "connected")
        self._changed()
        transfer.tell(OperatorHere())
        return True

    def left(self, handoff_id: str, why: Leaving) -> None:
        """The operator's line has ended."""
        transfer = self._transfers.get(handoff_id)
        if transfer is None:
            return
        if transfer.record.state != "connected":
            self._lost_before(transfer)
            return
        if why == "lost":
            transfer._leg = None
            transfer.tell(OperatorAway())
            self._set_timer(transfer, self._limits.return_s, lambda: self._lost(transfer))
            self._changed()
            return
        self._over(transfer, "finished", why)
        transfer.tell(OperatorLeft(why))

    def _lost(self, transfer: SwitchboardTransfer) -> None:
        self._over(transfer, "failed", "lost")
        transfer.tell(OperatorLeft("lost"))

    # --- calls ----------------------------------------------------------------------------------

    def reachable(self, client: str) -> bool:
        """Whether somebody of the client's is there, free or on a call."""
        return any(d.is_there and d.operator.answers_for(client) for d in self._desks.values())

    def ring(self, request: RingRequest, tell: Tell) -> SwitchboardTransfer | None:
        """Ring operators for a call; None if nobody is there."""
        if not self.reachable(request.client):
            return None
        transfer = self._new(request, tell)
        transfer.queued_at = asyncio.get_running_loop().time()
        self._ring(transfer)
        return transfer

    def abandon(self, transfer: SwitchboardTransfer, why: GivingUp) -> None:
        """The caller has gone, or waits no longer."""
        if transfer.record.is_over:
            return
        leg = transfer._leg
        talked = transfer.record.state == "connected"
        self._over(transfer, "finished" if talked else "abandoned", why)
        if leg is not None:
            leg.close(why)

    def set_ringing(self, client: str, how: Ringing) -> None:
        """Have a client's operators rung all together, or one in turn, from the next call on."""
        self._ringing[client] = how

    # --- ringing --------------------------------------------------------------------------------

    def _new(self, request: RingRequest, tell: Tell) -> SwitchboardTransfer:
        first = Passage(datetime.now(UTC), "requested")
        record = HandoffRecord(
            uuid.uuid4().hex[:12], request.client, request.call_id, request.ticket_id, (first,)
        )
        transfer = SwitchboardTransfer(self, request, record, tell)
        self._transfers[record.handoff_id] = transfer
        self._keep(record)
        return transfer

    def _ring(self, transfer: SwitchboardTransfer) -> None:
        """Ring whoever is free for it; else it waits its turn."""
        client = transfer.request.client
        free = [
            desk for desk in self._desks.values()
            if desk.is_free and desk.operator.answers_for(client)
            and desk.operator.user_id not in {*transfer.declined, *transfer.tried}
            and not self.ringing_for(desk.operator.user_id)
        ]  # fmt: skip
        if not free:
            self._wait(transfer)
            return
        in_turn = self._ringing.get(client) == "in_turn"
        if in_turn:
            free = [min(free, key=lambda desk: desk.asked_at)]
        loop = asyncio.get_running_loop()
        for desk in free:
            desk.asked_at = loop.time()
            transfer.rung.add(desk.operator.user_id)
            transfer.tried.append(desk.operator.user_id)
        if transfer.record.state != "ringing":
            self._into(transfer, "ringing")
        else:
            self._changed()
        transfer.before = -1
        limit_s = self._limits.each_s if in_turn else self._limits.together_s
        self._set_timer(transfer, limit_s, lambda: self._unanswered(transfer))

    def _wait(self, transfer: SwitchboardTransfer) -> None:
        """Nobody is free for it: wait for one who is on a call, if there is one."""
        client = transfer.request.client
        there = [
            desk for desk in self._desks.values()
            if desk.is_there and desk.operator.answers_for(client)
            and desk.operator.user_id not in transfer.declined
            and (desk.call is not None or self._rings_elsewhere(desk, transfer))
        ]  # fmt: skip
        loop = asyncio.get_running_loop()
        left_s = transfer.queued_at + self._limits.queue_s - loop.time()
        if not there or left_s <= 0:
            declined = bool(transfer.declined) and transfer.declined >= set(transfer.tried)
            self._nobody(transfer, "declined" if declined else "no_answer")
            return
        if transfer.record.state == "ringing":
            self._into(transfer, "requested")
        self._set_timer(transfer, left_s, lambda: self._nobody(transfer, "no_answer"))
        self._tell_places()

    def _rings_elsewhere(self, desk: Desk, transfer: SwitchboardTransfer) -> bool:
        return any(one is not transfer for one in self.ringing_for(desk.operator.user_id))

    def _ring_waiting(self) -> None:
        """Somebody has become free: ring for those who wait, the urgent and the oldest first."""
        waiting = [t for t in self._transfers.values() if t.record.state == "requested"]
        for transfer in sorted(waiting, key=lambda t: t.request.urgency != "urgent"):
            if not transfer.rung:
                transfer.tried.clear()
                self._ring(transfer)
        # Whoever has just come is rung for a call that rings others already.
        for transfer in self._transfers.values():
            together = self._ringing.get(transfer.request.client) != "in_turn"
            if transfer.record.state != "ringing" or not together:
                continue
            for desk in self._desks.values():
                user_id = desk.operator.user_id
                fresh = user_id not in {*transfer.tried, *transfer.declined}
                if (
                    fresh and desk.is_free and desk.operator.answers_for(transfer.request.client)
                    and not self.ringing_for(user_id)
                ):  # fmt: skip
                    transfer.rung.add(user_id)
                    transfer.tried.append(user_id)
        self._changed()
        self._tell_places()

    def _tell_places(self) -> None:
        """Tell those who wait how many are before them, where that has changed."""
        before: dict[str, int] = {}
        for transfer in self._transfers.values():
            if transfer.record.state != "requested" or transfer.rung:
                continue
            place = before.get(transfer.request.client, 0)
            before[transfer.request.client] = place + 1
            if place != transfer.before:
                transfer.before = place
                transfer.tell(Queued(place))

    def _ring_no_more(self, transfer: SwitchboardTransfer, user_id: str) -> None:
        """One operator's console falls silent; the next is rung if it was the last."""
        transfer.rung.discard(user_id)
        if not transfer.rung and transfer.record.state == "ringing":
            self._stop_timer(transfer)
            self._ring(transfer)
        self._changed()

    def _unanswered(self, transfer: SwitchboardTransfer) -> None:
        """Nobody who was rung has answered in time."""
        transfer.rung.clear()
        self._ring(transfer)
        self._ring_waiting()

    def _accepted(self, transfer: SwitchboardTransfer, desk: Desk) -> None:
        transfer.rung.clear()
        transfer.desk, desk.call = desk, transfer.handoff_id
        self._into(transfer, "accepted", desk.operator.user_id)
        self._set_timer(transfer, self._limits.connect_s, lambda: self._lost_before(transfer))
        self._ring_waiting()

    def _lost_before(self, transfer: SwitchboardTransfer) -> None:
        """The operator who accepted did not come: ring for another."""
        self._stop_timer(transfer)
        self._free(transfer)
        transfer._leg = None
        if transfer.request.ticket_id is None:  # they had come unasked
            self._nobody(transfer, "failed")
            return
        self._into(transfer, "requested", why="no line")
        self._ring(transfer)

    def _nobody(self, transfer: SwitchboardTransfer, why: Unanswered) -> None:
        ends: dict[Unanswered, HandoffState] = {"declined": "declined", "failed": "failed"}
        self._over(transfer, ends.get(why, "no_answer"), why)
        transfer.tell(NoOperator(why))

    # --- bookkeeping ----------------------------------------------------------------------------

    def _into(
        self, transfer: SwitchboardTransfer, state: HandoffState, who: str | None = None,
        why: str = "",
    ) -> None:  # fmt: skip
        transfer.record = transfer.record.into(Passage(datetime.now(UTC), state, who, why))
        self._keep(transfer.record)
        self._changed()

    def _over(self, transfer: SwitchboardTransfer, state: HandoffState, why: str) -> None:
        self._stop_timer(transfer)
        transfer.rung.clear()
        who = transfer.desk.operator.user_id if transfer.desk is not None else None
        del self._transfers[transfer.handoff_id]
        self._free(transfer)
        self._into(transfer, state, who, why)
        self._ring_waiting()

    def _free(self, transfer: SwitchboardTransfer) -> None:
        desk, transfer.desk = transfer.desk, None
        if desk is None:
            return
        desk.call = None

    def _set_timer(
        self, transfer: SwitchboardTransfer, after_s: float, then: Callable[[], None]
    ) -> None:
        self._stop_timer(transfer)
        transfer.timer = asyncio.get_running_loop().call_later(after_s, then)

    def _stop_timer(self, transfer: SwitchboardTransfer) -> None:
        if transfer.timer is not None:
            transfer.timer.cancel()
            transfer.timer = None

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()
