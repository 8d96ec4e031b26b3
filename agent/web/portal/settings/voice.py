"""The voice, its speed, and how the client's words are pronounced; all of it can be heard."""

from __future__ import annotations

import asyncio
from functools import partial

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.speakers import installed
from agent.store.clients import (
    LONGEST_SPOKEN,
    LONGEST_WORD,
    Client,
    PronunciationRefusedError,
)
from agent.web.console.pieces import Words, button
from agent.web.portal.frame import PATH, Visit, visiting
from agent.web.portal.parts import Field, panel, table
from agent.web.portal.settings.saving import (
    Listening,
    Saving,
    prepare_later,
    settings_page,
    values,
)
from agent.web.portal.words import t

MOST_WORDS = 200
"""Of one client's list."""


@ui.page(f"{PATH}/{{slug}}/reglages/voix", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    voices = await asyncio.to_thread(installed, visit.house.settings)
    with settings_page(visit, "voix", t("Voix et prononciation")):
        _Voice(visit, {one.name: one.name for one in voices}).build()
        _Pronunciations(visit).build()
    return None


def paces() -> dict[str, str]:
    """The speeds among which one chooses."""
    return {
        "0.9": t("un peu plus vite"),
        "1": t("normale"),
        "1.1": t("un peu plus lente"),
        "1.2": t("lente"),
    }


class _Voice:
    """Who speaks, and how fast."""

    def __init__(self, visit: Visit, voices: dict[str, str]) -> None:
        self._visit, self._voices = visit, voices
        self._saving = Saving(visit, "settings.voice", ("voice", "pace"))

    def build(self) -> None:
        client = self._visit.client
        usual = self._visit.house.settings.voice
        with panel(t("La voix")):
            if len(self._voices) < 2:
                Words(t("Une seule voix française est installée sur ce serveur : « {name} »."
                        " Votre prestataire peut en ajouter d'autres.", name=usual),
                      "p")  # fmt: skip
            if not self._visit.may_write:
                values([
                    (t("Voix"), client.voice or usual),
                    (t("Vitesse"), paces().get(f"{client.pace:g}", f"{client.pace:g}")),
                ])  # fmt: skip
                return
            self._voice = (
                Field(t("Voix"), client.voice or usual, options=self._voices)
                if len(self._voices) > 1
                else None
            )
            options = {f"{client.pace:g}": f"{client.pace:g}", **paces()}
            self._pace = Field(t("Vitesse"), f"{client.pace:g}", options=options)
            with ui.element("div").classes("actions"):
                button(t("Écouter"), self._listen)
            self._listening = Listening(self._visit)
            self._saving.controls(self._save)

    def _listen(self) -> None:
        text = t_sample(self._visit.client)
        self._listening.hear(text, pace=float(self._pace.value), voice=self._chosen())

    def _chosen(self) -> str:
        usual = self._visit.house.settings.voice
        given = self._voice.value if self._voice is not None else self._visit.client.voice
        return "" if given == usual or given not in self._voices else given

    async def _save(self) -> None:
        wanted = {"voice": self._chosen(), "pace": self._pace.value}
        await self._saving.save(wanted, {"pace": self._pace})


def t_sample(client: Client) -> str:
    """A sentence by which a voice is judged: it is what callers hear, so it is French."""
    brand = client.spoken_name or client.name
    return (
        f"Bonjour, ici l'assistant automatique {brand}. Nettoyez le filtre, puis dites-moi quand"
        " c'est fait."
    )


class _Pronunciations:
    """The list of words that are spoken otherwise than they are written."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._client = visit.client

    def build(self) -> None:
        with panel(t("Prononciation")):
            Words(t("Les mots que la voix dit mal : écrivez-les comme ils s'entendent, en français."
                    " Whirlpool : « ouirlpoule »."), "p")  # fmt: skip
            self._list()
            self._listening = Listening(self._visit)
            if not self._visit.may_write:
                return
            with ui.element("div").classes("fields"):
                self._word = Field(t("Mot écrit"), maxlength=str(LONGEST_WORD))
                self._spoken = Field(t("Comme il s'entend"), maxlength=str(LONGEST_SPOKEN))
            with ui.element("div").classes("actions"):
                button(t("Écouter ce mot"), self._try)
                button(t("Ajouter à la liste"), self._visit.guarded(self._add), "strong")
            self._told = Words("", "p", "notice good", role="status")

    @ui.refreshable_method
    def _list(self) -> None:
        words = sorted(self._client.pronunciations.items(), key=lambda pair: pair[0].casefold())
        if not words:
            Words(t("La liste est vide."), "p", "hint")
            return
        table(
            [t("Mot écrit"), t("Comme il s'entend"), t("Actions")],
            [(word, said, partial(self._row, word, said)) for word, said in words],
            t("Mots et leur prononciation"),
        )  # fmt: skip

    def _row(self, word: str, said: str) -> None:
        with ui.element("div").classes("actions"):
            button(
                t("Écouter"), lambda: self._hear(said), "small",
                aria_label=t("Écouter {word}", word=word),
            )  # fmt: skip
            if self._visit.may_write:
                button(
                    t("Retirer"), self._visit.guarded(lambda: self._drop(word)), "small danger",
                    aria_label=t("Retirer {word}", word=word),
                )  # fmt: skip

    def _hear(self, said: str) -> None:
        self._listening.hear(said, pace=self._client.pace, voice=self._client.voice)

    def _try(self) -> None:
        said = self._spoken.value.strip() or self._word.value.strip()
        self._spoken.error("" if said else t("Écrivez d'abord un mot."))
        if said:
            self._hear(said)

    async def _add(self) -> None:
        word, said = self._word.value.strip(), self._spoken.value.strip()
        self._word.error()
        self._spoken.error()
        if not any(map(str.isalpha, word)):
            self._word.error(t("Écrivez le mot tel qu'il est dans vos manuels, avec des lettres."))
            return
        if not any(map(str.isalpha, said)):
            self._spoken.error(t("Écrivez comment ce mot s'entend, avec des lettres."))
            return
        if len(self._client.pronunciations) >= MOST_WORDS:
            self._word.error(t("La liste est pleine : {most} mots au plus.", most=MOST_WORDS))
            return
        if await self._change(word, said):
            self._word.show("")
            self._spoken.show("")
            self._told.say(t("« {word} » se dira « {said} » dès l'appel suivant.",
                             word=word, said=said))  # fmt: skip

    async def _drop(self, word: str) -> None:
        if await self._change(word, None):
            self._told.say(t("« {word} » se dira de nouveau comme il s'écrit.", word=word))

    async def _change(self, word: str, said: str | None) -> bool:
        house, slug = self._visit.house, self._client.slug
        before = self._client.pronunciations.get(word)
        try:
            changed = await asyncio.to_thread(house.clients.set_pronunciation, slug, word, said)
        except PronunciationRefusedError:
            if said is None:  # somebody else has removed it
                self._client = await asyncio.to_thread(house.clients.get, slug)
                self._list.refresh()
            else:
                self._word.error(t("Écrivez un mot de {most} caractères au plus, en lettres.",
                                   most=LONGEST_WORD))  # fmt: skip
            return False
        self._client = changed
        await self._visit.note("settings.pronunciation", word, changed={word: [before, said]})
        prepare_later(house, changed)
        self._list.refresh()
        return True
