"""The lines of the spoken lessons as voices say them, 16 kHz, kept in the cache.

The voices are Kokoro's, all but the five that the evaluations hear; half of the speakers are two
voices mixed, so that there are as many speakers as lines. A line's speaker, pace and pauses are
drawn by its words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper
from piper import PiperVoice
from piper.config import PiperConfig

from agent.audio import (
    RECOGNISER_RATE_HZ,
    TELEPHONE_RATE_HZ,
    Samples,
    resample,
    trim_leading_silence,
    trim_trailing_silence,
)
from agent.models import path as model_path
from agent.settings import Settings
from evals.callers import ACCENTED, BASE, NATIVE, read_table, voice_tables
from evals.recorded_words import (
    Speaker,
    error_code,
    hurried,
    reference,
    taught_speaker,
    telephone_number,
)
from evals.spoken_lessons import Kind, Line

TABLE = "piper.voice"
"""The voice's table in its graph: a constant there, an input here."""

NEAR = "abeipf"
"""First letters of the voices that are drawn more often: English, Spanish, Italian, Portuguese."""

RECORDED: Mapping[Kind, Callable[[Speaker, Random], tuple[str, list[list[str]]]]] = {
    "number": telephone_number, "reference": reference, "code": error_code,
}  # fmt: skip
RECORDED_SHARES = (0.55, 0.25, 0.20)
"""What a person's recorded words are put together to, and how often each."""

TEMPI = (1.1, 1.7)
"""The prompts are spoken very slowly."""

NEAR_TIMES = 3.0
MIXED = 0.5
SHORTEST_S, LONGEST_S = 0.25, 14.0
PEAK = 0.7


def spoken_lines(settings: Settings, lines: Sequence[Line], workers: int = 2) -> list[Path]:
    """A file for each line, int16 [n]; those that exist are kept (blocks, a second a line)."""
    folder = settings.home / "cache" / "lessons" / "spoken"
    folder.mkdir(parents=True, exist_ok=True)
    graph = _open_graph(settings, folder)
    voices = voice_tables(settings)
    files = [folder / f"{key_of(line)}.npy" for line in lines]
    missing = [(line.spoken, file) for line, file in zip(lines, files, strict=True)
               if not file.exists()]  # fmt: skip
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_speak, graph, voices, spoken, file) for spoken, file in missing]
        for count, job in enumerate(jobs, start=1):
            job.result()
            if count % 200 == 0:
                print(f"  {count} of {len(jobs)} lines spoken", flush=True)
    return files


def recorded_lines(settings: Settings, count: int, seed: int = 9) -> tuple[list[Line], list[Path]]:
    """Numbers, references and codes in a person's recorded words, and their files (blocks).

    Raises:
        RealSpeechMissingError: The recordings cannot be had here.
    """
    folder = settings.home / "cache" / "lessons" / "spoken"
    folder.mkdir(parents=True, exist_ok=True)
    speaker, random = taught_speaker(settings), Random(seed)
    lines: list[Line] = []
    files: list[Path] = []
    while len(lines) < count:
        kind, drawn = random.choices(tuple(RECORDED.items()), RECORDED_SHARES)[0]
        written, words = drawn(speaker, random)
        said = hurried(speaker.say(words, random), TELEPHONE_RATE_HZ, random.uniform(*TEMPI))
        clip = resample(said, TELEPHONE_RATE_HZ, RECOGNISER_RATE_HZ)
        line = Line(kind, f"recorded {written}", f"{written}.")
        if len(clip) <= LONGEST_S * RECOGNISER_RATE_HZ:
            lines.append(line)
            files.append(folder / f"{key_of(line)}.npy")
            np.save(files[-1], clip)
    return lines, files


def key_of(line: Line) -> str:
    """Name of a line's clip."""
    return hashlib.sha256(line.spoken.encode()).hexdigest()[:20]


def _open_graph(settings: Settings, folder: Path) -> Path:
    """The installed French voice with its table as an input."""
    source = next(model_path(settings, BASE).glob("*.onnx"))
    file = folder / "open.onnx"
    if not file.exists():
        model = onnx.load(str(source))
        table = next(one for one in model.graph.initializer if one.name == TABLE)
        model.graph.initializer.remove(table)
        value = helper.make_tensor_value_info(TABLE, TensorProto.FLOAT, list(table.dims))
        model.graph.input.append(value)
        part = file.with_suffix(".part")
        part.write_bytes(model.SerializeToString())
        part.replace(file)
        Path(f"{file}.json").write_bytes(Path(f"{source}.json").read_bytes())
    return file


class Speakers:
    """All voices but the evaluations', and mixtures of two."""

    def __init__(self, voices: Path) -> None:
        kept_out = {NATIVE, *ACCENTED}
        files = [file for file in sorted(voices.glob("*.bin")) if file.stem not in kept_out]
        self._tables = [read_table(file) for file in files]
        times = np.array([NEAR_TIMES if file.stem[0] in NEAR else 1.0 for file in files])
        self._shares = times / times.sum()

    def draw(self, random: np.random.Generator) -> npt.NDArray[np.float32]:
        """A speaker's table, float32 [rows, 256]."""
        first, second = random.choice(len(self._tables), 2, replace=False, p=self._shares)
        share = random.uniform(0.2, 0.8) if random.random() < MIXED else 0.0
        mixed = self._tables[first] * (1 - share) + self._tables[second] * share
        return np.asarray(mixed, dtype=np.float32)


@cache
def _loaded(graph: Path, voices: Path) -> tuple[PiperVoice, Speakers]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(graph), options)
    config = PiperConfig.from_dict(json.loads(Path(f"{graph}.json").read_text("utf-8")))
    return PiperVoice(session, config), Speakers(voices)


def _speak(graph: Path, voices: Path, spoken: str, file: Path) -> None:
    """Say a line; one that cannot be said leaves an empty clip."""
    voice, speakers = _loaded(graph, voices)
    random = np.random.default_rng(list(hashlib.sha256(spoken.encode()).digest()[:8]))
    table = speakers.draw(random)
    pace = float(np.exp(random.normal(0.02, 0.13)))
    rate_hz = voice.config.sample_rate
    parts: list[Samples] = []
    for phonemes in voice.phonemize(spoken):
        ids = voice.phonemes_to_ids(phonemes)
        audio = voice.session.run(
            None,
            {
                "input": np.array([ids], np.int64),
                "input_lengths": np.array([len(ids)], np.int64),
                "scales": np.array([0.667, pace, 0.8], np.float32),
                TABLE: table,
            },
        )[0].squeeze()
        audio = audio / max(1e-4, float(np.abs(audio).max())) * PEAK
        samples = (audio * 32767).astype(np.int16)
        parts.append(trim_trailing_silence(trim_leading_silence(samples, rate_hz), rate_hz))
        parts.append(np.zeros(int(rate_hz * random.uniform(0.05, 0.6)), np.int16))
    clip = np.zeros(0, np.int16)
    if parts:
        clip = resample(np.concatenate(parts[:-1]), rate_hz, RECOGNISER_RATE_HZ)
    whole = SHORTEST_S * RECOGNISER_RATE_HZ <= len(clip) <= LONGEST_S * RECOGNISER_RATE_HZ
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        np.save(out, clip if whole else clip[:0])
    part.replace(file)
