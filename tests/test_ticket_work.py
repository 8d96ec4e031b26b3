"""The life of a callback request: who has it, who called, when it is done; which to call next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from agent.store.database import NotKeptError
from agent.store.handoffs import HandoffStore
from agent.store.schema import UserRow
from agent.store.ticket_rows import Attempt, Note
from agent.store.ticket_work import (
    LONGEST_NOTE,
    OVERDUE,
    URGENT_OVERDUE,
    TicketBacklog,
    TicketRefusedError,
    TicketWork,
)
from tests.ticket_homes import BRIEF, NIGHT, Home, made_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home of the test's own."""
    made = made_home(tmp_path)
    yield made
    made.database.close()


def test_a_ticket_from_new_to_done(home: Home) -> None:
    """Taken, called twice, noted, closed; each step is read back by another store."""
    ticket_id, work = home.opened(), home.work
    assert work.take(ticket_id, "u1").status == "taken"
    no_answer = work.attempt(ticket_id, "u1", "no_answer", " messagerie ", NIGHT)
    assert (no_answer.status, no_answer.done_at) == ("called", None)
    work.note(ticket_id, "u2", "rappelle demain", NIGHT)
    reached = work.attempt(ticket_id, "u1", "reached", "", NIGHT + timedelta(hours=1))
    assert reached.status == "called"
    work.close(ticket_id, "u1", NIGHT + timedelta(hours=2))
    kept = TicketWork(home.database).of_same_caller(reached), home.tickets.get(ticket_id)
    assert kept[0] == ()
    ticket = kept[1]
    assert (ticket.status, ticket.taken_by) == ("done", "u1")
    assert ticket.done_at == NIGHT + timedelta(hours=2)
    assert ticket.attempts == (
        Attempt(NIGHT, "u1", "no_answer", "messagerie"),
        Attempt(NIGHT + timedelta(hours=1), "u1", "reached"),
    )
    assert ticket.notes == (Note(NIGHT, "u2", "rappelle demain"),)
    assert ticket.attempts[0].at.tzinfo == UTC


def test_a_ticket_is_taken_by_one(home: Home) -> None:
    """Again by the same is the same; another is told who has it, by name where it is known."""
    ticket_id, work = home.opened(), home.work
    assert work.take(ticket_id, "u1") == work.take(ticket_id, "u1")
    with pytest.raises(TicketRefusedError) as refused:
        work.take(ticket_id, "u2")
    assert str(refused.value) == f"La demande {ticket_id} est déjà prise par quelqu'un d'autre."
    with home.database.transaction() as session:
        session.add(
            UserRow(id="u1", email="u1@essai.example", name="Poste 1", password="", role="operator",
                    clients=["essai"], created_at=NIGHT)
        )  # fmt: skip
    for refuse in (
        lambda: work.take(ticket_id, "u2"),
        lambda: work.give_back(ticket_id, "u2"),
        lambda: work.close(ticket_id, "u2", NIGHT),
    ):
        with pytest.raises(TicketRefusedError, match=f"^La demande {ticket_id} .* par Poste 1.$"):
            refuse()
    assert work.give_back(ticket_id, "u1").status == "new"
    assert work.give_back(ticket_id, "u1").taken_by is None
    assert work.take(ticket_id, "u2").taken_by == "u2"
    assert work.give_back(ticket_id, None).taken_by is None


def test_of_many_who_take_it_at_once_one_has_it(home: Home) -> None:
    """Eight at a time, ten tickets."""
    for number in range(10):
        ticket_id = home.opened(f"c-{number}")

        def take(user: int, ticket_id: str = ticket_id) -> bool:
            try:
                home.work.take(ticket_id, f"u{user}")
            except TicketRefusedError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            took = list(pool.map(take, range(8)))
        assert sum(took) == 1
        assert home.tickets.get(ticket_id).taken_by == f"u{took.index(True)}"


def test_a_call_back_is_kept_whoever_has_the_ticket(home: Home) -> None:
    """It took place; the one who has it goes on having it, and nobody's becomes the caller's."""
    ticket_id, other = home.opened(), home.opened("c-2")
    home.work.take(ticket_id, "u1")
    called = home.work.attempt(ticket_id, "u2", "wrong_number", "", NIGHT)
    assert (called.taken_by, called.status) == ("u1", "called")
    assert home.work.take(ticket_id, "u1").status == "called"
    assert home.work.give_back(ticket_id, "u1").status == "called"
    assert home.work.attempt(other, "u2", "no_answer", "", NIGHT).taken_by == "u2"


