"""A number is found however it was given, handed out, and erased so that no byte of it is left."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.approving import Approving
from agent.call.record import CallRecord
from agent.errors import StoreError
from agent.models import path as model_path
from agent.personal.export import write_export
from agent.personal.person import IN_A_CALL, NO_NUMBER, PersonRefusedError, persons_of
from agent.privacy.whose import as_e164, mentions, numbers_in, written_forms
from agent.settings import load_settings
from agent.store.audit import AuditStore
from agent.store.call_facts import slot_of
from agent.store.calls import CallStore
from agent.store.erasures import ErasureLedger
from agent.store.faq import FaqStore, NewFaq
from agent.store.forgetting import ForgettingStore
from agent.store.schema import CallFactRow, FaqRow, TurnRow
from agent.store.test_questions import KeptQuestions, NewQuestion
from agent.store.tickets import TicketStore
from knowledge.approved import FILE
from knowledge.embeddings import load_embedder
from knowledge.library import Library
from tests.personal_home import (
    CANARIES,
    NATIONAL,
    NOW,
    NUMBER,
    OTHER,
    SPACED,
    SPOKEN,
    VECTOR,
    PersonalHome,
    personal_home,
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PersonalHome]:
    """An installation with a key."""
    with personal_home(tmp_path) as made:
        yield made


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
def any_home(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PersonalHome]:
    """An installation with a key, and one without."""
    with personal_home(tmp_path, sealed=request.param) as made:
        yield made


def traces(folder: Path, client_text: tuple[str, ...]) -> list[str]:
    """Every file below a folder that holds one of these texts, by bytes, in two encodings."""
    found = []
    for file in sorted(folder.rglob("*")):
        data = file.read_bytes() if file.is_file() else b""
        for text in client_text:
            if text.encode() in data or text.encode("utf-16-le") in data:
                found.append(f"{file.relative_to(folder)}: {text}")
            escaped = json.dumps(text)[1:-1].encode()
            if escaped != text.encode() and escaped in data:
                found.append(f"{file.relative_to(folder)}: {text}, escaped")
    return found


WRITINGS = (
    NUMBER, NATIONAL, SPACED, "06.39.98.12.34", "0033 6 39 98 12 34", "+33 (0)6 39 98 12 34",
)  # fmt: skip


def test_a_number_is_found_however_it_is_written(home: PersonalHome) -> None:
    """Calls from it, tickets to it, and calls in which it was only dictated."""
    for written in WRITINGS:
        person = home.persons.find("acme", written)
        assert person.number == NUMBER
        assert sorted(call.call_id for call in person.calls) == ["c1", "c2", "c3"]
        assert len(person.tickets) == 2
        assert sorted(file.name for file in person.recordings) == ["c1.wav", "c2.wav"]


def test_what_is_no_number_is_refused(home: PersonalHome) -> None:
    """With a sentence that says what to write."""
    for written in ("", "bonjour", "36 46", "06 39", "%"):
        with pytest.raises(PersonRefusedError) as error:
            home.persons.find("acme", written)
        assert str(error.value) == NO_NUMBER


@pytest.mark.sqlite
def test_erasing_leaves_no_trace(any_home: PersonalHome) -> None:
    """In no file of the installation, the log of the database included, searched by bytes."""
    home = any_home
    forms = (*written_forms(NUMBER), SPOKEN)
    # Another client's of the same number stays: it is another one's to erase.
    bora = CallStore(home.database).load("c5")
    home.persons.erase("bora", NUMBER, who="test", now=NOW)
    assert {trace.split(":")[0] for trace in traces(home.settings.home, (*forms, *CANARIES))} >= {
        "data/permanence.db"
    }
    done = home.persons.erase("acme", SPACED, who="test", now=NOW)
    assert (done.calls, done.tickets, done.recordings, done.clean) == (3, 2, 2, True)
    assert traces(home.settings.home, (*forms, *CANARIES)) == []
    assert not any(VECTOR[:20] in file.read_bytes() for file in home.settings.home.rglob("*.db*"))
    assert not home.persons.find("acme", NUMBER)
    assert bora.caller_number == NATIONAL
    assert [path.name for path in (home.settings.data_dir / "recordings/acme").iterdir()] == [
        "c4.wav"
    ]


@pytest.mark.sqlite
def test_it_is_gone_from_what_people_wrote(home: PersonalHome) -> None:
    """Rows that stay: a question, an answer's variants, the log of who did what; not another's."""
    for slug in ("acme", "bora"):
        questions = KeptQuestions(home.database, lambda *_: None)  # type: ignore[arg-type, return-value]
        questions.add(slug, [NewQuestion(f"le {SPACED} a-t-il rappelé", None)], home.user.id)
        answer = NewFaq("Qui appelle ?", f"Le {NATIONAL}.", (f"le {NUMBER}", "qui est-ce"))
        FaqStore(home.database).add(slug, answer, home.user.id)
        AuditStore(home.database).note("note", client=slug, subject=NATIONAL, told=[SPACED])
    home.persons.erase("bora", NUMBER, now=NOW)
    assert traces(home.settings.home, (NATIONAL,))
    home.persons.erase("acme", NUMBER, now=NOW)
    assert traces(home.settings.home, written_forms(NUMBER)) == []
    with home.database.reading() as session:
        kept = session.scalars(select(FaqRow)).all()
        assert [row.variants for row in kept] == [["le [téléphone]", "qui est-ce"]] * 2


@pytest.mark.sqlite
def test_what_was_deleted_before_it_was_overwritten_is_gone_too(home: PersonalHome) -> None:
    """Bytes that an older version left in the database's file when it deleted a row."""
    file = home.settings.data_dir / "permanence.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as old:
        old.execute("PRAGMA secure_delete=OFF")
        old.execute("CREATE TABLE old (told TEXT)")
        old.execute("INSERT INTO old VALUES ('croquignole')")
        old.execute("DROP TABLE old")
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"croquignole" in file.read_bytes()
    home.persons.erase("acme", NUMBER, now=NOW)
    assert traces(home.settings.home, ("croquignole",)) == []


