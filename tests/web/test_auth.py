"""Signing in over real HTTP, as a browser does it and as attackers try it; real Chromium."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Request, WebSocket
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from agent.store.sessions import IDLE
from agent.store.users import User
from agent.web.auth import (
    COOKIE,
    FORBIDDEN,
    FOREIGN,
    auth_router,
    require_user,
    signed_in,
)
from agent.web.checking import A_NETWORK, A_USER, SignInRefusedError
from agent.web.portal.entry import sentences
from tests.web.small_server import small_house, small_server

OpenBrowser = Callable[..., webdriver.Chrome]
EMAIL, PASSWORD = "op@example.org", "lave-linge à hublot"
WRONG = sentences.refused(SignInRefusedError("wrong"))
OUT_OF_ORDER = sentences.refused(SignInRefusedError("out_of_order"))
UNREADABLE = sentences.unreadable()


def routes(house: Any) -> Callable[[FastAPI], None]:
    """The routes of signing in, and some that ask who is signed in."""

    def add(app: FastAPI) -> None:
        app.include_router(auth_router(house))

        @app.get("/whoami")
        async def whoami(user: Annotated[User, Depends(require_user())]) -> str:
            return user.email

        @app.post("/change")
        async def change(user: Annotated[User, Depends(require_user())]) -> str:
            return user.email

        @app.get("/admins")
        async def admins(user: Annotated[User, Depends(require_user("admin"))]) -> str:
            return user.email

        @app.websocket("/socket")
        async def socket(websocket: WebSocket) -> None:
            user = await signed_in(websocket)
            if user is None:
                await websocket.close()
                return
            await websocket.accept()
            await websocket.send_text(user.email)
            await websocket.close()

        async def mounted(request: Request) -> PlainTextResponse:
            user = await signed_in(request)
            return PlainTextResponse(user.email if user else "nobody")

        app.mount("/mounted", Starlette(routes=[Route("/page", mounted)]))

    return add


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Any]:
    """Real stores, with an operator of "acme"."""
    with small_house(tmp_path) as made:
        made.users.add(EMAIL, "Une opératrice", "reader", PASSWORD, clients=["acme"])
        yield made


@pytest.fixture
def url(house: Any) -> Iterator[str]:
    """A server over them."""
    with small_server(routes(house)) as address:
        yield address


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    """What sends requests as a browser on a page of ours does."""
    with httpx.Client(base_url=url, headers={"Origin": url}) as client:
        yield client


def sign_in(
    client: httpx.Client, email: str = EMAIL, password: str = PASSWORD, **more: str
) -> httpx.Response:
    """Post the form."""
    form = {"email": email, "password": password, **more}
    return client.post("/connexion", data=form)


def who(client: httpx.Client) -> str | None:
    """Who the server takes the sender for."""
    answer = client.get("/whoami")
    return str(answer.json()) if answer.status_code == 200 else None


def test_one_signs_in_and_out(browser: httpx.Client, house: Any) -> None:
    """The cookie is for HTTP alone and this site alone; signed out, the token is worth nothing."""
    assert who(browser) is None
    answer = sign_in(browser, " OP@Example.org ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert answer.headers["cache-control"] == "no-store"
    cookie, device = answer.headers.get_list("set-cookie")
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax", cookie), cookie
    assert device.endswith("; HttpOnly; Max-Age=15552000; Path=/connexion; SameSite=lax")
    assert who(browser) == EMAIL
    assert browser.get("/connexion").headers["location"] == "/portail/"
    token = browser.cookies[COOKIE]
    left = browser.post("/deconnexion")
    assert (left.status_code, left.headers["location"]) == (303, "/connexion")
    assert COOKIE not in browser.cookies
    browser.cookies.set(COOKIE, token)
    assert who(browser) is None


def test_over_https_the_cookie_is_for_https_alone(url: str) -> None:
    """Told by a proxy on this machine."""
    headers = {"X-Forwarded-Proto": "https", "Origin": url.replace("http", "https")}
    with httpx.Client(base_url=url, headers=headers) as client:
        for cookie in sign_in(client).headers.get_list("set-cookie"):
            assert cookie.endswith("; SameSite=lax; Secure")


def test_the_page_says_what_is_wrong_and_not_who_signs_in(browser: httpx.Client) -> None:
    """One sentence for a wrong password and for nobody's address; what was typed is text."""
    page = browser.get("/connexion")
    assert page.status_code == 200
    assert "role='alert'" not in page.text
    for policy in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert policy in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"
    answers = [
        sign_in(browser, email, password)
        for email, password in ((EMAIL, "wrong password"), ("nobody@example.org", PASSWORD))
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert WRONG.replace("'", "&#x27;") in texts.pop()
    typed = sign_in(browser, '"><script>alert(1)</script>')
    assert "<script" not in typed.text
    assert PASSWORD not in typed.text
    assert "set-cookie" not in typed.headers


@pytest.mark.parametrize(
    ("onward", "location"),
    [
        ("/console?client=acme&x=1", "/console?client=acme&x=1"),
        ("/", "/"),
        ("", "/connexion"),
        ("https://evil.example", "/connexion"),
        ("//evil.example", "/connexion"),
        ("/\\evil.example", "/connexion"),
        ("\\\\evil.example", "/connexion"),
        ("/\t/evil.example", "/connexion"),
        ("/\n/evil.example", "/connexion"),
        ("/x\r\nSet-Cookie: a=b", "/connexion"),
        (" //evil.example", "/connexion"),
        ("javascript:alert(1)", "/connexion"),
        ("console", "/connexion"),
        ("@evil.example", "/connexion"),
        ("/" + "x" * 3000, "/connexion"),
    ],
)
def test_one_goes_on_to_pages_of_this_site_only(
    browser: httpx.Client, onward: str, location: str
) -> None:
    """After signing in, and where one is signed in already."""
    answer = sign_in(browser, next=onward)
    assert (answer.status_code, answer.headers["location"]) == (303, location)
    again = browser.get("/connexion", params={"next": onward})
    home = "/portail/" if location == "/connexion" else location
    assert (again.status_code, again.headers["location"]) == (303, home)


def test_a_page_sends_to_sign_in_and_back(browser: httpx.Client) -> None:
    """A page that is asked for; anything else is told 401."""
    asked = browser.get("/whoami?a=1&b=2", headers={"Accept": "text/html,*/*"})
    assert asked.status_code == 303
    assert asked.headers["location"] == "/connexion?next=%2Fwhoami%3Fa%3D1%26b%3D2"
    form = browser.get(asked.headers["location"]).text
    assert 'name="next" value="/whoami?a=1&amp;b=2"' in form
    assert browser.get("/whoami").status_code == 401
    assert browser.post("/change", headers={"Accept": "text/html"}).status_code == 401


def test_an_operator_goes_on_to_the_console(browser: httpx.Client, house: Any) -> None:
    """Their work is there; a client's people go on to the portal."""
    (user,) = house.users.list()
    assert user.role == "reader"
    sign_in(browser)
    assert browser.get("/connexion").headers["location"] == "/portail/"
    house.users.add("poste@example.org", "Poste", "operator", PASSWORD, clients=["acme"])
    sign_in(browser, "poste@example.org")
    answer = browser.get("/connexion")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")


def test_another_role_is_refused(browser: httpx.Client, house: Any) -> None:
    """An operator on the administrators' page, until an administrator signs in."""
    sign_in(browser)
    refused = browser.get("/admins", headers={"Accept": "text/html"})
    assert (refused.status_code, refused.json()["detail"]) == (403, FORBIDDEN)
    house.users.add("admin@example.org", "A", "admin", PASSWORD)
    before = browser.cookies[COOKIE]
    sign_in(browser, "admin@example.org")
    assert browser.get("/admins").json() == "admin@example.org"
    assert house.sessions.user_of(before, datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Origin": "{own}"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "{own}.evil.example"}, False),
        ({"Origin": "{own}@evil.example"}, False),
        ({"Origin": "http://127.0.0.1:1"}, False),
        ({"Origin": "http://[::1"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{own}"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "{own}"}, False),
        ({"Referer": "{own}/connexion"}, False),
    ],
)
def test_another_site_can_post_nothing(url: str, headers: dict[str, str], passes: bool) -> None:
    """Neither sign somebody in as somebody, nor out, nor change anything in their name."""
    sent = {name: value.replace("{own}", url) for name, value in headers.items()}
    with httpx.Client(base_url=url) as client:
        answer = client.post(
            "/connexion", data={"email": EMAIL, "password": PASSWORD}, headers=sent
        )
        assert answer.status_code == (303 if passes else 403)
        if not passes:
            assert FOREIGN in answer.text
            assert COOKIE not in client.cookies
        client.post(
            "/connexion", data={"email": EMAIL, "password": PASSWORD}, headers={"Origin": url}
        )
        assert client.post("/change", headers=sent).status_code == (200 if passes else 403)
        assert client.post("/deconnexion", headers=sent).status_code == (303 if passes else 403)
        assert (who(client) is None) is passes


def test_what_stands_in_the_database_opens_nothing(browser: httpx.Client, house: Any) -> None:
    """Neither the digest of a session nor that of a password."""
    sign_in(browser)
    token = browser.cookies[COOKIE]
    with house.database.reading() as session:
        [digest] = session.scalars(text("SELECT digest FROM sessions"))
        [password] = session.scalars(text("SELECT password FROM users"))
    assert digest == hashlib.sha256(token.encode()).hexdigest()
    for stolen in (digest, "x" * 43, "", token[:-1]):
        browser.cookies.set(COOKIE, stolen)
        assert who(browser) is None
    assert sign_in(browser, password=password).status_code == 403


def test_an_expired_session_is_over(browser: httpx.Client, house: Any) -> None:
    """Twelve hours after its last use."""
    user = house.users.by_email(EMAIL)
    for age, expected in ((IDLE - timedelta(minutes=1), EMAIL), (IDLE, None)):
        browser.cookies.set(COOKIE, house.sessions.open(user.id, datetime.now(UTC) - age))
        assert who(browser) == expected


def test_disabled_one_is_out_with_the_next_request(browser: httpx.Client, house: Any) -> None:
    """And cannot sign in, with the sentence of a wrong password."""
    sign_in(browser)
    user = house.users.by_email(EMAIL)
    house.users.set_active(user.id, False)
    assert who(browser) is None
    answer = sign_in(browser)
    assert answer.status_code == 403
    assert WRONG.replace("'", "&#x27;") in answer.text


def test_passwords_cannot_be_tried_out(browser: httpx.Client, house: Any, url: str) -> None:
    """After five the right one is refused too, and when to come back is said; others get in."""
    house.users.add("b@example.org", "B", "admin", PASSWORD)
    for number in range(A_USER.free):
        assert (
            sign_in(browser, f"{' ' * number}OP@example.org", f"wrong {number}" * 3).status_code
            == 403
        )
    refused = sign_in(browser)
    assert refused.status_code == 429
    assert "Trop d&#x27;essais n&#x27;ont pas abouti : réessayez dans une minute." in refused.text
    assert 50 < int(refused.headers["retry-after"]) <= 60
    assert sign_in(browser, "b@example.org").status_code == 303


def test_many_at_once_are_no_way_round(url: str) -> None:
    """Forty wrong ones in parallel from one address: at most thirty are looked at."""

    async def attack() -> list[int]:
        async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60) as client:
            tries = (
                client.post("/connexion", data={"email": f"u{n}@example.org", "password": "x" * 12})
                for n in range(40)
            )
            return [answer.status_code for answer in await asyncio.gather(*tries)]

    codes = asyncio.run(attack())
    assert codes.count(403) <= A_NETWORK.free
    assert set(codes) <= {403, 429, 503}
    assert codes.count(403) >= 20


def test_checking_a_password_stops_nobody_else(url: str, house: Any) -> None:
    """While passwords are hashed the server answers others at once."""

    async def together() -> float:
        async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60) as client:
            tries = [
                asyncio.create_task(
                    client.post("/connexion", data={"email": "n@example.org", "password": PASSWORD})
                )
                for _ in range(8)
            ]
            waits = []
            while not all(one.done() for one in tries):
                before = time.perf_counter()
                await client.get("/connexion")
                waits.append(time.perf_counter() - before)
            return sorted(waits)[len(waits) // 2]

    assert asyncio.run(together()) < 0.06  # one hash takes 75 ms


def test_a_form_that_is_none_is_refused(browser: httpx.Client) -> None:
    """Too long, of another kind, or not text."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for content, headers in (
        (b"email=a&password=" + b"x" * 9000, kind),
        (b"email=\xff\xfe&password=x", kind),
        (b"&".join(b"a%d=1" % number for number in range(40)), kind),
        (b'{"email": "a"}', {"Content-Type": "application/json"}),
        (b"", {}),
    ):
        answer = browser.post("/connexion", content=content, headers=headers)
        assert answer.status_code == 400
        assert UNREADABLE.replace("'", "&#x27;") in answer.text
    assert browser.post("/connexion", content=b"", headers=kind).status_code == 403


def test_without_its_database_the_page_says_so(browser: httpx.Client, house: Any) -> None:
    """In a sentence, not in a stack of calls."""
    house.database.close()
    answer = sign_in(browser)
    assert answer.status_code == 503
    assert OUT_OF_ORDER.replace("'", "&#x27;") in answer.text


def test_a_mounted_application_knows_who_is_signed_in(browser: httpx.Client) -> None:
    """As NiceGUI's is."""
    assert browser.get("/mounted/page").text == "nobody"
    sign_in(browser)
    assert browser.get("/mounted/page").text == EMAIL


async def test_a_socket_knows_who_is_signed_in(house: Any, url: str) -> None:
    """Of a page of this site; another site's gets nothing, though the browser sends the cookie."""
    token = house.sessions.open(house.users.by_email(EMAIL).id, datetime.now(UTC))
    address = f"{url.replace('http', 'ws', 1)}/socket"
    cookie = {"Cookie": f"{COOKIE}={token}"}
    async with connect(address, origin=url, additional_headers=cookie) as socket:  # type: ignore[arg-type]
        assert await socket.recv() == EMAIL
    for origin, headers in ((url, {}), ("https://evil.example", cookie), (None, cookie)):
        with pytest.raises(InvalidStatus):
            async with connect(address, origin=origin, additional_headers=headers):  # type: ignore[arg-type]
                pass


SIGN_OUT = """
const form = document.createElement("form");
form.method = "post";
form.action = "/deconnexion";
document.body.append(form);
form.submit();
"""


def test_a_person_signs_in_with_a_browser(
    house: Any, url: str, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    """A wrong password is said and the cursor is in its field; the right one leads where asked."""
    driver = open_browser()
    driver.set_window_size(900, 900)
    driver.get(f"{url}/whoami")
    assert driver.current_url == f"{url}/connexion?next=%2Fwhoami"
    assert driver.switch_to.active_element.get_attribute("id") == "email"
    driver.save_screenshot(str(tmp_path / "connexion.png"))
    driver.find_element("id", "email").send_keys(EMAIL)
    driver.find_element("id", "password").send_keys("wrong password", Keys.ENTER)
    # A click does not wait for the answer to its form.
    waiting = WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException])
    assert waiting.until(lambda one: one.find_element("id", "error")).text == WRONG
    assert driver.switch_to.active_element.get_attribute("id") == "password"
    assert driver.find_element("id", "email").get_attribute("value") == EMAIL
    driver.save_screenshot(str(tmp_path / "connexion-refusee.png"))
    driver.find_element("id", "password").send_keys(PASSWORD)
    driver.find_element("css selector", "button[type=submit]").click()
    waiting.until(lambda one: one.current_url == f"{url}/whoami")
    assert EMAIL in driver.page_source
    driver.execute_script(SIGN_OUT)
    waiting.until(lambda one: one.find_element("tag name", "h1").text == "Connexion")
    driver.get(f"{url}/whoami")
    assert "/connexion?next=" in driver.current_url
    refused = [one for one in driver.get_log("browser") if "Content Security" in str(one)]
    assert refused == []
