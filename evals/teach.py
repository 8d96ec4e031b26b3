"""Teaches the reader on the lessons: `permanence eval teach`.

The lessons' texts are encoded by EmbeddingGemma (kept between runs; some 12 minutes at first on two
cores), then a throw-away environment with torch teaches (some 10 minutes a pass). The result is
knowledge/reader.npz; indexes made before keep other rows and must be made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.models import path as model_path
from agent.settings import Settings
from evals.lessons import Lesson, counted, read_lessons
from knowledge.embeddings import GemmaEmbedder
from knowledge.reading import Reader, Weights

Rows = npt.NDArray[np.float32]

TORCH = ("torch==2.13.0", "numpy>=2")
READER = Path(__file__).parent.parent / "knowledge" / "reader.npz"
SCRIPT = Path(__file__).parent / "train_reader.py"
WIDE = 256
"""Principal components of a token's state that are kept to learn from: 79 % of the variance."""

TOLERANCE = 0.05
"""Of a logit: the arrays are kept as float16."""

SAMPLE = 64
"""Lessons from whose tokens the components are taken."""

Key = tuple[str, str, str]
"""A text: "passage", context and words, or "question", words and nothing."""


def run(settings: Settings, *, passes: int, seed: int, write: bool) -> None:
    """Encode the lessons, teach, and put the reader in place if asked.

    Raises:
        subprocess.CalledProcessError: The environment could not be made, or teaching failed.
    """
    lessons = read_lessons()
    print(counted(lessons))
    place = settings.home / "cache" / "lessons"
    place.mkdir(parents=True, exist_ok=True)
    store = Encoded(place / f"{settings.embedding}.npz")
    store.encode(lessons, GemmaEmbedder(model_path(settings, settings.embedding)))
    with tempfile.TemporaryDirectory(dir=place) as name:
        work = Path(name)
        store.write_lessons(lessons, work / "lessons.npz")
        python = _torch(place / "venv")
        command = [python, "-P", str(SCRIPT), "--lessons", str(work / "lessons.npz")]
        command += ["--out", str(work / "reader.npz"), "--passes", str(passes)]
        subprocess.run([*command, "--seed", str(seed)], check=True)
        check(work / "reader.npz", work / "reader.npz.examples.npz")
        if write:
            shutil.copyfile(work / "reader.npz", READER)
            print(f"written: {READER}; run `permanence eval calibrate --write` next")


def check(reader: Path, examples: Path) -> None:
    """Compare what the service computes with what torch computed.

    Raises:
        ValueError: They differ by more than float16 explains.
    """
    with np.load(reader) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    ours = Reader(Weights(arrays))
    with np.load(examples) as pairs:
        count = sum(name.startswith("logit") for name in pairs.files)
        for number in range(count):
            asked = pairs[f"asked{number}"].astype(np.int8)
            printed = pairs[f"printed{number}"].astype(np.int8)
            logit = float(pairs[f"logit{number}"][0])
            found = ours.score(asked, printed)
            if abs(found - logit) > TOLERANCE:
                raise ValueError(f"the reader gives {found:.4f} where torch gave {logit:.4f}")
    print(f"the reader computes what torch computed, on {count} pairs")


def _torch(venv: Path) -> str:
    python = venv / "bin" / "python"
    if not python.exists():
        print("making an environment with torch (once)…", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *TORCH], check=True)
    return str(python)


class Encoded:
    """The token rows of texts, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows: dict[str, npt.NDArray[np.float16]] = {}
        self._basis = np.zeros((0, WIDE), dtype=np.float32)
        self._centre = np.zeros(0, dtype=np.float32)
        if file.exists():
            with np.load(file) as stored:
                rows, starts = stored["rows"], stored["starts"]
                self._basis, self._centre = stored["basis"], stored["centre"]
                for number, key in enumerate(stored["keys"]):
                    self._rows[str(key)] = rows[starts[number] : starts[number + 1]]

    def encode(self, lessons: Sequence[Lesson], embedder: GemmaEmbedder) -> None:
        """Encode the texts that are not known yet."""
        if not len(self._basis):
            self._learn_basis(lessons[:SAMPLE], embedder)
        texts = list(dict.fromkeys(text for lesson in lessons for text in texts_of(lesson)))
        fresh = [text for text in texts if _digest(text) not in self._rows]
        for number, text in enumerate(fresh):
            rows = (states_of(text, embedder) - self._centre) @ self._basis
            self._rows[_digest(text)] = rows.astype(np.float16)
            if number % 1000 == 999:
                print(f"  encoded {number + 1} of {len(fresh)}", flush=True)
        if fresh:
            self.save()

    def _learn_basis(self, lessons: Sequence[Lesson], embedder: GemmaEmbedder) -> None:
        drawn = np.random.default_rng(0)
        sample = []
        for lesson in lessons:
            for text in texts_of(lesson):
                states = states_of(text, embedder)
                count = min(len(states), 6 if text[0] == "passage" else 3)
                sample.append(states[drawn.integers(0, len(states), count)])
        seen = np.concatenate(sample)
        self._centre = seen.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov((seen - self._centre).T))
        self._basis = vectors[:, np.argsort(-values)[:WIDE]].astype(np.float32)

    def save(self) -> None:
        """Write all rows and the basis."""
        keys = list(self._rows)
        starts = np.cumsum([0, *(len(self._rows[key]) for key in keys)])
        rows = np.concatenate([self._rows[key] for key in keys])
        np.savez(
            self._file, rows=rows, starts=starts, keys=np.array(keys), basis=self._basis,
            centre=self._centre,
        )  # fmt: skip

    def write_lessons(self, lessons: Sequence[Lesson], file: Path) -> None:
        """Write what train_reader.py reads."""
        parts: list[npt.NDArray[np.float16]] = []
        place: dict[str, int] = {}
        asked = []

        def number_of(text: Key) -> int:
            key = _digest(text)
            if key not in place:
                place[key] = len(parts)
                parts.append(self._rows[key])
            return place[key]

        for lesson in lessons:
            numbers = [number_of(("passage", *passage)) for passage in lesson.passages]
            means = np.array([_unit(parts[n].astype(np.float32).mean(axis=0)) for n in numbers])
            for question in lesson.questions:
                text = number_of(("question", question.text, ""))
                mine = _unit(parts[text].astype(np.float32).mean(axis=0))
                order = np.argsort(-(means @ mine), kind="stable")
                asked.append(
                    json.dumps(
                        {
                            "lesson": lesson.name, "text": text,
                            "passages": [numbers[i] for i in order],
                            "answers": [numbers[i] for i in question.answers],
                            "near": None if question.near is None else numbers[question.near],
                        }
                    )
                )  # fmt: skip
        starts = np.cumsum([0, *(len(part) for part in parts)])
        np.savez(
            file, rows=np.concatenate(parts), starts=starts, asked=np.array(asked),
            basis=self._basis, centre=self._centre,
        )  # fmt: skip


def texts_of(lesson: Lesson) -> list[Key]:
    """All texts of a lesson."""
    return [
        *(("passage", context, text) for context, text in lesson.passages),
        *(("question", question.text, "") for question in lesson.questions),
    ]


def states_of(text: Key, embedder: GemmaEmbedder) -> Rows:
    """The states of a text's tokens, of unit length, float32 [tokens, 768]."""
    kind, first, second = text
    return embedder.passage_states(second, first) if kind == "passage" else embedder.states(first)


def _digest(text: Key) -> str:
    return hashlib.sha256("|".join(text).encode()).hexdigest()[:24]


def _unit(vector: Rows) -> Rows:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), dtype=np.float32)
