"""A manager sets the line in a real browser: hours, greeting, voice, words, people, recording."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from agent.opening import open_voice
from agent.settings import load_settings
from agent.store.audit import Entry
from agent.store.targets import TargetStore
from agent.web.console.pieces import typeset
from tests.web.console_house import (
    HOURS,
    button_of,
    client_of,
    console_house,
    text_of,
    until,
)
from tests.web.portal_page import check, enter, go

OpenBrowser = Callable[..., webdriver.Chrome]
FIELDS = ".portal main :is(input, textarea, select)"
PAGES = ("", "/accueil", "/voix", "/horaires", "/equipe", "/ligne", "/enregistrement")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models_home: Path) -> Iterator[Any]:
    """Real stores, and the real voice."""
    folder = tmp_path_factory.mktemp("settings")
    (folder / "models").symlink_to(models_home / "models")
    (models_home / "cache").mkdir(exist_ok=True)
    (folder / "cache").symlink_to(models_home / "cache")
    voice = open_voice(load_settings(home=folder))
    with console_house(folder) as made:
        object.__setattr__(made, "voice", voice)
        yield made
    voice.close()


@pytest.fixture(scope="module")
def driver(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """A manager's browser."""
    made = open_browser()
    enter(made, url, "gerante", "/portail/acme/reglages")
    return made


@pytest.fixture(scope="module")
def provider(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """An admin's browser."""
    made = open_browser()
    enter(made, url, "admin", "/portail/acme/reglages")
    return made


def field(driver: webdriver.Chrome, label: str) -> WebElement:
    """The field of a label."""
    found = driver.find_element(By.XPATH, f'//label[normalize-space(.)="{typeset(label)}"]')
    return driver.find_element(By.ID, str(found.get_attribute("for")))


def write(driver: webdriver.Chrome, label: str, text: str) -> None:
    """Write a text into a field, in place of what stands there."""
    found = field(driver, label)
    found.send_keys(Keys.CONTROL, "a")
    found.send_keys(Keys.DELETE)
    found.send_keys(text)


def choose(driver: webdriver.Chrome, label: str, value: str) -> None:
    """Choose one of a list."""
    field(driver, label).find_element(By.CSS_SELECTOR, f"option[value='{value}']").click()


def panel_of(driver: webdriver.Chrome, title: str) -> WebElement:
    """A part of the page by its heading."""
    return driver.find_element(By.XPATH, f'//section[h2[normalize-space(.)="{title}"]]')


def save(driver: webdriver.Chrome, title: str, told: str = "Enregistré.") -> None:
    """Press the button that saves a part, and wait for what comes of it."""
    part = panel_of(driver, title)
    part.find_element(By.XPATH, ".//button[normalize-space(.)='Enregistrer']").click()
    until(driver, lambda: told in part.text.replace("\u00a0", " "))


def heard_s(driver: webdriver.Chrome, title: str) -> float:
    """Wait until something is heard in a part of the page; how long it is, seconds."""
    audio = panel_of(driver, title).find_element(By.TAG_NAME, "audio")
    known = "return arguments[0].src && arguments[0].duration || 0"
    return float(until(driver, lambda: driver.execute_script(known, audio), 20))


def last_entry(house: Any, action: str) -> Entry:
    """The newest entry of the audit of an action."""
    found = [one for one in house.audit.entries(("acme",)) if one.action == action]
    return max(found, key=lambda one: one.id)


def test_every_page_in_both_sizes(url: str, driver: webdriver.Chrome) -> None:
    """They fit, and axe finds nothing serious."""
    for path in PAGES:
        go(driver, url, f"/portail/acme/reglages{path}")
        check(driver, f"reglages{path.replace('/', '-')}")
    go(driver, url, "/portail/acme/")
    check(driver, "premiers-pas")


def test_hours_are_changed_by_rows(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """A pause, another day, a special day; the text that is kept says the same."""
    house.clients.set_hours("acme", "lundi-vendredi 9h-18h")
    go(driver, url, "/portail/acme/reglages/horaires")
    name = "Ajouter une pause, Lundi"
    driver.find_element(By.CSS_SELECTOR, f"button[aria-label='{name}']").click()
    until(driver, lambda: driver.switch_to.active_element.get_attribute("data-place")
          == "week-0-0-closes")  # fmt: skip
    name = "Ajouter des heures, Samedi"
    driver.find_element(By.CSS_SELECTOR, f"button[aria-label='{name}']").click()
    closes = until(driver, lambda: driver.find_element(
        By.CSS_SELECTOR, "[data-place='week-5-0-closes']"
    ))  # fmt: skip
    closes.send_keys("1230PM")
    until(driver, lambda: "9 h – 12 h 30" in text_of(driver, ".week tr:nth-child(6)"))
    driver.find_element(
        By.XPATH, "//li[contains(., 'Noël')]//button[starts-with(., 'Autres heures')]"
    ).click()
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "[data-place='special-0-day']"))
    save(driver, "Quand vos conseillers répondent")
    lines = house.clients.get("acme").hours.splitlines()
    assert lines[:3] == ["lundi 9h-12h, 14h-18h", "mardi-vendredi 9h-18h", "samedi 9h-12h30"]
    assert lines[3].startswith("25/12/")
    assert lines[3].endswith(" fermé")
    assert last_entry(house, "settings.hours").detail == {
        "changed": {"hours": ["lundi-vendredi 9h-18h", "\n".join(lines)]}
    }
    assert last_entry(house, "settings.hours").who == "gerante@service.example"


