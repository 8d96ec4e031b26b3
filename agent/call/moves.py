"""What can happen in a conversation and what can be done about it: values only.

`dialogue.step` takes a State and an event and gives a State and actions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal

from agent.call.capture import Capture
from agent.call.handover import GivingUp, OperatorEvent
from agent.call.record import Decision, Story, Urgency
from knowledge.answer import Answer, Danger, Sensed

HandoffReason = Literal[
    "unsure", "human", "unheard", "technical", "danger", "angry", "language", "service"
]


Detail = Literal["phone", "name", "subject", "appliance"]
"""What is asked of a caller who is to be called back."""


class Phase(Enum):
    """What the agent is waiting for."""

    LISTENING = auto()
    LOOKING_UP = auto()
    STEPS = auto()
    HELPED = auto()
    CONFIRMING = auto()
    CHOOSING = auto()
    OFFERING = auto()
    CHECKING = auto()
    HANDING_OVER = auto()
    CAPTURING = auto()
    RATING = auto()
    RINGING = auto()
    CONNECTED = auto()
    ENDED = auto()


WITH_PEOPLE = (Phase.RINGING, Phase.CONNECTED)
"""An operator is rung, or on the call."""


@dataclass(frozen=True)
class Advice:
    """An answer as it is being given.

    Attributes:
        now: The part being said or tried.
        left: The parts still to be said.
        kind: Kind of passage that it stands on ("procedure", "trouble", …), "" if not known.
        page: Where that stands, "manual, page n"; "" if not known.
        does: It tells what to do.
    """

    now: str = ""
    left: tuple[str, ...] = ()
    kind: str = ""
    page: str = ""
    does: bool = False


@dataclass(frozen=True)
class Own:
    """What a client has said in its own words.

    Attributes:
        greeting: A sentence in the greeting, "" for none.
        notice: What callers are told of the recording, "" for the usual sentence.
        pace: How many times as long as usual speech takes.
    """

    greeting: str = ""
    notice: str = ""
    pace: float = 1.0


NOTHING_OWN = Own()
"""Of a client that leaves all of it as it is."""


@dataclass(frozen=True)
class State:
    """Where a conversation stands.

    Attributes:
        brand: Name of the client, as said in the greeting.
        recorded: The call is recorded once this was announced, and nobody refused.
        greeting: A sentence of the client's own in the greeting, "" for none.
        notice: What the client has said of the recording, "" for the usual sentence.
        caller_number: Number to call back, None if unknown.
        product: Appliance that the call is about, once known.
        question: The question being dealt with, in the caller's words.
        readings: What the recogniser may have heard of it, with weights.
        logprob: Mean log-probability of its words, 0 best.
        choices: The appliances that the caller was offered when asked, as they were named.
        which: What the caller said when asked which appliance it is about.
        asked: The last question that the manuals were asked, as it would be asked alone.
        given: Passages whose advice was given for it, for « et si ça ne suffit pas ? ».
        advice: The answer that is being given.
        paused: One that a question in between interrupted, to be taken up again.
        pending: Answer that awaits a yes.
        said: The last thing said, for « répétez » and after an interruption.
        misheard: Turns in a row that were not understood.
        ignored: Murmurs in a row over the agent that held words.
        doubts: Questions put back, or confirmations refused, since the last answer.
        silences: Silences in a row.
        waiting: The caller asked for time: silence is theirs.
        slow: The caller asked to be spoken to more slowly.
        danger: The danger that was spoken of: from then on nothing is to be tried.
        reminded: Times that a caller in danger was told again to get to safety.
        suspected: The danger that the caller is being asked about.
        safe: The caller said that there is no danger: they are not asked again.
        was_heard: Any word of the caller was ever understood.
        offers: Times a person was offered.
        strange: Turns of a child.
        ticket_id: The call's ticket, once it is durable.
        reopens: When operators are there again, "" if they are, or once the caller was told.
        reachable: Operators were there when the ticket was opened.
        ringing: Operators are being rung, or one who accepted is not there yet.
        unmet: The agent has not said yet who it is: operators are rung first.
        before: Callers before them, while every operator is on a call; None where one is rung.
        losses: Operators whose line was lost.
        talked: An operator has been on the call.
        noted: Questions that the ticket holds, the first one first.
        reason: Why a handoff was started.
        tried: What the agent said or asked, in order, for the brief.
        story: What was told on either side, for the brief.
        capture: The detail being asked of the caller.
        wanted: Details still to be asked, in order.
        rates: Who takes leave content is asked for a mark.
        rating_asks: Times that it was asked for.
        rating: The mark, 1 to 5; None if none was given.
    """

    brand: str
    caller_number: str | None = None
    recorded: bool = False
    greeting: str = ""
    notice: str = ""
    phase: Phase = Phase.LISTENING
    product: str | None = None
    question: str = ""
    readings: tuple[tuple[str, float], ...] = ()
    logprob: float = 0.0
    choices: tuple[str, ...] = ()
    which: str = ""
    asked: str = ""
    given: tuple[str, ...] = ()
    advice: Advice = Advice()
    paused: Advice | None = None
    pending: Answer | None = None
    said: str = ""
    misheard: int = 0
    ignored: int = 0
    doubts: int = 0
    silences: int = 0
    waiting: bool = False
    slow: bool = False
    danger: Danger | None = None
    reminded: int = 0
    suspected: Danger | None = None
    safe: bool = False
    was_heard: bool = False
    offers: int = 0
    strange: int = 0
    ticket_id: str | None = None
    reopens: str = ""
    reachable: bool = False
    ringing: bool = False
    unmet: bool = False
    before: int | None = None
    losses: int = 0
    talked: bool = False
    noted: tuple[str, ...] = ()
    reason: HandoffReason = "unsure"
    tried: tuple[str, ...] = ()
    story: Story = field(default_factory=Story)
    capture: Capture | None = None
    wanted: tuple[Detail, ...] = ()
    rates: bool = False
    rating_asks: int = 0
    rating: int | None = None

    @property
    def problem(self) -> str:
        """What it is about in the caller's words, and the appliance that was named for it."""
        told = f"{self.story.problem or self.question} {self.story.correction}"
        return f"{told.strip()} {self.which}".strip()

    @property
    def about(self) -> str | None:
        """The appliance, if known, else that of the guess which awaits a yes."""
        return self.product or (self.pending.product if self.pending is not None else None)


