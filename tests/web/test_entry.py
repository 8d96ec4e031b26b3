"""Invitations, forgotten passwords and second factors over real HTTP, with a real mail server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest

from agent.handoff.mail import Mailer
from agent.handoff.notify import SendingThreads
from agent.post import Letters, Post
from agent.store.invitation_letters import LetterStore
from agent.store.users import User
from agent.web.auth import COOKIE, auth_router
from agent.web.checking import A_CODE, A_USER, RESETS_OF_USER
from tests.receivers import Mailbox, smtp_server
from tests.web.small_server import small_house, small_server

PASSWORD, OTHER = "lave-linge à hublot", "un four à chaleur tournante"
BASE = "https://sav.example"


class Letterbox(Mailbox):
    """Tells when a message has come."""

    def __init__(self) -> None:
        super().__init__()
        self.came = threading.Semaphore(0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a message."""
        answer = await super().handle_DATA(server, session, envelope)
        self.came.release()
        return answer

    def next_link(self) -> str:
        """Where the link of the next message leads, on this server."""
        assert self.came.acquire(timeout=10)
        [path] = re.findall(rf"{BASE}(/invitation/[\w-]+)\s", self.received[-1][1].get_content())
        return str(path)


@pytest.fixture(scope="module")
def letterbox() -> Letterbox:
    """Where messages come."""
    return Letterbox()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, letterbox: Letterbox) -> Iterator[Any]:
    """Real stores and a post that sends."""
    with small_house(tmp_path_factory.mktemp("entry")) as small, smtp_server(letterbox) as port:
        mailer = Mailer("127.0.0.1", port, "sav@sav.example", security="none")
        letters = Letters(LetterStore(small.database), mailer, BASE)
        post = Post(BASE, SendingThreads(letters, threads=1))
        yield replace(small, post=post)
        post.close()


@pytest.fixture(scope="module")
def url(house: Any) -> Iterator[str]:
    """A server over them."""
    with small_server(lambda app: app.include_router(auth_router(house))) as address:
        yield address


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    """What sends requests as a browser on a page of ours does."""
    with httpx.Client(base_url=url, headers={"Origin": url}) as client:
        yield client


def now() -> datetime:
    """The time, as the server knows it."""
    return datetime.now(UTC)


def add(house: Any, name: str, role: str = "manager", *clients: str) -> User:
    """A user of a name of their own."""
    made: User = house.users.add(
        f"{name}@acme.example", name, role, PASSWORD, clients=clients or ("acme",)
    )
    return made


def signed_in(house: Any, browser: httpx.Client) -> str | None:
    """Address of who is signed in."""
    user = house.sessions.user_of(browser.cookies.get(COOKIE, ""), now())
    return user.email if user else None


def sign_in(browser: httpx.Client, user: User, password: str = PASSWORD) -> httpx.Response:
    """Post the form."""
    return browser.post("/connexion", data={"email": user.email, "password": password})


def test_from_an_invitation_to_the_portal(
    house: Any, browser: httpx.Client, letterbox: Letterbox
) -> None:
    """By e-mail: name and password, and one is signed in; what is wrong is said first."""
    manager = add(house, "chef")
    house.accounts.invitations.invite("venue@acme.example", "reader", "acme", now(), by=manager)
    house.post.wake()
    path = letterbox.next_link()
    page = browser.get(path)
    assert page.status_code == 200
    for text in ("chef vous invite à rejoindre Acmé &amp; Fils, comme lecteur.",
                 "Votre compte : venue@acme.example"):  # fmt: skip
        assert text in page.text
    for policy in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert policy in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    for name, password, sentence in (
        ("Venue", "court", "de 12 à 200 caractères"),
        ("Venue", "motdepasse2026", "parmi les premiers que l&#x27;on essaie"),
        ("Venue", "acmé-et-fils-2026", "contient votre nom ou la marque"),
        (" ", OTHER, "Écrivez votre nom"),
    ):
        answer = browser.post(path, data={"name": name, "password": password})
        assert (answer.status_code, sentence in answer.text) == (400, True), answer.text
        assert "aria-describedby" in answer.text
        assert password not in answer.text
    foreign = browser.post(path, data={"name": "X", "password": OTHER},
                           headers={"Origin": "https://evil.example"})  # fmt: skip
    assert foreign.status_code == 403
    assert signed_in(house, browser) is None
    answer = browser.post(path, data={"name": "Venue", "password": OTHER})
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")
    assert signed_in(house, browser) == "venue@acme.example"
    assert browser.get("/connexion").headers["location"] == "/portail/"
    assert [one.action for one in house.audit.entries(["acme"])[:2]] == [
        "user.signed_in", "user.joined",
    ]  # fmt: skip
    for again in (browser.get(path), browser.post(path, data={"name": "X", "password": OTHER}),
                  browser.get("/invitation/xyz")):  # fmt: skip
        assert (again.status_code, "Ce lien ne vaut plus" in again.text) == (410, True)


