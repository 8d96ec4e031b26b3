"""The web application: wires the house to its doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, WebSocket
from fastapi.staticfiles import StaticFiles

from agent.house import House
from agent.web.media import media_call
from agent.web.phone import STATIC, BrowserCalls, phone_router


def create_app(house: House) -> FastAPI:
    """The application over an open house; it does not close the house."""
    browser_calls = BrowserCalls(house)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await browser_calls.close()

    app = FastAPI(
        title="permanence", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )

    @app.websocket("/media")
    async def media(websocket: WebSocket) -> None:
        await media_call(house, websocket)

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        return {"status": "ok", "calls": len(house.live), "limit": house.live.limit}

    app.include_router(phone_router(house, browser_calls))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
