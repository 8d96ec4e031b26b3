"""The agent's pulse at the exchange: a thread that beats for the event loop.

A frozen process and a process that is out of breath look alike from outside: both are late. They
are not. A stopped process has no thread that runs, so its beats end at once, and its callers must
not wait; one that is out of breath still speaks, late, and to hang up all its callers for a second
or two of that would be the worse failure. So a thread beats, for as long as the loop has been seen
alive a short while ago: a loop that hangs is given up too, only later.
"""

from __future__ import annotations

import logging
import threading
import time

import httpx

from agent.errors import PermanenceError

logger = logging.getLogger(__name__)

BEAT_S = 1.0
"""How often the exchange is told that the agent lives; see `MISSED_BEATS` of the dialplan."""

SEEN_EVERY_S = 0.25
"""How often the loop shows itself."""

HANGS_S = 3.0
"""A loop that has not shown itself for so long hangs; with the beats that the exchange waits for,
its callers reach the fallback after six seconds at most."""

ASK_LIMIT_S = 1.0


class PulseError(PermanenceError):
    """A beat did not reach the exchange."""


class Pulse:
    """Tells one exchange, once a second, that the loop lives.

    Attributes:
        beats: That have reached the exchange.
        reached_at: When the last one did, `time.monotonic()`.
    """

    def __init__(
        self, url: str, user: str, password: str, every_s: float = BEAT_S, hangs_s: float = HANGS_S
    ) -> None:
        """Nothing beats yet.

        Args:
            url: Of the exchange, ``http://127.0.0.1:8088``.
            user: Of its REST interface.
            password: Of that user.
            every_s: From one beat to the next.
            hangs_s: After how long without `seen` the beats end.
        """
        self.beats = 0
        self.reached_at = float("-inf")
        self._url = f"{url.rstrip('/')}/ari/asterisk/variable"
        self._auth = (user, password)
        self._every_s = every_s
        self._hangs_s = hangs_s
        self._seen_at = float("-inf")
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def seen(self) -> None:
        """The loop lives: call it from there, several times a second."""
        self._seen_at = time.monotonic()

    def start(self) -> None:
        """Begin to beat."""
        self.seen()
        self._end.clear()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more, and tell the exchange to wait for none (blocks, two seconds at most)."""
        if self._thread is None:
            return
        self._end.set()
        self._thread.join(2 * ASK_LIMIT_S)
        self._thread = None

    def _run(self) -> None:
        failed = hung = False
        with httpx.Client(auth=self._auth, timeout=ASK_LIMIT_S, trust_env=False) as client:
            while True:
                alive = time.monotonic() - self._seen_at <= self._hangs_s
                if not alive and not hung:
                    logger.error("the event loop hangs: the exchange takes its calls back")
                hung = not alive
                try:
                    if alive:
                        self._tell(client, str(int(time.time())))
                        self.beats += 1
                        self.reached_at = time.monotonic()
                        failed = False
                except PulseError as error:
                    if not failed:
                        logger.warning("no pulse reaches the exchange: %s", error)
                    failed = True
                if self._end.wait(self._every_s):
                    break
            try:
                self._tell(client, "0")
            except PulseError as error:
                logger.info("the exchange was not told of the end: %s", error)

    def _tell(self, client: httpx.Client, value: str) -> None:
        asked = {"variable": "PERMANENCE_BEAT", "value": value}
        try:
            client.post(self._url, params=asked).raise_for_status()
        except httpx.HTTPError as error:
            raise PulseError(str(error) or type(error).__name__) from error
