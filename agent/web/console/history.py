"""The calls that have been: a form to look for them, a page of lines."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.call.record import Outcome
from agent.errors import StoreError
from agent.house import House
from agent.store.history import Found, PastCall, Search
from agent.store.users import User, may_see
from agent.web.auth import NO_CLIENT
from agent.web.console.call_words import OUTCOMES, outcome_of
from agent.web.console.feed import CallbackFeed, Names
from agent.web.console.frame import framed, missing, who
from agent.web.console.pieces import Words, link, set_attributes
from agent.web.console.standby import stand_by
from agent.web.console.telling import caller_number_of, lasted, name_of
from agent.web.console.when import when_said

PATH = "/console/appels"
LONGEST_TEXT = 200

BAD_DATE = "Écrivez les dates comme 2026-11-27 : année, mois, jour."
BACKWARDS = "La date de début vient après la date de fin : échangez-les."
BAD_OUTCOME = "Cette issue n'existe pas : choisissez-en une dans la liste."
UNREADABLE = "La base de données ne répond pas : réessayez dans un instant."
NOTHING = "Aucun appel ne répond à cette recherche."
HEADINGS = ("Quand", "Client", "Appelant", "Durée", "Issue", "Question")
BRAND = "Client"
"""The heading that is left out where there is one client."""


@dataclass(frozen=True)
class Asked:
    """The fields of the form, as they were typed."""

    text: str = ""
    client: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""
    after: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """What a page's address asks for."""
        fields = ("q", "client", "issue", "du", "au", "suite")
        return cls(*(query.get(name, "").strip()[:LONGEST_TEXT] for name in fields))

    def search(self, zone: str) -> Search:
        """What is looked for; days are those of a zone.

        Raises:
            ValueError: A field cannot be so; a sentence in French.
        """
        since, until = _day(self.since), _day(self.until)
        if since is not None and until is not None and since > until:
            raise ValueError(BACKWARDS)
        outcome = next((one for one in get_args(Outcome) if one == self.outcome), None)
        if self.outcome and outcome is None:
            raise ValueError(BAD_OUTCOME)
        return Search(
            text=self.text,
            client=self.client or None,
            outcome=outcome,
            since=_begin(since, zone) if since is not None else None,
            until=_begin(until + timedelta(days=1), zone) if until is not None else None,
            after=self.after,
        )

    def address(self, after: str = "") -> str:
        """Of the same search, from another call on."""
        fields = {
            "q": self.text, "client": self.client, "issue": self.outcome,
            "du": self.since, "au": self.until, "suite": after,
        }  # fmt: skip
        given = urlencode({name: value for name, value in fields.items() if value})
        return f"{PATH}?{given}" if given else PATH

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not (self.text or self.client or self.outcome or self.since or self.until)


@ui.page("/console/appels", title="Historique — permanence")
async def history_page(request: Request) -> Response | None:
    """The calls of the user's clients that the address asks for."""
    user = await who(request)
    if isinstance(user, Response):
        return user
    house: House = request.state.house
    feed: CallbackFeed = request.state.feed
    asked = Asked.of(request.query_params)
    names = (await feed.fresh()).names
    if asked.client and not (may_see(user, asked.client) and asked.client in names.brands):
        return missing(NO_CLIENT)
    found, trouble = Found((), False), ""
    try:
        search = asked.search(names.zone(asked.client))
        found = await asyncio.to_thread(house.history.search, search, user.clients)
    except StoreError:
        trouble = UNREADABLE
    except ValueError as error:
        trouble = str(error)
    with framed(user, "Historique"):
        stand_by(request, user)
        with ui.element("div").classes("history"):
            Words("Historique des appels", "h1")
            _form(asked, user, names, trouble)
            if not trouble:
                _table(found, names, len(_brands(user, names)) > 1)
                _pages(asked, found)
    return None


def _form(asked: Asked, user: User, names: Names, trouble: str) -> None:
    brands = _brands(user, names)
    with ui.element("form").classes("search") as form:
        set_attributes(form, method="get", action=PATH, role="search")
        with _field("q", "Mots de la conversation, numéro ou demande", "wide"):
            set_attributes(
                ui.element("input"), id="q", name="q", type="search", value=asked.text,
                maxlength=str(LONGEST_TEXT), placeholder="code E20, 06 39 98 12 34, T-7F3K2Q",
                autocomplete="off",
            )  # fmt: skip
        if len(brands) > 1:
            _choice("client", "Client", {"": "Tous", **brands}, asked.client)
        _choice(
            "issue",
            "Issue",
            {"": "Toutes", **{str(one): name for one, name in OUTCOMES.items()}},
            asked.outcome,
        )
        for name, label, value in (("du", "Du", asked.since), ("au", "Au", asked.until)):
            with _field(name, label):
                set_attributes(
                    ui.element("input"), id=name, name=name, type="date",
                    value=value if _is_day(value) else "",
                )  # fmt: skip
        Words("Rechercher", "button", "plain strong", type="submit")
        if not asked.is_empty:
            link("Effacer", PATH, "quiet")
        Words(trouble, "p", "trouble", role="alert")


def _field(name: str, label: str, classes: str = "") -> ui.element:
    field = ui.element("div").classes(f"field {classes}")
    with field:
        Words(label, "label", _for=name)
    return field


def _choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> None:
    with _field(name, label), ui.element("select") as select:
        set_attributes(select, id=name, name=name)
        for value, text in options.items():
            option = Words(text, "option", value=value)
            if value == chosen:
                option.props("selected")


def _brands(user: User, names: Names) -> dict[str, str]:
    return {slug: name for slug, name in names.brands.items() if may_see(user, slug)}


def _table(found: Found, names: Names, several: bool) -> None:
    if not found.calls:
        Words(NOTHING, "p", "none", role="status")
        return
    with ui.element("table").classes("calls"):
        with ui.element("thead"), ui.element("tr"):
            for heading in HEADINGS:
                if several or heading != BRAND:
                    Words(heading, "th", scope="col")
        with ui.element("tbody"):
            for call in found.calls:
                _line(call, names, several)


def _line(call: PastCall, names: Names, several: bool) -> None:
    record, now = call.record, datetime.now(UTC)
    with ui.element("tr"):
        with ui.element("td"):
            at = when_said(record.started_at, now, names.zone(record.client))
            link(at, f"{PATH}/{record.call_id}", "open")
        if several:
            Words(names.brand(record.client), "td", "brand")
        with ui.element("td").classes("caller"):
            Words(name_of(record), "span", "name")
            Words(caller_number_of(record), "span", "number")
        Words(lasted(record, now), "td", "length")
        with ui.element("td").classes("outcome-cell"):
            Words(outcome_of(record), "span", f"outcome {record.outcome}")
            if call.ticket_id is not None:
                Words(call.ticket_id, "span", "state")
        Words(call.question, "td", "question")


def _pages(asked: Asked, found: Found) -> None:
    if not (found.more or asked.after):
        return
    with ui.element("nav").classes("pages") as nav:
        set_attributes(nav, aria_label="Pages de la liste")
        if asked.after:
            link("Appels les plus récents", asked.address(), "quiet")
        if found.more:
            link("Appels plus anciens", asked.address(found.calls[-1].record.call_id), "quiet")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(BAD_DATE) from error


def _is_day(text: str) -> bool:
    try:
        return _day(text) is not None
    except ValueError:
        return False


def _begin(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
