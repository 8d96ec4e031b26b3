"""The dashboard's page: a form for the period, figures in brief, plots with their tables."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import StoreError
from agent.web.console.pieces import Words, link, set_attributes
from agent.web.portal.dashboard.period import LENGTHS, USUAL, Asked, Period, PeriodError
from agent.web.portal.dashboard.reading import Dashboard, read
from agent.web.portal.dashboard.sheets import (
    KINDS,
    Sheet,
    change_of,
    measures,
    period_name,
    shown_of,
)
from agent.web.portal.dashboard.tables import NONE, sheet_table, week_grid
from agent.web.portal.frame import Visit, framed, visiting
from agent.web.portal.parts import notice, panel
from agent.web.portal.words import t, tn

HERE = "tableau"
PLOTS = ("heures", "jours", "issues", "durees", "notes", "pages", "appareils", "codes")
"""In the order of the page."""

WIDE = ("heures", "jours")


@ui.page("/portail/{slug}/tableau", title="Tableau de bord — permanence")
async def dashboard_page(request: Request, slug: str) -> Response | None:
    """What a client's calls were in the period that the address asks for."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    asked, trouble = Asked.of(request.query_params), ""
    shown: Dashboard | None = None
    try:
        shown = await asyncio.to_thread(
            read, visit.house, visit.client, asked, datetime.now(UTC), visit.language
        )
    except PeriodError as error:
        trouble = str(error)
    except StoreError:
        trouble = UNREADABLE
    with framed(visit, HERE):
        _form(visit, asked, t("La base de données ne répond pas : réessayez dans un instant.")
              if trouble == UNREADABLE else trouble)  # fmt: skip
        if shown is not None:
            _figures(visit, asked, shown)
    return None


UNREADABLE = "unreadable"


def _form(visit: Visit, asked: Asked, trouble: str) -> None:
    here = visit.path(HERE)
    with ui.element("nav").classes("periods") as nav:
        set_attributes(nav, aria_label=t("Périodes"))
        by_dates = bool(asked.first or asked.last)
        for length in LENGTHS:
            to = f"{here}?{urlencode({'jours': length, 'face': asked.comparison})}"
            made = link(tn("{n} jour", "{n} jours", length), to, "plain")
            if not by_dates and (asked.length or str(USUAL)) == str(length):
                set_attributes(made, aria_current="true")
    with ui.element("details").classes("choose") as more:
        if trouble or by_dates or asked.comparison == "autre":
            more.props("open")
        Words(t("Autres dates et comparaison"), "summary")
        with ui.element("form").classes("fields") as form:
            set_attributes(form, method="get", action=here)
            if not by_dates:
                _hidden("jours", asked.length)
            _date("du", t("Du"), asked.first)
            _date("au", t("Au"), asked.last)
            with ui.element("div").classes("field"):
                Words(t("Comparer avec"), "label", _for="face")
                with ui.element("select").props("id=face name=face"):
                    for value, name in (
                        ("precedente", t("la période juste avant")),
                        ("annee", t("les mêmes semaines un an plus tôt")),
                        ("autre", t("les dates ci-contre")),
                        ("aucune", t("rien")),
                    ):
                        option = Words(name, "option", value=value)
                        if value == asked.comparison:
                            option.props("selected")
            _date("face_du", t("Comparer du"), asked.other_first)
            _date("face_au", t("Comparer au"), asked.other_last)
            with ui.element("div").classes("actions"):
                Words(t("Afficher"), "button", "plain strong", type="submit")
    Words(trouble, "p", "trouble", role="alert")


def _hidden(name: str, value: str) -> None:
    set_attributes(ui.element("input"), type="hidden", name=name, value=value)


def _date(name: str, label: str, value: str) -> None:
    with ui.element("div").classes("field"):
        Words(label, "label", _for=name)
        set_attributes(ui.element("input"), id=name, name=name, type="date", value=value)


def _figures(visit: Visit, asked: Asked, shown: Dashboard) -> None:
    now, before = shown.seen.now, shown.seen.before
    said = t("Période {period}.", period=period_name(now.period))
    if before is not None:
        said = t("Période {period}, comparée à celle {other}.",
                 period=period_name(now.period), other=period_name(before.period))  # fmt: skip
    with ui.element("div").classes("actions"):
        link(t("Tout télécharger (CSV)"), _file(visit, asked, "tout"), "plain")
        Words(t("Imprimer"), "button", "plain", type="button", data_print="")
    Words(said, "p", "due")
    _brief(visit, shown)
    if not now.figures.calls:
        notice(t("Aucun appel dans cette période : choisissez-en une plus longue."))
        return
    with ui.element("div").classes("plots"):
        for name in PLOTS:
            _plot(visit, asked, shown, name)
            if name == "heures":
                _week(visit, asked, shown)


