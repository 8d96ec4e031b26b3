"""The stored word index answers as the one in memory does, before and after it is on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.lexical import WordIndex
from knowledge.postings import Postings
from knowledge.stored_words import StoredWords

TEXTS = [
    "Nettoyer le filtre de la pompe. Dévissez le filtre et rincez-le.",
    "E20. Vidange impossible. Tuyau plié. Redressez le tuyau.",
    "Le programme rapide consomme six litres d'eau.",
    "",
    "Le filtre à peluches du sèche-linge se vide après chaque programme.",
]
QUESTIONS = [
    "comment nettoyer le filtre", "filtre filtre du programme", "mon zorglub ne vidange plus",
    "le la les", "",
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_same_answers(question: str, tmp_path: Path) -> None:
    """Scores, coverage of each passage, and what stands nowhere in the manuals."""
    built = WordIndex(TEXTS)
    StoredWords.of(TEXTS).save(tmp_path / "words")
    stored = StoredWords.load(tmp_path / "words")
    assert stored.scores(question).tolist() == built.scores(question).tolist()
    assert stored.scores(question).dtype == np.float32
    for place in range(len(TEXTS)):
        assert stored.coverage(question, place) == pytest.approx(built.coverage(question, place))
    assert stored.unknown_share(question) == built.unknown_share(question)
    assert stored.stems(question) == built.stems(question)
    for word in question.split():
        assert stored.knows(word) == built.knows(word)


@pytest.mark.parametrize(
    ("words", "places"),
    [("le filtre", [0, 4]), ("filtre de la pompe", [0]), ("filtre zorglub", []), ("le la", [])],
)
def test_passages_that_hold_all_words(words: str, places: list[int]) -> None:
    """Each content word, whatever its ending; small words alone are held by none."""
    assert StoredWords.of(TEXTS).holding(words).tolist() == places


@pytest.mark.parametrize("texts", [[], [""], ["le la", ""]])
def test_no_word_at_all(texts: list[str], tmp_path: Path) -> None:
    """An index without a term can be saved, and scores nothing."""
    StoredWords.of(texts).save(tmp_path / "words")
    stored = StoredWords.load(tmp_path / "words")
    assert stored.scores("filtre").tolist() == [0.0] * len(texts)
    assert not stored.knows("filtre")


def test_index_of_other_stop_words_or_cut_short_is_refused(tmp_path: Path) -> None:
    """So that it is made again."""
    StoredWords.of(TEXTS).save(tmp_path / "words")
    (tmp_path / "words" / "made-with.txt").write_text("others", "utf-8")
    with pytest.raises(ValueError, match="another list of words"):
        StoredWords.load(tmp_path / "words")
    (tmp_path / "words" / "terms.txt").write_text("un", "utf-8")
    with pytest.raises(ValueError, match="1 terms"):
        Postings.load(tmp_path / "words")
