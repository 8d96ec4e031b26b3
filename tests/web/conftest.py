"""A real headless Chromium whose microphone is a WAV file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from evals.chromium import FLAGS, KEEP_PEERS
from tests.web.console_house import console_house, console_server, now, seed

OpenBrowser = Callable[..., webdriver.Chrome]


@pytest.fixture(scope="session")
def chromium() -> tuple[str, str]:
    """Paths of chromium and chromedriver."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if None in found:
        reason = "No Chromium here: apt-get install chromium chromium-driver."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return str(found[0]), str(found[1])


@pytest.fixture(scope="module")
def open_browser(
    chromium: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenBrowser]:
    """Opens browsers: `open_browser(wav)`, `open_browser(refused=True)`; all are closed at the end.

    The WAV plays once from the moment at which a page opens the microphone. The page's peer
    connections are kept in `window.peers`.
    """
    with ExitStack() as stack:

        def start(wav: Path | None = None, *, refused: bool = False) -> webdriver.Chrome:
            options = webdriver.ChromeOptions()
            options.binary_location = chromium[0]
            for flag in FLAGS:
                options.add_argument(flag)
            options.add_argument("--accept-lang=fr-FR")  # plain pages speak the browser's language
            options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
            if refused:
                options.add_argument("--deny-permission-prompts")
            else:
                options.add_argument("--use-fake-ui-for-media-stream")
            if wav is not None:
                options.add_argument(f"--use-file-for-fake-audio-capture={wav}%noloop")
            driver = webdriver.Chrome(options=options, service=Service(chromium[1]))
            stack.callback(driver.quit)
            driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": KEEP_PEERS})
            return driver

        yield start


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Real stores of a console, and users; a module may have its own."""
    with console_house(tmp_path_factory.mktemp("console")) as made:
        yield made


@pytest.fixture(scope="module")
def known(house: Any) -> dict[str, str]:
    """A few days of calls and requests in them, by name."""
    return seed(house, now())


@pytest.fixture(scope="module")
def url(house: Any, known: dict[str, str]) -> Iterator[str]:
    """A server over them."""
    with console_server(house) as address:
        yield address
