"""The page « Répondre »: an answer is written, listened to, and said to callers from then on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import PermanenceError
from agent.store.database import NotKeptError
from agent.store.faq import LONGEST_ANSWER, LONGEST_QUESTION, Faq, NewFaq
from agent.store.gap_groups import Group
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.pages import missing_page
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.gaps.page import HERE, appliances_of
from agent.web.portal.listening import listening_address
from agent.web.portal.parts import Field, notice, panel
from agent.web.portal.words import t
from knowledge.approved import parts_said
from knowledge.errors import KnowledgeError
from voices.pronunciations import pronouncer

NOT_THERE = "Cette question n'est plus dans la liste, ou cette réponse n'existe plus."


@ui.page(f"{PATH}/{{slug}}/questions/repondre", title="permanence")
async def answering_page(request: Request, slug: str) -> Response | None:
    """An answer to a group, a new one, or one that is changed."""
    visit = await visiting(request, slug, "manager")
    if isinstance(visit, Response):
        return visit
    asked = request.query_params
    house = visit.house
    group: Group | None = None
    faq: Faq | None = None
    if key := asked.get("groupe", ""):
        groups = await asyncio.to_thread(house.gaps.groups, slug)
        group = next((one for one in groups if one.key == key), None)
        if group is None:
            return missing_page(NOT_THERE)
    elif faq_id := asked.get("reponse", ""):
        answers = await asyncio.to_thread(house.approving.list, slug)
        faq = next((one for one in answers if one.faq_id == faq_id), None)
        if faq is None:
            return missing_page(NOT_THERE)
    with framed(visit, HERE, t("Répondre")):
        await _Form(visit, group, faq).show()
    return None


class _Form:
    def __init__(self, visit: Visit, group: Group | None, faq: Faq | None) -> None:
        self._visit, self._group, self._faq = visit, group, faq

    async def show(self) -> None:
        """The fields, what is heard, and the buttons."""
        new = self._begun()
        manuals = await asyncio.to_thread(
            self._visit.house.clients.manuals, self._visit.client.slug
        )
        kinds = dict.fromkeys([*(one.appliance for one in manuals), new.appliance])
        options = {"": t("tous les appareils"), **{kind: kind for kind in kinds if kind}}
        with panel(t("La réponse")):
            self._question = Field(
                t("La question, comme titre"), new.question, maxlength=str(LONGEST_QUESTION),
                hint=t("L'assistant la dit s'il veut être sûr : « Si je comprends bien, il s'agit "
                       "de ceci… »"),
            )  # fmt: skip
            self._answer = Field(
                t("Ce que l'appelant entendra"), new.answer, rows=5,
                maxlength=str(LONGEST_ANSWER),
                hint=t("Deux ou trois phrases courtes, comme au téléphone. Pas d'adresse internet. "
                       "{most} signes au plus.", most=LONGEST_ANSWER),
            )  # fmt: skip
            with ui.element("div").classes("actions"):
                button(t("Écouter"), self._listen)
            self._heard = ui.element("div").props('aria-live="polite"')
        with panel(t("À qui la dire")):
            self._appliance = Field(t("Appareil"), new.appliance, options=options)
            self._models = Field(
                t("Références, si elle ne vaut que pour elles"), ", ".join(new.models),
                hint=t("Séparées par des virgules : LV450, LV470. Vide : toutes."),
            )  # fmt: skip
            self._variants = Field(
                t("Façons de le demander, une par ligne"), "\n".join(new.variants), rows=8,
                hint=t("Les mots de vos appelants. Enlevez ce qui demande autre chose."),
            )  # fmt: skip
        self._trouble = notice("", "bad")
        with ui.element("div").classes("actions"):
            button(t("Publier la réponse"), self._visit.guarded(self._publish), "strong")
            link(t("Retour aux questions"), self._visit.path(HERE), "quiet")

    def _begun(self) -> NewFaq:
        """What stands in the fields at first."""
        if self._faq is not None:
            return self._faq.new
        if self._group is None:
            return NewFaq("", "")
        asked = tuple(dict.fromkeys(one.gap.asked for one in self._group.open))
        about = appliances_of(self._group)
        title = asked[0][:LONGEST_QUESTION]
        return NewFaq(title, "", asked, about[0] if len(about) == 1 else "")

    def _listen(self) -> None:
        self._heard.clear()
        pronounce = pronouncer(self._visit.client.said)
        with self._heard:
            for part in parts_said(self._answer.value):
                Words(part, "p")
                sound = ui.element("audio").props("controls preload=none")
                set_attributes(
                    sound, src=listening_address(self._visit.client.slug, pronounce(part)),
                    aria_label=t("Écouter cette phrase"),
                )  # fmt: skip

    async def _publish(self) -> None:
        new = NewFaq(
            self._question.value, self._answer.value,
            tuple(self._variants.value.splitlines()), self._appliance.value,
            tuple(self._models.value.split(",")),
        )  # fmt: skip
        house, slug, by = self._visit.house, self._visit.client.slug, self._visit.user.id
        self._trouble.say("")
        try:
            if self._faq is not None:
                act = partial(house.approving.change, slug, self._faq.faq_id, new, by)
            else:
                act = partial(house.approving.add, slug, new, by)
            made = await asyncio.to_thread(act)
        except (PermanenceError, KnowledgeError) as error:
            self._trouble.say(str(error))
            return
        if self._group is not None:
            keys = [one.key for one in self._group.open]
            with suppress(NotKeptError):  # the questions are not there any more: the answer is
                await asyncio.to_thread(house.gaps.settle, slug, keys, "answered", by)
        action = "answer.changed" if self._faq is not None else "answer.approved"
        await self._visit.note(action, made.new.question, number=made.number)
        ui.navigate.to(self._visit.path(HERE))
