"""A call's side of its operators: who is rung for it, and the line that is then joined to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agent.call.errands import Errands
from agent.call.handover import FarLeg, GivingUp, Tell, Transfer
from agent.call.joint import Joint
from agent.call.operator_leg import OperatorLeg
from agent.call.record import Turn


class Joining:
    """One operator at a time, for one call."""

    def __init__(self, joint: Joint, errands: Errands, words: Callable[[Turn], None]) -> None:
        """Nobody is rung yet.

        Args:
            joint: Where the caller's line is joined.
            errands: Of the call.
            words: Told of each turn of an operator who is on the call.
        """
        self._joint = joint
        self._errands = errands
        self._words = words
        self._transfer: Transfer | None = None
        self._is_far = False

    @property
    def is_far(self) -> bool:
        """Whether the two are joined outside this process."""
        return self._is_far

    @property
    def is_joined(self) -> bool:
        """Whether the caller and an operator hear one another."""
        return self._joint.is_joined or self._is_far

    def ring(self, tell: Tell, first_s: float = 0.0) -> bool:
        """Ring operators; returns whether there is anybody to ring."""
        self._transfer = self._errands.ring(tell, first_s)
        return self._transfer is not None

    def come(self, transfer: Transfer) -> bool:
        """An operator comes unasked; returns whether there is room for them: if not, they go."""
        if self._transfer is not None:
            transfer.give_up("callback")
            return False
        self._transfer = transfer
        return True

    def give_up(self, why: GivingUp) -> None:
        """Ring no more; the line of an operator who is on the call ends."""
        self.part()
        transfer, self._transfer = self._transfer, None
        if transfer is not None:
            transfer.give_up(why)

    async def join(self, heard: Callable[[], Awaitable[None]]) -> bool:
        """Join the operator's line; returns whether it is there.

        Args:
            heard: Returns once what is being said to the caller has been heard.
        """
        await heard()
        leg = self._transfer.leg if self._transfer is not None else None
        if isinstance(leg, FarLeg):
            self._is_far = await leg.take()
            return self._is_far
        if not isinstance(leg, OperatorLeg):
            return False  # gone meanwhile: `OperatorLeft` is on its way
        leg.words = lambda text: self._words(Turn("", said=text, by="operator"))
        leg.joint.join(self._joint)
        self._joint.join(leg.joint)
        return True

    def left(self) -> None:
        """The operator has gone, or none came."""
        self.part()
        self._transfer = None

    def part(self) -> None:
        """The caller hears the operator no more."""
        self._is_far = False
        self._joint.part()
