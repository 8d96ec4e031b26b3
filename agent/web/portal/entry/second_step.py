"""/connexion/code: the second factor; /connexion/second-facteur: to have one before coming in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from html import escape

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response

from agent.store.second_factor import CodeRefusedError, Enrolment
from agent.store.users import User
from agent.web.auth import AFTER_SIGN_IN, SIGN_IN
from agent.web.checking import SignInRefusedError
from agent.web.forms import read_form
from agent.web.origin import local_path, same_origin
from agent.web.portal.entry import sentences
from agent.web.portal.entry.door import CODE, ENROL, Door, client_of
from agent.web.portal.entry.pages import (
    anchor,
    card,
    entry,
    entry_page,
    form,
    hidden,
    language_of,
    marked,
    redirect,
    said,
    submit,
    trouble,
)
from agent.web.portal.words import speaking, t

FEW_LEFT = 3
"""Recovery codes, of which it is said that they are few."""


def second_step_routes(router: APIRouter, door: Door) -> None:
    """Add them."""

    @router.get(CODE)
    async def ask(request: Request) -> Response:
        if await door.waiting(request) is None:
            return redirect(SIGN_IN)
        with speaking(language_of(request)):
            return _code_form(local_path(request.query_params.get("next", ""), ""))

    @router.post(CODE)
    async def check(request: Request) -> Response:
        given, user = await read_form(request), await door.waiting(request)
        if user is None:
            return redirect(SIGN_IN)
        with speaking(language_of(request)):
            if given is None or not same_origin(request):
                return _code_form("", sentences.foreign(), status=403)
            onward = local_path(given.get("next", ""), "")
            try:
                used = await door.checks.code(user.id, given.get("code", ""))
            except SignInRefusedError as why:
                sentence = sentences.refused(why)
                return _code_form(onward, sentence, status=why.status, wait_s=why.wait_s)
            await door.done_waiting(request)
            if used == "recovery":
                await _note(door, user, "second_factor.recovery_used")
                left = await asyncio.to_thread(door.house.accounts.factors.recovery_left, user.id)
                if left <= FEW_LEFT:
                    onward = "/compte"  # where there are new ones
            return await door.let_in(request, user, onward)

    @router.get(ENROL)
    async def offer(request: Request) -> Response:
        user = await door.waiting(request)
        enrolment = None if user is None else await _begun(door, user)
        if enrolment is None:
            return redirect(SIGN_IN)
        with speaking(language_of(request)):
            return _enrolment(enrolment, local_path(request.query_params.get("next", ""), ""))

    @router.post(ENROL)
    async def confirm(request: Request) -> Response:
        given, user = await read_form(request), await door.waiting(request)
        enrolment = None if user is None else await _begun(door, user)
        if user is None or enrolment is None:
            return redirect(SIGN_IN)
        with speaking(language_of(request)):
            if given is None or not same_origin(request):
                return _enrolment(enrolment, "", sentences.foreign(), status=403)
            onward = local_path(given.get("next", ""), "")
            try:
                codes = await asyncio.to_thread(
                    door.house.accounts.factors.confirm,
                    user.id, given.get("code", ""), datetime.now(UTC),
                )  # fmt: skip
            except CodeRefusedError:
                sentence = sentences.refused(SignInRefusedError("code"))
                return _enrolment(enrolment, onward, sentence, status=403)
            await door.done_waiting(request)
            await _note(door, user, "second_factor.on")
            answer = entry_page(
                t("Vos codes de secours"),
                card(
                    said(recovery_sentence()),
                    "<ul class='codes'>",
                    *(f"<li><code>{escape(one)}</code></li>" for one in codes),
                    "</ul>",
                    anchor(t("J'ai noté ces codes : continuer"), onward or AFTER_SIGN_IN),
                ),
            )
            await door.sign_in(request, user, answer)
            return answer


async def _begun(door: Door, user: User) -> Enrolment | None:
    """The key of a second factor to come; None if there is one."""
    try:
        return await asyncio.to_thread(
            door.house.accounts.factors.begin, user.id, user.email, datetime.now(UTC)
        )
    except CodeRefusedError:
        return None


async def _note(door: Door, user: User, action: str) -> None:
    await asyncio.to_thread(
        door.house.audit.note, action, user=user, client=client_of(user), subject=user.email
    )


def qr_code(uri: str) -> str:
    """A picture of a key for an app, as SVG."""
    drawn = segno.make(uri, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff")
    label = escape(t("Code QR de la clé"))
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def recovery_sentence() -> str:
    """What recovery codes are for."""
    return t(
        "Si votre téléphone vous manque, chacun de ces codes ouvre une fois la porte à sa place. "
        "Notez-les ou imprimez-les : ils ne seront plus affichés."
    )


def _code_form(onward: str, error: str = "", status: int = 200, wait_s: float = 0.0) -> Response:
    return entry_page(
        t("Votre code"),
        form(
            CODE,
            trouble(error),
            hidden("next", onward),
            entry(
                "code", t("Code de votre application"), autocomplete="one-time-code",
                autocapitalize="none", spellcheck="false", maxlength="40", required="",
                autofocus="", hint=t("Ou un de vos codes de secours."), **marked(error),
            ),
            submit(t("Continuer")),
            anchor(t("Revenir à la connexion"), SIGN_IN),
        ),
        status=status,
        wait_s=wait_s,
    )  # fmt: skip


def _enrolment(enrolment: Enrolment, onward: str, error: str = "", status: int = 200) -> Response:
    return entry_page(
        t("Un second facteur"),
        form(
            ENROL,
            said(t("Votre compte doit être protégé par une application de codes.")),
            said(t("Ouvrez-la sur votre téléphone et visez ce carré, ou tapez la clé :")),
            qr_code(enrolment.uri),
            f"<p class='key'><code>{escape(spaced(enrolment.key))}</code></p>",
            trouble(error),
            hidden("next", onward),
            entry(
                "code", t("Code affiché par l'application"), autocomplete="one-time-code",
                inputmode="numeric", maxlength="10", required="", **marked(error),
            ),
            submit(t("Continuer")),
        ),
        status=status,
    )  # fmt: skip


def spaced(key: str) -> str:
    """A key in groups of four."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))