def test_what_others_said_stays(home: PersonalHome) -> None:
    """Another caller's call and the same number's with another client."""
    before = [CallStore(home.database).load(call_id) for call_id in ("c4", "c5")]
    home.persons.erase("acme", NUMBER, who="test", now=NOW)
    assert [CallStore(home.database).load(call_id) for call_id in ("c4", "c5")] == before
    assert home.persons.find("bora", NUMBER).calls == (before[1],)
    assert home.persons.find("acme", OTHER).calls == (before[0],)


def test_figures_stay(home: PersonalHome) -> None:
    """When a call was, how long, how it came out: nothing of whom."""
    before = CallStore(home.database).load("c1")
    before.error = f"ValueError: {NUMBER}"  # an exception repeats what it stumbled over
    CallStore(home.database).save(before)
    home.persons.erase("acme", NUMBER, who="test", now=NOW)
    after = CallStore(home.database).load("c1")
    assert after.error == "ValueError"
    assert (after.started_at, after.ended_at, after.outcome) == (
        before.started_at, before.ended_at, before.outcome,
    )  # fmt: skip
    assert after.turns[0].decision == "answer"
    assert after.caller_number is None
    assert (after.turns[0].heard, after.turns[0].said, after.turns[0].evidence) == ("", "", ())
    with home.database.reading() as session:
        fact = session.scalar(select(CallFactRow).where(CallFactRow.call_id == "c1"))
        assert fact is not None
        assert (fact.slot, fact.length_s) == (slot_of(before.started_at), 90)
        turn = session.scalar(select(TurnRow).where(TurnRow.call_id == "c1"))
        assert turn is not None
        assert (turn.decision, turn.heard, turn.said, turn.evidence) == ("answer", "", "", [])


