"""Operators are rung on every page of the console: one who reads the history is still there."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from functools import partial

from nicegui import ui
from nicegui.events import KeyEventArguments
from starlette.requests import Request

from agent.handoff.desks import Operator
from agent.handoff.transfer import SwitchboardTransfer
from agent.house import House
from agent.store.users import User
from agent.web.console.pieces import Words, button
from agent.web.headset import NOT_YOURS

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
        self._house = house
        self._standing = standing
        self._shown: tuple[str, ...] = ()
        self._accepted: SwitchboardTransfer | None = None
        self._dirty = True
        self._board = house.switchboard
        self._user = user
        self._watching = ExitStack()

    def build(self) -> None:
        """Make the place for who rings, and sign on."""
        user = self._user
        self._board.sign_on(Operator(user.id, user.name, user.clients, user.languages))
        self._standing[user.id] += 1
        ui.add_body_html('<script type="module" src="/static/headset.js"></script>')
        with ui.element("div").classes("ringing"):
            self._ringing()
        ui.keyboard(self._on_key, ignore=["input", "select", "textarea"])
        self._watching.enter_context(self._board.watched(self._touch))
        ui.timer(REFRESH_S, self._refresh)
        ui.context.client.on_delete(self._close)

    def _touch(self) -> None:
        self._dirty = True

    def _refresh(self) -> None:
        self._go_to_desk()
        if not self._dirty:
            return
        self._dirty = False
        seen = tuple(one.handoff_id for one in self._board.ringing_for(self._user.id))
        if seen != self._shown:
            self._shown = seen
            self._ringing.refresh()
            ui.run_javascript(f"headset.ring({str(bool(seen)).lower()})")

    @ui.refreshable_method
    def _ringing(self) -> None:
        for transfer in self._board.ringing_for(self._user.id):
            request = transfer.request
            danger = " urgent" if request.urgency == "urgent" else ""
            with ui.element("div").classes(f"incoming{danger}").props('role="alert"'):
                brand = self._house.brands.get(request.client, request.client)
                Words(f"{brand} : un client attend", classes="who")
                Words(request.brief.line, classes="line")
                button("Accepter", partial(self._accept, transfer), "strong", "A")
                button("Refuser", partial(self._decline, transfer), "", "D")

    def _accept(self, transfer: SwitchboardTransfer) -> None:
        if not self._board.accept(transfer.handoff_id, self._user.id):
            ui.notify(NOT_YOURS)
            return
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

    def _decline(self, transfer: SwitchboardTransfer) -> None:
        self._board.decline(transfer.handoff_id, self._user.id)

    @property
    def _is_at_desk(self) -> bool:
        mine = (d for d in self._board.desks() if d.operator.user_id == self._user.id)
        return any(desk.consoles > self._standing[self._user.id] for desk in mine)

    def _on_key(self, event: KeyEventArguments) -> None:
        ringing = self._board.ringing_for(self._user.id)
        if not ringing or not event.action.keydown or event.action.repeat:
            return
        if event.modifiers.ctrl or event.modifiers.alt or event.modifiers.meta:
            return
        if str(event.key).casefold() == "a":
            self._accept(ringing[0])
        elif str(event.key).casefold() == "d":
            self._decline(ringing[0])

    def _close(self) -> None:
        self._watching.close()
        self._standing[self._user.id] -= 1
        self._board.sign_off(self._user.id)
