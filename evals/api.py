"""The API under Schemathesis: requests made up from its own description, by everybody who may ask.

Each operation is asked by each of `ASKING` with examples that fit the description and with some
that do not, of identifiers of their own client's, of the other's and of nobody's. What counts: no
server error, no answer that the description does not have, nothing done by who may not, and no word
of another client's in any answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agent.store.api_tokens import SCOPES
from agent.web.api.caller import CLIENT_HEADER, SIGNED_IN_SCOPES
from agent.web.api.route import SCOPE
from agent.web.auth import COOKIE
from evals.api_stage import FOREIGN, OWN, READING, ROLES, Stage, leaked

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""Beside our own, which also know server errors."""

LONGEST_S = 30.0
SHOWN_FAULTS = 5
"""Of an operation and somebody who asks."""

ADDING = "POST /test-questions"
"""What is added so is taken away again: a check asks all of them."""

FEW = 30
"""Examples of who may do nothing at all."""

NOT_FITTING = 3
"""One example in so many is made not to fit the description."""


@dataclass(frozen=True)
class Asker:
    """Somebody who asks.

    Attributes:
        client: Whose things they may be shown.
        scopes: What they may do.
        changes: They may do more than look.
    """

    name: str
    client: str
    scopes: frozenset[str]
    headers: Mapping[str, str]
    cookies: Mapping[str, str] = field(default_factory=dict)
    changes: bool = True

    def may(self, method: str, scope: str) -> bool:
        """Whether an operation may succeed for them."""
        return scope in self.scopes and (self.changes or method == "GET")


@dataclass
class Tally:
    """How an operation answered to somebody: how often, and what was wrong."""

    operation: str
    asker: str
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        shown = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.operation}, {self.asker}: {shown}; {len(self.faults)} wrong"

    @property
    def examples(self) -> int:
        """Requests."""
        return self.statuses.total()


def askers(stage: Stage) -> Iterator[Asker]:
    """Everybody: people who are signed in, programs with tokens, and nobody."""
    for role in ROLES:
        headers = {"Sec-Fetch-Site": "same-origin", CLIENT_HEADER: OWN}
        cookies = {COOKIE: stage.sessions[role]}
        scopes = frozenset(SIGNED_IN_SCOPES[role])  # type: ignore[index]
        yield Asker(f"{role}, signed in", OWN, scopes, headers, cookies, changes=False)
    for name, client, granted in (
        ("full", OWN, SCOPES), ("read", OWN, READING), ("none", OWN, ("settings:read",)),
        ("foreign", FOREIGN, SCOPES),
    ):  # fmt: skip
        headers = {"Authorization": f"Bearer {stage.tokens[name]}"}
        yield Asker(f"token, {name}", client, frozenset(granted), headers)
    yield Asker("nobody", OWN, frozenset(), {})


def run(
    url: str,
    stage: Stage,
    examples: int,
    who: Sequence[Asker] | None = None,
    only: str = "",
    tell: Callable[[Tally], None] = lambda _: None,
) -> list[Tally]:
    """Ask the operations of the API at `url` so often, as each; returns how it went.

    Args:
        url: Of the API.
        stage: What is in its house.
        examples: Of each operation and each who asks.
        who: Asks; None: everybody.
        only: Part of the name of the operations; "": all.
        tell: Called with each tally as it is done.
    """
    described = requests.get(f"{url}/openapi.json", timeout=LONGEST_S).json()
    for methods in described["paths"].values():
        for one in methods.values():
            del one["security"]  # who asks is for us to say
    schema = schemathesis.openapi.from_dict(described)
    tallies = []
    for asker in who or list(askers(stage)):
        often = examples if asker.scopes else min(examples, FEW)
        with requests.Session() as session:
            for found in schema.get_all_operations():
                if not isinstance(found, Ok):
                    raise SystemExit(f"The description cannot be used: {found.err()}")
                if only not in found.ok().label:
                    continue
                tally = _asked(found.ok(), asker, stage, url, session, often)
                if found.ok().label == ADDING:
                    _tidy(url, stage)
                tallies.append(tally)
                tell(tally)
    return tallies


