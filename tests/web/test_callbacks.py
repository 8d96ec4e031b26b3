"""The callbacks in real browsers over a real server and real stores: no model is loaded."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.web.console_house import (
    NASTY,
    button_of,
    client_of,
    now,
    operators_page,
    press_key,
    sign_in,
    text_of,
    until,
)

OpenBrowser = Callable[..., webdriver.Chrome]
SEEN_WITHIN_S = 1.0


@pytest.fixture(scope="module")
def one(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """The console of an operator of Acmé."""
    return operators_page(open_browser(), url, "poste1", "/console/rappels")


@pytest.fixture(scope="module")
def two(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """The console of another operator of Acmé."""
    return operators_page(open_browser(), url, "poste2", "/console/rappels")


def show(driver: webdriver.Chrome, url: str, ticket_id: str) -> None:
    """Go to a ticket's page, and wait until it does what is clicked."""
    driver.get(f"{url}/console/rappels?demande={ticket_id}")
    until(driver, lambda: ticket_id in text_of(driver, ".card .number"))
    until(driver, lambda: driver.execute_script("return window.did_handshake === true"))
    time.sleep(0.3)  # until the page listens to keys


def line_of(driver: webdriver.Chrome, ticket_id: str) -> str:
    """A ticket's line in the list."""
    return text_of(driver, f"[data-keep='row-{ticket_id}']")


def test_urgent_ones_stand_first_and_are_marked_by_words(
    one: webdriver.Chrome, url: str, known: dict[str, str]
) -> None:
    """In the order in which to call; another client's is not there; the tab tells how many."""
    show(one, url, known["long"])
    lines = [line.text for line in one.find_elements(By.CSS_SELECTOR, ".callback")]
    assert len(lines) == 5
    assert lines[0].startswith("URGENT\n01 99 00 56 78")
    assert lines[1].startswith("EN RETARD\n04 65 71 01 56")
    assert "Aspirateur" not in "".join(lines)
    count = one.find_element(By.CSS_SELECTOR, ".bar .count")
    assert count.text == "5 !"
    assert count.get_attribute("aria-label") == "5 à faire, dont 2 pressants"


def test_the_chosen_one_tells_everything(
    one: webdriver.Chrome, url: str, known: dict[str, str]
) -> None:
    """Brief, number to call, other requests of the same number, the call."""
    show(one, url, known["long"])
    card = text_of(one, ".card")
    assert "Mme Essai" in card
    assert "À rappeler " in card
    assert "Dévissez le filtre de la pompe et nettoyez-le. → sans effet" in card
    assert f"{known['again']}" in text_of(one, ".others")
    number = one.find_element(By.CSS_SELECTOR, "a.tel")
    assert (number.text, number.get_attribute("href")) == ("06 39 98 12 34", "tel:0639981234")
    call = one.find_element(By.LINK_TEXT, "Revoir l'appel").get_attribute("href")
    assert call == f"{url}/console/appels/appel-long"


def test_what_one_does_the_other_sees_within_a_second(
    one: webdriver.Chrome, two: webdriver.Chrome, url: str, known: dict[str, str]
) -> None:
    """Taken, called, done: in the list and on the page of a colleague, who typed meanwhile."""
    ticket = known["again"]
    show(one, url, ticket)
    show(two, url, ticket)
    note = two.find_element(By.CSS_SELECTOR, "textarea")
    note.send_keys("à moitié")
    began = time.monotonic()
    press_key(one, "p")
    until(two, lambda: "prise par Poste poste1" in line_of(two, ticket))
    until(two, lambda: "prise par Poste poste1" in text_of(two, ".card .title"))
    assert time.monotonic() - began < SEEN_WITHIN_S
    assert two.switch_to.active_element == note
    assert note.get_attribute("value") == "à moitié"
    note.send_keys(" écrit", Keys.ESCAPE)
    press_key(one, "s")
    until(two, lambda: "1 rappel, dernier : pas de réponse" in line_of(two, ticket))
    two.refresh()
    until(two, lambda: "a rappelé : pas de réponse" in text_of(two, ".journal"))
    kept = two.find_element(By.CSS_SELECTOR, "textarea")
    until(two, lambda: kept.get_attribute("value") == "à moitié écrit")
    began = time.monotonic()
    press_key(one, "t")
    until(two, lambda: not two.find_elements(By.CSS_SELECTOR, f"[data-keep='row-{ticket}']"))
    assert time.monotonic() - began < SEEN_WITHIN_S
    until(one, lambda: button_of(one, "Rouvrir (O)"))
    press_key(one, "o")
    until(two, lambda: "à prendre" in line_of(two, ticket))


def test_what_is_refused_is_one_sentence_and_nothing_typed_is_lost(
    one: webdriver.Chrome, two: webdriver.Chrome, url: str, house: Any, known: dict[str, str]
) -> None:
    """A colleague has it; a note without a word; the note stays in its field."""
    ticket = known["late"]
    show(one, url, ticket)
    show(two, url, ticket)
    button_of(one, "Prendre (P)").click()
    until(one, lambda: "à vous" in text_of(one, ".card .title"))
    note = two.find_element(By.CSS_SELECTOR, "textarea")
    note.send_keys("Le client préfère le soir.", Keys.ESCAPE)
    until(two, lambda: "prise par" in text_of(two, ".card .title"))
    press_key(two, "t")
    until(two, lambda: text_of(two, ".form .trouble") == (
        f"La demande {ticket} est déjà prise par Poste poste1."
    ))  # fmt: skip
    assert note.get_attribute("value") == "Le client préfère le soir."
    note.send_keys(Keys.CONTROL, Keys.ENTER)
    until(two, lambda: text_of(two, ".form .said") == "La note est ajoutée.")
    assert house.tickets.get(ticket).notes[-1].text == "Le client préfère le soir."
    until(two, lambda: note.get_attribute("value") == "")
    button_of(two, "Ajouter la note").click()
    until(two, lambda: text_of(two, ".form .trouble") == (
        "La note est vide : écrivez quelques mots."
    ))  # fmt: skip
    until(one, lambda: "Le client préfère le soir." in text_of(one, ".journal"))
    press_key(one, "r")
    until(one, lambda: "à prendre" in text_of(one, ".card .title"))


