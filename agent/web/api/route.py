"""What every request passes before its operation: who asks, how much, what they may, how large."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.params import Form
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.types import Message

from agent.house import House
from agent.store.api_tokens import ApiScope
from agent.web.api import sentences
from agent.web.api.caller import caller_of
from agent.web.api.problems import ApiError, Sentence
from agent.web.bodies import BodyCutError, BodyTooLargeError, bounded, read_body
from agent.web.rates import Rates

SCOPE = "x-scope"
"""Key of an operation's OpenAPI that says which scope it needs."""

JSON_LIMIT_BYTES = 64_000
UPLOAD_LIMIT_BYTES = 200_000_000
FORM_EXTRA_BYTES = 10_000
"""What a form holds beside its file."""

JSON_LIMIT_S = 10.0
"""Longest arrival of a JSON body."""

IDLE_LIMIT_S = 30.0
"""Longest wait for more of an upload."""


def operation(scope: ApiScope, **extra: Any) -> dict[str, Any]:
    """The `openapi_extra` of an operation that needs a scope."""
    return {SCOPE: scope, "security": [{"token": [scope]}], **extra}


def route_class(house: House, rates: Rates) -> type[APIRoute]:
    """The class of the routes of a house's API."""

    class ApiRoute(APIRoute):
        """A route that lets nobody through who may not."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """The handler, with what comes before it and after it."""
            answer = super().get_route_handler()
            scope: ApiScope = (self.openapi_extra or {})[SCOPE]
            form = self.body_field is not None and isinstance(self.body_field.field_info, Form)
            json = self.body_field is not None and not form

            async def handle(request: Request) -> Response:
                caller = await caller_of(house, request)
                if wait := rates.wait_s(caller.key, time.monotonic()):
                    raise too_many(sentences.TOO_MANY, wait)
                if scope not in caller.scopes:
                    challenge = (
                        f'Bearer realm="permanence", error="insufficient_scope", scope="{scope}"'
                    )
                    raise ApiError(
                        403,
                        sentences.NO_SCOPE,
                        headers={"WWW-Authenticate": challenge},
                        scope=scope,
                    )
                request.state.api_caller = caller
                if json:
                    request = await _with_json(request)
                elif form:
                    request = _with_form(request)
                response = await answer(request)
                return _tagged(request, response)

            return handle

    return ApiRoute


def too_many(sentence: Sentence, wait_s: float) -> ApiError:
    """The refusal of somebody who has to wait."""
    wait = math.ceil(wait_s)
    return ApiError(429, sentence, headers={"Retry-After": str(wait)}, wait_s=wait)


async def _with_json(request: Request) -> Request:
    """The request with its body, which is JSON and not too large.

    Raises:
        ApiError: It is not.
    """
    if _announced(request) > JSON_LIMIT_BYTES:
        raise _too_large(JSON_LIMIT_BYTES)
    try:
        body = await read_body(request, JSON_LIMIT_BYTES, JSON_LIMIT_S)
    except BodyTooLargeError as error:
        raise _too_large(JSON_LIMIT_BYTES) from error
    except BodyCutError as error:
        raise ApiError(400, sentences.NOT_WHOLE) from error
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if body and kind != "application/json":
        raise ApiError(415, sentences.WRONG_TYPE, wanted="application/json")
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return Request(request.scope, replay)


def _with_form(request: Request) -> Request:
    """The request, whose form is refused where it is too large or does not go on arriving.

    Raises:
        ApiError: It is no form, or says that it is too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "multipart/form-data":
        raise ApiError(415, sentences.WRONG_TYPE, wanted="multipart/form-data")
    most = UPLOAD_LIMIT_BYTES + FORM_EXTRA_BYTES
    if _announced(request) > most:
        raise _too_large(UPLOAD_LIMIT_BYTES)
    return Request(request.scope, bounded(request.receive, most, IDLE_LIMIT_S))


def _announced(request: Request) -> int:
    """The length that a request says it has; 0 if it says none."""
    given = request.headers.get("content-length", "")
    return int(given) if given.isdecimal() and given.isascii() else 0


def _too_large(most: int) -> ApiError:
    shown = f"{most // 1_000_000} Mo" if most >= 1_000_000 else f"{most // 1000} ko"
    return ApiError(413, sentences.TOO_LARGE, most=shown)


def _tagged(request: Request, response: Response) -> Response:
    """The answer with what tells a later one that it is still the same."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if request.method != "GET" or response.media_type != "application/json":
        return response
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    known = [
        one.strip().removeprefix("W/")
        for one in request.headers.get("if-none-match", "").split(",")
    ]
    if tag in known:
        return Response(
            status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"}
        )
    response.headers["ETag"] = tag
    return response
