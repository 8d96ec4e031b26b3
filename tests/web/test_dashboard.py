"""The dashboard and the list of calls: what is shown to whom, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from agent.call.record import Turn
from tests.figure_calls import MONDAY, Calls, a_week
from tests.web.console_house import client_of, console_house, console_server, text_of, until
from tests.web.portal_page import check, enter, go

OpenBrowser = Callable[..., webdriver.Chrome]

WEEK = "du=2026-11-23&au=2026-11-29"
PAGE = "/portail/acme/tableau"
EMPTY = "du=2020-01-01&au=2020-01-07"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Acmé's calls of a week, one in which a caller dictates their number, one of Bora's."""
    with console_house(tmp_path_factory.mktemp("dashboard")) as made:
        calls = Calls(made.database)
        a_week(calls)
        told = Turn("Je suis au 06 39 98 12 34.", "Merci. Un conseiller vous rappelle.", "handoff")
        _, ticket_id = calls.ticketed("acme", MONDAY.replace(year=2025), told)
        made.tickets.set_detail(ticket_id, "name", "Mme Essai")
        yield made


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over them."""
    with console_server(house) as address:
        yield address


@pytest.fixture(scope="module")
def driver(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """A browser of the manager's."""
    made = open_browser()
    enter(made, url, "gerante", f"{PAGE}?{WEEK}")
    return made


def tiles(driver: webdriver.Chrome) -> dict[str, str]:
    """The figures in brief, as they are read."""
    found = driver.find_elements(By.CSS_SELECTOR, ".tiles > div")
    pairs = (one.text.replace("\u202f", " ").replace("\u00a0", " ").split("\n") for one in found)
    return {name: value for name, value, *_ in pairs}


def test_the_figures_of_a_week(driver: webdriver.Chrome, url: str) -> None:
    """In brief, drawn, and as a table; nothing stands out at any size."""
    go(driver, url, f"{PAGE}?{WEEK}")
    shown = tiles(driver)
    assert {name: shown[name] for name in list(shown)[:8]} == {
        "Appels": "10",
        "Répondus par l'assistant": "40 %",
        "Premier mot entendu en 3 s au plus": "100 %",
        "Attente médiane": "0,8 s",
        "Durée médiane": "1 min",
        "Durée que 9 appels sur 10 ne dépassent pas": "2 min",
        "Note moyenne": "3,5 sur 5",
        "Ont donné une note": "67 %",
    }
    assert (shown["Dangers signalés"], shown["Temps épargné à l'équipe"]) == ("1", "24 min")
    assert "avant : 1 (+900 %)" in text_of(driver, ".tiles")
    drawn = until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".plot svg"))
    assert len(drawn) == len(driver.find_elements(By.CSS_SELECTOR, ".plot[role=img]")) == 8
    check(driver, "tableau")
    for details in driver.find_elements(By.CSS_SELECTOR, ".plot-panel details > summary"):
        details.send_keys(Keys.ENTER)
    assert "Réponse de l'assistant 4 40 % 1" in text_of(driver, ".portal main")
    check(driver, "tableau-ouvert")


def test_a_figure_leads_to_its_calls(driver: webdriver.Chrome, url: str) -> None:
    """As many as were counted."""
    go(driver, url, f"{PAGE}?{WEEK}")
    links = driver.find_elements(By.CSS_SELECTOR, ".plot-panel a[href*='page=12']")
    driver.get(links[0].get_attribute("href") or "")
    assert "Seulement les appels comptés pour : lv84.pdf, page 12." in text_of(driver, "main")
    lines = driver.find_elements(By.CSS_SELECTOR, ".calls-list tbody tr")
    assert len(lines) == 2
    assert "06 39 98 12 34" in lines[0].text.replace("\u00a0", " ")
    check(driver, "appels-portail")
    driver.find_element(By.CSS_SELECTOR, ".calls-list tbody a").click()
    until(driver, lambda: text_of(driver, "h1").startswith("Appel du 23 nov. 2026"))
    assert "Nettoyez-le." in text_of(driver, ".said-turns")
    check(driver, "appel-portail")


def test_in_english_by_keyboard_alone(house: Any, driver: webdriver.Chrome, url: str) -> None:
    """Another period with Enter, a table with Enter, from it to its calls."""
    user = house.users.by_email("gerante@service.example")
    house.users.set_language(user.id, "en")
    try:
        go(driver, url, f"{PAGE}?{WEEK}")
        check(driver, "tableau-en", "en")
        assert tiles(driver)["Mean mark"] == "3.5 out of 5"
        assert driver.find_element(By.NAME, "du").is_displayed()
        reach(driver, "Other dates and comparison").send_keys(Keys.ENTER)
        assert not driver.find_element(By.NAME, "du").is_displayed()
        for _ in ("hours", "days", "outcomes"):
            table = reach(driver, "Show as a table")
        table.send_keys(Keys.ENTER)
        reach(driver, "Answered by the assistant").send_keys(Keys.ENTER)
        until(driver, lambda: text_of(driver, "h1") == "Calls")
        lines = driver.find_elements(By.CSS_SELECTOR, ".calls-list tbody tr")
        assert len(lines) == 4
    finally:
        house.users.set_language(user.id, "fr")


