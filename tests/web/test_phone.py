"""The browser telephone in a real Chromium, against a real server with real models."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
from aiortc import RTCPeerConnection
from selenium import webdriver

from agent.audio import Samples, write_wav
from agent.call.record import CallRecord
from agent.telephony import browser as line
from agent.web.phone import BAD_OFFER, BUSY, NO_LINE, BrowserCalls
from agent.web.server import RunningServer
from voices.french import sentences, speakable
from voices.prompts import prompt

T = TypeVar("T")
OpenBrowser = Callable[..., webdriver.Chrome]
RATE_HZ = line.RATE_OUT_HZ
QUESTION = "Bonjour, mon lave-linge affiche le code E vingt. Que dois-je faire ?"
AFTER_GREETING_S = 3.0
PAGE_14 = "lave-linge-lv450.pdf, page 14"


def run(server: RunningServer, work: Coroutine[Any, Any, T]) -> T:
    """Run something in the server's event loop."""
    return asyncio.run_coroutine_threadsafe(work, server.loop).result(timeout=60)


def wait_for(what: Callable[[], T], limit_s: float, name: str) -> T:
    """Wait until something is true; returns it."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    pytest.fail(f"not within {limit_s} s: {name}")


def text(driver: webdriver.Chrome, element: str) -> str:
    """The visible text of an element, no-break spaces as spaces."""
    shown = driver.find_element("id", element).text
    return shown.replace("\u202f", " ").replace("\u00a0", " ")


def press(driver: webdriver.Chrome) -> None:
    """Press the big button."""
    driver.find_element("id", "call").click()


def call_of(server: RunningServer) -> str:
    """The identifier of the call in progress."""

    async def look() -> str:
        return next(iter(server.house.live._calls), "")

    return wait_for(lambda: run(server, look()), 5, "a call in progress")


def record_of(server: RunningServer, call_id: str, limit_s: float = 10) -> CallRecord:
    """The record of a call, once it is over and its place free."""
    wait_for(lambda: len(server.house.live) == 0, limit_s, "the line is free")
    record = server.house.calls.load(call_id)
    assert record.ended_at is not None
    return record


def noisy(*parts: Samples) -> Samples:
    """Parts in a row over the faint noise of a real microphone."""
    joined = np.concatenate(parts)
    noise = np.random.default_rng(14).normal(0, 12, joined.size)
    return np.clip(joined + noise, -32768, 32767).astype(np.int16)


def silence(seconds: float) -> Samples:
    """So many seconds of nothing."""
    return np.zeros(int(seconds * RATE_HZ), np.int16)


@pytest.fixture(scope="module")
def sounds(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Microphones: "quiet", and "question" after the greeting; the greeting is now in memory."""

    async def say(words: str) -> Samples:
        voice = server.house.services.voice
        return np.concatenate([await voice.speak(speakable(s), RATE_HZ) for s in sentences(words)])

    greeting_s = run(server, say(prompt("greeting", brand="Orvane"))).size / RATE_HZ
    folder = tmp_path_factory.mktemp("microphone")
    files = {"quiet": folder / "quiet.wav", "question": folder / "question.wav"}
    write_wav(files["quiet"], RATE_HZ, noisy(silence(60)))
    before = silence(greeting_s + AFTER_GREETING_S)
    question = noisy(before, run(server, say(QUESTION)), silence(60))
    write_wav(files["question"], RATE_HZ, question)
    return files


@pytest.fixture(scope="module")
def quiet_browser(open_browser: OpenBrowser, sounds: dict[str, Path]) -> webdriver.Chrome:
    """A browser whose caller says nothing."""
    return open_browser(sounds["quiet"])


@pytest.fixture(autouse=True)
def line_is_free(server: RunningServer) -> Iterator[None]:
    """No test leaves a call to the next one, even when it fails."""
    yield

    async def hang_up() -> None:
        calls = [t for t in asyncio.all_tasks() if t.get_name().startswith("browser call")]
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    run(server, hang_up())


