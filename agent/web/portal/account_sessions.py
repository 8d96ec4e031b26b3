"""Where somebody is signed in, and signing out there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from nicegui import ui

from agent.handoff.letters import ZONE
from agent.store.sessions import OpenSession
from agent.web.console.pieces import button, set_attributes
from agent.web.devices import is_local
from agent.web.portal.own import Own
from agent.web.portal.parts import Cell, panel, table
from agent.web.portal.words import moment, t


class SessionsPanel:
    """The panel as it stands open."""

    def __init__(self, own: Own) -> None:
        self._own = own
        self._list: ui.element | None = None

    async def make(self) -> None:
        """Put it into the page."""
        with panel(t("Où vous êtes connecté")):
            self._list = ui.element("div")
        await self.show()

    async def show(self) -> None:
        """Show them as they are."""
        own = self._own
        if self._list is None:
            return
        sessions = await asyncio.to_thread(
            own.house.sessions.list, own.user.id, datetime.now(UTC), here=own.token
        )
        self._list.clear()
        with self._list:
            headings = [t("Appareil"), t("Réseau"), t("Connecté"), t("Dernier usage"), ""]
            table(headings, [self._row(one) for one in sessions])
            if len(sessions) > 1:
                with ui.element("div").classes("actions"):
                    button(t("Déconnecter partout ailleurs"), own.guarded(self._close_others))

    def _row(self, one: OpenSession) -> list[Cell]:
        network = one.network or t("inconnu")
        if one.network and is_local(one.network):
            network = t("{network} (réseau local)", network=one.network)
        zone = str(ZONE)
        return [
            one.device or t("Appareil inconnu"),
            network,
            moment(one.created_at, zone),
            moment(one.used_at, zone),
            self._action(one),
        ]

    def _action(self, one: OpenSession) -> Cell:
        if one.here:
            return t("cette page")

        def made() -> None:
            name = one.device or t("Appareil inconnu")
            close: Callable[[], object] = lambda: self._close(one.id)  # noqa: E731
            shown = button(t("Déconnecter"), self._own.guarded(close), "danger")
            set_attributes(shown, aria_label=t("Déconnecter {name}", name=name))

        return made

    async def _close(self, session_id: str) -> None:
        own = self._own
        if await asyncio.to_thread(own.house.sessions.close_one, own.user.id, session_id):
            await own.note("account.session_closed")
        await self.show()

    async def _close_others(self) -> None:
        own = self._own
        await asyncio.to_thread(own.house.sessions.close_all, own.user.id, but=own.token)
        await own.note("account.sessions_closed")
        await self.show()
