"""The list of a client's manuals: files are sent, read, listed with who sent them, removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import PermanenceError
from agent.handoff.message import zone_of
from agent.store.manual_work import OPEN, Upload
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.manuals.looking import Line, View, look
from agent.web.portal.manuals.publishing import history_panel, publish_panel
from agent.web.portal.manuals.wording import (
    problems_of,
    product_said,
    share_of,
    state_said,
    upload_said,
)
from agent.web.portal.parts import notice, panel, table
from agent.web.portal.words import moment, t, tn
from knowledge.documents.kinds import EXTENSIONS
from knowledge.documents.limits import MAX_BYTES
from knowledge.errors import KnowledgeError

POLL_S = 0.4
"""How often an open page looks whether anything has changed: in memory, no query."""


def manual_path(visit: Visit, name: str, page: int | None = None) -> str:
    """Of a manual's own page."""
    asked = {"nom": name, **({} if page is None else {"page": str(page)})}
    return f"{visit.path('manuels/notice')}?{urlencode(asked)}"


@ui.page(f"{PATH}/{{slug}}/manuels", title="permanence")
async def manuals_page(request: Request, slug: str) -> Response | None:
    """The client's manuals."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with framed(visit, "manuels"):
        ui.add_body_html('<script type="module" src="/static/manuals.js"></script>')
        if visit.may_write:
            _drop_zone(visit)
        await _Manuals(visit).fill()
    return None


def _drop_zone(visit: Visit) -> None:
    """Where files are put; the script sends them one after the other."""
    with panel(t("Ajouter des manuels"), "sending") as zone:
        set_attributes(
            zone,
            data_to=visit.path("manuels/fichiers"),
            data_largest=str(MAX_BYTES),
            data_kinds=" ".join(EXTENSIONS),
            data_bad_kind=t("{name} n'est pas un manuel lisible ; fournissez un PDF, un DOCX, un "
                            "XLSX, un CSV, une page HTML, du Markdown ou du texte.",
                            name="{name}"),
            data_too_large=t("{name} dépasse {mega} Mo ; partagez-le en plusieurs fichiers.",
                             name="{name}", mega=MAX_BYTES // 1_000_000),
            data_cut=t("{name} n'est pas arrivé : vérifiez votre connexion, puis renvoyez-le.",
                       name="{name}"),
            data_sending=t("{name} : envoi", name="{name}"),
            data_hide=t("Fermer"),
        )  # fmt: skip
        with ui.element("div").classes("drop"):
            Words(t("Déposez des fichiers ici, ou"), "span")
            Words(t("Choisir des fichiers"), "label", "plain strong", for_="manual-files")
            set_attributes(
                ui.element("input"), id="manual-files", type="file", multiple="multiple",
                accept=",".join(EXTENSIONS),
            )  # fmt: skip
        Words(
            t("PDF, Word, Excel, CSV, HTML, Markdown ou texte, 200 Mo au plus. Un fichier du même "
              "nom remplace l'ancien. Rien ne change pour les appelants avant « Publier »."),
            "p", "hint",
        )  # fmt: skip
        set_attributes(ui.element("ul").classes("sent"), aria_live="polite")


class _Manuals:
    """What changes of the page, made again when it has."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._seen = -1
        self._bars: list[Callable[[], None]] = []
        self._shown = ui.element("div").classes("manuals")
        ui.timer(POLL_S, self._look)

    async def _look(self) -> None:
        visit = self._visit
        revision = visit.house.manuals.revision(visit.client.slug)
        if revision == self._seen:
            for show in self._bars:
                show()
            return
        if await visit.may_look():
            await self.fill()

    async def fill(self, said: str = "") -> None:
        """Read all anew and show it, with a sentence above."""
        visit = self._visit
        self._seen = visit.house.manuals.revision(visit.client.slug)
        try:
            view = await asyncio.to_thread(look, visit.house, visit.client.slug)
        except (KnowledgeError, PermanenceError) as error:
            view, trouble = None, str(error)
        self._shown.clear()
        self._bars = []
        with self._shown:
            if view is None:
                notice(trouble, "bad")
                return
            if said:
                notice(said, "good")
            self._uploads(view)
            publish_panel(visit, view, self.fill)
            self._table(view)
            history_panel(visit, view)

    # --- files that are on their way ----------------------------------------------------------

    def _uploads(self, view: View) -> None:
        if not view.uploads:
            return
        with panel(t("En préparation"), "uploads"), ui.element("ul"):
            for upload in view.uploads:
                with ui.element("li").classes(f"upload {upload.state}"):
                    Words(upload.file_name, "strong")
                    self._upload(upload)

    def _upload(self, upload: Upload) -> None:
        desk = self._visit.house.manuals
        said = Words(upload_said(upload, desk.step(upload.upload_id)), "span", "stage")
        if upload.state in OPEN:
            bar = ui.element("progress")
            set_attributes(bar, max="100", value="0", aria_label=upload.file_name)

            def show() -> None:
                step = desk.step(upload.upload_id)
                said.say(upload_said(upload, step))
                value = str(round(100 * share_of(step)))
                if bar.props.get("value") != value:
                    bar.props["value"] = value
                    bar.update()

            show()
            self._bars.append(show)
        else:
            said.classes("trouble")
        if self._visit.may_write:
            with ui.element("div").classes("actions"):
                if upload.state == "interrupted":
                    button(t("Réessayer"), self._then(desk.try_again, upload.upload_id))
                name = t("Annuler") if upload.state in OPEN else t("Retirer de la liste")
                button(name, self._then(desk.cancel, upload.upload_id),
                       aria_label=f"{name} : {upload.file_name}")  # fmt: skip

    # --- manuals ------------------------------------------------------------------------------

    def _table(self, view: View) -> None:
        with panel(t("Manuels"), "listed"):
            if not view.lines:
                Words(t("Aucun manuel pour l'instant : ajoutez-en un ci-dessus."), "p", "none")
                return
            headings = [t("Fichier"), t("Appareil"), t("Contenu"), t("État"), t("Envoyé")]
            if self._visit.may_write:
                headings.append(t("Actions"))
            table(headings, [self._cells(line) for line in view.lines])

    def _cells(self, line: Line) -> list[Any]:
        entry, visit = line.entry, self._visit

        def file() -> None:
            link(entry.file, manual_path(visit, entry.file))
            for sentence in problems_of(entry)[:3]:
                Words(sentence, "p", "problem")

        def content() -> None:
            Words(tn("{n} page", "{n} pages", entry.pages), "span", "part")
            Words(tn("{n} passage", "{n} passages", entry.passages), "span", "part")
            Words(tn("{n} code d'erreur", "{n} codes d'erreur", line.codes), "span", "part")

        def sent() -> None:
            Words(line.who, "span", "part")
            if line.at is not None:
                Words(moment(line.at, zone_of(visit.client.hours)), "span", "part")

        cells: list[Any] = [
            file, product_said(entry), content,
            lambda: Words(state_said(line.state), "span", f"badge {line.state}"), sent,
        ]  # fmt: skip
        if visit.may_write:
            cells.append(lambda: self._actions(line))
        return cells

    def _actions(self, line: Line) -> None:
        name, desk = line.entry.file, self._visit.house.manuals
        with ui.element("div").classes("actions"):
            if line.state in ("removed", "replaced", "corrected"):
                said = t("Remettre comme en service")
                button(said, self._then(desk.restore, name), aria_label=f"{said} : {name}")
            if line.state != "removed":
                said = t("Retirer")
                button(said, self._visit.guarded(lambda: self._remove(name)), "danger",
                       aria_label=f"{said} : {name}")  # fmt: skip

    async def _remove(self, name: str) -> None:
        question = t("Retirer {name} ? Les appelants n'auront plus de réponse de ce manuel dès que "
                     "vous publierez.", name=name)  # fmt: skip
        if await self._visit.confirmed(question, t("Retirer"), danger=True):
            await self._then(self._visit.house.manuals.remove, [name])()

    def _then(self, change: Callable[..., Any], *values: Any) -> Callable[[], Awaitable[None]]:
        """A handler that changes something in a thread and says what went wrong."""
        visit = self._visit

        async def run() -> None:
            try:
                await asyncio.to_thread(change, visit.client.slug, *values, visit.user)
            except (KnowledgeError, PermanenceError) as error:
                ui.notify(str(error), type="negative")
            await self._look()

        return visit.guarded(run)