def test_a_question_is_asked_and_answered(
    server: RunningServer, open_browser: OpenBrowser, sounds: dict[str, Path]
) -> None:
    """The page shows the caller's words and the answer with its page; the voice is heard."""
    driver = open_browser(sounds["question"])
    driver.get(f"{server.url}/phone/orvane")
    assert "Vous parlez à un assistant automatique." in driver.page_source
    press(driver)
    assert text(driver, "call-label") == "Raccrocher"
    call_id = call_of(server)
    greeted = "Bonjour, ici l'assistant automatique Orvane."
    wait_for(lambda: greeted in text(driver, "transcript"), 10, "the greeting")
    wait_for(lambda: text(driver, "state") == "L'assistant parle", 3, "the agent speaks")
    wait_for(lambda: PAGE_14 in text(driver, "transcript"), 45, PAGE_14)
    wait_for(lambda: text(driver, "state") == "Je vous écoute", 5, "the agent listens")
    spoken = text(driver, "transcript")
    assert spoken.index("Vous\n") < spoken.index("code", spoken.index("Vous\n"))
    assert received_energy(driver) > 0.1

    press(driver)
    assert text(driver, "state") == "Appel terminé"
    record = record_of(server, call_id)
    assert (record.transport, record.ended_by, record.outcome) == ("browser", "caller", "answered")
    assert record.anomalies == {}
    asked = record.turns[1]
    assert asked.heard.replace(" ", "") in spoken.replace(" ", "")
    assert (asked.evidence[0].manual, asked.evidence[0].page) == ("lave-linge-lv450.pdf", 14)


def received_energy(driver: webdriver.Chrome) -> float:
    """Energy of the voice that the page received; 0 for silence (W3C webrtc-stats)."""
    script = """
    const done = arguments[0];
    peers.at(-1).getStats().then((stats) => done(
      [...stats.values()].find((s) => s.type === "inbound-rtp").totalAudioEnergy));
    """
    return float(driver.execute_async_script(script))


def test_a_key_asks_for_a_person_and_a_closed_tab_ends_the_call(
    server: RunningServer, quiet_browser: webdriver.Chrome
) -> None:
    """0 on the keyboard is a key of the telephone; closing the tab is hanging up."""
    first = quiet_browser.current_window_handle
    quiet_browser.switch_to.new_window("tab")
    quiet_browser.get(f"{server.url}/phone/orvane")
    press(quiet_browser)
    call_id = call_of(server)
    wait_for(lambda: "Bonjour" in text(quiet_browser, "transcript"), 10, "the greeting")
    quiet_browser.find_element("tag name", "body").send_keys("0")
    noted = "Bien sûr, j'ai noté votre demande."
    wait_for(lambda: noted in text(quiet_browser, "transcript"), 20, noted)
    quiet_browser.close()
    quiet_browser.switch_to.window(first)
    record = record_of(server, call_id)
    assert (record.ended_by, record.outcome) == ("caller", "handoff")


