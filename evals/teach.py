"""Teaches the embedding model's adapters and the reader: `permanence eval teach`.

EmbeddingGemma is fetched as published, and a throw-away environment with torch teaches on the
lessons (evals/teaching; on two cores some 15 minutes to start, then 45 minutes a pass). The result
is knowledge/adapter.npz, which goes into the model when that is made, and knowledge/reader.npz.
Indexes made before keep other vectors and rows, and must be made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agent.models import published
from agent.settings import Settings
from evals.lessons import Lesson, counted, kept_out, read_lessons
from knowledge.embeddings import QUERY_PROMPT, titled
from knowledge.reading import Reader, Weights

TORCH = ("torch==2.13.0", "numpy>=2", "safetensors==0.8.0", "tokenizers==0.23.3")
SCRIPT = Path(__file__).parent / "teaching" / "teach.py"
KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
MADE = ("adapter.npz", "reader.npz")
MODEL = "embeddinggemma-sav"

TOLERANCE = 0.05
"""Of a logit: the arrays are kept as float16."""


def run(settings: Settings, *, passes: int, seed: int, further: bool, write: bool) -> None:
    """Teach, compare what the service computes with what torch did, put in place if asked.

    Raises:
        ModelUnavailableError: The published model cannot be had.
        subprocess.CalledProcessError: The environment could not be made, or teaching failed.
        ValueError: The reader computes something else than torch.
    """
    lessons = read_lessons()
    print(counted(lessons))
    place = settings.home / "cache" / "lessons"
    place.mkdir(parents=True, exist_ok=True)
    (place / "lessons.json").write_text(json.dumps(as_given(lessons)), "utf-8")
    model = published(settings, MODEL) / "model_download"
    out = place / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [torch_python(place / "venv"), str(SCRIPT), "--model", str(model), "--out", str(out)]
    command += ["--lessons", str(place / "lessons.json"), "--states", str(place / "states.pt")]
    if further:
        command += ["--start", str(KNOWLEDGE)]
    subprocess.run([*command, "--passes", str(passes), "--seed", str(seed)], check=True)
    check(out / "reader.npz", out / "examples.npz")
    digest = hashlib.sha256((out / "adapter.npz").read_bytes()).hexdigest()
    print(f"made: {out}; the SHA-256 of adapter.npz is {digest}")
    if write:
        for name in MADE:
            shutil.copyfile(out / name, KNOWLEDGE / name)
        print(
            f"written: {', '.join(MADE)}; put that SHA-256 and a new revision into "
            f"agent/models/models.toml, then run `permanence models pull {MODEL}` and "
            "`permanence eval calibrate --write`"
        )


def as_given(lessons: Sequence[Lesson]) -> dict[str, object]:
    """The lessons as the model is given their texts."""
    kept = kept_out()
    return {
        "prompt": QUERY_PROMPT,
        "manuals": [
            {
                "name": lesson.name,
                "kept_out": lesson.name in kept,
                "passages": [titled(text, context) for context, text in lesson.passages],
                "questions": [
                    {"text": QUERY_PROMPT + q.text, "answers": list(q.answers), "near": q.near}
                    for q in lesson.questions
                ],
            }
            for lesson in lessons
        ],
    }


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


def torch_python(venv: Path) -> str:
    """The Python of an environment with torch, made if it is not there (blocks)."""
    python = venv / "bin" / "python"
    if not python.exists():
        print("making an environment with torch (once)…", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *TORCH], check=True)
    return str(python)
