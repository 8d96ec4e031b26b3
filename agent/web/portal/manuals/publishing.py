"""The draft of a client's manuals: what publishing it changes, its check, one click back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from agent.errors import PermanenceError
from agent.handoff.message import zone_of
from agent.store.manual_work import OPEN
from agent.store.test_questions import Check, KeptQuestion, Place
from agent.web.console.pieces import Words, button, link
from agent.web.portal.frame import Visit
from agent.web.portal.manuals.looking import View
from agent.web.portal.manuals.wording import difference_said
from agent.web.portal.parts import notice, panel, table
from agent.web.portal.words import moment, t, tn
from knowledge.errors import KnowledgeError

Refresh = Callable[[str], Awaitable[None]]
"""Shows the page anew, with a sentence (or "")."""

MOST_FAILED = 8
"""Test questions that are shown of those that fail."""


def publish_panel(visit: Visit, view: View, refresh: Refresh) -> None:
    """What is prepared, and the buttons that put it in service."""
    if not view.draft:
        _in_service(visit, view, refresh)
        return
    with panel(t("Brouillon à publier"), "draft"):
        said = difference_said(view.pending.as_json())
        with ui.element("ul").classes("difference"):
            for line in said or [t("Rien ne change pour les appelants.")]:
                Words(line, "li")
        if not visit.may_write:
            return
        if any(upload.state in OPEN for upload in view.uploads):
            Words(t("D'autres fichiers sont encore en préparation : ils ne seront pas publiés."),
                  "p", "hint")  # fmt: skip
        publishing = _Publishing(visit, view, refresh)
        with ui.element("div").classes("actions"):
            button(t("Publier…"), visit.guarded(publishing.check), "strong")
            link(t("Essayer le brouillon"), visit.path("essayer"))
            button(t("Abandonner le brouillon"), visit.guarded(publishing.discard), "danger")
        publishing.result = ui.element("div").classes("checked")


def _in_service(visit: Visit, view: View, refresh: Refresh) -> None:
    if not view.back or not visit.may_write:
        return

    async def back() -> None:
        question = t("Revenir à la version précédente ? Les appelants auront aussitôt les réponses "
                     "d'avant la dernière publication.")  # fmt: skip
        if await visit.confirmed(question, t("Revenir")):
            await _tried(lambda: visit.house.manuals.roll_back(visit.client.slug, visit.user))
            await refresh("")

    async def erase() -> None:
        question = t("Effacer la version précédente pour de bon ? Vous ne pourrez plus y revenir, "
                     "et rien n'en restera sur le serveur.")  # fmt: skip
        if await visit.confirmed(question, t("Effacer"), danger=True):
            await _tried(lambda: visit.house.manuals.erase_previous(visit.client.slug, visit.user))
            await refresh("")

    with panel(t("Version en service"), "draft"):
        Words(t("Tout ce qui est prêt est publié. La version précédente est gardée."), "p")
        with ui.element("div").classes("actions"):
            button(t("Revenir à la version précédente"), visit.guarded(back))
            button(t("Effacer la version précédente"), visit.guarded(erase), "danger")


class _Publishing:
    """From the first click to the second: the test questions are asked in between."""

    def __init__(self, visit: Visit, view: View, refresh: Refresh) -> None:
        self._visit, self._view, self._refresh = visit, view, refresh
        self.result: ui.element | None = None

    async def discard(self) -> None:
        """Drop the draft, once that is sure."""
        question = t("Abandonner le brouillon ? Les fichiers et les corrections qui ne sont pas "
                     "publiés seront perdus.")  # fmt: skip
        if await self._visit.confirmed(question, t("Abandonner"), danger=True):
            visit = self._visit
            await _tried(lambda: visit.house.manuals.discard(visit.client.slug, visit.user))
            await self._refresh("")

    async def check(self) -> None:
        """Ask the draft the client's test questions, and offer to publish."""
        if self.result is None:
            return
        visit, slug = self._visit, self._visit.client.slug
        self.result.clear()
        with self.result:
            told = notice(t("Vos questions d'essai sont posées au brouillon…"))

        def asked(done: int, total: int) -> None:
            self._asked = (done, total)

        self._asked = (0, 0)
        with self.result:
            timer = ui.timer(0.3, lambda: told.say(_progress(*self._asked)))
        check: Check | None = None
        kept: tuple[KeptQuestion, ...] = ()
        trouble = ""
        try:
            kept = await asyncio.to_thread(visit.house.test_questions.list, slug)
            if kept and self._view.pending.passages_after:
                check = await asyncio.to_thread(
                    lambda: visit.house.test_questions.check(
                        slug, True, by=visit.user.id, progress=asked
                    )
                )
        except (KnowledgeError, PermanenceError) as error:
            trouble = str(error)
        timer.deactivate()
        self.result.clear()
        with self.result:
            self._offer(check, kept, trouble)

    def _offer(self, check: Check | None, kept: tuple[KeptQuestion, ...], trouble: str) -> None:
        visit = self._visit
        if trouble:
            notice(trouble, "bad")
        elif not self._view.pending.passages_after:
            notice(t("Plus aucun manuel ne serait en service : tous les appelants seraient "
                     "transmis à vos conseillers."), "warn")  # fmt: skip
        elif check is None:
            notice(t("Vous n'avez pas encore de question d'essai : ajoutez-en depuis « Essayer » "
                     "pour que chaque version soit vérifiée."))  # fmt: skip
        elif check.failed:
            notice(
                tn("{n} question d'essai n'a plus la réponse attendue : regardez-la avant de "
                   "publier.", "{n} questions d'essai n'ont plus la réponse attendue : "
                   "regardez-les avant de publier.", check.failed), "warn",
            )  # fmt: skip
            _failed(check, {one.question_id: one for one in kept})
        else:
            notice(
                tn("{n} question d'essai : la réponse est celle attendue.",
                   "{n} questions d'essai : toutes les réponses sont celles attendues.",
                   len(check.results)), "good",
            )  # fmt: skip
        summary = (
            {} if check is None else {"asked": len(check.results), "failed": check.failed}
        )  # fmt: skip

        async def publish() -> None:
            done = await _tried(
                lambda: visit.house.manuals.publish(
                    visit.client.slug, visit.user, self._view.draft, summary
                )
            )
            said = t("C'est publié : les appelants ont les nouvelles réponses.")
            await self._refresh(said if done else "")

        with ui.element("div").classes("actions"):
            name = t("Publier quand même") if summary.get("failed") else t("Publier maintenant")
            button(name, visit.guarded(publish), "strong", autofocus="autofocus")


