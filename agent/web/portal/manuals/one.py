"""One manual: what appliance it is about, the error codes found in it, its pages and passages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import PermanenceError
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.manual_files import shown_manual
from agent.web.pages import missing_page
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.manuals.listed import manual_path
from agent.web.portal.manuals.looking import codes_of, passages_on, state_of
from agent.web.portal.manuals.wording import kind_said, problems_of, state_said
from agent.web.portal.parts import Field, notice, panel, table
from agent.web.portal.words import t
from knowledge.code_edits import CodeEdit
from knowledge.draft import drafted
from knowledge.errors import KnowledgeError
from knowledge.hand_edits import ProductEdit
from knowledge.lifecycle import in_service
from knowledge.passages import Passage
from knowledge.products import Product
from knowledge.stored_passages import FoundCode
from knowledge.versions import ManualEntry

NO_MANUAL = "Ce manuel n'existe pas, ou n'existe plus."
LONGEST = 100
"""Characters of a value that is corrected by hand."""


@ui.page(f"{PATH}/{{slug}}/manuels/notice", title="permanence")
async def manual_page(
    request: Request, slug: str, nom: str = "", page: str = "1"
) -> Response | None:
    """A manual of the client's, as the draft has it."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    folder = visit.house.manuals.folder(slug)
    try:
        entry = await asyncio.to_thread(shown_manual, folder, nom)
        served = {m.file: m for m in await asyncio.to_thread(in_service, folder)}
        prepared = {m.file: m for m in await asyncio.to_thread(drafted, folder)}
    except KnowledgeError:
        return missing_page(NO_MANUAL)
    state = state_of(served.get(nom), prepared.get(nom))
    number = min(max(int(page), 1), entry.pages) if page.isascii() and page.isdigit() else 1
    codes = await asyncio.to_thread(codes_of, folder, entry)
    passages = await asyncio.to_thread(passages_on, folder, entry, number)
    writes = visit.may_write and state != "removed"
    with framed(visit, "manuels", entry.file):
        with ui.element("div").classes("actions"):
            link(t("Tous les manuels"), visit.path("manuels"))
            Words(state_said(state), "span", f"badge {state}")
        for sentence in problems_of(entry):
            notice(sentence, "warn")
        _Product(visit, entry, writes)
        _codes(visit, entry, codes, writes)
        _pages(visit, entry, number, passages, {one.passage.passage_id: one for one in codes})
    return None


class _Product:
    """The appliance, and its correction."""

    def __init__(self, visit: Visit, entry: ManualEntry, writes: bool) -> None:
        self._visit, self._entry = visit, entry
        product, read = entry.product, entry.found or entry.product
        with panel(t("Appareil"), "product"):
            if not writes:
                with ui.element("dl"):
                    for name, value in _values(product):
                        Words(name, "dt")
                        Words(value or "—", "dd")
                return
            with ui.element("div").classes("fields"):
                self._appliance = Field(
                    t("Type d'appareil"), product.appliance, maxlength=str(LONGEST),
                    hint=t("comme on le dit au téléphone : lave-linge, four"),
                )  # fmt: skip
                self._references = Field(
                    t("Références"), ", ".join(product.references),
                    hint=t("séparées par des virgules ; la première est celle qui est dite"),
                )  # fmt: skip
                self._brand = Field(t("Marque"), product.brand, maxlength=str(LONGEST))
            if entry.found is not None:
                said = ", ".join(value for _, value in _values(read) if value)
                Words(t("Lu dans le manuel : {product}", product=said), "p", "hint")
            with ui.element("div").classes("actions"):
                button(t("Enregistrer l'appareil"), visit.guarded(self._save), "strong")
                if entry.found is not None:
                    button(t("Reprendre ce qui a été lu"), visit.guarded(self._as_read))

    async def _save(self) -> None:
        appliance = " ".join(self._appliance.value.split()).lower()
        if not any(map(str.isalpha, appliance)) or len(appliance) > LONGEST:
            self._appliance.error(t("Dites quel appareil c'est, par exemple lave-linge."))
            return
        self._appliance.error()
        names = [" ".join(name.split()).upper() for name in self._references.value.split(",")]
        names = list(dict.fromkeys(name for name in names if name))
        if any(len(name) > 40 for name in names) or len(names) > 60:
            self._references.error(t("Séparez les références par des virgules : LV450, LV450X."))
            return
        self._references.error()
        brand = " ".join(self._brand.value.split())[:LONGEST]
        read = self._entry.found or self._entry.product
        edit = ProductEdit(appliance, tuple(names), brand)
        if edit.applied(read) == read:
            await self._as_read()
            return
        await _change(
            self._visit, self._visit.house.manuals.correct_product, self._entry.file, edit
        )

    async def _as_read(self) -> None:
        await _change(
            self._visit, self._visit.house.manuals.correct_product, self._entry.file, None
        )


