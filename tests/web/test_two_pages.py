"""An operator with two desks open: one of them joins the call, the other shows it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException

from tests.web.conftest import OpenBrowser
from tests.web.console_house import press_key, sign_in, until

NOTE_JOINS = "window.joins = []; window.headset.join = (handoff) => window.joins.push(handoff);"


def _ready(driver: webdriver.Chrome) -> None:
    until(driver, lambda: driver.execute_script("return window.did_handshake === true"))
    until(driver, lambda: driver.execute_script("return window.headset !== undefined"))
    driver.execute_script(NOTE_JOINS)


def test_one_page_joins(house: Any, url: str, open_browser: OpenBrowser) -> None:
    """Both did: the line that came last was heard, and the other page had a dead one."""
    driver = open_browser()
    sign_in(driver, url, "poste1", "/console/")
    _ready(driver)
    first = driver.current_window_handle
    driver.switch_to.new_window("window")
    driver.get(f"{url}/console/")
    _ready(driver)
    driver.switch_to.window(first)

    def is_available() -> bool:
        driver.execute_script("document.querySelector('.status .available').click()")
        return bool(house.switchboard.reachable("acme"))

    until(driver, is_available)
    assert httpx.post(f"{url}/essai/sonner").json() == {"rung": True}
    until(driver, lambda: driver.find_elements("css selector", ".incoming"))
    press_key(driver, "a")
    (transfer,) = until(driver, lambda: house.switchboard.transfers())
    until(driver, lambda: transfer.record.state == "accepted")

    def joins(window: str) -> list[str]:
        driver.switch_to.window(window)
        return list(driver.execute_script("return window.joins"))

    (second,) = set(driver.window_handles) - {first}
    until(driver, lambda: joins(first) == [transfer.handoff_id])
    with pytest.raises(TimeoutException):
        until(driver, lambda: joins(second), limit_s=1.5)
    assert joins(first) == [transfer.handoff_id]
