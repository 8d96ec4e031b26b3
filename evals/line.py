"""What a room, a telephone and a network do to clean speech, repeatably.

In the order in which it happens: how fast it is said, the room it is said in, what else sounds
there, how loud it arrives, the codec, the packets that are lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from agent.audio import (
    TELEPHONE_FRAME_SAMPLES,
    TELEPHONE_RATE_HZ,
    Samples,
    alaw_decode,
    alaw_encode,
    resample,
    samples_of,
    to_float,
    to_int16,
)
from evals import sounds
from evals.sounds import Random, Signal, shaped, unit

Codec = Literal["none", "alaw", "gsm"]
Noise = Literal["kitchen", "television", "hum", "hiss", "fan", "music"]

TELEPHONE_BAND = ((150.0, -40.0), (300.0, 0.0), (3400.0, 0.0), (3700.0, -40.0))
"""(Hz, dB) of an analogue subscriber's line, roughly the mask of ITU-T G.712."""

HISS_DBFS = -66.0
"""Noise of an idle line, of full scale."""

GSM_BIT_S = 12_200
GSM_WEAK_BIT_S = 5_900
"""Bits a second of a good and of a weak mobile cell (3GPP TS 26.071; 12.2 is GSM's own EFR)."""

DIRECT_DB = 0.0
"""Direct sound over reverberant sound of somebody at arm's length from a hands-free telephone."""


@dataclass(frozen=True)
class Condition:
    """What happens to speech before it is recognised.

    Attributes:
        name: As the tables print it.
        codec: "none" leaves 16 kHz and the whole band; the others give 8 kHz.
        noise: What else sounds in the room.
        snr_db: Speech over that noise, dB, both over the whole band.
        rt60_s: Time in which the room's echo falls by 60 dB, s; 0 is the open air.
        level_db: Gain of everything before the codec, dB; what is over full scale is clipped.
        speed: Of speaking, 1 as it was said; the pitch stays.
        loss: Share of 20 ms frames that never arrive, 0 to 1.
        burst: Mean number of frames lost in a row, at least 1.
        bit_s: Bits a second of the mobile codec.
    """

    name: str
    codec: Codec = "alaw"
    noise: Noise | None = None
    snr_db: float = math.inf
    rt60_s: float = 0.0
    level_db: float = 0.0
    speed: float = 1.0
    loss: float = 0.0
    burst: float = 1.0
    bit_s: int = GSM_BIT_S


_TABLE = (
    Condition("clean 16k", codec="none"),
    Condition("telephone"),
    Condition("telephone kitchen 15 dB", noise="kitchen", snr_db=15),
    Condition("telephone kitchen 5 dB", noise="kitchen", snr_db=5),
    Condition("telephone tv 15 dB", noise="television", snr_db=15),
    Condition("telephone hum 5 dB", noise="hum", snr_db=5),
    Condition("telephone reverb", rt60_s=0.6),
    Condition("gsm", codec="gsm"),
    Condition("gsm weak, loss 3 %", codec="gsm", bit_s=GSM_WEAK_BIT_S, loss=0.03, burst=2),
    Condition("loss 3 %", loss=0.03, burst=2),
    Condition("loss 10 %", loss=0.10, burst=3),
    Condition("faint", level_db=-20),
    Condition("clipped", level_db=14),
    Condition("slow", speed=0.8),
    Condition("fast", speed=1.25),
)
CONDITIONS = {condition.name: condition for condition in _TABLE}


class CodecMissingError(Exception):
    """The mobile codec is not in this machine's build of FFmpeg."""


