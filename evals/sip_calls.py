"""Calls over SIP, measured at the caller: `permanence eval sip`.

Softphones, a real Asterisk and the agent as a process of its own; times are the kernel's, of the
packets as they pass. The agent then fails in four ways, and it is measured when each caller hears
the exchange's recording, and whether each message becomes one ticket.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav, write_wav
from agent.call.transcriber import Transcriber
from agent.demo import CLIENT, RECORDINGS
from agent.errors import PermanenceError
from agent.opening import open_database, open_transcriber
from agent.settings import Settings
from agent.store.calls import CallStore
from agent.store.numbers import NumberStore
from agent.store.ticket_rows import Ticket
from agent.store.tickets import TicketStore
from agent.telephony.asterisk.messages import MARK
from evals.exchange_agent import AgentProcess, filtered_port, heard_at
from evals.exchange_sounds import exchange_sounds
from evals.exchange_stage import ExchangeStage, exchange_stage
from evals.handover_stage import home_in
from evals.rtp_watch import Watch, WatchedCall, watching
from evals.softphone import Softphone, softphone

DIALLED, AS_DIALLED = "+33199001234", "0199001234"
CASES = ("absent", "filtered", "killed", "frozen", "deaf")
"""How the agent fails; deaf: it was frozen already when the call came, and lets nobody in."""

SENTENCE_S = 3.0
"""Of what the exchange says, in the evaluation: nobody need wait for all of it."""

ASKS, EXPECTED = "demo-1-code.wav", ("vidange", "trop lente")
"""A question, and what its answer holds: « vidange impossible ou trop lente »."""

ASKS_MORE, TALKS_OVER = "demo-2-filtre.wav", "human.wav"
QUIET_S = 2.5
"""The agent has finished once it has been silent for so long: on a machine that is out of breath
its sentences come one by one."""

CALL_S = 40.0
"""About what one call lasts."""

APART_S = 2.0
"""From the end of a call to the next one in its place: no more are admitted than come."""

WATCHERS_NICE = 10
LIMIT_S = 40.0
TICKETS_LIMIT_S = 180.0
ALIKE = 0.8
"""Correlation from which a recording is the one that is heard."""


@dataclass
class TalkedCall:
    """A call that the agent took.

    Attributes:
        answer_s: INVITE to 200.
        voice_s: 200 to the first voiced frame.
        gap_p99_ms: Between frames at the caller.
        answer: The answer's sound as the recogniser reads it.
        stop_s: The caller's first sound over the agent's voice to its last.
        fault: What went wrong, "" if nothing.
        turns: What was understood and said, as the agent kept it, of a call that was not right.
    """

    answer_s: float | None = None
    voice_s: float | None = None
    gap_p99_ms: float | None = None
    answer: str = ""
    stop_s: float | None = None
    fault: str = ""
    turns: list[tuple[str, str]] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether the answer arrived as it should be."""
        return any(words in self.answer.lower() for words in EXPECTED)


@dataclass
class FailedCall:
    """A call that the agent failed.

    Attributes:
        fallback_s: From the failure, or the dialling, to the recording's first frame.
        tickets: Those of its message.
        fault: What went wrong, "" if nothing.
    """

    case: str
    caller: str
    fallback_s: float | None = None
    tickets: int = 0
    fault: str = ""


