"""Past calls are found again, answers are judged, and gaps are listed; on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.call.record import Brief, CallRecord, Turn
from agent.cli import app
from agent.errors import UnknownClientError
from agent.store.calls import CallStore
from agent.store.clients import ClientStore
from agent.store.database import Database, NotKeptError
from agent.store.history import PAGE, CallHistory, Search, terms_of
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from agent.store.users import UserStore
from agent.store.verdicts import NO_ANSWER, NOT_YET, VerdictRefusedError, VerdictStore
from knowledge.answer import Evidence
from tests.databases import database_url

BEGAN = datetime(2026, 11, 27, 9, tzinfo=UTC)
HEARD = "Mon lave-linge fait un drôle de bruit, j'ai l'Œil sur l’eau."


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command line finds the database."""
    monkeypatch.setenv("PERMANENCE_HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("PERMANENCE_DATABASE_URL", database_url(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """With the clients acme and bora, and four calls."""
    from agent.settings import load_settings

    settings = load_settings()
    made = Database(settings.database)
    made.migrate()
    clients, calls = ClientStore(made), CallStore(made)
    for slug in ("acme", "bora"):
        clients.add(slug, slug.title())
    keep(calls, "a1", Turn(HEARD, "Vérifiez le filtre.", "answer", 0.9, EVIDENCE), hours=0)
    keep(calls, "a2", Turn("Et la garantie ?", "Je ne sais pas.", "handoff", 0.2), hours=1)
    keep(calls, "a3", Turn("Un conseiller !", "Je vous le passe.", "handoff"), hours=2)
    keep(calls, "b1", Turn(HEARD, "Vérifiez.", "handoff", 0.1), client="bora", hours=3)
    yield made
    made.close()


EVIDENCE = (Evidence("notice.pdf", 12, "p-12", "Vérifier le filtre."),)


def keep(
    calls: CallStore, call_id: str, turn: Turn, *, client: str = "acme", hours: float = 0
) -> None:
    """Keep a call that is over."""
    at = BEGAN + timedelta(hours=hours)
    record = CallRecord(call_id, client, at, "+33639981234" if call_id == "a1" else None,
                        ended_at=at + timedelta(minutes=2),
                        turns=[Turn("", "Bonjour."), turn])  # fmt: skip
    record.settle_outcome()
    calls.save(record)


def found(database: Database, **search: object) -> list[str]:
    """Identifiers of the calls that an operator of Acmé finds."""
    calls = CallHistory(database).search(Search(**search), ("acme",)).calls  # type: ignore[arg-type]
    return [call.record.call_id for call in calls]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("", ["a3", "a2", "a1"]),
        ("lave-linge", ["a1"]),
        ("LAVE DROLE", ["a1"]),
        ("oeil l'eau", ["a1"]),
        ("œil", ["a1"]),
        ("verifiez filtre", ["a1"]),
        ("verifiez garantie", []),
        ("lova", []),
        ("100%", []),
        ("_", []),
        ("06 39 98 12 34", ["a1"]),
        ("+33 6 39 98 12 34", ["a1"]),
        ("063998", ["a1"]),
        ("\0garantie", ["a2"]),
    ],
)
def test_words_and_numbers_are_found(database: Database, text: str, calls: list[str]) -> None:
    """Without accents, capitals and ligatures; each word, in one call; numbers as written."""
    assert found(database, text=text) == calls


def test_a_ticket_leads_to_its_call(database: Database) -> None:
    """However it is typed, and by the number that was given for it."""
    brief = Brief("l", "0199001234", None, "q", "r", (), ())
    ticket_id = TicketStore(database).open_ticket("acme", "a2", brief, "normal")
    assert found(database, text=ticket_id.lower()) == ["a2"]
    assert found(database, text="01 99 00 12 34") == ["a2"]


def test_other_fields_narrow_it(database: Database) -> None:
    """Outcome, and a time of which the end is outside."""
    assert found(database, outcome="answered") == ["a1"]
    assert found(database, since=BEGAN + timedelta(hours=1)) == ["a3", "a2"]
    assert found(database, until=BEGAN + timedelta(hours=1)) == ["a1"]
    assert found(database, client="bora") == []


def test_pages_hold_each_call_once(database: Database) -> None:
    """Also where many calls begin at the same instant."""
    calls = CallStore(database)
    for number in range(2 * PAGE + 5):
        keep(calls, f"n{number:03d}", Turn("Même question.", "Même réponse.", "answer", 0.9))
    history, seen, after, pages = CallHistory(database), list[str](), "", 0
    while True:
        page = history.search(Search("meme question", after=after), ("acme",))
        seen += [call.record.call_id for call in page.calls]
        pages += 1
        if not page.more:
            break
        after = seen[-1]
    assert pages == 3
    assert len(seen) == len(set(seen)) == 2 * PAGE + 5


def test_a_page_does_not_begin_after_anothers_call(database: Database) -> None:
    """Which calls are older than it would tell when it was."""
    keep(CallStore(database), "b0", Turn(HEARD, "Vérifiez."), client="bora", hours=1.5)
    assert found(database, after="b0") == found(database) == ["a3", "a2", "a1"]


def test_terms_are_few() -> None:
    """What somebody pastes does not become an endless query."""
    assert len(terms_of("mot " * 3 + " ".join(str(n) for n in range(100)))) == 8
    assert terms_of("  ") == ()


def test_the_last_verdict_counts(database: Database) -> None:
    """Given, changed, taken back; only of the agent's words, of one's own clients."""
    verdicts = VerdictStore(database)
    verdicts.set("a1", 1, "wrong", "  Le filtre est ailleurs. ", "u1", BEGAN, clients=("acme",))
    assert verdicts.of_call("a1")[1].note == "Le filtre est ailleurs."
    given = verdicts.set("a1", 1, "good", "", "u2", BEGAN + timedelta(hours=1))
    assert verdicts.of_call("a1") == {1: given}
    assert (given.opinion, given.user_id, given.note) == ("good", "u2", "")
    verdicts.clear("a1", 1, clients=("acme",))
    verdicts.clear("a1", 1)
    assert verdicts.of_call("a1") == {}
    for call_id in ("b1", "nenni"):
        with pytest.raises(NotKeptError):
            verdicts.set(call_id, 1, "good", "", "u1", BEGAN, clients=("acme",))
        with pytest.raises(NotKeptError):
            verdicts.clear(call_id, 1, clients=("acme",))
    with pytest.raises(VerdictRefusedError, match=NOT_YET):
        verdicts.set("a1", 2, "good", "", "u1", BEGAN)


def test_an_operators_own_words_are_not_judged(database: Database) -> None:
    """Nor a turn in which nothing was said."""
    calls, verdicts = CallStore(database), VerdictStore(database)
    keep(calls, "a4", Turn("", "Bonjour, un conseiller à l'appareil.", by="operator"))
    keep(calls, "a5", Turn("Allô ?"))
    for call_id in ("a4", "a5"):
        with pytest.raises(VerdictRefusedError, match=NO_ANSWER):
            verdicts.set(call_id, 1, "good", "", "u1", BEGAN)


def test_gaps_are_wrong_answers_and_questions_without_one(database: Database) -> None:
    """The newest first; one who asked for a person left no gap; nothing of other clients."""
    user = UserStore(database).add(
        "poste@service.example", "Poste un", "operator", "un-mot-de-passe-long", clients=("acme",)
    )
    verdicts = VerdictStore(database)
    verdicts.set("a1", 1, "wrong", "Ailleurs.", user.id, BEGAN)
    gaps = verdicts.gaps("acme")
    assert [(gap.kind, gap.call_id, gap.position) for gap in gaps] == [
        ("unanswered", "a2", 1), ("wrong", "a1", 1),
    ]  # fmt: skip
    assert (gaps[1].by, gaps[1].note, gaps[1].pages) == (
        "Poste un", "Ailleurs.", ("notice.pdf, page 12",),
    )  # fmt: skip
    assert len(verdicts.gaps("acme", limit=1)) == 1
    with pytest.raises(UnknownClientError):
        verdicts.gaps("zzz")


def test_the_command_lists_them(database: Database) -> None:
    """As text in the client's time, and as JSON."""
    runner = CliRunner()
    printed = runner.invoke(app, ["gaps", "acme"])
    assert printed.exit_code == 0
    assert "27/11/2026 11:00  Sans réponse  (appel a2)" in printed.output
    assert "Question : Et la garantie ?" in printed.output
    (line,) = runner.invoke(app, ["gaps", "acme", "--json"]).output.splitlines()
    assert json.loads(line)["asked"] == "Et la garantie ?"
    keep(CallStore(database), "a2", Turn("Merci.", "Au revoir."))
    assert runner.invoke(app, ["gaps", "acme"]).output == "acme : rien à compléter.\n"


def test_the_mark_changes_with_what_is_to_be_done(database: Database) -> None:
    """Taken, noted, called, closed; not by what concerns no ticket that is open."""
    tickets, work = TicketStore(database), TicketWork(database)
    marks = [work.mark()]
    brief = Brief("l", "0199001234", None, "q", "r", (), ())
    ticket_id = tickets.open_ticket("acme", "a2", brief, "normal")
    for change in (
        lambda: None,
        lambda: work.take(ticket_id, "u1"),
        lambda: work.note(ticket_id, "u1", "x", BEGAN),
        lambda: work.attempt(ticket_id, "u1", "no_answer", "", BEGAN),
        lambda: tickets.set_detail(ticket_id, "name", "Mme Essai"),
        lambda: tickets.open_ticket("acme", "a2", brief, "urgent"),
        lambda: work.close(ticket_id, "u1", BEGAN),
    ):
        change()
        marks.append(work.mark())
    assert len(set(marks[:-1])) == len(marks) - 1
    assert marks[-1] == marks[0]
