"""« Accès programmes » in a real browser: a token is made, shown once, revoked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.web.console_house import client_of, console_server, until
from tests.web.portal_page import check, enter, go

OpenBrowser = Callable[..., webdriver.Chrome]
PAGE = "/portail/acme/reglages/acces"


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over empty stores."""
    with console_server(house) as address:
        yield address


def field(driver: webdriver.Chrome, label: str) -> Any:
    """A field by its label."""
    path = f"//label[normalize-space()='{label}']"
    name = driver.find_element(By.XPATH, path).get_attribute("for")
    return driver.find_element(By.ID, str(name))


def texts(driver: webdriver.Chrome, selector: str) -> list[str]:
    """What is shown there."""
    found = driver.find_elements(By.CSS_SELECTOR, selector)
    return [one.text for one in found if one.is_displayed()]


def test_a_token_is_made_shown_once_and_revoked(
    house: Any, url: str, open_browser: OpenBrowser
) -> None:
    """By the keyboard alone; wrong things are said where they stand."""
    driver = open_browser()
    enter(driver, url, "gerante", PAGE)
    assert texts(driver, ".notice.bad") == []
    make = driver.find_element(By.XPATH, "//button[.='Créer le jeton']")
    make.send_keys(Keys.ENTER)
    until(driver, lambda: "Donnez-lui un nom de 60 caractères au plus." in driver.page_source)
    name = field(driver, "Nom")
    name.send_keys("Notre CRM", Keys.TAB)
    make.send_keys(Keys.ENTER)
    until(
        driver, lambda: texts(driver, ".notice.bad") == ["Cochez au moins une chose qu'il permet."]
    )
    field(driver, "Lire les demandes de rappel").send_keys(Keys.SPACE)
    field(driver, "Lire les appels").send_keys(Keys.SPACE)
    make.send_keys(Keys.ENTER)
    until(driver, lambda: texts(driver, ".secret") != [])
    [secret] = texts(driver, ".secret")
    ticked = "return document.querySelectorAll('.scopes input:checked').length"
    until(driver, lambda: driver.execute_script(ticked) == 0)
    check(driver, "portail-acces")
    found = house.api_tokens.holder(secret, datetime.now(UTC))
    assert found is not None
    token, maker = found
    assert (token.client, token.name) == ("acme", "Notre CRM")
    assert token.scopes == ("tickets:read", "calls:read")
    assert maker is not None and maker.email == "gerante@service.example"
    assert 364 < (token.expires_at - token.created_at).days + 1 < 367
    go(driver, url, PAGE)
    assert secret not in driver.page_source
    assert token.prefix in driver.page_source
    driver.find_element(By.XPATH, "//button[.='Révoquer']").send_keys(Keys.ENTER)
    yes = until(driver, lambda: driver.find_element(By.CSS_SELECTOR, ".asked .danger"))
    yes.send_keys(Keys.ENTER)
    until(driver, lambda: "Révoqué le" in driver.page_source)
    assert house.api_tokens.holder(secret, datetime.now(UTC)) is None
    noted = house.audit.entries(("acme",))
    actions = [(one.action, one.who) for one in noted if one.action.startswith("token.")]
    assert actions == [
        ("token.revoked", "gerante@service.example"), ("token.created", "gerante@service.example"),
    ]  # fmt: skip


def test_who_may_only_look_has_no_controls(house: Any, url: str) -> None:
    """And who is another client's comes to nothing."""
    house.api_tokens.add("bora", "autre programme", ["calls:read"], datetime.now(UTC))
    with client_of(house, url, "lectrice") as browser:
        answer = browser.get(PAGE)
        assert answer.status_code == 200
        assert "Créer le jeton" not in answer.text
        assert "autre programme" not in answer.text
        assert browser.get("/portail/bora/reglages/acces").status_code == 404
    with client_of(house, url, "poste1") as browser:
        assert browser.get(PAGE).status_code == 403