def _values(product: Product) -> list[tuple[str, str]]:
    return [
        (t("Type d'appareil"), product.appliance),
        (t("Références"), ", ".join(product.references)),
        (t("Marque"), product.brand),
    ]


def _codes(visit: Visit, entry: ManualEntry, codes: Sequence[FoundCode], writes: bool) -> None:
    with panel(t("Codes d'erreur trouvés"), "codes"):
        if not codes:
            Words(t("Aucun code d'erreur n'a été trouvé dans ce manuel."), "p")
            return
        headings = [t("Code"), t("Signification"), t("Page"), *([t("Actions")] if writes else [])]
        table(headings, [_code_cells(visit, entry, code, writes) for code in codes])


def _code_cells(visit: Visit, entry: ManualEntry, code: FoundCode, writes: bool) -> list[Any]:
    read, shown = code.passage, code.shown

    def name() -> None:
        Words((shown or read).code, "span", "" if shown else "struck")
        if shown is None:
            Words(t("masqué"), "span", "badge removed")
        elif code.edit is not None:
            Words(t("corrigé, lu « {code} »", code=read.code), "span", "part")

    cells: list[Any] = [
        name, (shown or read).title,
        lambda: link(str(read.page), manual_path(visit, entry.file, read.page) + "#pages"),
    ]  # fmt: skip
    if writes:
        cells.append(lambda: _code_actions(visit, entry, code))
    return cells


def _code_actions(visit: Visit, entry: ManualEntry, code: FoundCode) -> None:
    read = code.passage
    plain = CodeEdit(read.code, read.title)
    desk = visit.house.manuals

    def put(edit: CodeEdit) -> Callable[[], Any]:
        return visit.guarded(lambda: _change(visit, desk.correct_code, entry.file, edit))

    def named(name: str) -> dict[str, str]:
        return {"aria_label": f"{name} : {read.code}"}

    with ui.element("div").classes("actions"):
        if code.edit is not None:
            said = t("Rétablir") if code.shown is None else t("Reprendre ce qui a été lu")
            button(said, put(plain), **named(said))
        if code.shown is not None:
            said = t("Corriger")
            button(said, visit.guarded(lambda: _correct(visit, entry, code)), **named(said))
            said = t("Masquer")
            hidden = CodeEdit(read.code, read.title, hidden=True)
            button(said, put(hidden), "danger", **named(said))


async def _correct(visit: Visit, entry: ManualEntry, code: FoundCode) -> None:
    """Ask for the right letters and the right meaning."""
    shown, read = code.shown or code.passage, code.passage
    with ui.dialog() as dialog, ui.element("div").classes("asked card"):
        set_attributes(dialog, aria_label=t("Corriger le code {code}", code=read.code))
        Words(t("Corriger le code {code}", code=read.code), "h2")
        letters = Field(t("Code"), shown.code, maxlength="40", autofocus="autofocus")
        meaning = Field(t("Signification"), shown.title, rows=2, maxlength="300")

        def done() -> None:
            if not letters.value.strip():
                letters.error(t("Écrivez le code comme l'appareil l'affiche."))
            elif not meaning.value.strip():
                meaning.error(t("Écrivez ce que le code veut dire."))
            else:
                dialog.submit(True)

        with ui.element("div").classes("actions"):
            button(t("Annuler"), lambda: dialog.submit(False))
            button(t("Enregistrer"), done, "strong")
    if await dialog and await visit.may_still():
        title = " ".join(meaning.value.split())[:300]
        edit = CodeEdit(
            read.code, read.title, new_code=" ".join(letters.value.split())[:40], new_title=title
        )
        await _change(visit, visit.house.manuals.correct_code, entry.file, edit)
    dialog.delete()


