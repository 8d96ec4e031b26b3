"""Passwords that are none: a table, on the real list."""

from __future__ import annotations

import pytest

from agent.store.passwords import WeakPasswordError, checked, generated
from agent.store.weak_passwords import Weakness, weakness

ABOUT = ["marie.dupont@orvane.example", "Marie Dupont", "Orvane"]


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("court", "short"),
        ("onze signes", "short"),
        ("x1y2z3" * 34, "long"),
        ("motdepasse12", "common"),
        ("Mot de passe 2026 !", "common"),
        ("P@ssw0rd-2024!", "common"),
        ("azertyuiop123", "common"),
        ("azerty-azerty", "common"),
        ("qsdfghjklm12", "common"),
        ("Bienvenue2026!", "common"),
        ("Soleil-Marseille-13", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("987654321098", "common"),
        ("27/11/2026-27", "common"),
        ("ab1234567890", "common"),
        ("international", "common"),
        ("OrvaneOrvane2024", "personal"),
        ("Dupont-Marie-1978", "personal"),
        ("un-mot-de-passe-long", None),
        ("lave-linge à hublot", None),
        ("le chat dort sous l'évier", None),
        ("k7f2x9m3pqzz", None),
        ("8#4k%2!9^1&7", None),
        ("Orvane, mon chat dort mal", None),
        ("пароль моей бабушки", None),
    ],
)
def test_what_is_guessed_first_is_none(password: str, wrong: Weakness | None) -> None:
    """Listed ones and what is made of them, rows of keys, dates, names; not a sentence."""
    assert weakness(password, ABOUT) == wrong


def test_what_is_drawn_is_one() -> None:
    """Whatever its user is called."""
    for _ in range(200):
        assert checked(generated(), ABOUT)


def test_it_is_said_what_is_wrong() -> None:
    """And the password is not repeated."""
    with pytest.raises(WeakPasswordError, match="tried first; choose another") as refused:
        checked("motdepasse12")
    assert (refused.value.weakness, "motdepasse12" in str(refused.value)) == ("common", False)
