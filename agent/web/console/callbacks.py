"""The callbacks to make: a list in the order in which to call, and the chosen one beside it."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from nicegui import ui
from nicegui.events import KeyEventArguments
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import StoreError
from agent.house import House
from agent.store.users import User, may_see
from agent.web.console.callback_card import CallbackCard
from agent.web.console.callback_words import OVERDUE, CallbackRow, row_of
from agent.web.console.downloads import CSV_PATH
from agent.web.console.feed import CallbackFeed
from agent.web.console.frame import framed, missing, who
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.console.standby import stand_by

REFRESH_S = 0.2
"""How soon a page shows what is new."""

MOST_SHOWN = 100
"""Lines of the list; the others come up as these are done."""

Choice = Literal["all", "free", "mine"]
CHOICES: dict[Choice, str] = {"all": "Tous", "free": "À prendre", "mine": "À moi"}

NO_CALLBACK = "Cette demande n'existe pas, ou n'est pas celle d'un de vos clients."
NOTHING: dict[Choice, str] = {
    "all": "Aucun rappel à faire.",
    "free": "Aucun rappel à prendre.",
    "mine": "Vous n'avez pris aucun rappel.",
}
OLD = "La base de données ne répond pas : ce que vous voyez peut dater de quelques instants."


@ui.page("/console/rappels", title="Rappels — permanence")
async def callbacks_page(request: Request, demande: str = "") -> Response | None:
    """The callbacks; `demande` names the ticket to show first."""
    user = await who(request)
    if isinstance(user, Response):
        return user
    house: House = request.state.house
    feed: CallbackFeed = request.state.feed
    if demande and not await asyncio.to_thread(_is_seen, house, user, demande):
        return missing(NO_CALLBACK)
    await feed.fresh()
    with framed(user, "Rappels"):
        stand_by(request, user)
        page = CallbacksPage(house, feed, user, demande or None)
        await page.build()
    return None


class CallbacksPage:
    """One open page."""

    def __init__(self, house: House, feed: CallbackFeed, user: User, ticket_id: str | None) -> None:
        self._feed = feed
        self._user = user
        self._choice: Choice = "all"
        self._dirty = True
        self._shown: Any = None
        self._card = CallbackCard(house, feed, user)
        if ticket_id is not None:
            self._card.ticket_id = ticket_id
        self._watching = ExitStack()

    async def build(self) -> None:
        """Make the page and begin to watch."""
        rows = self._rows()
        if self._card.ticket_id is None and rows:
            self._card.ticket_id = rows[0].ticket_id
        with ui.element("div").classes("callbacks"):
            with ui.element("section").classes("list"):
                set_attributes(ui.context.slot.parent, aria_labelledby="list-title")
                self._head()
                self._list()
            await self._card.build()
        self._shown = self._seen()
        ui.keyboard(self._on_key, ignore=["input", "select", "textarea"])
        self._watching.enter_context(self._feed.watched(self._touch))
        ui.timer(REFRESH_S, self._refresh)
        ui.context.client.on_delete(self._watching.close)

    # --- what is shown --------------------------------------------------------------------------

    @ui.refreshable_method
    def _head(self) -> None:
        rows = self._all()
        counts = {choice: sum(_is_in(row, choice) for row in rows) for choice in CHOICES}
        with ui.element("div").classes("head"):
            Words("Rappels à faire", "h1", id="list-title")
            link("Exporter (CSV)", CSV_PATH, "quiet", download="")
        with ui.element("div").classes("choices"):
            set_attributes(ui.context.slot.parent, role="group", aria_label="Afficher")
            for choice, name in CHOICES.items():
                button(
                    f"{name} · {counts[choice]}", partial(self._select, choice),
                    aria_pressed=str(choice == self._choice).lower(), data_keep=f"choice-{choice}",
                )  # fmt: skip
        Words("" if self._feed.found.current else OLD, classes="trouble", role="alert")

    @ui.refreshable_method
    def _list(self) -> None:
        rows = self._rows()
        if not rows:
            Words(NOTHING[self._choice], "p", "none")
        several = len({row.brand for row in self._all()}) > 1
        with ui.element("ol").classes("rows"):
            for row in rows[:MOST_SHOWN]:
                self._line(row, several)
        if len(rows) > MOST_SHOWN:
            Words(f"… et {len(rows) - MOST_SHOWN} autres, moins pressés.", "p", "none")

    def _line(self, row: CallbackRow, several: bool) -> None:
        chosen = row.ticket_id == self._card.ticket_id
        marked = "urgent" if "URGENT" in row.marks else "late" if OVERDUE in row.marks else ""
        with ui.element("li"), ui.element("button") as line:
            line.classes(f"callback {marked} {'chosen' if chosen else ''}")
            set_attributes(
                line, type="button", aria_current=str(chosen).lower(),
                data_keep=f"row-{row.ticket_id}",
            )  # fmt: skip
            line.on("click", partial(self._choose, row.ticket_id), args=[])
            with ui.element("span").classes("top"):
                for mark in row.marks:
                    Words(mark, "span", "mark late" if mark == OVERDUE else "mark")
                Words(row.who, "span", "who")
                Words(row.due, "span", "due")
            Words(row.about, "span", "about")
            foot = f"{row.brand} · {row.state}" if several else row.state
            Words(foot, "span", "state")

    # --- what is done ---------------------------------------------------------------------------

    def _select(self, choice: Choice) -> None:
        self._choice = choice
        self._touch()

    async def _choose(self, ticket_id: str) -> None:
        await self._card.show(ticket_id)
        self._touch()
        await self._refresh()
        address = f"?demande={ticket_id}"
        ui.run_javascript(f"history.replaceState(null, '', {json.dumps(address)})")

    async def _on_key(self, event: KeyEventArguments) -> None:
        if not event.action.keydown or event.modifiers.ctrl or event.modifiers.alt:
            return
        if event.key.arrow_down or event.key.arrow_up:
            await self._step(1 if event.key.arrow_down else -1)
        elif not event.action.repeat and not event.modifiers.meta:
            await self._card.press(str(event.key).casefold())

    async def _step(self, by: int) -> None:
        """Go on to the next line, or back."""
        ids = [row.ticket_id for row in self._rows()[:MOST_SHOWN]]
        if not ids:
            return
        here = self._card.ticket_id
        at = ids.index(here) + by if here in ids else 0
        await self._choose(ids[min(max(at, 0), len(ids) - 1)])

    # --- watching -------------------------------------------------------------------------------

    def _touch(self) -> None:
        self._dirty = True

    async def _refresh(self) -> None:
        """Show what has changed since the last time."""
        if not self._dirty:
            return
        self._dirty = False
        seen = self._seen()
        if seen != self._shown:
            self._shown = seen
            self._head.refresh()
            self._list.refresh()
            ui.run_javascript(
                "document.querySelector('.callback.chosen')?.scrollIntoView({block: 'nearest'})"
            )
        await self._card.refresh()

    def _seen(self) -> tuple[object, ...]:
        """What the list shows."""
        return self._all(), self._choice, self._card.ticket_id, self._feed.found.current

    def _all(self) -> list[CallbackRow]:
        found, now = self._feed.found, datetime.now(UTC)
        return [row_of(one, self._user, found.names, now) for one in found.of(self._user)]

    def _rows(self) -> list[CallbackRow]:
        return [row for row in self._all() if _is_in(row, self._choice)]


def _is_in(row: CallbackRow, choice: Choice) -> bool:
    return choice == "all" or (row.free if choice == "free" else row.mine)


def _is_seen(house: House, user: User, ticket_id: str) -> bool:
    try:
        return may_see(user, house.tickets.get(ticket_id).client)
    except StoreError:
        return False