@dataclass
class Findings:
    """What was measured."""

    talked: list[TalkedCall] = field(default_factory=list)
    failed: list[FailedCall] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Figures, then all calls."""
        return {
            "talked": {
                "calls": len(self.talked),
                "faults": sum(bool(call.fault) for call in self.talked),
                "answer_s": spread([call.answer_s for call in self.talked]),
                "voice_s": spread([call.voice_s for call in self.talked]),
                "gap_p99_ms": spread([call.gap_p99_ms for call in self.talked]),
                "stop_s": spread([call.stop_s for call in self.talked]),
                "answers_right": sum(call.right for call in self.talked),
            },
            "failed": {
                case: {
                    "calls": len(those),
                    "reached": sum(call.fallback_s is not None for call in those),
                    "fallback_s": spread([call.fallback_s for call in those]),
                    "one_ticket": sum(call.tickets == 1 for call in those),
                }
                for case in CASES
                if (those := [call for call in self.failed if call.case == case])
            },
            "channels_left": self.left,
            "calls": [asdict(call) for call in self.talked]
            + [asdict(call) for call in self.failed],
        }

    def sections(self) -> list[tuple[str, str]]:
        """The figures in words."""
        told = self.as_json()
        talked, lines = told["talked"], []
        if talked["calls"]:
            lines += [
                f"calls {talked['calls']}, faults {talked['faults']}, "
                f"answers right {talked['answers_right']}",
                f"INVITE to 200 (s): {_line(talked['answer_s'])}",
                f"200 to the first voice (s): {_line(talked['voice_s'])}",
                f"talked over, to silence (s): {_line(talked['stop_s'])}",
                f"gap between frames, each call's p99 (ms): {_line(talked['gap_p99_ms'])}",
                *(f"fault: {call.fault}" for call in self.talked if call.fault),
                *(f"not right: {call.answer}" for call in self.talked if not call.right),
            ]
        fallen = [
            f"{case}: {of['reached']} of {of['calls']} reach the recording, one ticket "
            f"{of['one_ticket']}; seconds {_line(of['fallback_s'])}"
            for case, of in told["failed"].items()
        ]
        fallen += [f"fault: {call.case} {call.fault}" for call in self.failed if call.fault]
        fallen.append(f"channels left: {', '.join(self.left) or 'none'}")
        return [("talked", "\n".join(lines)), ("failed", "\n".join(fallen))]


def run(
    settings: Settings, calls: int, failures: int, at_a_time: int, only: Sequence[str] = ()
) -> Findings:
    """Measure everything (blocks).

    Args:
        settings: Whose models and cache are used.
        calls: That the agent takes.
        failures: Calls of each way to fail.
        at_a_time: Calls at one time: the rated load.
        only: Ways to fail; none given: all.
    """
    found = Findings()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sip-")))
        home = folder / "home"
        home.mkdir()
        ours = home_in(home, settings, max_calls=at_a_time)
        database = open_database(ours)
        try:
            NumberStore(database).add(CLIENT, DIALLED)
        finally:
            database.close()
        sentence = short_sounds(settings, folder / "sounds")
        stage = stack.enter_context(
            exchange_stage(settings, {DIALLED: CLIENT}, sounds=folder / "sounds")
        )
        watch = stack.enter_context(watching(stage.sip_port, stage.values.network.rtp))
        agent = AgentProcess(stage, ours)
        stack.callback(agent.stop)
        transcriber = open_transcriber(settings)
        stack.callback(transcriber.close)
        ground = Ground(stage, watch, agent, transcriber, sentence, at_a_time)
        for case in only or CASES:
            found.failed += ground.failing(case, failures)
        agent.start()
        found.talked = ground.talking(calls)
        _look_up(ours, found.talked)
        if found.failed:
            _count_tickets(ours, found.failed)
        time.sleep(2.0)
        found.left = [one for one in stage.channels() if not one.startswith("Local/watch")]
    return found


@dataclass
class Ground:
    """All that calls need."""

    stage: ExchangeStage
    watch: Watch
    agent: AgentProcess
    transcriber: Transcriber
    sentence: Samples
    at_a_time: int
    heard: dict[str, Samples] = field(default_factory=dict)

    def talking(self, count: int) -> list[TalkedCall]:
        """Calls that the agent takes, so many at a time.

        What was heard is only read when all is over: the callers' own recogniser would take the
        machine from the agent that is measured.
        """
        with ThreadPoolExecutor(self.at_a_time, initializer=_stand_back) as threads:
            made = list(threads.map(self._talk, range(count)))
        for number, call in enumerate(made):
            answer = self.heard.pop(_talker(number), None)
            call.answer = words_in(self.transcriber, answer) if answer is not None else ""
        return made

    def failing(self, case: str, count: int) -> list[FailedCall]:
        """Calls that the agent fails in one way."""
        made: list[FailedCall] = []
        while len(made) < count:
            numbers = range(len(made), min(count, len(made) + self.at_a_time))
            made += self._failing_together(
                case, [f"06399{CASES.index(case) + 1}{number:04}" for number in numbers]
            )
        return made

    def _talk(self, number: int) -> TalkedCall:
        made, caller = TalkedCall(), _talker(number)
        if number < self.at_a_time:  # callers do not ring all at once
            time.sleep(CALL_S * number / self.at_a_time)
        try:
            with softphone(self.stage.sip_port, caller) as phone:
                phone.dial(AS_DIALLED)
                phone.wait_for("CALL_ESTABLISHED", LIMIT_S)
                until_quiet(self.watch, caller)
                asked = phone.say(clip(ASKS))
                time.sleep(clip(ASKS).size / TELEPHONE_RATE_HZ + 1.0)
                self.heard[caller] = until_quiet(self.watch, caller, asked)
                asked = phone.say(clip(ASKS_MORE))
                _wait(lambda: _answering(self.watch, caller, asked), "the second answer")
                over = phone.say(clip(TALKS_OVER))
                time.sleep(3.0)
                made.stop_s = stop_s(call_of(self.watch, caller), over)
                phone.hang_up()
        except PermanenceError as error:
            made.fault = str(error)
        time.sleep(APART_S)  # whoever rings at once finds the place still taken
        call = call_of(self.watch, caller)
        if call is not None:
            made.answer_s, made.voice_s = call.answer_s, call.voice_s()
            made.gap_p99_ms = float(np.percentile(call.gaps_ms(), 99)) if call.frames else None
        return made

    def _failing_together(self, case: str, callers: list[str]) -> list[FailedCall]:
        with ExitStack() as stack, ThreadPoolExecutor(len(callers)) as threads:
            if case == "filtered":
                stack.enter_context(filtered_port(self.stage.agent_port))
            if case in ("killed", "frozen", "deaf"):
                self.agent.start()
            if case == "deaf":
                self.agent.freeze()
            phones = [
                stack.enter_context(softphone(self.stage.sip_port, caller)) for caller in callers
            ]
            failed_at = [phone.dial(AS_DIALLED) for phone in phones]
            if case in ("killed", "frozen"):
                for caller in callers:
                    _wait(lambda caller=caller: _greets(self.watch, caller), "the greeting")  # type: ignore[misc]
                at = self.agent.kill() if case == "killed" else self.agent.freeze()
                failed_at = [at for _ in phones]
            made = list(threads.map(self._leave, [case] * len(phones), callers, phones, failed_at))
        if case in ("frozen", "deaf"):
            self.agent.kill()
        return made

    def _leave(self, case: str, caller: str, phone: Softphone, failed_at: float) -> FailedCall:
        made = FailedCall(case, caller)
        try:
            began = leave_message(self.watch, caller, phone, failed_at, self.sentence)
            made.fallback_s = began - failed_at
        except PermanenceError as error:
            made.fault = str(error)
        return made


def leave_message(
    watch: Watch, caller: str, phone: Softphone, since: float, sentence: Samples
) -> float:
    """Wait for the exchange's sentence and its tone, speak, hang up (blocks).

    Returns:
        When the sentence began, seconds since the epoch.

    Raises:
        PermanenceError: It is not heard.
    """

    def begun() -> float | None:
        call = call_of(watch, caller)
        if call is None:
            return None
        frames = [one for one in call.frames if one[0] >= since]
        heard = np.concatenate([one for _, one in frames]) if frames else np.zeros(0, np.int16)
        at, alike = heard_at(heard, sentence)
        spoken = at + sentence.size + TELEPHONE_RATE_HZ // 2
        if alike < ALIKE or heard.size < spoken:
            return None
        return frames[at // (TELEPHONE_RATE_HZ // 50)][0]

    at: float = _wait(begun, "the exchange's sentence")
    phone.say(clip(ASKS))
    time.sleep(clip(ASKS).size / TELEPHONE_RATE_HZ + 0.5)
    phone.hang_up()
    return at


def call_of(watch: Watch, caller: str) -> WatchedCall | None:
    """The caller's last call, None if none has come."""
    return next((call for call in reversed(watch.calls()) if call.caller == caller), None)


