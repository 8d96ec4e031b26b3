"""The phrases that teach danger, as the recogniser hears them on bad lines.

Callers in danger are misheard as everybody is: « ça sans le brûler ». Some of the phrases of
evals/data/lessons_danger_*.jsonl, and as many everyday questions, are said by voices that no
evaluation hears, sent through a telephone with noise, loss or a weak level, and decoded as a call
decodes them. What was heard goes to evals/data/lessons_danger_heard.jsonl, which is taught like the
others; nothing need be spoken again to teach.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from random import Random

import numpy as np

from agent.audio import RECOGNISER_RATE_HZ
from agent.call.transcriber import WhisperTranscriber
from agent.models import path as model_path
from agent.settings import Settings
from evals.lesson_clips import spoken_lines
from evals.line import CONDITIONS, received
from evals.noise import VOCABULARY
from evals.questions import DATA
from evals.spoken_lessons import LONGEST, Line
from voices.french import speakable

HEARD = "lessons_danger_heard.jsonl"
LINES = (
    "telephone", "telephone kitchen 15 dB", "telephone kitchen 5 dB", "gsm weak, loss 3 %",
    "loss 3 %", "faint", "fast",
)  # fmt: skip
DANGERS = 0.55
"""Share of the phrases that tell a danger."""

HOPELESS = -1.2
"""Mean log-probability under which what was heard teaches nothing."""


def drawn(pairs: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """Phrases to be heard, always the same: dangers, and others in their order of drawing.

    Args:
        pairs: Texts with the danger that they tell, "none" if they tell none.
        count: How many are wanted.
    """
    random = Random(11)
    short = [pair for pair in pairs if len(speakable(pair[0])) <= LONGEST]
    dangers = [pair for pair in short if pair[1] != "none"]
    others = [pair for pair in short if pair[1] == "none"]
    random.shuffle(dangers)
    random.shuffle(others)
    wanted = dangers[: round(count * DANGERS)]
    return [*wanted, *others[: count - len(wanted)]]


def hear(settings: Settings, pairs: Sequence[tuple[str, str]], count: int) -> int:
    """Say, send and decode some phrases and keep what was heard; how many (blocks: a second each).

    Args:
        settings: Of the installation: its voice and its recogniser.
        pairs: Texts with the danger that they tell, "none" if they tell none.
        count: How many of them.
    """
    chosen = drawn(pairs, count)
    lines = [Line("danger", speakable(text), text) for text, _ in chosen]
    files = spoken_lines(settings, lines, workers=1)
    transcriber = WhisperTranscriber(
        model_path(settings, f"whisper-{settings.whisper}"), workers=1, threads=1
    )
    told: list[str] = []
    try:
        for (text, danger), file in zip(chosen, files, strict=True):
            clip = np.load(file)
            if not clip.size:
                continue
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
            line = CONDITIONS[LINES[seed % len(LINES)]]
            samples, rate_hz = received(line, clip, RECOGNISER_RATE_HZ, seed)
            brand = sorted(VOCABULARY)[seed % len(VOCABULARY)]
            found = asyncio.run(transcriber.transcribe(samples, rate_hz, VOCABULARY[brand]))
            if found.text and found.logprob > HOPELESS:
                entry = {"text": found.text, "danger": danger, "said": text}
                told.append(json.dumps(entry, ensure_ascii=False))
    finally:
        transcriber.close()
    (DATA / HEARD).write_text("\n".join(told) + "\n", "utf-8")
    return len(told)
