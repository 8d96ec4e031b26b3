"""Attempts to sign in, counted so that passwords cannot be tried out. Pure; in memory."""

from __future__ import annotations

from collections import OrderedDict, deque

WINDOW_S = 600.0
"""An attempt counts for so long."""

MOST_KEYS = 20_000
"""Addresses remembered; of more, those longest untouched are forgotten first."""


class Attempts:
    """The attempts of the last `WINDOW_S` of each of many keys.

    An attempt counts from its start, so that many at once are no way round; one that succeeds is
    taken back.
    """

    def __init__(self, most: int) -> None:
        """Allow so many in `WINDOW_S`."""
        self._most = most
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Seconds until the next attempt is allowed; 0: it is.

        Args:
            key: Whose.
            now_s: Of a clock that never goes back.
        """
        times = self._times.get(key)
        if times is None:
            return 0.0
        while times and times[0] + WINDOW_S <= now_s:
            times.popleft()
        if not times:
            del self._times[key]
            return 0.0
        return times[0] + WINDOW_S - now_s if len(times) >= self._most else 0.0

    def begin(self, key: str, now_s: float) -> None:
        """Count an attempt."""
        times = self._times.setdefault(key, deque(maxlen=self._most))
        times.append(now_s)
        self._times.move_to_end(key)
        if len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)

    def take_back(self, key: str, began_s: float) -> None:
        """Count an attempt no longer."""
        times = self._times.get(key)
        if times is not None and began_s in times:
            times.remove(began_s)
            if not times:
                del self._times[key]
