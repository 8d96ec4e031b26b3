"""A telephone exchange under attack: `permanence eval sip-attack`.

While one good caller is in a call, a stranger floods the exchange, malformed messages come from the
trunk's address and a stranger's, and the trunk brings numbers that want more than a client's line.
Then: whether the exchange and the agent live, whether anything but the agent was called, whether
the good call goes on, and how soon a new one is answered.
"""

from __future__ import annotations

import configparser
import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from agent.audio import TELEPHONE_RATE_HZ, Samples, read_wav
from agent.errors import PermanenceError
from agent.settings import Settings
from evals import sip_torture
from evals.exchange_stage import PHONES, STRANGER, TRUNK, ExchangeStage
from evals.questions import DATA
from evals.rtp_watch import Watch, WatchedCall, watching
from evals.sip_ground import DIALLED, GREETING_S, Ground, asterisk_process, ground, milliseconds
from evals.sip_torture import Talk
from evals.sipp import sipp
from evals.softphone import Softphone, softphone

EXTENSION, SECRET = "101", "telephone-101"
OUTSIDE = "+33639981234"
"""May be dialled by the exchange: nobody who rings may have it dialled."""

TALK_PAUSE_S, BESIDE_FLOOD_S = 10.0, 45.0
GOOD, NEW, NOBODYS = "0639987701", "0639987702", "0199009999"
RATE = 100
ANSWER_S = 1.5
"""By when a message has its final answer, if it gets one."""

BETWEEN_S = 0.02
SERVED_GOAL_S = 10.0
QUIET_LIMIT_S = 45.0
"""A call that is answered and never acknowledged is given up by then (RFC 3261: 64 × T1)."""

LOOK_S = 0.2
SOUND_S = 4.0
_EXECUTED = re.compile(r"Executing \[([^\]]*)\] (\w+)\((.*)\)", re.S)
_CALLS_OUT = frozenset({
    "Dial", "Originate", "System", "TrySystem", "Queue", "Page", "AGI", "Bridge", "FollowMe",
    "DISA", "Transfer", "ChanSpy", "MixMonitor",
})  # fmt: skip
_TO_THE_AGENT = ("WebSocket/permanence/", "Local/watch@permanence,", "Local/drop@permanence,")
_ITS_CHANNELS = ("PJSIP/trunk-", "WebSocket/permanence", "Local/watch@permanence",
                 "Local/drop@permanence")  # fmt: skip


@dataclass
class Attack:
    """What came of it.

    Attributes:
        checks: What has to be so.
        figures: What was counted.
        taken: Dial strings that were answered, which must not be.
        others: What was dialled beside the agent, and other channels.
    """

    checks: dict[str, bool] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Whether all is as it has to be."""
        return bool(self.checks) and all(self.checks.values())

    def sections(self) -> list[tuple[str, str]]:
        """Headings and texts."""
        checks = [f"{'ok ' if ok else 'NO '} {name}" for name, ok in self.checks.items()]
        figures = [f"{name}: {value}" for name, value in self.figures.items()]
        more = [f"taken: {one}" for one in self.taken] + [f"other: {one}" for one in self.others]
        return [
            ("Figures", "\n".join(figures)),
            (f"Goals {'met' if self.met else 'MISSED'}", "\n".join(checks + more[:20])),
        ]

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON values."""
        return {"met": self.met, "checks": self.checks, "figures": self.figures,
                "taken": self.taken, "others": self.others}  # fmt: skip


class Talker:
    """Sends messages from one address and takes answers; ends whatever they begin."""

    def __init__(self, host: str, exchange: int) -> None:
        """Open a port.

        Args:
            host: Address of loopback.
            exchange: UDP port of the exchange.
        """
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._exchange = exchange
        self.host, self.port = self._socket.getsockname()

    def talk(self) -> Talk:
        """What a new message needs."""
        return Talk(self.host, self.port, self._exchange, secrets.token_hex(6))

    def send(self, text: bytes) -> None:
        """Send a message as it is."""
        with suppress(OSError):
            self._socket.sendto(text, (TRUNK, self._exchange))

    def final(self, text: bytes, talk: Talk, limit_s: float = ANSWER_S) -> int:
        """Send a message; the status of its final answer, 0 if there is none (blocks)."""
        self.send(text)
        wanted = f"Call-ID: {talk.mark}@".encode()
        return next((code for code, answer in self._answers(limit_s) if wanted in answer), 0)

    def settle(self, limit_s: float) -> Counter[int]:
        """Take whatever answers still come; how many of each status (blocks)."""
        return Counter(code for code, _ in self._answers(limit_s))

    def close(self) -> None:
        """Close the port."""
        self._socket.close()

    def _answers(self, limit_s: float) -> Iterator[tuple[int, bytes]]:
        """Final answers to INVITE, each followed by what has to follow."""
        until = time.monotonic() + limit_s
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                answer = self._socket.recv(65536)
            except (TimeoutError, OSError):
                return
            if not answer.startswith(b"SIP/2.0 ") or answer[8:9] == b"1":
                continue
            code = int(answer[8:11])
            if b" INVITE\r\n" in answer:
                after = self.talk()
                with suppress(ValueError):
                    self.send(sip_torture.following(answer, b"ACK", after))
                    if code < 300:
                        self.send(sip_torture.following(answer, b"BYE", after))
            yield code, answer


