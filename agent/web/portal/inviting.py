"""Inviting to a client: a form, and the invitations that stand, with what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from nicegui import ui

from agent.handoff.letters import ZONE
from agent.store.database import NotKeptError
from agent.store.invitation_rows import Invitation
from agent.store.invitations import InvitationRefusedError
from agent.store.users import UserRefusedError
from agent.web.console.pieces import Words, button, set_attributes
from agent.web.portal.entry.sentences import role_name
from agent.web.portal.frame import Visit
from agent.web.portal.link_shown import ShownLink
from agent.web.portal.parts import Cell, Field, notice, panel, table
from agent.web.portal.words import moment, t


class InvitationsPanel:
    """Form and list, as the page stands open."""

    def __init__(self, visit: Visit) -> None:
        """Put the form into the page."""
        from agent.web.portal.people import role_options

        self._visit = visit
        self._store, self._post = visit.house.accounts.invitations, visit.house.post
        with panel(t("Inviter quelqu'un")):
            with ui.element("div").classes("fields"):
                self._email = Field(
                    t("Adresse e-mail"), kind="email", autocomplete="off", maxlength="254"
                )
                self._role = Field(t("Rôle"), "reader", options=role_options())
                self._language = Field(
                    t("Langue du message"), visit.user.language,
                    options={"fr": "Français", "en": "English"},
                )  # fmt: skip
            with ui.element("div").classes("actions"):
                button(t("Inviter"), visit.guarded(self._invite), "strong")
            self._done = notice("", "good")
            self._shown = ShownLink()

    async def make(self) -> None:
        """Put the list into the page."""
        self._list = ui.element("div")
        await self._show()

    async def _show(self) -> None:
        client = self._visit.client.slug
        standing = await asyncio.to_thread(self._store.list, datetime.now(UTC), [client], client)
        self._list.clear()
        if not standing:
            return
        with self._list, panel(t("Invitations en attente")):
            headings = [t("Adresse e-mail"), t("Rôle"), t("Message"), t("Changer")]
            table(headings, [self._row(one) for one in standing]).classes("people")

    def _row(self, one: Invitation) -> list[Cell]:
        def actions() -> None:
            with ui.element("div").classes("actions"):
                for name, label, work, classes in (
                    (t("Montrer le lien"), t("Montrer le lien de {email}", email=one.email),
                     self._link, ""),
                    (t("Renvoyer"), t("Renvoyer à {email}", email=one.email), self._renew, ""),
                    (t("Retirer"), t("Retirer l'invitation de {email}", email=one.email),
                     self._withdraw, "danger"),
                ):  # fmt: skip
                    made = button(name, self._visit.guarded(_of(work, one)), classes)
                    set_attributes(made, aria_label=label)

        return [one.email, role_name(one.role), _message_state(one), actions]

    async def _invite(self) -> None:
        self._email.error()
        self._done.say("")
        self._shown.hide()
        client, email = self._visit.client.slug, self._email.value
        try:
            made = await asyncio.to_thread(
                self._store.invite, email, self._role.value, client, datetime.now(UTC),
                by=self._visit.user, language=self._language.value, mailed=self._post.sends,
            )  # fmt: skip
        except UserRefusedError:
            self._email.error(
                t("Ce n'est pas une adresse e-mail : écrivez-la comme nom@exemple.fr.")
            )
            return
        except InvitationRefusedError:
            self._email.error(t("Cette personne a déjà accès."))
            return
        await self._visit.note("user.invited", made.email, role=made.role)
        self._email.show("")
        await self._told(made)

    async def _renew(self, one: Invitation) -> None:
        client, mailed = [self._visit.client.slug], self._post.sends
        try:
            made = await asyncio.to_thread(
                self._store.renew, one.id, datetime.now(UTC), client, mailed=mailed
            )
        except NotKeptError:
            await self._show()
            return
        await self._visit.note("user.invited_again", made.email)
        await self._told(made)

    async def _told(self, made: Invitation) -> None:
        """Say what becomes of an invitation; without a mail server its link is to be passed on."""
        if self._post.sends:
            self._post.wake()
            self._done.say(t("Un message part à {email}, avec un lien valable trois jours.",
                             email=made.email))  # fmt: skip
        else:
            await self._link(made)
        await self._show()

    async def _link(self, one: Invitation) -> None:
        client = [self._visit.client.slug]
        try:
            token = await asyncio.to_thread(self._store.link, one.id, datetime.now(UTC), client)
        except NotKeptError:
            await self._show()
            return
        await self._visit.note("user.invitation_link_shown", one.email)
        self._shown.show(one.email, self._post.url(token))

    async def _withdraw(self, one: Invitation) -> None:
        question = t("Retirer l'invitation de {email} ? Son lien ne vaudra plus.", email=one.email)
        if not await self._visit.confirmed(question, t("Retirer"), danger=True):
            return
        try:
            await asyncio.to_thread(
                self._store.withdraw, one.id, datetime.now(UTC), [self._visit.client.slug]
            )
            await self._visit.note("user.invitation_withdrawn", one.email)
        except NotKeptError:
            pass  # used or withdrawn meanwhile: the list tells
        self._shown.hide()
        await self._show()


def _of(
    work: Callable[[Invitation], Awaitable[None]], one: Invitation
) -> Callable[[], Awaitable[None]]:
    return lambda: work(one)


def _message_state(one: Invitation) -> Cell:
    """What became of the message, and until when its link is good."""

    def made() -> None:
        zone = str(ZONE)
        if one.sent_at is not None:
            Words(t("envoyé le {at}", at=moment(one.sent_at, zone)), "p")
        elif one.due_at is None and one.error is None:
            Words(t("sans e-mail : passez le lien vous-même"), "p")
        elif one.due_at is None:
            Words(t("n'a pas pu être envoyé : passez le lien vous-même"), "p", "trouble")
        elif one.error is not None:
            Words(t("pas encore parti, il est essayé de nouveau"), "p", "trouble")
        else:
            Words(t("part dans un instant"), "p")
        if one.error is not None:
            Words(one.error, "p", "hint")
        Words(t("valable jusqu'au {at}", at=moment(one.expires_at, zone)), "p", "hint")

    return made
