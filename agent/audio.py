"""Telephone audio: constants, G.711, PCM and WAV, and what counts as voiced.

All samples are signed 16-bit little-endian PCM, one channel, unless a name says otherwise.
"""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soxr

from agent.errors import AudioFileError

Samples = npt.NDArray[np.int16]
Encoding = Literal["alaw", "pcm16"]

TELEPHONE_RATE_HZ = 8_000
RECOGNISER_RATE_HZ = 16_000
FILE_RATES_HZ = (1_000, 384_000)
"""Lowest and highest sampling rate that a sound file is believed to have."""

FRAME_MS = 20
SAMPLE_BYTES = 2
TELEPHONE_FRAME_SAMPLES = TELEPHONE_RATE_HZ * FRAME_MS // 1000
ALAW_SILENCE = 0xD5
VOICED_RMS = 200.0
"""RMS of a 10 ms window over which it counts as voiced: about -44 dBFS, over line noise."""


def _alaw_tables() -> tuple[npt.NDArray[np.uint8], Samples]:
    """Both directions of A-law (ITU-T G.711, table 1a), as look-up tables."""
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
    )
    decode = np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)

    # Encoding works on 13 bits (12 of magnitude), so 4,096 magnitudes say it all.
    magnitudes = np.arange(4096, dtype=np.int32)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitudes, 1))).astype(np.int32) - 4, 0)
    low = np.where(segment == 0, magnitudes >> 1, magnitudes >> np.maximum(segment, 1)) & 15
    body = ((segment << 4) | low).astype(np.uint8)
    positive = (body | 0x80) ^ 0x55
    negative = body ^ 0x55
    encode = np.empty(65536, dtype=np.uint8)
    samples = np.arange(-32768, 32768, dtype=np.int32)
    # A negative sample s stands for the magnitude -s-1 in 13-bit ones' complement.
    index = np.where(samples >= 0, samples >> 3, (-samples - 1) >> 3)
    encode[samples & 0xFFFF] = np.where(samples >= 0, positive[index], negative[index])
    return encode, decode


_ALAW_ENCODE, _ALAW_DECODE = _alaw_tables()


def alaw_encode(pcm: bytes) -> bytes:
    """Encode PCM as A-law, one byte a sample (ITU-T G.711)."""
    codes: bytes = _ALAW_ENCODE[np.frombuffer(pcm, dtype="<u2")].tobytes()
    return codes


def alaw_decode(data: bytes) -> bytes:
    """Decode A-law to PCM, two bytes a sample (ITU-T G.711)."""
    return _ALAW_DECODE[np.frombuffer(data, dtype=np.uint8)].astype("<i2").tobytes()


def samples_of(pcm: bytes) -> Samples:
    """The samples of PCM bytes, not copied."""
    return np.frombuffer(pcm, dtype="<i2")


def to_float(samples: Samples) -> npt.NDArray[np.float32]:
    """Samples as float32 in [-1, 1)."""
    return samples.astype(np.float32) / 32768.0


def to_int16(signal: npt.NDArray[np.floating]) -> Samples:
    """A float signal in [-1, 1] as samples, clipped."""
    return np.clip(np.round(signal * 32767.0), -32768, 32767).astype(np.int16)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Resample a whole signal with soxr (high quality)."""
    if from_hz == to_hz:
        return samples
    return to_int16(soxr.resample(to_float(samples), from_hz, to_hz, quality="HQ"))


class Resampler:
    """Resamples a signal that comes in pieces, without a seam between them."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None
        if from_hz != to_hz:
            self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", quality="HQ")

    def next(self, samples: Samples, *, last: bool = False) -> Samples:
        """What can be told of the signal so far: up to 120 ms wait for the next piece."""
        if self._stream is None:
            return samples
        resampled: Samples = self._stream.resample_chunk(samples, last=last)
        return resampled


def rms(samples: Samples) -> float:
    """Root mean square of samples, 0 for none."""
    if samples.size == 0:
        return 0.0
    values = samples.astype(np.float64)
    return math.sqrt(float(np.dot(values, values)) / values.size)


def speech_level_db(samples: Samples, rate_hz: int) -> float:
    """Level of what is said, dB below full scale: windows of 20 ms within 15 dB of the loudest.

    Pauses and fainter noise are left out, as ITU-T P.56 leaves them out. -inf for silence.
    """
    window = rate_hz // 50
    count = samples.size // window
    if count == 0:
        return -math.inf
    power = np.mean(samples[: count * window].astype(np.float64).reshape(count, window) ** 2, 1)
    if not power.max():
        return -math.inf
    spoken = power[power >= power.max() / 10**1.5]
    return float(10 * np.log10(spoken.mean() / 32768.0**2))


