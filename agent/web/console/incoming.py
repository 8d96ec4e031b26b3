"""Who rings for an operator, on whatever page they are: shown, heard, taken or left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nicegui import ui
from nicegui.events import KeyEventArguments

from agent.handoff.transfer import SwitchboardTransfer
from agent.house import House
from agent.store.users import User
from agent.web.console.pieces import Words, button
from agent.web.headset import NOT_YOURS


def letter_of(event: KeyEventArguments) -> str:
    """The key that was just pressed by itself, in lower case; "" if it is no such event."""
    if not event.action.keydown or event.action.repeat:
        return ""
    held = event.modifiers
    return "" if held.ctrl or held.alt or held.meta else str(event.key).casefold()


class Incoming:
    """Of one open page."""

    def __init__(
        self, house: House, user: User, accepted: Callable[[SwitchboardTransfer], None]
    ) -> None:
        """Prepare.

        Args:
            house: Whose board it is.
            user: Whose page it is.
            accepted: Told of a call that they have taken.
        """
        self._house = house
        self._board = house.switchboard
        self._user = user
        self._accepted = accepted
        self._shown: tuple[str, ...] = ()

    def build(self) -> None:
        """Make the place for who rings."""
        self._cards()

    async def show(self) -> None:
        """Show and sound what has changed."""
        seen = tuple(one.handoff_id for one in self._board.ringing_for(self._user.id))
        if seen == self._shown:
            return
        self._shown = seen
        await self._cards.refresh()  # now: a task of its own would find the page closed
        ui.run_javascript(f"headset.ring({str(bool(seen)).lower()})")

    def press(self, letter: str) -> bool:
        """What a key does; returns whether it does anything here."""
        ringing = self._board.ringing_for(self._user.id)
        if not ringing or letter not in ("a", "d"):
            return False
        (self._accept if letter == "a" else self._decline)(ringing[0])
        return True

    @ui.refreshable_method
    def _cards(self) -> None:
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
        if self._board.accept(transfer.handoff_id, self._user.id):
            self._accepted(transfer)
        else:
            ui.notify(NOT_YOURS)

    def _decline(self, transfer: SwitchboardTransfer) -> None:
        self._board.decline(transfer.handoff_id, self._user.id)
