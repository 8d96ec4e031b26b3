"""Teaches the recogniser French callers: `permanence eval teach-hearing`.

Whisper base is fetched as published; voices that the evaluations never hear say the spoken lessons
(a second a line, once); each epoch sends them over other bad lines; and a throw-away environment
with torch teaches (on two cores some five minutes a thousand clips an epoch). The result is
agent/call/whisper.npz, which goes into the model when that is made.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import WhisperModel

from agent.call import adapt_whisper
from agent.call.transcriber import PADDING_S
from agent.models import published
from agent.settings import Settings
from evals.lesson_clips import recorded_lines, spoken_lines
from evals.lesson_features import Lessons
from evals.spoken_lessons import Line, draw, draw_alike, read_material
from evals.teach import torch_python

MODEL = "whisper-base-sav"
SCRIPT = Path(__file__).parent / "teaching" / "hear.py"
ADAPTER = Path(adapt_whisper.__file__).with_name("whisper.npz")
KEPT_OUT_EVERY = 25
ALIKE, RECORDED = 0.12, 0.12
"""To each clip that is spoken, how many more are numbers alike, and of a person's own words."""

SHARE = 0.5
"""How much of what was taught is added (Wortsman et al. 2022, « WiSE-FT »).

All of it hears synthetic callers best and a person's free speech worse. On the telephone, for
shares of 0, 0.5, 0.6, 0.8 and 1: word errors of 40 questions of synthetic callers 0.30, 0.16, 0.16,
0.13, -; of 200 prompts of a Canadian speaker 0.185, 0.187, 0.192, 0.218, 0.261; of 60 telephone
numbers put together from her recorded figures 34, 50, 53, 51 and 54 right, of 40 codes 9, 27, 28,
29 and 28.
"""

SHORT_PADDING_S = 1.2
"""Of silence behind a clip in all epochs but the last: a third less to compute."""


def run(
    settings: Settings, *, clips: int, epochs: int, further: bool, write: bool, rate: float
) -> None:
    """Speak, spoil, teach; put the adapter in place if asked.

    Args:
        settings: Of the installation whose voice and cache are used.
        clips: Lines that are spoken.
        epochs: How often each is heard, over another line each time.
        further: Begin with the adapter that is in place.
        write: Put the result in its place.
        rate: Highest learning rate.

    Raises:
        ModelUnavailableError: The published model or the voice is not here.
        subprocess.CalledProcessError: The environment could not be made, or teaching failed.
    """
    place = settings.home / "cache" / "lessons" / "hearing"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    material = read_material()
    lines = draw(material, clips) + draw_alike(material, int(ALIKE * clips))
    files = spoken_lines(settings, lines)
    recorded, recordings = recorded_lines(settings, int(RECORDED * clips))
    lines, files = lines + recorded, files + recordings
    model = published(settings, MODEL)
    whisper = WhisperModel(str(model), device="cpu", compute_type="int8")
    kept, taught = parted(lines, files)
    Lessons(whisper, material, 0).write(*kept, place / "kept_out", PADDING_S)
    for epoch in range(1, epochs + 1):
        padding_s = PADDING_S if epoch == epochs else SHORT_PADDING_S
        lessons, folder = Lessons(whisper, material, epoch), place / "epochs" / f"{epoch:02d}"
        count = lessons.write(*taught, folder, padding_s)
        print(f"epoch {epoch}: {count} batches", flush=True)
    weights: dict[str, Any] = {**adapt_whisper.read(model / "model.bin").variables}
    np.savez(place / "weights.npz", **weights)
    out = place / ADAPTER.name
    command = [torch_python(place.parent / "venv"), str(SCRIPT), "--rate", str(rate)]
    command += ["--model", str(place / "weights.npz"), "--batches", str(place / "epochs")]
    command += ["--kept-out", str(place / "kept_out"), "--out", str(out)]
    if further:
        start = place / "start.npz"
        shutil.copyfile(ADAPTER, start)
        weaken(start, 1 / SHARE)
        command += ["--start", str(start)]
    subprocess.run(command, check=True)
    weaken(out, SHARE)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    print(f"made: {out}; its SHA-256 is {digest}")
    if write:
        shutil.copyfile(out, ADAPTER)
        print(
            f"written: {ADAPTER.name}; put that SHA-256 into agent/models/models.toml, then run "
            f"`permanence models pull {MODEL}`"
        )


def weaken(adapter: Path, share: float) -> None:
    """Leave only a share of an adapter's changes; a share above 1 strengthens them."""
    with np.load(adapter) as stored:
        arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
    for name in arrays:
        if name.endswith(".b_scale"):
            arrays[name] = arrays[name] * np.float32(share)
    np.savez_compressed(adapter, **arrays)


def parted(
    lines: Sequence[Line], files: Sequence[Path]
) -> tuple[tuple[list[Line], list[Path]], tuple[list[Line], list[Path]]]:
    """Those that only judge, and those that are taught."""
    kept: tuple[list[Line], list[Path]] = ([], [])
    taught: tuple[list[Line], list[Path]] = ([], [])
    for number, (line, file) in enumerate(zip(lines, files, strict=True)):
        own = taught if number % KEPT_OUT_EVERY else kept
        own[0].append(line)
        own[1].append(file)
    return kept, taught
