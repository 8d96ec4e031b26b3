"""History, past calls and verdicts in a real browser over a real server and real stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.web.console.history import BACKWARDS, BAD_DATE, BAD_OUTCOME, Asked
from tests.web.console_house import (
    NASTY,
    button_of,
    client_of,
    now,
    operators_page,
    text_of,
    until,
)

OpenBrowser = Callable[..., webdriver.Chrome]
CALL = "/console/appels/appel-long"


@pytest.fixture(scope="module")
def browser(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """The console of an operator of Acmé."""
    return operators_page(open_browser(), url, "poste1", "/console/appels")


def lines(driver: webdriver.Chrome) -> list[str]:
    """The lines of the list."""
    return [line.text for line in driver.find_elements(By.CSS_SELECTOR, ".calls tbody tr")]


def look_for(driver: webdriver.Chrome, url: str, query: str) -> list[str]:
    """The lines that an address finds."""
    driver.get(f"{url}/console/appels?{query}")
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".calls, .history .none"))
    return lines(driver)


def test_calls_are_found_from_the_form(
    browser: webdriver.Chrome, url: str, known: dict[str, str]
) -> None:
    """Words without their accents, a number, a ticket; what was typed stays in the form."""
    browser.get(f"{url}/console/appels")
    field = until(browser, lambda: browser.find_element(By.ID, "q"))
    field.send_keys("detartrer CAFETIERE", Keys.ENTER)
    until(browser, lambda: "q=detartrer" in browser.current_url and lines(browser))
    assert all("Comment détartrer la cafetière" in line for line in lines(browser))
    assert browser.find_element(By.ID, "q").get_attribute("value") == "detartrer CAFETIERE"
    (line,) = look_for(browser, url, f"q={known['long']}")
    assert "Mme Essai" in line and "Transmis" in line and known["long"] in line
    assert len(look_for(browser, url, "q=%2B33+6+39+98+12+34")) == 2
    assert look_for(browser, url, "q=introuvable") == []
    assert "Aucun appel ne répond" in text_of(browser, ".history")


def test_older_calls_are_on_other_pages(browser: webdriver.Chrome, url: str) -> None:
    """Thirty lines a page, each call once."""
    first = look_for(browser, url, "")
    assert len(first) == 30
    browser.find_element(By.LINK_TEXT, "Appels plus anciens").click()
    until(browser, lambda: "suite=" in browser.current_url and lines(browser))
    second = lines(browser)
    assert len(second) == 17
    assert not browser.find_elements(By.LINK_TEXT, "Appels plus anciens")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("du=2026-02-31", BAD_DATE), ("du=2026-11-02&au=2026-11-01", BACKWARDS),
     ("issue=x", BAD_OUTCOME)],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said(
    browser: webdriver.Chrome, url: str, query: str, sentence: str
) -> None:
    """One sentence, no list."""
    browser.get(f"{url}/console/appels?{query}")
    until(browser, lambda: text_of(browser, ".search .trouble") == sentence)
    assert lines(browser) == []


def test_days_are_those_of_the_client() -> None:
    """A day of Paris begins an hour or two before that of UTC; the last one is whole."""
    search = Asked(since="2026-11-27", until="2026-11-27").search("Europe/Paris")
    assert search.since is not None and search.until is not None
    assert search.since.isoformat() == "2026-11-27T00:00:00+01:00"
    assert search.until.isoformat() == "2026-11-28T00:00:00+01:00"


def test_a_call_is_heard_in_step_with_its_words(browser: webdriver.Chrome, url: str) -> None:
    """A turn leads to its sound, and is marked while it is heard."""
    browser.get(f"{url}{CALL}")
    audio = until(browser, lambda: browser.find_element(By.ID, "recording"))
    until(browser, lambda: browser.execute_script("return arguments[0].duration", audio) == 30)
    turns = browser.find_elements(By.CSS_SELECTOR, ".turn")
    assert [turn.get_attribute("data-at") for turn in turns] == [None, "4.0", "12.0", "20.0"]
    assert "réponse de la notice, sûr à 93 %" in turns[1].text.replace("\u00a0", " ")
    turns[2].find_element(By.CSS_SELECTOR, "button.at").click()
    until(browser, lambda: "playing" in turns[2].get_attribute("class"))
    at_s = browser.execute_script("return arguments[0].currentTime", audio)
    assert 12 <= at_s < 14
    browser.execute_script("arguments[0].pause(); arguments[0].currentTime = 21", audio)
    until(browser, lambda: "playing" in turns[3].get_attribute("class"))
    assert turns[2].get_attribute("aria-current") is None
    assert "personne n'a répondu" in text_of(browser, ".passages")
    assert "Le client a raccroché." in text_of(browser, ".past .about")


def test_a_call_without_recording_says_so(browser: webdriver.Chrome, url: str) -> None:
    """No player; nothing leads anywhere. What the caller said is inert."""
    browser.get(f"{url}/console/appels/appel-hostile")
    until(browser, lambda: "Cet appel n'a pas été enregistré." in text_of(browser, ".player"))
    assert not browser.find_elements(By.CSS_SELECTOR, "audio, [data-seek]")
    assert text_of(browser, ".turns").count(NASTY) == 2
    assert browser.execute_script("return window.hacked") is None


def test_answers_are_judged(browser: webdriver.Chrome, url: str, house: Any) -> None:
    """Good, wrong with a note, taken back; who and when; kept, and there after a reload."""
    browser.get(f"{url}{CALL}")
    until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, ".verdict")) == 3)
    until(browser, lambda: browser.execute_script("return window.did_handshake === true"))

    def press(name: str) -> None:
        group = browser.find_elements(By.CSS_SELECTOR, ".verdict")[1]
        found = [b for b in group.find_elements(By.TAG_NAME, "button") if name in b.text]
        found[0].click()

    press("Bonne réponse")
    until(browser, lambda: "✓ Bonne réponse" in text_of(browser, ".turn:nth-child(3) .verdict"))
    press("La réponse était fausse")
    until(browser, lambda: "✓ La réponse" in text_of(browser, ".turn:nth-child(3) .verdict"))
    press("Ajouter une note")
    note = until(browser, lambda: browser.find_element(By.CSS_SELECTOR, ".note-card textarea"))
    until(browser, note.is_displayed)
    note.send_keys("Le filtre est à gauche.")
    button_of(browser, "Enregistrer").click()
    until(browser, lambda: "« Le filtre est à gauche. »" in text_of(browser, ".turns"))
    verdict = house.verdicts.of_call("appel-long")[2]
    assert (verdict.opinion, verdict.note) == ("wrong", "Le filtre est à gauche.")
    browser.refresh()
    until(browser, lambda: "Poste poste1, aujourd'hui" in text_of(browser, ".turns"))
    until(browser, lambda: browser.execute_script("return window.did_handshake === true"))
    until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, ".q-dialog__backdrop"))
    press("La réponse était fausse")
    until(browser, lambda: "✓" not in text_of(browser, ".turns"))
    assert house.verdicts.of_call("appel-long") == {}


def test_another_clients_operator_sees_nothing_of_it(house: Any, url: str) -> None:
    """List, call, sound, a filter of that client: 404, or not there."""
    with client_of(house, url, "autre") as other:
        for path in (CALL, f"{CALL}/enregistrement.wav", "/console/appels/nenni",
                     "/console/appels?client=acme", "/console/appels?client=zzz"):  # fmt: skip
            assert other.get(path).status_code == 404, path
        page = other.get("/console/appels")
        assert page.status_code == 200
        assert "aspirateur" in page.text and "lave-linge" not in page.text
        assert other.get("/console/appels?q=appel-long&suite=appel-long").status_code == 200
    with client_of(house, url, "poste1") as mine:
        assert mine.get(CALL).status_code == 200


def test_sound_is_given_in_pieces(house: Any, url: str) -> None:
    """A browser that seeks asks for a range; it is kept by nobody in between."""
    with client_of(house, url, "poste1") as mine:
        answer = mine.get(f"{CALL}/enregistrement.wav", headers={"Range": "bytes=100-199"})
        assert (answer.status_code, len(answer.content)) == (206, 100)
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["cache-control"] == "private, no-store"
        assert mine.get("/console/appels/appel-hostile/enregistrement.wav").status_code == 404


def test_a_clients_own_people_are_no_operators(house: Any, url: str) -> None:
    """They have no console."""
    house.users.add("marque@acme.example", "La marque", "manager", "un-mot-de-passe-long",
                    clients=("acme",))  # fmt: skip
    token = house.sessions.open(house.users.by_email("marque@acme.example").id, now())
    with client_of(house, url, "poste1") as client:
        client.cookies.set("permanence_session", token)
        for path in ("/console/appels", CALL, "/console/rappels", "/console/rappels.csv"):
            assert client.get(path).status_code == 403, path
