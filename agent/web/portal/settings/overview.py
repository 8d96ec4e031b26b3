"""All settings of a line at a glance, each with the way to its page."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.first_words import greeting_of, recordings_of
from agent.handoff.hours_text import parse
from agent.store.targets import Targets, TargetStore
from agent.web.console.pieces import Words, link
from agent.web.portal.frame import PATH, Visit, framed, visiting
from agent.web.portal.settings.hours_words import state_words
from agent.web.portal.settings.line import answering_words, shown
from agent.web.portal.settings.recording import mode_words
from agent.web.portal.settings.voice import paces
from agent.web.portal.words import t, tn


@ui.page(f"{PATH}/{{slug}}/reglages", title="permanence")
async def page(request: Request, slug: str) -> Response | None:
    """The page."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    targets = await asyncio.to_thread(TargetStore(visit.house.database).get, slug)
    numbers = await asyncio.to_thread(visit.house.numbers.of_client, slug)
    with framed(visit, "reglages"), ui.element("ul").classes("choices"):
        for name, title, now in _all(visit, targets, numbers):
            with ui.element("li"):
                link(title, visit.path(f"reglages/{name}"))
                Words(now, "p")
    return None


def _all(visit: Visit, targets: Targets, numbers: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """The last part of each page's path, its title, and what is set now."""
    client = visit.client
    greeting = greeting_of(client, recorded=recordings_of(client)[0])
    pace = paces().get(f"{client.pace:g}", f"{client.pace:g}")
    words = tn("{n} mot à part", "{n} mots à part", len(client.pronunciations))
    return [
        ("accueil", t("Nom et message d'accueil"), greeting),
        ("voix", t("Voix et prononciation"), t("vitesse {pace}, {words}", pace=pace, words=words)),
        ("horaires", t("Horaires et jours fériés"), hours_now(client.hours)),
        ("equipe", t("Personnes à prévenir"), told_now(targets)),
        (
            "ligne", t("La ligne"),
            t("{numbers} ; d'abord {who}", who=answering_words()[client.answering],
              numbers=", ".join(map(shown, numbers)) or t("aucun numéro")),
        ),
        (
            "enregistrement", t("Enregistrement et durées de conservation"),
            t("{mode} ; le son est gardé {days} jours", mode=mode_words(client),
              days=client.keep_audio_days),
        ),
        ("acces", t("Accès programmes"), t("les jetons avec lesquels vos outils utilisent l'API")),
    ]  # fmt: skip


def hours_now(hours: str) -> str:
    """Whether it is open, in a sentence."""
    if not hours:
        return t("Aucun horaire n'est encore enregistré.")
    try:
        return state_words(parse(hours), datetime.now(UTC))
    except ValueError:
        return t("Ces horaires ne se lisent plus : ouvrez la page et corrigez-les.")


def told_now(targets: Targets) -> str:
    """Who is told, in a few words."""
    told = [*targets.emails, *([t("un programme")] if targets.webhook_url else [])]
    return ", ".join(told) or t("Personne n'est prévenu des demandes de rappel.")