def until_quiet(watch: Watch, caller: str, since: float = 0.0) -> Samples:
    """What a caller hears until the agent has been silent for a while (blocks).

    Raises:
        PermanenceError: It does not begin, or does not end.
    """

    def said() -> Samples | None:
        call = call_of(watch, caller)
        voiced = call.voiced(since) if call is not None else []
        if call is None or not voiced or call.frames[-1][0] - voiced[-1] < QUIET_S:
            return None
        return call.sound(since)

    heard: Samples = _wait(said, "the end of what the agent says")
    return heard


def stop_s(call: WatchedCall | None, over_at: float) -> float | None:
    """From the caller's first sound over the agent's voice to its last; None if it was silent."""
    spoke = call.spoke_at(over_at) if call is not None else None
    if call is None or spoke is None or not [at for at in call.voiced(spoke - 0.3) if at < spoke]:
        return None
    silent = call.silent_at(spoke)
    return None if silent is None else silent - spoke


def words_in(transcriber: Transcriber, heard: Samples) -> str:
    """What the recogniser makes of something that was heard (blocks)."""
    return asyncio.run(transcriber.transcribe(heard, TELEPHONE_RATE_HZ)).text


def clip(name: str) -> Samples:
    """A sentence of a recorded caller."""
    return read_wav(RECORDINGS / name, TELEPHONE_RATE_HZ)


