"""Who asks the API: a program with a token, or, for looking only, somebody who is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from fastapi import Request

from agent.house import House
from agent.store.api_tokens import ApiScope
from agent.store.users import Role, User, may_see
from agent.web.api import sentences
from agent.web.api.problems import ApiError
from agent.web.auth import signed_in
from agent.web.origin import same_origin

CLIENT_HEADER = "Permanence-Client"

_OPERATOR: tuple[ApiScope, ...] = ("tickets:read", "calls:read", "personal:read")
_READER: tuple[ApiScope, ...] = (
    "manuals:read", "questions", "tickets:read", "calls:read", "settings:read",
)  # fmt: skip
_MANAGER: tuple[ApiScope, ...] = (*_READER, "personal:read")
SIGNED_IN_SCOPES: Mapping[Role, tuple[ApiScope, ...]] = {
    "admin": _MANAGER, "manager": _MANAGER, "reader": _READER, "operator": _OPERATOR,
}  # fmt: skip
"""What those who are signed in may look at, as in the portal."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="permanence"'}
_ENDED = {"WWW-Authenticate": 'Bearer realm="permanence", error="invalid_token"'}


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        client: Slug of the one client whose things they are shown.
        scopes: What they may do.
        key: What their requests are counted by: of the token, or of the user.
        who: For the audit log, and for who sent a manual: the user's address, or the token's name.
        token_id: Of the token; None for somebody signed in.
        user: The one signed in, or the token's maker; None where the provider made it.
    """

    client: str
    scopes: frozenset[ApiScope]
    key: str
    who: str
    token_id: str | None
    user: User | None

    @property
    def actor(self) -> str:
        """Identifier under which what they do to a ticket is kept."""
        return self.user.id if self.user is not None else f"token:{self.token_id}"

    @property
    def sees_people(self) -> bool:
        """Whether what tells who called is shown to them as it is."""
        return "personal:read" in self.scopes

    def note(self, house: House, action: str, subject: str) -> None:
        """Keep in the audit log that they did something (blocks)."""
        house.audit.note(action, who=self.who, client=self.client, subject=subject)


async def caller_of(house: House, request: Request) -> Caller:
    """Who sends a request.

    A cookie counts for looking only, and from a page of this site only: another site can neither
    read nor change anything with it.

    Raises:
        ApiError: Nobody who may; 401, or 422 where it must be said whose client is meant.
    """
    given = request.headers.get("authorization")
    if given is not None:
        scheme, _, secret = given.partition(" ")
        if scheme.casefold() != "bearer":
            raise ApiError(401, sentences.NO_TOKEN, headers=_CHALLENGE)
        found = await asyncio.to_thread(house.api_tokens.holder, secret.strip(), datetime.now(UTC))
        if found is None:
            raise ApiError(401, sentences.BAD_TOKEN, headers=_ENDED)
        token, maker = found
        return Caller(
            token.client, frozenset(token.scopes), token.id,
            f"jeton {token.name} ({token.prefix}…)", token.id, maker,
        )  # fmt: skip
    if request.method != "GET" or not same_origin(request):
        raise ApiError(401, sentences.NO_TOKEN, headers=_CHALLENGE)
    user = await signed_in(request)
    if user is None:
        raise ApiError(401, sentences.NO_TOKEN, headers=_CHALLENGE)
    client = await asyncio.to_thread(_client_of, house, user, request.headers.get(CLIENT_HEADER))
    scopes = frozenset(SIGNED_IN_SCOPES[user.role])
    return Caller(client, scopes, user.id, user.email, None, user)


def requested_by(request: Request) -> Caller:
    """The caller of a request that has passed `ApiRoute`."""
    return cast(Caller, request.state.api_caller)


def _client_of(house: House, user: User, named: str | None) -> str:
    """The client that is meant.

    Raises:
        ApiError: It must be named, or is none of the user's: the two are told alike.
    """
    known = [one.slug for one in house.clients.list() if may_see(user, one.slug)]
    if named is None and len(known) == 1:
        return known[0]
    if named is None or named not in known:
        raise ApiError(422, sentences.WHICH_CLIENT)
    return named
