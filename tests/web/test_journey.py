"""A new client's manager, by the keyboard alone: from the invitation to an answered call.

Real Chromium, real server, real models; the file and the microphone are the only things that are
not typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.audio import Samples, write_wav
from agent.opening import open_database
from agent.post import PATH
from agent.settings import load_settings
from agent.store.clients import ClientStore
from agent.web.server import RunningServer, running_server
from tests.demo_index import SAMPLES
from tests.web.console_house import PREPARED_S, text_of, until
from tests.web.portal_page import check, ready
from tests.web.test_phone import AFTER_GREETING_S, RATE_HZ, noisy, record_of, run, silence
from voices.french import sentences, speakable
from voices.prompts import greeting

pytestmark = pytest.mark.timeout(600)

OpenBrowser = Callable[..., webdriver.Chrome]
BRAND, SLUG, EMAIL = "Zéphir", "zephir", "service@zephir.example"
QUESTION = "Bonjour, mon lave-linge affiche le code E vingt. Que dois-je faire ?"
MANUAL = next(file for file in SAMPLES if "lave-linge" in file.name)
MOST_TABS = 60


@dataclass
class Person:
    """Somebody who uses the keyboard alone."""

    driver: webdriver.Chrome

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> str:
        """What the element with the focus is called."""
        name: str = self.driver.execute_script(
            "const it = document.activeElement;"
            "return it.ariaLabel || it.labels?.[0]?.textContent || it.textContent || it.id || '';"
        )
        return " ".join(name.split())

    def go_to(self, name: str) -> None:
        """Tab on until something of that name has the focus; it is seen to have it."""
        for _ in range(MOST_TABS):
            if name in self.focused() and self.driver.execute_script(
                "return document.activeElement.matches('a, button, input, select, textarea')"
            ):
                return
            self.press(Keys.TAB)
        pytest.fail(f"« {name} » is not reached by the keyboard; the focus is on {self.focused()}")

    def choose(self, name: str) -> None:
        """Go to something of that name and press Enter."""
        self.go_to(name)
        self.press(Keys.ENTER)

    def arrive(self, path: str) -> None:
        """Wait until a page is there and does what is pressed."""
        until(self.driver, lambda: self.driver.current_url.split("?")[0].endswith(path))
        ready(self.driver)


@pytest.fixture(scope="module")
def server(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """An installation with one client, of which nothing is there but the name."""
    home = tmp_path_factory.mktemp("journey")
    for shared in ("models", "cache"):
        (home / shared).symlink_to(models_home / shared)
    settings = load_settings(home=home, port=0)
    database = open_database(settings)
    ClientStore(database).add(SLUG, BRAND)
    database.close()
    with running_server(settings) as running:
        yield running


@pytest.fixture(scope="module")
def microphone(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A caller who asks after the greeting of Zéphir."""

    async def say(words: str) -> Samples:
        voice = server.house.services.voice
        return np.concatenate([await voice.speak(speakable(s), RATE_HZ) for s in sentences(words)])

    file = tmp_path_factory.mktemp("journey") / "question.wav"
    greeting_s = run(server, say(greeting(BRAND, recorded=False))).size / RATE_HZ
    before = silence(greeting_s + AFTER_GREETING_S)
    write_wav(file, RATE_HZ, noisy(before, run(server, say(QUESTION)), silence(60)))
    return file


@pytest.fixture
def link(server: RunningServer) -> str:
    """Of the invitation that the provider sent."""
    now, invitations = datetime.now(UTC), server.house.accounts.invitations
    made = invitations.invite(EMAIL, "manager", SLUG, now, mailed=False)
    return f"{server.url}{PATH}{invitations.link(made.id, now, None)}"


def test_from_the_invitation_to_an_answered_call(
    server: RunningServer, open_browser: OpenBrowser, microphone: Path, link: str
) -> None:
    """Name and password, a manual sent and published, the line rung: it answers with the page."""
    driver = open_browser(microphone)
    person = Person(driver)

    driver.get(link)
    person.go_to("Votre nom")
    person.press("Responsable du service")
    person.go_to("Mot de passe")
    person.press("quatre saisons au bord", Keys.ENTER)
    person.arrive(f"/portail/{SLUG}/")
    assert "0 étapes sur 6" in text_of(driver, "main")
    check(driver, "parcours-1-accueil")

    person.choose("Publier vos manuels")
    person.arrive("/manuels")
    person.go_to("Choisir des fichiers")
    driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(MANUAL))
    until(driver, lambda: "Nouveau, à publier" in text_of(driver, "main"), PREPARED_S)
    assert "lave-linge LV450" in text_of(driver, "main")
    check(driver, "parcours-2-manuel")
    person.choose("Publier…")
    until(driver, lambda: "Publier maintenant" in text_of(driver, "main"), 60)
    person.choose("Publier maintenant")
    until(driver, lambda: "En service" in text_of(driver, "main"), 60)
    check(driver, "parcours-3-publie")

    person.choose("Accueil")
    person.arrive(f"/portail/{SLUG}/")
    page = driver.current_window_handle
    person.choose("Tester par téléphone")
    until(driver, lambda: len(driver.window_handles) == 2)
    driver.switch_to.window(next(one for one in driver.window_handles if one != page))
    person.choose("Appeler")
    until(driver, lambda: f"{MANUAL.name}, page 14" in text_of(driver, "#transcript"), 60)
    check(driver, "parcours-4-appel")
    call_id = run(server, _the_call(server))
    person.choose("Raccrocher")
    record = record_of(server, call_id)
    assert (record.client, record.test, record.outcome) == (SLUG, True, "answered")
    assert record.turns[1].evidence[0].page == 14
    actions = {one.action for one in server.house.audit.entries((SLUG,))}
    assert {"user.joined", "manual.uploaded", "manual.published"} <= actions


async def _the_call(server: RunningServer) -> str:
    return next(iter(server.house.live._calls), "")
