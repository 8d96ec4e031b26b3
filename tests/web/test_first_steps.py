"""The first steps, computed from how a line stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from agent.store.clients import Client
from agent.web.portal.welcome import Line, steps_of
from agent.web.portal.words import speaking

EMPTY = Line(
    Client("acme", "Acmé", datetime(2026, 11, 27, tzinfo=UTC)),
    greeting_heard=False, manuals=0, published_at=None, questions=0, told=0, operators=0,
    numbers=0, calls=0, unsettled=0, waiting=0, overdue=0,
)  # fmt: skip


def test_a_new_line_has_everything_to_do() -> None:
    """Each step with what is missing, and the page where it is done."""
    with speaking("fr"):
        steps = steps_of(EMPTY, admin=False)
    assert [(one.to, one.done) for one in steps] == [
        ("reglages/accueil", False), ("manuels", False), ("essayer", False),
        ("reglages/horaires", False), ("reglages/equipe", False), ("reglages/ligne", False),
    ]  # fmt: skip
    assert steps[1].now == "Sans manuel, l'assistant passe tous les appels à vos conseillers."
    assert steps[5].now == "Votre prestataire l'ajoute : donnez-lui le numéro."


def test_a_complete_line_has_nothing_left() -> None:
    """Whoever is told may be an operator or an address; in English too."""
    client = replace(EMPTY.client, hours="tous les jours 24h/24")
    line = replace(
        EMPTY, client=client, greeting_heard=True, manuals=2, questions=1, operators=1, numbers=1
    )
    with speaking("en"):
        steps = steps_of(line, admin=True)
    assert all(one.done for one in steps)
    assert [one.now for one in steps[1:3]] == ["2 manuals in service.", "1 test question kept."]
    assert steps[4].now == "0 addresses told and 1 adviser."
