"""The voices through the unmodified piper library, heard back by Whisper: real models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import soxr
from faster_whisper import WhisperModel
from onnx import TensorProto, helper, numpy_helper
from piper import PiperVoice, SynthesisConfig

from agent.audio import RECOGNISER_RATE_HZ
from agent.models import path
from agent.settings import load_settings
from voices.build import build, configuration, read_symbols, read_table

FRENCH = "Bonjour, nettoyez le filtre de vidange de la machine à laver."
ENGLISH = "Hello, please clean the filter of the washing machine."


def load(name: str) -> PiperVoice:
    """A voice of the catalogue, as any piper program loads it."""
    (graph,) = path(load_settings(), name).glob("*.onnx")
    return PiperVoice.load(graph)


def speak(
    voice: PiperVoice, text: str, length_scale: float | None = None
) -> npt.NDArray[np.float32]:
    """Samples from -1 to 1, at the voice's rate."""
    chunks = voice.synthesize(text, SynthesisConfig(length_scale=length_scale))
    samples: npt.NDArray[np.float32] = np.concatenate([c.audio_float_array for c in chunks])
    return samples


@pytest.fixture(scope="module")
def french() -> PiperVoice:
    """The default French voice."""
    return load("fr-siwis-kokoro")


@pytest.fixture(scope="module")
def english() -> PiperVoice:
    """A stock Piper voice."""
    return load("en-joe")


@pytest.mark.parametrize(("name", "text"), [("french", FRENCH), ("english", ENGLISH)])
def test_a_voice_speaks(name: str, text: str, request: pytest.FixtureRequest) -> None:
    """Both load by the same code; the sound is neither silent nor clipped, nor too long."""
    voice: PiperVoice = request.getfixturevalue(name)
    samples = speak(voice, text)
    assert 2.0 < len(samples) / voice.config.sample_rate < 6.0
    assert 0.02 < float(np.sqrt(np.mean(samples**2))) < 0.5
    assert np.isfinite(samples).all()


@pytest.mark.parametrize("name", ["french", "english"])
def test_length_scale_slows(name: str, request: pytest.FixtureRequest) -> None:
    """Half as fast again: between 1.3 and 1.7 times as long."""
    voice: PiperVoice = request.getfixturevalue(name)
    usual, slow = (len(speak(voice, "Bonjour.", scale)) for scale in (1.0, 1.5))
    assert 1.3 < slow / usual < 1.7


def test_whisper_hears_what_the_french_voice_says(french: PiperVoice) -> None:
    """The default recogniser understands the default voice."""
    ears = WhisperModel(
        str(path(load_settings(), "whisper-base-sav")), device="cpu", compute_type="int8"
    )
    samples = soxr.resample(speak(french, FRENCH), french.config.sample_rate, RECOGNISER_RATE_HZ)
    segments, _ = ears.transcribe(samples, language="fr", beam_size=5)
    heard = " ".join(segment.text for segment in segments).lower()
    assert "bonjour" in heard
    assert "vidange" in heard


def test_every_french_phoneme_has_a_symbol(french: PiperVoice) -> None:
    """No phoneme of these sentences is unknown, and liaison hyphens cost no token."""
    for text in (FRENCH, "Les enfants œuvrent à huit heures : où, quand ? Un œil, dis-moi !"):
        for phonemes in french.phonemize(text):
            assert set(phonemes) <= set(french.config.phoneme_id_map)
    ids = french.phonemes_to_ids(["b", "-", "ɔ"])
    assert ids == [0, *french.config.phoneme_id_map["b"], *french.config.phoneme_id_map["ɔ"], 0]


ONCE = """
import sys
from pathlib import Path

from piper import espeakbridge
from piper.voice import PiperVoice

counted = []
real = espeakbridge.initialize
espeakbridge.initialize = lambda folder: (counted.append(folder), real(folder))[1]

from knowledge.phonetics import sound_of

voice = PiperVoice.load(sys.argv[1], sys.argv[2])
order = [lambda: sound_of("vidange"), lambda: voice.phonemize("C'est pour quel appareil ?")]
for turn in (order if sys.argv[3] == "ear" else order[::-1]) * 20:
    turn()
print(len(counted))
"""