def test_the_agent_hangs_up(
    server: RunningServer, quiet_browser: webdriver.Chrome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call at its longest duration ends with words, on the page too."""
    short = replace(server.house.services, max_call_s=1.0)
    monkeypatch.setattr(server.house, "services", short)
    quiet_browser.get(f"{server.url}/phone/orvane")
    press(quiet_browser)
    call_id = call_of(server)
    wait_for(lambda: text(quiet_browser, "state") == "Appel terminé", 30, "the end")
    assert "Au revoir." in text(quiet_browser, "transcript")
    assert text(quiet_browser, "trouble") == ""
    assert record_of(server, call_id).ended_by == "limit"


def test_a_browser_that_dies_ends_the_call(
    server: RunningServer,
    open_browser: OpenBrowser,
    sounds: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A killed browser says no goodbye: its silence ends the call."""
    monkeypatch.setattr(line, "SILENT_LINE_S", 2.0)
    driver = open_browser(sounds["quiet"])
    driver.get(f"{server.url}/phone/orvane")
    press(driver)
    call_id = call_of(server)
    wait_for(lambda: "Bonjour" in text(driver, "transcript"), 10, "the greeting")
    for process in psutil.Process(driver.service.process.pid).children(recursive=True):
        process.kill()
    assert record_of(server, call_id).ended_by == "caller"


def test_a_busy_line_is_said_to_be_busy(
    server: RunningServer, quiet_browser: webdriver.Chrome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call beyond the limit is refused before it is taken, and leaves the others alone."""
    monkeypatch.setattr(server.house.live, "limit", 1)
    quiet_browser.get(f"{server.url}/phone/orvane")
    with ExitStack() as held:

        async def hold() -> None:
            held.enter_context(server.house.live.admit("other"))

        run(server, hold())
        press(quiet_browser)
        wait_for(lambda: text(quiet_browser, "trouble") == BUSY, 10, BUSY)
        assert text(quiet_browser, "state") == "L'appel n'a pas abouti"
        assert text(quiet_browser, "call-label") == "Appeler"
        assert len(server.house.live) == 1


def test_a_refused_microphone_is_explained(
    server: RunningServer, open_browser: OpenBrowser
) -> None:
    """Without the microphone no call is placed, and the page says what to do."""
    driver = open_browser(refused=True)
    driver.get(f"{server.url}/phone/orvane")
    press(driver)
    wait_for(lambda: text(driver, "trouble").startswith("Autorisez le micro"), 10, "the sentence")
    assert len(server.house.live) == 0


def test_a_server_that_is_gone_is_said_to_be_gone(
    server: RunningServer, quiet_browser: webdriver.Chrome
) -> None:
    """A page whose server does not answer says so."""
    quiet_browser.get(f"{server.url}/phone/orvane")
    quiet_browser.execute_script("window.fetch = () => Promise.reject(new TypeError('gone'));")
    press(quiet_browser)
    wait_for(
        lambda: text(quiet_browser, "trouble").startswith("Le serveur ne répond pas"), 10, "it"
    )


def test_the_lines_are_listed(server: RunningServer) -> None:
    """The first page leads to each client's telephone and takes nothing from elsewhere."""
    page = httpx.get(server.url)
    assert "href='/phone/orvane'" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_an_unknown_client_is_answered_in_french(server: RunningServer) -> None:
    """A wrong address is said to be wrong, on the page and at the door."""
    page = httpx.get(f"{server.url}/phone/nobody")
    assert (page.status_code, NO_LINE in page.text.replace("&#x27;", "'")) == (404, True)
    door = httpx.post(f"{server.url}/api/phone/nobody/offer", json=offer("v=0\r\n"))
    assert (door.status_code, door.json()) == (404, {"message": NO_LINE})


def offer(sdp: str) -> dict[str, str]:
    """The body that the page posts."""
    return {"sdp": sdp, "type": "offer"}


VIDEO = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"sdp": "v=0"}',
        b'{"sdp": "v=0", "type": "answer"}',
        b'{"sdp": "", "type": "offer"}',
        b'{"sdp": "m=audio", "type": "offer"}',
        b'{"sdp": "\xff", "type": "offer"}',
        b'{"sdp": "' + VIDEO.encode().replace(b"\r\n", b"\\r\\n") + b'", "type": "offer"}',
        b'{"sdp": "' + b"x" * 70_000 + b'", "type": "offer"}',
    ],
    ids=[
        "nothing",
        "cut",
        "list",
        "untyped",
        "answer",
        "empty",
        "cut-sdp",
        "bytes",
        "video",
        "long",
    ],
)
def test_a_bad_offer_is_refused(server: RunningServer, body: bytes) -> None:
    """Whatever is posted, the answer is one sentence and no place is kept."""
    door = httpx.post(f"{server.url}/api/phone/orvane/offer", content=body)
    assert (door.status_code, door.json()) == (400, {"message": BAD_OFFER})
    assert len(server.house.live) == 0


async def audio_offer() -> str:
    """A good offer of a peer that then does nothing."""
    peer = RTCPeerConnection()
    peer.addTransceiver("audio")
    await peer.setLocalDescription(await peer.createOffer())
    sdp = str(peer.localDescription.sdp)
    await peer.close()
    return sdp


def test_a_peer_that_never_connects_is_let_go(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answered offer holds its place for a few seconds, not for good."""
    monkeypatch.setattr(line, "CONNECT_LIMIT_S", 1.0)
    body = offer(run(server, audio_offer()))
    door = httpx.post(f"{server.url}/api/phone/orvane/offer", json=body)
    assert door.status_code == 200
    record = record_of(server, door.json()["call_id"])
    assert (record.ended_by, record.turns) == ("caller", [])


def test_a_stopping_server_saves_its_browser_calls(server: RunningServer) -> None:
    """Calls are ended and their records kept before the application is gone."""

    async def stop() -> str:
        calls = BrowserCalls(server.house)
        client = await asyncio.to_thread(server.house.clients.get, "orvane")
        call_id, answer = await calls.take(client, await audio_offer())
        assert answer.startswith("v=0")
        await asyncio.sleep(0.5)
        await calls.close()
        return call_id

    assert record_of(server, run(server, stop()), 0.1).ended_by == "server"
