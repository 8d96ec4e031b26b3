"""Groups the questions that were not answered, in one thread beside the calls."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import numpy as np

from agent.call.threads import computing
from agent.store.gap_groups import GapStore, Key, Vector
from knowledge.embeddings import Embedder, Vectors
from knowledge.grouping import Asked, asked, grouped
from knowledge.likeness import likeness

logger = logging.getLogger(__name__)

KEPT_AT_ONCE = 100
"""New vectors after which they are kept: what was embedded is not embedded again."""


REST = 4
"""While calls are on, how many times as long as an embedding took it is waited for the next one.

The callers' questions are embedded by the same model: without, a look-up of theirs takes 2.5 to 3
times as long (p95 235 ms instead of 95), with it a fifth longer."""


class GapGrouping:
    """Keeps the groups up to date. `refresh` runs in the thread of whoever calls it."""

    def __init__(
        self,
        store: GapStore,
        embedder: Embedder,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        calls_on: Callable[[], bool] = lambda: False,
    ) -> None:
        """Group nothing yet.

        Args:
            store: Of the questions.
            embedder: The embedding model, which callers' questions wait for too.
            now: The time, UTC.
            calls_on: Whether there are calls; asked in the thread.
        """
        self._store = store
        self._embedder = embedder
        self._now, self._calls_on = now, calls_on
        self._thread = computing(1, "gaps")
        self._grouped: dict[str, int] = {}
        self._closing = threading.Event()
        self._running: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    def soon(self, slug: str, then: Callable[[], None] = lambda: None) -> bool:
        """Have the groups of a client made anew, unless that is being done.

        Args:
            slug: The client.
            then: Called in the thread, once it is done.

        Returns:
            Whether it was begun now.
        """
        with self._lock:
            running = self._running.get(slug)
            if self._closing.is_set() or (running is not None and not running.done()):
                return False
            self._running[slug] = self._thread.submit(self._refreshed, slug, then)
            return True

    def is_running(self, slug: str) -> bool:
        """Whether the groups of a client are being made anew."""
        with self._lock:
            running = self._running.get(slug)
            return running is not None and not running.done()

    def close(self) -> None:
        """Stop after the question at hand; what was embedded is kept."""
        self._closing.set()
        self._thread.shutdown()

    def _refreshed(self, slug: str, then: Callable[[], None]) -> None:
        try:
            self.refresh(slug)
        except Exception:
            logger.exception("the questions of %s cannot be grouped", slug)
        then()

    def refresh(self, slug: str) -> None:
        """Embed what is new (25 ms each) and group all (5,000: seconds), if anything changed.

        Raises:
            UnknownClientError: There is no such client.
        """
        gaps = self._store.gaps(slug, self._now())
        known = self._store.vectors(slug)
        name = self._embedder.name
        all_known = True
        questions: list[Asked] = []
        vectors: list[Vectors] = []
        new: dict[Key, Vector] = {}
        keys: list[Key] = []
        for gap in gaps:
            if self._closing.is_set():
                break
            key, question = (gap.call_id, gap.position), asked(gap.asked)
            kept = known.get(key)
            if kept is None or (kept.heard, kept.embedder) != (gap.asked, name):
                all_known = False
                kept = new[key] = Vector(gap.asked, name, self._embedded(question.text))
            keys.append(key)
            questions.append(question)
            vectors.append(np.frombuffer(kept.bytes, dtype="<f2").astype(np.float32))
            if len(new) >= KEPT_AT_ONCE:
                self._store.keep(slug, new, None)
                new = {}
        if self._closing.is_set():
            self._store.keep(slug, new, None)
            return
        these = hash(tuple((gap.call_id, gap.position, gap.asked) for gap in gaps))
        if all_known and self._grouped.get(slug) == these:
            return  # the same questions give the same groups
        rows = (
            np.stack(vectors) if vectors else np.zeros((0, self._embedder.dimensions), np.float32)
        )
        found = grouped(questions, rows, likeness(name))
        self._store.keep(slug, new, [[keys[at] for at in typical(one, rows)] for one in found])
        self._grouped[slug] = these

    def _embedded(self, text: str) -> bytes:
        """A question's vector as it is kept; callers' look-ups go first."""
        began = time.monotonic()
        made = self._embedder.query(text).vector.astype("<f2").tobytes()
        if self._calls_on():
            self._closing.wait(REST * (time.monotonic() - began))
        return made


def typical(group: Sequence[int], vectors: Vectors) -> list[int]:
    """Places of a group, what is nearest to all of it first."""
    mine = vectors[list(group)]
    near = mine @ mine.mean(axis=0)
    return [group[int(at)] for at in np.argsort(-near, kind="stable")]
