"""One stream a call: passes that open it once, within seconds; and what has come before."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace

from agent.telephony.carriers.webhook import IncomingCall

PASS_S = 15.0
"""How long a pass is good: carriers open the stream within a second or two."""

REMEMBERED = 20_000
"""Requests and calls that are remembered; the oldest are forgotten first. A day of ten calls a
minute is fewer, and a call whose record is kept is known without."""

_TOKEN_BYTES = 24


def call_id_of(carrier: str, carrier_call: str) -> str:
    """Our name of a carrier's call: always the same, so that a call is recorded once at most."""
    return hashlib.sha256(f"{carrier}:{carrier_call}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Pass:
    """Opens the stream of one call.

    Attributes:
        token: Not to be guessed; stands in the stream's address.
        carrier_call: The carrier's name of the call.
        call_id: Ours.
        client: Slug of the client that is called.
        caller: Number that calls, None if masked.
        dialled: Number that was called, as the carrier wrote it.
        until: Seconds, on the clock of who issued it.
        account: Of the carrier's, whose call it is; "" where it is not told.
        application: Of the carrier's, by which the call is dealt with; likewise.
        back: The call goes on: its caller was with an operator.
    """

    token: str
    carrier: str
    carrier_call: str
    call_id: str
    client: str
    caller: str | None
    dialled: str
    until: float
    account: str = ""
    application: str = ""
    back: bool = False


class Remembered:
    """A bounded memory of what has come before."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def first(self, key: str) -> bool:
        """Remember it; returns whether it has come for the first time."""
        if key in self._keys:
            return False
        self._keys[key] = None
        if len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return True


class Passes:
    """The passes that wait for their stream; used from the event loop only."""

    def __init__(self) -> None:
        self._waiting: dict[str, Pass] = {}
        self._used = Remembered()

    def issue(self, carrier: str, call: IncomingCall, client: str, now: float) -> Pass | None:
        """A pass for a call; None if its stream was opened, or should have been long ago.

        While it waits it is the same one: a carrier that has not got our answer asks again.
        """
        call_id = call_id_of(carrier, call.call_id)
        self._forget_late(now)
        for waiting in self._waiting.values():
            if waiting.call_id == call_id:
                return waiting
        if not self._used.first(call_id):
            return None
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        made = Pass(
            token, carrier, call.call_id, call_id, client, call.caller, call.dialled, now + PASS_S,
            call.account, call.application,
        )  # fmt: skip
        self._waiting[token] = made
        return made

    def again(self, used: Pass, now: float) -> Pass:
        """A pass for a caller who comes back from an operator; while it waits it is the same."""
        self._forget_late(now)
        for waiting in self._waiting.values():
            if waiting.call_id == used.call_id:
                return waiting
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._waiting[token] = replace(used, token=token, until=now + PASS_S, back=True)
        return self._waiting[token]

    def use(self, carrier: str, token: str, now: float) -> Pass | None:
        """The pass of that token, which opens nothing any more; None if there is none."""
        self._forget_late(now)
        found = self._waiting.get(token)
        if found is None or found.carrier != carrier:
            return None
        return self._waiting.pop(token)

    def _forget_late(self, now: float) -> None:
        for token in [one.token for one in self._waiting.values() if one.until < now]:
            del self._waiting[token]
