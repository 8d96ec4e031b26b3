"""The web application: wires the house to its doors."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket
from fastapi.responses import JSONResponse

from agent.errors import PermanenceError
from agent.house import House
from agent.web.media import media_call
from agent.web.phone import phone_router

logger = logging.getLogger(__name__)


def create_app(house: House) -> FastAPI:
    """The application over an open house; it does not close the house."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as calls:
            app.state.calls = calls
            app.state.running = set()
            yield
            for task in app.state.running:
                task.cancel()

    app = FastAPI(title="permanence", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.websocket("/media")
    async def media(websocket: WebSocket) -> None:
        await media_call(house, websocket)

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        return {"status": "ok", "calls": len(house.live), "limit": house.live.limit}

    app.include_router(phone_router(house))
    return app
