"""Things outside that an answer names, tried at once; a ValueError says what to do."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from agent.errors import PermanenceError
from agent.handoff.delivery import DeliveryError
from agent.handoff.mail import Mailer
from agent.settings import SmtpServer
from agent.store.database import Database

PRIVATE = ("/root/", "/home/")
"""Where no other user's program runs."""

ANSWER_S = 3.0
"""Longest wait for a service on this machine."""

OUR_SIGN = "calls"
"""A key that our `/healthz` tells, and hardly anybody else's."""


def try_mail(server: SmtpServer) -> None:
    """Connect and sign in as for an e-mail; none is sent.

    Raises:
        ValueError: An e-mail could not be handed in there.
    """
    mailer = Mailer(
        server.host, server.port, "", security=server.security, user=server.user,
        password=server.password,
    )  # fmt: skip
    try:
        mailer.check()
    except DeliveryError as error:
        raise ValueError(
            f"No e-mail can be handed in: {error}. Check host, port, user and password, and that"
            " this machine may reach that port"
        ) from error


def try_database(url: str) -> None:
    """Open a database; nothing is written there.

    Raises:
        ValueError: It cannot be used.
    """
    try:
        database = Database(url)
        try:
            database.revision()
        finally:
            database.close()
    except PermanenceError as error:
        raise ValueError(str(error).rstrip(".")) from error


def who_answers(host: str, port: int) -> str:
    """Who is at a port: "us", "other" or "nobody"."""
    address = "127.0.0.1" if host in ("", "0.0.0.0") else "::1" if host == "::" else host
    try:
        socket.create_connection((address, port), timeout=ANSWER_S).close()
    except OSError:
        return "nobody"
    try:
        shown = f"[{address}]" if ":" in address else address
        found = httpx.get(f"http://{shown}:{port}/healthz", timeout=ANSWER_S, trust_env=False)
        told = found.json()
        return "us" if isinstance(told, dict) and OUR_SIGN in told else "other"
    except (httpx.HTTPError, ValueError):
        return "other"


def try_port(port: int) -> None:
    """Whether the service can listen there, or does already.

    Raises:
        ValueError: Something else does.
    """
    if who_answers("127.0.0.1", port) == "other":
        raise ValueError(f"Something else answers at port {port}; choose another")


def try_name(url: str) -> None:
    """Whether the name of an address leads anywhere.

    Raises:
        ValueError: It does not.
    """
    host = urlsplit(url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        raise ValueError(
            f"{host} leads nowhere yet; make its DNS entry, or write the name as it will be and"
            " run this with --offline"
        ) from error


def try_program(program: str) -> None:
    """Whether that is an executable, of a Python that the service may use.

    Raises:
        ValueError: It is not.
    """
    file = Path(program)
    if not (file.is_file() and file.stat().st_mode & 0o111):
        raise ValueError(f"There is no program {program}; write where `permanence` was installed")
    with file.open("rb") as opened:
        first = opened.readline(1000).decode("utf-8", "replace").removeprefix("#!").split()
    for one in (file, Path(first[0] if first else program)):
        if str(one.resolve()).startswith(PRIVATE):
            raise ValueError(
                f"{program} needs {one.resolve()}, which the service's user cannot reach; install"
                " it under /opt, with /usr/bin/python3 -m venv"
            )
