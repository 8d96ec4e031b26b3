"""What a carrier does for a call that it holds: end it, or pass the caller on to a number.

A number is dialled only if the installation allows it (PERMANENCE_TRANSFER_NUMBERS): whatever was
said or dialled in a call, nobody reaches another one at the client's expense.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from agent.errors import PermanenceError
from agent.store.numbers import NumberRefusedError, e164
from agent.telephony.carriers.documents import Dialect

logger = logging.getLogger(__name__)

ANSWER_LIMIT_S = 5.0
"""Longest wait for a carrier's API."""


class TransferRefusedError(PermanenceError):
    """The number is not one to which callers may be passed on."""


class CarrierApiError(PermanenceError):
    """The carrier's API did not do what it was asked; the call is as it was."""


class CallControl(Protocol):
    """A carrier's own control of its calls."""

    async def transfer(self, call_id: str, number: str) -> None:
        """Pass a caller on: the call's stream ends, the number is dialled.

        Args:
            call_id: The carrier's name of the call.
            number: One that is allowed, in any form.

        Raises:
            TransferRefusedError: It is not allowed; nothing was asked of the carrier.
            CarrierApiError: The carrier refused, or did not answer.
        """

    async def hang_up(self, call_id: str) -> None:
        """End a call; one that is over already is no error.

        Raises:
            CarrierApiError: The carrier refused, or did not answer.
        """

    async def close(self) -> None:
        """Close the connections to the carrier."""


def allowed_number(number: str, allowed: Collection[str]) -> str:
    """The number in E.164.

    Raises:
        TransferRefusedError: It is not among those allowed.
    """
    try:
        wanted = e164(number)
    except NumberRefusedError as error:
        raise TransferRefusedError(str(error)) from error
    if wanted not in allowed:
        raise TransferRefusedError(
            "Ce numéro n'est pas de ceux vers lesquels un appel peut être transféré ; ajoutez-le à"
            " PERMANENCE_TRANSFER_NUMBERS."
        )
    return wanted


class _Api:
    """Requests to one carrier, each with a time limit."""

    def __init__(self, carrier: str, base_url: str, **auth: Any) -> None:
        self._carrier = carrier
        self._client = httpx.AsyncClient(base_url=base_url, timeout=ANSWER_LIMIT_S, **auth)

    async def ask(self, method: str, path: str, over: Collection[int] = (), **content: Any) -> None:
        """Ask; a status among `over` says that the call is over, and is no error.

        Raises:
            CarrierApiError: Another status than success, or no answer.
        """
        try:
            answer = await self._client.request(method, path, **content)
        except httpx.HTTPError as error:
            raise CarrierApiError(
                f"{self._carrier} ne répond pas ({type(error).__name__}) ; réessayez."
            ) from error
        if not answer.is_success and answer.status_code not in over:
            raise CarrierApiError(
                f"{self._carrier} refuse (statut {answer.status_code}) ; vérifiez ses identifiants"
                " et ses droits."
            )

    async def close(self) -> None:
        await self._client.aclose()


class TwilioControl:
    """Twilio: a call in progress is given other TwiML.

    Source: Twilio, « Modify calls in progress ».
    """

    def __init__(
        self, base_url: str, account: str, token: str, dialect: Dialect, allowed: Collection[str]
    ) -> None:
        self._api = _Api("Twilio", base_url, auth=(account, token))
        self._calls = f"/2010-04-01/Accounts/{quote(account, safe='')}/Calls"
        self._dialect, self._allowed = dialect, allowed

    async def transfer(self, call_id: str, number: str) -> None:
        """Pass a caller on."""
        document = self._dialect.dialled(allowed_number(number, self._allowed))
        await self._api.ask("POST", self._path(call_id), data={"Twiml": document})

    async def hang_up(self, call_id: str) -> None:
        """End a call."""
        await self._api.ask("POST", self._path(call_id), {404}, data={"Status": "completed"})

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def _path(self, call_id: str) -> str:
        return f"{self._calls}/{quote(call_id, safe='')}.json"


class TelnyxControl:
    """Telnyx: Call Control commands; the call's name in TeXML is its control id.

    Source: Telnyx, « Transfer call », « Hangup call ».
    """

    def __init__(self, base_url: str, api_key: str, allowed: Collection[str]) -> None:
        self._api = _Api("Telnyx", base_url, headers={"Authorization": f"Bearer {api_key}"})
        self._allowed = allowed

    async def transfer(self, call_id: str, number: str) -> None:
        """Pass a caller on."""
        to = allowed_number(number, self._allowed)
        await self._ask(call_id, "transfer", {"to": to}, ())

    async def hang_up(self, call_id: str) -> None:
        """End a call."""
        await self._ask(call_id, "hangup", {}, {404, 422})  # 422, code 90018: it has ended

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _ask(
        self, call_id: str, action: str, body: Mapping[str, str], over: Collection[int]
    ) -> None:
        path = f"/v2/calls/{quote(call_id, safe='')}/actions/{action}"
        await self._api.ask("POST", path, over, json=body)


class PlivoControl:
    """Plivo: a call in progress is sent to another address, which answers with its document.

    Source: Plivo, « Transfer a call », « Hang up a call ».
    """

    def __init__(
        self,
        base_url: str,
        account: str,
        token: str,
        allowed: Collection[str],
        address_for: Callable[[str, str], str],
    ) -> None:
        """Prepare.

        Args:
            address_for: Of a call and a number, the address at which the document is answered that
                dials it, once.
        """
        self._api = _Api("Plivo", base_url, auth=(account, token))
        self._calls = f"/v1/Account/{quote(account, safe='')}/Call"
        self._allowed, self._address_for = allowed, address_for

    async def transfer(self, call_id: str, number: str) -> None:
        """Pass a caller on."""
        address = self._address_for(call_id, allowed_number(number, self._allowed))
        body = {"legs": "aleg", "aleg_url": address, "aleg_method": "POST"}
        await self._api.ask("POST", self._path(call_id), json=body)

    async def hang_up(self, call_id: str) -> None:
        """End a call."""
        await self._api.ask("DELETE", self._path(call_id), {404})

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def _path(self, call_id: str) -> str:
        return f"{self._calls}/{quote(call_id, safe='')}/"
