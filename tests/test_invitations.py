"""Invitations and resets: real database, real mail server; the clock is the test's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from agent.handoff.mail import Mailer
from agent.post import Letters
from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.invitation_letters import LetterStore
from agent.store.invitation_rows import InvitationOverError
from agent.store.invitations import (
    VALID,
    InvitationRefusedError,
    InvitationStore,
    OtherUserError,
)
from agent.store.sessions import SessionStore
from agent.store.users import ALL_CLIENTS, User, UserRefusedError, UserStore
from tests.receivers import Mailbox, smtp_server

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
PASSWORD, OTHER = "lave-linge à hublot", "un four à chaleur tournante"
BASE = "https://sav.example"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database at head, with the clients "acme" and "bora"."""
    made = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    made.migrate()
    ClientStore(made).add("acme", "Acmé")
    ClientStore(made).add("bora", "Bora")
    yield made
    made.close()


@pytest.fixture
def users(database: Database) -> UserStore:
    """The users of that database."""
    return UserStore(database)


@pytest.fixture
def invitations(database: Database) -> InvitationStore:
    """The invitations of that database."""
    return InvitationStore(database)


@pytest.fixture
def manager(users: UserStore) -> User:
    """A manager of "acme"."""
    return users.add("m@acme.example", "Une responsable", "manager", PASSWORD, clients=["acme"])


def test_a_person_is_invited_and_comes(
    invitations: InvitationStore, users: UserStore, manager: User, database: Database
) -> None:
    """With role and client of the invitation, a name and a password of their own; once."""
    made = invitations.invite(" New@Acme.example", "reader", "acme", NOW, by=manager)
    assert (made.email, made.role, made.client, made.inviter) == (
        "new@acme.example", "reader", "acme", "Une responsable",
    )  # fmt: skip
    token = invitations.link(made.id, NOW, ["acme"])
    assert invitations.find(token, NOW) == (made, None)
    _, user = invitations.accept(token, "  Une  lectrice ", OTHER, NOW)
    assert (user.name, user.role, user.clients) == ("Une lectrice", "reader", ("acme",))
    assert users.verified("new@acme.example", OTHER) == user
    assert invitations.list(NOW, None) == []
    for use in (invitations.find, lambda token, now: invitations.accept(token, "X", OTHER, now)):
        with pytest.raises(InvitationOverError):
            use(token, NOW)
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM invitation_links")).scalar() == 0


def test_no_token_is_kept(database: Database, invitations: InvitationStore, tmp_path: Path) -> None:
    """Whoever reads the database can accept nothing."""
    made = invitations.invite("new@acme.example", "reader", "acme", NOW)
    token = invitations.link(made.id, NOW, None)
    with database.reading() as session:
        [(digest,)] = session.execute(text("SELECT digest FROM invitation_links"))
    for stolen in (digest, made.id, "", token[:-1], token.swapcase(), "é\ud800"):
        with pytest.raises(InvitationOverError):
            invitations.find(stolen, NOW)
    database.close()
    for file in tmp_path.iterdir():
        assert token.encode() not in file.read_bytes()


def test_a_link_ends(invitations: InvitationStore) -> None:
    """After three days, when it is withdrawn, when it is sent anew; not when one more is shown."""
    made = invitations.invite("new@acme.example", "manager", "acme", NOW)
    first, second = (invitations.link(made.id, NOW, None) for _ in range(2))
    last = NOW + VALID["invite"] - timedelta(seconds=1)
    assert invitations.find(first, last) == invitations.find(second, last) == (made, None)
    with pytest.raises(InvitationOverError):
        invitations.find(first, NOW + VALID["invite"])
    later = NOW + timedelta(hours=71)
    assert invitations.renew(made.id, later, ["acme"]).expires_at == later + VALID["invite"]
    with pytest.raises(InvitationOverError):
        invitations.find(first, later)
    third = invitations.link(made.id, later, None)
    invitations.withdraw(made.id, later, None)
    with pytest.raises(InvitationOverError):
        invitations.find(third, later)
    for change in (invitations.withdraw, invitations.renew, invitations.link):
        with pytest.raises(NotKeptError):
            change(made.id, later, None)


