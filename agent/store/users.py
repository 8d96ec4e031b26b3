"""Those who sign in: the provider's administrators, the clients' own people, the operators."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store import passwords
from agent.store.clients import require_client
from agent.store.database import Database
from agent.store.schema import SessionRow, UserRow

Role = Literal["admin", "manager", "reader", "operator"]

LANGUAGES = ("fr", "en")
"""Of the pages."""

ALL_CLIENTS = ("*",)
"""Instead of slugs: every client, those to come too."""

LONGEST_EMAIL = 254
"""Characters; RFC 5321, 4.5.3.1.3, without the angle brackets."""

LONGEST_NAME = 100

_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_EMAIL = re.compile(rf"[\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
_PHONE = re.compile(r"[1-9]\d{1,5}|\+[1-9]\d{6,14}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}")


class UserRefusedError(PermanenceError):
    """A user cannot be added or changed so; says why."""


class UnknownUserError(PermanenceError):
    """Nobody signs in with that address, or has that identifier."""


@dataclass(frozen=True)
class User:
    """Somebody who signs in.

    Attributes:
        id: Unique, hexadecimal.
        email: Unique, as `normal_email` writes it.
        name: As colleagues know them.
        role: "admin" (the provider), "manager" or "reader" (a brand's own people, who change what
            is theirs or only look at it), or "operator".
        clients: Slugs of the clients that they work for, or `ALL_CLIENTS`.
        languages: Codes of the languages that they speak with callers, the best first.
        active: They may sign in.
        language: Of the pages that they are shown, one of `LANGUAGES`.
        phone: The telephone that rings for them: an extension of the exchange, or an outside
            number, E.164; empty: they answer in their browser only.
        created_at: UTC.
    """

    id: str
    email: str
    name: str
    role: Role
    clients: tuple[str, ...]
    languages: tuple[str, ...]
    active: bool
    created_at: datetime
    phone: str = ""
    language: str = "fr"


def may_see(user: User, slug: str) -> bool:
    """Whether what is a client's may be shown to a user."""
    return user.active and (user.clients == ALL_CLIENTS or slug in user.clients)


def normal_email(email: str) -> str:
    """An address as it is kept: trimmed, case folded.

    Raises:
        UserRefusedError: It is none.
    """
    normal = unicodedata.normalize("NFC", email.strip().casefold())
    if len(normal) > LONGEST_EMAIL or _EMAIL.fullmatch(normal) is None:
        raise UserRefusedError(
            f"{email[:60]!r} is no e-mail address; write it like NAME@EXAMPLE.ORG."
        )
    return normal


