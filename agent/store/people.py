"""Who has access to a client, as its managers and the provider see and change it.

A manager changes people of that client alone, and of nobody the access to another client: so who
works for several keeps role and name, and can only be let go of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agent.errors import PermanenceError
from agent.store.database import Database, NotKeptError
from agent.store.schema import SecondFactorRow, SessionRow, UserRow
from agent.store.users import ALL_CLIENTS, User, may_see, user_of

ClientRole = Literal["manager", "reader", "operator"]
"""What somebody can be at a client."""

Refusal = Literal["oneself", "several", "forbidden"]


class PersonRefusedError(PermanenceError):
    """Somebody's access cannot be changed so.

    Attributes:
        why: "oneself": nobody shuts themselves out; "several": they work for other clients too;
            "forbidden": whoever asks may not.
    """

    def __init__(self, why: Refusal) -> None:
        super().__init__(f"That person's access cannot be changed so ({why}).")
        self.why = why


@dataclass(frozen=True)
class Person:
    """Somebody who has access.

    Attributes:
        signed_in_at: Of their last sign-in, UTC; None: never.
        second_factor: They are asked for a code.
    """

    user: User
    signed_in_at: datetime | None
    second_factor: bool


class PeopleStore:
    """The people of clients, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_client(self, slug: str) -> list[Person]:
        """Those active who work for a client by name, by name; the provider's own are not shown."""
        return [one for one in self._all() if one.user.active and slug in one.user.clients]

    def everybody(self) -> list[Person]:
        """All users, by name, disabled ones last: for the provider alone."""
        return sorted(self._all(), key=lambda one: not one.user.active)

    def set_role(self, by: User, slug: str, user_id: str, role: str) -> User:
        """Make somebody of a client a manager, a reader or an operator.

        Raises:
            NotKeptError: Nobody of that client has that identifier.
            PersonRefusedError: See there.
        """
        if role not in get_args(ClientRole):
            raise PersonRefusedError("forbidden")
        with self._person(by, slug, user_id) as (_, row):
            if row.clients != [slug]:
                raise PersonRefusedError("several")
            row.role = role
            return user_of(row)

    def let_go(self, by: User, slug: str, user_id: str) -> User:
        """Take the access to a client from somebody, at once; who has no other signs in no more.

        Raises:
            NotKeptError: Nobody of that client has that identifier.
            PersonRefusedError: See there.
        """
        with self._person(by, slug, user_id) as (session, row):
            row.clients = [one for one in row.clients if one != slug]
            row.active = bool(row.clients)
            if not row.active:
                session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
            return user_of(row)

    def _all(self) -> Collection[Person]:
        query = select(UserRow, SecondFactorRow.confirmed_at).outerjoin(
            SecondFactorRow, SecondFactorRow.user_id == UserRow.id
        )
        with self._database.reading() as session:
            found = [
                Person(user_of(row), row.signed_in_at, confirmed_at is not None)
                for row, confirmed_at in session.execute(query)
            ]
        return sorted(found, key=lambda one: (one.user.name.casefold(), one.user.email))

    @contextmanager
    def _person(self, by: User, slug: str, user_id: str) -> Iterator[tuple[Session, UserRow]]:
        with self._database.transaction() as session:
            asking = session.get(UserRow, by.id)  # as they are now: a page may be open for hours
            if asking is None or not _may_change(user_of(asking), slug):
                raise PersonRefusedError("forbidden")
            row = session.scalar(select(UserRow).where(UserRow.id == user_id).with_for_update())
            known = row is not None and row.active and slug in row.clients
            if row is None or not known or row.role == "admin" or row.clients == [*ALL_CLIENTS]:
                raise NotKeptError("Nobody of that client has that identifier.")
            if row.id == by.id:
                raise PersonRefusedError("oneself")
            yield session, row


def _may_change(user: User, slug: str) -> bool:
    return user.role in ("admin", "manager") and may_see(user, slug)
