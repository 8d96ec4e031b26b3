"""Callers are handed to an operator: two real browsers, real audio both ways, real models."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agent.audio import Samples, write_wav
from agent.call.moves import Phase
from agent.call.record import CallRecord
from agent.settings import Settings
from agent.telephony import browser as line
from agent.web.server import RunningServer, running_server
from voices.french import sentences, speakable
from voices.prompts import prompt

T = TypeVar("T")
OpenBrowser = Callable[..., webdriver.Chrome]
RATE_HZ = line.RATE_OUT_HZ
EMAIL, PASSWORD = "poste@orvane.example", "un-mot-de-passe-long"
ASKS = "Je voudrais parler à un conseiller, s'il vous plaît."
TELLS = "Mon lave-linge affiche le code E vingt depuis ce matin."
GREETS = "Bonjour, ici le service après-vente, racontez-moi tout."

LISTEN = """
const peer = window.peers.at(-1);
const [receiver] = peer.getReceivers();
window.ear = {context: new AudioContext({sampleRate: 16000}), heard: []};
const source = window.ear.context.createMediaStreamSource(new MediaStream([receiver.track]));
const tap = window.ear.context.createScriptProcessor(4096, 1, 1);
tap.onaudioprocess = ({inputBuffer}) =>
  window.ear.heard.push(inputBuffer.getChannelData(0).slice());
source.connect(tap); tap.connect(window.ear.context.destination);
"""
ACCEPTED = prompt("operator_accepted")
HEARD = """
const all = window.ear.heard.flatMap(block => Array.from(block));
const samples = Int16Array.from(all, x => Math.max(-1, Math.min(1, x)) * 32767);
const bytes = new Uint8Array(samples.buffer);
let text = ""; for (let at = 0; at < bytes.length; at += 8192)
  text += String.fromCharCode(...bytes.subarray(at, at + 8192));
return btoa(text);
"""


def run(server: RunningServer, work: Coroutine[Any, Any, T]) -> T:
    """Run something in the server's event loop."""
    return asyncio.run_coroutine_threadsafe(work, server.loop).result(timeout=60)


def wait_for(what: Callable[[], T], limit_s: float, name: str) -> T:
    """Wait until something is true; returns it."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        try:
            if found := what():
                return found
        except Exception:
            pass
        time.sleep(0.05)
    pytest.fail(f"not within {limit_s} s: {name}")


def silence(seconds: float) -> Samples:
    """So many seconds of nothing."""
    return np.zeros(int(seconds * RATE_HZ), np.int16)


def noisy(*parts: Samples) -> Samples:
    """Parts in a row over the faint noise of a real microphone."""
    joined = np.concatenate(parts)
    noise = np.random.default_rng(14).normal(0, 12, joined.size)
    return np.clip(joined + noise, -32768, 32767).astype(np.int16)


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[RunningServer]:
    """A server of this module's own: NiceGUI serves the loop that was started last."""
    with running_server(settings) as running:
        yield running


@dataclass
class Microphones:
    """WAV files that browsers hear."""

    caller: Path
    operator: Path