def voiced_windows(samples: Samples, rate_hz: int, threshold: float = VOICED_RMS) -> np.ndarray:
    """Indices of the 10 ms windows whose RMS exceeds `threshold`, in order."""
    window = rate_hz // 100
    count = samples.size // window
    energy = np.mean(samples[: count * window].astype(np.float64).reshape(count, window) ** 2, 1)
    return np.flatnonzero(np.sqrt(energy) > threshold)


def trim_leading_silence(samples: Samples, rate_hz: int, keep_ms: int = 20) -> Samples:
    """Drop what precedes the first voiced window, but `keep_ms` of it."""
    voiced = voiced_windows(samples, rate_hz)
    if voiced.size == 0:
        return samples
    return samples[max(0, int(voiced[0]) * rate_hz // 100 - rate_hz * keep_ms // 1000) :]


def trim_trailing_silence(samples: Samples, rate_hz: int, keep_ms: int = 80) -> Samples:
    """Drop what follows the last voiced window, but `keep_ms` of it."""
    voiced = voiced_windows(samples, rate_hz)
    if voiced.size == 0:
        return samples
    return samples[: (int(voiced[-1]) + 1) * rate_hz // 100 + rate_hz * keep_ms // 1000]


def fade_edges(samples: Samples, rate_hz: int, ms: int = 5) -> Samples:
    """Fade both ends over `ms`, so that no sentence begins or ends with a click."""
    length = min(rate_hz * ms // 1000, samples.size // 2)
    if length == 0:
        return samples
    shaped = samples.astype(np.float32)
    ramp = np.linspace(0.0, 1.0, length, dtype=np.float32)
    shaped[:length] *= ramp
    shaped[-length:] *= ramp[::-1]
    return shaped.astype(np.int16)


def read_wav(path: Path, rate_hz: int) -> Samples:
    """Read a 16-bit WAV file as one channel at `rate_hz`.

    Raises:
        AudioFileError: The file is missing, is not a readable 16-bit WAV, or holds no sample.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != SAMPLE_BYTES:
                raise AudioFileError(
                    f"{path} has {8 * file.getsampwidth()}-bit samples; convert it to 16-bit WAV."
                )
            channels, own_hz = file.getnchannels(), file.getframerate()
            samples = samples_of(file.readframes(file.getnframes()))
    except FileNotFoundError as error:
        raise AudioFileError(f"There is no file {path}; check the name.") from error
    except OSError as error:
        raise AudioFileError(
            f"{path} cannot be read ({error.strerror}); give a WAV file."
        ) from error
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:  # chunk.seek: RuntimeError
        raise AudioFileError(
            f"{path} is not a WAV file ({error}); convert it to 16-bit PCM WAV."
        ) from error
    if not FILE_RATES_HZ[0] <= own_hz <= FILE_RATES_HZ[1]:
        raise AudioFileError(
            f"{path} cannot have a sampling rate of {own_hz} Hz; convert it to 16-bit PCM WAV."
        )
    if channels > 1:
        frames = samples[: samples.size // channels * channels].reshape(-1, channels)
        samples = frames.astype(np.int32).mean(axis=1).astype(np.int16)
    if samples.size == 0:
        raise AudioFileError(f"{path} holds no sound; record it again.")
    return resample(samples, own_hz, rate_hz)


def wav_bytes(rate_hz: int, pieces: Sequence[Samples]) -> bytes:
    """A WAV file of one channel of 16-bit samples, the pieces one after the other."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(rate_hz)
        file.writeframes(b"".join(piece.astype("<i2").tobytes() for piece in pieces))
    return made.getvalue()


def write_wav(path: Path, rate_hz: int, *channels: Samples) -> None:
    """Write one WAV file of 16-bit samples; shorter channels are padded with silence.

    Raises:
        AudioFileError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_of(rate_hz, *channels))
    except OSError as error:
        raise AudioFileError(
            f"{path} cannot be written ({error.strerror}); choose another place."
        ) from error


def wav_of(rate_hz: int, *channels: Samples) -> bytes:
    """A WAV file of 16-bit samples; shorter channels are padded with silence."""
    length = max(channel.size for channel in channels)
    frames = np.zeros((length, len(channels)), dtype="<i2")
    for index, channel in enumerate(channels):
        frames[: channel.size, index] = channel
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(rate_hz)
        file.writeframes(frames.tobytes())
    return target.getvalue()
