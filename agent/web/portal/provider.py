"""The provider's page: its clients, another one, and everybody who signs in."""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from datetime import UTC, datetime

from nicegui import ui

from agent.handoff.letters import ZONE
from agent.store.clients import Client, ClientRefusedError
from agent.store.invitations import InvitationRefusedError
from agent.store.people import Person
from agent.store.users import UserRefusedError
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.entry.sentences import role_name
from agent.web.portal.link_shown import ShownLink
from agent.web.portal.own import Own
from agent.web.portal.parts import Cell, Field, notice, panel, table
from agent.web.portal.words import day, moment, t, tn

LONGEST_SLUG, LONGEST_CLIENT_NAME = 40, 80


def proposed_slug(name: str) -> str:
    """What a client may be called in addresses: « Acmé & Fils » → acme-fils."""
    apart = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    plain = apart.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")


async def provider_page(own: Own, clients: list[Client], portal: str) -> None:
    """What an admin finds at the portal's entrance.

    Args:
        own: The visit.
        clients: All of them.
        portal: Path of the portal.
    """
    people = await asyncio.to_thread(own.house.accounts.people.everybody)
    with panel(t("Clients")):
        if not clients:
            Words(t("Aucun client pour l'instant."), "p")
        else:
            headings = [t("Marque"), t("Dans les adresses"), t("Personnes"), t("Depuis")]
            table(headings, [_client_row(one, people, portal) for one in clients]).classes("people")
    _new_client(own, portal)
    await _Users(own).make(people)


def _client_row(one: Client, people: list[Person], portal: str) -> list[Cell]:
    count = sum(one.slug in person.user.clients and person.user.active for person in people)

    def name() -> None:
        link(one.name, f"{portal}/{one.slug}/")

    said = tn("{n} personne", "{n} personnes", count)
    return [name, one.slug, said, day(one.created_at.astimezone(ZONE).date())]


def _new_client(own: Own, portal: str) -> None:
    with panel(t("Nouveau client")):
        typed = {"slug": ""}

        def propose() -> None:
            if slug.value in ("", typed["slug"]):
                typed["slug"] = proposed_slug(name.value)
                slug.show(typed["slug"])

        with ui.element("div").classes("fields"):
            name = Field(
                t("Nom de la marque"), maxlength=str(LONGEST_CLIENT_NAME), on_change=propose,
                autocomplete="off",
            )  # fmt: skip
            slug = Field(
                t("Dans les adresses"), maxlength=str(LONGEST_SLUG), autocomplete="off",
                hint=t("De 2 à 40 lettres sans accent, chiffres ou tirets ; ne change plus."),
            )  # fmt: skip

        async def add() -> None:
            name.error()
            slug.error()
            called = " ".join(name.value.split())
            if not called or not called.isprintable() or len(called) > LONGEST_CLIENT_NAME:
                name.error(t("Donnez le nom de la marque, comme l'assistant le dira."))
                return
            try:
                made = await asyncio.to_thread(own.house.clients.add, slug.value.strip(), called)
            except ClientRefusedError as refused:
                taken = "exists" in str(refused)
                slug.error(
                    t("Un client s'appelle déjà ainsi : choisissez autre chose.")
                    if taken
                    else t("De 2 à 40 lettres sans accent, chiffres ou tirets ; ne change plus.")
                )
                return
            await asyncio.to_thread(
                own.house.audit.note, "client.added", user=own.user, client=made.slug,
                subject=made.name,
            )  # fmt: skip
            ui.run_javascript(f"location.assign({json.dumps(f'{portal}/{made.slug}/personnes')})")

        with ui.element("div").classes("actions"):
            button(t("Créer le client"), own.guarded(add), "strong")


