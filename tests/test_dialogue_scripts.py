"""The scripted calls of evals/data/dialogues: their format, not what the agent makes of them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from agent.call.record import StepResult
from evals.questions import DATA
from knowledge.safety import fold
from knowledge.spoken import digits_said
from voices.prompts import prompts

FILES = sorted((DATA / "dialogues").glob("*.toml"))
KEYS = {"name", "caller_number", "closed", "lines", "replies", "expect"}
EXPECTED = {
    "outcome", "reason", "urgent", "said", "never", "ended_by", "number", "name", "product",
    "handoff", "matter", "earlier", "also", "mood", "last_step",
}  # fmt: skip
OUTCOMES = {"answered", "handoff", "abandoned"}
REASONS = {
    "unsure", "human", "unheard", "technical", "danger", "angry", "language", "service",
}  # fmt: skip
OF_A_BRIEF = {"matter", "earlier", "also", "mood", "last_step"}
SPECIAL = re.compile(r"<(?:silence|key [0-9*#]|keys \d+|noise|music|hangup)>")
FRENCH_NUMBER = re.compile(r"0[1-9]\d{8}")
FICTION = ("063998", "019900", "026191", "035301", "046571", "053649")


def _read(file: Path) -> list[dict[str, Any]]:
    table = tomllib.loads(file.read_text("utf-8"))
    assert set(table) == {"conversation"}, file.name
    return list(table["conversation"])


SCRIPTS = [script for file in FILES for script in _read(file)]
every_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script["name"])


def _texts(script: dict[str, Any]) -> list[str]:
    """All that the caller may say."""
    return [*script["lines"], *(t for texts in script.get("replies", {}).values() for t in texts)]


def _outcomes(script: dict[str, Any]) -> set[str]:
    outcome = script["expect"]["outcome"]
    return {outcome} if isinstance(outcome, str) else set(outcome)


def _reasons(script: dict[str, Any]) -> set[str]:
    reason = script["expect"].get("reason", [])
    return {reason} if isinstance(reason, str) else set(reason)


def test_how_many() -> None:
    """Every file is read, names are unique, and few calls have two good ends."""
    assert len(SCRIPTS) >= 70
    assert [name for name, n in Counter(s["name"] for s in SCRIPTS).items() if n > 1] == []
    assert sum(len(_outcomes(script)) > 1 for script in SCRIPTS) <= 10


@every_script
def test_format(script: dict[str, Any]) -> None:
    """Known keys, something to say, something to expect."""
    expect = script["expect"]
    assert set(script) <= KEYS
    assert set(expect) <= EXPECTED
    assert _outcomes(script) <= OUTCOMES
    assert len(expect) >= 2
    assert script["lines"]
    assert all(texts for texts in script.get("replies", {}).values())
    for text in _texts(script):
        assert text.strip() == text != ""
        assert SPECIAL.fullmatch(text) or "<" not in text, text
    assert _reasons(script) <= REASONS
    assert expect.get("mood", "upset") in ("upset", "insulting")
    assert expect.get("last_step", "done") in get_args(StepResult)
    assert expect.get("ended_by", "agent") in ("agent", "caller")


@every_script
def test_a_ticket_is_expected_with_what_stands_on_it(script: dict[str, Any]) -> None:
    """Reason, number and name are a ticket's; urgent is a danger, and a danger is urgent."""
    expect = script["expect"]
    if {"urgent", "number", "name"} & set(expect):
        assert _outcomes(script) == {"handoff"}
    assert expect.get("urgent", False) == (_reasons(script) == {"danger"})
    if "urgent" in expect:
        assert expect["said"]
        assert expect["never"]


@every_script
def test_whether_it_is_handed_over(script: dict[str, Any]) -> None:
    """Each is labelled; where it is, with the reason and what it is about, unless none is told."""
    expect = script["expect"]
    assert expect["handoff"] in (True, False)
    assert ("handoff" in _outcomes(script)) or not expect["handoff"]
    assert ("reason" in expect) == expect["handoff"]
    if expect["handoff"]:
        assert "matter" in expect or expect["ended_by"] == "caller"
    else:
        assert not OF_A_BRIEF & set(expect)


@every_script
def test_regexes(script: dict[str, Any]) -> None:
    """They compile and are folded; no reply fits the greeting, which the first line answers."""
    replies, expect = script.get("replies", {}), script["expect"]
    of_a_brief = [expect[key] for key in ("matter", "earlier", "also") if key in expect]
    for pattern in (*replies, *expect.get("said", ()), *expect.get("never", ()), *of_a_brief):
        re.compile(pattern)
        assert re.fullmatch(r"[a-z0-9 |().*?+,{}\\]+", pattern.replace(r"\S", "")), pattern
    greeting = fold(prompts()["greeting"])  # the demo client's calls are not recorded
    assert [p for p in replies if re.search(p, greeting)] == []


@every_script
def test_numbers(script: dict[str, Any]) -> None:
    """They are fictitious, and the one expected is the line's or one that the caller gives."""
    line, expected = script.get("caller_number"), script["expect"].get("number")
    texts = _texts(script)
    given = {re.sub(r"\D", "", t) if SPECIAL.fullmatch(t) else digits_said(t) for t in texts}
    known = {number for number in (*given, line) if number and FRENCH_NUMBER.fullmatch(number)}
    assert all(number.startswith(FICTION) for number in known)
    if expected is not None:
        assert expected in known
    if expected is not None and line is None:  # it is read back, and the caller says yes
        number = " ".join(re.findall(r"..", expected))
        read_back = fold(f"J'ai compris le {number}. C'est bien ça ?")
        replies = script["replies"].items()
        first = next(texts[0] for rule, texts in replies if re.search(rule, read_back))
        assert "oui" in fold(first)