def received(
    condition: Condition,
    samples: Samples,
    rate_hz: int,
    seed: int = 0,
    talkers: Sequence[Samples] = (),
) -> tuple[Samples, int]:
    """Speech as it arrives under a condition, and its sampling rate.

    Args:
        condition: What happens to it.
        samples: Clean speech.
        rate_hz: Its rate, 16 kHz or more for a whole band.
        seed: Of all that is random.
        talkers: Other people's clips at the same rate, for the television.

    Raises:
        CodecMissingError: The condition's codec is not here.
        ValueError: A television without talkers.
    """
    random = np.random.default_rng(seed)
    signal = to_float(samples).astype(np.float64)
    signal = stretched(signal, rate_hz, condition.speed)
    signal = reverberant(signal, rate_hz, condition.rt60_s, random)
    if condition.noise is not None:
        noise = background(condition.noise, signal.size, rate_hz, random, talkers)
        signal = mixed(signal, noise, rate_hz, condition.snr_db)
    signal = signal * 10 ** (condition.level_db / 20)
    if condition.codec == "none":
        return to_int16(signal), rate_hz
    narrow = on_the_line(to_int16(signal), rate_hz, random)
    coded = alaw(narrow) if condition.codec == "alaw" else gsm(narrow, condition.bit_s)
    return lossy(coded, condition.loss, condition.burst, random), TELEPHONE_RATE_HZ


def background(
    noise: Noise, count: int, rate_hz: int, random: Random, talkers: Sequence[Samples] = ()
) -> Signal:
    """A sound by name, unit RMS, [count].

    Raises:
        ValueError: A television without talkers.
    """
    if noise == "television":
        return sounds.television(count, rate_hz, random, talkers)
    made = {"kitchen": sounds.kitchen, "hum": sounds.hum, "hiss": sounds.hiss, "fan": sounds.fan,
            "music": sounds.music}  # fmt: skip
    return made[noise](count, rate_hz, random)


def speech_rms(signal: Signal, rate_hz: int) -> float:
    """RMS of what is said, its pauses left out: windows within 30 dB of the loudest (as P.56)."""
    window = rate_hz // 50
    count = signal.size // window
    if count == 0:
        return float(np.sqrt(np.mean(signal**2))) if signal.size else 0.0
    power = np.mean(signal[: count * window].reshape(count, window) ** 2, axis=1)
    return float(np.sqrt(power[power >= power.max() / 1000].mean()))


def mixed(speech: Signal, noise: Signal, rate_hz: int, snr_db: float) -> Signal:
    """Speech and noise, the speech `snr_db` over the noise; both [n]."""
    wanted = speech_rms(speech, rate_hz) * 10 ** (-snr_db / 20)
    return speech + unit(noise) * wanted


def reverberant(signal: Signal, rate_hz: int, rt60_s: float, random: Random) -> Signal:
    """Speech in a small room, [n] as before and as loud.

    The room is noise that falls exponentially by 60 dB in `rt60_s` and loses its treble, after the
    direct sound: the usual model of a diffuse field (Polack 1988).
    """
    if rt60_s <= 0 or not signal.size:
        return signal
    time_s = np.arange(int(rt60_s * rate_hz)) / rate_hz
    tail = random.standard_normal(time_s.size) * np.exp(-math.log(1000) * time_s / rt60_s)
    tail = shaped(tail, rate_hz, ((100, -6), (300, 0), (3000, 0), (8000, -9)))
    tail *= 10 ** (-DIRECT_DB / 20) / float(np.sqrt(np.sum(tail**2)))
    tail[0] += 1.0
    size = signal.size + tail.size
    wet = np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(tail, size), size)[: signal.size]
    before, after = speech_rms(signal, rate_hz), speech_rms(wet, rate_hz)
    return wet * (before / after) if after else wet


def stretched(signal: Signal, rate_hz: int, speed: float) -> Signal:
    """The same said faster or slower at the same pitch, [n / speed].

    Overlap-add of windows moved to where they fit best (WSOLA, Verhelst and Roelands 1993).
    """
    if speed == 1.0 or not signal.size:
        return signal
    half, reach = int(0.02 * rate_hz), int(0.01 * rate_hz)
    window = 2 * half
    taper = np.hanning(window + 1)[:-1]
    count = max(1, math.ceil(signal.size / speed / half))
    padded = np.pad(signal, (reach, 2 * window + 2 * reach))
    out = np.zeros((count + 1) * half)
    expected = padded[reach : reach + window]
    for number in range(count):
        at = min(int(number * half * speed), signal.size)
        near = padded[at : at + window + 2 * reach]
        start = at + int(np.argmax(np.correlate(near, expected, "valid")))
        out[number * half : number * half + window] += taper * padded[start : start + window]
        expected = padded[start + half : start + half + window]
    return out[: round(signal.size / speed)]


