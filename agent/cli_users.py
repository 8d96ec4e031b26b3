"""The commands about users: who signs in, for which clients, with which password."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.errors import PermanenceError
from agent.settings import load_settings

if TYPE_CHECKING:
    from agent.store.database import Database
    from agent.store.users import User, UserStore

user_app = typer.Typer(no_args_is_help=True, help="Those who sign in.")

Email = Annotated[str, typer.Argument(help="The user's e-mail address.")]
Clients = Annotated[
    list[str] | None, typer.Option("--client", help="A client they work for; may be repeated.")
]
AllClients = Annotated[bool, typer.Option("--all-clients", help="Every client, later ones too.")]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", help="Spoken with callers, the best first; may be repeated."),
]
Generate = Annotated[
    bool, typer.Option("--generate", help="Draw a password and print it once; default: asked for.")
]


@user_app.command("add")
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="As colleagues know them.")],
    role: Annotated[str, typer.Option(help="admin; manager or reader of a brand; operator.")],
    client: Clients = None,
    all_clients: AllClients = False,
    language: Languages = None,
    generate: Generate = False,
) -> None:
    """Add a user, who may sign in at once; the default language is fr."""
    with _users() as users:
        password = _password(generate)
        user = users.add(
            email,
            name,
            role,
            password,
            clients=_slugs(client, all_clients),
            languages=language or ("fr",),
        )
    print(_line(user))
    _tell(password, generate)


@user_app.command("invite")
def invite(
    email: Email,
    role: Annotated[str, typer.Option(help="admin, manager, reader or operator.")],
    client: Annotated[
        str | None, typer.Option(help="The client's slug; an admin has none.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the message: fr or en.")] = "fr",
) -> None:
    """Invite somebody: sent by e-mail where that is set up; prints the link too, good for 72 h."""
    from agent.store.invitations import InvitationStore

    with _database() as database:
        settings, invitations, now = load_settings(), InvitationStore(database), _now()
        mailed = settings.smtp is not None and bool(settings.public_url)
        made = invitations.invite(email, role, client, now, language=language, mailed=mailed)
        token = invitations.link(made.id, now, None)
        _note(database, "user.invited", made.email, client, role=role)
    _print_link(made.email, token, mailed)


@user_app.command("reset")
def reset(email: Email) -> None:
    """Print a link with which a user chooses another password, good for a day."""
    from agent.store.invitations import InvitationStore
    from agent.store.users import UserStore

    with _database() as database:
        user = UserStore(database).by_email(email)
        if not user.active:
            raise PermanenceError(f"{user.email} may not sign in; `permanence user enable` first.")
        token = InvitationStore(database).reset_link(user.email, _now())
        _note(database, "user.reset_link", user.email, None)
    _print_link(user.email, token, mailed=False)


@user_app.command("second-factor")
def second_factor(
    email: Email,
    off: Annotated[bool, typer.Option("--off", help="Ask for no code any more.")] = False,
) -> None:
    """Say whether a user is asked for a code; --off for one who has lost telephone and paper."""
    from agent.store.second_factor import SecondFactorStore
    from agent.store.users import UserStore

    with _database() as database:
        user, factors = UserStore(database).by_email(email), SecondFactorStore(database)
        if off and factors.turn_off(user.id):
            _note(database, "second_factor.off", user.email, None)
        print(f"{user.email}: {'on' if factors.is_on(user.id) else 'off'}")


@user_app.command("list")
def list_users(
    client: Annotated[
        str | None, typer.Option(help="Only those who may see this client and sign in.")
    ] = None,
) -> None:
    """List the users: address, name, role, clients, languages; those disabled are marked so."""
    with _users() as users:
        for user in users.list(client):
            print(_line(user))


@user_app.command("password")
def password(email: Email, generate: Generate = False) -> None:
    """Give a user another password; wherever they are signed in, they are signed out."""
    with _users() as users:
        user = users.by_email(email)
        chosen = _password(generate)
        users.set_password(user.id, chosen)
    print(f"{user.email}: the password has changed")
    _tell(chosen, generate)


@user_app.command("disable")
def disable(email: Email) -> None:
    """Let a user sign in no longer; wherever they are signed in, they are signed out."""
    with _users() as users:
        print(_line(users.set_active(users.by_email(email).id, False)))


@user_app.command("enable")
def enable(email: Email) -> None:
    """Let a user sign in again."""
    with _users() as users:
        print(_line(users.set_active(users.by_email(email).id, True)))


@user_app.command("clients")
def set_clients(email: Email, client: Clients = None, all_clients: AllClients = False) -> None:
    """Say for which clients a user works, in place of those so far."""
    with _users() as users:
        print(_line(users.set_clients(users.by_email(email).id, _slugs(client, all_clients))))


@user_app.command("languages")
def set_languages(email: Email, language: Languages = None) -> None:
    """Say which languages a user speaks with callers, in place of those so far."""
    with _users() as users:
        print(_line(users.set_languages(users.by_email(email).id, language or ())))


@user_app.command("phone")
def set_phone(
    email: Email,
    phone: Annotated[
        str, typer.Argument(help="An extension (101) or a number (+33612345678); none: left out.")
    ] = "",
) -> None:
    """Say which telephone rings for an operator, besides their browser."""
    with _users() as users:
        print(_line(users.set_phone(users.by_email(email).id, phone)))


def _slugs(client: list[str] | None, all_clients: bool) -> tuple[str, ...]:
    from agent.store.users import ALL_CLIENTS

    if client and all_clients:
        raise PermanenceError("Give --client or --all-clients, not both.")
    return ALL_CLIENTS if all_clients else tuple(client or ())


def _password(generate: bool) -> str:
    from agent.store.passwords import checked, generated

    if generate:
        return generated()
    if not sys.stdin.isatty():  # it would be shown, or read from who knows where
        raise PermanenceError("A password is asked for in a terminal; elsewhere give --generate.")
    try:
        first = checked(getpass("Password: "))
    except ValueError as error:
        raise PermanenceError(str(error)) from error
    if getpass("Again: ") != first:
        raise PermanenceError("The two passwords differ; nothing was changed.")
    return first


def _tell(password: str, generated: bool) -> None:
    if generated:
        print(f"Password, shown this once: {password}")


def _line(user: User) -> str:
    clients = "all clients" if user.clients == ("*",) else ", ".join(user.clients)
    shown = [user.email, user.name, user.role, clients, ", ".join(user.languages)]
    shown += [user.phone] if user.phone else []
    return "\t".join([*shown, *([] if user.active else ["disabled"])])


def _print_link(email: str, token: str, mailed: bool) -> None:
    from agent.post import PATH, base_url

    print(f"{email}\t{base_url(load_settings())}{PATH}{token}")
    if mailed:
        print("The running service sends it by e-mail, too.")


def _note(database: Database, action: str, subject: str, client: str | None, **detail: Any) -> None:
    from agent.store.audit import AuditStore

    AuditStore(database).note(action, who="command line", client=client, subject=subject, **detail)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _users() -> Iterator[UserStore]:
    from agent.store.users import UserStore

    with _database() as database:
        yield UserStore(database)


@contextmanager
def _database() -> Iterator[Database]:
    from agent.opening import open_database

    database = open_database(load_settings())
    try:
        yield database
    finally:
        database.close()
