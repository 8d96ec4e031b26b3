"""What is kept of a call: its turns, timings, handoff and outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import TypeAdapter

from knowledge.answer import Danger, Evidence

Decision = Literal["answer", "confirm", "clarify", "handoff", "safety", "social"]
"""What a turn led to; "social": a turn about the conversation itself (again, thanks, goodbye)."""

Outcome = Literal["answered", "handoff", "message", "abandoned"]
Urgency = Literal["normal", "urgent"]


PART = ".part"
"""Ends the name of a recording's file until the call is over."""


@dataclass(frozen=True)
class TurnTimings:
    """Where a turn's time went, in milliseconds; None where a step did not take place.

    Attributes:
        end_of_turn: Caller's last voiced frame -> end of turn decided.
        transcription: Audio handed to the recogniser -> text.
        retrieval: Question asked of the manuals -> decision.
        first_audio: Words to say known -> first audio handed to the line.
        voice_to_voice: Caller's last voiced frame -> first audio handed to the line.
    """

    end_of_turn: float | None = None
    transcription: float | None = None
    retrieval: float | None = None
    first_audio: float | None = None
    voice_to_voice: float | None = None


NOT_OURS = ("caller", "error", "server")
"""Those by whom a call ends without our having said goodbye."""


@dataclass
class Turn:
    """One exchange: what the caller said and what the agent said next.

    Attributes:
        heard: The recogniser's words; empty for the greeting.
        said: What the agent said, as text; cut short if the caller interrupted.
        decision: What the turn led to.
        confidence: Probability that the evidence supports the reply, 0 to 1.
        evidence: Passages behind the reply, best first.
        interrupted: The caller spoke over the agent.
        by: Who said what was said; an operator who is on the call speaks in turns of their own.
        at_s: When its first words were heard or said, seconds from the call's start; None where
            that was not kept.
    """

    heard: str
    said: str = ""
    decision: Decision = "social"
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()
    timings_ms: TurnTimings = field(default_factory=TurnTimings)
    interrupted: bool = False
    by: Literal["agent", "operator"] = "agent"
    at_s: float | None = None


Mood = Literal["calm", "upset", "insulting"]
StepResult = Literal["helped", "done", "no_help", "not_done", "asked", "unknown"]
"""What came of a step; "asked": the caller asked what it meant, "unknown": they did not say."""

Missing = Literal["number", "name", "product", "reference", "subject"]


@dataclass(frozen=True)
class Sourced:
    """Words that stand on a manual.

    Attributes:
        page: Where they stand, "manual, page n"; "" if that is not known.
    """

    text: str
    page: str = ""


@dataclass(frozen=True)
class TriedStep:
    """A step that the caller was given, and what came of it."""

    text: str
    result: StepResult = "unknown"
    page: str = ""


@dataclass(frozen=True)
class Story:
    """What was told in a call so far, as a brief needs it.

    Attributes:
        problem: What it is about, in the caller's own words; "" if they told nothing of it.
        correction: What they put right of that afterwards, "" if nothing.
        appliance: The kind of appliance that they named for it, "" if none.
        named: Every kind that they named in the call.
        earlier: What else they asked for before, in order.
        reference: Of the appliance as the caller told it, "" if they did not.
        mood: The worst that was heard of them.
        language: Code of the one they speak or want to be spoken to in.
        said: What was answered.
        steps: What the caller was given to do.
        left: What the caller has not done yet of the last advice, in order.
        lead: What the manuals may also say to it, neither said nor denied.
    """

    problem: str = ""
    correction: str = ""
    appliance: str = ""
    named: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    reference: str = ""
    mood: Mood = "calm"
    language: str = "fr"
    said: tuple[Sourced, ...] = ()
    steps: tuple[TriedStep, ...] = ()
    left: tuple[Sourced, ...] = ()
    lead: Sourced | None = None