def test_wrong_hours_are_told_where_they_stand(
    house: Any, url: str, driver: webdriver.Chrome
) -> None:
    """In a row, and in the text, which is kept as it was written."""
    house.clients.set_hours("acme", HOURS)
    go(driver, url, "/portail/acme/reglages/horaires")
    name = "Ajouter des heures, Lundi"
    driver.find_element(By.CSS_SELECTOR, f"button[aria-label='{name}']").click()
    opens = until(driver, lambda: driver.find_element(
        By.CSS_SELECTOR, "[data-place='week-0-2-opens']"
    ))  # fmt: skip
    opens.send_keys("1000AM")
    save(driver, "Quand vos conseillers répondent", "Donnez les deux heures")
    name = "Retirer ces heures, Lundi"
    driver.find_elements(By.CSS_SELECTOR, f"button[aria-label='{name}']")[2].click()
    until(
        driver, lambda: not driver.find_elements(By.CSS_SELECTOR, "[data-place='week-0-2-opens']")
    )
    button_of(driver, "Texte").click()
    label = "Les horaires, une ligne par jour ou par règle"
    until(driver, lambda: field(driver, label))
    write(driver, label, "lundi 9h-12h\nmardi quand je peux")
    save(driver, "Quand vos conseillers répondent", "Ligne 2 : « mardi quand je peux »")
    assert field(driver, label).get_attribute("value") == "lundi 9h-12h\nmardi quand je peux"
    assert house.clients.get("acme").hours == HOURS


