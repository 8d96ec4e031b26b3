"""Two tenants of a real house, alike but for their canary: a word in all that is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from sqlalchemy import select, text
from starlette.routing import Mount, Route, WebSocketRoute

from agent.call.record import Handoff, Turn
from agent.handoff.states import HandoffRecord, Passage
from agent.manual_commands import add_manuals
from agent.store.api_tokens import SCOPES
from agent.store.faq import FaqStore, NewFaq
from agent.store.manual_work import Publication, Upload, new_id
from agent.store.schema import Base, GapRow
from agent.store.test_questions import NewQuestion, Place
from agent.web.auth import COOKIE
from knowledge.answer import Evidence
from knowledge.difference import Difference
from tests.builders import small_manual
from tests.web.console_house import HOURS, keep_call, keep_ticket, request_of

PASSWORD = "lave-linge à hublot"
MANUAL = "notice.pdf"
"""The same name for both: it stands in addresses."""

ROLES = ("nobody", "admin", "manager", "reader", "operator")

NO_TEXT = {
    "handoffs", "call_facts", "call_codes", "call_pages", "api_requests", "outbox", "test_runs",
}  # fmt: skip
"""Tables of a client's in which nothing of its own words is put here: figures made of its calls,
states of handoffs, repetitions of requests, messages of tickets."""


@dataclass(frozen=True)
class Tenant:
    """A client whose things all hold a word.

    Attributes:
        slug: Of it; known to strangers, who see it in addresses.
        name: Of it; public where its telephone and its hours are.
        canary: Stands in everything else.
        values: What addresses name: a call, a ticket, a question…
        secrets: Of its tokens: "all" allows everything, "little" nearly nothing.
    """

    slug: str
    name: str
    canary: str
    values: dict[str, str]
    secrets: dict[str, str]


def now() -> datetime:
    """The time, as the server knows it."""
    return datetime.now(UTC)


def make_tenant(house: Any, folder: Path, slug: str, word: str) -> Tenant:
    """A client with its people and one of everything."""
    name, canary, call_id = f"Marque {word}brand", f"zz{word}zz", f"walk-{slug}"
    house.clients.add(slug, name)
    house.clients.set_hours(slug, HOURS)
    house.clients.set_pronunciation(slug, canary, "canari")
    house.numbers.add(slug, {"marque-a": "+33199001201", "marque-b": "+33199001202"}[slug])
    file = folder / slug / MANUAL
    file.parent.mkdir()
    small_manual(file, title=f"Lave-linge {canary}", extra=[f"La garantie {canary} dure deux ans."])
    add_manuals(house.library, house.clients, slug, [file], None)
    house.clients.put_manual(slug, replace(house.clients.manuals(slug)[0], product_title=canary))
    for role in ROLES[2:]:
        house.users.add(
            f"{role}-{canary}@walk.example", f"{role} {canary}", role, PASSWORD, clients=[slug]
        )
    manager = house.users.by_email(f"manager-{canary}@walk.example")
    request = request_of(slug, call_id, f"Mon four {canary} siffle.", product=f"Four {canary}",
                         details={"name": canary})  # fmt: skip
    ticket = keep_ticket(house, request, due_at=now() + timedelta(hours=1))
    house.work.note(ticket, manager.id, f"Rappeler {canary}", now())
    handoff_id = f"walk-handoff-{slug}"
    passages = Passage(now(), "requested"), Passage(now(), "no_answer")
    house.handoffs.save(HandoffRecord(handoff_id, slug, call_id, ticket, passages))
    page = Evidence(MANUAL, 1, f"{canary}-3", f"Nettoyer {canary}.")
    turns = [
        Turn("", f"Bonjour, ici {canary}.", at_s=0.4),
        Turn(f"Mon four {canary} siffle.", f"Nettoyez {canary}.", "answer", 0.9, (page,), at_s=5.0),
    ]
    brief = house.tickets.get(ticket).brief
    keep_call(house, call_id, now() - timedelta(hours=1), turns, client=slug, recorded=True,
              handoff=Handoff(ticket, "normal", brief))  # fmt: skip
    house.verdicts.set(call_id, 1, "wrong", f"Faux, {canary}", manager.id, now())
    question = NewQuestion(f"Comment nettoyer {canary} ?", Place(MANUAL, 1))
    [kept] = house.test_questions.add(slug, [question], manager.id)
    words = NewFaq(f"Comment nettoyer {canary} ?", f"Essuyez {canary} avec un chiffon doux.")
    answer = FaqStore(house.database).add(slug, words, manager.id)
    with house.database.transaction() as session:
        session.add(GapRow(
            call_id=call_id, position=1, client=slug, heard=f"Mon four {canary} siffle.",
            embedder="walk", vector=b"", group_key=call_id, place=0,
        ))  # fmt: skip
    invited = house.accounts.invitations.invite(
        f"invited-{canary}@walk.example", "reader", slug, now(), mailed=False
    )
    work = house.manuals.work
    work.add(
        Upload(
            new_id(), slug, f"refusé-{canary}.pdf", "0" * 64, 1, manager.id, f"Envoi {canary}",
            now(), "refused", f"Le fichier {canary} est illisible.",
        )
    )  # fmt: skip
    changed = Difference(added=(f"{canary}.pdf",)).as_json()
    work.published(
        Publication(
            new_id(), slug, now(), "published", "walk", manager.id, f"Publié {canary}", changed
        )
    )
    house.audit.note("manual.published", user=manager, client=slug, subject=f"{canary}.pdf")
    secrets = {
        "all": house.api_tokens.add(slug, f"CRM {canary}", SCOPES, now())[1],
        "little": house.api_tokens.add(slug, f"Peu {canary}", ["settings:read"], now())[1],
    }
    return Tenant(slug, name, canary, {
        "slug": slug, "call_id": call_id, "ticket_id": ticket, "position": "1", "name": "twilio",
        "handoff_id": handoff_id, "question_id": kept.question_id, "token": "x" * 43,
        "invitation_id": invited.id, "manual": MANUAL, "answer_id": answer.faq_id,
    }, secrets)  # fmt: skip


def tables_without(house: Any, tenant: Tenant) -> list[str]:
    """The tables of clients' things in which nothing of this one holds its canary."""
    missing = []
    with house.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if "client" in table.c and table.name not in NO_TEXT:
                rows = session.execute(select(table).where(table.c.client == tenant.slug)).all()
                plain = {"client_numbers": "+33199"}.get(table.name, "")
                if not any(tenant.canary in str(tuple(row)) or (plain and plain in str(tuple(row)))
                           for row in rows):  # fmt: skip
                    missing.append(table.name)
    return missing


