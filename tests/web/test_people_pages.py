"""People and accounts in a real browser: invited, changed, let go; second factor, sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pyotp
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from agent.store.users import User
from tests.web.console_house import PASSWORD, button_of, client_of, now, text_of, until
from tests.web.portal_page import check, enter, go

OpenBrowser = Callable[..., webdriver.Chrome]
OTHER = "un four à chaleur tournante"
PEOPLE = "/portail/acme/personnes"


@pytest.fixture(scope="module")
def manager(open_browser: OpenBrowser, url: str, house: Any) -> webdriver.Chrome:
    """The browser of a manager of Acmé's."""
    driver = open_browser()
    enter(driver, url, "gerante", PEOPLE)
    return driver


def add(house: Any, name: str, role: str = "reader", *clients: str) -> User:
    """Somebody of a name of their own."""
    made: User = house.users.add(
        f"{name}@service.example", f"Acmé {name}", role, PASSWORD, clients=clients or ("acme",)
    )
    return made


FIND = """
const plain = text => (text || "").replace(/\\u00a0/g, " ").trim();
return [...document.querySelectorAll(arguments[0])].filter(one =>
  one.checkVisibility() && [plain(one.textContent), one.ariaLabel].includes(arguments[1])).pop();
"""


def field(driver: webdriver.Chrome, label: str) -> WebElement:
    """The field of a label."""
    found = until(driver, lambda: driver.execute_script(FIND, "label", label))
    return driver.find_element(By.ID, str(found.get_attribute("for")))


def type_in(driver: webdriver.Chrome, label: str, text: str) -> None:
    """Type into a field, in place of what stands there."""
    found = field(driver, label)
    found.send_keys(Keys.CONTROL, "a")
    found.send_keys(Keys.DELETE, text)


def press(driver: webdriver.Chrome, name: str) -> None:
    """Press the last button of a name that is seen, or of a label."""

    def pressed() -> bool:
        found: WebElement | None = driver.execute_script(FIND, "button", name)
        if found is not None:
            found.send_keys(Keys.ENTER)
        return found is not None

    until(driver, pressed)


def shows(driver: webdriver.Chrome, text: str) -> None:
    """Wait until a text stands in the page."""
    until(driver, lambda: text in text_of(driver, "body"))


def test_somebody_is_invited_changed_and_let_go(
    manager: webdriver.Chrome, url: str, house: Any
) -> None:
    """By keyboard alone; without a mail server the link is shown; the log tells all of it."""
    go(manager, url, PEOPLE)
    type_in(manager, "Adresse e-mail", "pas une adresse")
    press(manager, "Inviter")
    shows(manager, "Ce n'est pas une adresse e-mail")
    type_in(manager, "Adresse e-mail", "lectrice@service.example")
    press(manager, "Inviter")
    shows(manager, "Cette personne a déjà accès.")
    type_in(manager, "Adresse e-mail", "nouvelle@service.example")
    press(manager, "Inviter")
    shows(manager, "Ce lien est pour nouvelle@service.example seul")
    shows(manager, "sans e-mail : passez le lien vous-même")
    link = text_of(manager, "code.secret")
    assert link.startswith("http://127.0.0.1/invitation/")
    check(manager, "portail-personnes")
    path = link.removeprefix("http://127.0.0.1")
    with httpx.Client(base_url=url, headers={"Origin": url}) as newcomer:
        newcomer.post(path, data={"name": "Toute Nouvelle", "password": OTHER})
    go(manager, url, PEOPLE)
    shows(manager, "Toute Nouvelle")
    assert "Invitations en attente" not in text_of(manager, "main")
    press(manager, "Changer le rôle de Toute Nouvelle")
    until(manager, lambda: manager.find_elements(By.CSS_SELECTOR, ".asked select"))
    manager.find_element(By.CSS_SELECTOR, ".asked select").send_keys("Conseiller")
    press(manager, "Changer")
    row = "//tr[contains(., 'Toute Nouvelle') and contains(., 'Conseiller')]"
    until(manager, lambda: manager.find_elements(By.XPATH, row))  # the list is made again
    assert house.users.by_email("nouvelle@service.example").role == "operator"
    press(manager, "Retirer Toute Nouvelle")
    shows(manager, "n'aura plus accès à Acmé & Fils, dès maintenant.")
    press(manager, "Retirer")
    until(manager, lambda: not house.users.by_email("nouvelle@service.example").active)
    go(manager, url, f"{PEOPLE}/journal")
    for words in ("a invité", "a accepté l'invitation", "a changé le rôle", "a retiré l'accès",
                  "s'est connecté"):  # fmt: skip
        shows(manager, words)
    check(manager, "portail-journal")


