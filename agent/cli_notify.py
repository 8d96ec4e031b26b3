"""The command about where a client is told of its tickets: e-mail, webhook, who is on call."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from agent.errors import PermanenceError
from agent.settings import Settings, load_settings

if TYPE_CHECKING:
    from agent.store.targets import OnCall, Targets

SECRET_BYTES = 32
"""Random bytes of a secret that is made here."""


def notify(
    slug: Annotated[str, typer.Argument(help="The client.")],
    email: Annotated[
        list[str] | None,
        typer.Option(help="Address told of each ticket; again for more; replaces those set."),
    ] = None,
    no_email: Annotated[bool, typer.Option("--no-email", help="Tell no address.")] = False,
    webhook: Annotated[str | None, typer.Option(help="URL to which each ticket is posted.")] = None,
    no_webhook: Annotated[bool, typer.Option("--no-webhook", help="Post nowhere.")] = False,
    secret: Annotated[
        str | None,
        typer.Option(help="Key that signs what is posted; default: one is made and printed once."),
    ] = None,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="Make another key and print it once.")
    ] = False,
    on_call: Annotated[
        list[str] | None,
        typer.Option(
            help="Who is told of urgent tickets and when: 'ADDRESS; lundi-vendredi 18h-22h;"
            " samedi 9h-12h', always without hours; again for more; replaces those set."
        ),
    ] = None,
    no_on_call: Annotated[bool, typer.Option("--no-on-call", help="Nobody is on call.")] = False,
) -> None:
    """Say where a client is told of callback requests; without options, show it."""
    from agent.opening import open_database
    from agent.outbox import unsent_notice
    from agent.store.outbox import OutboxStore
    from agent.store.targets import TargetStore

    _one_of(("--email", email), ("--no-email", no_email))
    _one_of(("--webhook", webhook), ("--no-webhook", no_webhook))
    _one_of(("--secret", secret), ("--new-secret", new_secret), ("--no-webhook", no_webhook))
    _one_of(("--on-call", on_call), ("--no-on-call", no_on_call))
    settings = load_settings()
    database = open_database(settings)
    try:
        store = TargetStore(database)
        before = store.get(slug)
        wanted = before
        if email or no_email:
            wanted = replace(wanted, emails=tuple(address.strip() for address in email or ()))
        if on_call or no_on_call:
            wanted = replace(wanted, on_call=tuple(_on_call(written) for written in on_call or ()))
        if webhook is not None:
            wanted = replace(wanted, webhook_url=webhook.strip())
        if no_webhook:
            wanted = replace(wanted, webhook_url="", webhook_secret="")
        wanted, made = _with_secret(wanted, secret, new_secret)
        if wanted != before:
            wanted = store.set(slug, wanted)
        notice = unsent_notice(settings, OutboxStore(database))
    finally:
        database.close()
    _show(slug, wanted, settings)
    if made:
        print(f"webhook secret, shown this once: {wanted.webhook_secret}")
    if notice:
        print(notice)


def _one_of(*options: tuple[str, object]) -> None:
    given = [name for name, value in options if value]
    if len(given) > 1:
        raise PermanenceError(f"{given[0]} and {given[1]} exclude each other; give one of them.")


def _with_secret(wanted: Targets, secret: str | None, new: bool) -> tuple[Targets, bool]:
    """The targets with the key that they are to have, and whether it was made here."""
    if not wanted.webhook_url:
        if secret or new:
            raise PermanenceError("A secret signs what a webhook is sent; give --webhook too.")
        return wanted, False
    if secret is not None:
        return replace(wanted, webhook_secret=secret), False
    if new or not wanted.webhook_secret:
        return replace(wanted, webhook_secret=secrets.token_urlsafe(SECRET_BYTES)), True
    return wanted, False


def _on_call(written: str) -> OnCall:
    """Who is on call as it was written: an address, then lines of hours, separated by ";"."""
    from agent.handoff.hours_text import parse
    from agent.store.targets import OnCall

    address, *lines = (part.strip() for part in written.split(";"))
    hours = "\n".join(line for line in lines if line)
    try:
        parse(hours)
    except ValueError as error:
        raise PermanenceError(f"{error} L'astreinte n'a pas changé.") from error
    return OnCall(address, hours)


def _show(slug: str, targets: Targets, settings: Settings) -> None:
    for address in targets.emails:
        print(f"email\t{address}")
    if targets.webhook_url:
        print(f"webhook\t{targets.webhook_url}")
    for one in targets.on_call:
        print(f"on call\t{one.email}\t{'; '.join(one.hours.splitlines()) or 'always'}")
    if targets == type(targets)():
        print(f"{slug}: nobody is told; tickets are listed by `permanence tickets` alone.")
    if (targets.emails or targets.on_call) and settings.smtp is None:
        print("No e-mail is sent: set PERMANENCE_SMTP_URL and PERMANENCE_SMTP_FROM.")
