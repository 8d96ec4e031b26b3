"""The name and the greeting: what a caller hears first, listened to before it is saved."""

from __future__ import annotations

from dataclasses import replace

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.first_words import greeting_of, recordings_of
from agent.store.client_settings import (
    LONGEST_NAME,
    LONGEST_SENTENCE,
    SettingRefusedError,
    checked,
)
from agent.store.clients import Client
from agent.web.console.pieces import Words, button, typeset
from agent.web.portal.frame import PATH, Visit, visiting
from agent.web.portal.parts import Field, panel
from agent.web.portal.settings.saving import Listening, Saving, refused, settings_page, values
from agent.web.portal.words import t
from voices.pronunciations import pronouncer

COLUMNS = ("name", "spoken_name", "greeting_sentence")


def spoken_greeting(client: Client, *, recorded: bool) -> str:
    """A client's greeting as it is spoken."""
    return pronouncer(client.said)(greeting_of(client, recorded=recorded))


@ui.page(f"{PATH}/{{slug}}/reglages/accueil", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with settings_page(visit, "accueil", t("Nom et message d'accueil")):
        _Greeting(visit).build()
    return None


class _Greeting:
    """The form, and what is heard of it."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._client = visit, visit.client
        self._saving = Saving(visit, "settings.greeting", COLUMNS)
        self._heard = visit.client.greeting_heard
        self._fields: dict[str, Field] = {}

    def build(self) -> None:
        client = self._client
        with panel(t("Ce que vos appelants entendent d'abord")):
            if self._visit.may_write:
                self._fields = {
                    "name": Field(
                        t("Nom de la marque"), client.name, maxlength=str(LONGEST_NAME),
                        hint=t("Comme il s'écrit ; il se voit aussi sur vos pages publiques."),
                        on_change=self._shown,
                    ),
                    "spoken_name": Field(
                        t("Le nom comme il se prononce"), client.spoken_name,
                        maxlength=str(LONGEST_NAME),
                        hint=t("Si la voix le dit mal : « ouirlpoule » pour Whirlpool. Laissez vide"
                               " si elle le dit bien."),
                        on_change=self._shown,
                    ),
                    "greeting_sentence": Field(
                        t("Une phrase à vous (facultatif)"), client.greeting_sentence,
                        hint=t("Par exemple « Merci de votre confiance. » {most} caractères au"
                               " plus.", most=LONGEST_SENTENCE),
                        on_change=self._shown,
                    ),
                }  # fmt: skip
            else:
                values([
                    (t("Nom de la marque"), client.name),
                    (t("Le nom comme il se prononce"), client.spoken_name),
                    (t("Une phrase à vous (facultatif)"), client.greeting_sentence),
                ])  # fmt: skip
            Words(t("L'annonce en entier"), "h3")
            self._text = Words("", "blockquote", "spoken")
            Words(
                t("« Assistant automatique » reste toujours dans l'annonce, et l'avis"
                  " d'enregistrement quand l'appel est enregistré : la loi le demande."),
                "p", "hint",
            )  # fmt: skip
            with ui.element("div").classes("actions"):
                for recorded in recordings_of(client):
                    label = t("Écouter, appel enregistré") if recorded else t("Écouter")
                    button(label, lambda recorded=recorded: self._listen(recorded))
            self._listening = Listening(self._visit)
            self._saving.controls(self._save)
            self._state = Words("", "p", "hint", role="status")
        self._shown()
        self._tell_heard()

    def _wanted(self) -> Client:
        """The client as the form would have it.

        Raises:
            SettingRefusedError: A value cannot be used.
        """
        client = self._client
        given = {column: field.value for column, field in self._fields.items()}
        wanted = {column: str(checked(column, value, client)) for column, value in given.items()}
        return replace(client, **wanted)  # type: ignore[arg-type]  # COLUMNS are all texts

    def _shown(self) -> None:
        """Show the words as they would be said, while they are typed."""
        try:
            client = self._wanted()
        except SettingRefusedError:
            return
        self._text.say(typeset(greeting_of(client, recorded=recordings_of(client)[0])))

    async def _listen(self, recorded: bool) -> None:
        for field in self._fields.values():
            field.error()
        try:
            client = self._wanted()
        except SettingRefusedError as error:
            self._fields[error.field].error(refused(error))
            return
        text = spoken_greeting(client, recorded=recorded)
        if recorded == recordings_of(client)[0]:
            self._heard = text
        self._listening.hear(text, pace=client.pace, voice=client.voice)
        if self._visit.may_write and self._heard == self._spoken_now():
            await self._visit.guarded(self._keep_heard)()

    async def _keep_heard(self) -> None:
        """What is heard is what is saved: the first steps know it."""
        await Saving(self._visit, "settings.greeting_heard", ()).save(
            {"greeting_heard": self._heard}, {}
        )
        self._tell_heard()

    async def _save(self) -> None:
        wanted = {column: field.value for column, field in self._fields.items()}
        try:
            made = self._wanted()
            spoken = spoken_greeting(made, recorded=recordings_of(made)[0])
        except SettingRefusedError:
            spoken = ""
        extra = {"greeting_heard": self._heard} if spoken and spoken == self._heard else {}
        client = await self._saving.save(wanted | extra, self._fields)
        if client is not None:
            self._client = client
            for column, field in self._fields.items():
                field.show(getattr(client, column))
            self._shown()
            self._tell_heard()

    def _spoken_now(self) -> str:
        """The greeting as it is saved."""
        return spoken_greeting(self._client, recorded=recordings_of(self._client)[0])

    def _tell_heard(self) -> None:
        self._state.say(
            t("Vous avez écouté cette annonce.")
            if self._heard == self._spoken_now()
            else t("Cette annonce n'a pas encore été écoutée : écoutez-la une fois.")
        )
