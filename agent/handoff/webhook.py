"""Webhooks: a POST of JSON that the receiver can verify and tell from one that it had before.

    Idempotency-Key: the same for each attempt of a message
    X-Permanence-Timestamp: seconds since 1970, of this attempt
    X-Permanence-Signature: sha256=HMAC-SHA256(secret, timestamp + "." + body), hexadecimal

A receiver computes the signature from the bytes that it got, refuses a timestamp of long ago,
drops a key that it has taken before, and answers 2xx; whatever else it answers, the message comes
again. The body is that of `agent.handoff.message.webhook_body`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from agent.handoff.delivery import DeliveryError

TIMEOUT_S = 10.0
"""For all of an attempt, whatever the receiver does meanwhile."""


class Webhook:
    """Sends webhooks.

    Args:
        clock: Seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def send(self, key: str, target: str, body: Mapping[str, Any], secret: str) -> None:
        """POST a message; redirects are not followed.

        Raises:
            DeliveryError: There was no answer of 2xx, or there is nothing to sign with.
        """
        if urlsplit(target).scheme not in ("http", "https"):
            raise DeliveryError("the webhook is neither http nor https")
        if not secret:
            raise DeliveryError("the webhook has no secret any more")
        content = as_bytes(body)
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "permanence",
            "Idempotency-Key": key,
            "X-Permanence-Timestamp": timestamp,
            "X-Permanence-Signature": signature(secret, timestamp, content),
        }
        try:
            status = asyncio.run(_post(target, content, headers))
        except TimeoutError as error:
            raise DeliveryError(f"no answer within {TIMEOUT_S:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise DeliveryError(f"no answer ({type(error).__name__}: {error})") from error
        if not 200 <= status < 300:
            raise DeliveryError(f"answered {status}")


def signature(secret: str, timestamp: str, content: bytes) -> str:
    """The signature of a body, as its header has it."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + content, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def as_bytes(body: Mapping[str, Any]) -> bytes:
    """A body as it is sent: the same bytes for the same values."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


async def _post(target: str, content: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer, whose body is not read."""
    async with (
        asyncio.timeout(TIMEOUT_S),
        httpx.AsyncClient(timeout=TIMEOUT_S) as client,
        client.stream("POST", target, content=content, headers=headers) as response,
    ):
        return response.status_code
