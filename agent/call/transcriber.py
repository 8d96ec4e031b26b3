"""Words from audio: faster-whisper behind one shared, bounded pool."""

from __future__ import annotations

import asyncio
import math
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio

from agent.audio import RECOGNISER_RATE_HZ, Samples, resample, to_float
from agent.call.threads import computing
from agent.errors import ModelUnavailableError

MAX_WAITING = 32
"""Decodings that may wait for a thread; one more is refused, the caller is asked to repeat."""

PADDING_S = 4.0
"""Silence added after a turn before it is encoded.

Whisper was trained on windows of 30 s, but its encoder takes shorter ones. Measured with the base
model on 110 clips of 8 kHz A-law (22 questions, 5 voices, beam 5, one thread): padded to 30 s, WER
0.341 in 1.14 s a clip; 4 s of padding, 0.333 in 0.21 s; 1 s, 0.391 in 0.17 s, with more loops.
Repeat it: `python -m evals.hearing --padding 30 4 1`.
"""

WINDOW_S = 30.0
BEAM = 5
HYPOTHESES = 3
TOKENS_A_SECOND = 9
"""More than anybody says; bounds a decoding that would go round in a circle."""

NO_SPEECH = 0.75
"""No-speech probability over which a doubtful text is dropped."""

DOUBTFUL_LOGPROB = -1.0
"""Mean token log-probability under which a text is doubtful (Whisper's own threshold)."""

AGAIN_LOGPROB = -0.8
"""Mean log-probability under which a turn is decoded again in a whole window."""

LONE_LOGPROB, LONE_NO_SPEECH = -0.9, 0.1
"""Mean log-probability under which, and no-speech probability over which, a text that is nothing
but a reference is decoded again without a vocabulary (`guessed` has the figures)."""

LOOP_RATIO = 2.4
"""Compression ratio over which a text is a loop (Whisper's own threshold)."""

_INVENTED = re.compile(
    r"sous-?titr|amara\.org|merci d'avoir regard|abonnez-vous|soustitreur|❤|radio-canada"
    r"|^\W*(?:merci|musique|\.+)\W*$",
    re.IGNORECASE,
)
"""What French Whisper writes on silence and noise: film credits, thanks, music."""


_REFERENCE = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9-]+")
"""A word of letters and figures."""


@dataclass(frozen=True)
class Transcript:
    """A turn's words.

    Attributes:
        text: As recognised; empty when nothing was said.
        alternatives: Other readings, likelier first.
        logprob: Mean log-probability of the text's tokens, 0 best.
        decoding_ms: Time spent, the wait for a thread included.
        odds: Probability of each alternative, held against the text's.
        no_speech: The recogniser's own probability that nobody spoke.
    """

    text: str
    alternatives: tuple[str, ...]
    logprob: float
    decoding_ms: float
    odds: tuple[float, ...] = ()
    no_speech: float = 0.0

    def readings(self) -> tuple[tuple[str, float], ...]:
        """All readings with their weights, which sum to 1, likeliest first."""
        if not self.text:
            return ()
        odds = (1.0, *self.odds)
        pairs = zip((self.text, *self.alternatives), odds, strict=False)
        return tuple((text, one / sum(odds)) for text, one in pairs)


