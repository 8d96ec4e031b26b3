"""The page « Essayer »: ask as a caller would, see and hear what would be said, and keep it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import PermanenceError
from agent.store.test_questions import LONGEST_QUESTION, NewQuestion, Place
from agent.web.console.pieces import Words, button, set_attributes
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.listening import listening_address
from agent.web.portal.parts import Field, notice, panel
from agent.web.portal.trying.files import picture_address
from agent.web.portal.trying.kept import kept_panel
from agent.web.portal.trying.told import Told, place_words, told
from agent.web.portal.words import percent, t
from knowledge.answer import Answer, Inquiry
from knowledge.errors import IndexMissingError
from voices.pronunciations import pronouncer

OTHERS_SHOWN = 3


@ui.page(f"{PATH}/{{slug}}/essayer", title="permanence")
async def trying_page(request: Request, slug: str) -> Response | None:
    """A question, its answer, the test questions."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    ui.add_body_html('<script type="module" src="/static/speak.js"></script>')
    with framed(visit, "essayer"):
        said = request.query_params.get("dit", "")[:300]
        if said:
            notice(said)
        trial = Trial(visit)
        trial.show()
        trial.kept = shown = kept_panel(visit, lambda: trial.draft)
        await shown()
    return None


class Trial:
    """The question that is tried, and what came of it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._answer: Answer | None = None
        self._asked = ""
        self.kept: Callable[[], Awaitable[None]] | None = None

    @property
    def draft(self) -> bool:
        """Whether the draft is asked."""
        return self._version.value == "draft"

    def show(self) -> None:
        """Make the panel, and room for what comes of it."""
        with panel(t("Poser une question comme un appelant")):
            self._question = Field(
                t("Votre question"), rows=2, maxlength=str(LONGEST_QUESTION),
                hint=t("Écrivez-la comme on la dirait au téléphone, ou dites-la avec le micro."),
            )  # fmt: skip
            self._question.element.classes("tried-question")
            self._version = Field(
                t("Interroger"), "service",
                options={"service": t("les manuels en service"), "draft": t("le brouillon")},
            )  # fmt: skip
            with ui.element("div").classes("actions"):
                button(t("Demander"), self._ask, "strong")
                speak = Words(t("Dire la question"), "button", "plain speak", type="button")
                set_attributes(
                    speak, aria_pressed="false", data_stop=t("Terminer"),
                    data_url=f"{self._visit.path('essayer')}/parole",
                    data_refused=t("Le micro n'est pas disponible : écrivez la question."),
                )  # fmt: skip
            self._trouble = Words("", "p", "trouble spoken-trouble", role="alert")
        self._shown = ui.element("div").classes("tried").props('aria-live="polite"')

    async def _ask(self) -> None:
        if not await self._visit.may_look():
            return
        self._asked = " ".join(self._question.value.split())
        self._shown.clear()
        if not any(map(str.isalnum, self._asked)):
            self._question.error(t("Écrivez la question comme un appelant la poserait."))
            return
        self._question.error()
        self._trouble.say(t("Je cherche…"))
        house, slug, draft = self._visit.house, self._visit.client.slug, self.draft
        inquiry = Inquiry(self._asked)
        try:
            self._answer = await asyncio.to_thread(house.test_questions.ask, slug, inquiry, draft)
            self._trouble.say("")
        except IndexMissingError:
            self._trouble.say(
                t("Il n'y a pas encore de manuel ici : déposez-en un à la page Manuels.")
            )
            return
        with self._shown, panel(t("Ce qui se passerait")):
            self._result(self._answer, told(self._answer), draft)

    def _result(self, answer: Answer, shown: Told, draft: bool) -> None:
        slug, client = self._visit.client.slug, self._visit.client
        notice(shown.sentence, shown.kind)
        if shown.sure:
            share = percent(answer.confidence)
            Words(t("Confiance : {share}, {word}.", share=share, word=shown.sure), "p", "sure")
        Words(t("Ce que l'appelant entendrait"), "h3")
        pronounce = pronouncer(client.said)
        with ui.element("ol").classes("heard"):
            for when, sentence in shown.heard:
                with ui.element("li"):
                    if when:
                        Words(when, "p", "hint")
                    Words(sentence, "p")
                    sound = ui.element("audio").props("controls preload=none")
                    set_attributes(
                        sound, src=listening_address(slug, pronounce(sentence)),
                        aria_label=t("Écouter cette phrase"),
                    )  # fmt: skip
        Words(t("Pourquoi"), "h3")
        with ui.element("ul"):
            for sign in shown.why:
                Words(sign, "li")
            for other in shown.others[:OTHERS_SHOWN]:
                where = place_words(other.manual, other.page)
                Words(t("Aussi regardé : {where}.", where=where), "li")
        if shown.best is not None:
            self._page(shown, draft)
        if self._visit.may_write:
            with ui.element("div").classes("actions"):
                button(t("Ajouter aux questions d'essai"), self._visit.guarded(self._add))
            self._added = notice("", "good")

    def _page(self, shown: Told, draft: bool) -> None:
        best = shown.best
        assert best is not None
        where = place_words(best.manual, best.page)
        Words(where, "h3")
        with ui.element("details"):
            Words(t("Le passage"), "summary")
            Words(best.text, "blockquote")
        if best.manual.casefold().endswith(".pdf"):  # of other files there is no picture
            source = picture_address(
                self._visit.client.slug, best.manual, best.page, best.text, draft=draft
            )
            picture = ui.element("img").classes("page-picture")
            set_attributes(picture, src=source, alt=where, loading="lazy")

    async def _add(self) -> None:
        """Keep the question with what it led to, to be corrected below."""
        answer = self._answer
        if answer is None:
            return
        best = told(answer).best
        expected = None if best is None else Place(best.manual, best.page)
        new = NewQuestion(self._asked, expected, answer.product or "")
        house, slug = self._visit.house, self._visit.client.slug
        try:
            await asyncio.to_thread(house.test_questions.add, slug, [new], self._visit.user.id)
        except PermanenceError as error:
            self._trouble.say(str(error))
            return
        await self._visit.note("test_question.added", self._asked)
        self._added.say(t("Ajoutée aux questions d'essai."))
        if self.kept is not None:
            await self.kept()
