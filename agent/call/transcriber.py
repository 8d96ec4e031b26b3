"""Words from audio: faster-whisper behind one shared, bounded pool."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment

from agent.audio import RECOGNISER_RATE_HZ, Samples, resample, to_float
from agent.errors import ModelUnavailableError

MAX_WAITING = 32
"""Decodings that may wait for a thread; one more is refused, the caller is asked to repeat."""

NO_SPEECH = 0.75
"""No-speech probability over which a doubtful segment is dropped."""

DOUBTFUL_LOGPROB = -1.0
"""Mean token log-probability under which a segment is doubtful (Whisper's own threshold)."""

LOOP_RATIO = 2.4
"""Compression ratio over which a text is a loop (Whisper's own threshold)."""

_INVENTED = re.compile(
    r"sous-?titr|amara\.org|merci d'avoir regard|abonnez-vous|soustitreur|❤|radio-canada"
    r"|^\W*(?:merci|musique|\.+)\W*$",
    re.IGNORECASE,
)
"""What French Whisper writes on silence and noise: film credits, thanks, music."""


@dataclass(frozen=True)
class Transcript:
    """A turn's words.

    Attributes:
        text: As recognised; empty when nothing was said.
        logprob: Mean log-probability of its tokens, 0 best.
        decoding_ms: Time spent, the wait for a thread included.
    """

    text: str
    logprob: float
    decoding_ms: float


class TranscriberBusyError(Exception):
    """More turns wait to be decoded than the pool admits."""


class Transcriber(Protocol):
    """Turns audio into words; a remote implementation can take the local one's place."""

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The words of one turn; `vocabulary` are words likely to be said."""

    def close(self) -> None:
        """Release threads and memory."""


class WhisperTranscriber:
    """faster-whisper, loaded once, decoding in its own threads."""

    def __init__(self, model_dir: Path, *, workers: int = 1, threads: int = 2, beam: int = 3) -> None:
        """Load the model (blocks; about a second).

        Args:
            model_dir: Folder of the CTranslate2 model.
            workers: Decodings at one time.
            threads: CPU threads of each.
            beam: Beam width of the search.

        Raises:
            ModelUnavailableError: The files cannot be loaded.
        """
        try:
            self._model = WhisperModel(
                str(model_dir),
                device="cpu",
                compute_type="int8",
                cpu_threads=threads,
                num_workers=workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelUnavailableError(
                f"The recognition model in {model_dir} cannot be loaded ({error}); "
                "run `permanence models verify`, then `permanence models pull`."
            ) from error
        self._beam = beam
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="transcriber")
        self._slots = threading.BoundedSemaphore(workers + MAX_WAITING)

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The words of one turn.

        A cancelled wait does not stop a decoding that has begun: its result is dropped.

        Raises:
            TranscriberBusyError: The pool's queue is full.
        """
        if not self._slots.acquire(blocking=False):
            raise TranscriberBusyError
        asked = time.perf_counter()
        future = self._pool.submit(self._decode, samples, rate_hz, tuple(vocabulary), asked)
        future.add_done_callback(lambda _: self._slots.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Wait for running decodings and release the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _decode(
        self, samples: Samples, rate_hz: int, vocabulary: tuple[str, ...], asked: float
    ) -> Transcript:
        segments = self._search(samples, rate_hz, ", ".join(vocabulary) or None)
        if vocabulary and any(looped(segment) for segment in segments):
            # A vocabulary can throw the decoder into a loop: once more without it.
            segments = self._search(samples, rate_hz, None)
        kept = [segment for segment in segments if credible(segment)]
        text = " ".join(segment.text.strip() for segment in kept).strip()
        logprob = sum(s.avg_logprob for s in kept) / len(kept) if kept else 0.0
        return Transcript(text, logprob, (time.perf_counter() - asked) * 1000)

    def _search(self, samples: Samples, rate_hz: int, hotwords: str | None) -> list[Segment]:
        audio = to_float(resample(samples, rate_hz, RECOGNISER_RATE_HZ))
        # The generator decodes as it is read, so it is read here, in the thread.
        segments, _ = self._model.transcribe(
            audio,
            language="fr",
            beam_size=self._beam,
            condition_on_previous_text=False,
            without_timestamps=True,
            temperature=[0.0, 0.4],
            hotwords=hotwords,
        )
        return list(segments)


def looped(segment: Segment) -> bool:
    """Whether the decoder went round in a circle: a compressible text or a repeated word."""
    words = segment.text.casefold().split()
    return segment.compression_ratio > LOOP_RATIO or any(
        words[i] == words[i + 1] == words[i + 2] for i in range(len(words) - 2)
    )


def credible(segment: Segment) -> bool:
    """Whether a segment was probably said, not invented on silence or noise."""
    if _INVENTED.search(segment.text):
        return False
    doubtful = segment.avg_logprob < DOUBTFUL_LOGPROB
    return not (looped(segment) or (segment.no_speech_prob > NO_SPEECH and doubtful))
