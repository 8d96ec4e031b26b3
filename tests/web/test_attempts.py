"""Attempts counted, and where requests come from: tables, no clock and no network."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from agent.web.attempts import MOST_KEYS, WINDOW_S, Attempts
from agent.web.origin import network_of


def test_an_attempt_counts_for_ten_minutes() -> None:
    """The third of two waits for the first to be over; then for the second."""
    attempts = Attempts(2)
    for now_s in (100.0, 160.0):
        assert attempts.wait_s("a", now_s) == 0
        attempts.begin("a", now_s)
    assert attempts.wait_s("a", 160.0) == WINDOW_S - 60
    assert attempts.wait_s("b", 160.0) == 0
    assert attempts.wait_s("a", 99.5 + WINDOW_S) == 0.5
    assert attempts.wait_s("a", 100.0 + WINDOW_S) == 0
    attempts.begin("a", 100.0 + WINDOW_S)
    assert attempts.wait_s("a", 100.0 + WINDOW_S) == 60
    assert attempts.wait_s("a", 9000.0) == 0


def test_one_that_succeeds_is_taken_back() -> None:
    """Alone: those that failed before still count."""
    attempts = Attempts(2)
    attempts.begin("a", 1.0)
    attempts.begin("a", 2.0)
    attempts.take_back("a", 2.0)
    attempts.take_back("a", 2.0)
    attempts.take_back("b", 2.0)
    assert attempts.wait_s("a", 3.0) == 0
    attempts.begin("a", 3.0)
    assert attempts.wait_s("a", 3.0) == WINDOW_S - 2


def test_memory_is_bounded() -> None:
    """Of more addresses than are remembered the oldest are forgotten, those in use stay."""
    attempts = Attempts(1)
    attempts.begin("old", 0.0)
    attempts.begin("used", 0.0)
    for number in range(MOST_KEYS - 2):
        attempts.begin(f"k{number}", 1.0)
    attempts.begin("used", 2.0)
    attempts.begin("new", 2.0)
    assert attempts.wait_s("old", 2.0) == 0
    assert attempts.wait_s("used", 2.0) > 0
    assert attempts.wait_s("k0", 2.0) > 0
    assert len(attempts._times) == MOST_KEYS


@pytest.mark.parametrize(
    ("client", "network"),
    [
        (("192.0.2.7", 5000), "192.0.2.7"),
        (("::ffff:192.0.2.7", 5000), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 5000), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::9", 1), "2001:db8:1:2::/64"),
        (("testclient", 5000), "testclient"),
        (None, ""),
    ],
)
def test_whose_attempts_are_counted_together(client: tuple[str, int] | None, network: str) -> None:
    """A customer of IPv6 has a network of addresses."""
    assert network_of(HTTPConnection({"type": "http", "client": client})) == network