def test_done_is_done_until_it_is_reopened(home: Home) -> None:
    """Nothing changes it, a note is still written, closing again changes no date."""
    ticket_id, work = home.opened(), home.work
    work.attempt(ticket_id, "u1", "reached", "", NIGHT)
    done = work.close(ticket_id, "u1", NIGHT)
    assert work.close(ticket_id, "u2", NIGHT + timedelta(days=1)) == done
    for refuse in (
        lambda: work.take(ticket_id, "u1"),
        lambda: work.give_back(ticket_id, "u1"),
        lambda: work.attempt(ticket_id, "u1", "reached", "", NIGHT),
    ):
        with pytest.raises(TicketRefusedError, match=r"est close : rouvrez-la d'abord\.$"):
            refuse()
    assert work.note(ticket_id, "u1", "facture envoyée", NIGHT).status == "done"
    reopened = work.reopen(ticket_id)
    assert (reopened.status, reopened.taken_by, reopened.done_at) == ("called", None, None)
    assert work.reopen(ticket_id) == reopened


def test_a_second_request_reopens_what_was_done(home: Home) -> None:
    """The caller was handed over, that ended, and they ask for somebody again."""
    ticket_id = home.opened()
    assert home.work.close(ticket_id, None, NIGHT).taken_by is None
    assert home.opened() == ticket_id
    again = home.tickets.get(ticket_id)
    assert (again.status, again.done_at) == ("new", None)


def test_a_live_ticket_is_no_callback(home: Home) -> None:
    """While its caller is handed over it is not listed, taken or called; then it is again."""
    ticket_id, work = home.opened(), home.work
    home.handed(ticket_id, "h-1", "requested", "ringing")
    assert work.to_call(None, NIGHT) == ()
    refusals: list[Callable[[], object]] = [
        lambda: work.take(ticket_id, "u1"),
        lambda: work.attempt(ticket_id, "u1", "reached", "", NIGHT),
        lambda: work.close(ticket_id, "u1", NIGHT),
    ]
    for refuse in refusals:
        with pytest.raises(TicketRefusedError, match=r"son appelant est en ligne\.$"):
            refuse()
    assert home.opened() == ticket_id
    assert home.tickets.get(ticket_id).status == "live"
    home.handed(ticket_id, "h-1", "requested", "ringing", "no_answer")
    assert [one.ticket.ticket_id for one in work.to_call(None, NIGHT)] == [ticket_id]
    work.take(ticket_id, "u1")
    home.handed(ticket_id, "h-2", "requested")
    assert home.tickets.get(ticket_id).status == "taken"


def test_a_live_ticket_is_closed_when_its_caller_was_served(home: Home) -> None:
    """By the call itself; coming back later changes nothing."""
    ticket_id = home.opened()
    home.handed(ticket_id, "h-1", "requested", "ringing")
    assert home.work.close(ticket_id, None, NIGHT).status == "done"
    home.handed(ticket_id, "h-1", "requested", "ringing", "no_answer", known=2)
    assert home.tickets.get(ticket_id).status == "done"


def test_what_a_dead_process_left_live_is_called_back(home: Home) -> None:
    """Only that, once."""
    live, other = home.opened(), home.opened("c-2")
    home.handed(live, "h-1", "requested", "ringing")
    handoffs = HandoffStore(home.database)
    assert home.tickets.get(live).status == "live"
    assert handoffs.close_orphans(NIGHT) == 1
    assert handoffs.close_orphans(NIGHT) == 0
    assert [home.tickets.get(one).status for one in (live, other)] == ["new", "new"]


def test_the_urgent_ones_first_then_as_they_are_due(home: Home) -> None:
    """Without a due time they are due when they were opened; what is done is not listed."""
    later = home.tickets.open_ticket("essai", "later", BRIEF, "normal", NIGHT + timedelta(hours=10))
    first = home.opened("first")
    home.clock.pass_(minutes=5)
    second = home.opened("second")
    urgent = home.opened("urgent", "urgent")
    home.work.close(home.opened("done"), None, NIGHT)
    home.work.take(second, "u1")
    listed = home.work.to_call(["essai"], home.clock())
    assert [one.ticket.ticket_id for one in listed] == [urgent, first, second, later]
    assert [one.due_at for one in listed][1::2] == [NIGHT, NIGHT + timedelta(hours=10)]
    assert home.work.to_call(["autre"], home.clock()) == ()
    assert home.work.to_call([], home.clock()) == ()
    assert home.work.to_call(("*",), home.clock()) == home.work.to_call(None, home.clock())


