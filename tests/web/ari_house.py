"""An exchange's commands and events, as much of them as the agent asks for while no call comes."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any

import uvicorn
from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect

from evals.exchange_stage import free_port

START_LIMIT_S = 10.0


class AriServer:
    """A real HTTP server on loopback.

    Attributes:
        works: Whether variables can be set.
        beats: Values of the agent's pulse.
    """

    def __init__(self) -> None:
        """Nothing listens yet."""
        self.works = True
        self.beats: list[str] = []
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(_app(self), port=port, log_level="critical", timeout_keep_alive=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> AriServer:
        self._thread.start()
        until = time.monotonic() + START_LIMIT_S
        while not self._server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join(START_LIMIT_S)


def _app(server: AriServer) -> FastAPI:
    app = FastAPI()

    @app.post("/ari/asterisk/variable")
    def variable(variable: str, value: str = "") -> Response:
        if not server.works:
            return Response(status_code=500)
        if variable == "PERMANENCE_BEAT":
            server.beats.append(value)
        return Response(status_code=204)

    @app.get("/ari/endpoints/PJSIP")
    def endpoints() -> list[Any]:
        return []

    @app.get("/ari/channels")
    def channels() -> list[Any]:
        return []

    @app.websocket("/ari/events")
    async def events(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            return

    return app
