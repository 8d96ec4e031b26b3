"""Retrieval at size: time, memory and recall with 10,000 or 100,000 passages of one client.

    python -m evals.scale /tmp/scale --passages 10000      20 manuals
    python -m evals.scale /tmp/scale --passages 100000     200 manuals

The texts are the sample manuals' own, recombined; the vectors are theirs with noise, so that no
hours of embedding are needed; the questions and their vectors are real. `--chroma` also puts all
vectors into one Chroma collection and compares its approximate search with the exact one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from agent.models import path as model_path
from agent.settings import load_settings
from evals.questions import DATA
from knowledge.collection import Collection
from knowledge.embeddings import Embedding, Vectors, load_embedder
from knowledge.evidence import calibration
from knowledge.ingest import ingest, publish_manuals
from knowledge.parts import View, open_chroma, write_part
from knowledge.passages import Passage
from knowledge.products import Product
from knowledge.question import understand
from knowledge.reading import load_reader
from knowledge.retrieve import Retriever
from knowledge.versions import ManualEntry, current_version, locked

SAMPLES = sorted((Path(__file__).parent.parent / "knowledge" / "samples").glob("*.pdf"))
MANUAL_PASSAGES = 500
"""Passages of a manual of 60 pages."""

NOISE = 0.6
"""Length of the noise added to a vector of length 1: cosine to the original 0.86."""

APPLIANCES = ("lave-linge", "lave-vaisselle", "four", "sèche-linge", "réfrigérateur")
DEPTH = 48
"""Neighbours of which recall is counted: what one search puts forward."""


def build(root: Path, count: int) -> Path:
    """A client's folder with that many passages in service; returns it."""
    settings = load_settings()
    embedder = load_embedder(settings.embedding, model_path(settings, settings.embedding))
    ingest(root / "samples", SAMPLES, embedder)
    sample = Collection(_version(root / "samples"))
    client = root / f"client-{count}"
    shutil.rmtree(client, ignore_errors=True)
    random = np.random.default_rng(count)
    manuals: list[ManualEntry] = []
    with locked(client):
        for number in range(-(-count // MANUAL_PASSAGES)):
            name = f"notice-{number}.pdf"
            product = Product(APPLIANCES[number % len(APPLIANCES)], (f"ZX{100 + number}",))
            passages = list(_recombined(sample, name, product, random))
            part = client / "index" / "parts" / f"part-{number}"
            write_part(part, passages, list(_views(sample, passages, random)))
            digest = sha256(name.encode()).hexdigest()
            manuals.append(
                ManualEntry(name, digest, 60, ("fr",), product, len(passages), part.name)
            )
            print(f"\rmanual {number + 1}", end="", file=sys.stderr, flush=True)
        started = time.perf_counter()
        publish_manuals(client, embedder.name, manuals, None, name="built")
    print(f"\nflat files made in {time.perf_counter() - started:.1f} s", file=sys.stderr)
    questions = [json.loads(line) for line in (DATA / "demo_questions.jsonl").open("rb")]
    texts = [str(question["question"]) for question in questions]
    (root / "questions.json").write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    made = [embedder.query(text) for text in texts]
    np.savez(
        root / "questions.npz",
        vectors=np.stack([one.vector for one in made]),
        tokens=np.concatenate([one.tokens for one in made]),
        counts=np.array([len(one.tokens) for one in made]),
    )
    return client


def measure(root: Path, count: int) -> dict[str, object]:
    """Open a client's index and search it; to be run in a process of its own."""
    texts: list[str] = json.loads((root / "questions.json").read_text("utf-8"))
    with np.load(root / "questions.npz") as stored:
        vectors: Vectors = stored["vectors"]
        tokens = np.split(stored["tokens"], np.cumsum(stored["counts"])[:-1])
    before_mb = _memory_mb()
    started = time.perf_counter()
    collection = Collection(_version(root / f"client-{count}"))
    opened = time.perf_counter()
    gate = calibration(collection.embedder)
    retriever = Retriever(collection, gate.rank, load_reader(), gate.read_weight)
    loaded = time.perf_counter()
    figures: dict[str, object] = {
        "passages": len(collection.passages),
        "open_collection_s": round(opened - started, 2),
        "load_total_s": round(loaded - started, 2),
    }
    for name, products in (("all", []), ("one product", [retriever.products[7]])):
        laps = []
        for text, vector, rows in zip(texts, vectors, tokens, strict=True):
            began = time.perf_counter()
            question = understand([(text, 1.0)], collection.sounds.ear)
            readings = [Embedding(vector, rows)] * len(question.readings)
            retriever.search(question, readings, products)
            laps.append(1000 * (time.perf_counter() - began))
        p50, p95 = np.percentile(laps, [50, 95])
        figures[f"search_ms, {name}"] = {
            "p50": round(p50, 1), "p95": round(p95, 1), "max": round(max(laps), 1)
        }  # fmt: skip
    figures["memory_mb"] = {key: round(_memory_mb()[key] - before_mb[key]) for key in before_mb}
    every, owner = _all_vectors(collection)
    french = {collection.passages[int(i)].passage_id for i in collection.places(language="fr")}
    every, owner = every[[o in french for o in owner]], [o for o in owner if o in french]
    found = []
    for vector in vectors:
        near = collection.nearest(vector, DEPTH // 2, language="fr")
        exact = {owner[row] for row in np.argsort(-(every @ vector), kind="stable")[:DEPTH]}
        found.append(len(exact & near.keys()) / len(exact))
    figures["recall_of_exact"] = round(float(np.mean(found)), 4)
    return figures


def measure_chroma(root: Path, count: int) -> dict[str, object]:
    """The same vectors in one Chroma collection: build time, query time, recall."""
    with np.load(root / "questions.npz") as stored:
        vectors: Vectors = stored["vectors"]
    every, owner = _all_vectors(Collection(_version(root / f"client-{count}")))
    folder = root / f"chroma-{count}"
    shutil.rmtree(folder, ignore_errors=True)
    chroma = open_chroma(folder)
    started = time.perf_counter()
    made = chroma.create_collection(
        "passages", metadata={"hnsw:space": "cosine"}, embedding_function=None
    )
    for at in range(0, len(every), 1_000):
        ids = [str(row) for row in range(at, min(at + 1_000, len(every)))]
        made.add(
            ids=ids, embeddings=every[at : at + 1_000], metadatas=[{"language": "fr"}] * len(ids)
        )
    figures: dict[str, object] = {"build_s": round(time.perf_counter() - started, 1)}
    for name, where in (("no filter", None), ("language", {"language": "fr"})):
        laps, found = [], []
        for vector in vectors:
            began = time.perf_counter()
            got = made.query(query_embeddings=vector.reshape(1, -1), n_results=DEPTH, where=where)
            laps.append(1000 * (time.perf_counter() - began))
            near = {owner[int(row)] for row in got["ids"][0]}
            exact = {owner[row] for row in np.argsort(-(every @ vector), kind="stable")[:DEPTH]}
            found.append(len(exact & near) / len(exact))
        figures[name] = {
            "p50_ms": round(float(np.median(laps)), 1),
            "p95_ms": round(float(np.percentile(laps, 95)), 1),
            "recall": round(float(np.mean(found)), 4),
        }
    chroma.close()
    return figures


def _recombined(
    sample: Collection, manual: str, product: Product, random: np.random.Generator
) -> Iterator[Passage]:
    """A manual's passages: each a sample's, with the end of another one, in random order."""
    total = len(sample.passages)
    for number in range(MANUAL_PASSAGES):
        first, second = (sample.passages[int(i)] for i in random.integers(0, total, 2))
        text = f"{first.text} {second.text.split('. ')[-1]}"
        identifier = sha256(f"{manual}{number}".encode()).hexdigest()[:16]
        yield replace(
            first, passage_id=identifier, manual=manual, product=product.name, text=text,
            page=1 + number // 9, code=f"E{random.integers(10, 99)}" if first.code else "",
        )  # fmt: skip


def _views(
    sample: Collection, passages: list[Passage], random: np.random.Generator
) -> Iterator[View]:
    every, _ = _all_vectors(sample)
    noise = NOISE / np.sqrt(every.shape[1])
    for passage in passages:
        for name in ("whole", "subject"):
            near = every[random.integers(len(every))]
            vector = near + noise * random.standard_normal(len(near))
            unit = (vector / np.linalg.norm(vector)).astype(np.float32)
            yield View(passage.passage_id, name, unit)


def _all_vectors(collection: Collection) -> tuple[Vectors, list[str]]:
    """All vectors of an index and the passage of each."""
    vectors: Vectors = np.load(collection.folder / "search" / "vectors.npy", mmap_mode="r")
    table = np.load(collection.folder / "search" / "table.npy")
    counts = np.diff(np.append(table["view"], len(vectors)))
    return np.asarray(vectors), np.repeat(table["id"].astype(str), counts).tolist()


def _version(client: Path) -> Path:
    folder = current_version(client)
    assert folder is not None
    return folder


def _memory_mb() -> dict[str, float]:
    """Memory of this process: its own, and mapped files, which processes share and may drop."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    found = {line.split(":")[0]: float(line.split()[1]) / 1024 for line in lines if "kB" in line}
    return {"own": found["RssAnon"], "mapped files": found["RssFile"]}


def main() -> None:
    """Build if need be, then measure in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the index is built, and kept")
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--chroma", action="store_true", help="compare with one Chroma collection")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measured = (measure_chroma if args.chroma else measure)(args.folder, args.passages)
        print(json.dumps(measured, indent=1))
        return
    if current_version(args.folder / f"client-{args.passages}") is None:
        build(args.folder, args.passages)
    command = [sys.executable, "-m", "evals.scale", str(args.folder), "--measure"]
    command += ["--passages", str(args.passages)]
    subprocess.run(command, check=True)
    if args.chroma:
        subprocess.run([*command, "--chroma"], check=True)


if __name__ == "__main__":
    main()