class Witness(threading.Thread):
    """Sees which channels there are, and whatever the exchange sends to the outside."""

    def __init__(self, stage: ExchangeStage) -> None:
        """Nothing is seen yet."""
        super().__init__(name="witness", daemon=True)
        self.channels: set[str] = set()
        self.most = 0
        self.left = 0
        self.mute = 0
        self._stage = stage
        self._over = threading.Event()
        self._carrier = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._carrier.bind((TRUNK, stage.carrier_port))
        self._carrier.setblocking(False)

    def run(self) -> None:
        """Look until it is over."""
        while not self._over.wait(LOOK_S):
            try:
                names = self._stage.channels()
            except PermanenceError:
                self.mute += 1
                continue
            names = [name for name in names if "/" in name]  # a caller's number may hold line ends
            self.channels.update(names)
            self.most = max(self.most, len(names))
            with suppress(BlockingIOError):
                while message := self._carrier.recv(65536):
                    self.left += message.startswith(b"INVITE ")

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self.join(15)
        self._carrier.close()

    def strange(self) -> list[str]:
        """Channels that are neither a caller's nor the agent's."""
        return sorted(name for name in self.channels if not name.startswith(_ITS_CHANNELS))


def run(settings: Settings, seconds: float) -> Attack:
    """Attack (blocks; `seconds` and three minutes).

    Args:
        settings: Of the installation whose models are used.
        seconds: Of the flood.
    """
    changes: Any = {"limits": {"calls": 30}, "outside": (OUTSIDE,)}
    with ground(settings, max_calls=32, phones={EXTENSION: SECRET}, changes=changes) as raised:
        return under_attack(raised, seconds)


def under_attack(raised: Ground, seconds: float) -> Attack:
    """Attack an exchange that is up, and whose only telephone is `EXTENSION` (blocks).

    Args:
        raised: All of it.
        seconds: Of the flood; 0: none.
    """
    made, stage = Attack(), raised.stage
    with ExitStack() as stack:
        watch = stack.enter_context(watching(stage.sip_port, stage.values.network.rtp))
        witness = Witness(stage)
        witness.start()
        stack.callback(witness.close)
        stage.cli("logger add channel executed.log verbose(3)")
        before = _processed(stage)
        phone = stack.enter_context(
            softphone(stage.sip_port, EXTENSION, password=SECRET, address=PHONES)
        )
        good = stack.enter_context(softphone(stage.sip_port, GOOD, microphone=_talk(seconds)))
        good.dial(DIALLED)
        good.wait_for("CALL_ESTABLISHED", 10)
        time.sleep(GREETING_S)
        began = time.time()
        if seconds:
            _flood(made, raised, seconds)
        _malformed(made, stage)
        _dial(made, stage)
        ended = time.time()
        _goes_on(made, watch, good, began, ended)
        _new_call(made, stage, stack)
        made.checks["nobody hung up on the good caller"] = not good.happened("CALL_CLOSED")
        good.hang_up()
        made.checks["no channel is left"] = _quiet(stage)
        witness.close()
        _lives(made, raised, witness)
        made.figures["ways through the dialplan"] = _processed(stage) - before
        _called(made, stage, witness)
        made.checks["no telephone rang"] = not phone.happened("CALL_INCOMING")
        _strangers(made, watch)
        _banned(made, stage)
    return made


def _talk(seconds: float) -> Samples:
    """What the good caller says all the while: who says nothing is asked, then left."""
    said = read_wav(DATA / "calls" / "demo-1-code.wav", TELEPHONE_RATE_HZ)
    pause = np.zeros(int(TALK_PAUSE_S * TELEPHONE_RATE_HZ), np.int16)
    greeting = np.zeros(int(GREETING_S * TELEPHONE_RATE_HZ), np.int16)
    times = 1 + int((seconds + BESIDE_FLOOD_S) / (TALK_PAUSE_S + said.size / TELEPHONE_RATE_HZ))
    return np.concatenate([greeting, *(times * [said, pause])])


