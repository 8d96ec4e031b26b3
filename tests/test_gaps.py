"""What counts as a question that was not answered, and what becomes of its group."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent import gap_grouping
from agent.call.record import CallRecord, Turn
from agent.gap_grouping import GapGrouping
from agent.store.calls import CallStore
from agent.store.client_settings import SettingsStore
from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.gap_groups import GapStore, Key, Vector
from agent.store.gaps import ASKED_AGAIN
from agent.store.verdicts import VerdictStore
from knowledge.embeddings import Embedding
from voices.prompts import prompt

START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
NONE = Vector("", "model", b"\0\0")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with the clients "acme" and "bora"."""
    made = Database(f"sqlite:///{tmp_path / 'permanence.db'}")
    made.migrate()
    ClientStore(made).add("acme", "Acmé")
    ClientStore(made).add("bora", "Bora")
    yield made
    made.close()


def keep(
    database: Database, call_id: str, turns: list[Turn], client: str = "acme", **more: bool
) -> None:
    """Keep a call."""
    started = START + timedelta(minutes=len(call_id))
    CallStore(database).save(CallRecord(call_id, client, started, turns=turns, **more))


def asked(database: Database, call_id: str, words: str) -> Key:
    """Keep a call whose only question was handed over."""
    keep(database, call_id, [Turn("", "Bonjour."), Turn(words, "…", "handoff", 0.1)])
    return call_id, 1


def kinds(database: Database, client: str = "acme") -> list[tuple[str, str]]:
    """The gaps, the newest call first."""
    return [(gap.kind, gap.asked) for gap in VerdictStore(database).gaps(client)]


def test_what_is_said_when_nothing_was_understood() -> None:
    """The phrases by which it is found are those of the agent."""
    assert ASKED_AGAIN[0] in prompt("rephrase")
    assert ASKED_AGAIN[1] in prompt("not_heard")


def test_the_kinds(database: Database) -> None:
    """Unanswered, denied, asked again; not what was answered, agreed to, or only tried."""
    keep(database, "a", [
        Turn("", "Bonjour."),
        Turn("le wifi ?", "Je préfère ne pas répondre.", "handoff", 0.1),
        Turn("un conseiller", "Bien sûr.", "handoff"),
        Turn("le filtre ?", "Il s'agit de ceci : le sel. C'est bien ça ?", "confirm", 0.5),
        Turn("Ah mais non, le filtre", prompt("rephrase"), "clarify"),
        Turn("le tambour ?", "Il s'agit de ceci : le tambour. C'est bien ça ?", "confirm", 0.5),
        Turn("oui", "Voici.", "answer", 0.5),
    ])  # fmt: skip
    keep(database, "bb", [Turn("l'essai ?", "…", "handoff", 0.1)], test=True)
    keep(database, "ccc", [Turn("le sel ?", "…", "handoff", 0.1)], client="bora")
    assert kinds(database) == [
        ("unanswered", "le wifi ?"), ("misunderstood", "le filtre ?"),
        ("misunderstood", "Ah mais non, le filtre"),
    ]  # fmt: skip
    VerdictStore(database).set("a", 6, "wrong", "c'est l'autre", "u1", START)
    assert kinds(database)[-1] == ("wrong", "oui")
    assert kinds(database, "bora") == [("unanswered", "le sel ?")]


