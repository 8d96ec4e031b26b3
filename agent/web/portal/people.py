"""« Personnes »: who has access to a client, who is invited, and what each of them may do."""

from __future__ import annotations

import asyncio

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff.message import zone_of
from agent.store.database import NotKeptError
from agent.store.people import Person, PersonRefusedError
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.entry.sentences import role_name
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.inviting import InvitationsPanel
from agent.web.portal.parts import Cell, Field, notice, panel, table
from agent.web.portal.words import moment, t

CLIENT_ROLES = ("manager", "reader", "operator")


@ui.page(f"{PATH}/{{slug}}/personnes", title="permanence")
async def people_page(request: Request, slug: str) -> Response | None:
    """The people of a client's."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with framed(visit, "personnes"):
        people = _PeoplePanel(visit)
        if visit.may_write:
            invitations = InvitationsPanel(visit)
            await people.make()
            await invitations.make()
            link(t("Journal : qui a fait quoi"), visit.path("personnes/journal"))
        else:
            await people.make()
    return None


def role_options() -> dict[str, str]:
    """The roles at a client, and what each is for."""
    return {
        "manager": t("Responsable : règle tout, invite"),
        "reader": t("Lecteur : consulte"),
        "operator": t("Conseiller : répond aux appels dans la console"),
    }


class _PeoplePanel:
    """Who has access, as the page stands open."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._zone = zone_of(visit.client.hours)

    async def make(self) -> None:
        """Put it into the page."""
        with panel(t("Qui a accès")):
            Words(t("Les administrateurs de votre prestataire ont aussi accès."), "p", "hint")
            self._trouble = notice("", "bad")
            self._list = ui.element("div")
        await self._show()

    async def _show(self) -> None:
        slug = self._visit.client.slug
        people = await asyncio.to_thread(self._visit.house.accounts.people.of_client, slug)
        self._list.clear()
        with self._list:
            if not people:
                Words(t("Personne pour l'instant : invitez quelqu'un."), "p")
                return
            headings = [t("Nom"), t("Rôle"), t("Dernière connexion"), t("Second facteur")]
            headings += [t("Changer")] if self._visit.may_write else []
            table(headings, [self._row(one) for one in people]).classes("people")

    def _row(self, one: Person) -> list[Cell]:
        user, seen = one.user, one.signed_in_at

        def name() -> None:
            Words(user.name, "span")
            Words(user.email, "div", "hint")

        row: list[Cell] = [
            name,
            role_name(user.role),
            t("jamais") if seen is None else moment(seen, self._zone),
            t("oui") if one.second_factor else t("non"),
        ]
        return [*row, self._actions(one)] if self._visit.may_write else row

    def _actions(self, one: Person) -> Cell:
        if one.user.id == self._visit.user.id:
            return t("c'est vous")

        def made() -> None:
            guarded = self._visit.guarded
            with ui.element("div").classes("actions"):
                if len(one.user.clients) == 1:
                    role = button(t("Rôle"), guarded(lambda: self._change_role(one)))
                    set_attributes(
                        role, aria_label=t("Changer le rôle de {name}", name=one.user.name)
                    )
                gone = button(t("Retirer"), guarded(lambda: self._let_go(one)), "danger")
                set_attributes(gone, aria_label=t("Retirer {name}", name=one.user.name))

        return made

    async def _change_role(self, one: Person) -> None:
        role = await _chosen_role(one)
        if role is None or role == one.user.role or not await self._visit.may_still():
            return
        people, slug = self._visit.house.accounts.people, self._visit.client.slug
        if await self._done(people.set_role, self._visit.user, slug, one.user.id, role):
            await self._visit.note(
                "user.role_changed", one.user.email, before=one.user.role, role=role
            )
        await self._show()

    async def _let_go(self, one: Person) -> None:
        question = t(
            "Retirer {name} ? Cette personne n'aura plus accès à {brand}, dès maintenant.",
            name=one.user.name, brand=self._visit.client.name,
        )  # fmt: skip
        if not await self._visit.confirmed(question, t("Retirer"), danger=True):
            return
        people, slug = self._visit.house.accounts.people, self._visit.client.slug
        if await self._done(people.let_go, self._visit.user, slug, one.user.id):
            await self._visit.note("user.let_go", one.user.email)
        await self._show()

    async def _done(self, change: object, *given: object) -> bool:
        """Have the store change something; what it refuses is said."""
        self._trouble.say("")
        try:
            await asyncio.to_thread(change, *given)  # type: ignore[arg-type]
        except PersonRefusedError as refused:
            self._trouble.say(
                {
                    "oneself": t("Demandez à quelqu'un d'autre de changer votre propre accès."),
                    "several": t("Cette personne travaille aussi ailleurs : son rôle reste."),
                    "forbidden": t("Votre compte permet de consulter, pas de modifier."),
                }[refused.why]
            )
            return False
        except NotKeptError:
            self._trouble.say(t("Cette personne n'a déjà plus accès."))
            return False
        return True


async def _chosen_role(one: Person) -> str | None:
    """Ask for a role; None where it is thought better of."""
    title = t("Changer le rôle de {name}", name=one.user.name)
    with ui.dialog() as dialog, ui.element("div").classes("asked card"):
        set_attributes(dialog, aria_label=title)
        role = Field(title, one.user.role, options=role_options())
        with ui.element("div").classes("actions"):
            button(t("Annuler"), lambda: dialog.submit(None))
            button(t("Changer"), lambda: dialog.submit(role.value), "strong")
    answer = await dialog
    dialog.delete()
    return answer if answer in CLIENT_ROLES else None
