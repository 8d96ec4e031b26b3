"""What every page of the settings needs: its frame, saving with its checks, and listening."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from agent.house import House
from agent.store.client_settings import (
    ChangedMeanwhileError,
    SettingRefusedError,
    SettingsStore,
)
from agent.store.clients import Client
from agent.web.console.pieces import Words, button, link, set_attributes
from agent.web.portal.frame import Visit, framed
from agent.web.portal.listening import listening_address
from agent.web.portal.parts import Field, notice
from agent.web.portal.words import t

logger = logging.getLogger(__name__)

HERE = "reglages"
HEARD = ("greeting_sentence", "spoken_name", "name", "recording", "recording_percent",
         "recording_notice", "pace", "voice")  # fmt: skip
"""Settings with which callers hear something else: it is made ready for the next of them."""

Valued = Field | Callable[[str], Any]
"""Beside what an error is said: a field, or what says it."""


@contextmanager
def settings_page(visit: Visit, name: str, title: str) -> Iterator[None]:
    """A page of the settings, with the way back to all of them.

    Args:
        visit: To the page.
        name: The last part of its path.
        title: Shown as its heading.
    """
    with framed(visit, HERE, title):
        with ui.element("nav") as back:
            set_attributes(back, aria_label=t("Tous les réglages"))
            link(t("← Tous les réglages"), visit.path(HERE), "back")
        if not visit.may_write:
            notice(t("Votre compte permet de consulter, pas de modifier."))
        yield


def values(pairs: Sequence[tuple[str, str]]) -> None:
    """What is set, for who may only look."""
    with ui.element("dl").classes("values"):
        for name, value in pairs:
            Words(name, "dt")
            Words(value or "—", "dd")


def refused(error: SettingRefusedError) -> str:
    """Why a value cannot be used, and what to do."""
    given = {"most": "", "least": "", "n": "", "brand": "", **error.values}
    match error.reason:
        case "too_long":
            return t("C'est trop long : {most} caractères au plus, il y en a {n}.",
                     most=given["most"], n=given["n"])  # fmt: skip
        case "no_text":
            return t("Écrivez des mots, sans accolades ni signes < et >.")
        case "no_letters":
            return t("Écrivez au moins un mot, avec des lettres.")
        case "pretends":
            return t("Cette phrase pourrait faire croire qu'une personne répond, ou cacher"
                     " l'enregistrement : la loi demande le contraire. Changez-la.")  # fmt: skip
        case "says_not_recorded":
            return t("Dites que l'appel est enregistré : « … enregistre cet appel ».")
        case "says_not_who":
            return t("Dites qui enregistre : écrivez « {brand} » ou « nous ».",
                     brand=given["brand"])  # fmt: skip
        case "says_not_why":
            return t("Dites pourquoi : « pour améliorer ses réponses », par exemple.")
        case "says_not_how":
            return t("Dites comment refuser : « sauf si vous dites « sans enregistrement » ».")
        case "number":
            return t("Écrivez un nombre entier de {least} à {most}.",
                     least=given["least"], most=given["most"])  # fmt: skip
        case "choice":
            return t("Choisissez une des réponses proposées.")


class Saving:
    """What a form has seen and saves; says beside it what came of it."""

    def __init__(self, visit: Visit, action: str, columns: Sequence[str]) -> None:
        """Remember what the form shows.

        Args:
            visit: To the page.
            action: What the audit calls it: "settings.greeting".
            columns: The settings that the form shows, and changes.
        """
        self._visit, self._action = visit, action
        self.columns = tuple(columns)
        self.seen = {column: getattr(visit.client, column) for column in columns}
        self._told: Words | None = None

    def controls(self, save: Callable[[], Any], *others: Callable[[], Any]) -> None:
        """The button that saves, others beside it, and where it is told what came of it."""
        if self._visit.may_write:
            with ui.element("div").classes("actions"):
                button(t("Enregistrer"), self._visit.guarded(save), "strong")
                for other in others:
                    other()
        with ui.element("div") as place:
            set_attributes(place, aria_live="polite")
            self._told = Words("", "p", "notice")

    def say(self, text: str, kind: str = "good") -> None:
        """Tell what came of it, in place of what was told before."""
        if self._told is not None:
            self._told.classes(replace=f"notice {kind}")
            self._told.say(text)

    async def save(
        self, wanted: Mapping[str, object], beside: Mapping[str, Valued]
    ) -> Client | None:
        """Save; None where it was refused, which is then said beside the value.

        Args:
            wanted: What is to be, by column.
            beside: Where an error is said, by column; elsewhere it is told under the form.
        """
        for place in beside.values():
            _say_beside(place, "")
        house, slug = self._visit.house, self._visit.client.slug
        store = SettingsStore(house.database)
        try:
            before, after = await asyncio.to_thread(store.change, slug, self.seen, wanted)
        except SettingRefusedError as error:
            sentence = refused(error)
            if error.field in beside:
                _say_beside(beside[error.field], sentence)
                self.say(t("Rien n'a été enregistré : corrigez ce qui est marqué."), "bad")
            else:
                self.say(sentence, "bad")
            return None
        except ChangedMeanwhileError:
            self.say(
                t("Quelqu'un d'autre a changé ces réglages depuis que vous avez ouvert la page."
                  " Rien n'a été écrasé : notez vos valeurs, rechargez la page, puis refaites"
                  " votre changement."),
                "bad",
            )  # fmt: skip
            return None
        changed = {
            column: [getattr(before, column), getattr(after, column)]
            for column in wanted
            if getattr(before, column) != getattr(after, column)
        }
        self.seen = {column: getattr(after, column) for column in self.columns}
        if changed:
            await self._visit.note(self._action, changed=changed)
            if set(changed) & set(HEARD):
                prepare_later(house, after)
            self.say(t("Enregistré. L'appel suivant en tient compte."))
        else:
            self.say(t("Rien n'a changé."), "info")
        return after


def _say_beside(place: Valued, sentence: str) -> None:
    if isinstance(place, Field):
        place.error(sentence)
    else:
        place(sentence)


def prepare_later(house: House, client: Client) -> None:
    """Have made in a thread what the client's next callers hear first; calls go on meanwhile."""
    made = asyncio.get_running_loop().run_in_executor(None, house.prepare, client)

    def tell(done: asyncio.Future[None]) -> None:
        if not done.cancelled() and done.exception() is not None:
            logger.error("a greeting could not be made ready", exc_info=done.exception())

    made.add_done_callback(tell)


class Listening:
    """A place of a page where sentences are heard."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._place = ui.element("div").classes("listening")
        set_attributes(self._place, role="group", aria_label=t("Écoute"))
        with self._place:
            ui.html('<audio controls preload="none" hidden></audio>', sanitize=False)
            Words("", "p", "trouble", role="alert")

    def hear(self, text: str, *, pace: float = 1.0, voice: str = "") -> None:
        """Have a text heard, as it is spoken."""
        address = listening_address(self._visit.client.slug, text, pace=pace, voice=voice)
        failed = t("La phrase n'a pas pu être préparée : réessayez dans un instant.")
        ui.run_javascript(
            f"portalListen({json.dumps(f'c{self._place.id}')}, {json.dumps(address)},"
            f" {json.dumps(failed)})"
        )
