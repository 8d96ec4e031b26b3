"""Every page in a real browser: axe-core finds nothing serious, it fits, it has a picture to see.

The pictures are in out/screens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.call.live import LiveCall
from agent.call.moves import Phase, State
from agent.call.record import CallRecord, Turn
from tests.web.console_house import (
    console_house,
    console_server,
    evidence,
    now,
    press_key,
    seed,
    sign_in,
    text_of,
    until,
)
from tests.web.sights import AXE, RUN_AXE, look, resize

OpenBrowser = Callable[..., webdriver.Chrome]
SIZES = {"bureau": (1366, 768), "tablette": (1024, 768), "tablette-haute": (820, 1180)}


@dataclass
class FakeCall:
    """A call in progress, as the desk sees it."""

    record: CallRecord
    state: State
    partial: str = ""
    joined: bool = False


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Real stores, and a call in progress."""
    with console_house(tmp_path_factory.mktemp("pages")) as made:
        object.__setattr__(made, "known", seed(made, now()))
        turns = [
            Turn("", "Bonjour, service après-vente Acmé, je suis un assistant automatique."),
            Turn("Mon lave-linge affiche E20.", "Le code E20 signale une vidange impossible.",
                 "answer", 0.93, (evidence("E20 : vidange impossible.", 31),)),
        ]  # fmt: skip
        record = CallRecord(
            "en-direct", "acme", now() - timedelta(minutes=2), "0199001234", "browser", turns=turns
        )
        made.calls.save(record)
        state = State(brand="Acmé", caller_number="0199001234", phase=Phase.STEPS)
        with made.live.show(cast(LiveCall, FakeCall(record, state, "Et ensuite je"))):
            yield made


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over them."""
    with console_server(house) as address:
        yield address


@pytest.fixture(scope="module")
def browser(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """The console of an operator of Acmé."""
    driver = open_browser()
    sign_in(driver, url, "poste1", "/console/rappels")
    return driver


@pytest.fixture(scope="module")
def visitor(open_browser: OpenBrowser) -> webdriver.Chrome:
    """A browser that is not signed in."""
    return open_browser()


def sized(driver: webdriver.Chrome, size: str) -> None:
    """Give a page exactly these pixels."""
    resize(driver, *SIZES[size])


def click(driver: webdriver.Chrome, selector: str) -> None:
    """Click on a part of a page that may be made again at this moment."""

    def clicked() -> bool:
        driver.find_element(By.CSS_SELECTOR, selector).click()
        return True

    until(driver, clicked)


def choose(driver: webdriver.Chrome) -> None:
    """Have the desk show the call in progress."""
    time.sleep(0.5)  # a page of the desk is made once more when it opens
    click(driver, ".live")
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".live.chosen"))


def is_ready(driver: webdriver.Chrome) -> bool:
    """Whether a page of the console does what is clicked."""
    return bool(driver.execute_script("return window.did_handshake === true"))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "path", "wanted"),
    [
        ("en-direct", "/console/", ".live"),
        ("rappels", "/console/rappels", ".callback"),
        ("historique", "/console/appels", ".calls"),
        ("historique-vide", "/console/appels?q=introuvable", ".history .none"),
        ("historique-erreur", "/console/appels?du=2026-02-31", ".trouble"),
        ("appel", "/console/appels/appel-long", ".turn"),
        ("appel-sans-son", "/console/appels/appel-hostile", ".turn"),
        ("introuvable", "/console/appels/nenni", "h1"),
    ],
)
def test_pages_of_the_console(
    browser: webdriver.Chrome, url: str, house: Any, size: str, name: str, path: str, wanted: str
) -> None:
    """At each size, with what a day leaves in it."""
    sized(browser, size)
    browser.get(f"{url}{path}")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, wanted))
    if name == "rappels":
        until(browser, lambda: is_ready(browser))
        click(browser, f"[data-keep='row-{house.known['long']}']")
        until(browser, lambda: house.known["long"] in text_of(browser, ".card .number"))
    if name == "en-direct":
        until(browser, lambda: is_ready(browser))
        choose(browser)
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".verdict"))
    look(browser, f"{name}-{size}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/connexion", "/horaires/acme", "/phone/acme", "/"])
def test_pages_for_everybody(visitor: webdriver.Chrome, url: str, size: str, path: str) -> None:
    """Signing in, the hours, the browser telephone."""
    sized(visitor, size)
    visitor.get(f"{url}{path}")
    until(visitor, lambda: visitor.find_elements(By.TAG_NAME, "h1"))
    look(visitor, f"{path.strip('/').replace('/', '-') or 'lignes'}-{size}")


def test_an_answer_is_judged_while_the_call_goes_on(
    browser: webdriver.Chrome, url: str, house: Any
) -> None:
    """On the desk; a caller who speaks meanwhile takes nothing away."""
    sized(browser, "bureau")
    browser.get(f"{url}/console/")
    until(browser, lambda: is_ready(browser))
    choose(browser)
    button = until(browser, lambda: browser.find_element(By.CSS_SELECTOR, ".verdict .wrong"))
    (call,) = house.live.shown()
    call.partial = "Et ensuite je fais quoi"
    house.live.changed("en-direct")
    until(browser, lambda: "je fais quoi …" in text_of(browser, ".partial"))
    button.click()
    until(browser, lambda: "✓ La réponse était fausse" in text_of(browser, ".verdict"))
    assert house.verdicts.of_call("en-direct")[1].opinion == "wrong"
    look(browser, "en-direct-avis")


def test_the_focus_is_seen_and_goes_in_order(browser: webdriver.Chrome, url: str) -> None:
    """By the tabulator alone: navigation, export, filter, list, number, actions, note."""
    sized(browser, "bureau")
    browser.get(f"{url}/console/rappels")
    until(browser, lambda: is_ready(browser))
    passed = []
    while True:
        press_key(browser, Keys.TAB)
        here = browser.switch_to.active_element
        if here.tag_name == "body":
            break  # past the last one
        style = browser.execute_script("return getComputedStyle(arguments[0]).outlineStyle", here)
        name = (here.text or here.get_attribute("id") or "").split("\n")[0]
        assert style == "solid" or here.tag_name == "textarea", f"the focus on {name} is not seen"
        passed.append(name.replace("\u00a0", " "))
    wanted = ("En direct", "Exporter (CSV)", "Tous · 5", "URGENT", "01 99 00 56 78",
              "Prendre (P)", "Joint (J)", "note", "Ajouter la note")  # fmt: skip
    places = [passed.index(name) for name in wanted]
    assert places == sorted(places), passed


def test_the_focus_stays_when_the_list_is_made_again(
    browser: webdriver.Chrome, url: str, house: Any
) -> None:
    """A colleague's work moves nobody's focus."""
    browser.get(f"{url}/console/rappels?demande={house.known['again']}")
    until(browser, lambda: is_ready(browser))
    line = f"[data-keep='row-{house.known['again']}']"
    click(browser, "h1")  # the page is in front
    browser.execute_script(f'document.querySelector("{line}").focus()')
    colleague = house.users.by_email("poste2@service.example")
    house.work.take(house.known["again"], colleague.id)
    until(browser, lambda: "prise par Poste poste2" in text_of(browser, line))
    until(browser, lambda: browser.switch_to.active_element.get_attribute("data-keep") == (
        f"row-{house.known['again']}"
    ))  # fmt: skip


def test_axe_finds_what_is_wrong(visitor: webdriver.Chrome, url: str) -> None:
    """A check that finds nothing anywhere would pass for a good page."""
    visitor.get(f"{url}/connexion")
    visitor.execute_script("document.body.append(document.createElement('button'))")
    visitor.execute_script(AXE)
    assert [line[:12] for line in visitor.execute_async_script(RUN_AXE)] == ["button-name:"]
