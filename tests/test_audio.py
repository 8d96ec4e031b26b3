"""Telephone audio: G.711 to the letter, resampling, trimming, WAV files good and bad."""

from __future__ import annotations

import random
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from agent.audio import (
    ALAW_SILENCE,
    Samples,
    alaw_decode,
    alaw_encode,
    fade_edges,
    read_wav,
    resample,
    rms,
    samples_of,
    to_float,
    to_int16,
    trim_leading_silence,
    trim_trailing_silence,
    voiced_windows,
    write_wav,
)
from agent.errors import AudioFileError

RATE = 8_000


def tone(ms: int, rate: int = RATE, hz: float = 440.0, peak: int = 8_000) -> Samples:
    """A sine, `ms` long."""
    times = np.arange(rate * ms // 1000) / rate
    return (peak * np.sin(2 * np.pi * hz * times)).astype(np.int16)


def encoded(*values: int) -> bytes:
    """A-law of 16-bit samples."""
    return alaw_encode(struct.pack(f"<{len(values)}h", *values))


def decoded(data: bytes) -> list[int]:
    """Samples of A-law."""
    return [int(sample) for sample in samples_of(alaw_decode(data))]


def raw_wav(
    path: Path, data: bytes, *, channels: int = 1, width: int = 2, rate: int = RATE
) -> Path:
    """A WAV file of these bytes."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        (0, 0xD5),  # G.711 table 1a: positive values, even bits inverted
        (15, 0xD5),
        (16, 0xD4),
        (-1, 0x55),
        (-16, 0x55),
        (-17, 0x54),
        (1_000, 0xFA),
        (-1_000, 0x7A),
        (32_767, 0xAA),
        (-32_768, 0x2A),
    ],
)
def test_alaw_encodes_as_g711(sample: int, code: int) -> None:
    """Zero, the first decision values and full scale have the recommendation's codes."""
    assert encoded(sample) == bytes([code])


def test_alaw_decodes_as_g711() -> None:
    """The decoder output values y of table 1a, on 16 bits (the first row of every reference)."""
    assert decoded(bytes([0xD5, 0x55, 0xAA, 0x2A])) == [8, -8, 32_256, -32_256]
    first = [5504, 5248, 6016, 5760, 4480, 4224, 4992, 4736]
    first += [7552, 7296, 8064, 7808, 6528, 6272, 7040, 6784]
    assert decoded(bytes(range(16))) == [-value for value in first]
    assert decoded(bytes(range(0x80, 0x90))) == first


def test_every_alaw_code_survives_a_round_trip() -> None:
    """All 256 codes decode to different values that encode to the same code."""
    codes = bytes(range(256))
    assert alaw_encode(alaw_decode(codes)) == codes
    assert len(set(decoded(codes))) == 256


def test_alaw_is_monotone_and_close() -> None:
    """Over all samples, what is heard grows with what was said, and is off by 1/32 at most."""
    samples = np.arange(-32_768, 32_768).astype(np.int16)
    heard = samples_of(alaw_decode(alaw_encode(samples.tobytes()))).astype(int)
    assert np.all(np.diff(heard) >= 0)
    error = np.abs(heard - samples.astype(int))
    assert np.all(error <= np.maximum(8, np.abs(samples.astype(int)) // 32 + 8))


def test_alaw_of_nothing_and_of_half_a_sample() -> None:
    """Nothing gives nothing; bytes that end within a sample are refused, not read beyond."""
    assert alaw_encode(b"") == alaw_decode(b"") == b""
    assert encoded(0) == bytes([ALAW_SILENCE])
    with pytest.raises(ValueError, match="multiple"):
        alaw_encode(b"\0\0\0")


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8_000, 16_000), (24_000, 8_000), (22_050, 8_000)])
def test_resample_keeps_duration_and_level(from_hz: int, to_hz: int) -> None:
    """The length follows the rates to a sample, a tone keeps its level to 2 %."""
    before = tone(500, from_hz)
    after = resample(before, from_hz, to_hz)
    assert after.dtype == np.int16
    assert abs(after.size - before.size * to_hz / from_hz) <= 1
    assert rms(after) == pytest.approx(rms(before), rel=0.02)


def test_resample_to_the_same_rate_is_the_same_object() -> None:
    """Nothing is copied when there is nothing to do."""
    samples = tone(20)
    assert resample(samples, RATE, RATE) is samples
    assert resample(np.zeros(0, np.int16), RATE, 16_000).size == 0


def test_floats_are_clipped() -> None:
    """Full scale and beyond stay within 16 bits."""
    signal = np.array([0.0, 1.0, -1.0, 3.0, -3.0])
    assert to_int16(signal).tolist() == [0, 32767, -32767, 32767, -32768]
    assert to_float(np.array([-32768, 0, 16384], np.int16)).tolist() == [-1.0, 0.0, 0.5]


