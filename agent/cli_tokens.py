"""Commands about what a client's programs hold to use the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from agent.settings import load_settings

if TYPE_CHECKING:
    from agent.store.api_tokens import ApiToken, ApiTokenStore
    from agent.store.audit import AuditStore

token_app = typer.Typer(no_args_is_help=True, help="What programs hold to use the API.")

WHO = "command line"

Slug = Annotated[str, typer.Argument(help="The client.")]


@token_app.command("add")
def add(
    slug: Slug,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str],
        typer.Option(
            help="What it allows; may be repeated: manuals:read, manuals:write, questions, "
            "tickets:read, tickets:write, calls:read, personal:read, settings:read."
        ),
    ],
    days: Annotated[int, typer.Option(min=0, help="It lasts so many days; 0: without end.")] = 365,
) -> None:
    """Make a token for one client's programs and print it, this once."""
    now = datetime.now(UTC)
    with _stores() as (tokens, audit):
        token, secret = tokens.add(
            slug, name, scope, now, expires_at=now + timedelta(days=days) if days else None
        )
        audit.note("token.created", who=WHO, client=slug, subject=token.name, prefix=token.prefix)
    print(_line(token))
    print(f"Token, shown this once: {secret}")


@token_app.command("list")
def list_tokens(slug: Slug) -> None:
    """List a client's tokens: first signs, name, scopes, end, last use."""
    with _stores() as (tokens, _):
        for token in tokens.list(slug):
            print(_line(token))


@token_app.command("revoke")
def revoke(
    slug: Slug,
    prefix: Annotated[str, typer.Argument(help="Its first signs, as `list` shows them.")],
) -> None:
    """End a token at once."""
    from agent.errors import PermanenceError

    with _stores() as (tokens, audit):
        found = [one for one in tokens.list(slug) if one.prefix == prefix.rstrip("…")]
        if len(found) != 1:
            raise PermanenceError(
                f"{slug} has {len(found) or 'no'} tokens that begin with {prefix[:20]!r}; "
                f"`permanence token list {slug}` lists them."
            )
        token = tokens.revoke(slug, found[0].id, datetime.now(UTC))
        audit.note("token.revoked", who=WHO, client=slug, subject=token.name, prefix=token.prefix)
    print(_line(token))


def _line(token: ApiToken) -> str:
    end = "without end" if token.expires_at is None else f"until {token.expires_at:%Y-%m-%d}"
    if token.revoked_at is not None:
        end = f"revoked {token.revoked_at:%Y-%m-%d}"
    used = "never used" if token.last_used_at is None else f"used {token.last_used_at:%Y-%m-%d}"
    return "\t".join([f"{token.prefix}…", token.name, ", ".join(token.scopes), end, used])


@contextmanager
def _stores() -> Iterator[tuple[ApiTokenStore, AuditStore]]:
    from agent.opening import open_database
    from agent.store.api_tokens import ApiTokenStore
    from agent.store.audit import AuditStore

    database = open_database(load_settings())
    try:
        yield ApiTokenStore(database), AuditStore(database)
    finally:
        database.close()
