"""« Accès programmes »: the tokens with which a client's programs use the API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff.message import zone_of
from agent.store.api_tokens import (
    LONGEST_NAME,
    MOST_TOKENS,
    SCOPES,
    ApiScope,
    ApiToken,
    TokenRefusedError,
    is_in_force,
)
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.parts import Cell, Field, notice, panel, table
from agent.web.portal.words import moment, t

DAYS = {"90": timedelta(days=90), "365": timedelta(days=365), "": None}
"""How long a new token lasts, by what is chosen."""


def scope_names() -> Mapping[ApiScope, str]:
    """What each scope allows, in words."""
    return {
        "manuals:read": t("Lire les manuels"),
        "manuals:write": t("Ajouter, corriger et publier des manuels"),
        "questions": t(
            "Poser des questions, tenir les questions d'essai et les questions ouvertes"
        ),
        "tickets:read": t("Lire les demandes de rappel"),
        "tickets:write": t("Prendre, noter et clore des demandes de rappel"),
        "calls:read": t("Lire les appels"),
        "personal:read": t("Voir qui a appelé : numéros, noms, enregistrements"),
        "settings:read": t("Lire les réglages"),
    }


@ui.page(f"{PATH}/{{slug}}/reglages/acces", title="permanence")
async def access_page(request: Request, slug: str) -> Response | None:
    """The tokens, and a form for another one."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with framed(visit, "reglages", t("Accès programmes")):
        Words(
            t(
                "Un programme (CRM, outil de suivi…) utilise l'API avec un jeton : il n'a accès "
                "qu'à ce que vous cochez, et qu'aux données de votre marque."
            ),
            "p",
        )
        link(t("Documentation de l'API"), "/api/v1/docs")
        page = _Page(visit)
        if visit.may_write:
            page.form()
        await page.show()
    return None


class _Page:
    """The page as it stands open."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._zone = zone_of(visit.client.hours)
        self._list: ui.element | None = None

    def form(self) -> None:
        """Where a token is made."""
        with panel(t("Nouveau jeton")):
            self._name = Field(
                t("Nom"), hint=t("Le programme à qui il servira."), maxlength=str(LONGEST_NAME)
            )
            with ui.element("fieldset").classes("fields scopes"):
                Words(t("Il permet de"), "legend")
                self._scopes = {
                    scope: Field(words, kind="checkbox") for scope, words in scope_names().items()
                }
            self._lasts = Field(
                t("Durée"), "365",
                options={"90": t("90 jours"), "365": t("Un an"), "": t("Sans fin")},
            )  # fmt: skip
            self._trouble = notice("", "bad")
            with ui.element("div").classes("actions"):
                button(t("Créer le jeton"), self._visit.guarded(self._make), "strong")
        with panel(t("Jeton créé")) as self._made:
            self._made.set_visibility(False)
            notice(
                t("Copiez-le maintenant : il ne sera plus jamais montré. Gardez-le secret."),
                "warn",
            )
            self._secret = Words("", "code", "secret", tabindex="0")
            self._copied = notice("", "good")
            with ui.element("div").classes("actions"):
                button(t("Copier"), self._copy)

    async def show(self) -> None:
        """The tokens there are."""
        house, slug = self._visit.house, self._visit.client.slug
        tokens = await asyncio.to_thread(house.api_tokens.list, slug)
        users = await asyncio.to_thread(house.users.list)
        names = {user.id: user.name for user in users}
        if self._list is None:
            self._list = ui.element("div")
        self._list.clear()
        with self._list, panel(t("Jetons")):
            if not tokens:
                Words(t("Aucun programme n'a d'accès."), "p")
                return
            headings = [
                t("Nom"), t("Jeton"), t("Il permet de"), t("Créé"), t("Dernier usage"), t("État"),
            ]  # fmt: skip
            table(headings, [self._row(token, names) for token in tokens])

    def _row(self, token: ApiToken, names: Mapping[str, str]) -> Sequence[Cell]:
        known = scope_names()
        maker = names.get(token.created_by or "", t("le fournisseur"))
        created = t("{at}, par {who}", at=moment(token.created_at, self._zone), who=maker)
        used = t("jamais") if token.last_used_at is None else moment(token.last_used_at, self._zone)

        def allowed() -> None:
            with ui.element("ul"):
                for scope in token.scopes:
                    Words(known[scope], "li")

        def state() -> None:
            Words(self._state(token), "p")
            if self._visit.may_write and is_in_force(token, datetime.now(UTC)):
                made = button(
                    t("Révoquer"), self._visit.guarded(lambda: self._revoke(token)), "danger"
                )
                set_attributes(made, aria_label=t("Révoquer {name}", name=token.name))

        return [token.name, f"{token.prefix}…", allowed, created, used, state]

    def _state(self, token: ApiToken) -> str:
        if token.revoked_at is not None:
            return t("Révoqué le {at}", at=moment(token.revoked_at, self._zone))
        if token.expires_at is None:
            return t("En vigueur, sans fin")
        at = moment(token.expires_at, self._zone)
        if not is_in_force(token, datetime.now(UTC)):
            return t("Expiré le {at}", at=at)
        return t("En vigueur jusqu'au {at}", at=at)

    async def _make(self) -> None:
        self._name.error()
        self._trouble.say("")
        now = datetime.now(UTC)
        lasts = DAYS.get(self._lasts.value, DAYS["90"])
        user = await self._visit.now()
        chosen = [scope for scope in SCOPES if self._scopes[scope].value]
        try:
            token, secret = await asyncio.to_thread(
                self._visit.house.api_tokens.add,
                self._visit.client.slug, self._name.value, chosen, now,
                created_by=None if user is None else user.id,
                expires_at=None if lasts is None else now + lasts,
            )  # fmt: skip
        except TokenRefusedError as refused:
            self._refused(refused.reason)
            return
        await self._visit.note(
            "token.created", token.name, prefix=token.prefix, scopes=list(token.scopes)
        )
        self._secret.say(secret)
        self._copied.say("")
        self._made.set_visibility(True)
        self._name.show("")
        for field in self._scopes.values():
            field.show("")
        await self.show()
        self._secret.run_method("focus")

    def _refused(self, reason: str) -> None:
        if reason == "name":
            self._name.error(t("Donnez-lui un nom de 60 caractères au plus."))
            return
        sentences = {
            "scopes": t("Cochez au moins une chose qu'il permet."),
            "many": t("Vous avez déjà {most} jetons : révoquez-en un.", most=MOST_TOKENS),
        }
        self._trouble.say(sentences.get(reason, t("Ce jeton ne peut pas être créé.")))

    async def _revoke(self, token: ApiToken) -> None:
        question = t(
            "Révoquer « {name} » ? Le programme qui l'utilise n'aura plus accès à rien.",
            name=token.name,
        )
        if not await self._visit.confirmed(question, t("Révoquer"), danger=True):
            return
        await asyncio.to_thread(
            self._visit.house.api_tokens.revoke,
            self._visit.client.slug, token.id, datetime.now(UTC),
        )  # fmt: skip
        await self._visit.note("token.revoked", token.name, prefix=token.prefix)
        await self.show()

    def _copy(self) -> None:
        ui.clipboard.write(self._secret.text)
        self._copied.say(t("Copié."))
