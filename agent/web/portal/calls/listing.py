"""The list of a client's calls: a form to look for them, a page of lines."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import StoreError
from agent.handoff.message import zone_of
from agent.store.history import Found, PastCall
from agent.web.console.pieces import Words, link, set_attributes
from agent.web.console.telling import lasted
from agent.web.portal.calls.asked import LONGEST_TEXT, AskedCalls, SearchError
from agent.web.portal.calls.private import caller_of, question_of, sees_all
from agent.web.portal.dashboard.sheets import KINDS, kind_name
from agent.web.portal.frame import Visit, framed, visiting
from agent.web.portal.parts import Cell, notice, table
from agent.web.portal.words import moment, speaking, t

HERE = "appels"


@ui.page("/portail/{slug}/appels", title="Appels — permanence")
async def calls_page(request: Request, slug: str) -> Response | None:
    """The calls of a client that the address asks for."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    asked, zone = AskedCalls.of(request.query_params), zone_of(visit.client.hours)
    found, trouble = Found((), False), ""
    with speaking(visit.language):
        try:
            search = asked.search(visit.client.slug, zone, numbers=sees_all(visit.user))
            scope = (visit.client.slug,)
            found = await asyncio.to_thread(visit.house.history.search, search, scope)
        except SearchError as error:
            trouble = str(error)
        except StoreError:
            trouble = t("La base de données ne répond pas : réessayez dans un instant.")
    with framed(visit, HERE):
        _form(visit, asked, trouble)
        if trouble:
            return None
        if not found.calls:
            notice(t("Aucun appel ne répond à cette recherche."))
        else:
            _table(visit, found, zone)
        _pages(visit, asked, found)
    return None


def _form(visit: Visit, asked: AskedCalls, trouble: str) -> None:
    with ui.element("form").classes("fields search-calls") as form:
        set_attributes(form, method="get", action=visit.path(HERE), role="search")
        with _field("q", t("Mots de la conversation, numéro ou demande") if sees_all(visit.user)
                    else t("Mots de la conversation")):  # fmt: skip
            set_attributes(
                ui.element("input"), id="q", name="q", type="search", value=asked.q,
                maxlength=str(LONGEST_TEXT), autocomplete="off",
            )  # fmt: skip
        with _field("issue", t("Issue")), ui.element("select").props("id=issue name=issue"):
            kinds = [("", t("Toutes")), *((kind, kind_name(kind)) for kind in KINDS)]
            for value, name in kinds:
                option = Words(name, "option", value=value)
                if value == asked.issue:
                    option.props("selected")
        for name, label, value in (("du", t("Du"), asked.du), ("au", t("Au"), asked.au)):
            with _field(name, label):
                set_attributes(ui.element("input"), id=name, name=name, type="date", value=value)
        for name, value in asked.kept.items():
            set_attributes(ui.element("input"), type="hidden", name=name, value=value)
        with ui.element("div").classes("actions"):
            Words(t("Rechercher"), "button", "plain strong", type="submit")
            if not asked.is_empty:
                link(t("Effacer"), visit.path(HERE), "plain")
    Words(trouble, "p", "trouble", role="alert")
    if asked.kept and not trouble:
        Words(t("Seulement les appels comptés pour : {what}.", what=_kept(asked)), "p", "due")


def _kept(asked: AskedCalls) -> str:
    """What a figure counted, in words."""
    told = []
    if asked.appareil:
        told.append(t("appareil {name}", name=asked.appareil))
    if asked.code:
        told.append(t("code {name}", name=asked.code))
    if asked.manuel and asked.page:
        told.append(t("{manual}, page {page}", manual=asked.manuel, page=asked.page))
    elif asked.manuel:
        told.append(asked.manuel)
    if asked.note:
        told.append(t("note {mark} sur 5", mark=asked.note))
    if asked.danger:
        told.append(t("danger signalé"))
    return ", ".join(told)


def _field(name: str, label: str) -> ui.element:
    field = ui.element("div").classes("field")
    with field:
        Words(label, "label", _for=name)
    return field


def _table(visit: Visit, found: Found, zone: str) -> None:
    headings = (t("Quand"), t("Appelant"), t("A duré"), t("Issue"), t("Note"), t("Question"))
    with ui.element("div").classes("calls-list"):
        table(headings, [_line(visit, call, zone) for call in found.calls])


def _line(visit: Visit, call: PastCall, zone: str) -> tuple[Cell, ...]:
    record = call.record
    at, to = moment(record.started_at, zone), f"{visit.path(HERE)}/{record.call_id}"
    return (
        lambda: link(at, to),
        caller_of(record, visit.user),
        lasted(record, datetime.now(UTC)),
        kind_name(call.kind) if call.kind is not None else t("En cours"),
        str(record.satisfaction) if record.satisfaction is not None else "",
        question_of(call, visit.user),
    )


def _pages(visit: Visit, asked: AskedCalls, found: Found) -> None:
    if not (found.more or asked.suite):
        return
    with ui.element("nav").classes("actions") as nav:
        set_attributes(nav, aria_label=t("Pages de la liste"))
        if asked.suite:
            link(t("Appels les plus récents"), visit.path(HERE) + asked.address(), "plain")
        if found.more:
            last = found.calls[-1].record.call_id
            link(t("Appels plus anciens"), visit.path(HERE) + asked.address(last), "plain")
