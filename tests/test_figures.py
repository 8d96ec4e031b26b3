"""Figures of a client's calls: exact, of a period, of one client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, text

from agent.handoff.hours import staffed
from agent.handoff.hours_text import parse
from agent.store.clients import ClientRefusedError, ClientStore
from agent.store.database import Database
from agent.store.figures import Callbacks, Figures, FigureStore, Marks, Page, Spread
from agent.store.history import CallHistory, Counted, Search
from agent.store.schema import CallRow
from agent.web.portal.dashboard.period import Period
from agent.web.portal.dashboard.shapes import by_days, by_hours
from tests.databases import database_url
from tests.figure_calls import MONDAY, NOW, WEEK, Calls, a_week, answered

PARIS = ZoneInfo("Europe/Paris")
OFFICE = parse("lundi-vendredi 9h-12h, 14h-18h")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with two clients."""
    made = Database(database_url(tmp_path))
    made.migrate()
    for slug in ("acme", "bora"):
        ClientStore(made).add(slug, slug.title())
    yield made
    made.close()


@pytest.fixture
def calls(database: Database) -> Calls:
    """Keeps calls."""
    return Calls(database)


def figures(database: Database, period: Period = WEEK, client: str = "acme") -> Figures:
    """Those of a client."""
    return FigureStore(database).read(client, period.since, period.until, NOW)


def test_every_figure_of_a_week(database: Database, calls: Calls) -> None:
    """As the calls were made; nothing of another week, of another client or of a trial."""
    a_week(calls)
    found = figures(database)
    assert found.kinds == {"answered": 4, "transferred": 1, "message": 3, "abandoned": 2}
    assert found.calls == 10
    assert found.lengths_s.counts == {4: 1, 20: 1, 40: 1, 60: 4, 90: 1, 120: 1, 240: 1}
    assert (found.lengths_s.quantile(0.5), found.lengths_s.quantile(0.9)) == (60, 120)
    assert found.waits_ms == Spread({800: 10})
    assert (found.waits_ms.share_within(799), found.waits_ms.share_within(800)) == (0.0, 1.0)
    assert found.marks == Marks(3, {1: 0, 2: 1, 3: 0, 4: 0, 5: 1})
    assert (found.marks.given, found.marks.mean, found.marks.replied) == (2, 3.5, 2 / 3)
    assert found.callbacks == Callbacks(on_time=1, late=1, waiting=1)
    assert found.dangers == 1
    assert found.products == (("four F72", 4), ("lave-linge LV84", 2))
    assert found.codes == (("E20", 2), ("E21", 1))
    assert found.pages == (
        Page("lv84.pdf", 12, 2), Page("f72.pdf", 3, 1), Page("f72.pdf", 8, 1),
        Page("lv84.pdf", 14, 1),
    )  # fmt: skip
    assert found.questions == 5
    assert found.saved_min(6) == 24
    other = figures(database, client="bora")
    assert (other.calls, other.products, other.codes) == (1, (("aspirateur", 1),), (("B1", 1),))


def test_an_empty_period_and_one_call(database: Database, calls: Calls) -> None:
    """Nothing is divided by nothing."""
    none = figures(database)
    assert none.calls == none.questions == none.saved_min(6) == 0
    assert (none.lengths_s.quantile(0.5), none.waits_ms.share_within(1)) == (None, None)
    assert (none.marks.mean, none.marks.replied) == (None, None)
    calls.keep("acme", MONDAY, answered(), length_s=75)
    one = figures(database)
    assert (one.lengths_s.quantile(0.5), one.lengths_s.quantile(0.9)) == (75, 75)
    assert one.kinds["answered"] == one.calls == 1


def test_the_last_state_of_a_call_counts(database: Database, calls: Calls) -> None:
    """Saved again, talked with an operator afterwards, deleted."""
    record = calls.keep("acme", MONDAY, answered(), codes=("E20",))
    record.codes = ("E24",)
    calls.calls.save(record)
    assert (figures(database).codes, figures(database).questions) == ((("E24", 1),), 1)
    calls.talked(record, None)
    assert figures(database).kinds["transferred"] == figures(database).calls == 1
    with database.transaction() as session:
        session.execute(delete(CallRow).where(CallRow.call_id == record.call_id))
    assert figures(database) == Figures(
        kinds=dict.fromkeys(("answered", "transferred", "message", "abandoned"), 0)
    )


