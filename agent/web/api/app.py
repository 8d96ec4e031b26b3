"""The API as an application of its own, to be mounted at `PATH`: what goes wrong stays in it."""

from __future__ import annotations

import logging
import re
from typing import Any, cast

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Mount

from agent.errors import PermanenceError
from agent.house import House
from agent.settings import Settings
from agent.web.api import sentences
from agent.web.api.calls import calls_router
from agent.web.api.client import client_router
from agent.web.api.description import description_routes
from agent.web.api.drafts import drafts_router
from agent.web.api.gaps import gaps_router
from agent.web.api.manuals import manuals_router
from agent.web.api.problems import ApiError, language_of, problem
from agent.web.api.questions import questions_router
from agent.web.api.route import route_class
from agent.web.api.tickets import tickets_router
from agent.web.api.trials import trials_router
from agent.web.api.uploads import uploads_router
from agent.web.api.wrong_values import told
from agent.web.rates import Allowance, Rates
from knowledge.errors import KnowledgeError

logger = logging.getLogger(__name__)

PATH = "/api/v1"

AT_ONCE = 0.2
"""Of what a token may ask in a minute, so much at once."""

_SENTENCES = {
    400: sentences.NOT_WHOLE,
    404: sentences.UNKNOWN_PATH,
    405: sentences.WRONG_METHOD,
}


def allowance_of(settings: Settings) -> Allowance:
    """What a token may ask."""
    a_minute = settings.api_requests_a_minute
    return Allowance(max(1, int(a_minute * AT_ONCE)), a_minute)


def mount_api(app: FastAPI, house: House, allowance: Allowance) -> None:
    """Put the API into an application: every address under `PATH`, one with a line end too."""
    app.mount(PATH, api_app(house, allowance))
    mounted = cast(Mount, app.routes[-1])
    mounted.path_regex = re.compile(mounted.path_regex.pattern, re.DOTALL)


def api_app(house: House, allowance: Allowance) -> FastAPI:
    """The API over an open house."""
    app = FastAPI(
        title="permanence", redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None
    )
    router = api_router(house, allowance)
    description_routes(app, router)
    app.include_router(router)
    _add_handlers(app)
    return app


def api_router(house: House, allowance: Allowance) -> APIRouter:
    """The operations of the API."""
    router = APIRouter(
        route_class=route_class(house, Rates(allowance)),
        generate_unique_id_function=lambda route: route.name,
    )
    client_router(house, router)
    questions_router(house, router)
    trials_router(house, router)
    gaps_router(house, router)
    manuals_router(house, router)
    uploads_router(house, router)
    drafts_router(house, router)
    tickets_router(house, router)
    calls_router(house, router)
    return router


def _add_handlers(app: FastAPI) -> None:
    """Have everything that goes wrong answered as a problem."""

    async def refused(request: Request, error: Exception) -> Response:
        language = _language(request)
        known = cast(ApiError, error)
        return problem(known.status, known.said(language), language, known.headers)

    async def wrong_value(request: Request, error: Exception) -> Response:
        language = _language(request)
        status, detail = told(cast(RequestValidationError, error), language)
        return problem(status, detail, language)

    async def http_error(request: Request, error: Exception) -> Response:
        language = _language(request)
        known = cast(HTTPException, error)
        sentence = _SENTENCES.get(known.status_code, sentences.BROKEN)
        detail = sentence.said(language, method=request.method)
        if known.status_code == 413:
            detail = sentences.TOO_LARGE.said(language, most="200 Mo")
        return problem(known.status_code, detail, language, dict(known.headers or {}))

    async def unavailable(request: Request, error: Exception) -> Response:
        logger.warning("the API could not answer: %s", error)
        language = _language(request)
        return problem(503, sentences.UNAVAILABLE.said(language), language, {"Retry-After": "5"})

    async def broken(request: Request, error: Exception) -> Response:
        language = _language(request)
        return problem(500, sentences.BROKEN.said(language), language)

    handlers: dict[Any, Any] = {
        ApiError: refused,
        RequestValidationError: wrong_value,
        StarletteHTTPException: http_error,
        PermanenceError: unavailable,
        KnowledgeError: unavailable,
        Exception: broken,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _language(request: Request) -> Any:
    return language_of(request.headers.get("accept-language", ""))
