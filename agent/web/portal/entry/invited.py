"""/invitation/TOKEN: an invitation is accepted, another password is chosen."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent.errors import UnknownClientError
from agent.post import PATH
from agent.store.invitation_rows import Invitation, InvitationOverError
from agent.store.invitations import OtherUserError
from agent.store.users import User, UserRefusedError
from agent.store.weak_passwords import weakness
from agent.web.auth import SIGN_IN, SIGN_OUT, signed_in
from agent.web.forms import read_form
from agent.web.origin import same_origin
from agent.web.portal.entry import sentences
from agent.web.portal.entry.door import Door, client_of
from agent.web.portal.entry.pages import (
    anchor,
    card,
    entry,
    entry_page,
    form,
    language_of,
    marked,
    redirect,
    said,
    submit,
    trouble,
)
from agent.web.portal.entry.sign_in import FORGOTTEN, sign_in_to
from agent.web.portal.words import speaking, t


def invited_routes(router: APIRouter, door: Door) -> None:
    """Add them."""
    house = door.house

    @router.get(f"{PATH}{{token}}")
    async def look(request: Request, token: str) -> Response:
        try:
            found, known = await _found(door, token)
        except InvitationOverError:
            return _over(request)
        with speaking(found.language if known is None else known.language):
            brand = await asyncio.to_thread(_brand, door, found)
            if found.kind == "invite" and known is not None and known.active:
                return _for_known(found, known, await signed_in(request), brand, token)
            return _form(found, token, brand, known.name if known else "")

    @router.post(f"{PATH}{{token}}")
    async def accept(request: Request, token: str) -> Response:
        given = await read_form(request)
        try:
            found, known = await _found(door, token)
        except InvitationOverError:
            return _over(request)
        with speaking(found.language if known is None else known.language):
            brand = await asyncio.to_thread(_brand, door, found)
            name = (given or {}).get("name", "")
            if given is None or not same_origin(request):
                wrong = sentences.unreadable() if given is None else sentences.foreign()
                return _form(found, token, brand, name, wrong, status=403)
            if found.kind == "invite" and known is not None and known.active:
                return await _accepted_as(door, request, found, known, brand, token)
            password = given.get("password", "")
            about = [found.email, known.name if found.kind == "reset" and known else name, brand]
            weak = weakness(password, about)
            if weak is not None:
                return _form(found, token, brand, name, sentences.weak(weak), "password", 400)
            try:
                _, user = await asyncio.to_thread(
                    house.accounts.invitations.accept, token, name, password, datetime.now(UTC)
                )
            except InvitationOverError:
                return _over(request)
            except UserRefusedError:
                wrong = t("Écrivez votre nom, comme vos collègues le connaissent.")
                return _form(found, token, brand, name, wrong, "name", 400)
            await _note(door, user, found)
            return await door.enter(request, user, "")


async def _accepted_as(
    door: Door, request: Request, found: Invitation, known: User, brand: str, token: str
) -> Response:
    """Somebody who is here already accepts, if it is they who are signed in."""
    user = await signed_in(request)
    if user is None or user.id != known.id:
        return _for_known(found, known, user, brand, token)
    try:
        _, accepted = await asyncio.to_thread(
            door.house.accounts.invitations.accept_as, token, user, datetime.now(UTC)
        )
    except InvitationOverError:
        return _over(request)
    except OtherUserError:
        return entry_page(t("Invitation"), card(said(_other_role(found, known))), status=409)
    await _note(door, accepted, found)
    return redirect(SIGN_IN)


async def _found(door: Door, token: str) -> tuple[Invitation, User | None]:
    return await asyncio.to_thread(door.house.accounts.invitations.find, token, datetime.now(UTC))


async def _note(door: Door, user: User, found: Invitation) -> None:
    action = "user.joined" if found.kind == "invite" else "user.password_reset"
    client = found.client if found.kind == "invite" else client_of(user)
    await asyncio.to_thread(
        door.house.audit.note, action, user=user, client=client, subject=user.email, role=user.role
    )


def _brand(door: Door, found: Invitation) -> str:
    try:
        return "" if found.client is None else door.house.clients.get(found.client).name
    except UnknownClientError:
        return ""


def _over(request: Request) -> Response:
    """The same whatever is wrong with a link."""
    with speaking(language_of(request)):
        return entry_page(
            t("Ce lien ne vaut plus"),
            card(
                said(t("Il a déjà servi, il est trop ancien ou il a été retiré.")),
                said(t("Demandez-en un autre à qui vous a invité.")),
                anchor(t("Mot de passe oublié ?"), FORGOTTEN),
                anchor(t("Revenir à la connexion"), SIGN_IN),
            ),
            status=410,
        )


def _for_known(
    found: Invitation, known: User, user: User | None, brand: str, token: str
) -> Response:
    """What somebody sees who has an account already."""
    what = _what(found, brand)
    path = f"{PATH}{token}"
    if known.role != found.role:
        parts = [said(_other_role(found, known))]
    elif user is None:
        parts = [
            said(t("Vous avez déjà un compte ici : connectez-vous pour accepter.")),
            anchor(t("Se connecter"), sign_in_to(path)),
        ]
    elif user.id != known.id:
        parts = [said(t("Cette invitation est pour {email}.", email=known.email))]
        return entry_page(
            t("Invitation"),
            form(SIGN_OUT, said(what), *parts, submit(t("Se déconnecter"))),
            service=brand,
        )
    else:
        return entry_page(
            t("Invitation"), form(path, said(what), submit(t("Accepter"))), service=brand
        )
    return entry_page(t("Invitation"), card(said(what), *parts), service=brand)


def _other_role(found: Invitation, known: User) -> str:
    return t(
        "Votre compte a un autre rôle ({mine}) que celui de l'invitation ({asked}) : demandez à "
        "votre administrateur.",
        mine=sentences.role_name(known.role).lower(), asked=sentences.role_name(found.role).lower(),
    )  # fmt: skip


def _what(found: Invitation, brand: str) -> str:
    role = sentences.role_name(found.role).lower()
    if found.inviter and brand:
        return t(
            "{inviter} vous invite à rejoindre {brand}, comme {role}.",
            inviter=found.inviter, brand=brand, role=role,
        )  # fmt: skip
    if brand:
        return t("Vous êtes invité à rejoindre {brand}, comme {role}.", brand=brand, role=role)
    return t("Vous êtes invité comme {role}.", role=role)


def _form(
    found: Invitation, token: str, brand: str, name: str, error: str = "", field: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """Name and password, or the password alone."""
    path, parts = f"{PATH}{token}", [trouble(error)]
    invited = found.kind == "invite"
    if invited:
        parts += [
            said(_what(found, brand)),
            entry(
                "name", t("Votre nom"), name, autocomplete="name", maxlength="100", required="",
                **({"autofocus": ""} if field != "password" else {}),
                **marked(error if field == "name" else ""),
            ),
        ]  # fmt: skip
    parts += [
        said(t("Votre compte : {email}", email=found.email)),
        entry(
            "password", t("Mot de passe"), type="password", autocomplete="new-password",
            minlength="12", maxlength="200", required="", hint=sentences.password_hint(),
            **({} if invited and field != "password" else {"autofocus": ""}),
            **marked(error if field == "password" else ""),
        ),
        submit(t("Entrer") if invited else t("Changer de mot de passe")),
    ]  # fmt: skip
    title = t("Bienvenue") if invited else t("Un autre mot de passe")
    return entry_page(title, form(path, *parts), service=brand, status=status)