def _flood(made: Attack, raised: Ground, seconds: float) -> None:
    """So many INVITE a second of somebody whom nobody knows."""
    count = round(RATE * seconds)
    psutil.cpu_percent()
    with sipp(
        "stranger", raised.stage.sip_port, number=DIALLED, calls=count, at_once=5000,
        rate=RATE, limit_s=seconds + 20, prefix="scan", address=STRANGER,
    ) as flood:  # fmt: skip
        counts = flood.wait(seconds + 40)
    made.figures["strangers' calls"] = {"sent": counts.created, "refused": counts.done,
                                        "unanswered": counts.failed}  # fmt: skip
    made.figures["cores in use during the flood"] = f"{psutil.cpu_percent():.0f} %"


def _malformed(made: Attack, stage: ExchangeStage) -> None:
    """Every malformed message, from the trunk's address and from a stranger's."""
    for who, host in (("trunk", TRUNK), ("stranger", STRANGER)):
        talker = Talker(host, stage.sip_port)
        try:
            messages = sip_torture.malformed(talker.talk())
            for text in messages.values():
                talker.send(text)
                time.sleep(BETWEEN_S)
            answers = talker.settle(2.0)
        finally:
            talker.close()
        told = {str(code): count for code, count in sorted(answers.items())}
        made.figures[f"malformed, from the {who}'s address"] = {"sent": len(messages), **told}
        if who == "stranger":
            made.checks["no malformed message of a stranger is taken"] = not any(
                200 <= code < 300 for code in answers
            )


def _dial(made: Attack, stage: ExchangeStage) -> None:
    """Numbers that want more, forwarders that do, and callers' numbers that do."""
    talker, statuses = Talker(TRUNK, stage.sip_port), Counter[int]()
    tried = [(text, "") for text in sip_torture.DIAL_STRINGS]
    tried += [(NOBODYS, by) for by in sip_torture.FORWARDED_BY]
    try:
        for called, by in tried:
            talk = talker.talk()
            extra = f"Diversion: <sip:{by}@127.0.0.1>;reason=unconditional\r\n" if by else ""
            text = sip_torture.message(talk, called, extra=extra.encode())
            code = talker.final(text, talk)
            statuses[code] += 1
            # What follows a semicolon is a parameter of the trunk's, and is not looked at.
            if 200 <= code < 300 and called.partition(";")[0] != DIALLED:
                made.taken.append(f"{called[:60]} {by}".strip())
        made.figures["dial strings"] = {"sent": len(tried), **_told(statuses)}
        statuses = Counter()
        for number in sip_torture.CALLERS:
            talk = talker.talk()
            sender = f"<sip:{number}@{TRUNK}>;tag={talk.mark}".encode()
            name = f"P-Asserted-Identity: <sip:{number}@{TRUNK}>\r\n".encode()
            text = sip_torture.message(talk, DIALLED, extra=name, From=sender)
            statuses[talker.final(text, talk)] += 1
        made.figures["callers' numbers"] = {"sent": len(sip_torture.CALLERS), **_told(statuses)}
        talker.settle(1.0)
    finally:
        talker.close()
    made.checks["no dial string is taken"] = not made.taken


def _goes_on(made: Attack, watch: Watch, good: Softphone, began: float, ended: float) -> None:
    """Whether the good caller is still heard and answered."""
    asked = good.say(read_wav(DATA / "calls" / "demo-1-code.wav", TELEPHONE_RATE_HZ))
    time.sleep(2 * SOUND_S + SOUND_S)
    call = _call(watch, GOOD)
    late = [at for at, _ in call.frames if at > time.time() - 1.0]
    spoke = call.spoke_at(asked)
    answered = spoke is not None and bool(call.voiced(spoke + 2.0))
    made.checks["the good call still brings sound"] = bool(late)
    made.checks["the good caller is answered"] = answered
    times = [at for at, _ in call.frames if began <= at <= ended]
    gaps = [1000 * float(gap) for gap in np.diff(times)]
    made.figures["gaps between the good caller's frames (ms)"] = milliseconds(gaps)


def _new_call(made: Attack, stage: ExchangeStage, stack: ExitStack) -> None:
    phone = stack.enter_context(softphone(stage.sip_port, NEW))
    dialled = phone.dial(DIALLED)
    answered_s = None
    with suppress(PermanenceError):
        answered_s = phone.wait_for("CALL_ESTABLISHED", SERVED_GOAL_S).at - dialled
    made.figures["a new call is answered after (s)"] = answered_s and round(answered_s, 3)
    made.checks[f"a new call is answered within {SERVED_GOAL_S:g} s"] = answered_s is not None
    time.sleep(1.0)
    phone.hang_up()


