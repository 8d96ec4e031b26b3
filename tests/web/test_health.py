"""/readyz really tries each part: each is broken on purpose, and put right again."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from agent.handoff.delivery import Delivery
from agent.handoff.notify import Outbox
from agent.settings import Settings, load_settings
from agent.web import health
from agent.web.checks import WELL, Check, State, UnwellError
from agent.web.server import RunningServer, running_server
from knowledge.collection import current_version
from tests.web.ari_house import AriServer

TOKEN = "un-jeton-de-mesure"
PARTS = {
    "event_loop", "threads", "database", "disk", "indexes", "recogniser", "voice", "turns",
    "embedding", "outbox", "exchange", "messages",
}  # fmt: skip


@pytest.fixture(scope="module")
def exchange() -> Iterator[AriServer]:
    """What the server takes for its telephone exchange."""
    with AriServer() as made:
        yield made


@pytest.fixture(scope="module")
def own(
    settings: Settings, exchange: AriServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A server over a home of its own, to be broken; what it found of its parts is soon stale."""
    home = tmp_path_factory.mktemp("broken")
    (home / "models").symlink_to(settings.models_dir)
    (home / "cache").symlink_to(settings.home / "cache")
    shutil.copytree(settings.data_dir, home / "data")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FRESH_S", "MODELS_FRESH_S", "INDEXES_FRESH_S"):
            patch.setattr(health, name, 0.2)
        patch.setattr(health, "DEADLINE_S", 2.0)
        patch.setattr(health, "MODELS_DEADLINE_S", 2.0)
        patch.setattr(health, "LAG_WITHIN_S", 5.0)
        (home / "messages").mkdir()
        made = load_settings(
            home=home, port=0, metrics_token=TOKEN, asterisk_url=exchange.url,
            asterisk_password="secret-of-8", asterisk_messages=home / "messages",
            asterisk_sounds=home / "messages",
        )  # fmt: skip
        with running_server(made) as running:
            yield running