def on_the_line(samples: Samples, rate_hz: int, random: Random) -> Samples:
    """Speech in the telephone's band at 8 kHz, with the hiss of the line."""
    narrow = to_float(resample(samples, rate_hz, TELEPHONE_RATE_HZ)).astype(np.float64)
    if not narrow.size:
        return samples
    narrow = shaped(narrow, TELEPHONE_RATE_HZ, TELEPHONE_BAND)
    idle = sounds.hiss(narrow.size, TELEPHONE_RATE_HZ, random) * 10 ** (HISS_DBFS / 20)
    return to_int16(narrow + idle)


def alaw(samples: Samples) -> Samples:
    """Through ITU-T G.711 A-law and back."""
    return samples_of(alaw_decode(alaw_encode(samples.astype("<i2").tobytes())))


def gsm(samples: Samples, bit_s: int = GSM_BIT_S) -> Samples:
    """Through the mobile telephone's codec and back, 8 kHz, [n] as before.

    FFmpeg writes no GSM full rate; this is AMR narrow-band (3GPP TS 26.071), which replaced it, and
    whose 12.2 kbit/s mode is GSM's enhanced full rate.

    Raises:
        CodecMissingError: This build of FFmpeg has no AMR encoder.
    """
    import av
    from av.codec.codec import UnknownCodecError

    try:
        encoder = av.CodecContext.create("libopencore_amrnb", "w")
        decoder = av.CodecContext.create("amr_nb", "r")
    except UnknownCodecError as error:
        raise CodecMissingError("FFmpeg has no AMR encoder here") from error
    encoder.sample_rate = decoder.sample_rate = TELEPHONE_RATE_HZ
    encoder.layout = decoder.layout = "mono"
    encoder.format, encoder.bit_rate = "s16", bit_s
    packets = []
    for at in range(0, samples.size, TELEPHONE_FRAME_SAMPLES):
        piece = samples[at : at + TELEPHONE_FRAME_SAMPLES]
        piece = np.pad(piece, (0, TELEPHONE_FRAME_SAMPLES - piece.size)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(piece[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = TELEPHONE_RATE_HZ, at
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoded = [frame.to_ndarray().ravel() for packet in packets for frame in decoder.decode(packet)]
    if not decoded:
        return samples
    return to_int16(np.concatenate(decoded).astype(np.float64))[: samples.size]


def lost_frames(count: int, loss: float, burst: float, random: Random) -> list[bool]:
    """Which of `count` frames are lost: a good and a bad state (Gilbert 1960).

    Args:
        count: Frames.
        loss: Share that is lost in the long run.
        burst: Mean number in a row.
        random: Drawn from, once a frame.
    """
    leave = 1 / max(1.0, burst)
    enter = min(1.0, leave * loss / (1 - loss)) if loss < 1 else 1.0
    lost, bad = [], False
    for drawn in random.random(count):
        bad = drawn >= leave if bad else drawn < enter
        lost.append(bool(bad))
    return lost


def lossy(samples: Samples, loss: float, burst: float, random: Random) -> Samples:
    """Speech over a network that loses 20 ms frames, 8 kHz, [n].

    A lost frame is covered by the last one that came, half as loud each time, as simple telephones
    do; G.711 Appendix I is gentler, and none at all is worse.
    """
    if loss <= 0:
        return samples
    out = samples.copy()
    last, gain = np.zeros(TELEPHONE_FRAME_SAMPLES, np.int16), 1.0
    count = math.ceil(samples.size / TELEPHONE_FRAME_SAMPLES)
    for number, lost in enumerate(lost_frames(count, loss, burst, random)):
        at = number * TELEPHONE_FRAME_SAMPLES
        here = out[at : at + TELEPHONE_FRAME_SAMPLES]
        if lost:
            gain /= 2
            here[:] = last[: here.size] * gain
        else:
            last, gain = np.resize(here, TELEPHONE_FRAME_SAMPLES), 1.0
    return out
