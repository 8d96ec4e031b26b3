"""The spoken lessons as the recogniser is taught with them: bad lines, words given beforehand.

Each epoch puts every clip through another line: noise, room, level, codec, loss. Some clips hold no
speech and are to be heard as nothing. Words of the client's are given beforehand as a call gives
them, those of the sentence among them or not, so that they are neither missed nor made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from agent.audio import RECOGNISER_RATE_HZ, Samples, resample, to_float
from evals.line import Codec, Condition, Noise, received
from evals.spoken_lessons import REFERENCE, Line, Material, nouns_in

BATCH = 8
SORTED = 12
"""Batches that are sorted by length together."""

OTHER_SIZE_SHARE, SIZES = 0.4, (0.88, 1.14)
"""Clips played slower or faster, as a larger or smaller speaker sounds (Ko et al. 2015)."""

NOTHING_SHARE = 0.03
NOISES: tuple[Noise, ...] = ("kitchen", "kitchen", "television", "hum", "hiss", "fan", "music")
CODECS: tuple[Codec, ...] = ("alaw", "gsm", "none")
TALKERS = 12
END = 50257
"""Whisper's token that ends a text."""

Features = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Example:
    """A clip as it arrives, what is given beforehand and what is to be written, as tokens."""

    audio: npt.NDArray[np.float32]
    prompt: Sequence[int]
    text: Sequence[int]


