"""/metrics: a real scrape, parsed as Prometheus parses it, while calls run and after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from websockets.asyncio.client import connect

from agent.audio import TELEPHONE_RATE_HZ, read_wav
from agent.call.guard import Asking
from agent.call.handover import RingRequest
from agent.call.record import Brief, CallRecord, Handoff, Turn, TurnTimings
from agent.errors import CallRefusedError
from agent.handoff.desks import Operator
from agent.handoff.keeping import Keeping
from agent.handoff.states import HandoffRecord
from agent.handoff.switchboard import Switchboard
from agent.telephony.media_protocol import message
from agent.telephony.recorded_caller import RecordedCaller
from agent.web.loop_lag import EVERY_S, LoopLag
from agent.web.metrics import Bounded, Metrics
from agent.web.monitoring import may_read
from agent.web.server import RunningServer
from tests.conftest import CALLS, ROOT

START = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
MACHINE = {"process_resident_memory_bytes", "process_open_fds", "permanence_tasks"}
NUMBER = "0639981234"

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Figures:
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(server: RunningServer) -> Figures:
    """The server's figures."""
    answer = httpx.get(f"{server.url}/metrics", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return parsed(answer.text)


def counted(metrics: Metrics) -> Figures:
    """The figures of instruments without a server."""
    return parsed(generate_latest(metrics.registry).decode())


def of(figures: Figures, name: str, **labels: str) -> float:
    """One sample, 0 if there is none."""
    return figures.get((f"permanence_{name}", frozenset(labels.items())), 0.0)


async def until(
    server: RunningServer, condition: Callable[[Figures], bool], limit_s: float = 20.0
) -> Figures:
    """Scrape until a condition holds."""
    deadline = time.monotonic() + limit_s
    while not condition(found := await asyncio.to_thread(scrape, server)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return found


HERE = {"client": "orvane", "transport": "media-socket"}


def caller(server: RunningServer, *names: str, number: str | None = NUMBER) -> RecordedCaller:
    """A recorded caller."""
    url = f"{server.url.replace('http', 'ws', 1)}/media"
    turns = [read_wav(CALLS / f"{name}.wav", TELEPHONE_RATE_HZ) for name in names]
    return RecordedCaller(url, "orvane", turns, caller=number, realtime=False)


async def test_a_call_is_counted(server: RunningServer) -> None:
    """In progress while it runs; then its end, its turns, what they took and its ticket."""
    before = scrape(server)
    placed = asyncio.create_task(caller(server, "demo-1-code", "demo-3-wifi").run())
    during = await until(server, lambda now: of(now, "calls_in_progress", **HERE) == 1)
    assert (
        of(during, "calls_started_total", **HERE) == of(before, "calls_started_total", **HERE) + 1
    )
    await placed
    after = await until(server, lambda now: of(now, "calls_in_progress", **HERE) == 0)

    def more(name: str, **labels: str) -> float:
        return of(after, name, **labels) - of(before, name, **labels)

    assert more("calls_ended_total", **HERE, ended_by="caller", outcome="handoff") == 1
    assert more("tickets_opened_total", client="orvane", urgency="normal") == 1
    line = {"transport": "media-socket"}
    assert more("call_duration_seconds_count", **line) == 1
    assert more("turns_total", **line, decision="answer") >= 1
    assert more("turns_total", **line, decision="handoff") >= 1
    for step in ("voice_to_voice", "transcription", "retrieval", "first_audio", "end_of_turn"):
        assert more(f"{step}_seconds_count", **line) >= 1, step
        assert 0 <= more(f"{step}_seconds_sum", **line) < 120  # seconds; 0 where it was foreseen
    late = await until(server, lambda now: of(now, "tickets_to_call", client="orvane") >= 1, 30)
    assert of(late, "stores_read") == 1


async def test_refused_calls_are_counted(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its reason; a client that does not exist is not named."""
    before = scrape(server)
    with monkeypatch.context() as patch, pytest.raises(CallRefusedError):
        patch.setattr(server.house.live, "limit", 0)
        await caller(server).run()
    async with connect(f"{server.url.replace('http', 'ws', 1)}/media") as socket:
        await socket.send("bonjour")
        await socket.recv()
    async with httpx.AsyncClient(base_url=server.url) as browser:
        for slug in ("orvane", "personne"):
            await browser.post(f"/api/phone/{slug}/offer", json={"type": "offer", "sdp": "x"})
    after = scrape(server)

    def more(**labels: str) -> float:
        refused = "calls_refused_total"
        return of(after, refused, **labels) - of(before, refused, **labels)

    assert more(**HERE, reason="busy") == 1
    assert more(client="", transport="media-socket", reason="bad_start") == 1
    assert more(client="", transport="browser", reason="unknown_client") == 1
    assert more(client="orvane", transport="browser", reason="bad_offer") == 1
    never = {"client": "orvane", "transport": "browser", "ended_by": "never_began"}
    assert of(after, "calls_ended_total", **never, outcome="none") == 1 + of(
        before, "calls_ended_total", **never, outcome="none"
    )
    assert "personne" not in str(after.keys())


async def test_who_rings_too_often_is_refused_and_counted(server: RunningServer) -> None:
    """From another machine a number counts, and its calls are taken five times; none leaks."""
    before, url = scrape(server), f"{server.url.replace('http', 'ws', 1)}/media"
    away = {"X-Forwarded-For": "192.0.2.7"}
    start = message("start", client="orvane", format="alaw", rate=8000, caller="+33 6 11 22 33 44")
    said = []
    for _ in range(6):
        async with connect(url, additional_headers=away) as socket:
            await socket.send(start)
            said.append(str(await socket.recv()))
            if "started" in said[-1]:
                await socket.send(message("hangup"))
            await until(server, lambda now: not any("in_progress" in name for name, _ in now))
    assert ["started" in one for one in said] == [True] * 5 + [False]
    assert '"reason":"busy"' in said[-1]
    assert "too many calls from this number" in said[-1]
    after = scrape(server)
    labels = HERE | {"reason": "caller_too_often"}
    assert of(after, "calls_refused_total", **labels) == 1 + of(
        before, "calls_refused_total", **labels
    )
    assert "11223344" not in str(after.keys())


async def test_the_service_itself(server: RunningServer) -> None:
    """Memory, descriptors, tasks, queues, the event loop's lag, what runs; a part once tried."""
    await asyncio.to_thread(httpx.get, f"{server.url}/readyz", timeout=60)
    found = await until(server, lambda now: of(now, "event_loop_lag_seconds_count") > 2)
    names = {name for name, _ in found}
    assert names >= MACHINE | {"permanence_build_info", "permanence_threads"}
    assert of(found, "calls_limit") == server.house.live.limit
    assert of(found, "event_loop_lag_worst_seconds") >= 0
    for pool in ("recogniser", "voice", "blocking"):
        assert ("permanence_work_waiting", frozenset({("pool", pool)})) in found
    assert of(found, "ready", check="database") == 1
    for status in ("available", "busy", "break", "away"):
        assert ("permanence_operators", frozenset({("status", status)})) in found
    for kind in ("email", "webhook"):
        labels = frozenset({("kind", kind), ("state", "waiting")})
        assert ("permanence_outbox_messages", labels) in found


async def test_many_scrapes_at_once(server: RunningServer) -> None:
    """Each gets its figures, whole."""
    async with httpx.AsyncClient(timeout=60) as asking:
        found = await asyncio.gather(*(asking.get(f"{server.url}/metrics") for _ in range(30)))
    assert all(of(parsed(one.text), "calls_limit") for one in found)


def test_every_name_is_listed(server: RunningServer) -> None:
    """METRICS.md has the figures of the code, neither more nor fewer."""
    listed = (ROOT / "agent" / "web" / "METRICS.md").read_text("utf-8")
    families = text_string_to_metric_families(httpx.get(f"{server.url}/metrics").text)
    names = {
        family.name for family in families
        if family.name.startswith("permanence_") and not family.name.endswith("_created")
    }  # fmt: skip
    written = {
        word.strip("`").removesuffix("_total")
        for word in listed.replace("|", " ").split() if word.startswith("`permanence_")
    }  # fmt: skip
    assert {name.removesuffix("_info") for name in names} == {
        name.removesuffix("_info") for name in written
    }


# --- who may read ------------------------------------------------------------------------------


def test_strangers_read_nothing(server: RunningServer) -> None:
    """Through a proxy, or for another site's page, there is nothing to see."""
    for headers in ({"X-Forwarded-For": "192.0.2.7"}, {"Host": "service.example"}):
        answer = httpx.get(f"{server.url}/metrics", headers=headers)
        assert answer.status_code == 403
        assert "permanence_" not in answer.text
        told = httpx.get(f"{server.url}/readyz", headers=headers, timeout=60).json()
        assert told.keys() == {"status"}


@pytest.mark.parametrize(
    ("token", "peer", "headers", "may"),
    [
        ("", "127.0.0.1", {}, True),
        ("", "::1", {"host": "[::1]:8080"}, True),
        ("", "127.0.0.1", {"host": "localhost:8080"}, True),
        ("", "192.0.2.7", {}, False),
        ("", "127.0.0.1", {"host": "service.example"}, False),
        ("", "127.0.0.1", {"host": "127.0.0.1.service.example"}, False),
        ("", "127.0.0.1", {"host": ""}, False),
        ("", "127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("", "127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("", "127.0.0.1", {"x-real-ip": "127.0.0.1"}, False),
        ("", "", {}, False),
        ("", "127.0.0.1", {"authorization": "Bearer "}, True),
        ("jeton", "127.0.0.1", {}, False),
        ("jeton", "192.0.2.7", {"authorization": "Bearer jeton"}, True),
        ("jeton", "192.0.2.7", {"authorization": "bearer jeton"}, True),
        ("jeton", "192.0.2.7", {"authorization": "Bearer jetons"}, False),
        ("jeton", "192.0.2.7", {"authorization": "Basic jeton"}, False),
        ("jeton", "192.0.2.7", {"authorization": "jeton"}, False),
        ("jeton", "192.0.2.7", {"authorization": "Bearer é"}, False),
    ],
)
def test_who_may_read(token: str, peer: str, headers: dict[str, str], may: bool) -> None:
    """This machine, where no token is set; else who has it."""
    given = {"host": "127.0.0.1:8080"} | headers
    scope = {
        "type": "http", "client": (peer, 4711) if peer else None,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
    }  # fmt: skip
    assert may_read(Request(scope), token) is may


# --- the instruments ---------------------------------------------------------------------------


def test_two_servers_count_apart() -> None:
    """No registry is shared."""
    one, other = Metrics(), Metrics()
    one.refused("busy", "browser", "acme")
    labels = {"client": "acme", "transport": "browser", "reason": "busy"}
    assert of(counted(one), "calls_refused_total", **labels) == 1
    assert of(counted(other), "calls_refused_total", **labels) == 0


def test_what_a_record_holds_is_counted() -> None:
    """Timings in seconds, interruptions, anomalies; an operator's turns are not the agent's."""
    metrics, asking = Metrics(), Asking("acme", "asterisk", "0639981234")
    brief = Brief("…", None, None, "", "human", (), ())
    record = CallRecord(
        "c-1", "acme", START, transport="asterisk", ended_at=START + timedelta(seconds=61),
        ended_by="agent", outcome="handoff", handoff=Handoff("T-1", "urgent", brief),
        anomalies={"garbage": 3, "failed_save": 1},
        turns=[
            Turn("", "Bonjour.", interrupted=True),
            Turn("E20", "C'est la vidange.", "answer",
                 timings_ms=TurnTimings(voice_to_voice=1150.0, transcription=240.0)),
            Turn("Je veux quelqu'un", "Oui.", "handoff", timings_ms=TurnTimings(retrieval=0.0)),
            Turn("Bonjour", "Bonjour.", by="operator", interrupted=True),
        ],
    )  # fmt: skip
    metrics.taken("c-1", asking)
    metrics._in_progress["c-1"] = record
    metrics.left("c-1", asking)
    metrics.taken("c-2", asking)
    metrics.left("c-2", asking)  # its session never began
    found, line = counted(metrics), {"transport": "asterisk"}
    ended = {"client": "acme", **line}
    assert of(found, "calls_started_total", **ended) == 2
    assert of(found, "calls_ended_total", **ended, ended_by="agent", outcome="handoff") == 1
    assert of(found, "calls_ended_total", **ended, ended_by="never_began", outcome="none") == 1
    assert of(found, "call_duration_seconds_sum", **line) == 61
    assert of(found, "turns_total", **line, decision="answer") == 1
    assert of(found, "turns_total", **line, decision="handoff") == 1
    assert of(found, "turns_total", **line, decision="social") == 0
    assert of(found, "barge_ins_total", **line) == 1
    assert of(found, "anomalies_total", **line, anomaly="garbage") == 3
    assert of(found, "voice_to_voice_seconds_bucket", **line, le="1.1") == 0
    assert of(found, "voice_to_voice_seconds_bucket", **line, le="1.3") == 1
    assert of(found, "transcription_seconds_sum", **line) == pytest.approx(0.24)
    assert of(found, "retrieval_seconds_count", **line) == 1
    assert of(found, "first_audio_seconds_count", **line) == 0
    assert of(found, "tickets_opened_total", client="acme", urgency="urgent") == 1
    assert metrics._in_progress == {}
    assert NUMBER not in str(found.keys())


async def test_handoffs_are_counted_by_state() -> None:
    """Rung, declined by one, accepted by another; the ring is measured; then it is over."""
    metrics, kept = Metrics(), []
    keeping = Keeping(kept.append)
    board = Switchboard(keeping)
    with keeping.watched(metrics.handed):
        for name in ("anne", "bea"):
            board.sign_on(Operator(name, name))
            board.set_status(name, "available")
        brief = Brief("…", None, None, "", "human", (), ())
        transfer = board.ring(RingRequest("acme", "c-1", "T-1", brief), lambda _: None)
        assert transfer is not None
        board.decline(transfer.handoff_id, "anne")
        await asyncio.sleep(0.05)
        assert board.accept(transfer.handoff_id, "bea")
        board.abandon(transfer, "caller")
    board.sign_off("anne")
    found = counted(metrics)
    states = {"requested": 1, "ringing": 1, "accepted": 1, "connected": 0, "abandoned": 1}
    for state, times in states.items():
        assert of(found, "handoffs_total", client="acme", state=state) == times, state
    assert of(found, "operator_declines_total", client="acme") == 1
    assert of(found, "ring_to_accept_seconds_count", client="acme") == 1
    assert 0.04 < of(found, "ring_to_accept_seconds_sum", client="acme") < 5
    assert isinstance(kept[-1], HandoffRecord)


def test_labels_are_bounded() -> None:
    """What comes after the first few is one value."""
    bounded = Bounded(3)
    assert [bounded(value) for value in "abcdabz"] == ["a", "b", "c", "other", "a", "b", "other"]
    metrics = Metrics()
    for number in range(2000):
        metrics.refused("busy", "browser", f"client-{number}")
    series = [name for name, _ in counted(metrics) if name == "permanence_calls_refused_total"]
    assert len(series) <= 501


async def test_the_loops_lag_is_measured() -> None:
    """A loop that stood still is seen, and forgotten after a while."""
    seen: list[float] = []
    lag = LoopLag(seen.append)
    assert lag.worst_s() == 0
    assert lag.silent_s == float("inf")
    looking = asyncio.create_task(lag.run())
    await asyncio.sleep(0.05)
    assert lag.silent_s < EVERY_S  # who asks at once is not told that it stands still
    time.sleep(EVERY_S + 0.4)  # noqa: ASYNC251  # as a careless callback would
    await asyncio.sleep(0.05)
    assert seen[0] > 0.3
    assert lag.worst_s() == max(seen)
    assert lag.silent_s < 1
    await asyncio.sleep(2 * EVERY_S)
    assert lag.worst_s(0.1) < 0.3
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
