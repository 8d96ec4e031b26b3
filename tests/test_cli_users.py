"""The commands about users as an administrator meets them; passwords typed in a real terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyotp

from agent.opening import open_database
from agent.settings import load_settings
from agent.store.invitations import InvitationStore
from agent.store.second_factor import SecondFactorStore
from agent.store.sessions import SessionStore
from agent.store.users import UserStore
from tests.test_cli_clients import Permanence, home, permanence  # noqa: F401  # fixtures

ROOT = Path(__file__).parents[1]
ADD = ("user", "add", "Op@Example.org", "--name", "Une opératrice", "--role", "operator")
LINE = "op@example.org\tUne opératrice\toperator\tessai\tfr"


@contextmanager
def stores() -> Iterator[tuple[UserStore, SessionStore]]:
    """The users and sessions of the home."""
    database = open_database(load_settings())
    try:
        yield UserStore(database), SessionStore(database)
    finally:
        database.close()


def password_in(out: str) -> str:
    """The password that was printed."""
    [found] = re.findall(r"^Password, shown this once: (\S+)$", out, re.MULTILINE)
    return str(found)


def in_terminal(*arguments: str, typed: tuple[str, ...]) -> tuple[int, str]:
    """Run `permanence ARGUMENTS` in a terminal of its own; types a line at each question."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "agent", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown, left = "", list(typed)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                shown += os.read(ours, 4096).decode()
            except OSError:  # the other end is closed
                break
            if left and shown.endswith(": "):
                os.write(ours, f"{left.pop(0)}\n".encode())
        code = process.wait(timeout=30)
    os.close(ours)
    return code, shown


def test_a_user_is_added_with_a_drawn_password(permanence: Permanence) -> None:  # noqa: F811
    """Which lets them in, and is shown once."""
    ran = permanence(*ADD, "--client", "essai", "--generate")
    assert (ran.code, ran.out.splitlines()[0]) == (0, LINE)
    with stores() as (users, _):
        assert users.verified("op@example.org", password_in(ran.out)) is not None
    assert permanence("user", "list").out == f"{LINE}\n"
    assert permanence("user", "list", "--client", "other").out == ""


def test_a_password_is_asked_for_twice_and_not_shown(home: Path) -> None:  # noqa: F811
    """Two that differ, or one too short, change nothing."""
    secret, other = "lave-linge à hublot", "un autre mot de passe"
    code, shown = in_terminal(*ADD, "--client", "essai", typed=(secret, secret))
    assert code == 0, shown
    assert LINE.replace("\t", " ").split() == shown.split("Again: ")[1].split()
    assert "hublot" not in shown
    for typed, sentence in (
        ((other, secret), "differ; nothing was changed"),
        (("court",), "12 to 200 characters"),
    ):
        code, shown = in_terminal("user", "password", "op@example.org", typed=typed)
        assert (code, sentence in shown) == (1, True), shown
        assert not any(one in shown for one in typed)
    with stores() as (users, _):
        assert users.verified("op@example.org", secret) is not None
        assert users.verified("op@example.org", other) is None


def test_without_a_terminal_a_password_is_drawn(permanence: Permanence) -> None:  # noqa: F811
    """It would be shown, or read from somewhere: the sentence says what to do."""
    assert "give --generate" in permanence(*ADD, "--client", "essai").sentence


def test_everything_of_a_user_can_be_changed(permanence: Permanence) -> None:  # noqa: F811
    """Password, clients, languages, whether they may sign in."""
    permanence(*ADD, "--client", "essai", "--generate")
    with stores() as (users, sessions):
        user = users.by_email("op@example.org")
        token = sessions.open(user.id, datetime.now(UTC))
        ran = permanence("user", "password", "OP@example.org", "--generate")
        assert ran.out.startswith("op@example.org: the password has changed\n")
        assert users.verified("op@example.org", password_in(ran.out)) == user
        assert sessions.user_of(token, datetime.now(UTC)) is None
        token = sessions.open(user.id, datetime.now(UTC))
        assert permanence("user", "disable", "op@example.org").out == f"{LINE}\tdisabled\n"
        assert sessions.user_of(token, datetime.now(UTC)) is None
    assert permanence("user", "enable", "op@example.org").out == f"{LINE}\n"
    everywhere = permanence("user", "clients", "op@example.org", "--all-clients").out
    assert everywhere == LINE.replace("essai", "all clients") + "\n"
    assert permanence("user", "clients", "op@example.org", "--client", "essai").out == f"{LINE}\n"
    two = permanence("user", "languages", "op@example.org", "--language", "en", "--language", "fr")
    assert two.out.endswith("\ten, fr\n")


