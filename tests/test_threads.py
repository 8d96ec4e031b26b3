"""Threads that compute are nicer than the loop, and so are those that their libraries start."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from agent.call.threads import STEPS, computing


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness of their own there")
def test_what_computes_gives_way() -> None:
    """By as many steps, however deep; the thread that asked keeps its own."""

    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def deeper() -> list[int]:
        found = [niceness()]
        started = threading.Thread(target=lambda: found.append(niceness()))
        started.start()
        started.join()
        with computing(1, "deeper") as pool:
            return [*found, pool.submit(niceness).result()]

    own = niceness()
    with computing(1, "test") as pool:
        assert pool.submit(deeper).result() == [min(own + STEPS, 19)] * 3
    assert niceness() == own
