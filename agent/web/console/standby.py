"""Operators are rung on every page of the console: one who reads the history is still there."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack

from nicegui import ui
from nicegui.events import KeyEventArguments
from starlette.requests import Request

from agent.handoff.desks import Operator
from agent.handoff.transfer import SwitchboardTransfer
from agent.house import House
from agent.store.users import User
from agent.web.console.incoming import Incoming, letter_of

DESK = "/console/"
ELSEWHERE = "Répondez dans l'onglet « En direct », qui est déjà ouvert."

REFRESH_S = 0.2


def stand_by(request: Request, user: User) -> None:
    """Have the page that is being made keep its operator on the board, and show who rings."""
    Standby(request.state.house, request.state.standing, user).build()


class Standby:
    """Of one open page that is not the desk."""

    def __init__(self, house: House, standing: Counter[str], user: User) -> None:
        """Prepare.

        Args:
            house: Whose board it is.
            standing: How many such pages each user has open, for all of them to count.
            user: Whose page it is.
        """
        self._standing = standing
        self._accepted: SwitchboardTransfer | None = None
        self._dirty = True
        self._board = house.switchboard
        self._user = user
        self._incoming = Incoming(house, user, self._taken)
        self._watching = ExitStack()

    def build(self) -> None:
        """Make the place for who rings, and sign on."""
        user = self._user
        self._board.sign_on(Operator(user.id, user.name, user.clients, user.languages))
        self._standing[user.id] += 1
        ui.add_body_html('<script type="module" src="/static/headset.js"></script>')
        with ui.element("div").classes("ringing"):
            self._incoming.build()
        ui.keyboard(self._on_key, ignore=["input", "select", "textarea"])
        self._watching.enter_context(self._board.watched(self._touch))
        ui.timer(REFRESH_S, self._refresh)
        ui.context.client.on_delete(self._close)

    def _touch(self) -> None:
        self._dirty = True

    async def _refresh(self) -> None:
        self._go_to_desk()
        if not self._dirty:
            return
        self._dirty = False
        await self._incoming.show()

    def _taken(self, transfer: SwitchboardTransfer) -> None:
        if self._is_at_desk:
            ui.notify(ELSEWHERE, timeout=8000)
        self._accepted = transfer
        self._go_to_desk()

    def _go_to_desk(self) -> None:
        """Have the desk join the call that its operator has accepted: the one that is open, or one.

        The desk that was left for this page counts as open for a while.
        """
        transfer = self._accepted
        if transfer is None or transfer.leg is not None or transfer.record.is_over:
            self._accepted = None
        elif not self._is_at_desk:
            self._accepted = None
            ui.run_javascript(f"location.assign({json.dumps(DESK)})")

    @property
    def _is_at_desk(self) -> bool:
        mine = (d for d in self._board.desks() if d.operator.user_id == self._user.id)
        return any(desk.consoles > self._standing[self._user.id] for desk in mine)

    def _on_key(self, event: KeyEventArguments) -> None:
        self._incoming.press(letter_of(event))

    def _close(self) -> None:
        self._watching.close()
        self._standing[self._user.id] -= 1
        self._board.sign_off(self._user.id)
