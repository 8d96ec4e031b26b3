"""The numbers on which clients are called: whose line is it that rings?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import delete, select

from agent.errors import PermanenceError
from agent.store.clients import Client, client_from, require_client
from agent.store.database import Database, insert_if_absent
from agent.store.schema import ClientRow, NumberRow

_SIGNS = re.compile(r"[\s.()/\u00a0\u202f-]+")
_E164 = re.compile(r"\+[1-9]\d{7,14}")
"""ITU-T E.164: fifteen figures at most; none that is called has fewer than eight."""

_FRENCH = re.compile(r"0[1-9]\d{8}")
_SHOWN_IN_ERROR = 30


class NumberRefusedError(PermanenceError):
    """A number cannot be a client's: it is none, it is another's, or it is not on the list."""


def e164(number: str) -> str:
    """A number as it is kept: `+` and its figures.

    Args:
        number: As people or carriers write it: 01 99 00 12 34, +33 1 99 00 12 34,
            0033199001234, 33199001234 (without a `+`, as Plivo and many trunks send it).

    Raises:
        NumberRefusedError: It is no complete number; short ones (36 39) are not E.164.
    """
    figures = _SIGNS.sub("", number.replace("(0)", ""))
    if figures.startswith("00"):
        figures = f"+{figures[2:]}"
    elif _FRENCH.fullmatch(figures):
        figures = f"+33{figures[1:]}"
    elif not figures.startswith("+"):
        figures = f"+{figures}"
    if figures.isascii() and _E164.fullmatch(figures):
        return figures
    raise NumberRefusedError(
        f"{number[:_SHOWN_IN_ERROR]!r} n'est pas un numéro de téléphone complet ; écrivez-le comme"
        " +33199001234 ou 01 99 00 12 34."
    )


class NumberStore:
    """The clients' numbers in the database; each is one client's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def client_of(self, number: str) -> Client | None:
        """Whose number was dialled; None if nobody's, or if it is no number at all.

        Args:
            number: As the carrier or the exchange gave it; any form that `e164` reads.
        """
        try:
            kept = e164(number)
        except NumberRefusedError:
            return None
        query = select(ClientRow).join(NumberRow, NumberRow.client == ClientRow.slug)
        with self._database.reading() as session:
            row = session.scalar(query.where(NumberRow.number == kept))
            return None if row is None else client_from(row)

    def of_client(self, slug: str) -> tuple[str, ...]:
        """The client's numbers in E.164, in order.

        Raises:
            UnknownClientError: There is no such client.
        """
        query = select(NumberRow.number).order_by(NumberRow.number)
        with self._database.reading() as session:
            require_client(session, slug)
            return tuple(session.scalars(query.where(NumberRow.client == slug)))

    def all(self) -> dict[str, str]:
        """Every number in E.164, and the slug of its client."""
        query = select(NumberRow).order_by(NumberRow.number)
        with self._database.reading() as session:
            return {row.number: row.client for row in session.scalars(query)}

    def add(self, slug: str, number: str) -> str:
        """Have calls of that number answered for the client; returns it in E.164.

        Raises:
            UnknownClientError: There is no such client.
            NumberRefusedError: It is no number, or another client's.
        """
        kept = e164(number)
        values = {"number": kept, "client": slug, "added_at": datetime.now(UTC)}
        with self._database.transaction() as session:
            require_client(session, slug)
            if not insert_if_absent(session, NumberRow, values):
                owner = session.get_one(NumberRow, kept).client
                if owner != slug:
                    raise NumberRefusedError(
                        f"Le {kept} est déjà celui de {owner} ; retirez-le d'abord :"
                        f" `permanence client number {owner} remove {kept}`."
                    )
        return kept

    def remove(self, slug: str, number: str) -> str:
        """Answer calls of that number no more; returns it in E.164.

        Raises:
            UnknownClientError: There is no such client.
            NumberRefusedError: It is no number, or not this client's.
        """
        kept = e164(number)
        with self._database.transaction() as session:
            require_client(session, slug)
            gone = session.scalar(
                delete(NumberRow)
                .where(NumberRow.number == kept, NumberRow.client == slug)
                .returning(NumberRow.number)
            )
            if gone is None:
                raise NumberRefusedError(
                    f"{slug} n'a pas le {kept} ; `permanence client number {slug}` liste ses"
                    " numéros."
                )
        return kept
