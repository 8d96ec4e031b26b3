"""Audio from words: Piper behind one shared, bounded pool, with a cache of finished sentences."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from piper import PiperConfig, PiperVoice, SynthesisConfig

from agent.audio import (
    Samples,
    fade_edges,
    read_wav,
    resample,
    trim_leading_silence,
    trim_trailing_silence,
    write_wav,
)
from agent.call.threads import computing
from agent.errors import AudioFileError, ModelUnavailableError
from knowledge.phonetics import ESPEAK_LOCK

SENTENCE_PAUSE_MS = 180
"""Silence after a sentence, ms: what remains of the voice's own, so that speech flows evenly."""

PEAK = 0.7
"""Peak level of a sentence, of full scale: loud on G.711 and far from clipping."""

MEMORY_SENTENCES = 512
"""Sentences kept in memory, per process."""


class Voice(Protocol):
    """Speaks one sentence at a time; a remote implementation can take the local one's place."""

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """The sentence as audio at `rate_hz`, silence trimmed, level set.

        Args:
            sentence: As written.
            rate_hz: Of the audio.
            pace: How many times as long as usual it takes: over 1 is slower.
        """

    def close(self) -> None:
        """Release threads and memory."""


def _calm_options() -> onnxruntime.SessionOptions:
    """Threads that sleep between pieces of work: spinning ones starve the calls' event loop."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


class PiperPool:
    """A Piper voice, loaded once, synthesising in its own threads.

    espeak-ng is not thread-safe: phonemes are made under one lock, audio is made in parallel.
    """

    def __init__(self, model: Path, *, workers: int = 1, cache_dir: Path | None = None) -> None:
        """Load the voice (blocks; about a second).

        Args:
            model: The voice's `.onnx`; its `.onnx.json` stands beside it.
            workers: Syntheses at one time.
            cache_dir: Folder that keeps fixed sentences between runs; None keeps none.

        Raises:
            ModelUnavailableError: The files cannot be loaded.
        """
        self._pool = computing(workers, "voice")
        self._files = ThreadPoolExecutor(1, thread_name_prefix="voice-files")
        try:
            config = json.loads(Path(f"{model}.json").read_text("utf-8"))
            session = self._pool.submit(
                onnxruntime.InferenceSession,
                str(model), _calm_options(), providers=["CPUExecutionProvider"],
            ).result()  # fmt: skip
            self._voice = PiperVoice(session, PiperConfig.from_dict(config))
        except Exception as error:  # onnxruntime raises many kinds, all meaning the same
            raise ModelUnavailableError(
                f"The voice {model.name} cannot be loaded ({error}); "
                "run `permanence models verify`, then `permanence models pull`."
            ) from error
        stat = model.stat()
        self._name = f"{model.stem}-{stat.st_size}-{SENTENCE_PAUSE_MS}-{PEAK}"
        self._cache_dir = cache_dir
        self._memory: OrderedDict[tuple[str, int, float], Samples] = OrderedDict()
        self._memory_lock = threading.Lock()

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """The sentence as audio at `rate_hz`; an unpronounceable one gives no sample."""
        known = self._recall(sentence, rate_hz, pace)
        if known is None and self._cache_dir is not None:  # not behind what is being synthesised
            known = await asyncio.wrap_future(
                self._files.submit(self._kept, sentence, rate_hz, pace)
            )
        if known is not None:
            return known
        made = self._pool.submit(self._make, sentence, rate_hz, False, pace)
        return await asyncio.wrap_future(made)

    def prepare(self, sentences: Sequence[str], *rates_hz: int, pace: float = 1.0) -> None:
        """Render fixed sentences once (blocks), so that they are said without delay.

        Calls go on meanwhile: a sentence of theirs waits for one of these at most.
        """
        for sentence in sentences:
            for rate_hz in rates_hz:
                self._pool.submit(self._make, sentence, rate_hz, True, pace).result()

    async def probe(self) -> None:
        """Make a word, behind the sentences that wait: whether the voice works at all.

        Raises whatever the model does.
        """
        await asyncio.wrap_future(self._pool.submit(self._synthesise, "Oui.", 1.0))

    @property
    def waiting(self) -> int:
        """Syntheses that no thread has begun yet."""
        return self._pool._work_queue.qsize()

    def close(self) -> None:
        """Wait for running syntheses and release the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._files.shutdown(wait=True, cancel_futures=True)

    def _recall(self, sentence: str, rate_hz: int, pace: float) -> Samples | None:
        with self._memory_lock:
            samples = self._memory.get((sentence, rate_hz, pace))
            if samples is not None:
                self._memory.move_to_end((sentence, rate_hz, pace))
            return samples

    def _make(self, sentence: str, rate_hz: int, keep_on_disk: bool, pace: float = 1.0) -> Samples:
        known = self._recall(sentence, rate_hz, pace)
        if known is None and keep_on_disk:  # else `speak` has looked there
            known = self._kept(sentence, rate_hz, pace)
        if known is not None:
            return known
        native = self._synthesise(sentence, pace)
        file = self._file(sentence, pace)
        if keep_on_disk and file is not None and native.size:
            part = file.with_suffix(f".{threading.get_ident()}.part")
            write_wav(part, self.native_rate_hz, native)
            part.replace(file)
        return self._remember(sentence, rate_hz, pace, native)

    def _kept(self, sentence: str, rate_hz: int, pace: float) -> Samples | None:
        """A sentence that is on the disk, and in memory from now on."""
        native = self._read(self._file(sentence, pace))
        return None if native is None else self._remember(sentence, rate_hz, pace, native)

    def _remember(self, sentence: str, rate_hz: int, pace: float, native: Samples) -> Samples:
        samples = resample(native, self.native_rate_hz, rate_hz)
        with self._memory_lock:
            self._memory[(sentence, rate_hz, pace)] = samples
            while len(self._memory) > MEMORY_SENTENCES:
                self._memory.popitem(last=False)
        return samples

    def _file(self, sentence: str, pace: float) -> Path | None:
        if self._cache_dir is None:
            return None
        said = sentence if pace == 1.0 else f"{pace:g}|{sentence}"
        key = hashlib.sha256(f"{self._name}|{said}".encode()).hexdigest()[:32]
        return self._cache_dir / f"{key}.wav"

    def _read(self, file: Path | None) -> Samples | None:
        if file is None or not file.exists():
            return None
        try:
            return read_wav(file, self.native_rate_hz)
        except AudioFileError:  # half-written by a killed process: made anew
            return None

    def _synthesise(self, sentence: str, pace: float) -> Samples:
        with ESPEAK_LOCK:  # the manuals' index by sound uses espeak too
            groups = self._voice.phonemize(sentence)
        parts: list[Samples] = []
        for phonemes in groups:
            if not phonemes:
                continue
            audio = self._voice.phoneme_ids_to_audio(
                self._voice.phonemes_to_ids(phonemes), self._config(pace)
            )
            signal = np.asarray(audio[0] if isinstance(audio, tuple) else audio).squeeze()
            parts.append(self._shape(signal.astype(np.float32)))
        if not parts:
            return np.zeros(0, dtype=np.int16)
        pause = np.zeros(self.native_rate_hz * SENTENCE_PAUSE_MS // 1000, dtype=np.int16)
        return np.concatenate([piece for part in parts for piece in (part, pause)])

    def _config(self, pace: float) -> SynthesisConfig | None:
        if pace == 1.0:
            return None
        return SynthesisConfig(length_scale=self._voice.config.length_scale * pace)

    def _shape(self, signal: np.ndarray) -> Samples:
        peak = float(np.max(np.abs(signal), initial=0.0))
        if peak > 0:
            signal = signal * (PEAK / peak)
        samples = (signal * 32767.0).astype(np.int16)
        trimmed = trim_leading_silence(samples, self.native_rate_hz)
        return fade_edges(trim_trailing_silence(trimmed, self.native_rate_hz), self.native_rate_hz)

    @property
    def native_rate_hz(self) -> int:
        """Rate at which the voice was made, Hz."""
        return int(self._voice.config.sample_rate)
