"""A real server over a few routers and real stores; no model is loaded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from agent.post import Post
from agent.store.accounts import Accounts
from agent.store.audit import AuditStore
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.sessions import SessionStore
from agent.store.users import UserStore
from agent.web.pages import STATIC


@dataclass(frozen=True)
class SmallHouse:
    """Of the house, what needs no model."""

    database: Database
    clients: ClientStore
    users: UserStore
    sessions: SessionStore
    audit: AuditStore
    accounts: Accounts
    post: Post


@contextmanager
def small_house(folder: Path) -> Iterator[Any]:
    """A house on a database of its own, with the clients "acme" and "bora"."""
    database = Database(f"sqlite:///{folder / 'permanence.db'}")
    database.migrate()
    clients = ClientStore(database)
    clients.add("acme", "Acmé & Fils")
    clients.add("bora", "Bora")
    try:
        yield SmallHouse(
            database, clients, UserStore(database), SessionStore(database), AuditStore(database),
            Accounts(database), Post("http://127.0.0.1"),
        )  # fmt: skip
    finally:
        database.close()


@contextmanager
def small_server(add_routes: Callable[[FastAPI], None]) -> Iterator[str]:
    """A server on loopback with these routes and the style sheets; yields its address."""
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=STATIC))
    add_routes(app)  # live pages among them are mounted at the root: whatever comes later is theirs
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="small")
    thread.start()
    try:
        port = listener.getsockname()[1]
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _wait_for(port: int) -> None:
    """Wait until the server has answered once: it listens before it does."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert asking.recv(1)
