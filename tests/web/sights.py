"""A page as it is seen in a real browser: its size, its picture, what axe-core says of it."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python import __file__ as axe_package
from selenium import webdriver

SCREENS = Path("out/screens")
AXE = Path(str(axe_package)).with_name("axe.min.js").read_text("utf-8")
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => done(violations
  .filter(({impact}) => ["serious", "critical"].includes(impact))
  .map(({id, help, nodes}) =>
    `${id}: ${help}: ${nodes.map(({html}) => html.slice(0, 200)).join(" | ")}`)));
"""
OVERFLOWS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
LANG = {"fr": "fr", "en": "en-US"}


def resize(driver: webdriver.Chrome, width: int, height: int) -> None:
    """Give a page exactly these pixels."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def look(driver: webdriver.Chrome, name: str, language: str = "fr") -> None:
    """Keep a picture in out/screens; nothing stands out of the page, axe finds nothing serious."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(str(SCREENS / f"{name}.png"))
    assert driver.execute_script("return document.documentElement.lang") == LANG[language]
    wider = driver.execute_script(OVERFLOWS)
    assert wider <= 0, f"{name} is {wider} pixels wider than its window"
    driver.execute_script(AXE)
    found = driver.execute_async_script(RUN_AXE)
    assert found == [], f"{name}:\n" + "\n".join(found)