@pytest.mark.parametrize("first", ["ear", "voice"])
def test_espeak_is_set_up_once_for_ear_and_voice(first: str) -> None:
    """Cause: set up again by the first sentence that was not kept, it ended the server."""
    folder = path(load_settings(), "fr-siwis-kokoro")
    onnx = next(folder.glob("*.onnx"))
    command = [sys.executable, "-c", ONCE, str(onnx), f"{onnx}.json", first]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr[-2000:]


def toy_kokoro(file: Path) -> None:
    """A graph with Kokoro's signature whose sound is (row of the style, speed, token count)."""
    first = numpy_helper.from_array(np.array([0], np.int64), "first")
    second = numpy_helper.from_array(np.array([1], np.int64), "second")
    flat = numpy_helper.from_array(np.array([-1], np.int64), "flat")
    nodes = [
        helper.make_node("Gather", ["style", "first"], ["corner"], axis=1),
        helper.make_node("Reshape", ["corner", "flat"], ["row"]),
        helper.make_node("Shape", ["tokens"], ["size"]),
        helper.make_node("Gather", ["size", "second"], ["length"], axis=0),
        helper.make_node("Cast", ["length"], ["count"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["row", "speed", "count"], ["audio"], axis=0),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "T"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    output = helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["N"])
    graph = helper.make_graph(nodes, "toy", inputs, [output], [first, second, flat])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.save(model, str(file))


@pytest.fixture
def toy(tmp_path: Path) -> PiperVoice:
    """The toy graph as a Piper voice of three style rows, row n holding n."""
    toy_kokoro(tmp_path / "kokoro.onnx")
    table = np.repeat(np.arange(3, dtype="<f4")[:, None], 256, axis=1)
    (tmp_path / "voice.bin").write_bytes(table.tobytes())
    (tmp_path / "vocab.json").write_text(json.dumps({"vocab": {"a": 43, "ɡ": 92}}))
    build(
        tmp_path / "kokoro.onnx",
        tmp_path / "voice.bin",
        tmp_path / "vocab.json",
        tmp_path / "toy.onnx",
    )
    return PiperVoice.load(tmp_path / "toy.onnx")


@pytest.mark.parametrize(("tokens", "row"), [(0, 0), (1, 1), (2, 2), (40, 2)])
def test_the_style_is_that_of_the_number_of_tokens(toy: PiperVoice, tokens: int, row: int) -> None:
    """Row = tokens without the two pads, at most the table's last; speed = 1 / length_scale."""
    ids = toy.phonemes_to_ids(["a"] * tokens)
    assert ids == [0, *[43] * tokens, 0]
    samples = toy.phoneme_ids_to_audio(ids, SynthesisConfig(length_scale=2.0))
    assert np.asarray(samples).tolist() == [row, 0.5, tokens + 2]


def test_the_hubs_symbol_table_is_read_too(tmp_path: Path) -> None:
    """tokenizer.json holds the same table one level deeper."""
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps({"model": {"vocab": {"$": 0, "ɡ": 92}}}))
    ids = configuration(read_symbols(file))["phoneme_id_map"]
    assert ids == {"$": [0], "ɡ": [92], "^": [0], "_": [], "-": [], "g": [92]}


def test_other_files_are_refused(tmp_path: Path) -> None:
    """A file that is no voice table, and a table without symbols, are told by name."""
    file = tmp_path / "other.bin"
    file.write_bytes(b"1234")
    with pytest.raises(ValueError, match=r"other\.bin is no Kokoro voice"):
        read_table(file)
    file.write_text("{}")
    with pytest.raises(ValueError, match=r"other\.bin holds no symbol table"):
        read_symbols(file)