def _asked(
    operation: Any, asker: Asker, stage: Stage, url: str, session: requests.Session, examples: int
) -> Tally:
    """Ask one operation, as somebody."""
    tally = Tally(operation.label, asker.name)
    scope = operation.definition.raw[SCOPE]
    may = asker.may(operation.method.upper(), scope)
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    cases = (
        fitting
        if not _can_be_wrong(operation)
        else st.one_of(*[fitting] * (NOT_FITTING - 1), wrong)
    )

    @seed(1)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases, st.sampled_from(_identifiers(stage)), st.integers(0, 2**32))
    def ask(case: Any, known: dict[str, str] | None, _: int) -> None:
        if known is not None:
            for name in case.path_parameters or {}:
                if name in known:
                    case.path_parameters[name] = known[name]
        answer = case.call(
            base_url=url, session=session, headers=dict(asker.headers),
            cookies=dict(asker.cookies), timeout=LONGEST_S,
        )  # fmt: skip
        tally.statuses[answer.status_code] += 1
        tally.faults += _faults(case, answer, asker, may)

    ask()
    return tally


def _tidy(url: str, stage: Stage) -> None:
    """Leave each client one test question."""
    for name in ("full", "foreign"):
        with requests.Session() as program:
            program.headers["Authorization"] = f"Bearer {stage.tokens[name]}"
            listed = program.get(f"{url}/test-questions", timeout=LONGEST_S).json()
            for one in listed["items"][1:]:
                program.delete(f"{url}/test-questions/{one['id']}", timeout=LONGEST_S)


def _faults(case: Any, answer: Any, asker: Asker, may: bool) -> Iterator[str]:
    status = answer.status_code
    if status >= 500:
        yield f"{status}: {case.as_curl_command()[:400]}"
    if 200 <= status < 300 and not may:
        yield f"{status} though they may not: {case.as_curl_command()[:400]}"
    if leaked(answer.content, asker.client):
        yield f"the other client's words: {case.as_curl_command()[:400]}"
    try:
        case.validate_response(answer, checks=list(CHECKS))
    except FailureGroup as group:
        for one in group.exceptions:
            yield f"{type(one).__name__}: {one} — {case.as_curl_command()[:400]}"


def _can_be_wrong(operation: Any) -> bool:
    """Whether anything is sent that may not fit."""
    parts = (operation.path_parameters, operation.query, operation.body)
    return any(len(part) for part in parts)


def _identifiers(stage: Stage) -> list[dict[str, str] | None]:
    """What to ask for: their own, the other's, and whatever was made up."""
    pairs = [
        {"ticket_id": ticket, "call_id": call, **stage.others[client]}
        for client in (OWN, FOREIGN)
        for ticket, call in zip(stage.tickets[client], stage.calls[client], strict=True)
    ]
    return [None, *pairs]


def lines(tallies: Sequence[Tally]) -> Iterator[str]:
    """The figures, a line an operation, then what was wrong."""
    names = dict.fromkeys(tally.operation for tally in tallies)
    for name in names:
        mine = [tally for tally in tallies if tally.operation == name]
        total: Counter[int] = sum((tally.statuses for tally in mine), Counter())
        shown = ", ".join(f"{status}: {count}" for status, count in sorted(total.items()))
        yield f"{name}: {total.total()} ({shown})"
    for tally in tallies:
        if tally.faults:
            yield f"{tally.operation}, {tally.asker}: {len(tally.faults)} wrong"
            yield from (f"    {fault}" for fault in dict.fromkeys(tally.faults[:SHOWN_FAULTS]))
    wrong = sum(len(tally.faults) for tally in tallies)
    asked = sum(tally.examples for tally in tallies)
    yield f"{asked} requests, {len(names)} operations, {wrong} wrong"