def test_who_may_invite_whom(invitations: InvitationStore, users: UserStore, manager: User) -> None:
    """Managers to their client; admins everywhere; readers, operators and who was let go nobody."""
    reader = users.add("r@acme.example", "R", "reader", PASSWORD, clients=["acme"])
    operator = users.add("o@acme.example", "O", "operator", PASSWORD, clients=["acme"])
    admin = users.add("a@permanence.example", "A", "admin", PASSWORD)
    for by, role, client in (
        (manager, "reader", "bora"), (manager, "admin", None), (reader, "reader", "acme"),
        (operator, "operator", "acme"), (admin, "chef", "acme"), (admin, "admin", "acme"),
        (admin, "manager", None),
    ):  # fmt: skip
        with pytest.raises(InvitationRefusedError):
            invitations.invite("x@example.org", role, client, NOW, by=by)
    users.set_clients(manager.id, ["bora"])
    with pytest.raises(InvitationRefusedError):  # the page is as old as `manager`
        invitations.invite("x@example.org", "reader", "acme", NOW, by=manager)
    users.set_active(manager.id, False)
    with pytest.raises(InvitationRefusedError):
        invitations.invite("x@example.org", "reader", "bora", NOW, by=manager)
    for email, client in (("r@acme.example", "acme"), ("a@permanence.example", "bora")):
        with pytest.raises(InvitationRefusedError, match="has access already"):
            invitations.invite(email, "reader", client, NOW, by=admin)
    with pytest.raises(UserRefusedError):
        invitations.invite("x", "reader", "acme", NOW, by=admin)
    assert invitations.list(NOW, None) == []


def test_a_client_sees_its_own_alone(invitations: InvitationStore) -> None:
    """Neither lists, renews, withdraws nor shows another's."""
    mine = invitations.invite("a@acme.example", "reader", "acme", NOW)
    theirs = invitations.invite("b@bora.example", "reader", "bora", NOW)
    admins = invitations.invite("p@permanence.example", "admin", None, NOW)
    assert invitations.list(NOW, ["acme"]) == [mine]
    assert invitations.list(NOW, ["acme"], "bora") == []
    assert invitations.list(NOW, None) == [mine, theirs, admins]
    for other in (theirs, admins):
        for change in (invitations.withdraw, invitations.renew, invitations.link):
            with pytest.raises(NotKeptError):
                change(other.id, NOW, ["acme"])
    invitations.ask_reset("a@acme.example", NOW)
    assert invitations.list(NOW, ["acme"]) == [mine]


def test_invited_again_it_is_one_invitation(invitations: InvitationStore) -> None:
    """With the last role; for another client it is another one."""
    first = invitations.invite("a@acme.example", "reader", "acme", NOW)
    again = invitations.invite("A@acme.example", "manager", "acme", NOW)
    other = invitations.invite("a@acme.example", "manager", "bora", NOW)
    assert (again.id, again.role, other.id == first.id) == (first.id, "manager", False)


def test_who_signs_in_already_accepts_as_themselves(
    invitations: InvitationStore, users: UserStore, manager: User
) -> None:
    """Signed in, with the same role; a link alone changes nothing of an account."""
    made = invitations.invite("m@acme.example", "manager", "bora", NOW)
    token = invitations.link(made.id, NOW, None)
    assert invitations.find(token, NOW) == (made, manager)
    with pytest.raises(OtherUserError):
        invitations.accept(token, "Voleur", OTHER, NOW)
    assert users.verified("m@acme.example", PASSWORD) == manager
    thief = users.add("t@bora.example", "T", "manager", PASSWORD, clients=["acme"])
    with pytest.raises(OtherUserError):
        invitations.accept_as(token, thief, NOW)
    _, user = invitations.accept_as(token, manager, NOW)
    assert (user.clients, user.name) == (("acme", "bora"), "Une responsable")
    operator = users.add("o@acme.example", "O", "operator", PASSWORD, clients=["acme"])
    made = invitations.invite("o@acme.example", "manager", "bora", NOW)
    token = invitations.link(made.id, NOW, None)
    with pytest.raises(OtherUserError, match="for a manager; you are operator"):
        invitations.accept_as(token, operator, NOW)


def test_who_was_let_go_may_come_back(
    invitations: InvitationStore, users: UserStore, manager: User
) -> None:
    """As what the new invitation says, and nothing of before."""
    users.set_clients(manager.id, ["acme", "bora"])
    users.set_active(manager.id, False)
    made = invitations.invite("m@acme.example", "reader", "bora", NOW)
    token = invitations.link(made.id, NOW, None)
    _, user = invitations.accept(token, "De retour", OTHER, NOW)
    assert (user.id, user.name, user.role, user.clients, user.active) == (
        manager.id, "De retour", "reader", ("bora",), True,
    )  # fmt: skip


def test_what_is_chosen_is_checked(invitations: InvitationStore, users: UserStore) -> None:
    """A brand's name is no password; the link still works afterwards."""
    made = invitations.invite("new@acme.example", "reader", "acme", NOW)
    token = invitations.link(made.id, NOW, None)
    for name, password in (
        ("N", "court"), ("N", "motdepasse2026"), ("N", "acme-acme-2026"), ("", OTHER),
        ("x" * 101, OTHER),
    ):  # fmt: skip
        with pytest.raises(UserRefusedError):
            invitations.accept(token, name, password, NOW)
    assert users.list() == ()
    assert invitations.accept(token, "N", OTHER, NOW)[1].active


