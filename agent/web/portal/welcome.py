"""A client's first page: the first steps until its line is complete, then the line today."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from nicegui import ui

from agent.first_words import recordings_of
from agent.handoff.hours_text import parse
from agent.handoff.message import zone_of
from agent.store.clients import Client
from agent.store.line_day import calls_since, unsettled_since
from agent.store.targets import TargetStore
from agent.web.console.pieces import Words, link, set_attributes
from agent.web.portal.frame import Visit
from agent.web.portal.parts import panel
from agent.web.portal.settings.greeting import spoken_greeting
from agent.web.portal.settings.hours_words import state_words
from agent.web.portal.words import moment, number, t, tn

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """How a client's line stands.

    Attributes:
        greeting_heard: Its people listened to the greeting as it is now.
        manuals: In service.
        published_at: When the newest of them came.
        questions: Test questions kept.
        told: People and programs that are told of callback requests.
        operators: Who may be rung.
        numbers: On which it is called.
        calls: Of today.
        unsettled: Questions of the last week that are still to be dealt with.
        waiting: Callbacks to be made.
        overdue: Those of them that are late.
    """

    client: Client
    greeting_heard: bool
    manuals: int
    published_at: datetime | None
    questions: int
    told: int
    operators: int
    numbers: int
    calls: int
    unsettled: int
    waiting: int
    overdue: int


@dataclass(frozen=True)
class Step:
    """One of the first steps.

    Attributes:
        name: What is to be done.
        done: It is.
        now: What is there, or what is missing.
        to: The last part of the path of the page where it is done.
    """

    name: str
    done: bool
    now: str
    to: str


def line_of(visit: Visit, now: datetime) -> Line:
    """How the client's line stands, as it is kept (blocks)."""
    house, client = visit.house, visit.client
    zone = ZoneInfo(zone_of(client.hours))
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    targets = TargetStore(house.database).get(client.slug)
    manuals = house.clients.manuals(client.slug)
    users = house.users.list(client.slug)
    to_call = house.work.to_call((client.slug,), now)
    heard = spoken_greeting(client, recorded=recordings_of(client)[0])
    return Line(
        client=client,
        greeting_heard=client.greeting_heard == heard,
        manuals=len(manuals),
        published_at=max((one.ingested_at for one in manuals), default=None),
        questions=len(house.test_questions.list(client.slug)),
        told=len(targets.emails) + bool(targets.webhook_url),
        operators=sum(one.role == "operator" and one.active for one in users),
        numbers=len(house.numbers.of_client(client.slug)),
        calls=calls_since(house.database, client.slug, midnight.astimezone(UTC)),
        unsettled=unsettled_since(house.database, client.slug, now - LATELY),
        waiting=len(to_call),
        overdue=sum(one.overdue for one in to_call),
    )


def steps_of(line: Line, *, admin: bool) -> list[Step]:
    """The first steps, in their order."""
    return [
        Step(
            t("Écouter votre message d'accueil"), line.greeting_heard,
            t("Écouté, et confirmé.") if line.greeting_heard
            else t("Écoutez-le une fois, changez-le s'il le faut."), "reglages/accueil",
        ),
        Step(
            t("Publier vos manuels"), line.manuals > 0,
            tn("{n} manuel en service.", "{n} manuels en service.", line.manuals) if line.manuals
            else t("Sans manuel, l'assistant passe tous les appels à vos conseillers."), "manuels",
        ),
        Step(
            t("Essayer des questions"), line.questions > 0,
            tn("{n} question d'essai gardée.", "{n} questions d'essai gardées.", line.questions)
            if line.questions
            else t("Posez les questions de vos clients, gardez les bonnes."), "essayer",
        ),
        Step(
            t("Donner vos horaires"), bool(line.client.hours),
            _hours(line.client.hours) if line.client.hours
            else t("L'assistant ne peut pas dire quand un conseiller rappelle."),
            "reglages/horaires",
        ),
        Step(
            t("Choisir qui est prévenu"), line.told + line.operators > 0,
            t("{told} et {operators}.",
              told=tn("{n} adresse prévenue", "{n} adresses prévenues", line.told),
              operators=tn("{n} conseiller", "{n} conseillers", line.operators))
            if line.told + line.operators
            else t("Personne ne verra les demandes de rappel."), "reglages/equipe",
        ),
        Step(
            t("Relier un numéro de téléphone"), line.numbers > 0,
            tn("{n} numéro relié.", "{n} numéros reliés.", line.numbers) if line.numbers
            else t("Ajoutez-le.") if admin
            else t("Votre prestataire l'ajoute : donnez-lui le numéro."), "reglages/ligne",
        ),
    ]  # fmt: skip


