"""What loads and attacks by telephone share: a real exchange, its agent as a process, callers."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav
from agent.call.record import CallRecord
from agent.demo import BRAND, CLIENT
from agent.errors import PermanenceError
from agent.opening import open_database
from agent.settings import Settings
from agent.store.calls import CallStore
from agent.store.numbers import NumberStore
from agent.telephony.asterisk.sounds import spoken, write_common, write_sounds
from evals.exchange_agent import AgentProcess
from evals.exchange_stage import ExchangeStage, exchange_stage
from evals.handover_stage import home_in
from evals.light_models import LightVoice
from evals.questions import DATA
from evals.sipp import Counts, Sipp, sipp, write_sound

NUMBER, DIALLED = "+33199001234", "0199001234"
QUESTIONS = {
    "demo-1-code": "Bonjour, mon lave-linge affiche E20 et l'eau reste dans le tambour.",
    "demo-2-filtre": "Et comment je fais pour nettoyer le filtre de la pompe ?",
    "yes": "Oui, c'est ça.",
}
"""What callers say, one after the other, by the names of their recordings."""

PAUSE_S = 10.0
"""After each question, for the answer."""

GREETING_S = 7.0
VARIANTS = 4
"""Of what callers say: each begins at another time, with another question."""

APART_S = 0.4
"""Between two callers who ring: all at once no service is called."""

ALL = 1_000_000
EXTRA_NTH = 100


@dataclass
class Ground:
    """All of it.

    Attributes:
        settings: Of the agent's home.
        sounds: What callers say, raw A-law, in its variants.
        figures: What the agent with stand-ins tells of itself, a line a second.
    """

    folder: Path
    stage: ExchangeStage
    settings: Settings
    agent: AgentProcess
    sounds: list[Path]
    figures: Path
    asterisk: psutil.Process = field(init=False)

    def __post_init__(self) -> None:
        self.asterisk = asterisk_process(self.stage)

    def records(self) -> tuple[CallRecord, ...]:
        """All calls that the agent has kept."""
        database = open_database(self.settings)
        try:
            return CallStore(database).recent(None, ALL)
        finally:
            database.close()

    @contextmanager
    def callers(
        self, at_once: int, lasts_s: float, *, each: int = 1, limit_s: float = 0.0
    ) -> Iterator[Callers]:
        """Callers who have begun to ring, one after the other.

        Args:
            at_once: In a call at a time.
            lasts_s: How long each call lasts.
            each: Calls of each of them.
            limit_s: After which they end in any case; 0: what one call each takes, and some.
        """
        limit = limit_s or lasts_s + at_once * APART_S + 30
        with ExitStack() as stack:
            made = Callers()
            for nth in range(at_once):  # SIPp 3.6 sends all calls of one process from one port
                made.parts.append(stack.enter_context(sipp(
                    "caller", self.stage.sip_port, number=DIALLED, calls=each, at_once=1, rate=1,
                    limit_s=limit, sound=self.sounds[nth % VARIANTS], lasts_s=lasts_s,
                    prefix=f"06399{nth:02}1", nth=nth,
                )))  # fmt: skip
                time.sleep(APART_S)
            yield made

    @contextmanager
    def extra(self, prefix: str, lasts_s: float) -> Iterator[Sipp]:
        """One caller more, whose number begins with something."""
        with sipp("caller", self.stage.sip_port, number=DIALLED, calls=1, at_once=1, rate=1,
                  limit_s=lasts_s + 20, sound=self.sounds[0], lasts_s=lasts_s, prefix=prefix,
                  nth=EXTRA_NTH) as one:  # fmt: skip
            yield one


class Callers:
    """Several SIPp as one.

    Attributes:
        parts: Those that run.
    """

    def __init__(self) -> None:
        """None so far."""
        self.parts: list[Sipp] = []

    def counts(self) -> Counts:
        """Of all."""
        return sum((part.counts() for part in self.parts), Counts())

    def faults(self) -> list[str]:
        """What they tell of calls that fail."""
        return [line for part in self.parts for line in part.faults()][:12]

    def begin_no_more(self) -> None:
        """Begin no more calls."""
        for part in self.parts:
            part.begin_no_more()

    def wait(self, limit_s: float) -> Counts:
        """Wait for the end of all (blocks)."""
        until = time.monotonic() + limit_s
        counts = (part.wait(max(0.1, until - time.monotonic())) for part in self.parts)
        return sum(counts, Counts())


@contextmanager
def ground(
    settings: Settings,
    *,
    max_calls: int,
    light: bool = True,
    phones: Mapping[str, str] | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    start: bool = True,
) -> Iterator[Ground]:
    """Raise it all (blocks; half a minute); taken down at the end.

    Args:
        settings: Whose models are used.
        max_calls: That the agent takes.
        light: With the stand-ins; else with the real models.
        phones: Passwords of operators' telephones by their extensions.
        changes: Other values of the exchange by their sections.
        start: Whether the agent is started.

    Raises:
        PermanenceError: Asterisk, SIPp, a model or a port cannot be used.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sip-")))
        (folder / "home").mkdir()
        made = home_in(folder / "home", settings, max_calls=max_calls)
        database = open_database(made)
        try:
            NumberStore(database).add(CLIENT, NUMBER)
        finally:
            database.close()
        clips = {name: read_wav(DATA / "calls" / f"{name}.wav", TELEPHONE_RATE_HZ)
                 for name in QUESTIONS}  # fmt: skip
        lengths = {QUESTIONS[name]: clip.size / TELEPHONE_RATE_HZ for name, clip in clips.items()}
        (folder / "lengths.json").write_text(json.dumps(lengths), "utf-8")
        _write_fallback(folder / "sounds")
        stage = stack.enter_context(
            exchange_stage(settings, {NUMBER: CLIENT}, phones=phones, changes=changes,
                           sounds=folder / "sounds")
        )  # fmt: skip
        figures = folder / "figures.jsonl"
        command = ("-m", "evals.light_agent", str(folder / "lengths.json"), str(figures))
        agent = AgentProcess(stage, made, command) if light else AgentProcess(stage, made)
        stack.callback(agent.stop)
        found = Ground(folder, stage, made, agent, _say(folder, list(clips.values())), figures)
        if start:
            agent.start()
        yield found


