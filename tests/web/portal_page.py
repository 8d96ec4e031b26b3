"""A portal's page in a real browser: its size, what axe-core says of it, its picture."""

from __future__ import annotations

from typing import Literal

from selenium import webdriver

from tests.web.console_house import sign_in, until
from tests.web.sights import look, resize

SIZES = {"bureau": (1280, 900), "telephone": (360, 740)}

Size = Literal["bureau", "telephone"]


def enter(driver: webdriver.Chrome, url: str, user: str, path: str) -> None:
    """Sign a browser in and have a page of the portal, ready to be used."""
    sign_in(driver, url, user, path)
    ready(driver)


def go(driver: webdriver.Chrome, url: str, path: str) -> None:
    """Have another page, ready to be used."""
    driver.get(f"{url}{path}")
    ready(driver)


def ready(driver: webdriver.Chrome) -> None:
    """Wait until a page does what is clicked."""
    until(driver, lambda: driver.execute_script("return window.did_handshake === true"))


def sized(driver: webdriver.Chrome, size: Size) -> None:
    """Give a page exactly these pixels."""
    resize(driver, *SIZES[size])


def check(driver: webdriver.Chrome, name: str, language: str = "fr") -> None:
    """At both sizes: nothing stands out, axe finds nothing serious; pictures in out/screens."""
    size: Size
    for size in ("bureau", "telephone"):
        sized(driver, size)
        look(driver, f"{name}-{size}", language)
    sized(driver, "bureau")
