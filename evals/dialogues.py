"""Scripted conversations and dangers as text: the real dialogue, the real manuals, no sound.

The state machine is driven as agent/call/reply.py drives it; a ticket book in memory takes the
tickets. The same scripts over the real audio path: evals/spoken_dialogues.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.call import dialogue
from agent.call.dialogue import Event, State
from agent.demo import BRAND, CLIENT
from agent.house import open_library
from agent.settings import Settings
from evals.learning import upper_bound
from evals.scripts import LONGEST_CALL, Script, ScriptedCaller, Told, by_theme, faults, read_scripts
from knowledge.answer import Answer, Inquiry, Sensed

Ask = Callable[[Inquiry], Answer]
Sense = Callable[[Sequence[str]], Sensed | None]


class TextCall:
    """One conversation, driven by events, without sound."""

    def __init__(self, brand: str, number: str | None, ask: Ask, sense: Sense) -> None:
        self.state = State(brand=brand, caller_number=number)
        self.told = Told(number=number)
        self._ask, self._sense = ask, sense
        self._latest: list[str] = []

    @property
    def ended(self) -> bool:
        """Whether the agent has hung up."""
        return self.state.phase is dialogue.Phase.ENDED

    def happens(self, event: Event) -> str:
        """One event; returns what the agent says next, all of it."""
        self._latest = []
        self._move(event)
        return " ".join(self._latest)

    def hears(self, text: str) -> str:
        """The caller's words, with the danger that is sensed in them."""
        danger = self._sense([text]) if text else None
        return self.happens(dialogue.Heard(text, sensed=True, danger=danger))

    def _move(self, event: Event) -> None:
        self.state, actions = dialogue.step(self.state, event)
        for action in actions:
            self._carry_out(action)

    def _carry_out(self, action: dialogue.Action) -> None:
        told = self.told
        match action:
            case dialogue.Say(text, decision):
                self._latest.append(text)
                told.said.append(text)
                told.log.append(f"Agent     {text}")
                if decision == "answer" and told.outcome == "abandoned":
                    told.outcome = "answered"
            case dialogue.LookUp():
                answer = self._ask(
                    Inquiry(action.question, action.product, action.readings, action.earlier,
                            action.given, action.which)
                )  # fmt: skip
                told.products.append(answer.product or "")
                self._move(dialogue.Found(answer))
            case dialogue.OpenTicket():
                told.outcome, told.reason = "handoff", action.reason
                told.urgent = told.urgent or action.urgency == "urgent"
                told.products.append(action.product or "")
                self._move(dialogue.TicketOpened("T-1"))
            case dialogue.KeepNumber(_, number):
                told.number = number
            case dialogue.KeepDetail(_, field, value):
                if field == "name":
                    told.name = value
                told.products.append(value)
            case dialogue.HangUp():
                told.ended_by = "agent"


def converse(script: Script, brand: str, ask: Ask, sense: Sense) -> Told:
    """Play a script to its end."""
    call = TextCall(brand, script.caller_number, ask, sense)
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
    return call.told


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
    library = open_library(settings)
    try:
        told = [
            converse(one, BRAND, lambda inquiry: library.answer(CLIENT, inquiry), library.sense)
            for one in scripts
        ]
    finally:
        library.close()
    return report(scripts, told, show=show)


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