def asterisk_process(stage: ExchangeStage) -> psutil.Process:
    """The exchange's own process.

    Raises:
        PermanenceError: It is not there.
    """
    config = f"{stage.folder}/etc/asterisk.conf"
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "asterisk" and config in (process.info["cmdline"] or ()):
            return process
    raise PermanenceError("The exchange's process is not there.")


def milliseconds(values: list[float]) -> dict[str, float]:
    """Figures of some times, as JSON values."""
    if not values:
        return {"count": 0}
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return {"count": len(values), "p50": round(float(p50), 1), "p95": round(float(p95), 1),
            "p99": round(float(p99), 1), "max": round(max(values), 1)}  # fmt: skip


def _say(folder: Path, clips: list[Samples]) -> list[Path]:
    """What callers say, in its variants; each is said over and over from its beginning."""
    files = []
    period = sum(clip.size for clip in clips) / TELEPHONE_RATE_HZ + PAUSE_S * len(clips)
    for nth in range(VARIANTS):
        turned = [*clips[nth % len(clips) :], *clips[: nth % len(clips)]]
        parts: list[Samples | float] = [GREETING_S + nth * period / len(clips) / VARIANTS]
        for clip in turned:
            parts += [clip, PAUSE_S]
        files.append(folder / f"caller-{nth}.al")
        write_sound(files[-1], parts)
    return files


def _write_fallback(folder: Path) -> None:
    """What the exchange says by itself: noise as long as the words."""
    voice = LightVoice()

    async def speak(sentence: str) -> Samples:
        return await voice.speak(sentence, TELEPHONE_RATE_HZ)

    write_sounds(folder, CLIENT, asyncio.run(spoken(BRAND, lambda text: text, speak)))
    write_common(folder)
