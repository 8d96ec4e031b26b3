"""Which calls are taken and which refused: caps and rates. Pure; time comes in as an argument."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

RefusalReason = Literal[
    "busy", "trunk_full", "client_full", "number_full", "caller_too_often", "masked_too_often"
]
"""busy: all lines are taken; trunk_full, client_full, number_full: those of this trunk, client or
dialled number; caller_too_often, masked_too_often: too many calls of this caller's number, or of
callers without one, in a short time."""

TOO_OFTEN: frozenset[RefusalReason] = frozenset({"caller_too_often", "masked_too_often"})
"""Reasons for which a free line would not help."""

CALLERS_KEPT = 10_000
"""Numbers whose last calls are remembered; then the one that called longest ago is forgotten."""

FEWEST_DIGITS = 3
"""A caller's number of fewer digits is none: « anonymous », « Restricted », the empty string."""

SPELT_OUT = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
"""ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on the keys of a telephone: carriers
send them as if they were numbers."""


@dataclass(frozen=True)
class Asking:
    """A call that asks to be taken.

    Attributes:
        client: Slug of the client that is called.
        transport: How it comes: browser, media-socket, asterisk, …
        caller: What the line says of the caller's number, whatever it says where it is masked;
            None where such a line tells no number, and then nothing is counted by it.
        called: The number that was dialled, None where none is.
        trunk: Over which of several lines of the transport it comes, None: there is one.
    """

    client: str
    transport: str
    caller: str | None = None
    called: str | None = None
    trunk: str | None = None

    @property
    def lines(self) -> frozenset[str]:
        """The names under which its line may have a limit."""
        return frozenset({self.trunk or self.transport, self.transport})


@dataclass(frozen=True)
class Rate:
    """At most so many calls in a time; 0 calls: as many as come."""

    calls: int = 0
    window_s: float = 600.0


@dataclass(frozen=True)
class Limits:
    """What is let in; 0 means no limit of its own.

    Attributes:
        per_client: Calls in progress of one client.
        per_number: Calls in progress of one dialled number.
        by_line: Calls in progress of a trunk or a transport, by its name.
        caller: Calls of one caller's number.
        masked: Calls to one client of all callers without a number, together.
    """

    per_client: int = 0
    per_number: int = 0
    by_line: Mapping[str, int] = field(default_factory=dict)
    caller: Rate = Rate()
    masked: Rate = Rate()


def number_of(caller: str) -> str:
    """A caller's number in one spelling, "" if it is masked.

    « 01 23 45 67 89 », « +33123456789 » and « 0033123456789 » are one number; of a SIP address
    what stands before the @ counts.
    """
    given = caller.strip().removeprefix("sip:").partition("@")[0]
    digits = "".join(c for c in given if c in "0123456789")
    if len(digits) < FEWEST_DIGITS or digits in SPELT_OUT:
        return ""
    if given.startswith("+"):
        digits = f"00{digits}"
    return f"0{digits[4:].removeprefix('0')}" if digits.startswith("0033") else digits


class Guard:
    """Remembers who called lately, and says why a call is refused."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lately: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def __len__(self) -> int:
        """Numbers and groups that are remembered."""
        return len(self._lately)

    def refusal(
        self, asking: Asking, in_progress: Collection[Asking], now_s: float
    ) -> RefusalReason | None:
        """Why a call is not taken; None if it may be.

        Args:
            asking: The call.
            in_progress: Those that were taken and are not over.
            now_s: Of a clock that never goes back.
        """
        limits = self.limits
        lines = Counter(line for one in in_progress for line in one.lines)
        if any(_full(lines[line], limits.by_line.get(line, 0)) for line in asking.lines):
            return "trunk_full"
        if _full(sum(one.client == asking.client for one in in_progress), limits.per_client):
            return "client_full"
        dialled = sum(one.called == asking.called for one in in_progress)
        if asking.called is not None and _full(dialled, limits.per_number):
            return "number_full"
        if asking.caller is None:
            return None
        key, rate = self._rate(asking.caller, asking.client)
        if _full(self._within(key, rate, now_s), rate.calls):
            return "caller_too_often" if key[0] else "masked_too_often"
        return None

    def took(self, asking: Asking, now_s: float) -> None:
        """A call was taken: it counts. One that was refused does not, or who is refused and
        tries again would never get through."""
        if asking.caller is None:
            return
        key, rate = self._rate(asking.caller, asking.client)
        if not rate.calls:
            return
        calls = self._lately.setdefault(key, deque(maxlen=rate.calls))
        calls.append(now_s)
        self._lately.move_to_end(key)
        while len(self._lately) > CALLERS_KEPT:
            self._lately.popitem(last=False)

    def _rate(self, caller: str, client: str) -> tuple[tuple[str, str], Rate]:
        number = number_of(caller)
        return ((number, ""), self.limits.caller) if number else (("", client), self.limits.masked)

    def _within(self, key: tuple[str, str], rate: Rate, now_s: float) -> int:
        """Calls counted in the window that ends now."""
        calls = self._lately.get(key)
        if calls is None:
            return 0
        while calls and calls[0] <= now_s - rate.window_s:
            calls.popleft()
        if not calls:
            del self._lately[key]
        return len(calls)


def _full(taken: int, limit: int) -> bool:
    return 0 < limit <= taken
