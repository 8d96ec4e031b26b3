"""Where requests come from, and from which browsers: tables, no network."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from agent.web.devices import device_of, is_local
from agent.web.origin import network_of


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


@pytest.mark.parametrize(
    ("says", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
         "Firefox, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/142.0.0.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
         "like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named(says: str, device: str) -> None:
    """As its user knows it; most claim to be others too."""
    assert device_of(says) == device


@pytest.mark.parametrize(
    ("network", "local"),
    [("127.0.0.1", True), ("192.168.1.7", True), ("fd00::/64", True), ("198.18.0.1", True),
     ("93.184.215.14", False), ("2a01:e0a::/64", False), ("testclient", False), ("", False)],
)  # fmt: skip
def test_a_network_near_by(network: str, local: bool) -> None:
    """Of this machine or a private one."""
    assert is_local(network) == local