@contextmanager
def visitors(house: Any, url: str, tenant: Tenant) -> Iterator[dict[str, httpx.Client]]:
    """Everybody of a tenant's, the provider's admin and a stranger, as browsers send requests."""
    house.users.add("admin@walk.example", "Walk", "admin", PASSWORD)
    headers = {"Accept": "text/html", "Origin": url}
    made = {}
    for role in ROLES:
        cookies = {}
        if role != "nobody":
            who = "admin" if role == "admin" else f"{role}-{tenant.canary}"
            user = house.users.by_email(f"{who}@walk.example")
            cookies[COOKIE] = house.sessions.open(user.id, now())
        made[role] = httpx.Client(base_url=url, headers=headers, cookies=cookies, timeout=30)
    for name, secret in tenant.secrets.items():
        made[f"token:{name}"] = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {secret}"}, timeout=30
        )
    try:
        yield made
    finally:
        for one in made.values():
            one.close()


def remove_tenants(house: Any, slugs: list[str]) -> None:
    """Leave the house as it was: other tests share it."""
    gone = {"slugs": tuple(slugs)}
    with house.database.transaction() as session:
        names = ", ".join(f"'{slug}'" for slug in gone["slugs"])
        session.execute(text("DELETE FROM verdicts WHERE call_id LIKE 'walk-%'"))
        session.execute(text("DELETE FROM users WHERE email LIKE '%@walk.example'"))
        for table in reversed(Base.metadata.sorted_tables):
            if "client" in table.c:
                session.execute(text(f"DELETE FROM {table.name} WHERE client IN ({names})"))
        session.execute(text(f"DELETE FROM clients WHERE slug IN ({names})"))


def routes_of(app: FastAPI) -> dict[str, str]:
    """Every route of an application, « GET /path », and the module that it is of.

    Mounted applications' routes are among them; files that are served alike to everybody are one
    route, « FILES /path ».
    """
    return dict(_walked(app.routes, ""))


def _walked(routes: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for route in routes:
        path = f"{prefix}{getattr(route, 'path', '')}"
        if isinstance(route, APIWebSocketRoute | WebSocketRoute):
            yield f"WS {path}", route.endpoint.__module__
        elif isinstance(route, APIRoute | Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield f"{method} {path}", getattr(route.endpoint, "__module__", "")
        elif isinstance(route, Mount):
            inner = getattr(route.app, "routes", None)
            if inner:
                yield from _walked(inner, path)
            else:
                yield f"FILES {path}", type(route.app).__module__
        else:  # FastAPI's included router, which shows its routes only when it is asked
            context = route.include_context
            yield from _walked(route.original_router.routes, f"{prefix}{context.prefix or ''}")