def _quiet(stage: ExchangeStage) -> bool:
    until = time.monotonic() + QUIET_LIMIT_S
    while time.monotonic() < until:
        if not [name for name in stage.channels() if not name.startswith("Local/")]:
            return True
        time.sleep(0.5)
    return False


def _lives(made: Attack, raised: Ground, witness: Witness) -> None:
    """The same processes as before, with nothing dumped."""
    was = raised.asterisk
    with suppress(PermanenceError):
        now = asterisk_process(raised.stage)
        made.checks["Asterisk lives, the same as before"] = (
            now.pid == was.pid and now.is_running() and now.create_time() == was.create_time()
        )
    made.checks.setdefault("Asterisk lives, the same as before", False)
    folder = raised.stage.folder
    made.checks["nothing was dumped"] = not [
        one for one in folder.rglob("core*") if one.is_file() and one.stat().st_size > 100_000
    ]
    made.checks["the agent lives"] = psutil.pid_exists(raised.agent.pid)
    made.checks["Asterisk's command line always answers"] = not witness.mute


def _called(made: Attack, stage: ExchangeStage, witness: Witness) -> None:
    """Whether anything but the agent was called."""
    log = (stage.folder / "log" / "executed.log").read_text(errors="replace")
    made.figures["applications run"] = dict(Counter(
        application for _, application, _ in executed(log)
    ).most_common())  # fmt: skip
    made.others = [*calls_out(log), *witness.strange()]
    made.checks["nothing but the agent is called"] = not made.others
    made.checks["the exchange was looked at while it ran"] = bool(executed(log))
    made.checks["nothing leaves by the trunk"] = not witness.left
    made.figures["most channels at a time"] = witness.most


def executed(log: str) -> list[tuple[str, str, str]]:
    """What the dialplan has run, of a log of verbose lines: where, application, arguments."""
    lines = re.split(r"\n(?=\[\d{4}-)", log)
    return [found.groups() for line in lines if (found := _EXECUTED.search(line))]  # type: ignore[misc]


def calls_out(log: str) -> list[str]:
    """What it has called or run beside the agent."""
    found = []
    for where, application, arguments in executed(log):
        target = arguments.partition('", "')[2]
        if application in _CALLS_OUT and not target.startswith(_TO_THE_AGENT):
            found.append(f"[{where}] {application}({arguments})"[:200])
    return found


def _strangers(made: Attack, watch: Watch) -> None:
    """What strangers were answered, as the kernel saw it."""
    statuses = Counter(call.status for call in watch.calls() if call.caller.startswith("scan"))
    if statuses:
        made.figures["strangers' calls by status"] = _told(statuses)
        made.checks["no stranger's call is taken"] = not any(
            200 <= status < 300 for status in statuses
        )


def _banned(made: Attack, stage: ExchangeStage) -> None:
    log = (stage.folder / "log" / "security.log").read_text(errors="replace")
    banned = would_ban(Path(stage.values.folders.etc) / FILTER, log)
    made.figures["fail2ban counts, by address"] = dict(banned)
    made.figures["lines of the security log"] = dict(
        Counter(re.findall(r'SecurityEvent="(\w+)"', log))
    )
    made.checks["fail2ban counts only the stranger"] = set(banned) <= {STRANGER, TRUNK}
    if made.figures.get("strangers' calls"):
        made.checks["fail2ban would ban the stranger"] = banned[STRANGER] >= 10


FILTER = Path("fail2ban/filter.d/permanence-sip.conf")


def would_ban(file: Path, log: str) -> Counter[str]:
    """How often a fail2ban filter finds each address in a log."""
    patterns = expressions(file.read_text("utf-8"))
    found = Counter[str]()
    for line in log.splitlines():
        dateless = re.sub(r"^\[[^\]]*\]", "[]", line, count=1)  # fail2ban takes the time out
        for pattern in patterns:
            if match := pattern.search(dateless):
                found[match["host"]] += 1
                break
    return found


def expressions(text: str) -> list[re.Pattern[str]]:
    """The regular expressions of a fail2ban filter."""
    parser = configparser.ConfigParser(comment_prefixes=("#", ";"))
    parser.read_string(text)
    lines = parser["Definition"]["failregex"].splitlines()
    host = r"(?P<host>[0-9a-fA-F.:]+)"
    return [re.compile(line.strip().replace("<HOST>", host)) for line in lines if line.strip()]


def _processed(stage: ExchangeStage) -> int:
    found = re.search(r"(\d+) calls? processed", stage.cli("core show calls"))
    return int(found[1]) if found else 0


def _call(watch: Watch, caller: str) -> WatchedCall:
    return next(call for call in watch.calls() if call.caller == caller)


def _told(statuses: Mapping[int, int]) -> dict[str, int]:
    return {str(code) if code else "none": count for code, count in sorted(statuses.items())}
