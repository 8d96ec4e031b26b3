"""Two clients side by side, each with a word of its own in all that it has: what must not cross."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.call.record import (
    Brief,
    CallRecord,
    Handoff,
    Sourced,
    TriedStep,
    Turn,
    Urgency,
    recording_of,
)
from agent.manual_commands import add_manuals
from agent.settings import Settings
from agent.store.api_tokens import SCOPES
from agent.store.faq import NewFaq
from agent.store.manual_work import Upload, new_id
from agent.store.test_questions import NewQuestion
from agent.web.api.app import PATH
from agent.web.server import running_server
from knowledge.answer import Evidence

OWN, FOREIGN = "acme", "bora"
CANARIES = {OWN: "kanariacme", FOREIGN: "kanaribora"}
"""In every text of theirs."""

NUMBERS = {OWN: "0639981234", FOREIGN: "0353011234"}
CALLED = {OWN: "0199001234", FOREIGN: "0199005678"}
LINES = {OWN: "+33199001234", FOREIGN: "+33199005678"}
PASSWORD = "un-mot-de-passe-long"
ROLES = ("admin", "manager", "reader", "operator")
READING = tuple(scope for scope in SCOPES if scope.endswith(":read") and scope != "personal:read")

MANUAL = """# Lave-linge LV84

## Nettoyer le filtre de la pompe
1. Fermez le robinet d'arrivée d'eau, {word}.
2. Dévissez le filtre et rincez-le.

## Garantie
La garantie dure deux ans, {word}.
"""

UNANSWERED = (
    "Peut-on laver une couette", "Où acheter des sacs", "Est-ce qu'il consomme beaucoup",
)  # fmt: skip
"""What the manuals do not say."""

TICKETS = 7
"""Of each client, the first few with something done to them."""


@dataclass(frozen=True)
class Stage:
    """What was made.

    Attributes:
        sessions: Cookies of those who are signed in, by role; they work for `OWN`.
        tokens: Secrets by what they allow: "full", "read", "none" (settings only) of `OWN`,
            "foreign" (everything) of `FOREIGN`.
        tickets: Identifiers, by client.
        calls: Identifiers, by client.
        others: Other identifiers, by client and by the names that paths have for them.
        manager: Identifier of the manager of `OWN`.
    """

    sessions: dict[str, str]
    tokens: dict[str, str]
    tickets: dict[str, list[str]]
    calls: dict[str, list[str]]
    others: dict[str, dict[str, str]]
    manager: str


@contextmanager
def staged(settings: Settings, folder: Path) -> Iterator[tuple[str, Stage]]:
    """A real server in a home of its own with both clients in it; yields the API's address."""
    made = settings.model_copy(
        update={"home": folder, "port": 0, "database_url": "", "api_requests_a_minute": 1_000_000}
    )
    for shared in ("models", "cache"):
        (folder / shared).symlink_to(settings.home / shared)
    with running_server(made) as server:
        house = server.house
        for slug, name in ((OWN, "Acmé & Fils"), (FOREIGN, "Bora")):
            house.clients.add(slug, name)
            file = folder / f"{slug}.md"
            file.write_text(MANUAL.format(word=CANARIES[slug]), "utf-8")
            add_manuals(house.library, house.clients, slug, [file], None)
        yield f"{server.url}{PATH}", furnish(house, datetime.now(UTC))


def furnish(house: Any, now: datetime) -> Stage:
    """Fill a house, whose clients `OWN` and `FOREIGN` exist, and sign people in."""
    tickets, calls = {}, {}
    users = {
        role: house.users.add(
            f"{role}@api.example", f"{role} {CANARIES[OWN]}", role, PASSWORD,
            clients=() if role == "admin" else (OWN,),
        )
        for role in ROLES
    }  # fmt: skip
    other = house.users.add(
        "autre@api.example", f"autre {CANARIES[FOREIGN]}", "manager", PASSWORD,
        clients=(FOREIGN,),
    )  # fmt: skip
    makers = {OWN: users["manager"], FOREIGN: other}
    for slug in (OWN, FOREIGN):
        house.clients.set_hours(slug, "lundi-vendredi 9h-12h30, 14h-18h")
        house.clients.set_pronunciation(slug, CANARIES[slug], f"{CANARIES[slug]} dit")
        house.numbers.add(slug, CALLED[slug])
        tickets[slug], calls[slug] = _talk(house, slug, makers[slug].id, now)
    tokens = {
        name: house.api_tokens.add(slug, name, scopes, now, created_by=makers[slug].id)[1]
        for name, slug, scopes in (
            ("full", OWN, SCOPES),
            ("read", OWN, READING),
            ("none", OWN, ("settings:read",)),
            ("foreign", FOREIGN, SCOPES),
        )
    }
    sessions = {role: house.sessions.open(user.id, now) for role, user in users.items()}
    others = {slug: _more(house, slug, makers[slug].id, now) for slug in (OWN, FOREIGN)}
    return Stage(sessions, tokens, tickets, calls, others, users["manager"].id)


