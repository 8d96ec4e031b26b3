"""What is counted of calls, handoffs and the event loop, for Prometheus; METRICS.md lists it.

Each server has a registry of its own. Nothing is done per audio frame: a call is counted when it is
taken and when it has left, its turns' timings are read off its record then.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector

from agent.call.guard import Asking
from agent.call.record import CallRecord, Turn
from agent.handoff.states import HandoffRecord
from agent.house import House

SPOKEN_S = (0.3, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)
"""Bounds for what a caller waits through, seconds."""

WORK_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0)
"""Bounds for steps of the work, seconds."""

LAG_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
CALL_S = (10.0, 30.0, 60.0, 120.0, 180.0, 300.0, 450.0, 600.0, 900.0, 1800.0)
RING_S = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 180.0)

CLIENTS_KEPT, WORDS_KEPT = 500, 100
"""Different values of labels; what comes after is « other », so that no series grow for ever."""

STEPS = {
    "voice_to_voice": ("Caller's last voiced frame to the agent's first audio.", SPOKEN_S),
    "end_of_turn": ("Caller's last voiced frame to the decision that the turn is over.", WORK_S),
    "transcription": ("Audio handed to the recogniser to text.", WORK_S),
    "retrieval": ("Question asked of the manuals to decision.", WORK_S),
    "first_audio": ("Words to say known to first audio handed to the line.", WORK_S),
}
"""Of a turn's timings: what is measured, and the bounds."""


class Bounded:
    """Lets so many different values pass; any further one becomes « other »."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """The value, or « other »."""
        if value not in self._known:
            if len(self._known) >= self._limit:
                return "other"
            self._known.add(value)
        return value


class Metrics:
    """The instruments of one server, and what they are told; used from the event loop only.

    Attributes:
        registry: Of this server alone.
        client, word: Keep the values of labels few.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.client, self.word = Bounded(CLIENTS_KEPT), Bounded(WORDS_KEPT)
        self._in_progress: dict[str, CallRecord] = {}
        ProcessCollector(registry=self.registry)
        build = Info("permanence_build", "What runs.", registry=self.registry)
        build.info({"version": _version(), "python": platform.python_version()})
        self._started = self._counter(
            "calls_started", "Calls that were taken.", "client", "transport"
        )
        self._ended = self._counter(
            "calls_ended", "Calls that are over.", "client", "transport", "ended_by", "outcome"
        )
        self._refused = self._counter(
            "calls_refused", "Calls that were not taken.", "client", "transport", "reason"
        )
        self._duration = self._histogram(
            "call_duration_seconds", "Length of calls.", CALL_S, "transport"
        )
        self._turns = self._counter("turns", "What turns led to.", "transport", "decision")
        self._barge_ins = self._counter(
            "barge_ins", "Turns in which the caller spoke over the agent.", "transport"
        )
        self._anomalies = self._counter(
            "anomalies", "What went wrong in calls, by kind.", "transport", "anomaly"
        )
        self._steps = {
            step: self._histogram(f"{step}_seconds", what, bounds, "transport")
            for step, (what, bounds) in STEPS.items()
        }
        self._tickets = self._counter(
            "tickets_opened", "Callback requests that calls have made.", "client", "urgency"
        )
        self._handoffs = self._counter(
            "handoffs", "Handoffs that came into a state.", "client", "state"
        )
        self._declined = self._counter(
            "operator_declines", "Times that an operator declined a call.", "client"
        )
        self._ring = self._histogram(
            "ring_to_accept_seconds", "First ring to an operator's acceptance.", RING_S, "client"
        )
        self.loop_lag = Histogram(
            "permanence_event_loop_lag_seconds", "How late the event loop does what is due.",
            buckets=LAG_S, registry=self.registry,
        )  # fmt: skip

    @contextmanager
    def watching(self, house: House) -> Iterator[None]:
        """Count what happens in a house."""

        def changed(call_id: str) -> None:
            call = house.live.get(call_id)
            if call is not None:
                self._in_progress.setdefault(call_id, call.record)
            elif call_id not in house.admission.in_progress():
                self._in_progress.pop(call_id, None)  # its door does not ask for admission

        with ExitStack() as stack:
            stack.enter_context(house.live.watched(changed))
            stack.enter_context(house.kept.watched(self.handed))
            stack.callback(house.admission.watch(self))
            yield

    def taken(self, call_id: str, asking: Asking) -> None:
        """A call has its place."""
        self._started.labels(self.client(asking.client), self.word(asking.transport)).inc()

    def left(self, call_id: str, asking: Asking) -> None:
        """A call is over, its record complete; there is none where it never began."""
        client, transport = self.client(asking.client), self.word(asking.transport)
        record = self._in_progress.pop(call_id, None)
        if record is None:
            self._ended.labels(client, transport, "never_began", "none").inc()
            return
        ended_by = self.word(record.ended_by or "unknown")
        self._ended.labels(client, transport, ended_by, record.outcome).inc()
        if record.ended_at is not None:
            length_s = (record.ended_at - record.started_at).total_seconds()
            self._duration.labels(transport).observe(length_s)
        for turn in record.turns:
            self._count_turn(turn, transport)
        for anomaly, times in record.anomalies.items():
            self._anomalies.labels(transport, self.word(anomaly)).inc(times)
        if record.handoff is not None:
            self._tickets.labels(client, record.handoff.urgency).inc()

    def refused(self, reason: str, transport: str, client: str) -> None:
        """A call was not taken."""
        self._refused.labels(self.client(client), self.word(transport), self.word(reason)).inc()

    def handed(self, record: HandoffRecord) -> None:
        """A handoff came into a state, or something was noted of it."""
        client, *before, last = self.client(record.client), *record.history
        if before and before[-1].state == last.state:
            self._declined.labels(client).inc()
            return
        self._handoffs.labels(client, last.state).inc()
        rung_at = next((one.at for one in before if one.state == "ringing"), None)
        if last.state == "accepted" and rung_at is not None:
            self._ring.labels(client).observe((last.at - rung_at).total_seconds())

    def _count_turn(self, turn: Turn, transport: str) -> None:
        if turn.by == "operator":
            return
        if turn.heard:
            self._turns.labels(transport, turn.decision).inc()
        if turn.interrupted:
            self._barge_ins.labels(transport).inc()
        for step, histogram in self._steps.items():
            taken_ms = getattr(turn.timings_ms, step)
            if taken_ms is not None:
                histogram.labels(transport).observe(taken_ms / 1000)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"permanence_{name}", what, labels, registry=self.registry)

    def _histogram(
        self, name: str, what: str, bounds: tuple[float, ...], *labels: str
    ) -> Histogram:  # fmt: skip
        return Histogram(
            f"permanence_{name}", what, labels, buckets=bounds, registry=self.registry
        )  # fmt: skip


def _version() -> str:
    try:
        return version("permanence")
    except PackageNotFoundError:
        return "unknown"
