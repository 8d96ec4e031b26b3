"""Who is handed over, and with what brief: the scripted conversations against their labels.

Whether a handoff should take place is each script's `handoff`, written by what a good adviser would
do; its reason and urgency are the script's, too. `python -m agent eval handoffs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.call.record import CallRecord
from agent.handoff.brief import REASONS
from agent.handoff.brief_text import brief_text
from agent.settings import Settings
from evals.brief_facts import brief_facts_outside
from evals.dialogues import play_all
from evals.learning import upper_bound
from evals.scripts import Script
from evals.whole_briefs import lacking

_REASON_OF = {words: reason for reason, words in REASONS.items()}
NONE = "none"


@dataclass(frozen=True)
class Case:
    """One script, played.

    Attributes:
        log: What was said, line by line.
        lacks: What its brief should hold and does not.
        outside: What its brief says and its record does not hold.
    """

    script: Script
    record: CallRecord
    log: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @property
    def should(self) -> bool:
        """Whether a good adviser would hand over."""
        return bool(self.script.expect["handoff"])

    @property
    def did(self) -> bool:
        """Whether it was handed over."""
        return self.record.handoff is not None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The reasons that are right, ("none",) if there is to be no handoff."""
        reasons = self.script.expect.get("reason", NONE)
        return (reasons,) if isinstance(reasons, str) else tuple(reasons)

    @property
    def reason(self) -> str:
        """The reason of the handoff, "none" without one."""
        handoff = self.record.handoff
        return NONE if handoff is None else _REASON_OF.get(handoff.brief.reason, "?")

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with it, each in a few words."""
        if self.should != self.did:
            return ("handed over for nothing" if self.did else "not handed over",)
        if self.record.handoff is None:
            return ()
        found = [] if self.reason in self.wanted else [f"reason {self.reason}"]
        urgent = self.record.handoff.urgency == "urgent"
        if urgent != bool(self.script.expect.get("urgent", False)):
            found.append("urgent" if urgent else "not urgent")
        found += [f"brief lacks {what}" for what in self.lacks]
        return (*found, *(f"brief invents {what}" for what in self.outside))


def case_of(script: Script, record: CallRecord, log: Sequence[str] = ()) -> Case:
    """A script that was played, with its brief looked at."""
    if record.handoff is None:
        return Case(script, record, tuple(log))
    lacks = lacking(script, record) if script.expect["handoff"] else ()
    return Case(
        script, record, tuple(log), lacks, brief_facts_outside(record.handoff.brief, record)
    )


def run(settings: Settings, scripts: Sequence[Script]) -> list[Case]:
    """Play the scripts as text, with the demo client's manuals."""
    calls = play_all(settings, scripts)
    return [
        case_of(script, call.record, call.told.log)
        for script, call in zip(scripts, calls, strict=True)
    ]


def figures(cases: Sequence[Case]) -> dict[str, Any]:
    """The figures as JSON values: each share with how many of how many, and its bound.

    The bounds are Clopper–Pearson's, one-sided, 95 %.
    """
    both = [case for case in cases if case.should and case.did]
    briefs = [case for case in cases if case.did]
    reasons = [case for case in both if case.reason in case.wanted]
    urgent = [
        case
        for case in both
        if case.record.handoff is not None
        and (case.record.handoff.urgency == "urgent") == bool(case.script.expect.get("urgent"))
    ]
    return {
        "conversations": len(cases),
        "precision": _share(len(both), len(briefs)),
        "recall": _share(len(both), sum(case.should for case in cases)),
        "reason": _share(len(reasons), len(both)),
        "urgency": _share(len(urgent), len(both)),
        "whole briefs": _share(sum(not case.lacks for case in both), len(both)),
        "briefs without an invented fact": _share(
            sum(not case.outside for case in briefs), len(briefs)
        ),
    }


def sections(cases: Sequence[Case], *, show: bool) -> list[tuple[str, str]]:
    """Headings and texts of the report; with `show`, each wrong call word for word."""
    wrong = [case for case in cases if case.faults]
    told = [("figures", _figures(cases)), ("reason: wanted, found", confusion(cases))]
    lines = [f"{case.script.theme}: {case.script.name}: {'; '.join(case.faults)}" for case in wrong]
    told.append((f"errors: {len(wrong)}", "\n".join(lines) or "none"))
    if show:
        told += [(case.script.name, _at_length(case)) for case in wrong]
    return told


def confusion(cases: Sequence[Case]) -> str:
    """A line for each pair of reasons, the wanted ones and the one found, wrong ones marked."""
    pairs = Counter((case.wanted, case.reason) for case in cases)
    return "\n".join(
        f"{' or '.join(wanted):20} {found:12} {count:4}{'' if found in wanted else '   wrong'}"
        for (wanted, found), count in sorted(pairs.items())
    )


def _figures(cases: Sequence[Case]) -> str:
    lines = []
    for name, share in figures(cases).items():
        if isinstance(share, int):
            lines.append(f"{name:32} {share}")
            continue
        lines.append(
            f"{name:32} {share['share']:.3f}  ({share['right']} of {share['of']}, "
            f"at least {share['at_least']:.3f})"
        )
    return "\n".join(lines)


def _share(right: int, of: int) -> dict[str, float]:
    return {
        "right": right,
        "of": of,
        "share": right / of if of else 0.0,
        "at_least": 1 - upper_bound(of - right, of),
    }


def _at_length(case: Case) -> str:
    handoff = case.record.handoff
    brief = [] if handoff is None else ["", brief_text(handoff.brief)]
    return "\n".join([*case.faults, "", *case.log, *brief])
