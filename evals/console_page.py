"""An operator's console in a real browser, as it is looked at and worked with in an evaluation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.web.server import RunningServer
from evals.chromium import Browser

T = TypeVar("T")

PASSWORD = "un-mot-de-passe-long"  # of users that live as long as the evaluation

_WATCH = """
window.seen = [];
const look = () => {
  const count = document.querySelectorAll(".incoming").length;
  if (count !== (window.seen.at(-1)?.[1] ?? 0)) window.seen.push([Date.now(), count]);
};
new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
look();
"""


class NotInTimeError(Exception):
    """What was waited for did not come."""


def wait_for(what: Callable[[], T | None], limit_s: float, name: str) -> T:
    """Wait until something is true; returns it.

    Raises:
        NotInTimeError: It does not come.
    """
    deadline = time.monotonic() + limit_s
    while True:
        if found := what():
            return found
        if time.monotonic() > deadline:
            raise NotInTimeError(f"not within {limit_s:g} s: {name}")
        time.sleep(0.02)


class ConsolePage:
    """One open console.

    Attributes:
        user_id: Of the operator.
        browser: Theirs.
        signed_in: Whether they are.
    """

    def __init__(self, server: RunningServer, browser: Browser, email: str, user_id: str) -> None:
        self._server = server
        self.browser = browser
        self.user_id = user_id
        self._email = email
        self.signed_in = False

    def sign_in(self) -> None:
        """Open the console, signed in (blocks).

        Raises:
            NotInTimeError: The page does not come.
        """
        driver = self.browser.driver
        driver.set_window_size(1366, 768)
        driver.get(f"{self._server.url}/console/")
        driver.find_element(By.NAME, "email").send_keys(self._email)
        driver.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)
        wait_for(lambda: self.has(".status .available"), 15, "the console")
        wait_for(self._there, 15, "the operator is signed on")
        self.signed_in = True

    def open_again(self) -> None:
        """Open the console of an operator who has signed in (blocks)."""
        self.browser.driver.get(f"{self._server.url}/console/")
        wait_for(lambda: self.has(".status .available"), 15, "the console")

    def available(self) -> None:
        """Press « Disponible » until it is so (blocks).

        Raises:
            NotInTimeError: It does not become so.
        """

        def pressed() -> bool:
            self.click(".status .available")
            try:
                wait_for(lambda: self._status() == "available", 3, "available")
            except NotInTimeError:
                return False
            return True

        wait_for(pressed, 15, "the operator is available")
        self.browser.driver.execute_script(_WATCH)

    def click(self, selector: str) -> None:
        """Press a button, if it is there."""
        self.browser.driver.execute_script(
            "document.querySelector(arguments[0])?.click()", selector
        )

    def press(self, key: str) -> None:
        """Press a key."""
        self.browser.driver.find_element(By.TAG_NAME, "body").send_keys(key)

    def has(self, selector: str) -> bool:
        """Whether something is on the page."""
        script = "return document.querySelector(arguments[0]) !== null"
        try:
            return bool(self.browser.driver.execute_script(script, selector))
        except WebDriverException:  # between two pages
            return False

    def rang_at(self, since: float) -> float | None:
        """When a call began to ring here after a time, seconds since the epoch."""
        return next((at for at, count in self._seen(since) if count), None)

    def silent_at(self, since: float) -> float | None:
        """When nothing rang here any more after a time, seconds since the epoch."""
        return next((at for at, count in self._seen(since) if not count), None)

    def rings(self) -> bool:
        """Whether a call rings here now, to be seen or to be heard."""
        script = "return document.querySelector('.incoming') !== null || !!window.headset.ringing"
        return bool(self.browser.driver.execute_script(script))

    def _seen(self, since: float) -> list[tuple[float, int]]:
        seen = self.browser.driver.execute_script("return window.seen")
        return [(at / 1000, int(count)) for at, count in seen if at / 1000 >= since]

    def _there(self) -> bool:
        return any(
            d.operator.user_id == self.user_id for d in self._server.house.switchboard.desks()
        )

    def _status(self) -> str:
        desks = self._server.house.switchboard.desks()
        return next((d.status for d in desks if d.operator.user_id == self.user_id), "")
