"""Runs the application: for good, or in a thread for as long as a command needs it."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI

from agent.errors import PermanenceError
from agent.house import House, open_house
from agent.settings import Settings
from agent.web.app import create_app

PING_S = 5.0
"""Interval of WebSocket pings; a peer that reads nothing does not answer them."""

PONG_LIMIT_S = 10.0
STOP_LIMIT_S = 10


@dataclass(frozen=True)
class RunningServer:
    """A server that answers at `url`."""

    url: str
    house: House
    loop: asyncio.AbstractEventLoop
    app: FastAPI


def serve_forever(settings: Settings) -> None:
    """Open the house and answer until interrupted.

    Raises:
        PermanenceError: A model, the database, an index or the port cannot be used.
    """
    listener = _listen(settings)
    with listener:
        house = open_house(settings, lambda part: print(f"  loading: {part}", flush=True))
        host, port = listener.getsockname()[:2]
        print(f"Serving at http://{host}:{port} (media socket: ws://{host}:{port}/media)")
        for client in house.clients.list():
            print(f"Telephone of {client.name}: http://{host}:{port}/phone/{client.slug}")
        print("Press Ctrl+C to stop.", flush=True)
        server = uvicorn.Server(_config(create_app(house)))
        run_to_the_end(uvloop.new_event_loop(), _serve(server, house, listener))


async def _serve(server: uvicorn.Server, house: House, listener: socket.socket) -> None:
    gc.collect()
    gc.freeze()  # what is there for good is not looked through again: calls stood still for 0.2 s
    try:
        await server.serve(sockets=[listener])
    finally:
        await house.close()
        gc.unfreeze()


@contextmanager
def running_server(settings: Settings) -> Iterator[RunningServer]:
    """A server in a thread of its own; stops, with its calls, when the block ends.

    Raises:
        PermanenceError: It cannot be started.
    """
    listener = _listen(settings)
    with listener:
        house = open_house(settings)
        started = threading.Event()
        app = create_app(house)
        server = _Server(_config(app), started)
        loop = uvloop.new_event_loop()

        def work() -> None:
            try:
                run_to_the_end(loop, _serve(server, house, listener))
            finally:
                started.set()

        thread = threading.Thread(target=work, name="server")
        thread.start()
        started.wait()
        try:
            if not server.started:
                raise PermanenceError("The server could not be started; see its log.")
            host, port = listener.getsockname()[:2]
            yield RunningServer(f"http://{host}:{port}", house, loop, app)
        finally:
            server.should_exit = True
            thread.join()


def run_to_the_end(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    """Run work in a loop; what it leaves behind is cancelled and awaited, and the loop closed.

    The console's pings to its open pages are left behind: « Task was destroyed but it is pending ».
    """
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work)


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, answering: threading.Event) -> None:
        super().__init__(config)
        self._answering = answering

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self._answering.set()


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=2**17,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PONG_LIMIT_S,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=STOP_LIMIT_S,
    )


def _listen(settings: Settings) -> socket.socket:
    """Take the address; nobody is let in before the house is open.

    A caller who was let in while models load would wait for as long as that takes, where one who
    is refused is answered otherwise at once.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise PermanenceError(
            f"The address {settings.host}:{settings.port} cannot be used ({error.strerror}); "
            "stop what listens there, or set PERMANENCE_PORT."
        ) from error
    return listener
