"""Users and sessions, on a real temporary database."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from agent.errors import UnknownClientError
from agent.store import passwords
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.sessions import IDLE, LONGEST, RENEWED_EVERY, SessionStore
from agent.store.users import (
    ALL_CLIENTS,
    UnknownUserError,
    User,
    UserRefusedError,
    UserStore,
    may_see,
)
from tests.databases import database_url

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the night in which French clocks go back
PASSWORD = "lave-linge à hublot"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database at head, with the clients "acme" and "bora"."""
    made = Database(database_url(tmp_path))
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
def sessions(database: Database) -> SessionStore:
    """The sessions of that database."""
    return SessionStore(database)


@pytest.fixture
def operator(users: UserStore) -> User:
    """An operator of "acme"."""
    return users.add("op@example.org", "Une opératrice", "operator", PASSWORD, clients=["acme"])


def kept(database: Database, query: str) -> list[tuple[object, ...]]:
    """What stands in the tables."""
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_a_user_comes_back_equal(users: UserStore) -> None:
    """By identifier, by an address however it is written, and in the list."""
    added = users.add(
        "  Op.Une@Example.ORG ", " Une  opératrice ", "operator", PASSWORD,
        clients=["bora", "acme", "bora"], languages=["FR", "en"],
    )  # fmt: skip
    assert (added.email, added.name) == ("op.une@example.org", "Une opératrice")
    assert (added.clients, added.languages) == (("acme", "bora"), ("fr", "en"))
    assert added.active
    assert added.created_at.tzinfo == UTC
    assert users.get(added.id) == users.by_email("OP.UNE@example.org ") == added
    assert users.list() == (added,)


def test_roles_decide_for_whom_one_works(users: UserStore) -> None:
    """An admin for all, a client's people never for all, nobody for none."""
    admin = users.add("a@example.org", "A", "admin", PASSWORD)
    everywhere = users.add("b@example.org", "B", "operator", PASSWORD, clients=ALL_CLIENTS)
    own = users.add("c@example.org", "C", "manager", PASSWORD, clients=["bora"])
    assert admin.clients == everywhere.clients == ALL_CLIENTS
    assert [may_see(admin, "acme"), may_see(everywhere, "new"), may_see(own, "acme")] == [
        True, True, False,
    ]  # fmt: skip
    assert users.list("acme") == (admin, everywhere)
    assert users.list("bora") == (admin, everywhere, own)
    for role, clients in (
        ("manager", ["*"]),
        ("reader", ["*"]),
        ("manager", []),
        ("reader", []),
        ("operator", []),
        ("admin", ["acme"]),
    ):
        with pytest.raises(UserRefusedError):
            users.add("d@example.org", "D", role, PASSWORD, clients=clients)
    with pytest.raises(UserRefusedError, match="that client only"):
        users.set_clients(own.id, ["acme", "*"])
    with pytest.raises(UnknownClientError, match="'nobody'"):
        users.set_clients(own.id, ["nobody"])
    assert users.get(own.id) == own
    assert users.set_clients(own.id, ["acme"]).clients == ("acme",)
    assert users.set_languages(own.id, ["de"]).languages == ("de",)


def test_what_may_be_seen_is_exact(users: UserStore, operator: User) -> None:
    """Not a part of a slug, not a star, and nothing once disabled."""
    assert not any(may_see(operator, slug) for slug in ("acm", "*", "", "acme2", "bora"))
    assert not may_see(users.set_active(operator.id, False), "acme")
    assert users.list("acme") == ()


@pytest.mark.parametrize(
    "email",
    ["", "op", "op@", "@example.org", "op@example", "o p@example.org", "op@exa_mple.org",
     "op@-example.org", "a@b@example.org", "op@example.org\nBcc: x@example.org", "op@example..org",
     "<op@example.org>", f"{'o' * 65}@example.org", f"op@{'e' * 250}.org", "op\x00@example.org"],
)  # fmt: skip
def test_a_bad_address_is_refused(users: UserStore, email: str) -> None:
    """It would be written to, and shown."""
    with pytest.raises(UserRefusedError, match="is no e-mail address"):
        users.add(email, "Op", "admin", PASSWORD)


