"""The portal's frame: who comes in, what every page has, in French and in English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.web.console_house import client_of, text_of, until
from tests.web.portal_page import check, enter, go, sized

OpenBrowser = Callable[..., webdriver.Chrome]
IN_PUBLIC = {"public_url": "https://sav.example"}


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        ("gerante", "/portail/acme/", 200),
        ("lectrice", "/portail/acme/", 200),
        ("admin", "/portail/acme/", 200),
        ("admin", "/portail/bora/", 200),
        ("poste1", "/portail/acme/", 403),
        ("gerante", "/portail/bora/", 404),
        ("admin", "/portail/nenni/", 404),
        ("gerante", "/portail/nenni/", 404),
        ("gerante", "/portail/acme/nenni", 404),
        ("gerante", "/nenni", 404),
    ],
)
def test_who_comes_in(house: Any, url: str, user: str, path: str, status: int) -> None:
    """A client's people to their own; of another's they are told no more than of none."""
    with client_of(house, url, user) as browser:
        answer = browser.get(path)
    assert answer.status_code == status
    assert ("Bora" in answer.text) == (path == "/portail/bora/" and status == 200)


def test_one_who_is_not_signed_in_is_sent_to_sign_in(url: str, house: Any) -> None:
    """And back to the page that was asked for."""
    with client_of(house, url, "gerante") as browser:
        browser.cookies.clear()
        answer = browser.get("/portail/acme/")
    assert answer.headers["location"] == "/connexion?next=%2Fportail%2Facme%2F"


def test_the_entrance_leads_to_the_only_client(house: Any, url: str) -> None:
    """An admin chooses among all."""
    with client_of(house, url, "gerante") as browser:
        assert browser.get("/portail/").headers["location"] == "/portail/acme/"
    with client_of(house, url, "admin") as browser:
        assert browser.get("/portail/").status_code == 200


def test_the_frame_in_both_languages(house: Any, url: str, open_browser: OpenBrowser) -> None:
    """At both sizes; on a telephone the pages are under a button that the keyboard reaches."""
    driver = open_browser()
    enter(driver, url, "gerante", "/portail/acme/")
    check(driver, "portail-accueil")
    assert text_of(driver, "nav [aria-current]") == "Accueil"
    user = house.users.by_email("gerante@service.example")
    house.users.set_language(user.id, "en")
    go(driver, url, "/portail/acme/")
    assert text_of(driver, "nav [aria-current]") == "Home"
    check(driver, "portail-accueil-en", "en")
    sized(driver, "telephone")
    nav = driver.find_element(By.ID, "pages")
    assert not nav.is_displayed()
    driver.find_element(By.CSS_SELECTOR, "button.menu").click()
    until(driver, nav.is_displayed)
    house.users.set_language(user.id, "fr")


def test_strangers_are_not_told_who_the_clients_are(house: Any, url: str) -> None:
    """Once the service has an address in public; on somebody's own machine the lines are listed."""
    with client_of(house, url, "lectrice") as browser:
        assert "Bora" in browser.get("/").text
        object.__setattr__(house, "settings", house.settings.model_copy(update=IN_PUBLIC))
        own = browser.get("/").text
        browser.cookies.clear()
        answer = browser.get("/")
    assert "Acmé" in own
    assert "Bora" not in own
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert "Bora" not in answer.text
