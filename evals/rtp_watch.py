"""What passes between an exchange and its callers: SIP and sound, with the kernel's times."""

from __future__ import annotations

import itertools
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from agent.audio import Samples, alaw_decode, rms, samples_of
from agent.errors import PermanenceError

ALAW_TYPE = 8
"""RTP's payload type of A-law (RFC 3551, table 4)."""

UDP = 17
"""Its number among the protocols that IP carries (IANA)."""

FILE_HEADER_BYTES = 24

VOICED_RMS = 120.0
"""Of a frame: louder than the silence that the agent sends, fainter than any of its vowels."""

HUSH_S = 0.3
"""The agent is silent once it has been so for so long: words have shorter gaps."""

START_LIMIT_S = 5.0
_SDP_PORT = re.compile(rb"\r?\nm=audio (\d+)")
_CALL_ID = re.compile(rb"\r\n(?:Call-ID|i): *([^\r]+)", re.IGNORECASE)
_FROM = re.compile(rb"\r\n(?:From|f):[^\r]*?sip:([^@>\r]*)@", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\nCSeq: *(\d+) (\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Packet:
    """One UDP packet.

    Attributes:
        at: When the kernel saw it, seconds since the epoch.
        source: Port.
        target: Port.
    """

    at: float
    source: int
    target: int
    payload: bytes


@dataclass
class WatchedCall:
    """One call as it passed.

    Attributes:
        call_id: SIP's.
        caller: The number that it came from.
        invited_at: First INVITE.
        answered_at: First 200 to it; None if there was none.
        ended_at: First BYE, either side's.
        status: Last final answer to the INVITE, 0 if there was none.
        caller_port: Where the caller takes sound.
        frames: Sound that reached the caller: when, and its samples.
        said: Sound that left the caller, likewise.
        levels: RMS of each of `frames`.
    """

    call_id: str
    caller: str
    invited_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    status: int = 0
    caller_port: int = 0
    frames: list[tuple[float, Samples]] = field(default_factory=list)
    said: list[tuple[float, Samples]] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)

    @property
    def answer_s(self) -> float | None:
        """From the INVITE to the 200, seconds."""
        return None if self.answered_at is None else self.answered_at - self.invited_at

    def voiced(self, since: float = 0.0) -> list[float]:
        """Times at which something was said."""
        heard = zip(self.frames, self.levels, strict=False)  # another thread may just be adding
        return [at for (at, _), level in heard if at >= since and level > VOICED_RMS]

    def spoke_at(self, since: float) -> float | None:
        """When the caller first says something after a moment; None if they do not."""
        return next((at for at, one in self.said if at >= since and rms(one) > VOICED_RMS), None)

    def voice_s(self) -> float | None:
        """From the 200 to the first voiced frame, seconds."""
        if self.answered_at is None:
            return None
        voiced = self.voiced(self.answered_at)
        return voiced[0] - self.answered_at if voiced else None

    def silent_at(self, since: float) -> float | None:
        """When what is being said at a moment ends; None if it does not, or nothing is said."""
        voiced = self.voiced(since - HUSH_S)
        if not voiced:
            return None
        for at, following in zip(voiced, [*voiced[1:], None], strict=True):
            if at >= since and (following is None or following - at > HUSH_S):
                return at if self.frames[-1][0] - at > HUSH_S else None
        return voiced[-1]

    def gaps_ms(self) -> list[float]:
        """Between each two frames in a row, milliseconds."""
        times = [at for at, _ in self.frames]
        return [1000 * (b - a) for a, b in itertools.pairwise(times)]

    def sound(self, since: float = 0.0) -> Samples:
        """All that reached the caller, one frame after the other."""
        parts = [one for at, one in self.frames if at >= since]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)


class Watch:
    """A look at what has passed so far; each packet is looked at once, by whichever thread."""

    def __init__(self, file: Path, sip_port: int) -> None:
        self._file = file
        self._at = 0
        self._seen = Seen(sip_port)
        self._looking = threading.Lock()

    def calls(self) -> list[WatchedCall]:
        """Calls that reached the exchange, oldest first (blocks a little)."""
        time.sleep(0.1)  # for what the kernel holds
        with self._looking:
            with self._file.open("rb") as file:
                header = file.read(FILE_HEADER_BYTES)
                file.seek(max(self._at, FILE_HEADER_BYTES))
                data = file.read()
            before = max(self._at, FILE_HEADER_BYTES)
            for packet, used in packets(header, data):
                self._seen.take(packet)
                self._at = before + used
            return sorted(self._seen.calls.values(), key=lambda call: call.invited_at)


