"""What is somebody's own is hidden; codes, references, dates and quantities stay."""

from __future__ import annotations

import io
import logging

import pytest

from agent.log import MaskingFormatter
from agent.privacy.masking import asked_by, masked, masked_number, masked_turns
from evals.masking import MaskingCase, read_cases

CASES = list(read_cases())
SECRETS = [case for case in CASES if case.secret]
HARMLESS = [case for case in CASES if case.kind == "stays"]


def test_set_is_large_enough() -> None:
    """At least 120 texts with a secret, at least 120 that resemble them."""
    assert len(SECRETS) >= 120
    assert len(HARMLESS) >= 120


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.text[:50])
def test_secret_is_hidden(case: MaskingCase) -> None:
    """Nothing of it can be read, and what stands around it can."""
    assert (case.left, case.lost) == ("", ""), case.shown


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.text[:50])
def test_harmless_stays(case: MaskingCase) -> None:
    """Codes, references, dates, quantities and service numbers are shown as they are."""
    assert case.shown == case.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mon numéro c'est le 06 39 98 12 34 merci", "mon numéro c'est le [téléphone] merci"),
        ("zéro six, trente-neuf, 98, douze, trente-quatre. Merci.", "[téléphone]. Merci."),
        ("je m'appelle Marie Durand", "je m'appelle [nom]"),
        ("marie.durand@example.com", "[e-mail]"),
        ("carte 4242 4242 4242 4242", "carte [carte]"),
        ("FR76 3000 6000 0112 3456 7890 189", "[IBAN]"),
    ],
)
def test_says_what_was_there(text: str, shown: str) -> None:
    """In its place stands what kind of thing it was."""
    assert masked(text) == shown


def test_known_names_are_hidden_wherever_they_stand() -> None:
    """The name of a ticket, in any case, with or without its accent; no part of another word."""
    assert masked("oui LÉROY c'est ça, leroyal", ["Leroy"]) == "oui [nom] c'est ça, leroyal"


def test_number_dictated_over_several_turns_is_hidden() -> None:
    """After the agent's question each part is one, though it is short."""
    turns = [
        ("un conseiller", "Bien sûr. À quel numéro un conseiller peut-il vous rappeler ?"),
        ("zéro six trente-neuf", "Oui, et la suite du numéro ?"),
        ("douze trente-quatre", "C'est noté, un conseiller vous rappelle."),
        ("quarante degrés, ça va ?", "Oui."),
    ]
    shown = [heard for heard, _ in masked_turns(turns)]
    assert shown == ["un conseiller", "[téléphone]", "[téléphone]", "quarante degrés, ça va ?"]


def test_name_alone_is_hidden_after_its_question() -> None:
    """« martin » is a word like any other until the agent has asked for a name."""
    assert asked_by("À quel nom dois-je noter votre demande ?") == "name"
    assert masked("martin", asked="name") == "[nom]"
    assert masked("Le Goff, G O F F, en deux mots", asked="name") == "Le [nom], [nom], en deux mots"
    assert masked("martin") == "martin"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+33639981234", "•• •• •• •• 34"),
        ("01 99 00 12 34", "•• •• •• •• 34"),
        (None, ""),
        ("", ""),
    ],
)
def test_number_shown_to_readers(number: str | None, shown: str) -> None:
    """Its last two figures tell one caller from another."""
    assert masked_number(number) == shown


def test_log_shows_no_number_in_message_argument_or_traceback() -> None:
    """Whatever a library logs, and an exception that repeats the value it stumbled over."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(name)s: %(message)s"))
    logger = logging.Logger("library")
    logger.addHandler(handler)
    logger.warning("refused %s of %s", "+33639981234", {"from": "0199001234"})
    try:
        raise KeyError("+33261911234")
    except KeyError:
        logger.exception("no such caller")
    told = stream.getvalue()
    assert "refused [téléphone] of {'from': '[téléphone]'}" in told
    assert "KeyError: '[téléphone]'" in told
    assert not any(figures in told for figures in ("639981234", "199001234", "261911234"))