def test_an_invitation_is_sent_again_and_withdrawn(
    manager: webdriver.Chrome, url: str, house: Any
) -> None:
    """The link of before is worth nothing then."""
    store = house.accounts.invitations
    made = store.invite("plus-tard@service.example", "reader", "acme", now(), mailed=False)
    first = store.link(made.id, now(), None)
    go(manager, url, PEOPLE)
    press(manager, "Renvoyer à plus-tard@service.example")
    shows(manager, "Ce lien est pour plus-tard@service.example seul")
    second = text_of(manager, "code.secret").rpartition("/")[2]
    assert [httpx.get(f"{url}/invitation/{one}").status_code for one in (first, second)] == [
        410, 200,
    ]  # fmt: skip
    press(manager, "Retirer l'invitation de plus-tard@service.example")
    shows(manager, "Son lien ne vaudra plus.")
    press(manager, "Retirer")
    until(manager, lambda: not store.list(now(), None))
    assert httpx.get(f"{url}/invitation/{second}").status_code == 410


def test_a_reader_sees_and_changes_nothing(house: Any, url: str) -> None:
    """No controls; the log is for managers."""
    with client_of(house, url, "lectrice") as browser:
        page = browser.get(PEOPLE)
        assert (page.status_code, "gerante@service.example" in page.text) == (200, True)
        for control in ("Inviter", "Retirer", "Changer le rôle"):
            assert control not in page.text
        assert browser.get(f"{PEOPLE}/journal").status_code == 403


def test_an_open_page_does_nothing_for_who_may_no_more(
    open_browser: OpenBrowser, url: str, house: Any
) -> None:
    """Made a reader, then let go, while the page stood open: neither changes anything."""
    user, target = add(house, "bientot", "manager"), add(house, "cible")
    admin = house.users.by_email("admin@service.example")
    driver = open_browser()
    enter(driver, url, "bientot", PEOPLE)
    house.accounts.people.set_role(admin, "acme", user.id, "reader")
    type_in(driver, "Adresse e-mail", "complice@service.example")
    press(driver, "Inviter")
    shows(driver, "Votre compte permet de consulter, pas de modifier.")
    press(driver, "Retirer Acmé cible")
    house.accounts.people.let_go(admin, "acme", user.id)
    press(driver, "Retirer Acmé cible")
    until(driver, lambda: driver.current_url.startswith(f"{url}/connexion"))
    assert house.users.get(target.id).active
    assert house.accounts.invitations.list(now(), None) == []


def test_a_question_that_stands_open_is_no_way_around(
    open_browser: OpenBrowser, url: str, house: Any
) -> None:
    """Whoever had the right when they were asked « Retirer ? » could still say yes hours later."""
    user, store = add(house, "ouverte", "manager"), house.accounts.invitations
    made = store.invite(
        "tenue@service.example", "reader", "acme", now(), by=user, language="fr", mailed=False
    )
    driver = open_browser()
    enter(driver, url, "ouverte", PEOPLE)
    press(driver, "Retirer l'invitation de tenue@service.example")
    shows(driver, "Son lien ne vaudra plus.")
    admin = house.users.by_email("admin@service.example")
    house.accounts.people.set_role(admin, "acme", user.id, "reader")
    press(driver, "Retirer")
    shows(driver, "Votre compte permet de consulter, pas de modifier.")
    assert [one.id for one in store.list(now(), None)] == [made.id]
    store.withdraw(made.id, now(), ["acme"])