async def show_welcome(visit: Visit) -> None:
    """Make the page's content, within its frame."""
    now = datetime.now(UTC)
    line = await asyncio.to_thread(line_of, visit, now)
    steps = steps_of(line, admin=visit.user.role == "admin")
    left = [one for one in steps if not one.done]
    if line.manuals:
        _today(visit, line, now)
    if left:
        _first_steps(visit, steps)
    _try_by_phone(visit)
    if not line.manuals:
        _today(visit, line, now)


def _first_steps(visit: Visit, steps: Sequence[Step]) -> None:
    done = sum(one.done for one in steps)
    with panel(t("Premiers pas")):
        Words(t("{done} étapes sur {all} sont faites.", done=done, all=len(steps)), "p")
        with ui.element("ol").classes("steps"):
            for place, one in enumerate(steps, start=1):
                with ui.element("li").classes("done" if one.done else "open"):
                    Words("✓" if one.done else str(place), "span", "mark", aria_hidden="true")
                    with ui.element("div"):
                        link(one.name, visit.path(one.to))
                        Words(t("(fait)") if one.done else t("(à faire)"), "span", "hint")
                        Words(one.now, "p")


def _today(visit: Visit, line: Line, now: datetime) -> None:
    with panel(t("La ligne aujourd'hui")):
        Words(_hours(line.client.hours), "p", "state")
        with ui.element("dl").classes("figures"):
            _figure(t("Appels aujourd'hui"), number(line.calls), visit.path("tableau"))
            _figure(t("Rappels à faire"), number(line.waiting), "/console/rappels"
                    if visit.user.role == "admin" else "")  # fmt: skip
            _figure(t("Dont en retard"), number(line.overdue), "", pressing=line.overdue > 0)
            _figure(
                t("Questions à traiter, 7 jours"), number(line.unsettled),
                visit.path("questions"),
            )  # fmt: skip
        if line.published_at is not None:
            zone = zone_of(line.client.hours)
            Words(t("Dernier manuel mis en service : {when}.",
                    when=moment(line.published_at, zone)), "p", "hint")  # fmt: skip


def _figure(name: str, value: str, to: str, *, pressing: bool = False) -> None:
    with ui.element("div"):
        Words(name, "dt")
        with Words("" if to else value, "dd", "pressing" if pressing else ""):
            if to:
                link(value, to, aria_label=f"{name} : {value}")


def _try_by_phone(visit: Visit) -> None:
    if not visit.may_write:
        return
    with panel(t("Essayer comme un client")):
        Words(t("Appelez votre ligne depuis ce navigateur. L'essai répond avec vos manuels en"
                " préparation, même pas encore publiés ; il ne compte nulle part, ne sonne chez"
                " personne et n'est pas enregistré."), "p")  # fmt: skip
        with ui.element("div").classes("actions"):
            made = link(
                t("Tester par téléphone"), f"/phone/{visit.client.slug}?draft=1", "plain strong"
            )
            set_attributes(made, target="_blank", rel="noopener")


def _hours(hours: str) -> str:
    if not hours:
        return t("Aucun horaire n'est encore enregistré.")
    try:
        return state_words(parse(hours), datetime.now(UTC))
    except ValueError:
        return t("Ces horaires ne se lisent plus : ouvrez la page et corrigez-les.")
