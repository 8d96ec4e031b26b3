"""A console over real stores with a few days of calls and requests in them; no model is loaded."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
from fastapi import FastAPI
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from agent.call.handover import RingRequest
from agent.call.live import LiveCalls
from agent.call.record import (
    CallRecord,
    Handoff,
    HandoffRequest,
    Sourced,
    Story,
    TriedStep,
    Turn,
    recording_of,
)
from agent.call.voice import PiperPool, Voice
from agent.first_words import prepare_client
from agent.handoff.brief import brief_of
from agent.handoff.states import HandoffRecord, Passage
from agent.handoff.switchboard import Switchboard
from agent.sealing.keys import Key
from agent.sealing.vault import Vault
from agent.settings import Settings
from agent.store.api_tokens import ApiTokenStore
from agent.store.calls import CallStore
from agent.store.clients import Client
from agent.store.figures import FigureStore
from agent.store.gap_groups import GapStore
from agent.store.handoffs import HandoffStore
from agent.store.history import CallHistory
from agent.store.numbers import NumberStore
from agent.store.outbox import OutboxStore
from agent.store.test_questions import KeptQuestions
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from agent.store.verdicts import VerdictStore
from agent.web.auth import COOKIE, auth_router
from agent.web.console.downloads import downloads_router
from agent.web.console.mounting import console_router
from agent.web.headset import Headsets
from agent.web.hours_page import hours_router
from agent.web.live_pages import mount_pages
from agent.web.page_picture import Pictures
from agent.web.phone import BrowserCalls, phone_router
from agent.web.portal.calls.files import calls_router
from agent.web.portal.dashboard.files import dashboard_router
from agent.web.portal.gaps.files import turns_router
from agent.web.portal.listening import listening_router
from agent.web.portal.personal.handing_out import personal_router
from agent.web.portal.trying.files import trying_router
from knowledge.answer import Evidence
from knowledge.errors import IndexMissingError
from tests.web.small_server import SmallHouse, small_house, small_server

T = TypeVar("T")

PASSWORD = "un-mot-de-passe-long"
HOURS = "lundi-vendredi 9h-12h30, 14h-18h"
NASTY = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\'"}'
MANUAL = "lave-linge-lv84.pdf"
RECORDED_S = 30
PREPARED_S = 180
"""Until a manual is prepared: that runs in idle time, of which a busy machine has little."""


class FlatSettings(Settings):
    """As they are without any in the environment, the data straight in the home."""

    @property
    def data_dir(self) -> Path:
        """The home itself."""
        return self.home


@dataclass(frozen=True)
class ConsoleHouse(SmallHouse):
    """Of the house, what the console needs."""

    settings: Any
    calls: CallStore
    tickets: TicketStore
    handoffs: HandoffStore
    work: TicketWork
    sendings: OutboxStore
    history: CallHistory
    figures: FigureStore
    verdicts: VerdictStore
    api_tokens: ApiTokenStore
    switchboard: Switchboard
    live: LiveCalls
    brands: dict[str, str]
    vault: Vault
    numbers: NumberStore
    test_questions: KeptQuestions
    gaps: GapStore
    voice: PiperPool | None = None
    library: Any = None
    approving: Any = None
    gap_grouping: Any = None
    services: Any = None

    def voice_of(self, client: Client) -> Voice | None:
        """The voice, where a test has one."""
        return self.voice

    def prepare(self, client: Client) -> None:
        """Have ready what callers hear first, where there is a voice."""
        if self.voice is not None:
            prepare_client(self.voice, client)


def _ask_nothing(slug: str, inquiry: object, draft: bool) -> Any:
    """There are no manuals here."""
    raise IndexMissingError(slug)


@contextmanager
def console_house(folder: Path) -> Iterator[Any]:
    """A house with operators "poste1", "poste2" (Acmé), "autre" (Bora), "tous" (every client).

    And "gerante", "lectrice", a manager and a reader of Acmé's, and "admin".
    """
    with small_house(folder) as small:
        database = small.database
        handoffs = HandoffStore(database)
        house = ConsoleHouse(
            database, small.clients, small.users, small.sessions, small.audit, small.accounts,
            small.post,
            settings=FlatSettings(home=folder),
            calls=CallStore(database),
            tickets=TicketStore(database),
            handoffs=handoffs,
            work=TicketWork(database),
            sendings=OutboxStore(database),
            history=CallHistory(database),
            figures=FigureStore(database),
            verdicts=VerdictStore(database),
            api_tokens=ApiTokenStore(database),
            switchboard=Switchboard(handoffs.save),
            live=LiveCalls(4),
            brands={"acme": "Acmé & Fils", "bora": "Bora"},
            vault=Vault([Key(bytes(32))]),
            numbers=NumberStore(database),
            test_questions=KeptQuestions(database, _ask_nothing),
            gaps=GapStore(database),
        )  # fmt: skip
        for slug in ("acme", "bora"):
            house.clients.set_hours(slug, HOURS)
        for name, clients in (
            ("poste1", ("acme",)), ("poste2", ("acme",)), ("autre", ("bora",)), ("tous", ("*",)),
        ):  # fmt: skip
            house.users.add(
                f"{name}@service.example", f"Poste {name}", "operator", PASSWORD, clients=clients
            )
        for name, role in (("gerante", "manager"), ("lectrice", "reader")):
            house.users.add(
                f"{name}@service.example", f"Acmé {name}", role, PASSWORD, clients=("acme",)
            )
        house.users.add("admin@service.example", "Administration", "admin", PASSWORD)
        yield house


@contextmanager
def console_server(house: Any) -> Iterator[str]:
    """A server of the console and of the pages without a signed-in user; yields its address."""

    def add_routes(app: FastAPI) -> None:
        app.include_router(auth_router(house))
        app.include_router(hours_router(house))
        app.include_router(phone_router(house, BrowserCalls(house)))
        app.include_router(downloads_router(house))
        app.include_router(listening_router(house))
        app.include_router(dashboard_router(house))
        app.include_router(calls_router(house))
        app.include_router(trying_router(house, Pictures()))
        app.include_router(turns_router(house))
        app.include_router(personal_router(house))
        app.include_router(console_router(house, Headsets(house)))

        @app.post("/essai/sonner")
        async def ring() -> dict[str, bool]:
            """A caller of Acmé's is to be handed over."""
            request = request_of("acme", "appel-sonne", "Je veux un conseiller.")
            asked = RingRequest("acme", request.call_id, None, brief_of(request))
            return {"rung": house.switchboard.ring(asked, lambda _: None) is not None}

        mount_pages(app)

    with small_server(add_routes) as url:
        yield url


