"""Which calls are looked for, as the address of the list says it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from agent.store.call_facts import CallKind
from agent.store.history import Counted, Search
from agent.web.portal.dashboard.period import OLDEST, Period
from agent.web.portal.words import t

LONGEST_TEXT = 200
_NUMBER = re.compile(r"\d[\d .()-]{2,}\d")
"""What may be a telephone number, or a part of one."""


class SearchError(ValueError):
    """What is looked for cannot be so; a sentence that says what to do."""


@dataclass(frozen=True)
class AskedCalls:
    """The fields of the form, as they were typed."""

    q: str = ""
    issue: str = ""
    du: str = ""
    au: str = ""
    appareil: str = ""
    code: str = ""
    manuel: str = ""
    page: str = ""
    note: str = ""
    danger: str = ""
    suite: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> AskedCalls:
        """What a page's address asks for."""
        return cls(*(query.get(one.name, "").strip()[:LONGEST_TEXT] for one in fields(cls)))

    def search(self, client: str, zone: str, *, numbers: bool) -> Search:
        """What is looked for.

        Args:
            client: Slug.
            zone: In which days are meant.
            numbers: Calls may be looked for by a telephone number.

        Raises:
            SearchError: A field cannot be so.
        """
        if not numbers and _NUMBER.search(self.q):
            raise SearchError(t("Votre compte ne permet pas de chercher un numéro."))
        kind = next((one for one in get_args(CallKind) if one == self.issue), None)
        if self.issue and kind is None:
            raise SearchError(t("Cette issue n'existe pas : choisissez-en une dans la liste."))
        since = until = None
        first, last = _day(self.du), _day(self.au)
        if first is not None and last is not None and first > last:
            raise SearchError(t("La date de début vient après la date de fin : échangez-les."))
        if first is not None:
            since = Period(first, first, zone).since
        if last is not None:
            until = Period(last, last, zone).until
        counted = Counted(
            kind=kind,
            product=self.appareil,
            code=self.code,
            manual=self.manuel,
            page=int(self.page) if self.page.isdecimal() else None,
            mark=int(self.note) if self.note in ("1", "2", "3", "4", "5") else None,
            danger=bool(self.danger),
        )
        return Search(
            text=self.q, client=client, since=since, until=until, after=self.suite, counted=counted
        )

    def address(self, after: str = "") -> str:
        """The end of the address of the same search, from another call on."""
        given = {one.name: getattr(self, one.name) for one in fields(self)} | {"suite": after}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"?{query}" if query else ""

    @property
    def kept(self) -> dict[str, str]:
        """What is looked for beside what the form asks for: it comes from a figure."""
        names = ("appareil", "code", "manuel", "page", "note", "danger")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not any(getattr(self, one.name) for one in fields(self) if one.name != "suite")


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise SearchError(t("Écrivez les dates comme 2026-11-27 : année, mois, jour.")) from error
    if not OLDEST <= day <= date(2100, 12, 31):
        raise SearchError(t("Choisissez des dates entre 2000 et 2100."))
    return day