def leaked(body: bytes, client: str) -> bool:
    """Whether what a caller of one client was answered holds the other's."""
    others = [one for one in CANARIES if one != client]
    marks = [mark for one in others for mark in (CANARIES[one], NUMBERS[one], LINES[one])]
    return any(mark.encode() in body for mark in marks)


def _talk(house: Any, slug: str, user: str, now: datetime) -> tuple[list[str], list[str]]:
    """Calls of a client and the tickets that came of them, the newest last."""
    tickets, calls = [], []
    word = CANARIES[slug]
    for number in range(TICKETS):
        call_id = f"{slug}-{number:04d}"
        brief = _brief(word, NUMBERS[slug])
        urgency: Urgency = "urgent" if number == 1 else "normal"
        ticket_id = house.tickets.open_ticket(slug, call_id, brief, urgency)
        tickets.append(ticket_id)
        calls.append(call_id)
        record = CallRecord(
            call_id, slug, now - timedelta(hours=TICKETS - number), NUMBERS[slug], "browser",
            now - timedelta(hours=TICKETS - number) + timedelta(seconds=60), "caller",
            turns=list(_turns(word, NUMBERS[slug], number)),
            handoff=Handoff(ticket_id, urgency, brief),
        )  # fmt: skip
        record.settle_outcome()
        if number == 0:
            record.recording = recording_of(slug, call_id)
            _write_sound(house.settings.data_dir / record.recording, word)
        house.calls.save(record)
    house.work.note(tickets[0], user, f"note {word}", now)
    house.work.attempt(tickets[0], user, "no_answer", f"essai {word}", now)
    house.work.close(tickets[2], user, now)
    return tickets, calls


def _more(house: Any, slug: str, user: str, now: datetime) -> dict[str, str]:
    """What else there is of a client: a test question, an approved answer, a file, open ones."""
    word = CANARIES[slug]
    [kept] = house.test_questions.add(slug, [NewQuestion(f"Et {word} ?", None)], user)
    answer = house.approving.add(slug, NewFaq(f"Qui est {word} ?", f"C'est {word}."), user)
    sent = Upload(
        new_id(), slug, f"{word}.pdf", "", 0, user, word, now, "refused", f"Illisible, {word}."
    )
    house.manuals.work.add(sent)
    house.gap_grouping.refresh(slug)
    return {
        "question_id": kept.question_id,
        "answer_id": answer.faq_id,
        "upload_id": sent.upload_id,
        "group_id": house.gaps.groups(slug)[0].key,
        "name": house.clients.manuals(slug)[0].file_name,
    }


def _brief(word: str, number: str) -> Brief:
    return Brief(
        line=f"lave-linge LV 84 — {word}, rappeler au {number}",
        caller_number=number,
        product="lave-linge LV 84",
        question=f"Mon lave-linge fuit, {word}",
        reason="la réponse n'est pas dans les notices",
        tried=(f"Fermez le robinet {word}.",),
        pages=("lv84.pdf, page 31",),
        details={"name": f"Mme {word}", "appliance": "lave-linge"},
        problem=f"Il fuit, {word}",
        earlier=(f"Avant cela, {word}",),
        reference="LV 84",
        said=(Sourced(f"Le joint {word}.", "lv84.pdf, page 31"),),
        steps=(TriedStep(f"Fermez le robinet {word}.", "done", "lv84.pdf, page 31"),),
        next_step=Sourced(f"Dévissez le filtre {word}.", "lv84.pdf, page 32"),
    )


def _turns(word: str, number: str, call: int) -> Iterable[Turn]:
    page = Evidence("lv84.pdf", 31, "lv84.pdf-31", f"Fermer le robinet {word}.")
    yield Turn("", f"Bonjour, {word}.", at_s=0.4)
    yield Turn(
        f"Mon lave-linge fuit, {word}, rappelez-moi au {number}.", f"Fermez le robinet {word}.",
        "answer", 0.93, (page,), at_s=6.0,
    )  # fmt: skip
    unanswered = UNANSWERED[call % len(UNANSWERED)]
    yield Turn(f"{unanswered}, {word} ?", "Je préfère ne pas vous répondre.", "handoff", 0.1,
               at_s=12.0)  # fmt: skip


def _write_sound(path: Path, word: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(word.encode().ljust(8000, b"\0"))
