"""Many calls and several consoles at once: `permanence eval console-load`.

How soon what changes in a call is seen in each console, and how long the server's event loop, which
carries every call's frames, is kept from its work: without consoles, and with them.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from agent.audio import TELEPHONE_RATE_HZ, resample
from agent.settings import Settings
from agent.telephony.browser import RATE_OUT_HZ
from agent.web.console.telling import doing, lines_of
from agent.web.server import RunningServer, running_server
from evals.chromium import browser
from evals.console_page import PASSWORD, ConsolePage, wait_for
from evals.console_sights import GOAL_S, LAG_GOAL_S, Seen, Sight, line, seen, together
from evals.handover_stage import home_in, on_loop, speak
from evals.light_models import LightTranscriber, LightVoice
from evals.load_callers import APART_S, callers

SLEEP_S = 0.005
"""What the sleeper in the loop wants to sleep."""

SETTLED_S = 8.0
"""After the last caller has rung, before anything is measured: greetings are over."""

QUESTIONS = (
    "Mon lave-linge affiche le code E vingt et l'eau reste dans le tambour.",
    "Comment je fais pour nettoyer le filtre de la pompe ?",
    "Oui, c'est ça.",
    "C'est fait, et ensuite ?",
)
"""What callers say, one after the other, each caller beginning with another."""

_WATCH = """
window.sights = [];
const last = new Map();
const see = (what, value) => {
  if (last.get(what) === value) return;
  last.set(what, value);
  window.sights.push([Date.now(), what, value]);
};
const look = () => {
  for (const call of document.querySelectorAll("button.live"))
    see(call.dataset.keep.slice(5) + " doing", call.querySelector(".doing").textContent);
  const lines = document.querySelectorAll(".transcript p:not(.partial)").length;
  if (window.chosen) see(window.chosen + " lines", String(lines));
};
new MutationObserver(look).observe(
  document.body, {childList: true, subtree: true, characterData: true});