def _failed(check: Check, kept: Mapping[str, KeptQuestion]) -> None:
    rows = [
        [
            kept[one.question_id].question if one.question_id in kept else "",
            _place(kept[one.question_id].expected if one.question_id in kept else None),
            _place(one.found) if one.decision in ("answer", "confirm") else t("pas de réponse"),
        ]
        for one in check.results
        if not one.passed
    ]
    table([t("Question"), t("Attendu"), t("Trouvé")], rows[:MOST_FAILED])
    if len(rows) > MOST_FAILED:
        Words(t("et {n} autres", n=len(rows) - MOST_FAILED), "p", "hint")


def _place(place: Place | None) -> str:
    if place is None:
        return t("pas de réponse")
    return t("{manual}, page {page}", manual=place.manual, page=place.page)


def _progress(done: int, total: int) -> str:
    if not total:
        return t("Vos questions d'essai sont posées au brouillon…")
    return t("Question d'essai {done} sur {total}", done=done, total=total)


async def _tried(change: Callable[[], Any]) -> bool:
    """Do something in a thread; whether it was done, what went wrong is said."""
    try:
        await asyncio.to_thread(change)
    except (KnowledgeError, PermanenceError) as error:
        ui.notify(str(error), type="negative")
        return False
    return True


def history_panel(visit: Visit, view: View) -> None:
    """What was published, by whom and when."""
    if not view.history:
        return
    with panel(t("Historique"), "history"):
        rows: list[list[Any]] = []
        for one in view.history:
            said = difference_said(one.difference)

            def changes(said: list[str] = said) -> None:
                for line in said:
                    Words(line, "p")

            kind = t("Publié") if one.kind == "published" else t("Version précédente reprise")
            at = moment(one.at, zone_of(visit.client.hours))
            rows.append([at, kind, one.who, changes, _check_said(one.check)])
        table([t("Quand"), t("Quoi"), t("Qui"), t("Ce qui a changé"), t("Questions d'essai")], rows)


def _check_said(check: Mapping[str, Any]) -> str:
    if not check.get("asked"):
        return ""
    good = int(check["asked"]) - int(check["failed"])
    return t("{good} sur {asked} comme attendu", good=good, asked=check["asked"])
