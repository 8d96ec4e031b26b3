"""The figures as they stand when they are asked for: gauges, read off the house, then the text."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter as Tally
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from prometheus_client import Gauge, generate_latest

from agent.handoff.desks import Desk
from agent.house import House
from agent.store.outbox import Backlog
from agent.store.ticket_work import TicketBacklog
from agent.web.checks import Check
from agent.web.health import Health
from agent.web.loop_lag import LoopLag
from agent.web.metrics import Metrics

STORES_FRESH_S, STORES_DEADLINE_S = 10.0, 2.0
"""How long what the database said is kept, and how long it is waited for; then the last is told."""

OUTBOX_KINDS = ("email", "webhook")


@runtime_checkable
class Queued(Protocol):
    """A model before which work may wait."""

    @property
    def waiting(self) -> int:
        """Pieces of work that no thread has begun."""


@dataclass(frozen=True)
class Stored:
    """What the database has of it.

    Attributes:
        late_s: How long the oldest message that is due waits, 0 if none is.
    """

    tickets: Mapping[str, TicketBacklog] = field(default_factory=dict)
    outbox: Mapping[str, Backlog] = field(default_factory=dict)
    late_s: float = 0.0


class Scrape:
    """Makes the text that Prometheus reads; one at a time."""

    def __init__(self, house: House, metrics: Metrics, lag: LoopLag, health: Health) -> None:
        self._house = house
        self._metrics = metrics
        self._lag = lag
        self._health = health
        self._one = asyncio.Lock()
        self._stored = Stored()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._stores = Check(
            "metrics", self._read_stores, "La base de données ne peut pas être lue.",
            deadline_s=STORES_DEADLINE_S, fresh_s=STORES_FRESH_S,
        )  # fmt: skip
        self._calls = self._gauge("calls_in_progress", "Calls.", "client", "transport")
        self._limit = self._gauge("calls_limit", "Calls beyond which one is refused.")
        self._operators = self._gauge("operators", "Operators who are signed on.", "status")
        self._waiting = self._gauge("work_waiting", "Work that no thread has begun.", "pool")
        self._worst = self._gauge(
            "event_loop_lag_worst_seconds", "The greatest lag of the last minute."
        )
        self._tasks = self._gauge("tasks", "Tasks of the event loop.")
        self._threads = self._gauge("threads", "Threads of the process.")
        self._ready = self._gauge(
            "ready", "Whether a part worked when /readyz last tried it.", "check"
        )
        self._tickets = self._gauge("tickets_to_call", "Callbacks to make.", "client")
        self._overdue = self._gauge(
            "tickets_overdue", "Callbacks that wait for longer than they should.", "client"
        )
        self._outbox = self._gauge("outbox_messages", "Messages not sent.", "kind", "state")
        self._late = self._gauge("outbox_late_seconds", "How long the oldest due message waits.")
        self._stores_ok = self._gauge(
            "stores_read", "Whether tickets and outbox could be read for these figures."
        )

    async def text(self) -> bytes:
        """All figures, in Prometheus's text format."""
        async with self._one:
            stored = await self._stores.state()
            self._set_calls()
            self._set_process()
            self._set_stored()
            self._stores_ok.set(stored.ok)
            return await asyncio.get_running_loop().run_in_executor(
                None, generate_latest, self._metrics.registry
            )

    async def close(self) -> None:
        """Read no more."""
        await self._stores.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _set_calls(self) -> None:
        house, metrics = self._house, self._metrics
        in_progress = Tally(
            (metrics.client(one.client), metrics.word(one.transport))
            for one in house.admission.in_progress().values()
        )
        self._calls.clear()
        for (client, transport), calls in in_progress.items():
            self._calls.labels(client, transport).set(calls)
        self._limit.set(house.live.limit)
        statuses = Tally(_status(desk) for desk in house.switchboard.desks())
        for status in ("available", "busy", "break", "away"):
            self._operators.labels(status).set(statuses[status])

    def _set_process(self) -> None:
        services = self._house.services
        for name, model in (("recogniser", services.transcriber), ("voice", services.voice)):
            if isinstance(model, Queued):
                self._waiting.labels(name).set(model.waiting)
        self._waiting.labels("blocking").set(_waiting_in(services.blocking))
        self._worst.set(self._lag.worst_s())
        self._tasks.set(len(asyncio.all_tasks()))
        self._threads.set(threading.active_count())
        for check in self._health.checks:
            if check.last is not None:
                self._ready.labels(check.name).set(check.last.ok)

    def _set_stored(self) -> None:
        named, stored = self._metrics.client, self._stored
        self._tickets.clear()
        self._overdue.clear()
        for client, backlog in stored.tickets.items():
            self._tickets.labels(named(client)).set(backlog.to_call)
            self._overdue.labels(named(client)).set(backlog.overdue)
        for kind, unsent in stored.outbox.items():
            self._outbox.labels(kind, "waiting").set(unsent.waiting)
            self._outbox.labels(kind, "given_up").set(unsent.given_up)
        self._late.set(stored.late_s)

    async def _read_stores(self) -> str | None:
        self._stored = await asyncio.get_running_loop().run_in_executor(self._thread, self._read)
        return None

    def _read(self) -> Stored:
        house, now = self._house, datetime.now(UTC)
        due_at = house.sendings.next_due(house.outbox.kinds)
        return Stored(
            house.work.backlogs(now),
            {kind: house.sendings.backlog(kind) for kind in OUTBOX_KINDS},
            max(0.0, (now - due_at).total_seconds()) if due_at is not None else 0.0,
        )

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"permanence_{name}", what, labels, registry=self._metrics.registry)


def _status(desk: Desk) -> str:
    """Of an operator: « away » where nothing of theirs can ring, « busy » on a call."""
    if desk.consoles == 0 and not desk.telephoned:
        return "away"
    return "busy" if desk.call is not None else desk.status


def _waiting_in(pool: Executor) -> int:
    return pool._work_queue.qsize() if isinstance(pool, ThreadPoolExecutor) else 0
