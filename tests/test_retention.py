"""What is too old is deleted at night, proved with a moved clock."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from agent.errors import StoreError
from agent.personal.nights import Nights
from agent.personal.retention import Cutoffs, Deleted, Retention, cutoffs, last_night
from agent.sealing.vault import Vault
from agent.store.audit import AuditStore
from agent.store.calls import CallStore
from agent.store.client_settings import SettingsStore
from agent.store.clients import Client, ClientStore
from agent.store.schema import TicketRow
from agent.store.tickets import TicketStore
from agent.store.verdicts import VerdictStore
from tests.personal_home import CANARIES, NATIONAL, NOW, OTHER, PersonalHome, personal_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PersonalHome]:
    """With calls of yesterday."""
    with personal_home(tmp_path) as made:
        yield made


def retention_of(home: PersonalHome) -> Retention:
    """Of that installation."""
    return Retention(home.database, home.settings.data_dir, home.vault)


def test_each_kind_has_its_time() -> None:
    """Audio never longer than six months, whatever a client has set."""
    client = Client("acme", "Acmé", NOW, keep_audio_days=30, keep_transcript_days=90,
                    keep_ticket_days=200, keep_analysis_days=400)  # fmt: skip
    days = [timedelta(days=one) for one in (30, 90, 200, 400)]
    assert cutoffs(client, NOW) == Cutoffs(*(NOW - one for one in days))
    usual = Client("acme", "Acmé", NOW)
    assert cutoffs(usual, NOW).audio == NOW - timedelta(days=180)
    assert cutoffs(usual, NOW).transcripts == NOW - timedelta(days=365)
    long = Client("acme", "Acmé", NOW, keep_audio_days=9999)
    assert cutoffs(long, NOW).audio == NOW - timedelta(days=180)


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-11-27T02:29+00:00", "Europe/Paris", "2026-11-26T02:30+00:00"),
        ("2026-11-27T02:30+00:00", "Europe/Paris", "2026-11-27T02:30+00:00"),
        ("2026-07-01T01:30+00:00", "Europe/Paris", "2026-07-01T01:30+00:00"),
        ("2026-03-29T12:00+00:00", "Europe/Paris", "2026-03-29T01:30+00:00"),
        ("2026-11-27T02:30+00:00", "Indian/Reunion", "2026-11-26T23:30+00:00"),
    ],
)
def test_the_night_is_the_clients_own(now: str, zone: str, due: str) -> None:
    """Half past three where it is, in winter, in summer and when the clocks change."""
    found = last_night(datetime.fromisoformat(now), zone)
    assert found == datetime.fromisoformat(due)


def test_nothing_goes_before_its_time(home: PersonalHome) -> None:
    """The day before its last day, everything is there."""
    assert retention_of(home).run_all(NOW + timedelta(days=178)) == {
        "acme": Deleted(), "bora": Deleted(),
    }  # fmt: skip
    assert home.persons.find("acme", OTHER).recordings


def test_sound_goes_first_then_words_then_requests(home: PersonalHome) -> None:
    """The clock is moved: 180 days, a year."""
    retention, slug = retention_of(home), "acme"
    client = ClientStore(home.database).get(slug)
    before = CallStore(home.database).load("c1")
    assert retention.run(client, NOW + timedelta(days=180)) == Deleted(recordings=3)
    assert not list((home.settings.data_dir / "recordings" / slug).iterdir())
    assert CallStore(home.database).load("c1").turns == before.turns
    assert retention.run(client, NOW + timedelta(days=364, hours=1)) == Deleted(calls=4, tickets=2)
    assert VerdictStore(home.database).of_call("c1") == {}  # what it was about is gone
    assert retention.run(client, NOW + timedelta(days=800)) == Deleted()
    after = CallStore(home.database).load("c1")
    assert (after.outcome, after.ended_at) == (before.outcome, before.ended_at)
    assert (after.caller_number, after.turns[0].heard, after.recording) == (None, "", None)
    assert TicketStore(home.database).list(slug) == ()
    if home.database.wipe():
        left = (home.settings.data_dir / "permanence.db").read_bytes()
        assert not any(word.encode() in left for word in CANARIES)
    done = [entry.detail for entry in AuditStore(home.database).entries(None, client=slug)]
    assert done[-1] == {"recordings": 3, "calls": 0, "tickets": 0, "analyses": 0}
    assert len(done) == 2


def test_a_clients_shorter_times_count(home: PersonalHome) -> None:
    """One client's days are not another's."""
    SettingsStore(home.database).change(
        "acme", {}, {"keep_audio_days": 7, "keep_transcript_days": 30}
    )
    done = retention_of(home).run_all(NOW + timedelta(days=31))
    assert done["acme"] == Deleted(recordings=3, calls=4)
    assert done["bora"] == Deleted()


def test_analyses_go_before_words_where_a_client_wants_it(home: PersonalHome) -> None:
    """The verdict, given a day after the call, and the question that was grouped."""
    SettingsStore(home.database).change("acme", {}, {"keep_analysis_days": 10})
    retention = retention_of(home)
    days = [timedelta(days=9, hours=1), timedelta(days=10, hours=1)]
    done = [retention.run_all(NOW + one)["acme"] for one in days]
    assert done == [Deleted(analyses=1), Deleted(analyses=1)]
    assert CallStore(home.database).load("c1").turns[0].heard


def test_sound_does_not_outlive_words(home: PersonalHome) -> None:
    """Where a client keeps transcripts for less time than sound: both go together."""
    SettingsStore(home.database).change("acme", {}, {"keep_transcript_days": 30})
    done = retention_of(home).run_all(NOW + timedelta(days=31))
    assert done["acme"] == Deleted(recordings=3, calls=4)
    assert not list((home.settings.data_dir / "recordings/acme").iterdir())


def test_what_goes_on_stays_and_what_was_dealt_with_counts_from_then(home: PersonalHome) -> None:
    """A call without an end keeps its words, a request in progress and one done lately stay."""
    home.call("c6", NATIONAL, "je suis encore là")
    open_call = CallStore(home.database).load("c6")
    open_call.ended_at = None
    CallStore(home.database).save(open_call)
    live = home.ticket("c6", NATIONAL, "je suis encore là")
    mine = TicketStore(home.database).list("acme")
    done = next(one.ticket_id for one in mine if one.ticket_id != live)
    with home.database.transaction() as session:
        session.execute(update(TicketRow).where(TicketRow.id == live).values(status="live"))
        dealt_with = {"status": "done", "done_at": NOW + timedelta(days=300)}
        session.execute(update(TicketRow).where(TicketRow.id == done).values(dealt_with))
    retention_of(home).run_all(NOW + timedelta(days=400))
    assert {one.ticket_id for one in TicketStore(home.database).list("acme")} == {live, done}
    assert CallStore(home.database).load("c6").turns[0].heard == "je suis encore là"
    assert CallStore(home.database).load("c1").turns[0].heard == ""


def test_who_did_what_is_told_for_a_year(home: PersonalHome) -> None:
    """And not a day longer."""
    log = AuditStore(home.database)
    for days in (364, 366):
        log.note(f"{days} days ago", client="acme", now=NOW - timedelta(days=days))
    retention_of(home).tidy(NOW)
    assert [one.action for one in log.entries(None, client="acme")] == ["364 days ago"]


def test_nights_run_once_and_missed_ones_are_made_up_for(home: PersonalHome) -> None:
    """At the next start, in the client's own time; a second start the same day does nothing."""
    clock = [NOW]
    file = home.settings.data_dir / "nights.json"

    def nights() -> Nights:
        return Nights(ClientStore(home.database), retention_of(home), file, lambda: clock[0])

    assert nights().run_due() == ("acme", "bora")
    assert nights().run_due() == ()
    clock[0] = datetime(2026, 11, 28, 2, 29, tzinfo=UTC)
    assert nights().run_due() == ()
    clock[0] = datetime(2027, 9, 1, 9, 0, tzinfo=UTC)  # it was switched off for months
    assert nights().run_due() == ("acme", "bora")
    assert not list(home.settings.data_dir.glob("recordings/*/*.wav"))


