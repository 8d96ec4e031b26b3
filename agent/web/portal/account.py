"""« Votre compte »: name and language, password, second factor, where one is signed in."""

from __future__ import annotations

import asyncio
import json

from nicegui import ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agent.store.users import LANGUAGES, LONGEST_NAME, UserRefusedError
from agent.store.weak_passwords import LONGEST_PASSWORD, weakness
from agent.web.auth import sign_in_url, signed_in
from agent.web.checking import SignInRefusedError
from agent.web.console.pieces import Words, button
from agent.web.portal.account_factor import factor_panel
from agent.web.portal.account_sessions import SessionsPanel
from agent.web.portal.entry import sentences
from agent.web.portal.frame import page_frame
from agent.web.portal.own import Own
from agent.web.portal.parts import Field, notice, panel
from agent.web.portal.words import t

ACCOUNT = "/compte"


@ui.page(ACCOUNT, title="permanence")
async def account_page(request: Request) -> Response | None:
    """One's own account, whatever one's role."""
    user = await signed_in(request)
    if user is None:
        return RedirectResponse(sign_in_url(request), 303)
    own = Own(request, user, request.state.house)
    with page_frame(user, t("Votre compte")), ui.element("main"):
        Words(t("Votre compte"), "h1")
        Words(
            t("{email}, {role}", email=user.email, role=sentences.role_name(user.role).lower()),
            "p", "hint",
        )  # fmt: skip
        _profile(own)
        sessions = SessionsPanel(own)
        _password(own, sessions)
        await factor_panel(own)
        await sessions.make()
    return None


def _profile(own: Own) -> None:
    with panel(t("Vous")):
        with ui.element("div").classes("fields"):
            name = Field(t("Nom"), own.user.name, autocomplete="name", maxlength=str(LONGEST_NAME))
            language = Field(
                t("Langue de ces pages"), own.user.language,
                options={"fr": "Français", "en": "English"},
            )  # fmt: skip

        async def save() -> None:
            users, user_id = own.house.users, own.user.id
            try:
                await asyncio.to_thread(users.set_name, user_id, name.value)
            except UserRefusedError:
                name.error(t("Écrivez votre nom, comme vos collègues le connaissent."))
                return
            if language.value in LANGUAGES:
                await asyncio.to_thread(users.set_language, user_id, language.value)
            await own.note("account.changed")
            ui.run_javascript(f"location.assign({json.dumps(ACCOUNT)})")

        with ui.element("div").classes("actions"):
            button(t("Enregistrer"), own.guarded(save), "strong")


def _password(own: Own, sessions: SessionsPanel) -> None:
    most = str(LONGEST_PASSWORD)
    with panel(t("Mot de passe")):
        before = Field(
            t("Mot de passe actuel"), kind="password", autocomplete="current-password",
            maxlength=most,
        )  # fmt: skip
        after = Field(
            t("Nouveau mot de passe"), kind="password", autocomplete="new-password",
            maxlength=most, hint=sentences.password_hint(),
        )  # fmt: skip
        done = notice("", "good")

        async def change() -> None:
            for field in (before, after):
                field.error()
            done.say("")
            weak = weakness(after.value, [own.user.email, own.user.name])
            if weak is not None:
                after.error(sentences.weak(weak))
                return
            try:
                await own.checks.confirm(own.user, before.value)
            except SignInRefusedError as why:
                before.error(password_refused(why))
                return
            await asyncio.to_thread(
                own.house.users.set_password, own.user.id, after.value, but=own.token
            )
            await own.note("account.password_changed")
            for field in (before, after):
                field.show("")
            done.say(t("Votre mot de passe a changé. Partout ailleurs, vous êtes déconnecté."))
            await sessions.show()

        with ui.element("div").classes("actions"):
            button(t("Changer de mot de passe"), own.guarded(change), "strong")


def password_refused(why: SignInRefusedError) -> str:
    """Why the present password is not taken."""
    return sentences.wrong_password() if why.why == "wrong" else sentences.refused(why)
