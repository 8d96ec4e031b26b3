"""What clients set: checked, kept, never over somebody else's change; calls drawn for recording."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from agent.call.record import Brief, CallRecord, Turn
from agent.call.sampling import is_drawn
from agent.first_words import greeting_of, recordings_of
from agent.handoff.rehearsal import TICKET_ID, RehearsalBook
from agent.store.calls import CallStore
from agent.store.client_settings import (
    ChangedMeanwhileError,
    Reason,
    SettingRefusedError,
    SettingsStore,
)
from agent.store.clients import Client, ClientStore
from agent.store.database import Database
from agent.store.history import CallHistory, Search
from agent.store.line_day import calls_since, unsettled_since
from agent.store.schema import CallFactRow
from agent.store.targets import Targets, TargetsChangedError, TargetStore
from agent.store.verdicts import VerdictStore
from voices.prompts import usual_notice

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
OWN_NOTICE = (
    "Acmé enregistre cet appel pour former ses conseillers, sauf si vous dites « sans"
    " enregistrement »."
)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the client "acme", to be copied: migrating takes a while."""
    path = tmp_path_factory.mktemp("migrated") / "permanence.db"
    made = Database(f"sqlite:///{path}")
    made.migrate()
    ClientStore(made).add("acme", "Acmé")
    made.close()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """A database with the client "acme"."""
    made = Database(f"sqlite:///{shutil.copy(migrated, tmp_path)}")
    yield made
    made.close()


@pytest.fixture
def store(database: Database) -> SettingsStore:
    """The settings."""
    return SettingsStore(database)


@pytest.mark.parametrize(
    ("column", "given", "kept"),
    [
        ("name", "  Acmé   &  Fils ", "Acmé & Fils"),
        ("spoken_name", "aquemé", "aquemé"),
        ("greeting_sentence", "Merci de votre confiance", "Merci de votre confiance."),
        ("greeting_sentence", "", ""),
        ("greeting_sentence", "Je suis à votre écoute.", "Je suis à votre écoute."),
        ("greeting_sentence", "Nous ne sommes pas loin !", "Nous ne sommes pas loin !"),
        ("recording_notice", OWN_NOTICE, OWN_NOTICE),
        ("recording_notice", usual_notice("Acmé"), usual_notice("Acmé")),
        ("recording_percent", " 20 ", 20),
        ("pace", "1,1", 1.1),
        ("keep_audio_days", "180", 180),
        ("keep_transcript_days", "365", 365),
        ("minutes_per_call", 12, 12),
        ("answering", "overflow", "overflow"),
        ("hours", "lundi 9h-12h", "lundi 9h-12h"),
    ],
)
def test_a_setting_is_kept(store: SettingsStore, column: str, given: object, kept: object) -> None:
    """As it was meant; the client comes back before and after."""
    before, after = store.change("acme", {}, {column: given})
    assert getattr(after, column) == kept
    assert before == Client("acme", "Acmé", before.created_at)


@pytest.mark.parametrize(
    ("column", "given", "reason"),
    [
        ("name", " ", "no_letters"),
        ("name", "<b>Acmé</b>", "no_text"),
        ("name", "A" * 61, "too_long"),
        ("spoken_name", "12", "no_letters"),
        ("greeting_sentence", "M" * 91, "too_long"),
        ("greeting_sentence", "{brand} vous écoute", "no_text"),
        ("greeting_sentence", "Je suis Julie, du service client.", "pretends"),
        ("greeting_sentence", "Je suis votre conseillère.", "pretends"),
        ("greeting_sentence", "Je m'appelle Julie.", "pretends"),
        ("greeting_sentence", "Ce n'est pas un robot.", "pretends"),
        ("greeting_sentence", "Cet appel n'est pas enregistré.", "pretends"),
        ("recording_notice", "Acmé vous écoute pour sa qualité.", "says_not_recorded"),
        ("recording_notice", "Cet appel est enregistré pour la qualité.", "says_not_who"),
        ("recording_notice", "Nous enregistrons cet appel.", "says_not_why"),
        ("recording_notice", "Acmé enregistre cet appel pour sa qualité.", "says_not_how"),
        ("recording_percent", "0", "number"),
        ("recording_percent", "101", "number"),
        ("recording_percent", "vingt", "number"),
        ("keep_audio_days", "181", "number"),
        ("keep_ticket_days", "366", "number"),
        ("keep_analysis_days", "", "number"),
        ("pace", "2", "choice"),
        ("pace", "vite", "choice"),
        ("answering", "jamais", "choice"),
        ("recording", "oui", "choice"),
    ],
)
def test_a_wrong_setting_is_refused(
    store: SettingsStore, database: Database, column: str, given: object, reason: Reason
) -> None:
    """Why is told in one word, and nothing has changed, the right one beside it neither."""
    before = ClientStore(database).get("acme")
    with pytest.raises(SettingRefusedError) as refused:
        store.change("acme", {}, {"minutes_per_call": 9, column: given})
    assert (refused.value.field, refused.value.reason) == (column, reason)
    assert ClientStore(database).get("acme") == before