def test_groups_of_a_client(database: Database) -> None:
    """The largest first; settled ones leave; what is asked again often enough comes back."""
    store = GapStore(database)
    wifi = [asked(database, f"w{n}", f"wifi {n}") for n in range(2)]
    salt = [asked(database, f"s{n}", f"sel {n}") for n in range(3)]
    store.keep("acme", dict.fromkeys([*wifi, *salt], NONE), [wifi, salt[::-1]])
    groups = store.groups("acme")
    assert [(one.title, len(one.open)) for one in groups] == [("sel 2", 3), ("wifi 0", 2)]
    assert store.settle("acme", salt, "ignored", "u1") == 3
    assert [one.title for one in store.groups("acme") if one.is_to_do] == ["wifi 0"]
    for number in range(3):
        salt.append(asked(database, f"t{number}", f"sel, encore {number}"))
        store.keep("acme", {salt[-1]: NONE}, [wifi, salt])
        back = [one for one in store.groups("acme") if one.is_to_do and one.title == "sel 0"]
        assert bool(back) == (number == 2)
    assert [one.gap.asked for one in back[0].open] == [f"sel, encore {n}" for n in range(3)]
    store.settle("acme", salt, None, "")
    assert len(store.groups("acme")[0].open) == 6
    assert store.groups("bora") == ()
    with pytest.raises(NotKeptError):
        store.settle("bora", salt, "ignored", "u2")


def test_what_the_night_has_deleted_is_not_grouped_again(database: Database) -> None:
    """Analyses may be kept for less long than words, of which they could be made anew."""
    key = asked(database, "a", "le four a-t-il une horloge")
    SettingsStore(database).change("acme", {}, {"keep_analysis_days": 30})
    store = GapStore(database)
    first, later = START + timedelta(days=29), START + timedelta(days=31)
    assert [(gap.call_id, gap.position) for gap in store.gaps("acme", first)] == [key]
    assert store.gaps("acme", later) == ()


def test_a_question_goes_with_what_it_was(database: Database) -> None:
    """One that is no gap any more leaves; groups are of what is kept of the calls."""
    store = GapStore(database)
    key, other = asked(database, "x1", "le wifi ?"), asked(database, "x2", "le sel ?")
    store.keep("acme", {key: NONE, other: NONE}, [[key], [other]])
    keep(database, "x1", [Turn("", "Bonjour."), Turn("le wifi ?", "Voici.", "answer", 0.9)])
    assert [one.title for one in store.groups("acme")] == ["le sel ?"]
    store.keep("acme", {}, [[other]])
    assert set(store.vectors("acme")) == {other}


class Counting:
    """An embedder that counts its work."""

    name, dimensions = "counting", 2

    def __init__(self) -> None:
        self.texts: list[str] = []

    def query(self, text: str) -> Embedding:
        """The same vector for all."""
        self.texts.append(text)
        return Embedding(np.array([1.0, 0.0], np.float32), np.zeros((0, 128), np.int8))

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """As questions."""
        return [self.query(text) for text in texts]


def test_what_was_grouped_is_not_grouped_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is opened again costs the callers nothing; a new question does, once."""
    store, embedder = GapStore(database), Counting()
    kept: list[int] = []
    keep_in_store = GapStore.keep

    def note(self: GapStore, slug: str, vectors: Any, groups: Any) -> None:
        kept.append(len(vectors))
        keep_in_store(self, slug, vectors, groups)

    monkeypatch.setattr(GapStore, "keep", note)
    grouping = GapGrouping(store, embedder)
    asked(database, "a1", "le wifi")
    for _ in range(3):
        grouping.refresh("acme")
    asked(database, "a2", "la garantie")
    grouping.refresh("acme")
    grouping.close()
    assert (kept, len(embedder.texts)) == ([1, 1], 2)
    assert {group.title for group in store.groups("acme")} == {"le wifi", "la garantie"}


def test_callers_go_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """While calls are on, most of the time the model is theirs."""
    monkeypatch.setattr(gap_grouping, "REST", 1e6)
    for number in range(3):
        asked(database, f"a{number}", f"question {number}")
    embedder = Counting()
    grouping = GapGrouping(GapStore(database), embedder, calls_on=lambda: True)
    assert grouping.soon("acme")
    end = time.monotonic() + 10
    while not embedder.texts:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert grouping.is_running("acme")
    grouping.close()  # does not wait for the rest
    assert len(embedder.texts) == 1
