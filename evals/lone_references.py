"""Lone references: how often a sound is heard as one of the vocabulary's, and one that is said is.

    python -m evals.lone_references

Sounds of a kitchen and coughs, and references said by synthetic callers, clean and with the kitchen
15 and 5 dB below; 8 kHz A-law, with eight references suggested to the recogniser.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, Samples, to_float, to_int16
from agent.call.transcriber import WhisperTranscriber
from agent.models import path as model_path
from agent.settings import load_settings
from evals import sounds
from evals.line import alaw, mixed
from evals.spoken_clips import spoken

SAID = {
    "FR610": ("FR610.", "FR, six cent dix.", "effe erre six cent dix", "F R six un zéro."),
    "LV450": ("LV450.", "elle vé quatre cent cinquante", "L V quatre cinq zéro."),
    "WM8402": ("WM8402.", "double vé emme quatre-vingt-quatre, zéro deux"),
    "KD92S": ("KD92S.", "ka dé quatre-vingt-douze esse"),
    "TX300": ("TX300.", "té ixe trois cents"),
    "HB74": ("HB74.", "ache bé soixante-quatorze"),
    "LV460X": ("LV460X.", "elle vé quatre cent soixante ixe"),
    "FR610P": ("FR610P.", "effe erre six cent dix pé"),
}
VOCABULARY = ("four", "lave-linge", "lave-vaisselle", *SAID, "code d'erreur.")
KINDS = {
    "kitchen": (sounds.kitchen, 15), "dishes": (sounds.dishes, 15), "fan": (sounds.fan, 6),
    "music": (sounds.music, 6), "water": (sounds.water, 6), "hum": (sounds.hum, 6),
}  # fmt: skip
"""Each sound and how many clips of it."""

COUGHS = 12
LENGTHS_S, LEVELS_DB = (0.5, 0.8, 1.2, 2.0, 3.0), (-32.0, -24.0, -16.0)
SNRS_DB = (None, 15.0, 5.0)
FIRST_SEED = 100
"""The limits were chosen on the seeds below it."""


def sound_clips() -> Iterator[Samples]:
    """Clips without speech, of all lengths and levels."""
    for make, count in KINDS.values():
        for seed in range(FIRST_SEED, FIRST_SEED + count):
            random = np.random.default_rng(seed)
            length_s, level_db = random.choice(LENGTHS_S), random.choice(LEVELS_DB)
            sound = make(int(length_s * TELEPHONE_RATE_HZ), TELEPHONE_RATE_HZ, random)
            yield alaw(to_int16(sound * 10 ** (level_db / 20)))
    for seed in range(FIRST_SEED, FIRST_SEED + COUGHS):
        cough = sounds.cough(TELEPHONE_RATE_HZ, np.random.default_rng(seed))
        yield alaw(to_int16(cough * 0.1))


def with_kitchen(clip: Samples, snr_db: float | None, seed: int) -> Samples:
    """A clip with the kitchen behind it; as it is without a distance."""
    if snr_db is None:
        return alaw(clip)
    kitchen = sounds.kitchen(clip.size, TELEPHONE_RATE_HZ, np.random.default_rng(seed))
    speech = to_float(clip).astype(np.float64)
    return alaw(to_int16(mixed(speech, kitchen, TELEPHONE_RATE_HZ, snr_db)))


def main() -> None:
    """Hear all of them and tell."""
    settings = load_settings()
    folder = model_path(settings, f"whisper-{settings.whisper}")
    transcriber = WhisperTranscriber(folder, workers=1)

    def hear(clip: Samples) -> str:
        return asyncio.run(transcriber.transcribe(clip, TELEPHONE_RATE_HZ, VOCABULARY)).text

    texts = [hear(clip) for clip in sound_clips()]
    with_figures = sum(any(char.isdigit() for char in text) for text in texts)
    words = sum(map(bool, texts)) - with_figures
    print(
        f"sounds: {len(texts)} clips, heard as a reference {with_figures}, as other words {words}"
    )
    print(f"  {Counter(filter(None, texts)).most_common(6)}")
    clips = spoken(settings, [text for said in SAID.values() for text in said])
    for snr_db in SNRS_DB:
        pairs = [
            (reference, hear(with_kitchen(clips[text], snr_db, len(text) + 50)))
            for reference, said in SAID.items()
            for text in said
        ]
        right = sum(reference == text.strip(" .,") for reference, text in pairs)
        behind = "clean" if snr_db is None else f"kitchen {snr_db:.0f} dB below"
        print(f"said, {behind}: right {right} of {len(pairs)}")
    transcriber.close()


if __name__ == "__main__":
    main()
