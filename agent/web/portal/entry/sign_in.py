"""/connexion and /deconnexion."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent.web.auth import COOKIE, HOMES, SIGN_IN, SIGN_OUT, signed_in
from agent.web.checking import SignInRefusedError
from agent.web.forms import read_form
from agent.web.origin import local_path, network_of, same_origin
from agent.web.portal.entry import sentences
from agent.web.portal.entry.door import DEVICE_COOKIE, Door
from agent.web.portal.entry.pages import (
    anchor,
    entry,
    entry_page,
    form,
    hidden,
    language_of,
    marked,
    redirect,
    submit,
    trouble,
)
from agent.web.portal.words import speaking, t

logger = logging.getLogger(__name__)

FORGOTTEN = "/mot-de-passe-oublie"


def sign_in_routes(router: APIRouter, door: Door) -> None:
    """Add them."""

    @router.get(SIGN_IN)
    async def ask(request: Request) -> Response:
        user = await signed_in(request)
        onward = local_path(request.query_params.get("next", ""), "")
        if user is not None:
            return redirect(onward or HOMES[user.role])
        with speaking(language_of(request)):
            return _form(onward)

    @router.post(SIGN_IN)
    async def sign_in(request: Request) -> Response:
        given = await read_form(request)
        with speaking(language_of(request)):
            if given is None:
                return _form("", sentences.unreadable(), status=400)
            onward = local_path(given.get("next", ""), "")
            if not same_origin(request):
                return _form(onward, sentences.foreign(), status=403)
            email = given.get("email", "").strip()
            try:
                user = await door.checks.user_for(
                    email, given.get("password", ""), network_of(request),
                    request.cookies.get(DEVICE_COOKIE, ""),
                )  # fmt: skip
            except SignInRefusedError as why:
                logger.info("a sign-in was refused: %d", why.status)
                sentence = sentences.refused(why)
                return _form(onward, sentence, email, status=why.status, wait_s=why.wait_s)
            return await door.enter(request, user, onward)

    @router.post(SIGN_OUT)
    async def sign_out(request: Request) -> Response:
        if not same_origin(request):
            with speaking(language_of(request)):
                return _form("", sentences.foreign(), status=403)
        token = request.cookies.get(COOKIE)
        if token:
            await asyncio.to_thread(door.house.sessions.close, token)
        answer = redirect(SIGN_IN)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return answer


def _form(
    onward: str, error: str = "", email: str = "", status: int = 200, wait_s: float = 0.0
) -> Response:
    """The page with the form; where something is wrong, it is said and the cursor is there."""
    first, second = ({}, {"autofocus": ""}) if email else ({"autofocus": ""}, {})
    return entry_page(
        t("Connexion"),
        form(
            SIGN_IN,
            trouble(error),
            hidden("next", onward),
            entry(
                "email", t("Adresse e-mail"), email, type="email", autocomplete="username",
                autocapitalize="none", spellcheck="false", maxlength="254", required="",
                **marked(error), **first,
            ),
            entry(
                "password", t("Mot de passe"), type="password", autocomplete="current-password",
                maxlength="200", required="", **marked(error), **second,
            ),
            submit(t("Se connecter")),
            anchor(t("Mot de passe oublié ?"), FORGOTTEN),
        ),
        status=status,
        wait_s=wait_s,
    )  # fmt: skip


def sign_in_to(path: str) -> str:
    """Where to sign in, to go on to a page of this site."""
    return f"{SIGN_IN}?{urlencode({'next': path})}"
