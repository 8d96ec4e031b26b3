"""« Bonne réponse », « La réponse était fausse »: on each turn of the agent's."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial

from nicegui import ui

from agent.call.record import Turn
from agent.errors import StoreError
from agent.house import House
from agent.store.database import NotKeptError
from agent.store.users import User
from agent.store.verdicts import (
    LONGEST_NOTE,
    NOT_YET,
    Opinion,
    Verdict,
    VerdictRefusedError,
)
from agent.web.console.feed import CallbackFeed
from agent.web.console.pieces import Words, button, set_attributes
from agent.web.console.when import when_said

logger = logging.getLogger(__name__)

OPINIONS: dict[Opinion, str] = {"good": "Bonne réponse", "wrong": "La réponse était fausse"}

NOT_KEPT = "La base de données ne répond pas : votre avis n'a pas été enregistré, réessayez."

JUDGED = ("answer", "confirm", "clarify", "handoff", "safety")
"""Decisions of turns that say something of the matter; the others are small talk."""


class Verdicts:
    """The verdicts on the call that an open page shows, and how they are given.

    Attributes:
        call_id: Of that call, "" for none.
    """

    def __init__(self, house: House, feed: CallbackFeed, user: User) -> None:
        self._house = house
        self._feed = feed
        self._user = user
        self._client = ""
        self.call_id = ""
        self._given: dict[int, Verdict] = {}
        self._noting: int | None = None
        self._places: dict[int, ui.element] = {}

    def build(self) -> None:
        """Make the dialog for notes; outside what is made again."""
        with ui.dialog() as self._dialog, ui.card().classes("note-card"):
            set_attributes(self._dialog, aria_label="Note sur la réponse")
            Words("Qu'est-ce qui était faux ?", "h2")
            self._note = ui.textarea("Note").props(f"outlined autogrow maxlength={LONGEST_NOTE}")
            self._note.props("autofocus")
            with ui.element("div").classes("actions"):
                button("Enregistrer", self._keep_note, "strong")
                button("Annuler", self._dialog.close)

    async def show(self, call_id: str, client: str) -> None:
        """Show those on a call."""
        self.call_id, self._client, self._given = call_id, client, {}
        self._places.clear()
        if call_id:
            await self.read()

    async def read(self) -> None:
        """Read them again; what cannot be read goes on being shown."""
        try:
            self._given = await asyncio.to_thread(self._house.verdicts.of_call, self.call_id)
        except StoreError:
            logger.exception("verdicts cannot be read")

    def bar(self, position: int, turn: Turn) -> None:
        """The buttons of a turn, if it is one to be judged."""
        if turn.by == "agent" and turn.said and turn.decision in JUDGED:
            self._bar(position)

    def _bar(self, position: int) -> None:
        with ui.element("div").classes("verdict") as place:
            set_attributes(place, role="group", aria_label="Votre avis sur cette réponse")
            self._places[position] = place
            self._buttons(position)

    def _buttons(self, position: int) -> None:
        given = self.of(position)
        for opinion, name in OPINIONS.items():
            pressed = given is not None and given.opinion == opinion
            button(
                f"✓ {name}" if pressed else name, partial(self.toggle, position, opinion),
                f"{opinion} pressed" if pressed else opinion,
                aria_pressed=str(pressed).lower(), data_keep=f"{opinion}-{position}",
            )  # fmt: skip
        if given is None:
            return
        if given.opinion == "wrong":
            name = "Modifier la note" if given.note else "Ajouter une note"
            button(name, partial(self.ask_note, position), "quiet", data_keep=f"note-{position}")
        names = self._feed.found.names
        at = when_said(given.given_at, datetime.now(UTC), names.zone(self._client))
        Words(f"{names.user(given.user_id)}, {at}", "span", "by")
        if given.note:
            Words(f"« {given.note} »", "p", "note")

    def of(self, position: int) -> Verdict | None:
        """What was given on a turn."""
        return self._given.get(position)

    async def toggle(self, position: int, opinion: Opinion) -> None:
        """Give a verdict, or take it back if it is that one already."""
        given = self.of(position)
        if given is not None and given.opinion == opinion:
            await self._change(position, None)
        else:
            await self._change(position, opinion)

    def ask_note(self, position: int) -> None:
        """Have a note written on a verdict."""
        given = self.of(position)
        self._noting = position
        self._note.value = given.note if given is not None else ""
        self._dialog.open()

    async def _keep_note(self) -> None:
        position = self._noting
        if position is not None and await self._change(position, "wrong", str(self._note.value)):
            self._dialog.close()

    async def _change(self, position: int, opinion: Opinion | None, note: str = "") -> bool:
        try:
            await asyncio.to_thread(self._write, position, opinion, note)
        except VerdictRefusedError as refused:
            ui.notify(str(refused), type="negative")
            return False
        except NotKeptError:
            ui.notify(NOT_YET, type="negative")
            return False
        except StoreError:
            logger.exception("a verdict could not be kept")
            ui.notify(NOT_KEPT, type="negative")
            return False
        await self.read()
        self._changed(position)
        return True

    def _changed(self, position: int) -> None:
        """Show a turn's verdict where it is shown now."""
        place = self._places.get(position)
        if place is not None and not place.is_deleted:
            place.clear()
            with place:
                self._buttons(position)

    def _write(self, position: int, opinion: Opinion | None, note: str) -> None:
        """In a thread."""
        store, scope = self._house.verdicts, self._user.clients
        if opinion is None:
            store.clear(self.call_id, position, clients=scope)
            return
        now = datetime.now(UTC)
        store.set(self.call_id, position, opinion, note, self._user.id, now, clients=scope)