class _Users:
    """Everybody who signs in, as the page stands open."""

    def __init__(self, own: Own) -> None:
        self._own = own

    async def make(self, people: list[Person]) -> None:
        """Put it into the page."""
        own = self._own
        with panel(t("Administrateurs")):
            with ui.element("div").classes("fields"):
                self._email = Field(
                    t("Adresse e-mail"), kind="email", autocomplete="off", maxlength="254"
                )
            with ui.element("div").classes("actions"):
                button(t("Inviter un administrateur"), own.guarded(self._invite))
            self._done = notice("", "good")
            self._shown = ShownLink()
        with panel(t("Tous ceux qui se connectent")):
            self._trouble = notice("", "bad")
            self._list = ui.element("div")
        self._fill(people)

    async def _show(self) -> None:
        self._fill(await asyncio.to_thread(self._own.house.accounts.people.everybody))

    def _fill(self, people: list[Person]) -> None:
        self._list.clear()
        with self._list:
            headings = [
                t("Nom"), t("Rôle"), t("Clients"), t("Dernière connexion"), t("Second facteur"),
                t("Changer"),
            ]  # fmt: skip
            table(headings, [self._row(one) for one in people]).classes("people")

    def _row(self, one: Person) -> list[Cell]:
        user, seen = one.user, one.signed_in_at

        def name() -> None:
            Words(user.name, "span")
            Words(user.email, "div", "hint")
            if not user.active:
                Words(t("ne peut plus se connecter"), "div", "trouble")

        def actions() -> None:
            if user.id == self._own.user.id:
                Words(t("c'est vous"), "span")
                return
            with ui.element("div").classes("actions"):
                guarded = self._own.guarded
                if not user.active:
                    made = button(t("Réactiver"), guarded(lambda: self._activate(one, True)))
                    set_attributes(made, aria_label=t("Réactiver {name}", name=user.name))
                    return
                made = button(t("Lien de mot de passe"), guarded(lambda: self._reset(one)))
                set_attributes(made, aria_label=t("Lien de mot de passe de {name}", name=user.name))
                if one.second_factor:
                    made = button(t("Ôter le second facteur"), guarded(lambda: self._factor(one)))
                    label = t("Ôter le second facteur de {name}", name=user.name)
                    set_attributes(made, aria_label=label)
                made = button(
                    t("Désactiver"), guarded(lambda: self._activate(one, False)), "danger"
                )
                set_attributes(made, aria_label=t("Désactiver {name}", name=user.name))

        return [
            name,
            role_name(user.role),
            t("tous") if "*" in user.clients else ", ".join(user.clients),
            t("jamais") if seen is None else moment(seen, str(ZONE)),
            t("oui") if one.second_factor else t("non"),
            actions,
        ]

    async def _invite(self) -> None:
        own = self._own
        self._email.error()
        self._done.say("")
        self._shown.hide()
        store, now = own.house.accounts.invitations, datetime.now(UTC)
        try:
            made = await asyncio.to_thread(
                store.invite, self._email.value, "admin", None, now,
                by=own.user, language=own.user.language, mailed=own.house.post.sends,
            )  # fmt: skip
        except UserRefusedError:
            self._email.error(
                t("Ce n'est pas une adresse e-mail : écrivez-la comme nom@exemple.fr.")
            )
            return
        except InvitationRefusedError:
            self._email.error(t("Cette personne a déjà accès."))
            return
        await self._noted("user.invited", made.email, role="admin")
        self._email.show("")
        if own.house.post.sends:
            own.house.post.wake()
            self._done.say(t("Un message part à {email}, avec un lien valable trois jours.",
                             email=made.email))  # fmt: skip
            return
        token = await asyncio.to_thread(store.link, made.id, now, None)
        self._shown.show(made.email, own.house.post.url(token))

    async def _reset(self, one: Person) -> None:
        token = await asyncio.to_thread(
            self._own.house.accounts.invitations.reset_link, one.user.email, datetime.now(UTC)
        )
        await self._noted("user.reset_link", one.user.email)
        self._shown.show(one.user.email, self._own.house.post.url(token))

    async def _factor(self, one: Person) -> None:
        question = t(
            "Ôter le second facteur de {name} ? Assurez-vous d'abord que c'est bien cette "
            "personne qui le demande.",
            name=one.user.name,
        )
        if await self._own.confirmed(question, t("Ôter le second facteur"), danger=True):
            await asyncio.to_thread(self._own.house.accounts.factors.turn_off, one.user.id)
            await self._noted("second_factor.off", one.user.email)
        await self._show()

    async def _activate(self, one: Person, active: bool) -> None:
        question = t("Désactiver {name} ? Cette personne est déconnectée partout, dès maintenant.",
                     name=one.user.name)  # fmt: skip
        if active or await self._own.confirmed(question, t("Désactiver"), danger=True):
            await asyncio.to_thread(self._own.house.users.set_active, one.user.id, active)
            await self._noted("user.enabled" if active else "user.disabled", one.user.email)
        await self._show()

    async def _noted(self, action: str, subject: str, **detail: str) -> None:
        await asyncio.to_thread(
            lambda: self._own.house.audit.note(
                action,
                user=self._own.user,
                subject=subject,
                **detail,  # type: ignore[arg-type]
            )
        )
