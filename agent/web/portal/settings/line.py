"""The line: its numbers, who answers first, the callers' language, the mark, what a call saves."""

from __future__ import annotations

import asyncio

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.store.clients import MOST_RINGS
from agent.store.numbers import NumberRefusedError, e164
from agent.web.console.pieces import Words, button
from agent.web.portal.frame import PATH, Visit, visiting
from agent.web.portal.parts import Field, confirmed, panel
from agent.web.portal.settings.saving import Saving, settings_page, values
from agent.web.portal.words import t


@ui.page(f"{PATH}/{{slug}}/reglages/ligne", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    numbers = await asyncio.to_thread(visit.house.numbers.of_client, slug)
    with settings_page(visit, "ligne", t("La ligne")):
        _Numbers(visit, numbers).build()
        with panel(t("La langue de la ligne")):
            Words(t("L'assistant comprend et parle le français seulement. À qui parle une autre"
                    " langue, il le dit en anglais et prend un numéro pour qu'un conseiller"
                    " rappelle."), "p")  # fmt: skip
        _Answering(visit).build()
        _After(visit).build()
    return None


def shown(number: str) -> str:
    """A number as it is dialled in France, by pairs; others as they are."""
    if not number.startswith("+33") or len(number) != 12:
        return number
    national = f"0{number[3:]}"
    return " ".join(national[at : at + 2] for at in range(0, 10, 2))


class _Numbers:
    """The numbers on which the client is called: the provider's to change."""

    def __init__(self, visit: Visit, numbers: tuple[str, ...]) -> None:
        self._visit, self._numbers = visit, numbers

    def build(self) -> None:
        admin = self._visit.user.role == "admin"
        with panel(t("Les numéros de la ligne")):
            self._list()
            if not admin:
                Words(
                    t("Votre prestataire les attribue : demandez-lui un changement."), "p", "hint"
                )
                return
            self._field = Field(
                t("Numéro à ajouter"), kind="tel", hint=t("Par exemple 01 99 00 12 34.")
            )
            with ui.element("div").classes("actions"):
                button(t("Ajouter"), self._visit.guarded(self._add), "strong")

    @ui.refreshable_method
    def _list(self) -> None:
        if not self._numbers:
            Words(t("Aucun numéro n'est encore relié à cette ligne ; elle répond déjà au téléphone"
                    " du navigateur."), "p")  # fmt: skip
            return
        with ui.element("ul").classes("plain-list"):
            for one in self._numbers:
                with ui.element("li"):
                    Words(shown(one), "strong")
                    if self._visit.user.role == "admin":
                        button(
                            t("Retirer"), self._visit.guarded(lambda one=one: self._drop(one)),
                            "small danger", aria_label=t("Retirer le {number}", number=shown(one)),
                        )  # fmt: skip

    async def _may(self) -> bool:
        user = await self._visit.now()
        return user is not None and user.role == "admin"

    async def _add(self) -> None:
        if not await self._may():
            return
        house, slug = self._visit.house, self._visit.client.slug
        try:
            kept = e164(self._field.value)
        except NumberRefusedError:
            self._field.error(t("Ce n'est pas un numéro complet : écrivez-le comme"
                                " 01 99 00 12 34 ou +33199001234."))  # fmt: skip
            return
        try:
            await asyncio.to_thread(house.numbers.add, slug, kept)
        except NumberRefusedError:
            self._field.error(t("Ce numéro est déjà celui d'un autre client : retirez-le là-bas"
                                " d'abord."))  # fmt: skip
            return
        self._field.error()
        self._field.show("")
        await self._changed("settings.number_added", kept)

    async def _drop(self, number: str) -> None:
        question = t("Les appels du {number} ne seront plus pris. Continuer ?",
                     number=shown(number))  # fmt: skip
        if not await confirmed(question, t("Retirer"), danger=True) or not await self._may():
            return
        house, slug = self._visit.house, self._visit.client.slug
        try:
            await asyncio.to_thread(house.numbers.remove, slug, number)
        except NumberRefusedError:  # somebody else has removed it
            pass
        else:
            await self._visit.note("settings.number_removed", number)
        await self._look()

    async def _changed(self, action: str, number: str) -> None:
        await self._visit.note(action, number)
        await self._look()

    async def _look(self) -> None:
        self._numbers = await asyncio.to_thread(
            self._visit.house.numbers.of_client, self._visit.client.slug
        )
        self._list.refresh()


def answering_words() -> dict[str, str]:
    """Who answers first."""
    return {
        "always": t("l'assistant"),
        "overflow": t("vos conseillers, puis l'assistant s'ils ne répondent pas"),
    }


def ringing_words() -> dict[str, str]:
    """How operators are rung."""
    return {"together": t("tous ensemble"), "in_turn": t("l'un après l'autre")}


class _Answering:
    """Who answers first, and how operators are rung."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._saving = Saving(
            visit, "settings.answering", ("answering", "overflow_rings", "ringing")
        )

    def build(self) -> None:
        client = self._visit.client
        with panel(t("Qui répond")):
            if not self._visit.may_write:
                values([
                    (t("Qui décroche d'abord"), answering_words()[client.answering]),
                    (t("Sonneries avant l'assistant"), str(client.overflow_rings)),
                    (t("Les conseillers sonnent"), ringing_words()[client.ringing]),
                ])  # fmt: skip
                return
            self._first = Field(
                t("Qui décroche d'abord"), client.answering, options=answering_words(),
                hint=t("Vos conseillers ne sonnent que pendant leurs horaires, s'ils sont libres."),
                on_change=self._chosen,
            )  # fmt: skip
            with ui.element("div") as self._rings_place:
                self._rings = Field(
                    t("Sonneries avant l'assistant"), str(client.overflow_rings), kind="number",
                    min="1", max=str(MOST_RINGS), inputmode="numeric",
                )  # fmt: skip
            self._ringing = Field(
                t("Les conseillers sonnent"), client.ringing, options=ringing_words()
            )
            self._saving.controls(self._save)
            self._chosen()

    def _chosen(self) -> None:
        self._rings_place.set_visibility(self._first.value == "overflow")

    async def _save(self) -> None:
        wanted = {
            "answering": self._first.value,
            "overflow_rings": self._rings.value,
            "ringing": self._ringing.value,
        }
        fields = {
            "answering": self._first, "overflow_rings": self._rings, "ringing": self._ringing,
        }  # fmt: skip
        await self._saving.save(wanted, fields)


class _After:
    """What is asked at the end of a call, and what a call is worth."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._saving = Saving(visit, "settings.after", ("satisfaction", "minutes_per_call"))

    def build(self) -> None:
        client = self._visit.client
        with panel(t("À la fin d'un appel")):
            if not self._visit.may_write:
                values([
                    (t("Demander une note de 1 à 5 à la fin"),
                     t("oui") if client.satisfaction else t("non")),
                    (t("Minutes qu'un appel coûte à votre équipe"), str(client.minutes_per_call)),
                ])  # fmt: skip
                return
            self._asked = Field(
                t("Demander une note de 1 à 5 à la fin"), "on" if client.satisfaction else "",
                kind="checkbox",
            )  # fmt: skip
            self._minutes = Field(
                t("Minutes qu'un appel coûte à votre équipe"), str(client.minutes_per_call),
                kind="number", min="1", inputmode="numeric",
                hint=t("Sert à compter le temps gagné dans le tableau de bord."),
            )  # fmt: skip
            self._saving.controls(self._save)

    async def _save(self) -> None:
        wanted = {
            "satisfaction": bool(self._asked.value),
            "minutes_per_call": self._minutes.value,
        }
        await self._saving.save(wanted, {"minutes_per_call": self._minutes})
