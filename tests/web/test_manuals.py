"""The manuals of the portal: sent, read, corrected, published, taken back, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
)
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.store.test_questions import NewQuestion, Place
from agent.web.manual_files import safe_name
from knowledge.answer import Inquiry
from knowledge.errors import IndexMissingError
from knowledge.lifecycle import in_service
from tests.builders import PdfBuilder, small_manual
from tests.web.console_house import PREPARED_S, button_of, client_of, now, text_of, until
from tests.web.manuals_house import manuals_house, manuals_server
from tests.web.portal_page import check, enter, go

pytestmark = pytest.mark.timeout(600)

OpenBrowser = Callable[..., webdriver.Chrome]
PAGE = "/portail/acme/manuels"
CODE = Inquiry("mon lave-linge affiche E2")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Acmé and Bora, without a manual."""
    with manuals_house(tmp_path_factory.mktemp("portal")) as made:
        yield made


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over them."""
    with manuals_server(house) as address:
        yield address


@pytest.fixture(scope="module")
def driver(open_browser: OpenBrowser, url: str) -> webdriver.Chrome:
    """A browser of Acmé's manager."""
    made = open_browser()
    enter(made, url, "gerante", PAGE)
    return made


def send(
    house: Any, url: str, file: Path, *, name: str = "", user: str = "gerante", slug: str = "acme"
) -> httpx.Response:
    """Send a file as the page does."""
    with client_of(house, url, user) as browser:
        return browser.post(
            f"/portail/{slug}/manuels/fichiers",
            params={"nom": name or file.name},
            content=file.read_bytes(),
            headers={"Sec-Fetch-Site": "same-origin"},
        )


def prepared(house: Any, upload_id: str, slug: str = "acme") -> str:
    """The state of a file once there is nothing more to do on it."""
    until_s = time.monotonic() + PREPARED_S
    while time.monotonic() < until_s:
        state: str = house.manuals.work.get(slug, upload_id).state
        if state not in ("queued", "running"):
            return state
        time.sleep(0.05)
    raise TimeoutError(upload_id)


def rows(driver: webdriver.Chrome) -> list[str]:
    """The lines of the list of manuals, each as one text."""
    found = driver.find_elements(By.CSS_SELECTOR, ".listed tbody tr")
    return [" ".join(str(row.text).split()) for row in found]


def press(driver: webdriver.Chrome, selector: str) -> None:
    """Click what may still be on its way to where it stands."""

    def pressed() -> bool:
        try:
            driver.find_element(By.CSS_SELECTOR, selector).click()
        except (ElementNotInteractableException, ElementClickInterceptedException):
            return False
        return True

    until(driver, pressed)


def test_from_a_file_to_an_answer(
    house: Any, url: str, driver: webdriver.Chrome, tmp_path: Path
) -> None:
    """Chosen, read, in the draft, checked, published: then callers are answered from it."""
    house.test_questions.add(
        "acme",
        [
            NewQuestion("mon lave-linge affiche E2", Place("zx100.pdf", 2)),
            NewQuestion("comment détartrer ma cafetière", None),
            NewQuestion("mon lave-linge affiche E1", Place("autre.pdf", 7)),
        ],
        "",
    )
    go(driver, url, PAGE)
    check(driver, "manuels-vide")
    file = small_manual(tmp_path / "zx100.pdf")
    driver.find_element(By.ID, "manual-files").send_keys(str(file))
    until(driver, lambda: "Nouveau, à publier" in "".join(rows(driver)), PREPARED_S)
    assert "zx100.pdf" in rows(driver)[0]
    assert "lave-linge ZX100" in rows(driver)[0]
    assert "2 pages 5 passages 2 codes d'erreur" in rows(driver)[0]
    assert "Acmé gerante" in rows(driver)[0]
    assert text_of(driver, ".difference").splitlines() == [
        "Ajouté : zx100.pdf", "2 codes de plus : E1, E2", "Passages : 0 avant, 5 après",
    ]  # fmt: skip
    with pytest.raises(IndexMissingError):
        house.library.answer("acme", CODE)
    assert house.library.answer("acme", CODE, draft=True).decision == "answer"
    button_of(driver, "Publier…").click()
    until(driver, lambda: button_of(driver, "Publier quand même").is_displayed(), 60)
    said = text_of(driver, ".checked")
    assert "1 question d'essai n'a plus la réponse attendue" in said
    assert "autre.pdf, page 7" in said
    check(driver, "manuels-brouillon")
    button_of(driver, "Publier quand même").send_keys(Keys.ENTER)  # by the keyboard
    until(driver, lambda: "En service" in "".join(rows(driver)), 30)
    assert house.library.answer("acme", CODE).decision == "answer"
    assert [m.file_name for m in house.clients.manuals("acme")] == ["zx100.pdf"]
    (publication,) = house.manuals.work.history("acme")
    assert (publication.who, publication.kind) == ("Acmé gerante", "published")
    assert dict(publication.check) == {"asked": 3, "failed": 1}
    assert "2 sur 3 comme attendu" in text_of(driver, ".history")
    actions = [(e.action, e.who, e.subject) for e in house.audit.entries(None, client="acme")]
    actions = [action for action in actions if action[0].startswith("manual.")]
    assert actions == [
        ("manual.published", "gerante@service.example", ""),
        ("manual.uploaded", "gerante@service.example", "zx100.pdf"),
    ]


