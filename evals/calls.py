"""Voice to voice at the pace of the ear: `permanence eval calls`.

Synthetic callers ask the demo client's line one question after the other, some before the agent has
finished; each time is read off the two-channel recording, from the caller's last voiced 10 ms to
the agent's first. Where a filler came first, the first words after it count. The parts come from
the server's record of each turn.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import ClientConnection

from agent.audio import TELEPHONE_RATE_HZ, Samples, voiced_windows
from agent.call.session import FILLERS
from agent.demo import CALLER, CLIENT
from agent.settings import Settings
from agent.telephony.recorded_caller import HeardCall, RecordedCaller
from agent.web.server import running_server
from evals import plots
from evals.arrived import rate_of
from evals.questions import DATA
from evals.spoken_clips import spoken
from voices.prompts import prompt

PARTS = ("end_of_turn", "transcription", "retrieval", "first_audio")
TURNS_A_CALL = 6
LISTENED_S = 1.5
"""How much of an answer the caller hears before they ask the next thing."""

FALLS_SILENT_S = 1.0
"""By when the agent has stopped saying what the caller talks over; what comes later cuts in."""

WINDOW = TELEPHONE_RATE_HZ // 100
MEDIAN_S, P95_S = 1.2, 1.8
"""What is aimed at."""


@dataclass
class Findings:
    """Times in ms.

    Attributes:
        voice_to_voice: Of each turn that was answered.
        filled: How many of them began with a filler, which is not counted.
        unanswered: Turns after which nothing was said before the next.
        cut: Of each turn, whether the agent spoke before the caller's last word.
        parts: Of the server's record.
    """

    voice_to_voice: list[float] = field(default_factory=list)
    filled: int = 0
    unanswered: int = 0
    cut: list[bool] = field(default_factory=list)
    parts: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})

    def sections(self) -> list[tuple[str, str]]:
        """Heading and text."""
        told = [f"{'':16}{'median':>8}{'p95':>8}{'max':>8}{'turns':>8}   (ms)",
                _line("voice to voice", self.voice_to_voice),
                *(_line(part, values) for part, values in self.parts.items())]  # fmt: skip
        told.append(
            f"aimed at: median {MEDIAN_S * 1000:.0f}, p95 {P95_S * 1000:.0f}; a filler came first "
            f"in {self.filled} turns; nothing was said in {self.unanswered}"
        )
        told.append(f"the agent spoke before the caller's last word: {rate_of(self.cut)}")
        return [("Voice to voice", "\n".join(told))]

    def drawings(self) -> list[tuple[str, str]]:
        """Caption and SVG."""
        shares = (50, 75, 90, 95, 99)
        values = np.percentile(self.voice_to_voice, shares) / 1000
        rates = [plots.Rate(float(value), float(value), float(value), 1) for value in values]
        names = [f"p{share}" for share in shares]
        return [("Voice to voice", plots.bars(names, {"": rates}, "seconds"))]


class Asking(RecordedCaller):
    """A caller who goes on once they have heard the beginning of an answer."""

    def __init__(self, url: str, turns: Sequence[Samples]) -> None:
        super().__init__(url, CLIENT, turns, caller=CALLER, on_event=self._note)
        self.said: list[tuple[int, str]] = []

    def _note(self, event: dict[str, object]) -> None:
        if event["event"] == "said":
            self.said.append((self._samples_played(), str(event["text"])))

    async def _wait_for_agent(self, socket: ClientConnection) -> None:
        if not self._call.spans:
            await super()._wait_for_agent(socket)
            return
        end = self._call.spans[-1][1]

        def heard_enough() -> bool:
            begun = [at for at, text in self.said if at >= end and text not in _FILLERS]
            enough = bool(begun) and (
                self._samples_played() - begun[0] > LISTENED_S * TELEPHONE_RATE_HZ
            )
            return enough or (self._listening.is_set() and not self._playout)

        await self._silence(socket, heard_enough, 45.0)
        self._listening.clear()


_FILLERS = frozenset(prompt(name) for name in FILLERS)


def run(settings: Settings, turns: int) -> Findings:
    """Call until so many turns were said (blocks; eight seconds a turn)."""
    lines = questions()
    clips = spoken(settings, lines)
    found = Findings()
    with running_server(settings.model_copy(update={"port": 0})) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/media"
        for first in range(0, turns, TURNS_A_CALL):
            count = min(TURNS_A_CALL, turns - first)
            asked = [clips[lines[(first + at) % len(lines)]] for at in range(count)]
            caller = Asking(address, asked)
            add(found, asyncio.run(caller.run()), caller.said)
            if (first // TURNS_A_CALL) % 5 == 4:
                print(f"  {first + count} of {turns} turns", flush=True)
    return found


def questions() -> list[str]:
    """What callers of the demo client ask, in the order of the file."""
    lines = (DATA / "demo_questions.jsonl").read_text("utf-8").splitlines()
    return [str(json.loads(line)["question"]) for line in lines]


def add(found: Findings, call: HeardCall, said: Sequence[tuple[int, str]]) -> None:
    """Read a call's times."""
    voiced = voiced_windows(call.agent, TELEPHONE_RATE_HZ) * WINDOW
    for index, (start, end) in enumerate(call.spans):
        later = call.spans[index + 1][0] if index + 1 < len(call.spans) else call.agent.size
        own = voiced_windows(call.caller[start:end], TELEPHONE_RATE_HZ)
        last = start + (int(own[-1]) + 1) * WINDOW if own.size else end
        speaks_from = start + int(FALLS_SILENT_S * TELEPHONE_RATE_HZ)
        found.cut.append(bool(((voiced >= speaks_from) & (voiced < last)).any()))
        begun = [(at, text) for at, text in said if last <= at < later]
        filled = bool(begun) and begun[0][1] in _FILLERS
        counted_from = next((at for at, text in begun if text not in _FILLERS), later)
        reply = voiced[(voiced >= (counted_from if filled else last)) & (voiced < later)]
        if not reply.size:
            found.unanswered += 1
            continue
        found.filled += filled
        found.voice_to_voice.append((int(reply[0]) - last) * 1000 / TELEPHONE_RATE_HZ)
    for turn in call.turns:
        for part in PARTS:
            if turn["heard"] and (value := turn["timings_ms"][part]) is not None:
                found.parts[part].append(value)


def _line(name: str, values: Sequence[float]) -> str:
    if not values:
        return f"{name:16}{'none':>8}"
    median, p95 = np.percentile(values, (50, 95))
    return f"{name:16}{median:8.0f}{p95:8.0f}{max(values):8.0f}{len(values):8d}"