def test_trimming_keeps_the_speech_and_a_little_around_it() -> None:
    """100 ms of silence, 200 of tone, 300 of silence: 20 ms stay before, 80 after."""
    samples = np.concatenate([np.zeros(800, np.int16), tone(200), np.zeros(2400, np.int16)])
    assert voiced_windows(samples, RATE).tolist() == list(range(10, 30))
    assert trim_leading_silence(samples, RATE).size == 160 + 1600 + 2400
    assert trim_trailing_silence(samples, RATE).size == 800 + 1600 + 640
    assert trim_trailing_silence(samples, RATE, keep_ms=0).size == 800 + 1600


@pytest.mark.parametrize("samples", [np.zeros(1600, np.int16), np.zeros(0, np.int16), tone(100)])
def test_trimming_has_nothing_to_cut(samples: Samples) -> None:
    """Silence alone, nothing at all and speech to the edge come back whole."""
    assert trim_leading_silence(samples, RATE).tolist() == samples.tolist()
    assert trim_trailing_silence(samples, RATE).tolist() == samples.tolist()


def test_fade_touches_five_milliseconds_at_each_end() -> None:
    """Both ends start from zero, the middle and the original stay as they were."""
    samples = np.full(800, 1_000, np.int16)
    faded = fade_edges(samples, RATE)
    assert (faded[0], faded[-1]) == (0, 0)
    assert np.all(np.diff(faded[:40]) >= 0)
    assert np.all(faded[40:-40] == 1_000)
    assert np.all(samples == 1_000)
    assert fade_edges(samples[:1], RATE).tolist() == [1_000]
    assert fade_edges(samples[:3], RATE).tolist() == [0, 1_000, 0]


def test_rms() -> None:
    """Of nothing 0, of full scale no overflow."""
    assert rms(np.zeros(0, np.int16)) == 0.0
    assert rms(np.full(10, -32_768, np.int16)) == 32_768.0


def test_wav_round_trip(tmp_path: Path) -> None:
    """What is written is read, into a folder that was not there."""
    file = tmp_path / "new" / "a.wav"
    write_wav(file, RATE, tone(50))
    assert read_wav(file, RATE).tolist() == tone(50).tolist()
    assert read_wav(file, 16_000).size == 800


def test_two_channels_are_padded_and_interleaved(tmp_path: Path) -> None:
    """The shorter channel ends in silence; left comes first in each frame."""
    file = tmp_path / "both.wav"
    write_wav(file, RATE, np.array([1, 2, 3], np.int16), np.array([-1], np.int16))
    with wave.open(str(file), "rb") as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (2, 2, RATE)
        assert samples_of(wav.readframes(9)).tolist() == [1, -1, 2, 0, 3, 0]


def test_stereo_is_read_as_the_mean_of_its_channels(tmp_path: Path) -> None:
    """Full scale on both channels does not overflow."""
    data = np.array([[100, 300], [32_767, 32_767], [-32_768, -32_768]], "<i2").tobytes()
    file = raw_wav(tmp_path / "stereo.wav", data, channels=2)
    assert read_wav(file, RATE).tolist() == [200, 32_767, -32_768]


def test_unreadable_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    """Each says which file, what is wrong and what to do; nothing else is raised."""
    garbage = tmp_path / "garbage.wav"
    garbage.write_bytes(random.Random(1).randbytes(3_000))
    headless = tmp_path / "cut.wav"
    headless.write_bytes(b"RIFF\x24\0\0\0WAVEfmt ")
    cases = {
        tmp_path / "absent.wav": "There is no file",
        tmp_path: "cannot be read",
        raw_wav(tmp_path / "8.wav", b"\x80" * 80, width=1): "8-bit samples",
        raw_wav(tmp_path / "24.wav", b"\0" * 240, width=3): "24-bit samples",
        raw_wav(tmp_path / "none.wav", b""): "holds no sound",
        raw_wav(tmp_path / "slow.wav", b"\0" * 80, rate=1): "sampling rate of 1 Hz",
        garbage: "is not a WAV file",
        headless: "is not a WAV file",
    }
    for file, words in cases.items():
        with pytest.raises(AudioFileError, match=words) as told:
            read_wav(file, RATE)
        assert str(file) in str(told.value)
        assert "\n" not in str(told.value)


def test_damaged_headers_raise_nothing_else(tmp_path: Path) -> None:
    """Cause: a chunk size beyond the file and a rate of 0 Hz came out as RuntimeError."""
    chance = random.Random(7)
    good = raw_wav(tmp_path / "good.wav", tone(50).tobytes()).read_bytes()
    file = tmp_path / "damaged.wav"
    refused = 0
    for _ in range(500):
        data = bytearray(good[: chance.choice([len(good), chance.randrange(len(good))])])
        for _ in range(chance.randrange(4)):
            if data:
                data[chance.randrange(min(len(data), 44))] = chance.randrange(256)
        file.write_bytes(data)
        try:
            assert read_wav(file, RATE).dtype == np.int16
        except AudioFileError:
            refused += 1
    assert 0 < refused < 500


def test_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder in the file's place is one sentence."""
    with pytest.raises(AudioFileError, match="cannot be written"):
        write_wav(tmp_path, RATE, tone(20))
