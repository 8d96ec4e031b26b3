"""Teaches the danger sense (knowledge/danger_sense.py) and says how well it tells danger.

Taught on evals/data/lessons_danger_*.jsonl (written for it) and on the ordinary questions of the
lessons; each threshold is the lowest at which few enough kept-out everyday ones are over it.
evals/data/dangers.jsonl and ordinary.jsonl are never learned from: other writers wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.models import path as model_path
from agent.settings import Settings
from evals.lessons import read_lessons
from evals.questions import DATA
from knowledge.danger_marks import PLACES, Marks, Weights, marks, score
from knowledge.danger_sense import KINDS, LEARNED, Layers, chances, save, softmax, together
from knowledge.embeddings import Embedder, Vectors, load_embedder
from knowledge.safety import danger_in

Floats = npt.NDArray[np.float64]

FALSE_ALARMS = 0.005
"""Share of the lessons' kept-out everyday questions that may be taken for danger."""

ASKED = 0.035
"""Share of the lessons' kept-out everyday questions after which a caller may be asked whether there
is danger (of the ordinary phrases that were written to resemble danger, several times as many)."""

ORDINARY = 9_000
"""Questions of the lessons that are taught as ordinary."""

EPOCHS, BATCH, RATE, PENALTY, DROPOUT = 30, 128, 0.003, 1e-4, 0.5
HIDDEN, NETS, FOLDS = 128, 3, 3
MARK_EPOCHS, MARK_RATE, MARK_PENALTY = 6, 0.5, 1e-6


@dataclass(frozen=True)
class Phrases:
    """Phrases with their vectors, float32 [n, dimensions], marks, and classes: 0 none, then the
    kinds."""

    vectors: Vectors
    marks: tuple[Marks, ...]
    classes: npt.NDArray[np.int64]


def read(file: Path) -> Iterator[tuple[str, int]]:
    """Texts and classes of a file of phrases; without a "danger" they are ordinary."""
    for line in file.read_text("utf-8").splitlines():
        entry = json.loads(line)
        kind = entry.get("danger", "none")
        yield str(entry["text"]), 0 if kind == "none" else 1 + KINDS.index(kind)


def lessons() -> list[tuple[str, int]]:
    """What is taught: the phrases written for it, and ordinary questions of the lessons."""
    written = [pair for file in sorted(DATA.glob("lessons_danger_*.jsonl")) for pair in read(file)]
    asked = [
        question.text
        for lesson in read_lessons()
        for question in lesson.questions
        if danger_in(question.text) is None  # a few callers of the lessons do tell a danger
    ]
    chance = np.random.default_rng(7)
    drawn = chance.permutation(len(asked))[:ORDINARY]
    return [*written, *((asked[int(place)], 0) for place in drawn)]


def embedded(settings: Settings, embedder: Embedder, pairs: list[tuple[str, int]]) -> Phrases:
    """Their vectors, made once and kept in the cache."""
    file = settings.home / "cache" / "lessons" / f"danger-{embedder.name}.npz"
    known: dict[str, Vectors] = {}
    if file.exists():
        with np.load(file) as stored:
            known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))
    missing = [text for text, _ in pairs if text not in known]
    for count, text in enumerate(missing, start=1):
        known[text] = embedder.query(text).vector
        if count % 500 == 0:
            print(f"  {count} of {len(missing)} phrases", flush=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, texts=np.array(list(known)), vectors=np.stack(list(known.values())))
    vectors = np.stack([known[text] for text, _ in pairs])
    marked = tuple(marks(text) for text, _ in pairs)
    return Phrases(vectors, marked, np.array([kind for _, kind in pairs]))


