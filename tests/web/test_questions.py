"""« Essayer » and « Questions » in a real browser, over real models and a small manual."""

from __future__ import annotations

import http.client
import io
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.approving import Approving
from agent.call.record import Turn
from agent.gap_grouping import GapGrouping
from agent.house import asking
from agent.models import path as model_path
from agent.opening import open_transcriber
from agent.settings import load_settings
from agent.store.faq import FaqStore, NewFaq
from agent.store.test_questions import KeptQuestions, NewQuestion
from agent.web.portal.gaps.files import span_of
from agent.web.portal.trying.files import LONGEST_SPEECH_S, SpeechError, decoded
from knowledge.answer import Inquiry
from knowledge.embeddings import load_embedder
from knowledge.library import Library
from tests.web.console_house import (
    NASTY,
    button_of,
    client_of,
    console_house,
    console_server,
    keep_call,
    now,
    text_of,
    until,
)
from tests.web.portal_page import check, enter, go, ready

OpenBrowser = Callable[..., webdriver.Chrome]

ROOT = Path(__file__).parents[2]
MANUAL = """# Lave-linge LV 84

## Nettoyer le filtre de la pompe

1. Placez un récipient sous la trappe.
2. Dévissez le filtre.
3. Rincez-le à l'eau claire et revissez-le.

## Doser la lessive

Versez 80 ml de lessive liquide dans le bac de gauche.
"""
WIFI = (
    "comment je connecte la machine au wifi", "la machine elle a le wifi ou pas",
    "mon lave-linge ne trouve pas le wi-fi de la maison", "connecter ma machine à laver au wifi",
)  # fmt: skip
SPOKEN_S = 4.5
"""How long the question in demo-2-filtre.wav takes, with some margin."""
GUARANTEE = ("je peux prolonger la garantie", "comment prolonger la garantie de deux ans")


