"""The hours that callers read, over real HTTP and in a real Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from selenium import webdriver

from agent.handoff.hours_text import parse
from agent.handoff.opening_hours import json_ld
from agent.web.hours_page import NOT_SET, hours_router, state_of
from agent.web.phone import NO_LINE
from tests.web.small_server import small_house, small_server

OpenBrowser = Callable[..., webdriver.Chrome]
HOURS = """lundi-jeudi 9h-12h30, 14h-18h
vendredi 9h-12h30, 14h-17h
fermé du 24/12/2026 à 16h au 04/01/2027 à 9h"""


@pytest.fixture
def clock() -> SimpleNamespace:
    """The server's clock: a Friday, 10 h 30 in Paris; `at` may be set."""
    return SimpleNamespace(at=datetime(2026, 11, 27, 9, 30, tzinfo=UTC))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Any]:
    """Real stores; "acme" has set hours, "bora" none."""
    with small_house(tmp_path) as made:
        made.clients.set_hours("acme", HOURS)
        yield made


@pytest.fixture
def url(house: Any, clock: SimpleNamespace) -> Iterator[str]:
    """A server over them."""
    with small_server(
        lambda app: app.include_router(hours_router(house, lambda: clock.at))
    ) as address:
        yield address


def shown(page: str) -> str:
    """The visible text of a page, a line an element."""
    body = page.partition("<body")[2].partition(">")[2]
    return (
        re.sub(r"\s*\n\s*", "\n", re.sub(r"<[^>]+>", "\n", body))
        .replace("&amp;", "&")
        .replace("\xa0", " ")
    )


def test_a_caller_reads_when_operators_are_there(url: str) -> None:
    """Now, next, the week, what is special, the assistant, and the telephone."""
    page = httpx.get(f"{url}/horaires/acme")
    assert page.status_code == 200
    text = shown(page.text)
    assert "\nAcmé & Fils\n" in text
    assert "Nos conseillers répondent en ce moment.\nFermeture aujourd&#x27;hui à 12 h 30." in text
    assert "Un assistant automatique répond au téléphone à toute heure" in text
    assert "\nJeudi\n9 h – 12 h 30, 14 h – 18 h\n" in text
    assert "\nVendredi\n9 h – 12 h 30, 14 h – 17 h\n" in text
    assert "\nDimanche\nfermé\n" in text
    assert "Heures du fuseau Europe/Paris." in text
    assert "\nJeudi 24 décembre 2026\n9 h – 12 h 30, 14 h – 16 h\n" in text
    assert "\nVendredi 25 décembre 2026 (Noël)\nfermé\n" in text
    assert "\nDu lundi 28 au jeudi 31 décembre 2026\nfermé\n" in text
    assert '<a class="phone" href="/phone/acme">' in page.text
    assert "<tr class=today><th scope='row'>Vendredi</th>" in page.text


@pytest.mark.parametrize(
    ("text", "at", "is_open", "then", "changes_s"),
    [
        (HOURS, "2026-11-27 11:30", True, "Fermeture aujourd'hui à 12 h 30.", 3600),
        (HOURS, "2026-11-27 12:30", False, "Réouverture aujourd'hui à 14 h.", 5400),
        (HOURS, "2026-11-27 17:00", False, "Réouverture lundi matin à 9 h.", 64 * 3600),
        ("tous les jours 22h-6h", "2026-10-25 01:00", True, "Fermeture aujourd'hui à 6 h.", 21600),
        ("tous les jours 24h/24\nfériés 24h/24", "2026-11-27 11:30", True, "", None),
        ("", "2026-11-27 11:30", False, "Aucun retour n'est prévu.", None),
    ],
)
def test_the_state_in_words(
    text: str, at: str, is_open: bool, then: str, changes_s: float | None
) -> None:
    """With how long it stays true, over a clock change too."""
    schedule = parse(text)
    now = datetime.fromisoformat(f"{at}:00+01:00")
    if "10-25" in at:  # before the clocks go back: one hour more of night
        now = datetime.fromisoformat(f"{at}:00+02:00")
    state = state_of(schedule, now)
    assert (state.open, state.then) == (is_open, then)
    assert changes_s is None or state.changes_s == changes_s