def ask(server: RunningServer, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    """What /readyz says."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.get(f"{server.url}/readyz", headers=headers, timeout=30)
    return answer.status_code, answer.json()


def until(server: RunningServer, failing: set[str]) -> dict[str, dict[str, Any]]:
    """Wait until these parts and no others do not work; returns what is said of each part."""
    deadline = time.monotonic() + 30
    while True:
        status, told = ask(server)
        checks: dict[str, dict[str, Any]] = told["checks"]
        if {name for name, state in checks.items() if not state["ok"]} == failing:
            assert (status, told["status"]) == ((503, "failing") if failing else (200, "ready"))
            return checks
        assert time.monotonic() < deadline, checks
        time.sleep(0.05)


def whole(server: RunningServer) -> None:
    """Wait until every part works."""
    until(server, set())


def only(server: RunningServer, part: str) -> dict[str, Any]:
    """What is said of the one part that does not work."""
    return until(server, {part})[part]


def test_ready(own: RunningServer) -> None:
    """Every part was tried; strangers learn whether, but not what."""
    whole(own)
    checks = until(own, set())
    assert checks.keys() == PARTS
    assert "Mo libres" in checks["disk"].pop("sentence")
    assert all(state.get("sentence", WELL) == WELL for state in checks.values())
    for token in ("", "autre"):
        assert ask(own, token) == (200, {"status": "ready"})
    alive = httpx.get(f"{own.url}/healthz").json()
    assert alive == {"status": "ok", "calls": 0, "limit": 12}


def test_the_database_was_moved(own: RunningServer) -> None:
    """What is open could still be written, and would be lost."""
    file = own.house.settings.data_dir / "permanence.db"
    whole(own)
    file.rename(file.with_suffix(".gone"))
    try:
        found = only(own, "database")
    finally:
        file.with_suffix(".gone").replace(file)
    assert "n'accepte pas d'écriture" in found["sentence"]
    assert "no longer the file" in found["detail"]
    whole(own)


def test_the_database_is_locked(own: RunningServer) -> None:
    """A lock that another program holds is waited for no longer than the deadline."""
    whole(own)
    other = sqlite3.connect(own.house.settings.data_dir / "permanence.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert "no answer" in only(own, "database")["detail"]
    finally:
        other.execute("ROLLBACK")
        other.close()
    whole(own)


def test_the_disk_is_full(own: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less is free than is asked for: the sentence says how much."""
    whole(own)
    raised = own.house.settings.model_copy(update={"min_free_mb": 10**12})
    monkeypatch.setattr(own.house, "settings", raised)
    sentence = only(own, "disk")["sentence"]
    assert sentence.startswith("Il ne reste que ")
    assert "permanence recordings purge" in sentence
    monkeypatch.undo()
    whole(own)


@pytest.mark.parametrize("broken", ["meta.json", "search/vectors.npy", ""])
def test_an_index_is_damaged(own: RunningServer, tmp_path: Path, broken: str) -> None:
    """The client is named, and the command that mends it; "": the whole index is gone."""
    whole(own)
    client = own.house.settings.data_dir / "clients" / "orvane"
    version = current_version(client)
    assert version is not None
    there = version / broken if broken else client / "index"
    shutil.move(there, tmp_path / "kept")
    try:
        if broken:
            there.write_bytes(b"nothing of use")
        found = only(own, "indexes")
        assert "« permanence reindex orvane »" in found["sentence"]
    finally:
        there.unlink(missing_ok=True)
        shutil.move(tmp_path / "kept", there)
    whole(own)


def fail(*_: object, **__: object) -> None:
    """Raise, as a model does whose memory is gone."""
    raise RuntimeError("std::bad_alloc")


@pytest.mark.parametrize(
    ("part", "model", "method"),
    [
        ("recogniser", lambda house: house.services.transcriber, "_search"),
        ("voice", lambda house: house.services.voice, "_synthesise"),
        ("turns", lambda house: house.services.turns._smart_turn, "_predict_endpoint"),
        ("embedding", lambda house: house.library.embedder, "_run"),
    ],
    ids=["recogniser", "voice", "turns", "embedding"],
)
def test_a_model_fails_or_hangs(
    own: RunningServer, monkeypatch: pytest.MonkeyPatch, part: str,
    model: Callable[[Any], Any], method: str,
) -> None:  # fmt: skip
    """The model is named, and what to do; one that hangs is tried once, whoever asks."""
    whole(own)
    monkeypatch.setattr(model(own.house), method, fail)
    found = only(own, part)
    assert "permanence models verify" in found["sentence"]
    assert found["detail"] == "RuntimeError: std::bad_alloc"
    release, begun = threading.Event(), []

    def hang(*_: object, **__: object) -> None:
        begun.append(1)
        release.wait(30)

    monkeypatch.setattr(model(own.house), method, hang)
    try:
        while "no answer" not in only(own, part)["detail"]:
            pass
        for _ in range(5):
            only(own, part)
        assert len(begun) == 1
    finally:
        release.set()
        monkeypatch.undo()
    whole(own)


def test_the_exchange_is_away(own: RunningServer, exchange: AriServer) -> None:
    """Its pulse does not arrive; when it does, all is well again."""
    whole(own)
    exchange.works = False
    try:
        found = only(own, "exchange")
        assert "permanence asterisk check" in found["sentence"]
        assert "no pulse" in found["detail"]
    finally:
        exchange.works = True
    whole(own)
    assert len(set(exchange.beats)) > 1


def test_messages_lie_at_the_exchange(own: RunningServer) -> None:
    """One that nobody makes a ticket: its number is no client's any more."""
    whole(own)
    folder = own.house.settings.asterisk_messages
    assert folder is not None
    message = folder / "1795000000_+33199009999_+33639981234_1795000000.1.wav"
    message.write_bytes(bytes(44))
    os.utime(message, (time.time() - 900, time.time() - 900))
    assert "depuis plus de dix minutes (1)" in only(own, "messages")["sentence"]
    message.unlink()
    whole(own)


def test_the_threads_are_taken(own: RunningServer) -> None:
    """Nothing that a call has to look up would be done."""
    whole(own)
    release = threading.Event()
    for _ in range(8):
        own.house.services.blocking.submit(release.wait, 30)
    try:
        assert "fils de travail" in only(own, "threads")["sentence"]
    finally:
        release.set()
    whole(own)


def test_the_event_loop_stood_still(own: RunningServer) -> None:
    """It is told for a while after it goes on again."""
    whole(own)
    time.sleep(0.3)  # a look is under way
    own.loop.call_soon_threadsafe(time.sleep, 1.5)
    time.sleep(1.8)
    assert "reste figé" in only(own, "event_loop")["sentence"]
    whole(own)


def test_the_outbox_is_stuck(own: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its threads have ended, or something is due that nobody tries."""
    whole(own)
    dead = Outbox(Delivery(own.house.sendings, {"webhook": lambda _: None}))  # type: ignore[dict-item]
    dead.close()
    with monkeypatch.context() as patch:
        patch.setattr(own.house, "outbox", dead)
        assert only(own, "outbox")["detail"] == "a thread has ended"
    whole(own)
    for late, ready in ((timedelta(minutes=16), False), (timedelta(minutes=14), True)):
        due_at = datetime.now(UTC) - late
        with monkeypatch.context() as patch:
            patch.setattr(own.house, "sendings", SimpleNamespace(next_due=lambda _, at=due_at: at))
            if ready:
                whole(own)
            else:
                assert "due since" in only(own, "outbox")["detail"]


async def test_many_who_ask_at_once_have_it_tried_once(
    own: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty requests together cost a decoding or two."""
    whole(own)
    transcriber: Any = own.house.services.transcriber
    search, tried = transcriber._search, []

    def slow(*arguments: Any) -> Any:
        tried.append(1)
        time.sleep(1.0)
        return search(*arguments)

    monkeypatch.setattr(transcriber, "_search", slow)
    async with httpx.AsyncClient(timeout=60) as asking:
        found = await asyncio.gather(*(asking.get(f"{own.url}/readyz") for _ in range(60)))
    assert {answer.json()["status"] for answer in found} <= {"ready", "failing"}
    assert len(tried) < 6  # a request may arrive after the others were answered


# --- one check --------------------------------------------------------------------------------


def made(attempt: Any, **limits: float) -> Check:
    """A check that says « Réparez. »."""
    return Check("part", attempt, "Réparez.", **{"deadline_s": 0.05, "fresh_s": 60.0} | limits)


async def test_a_success_is_kept() -> None:
    """Nothing is tried again while it is fresh; what the try says is told."""
    tried = []

    async def attempt() -> str:
        tried.append(1)
        return "Tout va."

    check = made(attempt)
    assert [await check.state() for _ in range(3)] == [State(True, "Tout va.")] * 3
    assert len(tried) == 1
    stale = made(attempt, fresh_s=0.0)
    await stale.state()
    await stale.state()
    assert len(tried) == 3


async def test_a_failure_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part's own sentence, or the remedy; the error's words stand beside it."""
    monkeypatch.setattr("agent.web.checks.RETRY_S", 0.0)
    what: list[Exception | None] = [OSError("no"), UnwellError("Cassé.", "bits"), None]

    async def attempt() -> None:
        error = what.pop(0)
        if error is not None:
            raise error

    check = made(attempt)
    assert await check.state() == State(False, "Réparez.", "OSError: no")
    assert await check.state() == State(False, "Cassé.", "bits")
    assert await check.state() == State(True, WELL)
    assert check.last == State(True, WELL)


async def test_what_hangs_is_left_alone() -> None:
    """After the deadline it is said at once; when it answers after all, that counts."""
    release = asyncio.Event()
    begun = []

    async def attempt() -> None:
        begun.append(1)
        await release.wait()

    check = made(attempt)
    states = await asyncio.gather(*(check.state() for _ in range(10)))
    assert {state.ok for state in states} == {False}
    async with asyncio.timeout(0.04):
        assert "no answer" in (await check.state()).detail
    release.set()
    await asyncio.sleep(0)
    assert (await check.state()).ok
    assert len(begun) == 1
    await check.close()


async def test_closing_ends_what_hangs() -> None:
    """No task is left."""
    check = made(asyncio.Event().wait)
    assert not (await check.state()).ok
    await check.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