def test_what_cannot_be_is_one_sentence(permanence: Permanence) -> None:  # noqa: F811
    """And leaves everything as it was."""
    permanence(*ADD, "--client", "essai", "--generate")
    for arguments, sentence in (
        ((*ADD, "--client", "essai", "--generate"), "op@example.org signs in already"),
        (("user", "password", "x@example.org", "--generate"), "Nobody signs in as x@example.org"),
        (("user", "disable", "x"), "'x' is no e-mail address"),
        (("user", "clients", "op@example.org"), "works for no client"),
        (("user", "clients", "op@example.org", "--client", "autre"), "no client 'autre'"),
        (("user", "clients", "op@example.org", "--client", "essai", "--all-clients"), "not both"),
        (("user", "languages", "op@example.org"), "two letters"),
        (("user", "add", "y@example.org", "--name", "Y", "--role", "chef", "--generate"), "'chef'"),
    ):
        assert sentence in permanence(*arguments).sentence
    assert permanence("user", "list").out == f"{LINE}\n"


def test_somebody_is_invited_and_the_link_is_printed(permanence: Permanence) -> None:  # noqa: F811
    """It works; of the setting that says where this service is reached, and of no other."""
    ran = permanence("user", "invite", "Chef@essai.example", "--role", "manager",
                     "--client", "essai")  # fmt: skip
    email, link = ran.out.strip().split("\t")
    assert email == "chef@essai.example"
    assert link.startswith("http://127.0.0.1:8080/invitation/")
    with stores() as (users, _):
        invitations = InvitationStore(users._database)
        _, user = invitations.accept(
            link.rpartition("/")[2], "Chef", "un mot de passe à soi", datetime.now(UTC)
        )
        assert (user.role, user.clients) == ("manager", ("essai",))
    for arguments, sentence in (
        (("chef@essai.example", "--role", "reader", "--client", "essai"), "has access already"),
        (("x@essai.example", "--role", "reader"), "Invite a reader for one client"),
        (("x@essai.example", "--role", "reader", "--client", "autre"), "no client 'autre'"),
        (("x", "--role", "admin"), "'x' is no e-mail address"),
    ):
        assert sentence in permanence("user", "invite", *arguments).sentence


def test_a_link_for_another_password_is_printed(permanence: Permanence) -> None:  # noqa: F811
    """Of who signs in; nobody else gets one. And who has lost the second factor is helped."""
    permanence(*ADD, "--client", "essai", "--generate")
    link = permanence("user", "reset", "op@example.org").out.strip().split("\t")[1]
    with stores() as (users, _):
        invitations = InvitationStore(users._database)
        invitations.accept(link.rpartition("/")[2], "", "un mot de passe à soi", datetime.now(UTC))
        assert users.verified("op@example.org", "un mot de passe à soi") is not None
        user, factors = users.by_email("op@example.org"), SecondFactorStore(users._database)
        key = factors.begin(user.id, user.email, datetime.now(UTC)).key
        factors.confirm(user.id, pyotp.TOTP(key).now(), datetime.now(UTC))
    assert permanence("user", "second-factor", "op@example.org").out == "op@example.org: on\n"
    for _ in range(2):
        ran = permanence("user", "second-factor", "op@example.org", "--off")
        assert ran.out == "op@example.org: off\n"
    assert "Nobody signs in as" in permanence("user", "reset", "x@example.org").sentence
    permanence("user", "disable", "op@example.org")
    assert "may not sign in" in permanence("user", "reset", "op@example.org").sentence
