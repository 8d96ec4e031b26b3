"""What is reached from outside, and what the service reaches: proxy, mail, exchange."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from agent.errors import PermanenceError
from agent.install.finding import Finding, Site, fault, ok, warning
from agent.install.trying import OUR_SIGN, try_mail

REACH_S = 8.0
SOON = timedelta(days=14)
"""Certificates of 90 days are renewed 30 days before they end."""

LIVE_PAGES = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
"""The WebSocket of pages that show what happens."""


def certificate(site: Site) -> Iterator[Finding]:
    """The public address: its certificate, and whether it is we who are reached there."""
    url = site.settings.public_url
    if not url:
        yield warning(
            "public address",
            "PERMANENCE_PUBLIC_URL is empty: set it, or mails have no links and carriers no line.",
        )
        return
    parts = urlsplit(url)
    if parts.scheme != "https":
        yield warning("public address", f"{url} is not https: browsers give no microphone there.")
    elif (ends := _certificate_ends(parts.hostname or "", parts.port or 443)) is None:
        yield ok("certificate", f"{parts.hostname} is not looked at.")
    elif isinstance(ends, str):
        yield fault("certificate", ends)
        return
    elif ends - site.now < SOON:
        yield warning(
            "certificate",
            f"It ends on {ends:%Y-%m-%d}: see why it is not renewed (journalctl -u caddy, or"
            " certbot renew --dry-run).",
        )
    else:
        yield ok("certificate", f"Valid until {ends:%Y-%m-%d}.")
    yield from _through_proxy(url)


def _certificate_ends(host: str, port: int) -> datetime | str | None:
    """When it ends, or a sentence on what is wrong with it."""
    try:
        with (
            socket.create_connection((host, port), timeout=REACH_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            shown = secure.getpeercert()
    except ssl.SSLCertVerificationError as error:
        return (
            f"Browsers refuse the certificate of {host} ({error.verify_message}): get another"
            " (certbot renew, or journalctl -u caddy)."
        )
    except OSError as error:
        return (
            f"{host}:{port} cannot be reached ({error}): is the web server running, its port open"
            " in the firewall, and the DNS entry right?"
        )
    ends = ssl.cert_time_to_seconds(str(shown["notAfter"])) if shown else 0
    return datetime.fromtimestamp(ends, UTC)


def _through_proxy(url: str) -> Iterator[Finding]:
    """Whether pages and WebSockets come through to the service."""
    try:
        found = httpx.get(f"{url}/healthz", timeout=REACH_S)
        ours = OUR_SIGN in found.json()
    except (httpx.HTTPError, ValueError, TypeError):
        ours = False
    if not ours:
        yield fault(
            "proxy",
            f"{url} does not lead to the service: compare the web server's configuration with the"
            " example of permanence setup --server.",
        )
        return
    if why := asyncio.run(_upgrade(url)):
        yield fault(
            "proxy",
            f"WebSockets do not come through ({why}), so live pages stay still: pass on the headers"
            " Upgrade and Connection, with HTTP/1.1.",
        )
    else:
        yield ok("proxy", "Pages and WebSockets come through.")


async def _upgrade(url: str) -> str:
    """Why a WebSocket is not opened, "" if it is."""
    address = url.replace("http", "ws", 1) + LIVE_PAGES
    try:
        async with connect(address, origin=url, open_timeout=REACH_S, proxy=None):  # type: ignore[arg-type]
            return ""
    except InvalidStatus as error:
        return f"status {error.response.status_code}"
    except (WebSocketException, OSError, TimeoutError) as error:
        return str(error) or type(error).__name__


def mail(site: Site) -> Iterator[Finding]:
    """Whether e-mail could be handed in; none is sent."""
    server = site.settings.smtp
    if server is None:
        yield warning("mail", "PERMANENCE_SMTP_URL is empty, so e-mails wait: set it.")
        return
    try:
        try_mail(server)
    except ValueError as error:
        yield fault("mail", f"{error}.")
    else:
        yield ok("mail", f"{server.host} would take e-mail.")


def exchange(site: Site) -> Iterator[Finding]:
    """The telephone exchange, if there is one."""
    settings = site.settings
    if site.exchange is not None:
        yield from _values(site)
    elif settings.asterisk_url:
        try:
            found = httpx.get(
                f"{settings.asterisk_url.rstrip('/')}/ari/asterisk/info",
                auth=("permanence", settings.asterisk_password.get_secret_value()),
                timeout=REACH_S,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            yield fault(
                "exchange", f"Asterisk cannot be reached ({error}): systemctl start asterisk."
            )
            return
        if found.status_code != httpx.codes.OK:
            yield fault(
                "exchange",
                f"Asterisk refuses our password (status {found.status_code}): set"
                " PERMANENCE_ASTERISK_PASSWORD to that of its values.",
            )
        else:
            yield ok("exchange", "Asterisk answers; permanence asterisk check says more.")


def _values(site: Site) -> Iterator[Finding]:
    """All that `permanence asterisk check` looks at."""
    from agent.store.database import Database
    from agent.store.numbers import NumberStore
    from agent.telephony.asterisk.checking import check
    from agent.telephony.asterisk.values import read_values

    assert site.exchange is not None
    try:
        values = read_values(site.exchange)
    except PermanenceError as error:
        yield fault("exchange", str(error))
        return
    database = Database(site.settings.database)
    try:
        numbers = NumberStore(database).all()
    finally:
        database.close()
    for found in check(values, numbers):
        yield ok("exchange", found.sentence) if found.ok else fault("exchange", found.sentence)