@contextmanager
def watching(sip_port: int, rtp: tuple[int, int]) -> Iterator[Watch]:
    """Watch an exchange on loopback until the block ends.

    Args:
        sip_port: Its port of SIP.
        rtp: Its first and last port of sound.

    Raises:
        PermanenceError: tcpdump is not here, or may not watch.
    """
    program = shutil.which("tcpdump")
    if program is None:
        raise PermanenceError("There is no tcpdump here: apt-get install tcpdump.")
    with tempfile.TemporaryDirectory(prefix="watch-") as folder:
        file = Path(folder) / "seen.pcap"
        ports = f"udp and (port {sip_port} or portrange {rtp[0]}-{rtp[1]})"
        process = subprocess.Popen(
            [
                program,
                "-i",
                "lo",
                "-n",
                "-U",
                "--immediate-mode",
                "-Z",
                "root",
                "-B",
                "16384",
                "-w",
                str(file),
                ports,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _wait_until_it_looks(process, file)
            yield Watch(file, sip_port)
        finally:
            process.terminate()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def packets(header: bytes, data: bytes) -> Iterator[tuple[Packet, int]]:
    """The UDP packets of a pcap file of an Ethernet-like interface; the last may be cut off.

    Source: the pcap file format (libpcap's pcap-savefile(5)), RFC 791, RFC 768.

    Args:
        header: The file's first bytes.
        data: What follows them, from where a packet begins.

    Yields:
        A packet, and how many bytes of the data it ends after.
    """
    order = "<" if header[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    nanoseconds = header[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    unit = 1e-9 if nanoseconds else 1e-6
    at = 0
    while at + 16 <= len(data):
        seconds, fraction, length, _ = struct.unpack_from(f"{order}IIII", data, at)
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        if len(frame) < length:
            return
        if frame[12:14] != b"\x08\x00" or frame[23] != UDP:
            continue
        udp = 14 + 4 * (frame[14] & 15)
        source, target = struct.unpack_from(">HH", frame, udp)
        yield Packet(seconds + fraction * unit, source, target, frame[udp + 8 :]), at


class Seen:
    """The calls that came to an exchange's port, with the sound both ways.

    Attributes:
        calls: By SIP's name for each.
    """

    def __init__(self, sip_port: int) -> None:
        self.calls: dict[bytes, WatchedCall] = {}
        self._sip_port = sip_port
        self._by_port: dict[int, WatchedCall] = {}

    def take(self, packet: Packet) -> None:
        """Look at one packet."""
        if self._sip_port in (packet.source, packet.target):
            call = _take_sip(self.calls, packet, to_exchange=packet.target == self._sip_port)
            if call is not None:
                self._by_port[call.caller_port] = call
            return
        hearing, speaking = self._by_port.get(packet.target), self._by_port.get(packet.source)
        frame = _sound(packet.payload) if hearing or speaking else None
        if frame is not None and hearing is not None:
            hearing.frames.append((packet.at, frame))
            hearing.levels.append(rms(frame))
        elif frame is not None and speaking is not None:
            speaking.said.append((packet.at, frame))


def _take_sip(
    calls: dict[bytes, WatchedCall], packet: Packet, *, to_exchange: bool
) -> WatchedCall | None:
    """Take note of a message; returns the call that it begins, if it begins one."""
    text = packet.payload
    named, numbered = _CALL_ID.search(text), _CSEQ.search(text)
    if named is None or numbered is None:
        return None
    name, method = named[1], numbered[2]
    call = calls.get(name)
    if call is None:
        if to_exchange and text.startswith(b"INVITE "):
            port = _SDP_PORT.search(text)
            sender = _FROM.search(text)
            calls[name] = WatchedCall(
                name.decode(errors="replace"),
                sender[1].decode(errors="replace") if sender else "",
                packet.at,
                caller_port=int(port[1]) if port else 0,
            )
        return calls.get(name)
    if text.startswith(b"SIP/2.0 ") and method == b"INVITE":
        status = int(text[8:11])
        if status >= 200:
            call.status = status
        if status == 200 and call.answered_at is None:
            call.answered_at = packet.at
    elif text.startswith(b"BYE ") and call.ended_at is None:
        call.ended_at = packet.at
    return None


def _sound(payload: bytes) -> Samples | None:
    """The samples of a packet of A-law; None for anything else. Source: RFC 3550, 5.1."""
    if len(payload) < 12 or payload[0] >> 6 != 2 or payload[1] & 127 != ALAW_TYPE:
        return None
    start = 12 + 4 * (payload[0] & 15)
    return samples_of(alaw_decode(payload[start:]))


def _wait_until_it_looks(process: subprocess.Popen[bytes], file: Path) -> None:
    until = time.monotonic() + START_LIMIT_S
    while not file.exists() or file.stat().st_size < 24:
        if process.poll() is not None or time.monotonic() > until:
            said = process.stderr.read() if process.poll() is not None and process.stderr else b""
            raise PermanenceError(f"tcpdump does not watch: {said.decode(errors='replace')[:200]}")
        time.sleep(0.05)
