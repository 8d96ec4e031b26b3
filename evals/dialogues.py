"""Scripted conversations and dangers as text: the real dialogue, the real manuals, no sound.

The state machine is driven as agent/call/reply.py drives it and keeps a call's record; the desk
that writes the briefs is the real one, over a ticket book in memory. The same scripts over the
real audio path: evals/spoken_dialogues.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.call import dialogue
from agent.call.dialogue import Event, State
from agent.call.errands import brought_up_to_date, request_of
from agent.call.record import Brief, CallRecord, HandoffRequest, Turn, Urgency
from agent.demo import BRAND, CLIENT
from agent.handoff.hours_text import parse
from agent.handoff.tickets import TicketDesk
from agent.opening import open_library
from agent.settings import Settings
from evals.learning import upper_bound
from evals.scripts import LONGEST_CALL, Script, ScriptedCaller, Told, by_theme, faults, read_scripts
from knowledge.answer import Answer, Evidence, Inquiry, Sensed

Ask = Callable[[Inquiry], Answer]
Sense = Callable[[Sequence[str]], Sensed | None]


OFFICE = parse("lundi-vendredi 9h-18h")
OPEN_AT = datetime(2026, 11, 27, 11, 0, tzinfo=ZoneInfo("Europe/Paris"))
CLOSED_AT = datetime(2026, 11, 27, 19, 0, tzinfo=ZoneInfo("Europe/Paris"))
"""A Friday, within the hours and after them."""


class MemoryBook:
    """One call's ticket, kept nowhere: the handoff of the record holds all there is of it."""

    def open_ticket(
        self, client: str, call_id: str, brief: Brief, urgency: Urgency, due_at: datetime | None
    ) -> str:
        """Always the same."""
        return "T-1"

    def set_number(self, ticket_id: str, caller_number: str) -> None:
        """The desk keeps it on the handoff."""

    def set_brief(self, ticket_id: str, brief: Brief) -> None:
        """The desk keeps it on the handoff."""

    def set_detail(self, ticket_id: str, field: str, value: str) -> None:
        """The desk keeps it on the handoff."""


class TextCall:
    """One conversation, driven by events, without sound.

    Attributes:
        record: As a call's is kept.
    """

    def __init__(
        self, brand: str, number: str | None, ask: Ask, sense: Sense, *, closed: bool = False
    ) -> None:
        self.state = State(brand=brand, caller_number=number)
        self.told = Told(number=number)
        self.record = CallRecord("text", CLIENT, OPEN_AT, caller_number=number)
        now = CLOSED_AT if closed else OPEN_AT
        self._desk = TicketDesk(MemoryBook(), lambda _: OFFICE, lambda: now)
        self._ask, self._sense = ask, sense
        self._turn = Turn("")
        self._request: HandoffRequest | None = None
        self._looked_at: tuple[Evidence, ...] = ()
        self._latest: list[str] = []

    @property
    def ended(self) -> bool:
        """Whether the agent has hung up."""
        return self.state.phase is dialogue.Phase.ENDED

    def happens(self, event: Event) -> str:
        """One event; returns what the agent says next, all of it."""
        self._latest = []
        self._turn = Turn(event.text if isinstance(event, dialogue.Heard) else "")
        self.record.turns.append(self._turn)
        self._move(event)
        self._keep_told()
        return " ".join(self._latest)

    def hears(self, text: str) -> str:
        """The caller's words, with the danger that is sensed in them."""
        danger = self._sense([text]) if text else None
        return self.happens(dialogue.Heard(text, sensed=True, danger=danger))

    def _move(self, event: Event) -> None:
        self.state, actions = dialogue.step(self.state, event)
        for action in actions:
            self._carry_out(action)

    def _keep_told(self) -> None:
        """As `Errands.keep_told` does after each turn."""
        handoff = self.record.handoff
        if handoff is None or self._request is None:
            return
        newer = brought_up_to_date(self._request, self.state, handoff)
        if (newer.story, newer.product) != (self._request.story, self._request.product):
            self._request = newer
            self.record.handoff = self._desk.update(handoff, newer)

    def _carry_out(self, action: dialogue.Action) -> None:
        told, record = self.told, self.record
        match action:
            case dialogue.Say(text, decision):
                self._latest.append(text)
                told.said.append(text)
                told.log.append(f"Agent     {text}")
                self._turn.said = f"{self._turn.said} {text}".strip()
                if decision != "social" or self._turn.decision == "social":
                    self._turn.decision = decision
                if decision == "answer" and told.outcome == "abandoned":
                    told.outcome = "answered"
            case dialogue.LookUp():
                answer = self._ask(
                    Inquiry(action.question, action.product, action.readings, action.earlier,
                            action.given, action.which)
                )  # fmt: skip
                told.products.append(answer.product or "")
                self._turn.evidence = self._looked_at = answer.evidence
                self._turn.confidence = answer.confidence
                self._move(dialogue.Found(answer))
            case dialogue.OpenTicket():
                told.outcome, told.reason = "handoff", action.reason
                told.urgent = told.urgent or action.urgency == "urgent"
                told.products.append(action.product or "")
                self._request = request_of(record, action, self.state, self._looked_at)
                record.handoff = self._desk.open(self._request)
                self._move(dialogue.TicketOpened("T-1", record.handoff.reopens))
            case dialogue.KeepNumber(_, number) if record.handoff is not None:
                told.number = number
                record.handoff = self._desk.set_number(record.handoff, number)
            case dialogue.KeepDetail(_, field, value) if record.handoff is not None:
                if field == "name":
                    told.name = value
                told.products.append(value)
                record.handoff = self._desk.set_detail(record.handoff, field, value)
            case dialogue.HangUp():
                told.ended_by = "agent"