class UserStore:
    """The users in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        email: str,
        name: str,
        role: str,
        password: str,
        *,
        clients: Iterable[str] = (),
        languages: Iterable[str] = ("fr",),
    ) -> User:
        """Keep a new user, who may sign in from now on.

        Args:
            email: Their address.
            name: Their name.
            role: One of `Role`. An admin works for all clients; a client's people never do.
            password: Of `SHORTEST_PASSWORD` characters or more.
            clients: Slugs, or `ALL_CLIENTS`.
            languages: Codes of two letters, at least one.

        Raises:
            UserRefusedError: Something of it is not allowed, or the address is taken.
            UnknownClientError: There is no such client.
        """
        normal = normal_email(email)
        kept = digest_of(password, [normal, name])
        with self._database.transaction() as session:
            if session.scalar(select(UserRow).where(UserRow.email == normal)) is not None:
                raise UserRefusedError(
                    f"{normal} signs in already; `permanence user list` shows everybody."
                )
            row = new_row(session, normal)
            fill_row(session, row, name, role, clients)
            row.password, row.languages = kept, _languages(languages)
            try:
                session.flush()
            except IntegrityError as error:  # PostgreSQL: another was quicker
                raise UserRefusedError(f"{normal} signs in already.") from error
            return user_of(row)

    def get(self, user_id: str) -> User:
        """The user of that identifier.

        Raises:
            UnknownUserError: There is none.
        """
        with self._database.reading() as session:
            return user_of(_row(session, user_id))

    def by_email(self, email: str) -> User:
        """The user who signs in with that address.

        Raises:
            UserRefusedError: It is no address.
            UnknownUserError: Nobody does.
        """
        normal = normal_email(email)
        with self._database.reading() as session:
            row = session.scalar(select(UserRow).where(UserRow.email == normal))
            if row is None:
                raise UnknownUserError(
                    f"Nobody signs in as {normal}; `permanence user list` shows everybody."
                )
            return user_of(row)

    def list(self, slug: str | None = None) -> tuple[User, ...]:
        """Everybody, by address; with `slug`, those active who may see that client."""
        with self._database.reading() as session:
            rows = session.scalars(select(UserRow).order_by(UserRow.email))
            users = tuple(user_of(row) for row in rows)
        return users if slug is None else tuple(one for one in users if may_see(one, slug))

    def verified(self, email: str, password: str) -> User | None:
        """The active user whose address and password these are, None if there is none.

        Takes as long for an address that nobody has. A password kept with older parameters is
        kept anew.
        """
        try:
            normal = normal_email(email)
        except UserRefusedError:
            normal = ""
        with self._database.reading() as session:
            row = session.scalar(select(UserRow).where(UserRow.email == normal))
            user, digest = (None, None) if row is None else (user_of(row), row.password)
        # Outside the transaction: hashing must not hold a connection.
        if not passwords.is_it(password, digest) or user is None or not user.active:
            return None
        if digest is not None and passwords.is_outdated(digest):
            self._keep_anew(user.id, digest, passwords.digest_of(password))
        return user

    def set_password(self, user_id: str, password: str, *, but: str = "") -> User:
        """Give a user another password; wherever they are signed in, they are no longer.

        Args:
            user_id: Whom.
            password: The new one.
            but: Token of the session that goes on all the same.

        Raises:
            UserRefusedError: The password is not allowed.
            UnknownUserError: There is no such user.
        """
        user = self.get(user_id)
        digest = digest_of(password, [user.email, user.name])
        return self._change(user_id, sign_out=True, but=but, password=digest)

    def set_name(self, user_id: str, name: str) -> User:
        """Call a user otherwise.

        Raises:
            UserRefusedError: It is no name.
            UnknownUserError: There is no such user.
        """
        return self._change(user_id, name=checked_name(name))

    def set_active(self, user_id: str, active: bool) -> User:
        """Let a user sign in or not; one who may not is signed out everywhere.

        Raises:
            UnknownUserError: There is no such user.
        """
        return self._change(user_id, sign_out=not active, active=active)

    def set_clients(self, user_id: str, clients: Iterable[str]) -> User:
        """Change for whom a user works, from their next request on.

        Raises:
            UserRefusedError: Their role does not allow it.
            UnknownUserError: There is no such user.
            UnknownClientError: There is no such client.
        """
        with self._database.transaction() as session:
            row = _row(session, user_id)
            row.clients = _clients(session, row.role, clients)
            return user_of(row)

    def set_languages(self, user_id: str, languages: Iterable[str]) -> User:
        """Change which languages a user speaks with callers.

        Raises:
            UserRefusedError: One is no code, or there is none.
            UnknownUserError: There is no such user.
        """
        return self._change(user_id, languages=_languages(languages))

    def set_language(self, user_id: str, language: str) -> User:
        """Change in which language a user is shown pages.

        Raises:
            UserRefusedError: It is none of `LANGUAGES`.
            UnknownUserError: There is no such user.
        """
        if language not in LANGUAGES:
            raise UserRefusedError(f"Pages are not written in {language[:10]!r}; choose fr or en.")
        return self._change(user_id, language=language)

    def set_phone(self, user_id: str, phone: str) -> User:
        """Say which telephone rings for a user; empty: none.

        Raises:
            UserRefusedError: It is neither an extension nor a number, or another's.
            UnknownUserError: There is no such user.
        """
        if phone and _PHONE.fullmatch(phone) is None:
            raise UserRefusedError(
                f"A telephone cannot be {phone[:30]!r}; write an extension of the exchange (101) "
                "or a number with its country (+33612345678)."
            )
        with self._database.transaction() as session:
            row = _row(session, user_id)
            others = select(UserRow).where(UserRow.phone == phone, UserRow.id != user_id)
            other = session.scalar(others) if phone else None
            if other is not None:
                raise UserRefusedError(f"{phone} rings for {other.email} already.")
            row.phone = phone
            return user_of(row)

    def _change(
        self, user_id: str, *, sign_out: bool = False, but: str = "", **columns: object
    ) -> User:
        with self._database.transaction() as session:
            row = _row(session, user_id)
            for column, value in columns.items():
                setattr(row, column, value)
            if sign_out:
                others = SessionRow.digest != token_digest(but)
                session.execute(delete(SessionRow).where(SessionRow.user_id == user_id, others))
            return user_of(row)

    def _keep_anew(self, user_id: str, old: str, new: str) -> None:
        """Replace a digest, unless another password has been set meanwhile."""
        with self._database.transaction() as session:
            session.execute(
                update(UserRow)
                .where(UserRow.id == user_id, UserRow.password == old)
                .values(password=new)
            )


def token_digest(token: str) -> str:
    """What is kept of a session's token.

    Of so much chance a plain digest tells nothing; a slow one would be for passwords.
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def user_of(row: UserRow) -> User:
    """The user that a row describes, without the password."""
    kept = {one.name: getattr(row, one.name) for one in fields(User)}
    return User(**{**kept, "clients": tuple(row.clients), "languages": tuple(row.languages)})