def keep_question(house: Any, call_id: str, words: str, client: str = "acme") -> None:
    """A recorded call whose question was handed over after a look-up."""
    turns = [
        Turn("", "Bonjour.", at_s=0.5),
        Turn(words, "Je préfère ne pas répondre au hasard.", "handoff", 0.1, at_s=6.0),
        Turn("Merci.", "Au revoir.", at_s=15.0),
    ]
    keep_call(house, call_id, now() - timedelta(hours=2), turns, client=client, recorded=True)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A console's stores, a small manual in service, questions that were not answered."""
    folder = tmp_path_factory.mktemp("questions")
    settings = load_settings()
    embedder = load_embedder(settings.embedding, model_path(settings, settings.embedding))
    library = Library(folder / "clients", embedder)
    (folder / "lave-linge-lv84.md").write_text(MANUAL, "utf-8")
    transcriber = open_transcriber(settings)
    with console_house(folder) as made:
        library.add("acme", [folder / "lave-linge-lv84.md"])
        grouping = GapGrouping(made.gaps, embedder)
        house = replace(
            made, library=library, approving=Approving(FaqStore(made.database), library),
            gap_grouping=grouping, services=SimpleNamespace(transcriber=transcriber),
            test_questions=KeptQuestions(made.database, asking(library)),
        )  # fmt: skip
        for number, words in enumerate((*WIFI, *GUARANTEE)):
            keep_question(house, f"vain-{number}", words)
        keep_question(house, "vain-bora", "la cafetière de Bora fuit", client="bora")
        yield house
        grouping.close()
        transcriber.close()
        library.close()


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over it."""
    with console_server(house) as address:
        yield address


@pytest.fixture(scope="module")
def page(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """A browser in which the manager is signed in."""
    driver = open_browser()
    enter(driver, url, "gerante", "/portail/acme/essayer")
    return driver


def typed(driver: webdriver.Chrome, label: str, text: str) -> None:
    """Put a text into the field whose label begins so."""
    labelled = driver.find_element(By.XPATH, f"//label[starts-with(., '{label}')]")
    field = driver.find_element(By.ID, labelled.get_attribute("for"))
    field.clear()
    field.send_keys(text)


def test_a_question_is_tried_and_kept(page: webdriver.Chrome, house: Any, url: str) -> None:
    """What a caller would hear, why, on which page; then among the test questions, and checked."""
    go(page, url, "/portail/acme/essayer")
    button_of(page, "Demander").click()
    until(page, lambda: "comme un appelant la poserait" in text_of(page, "main"))
    typed(page, "Votre question", "comment je nettoie le filtre de la pompe")
    button_of(page, "Demander").click()
    until(page, lambda: "L'assistant" in text_of(page, ".tried"))
    shown = text_of(page, ".tried")
    assert "L'assistant répondrait." in shown
    assert "Placez un récipient sous la trappe." in shown
    assert "lave-linge-lv84.md, page 1" in shown
    assert "Appareil reconnu" in shown
    button_of(page, "Ajouter aux").click()
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, "table.grid tbody tr"))
    button_of(page, "Tout vérifier").click()
    until(page, lambda: "Réussies : 1. Échouées : 0." in text_of(page, "main"))
    assert "réussie L'assistant répondrait. lave-linge-lv84.md, page 1" in text_of(page, "table")
    check(page, "portail-essayer")
    assert house.audit.entries(("acme",))[0].action == "test_questions.checked"


def test_an_answer_is_approved_and_said(page: webdriver.Chrome, house: Any, url: str) -> None:
    """The largest group first; answered, it leaves the list, and the next caller hears it."""
    go(page, url, "/portail/acme/questions")
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "section.gap")) == 2)
    until(page, lambda: "Mise à jour" not in text_of(page, "main"))
    first = page.find_element(By.CSS_SELECTOR, "section.gap")
    assert "4 appels" in first.text
    assert "wi" in first.find_element(By.TAG_NAME, "h3").text
    assert "Bora" not in page.page_source
    check(page, "portail-questions")
    first = page.find_element(By.CSS_SELECTOR, "section.gap")
    first.find_element(By.LINK_TEXT, "Répondre").click()
    until(page, lambda: "repondre" in page.current_url)
    ready(page)
    button_of(page, "Publier la réponse").click()
    until(page, lambda: "Écrivez la réponse" in text_of(page, "main"))
    typed(page, "La question, comme titre", "Le lave-linge a-t-il le wifi ?")
    typed(page, "Ce que l", "Non, il n'a pas le wifi.")
    check(page, "portail-repondre")
    button_of(page, "Publier la réponse").click()
    until(page, lambda: page.current_url.endswith("/questions"))
    until(page, lambda: "Non, il n'a pas le wifi." in text_of(page, "main"))
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, "section.gap")) == 1)
    found = house.library.answer("acme", Inquiry("peut-on relier la machine à laver au wifi"))
    assert (found.decision, found.text) == ("answer", "Non, il n'a pas le wifi.")
    assert found.evidence[0].place == "Réponse approuvée n° 1"


def test_a_group_is_left_aside_and_taken_back(page: webdriver.Chrome, house: Any, url: str) -> None:
    """And comes back by itself when as many callers ask it again."""
    go(page, url, "/portail/acme/questions")
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, "section.gap"))
    until(page, lambda: "Mise à jour" not in text_of(page, "main"))
    button_of(page, "Ignorer").click()
    until(page, lambda: "Rien à compléter" in text_of(page, "main"))
    button_of(page, "Remettre dans la liste").click()
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, "section.gap"))
    (group,) = [one for one in house.gaps.groups("acme") if one.is_to_do]
    house.gaps.settle("acme", [one.key for one in group.questions], "ignored", "u1")
    for number in range(3):
        keep_question(house, f"encore-{number}", "prolonger la garantie c'est possible")
        house.gap_grouping.refresh("acme")
        to_do = [one for one in house.gaps.groups("acme") if one.is_to_do]
        assert len(to_do) == (number == 2)


@pytest.mark.parametrize("path", ["essayer", "questions"])
def test_a_reader_sees_and_changes_nothing(
    open_browser: OpenBrowser, url: str, house: Any, path: str
) -> None:
    """No button that changes anything; another client's page is not there."""
    with client_of(house, url, "lectrice") as browser:
        answer = browser.get(f"/portail/acme/{path}")
        assert answer.status_code == 200
        for control in ("Tout vérifier", "Ignorer", "Répondre", "Importer", "Supprimer"):
            assert f">{control}<" not in answer.text
        assert browser.get("/portail/acme/questions/repondre").status_code == 403
        assert browser.get(f"/portail/bora/{path}").status_code == 404
        for address in (
            "/portail/acme/questions/vain-0/1.wav",
            "/portail/bora/essayer/questions.csv",
        ):
            assert browser.get(address).status_code in (403, 404)