def test_an_attempt_keeps_the_note_that_was_typed(
    one: webdriver.Chrome, url: str, house: Any, known: dict[str, str]
) -> None:
    """« Joint » with a note, then the next one by an arrow."""
    show(one, url, known["urgent"])
    one.find_element(By.CSS_SELECTOR, "textarea").send_keys("Gaz coupé, tout va bien.", Keys.ESCAPE)
    press_key(one, "j")
    until(one, lambda: "Gaz coupé, tout va bien." in text_of(one, ".journal"))
    (attempt,) = house.tickets.get(known["urgent"]).attempts
    assert (attempt.result, attempt.note) == ("reached", "Gaz coupé, tout va bien.")
    press_key(one, Keys.ARROW_DOWN)
    until(one, lambda: known["urgent"] not in text_of(one, ".card .number"))
    assert "demande=T-" in one.current_url


def test_what_callers_and_colleagues_write_is_inert(
    one: webdriver.Chrome, url: str, house: Any, known: dict[str, str]
) -> None:
    """Names, appliances, words and notes are text, never HTML."""
    user = house.users.by_email("poste1@service.example")
    house.work.note(known["hostile"], user.id, NASTY, now())
    show(one, url, known["hostile"])
    until(one, lambda: NASTY in text_of(one, ".journal"))
    assert NASTY in text_of(one, ".card .title")
    assert NASTY in text_of(one, ".brief")
    assert one.execute_script("return window.hacked") is None


def test_another_clients_operator_sees_nothing_of_it(
    house: Any, url: str, known: dict[str, str]
) -> None:
    """Page, table and the client's own name: 404, or not there."""
    with client_of(house, url, "autre") as other:
        assert other.get(f"/console/rappels?demande={known['long']}").status_code == 404
        assert other.get("/console/rappels?demande=T-XXXXXX").status_code == 404
        assert other.get("/console/rappels.csv?client=acme").status_code == 404
        page = other.get("/console/rappels")
        assert page.status_code == 200
        assert "Lave-linge" not in page.text and "0639981234" not in page.text
        table = other.get("/console/rappels.csv")
        assert "attachment" in table.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
        assert [row[0] for row in rows[1:]] == [known["bora"]]
    with client_of(house, url, "tous") as everybody:
        rows = everybody.get("/console/rappels.csv").content.decode("utf-8-sig").splitlines()
        assert known["long"] in "".join(rows) and known["bora"] in "".join(rows)


def test_nobody_gets_anything_without_signing_in(url: str, known: dict[str, str]) -> None:
    """Pages and files send them to sign in."""
    call = "/console/appels/appel-long"
    files = ("/console/rappels.csv", f"{call}/enregistrement.wav")
    for path in ("/console/rappels", "/console/appels", call, *files):
        answer = httpx.get(f"{url}{path}", headers={"Accept": "text/html"})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/connexion?next=")


def test_an_operator_who_is_deactivated_changes_nothing_more(
    open_browser: OpenBrowser, url: str, house: Any, known: dict[str, str], tmp_path: Path
) -> None:
    """Their page is still open: nothing comes of what they press, and they are to sign in again."""
    user = house.users.add(
        "parti@service.example", "Poste parti", "operator", "un-mot-de-passe-long",
        clients=("acme",),
    )  # fmt: skip
    driver = open_browser()
    sign_in(driver, url, "parti", f"/console/rappels?demande={known['hostile']}")
    until(driver, lambda: driver.execute_script("return window.did_handshake === true"))
    house.users.set_active(user.id, False)

    def presses() -> bool:
        press_key(driver, "p")
        return "/connexion" in driver.current_url

    until(driver, presses)
    assert house.tickets.get(known["hostile"]).taken_by is None


def test_an_operator_is_rung_on_this_page_too(
    one: webdriver.Chrome, url: str, house: Any, known: dict[str, str]
) -> None:
    """One who was available a moment ago still is; accepting leads to the desk, by a key."""
    one.get(f"{url}/console/")
    until(one, lambda: one.execute_script("return window.did_handshake === true"))

    def is_available() -> bool:
        one.find_element(By.CSS_SELECTOR, ".status .available").click()
        return house.switchboard.reachable("acme")

    until(one, is_available)
    show(one, url, known["long"])
    assert httpx.post(f"{url}/essai/sonner").json() == {"rung": True}
    until(one, lambda: "Acmé & Fils : un client attend" in text_of(one, ".ringing"), limit_s=2)
    one.save_screenshot("out/screens/rappels-sonnerie.png")
    press_key(one, "a")
    until(one, lambda: one.current_url == f"{url}/console/")
    (transfer,) = house.switchboard.transfers()
    assert transfer.record.state in ("accepted", "connected")