def test_a_stale_form_is_told(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """What somebody else saved meanwhile stays; what was written is still in the form."""
    go(driver, url, "/portail/acme/reglages/ligne")
    house.clients.set_minutes_per_call("acme", 9)
    write(driver, "Minutes qu'un appel coûte à votre équipe", "4")
    save(driver, "À la fin d'un appel", "Quelqu'un d'autre a changé ces réglages")
    assert house.clients.get("acme").minutes_per_call == 9
    assert field(driver, "Minutes qu'un appel coûte à votre équipe").get_attribute("value") == "4"


def test_the_greeting_is_heard_then_saved(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """By the real voice; what pretends is refused beside the field; the next step knows it."""
    title = "Ce que vos appelants entendent d'abord"
    go(driver, url, "/portail/acme/reglages/accueil")
    write(driver, "Une phrase à vous (facultatif)", "Je ne suis pas un robot.")
    save(driver, title, "la loi demande le contraire")
    write(driver, "Une phrase à vous (facultatif)", "Merci de votre confiance")
    until(driver, lambda: "Merci de votre confiance." in text_of(driver, ".spoken"))
    button_of(driver, "Écouter").click()
    assert 5 < heard_s(driver, title) < 12
    save(driver, title)
    client = house.clients.get("acme")
    assert client.greeting_sentence == "Merci de votre confiance."
    assert "Merci de votre confiance." in client.greeting_heard
    until(driver, lambda: "Vous avez écouté cette annonce." in panel_of(driver, title).text)
    go(driver, url, "/portail/acme/")
    assert driver.find_element(By.CSS_SELECTOR, ".steps li.done a").text == (
        "Écouter votre message d'accueil"
    )


def test_a_word_is_listened_to_and_added(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """By the keyboard alone; a wrong one is told; removed, it is read as written again."""
    go(driver, url, "/portail/acme/reglages/voix")
    write(driver, "Mot écrit", "Whirlpool")
    button_of(driver, "Ajouter à la liste").send_keys(Keys.ENTER)
    until(
        driver, lambda: "Écrivez comment ce mot s'entend" in panel_of(driver, "Prononciation").text
    )
    write(driver, "Comme il s'entend", "ouirlpoule")
    button_of(driver, "Écouter ce mot").send_keys(Keys.ENTER)
    assert 0.3 < heard_s(driver, "Prononciation") < 3
    button_of(driver, "Ajouter à la liste").send_keys(Keys.ENTER)
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "[aria-label='Retirer Whirlpool']"))
    assert house.clients.get("acme").pronunciations == {"Whirlpool": "ouirlpoule"}
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Retirer Whirlpool']").send_keys(Keys.ENTER)
    until(driver, lambda: "de nouveau comme il s'écrit" in panel_of(driver, "Prononciation").text)
    assert house.clients.get("acme").pronunciations == {}
    assert last_entry(house, "settings.pronunciation").detail == {
        "changed": {"Whirlpool": ["ouirlpoule", None]}
    }


def test_a_sample_of_the_calls_is_recorded(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """With the client's own notice, which must say what the law wants."""
    title = "Enregistrement des appels"
    go(driver, url, "/portail/acme/reglages/enregistrement")
    choose(driver, "Quels appels enregistrer", "sample")
    until(driver, lambda: field(driver, "Part des appels, en %").is_displayed())
    write(driver, "Part des appels, en %", "250")
    save(driver, title, "Écrivez un nombre entier de 1 à 100.")
    write(driver, "Part des appels, en %", "15")
    write(driver, "Ce que l'appelant entend", "Nous enregistrons cet appel pour former l'équipe.")
    save(driver, title, "Dites comment refuser")
    button_of(driver, "Reprendre la phrase habituelle").click()
    save(driver, title)
    client = house.clients.get("acme")
    assert (client.recording, client.recording_percent, client.recording_notice) == (True, 15, "")
    write(driver, "Enregistrements sonores, en jours", "200")
    save(driver, "Combien de temps tout est gardé", "Écrivez un nombre entier de 1 à 180.")
    write(driver, "Enregistrements sonores, en jours", "30")
    save(driver, "Combien de temps tout est gardé")
    assert house.clients.get("acme").keep_audio_days == 30


@pytest.fixture(scope="module")
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A program that takes webhooks: its address, and what it was sent."""
    taken: list[tuple[dict[str, str], bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take it."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((dict(self.headers), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/suivi", taken
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_is_told(
    house: Any, url: str, driver: webdriver.Chrome, provider: webdriver.Chrome, receiver: Any
) -> None:
    """Wrong addresses beside their field; a client cannot have a program within the network told,
    the provider can: it is tried for good, its secret shown once."""
    title, address = "Demandes de rappel", receiver[0]
    go(driver, url, "/portail/acme/reglages/equipe")
    write(driver, "Adresses e-mail", "sav@acme.example\npas une adresse")
    save(driver, title, "« pas une adresse » n'est pas une adresse e-mail")
    write(driver, "Adresses e-mail", "sav@acme.example")
    write(driver, "Adresse d'un programme (webhook)", address)
    save(driver, title, "Cette adresse n'est pas joignable depuis Internet")
    assert house.clients and TargetStore(house.database).get("acme").emails == ()
    go(provider, url, "/portail/acme/reglages/equipe")
    write(provider, "Adresse d'un programme (webhook)", address)
    save(provider, title)
    secret = TargetStore(house.database).get("acme").webhook_secret
    assert text_of(provider, "code.secret") == secret
    button_of(provider, "Envoyer un essai").click()
    until(
        provider,
        lambda: f"{address} : reçu." in panel_of(provider, title).text.replace("\u00a0", " "),
    )
    ((headers, body),) = receiver[1]
    assert b'"event":"test"' in body
    assert headers["X-Permanence-Signature"].startswith("sha256=")
    assert secret not in str(last_entry(house, "settings.notify").detail)
    go(provider, url, "/portail/acme/reglages/equipe")
    assert not provider.find_elements(By.CSS_SELECTOR, "code.secret")
    write(driver, "Adresse d'un programme (webhook)", "")
    save(driver, title, "Quelqu'un d'autre a changé ces réglages")


def test_numbers_are_the_provider_s_to_change(
    house: Any, url: str, driver: webdriver.Chrome, provider: webdriver.Chrome
) -> None:
    """A manager sees them; an admin adds one, and a wrong one is told."""
    go(provider, url, "/portail/acme/reglages/ligne")
    write(provider, "Numéro à ajouter", "01 99")
    button_of(provider, "Ajouter").click()
    until(provider, lambda: "Ce n'est pas un numéro complet" in provider.page_source)
    write(provider, "Numéro à ajouter", "01 99 00 12 34")
    button_of(provider, "Ajouter").click()
    until(provider, lambda: house.numbers.of_client("acme") == ("+33199001234",))
    go(driver, url, "/portail/acme/reglages/ligne")
    assert "01 99 00 12 34" in panel_of(driver, "Les numéros de la ligne").text
    assert not driver.find_elements(By.XPATH, "//label[.='Numéro à ajouter']")


def test_a_reader_sees_values_and_no_control(house: Any, url: str, driver: webdriver.Chrome,
                                             open_browser: OpenBrowser) -> None:  # fmt: skip
    """No button that changes anything, no field."""
    other = open_browser()
    enter(other, url, "lectrice", "/portail/acme/reglages")
    for path in PAGES:
        go(other, url, f"/portail/acme/reglages{path}")
        assert not other.find_elements(By.CSS_SELECTOR, FIELDS)
        names = {one.text for one in other.find_elements(By.CSS_SELECTOR, ".portal main button")}
        assert names <= {"Écouter", "Écouter, appel enregistré", "Copier le lien"}, path


def test_in_english(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """Days, states and wrong values too."""
    user = house.users.by_email("gerante@service.example")
    house.users.set_language(user.id, "en")
    try:
        house.clients.set_hours("acme", HOURS)
        go(driver, url, "/portail/acme/reglages/horaires")
        assert text_of(driver, ".week th") == "Monday"
        assert " now, " in text_of(driver, ".state")
        check(driver, "reglages-horaires-en", "en")
        go(driver, url, "/portail/acme/reglages/ligne")
        write(driver, "Minutes that a call costs your team", "0")
        button = panel_of(driver, "At the end of a call").find_element(
            By.XPATH, ".//button[.='Save']"
        )
        button.click()
        until(driver, lambda: "Write a whole number from 1 to 120." in driver.page_source)
    finally:
        house.users.set_language(user.id, "fr")


def listened(house: Any, url: str, user: str, slug: str = "acme", **asked: str) -> Any:
    """What is answered to who listens to something."""
    with client_of(house, url, user) as browser:
        return browser.get(f"/portail/{slug}/ecouter.wav?{urlencode(asked)}")


def test_what_is_listened_to_is_a_wav_of_the_voice(house: Any, url: str) -> None:
    """Of the client's people alone, of some length, and slower where that is wanted."""
    answer = listened(house, url, "gerante", texte="Nettoyez le filtre.")
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getframerate(), file.getnchannels()) == (24_000, 1)
        usual = file.getnframes()
    slow = listened(house, url, "lectrice", texte="Nettoyez le filtre.", rythme="1.2")
    with wave.open(io.BytesIO(slow.content)) as file:
        assert file.getnframes() > usual * 1.05
    for user, slug, asked, status in (
        ("gerante", "bora", {"texte": "Bonjour."}, 404),
        ("poste1", "acme", {"texte": "Bonjour."}, 403),
        ("gerante", "acme", {"texte": "A" * 501}, 422),
        ("gerante", "acme", {"texte": " ! "}, 422),
        ("gerante", "acme", {"texte": "Bonjour.", "rythme": "9"}, 422),
    ):
        assert listened(house, url, user, slug, **asked).status_code == status


def test_who_listens_all_the_time_must_wait(house: Any, url: str) -> None:
    """And is told so; callers' sentences are not held up by it."""
    answers = [listened(house, url, "admin", texte="Oui.").status_code for _ in range(32)]
    assert answers[:30] == [200] * 30
    assert 429 in answers[30:]


def test_a_line_is_tried_by_its_managers_alone(house: Any, url: str) -> None:
    """Others are sent to sign in, and their calls are refused before they begin."""
    for user, page in (("gerante", 200), ("admin", 200), ("lectrice", 303), ("autre", 303),
                       ("poste1", 303)):  # fmt: skip
        with client_of(house, url, user) as browser:
            shown = browser.get("/phone/acme?draft=1")
            assert shown.status_code == page, user
            assert ("Cet appel ne compte nulle part." in shown.text) is (page == 200)
            foreign = browser.post("/api/phone/acme/offer?draft=1")
            assert foreign.status_code == 403, user
            if page != 200:
                offered = browser.post("/api/phone/acme/offer?draft=1", headers={"Origin": url})
                assert offered.status_code == 403, user