def test_one_clients_fault_does_not_keep_what_is_anothers(
    home: PersonalHome, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acme's comes first, every time: bora's was never deleted."""
    run = Retention.run

    def failing(self: Retention, client: Client, now: datetime, *, who: str = "") -> Deleted:
        if client.slug == "acme":
            raise StoreError("The recording cannot be deleted.")
        return run(self, client, now, who=who)

    monkeypatch.setattr(Retention, "run", failing)
    file = home.settings.data_dir / "nights.json"
    nights = Nights(ClientStore(home.database), retention_of(home), file, lambda: NOW)
    assert nights.run_due() == ("bora",)
    assert "what is too old of acme could not be deleted" in caplog.text
    monkeypatch.undo()
    assert nights.run_due() == ("acme",)


async def test_the_house_runs_them_by_itself(home: PersonalHome) -> None:
    """Opened, it does what is due, seals what stood plain, and closes."""
    plain = home.settings.data_dir / "recordings/acme/c7.wav"
    Vault().write(plain, b"RIFF")
    file = home.settings.data_dir / "nights.json"
    nights = Nights(ClientStore(home.database), retention_of(home), file, lambda: NOW)
    nights.open()
    async with asyncio.timeout(60):
        while not home.vault.is_current(plain):  # noqa: ASYNC110  # it is done in a thread
            await asyncio.sleep(0.02)
    await nights.close()
    assert home.vault.read(plain) == b"RIFF"