def test_somebody_else_s_change_is_not_overwritten(store: SettingsStore) -> None:
    """Of what was shown; another setting's change is no matter."""
    store.change("acme", {"name": "Acmé"}, {"name": "Acmé Un"})
    with pytest.raises(ChangedMeanwhileError) as told:
        store.change("acme", {"name": "Acmé"}, {"name": "Acmé Deux"})
    assert told.value.now.name == "Acmé Un"
    _, after = store.change("acme", {"hours": ""}, {"hours": "lundi 9h-12h"})
    assert (after.name, after.hours) == ("Acmé Un", "lundi 9h-12h")


def test_targets_of_somebody_else_are_not_overwritten(database: Database) -> None:
    """Nor lost: the first change stays."""
    store = TargetStore(database)
    seen = store.get("acme")
    first = store.set("acme", Targets(("a@acme.example",)), seen=seen)
    with pytest.raises(TargetsChangedError):
        store.set("acme", Targets(("b@acme.example",)), seen=seen)
    assert store.get("acme") == first


def test_the_greeting_always_says_what_the_law_wants(store: SettingsStore) -> None:
    """A machine answers, a person can be asked for; in recorded calls the notice, in others not."""
    _, client = store.change(
        "acme", {},
        {"greeting_sentence": "Merci de votre confiance", "recording_notice": OWN_NOTICE,
         "recording": True, "recording_percent": 30},
    )  # fmt: skip
    assert recordings_of(client) == (True, False)
    assert greeting_of(client, recorded=False) == (
        "Bonjour, ici l'assistant automatique Acmé. Merci de votre confiance. Dites « conseiller »"
        " à tout moment. Que puis-je pour vous ?"
    )
    assert greeting_of(client, recorded=True) == (
        "Bonjour, ici l'assistant automatique Acmé. Merci de votre confiance. Dites « conseiller »"
        f" à tout moment. {OWN_NOTICE} Que puis-je pour vous ?"
    )


def test_the_share_of_calls_is_drawn_by_lot() -> None:
    """The same call always alike; none of none, all of all, about as many as wanted between."""
    calls = [f"{number:012x}" for number in range(4000)]
    drawn = {percent: sum(is_drawn(call, percent) for call in calls) for percent in (0, 20, 100)}
    assert drawn == {0: 0, 20: drawn[20], 100: 4000}
    assert 720 <= drawn[20] <= 880
    assert all(is_drawn(call, 40) for call in calls if is_drawn(call, 20))


def keep(database: Database, call_id: str, **given: Any) -> None:
    """Keep a call with a question that had no answer."""
    turns = [Turn("ça affiche E99", "Un conseiller vous rappelle.", "handoff", 0.1)]
    record = CallRecord(
        call_id, "acme", NOW, ended_at=NOW + timedelta(seconds=60), turns=turns, **given
    )
    CallStore(database).save(record)


def test_a_call_that_tries_the_line_counts_nowhere(database: Database) -> None:
    """It is kept, as a test; figures, unanswered questions and today's calls leave it out."""
    keep(database, "vrai")
    keep(database, "essai", test=True)
    assert CallStore(database).load("essai").test
    for since, count in ((NOW, 1), (NOW + timedelta(seconds=1), 0)):
        assert calls_since(database, "acme", since) == count
        assert unsettled_since(database, "acme", since) == count
    assert [one.record.call_id for one in CallHistory(database).search(Search(), None).calls] == [
        "vrai"
    ]
    assert [gap.call_id for gap in VerdictStore(database).gaps("acme")] == ["vrai"]
    with database.reading() as session:
        counted = select(func.count()).select_from(CallFactRow)
        assert session.scalar(counted) == 1


def test_a_trial_s_requests_are_nobody_s() -> None:
    """They have a name, and are not kept."""
    brief = Brief("Essai.", None, None, "un conseiller", "human", (), ())
    assert RehearsalBook().open_ticket("acme", "essai", brief, "normal", None) == TICKET_ID