def test_a_password_is_chosen_anew(
    invitations: InvitationStore, users: UserStore, manager: User, database: Database
) -> None:
    """By a link of a day; whoever is signed in is out; role and clients stay."""
    session = SessionStore(database).open(manager.id, NOW)
    letter = invitations.reset_link("M@acme.example", NOW)
    _, user = invitations.accept(letter, "", OTHER, NOW)
    assert user == manager
    assert users.verified("m@acme.example", OTHER) == manager
    assert users.verified("m@acme.example", PASSWORD) is None
    assert SessionStore(database).user_of(session, NOW) is None
    late = invitations.reset_link("m@acme.example", NOW)
    for at in (NOW + VALID["reset"], NOW):
        if at == NOW:
            users.set_active(manager.id, False)
        with pytest.raises(InvitationOverError):
            invitations.find(late, at)
    with pytest.raises(InvitationOverError):
        invitations.find(letter, NOW)


def test_what_is_written_is_the_same_whoever_has_the_address(
    invitations: InvitationStore, manager: User, database: Database
) -> None:
    """And what nobody has is dropped when it is to be sent; twice in two minutes is once."""
    assert invitations.ask_reset("m@acme.example", NOW) is not None
    assert invitations.ask_reset("nobody@acme.example", NOW) is not None
    assert invitations.ask_reset("m@acme.example", NOW + timedelta(seconds=119)) is None
    letters = LetterStore(database)
    letter = letters.claim(NOW)
    assert letter is not None
    assert (letter.invitation.email, letter.name) == ("m@acme.example", "Une responsable")
    assert letters.claim(NOW) is None
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM invitations")).scalar() == 1
    later = NOW + timedelta(minutes=3)
    assert invitations.ask_reset("m@acme.example", later) is not None
    assert invitations.find(letter.token, later)[0].kind == "reset"  # what came still works


def test_a_message_is_sent_and_its_link_works(
    invitations: InvitationStore, manager: User, database: Database
) -> None:
    """Over a real server, which refuses it at first: then with another link, and it is told."""
    mailbox, now = Mailbox(refusals=1), NOW
    made = invitations.invite("new@acme.example", "reader", "acme", NOW, by=manager)
    with smtp_server(mailbox) as port:
        mailer = Mailer("127.0.0.1", port, "Permanence <sav@sav.example>", security="none")
        letters = Letters(LetterStore(database), mailer, BASE, lambda: now)
        assert letters.due_in_s("invitation") == 0
        assert letters.send_one("invitation")
        [waiting] = invitations.list(NOW, ["acme"])
        assert (waiting.attempts, waiting.sent_at) == (1, None)
        assert waiting.error == "refused (451 4.3.0 essayez plus tard)"
        assert waiting.due_at == NOW + timedelta(seconds=10)
        assert not letters.send_one("invitation")
        now = NOW + timedelta(seconds=10)
        assert letters.send_one("invitation")
        assert letters.due_in_s("invitation") is None
    [sent] = invitations.list(now, ["acme"])
    assert (sent.sent_at, sent.due_at, sent.error) == (now, None, None)
    [(to, message)] = mailbox.received
    content = message.get_content()
    assert (to, message["Subject"]) == (["new@acme.example"], "Votre accès à permanence · Acmé")
    assert "Une responsable vous invite à utiliser permanence" in content
    assert "du service après-vente Acmé, comme lecteur." in content
    assert "jusqu'au lundi 30 novembre à 13 h 00 (heure de Paris)" in content
    [token] = re.findall(rf"{BASE}/invitation/([\w-]{{43}})\s", content)
    assert invitations.accept(token, "N", OTHER, now)[1].email == "new@acme.example"
    assert made.id == sent.id


def test_the_message_is_in_the_language_of_its_reader(
    invitations: InvitationStore, users: UserStore, database: Database
) -> None:
    """Of the invitation, or of the user who is there already."""
    admin = users.add("a@permanence.example", "Ann", "admin", PASSWORD)
    users.set_language(admin.id, "en")
    assert admin.clients == ALL_CLIENTS
    mailbox = Mailbox()
    invitations.invite("new@acme.example", "admin", None, NOW, language="en")
    invitations.ask_reset("a@permanence.example", NOW + timedelta(seconds=1))
    with smtp_server(mailbox) as port:
        mailer = Mailer("127.0.0.1", port, "sav@sav.example", security="none")
        letters = Letters(LetterStore(database), mailer, BASE, lambda: NOW + timedelta(seconds=2))
        while letters.send_one("invitation"):
            pass
    (_, invited), (_, reset) = mailbox.received
    assert "You are invited to use permanence" in invited.get_content()
    assert "good until Monday 30 November at 13:00 (Paris time)" in invited.get_content()
    assert "Hello Ann," in reset.get_content()
    assert reset["Subject"] == "Choose another password"
