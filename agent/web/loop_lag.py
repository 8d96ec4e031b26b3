"""How late the event loop does what is due: everything of every call waits for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

EVERY_S = 0.25
"""How often it is looked; one look costs some microseconds."""

KEPT_S = 60.0
"""How long a look is remembered."""


class LoopLag:
    """Looks at the clock again and again; used from the event loop only."""

    def __init__(self, observe: Callable[[float], None]) -> None:
        """Nothing was looked at yet.

        Args:
            observe: Is told of each lag, seconds.
        """
        self._observe = observe
        self._lags: deque[tuple[float, float]] = deque(maxlen=int(KEPT_S / EVERY_S))
        self._looked_at = float("-inf")

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        self._looked_at = loop.time()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            now = loop.time()
            lag_s = max(0.0, now - due)
            self._looked_at = now
            self._lags.append((now, lag_s))
            self._observe(lag_s)

    def worst_s(self, within_s: float = KEPT_S) -> float:
        """The greatest lag of the last seconds, 0 if there was none."""
        since = asyncio.get_running_loop().time() - within_s
        return max((lag_s for at, lag_s in self._lags if at >= since), default=0.0)

    @property
    def silent_s(self) -> float:
        """How long ago the last look was, or the beginning; infinite if it does not run."""
        return asyncio.get_running_loop().time() - self._looked_at