def short_sounds(settings: Settings, folder: Path) -> Samples:
    """Put what the exchange says into a folder.

    Returns:
        What it says who can ring nobody: only its beginning, so that nobody waits for the rest.
    """
    shutil.copytree(exchange_sounds(settings), folder)
    file = folder / CLIENT / "message.wav"
    begun = read_wav(file, TELEPHONE_RATE_HZ)[: int(SENTENCE_S * TELEPHONE_RATE_HZ)]
    write_wav(file, TELEPHONE_RATE_HZ, begun)
    return begun


def message_tickets(settings: Settings) -> tuple[Ticket, ...]:
    """The tickets that hold a message."""
    database = open_database(settings)
    try:
        tickets = TicketStore(database).list()
    finally:
        database.close()
    return tuple(ticket for ticket in tickets if MARK in ticket.brief.details)


def _look_up(settings: Settings, talked: list[TalkedCall]) -> None:
    """Add to each call that was not right what the agent kept of it."""
    database = open_database(settings)
    try:
        kept = {one.caller_number: one for one in CallStore(database).recent(None, len(talked))}
    finally:
        database.close()
    for number, call in enumerate(talked):
        record = kept.get(_talker(number))
        if record is not None and (call.fault or not call.right):
            call.turns = [(turn.heard, turn.said) for turn in record.turns]


def _stand_back() -> None:
    """Let this thread, which watches, wait for those that are watched."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), WATCHERS_NICE)


def _count_tickets(settings: Settings, failed: list[FailedCall]) -> None:
    spoke = {call.caller for call in failed if call.fallback_s is not None}
    until = time.monotonic() + TICKETS_LIMIT_S
    while time.monotonic() < until:
        if spoke <= {ticket.caller_number for ticket in message_tickets(settings)}:
            break
        time.sleep(1.0)
    time.sleep(3.0)  # for one that would be double
    tickets = message_tickets(settings)
    for call in failed:
        call.tickets = sum(ticket.caller_number == call.caller for ticket in tickets)


def _talker(number: int) -> str:
    return f"063998{number:04}"


def _greets(watch: Watch, caller: str) -> bool:
    call = call_of(watch, caller)
    return call is not None and bool(call.voiced())


def _answering(watch: Watch, caller: str, asked: float) -> bool:
    """Whether the agent has been answering for a second and more."""
    call = call_of(watch, caller)
    voiced = call.voiced(asked + 1.0) if call is not None else []
    return bool(voiced) and voiced[-1] - voiced[0] > 1.2


def _wait(what: Callable[[], Any], name: str) -> Any:
    until = time.monotonic() + LIMIT_S
    while True:
        found = what()
        if found is not None and found is not False:
            return found
        if time.monotonic() > until:
            raise PermanenceError(f"{name} is not heard")
        time.sleep(0.3)


def spread(values: Sequence[float | None]) -> dict[str, float] | None:
    """p50, p95, p99 and the highest of the values that there are; None if there are none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    p50, p95, p99 = np.percentile(known, [50, 95, 99])
    return {
        "count": len(known),
        "p50": round(float(p50), 3),
        "p95": round(float(p95), 3),
        "p99": round(float(p99), 3),
        "highest": round(max(known), 3),
    }


def _line(of: dict[str, float] | None) -> str:
    if of is None:
        return "nothing measured"
    return f"p50 {of['p50']}, p95 {of['p95']}, p99 {of['p99']}, highest {of['highest']}"