def test_corrected_hidden_and_taken_back(
    house: Any, url: str, driver: webdriver.Chrome
) -> None:  # fmt: skip
    """In the draft, then for callers, then as before with one click; the page is seen beside it."""
    go(driver, url, f"{PAGE}/notice?nom=zx100.pdf&page=2")
    picture = driver.find_element(By.CSS_SELECTOR, ".beside img")
    until(driver, lambda: driver.execute_script("return arguments[0].naturalWidth > 0", picture))
    assert "Filtre encrassé" in text_of(driver, ".passages")
    check(driver, "manuel")
    references = driver.find_elements(By.CSS_SELECTOR, ".product input")[1]
    references.clear()
    references.send_keys("QQ77, QQ78")
    press(driver, ".product .strong")
    until(driver, lambda: "Lu dans le manuel" in text_of(driver, ".product"))
    until(driver, lambda: driver.execute_script("return window.did_handshake === true"))
    press(driver, "[aria-label='Masquer : E2']")
    until(driver, lambda: "masqué" in text_of(driver, ".codes"))
    assert house.library.answer("acme", CODE).product == "lave-linge ZX100"
    assert house.library.answer("acme", CODE, draft=True).decision == "handoff"
    assert house.library.draft_shelf("acme").products[0].name == "lave-linge QQ77"
    go(driver, url, PAGE)
    until(driver, lambda: "Corrigé, à publier" in "".join(rows(driver)))
    assert text_of(driver, ".difference").splitlines()[:2] == [
        "zx100.pdf : « lave-linge ZX100 » devient « lave-linge QQ77, QQ78 »",
        "1 code de moins : E2",
    ]
    button_of(driver, "Publier…").click()
    until(driver, lambda: button_of(driver, "Publier quand même").is_displayed(), 60)
    button_of(driver, "Publier quand même").click()
    until(driver, lambda: button_of(driver, "Revenir à la version précédente").is_displayed(), 30)
    assert house.library.answer("acme", CODE).decision == "handoff"
    check(driver, "manuels-publies")
    button_of(driver, "Revenir à la version précédente").click()
    press(driver, ".asked .strong")
    until(driver, lambda: "Version précédente reprise" in text_of(driver, ".history"))
    assert house.library.answer("acme", CODE).decision == "answer"
    assert house.library.answer("acme", CODE).product == "lave-linge ZX100"


def test_removed_after_it_was_asked_about(house: Any, url: str, driver: webdriver.Chrome) -> None:
    """The first key says no; once removed from the draft it can be put back."""
    go(driver, url, PAGE)
    press(driver, "[aria-label^='Retirer :']")
    focused = "return document.activeElement.textContent"
    until(driver, lambda: driver.execute_script(focused) == "Annuler")
    ActionChains(driver).send_keys(Keys.ENTER).perform()
    until(driver, lambda: not driver.find_elements(By.CSS_SELECTOR, ".asked .danger"))
    assert rows(driver)[0].count("En service") == 1
    press(driver, "[aria-label^='Retirer :']")
    press(driver, ".asked .danger")
    until(driver, lambda: "Retiré, à publier" in "".join(rows(driver)))
    assert [m.file for m in in_service(house.manuals.folder("acme"))] == ["zx100.pdf"]
    press(driver, "[aria-label^='Remettre']")
    until(driver, lambda: "En service" in "".join(rows(driver)))


