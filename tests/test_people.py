"""Who has access to a client, and who may change it; on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.people import PeopleStore, PersonRefusedError
from agent.store.sessions import SessionStore
from agent.store.users import ALL_CLIENTS, User, UserStore

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database at head, with the clients "acme" and "bora"; tests leave it as it was."""
    made = Database(f"sqlite:///{tmp_path_factory.mktemp('people') / 'permanence.db'}")
    made.migrate()
    ClientStore(made).add("acme", "Acmé")
    ClientStore(made).add("bora", "Bora")
    yield made
    made.close()


@pytest.fixture(scope="module")
def who(database: Database) -> dict[str, User]:
    """Users by name."""
    users = UserStore(database)
    return {
        name: users.add(f"{name}@x.example", name, role, "lave-linge à hublot", clients=clients)
        for name, role, clients in (
            ("admin", "admin", ()), ("manager", "manager", ["acme"]),
            ("reader", "reader", ["acme"]), ("operator", "operator", ["acme"]),
            ("both", "operator", ["acme", "bora"]), ("all", "operator", ALL_CLIENTS),
            ("other", "manager", ["bora"]),
        )
    }  # fmt: skip


@pytest.fixture
def people(database: Database, who: dict[str, User]) -> PeopleStore:
    """The people of those clients."""
    return PeopleStore(database)


def names(people: PeopleStore, slug: str) -> list[str]:
    """Of who has access."""
    return [one.user.name for one in people.of_client(slug)]


def test_a_client_sees_its_own_people(people: PeopleStore) -> None:
    """Not another's, and not the provider's."""
    assert names(people, "acme") == ["both", "manager", "operator", "reader"]
    assert names(people, "bora") == ["both", "other"]
    assert len(people.everybody()) == 7


def test_the_last_sign_in_is_told(
    people: PeopleStore, database: Database, who: dict[str, User]
) -> None:
    """None before the first."""
    assert {one.signed_in_at for one in people.of_client("acme")} == {None}
    SessionStore(database).open(who["reader"].id, NOW)
    told = {one.user.name: one.signed_in_at for one in people.of_client("acme")}
    assert told["reader"] == NOW


@pytest.mark.parametrize("by", ["reader", "operator", "all", "both", "other"])
def test_who_may_not_changes_nothing(people: PeopleStore, who: dict[str, User], by: str) -> None:
    """Readers, operators, managers of another client."""
    for target in ("manager", "reader", "operator"):
        with pytest.raises(PersonRefusedError, match="forbidden"):
            people.set_role(who[by], "acme", who[target].id, "manager")
        with pytest.raises(PersonRefusedError, match="forbidden"):
            people.let_go(who[by], "acme", who[target].id)


@pytest.mark.parametrize("by", ["manager", "admin"])
def test_a_role_is_changed(people: PeopleStore, who: dict[str, User], by: str) -> None:
    """Of who works for this client alone; to nothing but what a client's people are."""
    reader = who["reader"].id
    assert people.set_role(who[by], "acme", reader, "operator").role == "operator"
    assert people.set_role(who[by], "acme", reader, "reader").role == "reader"
    for role in ("admin", "client", ""):
        with pytest.raises(PersonRefusedError, match="forbidden"):
            people.set_role(who[by], "acme", reader, role)
    with pytest.raises(PersonRefusedError, match="several"):
        people.set_role(who[by], "acme", who["both"].id, "manager")
    for hidden in ("admin", "all", "other"):
        for change in (people.let_go, lambda *of: people.set_role(*of, "reader")):
            with pytest.raises(NotKeptError):
                change(who[by], "acme", who[hidden].id)


def test_nobody_shuts_themselves_out(people: PeopleStore, who: dict[str, User]) -> None:
    """Nor makes themselves a reader by mistake."""
    me = who["manager"]
    for change in (people.let_go, lambda *of: people.set_role(*of, "reader")):
        with pytest.raises(PersonRefusedError, match="oneself"):
            change(me, "acme", me.id)


def test_who_is_let_go_is_out_at_once(
    people: PeopleStore, database: Database, who: dict[str, User]
) -> None:
    """Of this client; who has no other signs in no more. A manager who was let go may no more."""
    users, sessions = UserStore(database), SessionStore(database)
    token = sessions.open(who["both"].id, NOW)
    left = people.let_go(who["manager"], "acme", who["both"].id)
    assert (left.clients, left.active) == (("bora",), True)
    assert sessions.user_of(token, NOW) == left
    users.set_clients(left.id, ["acme", "bora"])
    token = sessions.open(who["operator"].id, NOW)
    gone = people.let_go(who["manager"], "acme", who["operator"].id)
    assert (gone.clients, gone.active, sessions.user_of(token, NOW)) == ((), False, None)
    users.set_clients(gone.id, ["acme"])
    users.set_active(gone.id, True)
    people.let_go(who["admin"], "acme", who["manager"].id)
    with pytest.raises(PersonRefusedError, match="forbidden"):
        people.let_go(who["manager"], "acme", who["reader"].id)