def evidence(text: str, page: int) -> Evidence:
    """A passage of the manual."""
    return Evidence(MANUAL, page, f"{MANUAL}-{page}", text)


def request_of(client: str, call_id: str, question: str, **given: Any) -> HandoffRequest:
    """What a call knows when it asks for a human."""
    values: dict[str, Any] = {
        "client": client, "call_id": call_id, "caller_number": "0639981234",
        "product": "Lave-linge LV 84", "question": question, "reason": "unsure", "tried": (),
        "looked_at": (), "urgency": "normal",
    }  # fmt: skip
    return HandoffRequest(**values | given)


def keep_ticket(house: Any, request: HandoffRequest, **given: Any) -> str:
    """Keep the request of a call."""
    ticket_id: str = house.tickets.open_ticket(
        request.client, request.call_id, brief_of(request), request.urgency, given.get("due_at")
    )
    return ticket_id


def keep_call(
    house: Any, call_id: str, started_at: datetime, turns: list[Turn], *, client: str = "acme",
    number: str | None = "0639981234", handoff: Handoff | None = None, recorded: bool = False,
    length_s: float = RECORDED_S,
) -> CallRecord:  # fmt: skip
    """Keep a call that is over, with its sound if it was recorded."""
    record = CallRecord(
        call_id, client, started_at, number, "browser", started_at + timedelta(seconds=length_s),
        "caller", turns=turns, handoff=handoff,
    )  # fmt: skip
    record.settle_outcome()
    if recorded:
        record.recording, record.recording_from_s = recording_of(client, call_id), 2.0
        _write_sound(house.settings.data_dir / record.recording)
    house.calls.save(record)
    return record


