"""Teach Whisper's changes of low rank on batches that are ready: run by evals/teach_hearing.py.

    python hear.py --model weights.npz --batches FOLDER --kept-out FOLDER --out whisper.npz

Each folder within --batches is an epoch; its .npz files are those of evals/lesson_features.py.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from whisper import Whisper

RATE, WARMED_UP, LAST_SHARE, DECAY = 1e-3, 40, 0.05, 0.01
ACCUMULATED = 2
"""Batches to a step."""

SMOOTHING = 0.05
MASKED = 0.5
"""Share of batches in which bands and moments are hidden (Park et al. 2019, « SpecAugment »)."""

BAND, MOMENT, PADDING_FRAMES = 10, 20, 400
TELL_EVERY, TRY_EVERY = 20, 100

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def main() -> None:
    """Teach, and keep the changes now and then."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("model", "batches", "kept-out", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--rate", type=float, default=RATE)
    asked = parser.parse_args()
    torch.manual_seed(1)
    model = Whisper(asked.model)
    if asked.start is not None:
        model.take_up(asked.start)
    random.seed(1)
    order = []
    for epoch in sorted(asked.batches.iterdir()):
        files = sorted(epoch.glob("*.npz"))
        random.shuffle(files)
        order += files
    teach(model, order, sorted(asked.kept_out.glob("*.npz")), asked.out, asked.rate)


def teach(
    model: Whisper, order: list[Path], kept_out: list[Path], out: Path, highest: float
) -> None:
    """Take every batch once, in order."""
    weights = model.taught()
    optimiser = torch.optim.AdamW(weights, lr=highest, weight_decay=DECAY, betas=(0.9, 0.98))
    steps = len(order) // ACCUMULATED
    print(f"{len(order)} batches; kept out: {judged(model, kept_out):.3f}", flush=True)
    started, losses = time.monotonic(), 0.0
    for step in range(steps):
        warm = min(1.0, (step + 1) / min(WARMED_UP, max(1, steps // 6)))
        cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimiser.param_groups:
            group["lr"] = highest * warm * (LAST_SHARE + (1 - LAST_SHARE) * cosine)
        for file in order[step * ACCUMULATED : (step + 1) * ACCUMULATED]:
            features, tokens, taught = read(file)
            if random.random() < MASKED:
                features = hidden(features)
            with torch.autocast("cpu", torch.bfloat16):
                loss = model.loss(features, tokens, taught, SMOOTHING) / ACCUMULATED
            loss.backward()
            losses += float(loss.detach())
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        if (step + 1) % TELL_EVERY == 0:
            passed = time.monotonic() - started
            print(f"{step + 1}/{steps}: {losses / TELL_EVERY:.3f}, {passed:.0f} s", flush=True)
            losses = 0.0
        if (step + 1) % TRY_EVERY == 0:
            print(f"kept out: {judged(model, kept_out):.3f}", flush=True)
            model.save(out)
    print(f"kept out: {judged(model, kept_out):.3f}", flush=True)
    model.save(out)


def judged(model: Whisper, files: list[Path]) -> float:
    """Mean loss of a token in batches that are not learned from."""
    total, count = 0.0, 0
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for file in files:
            features, tokens, taught = read(file)
            tokens_here = int(taught.sum())
            total += float(model.loss(features, tokens, taught, 0.0)) * tokens_here
            count += tokens_here
    return total / max(1, count)


def read(file: Path) -> Batch:
    """Features, tokens and which are taught."""
    with np.load(file) as stored:
        return (
            torch.from_numpy(stored["features"]).float(),
            torch.from_numpy(stored["tokens"]),
            torch.from_numpy(stored["taught"]),
        )


def hidden(features: torch.Tensor) -> torch.Tensor:
    """The same, two bands and two moments of each clip at its lowest value."""
    features = features.clone()
    lowest = features.amin(dim=(1, 2))
    frames = max(1, features.shape[2] - PADDING_FRAMES)
    for row in range(features.shape[0]):
        for _ in range(2):
            wide, long = random.randint(0, BAND), random.randint(0, MOMENT)
            band = random.randint(0, features.shape[1] - wide)
            moment = random.randint(0, max(1, frames - long))
            features[row, band : band + wide] = lowest[row]
            features[row, :, moment : moment + long] = lowest[row]
    return features


if __name__ == "__main__":
    main()
