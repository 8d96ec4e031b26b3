"""How much one may ask, so that no program or page takes what callers need. In memory. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST_KEYS = 10_000
"""Keys remembered; of more, that longest unused is forgotten first."""


@dataclass(frozen=True)
class Allowance:
    """So many at once, and as many a minute afterwards."""

    at_once: int
    a_minute: float


class Rates:
    """What each of many keys has left: a bucket that fills again."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Take one; seconds to wait if there is none left, 0 if there was.

        Args:
            key: Whose.
            now_s: Of a clock that never goes back.
        """
        most, each_s = self._allowance.at_once, 60 / self._allowance.a_minute
        left, at_s = self._left.get(key, (float(most), now_s))
        left = min(float(most), left + (now_s - at_s) / each_s)
        wait = 0.0 if left >= 1 else (1 - left) * each_s
        self._left[key] = (left if wait else left - 1, now_s)
        self._left.move_to_end(key)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return wait
