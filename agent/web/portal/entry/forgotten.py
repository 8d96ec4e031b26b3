"""/mot-de-passe-oublie: the same answer whoever has the address."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent.errors import StoreError
from agent.store.users import UserRefusedError
from agent.web.auth import SIGN_IN
from agent.web.checking import SignInRefusedError
from agent.web.forms import read_form
from agent.web.origin import network_of, same_origin
from agent.web.portal.entry import sentences
from agent.web.portal.entry.door import Door
from agent.web.portal.entry.pages import (
    anchor,
    card,
    entry,
    entry_page,
    form,
    language_of,
    marked,
    said,
    submit,
    trouble,
)
from agent.web.portal.entry.sign_in import FORGOTTEN
from agent.web.portal.words import speaking, t


def forgotten_routes(router: APIRouter, door: Door) -> None:
    """Add them."""
    house = door.house

    @router.get(FORGOTTEN)
    async def ask(request: Request) -> Response:
        with speaking(language_of(request)):
            return _form() if house.post.sends else _no_post()

    @router.post(FORGOTTEN)
    async def send(request: Request) -> Response:
        given = await read_form(request)
        with speaking(language_of(request)):
            if not house.post.sends:
                return _no_post()
            if given is None:
                return _form(sentences.unreadable(), status=400)
            if not same_origin(request):
                return _form(sentences.foreign(), status=403)
            email = given.get("email", "").strip()
            try:
                if await door.checks.may_ask_reset(email, network_of(request)):
                    await asyncio.to_thread(
                        house.accounts.invitations.ask_reset, email, datetime.now(UTC)
                    )
            except UserRefusedError:
                sentence = t("Ce n'est pas une adresse e-mail : écrivez-la comme nom@exemple.fr.")
                return _form(sentence, email, status=400)
            except SignInRefusedError as why:
                sentence = sentences.refused(why)
                return _form(sentence, email, status=why.status, wait_s=why.wait_s)
            except StoreError:
                broken = SignInRefusedError("out_of_order", 60.0)
                return _form(sentences.refused(broken), email, status=broken.status, wait_s=60.0)
            house.post.wake()
            return entry_page(
                t("Regardez vos e-mails"),
                card(
                    said(
                        t(
                            "Si {email} a un compte ici, un message vient de partir : il contient "
                            "un lien pour choisir un autre mot de passe, valable un jour.",
                            email=email,
                        )
                    ),
                    said(t("Rien n'arrive ? Regardez parmi les indésirables."), "hint"),
                    anchor(t("Revenir à la connexion"), SIGN_IN),
                ),
            )


def _form(error: str = "", email: str = "", status: int = 200, wait_s: float = 0.0) -> Response:
    return entry_page(
        t("Mot de passe oublié"),
        form(
            FORGOTTEN,
            said(t("Nous vous envoyons un lien pour en choisir un autre.")),
            trouble(error),
            entry(
                "email", t("Adresse e-mail"), email, type="email", autocomplete="username",
                autocapitalize="none", spellcheck="false", maxlength="254", required="",
                autofocus="", **marked(error),
            ),
            submit(t("Envoyer le lien")),
            anchor(t("Revenir à la connexion"), SIGN_IN),
        ),
        status=status,
        wait_s=wait_s,
    )  # fmt: skip


def _no_post() -> Response:
    return entry_page(
        t("Mot de passe oublié"),
        card(
            said(
                t(
                    "Ce service n'envoie pas d'e-mails : demandez à votre administrateur un lien "
                    "pour choisir un autre mot de passe."
                )
            ),
            anchor(t("Revenir à la connexion"), SIGN_IN),
        ),
    )
