"""The calls in progress as a list that is never made anew: only what has changed of it is sent.

All calls go through one event loop. Twenty rows made anew for five consoles, at each change of any
call, kept it from them for a tenth of a second (`permanence eval console-load`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from nicegui import ui

from agent.web.console.pieces import Words, set_attributes

NONE = "Aucun appel pour le moment."


@dataclass(frozen=True)
class Row:
    """A call in the list.

    Attributes:
        about: Whose it is, and how long it lasts.
        caller: Who calls.
        doing: What the agent does.
    """

    call_id: str
    about: str
    caller: str
    doing: str


class _Shown:
    """A row on the page."""

    def __init__(self, row: Row, choose: Callable[[], None]) -> None:
        self.button = ui.element("button").classes("live").on("click", choose, args=[])
        set_attributes(
            self.button, type="button", aria_pressed="false", data_keep=f"live-{row.call_id}"
        )
        with self.button:
            self._about = Words(row.about, classes="who")
            self._caller = Words(row.caller)
            self._doing = Words(row.doing, classes="doing")
        self._row = row
        self._chosen = False

    def show(self, row: Row, *, chosen: bool) -> None:
        """Change what is not so any more."""
        for words, before, now in (
            (self._about, self._row.about, row.about),
            (self._caller, self._row.caller, row.caller),
            (self._doing, self._row.doing, row.doing),
        ):
            if before != now:
                words.say(now)
        self._row = row
        if chosen != self._chosen:
            self._chosen = chosen
            self.button.classes(**{"add" if chosen else "remove": "chosen"})
            set_attributes(self.button, aria_pressed=str(chosen).lower())
            self.button.update()


class CallList:
    """The list on one page."""

    def __init__(self, choose: Callable[[str], None]) -> None:
        """Args:
        choose: Told which call is clicked on, by its identifier.
        """
        self._choose = choose
        self._shown: dict[str, _Shown] = {}

    def build(self) -> None:
        """Make it, with no call yet."""
        ui.label("Appels en cours").classes("heading").props('role="heading" aria-level="2"')
        self._none = Words(NONE, classes="none")
        self._rows = ui.element("div").classes("rows")

    def show(self, rows: Sequence[Row], chosen: str | None) -> None:
        """Show these calls, the oldest first, one of them as the one that is chosen."""
        for call_id in self._shown.keys() - {row.call_id for row in rows}:
            self._shown.pop(call_id).button.delete()
        for row in rows:
            if row.call_id not in self._shown:
                with self._rows:
                    self._shown[row.call_id] = _Shown(row, partial(self._choose, row.call_id))
            self._shown[row.call_id].show(row, chosen=row.call_id == chosen)
        if self._none.visible == bool(rows):
            self._none.set_visibility(not rows)
