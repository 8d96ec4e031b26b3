"""Word errors by padding, at 8 kHz A-law, on the demo brand's questions and five voices.

    python -m evals.hearing [--padding 30 4 1] [--questions 22] [--vocabulary] [--show]

The clips are made once and cached. Figures in words and in digits count as the same word.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import defaultdict

from agent.audio import TELEPHONE_RATE_HZ, Samples
from agent.call.transcriber import PADDING_S, WhisperTranscriber
from agent.models import path as model_path
from agent.settings import Settings, load_settings
from evals.arrived import word_errors
from evals.callers import caller_voice
from evals.hearing_tables import SPEAKERS
from evals.line import alaw
from evals.questions import DATA, read_questions
from voices.french import speakable

VOCABULARY = ("four", "lave-linge", "lave-vaisselle", "code d'erreur.")
"""What a call of the demo client gives the recogniser (`Shelf.vocabulary`)."""


def clips(settings: Settings, count: int) -> list[tuple[str, str, Samples]]:
    """(speaker, text, A-law samples at 8 kHz) of `count` questions of the demo by each caller."""
    questions = read_questions(DATA / "holdout.jsonl")
    chosen = [q.text for q in questions[:: max(1, len(questions) // count)]][:count]
    made = []
    for speaker in SPEAKERS:
        voice = caller_voice(settings, speaker)
        try:
            voice.prepare([speakable(text) for text in chosen], TELEPHONE_RATE_HZ)
            for text in chosen:
                samples = asyncio.run(voice.speak(speakable(text), TELEPHONE_RATE_HZ))
                made.append((speaker, text, alaw(samples)))
        finally:
            voice.close()
    return made


def main() -> None:
    """Read the command line, decode with each padding, print a line each."""
    parser = argparse.ArgumentParser(description="French telephone word errors.")
    parser.add_argument("--padding", type=float, nargs="+", default=[PADDING_S], help="seconds")
    parser.add_argument("--questions", type=int, default=22)
    parser.add_argument("--vocabulary", action="store_true", help="bias towards the client's words")
    parser.add_argument("--show", action="store_true", help="print what was heard")
    given = parser.parse_args()
    settings = load_settings()
    spoken = clips(settings, given.questions)
    folder = model_path(settings, f"whisper-{settings.whisper}")
    for padding in given.padding:
        transcriber = WhisperTranscriber(folder, workers=1, threads=1, padding_s=padding)
        errors: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        started = time.perf_counter()
        words = VOCABULARY if given.vocabulary else ()
        for speaker, text, samples in spoken:
            heard = asyncio.run(transcriber.transcribe(samples, TELEPHONE_RATE_HZ, words)).text
            wrong, count = word_errors(text, heard)
            errors[speaker][0] += wrong
            errors[speaker][1] += count
            if given.show:
                print(f"{speaker:10} {text}\n           {heard}")
        seconds = (time.perf_counter() - started) / len(spoken)
        transcriber.close()
        each = "  ".join(f"{speaker} {w / n:.3f}" for speaker, (w, n) in errors.items())
        total = sum(w for w, _ in errors.values()) / sum(n for _, n in errors.values())
        print(
            f"padding {padding:g} s: WER {total:.3f}  ({each})  {seconds:.2f} s a clip", flush=True
        )


if __name__ == "__main__":
    main()