def _brief(visit: Visit, shown: Dashboard) -> None:
    now, before = shown.seen.now.figures, shown.seen.before
    with ui.element("dl").classes("tiles"):
        for measure in measures(shown.seen.minutes_per_call):
            with ui.element("div"):
                Words(measure.name, "dt")
                Words(shown_of(measure, now) or NONE, "dd", "value")
                if before is not None:
                    was = shown_of(measure, before.figures) or NONE
                    changed = change_of(measure, now, before.figures)
                    told = t("avant : {value}", value=was)
                    Words(f"{told} ({changed})" if changed else told, "dd", "was")
    minutes = tn(
        "Temps épargné : compté à {n} minute par appel répondu.",
        "Temps épargné : compté à {n} minutes par appel répondu.",
        shown.seen.minutes_per_call,
    )
    with ui.element("p").classes("hint"):
        Words(f"{minutes} ", "span")
        if visit.may_write:
            link(t("Changer cette hypothèse"), visit.path("reglages/ligne"))
    if now.callbacks.waiting:
        waiting = tn("{n} rappel est encore dans les temps.", "{n} rappels sont encore dans les"
                     " temps.", now.callbacks.waiting)  # fmt: skip
        Words(waiting, "p", "hint")


def _plot(visit: Visit, asked: Asked, shown: Dashboard, name: str) -> None:
    sheet = shown.sheets[name]
    with panel(sheet.title, "plot-panel wide-panel" if name in WIDE else "plot-panel"):
        Words(sheet.summary, "p")
        if _is_empty(sheet):
            return
        plot = ui.echart(shown.charts[name], renderer="svg").classes("plot")
        set_attributes(plot, role="img", aria_label=f"{sheet.title}. {sheet.summary}")
        if name == "heures" and shown.seen.now.hours.staffed is not None:
            Words(t("Sur fond vert : les heures où l'équipe est là la plupart des jours ouvrés."),
                  "p", "hint")  # fmt: skip
        with ui.element("details"):
            Words(t("Voir en tableau"), "summary")
            sheet_table(sheet, _behind(visit, shown, name))
            link(t("Télécharger ce tableau (CSV)"), _file(visit, asked, name))


def _is_empty(sheet: Sheet) -> bool:
    """Whether nothing would be drawn."""
    return not any(cell for row in sheet.rows for cell in row[1:] if not isinstance(cell, str))


def _week(visit: Visit, asked: Asked, shown: Dashboard) -> None:
    sheet, hours = shown.sheets["semaine"], shown.seen.now.hours
    with panel(sheet.title, "plot-panel wide-panel"):
        if hours.staffed is not None:
            Words(t("Encadrées : les heures où l'équipe est là."), "p", "hint")
        week_grid(sheet, hours)
        link(t("Télécharger ce tableau (CSV)"), _file(visit, asked, "semaine"))


def _file(visit: Visit, asked: Asked, name: str) -> str:
    return f"{visit.path(HERE)}/{name}.csv{asked.address()}"


def _behind(visit: Visit, shown: Dashboard, name: str) -> dict[int, str]:
    """Where the rows of a table lead: to the calls that were counted."""
    period, figures = shown.seen.now.period, shown.seen.now.figures
    fields: list[dict[str, str]] = []
    match name:
        case "jours":
            days = shown.seen.now.days
            return {
                index: calls_path(visit, Period(day, day, period.zone), {})
                for index, day in enumerate(days)
                if days[day]
            }
        case "issues":
            fields = [{"issue": kind} for kind in KINDS]
        case "notes":
            fields = [{"note": str(mark)} for mark in (5, 4, 3, 2, 1)]
        case "appareils":
            fields = [{"appareil": product} for product, _ in figures.products]
        case "codes":
            fields = [{"code": code} for code, _ in figures.codes]
        case "pages":
            fields = [{"manuel": one.manual, "page": str(one.page)} for one in figures.pages]
    return {index: calls_path(visit, period, one) for index, one in enumerate(fields)}


def calls_path(visit: Visit, period: Period, fields: dict[str, str]) -> str:
    """The list of a period's calls that have something in common."""
    days = {"du": period.first.isoformat(), "au": period.last.isoformat()}
    return f"{visit.path('appels')}?{urlencode(fields | days)}"