def test_overdue(home: Home) -> None:
    """After the promised time and some patience, less of it where it is urgent; a try counts."""
    normal, urgent = home.opened(), home.opened("c-2", "urgent")

    def overdue(after: timedelta) -> set[str]:
        listed = home.work.to_call(None, NIGHT + after)
        return {one.ticket.ticket_id for one in listed if one.overdue}

    second = timedelta(seconds=1)
    assert overdue(URGENT_OVERDUE) == set()
    assert overdue(URGENT_OVERDUE + second) == {urgent}
    assert overdue(OVERDUE + second) == {urgent, normal}
    home.work.attempt(urgent, "u1", "no_answer", "", NIGHT + OVERDUE)
    assert overdue(OVERDUE + second) == {normal}
    assert overdue(OVERDUE + URGENT_OVERDUE + second) == {urgent, normal}


def test_backlogs(home: Home) -> None:
    """How many are to be called, and overdue as the list has them; nothing of who has none."""
    assert home.work.backlogs(NIGHT) == {}
    done, urgent = home.opened(), home.opened("c-2", "urgent")
    home.opened("c-3")
    home.work.close(done, "u1", NIGHT)
    home.work.attempt(urgent, "u1", "no_answer", "", NIGHT)
    late = NIGHT + URGENT_OVERDUE + timedelta(seconds=1)
    (client,) = {one.ticket.client for one in home.work.to_call(None, late)}
    assert home.work.backlogs(NIGHT) == {client: TicketBacklog(2, 0)}
    assert home.work.backlogs(late) == {client: TicketBacklog(2, 1)}


@pytest.mark.parametrize(
    ("mine", "same"), [("0639981234", "+33639981234"), ("+33639981234", "0639981234"),
                       ("+3247000", "+3247000")]
)  # fmt: skip
def test_other_tickets_of_a_caller(home: Home, mine: str, same: str) -> None:
    """By number, however it is kept, newest first, of that client alone."""
    ids = []
    for call_id, number, client in (
        ("c-1", mine, "essai"),
        ("c-2", same, "essai"),
        ("c-3", "0639980000", "essai"),
        ("c-4", same, "autre"),
        ("c-5", same, "essai"),
    ):
        ids.append(home.opened(call_id, client=client))
        home.tickets.set_number(ids[-1], number)
        home.clock.pass_(minutes=1)
    others = home.work.of_same_caller(home.tickets.get(ids[0]))
    assert [one.ticket_id for one in others] == [ids[4], ids[1]]
    assert home.work.of_same_caller(home.tickets.get(home.opened("masked"))) == ()


def test_another_clients_ticket_cannot_be_touched(home: Home) -> None:
    """As if it were not there, in every method; nor can one that is not there."""
    ticket_id, work = home.opened(), home.work
    before = home.tickets.get(ticket_id)
    for wrong, clients in ((ticket_id, ["autre"]), (ticket_id, []), ("T-222222", None)):
        touches: list[Callable[[], object]] = [
            lambda wrong=wrong, clients=clients: work.take(wrong, "u", clients=clients),
            lambda wrong=wrong, clients=clients: work.give_back(wrong, "u", clients=clients),
            lambda wrong=wrong, clients=clients: work.attempt(
                wrong, "u", "reached", "", NIGHT, clients=clients
            ),
            lambda wrong=wrong, clients=clients: work.note(wrong, "u", "x", NIGHT, clients=clients),
            lambda wrong=wrong, clients=clients: work.close(wrong, "u", NIGHT, clients=clients),
            lambda wrong=wrong, clients=clients: work.reopen(wrong, clients=clients),
        ]
        for touch in touches:
            with pytest.raises(NotKeptError, match=wrong):
                touch()
    assert home.tickets.get(ticket_id) == before
    assert work.take(ticket_id, "u", clients=("*",)).taken_by == "u"


def test_an_empty_note_is_refused_and_a_long_one_cut(home: Home) -> None:
    """One sentence."""
    ticket_id = home.opened()
    with pytest.raises(TicketRefusedError, match="La note est vide"):
        home.work.note(ticket_id, "u1", " \n", NIGHT)
    (note,) = home.work.note(ticket_id, "u1", "x" * 10_000, NIGHT).notes
    assert len(note.text) == LONGEST_NOTE
