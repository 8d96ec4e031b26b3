"""The agent's own sentences: complete, fillable, short, and as a person would say them."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from agent.call import dialogue
from agent.call.capture import FIELDS as CAPTURED
from agent.call.consent import refuses_recording
from agent.call.session import FILLERS
from knowledge.answer import Danger
from voices import prompts as package
from voices.french import sentences
from voices.prompts import fixed_sentences, greeting, prompt, prompts, which_appliance

FIELDS: dict[str, set[str]] = {
    "greeting": {"brand"},
    "greeting_notice": {"brand"},
    "recorded": {"brand"},
    "confirm": {"topic"},
    "confirm_other": {"topic"},
    "which_product": {"choices"},
    "wrong_number": {"brand"},
    "other_brand": {"brand"},
    **{f"{reason}_known": {"number"} for reason in
       ("unsure", "human", "unheard", "technical", "danger", "angry", "language",
        "service", "no_operator", "called_back", "returned")},
    "queued": {"before"},
    "still_queued": {"before"},
    **{f"capture_{field}_read_back": {"value"} for field in CAPTURED},
    "capture_so_far": {"value"},
    "reopening": {"when"},
}  # fmt: skip
"""What a call fills in; every other sentence is fixed."""

VALUES = {
    "brand": "Orvane",
    "topic": "nettoyer le filtre",
    "choices": "le lave-vaisselle ou le four",
    "number": "06 39 98 12 34",
    "before": "3",
    "value": "06 39 98 12 34",
    "when": "demain à 9 h",
}
GREETING_CHARACTERS = 108
"""Under six seconds of the French voice (104 took 5.7 s; 128, once thought to do, took 6.9 s)."""


def named_in(source: str) -> set[str]:
    """Names of sentences that a module says."""
    return set(re.findall(r"""\bprompt\(\s*["'](\w+)["']""", source))


@pytest.mark.parametrize("name", prompts())
def test_prompt_formats_with_its_fields_and_no_other(name: str) -> None:
    """The fields are those documented here; filled in, no brace and no double space is left."""
    fields = {field for _, field, _, _ in string.Formatter().parse(prompts()[name]) if field}
    assert fields == FIELDS.get(name, set())
    said = prompt(name, **{field: VALUES[field] for field in fields})
    assert "{" not in said
    assert "}" not in said
    assert said == " ".join(said.split())
    assert all(VALUES[field] in said for field in fields)


@pytest.mark.parametrize("name", prompts())
def test_prompt_is_spoken_french(name: str) -> None:
    """A whole sentence, no « veuillez », no « tapez 1 », no list, no abbreviation, no « tu »."""
    text = prompts()[name]
    assert re.match(r"[A-ZÀÉÊ]", text)
    assert text[-1] in ".?!"
    assert not re.search(r"veuillez|merci de patienter|restez en ligne", text, re.IGNORECASE)
    assert not re.search(r"\d", text)
    assert not re.search(r"\b(?:tapez|appuyez sur|faites le)\b(?! sur votre clavier)", text)
    assert not re.search(r"[;•*/\n]|\b(?:SAV|FAQ|IA|etc)\b", text)
    assert not re.search(r"\b(?:tu|ton|ta|tes|toi)\b", text)
    assert len(text) <= 220


def test_greeting_takes_six_seconds_at_most() -> None:
    """Who speaks, that it is a machine, that a person can be had; then the caller's turn."""
    said = prompt("greeting", brand="Orvane")
    assert len(said) <= GREETING_CHARACTERS
    assert "automatique" in said
    assert "conseiller" in said
    assert said.endswith("?")


def test_a_recorded_greeting_says_so_before_the_question() -> None:
    """Word for word the other one; in between who records, why, and how to refuse; six seconds."""
    plain = greeting("Orvane", recorded=False)
    first, last = plain.rsplit(". ", 1)
    said = greeting("Orvane", recorded=True)
    assert said.startswith(f"{first}. ")
    assert said.endswith(f". {last}")
    (notice,) = sentences(said.removeprefix(f"{first}. ").removesuffix(f" {last}"))
    assert "Orvane enregistre cet appel" in notice
    assert "Pour améliorer" in notice
    assert refuses_recording(notice.split("dites ")[1])
    assert len(notice) <= GREETING_CHARACTERS


def test_only_a_known_number_is_promised_a_call() -> None:
    """« Vous rappelle » is in the sentences that follow a durable ticket, and in no other."""
    promises = {name for name, text in prompts().items() if re.search(r"vous rappelle\b", text)}
    known = {name for name in prompts() if name.endswith("_known")}
    assert promises == known | {"already_noted", "also_noted", "number_saved"}


def test_fixed_sentences_are_rendered_once_and_need_nothing() -> None:
    """No brace, no double, no empty one; what the dialogue says most is among them."""
    fixed = fixed_sentences()
    assert len(fixed) == len(set(fixed)) >= 30
    assert not [text for text in fixed if re.search(r"[{}]", text) or not text.strip()]
    for name in ("helped", "step_hint", "listening", "not_heard", "anything_else", "goodbye"):
        assert set(sentences(prompt(name))) <= set(fixed)


def test_every_prompt_that_is_said_exists() -> None:
    """Names in the code, and those built of a reason, are in the table; none is left over."""
    files = [
        *Path(dialogue.__file__).parents[1].rglob("*.py"),
        Path(package.__file__),
    ]
    said = {name for file in files for name in named_in(file.read_text("utf-8"))}
    reasons = dialogue.HandoffReason.__args__  # type: ignore[attr-defined]
    said |= {f"{reason}_{end}" for reason in reasons for end in ("known", "unknown", "transfer")}
    said |= {
        f"{how}_{end}"
        for how in ("no_operator", "called_back", "returned")
        for end in ("known", "unknown")
    }
    said |= {
        "offer_angry",
        "offer_unheard",
        "ask_name",
        "ask_subject",
        "ask_appliance",
        *FILLERS,
    }
    said |= {"greeting", *(f"check_{kind}" for kind in get_args(Danger))}
    parts = ("ask", "read_back", "again_slowly", "gave_up")
    said |= {f"capture_{field}_{part}" for field in CAPTURED for part in parts}
    said |= {f"capture_{field}_keypad" for field in ("phone", "postcode")}
    said |= {"listening", "still_there", "still_here", "whenever_ready", "step_hint"}
    said |= {"step_hint_short", "fixed", "helped", "not_recorded"}
    assert said - prompts().keys() == set()
    assert prompts().keys() - said == set()


@pytest.mark.parametrize(
    ("choices", "asked"),
    [
        ((), "C'est pour quel appareil, s'il vous plaît ?"),
        (("le four",), "C'est pour quel appareil : le four ?"),
        (("le four", "la hotte"), "C'est pour quel appareil : le four ou la hotte ?"),
        (
            ("le four", "la hotte", "le lave-linge"),
            "C'est pour quel appareil : le four, la hotte ou le lave-linge ?",
        ),
    ],
)
def test_which_appliance(choices: tuple[str, ...], asked: str) -> None:
    """Named as they are said aloud; too many are not named at all."""
    assert which_appliance(choices) == asked


def test_unknown_prompt_and_missing_value() -> None:
    """A name or a field that is not there is a KeyError, never a sentence with a hole."""
    with pytest.raises(KeyError):
        prompt("bonjour")
    with pytest.raises(KeyError):
        prompt("greeting")


def test_table_holds_strings_only() -> None:
    """Every entry of the file is one sentence or more, under a plain name."""
    table = tomllib.loads((Path(package.__file__).parent / "fr.toml").read_text("utf-8"))
    assert all(isinstance(value, str) and name.isidentifier() for name, value in table.items())
