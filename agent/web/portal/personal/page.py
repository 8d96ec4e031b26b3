"""« Données »: one looks for a number, hands out what is kept of it, or has all of it erased."""

from __future__ import annotations

import asyncio

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.errors import PermanenceError
from agent.handoff.message import zone_of
from agent.personal.person import Erased, Person, PersonRefusedError, Persons, persons_of
from agent.personal.retention import AT, AUDIT_DAYS
from agent.privacy.whose import as_e164
from agent.store.clients import Client
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.parts import Field, notice, panel, table
from agent.web.portal.personal.handing_out import export_path
from agent.web.portal.words import moment, t, tn
from knowledge.errors import KnowledgeError

SHOWN = 50
"""Calls of a number that are listed; the export has all."""


@ui.page(f"{PATH}/{{slug}}/donnees", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with framed(visit, "donnees"):
        if visit.may_write:
            _PersonPanel(visit).build()
        with panel(t("Combien de temps")):
            Words(
                t(
                    "Chaque nuit, à {at}, ce qui dépasse sa durée est effacé.",
                    at=AT.strftime("%-H h %M"),
                ),
                "p",
            )
            retention_table(visit.client)
            link(t("Changer ces durées"), visit.path("reglages/enregistrement"))
        with panel(t("Registre des activités de traitement")):
            Words(
                t(
                    "Ce que demande l'article 30 du RGPD, tiré de vos réglages tels qu'ils sont : "
                    "à relire, à compléter et à imprimer."
                ),
                "p",
            )
            link(t("Ouvrir le registre"), visit.path("donnees/registre"))
    return None


def retention_table(client: Client) -> None:
    """What is kept, and for how long."""
    rows = [
        (t("Enregistrements des appels"), client.keep_audio_days),
        (t("Numéros et paroles des appels"), client.keep_transcript_days),
        (t("Demandes de rappel et messages envoyés"), client.keep_ticket_days),
        (t("Avis sur les réponses et questions regroupées"), client.keep_analysis_days),
        (t("Journal de qui a fait quoi"), AUDIT_DAYS),
    ]
    shown = [[name, tn("{n} jour", "{n} jours", days)] for name, days in rows]
    shown.append([t("Chiffres sans personne (nombre, durée, issue)"), t("sans limite")])
    table([t("Donnée"), t("Durée")], shown)


class _PersonPanel:
    """One number, as the page stands open."""

    def __init__(self, visit: Visit) -> None:
        house = visit.house
        self._visit = visit
        self._persons: Persons = persons_of(
            house.settings, house.database, house.vault, lambda slug: house.approving.publish(slug)
        )
        self._zone = zone_of(visit.client.hours)
        self._number = ""

    def build(self) -> None:
        """Put it into the page."""
        with panel(t("Une personne")):
            Words(
                t(
                    "Retrouvez tout ce qui est gardé d'un numéro : appels reçus, rappels demandés, "
                    "et appels où il a seulement été dicté."
                ),
                "p",
            )
            self._field = Field(
                t("Numéro de téléphone"), kind="tel", autocomplete="off",
                hint=t("Écrit comme vous voulez, avec ou sans espaces, en 06 ou en +33."),
            )  # fmt: skip
            search = self._visit.guarded(self._search)
            self._field.element.on("keydown.enter", search, args=[])
            with ui.element("div").classes("actions"):
                button(t("Chercher"), search, "strong")
            self._told = notice("", "good")
            self._found = ui.element("div").classes("found")

    async def _search(self) -> None:
        self._field.error()
        self._told.say("")
        try:
            person = await asyncio.to_thread(
                self._persons.find, self._visit.client.slug, self._field.value
            )
        except PersonRefusedError:
            self._found.clear()
            self._field.error(_no_number())
            return
        self._number = person.number
        self._show(person)

    def _show(self, person: Person) -> None:
        self._found.clear()
        with self._found:
            if not person:
                notice(t("Rien n'est gardé de ce numéro."))
                return
            notice(
                t(
                    "{calls}, {tickets}, {recordings}.",
                    calls=tn("{n} appel", "{n} appels", len(person.calls)),
                    tickets=tn("{n} demande de rappel", "{n} demandes de rappel",
                               len(person.tickets)),
                    recordings=tn("{n} enregistrement", "{n} enregistrements",
                                  len(person.recordings)),
                )
            )  # fmt: skip
            self._list(person)
            with ui.element("form").classes("actions") as form:
                set_attributes(form, method="post", action=export_path(self._visit.client.slug))
                hidden = ui.element("input")
                set_attributes(hidden, type="hidden", name="number", value=person.number)
                Words(t("Tout télécharger (ZIP)"), "button", "plain", type="submit")
            self._eraser()

    def _list(self, person: Person) -> None:
        outcomes = {
            "answered": t("répondu"), "handoff": t("demande de rappel"),
            "message": t("message laissé"), "abandoned": t("sans suite"),
        }  # fmt: skip
        rows = [
            [
                moment(call.started_at, self._zone),
                outcomes.get(call.outcome, call.outcome),
                t("oui") if call.recording else t("non"),
            ]
            for call in person.calls[:SHOWN]
        ]
        if rows:
            table([t("Appel"), t("Issue"), t("Enregistré")], rows)
        tickets = [
            [one.ticket_id, moment(one.created_at, self._zone), one.brief.question]
            for one in person.tickets[:SHOWN]
        ]
        if tickets:
            table([t("Demande de rappel"), t("Créée"), t("Objet")], tickets)

    def _eraser(self) -> None:
        Words(t("Tout effacer"), "h3")
        Words(
            t(
                "Les appels, les enregistrements, les demandes et les messages de ce numéro sont "
                "effacés pour toujours. Il ne reste que des chiffres sans personne. Les e-mails "
                "déjà envoyés à votre équipe restent dans vos boîtes : effacez-les aussi."
            ),
            "p",
        )
        self._again = Field(t("Retapez le numéro pour confirmer"), kind="tel", autocomplete="off")
        with ui.element("div").classes("actions"):
            button(t("Tout effacer de ce numéro"), self._visit.guarded(self._erase), "danger")

    async def _erase(self) -> None:
        self._again.error()
        if as_e164(self._again.value) != self._number:
            self._again.error(t("Ce n'est pas le numéro que vous avez cherché : retapez-le."))
            return
        question = t("Effacer pour toujours tout ce qui est gardé de ce numéro ?")
        if not await self._visit.confirmed(question, t("Effacer"), danger=True):
            return
        user = await self._visit.now()
        if user is None:
            return
        try:
            done = await asyncio.to_thread(
                self._persons.erase, self._visit.client.slug, self._number, user=user
            )
        except PersonRefusedError:
            self._again.error(
                t("Un appel de ce numéro est en cours : recommencez quand il sera terminé.")
            )
            return
        except (PermanenceError, KnowledgeError):
            self._again.error(
                t("Tout n'a pas pu être effacé : recommencez, puis prévenez votre fournisseur.")
            )
            return
        self._found.clear()
        self._field.show("")
        self._number = ""
        self._told.say(_done_words(done))
        if not done.clean:
            with self._found:
                notice(
                    t(
                        "Votre fournisseur doit encore compacter la base de données (VACUUM) pour "
                        "qu'il n'en reste aucun octet."
                    ),
                    "warn",
                )


def _done_words(done: Erased) -> str:
    return t(
        "C'est effacé : {calls}, {tickets}, {recordings}.",
        calls=tn("{n} appel", "{n} appels", done.calls),
        tickets=tn("{n} demande de rappel", "{n} demandes de rappel", done.tickets),
        recordings=tn("{n} enregistrement", "{n} enregistrements", done.recordings),
    )


def _no_number() -> str:
    return t(
        "Ce n'est pas un numéro de téléphone : écrivez-le en entier, par exemple 06 39 98 12 34."
    )