class Lessons:
    """Makes examples of lines and their clips."""

    def __init__(self, model: WhisperModel, material: Material, seed: int) -> None:
        self._model = model
        self._tokens = Tokenizer(model.hf_tokenizer, True, task="transcribe", language="fr")
        self._material = material
        self._random = Random(seed)

    def write(
        self, lines: Sequence[Line], files: Sequence[Path], folder: Path, padding_s: float
    ) -> int:
        """Write an epoch's batches, with so much silence behind each clip; returns how many.

        A batch is an .npz: `features` float16 [batch, 80, frames], `tokens` int64 [batch, length]
        and `taught` bool of the same shape, true where a token is to be learned.
        """
        folder.mkdir(parents=True, exist_ok=True)
        pairs = [(line, np.load(file)) for line, file in zip(lines, files, strict=True)]
        pairs = [(line, clip) for line, clip in pairs if clip.size]
        talkers = [clip for _, clip in self._random.sample(pairs, min(TALKERS, len(pairs)))]
        references = [found.group() for line, _ in pairs if line.kind == "reference"
                      if (found := REFERENCE.search(line.written))]  # fmt: skip
        todo: list[tuple[Line, Samples] | None] = [*pairs]
        todo += [None] * int(NOTHING_SHARE * len(pairs))
        self._random.shuffle(todo)
        count = 0
        for at in range(0, len(todo), BATCH * SORTED):
            made = [
                self._example(one, talkers, references)
                for one in todo[at : at + BATCH * SORTED]
            ]  # fmt: skip
            made.sort(key=lambda one: one.audio.size)
            for first in range(0, len(made), BATCH):
                self._write(made[first : first + BATCH], folder / f"{count:05d}.npz", padding_s)
                count += 1
        return count

    def _example(
        self, one: tuple[Line, Samples] | None, talkers: Sequence[Samples],
        references: Sequence[str],
    ) -> Example:  # fmt: skip
        random = self._random
        rate_hz = RECOGNISER_RATE_HZ
        if one is None:
            seconds, level = random.uniform(0.5, 5.0), random.choice((1, 10, 60))
            numbers = np.random.default_rng(random.getrandbits(32))
            clip = numbers.standard_normal(int(rate_hz * seconds)) * level
            audio = self._arrived(clip.astype(np.int16), talkers, random.uniform(-10, 20))
            return Example(audio, self._prompt(None, references), ())
        line, samples = one
        before, after = random.uniform(0.1, 0.5), random.uniform(0.1, 0.4)
        padded = np.pad(samples, (int(before * rate_hz), int(after * rate_hz)))
        snr_db = random.uniform(5, 28) if random.random() < 0.5 else None
        audio = self._arrived(padded, talkers, snr_db)
        text = self._tokens.encode(f" {line.written}")
        return Example(audio, self._prompt(line, references), text)

    def _arrived(
        self, samples: Samples, talkers: Sequence[Samples], snr_db: float | None
    ) -> npt.NDArray[np.float32]:
        random = self._random
        if random.random() < OTHER_SIZE_SHARE:
            samples = resample(samples, int(RECOGNISER_RATE_HZ * random.uniform(*SIZES)),
                               RECOGNISER_RATE_HZ)  # fmt: skip
        codec = random.choices(CODECS, (0.8, 0.13, 0.07))[0]
        lossy = codec != "none" and random.random() < 0.25
        condition = Condition(
            "lesson",
            codec=codec,
            noise=None if snr_db is None else random.choice(NOISES),
            snr_db=np.inf if snr_db is None else snr_db,
            rt60_s=random.uniform(0.15, 0.7) if random.random() < 0.25 else 0.0,
            level_db=random.uniform(-22, 8) if random.random() < 0.5 else 0.0,
            loss=random.uniform(0.005, 0.04) if lossy else 0.0,
            burst=random.choice((1, 2, 3)),
            bit_s=random.choice((12_200, 5_900)),
        )
        arrived, rate_hz = received(
            condition, samples, RECOGNISER_RATE_HZ, random.getrandbits(32), talkers
        )
        return to_float(resample(arrived, rate_hz, RECOGNISER_RATE_HZ))

    def _prompt(self, line: Line | None, references: Sequence[str]) -> list[int]:
        words = self._words(line, references)
        hotwords = ", ".join(words) or None
        return list(
            self._model.get_prompt(self._tokens, [], without_timestamps=True, hotwords=hotwords)
        )

    def _words(self, line: Line | None, references: Sequence[str]) -> list[str]:
        """What a call might give the recogniser; none, three times in ten."""
        random, material = self._random, self._material
        if random.random() < 0.3:
            return []
        words = random.sample(material.appliances, random.randint(1, 5))
        if random.random() < 0.5:
            words += random.sample(material.nouns, random.randint(3, 15))
            if line is not None and random.random() < 0.6:
                words += nouns_in(line.written, material)
        spelled = line is not None and line.kind == "reference"
        if references and random.random() < (0.7 if spelled else 0.25):
            words += random.sample(references, min(len(references), random.randint(1, 6)))
            own = REFERENCE.search(line.written) if line is not None and spelled else None
            if own and random.random() < 0.7:
                words.append(own.group())
        random.shuffle(words)
        return [*dict.fromkeys(words), "code d'erreur."]

    def _write(self, examples: Sequence[Example], file: Path, padding_s: float) -> None:
        longest = max(one.audio.size for one in examples)
        room = longest + int(padding_s * RECOGNISER_RATE_HZ)
        features = np.stack([self._features(one.audio, room) for one in examples])
        length = max(len(one.prompt) + len(one.text) + 1 for one in examples)
        tokens = np.full((len(examples), length), END, np.int64)
        taught = np.zeros(tokens.shape, bool)
        for row, one in enumerate(examples):
            whole = [*one.prompt, *one.text, END]
            tokens[row, : len(whole)] = whole
            taught[row, len(one.prompt) : len(whole)] = True
        np.savez(file, features=features.astype(np.float16), tokens=tokens, taught=taught)

    def _features(self, audio: npt.NDArray[np.float32], room: int) -> Features:
        """Log-mel spectrum as the service has it, float32 [80, frames], an even number of them."""
        features = self._model.feature_extractor(np.pad(audio, (0, room - audio.size)), padding=0)
        return np.asarray(features[:, : features.shape[1] // 2 * 2], dtype=np.float32)