# --- events -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Started:
    """The line is open and the caller hears us.

    Attributes:
        ring_first: Operators are rung first; the agent answers if none comes.
    """

    ring_first: bool = False


@dataclass(frozen=True)
class Heard:
    """The caller's words.

    Attributes:
        text: As recognised; empty when the turn held none.
        interrupting: The agent was speaking when the turn began.
        alternatives: Other readings, likelier first.
        weights: Of the text and of each alternative, summing to 1; () if not known.
        unheard_s: How much of what the agent was saying was left, seconds.
        logprob: Mean log-probability of the text's tokens, 0 best.
        no_speech: The recogniser's probability that nobody spoke.
        below_db: How much fainter they are than what this caller says, 0 if that may be chance.
        sensed: Whether danger was sensed in the words; if not, those that name one count.
        danger: What was sensed.
    """

    text: str
    interrupting: bool = False
    alternatives: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    unheard_s: float = 0.0
    logprob: float = 0.0
    no_speech: float = 0.0
    below_db: float = 0.0
    sensed: bool = False
    danger: Sensed | None = None


@dataclass(frozen=True)
class Found:
    """What the manuals answer to the question that was looked up."""

    answer: Answer


@dataclass(frozen=True)
class LookUpFailed:
    """The manuals could not be consulted."""


@dataclass(frozen=True)
class TicketOpened:
    """The request is durable.

    Attributes:
        ticket_id: Its name.
        reopens: When operators are there again, « demain à 9 h »; "" if they are, or not known.
        reachable: Operators are there now, to be rung.
    """

    ticket_id: str
    reopens: str = ""
    reachable: bool = False


@dataclass(frozen=True)
class TicketFailed:
    """The request could not be kept."""


@dataclass(frozen=True)
class Key:
    """A key of the telephone: 0-9, * or #."""

    digit: str


@dataclass(frozen=True)
class Silence:
    """The caller has said nothing for a while though it is their turn."""


@dataclass(frozen=True)
class TimeUp:
    """The call has reached its longest duration."""


Event = (
    Started | Heard | Found | LookUpFailed | TicketOpened | TicketFailed | Key | Silence | TimeUp
    | OperatorEvent
)  # fmt: skip


# --- actions ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say:
    """Speak; `decision` is what the turn led to, `slow`: more slowly than usual."""

    text: str
    decision: Decision = "social"
    slow: bool = False


@dataclass(frozen=True)
class Resume:
    """Go on with what was being said, from where it stopped."""


@dataclass(frozen=True)
class Listen:
    """Go on listening: nobody spoke to us."""


@dataclass(frozen=True)
class LookUp:
    """Ask the manuals.

    Attributes:
        question: The caller's words.
        product: Appliance that the call is about, if known.
        readings: The recogniser's readings of it with their weights; () for the words alone.
        earlier: The question before it, on which it may lean.
        given: Passages whose advice was given for that one.
        which: What the caller said when asked which appliance it is about.
    """

    question: str
    product: str | None
    readings: tuple[tuple[str, float], ...] = ()
    earlier: str = ""
    given: tuple[str, ...] = ()
    which: str = ""


@dataclass(frozen=True)
class OpenTicket:
    """Keep a request for a human; answered by `TicketOpened` or `TicketFailed`."""

    reason: HandoffReason
    question: str
    tried: tuple[str, ...]
    product: str | None
    urgency: Urgency = "normal"


@dataclass(frozen=True)
class KeepNumber:
    """Put the number to call back on the ticket."""

    ticket_id: str
    number: str


@dataclass(frozen=True)
class KeepDetail:
    """Put a detail on the ticket: the caller's name, the appliance, what it is about."""

    ticket_id: str
    field: str
    value: str


@dataclass(frozen=True)
class Ring:
    """Ring operators; answered by an `OperatorEvent`. What follows is not done if nobody is there:
    `NoOperator` comes instead."""


@dataclass(frozen=True)
class StopRinging:
    """Ring operators no more."""

    why: GivingUp


@dataclass(frozen=True)
class Tone:
    """Let the caller hear that a telephone rings."""


@dataclass(frozen=True)
class Join:
    """Join the operator's line once what was said has been heard; the agent is silent then."""


@dataclass(frozen=True)
class StartRecording:
    """Record from here on, if what was said before this was heard whole."""


@dataclass(frozen=True)
class StopRecording:
    """Delete what was recorded and record nothing more of this call."""


@dataclass(frozen=True)
class HangUp:
    """End the call once everything said has been heard."""


Action = (
    Say
    | Resume
    | Listen
    | LookUp
    | OpenTicket
    | KeepNumber
    | KeepDetail
    | Ring
    | StopRinging
    | Tone
    | Join
    | StartRecording
    | StopRecording
    | HangUp
)