def test_it_is_told_without_the_number(any_home: PersonalHome) -> None:
    """In the list of who did what, and in the ledger, which holds a digest."""
    home = any_home
    home.persons.erase("acme", NUMBER, user=home.user, now=NOW)
    (entry,) = AuditStore(home.database).entries(None, client="acme")
    assert (entry.action, entry.who, entry.subject) == ("person.erased", "poste@example.com", "")
    assert entry.detail == {"calls": 3, "tickets": 2, "recordings": 2}
    ledger = ErasureLedger(home.settings.erasures_file, home.vault)
    (written,) = ledger.entries()
    assert (written.client, written.at) == ("acme", NOW)
    assert written.digest == ledger.digest("acme", NUMBER) != ledger.digest("bora", NUMBER)
    assert home.settings.erasures_file.stat().st_mode & 0o777 == 0o600
    key = ledger.key_file.read_bytes()
    assert (len(key) == 32) != home.vault.seals


def test_a_call_that_goes_on_is_not_erased_under_its_feet(home: PersonalHome) -> None:
    """It would be kept again when it ends: who asks is told to wait."""
    CallStore(home.database).save(CallRecord("live", "acme", NOW, NATIONAL))
    with pytest.raises(PersonRefusedError) as error:
        home.persons.erase("acme", NUMBER, now=NOW)
    assert str(error.value) == IN_A_CALL
    assert len(home.persons.find("acme", NUMBER).calls) == 4
    assert ErasureLedger(home.settings.erasures_file, home.vault).entries() == ()


def test_erasing_again_takes_only_what_was_erased(home: PersonalHome) -> None:
    """As after a backup was restored: what the caller has told since stays."""
    ledger = ErasureLedger(home.settings.erasures_file, home.vault)
    ledger.add("acme", NUMBER, NOW)
    home.call("c9", NATIONAL, "me revoici", days=-1)
    assert home.persons.erase_again(["acme", "bora"]) == 1
    left = home.persons.find("acme", NUMBER)
    assert [call.call_id for call in left.calls] == ["c9"]
    assert left.tickets == ()
    assert home.persons.find("bora", NUMBER).calls
    assert home.persons.erase_again(["acme", "bora"]) == 0


def test_another_keys_ledger_says_nothing(home: PersonalHome, tmp_path: Path) -> None:
    """A digest is worth nothing without the ledger's key."""
    home.persons.erase("acme", NUMBER, now=NOW)
    ledger = ErasureLedger(home.settings.erasures_file, home.vault)
    other = ErasureLedger(tmp_path / "else" / "erasures.jsonl", home.vault)
    assert other.digest("acme", NUMBER) != ledger.digest("acme", NUMBER)
    with home.settings.erasures_file.open("a") as file:
        file.write('{"at": "2026-')  # a process that was killed while it wrote
    assert len(ledger.entries()) == 1


def test_an_approved_answer_in_service_loses_the_number_too(home: PersonalHome) -> None:
    """It was replaced in the table alone: callers heard it, and the file held it, until a start."""
    models = load_settings()
    embedder = load_embedder(models.embedding, model_path(models, models.embedding))
    library = Library(home.settings.data_dir / "clients", embedder)
    approving = Approving(FaqStore(home.database), library)
    answer = f"Rappelez Madame Durand au {SPACED}."
    approving.add("acme", NewFaq("Qui rappeler pour ma commande ?", answer), "u1")
    file = home.settings.data_dir / "clients/acme" / FILE
    assert SPACED.encode() in file.read_bytes()
    persons = persons_of(home.settings, home.database, home.vault, approving.publish)
    persons.erase("acme", NUMBER, who="test", now=NOW)
    served = library.approved("acme")
    assert served is not None
    assert SPACED not in served.answers[0].text
    assert served.answers[0].text.startswith("Rappelez Madame Durand au")
    assert traces(home.settings.data_dir / "clients", written_forms(NUMBER)) == []


