"""What a handoff's end means for its ticket: nobody whom no operator helped is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ticket_homes import Home, made_home

from agent.handoff.states import HandoffState


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A client with a ticket."""
    made = made_home(tmp_path)
    yield made
    made.database.close()


@pytest.mark.parametrize(
    ("states", "why", "status"),
    [
        (("requested", "ringing"), "", "live"),
        (("requested", "ringing", "accepted", "connected"), "", "live"),
        (("requested", "ringing", "accepted", "connected", "finished"), "finished", "done"),
        (("requested", "ringing", "accepted", "connected", "finished"), "caller", "done"),
        (("requested", "ringing", "accepted", "connected", "finished"), "returned", "new"),
        (("requested", "ringing", "accepted", "connected", "finished"), "settled", "done"),
        (("requested", "ringing", "accepted", "connected", "failed"), "lost", "new"),
        (("requested", "ringing", "accepted", "connected", "abandoned"), "caller", "new"),
        (("requested", "ringing", "declined"), "declined", "new"),
        (("requested", "ringing", "no_answer"), "no_answer", "new"),
        (("requested", "ringing", "abandoned"), "caller", "new"),
    ],
)
def test_of_its_ticket(home: Home, states: tuple[HandoffState, ...], why: str, status: str) -> None:
    """Done is only what an operator or their caller ended; given back to the agent, it is to do."""
    ticket_id = home.opened()
    home.handed(ticket_id, "h-1", *states, why=why)
    assert home.tickets.get(ticket_id).status == status


def test_a_done_ticket_is_rung_for_again(home: Home) -> None:
    """The same caller asks once more and nobody comes: it stayed done, and nobody called back."""
    ticket_id = home.opened()
    talked: tuple[HandoffState, ...] = (
        "requested", "ringing", "accepted", "connected", "finished"
    )  # fmt: skip
    home.handed(ticket_id, "h-1", *talked, why="finished")
    home.handed(ticket_id, "h-2", "requested", "ringing")
    assert home.tickets.get(ticket_id).status == "live"
    home.handed(ticket_id, "h-3", "requested", "ringing", "no_answer")
    ticket = home.tickets.get(ticket_id)
    assert (ticket.status, ticket.taken_by, ticket.done_at) == ("new", None, None)