def test_a_turn_is_listened_to(house: Any, url: str) -> None:
    """From a second before its words to the next turn; none of another client's, no other turn."""
    with client_of(house, url, "gerante") as browser:
        answer = browser.get("/portail/acme/questions/vain-0/1.wav")
        assert answer.status_code == 200
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert sound.getnframes() / sound.getframerate() == 10.0
        for address in ("acme/questions/vain-0/9.wav", "acme/questions/vain-bora/1.wav",
                        "bora/questions/vain-bora/1.wav"):  # fmt: skip
            assert browser.get(f"/portail/{address}").status_code == 404
    record = house.calls.load("vain-0")
    assert span_of(record, 1) == (3.0, 13.0)
    assert span_of(record, 3) is None


def test_a_question_is_spoken(house: Any, url: str) -> None:
    """The house's recogniser writes it; what is no sound is refused, and so is another site."""
    wav = next((ROOT / "evals" / "data" / "calls").glob("*.wav")).read_bytes()
    with client_of(house, url, "gerante") as browser:
        here = {"sec-fetch-site": "same-origin"}
        answer = browser.post("/portail/acme/essayer/parole", content=wav, headers=here)
        assert answer.status_code == 200
        assert len(answer.json()["text"].split()) > 2
        bad = browser.post("/portail/acme/essayer/parole", content=b"RIFFno", headers=here)
        assert (bad.status_code, "20 secondes" in bad.text) == (422, True)
        large = browser.post("/portail/acme/essayer/parole", content=b"0" * 3_000_001, headers=here)
        assert large.status_code == 422
        away = {"sec-fetch-site": "cross-site"}
        assert (
            browser.post("/portail/acme/essayer/parole", content=wav, headers=away).status_code
            == 403
        )
        assert (
            browser.post("/portail/bora/essayer/parole", content=wav, headers=here).status_code
            == 404
        )


def test_a_question_is_spoken_into_the_microphone(open_browser: OpenBrowser, url: str) -> None:
    """It stands in its field, to be read again, and is asked as if it had been typed."""
    driver = open_browser(ROOT / "evals" / "data" / "calls" / "demo-2-filtre.wav")
    enter(driver, url, "gerante", "/portail/acme/essayer")
    speak = driver.find_element(By.CSS_SELECTOR, ".speak")
    speak.send_keys(Keys.ENTER)
    until(driver, lambda: speak.get_attribute("aria-pressed") == "true")
    assert speak.text == "Terminer"
    time.sleep(SPOKEN_S)
    speak.send_keys(Keys.ENTER)
    field = driver.find_element(By.CSS_SELECTOR, ".tried-question")
    until(driver, lambda: "filtre" in str(field.get_property("value")))
    assert speak.get_attribute("aria-pressed") == "false"
    assert speak.text == "Dire la question"
    button_of(driver, "Demander").send_keys(Keys.ENTER)
    until(driver, lambda: "Ce qui se passerait" in text_of(driver, "main"))
    assert "récipient" in text_of(driver, ".tried")


