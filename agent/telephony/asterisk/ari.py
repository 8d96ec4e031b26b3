"""Asterisk's REST interface (ARI): what is asked of the exchange, and what it tells.

Source: the Swagger files of Asterisk 22 (`rest-api/api-docs`).
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from agent.errors import PermanenceError

logger = logging.getLogger(__name__)

APPLICATION = "permanence"
ASK_LIMIT_S = 3.0
HANG_UP_TRIES = 2
AGAIN_S = (0.5, 1.0, 2.0, 5.0)
"""Waits before the stream of events is opened again."""


class AriError(PermanenceError):
    """The exchange did not do what was asked.

    Attributes:
        refused: It answered, and will not.
    """

    def __init__(self, words: str, *, refused: bool = False) -> None:
        super().__init__(words)
        self.refused = refused


class Ari:
    """One exchange.

    Attributes:
        is_connected: Whether its events are being heard.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        """Nothing is opened yet.

        Args:
            url: Of the exchange, ``http://127.0.0.1:8088``.
        """
        self._url = url.rstrip("/")
        self._auth = (user, password)
        self._client = httpx.AsyncClient(
            base_url=f"{self._url}/ari", auth=self._auth, timeout=ASK_LIMIT_S, trust_env=False
        )
        self.is_connected = False

    async def close(self) -> None:
        """Ask no more."""
        await self._client.aclose()

    async def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask for something; returns the answer's JSON, None if it has none.

        Raises:
            AriError: The exchange cannot be reached, or refuses; says why.
        """
        try:
            answer = await self._client.request(method, path, params=query, json=body)
        except httpx.HTTPError as error:
            raise AriError(f"The exchange does not answer ({type(error).__name__}).") from error
        if answer.is_error:
            refusal = f"The exchange refuses {method} {path}: {answer.status_code}."
            raise AriError(refusal, refused=True)
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise AriError("What the exchange answers cannot be read.") from error

    async def set_global(self, name: str, value: str) -> None:
        """Set a variable that every call's dialplan can read."""
        await self.ask("POST", "/asterisk/variable", {"variable": name, "value": value})

    async def forget_global(self, name: str) -> None:
        """Remove such a variable: one that is set to nothing would stay."""
        await self.ask("POST", "/asterisk/variable", {"variable": name})

    async def exists(self, channel_id: str) -> bool:
        """Whether a channel is there; taken to be so while the exchange does not answer."""
        try:
            answer = await self._client.get(f"/channels/{channel_id}")
        except httpx.HTTPError:
            return True
        return answer.status_code != httpx.codes.NOT_FOUND

    async def hang_up(self, channel_id: str) -> None:
        """End a channel; one that is gone is no error. Tried again while nothing is answered."""
        for _ in range(HANG_UP_TRIES):
            try:
                await self.ask("DELETE", f"/channels/{channel_id}", {"reason_code": 16})
                return
            except AriError as error:
                logger.info("not hung up: %s", error)
                if error.refused:
                    return

    async def listen(
        self, take: Callable[[Mapping[str, Any]], None], connected: Callable[[], None]
    ) -> None:
        """Hear events for ever; opens the stream again whenever it breaks.

        Args:
            take: Told of each event; returns at once.
            connected: Called whenever the stream has been opened.
        """
        query = urlencode({"app": APPLICATION, "subscribeAll": "true"})
        secret = base64.b64encode(":".join(self._auth).encode()).decode()
        url = f"{self._url.replace('http', 'ws', 1)}/ari/events?{query}"
        failures = 0
        while True:
            try:
                async with connect(
                    url,
                    additional_headers={"Authorization": f"Basic {secret}"},
                    open_timeout=ASK_LIMIT_S,
                    proxy=None,
                ) as socket:
                    failures = 0
                    self.is_connected = True
                    connected()
                    async for text in socket:
                        self._take(text, take)
            except (OSError, WebSocketException, TimeoutError) as error:
                if failures == 0:
                    logger.warning("the exchange's events are not heard: %s", error)
            finally:
                self.is_connected = False
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
            failures += 1

    @staticmethod
    def _take(text: str | bytes, take: Callable[[Mapping[str, Any]], None]) -> None:
        try:
            take(json.loads(text))
        except Exception:  # one event must not end the stream
            logger.exception("an event of the exchange could not be dealt with")