def _write_sound(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(RECORDED_S * 8000) / 8000
    left, right = (8000 * np.sin(2 * np.pi * hertz * at) for hertz in (330, 220))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.stack([left, right], axis=1).astype("<i2").tobytes())


def seed(house: Any, now: datetime) -> dict[str, str]:
    """A few days of calls and requests; returns tickets by names, and "call", a long one."""
    known: dict[str, str] = {}
    steps = (
        TriedStep("Fermez le robinet d'arrivée d'eau.", "done", f"{MANUAL}, page 31"),
        TriedStep(
            "Dévissez le filtre de la pompe et nettoyez-le.", "no_help", f"{MANUAL}, page 32"
        ),
    )
    story = Story(
        problem="Mon lave-linge affiche E20 et il reste plein d'eau.", reference="LV 84",
        appliance="lave-linge", mood="upset", steps=steps,
        said=(Sourced("Le code E20 signale une vidange impossible.", f"{MANUAL}, page 31"),),
    )  # fmt: skip
    long = request_of("acme", "appel-long", story.problem, story=story)
    known["long"] = keep_ticket(house, long, due_at=now + timedelta(hours=20))
    house.tickets.set_detail(known["long"], "name", "Mme Essai")
    turns = [
        Turn("", "Bonjour, service après-vente Acmé, je suis un assistant automatique.", at_s=0.4),
        Turn(
            "Mon lave-linge affiche E20 et il reste plein d'eau.",
            "Le code E20 signale une vidange impossible. Fermez d'abord le robinet d'eau.",
            "answer", 0.93, (evidence("E20 : vidange impossible. Fermer le robinet.", 31),),
            at_s=6.0,
        ),
        Turn(
            "C'est fait.", "Dévissez maintenant le filtre de la pompe, en bas à droite, et "
            "nettoyez-le.", "answer", 0.9, (evidence("Nettoyer le filtre de la pompe.", 32),),
            at_s=14.0,
        ),
        Turn("Ça ne change rien, et la garantie ?", "Je ne trouve pas cela dans la notice : un "
             "conseiller vous rappelle.", "handoff", 0.21, at_s=22.0),
    ]  # fmt: skip
    brief = house.tickets.get(known["long"]).brief
    handoff = Handoff(known["long"], "normal", brief)
    keep_call(house, "appel-long", now - timedelta(minutes=40), turns, handoff=handoff,
              recorded=True)  # fmt: skip
    at = now - timedelta(minutes=39)
    house.handoffs.save(HandoffRecord("h-1", "acme", "appel-long", known["long"], (
        Passage(at, "requested"), Passage(at, "ringing"),
        Passage(at + timedelta(seconds=30), "no_answer"),
    )))  # fmt: skip
    gas = request_of(
        "acme", "appel-gaz", "Ça sent le gaz dans la cuisine.", reason="danger", danger="gas",
        urgency="urgent", product="Table de cuisson TG 60", caller_number="0199005678",
    )  # fmt: skip
    known["urgent"] = keep_ticket(house, gas)
    late = request_of(
        "acme", "appel-retard", "Le four ne chauffe plus.", product="Four F 72",
        caller_number="0465710156",
    )  # fmt: skip
    known["late"] = keep_ticket(house, late, due_at=now - timedelta(hours=5))
    again = request_of("acme", "appel-encore", "La porte reste bloquée.")
    known["again"] = keep_ticket(house, again, due_at=now - timedelta(minutes=30))
    hostile = request_of(
        "acme", "appel-hostile", NASTY, product=NASTY, caller_number="0261911616",
        details={"name": NASTY},
    )  # fmt: skip
    known["hostile"] = keep_ticket(house, hostile, due_at=now + timedelta(hours=21))
    keep_call(house, "appel-hostile", now - timedelta(hours=3), [Turn(NASTY, NASTY, "answer", 0.8)])
    foreign = request_of("bora", "appel-bora", "Mon aspirateur siffle.", product="Aspirateur B1",
                         caller_number="0353011234")  # fmt: skip
    known["bora"] = keep_ticket(house, foreign)
    keep_call(house, "appel-bora", now - timedelta(hours=2),
              [Turn("Mon aspirateur siffle.", "Videz le bac à poussière.", "answer", 0.9)],
              client="bora", number="0353011234", recorded=True)  # fmt: skip
    questions = (
        "Comment détartrer la cafetière ?", "Quelle quantité de lessive pour 7 kg ?",
        "Le réfrigérateur fait un bruit de claquement.", "Où trouver le numéro de série ?",
        "L'écran du four reste éteint après une coupure de courant.",
    )  # fmt: skip
    for number in range(45):
        words = questions[number % len(questions)]
        turns = [Turn("", "Bonjour.", at_s=0.3), Turn(words, "Voici ce que dit la notice.",
                 "answer", 0.9, (evidence("Voir page 12.", 12),), at_s=5.0)]  # fmt: skip
        if number % 9 == 4:
            turns = turns[:1]
        keep_call(house, f"appel-{number:03d}", now - timedelta(hours=4 + 7 * number), turns,
                  number=None if number % 6 == 5 else "0536491234",
                  length_s=47 + 13 * number)  # fmt: skip
    known["call"] = "appel-long"
    return known


