"""The exchange as the agent uses it: its pulse, its events, and the calls that it brings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from agent.telephony.asterisk.ari import Ari, AriError
from agent.telephony.asterisk.pulse import SEEN_EVERY_S, Pulse
from agent.telephony.asterisk.transport import AsteriskTransport

logger = logging.getLogger(__name__)

Heard = Callable[[Mapping[str, Any]], None]


class Exchange:
    """One Asterisk.

    Attributes:
        ari: Its commands.
        calls: Callers' lines by the identifiers of their channels.
    """

    def __init__(self, ari: Ari, pulse: Pulse) -> None:
        self.ari = ari
        self._pulse = pulse
        self.calls: dict[str, AsteriskTransport] = {}
        self._hear: list[Heard] = []
        self._connected: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._looking: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Begin to beat and to listen."""
        self._pulse.start()
        self._tasks = [
            asyncio.create_task(self._live(), name="life of the event loop"),
            asyncio.create_task(
                self.ari.listen(self._take, self._is_connected), name="events of the exchange"
            ),
        ]

    async def close(self) -> None:
        """Stop; the exchange is told that no pulse is to be waited for."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._pulse.stop)
        await self.ari.close()

    def hear(self, take: Heard, connected: Callable[[], None] = lambda: None) -> None:
        """Have a function told of every event, and of every new stream of them."""
        self._hear.append(take)
        self._connected.append(connected)

    async def join(self, call_id: str, operator: str) -> bool:
        """Have a caller joined to an operator's channel, and leave their line.

        Args:
            call_id: Of the caller's channel.
            operator: Name of the operator's channel, which waits.
        """
        line = self.calls.get(call_id)
        if line is None:
            return False
        try:
            await self.ari.set_global(f"PERMANENCE_NEXT_{call_id}", operator)
        except AriError:
            logger.exception("a caller could not be joined to the operator")
            return False
        await line.leave()
        return True

    async def is_back(self, call_id: str, limit_s: float) -> None:
        """Wait for a caller who was with somebody else to be brought back, or to be gone."""
        line = self.calls.get(call_id)
        if line is not None:
            await line.is_back(limit_s)

    def _take(self, event: Mapping[str, Any]) -> None:
        if event.get("type") == "ChannelDestroyed":
            line = self.calls.get(event["channel"]["id"])
            if line is not None:
                line.over()
        for take in self._hear:
            take(event)

    def _is_connected(self) -> None:
        for call_id, line in self.calls.items():
            if line.is_away:
                task = asyncio.create_task(self._still_there(call_id, line), name="look for a call")
                self._looking.add(task)
                task.add_done_callback(self._looking.discard)
        for connected in self._connected:
            connected()

    async def _still_there(self, call_id: str, line: AsteriskTransport) -> None:
        """A caller who hung up while no event was heard is gone."""
        if not await self.ari.exists(call_id):
            line.over()

    async def _live(self) -> None:
        while True:
            self._pulse.seen()
            await asyncio.sleep(SEEN_EVERY_S)
