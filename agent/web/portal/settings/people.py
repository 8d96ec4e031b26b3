"""Who is told of callback requests: addresses, a program (webhook), and who is on call when."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff.delivery import DeliveryError
from agent.handoff.hours_text import parse
from agent.store.targets import (
    MOST_TARGETS,
    OnCall,
    TargetRefusedError,
    Targets,
    TargetsChangedError,
    TargetStore,
)
from agent.store.users import User
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import PATH, Visit, visiting
from agent.web.portal.parts import Field, panel
from agent.web.portal.settings.hours_words import not_understood
from agent.web.portal.settings.saving import Saving, settings_page, values
from agent.web.portal.settings.trial import (
    NotPublicError,
    require_public,
    try_email,
    try_webhook,
)
from agent.web.portal.words import t, tn
from agent.web.rates import Allowance, Rates

SECRET_BYTES = 32
_trials = Rates(Allowance(at_once=10, a_minute=1))
"""Of one client: a trial must not become a way to send much."""


@ui.page(f"{PATH}/{{slug}}/reglages/equipe", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    targets = await asyncio.to_thread(TargetStore(visit.house.database).get, slug)
    users = await asyncio.to_thread(visit.house.users.list, slug)
    with settings_page(visit, "equipe", t("Personnes à prévenir")):
        _operators(visit, [one for one in users if one.role == "operator" and one.active])
        _Told(visit, targets).build()
    return None


def _operators(visit: Visit, operators: list[User]) -> None:
    """Who rings."""
    with panel(t("Conseillers qui sonnent")):
        if operators:
            Words(tn("{n} conseiller peut prendre les appels dans son navigateur.",
                     "{n} conseillers peuvent prendre les appels dans leur navigateur.",
                     len(operators)), "p")  # fmt: skip
            with ui.element("ul"):
                for one in operators:
                    Words(one.name, "li")
        else:
            Words(t("Aucun conseiller : qui demande une personne laisse une demande de rappel."),
                  "p")  # fmt: skip
        with ui.element("div").classes("actions"):
            link(t("Inviter ou retirer des personnes"), visit.path("personnes"))
            link(t("Qui décroche d'abord, et comment ils sonnent"), visit.path("reglages/ligne"))


class _Told:
    """The form of the targets."""

    def __init__(self, visit: Visit, targets: Targets) -> None:
        self._visit, self._seen = visit, targets
        self._store = TargetStore(visit.house.database)
        self._saving = Saving(visit, "settings.notify", ())
        self._on_call: list[tuple[str, str]] = [(one.email, one.hours) for one in targets.on_call]
        self._rows: list[tuple[Field, Field]] = []

    def build(self) -> None:
        seen, smtp = self._seen, self._visit.house.settings.smtp
        with panel(t("Demandes de rappel")):
            Words(t("Chaque demande de rappel est envoyée ici dès la fin de l'appel, et répétée"
                    " jusqu'à ce qu'elle arrive."), "p")  # fmt: skip
            if smtp is None:
                Words(t("Aucun e-mail ne part : votre prestataire n'a pas encore indiqué de serveur"
                        " d'envoi."), "p", "notice warn")  # fmt: skip
            if not self._visit.may_write:
                values([
                    (t("Adresses e-mail"), ", ".join(seen.emails)),
                    (t("Adresse d'un programme (webhook)"), seen.webhook_url),
                    (t("D'astreinte"), "; ".join(one.email for one in seen.on_call)),
                ])  # fmt: skip
                return
            self._emails = Field(
                t("Adresses e-mail"), "\n".join(seen.emails), rows=3, inputmode="email",
                hint=t("Une par ligne."),
            )  # fmt: skip
            self._webhook = Field(
                t("Adresse d'un programme (webhook)"), seen.webhook_url, kind="url",
                hint=t("Facultatif : chaque demande y est envoyée, signée, pour votre logiciel"
                       " de suivi."),
            )  # fmt: skip
            self._secret()
            Words(t("D'astreinte"), "h3")
            Words(t("Prévenus des demandes urgentes seulement (gaz, brûlure…), à leurs heures."),
                  "p", "hint")  # fmt: skip
            self._on_call_rows()
            with ui.element("div").classes("actions"):
                button(t("Ajouter une personne d'astreinte"), self._visit.guarded(self._add_row))
            self._saving.controls(
                self._save,
                lambda: button(t("Envoyer un essai"), self._visit.guarded(self._try)),
            )

    @ui.refreshable_method
    def _secret(self, shown: str = "") -> None:
        if not self._seen.webhook_url:
            return
        with ui.element("div").classes("signing"):
            if shown:
                Words(t("Secret de signature, montré une seule fois : copiez-le dans votre"
                        " programme."), "p", "notice warn")  # fmt: skip
                Words(shown, "code", "secret")
            else:
                with ui.element("div").classes("actions"):
                    button(t("Changer le secret de signature"),
                           self._visit.guarded(self._new_secret))  # fmt: skip

    @ui.refreshable_method
    def _on_call_rows(self) -> None:
        self._rows = []
        for number, (email, hours) in enumerate(self._on_call):
            with ui.element("fieldset").classes("day"):
                Words(t("Personne d'astreinte {n}", n=number + 1), "legend")
                row = (
                    Field(t("E-mail"), email, kind="email"),
                    Field(t("Ses heures"), hours, rows=2,
                          hint=t("Par exemple « lundi-vendredi 18h-22h ». Vide : toujours.")),
                )  # fmt: skip
                self._rows.append(row)
                with ui.element("div").classes("actions"):
                    made = button(t("Retirer"), lambda number=number: self._drop_row(number),
                                  "small")  # fmt: skip
                    set_attributes(made, aria_label=t("Retirer la personne d'astreinte {n}",
                                                      n=number + 1))  # fmt: skip

    def _take_rows(self) -> None:
        self._on_call = [(email.value, hours.value) for email, hours in self._rows]

    def _add_row(self) -> None:
        self._take_rows()
        if len(self._on_call) < MOST_TARGETS:
            self._on_call.append(("", ""))
        self._on_call_rows.refresh()

    def _drop_row(self, number: int) -> None:
        self._take_rows()
        del self._on_call[number]
        self._on_call_rows.refresh()

    def _wanted(self) -> Targets | None:
        """What the form says; None where it cannot be, which is said beside it."""
        for field in (self._emails, self._webhook, *(one for row in self._rows for one in row)):
            field.error()
        self._take_rows()
        emails = tuple(line.strip() for line in self._emails.value.splitlines() if line.strip())
        if len(emails) > MOST_TARGETS:
            self._emails.error(t("{most} adresses au plus.", most=MOST_TARGETS))
            return None
        on_call = []
        for email, hours in self._rows:
            if not email.value.strip() and not hours.value.strip():
                continue
            try:
                parse(hours.value)
            except ValueError as error:
                hours.error(not_understood(error))
                return None
            on_call.append(OnCall(email.value.strip(), hours.value.strip()))
        url = self._webhook.value.strip()
        secret = self._seen.webhook_secret if url else ""
        if url and not secret:
            secret = secrets.token_urlsafe(SECRET_BYTES)
        return Targets(emails, url, secret, tuple(on_call))

    async def _save(self) -> None:
        wanted = self._wanted()
        if wanted is not None and await self._reachable(wanted.webhook_url):
            await self._keep(wanted)

    async def _reachable(self, url: str) -> bool:
        """Whether a client may have a program told there: admins may anywhere."""
        user = await self._visit.now()
        if not url or url == self._seen.webhook_url or (user and user.role == "admin"):
            return True
        try:
            await asyncio.to_thread(require_public, url)
        except (NotPublicError, DeliveryError, ValueError):
            self._webhook.error(t("Cette adresse n'est pas joignable depuis Internet :"
                                  " vérifiez-la."))  # fmt: skip
            return False
        return True

    async def _keep(self, wanted: Targets, *, show_secret: bool = False) -> None:
        before, slug = self._seen, self._visit.client.slug
        try:
            kept = await asyncio.to_thread(lambda: self._store.set(slug, wanted, seen=before))
        except TargetRefusedError as error:
            self._refuse(error.given)
            return
        except TargetsChangedError:
            self._saving.say(
                t("Quelqu'un d'autre a changé ces réglages depuis que vous avez ouvert la page."
                  " Rien n'a été écrasé : notez vos valeurs, rechargez la page, puis refaites"
                  " votre changement."), "bad",
            )  # fmt: skip
            return
        self._seen = kept
        if kept == before:
            self._saving.say(t("Rien n'a changé."), "info")
            return
        changed = {name: [old, new] for name, old, new in _changes(before, kept)}
        await self._visit.note("settings.notify", changed=changed)
        show = show_secret or kept.webhook_secret not in ("", before.webhook_secret)
        self._secret.refresh(kept.webhook_secret if show else "")
        self._saving.say(t("Enregistré. L'appel suivant en tient compte."))

    def _refuse(self, given: str) -> None:
        if given and given == self._webhook.value.strip():
            self._webhook.error(
                t(
                    "Écrivez une adresse complète, comme"
                    " https://suivi.exemple.fr/appels, sans espaces ni accents."
                )
            )
            return  # fmt: skip
        sentence = t("« {given} » n'est pas une adresse e-mail : écrivez-la comme nom@exemple.fr,"
                     " sans accents.", given=given[:60])  # fmt: skip
        for email, _ in self._rows:
            if email.value.strip() == given:
                email.error(sentence)
                return
        self._emails.error(sentence)

    async def _new_secret(self) -> None:
        question = t("Votre programme refusera les envois jusqu'à ce que vous y mettiez le nouveau"
                     " secret. Le changer ?")  # fmt: skip
        if await self._visit.confirmed(question, t("Changer le secret")):
            made = secrets.token_urlsafe(SECRET_BYTES)
            await self._keep(replace(self._seen, webhook_secret=made), show_secret=True)

    async def _try(self) -> None:
        """Really send to what is saved, and tell what came of it."""
        targets, client = self._seen, self._visit.client
        if not targets.emails and not targets.webhook_url:
            self._saving.say(t("Rien à essayer : enregistrez d'abord une adresse."), "warn")
            return
        if _trials.wait_s(client.slug, time.monotonic()):
            self._saving.say(t("Beaucoup d'essais : attendez quelques minutes."), "warn")
            return
        self._saving.say(t("Essai en cours…"), "info")
        told, good = [], True
        for address in targets.emails:
            sent, why = await self._attempt(
                lambda address=address: try_email(self._visit.house.settings, address, client.name)
            )
            good = good and sent
            told.append(t("{where} : envoyé", where=address) if sent
                        else t("{where} : échec ({why})", where=address, why=why))  # fmt: skip
        if targets.webhook_url:
            sent, why = await self._attempt(lambda: try_webhook(targets, client.slug, client.name))
            good = good and sent
            told.append(
                t("{where} : reçu", where=targets.webhook_url)
                if sent
                else t("{where} : échec ({why})", where=targets.webhook_url, why=why)
            )
        await self._visit.note("settings.notify_tried", "", good=good)
        self._saving.say(" ; ".join(told) + ".", "good" if good else "bad")

    async def _attempt(self, send: object) -> tuple[bool, str]:
        assert callable(send)
        try:
            await asyncio.to_thread(send)
        except DeliveryError as error:
            why = str(error)
            if why == "no server":
                why = t("aucun serveur d'envoi")
            elif why.startswith("answered "):
                why = t("il répond {status}", status=why.removeprefix("answered "))
            elif why.startswith("no answer"):
                why = t("pas de réponse")
            return False, why
        return True, ""


def _changes(before: Targets, after: Targets) -> list[tuple[str, object, object]]:
    """What changed, for the audit: never the secret."""
    found: list[tuple[str, object, object]] = []
    if before.emails != after.emails:
        found.append(("emails", list(before.emails), list(after.emails)))
    if before.webhook_url != after.webhook_url:
        found.append(("webhook", before.webhook_url, after.webhook_url))
    if before.webhook_secret != after.webhook_secret:
        found.append(("webhook_secret", "…", "…"))
    if before.on_call != after.on_call:
        found.append((
            "on_call",
            [[one.email, one.hours] for one in before.on_call],
            [[one.email, one.hours] for one in after.on_call],
        ))  # fmt: skip
    return found
