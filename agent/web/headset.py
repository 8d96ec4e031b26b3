"""The operator's headset: the door of their line, and the owner of those that are joined."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from agent.call.handover import Leaving
from agent.call.operator_leg import OperatorLeg
from agent.handoff.transfer import SwitchboardTransfer
from agent.house import House
from agent.store.users import User
from agent.telephony.browser import BadOfferError, BrowserTransport
from agent.web.auth import require_user
from agent.web.phone import BAD_OFFER, read_offer

logger = logging.getLogger(__name__)

SILENT_S = 2.5
"""A headset that sends nothing for so long is gone: a caller waits at the other end."""

_OPERATOR = require_user("operator", "admin")

NOT_YOURS = "Cet appel n'est plus à prendre : un collègue l'a pris, ou le client a raccroché."


class Headsets:
    """Owns the operators' lines in progress: one task each, which outlives the request."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._running: set[asyncio.Task[None]] = set()
        self._legs: dict[str, OperatorLeg] = {}

    async def take(self, transfer: SwitchboardTransfer, sdp: str) -> str:
        """Take the line of the operator who has accepted; returns the answer to the offer.

        Raises:
            BadOfferError: The offer cannot be answered.
        """
        assert transfer.desk is not None, "the door has looked"
        user_id = transfer.desk.operator.user_id
        transport = await BrowserTransport.take(sdp, silent_s=SILENT_S)
        leg = OperatorLeg(
            transfer.request.call_id,
            transport.line(),
            self._house.services.transcriber,
            self._house.services.turns,
            here=lambda: self._here(transfer.handoff_id, user_id, leg),
        )
        before = self._legs.get(transfer.handoff_id)
        if before is not None:
            before.close("replaced")  # a page that was reloaded; its peer would stay a while
        self._legs[transfer.handoff_id] = leg
        task = asyncio.create_task(
            self._carry(transfer.handoff_id, user_id, leg, transport),
            name=f"headset {transfer.handoff_id}",
        )
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return transport.answer

    def leave(self, handoff_id: str, user_id: str, why: Leaving) -> None:
        """The operator ends the talk, or gives the caller back to the agent."""
        leg = self._legs.get(handoff_id)
        if leg is not None:
            leg.close(why)
        else:
            self._house.switchboard.left(handoff_id, user_id, why)

    async def close(self) -> None:
        """End every line."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _here(self, handoff_id: str, user_id: str, leg: OperatorLeg) -> None:
        if not self._house.switchboard.connected(handoff_id, user_id, leg):
            leg.close("late")

    async def _carry(
        self, handoff_id: str, user_id: str, leg: OperatorLeg, transport: BrowserTransport
    ) -> None:
        why: Leaving = "lost"
        try:
            try:
                ended = await leg.run()
                why = next((one for one in get_args(Leaving) if one == ended), why)
            finally:
                await transport.close()
        except Exception:
            logger.exception("an operator's line failed")
        finally:
            if self._legs.get(handoff_id) is leg:  # else a reloaded page has taken its place
                del self._legs[handoff_id]
                self._house.switchboard.left(handoff_id, user_id, why)


def headset_router(house: House, headsets: Headsets) -> APIRouter:
    """The door of the operators' lines."""
    router = APIRouter()

    @router.post("/api/casque/{handoff_id}/offer")
    async def offer(
        handoff_id: str, request: Request, user: Annotated[User, Depends(_OPERATOR)]
    ) -> Response:
        transfer = house.switchboard.transfer(handoff_id)
        if transfer is None or transfer.desk is None or transfer.desk.operator.user_id != user.id:
            return JSONResponse({"message": NOT_YOURS}, 409)
        try:
            sdp = await headsets.take(transfer, await read_offer(request))
        except BadOfferError as error:
            logger.info("an operator's offer was refused: %s", error)
            return JSONResponse({"message": BAD_OFFER}, 400)
        return JSONResponse({"sdp": sdp, "type": "answer"})

    return router
