"""Many callers at once by SIPp: what they say comes from a file, as A-law over RTP."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, Samples, alaw_encode
from agent.errors import PermanenceError
from evals.exchange_stage import TRUNK, free_port

SCENARIOS = Path(__file__).parent / "data" / "sip"
FIRST_MEDIA_PORT = 60_100
"""Above those that softphones and exchanges take."""

MEDIA_PORTS = 40
NOISE = 6.0


@dataclass(frozen=True)
class Counts:
    """Calls of one SIPp, or of several.

    Attributes:
        created: Begun.
        current: In progress.
        done: Ended as the scenario says.
        failed: All others.
    """

    created: int = 0
    current: int = 0
    done: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.created + other.created, self.current + other.current,
            self.done + other.done, self.failed + other.failed,
        )  # fmt: skip


class Sipp:
    """One SIPp that runs."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        """Take one; see `sipp`."""
        self._folder = folder
        self._process = process

    def counts(self) -> Counts:
        """As of the last second, or of its end."""
        with suppress(FileNotFoundError), (self._folder / "stat.csv").open() as file:
            rows = list(csv.DictReader(file, delimiter=";"))
            if rows:
                last = rows[-1]
                names = ("TotalCallCreated", "CurrentCall", "SuccessfulCall(C)", "FailedCall(C)")
                return Counts(*(int(last[name] or 0) for name in names))
        return Counts()

    def faults(self) -> list[str]:
        """The first lines of what it tells of calls that fail."""
        with suppress(FileNotFoundError):
            text = (self._folder / "errors.log").read_text(errors="replace")
            lines = [line.partition(": ")[2] for line in text.splitlines()]
            return [line for line in lines if line and not line.startswith("Overload")][:8]
        return []

    def begin_no_more(self) -> None:
        """Begin no more calls; those in progress end as they would."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGUSR1)

    def wait(self, limit_s: float) -> Counts:
        """Wait for its end (blocks).

        Raises:
            PermanenceError: It does not end.
        """
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            raise PermanenceError(f"SIPp does not end within {limit_s:.0f} s.") from error
        return self.counts()


@contextmanager
def sipp(
    scenario: str,
    exchange_port: int,
    *,
    number: str,
    calls: int,
    at_once: int,
    rate: float,
    limit_s: float,
    sound: Path | None = None,
    lasts_s: float = 0.0,
    prefix: str = "063991",
    address: str = TRUNK,
    nth: int = 0,
) -> Iterator[Sipp]:
    """Have calls placed; whatever is left of it is gone at the end.

    Args:
        scenario: Name of a file of `SCENARIOS`.
        exchange_port: UDP port of the exchange.
        number: That is dialled.
        calls: How many in all.
        at_once: At most so many at a time.
        rate: Begun a second.
        limit_s: It ends after so long, whatever is in progress.
        sound: What callers say, raw A-law; over and over.
        lasts_s: How long each call lasts.
        prefix: Callers' numbers begin with it.
        address: Of loopback, that they come from.
        nth: Which SIPp of several at a time: each has its own ports for sound.

    Raises:
        PermanenceError: SIPp is not here.
    """
    program = shutil.which("sipp")
    if program is None:
        raise PermanenceError("There is no SIPp here: apt-get install sip-tester.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sipp-")))
        text = (SCENARIOS / f"{scenario}.xml").read_text("utf-8")
        for mark, value in (("SOUND", sound), ("LASTS_MS", round(lasts_s * 1000)),
                            ("PREFIX", prefix)):  # fmt: skip
            text = text.replace(f"@{mark}@", str(value))
        (folder / "scenario.xml").write_text(text, "utf-8")
        per_s = max(1, round(rate * 10))
        process = subprocess.Popen(
            [
                program, f"{TRUNK}:{exchange_port}", "-sf", str(folder / "scenario.xml"),
                "-s", number, "-i", address, "-mi", address, "-mp",
                str(FIRST_MEDIA_PORT + nth * MEDIA_PORTS), "-p", str(_free_udp(address)),
                "-m", str(calls), "-l", str(at_once), "-r", str(per_s), "-rp", "10000",
                "-timeout", f"{round(limit_s)}s", "-nostdin", "-trace_stat", "-fd", "1",
                "-stf", str(folder / "stat.csv"), "-trace_err", "-error_file",
                str(folder / "errors.log"),
            ],
            cwd=folder,
            env={**os.environ, "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield Sipp(folder, process)
        finally:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(5)
            if process.poll() is None:
                process.kill()
                process.wait()


def write_sound(file: Path, parts: Sequence[Samples | float]) -> float:
    """Write what a caller says: clips and, as numbers, seconds between them; returns its length."""
    rng = np.random.default_rng(8)
    pieces = []
    for part in parts:
        clip = part if isinstance(part, np.ndarray) else np.zeros(
            int(part * TELEPHONE_RATE_HZ), np.int16
        )  # fmt: skip
        noise = rng.normal(0, NOISE, clip.size)
        pieces.append(np.clip(clip + noise, -32768, 32767).astype(np.int16))
    whole = np.concatenate(pieces)
    file.write_bytes(alaw_encode(whole.tobytes()))
    return whole.size / TELEPHONE_RATE_HZ


def _free_udp(address: str) -> int:
    return free_port(socket.SOCK_DGRAM, address)
