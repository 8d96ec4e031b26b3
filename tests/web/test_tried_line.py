"""A manager changes the greeting and tries the line: real server, real voice, real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.audio import TELEPHONE_RATE_HZ, write_wav
from agent.call.speaking import parts_of
from agent.first_words import greeting_of
from agent.settings import Settings
from agent.web.server import RunningServer, running_server
from tests.web.console_house import PASSWORD, until
from tests.web.portal_page import enter, go
from tests.web.test_phone import (
    RATE_HZ,
    call_of,
    line_is_free,
    noisy,
    press,
    record_of,
    silence,
    text,
    wait_for,
)
from tests.web.test_settings_pages import save, write

OpenBrowser = Callable[..., webdriver.Chrome]
OWN = "Merci de votre confiance."
TITLE = "Ce que vos appelants entendent d'abord"

__all__ = ["line_is_free"]  # pytest's: no call is left


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[RunningServer]:
    """A server of this module's own: NiceGUI serves the loop that was started last."""
    with running_server(settings) as running:
        yield running


@pytest.fixture(scope="module")
def driver(
    server: RunningServer, open_browser: OpenBrowser, tmp_path_factory: pytest.TempPathFactory
) -> webdriver.Chrome:
    """A manager's browser, whose microphone is quiet."""
    house = server.house
    house.users.add("essai@service.example", "Essai", "manager", PASSWORD, clients=("orvane",))
    quiet = Path(tmp_path_factory.mktemp("microphone")) / "quiet.wav"
    write_wav(quiet, RATE_HZ, noisy(silence(60)))
    made = open_browser(quiet)
    enter(made, server.url, "essai", "/portail/orvane/reglages/accueil")
    return made


def test_the_next_caller_hears_the_new_greeting(
    server: RunningServer, driver: webdriver.Chrome
) -> None:
    """Without a restart, and made ready before; on the draft too, in a call that counts nowhere."""
    house = server.house
    write(driver, "Une phrase à vous (facultatif)", "Merci de votre confiance")
    save(driver, TITLE)
    client = house.clients.get("orvane")
    parts = parts_of(greeting_of(client, recorded=False))
    assert OWN in parts
    rates = (TELEPHONE_RATE_HZ, house.services.voice.native_rate_hz)
    known = house.services.voice._recall
    wanted = [(part, rate_hz, 1.0) for part in parts for rate_hz in rates]
    wait_for(lambda: all(known(*one) is not None for one in wanted), 30, "it is made ready")
    go_on = f"{server.url}/phone/orvane"
    try:
        for address, test in ((f"{go_on}?draft=1", True), (go_on, False)):
            driver.get(address)
            assert ("Cet appel ne compte nulle part." in driver.page_source) is test
            press(driver)
            call_id = call_of(server)
            wait_for(lambda: OWN in text(driver, "transcript"), 10, "the greeting")
            assert (house.live.get(call_id) is None) is test
            press(driver)
            record = record_of(server, call_id)
            assert record.test is test
            assert OWN in record.turns[0].said
            assert house.calls.load(call_id).test is test
    finally:
        go(driver, server.url, "/portail/orvane/reglages/accueil")
        write(driver, "Une phrase à vous (facultatif)", "")
        save(driver, TITLE)


def test_who_tries_the_line_has_nobody_rung(
    server: RunningServer, driver: webdriver.Chrome
) -> None:
    """They are told that somebody calls back, but no request is kept."""
    before = server.house.tickets.list("orvane")
    driver.get(f"{server.url}/phone/orvane?draft=1")
    press(driver)
    call_id = call_of(server)
    wait_for(lambda: "assistant automatique" in text(driver, "transcript"), 10, "the greeting")
    driver.find_element(By.ID, "keypad-toggle").send_keys(Keys.ENTER)
    key = until(driver, lambda: driver.find_element(By.CSS_SELECTOR, "[data-key='0']"))
    key.click()
    wait_for(lambda: "À quel numéro" in text(driver, "transcript"), 15, "a callback is offered")
    press(driver)
    record = record_of(server, call_id)
    assert record.handoff is not None
    assert record.handoff.ticket_id == "ESSAI"
    assert server.house.tickets.list("orvane") == before