def test_ones_own_account(open_browser: OpenBrowser, url: str, house: Any) -> None:
    """Name, language, password; others of one's sessions end with it, and one by one."""
    user = add(house, "compte")
    driver = open_browser()
    enter(driver, url, "compte", "/compte")
    check(driver, "compte")
    elsewhere = [house.sessions.open(user.id, now(), device="Firefox, Android", network="192.0.2.7")
                 for _ in range(2)]  # fmt: skip
    go(driver, url, "/compte")
    shows(driver, "Firefox, Android")
    press(driver, "Déconnecter Firefox, Android")
    until(driver, lambda: len(house.sessions.list(user.id, now())) == 2)
    for before, after, sentence in (
        (PASSWORD, "court", "de 12 à 200 caractères"),
        (PASSWORD, "azertyuiop2026", "parmi les premiers que l'on essaie"),
        ("faux mot de passe", OTHER, "Ce n'est pas votre mot de passe actuel"),
    ):
        type_in(driver, "Mot de passe actuel", before)
        type_in(driver, "Nouveau mot de passe", after)
        press(driver, "Changer de mot de passe")
        shows(driver, sentence)
    type_in(driver, "Mot de passe actuel", PASSWORD)
    press(driver, "Changer de mot de passe")
    shows(driver, "Votre mot de passe a changé.")
    assert [house.sessions.user_of(one, now()) for one in elsewhere] == [None, None]
    assert house.users.verified(user.email, OTHER) is not None
    type_in(driver, "Nom", "Une Autre")
    field(driver, "Langue de ces pages").send_keys("English")
    press(driver, "Enregistrer")
    shows(driver, "Your account")
    assert house.users.get(user.id).name == "Une Autre"
    check(driver, "compte-en", "en")


def test_a_second_factor_is_turned_on_and_off(
    open_browser: OpenBrowser, url: str, house: Any
) -> None:
    """With one's password; by the key that is shown; the codes on paper are shown once."""
    user, factors = add(house, "facteur"), house.accounts.factors
    driver = open_browser()
    enter(driver, url, "facteur", "/compte")
    press(driver, "Activer")
    shows(driver, "Ce n'est pas votre mot de passe actuel")
    type_in(driver, "Votre mot de passe actuel", PASSWORD)
    press(driver, "Activer")
    shows(driver, "visez ce carré ou tapez la clé")
    key = text_of(driver, "code.key").replace(" ", "")
    type_in(driver, "Code affiché par l'application", "000000")
    press(driver, "Confirmer")
    shows(driver, "Ce code ne convient pas")
    check(driver, "compte-second-facteur")
    type_in(driver, "Code affiché par l'application", pyotp.TOTP(key).now())
    press(driver, "Confirmer")
    until(driver, lambda: len(driver.find_elements(By.CSS_SELECTOR, ".codes code")) == 10)
    check(driver, "compte-codes")
    assert factors.is_on(user.id)
    press(driver, "J'ai noté ces codes")
    shows(driver, "Il vous reste 10 codes de secours.")
    type_in(driver, "Votre mot de passe actuel", PASSWORD)
    press(driver, "Désactiver")
    shows(driver, "Le mot de passe suffira pour entrer.")
    press(driver, "Désactiver")
    until(driver, lambda: not factors.is_on(user.id))


def test_the_provider_makes_a_client(open_browser: OpenBrowser, url: str, house: Any) -> None:
    """What it is called in addresses is proposed; users are disabled and enabled."""
    target = add(house, "partante")
    driver = open_browser()
    enter(driver, url, "admin", "/portail/")
    check(driver, "portail-prestataire")
    type_in(driver, "Nom de la marque", "Œuf & Électro")
    until(driver, lambda: field(driver, "Dans les adresses").get_attribute("value")
          == "oeuf-electro")  # fmt: skip
    type_in(driver, "Dans les adresses", "acme")
    press(driver, "Créer le client")
    shows(driver, "Un client s'appelle déjà ainsi")
    type_in(driver, "Dans les adresses", "oeuf")
    press(driver, "Créer le client")
    until(driver, lambda: driver.current_url == f"{url}/portail/oeuf/personnes")
    assert house.clients.get("oeuf").name == "Œuf & Électro"
    go(driver, url, "/portail/")
    press(driver, "Désactiver Acmé partante")
    shows(driver, "Cette personne est déconnectée partout")
    press(driver, "Désactiver")
    until(driver, lambda: not house.users.get(target.id).active)
    press(driver, "Réactiver Acmé partante")
    until(driver, lambda: house.users.get(target.id).active)
    press(driver, "Lien de mot de passe de Acmé partante")
    shows(driver, "Ce lien est pour partante@service.example seul")


def test_buttons_are_found(manager: webdriver.Chrome, url: str) -> None:
    """The menu of the frame leads here."""
    go(manager, url, "/portail/acme/")
    manager.find_element(By.LINK_TEXT, "Personnes").click()
    until(manager, lambda: button_of(manager, "Inviter"))
