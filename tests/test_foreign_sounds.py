"""Another language is known by its sound where a recogniser has written it as French."""

from __future__ import annotations

import pytest

from agent.call.foreign_sounds import language_heard


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ola, mille avadora no fonciona.", "es"),
        ("Abla usté espagnol, por favor ?", "es"),
        ("Maille ouachine machine, euh, douillou spique inegliche ?", "en"),
        ("La mia lavatritché none founetsiona.", "it"),
        ("Parla italiano, pronto ?", "it"),
        ("Chpréchen zi doïtche bitte.", "de"),
        ("Salame alaïcoum, el rassala ma tekdemche.", "ar"),
    ],
)
def test_heard(text: str, language: str) -> None:
    """First sentences, spelled as they sound to a French ear."""
    assert language_heard(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Oui.",
        "Mon lave-linge ne fonctionne plus.",
        "J'ai mis la machine en route et il ne se passe rien.",
        "Le frigo bipe quand la porte reste ouverte.",
        "C'est pour ma maman qui n'entend pas très bien.",
        "Combien consomme un lavage à quarante degrés ?",
        "La prise est mouillée, et la machine est branchée dessus.",
        "Je voudrais parler à quelqu'un qui habite en Espagne.",
    ],
)
def test_french(text: str) -> None:
    """What is near a foreign phrase by chance is French."""
    assert language_heard(text) is None
