"""How surely a line that echoes is told from one that does not: `python -m evals.echoes`.

The agent's voice comes back late, more or less weak, from a room or without one; on lines without
echo a caller speaks over it. Told: most seconds of sound taken out over sound left, and when the
line was held for one that echoes.
"""

from __future__ import annotations

import asyncio

import numpy as np

from agent.audio import (
    TELEPHONE_FRAME_SAMPLES,
    TELEPHONE_RATE_HZ,
    Samples,
    to_float,
    to_int16,
)
from agent.call.echo import EchoCanceller
from agent.settings import Settings, load_settings
from evals import sounds
from evals.callers import ACCENTED, NATIVE, caller_voice
from evals.line import HISS_DBFS, alaw, reverberant
from evals.talking_over import WORDS_OVER
from voices.prompts import fixed_sentences

SPOKEN_S = 40
DELAY_S, RT60_S = 0.2, 0.4
LOSSES_DB = (-10, -20, -30, -40)
STARTS_S, CALLER_DB = (0.5, 3.0, 8.0, 20.0), (0, -12)


def spoken(settings: Settings, speaker: str, texts: tuple[str, ...]) -> Samples:
    """Sentences one after the other, 8 kHz."""
    voice = caller_voice(settings, speaker)
    try:
        said = [asyncio.run(voice.speak(text, TELEPHONE_RATE_HZ)) for text in texts]
    finally:
        voice.close()
    return np.concatenate(said)


def judged(near: Samples, far: Samples) -> str:
    """What the canceller makes of a line, at the pace of the ear."""
    now_s, most_s, since = 0.0, 0.0, "never"
    canceller = EchoCanceller(TELEPHONE_RATE_HZ, TELEPHONE_RATE_HZ, clock=lambda: now_s)
    for at in range(0, near.size - TELEPHONE_FRAME_SAMPLES + 1, TELEPHONE_FRAME_SAMPLES):
        frame = slice(at, at + TELEPHONE_FRAME_SAMPLES)
        now_s = at / TELEPHONE_RATE_HZ
        canceller.played(far[frame].tobytes())
        canceller.cleaned(near[frame].tobytes())
        most_s = max(most_s, canceller.echoed_s)
        if canceller.echoes and since == "never":
            since = f"from {now_s:.1f} s"
    return f"taken out over left {most_s:4.1f} s; echoes: {since}"


def main() -> None:
    """Try all lines and tell."""
    settings = load_settings()
    random = np.random.default_rng(0)
    sentences = fixed_sentences()[:30]
    far = alaw(spoken(settings, NATIVE, sentences)[: SPOKEN_S * TELEPHONE_RATE_HZ])
    hiss = sounds.hiss(far.size, TELEPHONE_RATE_HZ, random) * 10 ** (HISS_DBFS / 20)
    voice = to_float(far).astype(np.float64)
    for name, heard in (
        ("straight", voice),
        ("from a room", reverberant(voice, TELEPHONE_RATE_HZ, RT60_S, random)),
    ):
        late = np.concatenate([np.zeros(int(DELAY_S * TELEPHONE_RATE_HZ)), heard])[: far.size]
        for loss_db in LOSSES_DB:
            near = alaw(to_int16(late * 10 ** (loss_db / 20) + hiss))
            print(f"echo {loss_db} dB, {name:12} {judged(near, far)}", flush=True)
    caller = to_float(spoken(settings, ACCENTED[0], WORDS_OVER)).astype(np.float64)
    for start_s in STARTS_S:
        for level_db in CALLER_DB:
            over = hiss.copy()
            part = over[int(start_s * TELEPHONE_RATE_HZ) :][: caller.size]
            part += caller[: part.size] * 10 ** (level_db / 20)
            print(
                f"no echo, a caller over it from {start_s:4} s, {level_db:3} dB: "
                f"{judged(alaw(to_int16(over)), far)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
