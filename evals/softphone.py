"""A telephone of a caller or an operator: baresip, whose microphone and ear are WAV files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, Samples, samples_of, write_wav
from agent.errors import PermanenceError
from evals.exchange_stage import TRUNK, free_port

MODULES = Path("/usr/lib/baresip/modules")
WAV_HEADER_BYTES = 44
HUSH_S = 180
"""Of faint noise after whatever is said: a microphone does not end."""

START_LIMIT_S = 10.0
STOP_LIMIT_S = 5.0
TONE_S = 0.12
"""Of a key; and between two."""

ALAW, G722 = "PCMA/8000/1", "G722/16000/1"
"""Codecs as baresip names them: with the rate of their sound, not of their RTP clock."""

_CONFIG = """\
poll_method epoll
sip_listen {address}:{port}
audio_source aufile,{microphone}
ausrc_srate {rate}
auplay_srate {rate}
ausrc_channels 1
auplay_channels 1
rtp_ports 32800-60000
jitter_buffer_type fixed
jitter_buffer_delay 1-5
module_path {modules}
module g711.so
module g722.so
module aufile.so
module sndfile.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}
"""


@dataclass(frozen=True)
class PhoneEvent:
    """What happened to a telephone.

    Attributes:
        at: When it told so, seconds since the epoch.
        kind: CALL_RINGING, CALL_ESTABLISHED, CALL_CLOSED, CALL_INCOMING, REGISTER_OK, …
        detail: Of a closed call why, of an incoming one who.
    """

    at: float
    kind: str
    detail: str


class Softphone:
    """One telephone; it does one call at a time.

    Attributes:
        rate_hz: Of what it says and hears.
        events: What happened, oldest first.
    """

    def __init__(
        self,
        folder: Path,
        exchange_port: int,
        control: int,
        process: subprocess.Popen[bytes],
        rate_hz: int,
    ) -> None:
        """Take a telephone that runs; see `softphone`."""
        self.rate_hz = rate_hz
        self._process = process
        self.events: list[PhoneEvent] = []
        self._folder = folder
        self._exchange_port = exchange_port
        self._changed = threading.Condition()
        self._socket = _connected(control)
        self._reader = threading.Thread(target=self._read, name="softphone", daemon=True)
        self._reader.start()
        self._said = 0

    def dial(self, number: str) -> float:
        """Call a number at the exchange; returns when, seconds since the epoch."""
        at = time.time()
        self._command("dial", f"sip:{number}@{TRUNK}:{self._exchange_port}")
        return at

    def answer(self) -> None:
        """Take the call that rings."""
        self._command("accept")

    def hang_up(self) -> None:
        """End the call; one that rings is declined (486)."""
        self._command("hangup")

    def kill(self) -> None:
        """Let it die without a word: its battery is empty, its network gone."""
        self._process.kill()

    def press(self, keys: str) -> None:
        """Press keys, one after the other (blocks)."""
        for key in keys:
            self._command("sndcode", key)
            time.sleep(TONE_S)
            self._command("sndcode", "\x04")  # let go
            time.sleep(TONE_S)

    def say(self, samples: Samples) -> float:
        """Say something into the microphone, at once; returns when, seconds since the epoch."""
        self._said += 1
        file = self._folder / f"said-{self._said}.wav"
        _write_microphone(file, samples, self.rate_hz)
        at = time.time()
        self._command("ausrc", f"aufile,{file}")
        return at

    def wait_for(self, kind: str, limit_s: float, since: float = 0.0) -> PhoneEvent:
        """The first event of a kind, waited for (blocks).

        Raises:
            PermanenceError: It does not come.
        """
        with self._changed:
            until = time.monotonic() + limit_s
            while True:
                for event in self.events:
                    if event.kind == kind and event.at >= since:
                        return event
                left = until - time.monotonic()
                if left <= 0:
                    seen = [event.kind for event in self.events]
                    raise PermanenceError(f"No {kind} within {limit_s} s, but {seen}.")
                self._changed.wait(left)

    def wait_registered(self, limit_s: float = START_LIMIT_S) -> None:
        """Wait until the exchange has taken the telephone's registration (blocks).

        Raises:
            PermanenceError: It does not.
        """
        until = time.monotonic() + limit_s
        while b"200 OK" not in (said := (self._folder / "log").read_bytes()):
            if time.monotonic() > until:
                raise PermanenceError(f"A telephone is not taken: {said[-200:]!r}")
            time.sleep(0.05)

    def happened(self, kind: str) -> bool:
        """Whether there was an event of a kind."""
        return any(event.kind == kind for event in self.events)

    def heard(self, from_s: float = 0.0) -> Samples:
        """What came out of the last call so far; where no packet came there is nothing."""
        dumps = sorted(self._folder.glob("dump-*-dec.wav"), key=lambda one: one.stat().st_mtime)
        if not dumps:
            return np.zeros(0, np.int16)
        data = dumps[-1].read_bytes()[WAV_HEADER_BYTES:]
        return samples_of(data[: len(data) // 2 * 2])[int(from_s * self.rate_hz) :]

    def close(self) -> None:
        """Hang up and be switched off."""
        with suppress(OSError):
            self._command("quit")
        self._reader.join(1.0)
        self._socket.close()

    def _command(self, command: str, params: str = "") -> None:
        text = json.dumps({"command": command, "params": params}).encode()
        self._socket.sendall(b"%d:%s," % (len(text), text))

    def _read(self) -> None:
        left = b""
        with suppress(OSError):
            while part := self._socket.recv(65536):
                at, left = time.time(), left + part
                while (message := _netstring(left)) is not None:
                    found, left = message
                    self._take(at, json.loads(found))

    def _take(self, at: float, message: dict[str, Any]) -> None:
        if not message.get("event"):
            return
        detail = str(message.get("param") or message.get("peeruri") or "")
        with self._changed:
            self.events.append(PhoneEvent(at, str(message.get("type")), detail))
            self._changed.notify_all()


@contextmanager
def softphone(
    exchange_port: int,
    user: str = "0639981234",
    *,
    password: str | None = None,
    address: str = TRUNK,
    port: int = 0,
    microphone: Samples | None = None,
    wideband: bool = False,
) -> Iterator[Softphone]:
    """A telephone that is switched on; switched off at the end.

    Args:
        exchange_port: UDP port of the exchange.
        user: The caller's number, or the operator's extension.
        password: The operator's; with it, the telephone registers.
        address: Of loopback, from which it speaks: the trunk's, a stranger's, an operator's.
        port: UDP port of its SIP; 0: a free one.
        microphone: What it says as soon as it is connected; None: faint noise.
        wideband: It knows G.722 and nothing else, at 16 kHz; else A-law, at 8 kHz.

    Raises:
        PermanenceError: baresip is not here, or does not start.
    """
    program = shutil.which("baresip")
    if program is None:
        raise PermanenceError("There is no baresip here: apt-get install baresip.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="phone-")))
        control = free_port()
        codec, rate_hz = (G722, 2 * TELEPHONE_RATE_HZ) if wideband else (ALAW, TELEPHONE_RATE_HZ)
        _write_microphone(folder / "microphone.wav", microphone, rate_hz)
        config = _CONFIG.format(
            address=address, port=port, microphone=folder / "microphone.wav",
            rate=rate_hz, modules=MODULES, control=control, folder=folder,
        )  # fmt: skip
        (folder / "config").write_text(config)
        signs_on = f"auth_user={user};auth_pass={password};regint=60" if password else "regint=0"
        (folder / "accounts").write_text(
            f"<sip:{user}@{TRUNK}:{exchange_port}>;{signs_on};audio_codecs={codec}\n"
        )
        (folder / "contacts").write_text("")
        log = stack.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(
            [program, "-f", str(folder), "-p", str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        if os.geteuid() == 0:  # whoever watches may stand back, a telephone must not
            os.setpriority(os.PRIO_PROCESS, process.pid, 0)
        stack.callback(_stop, process)
        phone = Softphone(folder, exchange_port, control, process, rate_hz)
        stack.callback(phone.close)
        if password:
            phone.wait_registered()
        yield phone


def _write_microphone(file: Path, samples: Samples | None, rate_hz: int) -> None:
    """What a microphone hears: something, if anything, and faint noise for a long while."""
    noise = np.random.default_rng(6).normal(0, 6, HUSH_S * rate_hz).astype(np.int16)
    said = noise if samples is None else np.concatenate([samples, noise])
    write_wav(file, rate_hz, said)


def _connected(control: int) -> socket.socket:
    until = time.monotonic() + START_LIMIT_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", control))
        except OSError as error:
            if time.monotonic() > until:
                raise PermanenceError(f"baresip does not start ({error}).") from error
            time.sleep(0.05)


def _netstring(data: bytes) -> tuple[bytes, bytes] | None:
    """The first message, and what follows it; None while it is not whole."""
    length, colon, rest = data.partition(b":")
    if not colon or len(rest) <= int(length):
        return None
    return rest[: int(length)], rest[int(length) + 1 :]


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
