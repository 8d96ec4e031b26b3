"""Makes indexes of another version again while calls are answered.

After an update an index may be of an older format, or of another embedding model; its client's
callers are handed over until it is made again. That is done from the files kept, one client after
the other, in a thread of its own; what cannot be made again is said in the log.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from knowledge.embeddings import Embedder
from knowledge.errors import KnowledgeError
from knowledge.ingest import ingest

logger = logging.getLogger(__name__)


class _StoppedError(Exception):
    """The house closes."""


class Renewal:
    """The work under way; nothing that is stopped midway is put in service."""

    def __init__(
        self,
        root: Path,
        embedder: Embedder,
        slugs: Sequence[str],
        renewed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start.

        Args:
            root: Folder of the clients.
            embedder: The embedding model, loaded.
            slugs: The clients whose index is made again, in this order.
            renewed: Called, in the thread, with each client that is done.
        """
        self._root, self._embedder, self._renewed = root, embedder, renewed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(tuple(slugs),), name="renewal")
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether all is done within that time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Ask it to stop at the next passages."""
        self._stop.set()

    def close(self) -> None:
        """Stop it, and wait until then."""
        self.stop()
        self._thread.join()

    def _work(self, slugs: Sequence[str]) -> None:
        for slug in slugs:
            try:
                self._check("", 0, 0)
                logger.warning("%s: the index is of another version, it is made again", slug)
                ingest(self._root / slug, [], self._embedder, self._check)
                self._renewed(slug)
                logger.warning("%s: the index is made again, and answers", slug)
            except _StoppedError:
                return
            except KnowledgeError as error:
                logger.error("%s: the index could not be made again: %s", slug, error)
            except Exception:
                logger.exception("%s: the index could not be made again", slug)

    def _check(self, stage: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise _StoppedError