def test_who_has_an_account_signs_in_to_accept(house: Any, browser: httpx.Client, url: str) -> None:
    """The link alone lets nobody in as them; somebody else's session does not either."""
    user, other = add(house, "double"), add(house, "autre")
    made = house.accounts.invitations.invite(user.email, "manager", "bora", now(), mailed=False)
    path = f"/invitation/{house.accounts.invitations.link(made.id, now(), None)}"
    form = {"name": "Voleur", "password": OTHER}
    page = browser.get(path)
    assert f"/connexion?next={path.replace('/', '%2F')}" in page.text
    assert "connectez-vous pour accepter" in browser.post(path, data=form).text
    sign_in(browser, other)
    assert f"Cette invitation est pour {user.email}." in browser.post(path, data=form).text
    assert house.users.get(user.id) == user
    with httpx.Client(base_url=url, headers={"Origin": url}) as theirs:
        sign_in(theirs, user)
        assert "Accepter" in theirs.get(path).text
        assert theirs.post(path, data={"x": ""}).headers["location"] == "/connexion"
    assert house.users.get(user.id).clients == ("acme", "bora")


def test_a_forgotten_password(house: Any, browser: httpx.Client, letterbox: Letterbox) -> None:
    """The answer is the same for an address that nobody has; the link signs in."""
    user = add(house, "oublieuse")
    texts = []
    for email in (user.email, "personne@acme.example"):
        answer = browser.post("/mot-de-passe-oublie", data={"email": email})
        assert answer.status_code == 200
        texts.append(answer.text.replace(email, "X"))
    assert texts[0] == texts[1]
    path = letterbox.next_link()
    assert "Changer de mot de passe" in browser.get(path).text
    answer = browser.post(path, data={"password": f"{user.name}-2026-ok"})
    assert "contient votre nom" in answer.text
    browser.post(path, data={"password": OTHER})
    assert signed_in(house, browser) == user.email
    assert house.users.verified(user.email, PASSWORD) is None
    assert house.users.verified(user.email, OTHER) == user
    assert house.audit.entries(["acme"])[1].action == "user.password_reset"
    bad = browser.post("/mot-de-passe-oublie", data={"email": "pas une adresse"})
    assert (bad.status_code, "pas une adresse e-mail" in bad.text) == (400, True)


def test_nobody_is_written_to_without_end(
    house: Any, browser: httpx.Client, letterbox: Letterbox
) -> None:
    """However often a stranger asks: a few messages an hour, and the answer does not tell."""
    user = add(house, "harcelee")
    before = len(letterbox.received)
    answers = set()
    for _ in range(RESETS_OF_USER.free + 3):
        answers.add(browser.post("/mot-de-passe-oublie", data={"email": user.email}).text)
    assert len(answers) == 1
    letterbox.next_link()
    assert len(letterbox.received) == before + 1  # within two minutes it is one


def test_without_a_mail_server_it_is_said_what_to_do(tmp_path_factory: Any) -> None:
    """Instead of a form that leads nowhere."""
    with (
        small_house(tmp_path_factory.mktemp("mute")) as mute,
        small_server(lambda app: app.include_router(auth_router(mute))) as url,
    ):
        page = httpx.get(f"{url}/mot-de-passe-oublie")
    assert "demandez à votre administrateur un lien" in page.text
    assert "<form" not in page.text


def enrolled(house: Any, user: User) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """A user's app of codes, and their codes on paper."""
    factors = house.accounts.factors
    app = pyotp.TOTP(factors.begin(user.id, user.email, now()).key)
    return app, factors.confirm(user.id, app.at(now() - timedelta(seconds=30)), now())