BEHIND = (
    (Counted(kind="transferred"), 1),
    (Counted(kind="abandoned"), 2),
    (Counted(product="lave-linge LV84"), 2),
    (Counted(code="E20"), 2),
    (Counted(manual="lv84.pdf", page=12), 2),
    (Counted(manual="lv84.pdf", page=14), 1),
    (Counted(manual="f72.pdf"), 2),
    (Counted(mark=5), 1),
    (Counted(danger=True), 1),
    (Counted(product="aspirateur"), 0),
    (Counted(manual="bora.pdf"), 0),
)


def test_the_calls_behind_a_figure(database: Database, calls: Calls) -> None:
    """As many as were counted, and none of another client's."""
    a_week(calls)
    history = CallHistory(database)
    for counted, found in BEHIND:
        search = Search(client="acme", since=WEEK.since, until=WEEK.until, counted=counted)
        past = history.search(search, ("acme",)).calls
        assert len(past) == found, counted
        assert {call.record.client for call in past} <= {"acme"}
        if counted.kind is not None:
            assert {call.kind for call in past} == {counted.kind}


def test_hours_against_staffed_hours(database: Database, calls: Calls) -> None:
    """On the clock on the wall; lunch is outside."""
    a_week(calls)
    hours = by_hours(figures(database).slots, WEEK, OFFICE)
    assert {hour: n for hour, n in enumerate(hours.within) if n} == {10: 3, 11: 3}
    assert {hour: n for hour, n in enumerate(hours.outside) if n} == {12: 3, 19: 1}
    assert [sum(day) for day in hours.week] == [3, 3, 3, 0, 1, 0, 0]
    assert hours.staffed is not None
    assert [hour for hour, is_so in enumerate(hours.staffed[0]) if is_so] == [
        9, 10, 11, 14, 15, 16, 17,
    ]  # fmt: skip
    assert not any(hours.staffed[6])
    assert by_hours({}, WEEK, None).staffed is None


@pytest.mark.parametrize(
    ("day", "quarters", "second"),
    [(date(2026, 3, 29), 23 * 4, 0), (date(2026, 10, 25), 25 * 4, 2)],
)
def test_days_on_which_clocks_change(day: date, quarters: int, second: int) -> None:
    """A day of 23 hours and one of 25; the hour that comes twice counts twice."""
    period = Period(day, day, "Europe/Paris")
    first = int(period.since.timestamp()) // 900
    slots = dict.fromkeys(range(first, int(period.until.timestamp()) // 900), 1)
    assert len(slots) == quarters
    assert by_days(slots, period) == {day: quarters}
    hours = by_hours(slots, period, parse("dimanche 0h-8h"))
    assert sum(hours.within) == quarters - 16 * 4
    assert hours.within[2] == 4 * second
    assert hours.within[7] == hours.outside[8] == 4
    assert hours.outside[7] == 0


def test_staffed_spans_are_cut_at_the_period() -> None:
    """What is staffed before and after it is not its own."""
    since, until = MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=5)
    utc = [
        (begin.astimezone(PARIS).hour, end.astimezone(PARIS).hour)
        for begin, end in staffed(OFFICE, since, until)
    ]
    assert utc == [(11, 12), (14, 15)]


@pytest.mark.sqlite
def test_a_year_is_read_by_key(database: Database) -> None:
    """No table is gone through from end to end: the work is bounded by the period's own calls."""
    for table in ("call_facts", "call_codes", "call_pages"):
        with database.reading() as session:
            plan = session.execute(
                text(f"EXPLAIN QUERY PLAN SELECT count(*) FROM {table}"  # a constant
                     " WHERE client = 'acme' AND slot >= 1 AND slot < 9")
            ).all()  # fmt: skip
        assert "SEARCH" in plan[0][3]
        assert "client=? AND slot>? AND slot<?" in plan[0][3]


def test_a_period_begins_and_ends_at_full_quarters(database: Database) -> None:
    """Else calls would be counted in none, or in two."""
    with pytest.raises(ValueError, match="quarters"):
        FigureStore(database).read("acme", MONDAY + timedelta(seconds=1), NOW, NOW)


def test_what_a_client_wants(database: Database) -> None:
    """Marks are asked for once it says so; the minutes are its own."""
    clients = ClientStore(database)
    assert (clients.get("acme").satisfaction, clients.get("acme").minutes_per_call) == (False, 6)
    assert clients.set_satisfaction("acme", True).satisfaction
    assert clients.set_minutes_per_call("acme", 9).minutes_per_call == 9
    assert not clients.get("bora").satisfaction
    for minutes in (0, 121):
        with pytest.raises(ClientRefusedError, match="give 1 to 120"):
            clients.set_minutes_per_call("acme", minutes)
