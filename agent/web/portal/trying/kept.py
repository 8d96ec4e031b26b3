"""The client's test questions on the page: how the last check went, run, change, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from nicegui import ui

from agent.errors import PermanenceError
from agent.handoff.message import zone_of
from agent.store.test_questions import Checked, KeptQuestion, NewQuestion, Place
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import Visit
from agent.web.portal.parts import Cell, Field, notice, panel, table
from agent.web.portal.trying.told import decision_words, place_words
from agent.web.portal.words import moment, t
from knowledge.errors import IndexMissingError

Results = dict[str, tuple[datetime, Checked]]


@dataclass
class _Panel:
    visit: Visit
    draft: Callable[[], bool]
    room: ui.element
    trouble: Words

    async def show(self) -> None:
        """The questions as they are kept now."""
        house, slug = self.visit.house, self.visit.client.slug
        questions = await asyncio.to_thread(house.test_questions.list, slug)
        last = await asyncio.to_thread(partial(house.test_questions.last, slug, draft=self.draft()))
        names = {user.id: user.name for user in await asyncio.to_thread(house.users.list)}
        self.room.clear()
        with self.room:
            if not questions:
                Words(t("Aucune question d'essai : essayez une question, puis ajoutez-la."), "p")
                return
            headings = [t("Question"), t("Attendu"), t("Dernier résultat"), t("Ajoutée par")]
            rows: list[list[Cell]] = []
            for one in questions:
                row: list[Cell] = [
                    one.question, _expected(one), partial(self._result, last.get(one.question_id)),
                    names.get(one.added_by, "—"),
                ]  # fmt: skip
                if self.visit.may_write:
                    row.append(partial(self._actions, one))
                rows.append(row)
            if self.visit.may_write:
                headings.append(t("Modifier"))
            table(headings, rows, caption=t("Questions d'essai"))

    def _result(self, found: tuple[datetime, Checked] | None) -> None:
        if found is None:
            Words(t("pas encore vérifiée"), "span", "hint")
            return
        at, result = found
        zone = zone_of(self.visit.client.hours)
        Words(t("réussie") if result.passed else t("échouée"), "strong",
              "passed" if result.passed else "failed")  # fmt: skip
        what = decision_words(result.decision)
        if result.found is not None:
            what = f"{what} {place_words(result.found.manual, result.found.page)}"
        Words(f" {what}", "span")
        Words(moment(at, zone), "div", "hint")

    def _actions(self, one: KeptQuestion) -> None:
        with ui.element("div").classes("actions"):
            button(t("Modifier"), partial(self._change, one), "quiet",
                   aria_label=t("Modifier « {question} »", question=one.question))  # fmt: skip
            button(t("Supprimer"), self.visit.guarded(partial(self._remove, one)), "quiet",
                   aria_label=t("Supprimer « {question} »", question=one.question))  # fmt: skip

    async def _remove(self, one: KeptQuestion) -> None:
        if not await self.visit.confirmed(
            t("Supprimer la question « {question} » ?", question=one.question), t("Supprimer"),
            danger=True,
        ):  # fmt: skip
            return
        store, slug = self.visit.house.test_questions, self.visit.client.slug
        await self._done(partial(store.remove, slug, one.question_id), "test_question.removed", one)

    async def _change(self, one: KeptQuestion) -> None:
        with ui.dialog() as dialog, ui.element("div").classes("asked card"):
            set_attributes(dialog, aria_label=t("Modifier la question d'essai"))
            question = Field(t("Question"), one.question, rows=2)
            appliance = Field(t("Appareil, si l'assistant le demande"), one.appliance)
            expected = one.expected
            manual = Field(
                t("Manuel attendu (fichier)"), "" if expected is None else expected.manual,
                hint=t("Laissez vide s'il ne faut pas répondre."),
            )  # fmt: skip
            page = Field(t("Page"), "" if expected is None else str(expected.page), kind="number")
            with ui.element("div").classes("actions"):
                button(t("Annuler"), lambda: dialog.submit(False))
                button(t("Enregistrer"), lambda: dialog.submit(True), "strong")
        if await dialog:
            number = int(page.value) if page.value.isdecimal() else 0
            place = Place(manual.value, number) if manual.value.strip() else None
            new = NewQuestion(question.value, place, appliance.value)
            store, slug = self.visit.house.test_questions, self.visit.client.slug
            act = partial(store.change, slug, one.question_id, new)
            await self.visit.guarded(partial(self._done, act, "test_question.changed", one))()
        dialog.delete()

    async def _done(self, act: Callable[[], object], action: str, one: KeptQuestion) -> None:
        try:
            await asyncio.to_thread(act)
        except PermanenceError as error:
            self.trouble.say(str(error))
            return
        self.trouble.say("")
        await self.visit.note(action, one.question)
        await self.show()

    async def check(self) -> None:
        """Ask all of them, of what is chosen above."""
        store, slug = self.visit.house.test_questions, self.visit.client.slug
        self.trouble.say(t("Vérification en cours…"))
        draft, by = self.draft(), self.visit.user.id
        try:
            done = await asyncio.to_thread(partial(store.check, slug, draft, by=by))
        except IndexMissingError:
            self.trouble.say(
                t("Il n'y a pas encore de manuel ici : déposez-en un à la page Manuels.")
            )
            return
        await self.visit.note("test_questions.checked", count=len(done.results), failed=done.failed)
        passed = len(done.results) - done.failed
        self.trouble.say(
            t("Réussies : {passed}. Échouées : {failed}.", passed=passed, failed=done.failed)
        )
        await self.show()


def kept_panel(visit: Visit, draft: Callable[[], bool]) -> Callable[[], Awaitable[None]]:
    """Make the panel; returns what shows the questions in it.

    Args:
        visit: To the page.
        draft: Whether the draft is to be asked.
    """
    with panel(t("Questions d'essai")):
        Words(t("Elles sont vérifiées avant chaque publication de vos manuels."), "p")
        with ui.element("div").classes("actions"):
            check = ui.element("div")
            link(t("Télécharger (CSV)"), f"{visit.path('essayer')}/questions.csv", "quiet")
        trouble = notice("")
        made = _Panel(visit, draft, ui.element("div"), trouble)
        if visit.may_write:
            with check:
                button(t("Tout vérifier"), visit.guarded(made.check))
            _upload(visit)
    return made.show


def _upload(visit: Visit) -> None:
    with ui.element("form").classes("field import") as form:
        set_attributes(
            form, method="post", enctype="multipart/form-data",
            action=f"{visit.path('essayer')}/questions.csv",
        )  # fmt: skip
        Words(t("Ajouter depuis un tableau (CSV : Question ; Appareil ; Manuel ; Page)"), "label",
              for_="import")  # fmt: skip
        set_attributes(
            ui.element("input"), id="import", name="table", type="file", accept=".csv,text/csv",
            required="required",
        )  # fmt: skip
        with ui.element("div").classes("actions"):
            Words(t("Importer"), "button", "plain", type="submit")


def _expected(one: KeptQuestion) -> str:
    if one.expected is None:
        return t("ne pas répondre")
    where = place_words(one.expected.manual, one.expected.page)
    return f"{where} ({one.appliance})" if one.appliance else where