def test_what_else_is_refused(users: UserStore, operator: User) -> None:
    """Short and endless passwords, roles, names, languages, an address that is taken."""
    for password in ("neuf sign", "x" * 201, ""):
        with pytest.raises(UserRefusedError, match="12 to 200 characters"):
            users.add("new@example.org", "N", "admin", password)
        with pytest.raises(UserRefusedError, match="12 to 200 characters"):
            users.set_password(operator.id, password)
    with pytest.raises(UserRefusedError, match="admin, manager, reader, operator"):
        users.add("new@example.org", "N", "root", PASSWORD)
    for name in ("", "  ", "x" * 101, "a\x00b"):
        with pytest.raises(UserRefusedError, match="name"):
            users.add("new@example.org", name, "admin", PASSWORD)
    for languages in ([], ["french"], ["f1"]):
        with pytest.raises(UserRefusedError, match="two letters"):
            users.set_languages(operator.id, languages)
    with pytest.raises(UserRefusedError, match="signs in already"):
        users.add("OP@example.org", "N", "admin", PASSWORD)
    for method in (users.get, lambda one: users.set_active(one, True)):
        with pytest.raises(UnknownUserError, match="'nobody'"):
            method("nobody")
    with pytest.raises(UnknownUserError, match=r"new@example\.org"):
        users.by_email("new@example.org")
    assert users.list() == (operator,)


def test_one_address_is_one_user_whoever_is_first(users: UserStore) -> None:
    """Eight at once: one is added, seven are told."""

    def add(number: int) -> bool:
        try:
            users.add("same@example.org", f"N {number}", "admin", PASSWORD)
        except UserRefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(8))) == [False] * 7 + [True]


def test_a_password_is_verified(users: UserStore, operator: User) -> None:
    """It alone, of that user alone; typed as two signs or as one; not of a disabled user."""
    assert users.verified(" OP@example.org", PASSWORD) == operator
    assert users.verified("op@example.org", unicodedata.normalize("NFD", PASSWORD)) == operator
    for wrong in ("", PASSWORD.upper(), f"{PASSWORD} ", "\ud800", "x" * 100_000):
        assert users.verified("op@example.org", wrong) is None
    for email in ("", "nobody@example.org", "' OR 1=1 --"):
        assert users.verified(email, PASSWORD) is None
    users.set_active(operator.id, False)
    assert users.verified("op@example.org", PASSWORD) is None


@pytest.mark.usefixtures("real_passwords")
def test_nothing_kept_is_the_password(database: Database, operator: User) -> None:
    """An argon2id string with a salt of its own."""
    UserStore(database).add("b@example.org", "B", "admin", PASSWORD)
    first, second = (str(row[0]) for row in kept(database, "SELECT password FROM users"))
    assert first.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert first != second
    assert "argon2" not in repr(operator)