def test_a_microphone_that_is_refused_is_told(open_browser: OpenBrowser, url: str) -> None:
    """The question can still be written."""
    driver = open_browser(refused=True)
    enter(driver, url, "gerante", "/portail/acme/essayer")
    driver.find_element(By.CSS_SELECTOR, ".speak").click()
    until(driver, lambda: "Le micro n'est pas disponible" in text_of(driver, ".spoken-trouble"))


def test_speech_is_bounded() -> None:
    """In time; whatever else is sent is no speech."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.zeros((LONGEST_SPEECH_S + 1) * 8000 * 2, dtype="<i2").tobytes())
    sent = out.getvalue()
    with pytest.raises(SpeechError):
        decoded(sent)
    assert len(decoded(sent[: 44 + 8000 * 4])) == pytest.approx(16000, abs=64)
    for nothing in (b"", b"hello", b"\x1aE\xdf\xa3" * 50):
        with pytest.raises(SpeechError):
            decoded(nothing)


def test_questions_come_from_a_table(house: Any, url: str) -> None:
    """Imported by who may; a bad line is said; nothing that callers or people wrote is run."""
    before = len(house.test_questions.list("acme"))
    table = f"Question;Manuel;Page\n{NASTY};ne pas répondre;\n".encode()
    with client_of(house, url, "gerante") as browser:
        here = {"sec-fetch-site": "same-origin"}
        address = "/portail/acme/essayer/questions.csv"
        for content, said in ((table, "1+question+ajout"), (b"a;b\n", "premi")):
            files = {"table": ("q.csv", content, "text/csv")}
            answer = browser.post(address, files=files, headers=here)
            assert answer.status_code == 303
            assert said in answer.headers["location"]
        assert len(house.test_questions.list("acme")) == before + 1
        assert b"img src" in browser.get(address).content
        assert "<img src=x" not in browser.get("/portail/acme/essayer").text
    with client_of(house, url, "lectrice") as browser:
        files = {"table": ("q.csv", table, "text/csv")}
        assert browser.post(address, files=files, headers=here).status_code == 403


def test_a_table_that_is_too_large_is_told_so(house: Any, url: str) -> None:
    """However large: no more than its first megabyte is taken."""
    with client_of(house, url, "gerante") as browser:
        for size in (1_000_001, 3_000_000):
            answer = browser.post(
                "/portail/acme/essayer/questions.csv",
                files={"table": ("q.csv", b"a" * size, "text/csv")},
                headers={"sec-fetch-site": "same-origin"},
            )
            assert answer.status_code == 303
            assert "1+Mo" in answer.headers["location"]


@pytest.mark.parametrize("path", ["essayer/questions.csv", "donnees/export"])
def test_a_form_of_a_stranger_is_not_taken_in(url: str, path: str) -> None:
    """They were answered once all of it had come, whatever its size, onto the server's disk.

    The cause: FastAPI reads a form that is a parameter before it asks what it depends on.
    """
    to = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with closing(to):
        to.putrequest("POST", f"/portail/acme/{path}")
        to.putheader("Sec-Fetch-Site", "same-origin")
        to.putheader("Content-Type", "multipart/form-data; boundary=b")
        to.putheader("Content-Length", "10000000000")
        to.endheaders()
        assert to.getresponse().status == 401


def test_a_failed_question_says_so(house: Any) -> None:
    """What must not be answered and is, fails, with where."""
    (made,) = house.test_questions.add(
        "acme", [NewQuestion("où mettre la lessive liquide, combien de ml", None)], "u1"
    )
    (result,) = house.test_questions.check("acme", False, only=made.question_id).results
    assert result.passed == (result.decision not in ("answer", "confirm"))
    house.test_questions.remove("acme", made.question_id)
    house.approving.add("acme", NewFaq("Où mettre la lessive ?", "À gauche."), "u1")
