"""Where a request comes from, and where an answer may send: this site only. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""A path of this site. Browsers read « //host » and « /\\host » as another site, and leave out
tabs and line ends before they look."""

LONGEST_PATH = 2000

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a request that changes something was sent by a page of this site.

    A browser says so in `Sec-Fetch-Site` (over https and on loopback) or in `Origin`; what says
    neither is refused: every browser of today says one of them with a POST or a WebSocket.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = connection.headers.get("origin", "")
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    # The scheme is not compared: behind a proxy that ends TLS it may be unknown here.
    return bool(host) and host.casefold() == connection.headers.get("host", "").casefold()


def same_machine(connection: HTTPConnection) -> bool:
    """Whether a connection was opened on this machine, as far as can be told.

    What a proxy on this machine passes on is not, where the proxy says whom it speaks for, as it
    should (`X-Forwarded-For`, `Forwarded`), or which site it was asked for.
    """
    if any(name in connection.headers for name in _FORWARDED):
        return False
    host = connection.client.host if connection.client else ""
    try:
        asked = urlsplit(f"//{connection.headers.get('host', '')}").hostname or ""
        return ipaddress.ip_address(host).is_loopback and (
            asked == "localhost" or ipaddress.ip_address(asked).is_loopback
        )
    except ValueError:
        return False


def local_path(given: str, otherwise: str) -> str:
    """A path of this site to go on to; `otherwise` if what was given is none."""
    if len(given) <= LONGEST_PATH and _LOCAL.fullmatch(given):
        return given
    return otherwise


def network_of(connection: HTTPConnection) -> str:
    """Whose attempts are counted together: an IPv4 address, or an IPv6 network of one customer."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
