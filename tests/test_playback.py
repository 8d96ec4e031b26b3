"""What is left of something said is known to the sample."""

from __future__ import annotations

import numpy as np
import pytest

from agent.audio import Samples
from agent.call.playback import CHARACTERS_A_SECOND, STEP_BACK_S, Playback

RATE_HZ = 8_000


def tone(seconds: float, value: int) -> Samples:
    """Samples that can be told apart by their value."""
    return np.full(int(seconds * RATE_HZ), value, dtype=np.int16)


def begun(*sentences: str) -> Playback:
    """A playback with so many sentences waiting."""
    playback = Playback(RATE_HZ)
    playback.begin(list(sentences))
    return playback


def test_nothing_said_leaves_nothing() -> None:
    """A new call has nothing to take up again."""
    assert Playback(RATE_HZ).unheard_s() == 0
    assert Playback(RATE_HZ).rest() == ([], [])


def test_sentences_without_sound_are_estimated() -> None:
    """Thirty characters are two seconds."""
    assert begun("x" * int(2 * CHARACTERS_A_SECOND)).unheard_s() == pytest.approx(2.0)


def test_what_is_left_is_counted_in_samples() -> None:
    """Two sentences of one second each, half a second sent: one and a half are left."""
    playback = begun("Un.", "Deux.")
    playback.made("Un.", tone(1.0, 1))
    playback.made("Deux.", tone(1.0, 2))
    playback.heard(RATE_HZ // 2)
    assert playback.unheard_s() == pytest.approx(1.5)


def test_the_rest_begins_a_little_before_the_interruption() -> None:
    """Cut in the second sentence: its end and the sentence without sound are left."""
    playback = begun("Un.", "Deux.", "Trois.")
    playback.made("Un.", tone(1.0, 1))
    playback.made("Deux.", tone(1.0, 2))
    playback.heard(int(1.8 * RATE_HZ))
    (piece,), waiting = playback.rest()
    assert (piece[0], waiting) == ("Deux.", ["Trois."])
    assert piece[1].size == int((2.0 - 1.8 + STEP_BACK_S) * RATE_HZ)
    assert set(piece[1].tolist()) == {2}


def test_stepping_back_may_reach_into_the_sentence_before() -> None:
    """Cut just after a sentence began: the last word of the one before is heard again."""
    playback = begun("Un.", "Deux.")
    playback.made("Un.", tone(1.0, 1))
    playback.made("Deux.", tone(1.0, 2))
    playback.heard(int(1.1 * RATE_HZ))
    pieces, _ = playback.rest()
    assert [(text, samples.size) for text, samples in pieces] == [
        ("Un.", int((STEP_BACK_S - 0.1) * RATE_HZ)),
        ("Deux.", RATE_HZ),
    ]


def test_something_new_after_all_was_heard_starts_afresh() -> None:
    """What was heard whole is not taken up again."""
    playback = begun("Un.")
    playback.made("Un.", tone(1.0, 1))
    playback.heard(RATE_HZ)
    playback.begin(["Deux."])
    playback.made("Deux.", tone(1.0, 2))
    assert [text for text, _ in playback.rest()[0]] == ["Deux."]


def test_a_second_utterance_of_the_same_turn_waits_behind_the_first() -> None:
    """Whom to call, then what becomes of the request: both are left if neither was heard."""
    playback = begun("Sortez.")
    playback.begin(["On vous rappelle."])
    assert playback.rest() == ([], ["Sortez.", "On vous rappelle."])


def test_a_sentence_that_cannot_be_made_is_left_out() -> None:
    """It is not waited for, and not taken up again."""
    playback = begun("Un.", "Deux.")
    playback.failed()
    assert playback.rest() == ([], ["Deux."])


def test_a_filler_is_counted_though_nobody_waited_for_it() -> None:
    """Its samples go to the line before those of the sentence."""
    playback = begun("Un.")
    playback.added("Je regarde.", tone(0.5, 9))
    playback.made("Un.", tone(1.0, 1))
    playback.heard(RATE_HZ)
    assert playback.unheard_s() == pytest.approx(0.5)
    assert [text for text, _ in playback.rest()[0]] == ["Un."]


def test_what_was_cut_short_is_not_heard_again_with_something_new() -> None:
    """A new answer is talked over in its turn: only its own rest is left."""
    playback = begun("Quel appareil :", "le four ou la hotte ?")
    playback.made("Quel appareil :", tone(1.0, 1))
    playback.made("le four ou la hotte ?", tone(1.0, 2))
    playback.heard(int(1.2 * RATE_HZ))
    playback.cut_short()
    assert playback.unheard_s() == pytest.approx(0.8)  # it may yet be taken up
    playback.begin(["Trois.", "Quatre."])
    playback.made("Trois.", tone(1.0, 3))
    playback.heard(RATE_HZ // 2)
    playback.cut_short()
    pieces, waiting = playback.rest()
    assert ([sentence for sentence, _ in pieces], waiting) == (["Trois."], ["Quatre."])


def test_a_filler_and_the_answer_behind_it_are_one() -> None:
    """Nothing was cut: what is begun joins what is still being heard."""
    playback = begun("Je regarde dans la notice.")
    playback.made("Je regarde dans la notice.", tone(1.0, 1))
    playback.begin(["Trois."])
    assert playback.unheard_s() == pytest.approx(1.0 + 6 / CHARACTERS_A_SECOND)