def _row(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise UnknownUserError(f"There is no user {user_id!r}.")
    return row


def new_row(session: Session, email: str) -> UserRow:
    """A new user's row; `fill_row` and a password make it whole."""
    row = UserRow(id=uuid.uuid4().hex, email=email, languages=["fr"], active=True)
    row.name = row.role = row.password = ""
    row.clients, row.created_at = [], datetime.now(UTC)
    session.add(row)
    return row


def fill_row(session: Session, row: UserRow, name: str, role: str, clients: Iterable[str]) -> None:
    """Write down who a user is.

    Raises:
        UserRefusedError: Something of it is not allowed.
        UnknownClientError: There is no such client.
    """
    row.name = checked_name(name)
    with session.no_autoflush:
        row.role, row.clients = _role(role), _clients(session, role, clients)


def checked_name(name: str) -> str:
    """A name as it is kept.

    Raises:
        UserRefusedError: It is none.
    """
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise UserRefusedError(
            f"A user's name cannot be {name[:30]!r}; write 1 to {LONGEST_NAME} characters."
        )
    return called


def digest_of(password: str, about: Iterable[str]) -> str:
    """What is kept of a password; takes tens of ms.

    Args:
        password: As it was chosen.
        about: What a stranger knows of its user.

    Raises:
        UserRefusedError: It is not allowed.
    """
    try:
        return passwords.digest_of(passwords.checked(password, about))
    except ValueError as error:
        raise UserRefusedError(str(error)) from error


def _role(role: str) -> str:
    if role not in get_args(Role):
        raise UserRefusedError(f"A role cannot be {role!r}; choose {', '.join(get_args(Role))}.")
    return role


def _clients(session: Session, role: str, clients: Iterable[str]) -> list[str]:
    """The slugs as they are kept.

    Raises:
        UserRefusedError: The role does not allow them, or there is none.
        UnknownClientError: There is no such client.
    """
    slugs = sorted(set(clients))
    everybody = "*" in slugs
    if role == "admin":
        if slugs and not everybody:
            raise UserRefusedError("An admin works for all clients; leave the clients out.")
        return [*ALL_CLIENTS]
    if everybody and role in ("manager", "reader"):
        raise UserRefusedError("A client's people see that client only; name it.")
    if not slugs:
        raise UserRefusedError(f"The {role} works for no client; name one or more.")
    for slug in slugs:
        if slug != "*":
            require_client(session, slug)
    return [*ALL_CLIENTS] if everybody else slugs


def _languages(languages: Iterable[str]) -> list[str]:
    codes = list(dict.fromkeys(code.strip().casefold() for code in languages))
    wrong = next((code for code in codes if _LANGUAGE.fullmatch(code) is None), None)
    if wrong is not None or not codes:
        raise UserRefusedError(
            f"A language cannot be {wrong or ''!r}; write codes of two letters: fr, en."
        )
    return codes