def reach(driver: webdriver.Chrome, name: str) -> WebElement:
    """Go on with the tabulator key to the next thing of that name."""
    for _ in range(80):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        here = driver.switch_to.active_element
        if here.text == name:
            return here
    raise AssertionError(f"{name} is not reached with the tabulator key")


def test_a_period_without_calls(driver: webdriver.Chrome, url: str) -> None:
    """Says so, and draws nothing."""
    go(driver, url, f"{PAGE}?{EMPTY}")
    assert tiles(driver)["Appels"] == "0"
    assert tiles(driver)["Note moyenne"] == "—"
    assert "Aucun appel dans cette période" in text_of(driver, ".notice")
    assert driver.find_elements(By.CSS_SELECTOR, ".plot") == []
    check(driver, "tableau-vide")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("du=2026-11-29&au=2026-11-23", "La date de début vient après la date de fin"),
        ("du=2026-11-29", "Donnez les deux dates"),
        ("du=1026-11-29&au=1026-11-30", "Choisissez des dates entre 2000 et 2100."),
        ("du=2020-01-01&au=2026-11-23", "Demandez de 1 à 366 jours."),
        ("jours=-7", "Demandez de 1 à 366 jours."),
        ("face=rien", "Choisissez la comparaison dans la liste."),
        ("face=autre", "Donnez les deux dates"),
    ],
)
def test_a_period_that_cannot_be(house: Any, url: str, query: str, said: str) -> None:
    """One sentence on the page and for the file."""
    with client_of(house, url, "gerante") as browser:
        assert said in browser.get(f"{PAGE}?{query}").text.replace("\\u00e0", "à")
        answer = browser.get(f"{PAGE}/issues.csv?{query}")
        assert (answer.status_code, said in answer.text) == (400, True)


def test_files(house: Any, url: str) -> None:
    """One table byte by byte, and all of them; in the reader's language."""
    with client_of(house, url, "lectrice") as browser:
        answer = browser.get(f"{PAGE}/issues.csv?{WEEK}")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content.decode("utf-8-sig").splitlines() == [
            "Issue;Appels;Part;Avant",
            "Réponse de l'assistant;4;40 %;1",
            "Passage à un conseiller;1;10 %;0",
            "Rappel demandé ou message;3;30 %;0",
            "Sans suite;2;20 %;0",
        ]
        pages = browser.get(f"{PAGE}/pages.csv?{WEEK}&face=aucune").content.decode("utf-8-sig")
        assert pages.splitlines()[:2] == ["Manuel;Page;Questions", "lv84.pdf;12;2"]
        whole = browser.get(f"{PAGE}/tout.csv?{WEEK}").text
        titles = ("En bref", "Appels par heure", "Codes d'erreur cités", "Pages qui ont répondu")
        assert all(f"\r\n{title}\r\n" in f"\r\n{whole[1:]}" for title in titles)
        assert browser.get(f"{PAGE}/autre.csv?{WEEK}").status_code == 404


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        ("gerante", "/portail/bora/tableau", 404),
        ("gerante", "/portail/bora/tableau/tout.csv", 404),
        ("gerante", "/portail/bora/appels", 404),
        ("gerante", "/portail/acme/appels/bora-0015", 404),
        ("poste1", PAGE, 403),
        ("poste1", f"{PAGE}/tout.csv", 403),
        ("poste1", "/portail/acme/appels", 403),
        ("lectrice", f"{PAGE}/tout.csv", 200),
        ("admin", "/portail/bora/appels", 200),
        ("lectrice", "/portail/acme/appels/acme-0001/enregistrement.wav", 403),
        ("gerante", "/portail/acme/appels/bora-0015/enregistrement.wav", 404),
        ("gerante", "/portail/acme/appels/acme-0001/enregistrement.wav", 404),
    ],
)
def test_who_comes_in(house: Any, url: str, user: str, path: str, status: int) -> None:
    """Nobody to another client's, operators to none of it; who only reads hears no voice."""
    with client_of(house, url, user) as browser:
        assert browser.get(path).status_code == status
        browser.cookies.clear()
        signed_out = browser.get(path, headers={"Accept": "*/*"}).status_code
        assert signed_out in (303, 401)


def test_one_who_only_reads_sees_no_number(house: Any, url: str) -> None:
    """Neither in the list nor in what was said; nor is one looked for by it."""
    with client_of(house, url, "lectrice") as browser:
        listed = browser.get("/portail/acme/appels?du=2025-11-01&au=2025-11-30").text
        assert "•• •• •• •• 34" in listed.replace("\\u2022", "•")
        (call_id,) = (one.call_id for one in _calls_of_2025(house))
        said = browser.get(f"/portail/acme/appels/{call_id}").text
        assert "[téléphone]" in said.replace("\\u00e9", "é")
        for text in (listed, said):
            assert "06 39 98" not in text.replace("\\u00a0", " ")
            assert "Essai" not in text
        refused = browser.get("/portail/acme/appels?q=0639981234").text
        assert "Votre compte ne permet pas de chercher un num" in refused
    with client_of(house, url, "gerante") as browser:
        assert "06 39 98 12 34" in browser.get(f"/portail/acme/appels/{call_id}").text


def _calls_of_2025(house: Any) -> list[Any]:
    return [one for one in house.calls.recent("acme") if one.started_at.year == 2025]
