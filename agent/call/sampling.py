"""Which calls of a client that records a sample are recorded. Pure."""

from __future__ import annotations

import hashlib

_STEPS = 2**32


def is_drawn(call_id: str, percent: int) -> bool:
    """Whether a call is among the share that is recorded.

    Drawn from the call's identifier, which is random: the same call is always drawn alike.

    Args:
        call_id: Of the call.
        percent: Calls of 100 that are recorded, 0 to 100.
    """
    lot = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:4], "big")
    return lot * 100 < percent * _STEPS
