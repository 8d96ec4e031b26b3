"""Idempotency-Key: a program that does not know whether its request came through sends it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header

from agent.house import House
from agent.store.api_requests import KeyBusyError, KeyReusedError
from agent.web.api import sentences
from agent.web.api.caller import Caller
from agent.web.api.problems import ApiError

LONGEST_KEY = 200

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Choisie par vous, unique à cette demande : la même demande envoyée deux fois "
        "avec la même clé, dans les 24 heures, ne crée rien de plus.",
        examples=["7d1f6c1e-8a55-4b1e-9d0b-6f2f6f0a6d11"],
        pattern=rf"^[!-~]{{1,{LONGEST_KEY}}}$",
    ),
]


def once(
    house: House, caller: Caller, key: str | None, asked: dict[str, Any], make: Callable[[], str]
) -> str:
    """Make something, unless that was done with this key before; returns what was made. Blocks.

    Args:
        house: Whose stores.
        caller: Who asks.
        key: Of the request; None: make it in any case.
        asked: All that the request asks for, as JSON has it.
        make: Makes it, and returns the identifier by which it is found again.

    Raises:
        ApiError: The key came with another request, or its request is being answered.
    """
    if key is None or caller.token_id is None:
        return make()
    told = json.dumps(asked, sort_keys=True, default=str).encode()
    fingerprint = hashlib.sha256(told).hexdigest()
    try:
        made = house.api_requests.begin(
            caller.token_id, caller.client, key, fingerprint, datetime.now(UTC)
        )
    except KeyReusedError as error:
        raise ApiError(422, sentences.KEY_REUSED) from error
    except KeyBusyError as error:
        raise ApiError(409, sentences.KEY_BUSY, headers={"Retry-After": "1"}) from error
    if made is not None:
        return made
    try:
        made = make()
    except BaseException:
        house.api_requests.give_up(caller.token_id, key)
        raise
    house.api_requests.finish(caller.token_id, key, made)
    return made