def test_problems_are_said_with_their_pages(
    house: Any, url: str, driver: webdriver.Chrome, tmp_path: Path
) -> None:
    """A page that is a picture, an appliance nobody recognised; a file that is none at all."""
    pdf = PdfBuilder(tmp_path / "inconnu.pdf")
    pdf.cover("Boîtier de commande")
    pdf.heading("1. Mettre en route")
    pdf.text("1. Appuyez sur le bouton vert pendant trois secondes.")
    pdf.text("2. Attendez que l'écran s'allume, puis choisissez la langue.")
    pdf.heading("2. Nettoyer")
    pdf.text("Essuyez le boîtier avec un chiffon humide, sans produit, une fois par semaine.")
    pdf.page()
    from PIL import Image

    Image.new("RGB", (1240, 1754), "grey").save(tmp_path / "grey.png")
    pdf._canvas.drawImage(str(tmp_path / "grey.png"), 0, 0, 595, 842)
    pdf.page()
    sent = send(house, url, pdf.save())
    broken = tmp_path / "cassé.pdf"
    broken.write_bytes(b"%PDF-1.4 puis rien")
    refused = send(house, url, broken)
    assert prepared(house, sent.json()["upload"]) == "ready"
    assert prepared(house, refused.json()["upload"]) == "refused"
    go(driver, url, PAGE)
    until(driver, lambda: len(rows(driver)) == 2)
    assert "La page 3 est une image sans texte : rien n'en est lu." in rows(driver)[0]
    assert "L'appareil n'a pas été reconnu : indiquez-le." in rows(driver)[0]
    assert "cassé.pdf n'est pas un PDF lisible" in text_of(driver, ".uploads")
    check(driver, "manuels-problemes")
    press(driver, "[aria-label='Retirer de la liste : cassé.pdf']")
    until(driver, lambda: not driver.find_elements(By.CSS_SELECTOR, ".uploads"))
    button_of(driver, "Abandonner le brouillon").click()
    press(driver, ".asked .danger")
    until(driver, lambda: len(rows(driver)) == 1)
    folder = house.manuals.folder("acme")
    assert not [p for p in folder.rglob("*") if "inconnu" in p.name or "cass" in p.name]


def test_readers_see_and_change_nothing(
    house: Any, url: str, open_browser: OpenBrowser
) -> None:  # fmt: skip
    """No control is shown to them; in English where they read so."""
    user = house.users.by_email("lectrice@service.example")
    house.users.set_language(user.id, "en")
    driver = open_browser()
    enter(driver, url, "lectrice", PAGE)
    until(driver, lambda: "In service" in "".join(rows(driver)))
    assert not driver.find_elements(By.CSS_SELECTOR, ".portal > main button, .portal > main input")
    check(driver, "manuels-lectrice-en", "en")
    go(driver, url, f"{PAGE}/notice?nom=zx100.pdf")
    assert not driver.find_elements(By.CSS_SELECTOR, ".product input, .codes button")
    house.users.set_language(user.id, "fr")


@pytest.mark.parametrize(
    ("user", "slug", "status"),
    [("lectrice", "acme", 403), ("poste1", "acme", 403), ("gerante", "bora", 404),
     ("gerante", "nenni", 404), ("admin", "nenni", 404)],
)  # fmt: skip
def test_who_may_send(
    house: Any, url: str, tmp_path: Path, user: str, slug: str, status: int
) -> None:
    """Nobody sends a file to another client's manuals, and readers send none."""
    file = small_manual(tmp_path / "zx100.pdf")
    assert send(house, url, file, user=user, slug=slug).status_code == status
    assert not (house.manuals.folder(slug) / "drafts").exists() or slug == "acme"