def test_an_erasure_that_was_killed_can_be_done_again(
    home: PersonalHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that only its ticket tells of was lost from sight once that was deleted alone."""
    home.call("c7", None, "rappelez-moi", "Oui.", recorded=False)
    home.ticket("c7", NATIONAL, f"{CANARIES[2]} toujours")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("agent.store.forgetting._scrub", killed)
        with pytest.raises(KeyboardInterrupt):
            ForgettingStore(home.database).forget(
                "acme",
                ("c7",),
                tuple(one.ticket_id for one in TicketStore(home.database).list("acme")),
            )
    assert "c7" in {call.call_id for call in home.persons.find("acme", NUMBER).calls}
    home.persons.erase("acme", NUMBER, now=NOW)
    assert CallStore(home.database).load("c7").turns[0].heard == ""


def test_a_line_that_was_not_written_to_its_end_spoils_no_other(home: PersonalHome) -> None:
    """The next erasure was written behind it, and a restored backup brought that number back."""
    ledger = ErasureLedger(home.settings.erasures_file, home.vault)
    ledger.add("acme", NUMBER, NOW)
    with home.settings.erasures_file.open("a") as file:
        file.write('{"at": "2026-')
    ledger.add("bora", NUMBER, NOW)
    assert [entry.client for entry in ledger.entries()] == ["acme", "bora"]


def test_a_ledger_without_its_key_is_told(home: PersonalHome) -> None:
    """With a new key it would stand for nobody, and nobody would be erased again."""
    ledger = ErasureLedger(home.settings.erasures_file, home.vault)
    ledger.add("acme", NUMBER, NOW)
    ledger.key_file.unlink()
    with pytest.raises(StoreError, match=r"erasures\.key is missing"):
        ledger.digest("acme", NUMBER)
    assert not ledger.key_file.exists()


def test_export_holds_everything_and_can_be_read(home: PersonalHome) -> None:
    """As JSON, as a page, and the sound in the clear; nothing of it stays on the disk."""
    before = set(home.settings.home.rglob("*"))
    out = io.BytesIO()
    person = home.persons.find("acme", NUMBER)
    write_export(out, person, home.vault, brand="Acmé <SAV>", zone="Europe/Paris", at=NOW)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "donnees.json", "enregistrements/c1.wav", "enregistrements/c2.wav", "lisezmoi.html",
        ]  # fmt: skip
        data = json.loads(archive.read("donnees.json"))
        page = archive.read("lisezmoi.html").decode()
        assert archive.read("enregistrements/c1.wav").startswith(b"RIFF")
    assert [call["call_id"] for call in data["calls"]] == ["c3", "c2", "c1"]
    assert {ticket["caller_number"] for ticket in data["tickets"]} == {NATIONAL, NUMBER}
    for word in (SPOKEN, *CANARIES[:4], "Acmé &lt;SAV&gt;", "27 novembre 2026"):
        assert word in page
    assert set(home.settings.home.rglob("*")) == before


def test_words_tell_a_number() -> None:
    """Written, spoken, and over a correction; another number is another one."""
    assert as_e164("06 39 98 12 34") == as_e164("+33(0)639981234") == NUMBER
    assert mentions(f"oui, {SPOKEN}, merci", NUMBER)
    assert not mentions(f"oui, {SPOKEN}, merci", as_e164(OTHER) or "")
    assert numbers_in(f"le {SPOKEN} ou le 01 99 00 12 34") == {NUMBER, "+33199001234"}
    assert numbers_in("quarante degrés, le code E20") == set()


def test_tickets_of_a_number_that_only_an_operator_wrote_down_are_found(
    home: PersonalHome,
) -> None:
    """In the note of a ticket that has no number of its own."""
    home.call("c6", None, "mon four", "Je note.", recorded=False)
    ticket = home.ticket("c6", None, "rappelez-moi")
    found = home.persons.find("acme", NUMBER)
    assert ticket in {one.ticket_id for one in found.tickets}
    home.persons.erase("acme", NUMBER, now=NOW + timedelta(days=1))
    assert ticket not in {one.ticket_id for one in TicketStore(home.database).list("acme")}
    assert persons_of(home.settings, home.database, home.vault).find("acme", NUMBER).calls == ()
