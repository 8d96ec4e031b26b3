"""The measure of handoffs: it finds what a brief lacks and what it invents, and counts right."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.call.record import Brief, CallRecord, Handoff, Sourced, TriedStep, Turn, Urgency
from agent.handoff.brief import REASONS
from agent.settings import Settings
from evals import cli_handoffs, handoffs
from evals.brief_facts import brief_facts_outside
from evals.dialogues import chosen
from evals.scripts import Script
from evals.whole_briefs import lacking
from knowledge.answer import Evidence
from voices.prompts import prompt

E20 = Evidence("lave-linge-lv450.pdf", 14, "p1", "Redressez le tuyau (60 à 100 cm). Relancez.")
PAGE = "lave-linge-lv450.pdf, page 14"
TURNS = [
    Turn("", "Bonjour."),
    Turn("mon lave-linge L V quatre cent cinquante affiche E vingt",
         f"Redressez le tuyau (60 à 100 cm). {prompt('step_hint')}", "answer", evidence=(E20,)),
    Turn("c'est fait", "Est-ce que cela règle le problème ?", "answer"),
    Turn("non, passez-moi quelqu'un", "À quel numéro peut-il vous rappeler ?", "handoff"),
    Turn("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre, Martin",
         "J'ai compris le 06 39 98 12 34. C'est bien ça ?", "handoff"),
]  # fmt: skip
BRIEF = Brief(
    line="lave-linge LV450 — « mon lave-linge affiche E vingt » — une étape essayée.",
    caller_number="0639981234",
    product="lave-linge LV450",
    question="mon lave-linge L V quatre cent cinquante affiche E vingt",
    reason=REASONS["human"],
    tried=("Redressez le tuyau (60 à 100 cm).",),
    pages=(PAGE,),
    details={"name": "Martin"},
    problem="mon lave-linge L V quatre cent cinquante affiche E vingt",
    reference="LV450",
    said=(Sourced("Redressez le tuyau (60 à 100 cm).", PAGE),),
    steps=(TriedStep("Redressez le tuyau (60 à 100 cm).", "done", PAGE),),
    next_step=Sourced("Relancez.", PAGE),
)


def record(brief: Brief | None = BRIEF, urgency: Urgency = "normal") -> CallRecord:
    """The call above, with this brief."""
    handed = None if brief is None else Handoff("T-1", urgency, brief)
    return CallRecord(
        "c", "orvane", datetime(2026, 11, 27, tzinfo=UTC), turns=TURNS, handoff=handed
    )


def script(**expect: Any) -> Script:
    """One that expects this."""
    return Script("essai", "essais", ("Allô",), (), {"handoff": True, "reason": "human"} | expect)


def test_a_brief_that_holds_what_was_said_is_clean() -> None:
    """Words, numbers, reference, page, result and what is next."""
    assert brief_facts_outside(BRIEF, record()) == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"caller_number": "0639985561"}, "number"),
        ({"product": "four FR610"}, "product"),
        ({"product": "lave-linge LV900"}, "reference"),
        ({"reference": "LV900"}, "reference"),
        ({"question": "mon lave-linge affiche E vingt-quatre"}, "words of the caller"),
        ({"problem": "mon lave-linge fuit"}, "words of the caller"),
        ({"earlier": ("et le four ?",)}, "words of the caller"),
        ({"details": {"name": "Durand"}}, "name"),
        ({"details": {"subject": "une facture"}}, "words of the caller"),
        ({"details": {"also": "quelqu'un — une facture"}}, "words of the caller"),
        ({"tried": ("Nettoyez le filtre.",)}, "words of the agent"),
        ({"said": (Sourced("Nettoyez le filtre.", PAGE),)}, "words of the agent"),
        ({"steps": (TriedStep("Dévissez.", "done", PAGE),)}, "words of the agent"),
        ({"steps": (TriedStep("À quel numéro peut-il vous rappeler ?", "done"),)}, ""),
        ({"steps": (TriedStep("C'est bien ça ?", "done"),)}, "result of a step"),
        ({"next_step": Sourced("Détartrez.", PAGE)}, "next step"),
        ({"next_step": Sourced("Relancez.", "lave-linge-lv450.pdf, page 15")}, "page"),
        ({"pages": ("four-fr610.pdf, page 14",)}, "page"),
        ({"line": "27 appels"}, "figures"),
    ],
)
def test_what_a_brief_invents_is_found(changes: dict[str, Any], found: str) -> None:
    """One fact at a time; with "" it is none."""
    outside = brief_facts_outside(replace(BRIEF, **changes), record())
    assert any(one.startswith(found) for one in outside) if found else outside == ()


@pytest.mark.parametrize(
    ("changes", "expect", "lacks"),
    [
        ({}, {"matter": "e vingt"}, ()),
        ({"product": None}, {}, ("product",)),
        ({"product": None, "details": {"appliance": "le lave-linge"}}, {}, ()),
        ({"product": "four FR610"}, {}, ("product",)),
        ({"question": "quelqu'un"}, {"matter": "e vingt"}, ("problem",)),
        ({"question": "quelqu'un", "details": {"subject": "E vingt"}}, {"matter": "e vingt"}, ()),
        ({"steps": ()}, {}, ("steps",)),
        ({"reason": ""}, {}, ("reason",)),
        ({}, {"earlier": "four"}, ("earlier",)),
        ({"earlier": ("le four",)}, {"earlier": "four"}, ()),
        ({}, {"also": "wifi"}, ("also",)),
        ({}, {"mood": "upset"}, ("mood",)),
        ({}, {"last_step": "no_help"}, ("last step",)),
        ({}, {"last_step": "done"}, ()),
        ({"danger": "gas"}, {}, ("danger",)),
    ],
)
def test_what_a_brief_lacks_is_found(
    changes: dict[str, Any], expect: dict[str, Any], lacks: tuple[str, ...]
) -> None:
    """By what was heard and said, and by what the script expects."""
    assert lacking(script(**expect), record(replace(BRIEF, **changes))) == lacks


def test_figures_and_errors() -> None:
    """Of five calls, one handed over for nothing, one not, one for another reason, one lacking."""
    cases = [
        handoffs.case_of(script(), record()),
        handoffs.case_of(Script("b", "t", (), (), {"handoff": False}), record()),
        handoffs.case_of(script(), record(None)),
        handoffs.case_of(script(reason=["angry", "unsure"]), record(urgency="urgent")),
        handoffs.case_of(script(mood="upset"), record()),
    ]
    found = handoffs.figures(cases)
    assert {name: (one["right"], one["of"]) for name, one in found.items() if name[0] != "c"} == {
        "precision": (3, 4),
        "recall": (3, 4),
        "reason": (2, 3),
        "urgency": (2, 3),
        "whole briefs": (2, 3),
        "briefs without an invented fact": (4, 4),
    }
    assert found["precision"]["at_least"] == pytest.approx(0.2486, abs=1e-4)
    assert [case.faults for case in cases] == [
        (),
        ("handed over for nothing",),
        ("not handed over",),
        ("reason human", "urgent"),
        ("brief lacks mood",),
    ]
    assert handoffs.confusion(cases).splitlines() == [
        "angry or unsure      human           1   wrong",
        "human                human           2",
        "human                none            1   wrong",
        "none                 human           1   wrong",
    ]


@pytest.mark.parametrize("theme", ["apres_essais", "danger_en_route", "deux_problemes",
                                   "hors_horaires", "codes"])  # fmt: skip
def test_no_brief_of_these_conversations_holds_a_foreign_fact(
    theme: str, settings: Settings
) -> None:
    """The real dialogue and manuals; a brief without a fact that its call does not hold."""
    cases = handoffs.run(settings, chosen(theme))
    assert sum(case.did for case in cases) >= 3
    assert [(case.script.name, case.outside) for case in cases if case.outside] == []


def test_the_command_writes_its_figures(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a page and as JSON."""
    monkeypatch.setattr("agent.settings.load_settings", lambda: settings)
    page, figures = tmp_path / "handoffs.html", tmp_path / "handoffs.json"
    told = CliRunner().invoke(
        cli_handoffs.handoffs,
        ["handoffs", "--only", "langues", "--html", str(page), "--json", str(figures)],
    )
    assert told.exit_code == 0, told.output
    assert "recall" in told.output
    assert "precision" in page.read_text("utf-8")
    assert json.loads(figures.read_text("utf-8"))["recall"]["right"] == 3
