"""The agent of an exchange as a process of its own, which can be frozen and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np

from agent.audio import Samples
from agent.errors import PermanenceError
from agent.settings import Settings
from evals.exchange_stage import ExchangeStage

START_LIMIT_S = 180.0
STOP_LIMIT_S = 20.0


class AgentProcess:
    """`permanence serve` for an exchange; one at a time.

    Attributes:
        log: What it says.
    """

    def __init__(
        self,
        stage: ExchangeStage,
        settings: Settings,
        command: Sequence[str] = ("-m", "agent", "serve"),
    ) -> None:
        """Nothing runs yet.

        Args:
            stage: Whose calls it takes.
            settings: Its home; the stage's own settings are added.
            command: What Python is told to run.
        """
        self._command = tuple(command)
        self._stage = stage
        ours = stage.settings(settings)
        self.log = stage.folder / "agent.log"
        self.log.touch()
        self._environment = {
            **os.environ,
            "PERMANENCE_HOME": str(ours.home),
            "PERMANENCE_PORT": str(ours.port),
            "PERMANENCE_MAX_CALLS": str(ours.max_calls),
            "PERMANENCE_CALLER_CALLS": "0",
            "PERMANENCE_MASKED_CALLS": "0",
            "PERMANENCE_ASTERISK_URL": ours.asterisk_url,
            "PERMANENCE_ASTERISK_PASSWORD": ours.asterisk_password.get_secret_value(),
            "PERMANENCE_ASTERISK_MESSAGES": str(ours.asterisk_messages),
            "PERMANENCE_ASTERISK_SOUNDS": str(ours.asterisk_sounds),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers and its pulse arrives (blocks: it loads models).

        Raises:
            PermanenceError: It does not start; its last words are in the message.
        """
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *self._command],
                env=self._environment,
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._process = process
        before = self._stage.variable("PERMANENCE_BEAT")
        until = time.monotonic() + START_LIMIT_S
        while not (self._answers() and self._stage.variable("PERMANENCE_BEAT") != before):
            if process.poll() is not None or time.monotonic() > until:
                last = self.log.read_text(errors="replace")[-600:]
                raise PermanenceError(f"The agent does not start: {last}")
            time.sleep(0.2)

    @property
    def pid(self) -> int:
        """Its number, while it runs."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    def freeze(self) -> float:
        """Let it stand still, as on a machine that is out of breath; returns when."""
        return self._signal(signal.SIGSTOP)

    def thaw(self) -> float:
        """Let it go on; returns when."""
        return self._signal(signal.SIGCONT)

    def kill(self) -> float:
        """Kill it, without a word; returns when, seconds since the epoch."""
        at = self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        return at

    def stop(self) -> None:
        """Stop it as an administrator does; killed if it does not."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _signal(self, what: signal.Signals) -> float:
        assert self._process is not None, "it was not started"
        at = time.time()
        self._process.send_signal(what)
        return at

    def _answers(self) -> bool:
        url = f"http://127.0.0.1:{self._stage.agent_port}/healthz"
        with suppress(httpx.HTTPError):
            return httpx.get(url, timeout=1.0, trust_env=False).is_success
        return False


@contextmanager
def filtered_port(port: int) -> Iterator[None]:
    """A TCP port of loopback at which nothing ever answers, as behind a filter.

    A socket listens there, and those who wait are so many that the kernel drops every other one.
    """
    waiting = []
    with socket.create_server(("127.0.0.1", port), backlog=0):
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            with suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
            waiting.append(one)
        time.sleep(0.1)
        try:
            yield
        finally:
            for one in waiting:
                one.close()


def heard_at(heard: Samples, sentence: Samples) -> tuple[int, float]:
    """Where a recording is played in what was heard, and how alike the two are.

    Returns:
        The sample at which it begins, and the correlation there, at most 1.
    """
    wanted = sentence.astype(np.float64)
    if heard.size < wanted.size:
        return 0, 0.0
    padded = 2 ** int(np.ceil(np.log2(heard.size + wanted.size)))
    all_of = heard.astype(np.float64)
    product = np.fft.irfft(
        np.fft.rfft(all_of, padded) * np.conj(np.fft.rfft(wanted, padded)), padded
    )[: heard.size - wanted.size + 1]
    energy = np.cumsum(np.concatenate([[0.0], all_of**2]))
    under = energy[wanted.size :] - energy[: energy.size - wanted.size]
    alike = product / np.sqrt(np.maximum(under, 1.0) * np.sum(wanted**2))
    at = int(np.argmax(alike))
    return at, float(alike[at])
