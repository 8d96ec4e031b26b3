"""What those ask who watch over the service: does it live, can it take calls, its figures."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from agent.house import House
from agent.web.health import Health, Watched
from agent.web.loop_lag import LoopLag
from agent.web.metrics import Metrics
from agent.web.origin import same_machine
from agent.web.scrape import Scrape

_HEADERS = {"Cache-Control": "no-store"}

NOT_YOURS = (
    "Ces chiffres se lisent sur la machine du service, ou avec le jeton PERMANENCE_METRICS_TOKEN.\n"
)


class Monitoring:
    """Counts and looks while the application runs."""

    def __init__(self, house: House, exchange: Watched | None) -> None:
        self._house = house
        self.metrics = Metrics()
        self._lag = LoopLag(self.metrics.loop_lag.observe)
        self.health = Health(house, self._lag, exchange)
        self.scrape = Scrape(house, self.metrics, self._lag, self.health)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block is left."""
        looking = asyncio.create_task(self._lag.run(), name="event loop's lag")
        try:
            with self.metrics.watching(self._house):
                yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await self.scrape.close()
            await self.health.close()


def monitoring_router(house: House, exchange: Watched | None = None) -> APIRouter:
    """The routes /healthz, /readyz and /metrics; it counts for as long as the application runs."""
    monitoring = Monitoring(house, exchange)
    router = APIRouter(lifespan=lambda _: monitoring.running())
    token = house.settings.metrics_token.get_secret_value()

    @router.get("/healthz")
    async def healthz() -> dict[str, object]:
        """Whether the process answers: nothing is tried."""
        return {"status": "ok", "calls": len(house.live), "limit": house.live.limit}

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        """Whether calls can be taken; what is wrong is told to those who may know."""
        states = await monitoring.health.look()
        ready = all(state.ok for state in states.values())
        told: dict[str, object] = {"status": "ready" if ready else "failing"}
        if may_read(request, token):
            told["checks"] = {name: asdict(state) for name, state in states.items()}
        return JSONResponse(told, 200 if ready else 503, headers=_HEADERS)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        if not may_read(request, token):
            return Response(
                NOT_YOURS, 401 if token else 403, media_type="text/plain; charset=utf-8",
                headers=_HEADERS | ({"WWW-Authenticate": "Bearer"} if token else {}),
            )  # fmt: skip
        text = await monitoring.scrape.text()
        return Response(text, headers=_HEADERS, media_type=CONTENT_TYPE_LATEST)

    return router


def may_read(request: Request, token: str) -> bool:
    """Whether somebody may see figures: with the token, or, if there is none, on this machine.

    Where a token is set it is asked for on this machine, too: a proxy that does not say whom it
    speaks for would else let everybody in.
    """
    if not token:
        return same_machine(request)
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
