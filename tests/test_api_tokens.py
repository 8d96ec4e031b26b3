"""The tokens of the API, in a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from agent.store.api_requests import (
    ABANDONED_AFTER,
    KEPT_FOR,
    ApiRequestStore,
    KeyBusyError,
    KeyReusedError,
)
from agent.store.api_tokens import (
    MOST_TOKENS,
    SCOPES,
    ApiTokenStore,
    TokenRefusedError,
    looks_like_one,
    new_secret,
)
from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.users import UserStore

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with the clients "acme" and "bora"."""
    made = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    made.migrate()
    clients = ClientStore(made)
    clients.add("acme", "Acmé")
    clients.add("bora", "Bora")
    yield made
    made.close()


@pytest.fixture
def tokens(database: Database) -> ApiTokenStore:
    """Its tokens."""
    return ApiTokenStore(database)


def user(database: Database, role: str, client: str = "acme") -> str:
    """Somebody of a role; returns their identifier."""
    clients = () if role == "admin" else (client,)
    address = f"{role}@service.example"
    return UserStore(database).add(address, role, role, "un-mot-de-passe-long", clients=clients).id


def test_a_secret_is_shown_once_and_found_by_its_digest(
    database: Database, tokens: ApiTokenStore, tmp_path: Path
) -> None:
    """Nothing of it but its first signs is in the database."""
    token, secret = tokens.add("acme", " Le  CRM ", ["tickets:read", "calls:read"], NOW)
    assert (token.name, token.scopes) == ("Le CRM", ("tickets:read", "calls:read"))
    assert secret.startswith(token.prefix) and token.prefix.startswith("prm_")
    found = tokens.holder(secret, NOW)
    assert found is not None and found[0].id == token.id and found[1] is None
    assert tokens.holder(new_secret(), NOW) is None
    database.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("permanence.db*"))
    assert token.prefix.encode() in kept
    assert secret[len(token.prefix) :].encode() not in kept


def test_a_mistyped_secret_is_known_without_the_database() -> None:
    """A checksum is in it, as scanners for secrets want."""
    secret = new_secret()
    assert looks_like_one(secret)
    assert len(secret) == 46
    other = "b" if secret[10] == "a" else "a"
    for wrong in (
        "", "prm_", secret[:-1], f"{secret}a", secret.upper(), secret.replace("prm_", "prn_"),
        f"{secret[:10]}{other}{secret[11:]}", f"{secret[:-1]}é", " " + secret,
    ):  # fmt: skip
        assert not looks_like_one(wrong), wrong


def test_a_use_is_kept_at_most_every_ten_minutes(tokens: ApiTokenStore) -> None:
    """So that most requests only read."""
    _, secret = tokens.add("acme", "CRM", SCOPES, NOW)

    def used(minutes: float) -> float | None:
        tokens.holder(secret, NOW + timedelta(minutes=minutes))
        last = tokens.list("acme")[0].last_used_at
        return None if last is None else (last - NOW).total_seconds() / 60

    assert tokens.list("acme")[0].last_used_at is None
    assert [used(minutes) for minutes in (1, 5, 10.9, 11, 20, 21)] == [1, 1, 1, 11, 11, 21]


def test_a_token_ends_by_its_date_and_by_being_revoked(tokens: ApiTokenStore) -> None:
    """From then on, and another client's cannot be."""
    later = NOW + timedelta(days=1)
    _, short = tokens.add("acme", "court", SCOPES, NOW, expires_at=later)
    token, long = tokens.add("acme", "long", SCOPES, NOW)
    assert tokens.holder(short, later - timedelta(seconds=1)) is not None
    assert tokens.holder(short, later) is None
    with pytest.raises(NotKeptError):
        tokens.revoke("bora", token.id, NOW)
    assert tokens.holder(long, later) is not None
    assert tokens.revoke("acme", token.id, later).revoked_at == later
    assert tokens.holder(long, later) is None
    assert tokens.revoke("acme", token.id, later + timedelta(days=1)).revoked_at == later
    assert tokens.list("bora") == ()


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_token_ends_with_its_makers_right_to_one(
    database: Database, tokens: ApiTokenStore, role: str
) -> None:
    """For good: it is not there again when they may have one again."""
    users, maker = UserStore(database), user(database, role)
    token, secret = tokens.add("acme", "CRM", SCOPES, NOW, created_by=maker)
    found = tokens.holder(secret, NOW)
    assert found is not None and found[1] is not None and found[1].id == maker
    users.set_active(maker, False)
    assert tokens.holder(secret, NOW) is None
    users.set_active(maker, True)
    assert tokens.holder(secret, NOW) is None
    assert tokens.list("acme")[0].revoked_at == NOW
    assert token.revoked_at is None


def test_a_token_ends_when_its_maker_is_demoted_or_moved(
    database: Database, tokens: ApiTokenStore
) -> None:
    """To another role, or to another client."""
    maker = user(database, "manager")
    _, demoted = tokens.add("acme", "un", SCOPES, NOW, created_by=maker)
    _, moved = tokens.add("acme", "deux", SCOPES, NOW, created_by=maker)
    UserStore(database).set_clients(maker, ["bora"])
    assert tokens.holder(moved, NOW) is None
    UserStore(database).set_clients(maker, ["acme"])
    with database.transaction() as session:
        session.execute(text("UPDATE users SET role = 'reader'"))
    assert tokens.holder(demoted, NOW) is None


def test_tokens_that_cannot_be_are_refused(database: Database, tokens: ApiTokenStore) -> None:
    """Each for its reason."""
    reader, manager = user(database, "reader"), user(database, "manager")

    def reason(**given: object) -> str:
        values: dict[str, object] = {"name": "CRM", "scopes": SCOPES, "created_by": manager}
        values |= given
        with pytest.raises(TokenRefusedError) as refused:
            tokens.add("acme", now=NOW, **values)  # type: ignore[arg-type]
        return refused.value.reason

    assert reason(name=" ") == "name"
    assert reason(name="x" * 61) == "name"
    assert reason(scopes=[]) == "scopes"
    assert reason(scopes=["tickets:read", "tout"]) == "scopes"
    assert reason(expires_at=NOW) == "expiry"
    assert reason(created_by=reader) == "maker"
    assert reason(created_by="personne") == "maker"
    for number in range(MOST_TOKENS):
        tokens.add("acme", f"n{number}", ["calls:read"], NOW)
    assert reason() == "many"
    tokens.add("bora", "autre", ["calls:read"], NOW)


def test_a_request_that_comes_again_makes_nothing_more(
    database: Database, tokens: ApiTokenStore
) -> None:
    """By its key, of its token, for a day; one that died may be made again."""
    requests = ApiRequestStore(database)
    one, _ = tokens.add("acme", "un", SCOPES, NOW)
    two, _ = tokens.add("acme", "deux", SCOPES, NOW)

    def begun(key: str, fingerprint: str = "f", token: str = one.id, after_s: float = 0) -> object:
        at = NOW + timedelta(seconds=after_s)
        return requests.begin(token, "acme", key, fingerprint, at)

    assert begun("k") is None
    with pytest.raises(KeyBusyError):
        begun("k")
    assert begun("k", after_s=ABANDONED_AFTER.total_seconds()) is None
    requests.finish(one.id, "k", "T-1")
    assert begun("k", after_s=400) == "T-1"
    with pytest.raises(KeyReusedError):
        begun("k", "autre", after_s=400)
    assert begun("k", "autre", two.id) is None
    requests.give_up(two.id, "k")
    assert begun("k", "encore", two.id) is None
    assert begun("k", "autre", after_s=400 + KEPT_FOR.total_seconds()) is None
