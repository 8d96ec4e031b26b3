"""Whose number is dialled: in the store, and by `permanence client number`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import UnknownClientError
from agent.opening import open_database
from agent.settings import load_settings
from agent.store.clients import Client, ClientStore
from agent.store.numbers import NumberRefusedError, NumberStore, e164
from tests.databases import database_url
from tests.test_cli_clients import Permanence, home, permanence

__all__ = ["home", "permanence"]


@pytest.fixture
def essai(tmp_path: Path) -> Iterator[tuple[NumberStore, Client]]:
    """The numbers of a new database with the clients `essai` and `autre`."""
    database = open_database(load_settings(home=tmp_path, database_url=database_url(tmp_path)))
    clients = ClientStore(database)
    clients.add("autre", "Autre")
    yield NumberStore(database), clients.add("essai", "Essai")
    database.close()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("01 99 00 12 34", "+33199001234"),
        ("01.99.00.12.34", "+33199001234"),
        ("01-99-00-12-34", "+33199001234"),
        ("01\u00a099\u202f00 12 34", "+33199001234"),
        ("+33 1 99 00 12 34", "+33199001234"),
        ("+33 (0)1 99 00 12 34", "+33199001234"),
        ("0033199001234", "+33199001234"),
        ("33199001234", "+33199001234"),
        ("+15005550006", "+15005550006"),
        ("15005550006", "+15005550006"),
    ],
)
def test_a_number_is_kept_in_one_form(written: str, kept: str) -> None:
    """As people, trunks and carriers write it."""
    assert e164(written) == kept
    assert e164(kept) == kept


@pytest.mark.parametrize(
    "bad",
    ["", "+", "3639", "0199", "+0199001234", "01990012345", "+1234567890123456", "anonymous",
     "sip:0199001234@example.org", "0199001234;x", "+33१९९००१२३४", "+33199001234\n&x"],
)  # fmt: skip
def test_what_is_no_number_is_refused_and_nobodys(
    bad: str, essai: tuple[NumberStore, Client]
) -> None:
    """Short, long, with letters, with figures of another script: it says how to write one."""
    with pytest.raises(NumberRefusedError, match=r"écrivez-le comme \+33199001234"):
        e164(bad)
    assert essai[0].client_of(bad) is None


def test_a_number_is_one_clients(essai: tuple[NumberStore, Client]) -> None:
    """Given, given again, asked for in every form, refused to another, taken away."""
    numbers, client = essai
    assert numbers.client_of("+33199001234") is None
    assert numbers.add("essai", "01 99 00 12 34") == "+33199001234"
    assert numbers.add("essai", "+33199001234") == "+33199001234"
    numbers.add("essai", "01 99 00 12 30")
    for dialled in ("0199001234", "+33199001234", "33199001234", "0033 199001234"):
        assert numbers.client_of(dialled) == client
    with pytest.raises(NumberRefusedError, match=r"déjà celui de essai ; .* remove \+33199001234"):
        numbers.add("autre", "0199001234")
    with pytest.raises(NumberRefusedError, match="autre n'a pas le"):
        numbers.remove("autre", "0199001234")
    assert numbers.of_client("essai") == ("+33199001230", "+33199001234")
    assert numbers.all() == dict.fromkeys(("+33199001230", "+33199001234"), "essai")
    assert numbers.remove("essai", "0199001234") == "+33199001234"
    assert numbers.client_of("0199001234") is None
    assert numbers.of_client("autre") == ()
    for call in (numbers.add, numbers.remove):
        with pytest.raises(UnknownClientError):
            call("nobody", "0199001234")


def test_numbers_by_command(permanence: Permanence) -> None:
    """Listed, added, removed; mistakes are one sentence that says what to write."""
    none = permanence("client", "number", "essai")
    assert none.code == 0
    assert "aucun numéro" in none.out
    assert permanence("client", "number", "essai", "add", "01 99 00 12 34").out == "+33199001234\n"
    assert permanence("client", "number", "essai").out == "+33199001234\n"
    for arguments, words in (
        (("essai", "add"), "Quel numéro ?"),
        (("essai", "give", "0199001234"), "écrivez add ou remove"),
        (("essai", "add", "3639"), "n'est pas un numéro"),
        (("essai", "remove", "0199001235"), "n'a pas le +33199001235"),
        (("nobody", "add", "0199001234"), "There is no client"),
    ):
        wrong = permanence("client", "number", *arguments)
        assert wrong.code == 1
        assert words in wrong.err
        assert wrong.err.count("\n") == 1
    assert "aucun numéro" in permanence("client", "number", "essai", "remove", "0199001234").out
