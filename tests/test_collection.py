"""Search by meaning in flat files, against brute force: filters, places."""

from __future__ import annotations

import json

import numpy as np
import pytest

from knowledge.collection import Collection
from knowledge.embeddings import Vectors
from knowledge.passages import Passage, passage_as_json
from knowledge.products import Product
from knowledge.search_files import ROW
from knowledge.stored_sounds import StoredSounds
from knowledge.stored_words import StoredWords
from knowledge.versions import ManualEntry, write_meta

MANUALS = ("a.pdf", "b.pdf", "c.pdf")
VIEWS, DIMENSIONS = 2, 768
PASSAGES = 3_000


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Two views of each passage, around forty subjects, as real ones are."""
    random = np.random.default_rng(7)
    subjects = random.standard_normal((40, DIMENSIONS))
    noise = random.standard_normal((PASSAGES * VIEWS, DIMENSIONS))
    return _unit(subjects[random.integers(0, 40, len(noise))] + noise).astype(np.float32)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory, vectors: Vectors) -> Collection:
    """Three manuals, every tenth passage in German, every hundredth an error code."""
    folder = tmp_path_factory.mktemp("index") / "v1"
    (folder / "search").mkdir(parents=True)
    rows, lines = [], b""
    for i in range(PASSAGES):
        number = i * len(MANUALS) // PASSAGES
        passage = Passage(
            f"p{i}", MANUALS[number], 1, "de" if i % 10 == 0 else "fr", "text", "four FT200", "",
            "", f"texte {i}", code="E1" if i % 100 == 1 else "",
        )  # fmt: skip
        language, coded = passage.language.encode(), bool(passage.code)
        rows.append((f"p{i}".encode(), number, language, coded, len(lines), VIEWS * i, 0))
        lines += json.dumps(passage_as_json(passage)).encode() + b"\n"
    search = folder / "search"
    (search / "passages.jsonl").write_bytes(lines)
    (search / "tokens.bin").write_bytes(b"")
    np.save(search / "table.npy", np.array(rows, dtype=ROW))
    np.save(search / "vectors.npy", vectors)
    StoredWords.of(["texte"] * PASSAGES).save(search / "words")
    StoredSounds.of(["texte"] * PASSAGES).save(search / "sounds")
    oven = Product("four", ("FT200",))
    entries = [ManualEntry(name, "", 1, ("de", "fr"), oven, 1, f"part-{name}") for name in MANUALS]
    write_meta(folder, "embeddinggemma-sav", entries)
    return Collection(folder)


@pytest.mark.parametrize("language", ["fr", "de", "en"])
@pytest.mark.parametrize("manuals", [(), ("b.pdf",), ("a.pdf", "c.pdf"), MANUALS, ("x.pdf",)])
def test_nearest_is_what_brute_force_finds(
    collection: Collection, vectors: Vectors, language: str, manuals: tuple[str, ...]
) -> None:
    """The passages of the nearest views, each with its best cosine, of these manuals only."""
    allowed = [
        i
        for i, passage in enumerate(collection.passages)
        if passage.language == language and (not manuals or passage.manual in manuals)
    ]
    assert collection.places(language=language, manuals=manuals).tolist() == allowed
    for question in vectors[::1_500]:
        cosines = vectors @ question
        views = sorted((v for i in allowed for v in (2 * i, 2 * i + 1)), key=lambda v: -cosines[v])
        wanted: dict[str, float] = {}
        for view in views[:40]:
            wanted.setdefault(f"p{view // 2}", float(cosines[view]))
        found = collection.nearest(question, 20, language=language, manuals=manuals)
        assert list(found) == list(wanted)
        assert list(found.values()) == pytest.approx(list(wanted.values()), abs=1e-5)


def test_similarities_of_passages_found_otherwise(collection: Collection, vectors: Vectors) -> None:
    """The better of its two views."""
    question = vectors[11]
    found = collection.similarities(question, ["p5", "p0"])
    assert list(found) == ["p5", "p0"]
    assert found["p5"] == pytest.approx(1.0, abs=1e-5)
    assert found["p0"] == pytest.approx(float((vectors[:2] @ question).max()), abs=1e-5)
    assert collection.similarities(question, []) == {}


def test_passages_are_a_sequence(collection: Collection) -> None:
    """By place, from the end, by slice; the codes; one manual's."""
    assert len(collection.passages) == PASSAGES
    assert collection.passages[-1].text == f"texte {PASSAGES - 1}"
    assert [p.passage_id for p in collection.passages[3:5]] == ["p3", "p4"]
    with pytest.raises(IndexError):
        collection.passages[PASSAGES]
    assert [p.passage_id for p in collection.coded(language="fr")[:2]] == ["p1", "p101"]
    assert {p.manual for p in collection.of_manual("b.pdf")} == {"b.pdf"}
    assert collection.tokens("p3").shape == (0, 128)