window.choose = (id) => {
  window.chosen = id;
  document.querySelector(`[data-keep="live-${id}"]`).click();
};
look();
"""


@dataclass
class Load:
    """What was measured under one load.

    Attributes:
        name: Of the load.
        calls: In progress, on the average.
        consoles: That were open.
        lags_s: Of the event loop.
        doing, lines: What a call's agent does, in every console; a call's lines, where it is shown.
        timings_ms: Of the turns that were answered, by their parts.
        cpu: Share of all cores that was in use; `own` of this process, in cores.
    """

    name: str
    calls: float
    consoles: int
    lags_s: list[float] = field(default_factory=list)
    doing: Seen = field(default_factory=lambda: Seen((), 0, 0))
    lines: Seen = field(default_factory=lambda: Seen((), 0, 0))
    timings_ms: dict[str, list[float]] = field(default_factory=dict)
    cpu: float = 0.0
    own: float = 0.0

    @property
    def met(self) -> bool:
        """Whether both goals are met; where nothing was seen in a console, they are not."""
        lag = float(np.percentile(self.lags_s, 99)) <= LAG_GOAL_S if self.lags_s else False
        if not self.consoles:
            return lag
        found = (*self.doing.after_s, *self.lines.after_s)
        missed = self.doing.missed + self.lines.missed
        return lag and bool(found) and not missed and max(found) <= GOAL_S

    def section(self) -> tuple[str, str]:
        """Heading and text."""
        told = [f"{'':34}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}{'count':>9}   (ms)"]
        shares = (50, 95, 99)
        goal = f"   goal: p99 at most {LAG_GOAL_S * 1000:g}"
        told.append(line("lag of the event loop", self.lags_s, shares, goal))
        if self.consoles:
            goal = f"   goal: at most {GOAL_S * 1000:g}"
            told.append(line("what the agent does, to be seen", self.doing.after_s, shares, goal))
            told.append(line("a new line, to be seen", self.lines.after_s, shares, goal))
            told.append(
                f"not seen: {self.doing.missed + self.lines.missed}; passed over because the next "
                f"came at once: {self.doing.passed_over + self.lines.passed_over}"
            )
        for part, values in self.timings_ms.items():
            told.append(line(part, [value / 1000 for value in values], shares))
        told.append(
            f"{self.calls:.1f} calls; {self.cpu:.0%} of all cores in use, {self.own:.2f} cores by "
            f"the server; goals {'met' if self.met else 'MISSED'}"
        )
        return self.name, "\n".join(told)

    def as_json(self) -> dict[str, Any]:
        """The figures, as JSON values; seconds, but for the parts of turns."""
        return {
            "name": self.name, "calls": self.calls, "consoles": self.consoles, "met": self.met,
            "lag_s": _figures(self.lags_s),
            "doing_s": {**_figures(self.doing.after_s), "missed": self.doing.missed},
            "lines_s": {**_figures(self.lines.after_s), "missed": self.lines.missed},
            "timings_ms": {part: _figures(values) for part, values in self.timings_ms.items()},
            "cpu": self.cpu, "own": self.own,
        }  # fmt: skip


def _figures(values: Sequence[float]) -> dict[str, float]:
    if not len(values):
        return {"count": 0}
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return {"count": len(values), "p50": p50, "p95": p95, "p99": p99, "max": max(values)}


def run(settings: Settings, *, calls: int, real: int, consoles: int, seconds: float) -> list[Load]:
    """Measure under each load (blocks; some four times `seconds` and a minute).

    Args:
        settings: Of the installation whose models are used.
        calls: With the light stand-ins.
        real: With the real recogniser and voice; 0: not at all.
        consoles: Open at once.
        seconds: Of each measurement.
    """
    loads = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        made = home_in(folder, settings, max_calls=max(calls, real) + 2)
        server = stack.enter_context(running_server(made))
        said = {text: speak(server, text) for text in QUESTIONS}
        turns = [resample(clip, RATE_OUT_HZ, TELEPHONE_RATE_HZ) for clip in said.values()]
        url = f"{server.url.replace('http', 'ws', 1)}/media"
        pages = []
        for number in range(consoles):
            email = f"poste-{number}@essai.example"
            users = server.house.users
            user = users.add(email, f"Poste {number}", "operator", PASSWORD, clients=("*",))
            opened = stack.enter_context(browser())
            pages.append(ConsolePage(server, opened, email, user.id))
        heavy = server.house.services
        light = replace(
            heavy,
            transcriber=LightTranscriber({t: c.size / RATE_OUT_HZ for t, c in said.items()}),
            voice=LightVoice(),
        )
        for name, count, services in (("real models", real, heavy), ("stand-ins", calls, light)):
            if not count:
                continue
            server.house.services = services
            with callers(url, count, turns):
                time.sleep(count * APART_S + SETTLED_S)
                for shown in ([], pages):
                    title = f"{count} calls with {name}, {len(shown)} consoles"
                    print(f"  {title}", flush=True)
                    loads.append(_measured(server, title, shown, seconds))
            for page in pages:
                page.browser.driver.get("about:blank")
            wait_for(lambda: not server.house.live.shown(), 30, "all calls are over")
    return loads


def _shows(page: ConsolePage, call_id: str) -> bool:
    """Whether a page shows a call, having clicked on it: at first its clicks are not heard yet."""
    page.browser.driver.execute_script("window.choose(arguments[0])", call_id)
    time.sleep(0.3)
    return page.has(".transcript")


def _measured(
    server: RunningServer, title: str, pages: Sequence[ConsolePage], seconds: float
) -> Load:
    for number, page in enumerate(pages):
        page.open_again() if page.signed_in else page.sign_in()
        wait_for(lambda page=page: page.has("button.live"), 15, "the calls are shown")  # type: ignore[misc]
        page.browser.driver.execute_script(_WATCH)
        shown = server.house.live.shown()
        chosen = shown[number % len(shown)].record.call_id
        wait_for(lambda page=page, chosen=chosen: _shows(page, chosen), 15, "the call is shown")  # type: ignore[misc]
    time.sleep(3.0 if pages else 0.0)
    load = Load(title, 0.0, len(pages))
    with _watched(server) as changes:
        began = time.time()
        psutil.cpu_percent()
        own = psutil.Process()
        own_before = sum(own.cpu_times()[:2])
        load.lags_s, counts = on_loop(server, _lags(server, seconds), seconds + 30)
        ended = time.time()
        load.cpu = psutil.cpu_percent() / 100
        load.own = (sum(own.cpu_times()[:2]) - own_before) / (ended - began)
        time.sleep(GOAL_S + 0.5)
        sights = [page.browser.driver.execute_script("return window.sights") for page in pages]
    load.calls = float(np.mean(counts))
    load.timings_ms = _timings(server, began)
    due = [one for one in changes if one.at <= ended]
    for kind in ("doing", "lines"):
        found = []
        for page_sights in sights:
            mine = [Sight(at / 1000, what, value) for at, what, value in page_sights
                    if what.endswith(kind)]  # fmt: skip
            watched = {one.what for one in mine}
            found.append(seen([one for one in due if one.what in watched], mine, ended + GOAL_S))
        setattr(load, kind, together(found))
    return load


@contextmanager
def _watched(server: RunningServer) -> Iterator[list[Sight]]:
    """What changes in the calls, with its time; filled while the block lasts."""
    house, changes, last = server.house, list[Sight](), dict[str, str]()

    def look(call_id: str) -> None:
        call = house.live.get(call_id)
        if call is None:
            return
        lines = sum(len(lines_of(turn)) for turn in call.record.turns)
        for what, value in (("doing", doing(call.state)), ("lines", str(lines))):
            key = f"{call_id} {what}"
            if key in last and last[key] != value:
                changes.append(Sight(time.time(), key, value))
            last[key] = value

    stack = ExitStack()

    async def begin() -> None:
        for call in house.live.shown():
            look(call.record.call_id)
        stack.enter_context(house.live.watched(look))

    async def end() -> None:
        stack.close()

    on_loop(server, begin())
    try:
        yield changes
    finally:
        on_loop(server, end())


async def _lags(server: RunningServer, seconds: float) -> tuple[list[float], list[int]]:
    """How much later than wanted a sleeper wakes, and how many calls there were."""
    lags, counts, loop = [], [], asyncio.get_running_loop()
    ends = loop.time() + seconds
    while (now := loop.time()) < ends:
        await asyncio.sleep(SLEEP_S)
        lags.append(max(0.0, loop.time() - now - SLEEP_S))
        counts.append(len(server.house.live.shown()))
    return lags, counts


def _timings(server: RunningServer, since: float) -> dict[str, list[float]]:
    """Of the turns since a time, how long their parts took, ms."""
    found: dict[str, list[float]] = {"transcription": [], "first_audio": []}
    for call in server.house.live.shown():
        for turn in tuple(call.record.turns):
            said_at = call.record.started_at.timestamp() + (turn.at_s or 0.0)
            if not turn.heard or said_at < since:
                continue
            for part, values in found.items():
                if (value := getattr(turn.timings_ms, part)) is not None:
                    values.append(value)
    return found


def write(file: Path, loads: Sequence[Load]) -> None:
    """Write the figures as JSON; the folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    told = [load.as_json() for load in loads]
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
