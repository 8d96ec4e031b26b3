"""The exchange as the agent uses it: its pulse, its events, and the calls that it brings."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

from agent.telephony.asterisk.ari import Ari, AriError
from agent.telephony.asterisk.pulse import SEEN_EVERY_S, Pulse
from agent.telephony.asterisk.transport import AsteriskTransport

logger = logging.getLogger(__name__)

GONE_S = 1.0
"""For the exchange to tell that a caller whose line has ended has hung up."""

FORGET_S = 5.0
"""For the dialplan to read what it was told of a call."""

SILENT_S = 5.0
"""Without a beat for so long, the exchange takes the calls back."""

ENDED_BY = "ENDED_BY"
"""Variable of a caller's channel that the dialplan sets before it hangs the caller up."""

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
        self._tasks_of_calls: set[asyncio.Task[None]] = set()
        self._joined: set[str] = set()

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
        tasks = [*self._tasks, *self._tasks_of_calls]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
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
        self._joined.add(call_id)
        await line.leave()
        return True

    async def refuse(self, call_id: str, why: str) -> None:
        """Tell the dialplan why a call is not taken, before its socket is closed."""
        try:
            await self.ari.set_global(f"PERMANENCE_NEXT_{call_id}", why)
        except AriError:
            logger.exception("the exchange was not told why a call is not taken")
        else:
            self._forget_later(call_id)

    async def has_hung_up(self, call_id: str, line: AsteriskTransport) -> bool:
        """Whether a caller whose line has ended is gone, or was taken back by the exchange."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GONE_S):
                await line.gone.wait()
        return line.gone.is_set() or not await self.ari.exists(call_id)

    def done(self, call_id: str) -> None:
        """A call is over."""
        if call_id in self._joined:
            self._joined.discard(call_id)
            self._forget_later(call_id)

    @property
    def trouble(self) -> str:
        """What is wrong between the exchange and us, in a few words; "" if nothing is."""
        if not self.ari.is_connected:
            return "its events are not heard"
        silent_s = time.monotonic() - self._pulse.reached_at
        return f"no pulse has reached it for {silent_s:.0f} s" if silent_s > SILENT_S else ""

    async def is_back(self, call_id: str, limit_s: float) -> None:
        """Wait for a caller who was with somebody else to be brought back, or to be gone."""
        line = self.calls.get(call_id)
        if line is not None:
            await line.is_back(limit_s)

    async def part(self, call_id: str, limit_s: float) -> None:
        """The operator to whom a caller was joined has finished: so has the caller's call."""
        line = self.calls.get(call_id)
        if line is None:
            return
        await line.is_back(limit_s)
        if await self.ari.exists(call_id):
            line.hung_up_by = "operator"
            await self.ari.hang_up(call_id)

    def _take(self, event: Mapping[str, Any]) -> None:
        if event.get("type") == "ChannelVarset" and event["variable"] == ENDED_BY:
            line = self.calls.get(event["channel"]["id"])
            if line is not None:
                line.hung_up_by = event["value"]
        if event.get("type") in ("ChannelHangupRequest", "ChannelDestroyed"):
            line = self.calls.get(event["channel"]["id"])
            if line is not None:
                line.gone.set()
                if event["type"] == "ChannelDestroyed":
                    line.over()
        for take in self._hear:
            take(event)

    def _is_connected(self) -> None:
        for call_id, line in self.calls.items():
            if line.is_away:
                self._start(self._still_there(call_id, line), "look for a call")
        for connected in self._connected:
            connected()

    async def _still_there(self, call_id: str, line: AsteriskTransport) -> None:
        """A caller who hung up while no event was heard is gone."""
        if not await self.ari.exists(call_id):
            line.over()

    def _forget_later(self, call_id: str) -> None:
        self._start(self._forget(call_id), "forget a call")

    async def _forget(self, call_id: str) -> None:
        """Have the exchange forget what was told it of a call, once its dialplan has read it."""
        await asyncio.sleep(FORGET_S)
        with suppress(AriError):
            for name in (f"PERMANENCE_NEXT_{call_id}", f"PERMANENCE_LEFT_{call_id}"):
                await self.ari.forget_global(name)

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks_of_calls.add(task)
        task.add_done_callback(self._tasks_of_calls.discard)

    async def _live(self) -> None:
        while True:
            self._pulse.seen()
            await asyncio.sleep(SEEN_EVERY_S)
