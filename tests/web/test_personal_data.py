"""« Données »: a manager finds, hands out and erases what is kept of a number; the register."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.call.record import CallRecord, Turn, recording_of
from agent.personal.register import facts_of
from agent.settings import load_settings
from agent.store.audit import AuditStore
from agent.web.portal.personal.handing_out import export_path
from tests.web.console_house import client_of, console_house, console_server, now, text_of, until
from tests.web.portal_page import check, enter, go

OpenBrowser = Callable[..., webdriver.Chrome]
NUMBER, CANARY = "0639981234", "perlimpinpin"
PAGE = "/portail/acme/donnees"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """With a recorded call of each client's, from one number."""
    folder: Path = tmp_path_factory.mktemp("personal")
    with console_house(folder) as made:
        for slug in ("acme", "bora"):
            record = CallRecord(
                f"{slug}-1", slug, now(), NUMBER, "browser", now(), "caller", "answered",
                [Turn(f"mon four dit {CANARY} {slug}", "Alors attendez.", "answer")],
                recording=recording_of(slug, f"{slug}-1"),
            )  # fmt: skip
            made.calls.save(record)
            made.vault.write(folder / str(record.recording), b"RIFF" + bytes(60))
        yield made


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over it."""
    with console_server(house) as address:
        yield address


@pytest.mark.parametrize(
    ("user", "slug", "status"),
    [
        ("gerante", "acme", 200), ("admin", "acme", 200), ("lectrice", "acme", 403),
        ("poste1", "acme", 403), ("gerante", "bora", 404), ("gerante", "nenni", 404),
    ],
)  # fmt: skip
def test_who_is_handed_it(house: Any, url: str, user: str, slug: str, status: int) -> None:
    """Managers of the client and admins; nobody sees another client's."""
    with client_of(house, url, user) as browser:
        answer = browser.post(
            export_path(slug), data={"number": "+33 6 39 98 12 34"}, headers={"Origin": url}
        )
        assert answer.status_code == status
        if status != 200:
            assert CANARY.encode() not in answer.content
            return
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            page = archive.read("lisezmoi.html").decode()
            assert archive.read("enregistrements/acme-1.wav").startswith(b"RIFF")
        assert f"{CANARY} acme" in page
        assert "bora" not in page
        assert "no-store" in answer.headers["cache-control"]
        refused = browser.post(export_path(slug), data={"number": "x"}, headers={"Origin": url})
        assert (refused.status_code, refused.text.startswith("Ce n'est pas")) == (422, True)
        nothing = browser.post(
            export_path(slug), data={"number": "0199000000"}, headers={"Origin": url}
        )
        assert nothing.status_code == 404
        foreign = browser.post(
            export_path(slug), data={"number": NUMBER}, headers={"Origin": "https://evil.example"}
        )
        assert foreign.status_code == 403


def test_a_reader_sees_durations_and_register_only(
    house: Any, url: str, open_browser: OpenBrowser
) -> None:
    """There is no search for who may not use it."""
    driver = open_browser()
    enter(driver, url, "lectrice", PAGE)
    body = text_of(driver, "main")
    assert "Enregistrements des appels" in body
    assert "180 jours" in body
    assert not driver.find_elements(By.CSS_SELECTOR, "input[type=tel]")


def test_the_register_says_what_is_set(house: Any, url: str, open_browser: OpenBrowser) -> None:
    """As it is now: no recording, no key in the settings, no HTTPS, no other processor."""
    driver = open_browser()
    enter(driver, url, "gerante", f"{PAGE}/registre")
    check(driver, "portail-registre")
    body = text_of(driver, "main")
    assert "Acmé & Fils" in body
    assert "Enregistrer des appels" not in body
    assert "non chiffrés sur le disque" in body
    assert "Aucun autre" in body
    house.clients.set_recording("acme", True)
    go(driver, url, f"{PAGE}/registre")
    assert "Enregistrer des appels (tous, sauf refus de l'appelant)" in text_of(driver, "main")
    house.clients.set_recording("acme", False)


def test_a_manager_finds_and_erases_a_number(
    house: Any, url: str, open_browser: OpenBrowser
) -> None:
    """By the keyboard; wrong things typed are said beside their field; nothing is left of it."""
    driver = open_browser()
    enter(driver, url, "gerante", PAGE)
    check(driver, "portail-donnees")
    number = driver.find_element(By.CSS_SELECTOR, "input[type=tel]")
    number.send_keys("36 46", Keys.ENTER)
    until(driver, lambda: "Ce n'est pas un numéro" in text_of(driver, ".field .trouble"))
    number.clear()
    number.send_keys("06.39.98.12.34", Keys.ENTER)
    until(driver, lambda: "1 appel" in text_of(driver, ".found"))
    check(driver, "portail-donnees-trouvees")
    again = driver.find_elements(By.CSS_SELECTOR, "input[type=tel]")[1]
    again.send_keys("0639981235", Keys.TAB, Keys.ENTER)
    until(driver, lambda: "Ce n'est pas le numéro" in text_of(driver, ".found .trouble"))
    assert house.calls.load("acme-1").turns[0].heard
    again.clear()
    again.send_keys("+33639981234", Keys.TAB, Keys.ENTER)
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".asked"))
    driver.switch_to.active_element.send_keys(Keys.TAB)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(driver, lambda: "C'est effacé" in text_of(driver, ".notice.good"))
    said = text_of(driver, ".notice.good").replace("\u00a0", " ")
    assert said == "C'est effacé : 1 appel, 0 demande de rappel, 1 enregistrement."
    assert house.calls.load("acme-1").turns[0].heard == ""
    assert house.calls.load("bora-1").turns[0].heard
    entry = AuditStore(house.database).entries(None, client="acme")[0]
    assert (entry.action, entry.who) == ("person.erased", "gerante@service.example")
    check(driver, "portail-donnees-effacees")


def test_facts_are_those_of_the_settings() -> None:
    """A key, HTTPS, a carrier, a chat model here and elsewhere."""
    bare = facts_of(load_settings())
    assert (bare.sealed, bare.https, bare.carriers, bare.chat_host) == (False, False, (), "")
    full = facts_of(
        load_settings(
            data_key="A" * 43, public_url="https://sav.example", plivo_auth_token="x",
            chat_model="openai:qwen", chat_base_url="https://llm.example/v1",
        )
    )  # fmt: skip
    assert (full.sealed, full.https) == (True, True)
    assert (full.carriers, full.chat_host) == (("Plivo",), "llm.example")
    local = load_settings(chat_model="openai:q", chat_base_url="http://127.0.0.1:8000/v1")
    assert facts_of(local).chat_host == ""
    assert facts_of(load_settings(chat_model="mistralai:small")).chat_host == "mistralai"
