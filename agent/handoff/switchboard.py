"""Rings operators for calls: who is there, who is rung, who has accepted.

Used on the event loop only. What somebody does changes one handoff; `_settle` then rings for those
who wait, in one pass, so that no change is made within another. Each state is kept in
the order in which it came; nothing waits for that: a call must not stand still while a disk does.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from agent.call.handover import (
    GivingUp,
    Leaving,
    Leg,
    NoOperator,
    OperatorAccepted,
    OperatorAway,
    OperatorFree,
    OperatorHere,
    OperatorLeft,
    Queued,
    RingRequest,
    Tell,
    Unanswered,
)
from agent.handoff.desks import Desk, Operator, Ringing, RingLimits, Status
from agent.handoff.states import HandoffRecord, HandoffState, Passage
from agent.handoff.transfer import SwitchboardTransfer

logger = logging.getLogger(__name__)


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
        if desk.consoles == 0 and not desk.telephoned:
            if asyncio.get_running_loop().time() - desk.left_at > self._limits.away_s:
                desk.status = "break"
            self._can_be_rung(desk)
        desk.consoles += 1
        self._settle()
        return desk

    def sign_off(self, user_id: str) -> None:
        """A page of an operator has closed; with the last one they can be rung no more."""
        desk = self._desks.get(user_id)
        if desk is None or desk.consoles == 0:
            return
        desk.consoles -= 1
        if desk.consoles == 0:
            self._silence_unheard(desk)
            desk.left_at = asyncio.get_running_loop().time()
        self._settle()

    def telephone(self, operator: Operator, lines: frozenset[str]) -> None:
        """An operator is rung by telephone for callers on these kinds of lines; none: no more.

        Who had nothing to be rung by before is there, as nobody says otherwise.
        """
        desk = self._desks.setdefault(operator.user_id, Desk(operator))
        desk.operator = operator
        if lines and desk.consoles == 0 and not desk.telephoned:
            desk.status = "available"
        came = lines - desk.telephoned
        desk.telephoned = lines
        if came:
            self._can_be_rung(desk)
        self._silence_unheard(desk)
        self._settle()

    def set_status(self, user_id: str, status: Status) -> None:
        """An operator is there, or has a break."""
        desk = self._desks.get(user_id)
        if desk is None or desk.status == status:
            return
        desk.status = status
        if status == "available":
            self._can_be_rung(desk)
        else:
            self._silence(user_id)
        self._settle()

    def accept(self, handoff_id: str, user_id: str) -> bool:
        """An operator takes a call; False if somebody else has, or the caller has gone."""
        transfer, desk = self._transfers.get(handoff_id), self._desks.get(user_id)
        if transfer is None or desk is None or user_id not in transfer.rung or desk.call:
            return False
        self._accepted(transfer, desk)
        transfer.tell(OperatorAccepted())
        self._settle()
        return True

    def picked_up(self, handoff_id: str, user_id: str) -> None:
        """An operator hears on their telephone what a call is about: they have time to say yes."""
        transfer = self._transfers.get(handoff_id)
        if transfer is not None and user_id in transfer.rung:
            self._set_timer(transfer, self._limits.listen_s, lambda: self._unanswered(transfer))

    def take_over(
        self, request: RingRequest, user_id: str, tell: Tell
    ) -> SwitchboardTransfer | None:
        """An operator takes a call unasked; None if they are on another, or it has one."""
        desk = self._desks.get(user_id)
        taken = any(one.request.call_id == request.call_id for one in self._transfers.values())
        if desk is None or desk.consoles == 0 or desk.call is not None or taken:
            return None
        transfer = self._new(request, tell)
        self._accepted(transfer, desk)
        self._settle()
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
        transfer.rung.discard(user_id)
        self._settle()

    def cannot_be_had(
        self, handoff_id: str, user_id: str, why: str, *, is_console: bool = True
    ) -> None:
        """An operator's telephone is busy, away, or a voicemail: what else they have rings on.

        Args:
            is_console: It is one of their consoles: the exchange's is, a carrier's is not.
        """
        transfer, desk = self._transfers.get(handoff_id), self._desks.get(user_id)
        if transfer is None or desk is None or user_id not in transfer.rung:
            return
        if desk.consoles == int(is_console):  # the telephone is all that there is
            self.decline(handoff_id, user_id, why)
            return
        note = Passage(datetime.now(UTC), transfer.record.state, user_id, why)
        transfer.record = transfer.record.noted(note)
        self._keep(transfer.record)

    def connected(self, handoff_id: str, user_id: str, leg: Leg) -> bool:
        """The line of the operator who accepted carries sound; False if it is too late."""
        transfer = self._of(handoff_id, user_id)
        if transfer is None:
            return False
        self._stop_timer(transfer)
        transfer.line = leg
        if transfer.record.state == "accepted":
            self._into(transfer, "connected")
        transfer.tell(OperatorHere())
        self._changed()
        return True

    def left(self, handoff_id: str, user_id: str, why: Leaving, *, comes_back: bool = True) -> None:
        """An operator's line has ended; of one who no longer has the call nothing follows.

        Args:
            comes_back: A line that was lost may be back in a moment: a page that is reloaded.
        """
        transfer = self._of(handoff_id, user_id)
        if transfer is None:
            return
        if transfer.record.state != "connected":
            self._lost_before(transfer)
        elif why != "lost":
            self._over(transfer, "finished", why)
            transfer.tell(OperatorLeft(why))
            self._settle()
        elif not comes_back:
            transfer.tell(OperatorAway())
            self._lost(transfer)
        elif transfer.leg is not None:
            transfer.line, transfer.joining = None, False
            transfer.tell(OperatorAway())
            self._set_timer(transfer, self._limits.return_s, lambda: self._lost(transfer))
            self._changed()

    def _of(self, handoff_id: str, user_id: str) -> SwitchboardTransfer | None:
        """A handoff, if it is this operator who has it."""
        transfer = self._transfers.get(handoff_id)
        if transfer is None or transfer.desk is None:
            return None
        return transfer if transfer.desk.operator.user_id == user_id else None

    # --- calls ----------------------------------------------------------------------------------

    def reachable(self, client: str, line: str = "") -> bool:
        """Whether somebody of the client's is there for such a line, free or on a call."""
        desks = self._desks.values()
        return any(desk.is_there(line) and desk.operator.answers_for(client) for desk in desks)

    def free(self, client: str, line: str = "") -> int:
        """How many of the client's can be rung now; may be asked from any thread."""
        rung = {user_id for one in tuple(self._transfers.values()) for user_id in tuple(one.rung)}
        return sum(
            desk.is_free(line)
            and desk.operator.answers_for(client)
            and desk.operator.user_id not in rung
            for desk in tuple(self._desks.values())
        )

    def ring(self, request: RingRequest, tell: Tell) -> SwitchboardTransfer | None:
        """Ring operators for a call; None if nobody is there."""
        if not self.reachable(request.client, request.line):
            return None
        transfer = self._new(request, tell)
        self._settle()
        return transfer

    def abandon(self, transfer: SwitchboardTransfer, why: GivingUp) -> None:
        """The caller has gone, or waits no longer.

        Who loses the operator and then hangs up was not helped to the end: they are called back.
        """
        if transfer.record.is_over:
            return
        leg = transfer.leg
        talked = transfer.record.state == "connected" and leg is not None
        self._over(transfer, "finished" if talked else "abandoned", why)
        if leg is not None:
            leg.close(why)
        self._settle()

    def set_ringing(self, client: str, how: Ringing) -> None:
        """Have a client's operators rung all together, or one in turn, from the next call on."""
        self._ringing[client] = how

    # --- ringing --------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Ring for those who wait, the urgent and the oldest first, and tell who watches."""
        for transfer in self._in_order():
            if transfer.record.state == "requested" or self._rings_nowhere(transfer):
                self._ring(transfer)
            elif transfer.rung and self._ringing.get(transfer.request.client) != "in_turn":
                self._ring_at(transfer, self._best_for(transfer))  # who has just come
        self._tell_places()
        self._changed()

    def _in_order(self) -> list[SwitchboardTransfer]:
        return sorted(self._transfers.values(), key=lambda t: t.request.urgency != "urgent")

    def _rings_nowhere(self, transfer: SwitchboardTransfer) -> bool:
        return transfer.record.state == "ringing" and not transfer.rung

    def _free_for(self, transfer: SwitchboardTransfer) -> list[Desk]:
        return [
            desk for desk in self._desks.values()
            if desk.is_free(transfer.request.line)
            and desk.operator.answers_for(transfer.request.client)
            and desk.operator.user_id not in transfer.declined | transfer.tried
            and not self.ringing_for(desk.operator.user_id)
        ]  # fmt: skip

    def _best_for(self, transfer: SwitchboardTransfer) -> list[Desk]:
        """Of those who are free for it, who speaks the caller's language; the others if none does.

        While some who speak it are rung, the others are not.
        """
        free, language = self._free_for(transfer), transfer.request.language
        speakers = [desk for desk in free if desk.operator.speaks(language)]
        rung = (self._desks[user_id].operator for user_id in transfer.rung)
        return speakers if speakers or any(one.speaks(language) for one in rung) else free

    def _ring(self, transfer: SwitchboardTransfer) -> None:
        """Ring whoever is best for it; else it waits its turn."""
        free, best = self._free_for(transfer), self._best_for(transfer)
        if not free:
            self._wait(transfer)
            return
        in_turn = self._ringing.get(transfer.request.client) == "in_turn"
        if in_turn:
            best = [min(best, key=lambda desk: desk.asked_at)]
        others_follow = in_turn or len(best) < len(free)
        self._ring_at(transfer, best)
        if transfer.before >= 0:  # it was told to wait
            transfer.before = -1
            transfer.tell(OperatorFree())
        if transfer.record.state != "ringing":
            self._into(transfer, "ringing")
        limit_s = self._limits.each_s if others_follow else self._limits.together_s
        if transfer.request.ring_s is not None:
            waited_s = asyncio.get_running_loop().time() - transfer.queued_at
            limit_s = min(limit_s, max(0.0, transfer.request.ring_s - waited_s))
        self._set_timer(transfer, limit_s, lambda: self._unanswered(transfer))

    def _ring_at(self, transfer: SwitchboardTransfer, desks: Sequence[Desk]) -> None:
        for desk in desks:
            desk.asked_at = asyncio.get_running_loop().time()
            for those in (transfer.rung, transfer.tried, transfer.asked):
                those.add(desk.operator.user_id)

    def _wait(self, transfer: SwitchboardTransfer) -> None:
        """Nobody is free for it: wait for one who is on a call, if there is one."""
        there = [
            desk for desk in self._desks.values()
            if desk.is_there(transfer.request.line)
            and desk.operator.answers_for(transfer.request.client)
            and desk.operator.user_id not in transfer.declined
            and (desk.call is not None or self.ringing_for(desk.operator.user_id))
        ]  # fmt: skip
        left_s = transfer.queued_at + self._limits.queue_s - asyncio.get_running_loop().time()
        if not there or left_s <= 0 or transfer.request.ring_s is not None:
            all_declined = bool(transfer.declined) and transfer.declined >= transfer.asked
            self._nobody(transfer, "declined" if all_declined else "no_answer")
            return
        if transfer.record.state == "ringing":
            self._into(transfer, "requested")
        self._set_timer(transfer, left_s, lambda: self._waited(transfer))

    def _tell_places(self) -> None:
        """Tell those who wait how many are before them, where that has changed."""
        before: dict[str, int] = {}
        for transfer in self._in_order():
            if transfer.record.state != "requested":
                continue
            place = before.get(transfer.request.client, 0)
            before[transfer.request.client] = place + 1
            if place != transfer.before:
                transfer.before = place
                transfer.tell(Queued(place))

    def _silence(self, user_id: str) -> None:
        """One operator's console rings no more."""
        for transfer in self.ringing_for(user_id):
            transfer.rung.discard(user_id)

    def _silence_unheard(self, desk: Desk) -> None:
        """An operator who can no longer hear it is rung no more."""
        for transfer in self.ringing_for(desk.operator.user_id):
            if not desk.is_there(transfer.request.line):
                transfer.rung.discard(desk.operator.user_id)

    def _can_be_rung(self, desk: Desk) -> None:
        """An operator has become free, or has come: also for callers whom they let ring before."""
        for transfer in self._transfers.values():
            transfer.tried.discard(desk.operator.user_id)

    # --- what time brings -----------------------------------------------------------------------

    def _unanswered(self, transfer: SwitchboardTransfer) -> None:
        """Nobody who was rung has answered in time."""
        transfer.rung.clear()
        self._settle()

    def _waited(self, transfer: SwitchboardTransfer) -> None:
        """Nobody has become free in time."""
        self._nobody(transfer, "no_answer")
        self._settle()

    def _lost(self, transfer: SwitchboardTransfer) -> None:
        """The operator's line has not come back."""
        self._over(transfer, "failed", "lost")
        transfer.tell(OperatorLeft("lost"))
        self._settle()

    def _lost_before(self, transfer: SwitchboardTransfer) -> None:
        """The operator who accepted did not come: ring for another."""
        self._stop_timer(transfer)
        desk = self._leave_desk(transfer)
        if transfer.request.ticket_id is None:  # they had come unasked
            self._nobody(transfer, "failed")
        else:
            transfer.tried = {desk.operator.user_id} if desk is not None else set()
            self._into(transfer, "requested", why="no line")
        self._settle()

    # --- bookkeeping ----------------------------------------------------------------------------

    def _new(self, request: RingRequest, tell: Tell) -> SwitchboardTransfer:
        first = Passage(datetime.now(UTC), "requested")
        record = HandoffRecord(
            uuid.uuid4().hex[:12], request.client, request.call_id, request.ticket_id, (first,)
        )
        now = asyncio.get_running_loop().time()
        transfer = SwitchboardTransfer(request, record, tell, self.abandon, queued_at=now)
        self._transfers[record.handoff_id] = transfer
        self._keep(record)
        return transfer

    def _accepted(self, transfer: SwitchboardTransfer, desk: Desk) -> None:
        transfer.rung.clear()
        transfer.desk, desk.call = desk, transfer.handoff_id
        self._silence(desk.operator.user_id)
        self._into(transfer, "accepted", desk.operator.user_id)
        self._set_timer(transfer, self._limits.connect_s, lambda: self._lost_before(transfer))

    def _nobody(self, transfer: SwitchboardTransfer, why: Unanswered) -> None:
        ends: dict[Unanswered, HandoffState] = {"declined": "declined", "failed": "failed"}
        self._over(transfer, ends.get(why, "no_answer"), why)
        transfer.tell(NoOperator(why))

    def _over(self, transfer: SwitchboardTransfer, state: HandoffState, why: str) -> None:
        """It has come to an end; whoever calls this settles what follows."""
        self._stop_timer(transfer)
        transfer.rung.clear()
        del self._transfers[transfer.handoff_id]
        desk = self._leave_desk(transfer)
        self._into(transfer, state, desk.operator.user_id if desk is not None else None, why)

    def _leave_desk(self, transfer: SwitchboardTransfer) -> Desk | None:
        """The operator who has it is free again; returns their desk."""
        desk, transfer.desk, transfer.line = transfer.desk, None, None
        transfer.joining = False
        if desk is not None:
            desk.call = None
            self._can_be_rung(desk)
        return desk

    def _into(
        self, transfer: SwitchboardTransfer, state: HandoffState, who: str | None = None,
        why: str = "",
    ) -> None:  # fmt: skip
        transfer.record = transfer.record.into(Passage(datetime.now(UTC), state, who, why))
        self._keep(transfer.record)

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
