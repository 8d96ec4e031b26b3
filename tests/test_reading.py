"""The reader: what answers scores above what is only near; with the real model and weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.embeddings import GemmaEmbedder
from knowledge.late import TOKEN_DIMENSIONS, TokenRows
from knowledge.reading import LONGEST, UNREAD, Reader, load_reader

FILTER = (
    "Entretien > Filtre de vidange",
    "Nettoyer le filtre. Débranchez l'appareil. Ouvrez la trappe en bas à droite, dévissez le "
    "filtre vers la gauche, retirez les objets et rincez-le sous l'eau.",
)
NOISE = (
    "Dépannage > Bruits",
    "Bruit pendant l'essorage. Causes : pieds mal réglés, linge mal réparti. Réglez les pieds, "
    "répartissez le linge.",
)
SALT = (
    "Caractéristiques",
    "Capacité du réservoir de sel : 1,5 kg. Consommation d'eau : 9,5 litres par cycle.",
)


def _rows(count: int, seed: int) -> TokenRows:
    drawn = np.random.default_rng(seed).standard_normal((count, TOKEN_DIMENSIONS))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return np.asarray(np.rint(drawn * 127), dtype=np.int8)


@pytest.fixture(scope="module")
def gemma(models_home: Path) -> GemmaEmbedder:
    """The embedding model."""
    return GemmaEmbedder(models_home / "models" / "embeddinggemma-sav")


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The reader that is shipped."""
    return load_reader()


@pytest.mark.parametrize(("asked", "printed"), [(0, 4), (4, 0), (0, 0)])
def test_nothing_to_read(reader: Reader, asked: int, printed: int) -> None:
    """A model without token rows, an empty passage: the lowest score, no error."""
    assert reader.score(_rows(asked, 1), _rows(printed, 2)) == UNREAD


def test_a_score_is_finite_and_repeatable(reader: Reader) -> None:
    """Whatever the rows."""
    one, other = _rows(7, 3), _rows(90, 4)
    first = reader.score(one, other)
    assert np.isfinite(first)
    assert reader.score(one, other) == first
    assert np.isfinite(reader.score(_rows(1, 5), np.zeros((1, TOKEN_DIMENSIONS), dtype=np.int8)))


def test_long_prose_is_read_from_its_start(reader: Reader) -> None:
    """What is behind `LONGEST` changes nothing."""
    asked, printed = _rows(6, 6), _rows(LONGEST + 40, 7)
    assert reader.score(asked, printed) == reader.score(asked, printed[:LONGEST])


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("y a plein de trucs coincés dans le machin en bas, comment je le sors pour le laver", 0),
        ("elle fait un bruit d'avion quand elle essore", 1),
        ("je mets combien de kilos de sel quand c'est tout vide", 2),
    ],
)
def test_what_answers_is_above(
    reader: Reader, gemma: GemmaEmbedder, question: str, answer: int
) -> None:
    """In a caller's words, not the manual's."""
    asked = gemma.query(question).tokens
    found = gemma.passages(
        [text for _, text in (FILTER, NOISE, SALT)], [head for head, _ in (FILTER, NOISE, SALT)]
    )
    scores = [reader.score(asked, passage.tokens) for passage in found]
    assert int(np.argmax(scores)) == answer


@pytest.mark.parametrize(
    ("answered", "near", "passage"),
    [
        ("comment je le nettoie ce filtre", "ça coûte combien un filtre neuf", FILTER),
        ("pourquoi elle tape quand elle essore", "pourquoi elle tape quand elle se remplit", NOISE),
        ("ça mange combien de flotte", "ça mange combien d'électricité", SALT),
    ],
)
def test_what_is_only_near_is_below(
    reader: Reader, gemma: GemmaEmbedder, answered: str, near: str, passage: tuple[str, str]
) -> None:
    """The same part, the same words, another thing asked."""
    printed = gemma.passages([passage[1]], [passage[0]])[0].tokens
    scores = [reader.score(gemma.query(text).tokens, printed) for text in (answered, near)]
    assert scores[0] > scores[1]