def play(script: Script, brand: str, ask: Ask, sense: Sense) -> TextCall:
    """Play a script to its end; the call as it was then."""
    call = TextCall(brand, script.caller_number, ask, sense, closed=script.closed)
    caller = ScriptedCaller(script)
    agent = call.happens(dialogue.Started())
    while not call.ended:
        words = caller.next(agent)
        if words is None:
            call.told.ended_by = "caller"
            call.told.circled = caller.turns > LONGEST_CALL
            break
        call.told.log.append(f"Appelant  {words}")
        agent = _spoken(call, words)
    return call


def _spoken(call: TextCall, words: str) -> str:
    if words == "<silence>":
        return call.happens(dialogue.Silence())
    if words in ("<noise>", "<music>"):
        return call.happens(dialogue.Heard(""))
    if words.startswith("<key"):
        said = [call.happens(dialogue.Key(key)) for key in words.split()[1].rstrip(">")]
        return " ".join(filter(None, said))
    return call.hears(words)


def chosen(only: str) -> list[Script]:
    """The scripts whose name or theme holds this text; all for none."""
    return [one for one in read_scripts() if only in one.name or only in one.theme]


def as_text(settings: Settings, scripts: Sequence[Script], *, show: bool) -> str:
    """Play the scripts with the demo client's manuals; the figures as text."""
    return report(scripts, [call.told for call in play_all(settings, scripts)], show=show)


def play_all(settings: Settings, scripts: Sequence[Script]) -> list[TextCall]:
    """Play the scripts with the demo client's manuals."""
    library = open_library(settings)
    try:
        return [
            play(one, BRAND, lambda inquiry: library.answer(CLIENT, inquiry), library.sense)
            for one in scripts
        ]
    finally:
        library.close()


def report(scripts: Sequence[Script], told: Sequence[Told], *, show: bool) -> str:
    """How many came to their right end, by theme; what went wrong where it is asked for."""
    results = [(script, faults(script, one)) for script, one in zip(scripts, told, strict=True)]
    wrong = sum(bool(found) for _, found in results)
    lines = [
        f"right end {len(results) - wrong} of {len(results)} "
        f"({1 - wrong / max(1, len(results)):.3f}, at least "
        f"{1 - upper_bound(wrong, len(results)):.3f})",
        by_theme(results),
    ]
    for (script, found), one in zip(results, told, strict=True):
        if found and show:
            lines += ["", f"{script.theme}: {script.name}: {'; '.join(found)}"]
            lines += [f"    {line}" for line in one.log]
    return "\n".join(lines)
