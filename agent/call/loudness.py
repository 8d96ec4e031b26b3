"""How loud this caller is; what is much fainter is the room, or comes back from the telephone."""

from __future__ import annotations

import math
from collections import deque
from statistics import median_high

TURNS_KEPT = 5
"""Last turns of the caller by which they are known: they may put the telephone down on the way."""

FAINT_DB = 8.0
"""How much fainter than the caller's own voice words that mean nothing to us are another's: a
television, somebody in the next room, or the agent itself back from the telephone."""


class Loudness:
    """That of one call."""

    def __init__(self) -> None:
        self._levels_db: deque[float] = deque(maxlen=TURNS_KEPT)

    def note(self, level_db: float) -> None:
        """The caller has said something so loud, dB below full scale."""
        if math.isfinite(level_db):
            self._levels_db.append(level_db)

    def below_db(self, level_db: float) -> float:
        """How much fainter something is than what the caller says.

        0 before they have spoken, and where it may well be theirs.
        """
        if not self._levels_db or not math.isfinite(level_db):
            return 0.0
        below_db = median_high(self._levels_db) - level_db
        return below_db if below_db >= FAINT_DB else 0.0
