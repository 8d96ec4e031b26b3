"""Letters that do something can be switched off, by whoever dictates or whose hand trembles."""

from __future__ import annotations

import time
from typing import Any, cast

import httpx
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from agent.handoff.transfer import SwitchboardTransfer
from tests.web.conftest import OpenBrowser
from tests.web.console_house import (
    button_of,
    press_key,
    sign_in,
    until,
)

NOT_DONE_S = 0.7
"""How long a key is given to do what it must not do."""


def toggle(driver: webdriver.Chrome) -> WebElement:
    """The switch, once it shows how it stands."""
    found = until(driver, lambda: driver.find_element("id", "keys-switch"))
    until(driver, lambda: found.is_displayed() and found.get_attribute("aria-checked"))
    return found


def ready(driver: webdriver.Chrome) -> None:
    """Wait until a page does what is clicked."""
    until(driver, lambda: driver.execute_script("return window.did_handshake === true"))
    until(driver, lambda: driver.execute_script("return window.headset !== undefined"))


def ring(driver: webdriver.Chrome, house: Any, url: str) -> SwitchboardTransfer:
    """A caller of Acmé's is handed over."""
    assert httpx.post(f"{url}/essai/sonner").json() == {"rung": True}
    until(driver, lambda: driver.find_elements("css selector", ".incoming"))
    (transfer,) = house.switchboard.transfers()
    return cast(SwitchboardTransfer, transfer)


def press_in_vain(driver: webdriver.Chrome, transfer: SwitchboardTransfer) -> None:
    """Press the keys that accept and decline: neither is done."""
    press_key(driver, "a")
    press_key(driver, "d")
    time.sleep(NOT_DONE_S)
    assert transfer.record.state == "ringing"


def test_letters_are_switched_off_and_on(house: Any, url: str, open_browser: OpenBrowser) -> None:
    """By the keyboard alone, for every page of this browser; the buttons still do it."""
    driver = open_browser()
    sign_in(driver, url, "poste1", "/console/")
    ready(driver)

    def is_available() -> bool:
        driver.execute_script("document.querySelector('.status .available').click()")
        return bool(house.switchboard.reachable("acme"))

    until(driver, is_available)
    switch = toggle(driver)
    assert (switch.text, switch.get_attribute("role")) == ("Touches : oui", "switch")
    switch.send_keys(Keys.SPACE)
    assert (switch.text, switch.get_attribute("aria-checked")) == ("Touches : non", "false")
    transfer = ring(driver, house, url)
    press_in_vain(driver, transfer)
    button_of(driver, "Refuser").click()
    until(driver, lambda: transfer.record.state == "declined")
    driver.get(f"{url}/console/rappels")
    ready(driver)
    switch = toggle(driver)
    assert switch.text == "Touches : non"
    transfer = ring(driver, house, url)
    press_in_vain(driver, transfer)
    switch.send_keys(Keys.ENTER)
    assert switch.text == "Touches : oui"
    press_key(driver, "d")
    until(driver, lambda: transfer.record.state == "declined")