def client_of(house: Any, url: str, user: str) -> httpx.Client:
    """A browser without a screen that is signed in."""
    token = house.sessions.open(house.users.by_email(f"{user}@service.example").id, now())
    return httpx.Client(base_url=url, cookies={COOKIE: token}, headers={"Accept": "text/html"})


def sign_in(driver: webdriver.Chrome, url: str, user: str, path: str) -> None:
    """Sign a browser in and go to a page."""
    driver.get(f"{url}{path}")
    driver.find_element(By.NAME, "email").send_keys(f"{user}@service.example")
    driver.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "header.bar .me"))


def operators_page(driver: webdriver.Chrome, url: str, user: str, path: str) -> webdriver.Chrome:
    """A browser of an operator's desk size, signed in, at a page."""
    driver.set_window_size(1366, 768)
    sign_in(driver, url, user, path)
    return driver


def until(driver: webdriver.Chrome, what: Callable[[], T], limit_s: float = 10) -> T:
    """Wait until something of a page is there or true; returns it."""
    ignored = (StaleElementReferenceException, NoSuchElementException)
    waiting = WebDriverWait(driver, limit_s, poll_frequency=0.03, ignored_exceptions=ignored)
    return waiting.until(lambda _: what())


def text_of(driver: webdriver.Chrome, selector: str) -> str:
    """The visible text of a part of a page, no-break spaces as spaces."""
    return str(driver.find_element(By.CSS_SELECTOR, selector).text).replace("\u00a0", " ")


def button_of(driver: webdriver.Chrome, name: str) -> WebElement:
    """The button whose name begins so."""
    return driver.find_element(By.XPATH, f"//button[starts-with(normalize-space(.), '{name}')]")


def press_key(driver: webdriver.Chrome, key: str) -> None:
    """Press a key, wherever the focus is."""
    driver.switch_to.active_element.send_keys(key)


def now() -> datetime:
    """The time of the tests: the real one, as the pages know no other."""
    return datetime.now(UTC)
