"""When a client's operators are there, for its callers: a page, and JSON-LD for programs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from agent.errors import UnknownClientError
from agent.handoff.hours import WEEKDAYS, Schedule, as_said, closes_at, next_opening
from agent.handoff.opening_hours import (
    COMING_DAYS,
    coming,
    days_in_words,
    hours_in_words,
    json_ld,
    usual_week,
)
from agent.house import House, hours_of
from agent.store.clients import Client
from agent.web.pages import page
from agent.web.phone import NO_LINE

FRESH_S = 60.0
"""Longest that a copy may be shown without asking again; less where the state changes before."""

_IN_A_TIME = re.compile(r"(?<=\d) (?=h)|(?<=\d h) (?=\d)")
"""Spaces at which « 12 h 30 » must not be broken."""

NOT_SET = "Les horaires de nos conseillers ne sont pas encore publiés."
NOT_SET_THEN = "Vous pouvez appeler dès maintenant : votre demande leur sera transmise."


@dataclass(frozen=True)
class State:
    """Whether operators are there, in words; `changes_s` seconds before that is no longer true."""

    open: bool
    now: str
    then: str
    changes_s: float


def state_of(schedule: Schedule, now: datetime) -> State:
    """Whether operators are there at a moment, which has its time zone."""
    closes = closes_at(schedule, now)
    if closes is not None:
        left = closes - now
        then = f"Fermeture {as_said(closes, now, schedule.zone)}."
        # Whoever is always there closes beyond the horizon, which says nothing to a caller.
        shown = then if left < timedelta(days=COMING_DAYS) else ""
        return State(True, "Nos conseillers répondent en ce moment.", shown, left.total_seconds())
    opens = next_opening(schedule, now)
    if opens is None:
        return State(False, "Nos conseillers sont absents.", "Aucun retour n'est prévu.", FRESH_S)
    then = f"Réouverture {as_said(opens, now, schedule.zone)}."
    changes_s = (opens - now).total_seconds()
    return State(False, "Nos conseillers sont absents en ce moment.", then, changes_s)


@dataclass(frozen=True)
class _Asked:
    """A client's hours at the moment at which they are asked for."""

    client: Client
    schedule: Schedule | None
    state: State
    today: date


def hours_router(
    house: House, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> APIRouter:
    """The routes, open to everybody.

    Args:
        house: Where the clients are.
        now: The time, with its zone.
    """
    router = APIRouter()

    def asked(slug: str) -> _Asked:
        client, schedule, at = house.clients.get(slug), hours_of(house.clients, slug), now()
        if schedule is None:
            return _Asked(client, None, State(False, NOT_SET, NOT_SET_THEN, FRESH_S), at.date())
        today = at.astimezone(ZoneInfo(schedule.zone)).date()
        return _Asked(client, schedule, state_of(schedule, at), today)

    @router.get("/horaires/{slug}.json")
    def as_json(slug: str, request: Request) -> Response:
        try:
            one = asked(slug)
        except UnknownClientError:
            return JSONResponse({"message": NO_LINE}, 404)
        return _fresh(request, Response(_json_ld(one), media_type="application/ld+json"), one)

    @router.get("/horaires/{slug}")
    def as_page(slug: str, request: Request) -> Response:
        try:
            one = asked(slug)
        except UnknownClientError:
            body = f"<p>{escape(NO_LINE)}</p><p><a href='/'>Voir les lignes d'appel</a></p>"
            return page("lines.html", {"title": "Numéro inconnu", "body": body}, 404)
        return _fresh(request, _page(one), one)

    return router  # its routes are no coroutines: they run in threads


def _page(one: _Asked) -> Response:
    data = _json_ld(one)
    values = {
        "brand": escape(one.client.name),
        "slug": escape(one.client.slug),
        "state": "open" if one.state.open else "closed",
        "now": escape(one.state.now),
        "then": escape(one.state.then),
        "tables": "" if one.schedule is None else _tables(one.schedule, one.today),
        "json_ld": data,
    }
    digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
    return page("hours.html", values, script_src=f"'sha256-{digest}'")


def _json_ld(one: _Asked) -> str:
    """The JSON-LD, such that it may stand in a script element too.

    The line's address is relative: a host told by whoever asks must not get into a shared copy.
    """
    told = json_ld(one.client.name, one.schedule, one.today, f"/phone/{one.client.slug}")
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")


def _tables(schedule: Schedule, today: date) -> str:
    week = (
        (_capital(WEEKDAYS[number]), hours_in_words(ranges), number == today.weekday())
        for number, ranges in enumerate(usual_week(schedule))
    )
    special = [
        (_capital(days_in_words(days)), hours_in_words(days.ranges),
         days.first <= today <= days.last)
        for days in coming(schedule, today)
    ]  # fmt: skip
    zone = f"<p class='zone'>Heures du fuseau {escape(schedule.zone)}.</p>"
    tables = f"<section>{_table('La semaine', week)}{zone}</section>"
    if special:
        tables += f"<section>{_table('Jours particuliers à venir', special)}</section>"
    return tables


def _table(caption: str, rows: Iterable[tuple[str, str, bool]]) -> str:
    body = "".join(
        f"<tr{' class=today' if today else ''}><th scope='row'>{escape(days)}</th>"
        f"<td>{_IN_A_TIME.sub(chr(0xA0), escape(hours))}</td></tr>"
        for days, hours, today in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>"


def _fresh(request: Request, answer: Response, one: _Asked) -> Response:
    """The answer, or 304 where the asker has the same; says how long it stays true."""
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    fresh_s = int(min(FRESH_S, one.state.changes_s))
    kept = {"Cache-Control": f"public, max-age={fresh_s}", "ETag": tag}
    asked = request.headers.get("if-none-match", "")
    if tag in {given.strip().removeprefix("W/") for given in asked.split(",")}:
        return Response(status_code=304, headers=kept)
    answer.headers.update(kept)
    return answer


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
