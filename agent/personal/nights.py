"""Runs what the night deletes, while calls are taken: each client's when it is 3:30 where it is.

A night that nobody was awake for is made up for at the next start. All of it blocks, in a thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from agent.personal.retention import Retention, last_night, zone_of_client
from agent.store.clients import ClientStore

logger = logging.getLogger(__name__)

LOOK_S = 300.0
"""How often it is looked whether a night has come."""


class Nights:
    """One task of the house.

    Args:
        clients: Whose nights.
        retention: What is run.
        file: Which nights are done is kept there.
        now: The time, with its zone.
    """

    def __init__(
        self,
        clients: ClientStore,
        retention: Retention,
        file: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clients, self._retention, self._file, self._now = clients, retention, file, now
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look(), name="nights")

    async def close(self) -> None:
        """Look no more; what is being deleted is deleted to its end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def run_due(self) -> tuple[str, ...]:
        """Run those that are due (blocks); returns the clients whose night was run."""
        now, done = self._now(), self._done()
        run = []
        for client in self._clients.list():
            try:
                due = last_night(now, zone_of_client(client))
                if done.get(client.slug, "") >= due.isoformat():
                    continue
                self._retention.run(client, now)
            except Exception:  # of one client: the others' nights are run all the same
                logger.exception("what is too old of %s could not be deleted", client.slug)
                continue
            done[client.slug] = due.isoformat()
            run.append(client.slug)
            self._keep(done)
        if run:
            self._retention.tidy(now)
        return tuple(run)

    async def _look(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.run_due)
            except Exception:  # whatever it is, the next look tries again
                logger.exception("what is too old could not be deleted; it is tried again")
            await asyncio.sleep(LOOK_S)

    def _done(self) -> dict[str, str]:
        with suppress(OSError, ValueError):
            found = json.loads(self._file.read_text("utf-8"))
            if isinstance(found, dict):
                return {str(slug): str(due) for slug, due in found.items()}
        return {}

    def _keep(self, done: dict[str, str]) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(done), "utf-8")
        part.replace(self._file)