def test_an_unknown_address_is_hashed_too(
    users: UserStore, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time of an answer would tell who signs in: as many hashes either way."""
    hashed: list[str] = []

    class Counting(PasswordHasher):
        def hash(self, *given: object, **named: object) -> str:
            hashed.append("hash")
            return str(super().hash(*given, **named))  # type: ignore[arg-type]

        def verify(self, *given: object, **named: object) -> bool:
            hashed.append("verify")
            return bool(super().verify(*given, **named))  # type: ignore[arg-type]

    same = {name: getattr(passwords.HASHER, name) for name in ("time_cost", "memory_cost")}
    monkeypatch.setattr(passwords, "HASHER", Counting(**same, parallelism=1))
    users.verified("op@example.org", "not the password")
    users.verified("nobody@example.org", "not the password")
    users.verified("no address", "not the password")
    assert hashed == ["verify", "hash", "hash"]


@pytest.mark.usefixtures("real_passwords")
def test_a_password_of_older_parameters_is_kept_anew(
    database: Database, users: UserStore, operator: User
) -> None:
    """When it is given the next time; a wrong one changes nothing."""
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with database.transaction() as session:
        session.execute(text("UPDATE users SET password = :old"), {"old": old})
    assert users.verified("op@example.org", "wrong password") is None
    assert kept(database, "SELECT password FROM users") == [(old,)]
    assert users.verified("op@example.org", PASSWORD) == operator
    [(new,)] = kept(database, "SELECT password FROM users")
    assert str(new).startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert users.verified("op@example.org", PASSWORD) == operator
    assert kept(database, "SELECT password FROM users") == [(new,)]


def test_a_damaged_digest_lets_nobody_in(
    database: Database, users: UserStore, operator: User
) -> None:
    """It is no password's, and no error either."""
    with database.transaction() as session:
        session.execute(text("UPDATE users SET password = 'plain'"))
    assert users.verified("op@example.org", "plain") is None
    assert users.verified("op@example.org", PASSWORD) is None


def test_generated_passwords_are_allowed_and_differ() -> None:
    """Four groups of five signs that do not look alike."""
    drawn = {passwords.generated() for _ in range(200)}
    assert len(drawn) == 200
    assert all(passwords.checked(one) and len(one) == 23 for one in drawn)
    assert not set("".join(drawn)) & set("01loiIO")


def test_a_token_is_of_a_session_and_its_digest_is_not(
    database: Database, sessions: SessionStore, operator: User
) -> None:
    """Whoever reads the table cannot sign in with what stands there."""
    token = sessions.open(operator.id, NOW)
    assert len(token) == 43
    assert sessions.user_of(token, NOW) == operator
    [(digest,)] = kept(database, "SELECT digest FROM sessions")
    assert digest == hashlib.sha256(token.encode()).hexdigest()
    for stolen in (str(digest), "", token[:-1], token.swapcase(), f"{token}=", "é\ud800" * 9999):
        assert sessions.user_of(stolen, NOW) is None


def test_a_session_ends_twelve_hours_after_its_last_use(
    database: Database, sessions: SessionStore, operator: User
) -> None:
    """Each use puts the end off, over the night in which clocks change too; it stays ended."""
    token = sessions.open(operator.id, NOW)
    used = NOW + timedelta(hours=11, minutes=59)
    assert sessions.user_of(token, used) == operator
    assert sessions.user_of(token, used + IDLE - timedelta(seconds=1)) == operator
    left = sessions.open(operator.id, NOW)
    assert sessions.user_of(left, NOW + IDLE) is None
    assert sessions.user_of(left, NOW + IDLE + timedelta(seconds=1)) is None
    sessions.open(operator.id, NOW + 2 * IDLE + timedelta(days=1))
    assert len(kept(database, "SELECT digest FROM sessions")) == 1  # the expired are forgotten


def test_a_session_is_never_longer_than_a_week(sessions: SessionStore, operator: User) -> None:
    """However often it is used."""
    token, now = sessions.open(operator.id, NOW), NOW
    while now < NOW + LONGEST - timedelta(hours=1):
        assert sessions.user_of(token, now) == operator
        now += timedelta(hours=6)
    assert sessions.user_of(token, NOW + LONGEST - timedelta(seconds=1)) == operator
    assert sessions.user_of(token, NOW + LONGEST) is None


def test_most_uses_write_nothing(
    database: Database, sessions: SessionStore, operator: User
) -> None:
    """Only one that puts the end off by more than ten minutes does."""
    token = sessions.open(operator.id, NOW)
    before = kept(database, "SELECT expires_at FROM sessions")
    sessions.user_of(token, NOW + RENEWED_EVERY)
    assert kept(database, "SELECT expires_at FROM sessions") == before
    sessions.user_of(token, NOW + RENEWED_EVERY + timedelta(seconds=1))
    assert kept(database, "SELECT expires_at FROM sessions") != before


def test_signing_out_here_and_everywhere(
    users: UserStore, sessions: SessionStore, operator: User
) -> None:
    """One token, or all of one user; another's stay."""
    other = users.add("b@example.org", "B", "admin", PASSWORD)
    mine = [sessions.open(operator.id, NOW) for _ in range(3)]
    theirs = sessions.open(other.id, NOW)
    sessions.close(mine[0])
    sessions.close(mine[0])
    assert [sessions.user_of(one, NOW) for one in mine] == [None, operator, operator]
    assert sessions.close_all(operator.id) == 2
    assert [sessions.user_of(one, NOW) for one in mine] == [None] * 3
    assert sessions.user_of(theirs, NOW) == other


def test_disabled_or_with_another_password_one_is_signed_out(
    users: UserStore, sessions: SessionStore, operator: User
) -> None:
    """At once, and enabling again does not sign in again; other changes are seen at once."""
    token = sessions.open(operator.id, NOW)
    moved = users.set_clients(operator.id, ["bora"])
    assert sessions.user_of(token, NOW) == moved
    users.set_active(operator.id, False)
    assert sessions.user_of(token, NOW) is None
    with pytest.raises(UnknownUserError, match="may not sign in"):
        sessions.open(operator.id, NOW)
    users.set_active(operator.id, True)
    assert sessions.user_of(token, NOW) is None
    token = sessions.open(operator.id, NOW)
    users.set_password(operator.id, "un autre mot de passe")
    assert sessions.user_of(token, NOW) is None
    assert users.verified("op@example.org", "un autre mot de passe") == moved
    assert users.verified("op@example.org", PASSWORD) is None


def test_a_row_set_inactive_by_hand_signs_out_too(
    database: Database, sessions: SessionStore, operator: User
) -> None:
    """The session still stands; its user does not count any more."""
    token = sessions.open(operator.id, NOW)
    with database.transaction() as session:
        session.execute(text("UPDATE users SET active = false"))
    assert sessions.user_of(token, NOW) is None
