"""A manual of 60 pages is published beside two calls: `permanence eval publishing`.

Two callers ask the demo client's line one question after the other, first alone, then while another
client's manager sends a manual of 60 pages over HTTP, has it prepared and publishes it, again and
again until the callers have asked as much. Server and models are the real ones; the callers are a
process of their own.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import httpx
import numpy as np
import pypdfium2

from agent.audio import Samples
from agent.settings import Settings
from agent.web.auth import COOKIE
from agent.web.portal.manuals.listed import POLL_S
from agent.web.server import RunningServer, running_server
from evals.calls import Asking, Findings, add, questions
from evals.handover_stage import home_in
from evals.questions import DATA
from evals.spoken_clips import spoken

PAGES = 60
SOURCES = ("nordalec/lave-vaisselle-nd945.pdf", "nordalec/cave-a-vin-ncv38.pdf",
           "hestaline/refrigerateur-hrc340.pdf", "hestaline/plaque-hpi604.pdf")  # fmt: skip
CLIENT, EMAIL = "hestaline", "gerante@hestaline.example"
CALLERS = 2
TURNS_A_CALL = 6
APART_S = 1.7
"""Between the two callers' first words: they do not speak in step."""

PROGRESS_S, LIVE_S, RATIO = 1.0, 60.0, 1.2
"""What is aimed at: first progress, in service, p95 beside p95 before."""


@dataclass
class Published:
    """One manual, from the first byte sent; seconds.

    Attributes:
        received: The server has it whole.
        progress: A page of the portal shows that it is being worked on.
        page: The first page of it has been read.
        ready: It is in the draft.
        live: It is published, and callers are answered from it.
    """

    received: float = 0.0
    progress: float = 0.0
    page: float = 0.0
    ready: float = 0.0
    live: float = 0.0


@dataclass
class Figures:
    """What was measured."""

    before: Findings = field(default_factory=Findings)
    during: Findings = field(default_factory=Findings)
    manuals: list[Published] = field(default_factory=list)
    passages: int = 0

    def report(self) -> str:
        """Lines of text."""
        told = [f"{'':14}{'median':>8}{'p95':>8}{'max':>8}{'turns':>7}   (ms, voice to voice)"]
        for name, found in (("before", self.before), ("during", self.during)):
            times = found.voice_to_voice
            median, p95 = np.percentile(times, (50, 95))
            told.append(f"{name:14}{median:8.0f}{p95:8.0f}{max(times):8.0f}{len(times):7d}")
        one, other = (
            np.percentile(found.voice_to_voice, (50, 95)) for found in (self.before, self.during)
        )
        told.append(
            f"ratio: median {other[0] / one[0]:.2f}, p95 {other[1] / one[1]:.2f} (at most {RATIO})"
        )
        told.append(f"{PAGES} pages, {self.passages} passages, {len(self.manuals)} times; seconds:")
        for name in ("received", "progress", "page", "ready", "live"):
            values = [getattr(manual, name) for manual in self.manuals]
            aim = {"progress": f" (at most {PROGRESS_S:g})", "live": f" (at most {LIVE_S:g})"}
            told.append(f"  {name:10} {' '.join(f'{v:.2f}' for v in values)}{aim.get(name, '')}")
        return "\n".join(told)


def run(settings: Settings, turns: int) -> Figures:
    """Measure with so many turns of each caller before, and as many during (blocks)."""
    lines = questions()
    clips = [spoken(settings, lines)[line] for line in lines]
    found = Figures()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        manual = sixty_pages(Path(folder) / "notice-60.pdf")
        with running_server(home_in(home, settings, min_free_mb=0)) as server:
            browser = _manager(server)
            found.before = _callers(server.url, clips, turns)
            over = threading.Event()
            worker = threading.Thread(
                target=_publish_on, args=(server, browser, manual, found, over), name="manager"
            )
            worker.start()
            try:
                found.during = _callers(server.url, clips, turns)
            finally:
                over.set()
                worker.join()
                browser.close()
    return found