NOTHING = Transcript("", (), 0.0, 0.0)


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
    """faster-whisper, loaded once, decoding in its own threads.

    Its `transcribe` always pads to 30 s, so its parts (features, tokenizer, prompt) are used here
    with CTranslate2's encode and generate.
    """

    def __init__(
        self, model_dir: Path, *, workers: int = 2, threads: int = 1, padding_s: float = PADDING_S
    ) -> None:
        """Load the model (blocks; about a second).

        Args:
            model_dir: Folder of the CTranslate2 model.
            workers: Decodings at one time.
            threads: CPU threads of each.
            padding_s: Silence added to each turn, seconds.

        Raises:
            ModelUnavailableError: The files cannot be loaded.
        """
        self._pool = computing(workers, "transcriber")
        try:
            self._model = self._pool.submit(
                WhisperModel,
                str(model_dir),
                device="cpu",
                compute_type="int8",
                cpu_threads=threads,
                num_workers=workers,
                local_files_only=True,
            ).result()
            self._tokenizer = Tokenizer(
                self._model.hf_tokenizer, True, task="transcribe", language="fr"
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelUnavailableError(
                f"The recognition model in {model_dir} cannot be loaded ({error}); "
                "run `permanence models verify`, then `permanence models pull`."
            ) from error
        self._padding_s = padding_s
        self._slots = threading.BoundedSemaphore(workers + MAX_WAITING)

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """The words of one turn of at most 30 s.

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

    async def probe(self) -> None:
        """Decode a moment of silence, behind the turns that wait: whether decoding works at all.

        Raises whatever the model does.
        """
        silence = np.zeros(RECOGNISER_RATE_HZ // 5, dtype=np.float32)
        await asyncio.wrap_future(self._pool.submit(self._search, silence, 0.8, None))

    @property
    def waiting(self) -> int:
        """Decodings that no thread has begun yet."""
        return self._pool._work_queue.qsize()

    def close(self) -> None:
        """Wait for running decodings and release the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _decode(
        self, samples: Samples, rate_hz: int, vocabulary: tuple[str, ...], asked: float
    ) -> Transcript:
        audio = to_float(resample(samples, rate_hz, RECOGNISER_RATE_HZ))
        found = self._search(audio, self._padding_s, ", ".join(vocabulary) or None)
        if looped(found.text) or invented(found, vocabulary):
            # A vocabulary or a short window can throw the decoder into a loop, and on noise the
            # vocabulary itself is heard: once more without.
            found = self._search(audio, WINDOW_S, None, unrepeated=3)
        elif found.logprob < AGAIN_LOGPROB:
            # A word or two in a short window is often misheard: look again as it was trained.
            again = self._search(audio, WINDOW_S, ", ".join(vocabulary) or None)
            if again.logprob > found.logprob and not invented(again, vocabulary):
                found = again
        elapsed_ms = (time.perf_counter() - asked) * 1000
        if not credible(found):
            return Transcript("", (), found.logprob, elapsed_ms, no_speech=found.no_speech)
        return Transcript(
            found.text, found.alternatives, found.logprob, elapsed_ms, found.odds, found.no_speech
        )

    def _search(
        self, audio: npt.NDArray[np.float32], padding_s: float, hotwords: str | None,
        unrepeated: int = 0,
    ) -> Hypotheses:  # fmt: skip
        seconds = min(WINDOW_S, audio.size / RECOGNISER_RATE_HZ + padding_s)
        window = np.zeros(int(seconds * RECOGNISER_RATE_HZ), dtype=np.float32)
        window[: min(audio.size, window.size)] = audio[-window.size :]
        features = self._model.feature_extractor(window, padding=0)
        features = features[:, : features.shape[1] // 2 * 2]  # the encoder halves the frames
        prompt = self._model.get_prompt(
            self._tokenizer, [], without_timestamps=True, hotwords=hotwords
        )
        room = int(audio.size / RECOGNISER_RATE_HZ * TOKENS_A_SECOND) + 16
        result = self._model.model.generate(
            ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None])),
            [prompt],
            beam_size=BEAM,
            num_hypotheses=HYPOTHESES,
            max_length=min(448, len(prompt) + room),
            no_repeat_ngram_size=unrepeated,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        texts = [self._tokenizer.decode(ids).strip() for ids in result.sequences_ids]
        logprobs = [
            float(score) * len(ids)
            for score, ids in zip(result.scores, result.sequences_ids, strict=True)
        ]
        odds: dict[str, float] = {}
        for text, logprob in sorted(zip(texts, logprobs, strict=True), key=lambda pair: -pair[1]):
            if text != texts[0]:
                odds.setdefault(text, math.exp(min(0.0, logprob - logprobs[0])))
        return Hypotheses(
            texts[0], tuple(odds), float(result.scores[0]), result.no_speech_prob,
            tuple(odds.values()),
        )  # fmt: skip


@dataclass(frozen=True)
class Hypotheses:
    """What one search gave: the best text, the others, and how sure it is."""

    text: str
    alternatives: tuple[str, ...]
    logprob: float
    no_speech: float
    odds: tuple[float, ...] = ()


def looped(text: str) -> bool:
    """Whether the decoder went round in a circle: a compressible text or a repeated word."""
    words = text.casefold().split()
    if any(words[i] == words[i + 1] == words[i + 2] for i in range(len(words) - 2)):
        return True
    half = len(words) // 2
    if half >= 4 and words[:half] == words[half : 2 * half]:
        return True
    return bool(text) and get_compression_ratio(text) > LOOP_RATIO


def echoed(text: str, vocabulary: Sequence[str]) -> bool:
    """Whether a text only lists words that were given: « FR610P, LV450, » is heard in music.

    The last one may be cut short.
    """
    listed = {word.casefold().rstrip(".") for word in vocabulary}
    parts = [part.strip().casefold().rstrip(".") for part in text.split(",")]
    named = [part for part in parts if part]
    if len(parts) < 2 or not named or not all(part in listed for part in named[:-1]):
        return False
    return any(word.startswith(named[-1]) for word in listed)


def invented(found: Hypotheses, vocabulary: Sequence[str]) -> bool:
    """Whether a text comes from the vocabulary, not from the caller: an echo, a lone reference."""
    return echoed(found.text, vocabulary) or (bool(vocabulary) and guessed(found))


def guessed(found: Hypotheses) -> bool:
    """Whether a text is nothing but a reference of which the recogniser is not sure: « FR610. ».

    Measured with eight references in the vocabulary, base-sav, 8 kHz A-law. Of 144 clips of
    sounds (kitchen, water, hood, dishes, hum, music, hiss, coughs) 41 were heard as one reference:
    no-speech probability 0.19 to 0.95, mean log-probability -2.48 to -0.60. Of 57 times that one
    was said, clean and with a kitchen 15 and 5 dB below, 54 were heard as a reference: no-speech
    0.00 to 0.04, log-probability -0.85 to -0.03. With these limits, on other sounds: references
    heard in 66 clips 0 (without 27), said ones heard right 47 of 57.
    Repeat it: `python -m evals.lone_references`.
    """
    words = found.text.strip(" .,;!?…").split()
    if not words or not all(_REFERENCE.fullmatch(word.strip(".,")) for word in words):
        return False
    return found.logprob < LONE_LOGPROB or found.no_speech > LONE_NO_SPEECH


def credible(found: Hypotheses) -> bool:
    """Whether a text was probably said, not invented on silence or noise."""
    if _INVENTED.search(found.text) or looped(found.text):
        return False
    return not (found.no_speech > NO_SPEECH and found.logprob < DOUBTFUL_LOGPROB)
