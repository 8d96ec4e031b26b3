"""Processes that take requests, killed at random instants: `python -m evals.killed_tickets`.

Each child opens tickets through the real desk and store, asks again, gives numbers, and writes a
line once each is acknowledged. It is killed with SIGKILL. Afterwards, and after each start on what
it left, all that was acknowledged must be there, once, and what is to be sent of it too.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import select
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from agent.call.record import Handoff, HandoffRequest, Urgency
from agent.handoff.tickets import TicketDesk
from agent.store.clients import ClientStore
from agent.store.database import Database
from agent.store.outbox import OutboxStore
from agent.store.targets import Targets, TargetStore
from agent.store.ticket_rows import Ticket
from agent.store.tickets import TicketStore

CLIENT = "essai"
TARGETS = Targets(
    ("sav@essai.example", "garde@essai.example"), "https://essai.example/hook", "0" * 16
)
EXPECTED = sorted(("opened", target) for target in (*TARGETS.emails, TARGETS.webhook_url))
"""Event and target of what is to be sent of each ticket, an urgent one too: nothing left yet."""

LONGEST_LIFE_S = 0.25
"""Of a child: of every second one from its fork on, so that some die before they have opened the
database; of the others from their first word on, so that some work, however slow the machine."""

FIRST_WORD_S = 60.0
"""How long a first word is waited for."""


@dataclass(frozen=True)
class Finding:
    """What came of the killing.

    Attributes:
        kills: Processes killed while they worked.
        acknowledged: Steps that they had acknowledged.
        lost: Steps acknowledged and not kept.
        doubled: Calls with more than one ticket, tickets with not exactly one message a target.
        unacknowledged: Tickets kept of which the process died before it could tell.
    """

    kills: int
    acknowledged: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    unacknowledged: int


def kill_many(path: Path, kills: int, seed: int) -> Finding:
    """Start and kill so many processes on one database, and compare it with what they told."""
    database = Database(f"sqlite:///{path}")
    try:
        database.migrate()
        ClientStore(database).add(CLIENT, "Essai")
        TargetStore(database).set(CLIENT, TARGETS)
    finally:
        database.close()
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["agent.handoff.tickets", "agent.store.tickets"])
    chance = random.Random(seed)
    told: list[str] = []
    for number in range(kills):
        reading, writing = os.pipe()
        child = server.Process(target=_take_requests, args=(str(path), number, _Pipe(writing)))
        child.start()
        os.close(writing)
        if number % 2:
            select.select([reading], [], [], FIRST_WORD_S)
        told += _killed(child, reading, chance.uniform(0, LONGEST_LIFE_S))
    return _compared(path, kills, told)


class _Pipe:
    """The end of a pipe that another process is to write to."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[object, ...]:
        from multiprocessing.reduction import DupFd

        return _from_duplicate, (DupFd(self.descriptor),)


def _from_duplicate(duplicate: object) -> _Pipe:
    return _Pipe(duplicate.detach())  # type: ignore[attr-defined]


def _killed(child: ForkServerProcess, reading: int, life_s: float) -> list[str]:
    """Kill a child after a while; returns the lines that it ended."""
    time.sleep(life_s)
    alive = child.is_alive()
    child.kill()
    child.join()
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read().decode()
    if not alive:
        raise RuntimeError(f"a process ended by itself, with {child.exitcode}")
    return told.split("\n")[:-1]


def _take_requests(path: str, number: int, pipe: _Pipe) -> None:
    """Open tickets until the end; every third call asks twice, every second gives a number."""
    database = Database(f"sqlite:///{path}")
    desk = TicketDesk(TicketStore(database))
    for count in range(sys.maxsize):
        call_id = f"c{number}-{count}"
        handoff = desk.open(_request(call_id, "normal"))
        _tell(pipe, "opened", call_id, handoff)
        if count % 3 == 0:
            _tell(pipe, "urgent", call_id, desk.open(_request(call_id, "urgent")))
        if count % 2 == 0:
            _tell(pipe, "number", call_id, desk.set_number(handoff, "0639981234"))


def _tell(pipe: _Pipe, step: str, call_id: str, handoff: Handoff) -> None:
    os.write(pipe.descriptor, f"{step} {call_id} {handoff.ticket_id}\n".encode())


def _request(call_id: str, urgency: Urgency) -> HandoffRequest:
    return HandoffRequest(CLIENT, call_id, None, "four", "il ne chauffe plus", "unsure", (), (),
                          urgency)  # fmt: skip


def _compared(path: Path, kills: int, told: list[str]) -> Finding:
    database = Database(f"sqlite:///{path}")
    try:
        tickets, outbox = TicketStore(database).list(), OutboxStore(database)
        told_to = {ticket.ticket_id: _told_to(outbox, ticket) for ticket in tickets}
    finally:
        database.close()
    calls = Counter(ticket.call_id for ticket in tickets)
    by_id = {ticket.ticket_id: ticket for ticket in tickets}
    lost = tuple(line for line in told if not _is_kept(line, by_id))
    doubled = [call_id for call_id, count in calls.items() if count > 1]
    doubled += [ticket_id for ticket_id, targets in told_to.items() if targets != EXPECTED]
    opened = sum(line.startswith("opened ") for line in told)
    return Finding(kills, len(told), lost, tuple(doubled), len(tickets) - opened)


def _told_to(outbox: OutboxStore, ticket: Ticket) -> list[tuple[str, str]]:
    """Events and targets of a ticket's messages."""
    return sorted((sending.event, sending.target) for sending in outbox.of_ticket(ticket.ticket_id))


def _is_kept(line: str, by_id: dict[str, Ticket]) -> bool:
    step, call_id, ticket_id = line.split(" ")
    ticket = by_id.get(ticket_id)
    if ticket is None or ticket.call_id != call_id:
        return False
    return {
        "opened": True,
        "urgent": ticket.urgency == "urgent",
        "number": ticket.caller_number == "0639981234",
    }[step]


def main() -> None:
    """Kill, and tell what came of it; fails if anything was lost or doubled."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="processes; default 200")
    parser.add_argument("--seed", type=int, default=1, help="of the instants; default 1")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = kill_many(Path(folder) / "permanence.db", given.kills, given.seed)
    print(
        f"killed: {found.kills}  acknowledged: {found.acknowledged}  lost: {len(found.lost)}"
        f"  doubled: {len(found.doubled)}  kept, not yet told: {found.unacknowledged}"
    )
    sys.exit(bool(found.lost or found.doubled))


if __name__ == "__main__":
    main()