def learn(vectors: Vectors, classes: npt.NDArray[np.int64], seed: int) -> Layers:
    """One small network: maximum likelihood by Adam, with dropout, in batches of 128."""
    chance = np.random.default_rng(seed)
    size, kinds = vectors.shape[1], len(KINDS) + 1
    parts = [
        chance.normal(0, 1.5, (size, HIDDEN)), np.zeros(HIDDEN),
        chance.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, kinds)), np.zeros(kinds),
    ]  # fmt: skip
    layers = [part.astype(np.float32) for part in parts]
    first, second = ([np.zeros_like(part) for part in layers] for _ in range(2))
    wanted = np.eye(kinds, dtype=np.float32)[classes]
    at = 0
    for _ in range(EPOCHS):
        for rows in np.array_split(chance.permutation(len(classes)), len(classes) // BATCH):
            at += 1
            kept = (chance.random((len(rows), HIDDEN)) > DROPOUT).astype(np.float32) / (1 - DROPOUT)
            for place, slope in enumerate(_slopes(layers, vectors[rows], wanted[rows], kept)):
                first[place] = 0.9 * first[place] + 0.1 * slope
                second[place] = 0.999 * second[place] + 0.001 * slope * slope
                pace = np.sqrt(second[place] / (1 - 0.999**at)) + 1e-8
                layers[place] -= RATE * first[place] / (1 - 0.9**at) / pace
    return Layers(*layers)


def _slopes(
    layers: list[Vectors], vectors: Vectors, wanted: Vectors, kept: Vectors
) -> list[Vectors]:
    """Of the mean cross-entropy and the L2 penalty, by each layer's weights and bias."""
    before = vectors @ layers[0] + layers[1]
    hidden = np.maximum(before, 0) * kept
    error = (softmax(hidden @ layers[2] + layers[3]) - wanted) / len(vectors)
    back = (error @ layers[2].T) * kept * (before > 0)
    return [
        vectors.T @ back + PENALTY * layers[0], back.sum(axis=0),
        hidden.T @ error + PENALTY * layers[2], error.sum(axis=0),
    ]  # fmt: skip


def learn_marks(marked: Sequence[Marks], danger: npt.NDArray[np.bool_]) -> Weights:
    """A logistic regression over marks, one phrase at a time, by Adagrad (Duchi et al. 2011)."""
    chance = np.random.default_rng(0)
    places, seen = np.zeros(PLACES, np.float32), np.full(PLACES, 1e-2, np.float32)
    bias, bias_seen = 0.0, 1e-2
    for _ in range(MARK_EPOCHS):
        for row in chance.permutation(len(marked)):
            found = marked[row]
            odds = score(Weights(places, bias), found)
            error = 1 / (1 + np.exp(-odds)) - float(danger[row])
            slope = error / np.sqrt(max(found.size, 1)) + MARK_PENALTY * places[found]
            seen[found] += slope * slope
            places[found] -= MARK_RATE * slope / np.sqrt(seen[found])
            bias_seen += error * error
            bias -= MARK_RATE * error / np.sqrt(bias_seen)
    return Weights(places, float(bias))


def kept_out(phrases: Phrases) -> Vectors:
    """Probability of danger of each phrase by what has not seen it, [n]."""
    folds = np.random.default_rng(3).integers(0, FOLDS, len(phrases.classes))
    out = np.zeros(len(folds), np.float32)
    for fold in range(FOLDS):
        held = folds == fold
        nets = [learn(phrases.vectors[~held], phrases.classes[~held], seed) for seed in range(NETS)]
        rows = np.flatnonzero(~held)
        weights = learn_marks([phrases.marks[row] for row in rows], phrases.classes[rows] > 0)
        safe = chances(nets, phrases.vectors[held])[:, 0]
        out[held] = [
            together(float(none), score(weights, phrases.marks[row]))
            for none, row in zip(safe, np.flatnonzero(held), strict=True)
        ]
        print(f"  fold {fold + 1} of {FOLDS}", flush=True)
    return out


def teach(settings: Settings, *, write: bool) -> str:
    """Learn, choose the threshold, keep if asked; returns the figures as text."""
    embedder = load_embedder(settings.embedding, model_path(settings, settings.embedding))
    phrases = embedded(settings, embedder, lessons())
    danger = phrases.classes > 0
    held = kept_out(phrases)
    everyday, written = held[-ORDINARY:], len(held) - ORDINARY
    hard = held[:written][~danger[:written]]
    sure = float(np.quantile(everyday, 1 - FALSE_ALARMS))
    maybe = float(np.quantile(everyday, 1 - ASKED))
    nets = [learn(phrases.vectors, phrases.classes, seed) for seed in range(NETS)]
    if write:
        file = Path(__file__).parent.parent / "knowledge" / LEARNED
        weights = learn_marks(phrases.marks, danger)
        save(file, nets, weights, sure, maybe, embedder.name)
    told = "; ".join(
        f"{name}, from {threshold:.3f}: {(held[danger] >= threshold).mean():.3f} of the dangers, "
        f"{(hard >= threshold).mean():.3f} of the phrases that resemble them, "
        f"{(everyday >= threshold).mean():.4f} of everyday questions"
        for name, threshold in (("sure", sure), ("sure or asked", maybe))
    )
    return (
        f"{int(danger.sum())} phrases of danger, {int((~danger).sum())} ordinary ones; "
        f"kept out: {told}"
    )