@dataclass(frozen=True)
class Brief:
    """What a human needs to know before taking a caller over.

    Attributes:
        line: The story in one sentence, to be read aloud.
        caller_number: E.164 or national digits, None if unknown or masked.
        product: Appliance and reference, None if unknown.
        question: The caller's words.
        reason: Why the agent hands over.
        tried: What the agent said or asked before, in order.
        pages: Pages looked at, "manual, page n".
        details: What the caller gave for being called back, by name: "name", "appliance", …
        problem: The question where it tells what it is about, None if only a person was asked for.
        earlier: What else the caller asked for in this call, in order.
        reference: Of the appliance as the caller told it, None if they did not.
        said: What was answered, each with its page.
        steps: What the caller was given to do, and what came of it.
        mood: The worst that was heard of them.
        danger: Which danger was spoken of, None if none was.
        next_step: What the manual has next, None if nothing or if nothing may be tried.
        language: Code of the one they speak or want to be spoken to in.
    """

    line: str
    caller_number: str | None
    product: str | None
    question: str
    reason: str
    tried: tuple[str, ...]
    pages: tuple[str, ...]
    details: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    earlier: tuple[str, ...] = ()
    reference: str | None = None
    said: tuple[Sourced, ...] = ()
    steps: tuple[TriedStep, ...] = ()
    mood: Mood = "calm"
    danger: Danger | None = None
    next_step: Sourced | None = None
    language: str = "fr"

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What the operator still has to ask, the most needed first."""
        known: dict[Missing, bool] = {
            "number": self.caller_number is not None,
            "name": "name" in self.details,
            "product": self.product is not None or "appliance" in self.details,
            "reference": self.reference is not None,
            "subject": self.problem is not None or "subject" in self.details,
        }
        return tuple(what for what, is_known in known.items() if not is_known)


@dataclass(frozen=True)
class Handoff:
    """A caller handed over: the brief, and the durable ticket that carries it.

    Attributes:
        due_at: When operators are there again, UTC; None where they are, or where it is not known.
        reopens: The same as a caller is told: « demain à 9 h », "" for None.
    """

    ticket_id: str
    urgency: Urgency
    brief: Brief
    due_at: datetime | None = None
    reopens: str = ""


@dataclass
class CallRecord:
    """One call, from the first frame to the last.

    Attributes:
        call_id: Unique identifier, also in every log line of the call.
        client: Slug of the client that was called.
        caller_number: National digits or E.164, None if unknown or masked.
        started_at: When the call was taken, UTC.
        ended_at: When it ended, UTC; None while it lasts.
        ended_by: caller | operator | agent | limit | error | server.
        error: What went wrong, if anything did.
        anomalies: Counts of what the line did wrong, by kind (garbage frames, …).
        recording: Its file, relative to the data folder; None if none was kept.
        recording_from_s: When that begins, seconds from the call's start; None if not known.
        product: Appliance that it was about, as the manuals name it; None if that was not known.
        codes: Error codes that the caller told, in order.
        satisfaction_asked: The caller was asked for a mark at the end.
        satisfaction: The mark that they gave, 1 to 5; None if they gave none.
        test: The client's own people tried their line: it counts in no figure and among no
            questions without an answer, nobody was rung and no ticket is kept of it.
    """

    call_id: str
    client: str
    started_at: datetime
    caller_number: str | None = None
    transport: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None
    outcome: Outcome = "abandoned"
    turns: list[Turn] = field(default_factory=list)
    handoff: Handoff | None = None
    error: str | None = None
    anomalies: dict[str, int] = field(default_factory=dict)
    recording: str | None = None
    recording_from_s: float | None = None
    product: str | None = None
    codes: tuple[str, ...] = ()
    satisfaction_asked: bool = False
    satisfaction: int | None = None
    test: bool = False

    def settle_outcome(self) -> None:
        """Derive the outcome from what took place."""
        if self.handoff is not None:
            self.outcome = "handoff"
        elif any(turn.decision == "answer" for turn in self.turns):
            self.outcome = "answered"
        else:
            self.outcome = "abandoned"


def recording_of(client: str, call_id: str) -> str:
    """Where a call's recording stands, relative to the data folder; `PART` is added meanwhile."""
    return f"recordings/{client}/{call_id}.wav"


_ADAPTER: TypeAdapter[CallRecord] = TypeAdapter(CallRecord)
_TURN: TypeAdapter[Turn] = TypeAdapter(Turn)


def record_as_json(record: CallRecord) -> dict[str, Any]:
    """A call's record as JSON values, the shape that `permanence call --json` prints."""
    return dict(_ADAPTER.dump_python(record, mode="json"))


def record_from_json(data: dict[str, Any]) -> CallRecord:
    """The record that `record_as_json` wrote."""
    return _ADAPTER.validate_python(data)


def turn_as_json(turn: Turn) -> dict[str, Any]:
    """A turn as JSON values."""
    return dict(_TURN.dump_python(turn, mode="json"))


@dataclass(frozen=True)
class HandoffRequest:
    """What a call knows when it asks for a human.

    Attributes:
        reason: unsure | human | unheard | technical | danger | angry | language | service.
        looked_at: Passages looked at for the question, best first.
        tried: What the agent said or asked before, in order.
        story: What was told so far.
        danger: Which danger is handed over, None if none.
        details: What the caller gave on an earlier request of this call.
    """

    client: str
    call_id: str
    caller_number: str | None
    product: str | None
    question: str
    reason: str
    tried: tuple[str, ...]
    looked_at: tuple[Evidence, ...]
    urgency: Urgency
    story: Story | None = None
    danger: Danger | None = None
    details: dict[str, str] = field(default_factory=dict)


class HandoffDesk(Protocol):
    """Takes requests for a human; `agent.handoff` implements it. Calls block."""

    def open(self, request: HandoffRequest) -> Handoff:
        """Keep the request; returns once it is durable."""

    def set_number(self, handoff: Handoff, caller_number: str) -> Handoff:
        """Keep the number to call back; returns once it is durable."""

    def set_detail(self, handoff: Handoff, field: str, value: str) -> Handoff:
        """Keep a detail of the caller or the matter; returns once it is durable."""

    def update(self, handoff: Handoff, request: HandoffRequest) -> Handoff:
        """Keep what was told since; number and details stay. Returns once it is durable."""

    def complete(self, handoff: Handoff) -> None:
        """The call is over: nothing more comes of it, those who are told may be told now."""


class CallLog(Protocol):
    """Where calls are kept; `agent.store` implements it. Calls block: run them in a thread."""

    def save(self, record: CallRecord) -> None:
        """Keep the call as it stands now; returns when it is durable."""


class TicketBook(Protocol):
    """Where callback requests are kept; `agent.store` implements it. Calls block."""

    def open_ticket(
        self, client: str, call_id: str, brief: Brief, urgency: Urgency, due_at: datetime | None
    ) -> str:
        """Keep a request and return its identifier once it is durable.

        One call has one ticket: a second request of the same call updates the first.

        Args:
            client: Slug.
            call_id: Of the call.
            brief: What to know before calling back.
            urgency: Of the request.
            due_at: From when the caller may be called back, UTC; None: from now on.
        """

    def set_brief(self, ticket_id: str, brief: Brief) -> None:
        """Keep a newer brief, number and details aside; returns when it is durable."""

    def set_number(self, ticket_id: str, caller_number: str) -> None:
        """Keep the number to call back; returns when it is durable."""

    def set_detail(self, ticket_id: str, field: str, value: str) -> None:
        """Keep a detail by its name; returns when it is durable."""