def test_programs_read_the_same(url: str, clock: SimpleNamespace) -> None:
    """JSON-LD of its own address, and the same within the page, which lets that script in alone."""
    answer = httpx.get(f"{url}/horaires/acme.json")
    assert answer.headers["content-type"] == "application/ld+json"
    expected = json_ld("Acmé & Fils", parse(HOURS), clock.at.date(), "/phone/acme")
    assert answer.json() == expected
    page = httpx.get(f"{url}/horaires/acme")
    [embedded] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    assert json.loads(embedded) == expected
    assert "script-src 'sha256-" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


def test_a_name_cannot_end_the_script(url: str, house: Any) -> None:
    """Nor be a tag anywhere else."""
    house.clients.add("evil", "</script><script>alert(1)</script>")
    house.clients.set_hours("evil", HOURS)
    page = httpx.get(f"{url}/horaires/evil").text
    assert page.count("<script") == page.count("</script>") == 1
    told = httpx.get(f"{url}/horaires/evil.json").json()
    assert told["name"] == "</script><script>alert(1)</script>"


def test_no_hours_are_said_to_be_none(url: str, house: Any) -> None:
    """Nothing is invented; what can no longer be understood is not guessed either."""
    house.clients.add("odd", "Odd")
    house.clients.set_hours("odd", "quand il fait beau")
    for slug in ("bora", "odd"):
        text = shown(httpx.get(f"{url}/horaires/{slug}").text)
        assert NOT_SET in text
        assert "à toute heure" in text
        assert "La semaine" not in text
        assert "openingHoursSpecification" not in httpx.get(f"{url}/horaires/{slug}.json").json()


def test_a_line_that_is_not_there(url: str) -> None:
    """404, in a page and in JSON."""
    page = httpx.get(f"{url}/horaires/nobody")
    assert (page.status_code, NO_LINE.replace("'", "&#x27;") in page.text) == (404, True)
    answer = httpx.get(f"{url}/horaires/nobody.json")
    assert (answer.status_code, answer.json()) == (404, {"message": NO_LINE})
    assert "etag" not in page.headers


@pytest.mark.parametrize("path", ["/horaires/acme", "/horaires/acme.json"])
def test_a_copy_is_asked_for_again(url: str, house: Any, clock: SimpleNamespace, path: str) -> None:
    """304 while nothing has changed; not kept past the next change; the host asked has no part."""
    first = httpx.get(f"{url}{path}")
    assert first.headers["cache-control"] == "public, max-age=60"
    tag = first.headers["etag"]
    for given in (tag, f'W/{tag}, "x"', f'"x", {tag}'):
        again = httpx.get(f"{url}{path}", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "evil" not in httpx.get(f"{url}{path}", headers={"Host": "evil.example"}).text
    clock.at = datetime(2026, 11, 27, 11, 29, 40, tzinfo=UTC)  # 20 s before noon's closing
    assert httpx.get(f"{url}{path}").headers["cache-control"] == "public, max-age=20"
    house.clients.set_hours("acme", "lundi 9h-12h")
    changed = httpx.get(f"{url}{path}", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


def test_the_page_in_a_browser(url: str, open_browser: OpenBrowser, tmp_path: Path) -> None:
    """Its style is loaded, its script is let in, and nothing is wider than a telephone's screen."""
    driver = open_browser()
    for width, height in ((1100, 1250), (500, 1400)):
        driver.set_window_size(width, height)
        driver.get(f"{url}/horaires/acme")
        assert driver.find_element("css selector", ".now h2").text.startswith("Nos conseillers")
        wide = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        driver.save_screenshot(str(tmp_path / f"horaires-{width}.png"))
    kind = "script[type='application/ld+json']"
    told = driver.execute_script(f'return document.querySelector("{kind}").textContent')
    assert json.loads(told)["name"] == "Acmé & Fils"
    assert [one for one in driver.get_log("browser") if "Content Security" in str(one)] == []