def sixty_pages(target: Path) -> Path:
    """A PDF of 60 pages, put together from manuals of the evaluation brands."""
    whole = pypdfium2.PdfDocument.new()
    for name in SOURCES:
        with pypdfium2.PdfDocument(DATA / "manuals" / name) as source:
            count = min(len(source), PAGES - len(whole))
            whole.import_pages(source, list(range(count)))
    whole.save(target)
    whole.close()
    return target


def _manager(server: RunningServer) -> httpx.Client:
    """The browser of a manager of another client than the one that is called."""
    house = server.house
    house.clients.add(CLIENT, "Hestaline")
    user = house.users.add(EMAIL, "Gérante", "manager", "un-mot-de-passe-long", clients=(CLIENT,))
    token = house.sessions.open(user.id, datetime.now(UTC))
    headers = {"Sec-Fetch-Site": "same-origin"}
    return httpx.Client(base_url=server.url, cookies={COOKIE: token}, headers=headers, timeout=60)


def _publish_on(
    server: RunningServer, browser: httpx.Client, file: Path, found: Figures, over: threading.Event
) -> None:
    """Publish one edition after the other; what is under way when it is over is finished."""
    number = 0
    while not over.is_set() or not found.manuals:
        number += 1
        edition = file.read_bytes() + f"\n% edition {number}\n".encode()
        found.manuals.append(_publish(server, browser, edition))
        found.passages = server.house.library.manual(CLIENT, "notice.pdf").passages
        print(f"  published {number}: {found.manuals[-1].live:.1f} s", flush=True)


def _publish(server: RunningServer, browser: httpx.Client, content: bytes) -> Published:
    desk, times, started = server.house.manuals, Published(), time.monotonic()
    known = {upload.upload_id for upload in desk.work.shown(CLIENT)}

    def since() -> float:
        return time.monotonic() - started

    answer = browser.post(
        f"/portail/{CLIENT}/manuels/fichiers", params={"nom": "notice.pdf"}, content=content
    )
    upload = answer.raise_for_status().json()["upload"]
    assert upload not in known
    times.received = since()
    while True:
        step = desk.step(upload)
        if step is not None and not times.progress:
            times.progress = since() + POLL_S
        if step is not None and step.stage == "reading" and step.done and not times.page:
            times.page = since() + POLL_S
        if desk.work.get(CLIENT, upload).state == "ready":
            break
        time.sleep(0.05)
    times.ready = since()
    desk.publish(CLIENT, "evaluation")
    entry = server.house.library.manual(CLIENT, "notice.pdf")
    assert entry.sha256 == hashlib.sha256(content).hexdigest()
    assert server.house.library.ask(CLIENT, "que veut dire le code E4").decision
    times.live = since()
    return times


def _callers(url: str, clips: Sequence[Samples], turns: int) -> Findings:
    """Two callers ask so many questions each; what was measured, of both together."""
    spawn = multiprocessing.get_context("spawn")
    told: SimpleQueue[Findings] = spawn.SimpleQueue()
    media = f"{url.replace('http', 'ws', 1)}/media"
    process = spawn.Process(target=_call_all, args=(media, list(clips), turns, told), daemon=True)
    process.start()
    try:
        return told.get()
    finally:
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()


def _call_all(url: str, clips: list[Samples], turns: int, told: SimpleQueue[Findings]) -> None:
    found = Findings()

    async def call(number: int) -> None:
        await asyncio.sleep(number * APART_S)
        for first in range(0, turns, TURNS_A_CALL):
            place = number * len(clips) // CALLERS + first
            count = min(TURNS_A_CALL, turns - first)
            caller = Asking(url, [clips[(place + at) % len(clips)] for at in range(count)])
            add(found, await caller.run(), caller.said)

    async def both() -> None:
        await asyncio.gather(*(call(number) for number in range(CALLERS)))

    asyncio.run(both())
    told.put(found)
