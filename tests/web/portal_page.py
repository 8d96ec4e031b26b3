"""A portal's page in a real browser: its size, what axe-core says of it, its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from axe_playwright_python import __file__ as axe_package
from selenium import webdriver

from tests.web.console_house import sign_in, until

SCREENS = Path("out/screens")
SIZES = {"bureau": (1280, 900), "telephone": (360, 740)}
AXE = Path(str(axe_package)).with_name("axe.min.js").read_text("utf-8")
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => done(violations
  .filter(({impact}) => ["serious", "critical"].includes(impact))
  .map(({id, help, nodes}) =>
    `${id}: ${help}: ${nodes.map(({html}) => html.slice(0, 200)).join(" | ")}`)));
"""
OVERFLOWS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"

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
    width, height = SIZES[size]
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def check(driver: webdriver.Chrome, name: str, language: str = "fr") -> None:
    """At both sizes: nothing stands out, axe finds nothing serious; pictures in out/screens."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    size: Size
    for size in ("bureau", "telephone"):
        sized(driver, size)
        driver.save_screenshot(str(SCREENS / f"{name}-{size}.png"))
        assert driver.execute_script("return document.documentElement.lang").startswith(language)
        wider = driver.execute_script(OVERFLOWS)
        assert wider <= 0, f"{name} ({size}) is {wider} pixels wider than its window"
        driver.execute_script(AXE)
        found = driver.execute_async_script(RUN_AXE)
        assert found == [], f"{name} ({size}):\n" + "\n".join(found)
    sized(driver, "bureau")
