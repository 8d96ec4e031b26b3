"""What operators and receivers read of a ticket, word for word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.call.record import TriedStep
from agent.handoff.message import (
    SUBJECT_CHARACTERS,
    email_body,
    local_time,
    webhook_body,
    zone_of,
)
from agent.handoff.wording import by_pairs
from agent.store.ticket_rows import Ticket
from tests.ticket_homes import BRIEF, NIGHT

TICKET = Ticket(
    "T-7F3K2Q", "essai", "c-1", NIGHT, "normal", "new", "+33639981234",
    replace(
        BRIEF, details={"name": "Durand", "also": "la hotte — la garantie"},
        steps=(TriedStep("Vérifiez le disjoncteur.", "no_help", "fx60.pdf, page 12"),),
    ),
    datetime(2026, 11, 30, 8, 0, tzinfo=UTC),
)  # fmt: skip
PARIS = "Europe/Paris"


def test_an_e_mail() -> None:
    """Whom to call, when it was promised, what about, why; then what was tried."""
    body = email_body(TICKET, "opened", "Essai", PARIS)
    assert body["subject"] == "À rappeler : Durand, 06 39 98 12 34 (four FX 60) — Essai"
    assert body["urgent"] is False
    assert body["text"] == (
        "À rappeler : Durand, 06 39 98 12 34\n"
        "\n"
        "Rappel promis : à partir du lundi 30 novembre 2026 à 9 h\n"
        "\n"
        "four FX 60\n"
        "« il ne chauffe plus »\n"
        "Et aussi : « la hotte — la garantie »\n"
        "Motif : la réponse n'est pas dans les notices\n"
        "Appelant : Durand, 06 39 98 12 34\n"
        "Étapes données :\n"
        "- Vérifiez le disjoncteur. → sans effet, fx60.pdf, page 12\n"
        "À demander : la référence, le sujet\n"
        "\n"
        "Appel reçu le vendredi 27 novembre 2026 à 22 h 30 pour Essai.\n"
        "Demande T-7F3K2Q\n"
    )


def test_an_urgent_e_mail_of_which_little_is_known() -> None:
    """Its first word says so; what is not known is said, not left out."""
    brief = replace(BRIEF, product=None, question="ça sent le gaz", tried=(), pages=(), steps=())
    ticket = replace(
        TICKET, urgency="urgent", caller_number=None, brief=brief, due_at=None, status="taken"
    )
    body = email_body(ticket, "urgent", "Essai", PARIS)
    assert body["subject"] == "URGENT : rappeler numéro inconnu — Essai"
    assert body["urgent"] is True
    assert body["text"].splitlines() == [
        "URGENT : rappeler numéro inconnu",
        "",
        "Rappel promis : dès que possible",
        "État : déjà prise par un conseiller",
        "",
        "appareil non précisé",
        "« ça sent le gaz »",
        "Motif : la réponse n'est pas dans les notices",
        "Appelant : numéro inconnu",
        "À demander : son numéro, son nom, l'appareil, la référence, le sujet",
        "",
        "Appel reçu le vendredi 27 novembre 2026 à 22 h 30 pour Essai.",
        "Demande T-7F3K2Q",
    ]


def test_a_caller_cannot_write_lines_of_their_own() -> None:
    """Neither into the heading nor into the text; and the subject stays short."""
    hostile = "x\r\nBcc: a@b.fr\n\x00\u202e\ud800 " + "très long " * 40
    brief = replace(BRIEF, product=hostile, question=hostile, details={"name": hostile})
    body = email_body(replace(TICKET, brief=brief), "reopened", "Essai", PARIS)
    assert body["subject"].startswith("Nouvelle demande. À rappeler : x Bcc: a@b.fr")
    assert len(body["subject"]) <= SUBJECT_CHARACTERS
    assert not [line for line in body["text"].splitlines() if line.startswith("Bcc")]
    assert (body["subject"] + body["text"].replace("\n", "")).isprintable()


def test_a_webhook() -> None:
    """Every field, as JSON."""
    body = webhook_body(replace(TICKET, due_at=None), "opened", "Essai")
    assert json.loads(json.dumps(body)) == {
        "version": 1,
        "event": "opened",
        "client": "essai",
        "brand": "Essai",
        "ticket": {
            "id": "T-7F3K2Q",
            "call_id": "c-1",
            "urgency": "normal",
            "status": "new",
            "created_at": "2026-11-27T21:30:00+00:00",
            "due_at": None,
            "caller_number": "+33639981234",
            "name": "Durand",
            "product": "four FX 60",
            "question": "il ne chauffe plus",
            "reason": "la réponse n'est pas dans les notices",
            "line": BRIEF.line,
            "tried": list(BRIEF.tried),
            "pages": list(BRIEF.pages),
            "details": {"name": "Durand", "also": "la hotte — la garantie"},
        },
    }
    due = webhook_body(TICKET, "opened", "Essai")["ticket"]["due_at"]
    assert due == "2026-11-30T08:00:00+00:00"


@pytest.mark.parametrize(
    ("number", "written"),
    [("0639981234", "06 39 98 12 34"), ("+33639981234", "06 39 98 12 34"),
     ("+3225550123", "+32 2 555 01 23"), ("3949", "3949"), ("+", "+"), ("sip:a\nb", "sip:a b")],
)  # fmt: skip
def test_a_number_as_it_is_read(number: str, written: str) -> None:
    """By pairs where it is French, as it came where it is no number."""
    assert by_pairs(number) == written


def test_times_are_the_clients() -> None:
    """In the zone of its hours, French time where there are none or they cannot be read."""
    assert local_time(NIGHT, zone_of("fuseau Indian/Reunion")) == "samedi 28 novembre 2026 à 1 h 30"
    assert zone_of("") == zone_of("on verra") == PARIS
    assert (
        local_time(datetime(2026, 6, 1, 6, 5, tzinfo=UTC), PARIS) == "lundi 1er juin 2026 à 8 h 05"
    )
