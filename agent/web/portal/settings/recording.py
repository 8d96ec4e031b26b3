"""Recording: which calls, what callers are told of it, and how long everything is kept."""

from __future__ import annotations

from dataclasses import replace

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.store.client_settings import (
    LONGEST_NOTICE,
    MOST_AUDIO_DAYS,
    MOST_DAYS,
    SettingRefusedError,
    checked,
)
from agent.store.clients import Client
from agent.web.console.pieces import Words, button
from agent.web.portal.frame import PATH, Visit, visiting
from agent.web.portal.parts import Field, panel
from agent.web.portal.settings.greeting import spoken_greeting
from agent.web.portal.settings.saving import (
    Listening,
    Saving,
    refused,
    settings_page,
    values,
)
from agent.web.portal.words import t
from voices.prompts import usual_notice

KEPT = ("keep_audio_days", "keep_transcript_days", "keep_ticket_days", "keep_analysis_days")


@ui.page(f"{PATH}/{{slug}}/reglages/enregistrement", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    with settings_page(visit, "enregistrement", t("Enregistrement et durées de conservation")):
        _Recording(visit).build()
        _Keeping(visit).build()
    return None


def mode_of(client: Client) -> str:
    """The way in which a client's calls are recorded: never, sample, always."""
    if not client.recording:
        return "never"
    return "always" if client.recording_percent == 100 else "sample"


def modes() -> dict[str, str]:
    """The ways, as they are shown."""
    return {
        "never": t("jamais"),
        "sample": t("une partie des appels, tirés au sort"),
        "always": t("tous, sauf refus de l'appelant"),
    }


def mode_words(client: Client) -> str:
    """The way in which a client's calls are recorded, in words."""
    mode = mode_of(client)
    if mode == "sample":
        return t("{n} % des appels, tirés au sort", n=client.recording_percent)
    return modes()[mode]


class _Recording:
    """Which calls, and the notice."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._saving = Saving(
            visit, "settings.recording", ("recording", "recording_percent", "recording_notice")
        )

    def build(self) -> None:
        client = self._visit.client
        with panel(t("Enregistrement des appels")):
            Words(t("Vous n'avez pas à tout enregistrer : la CNIL demande de se limiter à ce qui"
                    " sert. L'appelant est prévenu avant, et peut refuser à tout moment en disant"
                    " « sans enregistrement » : rien n'est alors gardé."), "p")  # fmt: skip
            if not self._visit.may_write:
                values([
                    (t("Quels appels enregistrer"), mode_words(client)),
                    (t("Ce que l'appelant entend"),
                     client.recording_notice or usual_notice(client.name)),
                ])  # fmt: skip
                return
            share = "20" if mode_of(client) != "sample" else str(client.recording_percent)
            self._mode = Field(
                t("Quels appels enregistrer"), mode_of(client), options=modes(),
                on_change=self._mode_chosen,
            )  # fmt: skip
            with ui.element("div") as self._share_place:
                self._percent = Field(
                    t("Part des appels, en %"), share, kind="number", min="1", max="99",
                    inputmode="numeric",
                )  # fmt: skip
            self._notice = Field(
                t("Ce que l'appelant entend"), client.recording_notice or usual_notice(client.name),
                rows=3, maxlength=str(LONGEST_NOTICE),
                hint=t("Dites qui enregistre, pourquoi, et comment refuser. La phrase n'est dite"
                       " que dans les appels enregistrés."),
            )  # fmt: skip
            with ui.element("div").classes("actions"):
                button(t("Écouter l'annonce d'un appel enregistré"), self._listen)
                button(t("Reprendre la phrase habituelle"), self._usual)
            self._listening = Listening(self._visit)
            self._saving.controls(self._save)
            self._mode_chosen()

    def _mode_chosen(self) -> None:
        self._share_place.set_visibility(self._mode.value == "sample")

    def _usual(self) -> None:
        self._notice.show(usual_notice(self._visit.client.name))
        self._notice.error()

    def _own_notice(self) -> str:
        given = " ".join(self._notice.value.split())
        return "" if given == usual_notice(self._visit.client.name) else given

    def _listen(self) -> None:
        client = self._visit.client
        try:
            notice = str(checked("recording_notice", self._own_notice(), client))
        except SettingRefusedError as error:
            self._notice.error(refused(error))
            return
        self._notice.error()
        heard = spoken_greeting(replace(client, recording_notice=notice), recorded=True)
        self._listening.hear(heard, pace=client.pace, voice=client.voice)

    async def _save(self) -> None:
        mode = self._mode.value
        wanted: dict[str, object] = {
            "recording": mode != "never",
            "recording_percent": self._percent.value if mode == "sample" else 100,
            "recording_notice": self._own_notice(),
        }
        await self._saving.save(
            wanted, {"recording_percent": self._percent, "recording_notice": self._notice}
        )


class _Keeping:
    """How long, of each kind."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._saving = Saving(visit, "settings.retention", KEPT)

    def build(self) -> None:
        labels = {
            "keep_audio_days": t("Enregistrements sonores, en jours"),
            "keep_transcript_days": t("Textes des appels, en jours"),
            "keep_ticket_days": t("Demandes de rappel closes, en jours"),
            "keep_analysis_days": t("Analyses : avis, questions regroupées, en jours"),
        }
        client = self._visit.client
        with panel(t("Combien de temps tout est gardé")):
            Words(t("Passé ce délai, tout est effacé chaque nuit. La loi permet six mois pour le"
                    " son, un an pour le reste : gardez moins si vous n'en avez pas besoin."),
                  "p")  # fmt: skip
            if not self._visit.may_write:
                values([(label, str(getattr(client, name))) for name, label in labels.items()])
                return
            with ui.element("div").classes("fields"):
                self._fields = {
                    name: Field(
                        label, str(getattr(client, name)), kind="number", min="1",
                        max=str(MOST_AUDIO_DAYS if name == "keep_audio_days" else MOST_DAYS),
                        inputmode="numeric",
                    )
                    for name, label in labels.items()
                }  # fmt: skip
            self._saving.controls(self._save)

    async def _save(self) -> None:
        wanted = {name: field.value for name, field in self._fields.items()}
        await self._saving.save(wanted, self._fields)