@pytest.fixture(scope="module")
def microphones(server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Microphones:
    """A caller who asks for somebody and then tells; an operator who greets after a while."""

    async def say(words: str) -> Samples:
        voice = server.house.services.voice
        return np.concatenate([await voice.speak(speakable(s), RATE_HZ) for s in sentences(words)])

    greeting = run(server, say(prompt("greeting", brand="Orvane")))
    folder = tmp_path_factory.mktemp("microphones")
    made = Microphones(folder / "caller.wav", folder / "operator.wav")
    asks, tells, greets = (run(server, say(words)) for words in (ASKS, TELLS, GREETS))
    before = silence(greeting.size / RATE_HZ + 3)
    write_wav(made.caller, RATE_HZ, noisy(before, asks, silence(20), tells, silence(90)))
    write_wav(made.operator, RATE_HZ, noisy(silence(6), greets, silence(4), greets, silence(90)))
    return made


@pytest.fixture(scope="module")
def operator(server: RunningServer) -> Iterator[str]:
    """An operator's address; they work for every client."""
    server.house.users.add(EMAIL, "Poste un", "operator", PASSWORD, clients=("*",))
    yield EMAIL


@pytest.fixture
def console(
    server: RunningServer, open_browser: OpenBrowser, microphones: Microphones, operator: str
) -> webdriver.Chrome:
    """A signed-in operator's console, available."""
    driver = open_browser(microphones.operator)
    driver.set_window_size(1366, 768)
    driver.get(f"{server.url}/console/")
    driver.find_element(By.NAME, "email").send_keys(operator)
    driver.find_element(By.NAME, "password").send_keys(PASSWORD, Keys.ENTER)

    def available() -> bool:
        driver.find_element(By.CSS_SELECTOR, ".status .available").click()
        time.sleep(0.3)
        return server.house.switchboard.free("orvane") > 0

    wait_for(available, 10, "the operator is there")
    return driver


def screen(driver: webdriver.Chrome, name: str) -> None:
    """Keep a screenshot."""
    folder = Path("out/screens")
    folder.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(str(folder / f"{name}.png"))


def heard_in(server: RunningServer, driver: webdriver.Chrome) -> str:
    """The words that a browser has received, as the recogniser hears them, piece by piece."""
    pcm = base64.b64decode(driver.execute_script(HEARD))
    samples = np.frombuffer(pcm, "<i2")
    assert samples.size > 16000
    words = []
    for start in range(0, samples.size, 5 * 16000):
        piece = samples[start : start + 8 * 16000]
        found = run(server, server.house.services.transcriber.transcribe(piece, 16000))
        words.append(found.text.casefold())
    return " ".join(words)


def test_a_caller_is_handed_over(
    server: RunningServer, open_browser: OpenBrowser, console: webdriver.Chrome,
    microphones: Microphones,
) -> None:  # fmt: skip
    """It rings, is accepted by a key; each hears the other, the agent is silent, all is kept."""
    caller = open_browser(microphones.caller)
    caller.get(f"{server.url}/phone/orvane")
    caller.find_element("id", "call").click()
    wait_for(lambda: console.find_element(By.CSS_SELECTOR, ".incoming"), 30, "the console rings")
    (transfer,) = server.house.switchboard.transfers()
    screen(console, "ringing")
    caller.execute_script(LISTEN)
    console.switch_to.active_element.send_keys("a")  # « Disponible » was clicked last
    wait_for(lambda: transfer.record.state == "connected", 10, "they are connected")
    console.execute_script(LISTEN)
    call = server.house.live.shown()[0]
    turns = call.record.turns
    wait_for(lambda: [t for t in turns if t.by == "operator"], 25, "the operator is heard")
    wait_for(lambda: "code" in " ".join(t.heard for t in turns), 40, "the caller is heard")
    wait_for(lambda: "code" in console.find_element(By.CSS_SELECTOR, ".transcript").text, 2, "seen")
    screen(console, "connected")
    assert "service" in heard_in(server, caller)
    assert "matin" in heard_in(server, console)
    assert "Le conseiller" in caller.find_element("id", "transcript").text
    console.find_element(By.TAG_NAME, "body").send_keys("t")
    wait_for(lambda: not server.house.live.shown(), 20, "the call is over")
    record: CallRecord = server.house.calls.load(call.record.call_id)
    joined = next(at for at, t in enumerate(record.turns) if t.said == ACCEPTED)
    talk = record.turns[joined + 1 : -1]
    assert {t.by for t in talk if t.said} == {"operator"}  # the agent said nothing
    assert record.turns[-1].said == prompt("goodbye")
    assert record.handoff is not None
    (handoff,) = server.house.handoffs.of_call(record.call_id)
    assert [passage.state for passage in handoff.history] == [
        "requested", "ringing", "accepted", "connected", "finished",
    ]  # fmt: skip
    ticket = wait_for(
        lambda: (t := server.house.tickets.get(str(handoff.ticket_id))).status == "done" and t,
        5, "the ticket is closed",
    )  # fmt: skip
    assert ticket.taken_by == handoff.operator


@pytest.mark.parametrize(
    ("key", "says", "status"),
    [("r", "returned_unknown", "new"), ("g", "operator_settled", "done")],
)
def test_given_back_with_a_word_on_the_request(
    server: RunningServer, open_browser: OpenBrowser, console: webdriver.Chrome,
    microphones: Microphones, key: str, says: str, status: str,
) -> None:  # fmt: skip
    """The operator says whether it is settled; the agent says so, and the request stands so."""
    caller = open_browser(microphones.caller)
    caller.get(f"{server.url}/phone/orvane")
    caller.find_element("id", "call").click()
    wait_for(lambda: console.find_element(By.CSS_SELECTOR, ".incoming"), 30, "the console rings")
    (transfer,) = server.house.switchboard.transfers()
    console.switch_to.active_element.send_keys("a")
    call = server.house.live.shown()[0]
    wait_for(lambda: call.joined, 20, "they hear one another")
    names = wait_for(
        lambda: [b.text for b in console.find_elements(By.CSS_SELECTOR, ".head .actions button")],
        5, "what the operator may do",
    )  # fmt: skip
    assert [name for name in names if name.startswith("Rendre")] == [
        "Rendre, à rappeler (R)", "Rendre, réglé (G)",
    ]  # fmt: skip
    console.find_element(By.TAG_NAME, "body").send_keys(key)
    wait_for(lambda: prompt(says) in call.record.turns[-1].said, 12, "the agent says so")
    caller.find_element("id", "call").click()
    wait_for(lambda: not server.house.live.shown(), 20, "the call is over")
    (handoff,) = server.house.handoffs.of_call(call.record.call_id)
    assert handoff.history[-1].why == ("returned" if key == "r" else "settled")
    assert server.house.tickets.get(str(transfer.request.ticket_id)).status == status


def test_the_page_of_the_manual_is_shown(
    server: RunningServer, open_browser: OpenBrowser, console: webdriver.Chrome,
    microphones: Microphones, tmp_path: Path,
) -> None:  # fmt: skip
    """A call that is watched shows what it stands on, drawn, with its passage marked."""

    async def say(words: str) -> Samples:
        voice = server.house.services.voice
        return np.concatenate([await voice.speak(speakable(s), RATE_HZ) for s in sentences(words)])

    greeting = run(server, say(prompt("greeting", brand="Orvane")))
    asks = run(server, say("Mon lave-linge affiche le code E vingt. Que dois-je faire ?"))
    wav = tmp_path / "asks.wav"
    write_wav(wav, RATE_HZ, noisy(silence(greeting.size / RATE_HZ + 3), asks, silence(60)))
    caller = open_browser(wav)
    caller.get(f"{server.url}/phone/orvane")
    caller.find_element("id", "call").click()
    wait_for(lambda: console.find_element(By.CSS_SELECTOR, "button.live"), 10, "it is listed")
    wait_for(
        lambda: console.find_element(By.CSS_SELECTOR, "button.live").click() or True, 5, "chosen"
    )
    picture = wait_for(
        lambda: console.find_element(By.CSS_SELECTOR, ".page img"), 40, "the page is shown"
    )
    width = wait_for(
        lambda: console.execute_script("return arguments[0].naturalWidth", picture), 10, "drawn"
    )
    assert width == 900
    time.sleep(1)
    screen(console, "evidence")
    caller.find_element("id", "call").click()
    wait_for(lambda: not server.house.live.shown(), 20, "the call is over")


def test_taken_over_reloaded_and_given_back(
    server: RunningServer, open_browser: OpenBrowser, console: webdriver.Chrome,
    microphones: Microphones, tmp_path: Path,
) -> None:  # fmt: skip
    """Unasked, by a click; the page may be reloaded; « R » gives the caller back to the agent."""
    wav = tmp_path / "quiet.wav"
    write_wav(wav, RATE_HZ, noisy(silence(120)))
    caller = open_browser(wav)
    caller.get(f"{server.url}/phone/orvane")
    caller.find_element("id", "call").click()

    def taken() -> bool:
        console.find_element(By.CSS_SELECTOR, "button.live").click()
        time.sleep(0.4)
        console.find_element(By.XPATH, '//button[contains(., "Prendre l\'appel")]').click()
        return True

    wait_for(taken, 15, "it can be taken")
    (transfer,) = wait_for(server.house.switchboard.transfers, 5, "it is taken")
    wait_for(lambda: transfer.record.state == "connected", 10, "they are connected")
    call = server.house.live.shown()[0]
    wait_for(lambda: call.joined, 20, "they hear one another")
    assert prompt("taken_over") in [t.said for t in call.record.turns]
    before = transfer.leg
    console.refresh()
    wait_for(lambda: transfer.leg is not None and transfer.leg is not before, 15, "back again")
    wait_for(lambda: call.joined, 20, "they hear one another again")
    assert transfer.record.state == "connected"
    time.sleep(0.5)
    console.find_element(By.TAG_NAME, "body").send_keys("r")
    wait_for(lambda: call.state.phase is Phase.LISTENING, 10, "the agent has the caller back")
    wait_for(lambda: prompt("operator_returned") in call.record.turns[-1].said, 12, "it says so")
    assert server.house.switchboard.free("orvane") == 1
    caller.find_element("id", "call").click()
    wait_for(lambda: not server.house.live.shown(), 20, "the call is over")
