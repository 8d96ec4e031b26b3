"""What a carrier does when it is asked: ring a number, end a call, pass a caller on to a number.

A number is dialled only if the installation allows it (PERMANENCE_TRANSFER_NUMBERS): whatever was
said or dialled in a call, nobody reaches another one at the client's expense.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Ringing:
    """A number that is to be rung.

    Attributes:
        number: One that is allowed, in any form.
        shown: The number from which it is rung: one of the account's, E.164.
        answer_url: Asked for a document once somebody answers.
        status_url: Told how the call stands.
        ring_s: Longest that it rings, seconds.
        account: Whose call it is (Telnyx), as the caller's own webhook said.
        application: By which it is dealt with (Telnyx), likewise.
    """

    number: str
    shown: str
    answer_url: str
    status_url: str
    ring_s: int
    account: str
    application: str


class CallControl(Protocol):
    """A carrier's own control of its calls."""

    async def ring(self, ringing: Ringing) -> str:
        """Ring a number.

        Returns:
            What `give_up` takes; "" if the carrier does not tell before its first webhook.

        Raises:
            TransferRefusedError: It is not allowed; nothing was asked of the carrier.
            CarrierApiError: The carrier refused, or did not answer.
        """

    async def give_up(self, rung: str) -> None:
        """Ring no more: a call that `ring` began and of which nothing else was heard yet.

        Raises:
            CarrierApiError: The carrier refused, or did not answer.
        """

    async def redirect(self, call_id: str, url: str, account: str) -> None:
        """Have a call in progress ask there for another document.

        Raises:
            CarrierApiError: The carrier refused, or did not answer.
        """

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

    async def ask(
        self, method: str, path: str, over: Collection[int] = (), **content: Any
    ) -> httpx.Response:
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
        return answer

    async def close(self) -> None:
        await self._client.aclose()


class TwilioControl:
    """Twilio: calls are made, and those in progress given other TwiML.

    Source: Twilio, « Call resource: create a call », « Modify calls in progress ».
    """

    def __init__(
        self, base_url: str, account: str, token: str, dialect: Dialect, allowed: Collection[str]
    ) -> None:
        self._api = _Api("Twilio", base_url, auth=(account, token))
        self._calls = f"/2010-04-01/Accounts/{quote(account, safe='')}/Calls"
        self._dialect, self._allowed = dialect, allowed

    async def ring(self, ringing: Ringing) -> str:
        """Ring a number; of its status the end is told, also of a call that nobody took."""
        form = {
            "To": allowed_number(ringing.number, self._allowed),
            "From": ringing.shown,
            "Url": ringing.answer_url,
            "Method": "POST",
            "StatusCallback": ringing.status_url,
            "StatusCallbackMethod": "POST",
            "Timeout": str(ringing.ring_s),
        }
        return _named(await self._api.ask("POST", f"{self._calls}.json", data=form), "sid")

    async def give_up(self, rung: str) -> None:
        """Ring no more."""
        await self.hang_up(rung)

    async def redirect(self, call_id: str, url: str, account: str) -> None:
        """Have a call ask there for another document."""
        await self._api.ask("POST", self._path(call_id), data={"Url": url, "Method": "POST"})

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
    """Telnyx: TeXML calls and Call Control commands; a call's name in TeXML is its control id.

    A caller's own webhook names the account and the application: an operator is rung by these.

    Source: Telnyx, « Initiate an outbound call », « Update call », « Transfer call », « Hangup
    call »; telnyx-python's `texml.accounts.calls`, which tells no name of the call in its answer
    where « Create a connection-scoped TeXML call » does: it is told again by the first webhook.
    """

    def __init__(self, base_url: str, api_key: str, allowed: Collection[str]) -> None:
        self._api = _Api("Telnyx", base_url, headers={"Authorization": f"Bearer {api_key}"})
        self._allowed = allowed

    async def ring(self, ringing: Ringing) -> str:
        """Ring a number; how long it rings at most is not among what can be asked for."""
        body = {
            "ApplicationSid": ringing.application,
            "To": allowed_number(ringing.number, self._allowed),
            "From": ringing.shown,
            "Url": ringing.answer_url,
            "UrlMethod": "POST",
            "StatusCallback": ringing.status_url,
            "StatusCallbackMethod": "POST",
            "StatusCallbackEvent": "initiated ringing answered completed",
        }
        answer = await self._api.ask("POST", f"{_texml(ringing.account)}/Calls", json=body)
        return _named(answer, "call_sid") or _named(answer, "sid")

    async def give_up(self, rung: str) -> None:
        """Ring no more."""
        await self.hang_up(rung)

    async def redirect(self, call_id: str, url: str, account: str) -> None:
        """Have a call ask there for another document."""
        path = f"{_texml(account)}/Calls/{quote(call_id, safe='')}"
        await self._api.ask("POST", path, data={"Url": url, "Method": "POST"})

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
    """Plivo: calls are made, and those in progress sent to another address for a document.

    Source: Plivo, « Make a call », « Transfer a call », « Hang up a call »; plivo-python's
    `calls.cancel`: what has been asked for and not yet answered has a name of its own.
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
        self._account = f"/v1/Account/{quote(account, safe='')}"
        self._allowed, self._address_for = allowed, address_for

    async def ring(self, ringing: Ringing) -> str:
        """Ring a number; that it rings is told, too: with the call's name."""
        body = {
            "from": ringing.shown.lstrip("+"),
            "to": allowed_number(ringing.number, self._allowed).lstrip("+"),
            "answer_url": ringing.answer_url,
            "answer_method": "POST",
            "ring_url": ringing.status_url,
            "ring_method": "POST",
            "hangup_url": ringing.status_url,
            "hangup_method": "POST",
            "ring_timeout": ringing.ring_s,
        }
        answer = await self._api.ask("POST", f"{self._account}/Call/", json=body)
        return _named(answer, "request_uuid")

    async def give_up(self, rung: str) -> None:
        """Ring no more."""
        path = f"{self._account}/Request/{quote(rung, safe='')}/"
        await self._api.ask("DELETE", path, {404})

    async def redirect(self, call_id: str, url: str, account: str) -> None:
        """Have a call ask there for another document."""
        body = {"legs": "aleg", "aleg_url": url, "aleg_method": "POST"}
        await self._api.ask("POST", self._path(call_id), json=body)

    async def transfer(self, call_id: str, number: str) -> None:
        """Pass a caller on."""
        address = self._address_for(call_id, allowed_number(number, self._allowed))
        await self.redirect(call_id, address, "")

    async def hang_up(self, call_id: str) -> None:
        """End a call."""
        await self._api.ask("DELETE", self._path(call_id), {404})

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def _path(self, call_id: str) -> str:
        return f"{self._account}/Call/{quote(call_id, safe='')}/"


def _texml(account: str) -> str:
    return f"/v2/texml/Accounts/{quote(account, safe='')}"


def _named(answer: httpx.Response, key: str) -> str:
    """What an answer names so; "" if it does not."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    found = told.get(key) if isinstance(told, dict) else None
    return found if isinstance(found, str) else ""