def test_other_sites_send_nothing(house: Any, url: str, tmp_path: Path) -> None:
    """The browser says where a request comes from."""
    with client_of(house, url, "gerante") as browser:
        answer = browser.post(f"{PAGE}/fichiers?nom=a.pdf", content=b"%PDF-1.4",
                              headers={"Sec-Fetch-Site": "cross-site"})  # fmt: skip
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "status", "sentence"),
    [
        ("photo.png", b"\x89PNG", 415, "photo.png n'est pas un manuel lisible ; fournissez un PDF"),
        ("a.pdf", b"MZ" + bytes(9000), 415, "a.pdf n'est pas un fichier PDF lisible"),
        ("vide.pdf", b"", 415, "vide.pdf est vide ; envoyez de nouveau le fichier."),
        ("../", b"%PDF-1.4", 400, "Ce fichier n'a pas de nom utilisable"),
        ("sans", b"texte", 415, "sans n'est pas un manuel lisible"),
    ],
)
def test_wrong_files_are_refused_at_once(
    house: Any, url: str, name: str, content: bytes, status: int, sentence: str
) -> None:
    """One sentence each; nothing of them stays."""
    with client_of(house, url, "gerante") as browser:
        answer = browser.post(f"{PAGE}/fichiers", params={"nom": name}, content=content,
                              headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert answer.status_code == status
    assert answer.json()["refused"].startswith(sentence)
    assert list((house.manuals.folder("acme") / "drafts").glob("*")) == []


def test_too_large_a_file_is_not_even_received(house: Any, url: str) -> None:
    """Its announced size is enough; one that announces none is cut at the limit."""
    host, port = url.removeprefix("http://").split(":")
    token = house.sessions.open(house.users.by_email("gerante@service.example").id, now())
    import socket

    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(
            f"POST {PAGE}/fichiers?nom=gros.pdf HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Cookie: permanence_session={token}\r\nSec-Fetch-Site: same-origin\r\n"
            "Content-Length: 200000001\r\n\r\n%PDF-1.4".encode()
        )
        said = line.recv(4096).decode()
    assert said.startswith("HTTP/1.1 413")
    assert "gros.pdf dépasse 200 Mo" in said


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("zx100.pdf", "zx100.pdf"),
        ("C:\\Notices\\four.pdf", "four.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..pdf", "pdf"),
        (".pdf", "pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ('no<ti>ce:"?*.pdf', "no-ti-ce-.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("", ""),
    ],
)
def test_file_names_are_made_safe(given: str, kept: str) -> None:
    """The last part of a path, in letters that every disk can keep."""
    assert safe_name(given) == kept


def test_pictures_are_their_clients_own(house: Any, url: str) -> None:
    """Another client's people get none, whatever they ask for."""
    path = "/portail/{}/manuels/page.png?nom=zx100.pdf&page=1"
    with client_of(house, url, "lectrice") as browser:
        assert browser.get(path.format("acme")).content.startswith(b"\x89PNG")
        assert browser.get(path.format("bora")).status_code == 404
        assert browser.get(path.format("acme").replace("page=1", "page=99")).status_code == 404
    with client_of(house, url, "autre") as browser:
        assert browser.get(path.format("acme")).status_code == 403


def test_files_are_dragged_onto_the_page(
    house: Any, url: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    """Several at once, anywhere on it; what is no manual is told, and keeps nothing else back."""
    names = ("cafetiere.md", "photo.webp", "moulin.md")
    for name in names:
        care = "Débranchez l'appareil, videz le bac, puis rincez-le à l'eau claire et séchez-le."
        (tmp_path / name).write_text(
            f"# {name[:-3]} MB 12\n\n## Nettoyer le bac\n\n{care}\n", "utf-8"
        )
    driver = open_browser()
    enter(driver, url, "admin", "/portail/bora/manuels")
    zone = driver.find_element(By.CSS_SELECTOR, ".panel.sending")
    files = [str(tmp_path / name) for name in names]

    def drag(kind: str) -> None:
        data = {"items": [], "files": files, "dragOperationsMask": 1}
        driver.execute_cdp_cmd(
            "Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": data}
        )

    drag("dragEnter")
    drag("dragOver")
    until(driver, lambda: "over" in str(zone.get_attribute("class")).split())
    drag("drop")
    until(driver, lambda: "photo.webp" in text_of(driver, ".sending .trouble"))
    assert "over" not in str(zone.get_attribute("class")).split()
    until(driver, lambda: "".join(rows(driver)).count("Nouveau, à publier") == 2, 60)
    assert [row.split()[0] for row in rows(driver)] == ["cafetiere.md", "moulin.md"]
    sent = house.manuals.work.last_ready("bora")
    assert sorted(upload.file_name for upload in sent.values()) == ["cafetiere.md", "moulin.md"]
