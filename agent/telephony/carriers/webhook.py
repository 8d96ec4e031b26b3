"""What a carrier posts: its form and headers, and whether it is the carrier's at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

MOST_FIELDS = 200
"""Fields of a form; carriers send some thirty."""

_ANONYMOUS = {"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"}
"""What Twilio sends for callers without a number: « anonymous », « restricted », « blocked »,
« unknown », « unavailable » typed on a telephone's keys.

Source: Twilio, « Why am I getting calls from these strange numbers? ».
"""


class ForgedError(Exception):
    """A request that the carrier has not signed, or not now; it is refused and counted."""


class MalformedError(Exception):
    """A request of the carrier's that lacks what a call needs, or is no form at all."""


@dataclass(frozen=True)
class Webhook:
    """A request as it arrived.

    Attributes:
        url: As the carrier was told it, with its query: it is signed, whatever proxies made of it.
        headers: By lower-case name.
        body: As it was sent.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The form's fields in the order in which they were sent.

        Raises:
            MalformedError: It is no form.
        """
        try:
            return tuple(
                parse_qsl(
                    self.body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS
                )
            )
        except ValueError as error:
            raise MalformedError(f"no form ({error})") from error

    def field(self, name: str) -> str:
        """The first value of that name; "" if there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def header(self, name: str) -> str:
        """The header of that lower-case name.

        Raises:
            ForgedError: It is missing.
        """
        try:
            return self.headers[name]
        except KeyError:
            raise ForgedError(f"{name} is missing") from None


@dataclass(frozen=True)
class IncomingCall:
    """A call as its carrier tells of it.

    Attributes:
        call_id: The carrier's own name of it.
        dialled: Number that was called, as the carrier writes it.
        caller: Number that calls, +33 as 0; None if masked.
        status: How it stands, in the carrier's word, lower case.
        account: Whose call it is (Twilio, Telnyx).
        application: By which it is dealt with (Telnyx).
        key: What was pressed when a key was asked for.
        cause: Why it has ended, in the carrier's word or number; "" where it does not say.
    """

    call_id: str
    dialled: str
    caller: str | None
    status: str
    account: str = ""
    application: str = ""
    key: str = ""
    cause: str = ""


_NORMAL = re.compile(r"|normal_clearing|4\d{3}")
"""Causes of a call that somebody ended: none told (Twilio), Telnyx's word, Plivo's « Normal
completions ».

Sources: Telnyx, « Call completed callback »; Plivo, « Hangup causes ».
"""

_OVER = {"completed", "busy", "failed", "no-answer", "canceled", "cancel", "timeout"}


def incoming(hook: Webhook, id_field: str) -> IncomingCall:
    """The call that a form tells of: all three carriers name the rest alike.

    Raises:
        MalformedError: It names no call.
    """
    call_id = hook.field(id_field)
    if not 0 < len(call_id) <= 200:
        raise MalformedError(f"{id_field} is missing")
    return IncomingCall(
        call_id,
        hook.field("To"),
        caller_number(hook.field("From")),
        hook.field("CallStatus"),
        hook.field("AccountSid"),
        hook.field("ConnectionId"),
        hook.field("Digits"),
        hook.field("HangupCauseCode") or hook.field("HangupCause"),
    )


def is_over(call: IncomingCall) -> bool:
    """Whether the carrier says that the call has ended, however."""
    return call.status.lower() in _OVER


def was_ended(call: IncomingCall) -> bool:
    """Whether a call that is over was answered, and then ended by somebody: no line was lost."""
    return call.status.lower() == "completed" and bool(_NORMAL.fullmatch(call.cause.lower()))


def caller_number(sent: str) -> str | None:
    """A caller's number without signs, +33 as 0; None if masked or no number (sip:…, anonymous).

    Args:
        sent: +33639981234 (Twilio, Telnyx) or 33639981234 (Plivo).
    """
    digits = re.sub(r"[ .()-]", "", sent)
    if not re.fullmatch(r"\+?[0-9]{3,15}", digits, re.ASCII):
        return None
    if not digits.startswith(("+", "0")):
        digits = f"+{digits}"
    if digits in _ANONYMOUS:
        return None
    return f"0{digits[3:]}" if digits.startswith("+33") else digits
