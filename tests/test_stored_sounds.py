"""The index by sound: what is heard finds its passage, before and after it is on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.phonetics import grams
from knowledge.stored_sounds import TERM_LETTERS, StoredSounds

TEXTS = [
    "Vidange impossible. Redressez le tuyau de vidange.",
    "Fermez le robinet d'arrivée d'eau.",
    "Nettoyez le hublot et son joint.",
    "",
    "Versez l'adoucissant dans le bac. Code E20, 3 fois.",
]
HEARD = ["la vie d'ange", "le hobinet", "le u blot", "à doux six ans", "bonjour", ""]


@pytest.fixture(scope="module")
def made() -> StoredSounds:
    """The index in memory."""
    return StoredSounds.of(TEXTS)


@pytest.fixture(scope="module")
def loaded(made: StoredSounds, tmp_path_factory: pytest.TempPathFactory) -> StoredSounds:
    """The same, from disk."""
    folder = tmp_path_factory.mktemp("search") / "sounds"
    made.save(folder)
    return StoredSounds.load(folder)


@pytest.mark.parametrize("heard", HEARD)
def test_same_answers_from_disk(made: StoredSounds, loaded: StoredSounds, heard: str) -> None:
    """Scores, reach and the ear."""
    pieces = grams(heard)
    assert loaded.scores(pieces).tolist() == made.scores(pieces).tolist()
    assert loaded.scores(pieces).dtype == np.float32
    assert loaded.reach(pieces) == made.reach(pieces)
    assert loaded.ear.mend(heard) == made.ear.mend(heard)


@pytest.mark.parametrize(
    ("heard", "place"),
    [("la vie d'ange", 0), ("le hobinet", 1), ("le u blot", 2), ("à doux six ans", 4)],
)
def test_what_sounds_alike_scores_best(loaded: StoredSounds, heard: str, place: int) -> None:
    """None of these words stands in the text that is meant."""
    scores = loaded.scores(grams(heard))
    assert int(np.argmax(scores)) == place
    assert scores[place] > 0.0


def test_terms_that_an_ear_may_find(loaded: StoredSounds) -> None:
    """Words of letters, long enough; the others are known, no more."""
    for word in ("bac", "e20", "eau", "fois", "vidange"):
        assert loaded.ear.knows(word)
    assert not loaded.ear.knows("moteur")
    assert loaded.ear.mend("le hublau") == "le hublot"
    assert len("bacc") < TERM_LETTERS
    assert loaded.ear.mend("le bacc") == "le bacc"  # « bac » is too short to be found by ear


def test_nothing_shared_scores_nothing(loaded: StoredSounds) -> None:
    """And no piece of phonemes at all, neither."""
    assert loaded.scores([]).tolist() == [0.0] * len(TEXTS)
    assert loaded.scores(["????"]).tolist() == [0.0] * len(TEXTS)
    assert loaded.reach([]) == loaded.reach(["????"]) == 0.0


@pytest.mark.parametrize("texts", [[], [""], ["", "!"]])
def test_manual_without_a_word(texts: list[str], tmp_path: Path) -> None:
    """It can be stored and read again."""
    StoredSounds.of(texts).save(tmp_path / "sounds")
    loaded = StoredSounds.load(tmp_path / "sounds")
    assert loaded.scores(grams("la vidange")).tolist() == [0.0] * len(texts)
    assert loaded.ear.mend("la vie d'ange") == "la vie d'ange"


def test_damaged_list_of_terms_is_refused(made: StoredSounds, tmp_path: Path) -> None:
    """A line without its sound, or no list: the index is made again."""
    made.save(tmp_path / "sounds")
    (tmp_path / "sounds" / "terms.tsv").write_text("vidange", "utf-8")
    with pytest.raises(ValueError, match="another list of terms"):
        StoredSounds.load(tmp_path / "sounds")
    (tmp_path / "sounds" / "terms.tsv").unlink()
    with pytest.raises(OSError, match=r"terms\.tsv"):
        StoredSounds.load(tmp_path / "sounds")