def _pages(
    visit: Visit, entry: ManualEntry, number: int, passages: Sequence[Passage],
    codes: dict[str, FoundCode],
) -> None:  # fmt: skip
    with panel(t("Pages"), "pages-panel") as made:
        set_attributes(made, id="pages")
        with ui.element("nav").classes("actions turning") as nav:
            set_attributes(nav, aria_label=t("Pages du manuel"))
            if number > 1:
                link(t("Page précédente"), manual_path(visit, entry.file, number - 1) + "#pages")
            Words(t("Page {page} sur {total}", page=number, total=entry.pages), "span")
            if number < entry.pages:
                link(t("Page suivante"), manual_path(visit, entry.file, number + 1) + "#pages")
            _go_to(visit, entry, number)
        with ui.element("div").classes("beside"):
            picture = None
            if entry.file.casefold().endswith(".pdf"):
                with ui.element("figure"):
                    picture = ui.element("img")
                    set_attributes(
                        picture, src=_picture(visit, entry, number), loading="lazy",
                        alt=t("Page {page} de {name}", page=number, name=entry.file),
                    )  # fmt: skip
            with ui.element("div").classes("passages"):
                if not passages:
                    Words(t("Rien n'a été lu sur cette page."), "p")
                for passage in passages:
                    _passage(visit, entry, passage, codes.get(passage.passage_id), picture)


def _go_to(visit: Visit, entry: ManualEntry, number: int) -> None:
    with ui.element("form").classes("go-to") as form:
        set_attributes(form, method="get", action=f"{visit.path('manuels/notice')}#pages")
        set_attributes(ui.element("input"), type="hidden", name="nom", value=entry.file)
        Words(t("Aller à la page"), "label", for_="go-to")
        set_attributes(
            ui.element("input"), id="go-to", type="number", name="page", min="1",
            max=str(entry.pages), value=str(number),
        )  # fmt: skip
        Words(t("Aller"), "button", "plain", type="submit")


def _passage(
    visit: Visit, entry: ManualEntry, passage: Passage, code: FoundCode | None,
    picture: ui.element | None,
) -> None:  # fmt: skip
    hidden = code is not None and code.shown is None
    shown = (code.shown if code is not None else None) or passage
    with ui.element("article").classes("passage" + " hidden-code" * hidden):
        with ui.element("p").classes("kind"):
            Words(kind_said(passage.kind), "span", "badge")
            if hidden:
                Words(t("masqué"), "span", "badge removed")
            if passage.language != "fr":
                Words(passage.language, "span", "badge")
        Words(" : ".join(part for part in (shown.code, shown.title) if part), "h3")
        Words(shown.text, "p")
        if picture is not None:
            target = picture

            def mark() -> None:
                source = _picture(visit, entry, passage.page, passage.passage_id)
                set_attributes(target, src=source)
                target.update()

            button(t("Montrer sur la page"), mark, "small")


def _picture(visit: Visit, entry: ManualEntry, page: int, passage: str = "") -> str:
    asked = {"nom": entry.file, "page": str(page), "v": entry.sha256[:8]}
    if passage:
        asked["passage"] = passage
    return f"{visit.path('manuels/page.png')}?{urlencode(asked)}"


async def _change(visit: Visit, change: Callable[..., Any], *values: Any) -> None:
    """Change something in a thread, then show the page anew; what goes wrong is said."""
    try:
        await asyncio.to_thread(change, visit.client.slug, *values, visit.user)
    except (KnowledgeError, PermanenceError) as error:
        ui.notify(str(error), type="negative")
        return
    ui.run_javascript("location.reload()")
