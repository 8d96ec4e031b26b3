"""A client's words are said as it wants, and kept as they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from agent.call.speaking import parts_of
from agent.call.voice import PiperPool
from agent.first_words import prepare_sentences
from agent.store.clients import Client
from tests.test_reply import Conversation
from voices.french import sentences
from voices.prompts import fixed_sentences, greeting
from voices.pronunciations import pronouncer

WORDS = {
    "Whirlpool": "ouirlpoule",
    "Orvane": "or vanne",
    "Orvane Pro": "or vanne professionnel",
    "Écoline": "éco line",
    "D'Lux": "di lux",
    "AEG": "a é gé",
    "W1": "double vé un",
    "C++": "cé plusse plusse",
}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Votre Whirlpool fuit.", "Votre ouirlpoule fuit."),
        ("WHIRLPOOL, whirlpool", "ouirlpoule, ouirlpoule"),
        ("Whirlpool", "ouirlpoule"),
        ("Ouvrez l'Orvane.", "Ouvrez l'or vanne."),
        ("Ouvrez l’Orvane.", "Ouvrez l’or vanne."),
        ("« Orvane »", "« or vanne »"),
        ("(Orvane)", "(or vanne)"),
        ("www.orvane.fr", "www.or vanne.fr"),
        ("L'Orvane Pro et l'Orvane", "L'or vanne professionnel et l'or vanne"),
        ("l'orvane  pro", "l'or vanne professionnel"),
        ("écoline ou ÉCOLINE", "éco line ou éco line"),
        (unicodedata.normalize("NFD", "Écoline"), "éco line"),
        ("le d'lux et le D’LUX", "le di lux et le di lux"),
        ("un lave-linge AEG", "un lave-linge a é gé"),
        ("le programme W1", "le programme double vé un"),
        ("du C++ partout", "du cé plusse plusse partout"),
    ],
)
def test_a_word_is_said_so(written: str, said: str) -> None:
    """Whatever its case and its apostrophe; the longest of two."""
    assert pronouncer(WORDS)(written) == said


@pytest.mark.parametrize(
    "text",
    ["Les Orvanes", "Orvané", unicodedata.normalize("NFC", "Orvané"), "Orvanette", "un Whirlpools",
     "la Whirlpool-Turbo", "Semi-Orvane", "W12", "XAEG", "Ecoline", "Orvan", "", "😀"],
)  # fmt: skip
def test_another_word_is_left_alone(text: str) -> None:
    """Plurals, compounds, other accents, longer references."""
    assert pronouncer(WORDS)(text) == text


def test_what_was_put_is_not_looked_at_again() -> None:
    """Two words that would become each other."""
    assert pronouncer({"Un": "deux", "Deux": "un"})("Un, deux.") == "deux, un."


def test_no_words_change_nothing() -> None:
    """Not even how a letter is composed."""
    text = unicodedata.normalize("NFD", "Écoline")
    assert pronouncer({})(text) == text


def test_words_are_put_before_figures_are_read() -> None:
    """A reference that would be spelled is said as the client wants, beside a number that is."""
    text = "Le LV4 lave en 20 min."
    assert sentences(text) == ["Le L V quatre lave en vingt minutes."]
    said = pronouncer({"LV4": "élvé-quatre"})(text)
    assert sentences(said) == ["Le élvé-quatre lave en vingt minutes."]


async def test_the_record_keeps_what_is_written() -> None:
    """The voice is given the spoken form; the turn and « répétez » keep the original."""
    with ThreadPoolExecutor(1) as blocking:
        conversation = Conversation(blocking)
        conversation._mouth._pronounce = pronouncer({"journée": "jour-née", "appel": "a pelle"})
        await conversation.hears("Merci, au revoir.")
        await conversation.deal()
    (frame,) = conversation.said
    assert frame.parts == ["Merci de votre a pelle.", "Bonne jour-née, et au revoir."]
    assert conversation._mouth._playback.waiting == frame.parts
    said = "Merci de votre appel. Bonne journée, et au revoir."
    assert conversation._pending.turn.said == conversation._state.said == said


class Prepared(PiperPool):
    """A voice that only remembers what it was to render."""

    native_rate_hz = 24_000

    def __init__(self) -> None:
        """Load nothing."""
        self.sentences: list[str] = []

    def prepare(self, sentences: Sequence[str], *rates_hz: int, pace: float = 1.0) -> None:
        """Remember."""
        self.sentences += sentences


@pytest.mark.parametrize("recorded", [True, False])
def test_what_is_rendered_beforehand_is_what_will_be_said(recorded: bool) -> None:
    """Each client's own greeting, and the sentences of all that hold a word of its list."""
    pronunciations = {"Whirlpool": "ouirlpoule", "notice": "no tisse"}
    whirlpool = Client("wh", "Whirlpool", datetime.now(UTC), recorded, pronunciations)
    orvane = Client("orvane", "Orvane", datetime.now(UTC))
    voice = Prepared()
    prepare_sentences(voice, (whirlpool, orvane))
    said = parts_of(pronouncer(pronunciations)(greeting("Whirlpool", recorded=recorded)))
    assert "ouirlpoule" in said[0]
    assert set(said) <= set(voice.sentences)
    assert set(parts_of(greeting("Orvane", recorded=False))) <= set(voice.sentences)
    assert not any("Whirlpool" in sentence for sentence in voice.sentences)
    assert {"Je regarde dans la notice.", "Je regarde dans la no tisse."} <= set(voice.sentences)
    assert set(fixed_sentences()) <= set(voice.sentences)