def test_one_signs_in_in_two_steps(house: Any, browser: httpx.Client) -> None:
    """The password alone opens no session; a code of the app, or one on paper, does, once."""
    user = add(house, "double-tour")
    app, paper = enrolled(house, user)
    answer = browser.post("/connexion", data={
        "email": user.email, "password": PASSWORD, "next": "/portail/acme/manuels",
    })  # fmt: skip
    assert answer.headers["location"] == "/connexion/code?next=%2Fportail%2Facme%2Fmanuels"
    cookie = answer.headers["set-cookie"]
    assert cookie.endswith("; HttpOnly; Max-Age=600; Path=/connexion; SameSite=lax")
    assert signed_in(house, browser) is None
    assert 'value="/portail/acme/manuels"' in browser.get(answer.headers["location"]).text
    wrong = browser.post("/connexion/code", data={"code": "000000"})
    assert (wrong.status_code, "Ce code ne convient pas" in wrong.text) == (403, True)
    code = app.now()
    right = browser.post("/connexion/code", data={"code": code, "next": "/portail/acme/manuels"})
    assert right.headers["location"] == "/portail/acme/manuels"
    assert signed_in(house, browser) == user.email
    assert browser.get("/connexion/code").headers["location"] == "/connexion"
    browser.cookies.clear()
    sign_in(browser, user)
    assert browser.post("/connexion/code", data={"code": code}).status_code == 403
    foreign = browser.post("/connexion/code", data={"code": paper[0]}, headers={"Origin": "null"})
    assert foreign.status_code == 403
    assert browser.post("/connexion/code", data={"code": paper[0]}).status_code == 303
    assert signed_in(house, browser) == user.email
    browser.cookies.clear()
    sign_in(browser, user)
    assert browser.post("/connexion/code", data={"code": paper[0]}).status_code == 403


def test_codes_cannot_be_tried_out(house: Any, browser: httpx.Client) -> None:
    """Though the password is known; and a link from an e-mail is not enough either."""
    user = add(house, "essais")
    app, _ = enrolled(house, user)
    sign_in(browser, user)
    for number in range(A_CODE.free):
        answer = browser.post("/connexion/code", data={"code": f"{number:06}"})
        assert answer.status_code == 403
    answer = browser.post("/connexion/code", data={"code": app.now()})
    assert (answer.status_code, answer.headers["retry-after"] in ("59", "60")) == (429, True)
    path = f"/invitation/{house.accounts.invitations.reset_link(user.email, now())}"
    assert browser.post(path, data={"password": OTHER}).headers["location"] == "/connexion/code"
    assert signed_in(house, browser) is None


def test_an_admin_must_have_a_second_factor_where_it_is_so_set(house: Any) -> None:
    """It is made before coming in; then the codes on paper are shown, once."""
    admin = house.users.add("admin@permanence.example", "A", "admin", PASSWORD)
    reader = add(house, "sans-code", "reader")
    routes = auth_router(house, admins_need_code=True)
    with (
        small_server(lambda app: app.include_router(routes)) as url,
        httpx.Client(base_url=url, headers={"Origin": url}) as browser,
    ):
        assert sign_in(browser, reader).headers["location"] == "/connexion"
        browser.post("/deconnexion")
        assert sign_in(browser, admin).headers["location"] == "/connexion/second-facteur"
        assert signed_in(house, browser) is None
        page = browser.get("/connexion/second-facteur").text
        [key] = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
        assert '<svg role="img" aria-label="Code QR de la clé"' in page
        wrong = browser.post("/connexion/second-facteur", data={"code": "000000"})
        assert (wrong.status_code, key in wrong.text) == (403, True)
        code = pyotp.TOTP(key.replace(" ", "")).now()
        shown = browser.post("/connexion/second-facteur", data={"code": code, "next": "/x"})
        assert len(re.findall(r"<li><code>[a-z0-9-]{19}</code></li>", shown.text)) == 10
        assert 'href="/x"' in shown.text
        assert signed_in(house, browser) == admin.email
        assert browser.get("/connexion/second-facteur").headers["location"] == "/connexion"


def test_a_known_browser_waits_for_nobody_elses_failures(
    house: Any, browser: httpx.Client, url: str
) -> None:
    """A stranger makes other browsers wait, with growing delays; never the user's own."""
    user = add(house, "visee")
    sign_in(browser, user)
    browser.post("/deconnexion")
    with httpx.Client(base_url=url, headers={"Origin": url}) as stranger:
        for number in range(A_USER.free):
            assert sign_in(stranger, user, f"essai numéro {number}").status_code == 403
        assert sign_in(stranger, user).status_code == 429
    assert sign_in(browser, user).status_code == 303
    assert signed_in(house, browser) == user.email


def test_pages_speak_the_browsers_language(browser: httpx.Client) -> None:
    """English where that comes first."""
    for languages, title, lang in (
        ("en-GB,en;q=0.9,fr;q=0.8", "Sign in", "en"), ("de,fr", "Connexion", "fr"),
        ("", "Connexion", "fr"),
    ):  # fmt: skip
        page = browser.get("/connexion", headers={"Accept-Language": languages}).text
        assert f"<title>{title}</title>" in page
        assert f'<html lang="{lang}">' in page
