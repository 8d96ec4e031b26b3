"""Give a Kokoro voice the shape of a Piper voice, so that the unmodified piper library speaks it.

    python -m voices.build --kokoro model.onnx --voice ff_siwis.bin --vocab vocab.json \\
        --out DIR/fr-siwis-kokoro.onnx

writes the graph and, beside it, the ``.onnx.json`` that piper reads. Any voice table of Kokoro
will do: one made for English, speaking French phonemes, is a caller with an accent.

The graph takes at most 512 ids at once, hence some 500 phonemes a sentence: cut longer ones.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

SAMPLE_RATE = 24_000  # Hz, of every Kokoro 82M graph
STYLE_WIDTH = 256  # floats a row of the voice table
NUM_SYMBOLS = 178  # n_token of Kokoro 82M
PAD = 0  # Kokoro wants this id before the first token and after the last
LENGTH_SCALE = 1  # place of length_scale among Piper's scales (noise, length, noise_w)


def read_table(path: Path) -> npt.NDArray[np.float32]:
    """Read a voice: float32 [rows, 256], row n being the style of n tokens.

    Raises:
        ValueError: The file is not such a table.
    """
    values = np.fromfile(path, dtype="<f4")
    if values.size == 0 or values.size % STYLE_WIDTH or not np.isfinite(values).all():
        raise ValueError(f"{path} is no Kokoro voice: not rows of {STYLE_WIDTH} float32 numbers")
    return values.reshape(-1, STYLE_WIDTH)


def read_symbols(path: Path) -> dict[str, int]:
    """Read Kokoro's symbol table (``vocab.json`` or the ``tokenizer.json`` of its hub copy).

    Raises:
        ValueError: The file holds no such table.
    """
    content = json.loads(path.read_text("utf-8"))
    table = content.get("vocab") or content.get("model", {}).get("vocab")
    if not isinstance(table, dict) or not all(isinstance(i, int) for i in table.values()):
        raise ValueError(f"{path} holds no symbol table under 'vocab' or 'model.vocab'")
    return table


def configuration(symbols: dict[str, int], espeak_voice: str = "fr") -> dict[str, Any]:
    """What piper must know of the voice.

    Piper spells a sentence ``^ _ p _ p _ … $`` through ``phoneme_id_map``. Kokoro puts nothing
    between its tokens and the pad at both ends, hence the ids of ``_``, ``^`` and ``$``. Its table
    lacks the hyphen that espeak writes in liaisons, and the plain g.
    """
    ids: dict[str, list[int]] = {symbol: [i] for symbol, i in symbols.items()}
    ids |= {"^": [PAD], "$": [PAD], "_": [], "-": []}
    if "ɡ" in ids:
        ids.setdefault("g", ids["ɡ"])
    return {
        "audio": {"sample_rate": SAMPLE_RATE},
        "espeak": {"voice": espeak_voice},
        "phoneme_type": "espeak",
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "num_symbols": NUM_SYMBOLS,
        "num_speakers": 1,
        "speaker_id_map": {},
        "phoneme_id_map": ids,
    }


def wrap(kokoro: onnx.ModelProto, table: npt.NDArray[np.float32]) -> onnx.ModelProto:
    """Return the Kokoro graph with Piper's inputs and output; `kokoro` itself is changed.

    Args:
        kokoro: Inputs ``tokens`` int64 [1, T], ``style`` float [1, 256], ``speed`` float [1];
            output ``audio`` or ``waveform``, float [N] or [1, N].
        table: float32 [rows, 256].

    Raises:
        ValueError: The graph has other inputs or more than one output.
    """
    graph = kokoro.graph
    names = {value.name for value in graph.input}
    tokens = "tokens" if "tokens" in names else "input_ids"  # as the hub's export calls it
    if names != {tokens, "style", "speed"} or len(graph.output) != 1:
        raise ValueError(f"not a Kokoro graph: its inputs are {sorted(names)}")
    audio = graph.output[0].name

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        graph.initializer.append(numpy_helper.from_array(value, f"piper.{name}"))
        return f"piper.{name}"

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
        return helper.make_node(kind, inputs, [output], name=f"piper.{output}", **attributes)

    one = constant("one", np.array([1], np.int64))
    before = [
        node("Identity", ["input"], tokens),
        node("Shape", ["input"], "piper.shape"),
        node("Gather", ["piper.shape", one], "piper.length", axis=0),
        node(
            "Sub", ["piper.length", constant("pads", np.array([2], np.int64))], "piper.token_count"
        ),
        node(
            "Clip",
            [
                "piper.token_count",
                constant("first_row", np.array(0, np.int64)),
                constant("last_row", np.array(len(table) - 1, np.int64)),
            ],
            "piper.row",
        ),
        node("Gather", [constant("voice", table), "piper.row"], "style", axis=0),
        node(
            "Gather",
            ["scales", constant("length_scale", np.array([LENGTH_SCALE], np.int64))],
            "piper.slowness",
            axis=0,
        ),
        node("Reciprocal", ["piper.slowness"], "speed"),
    ]
    after = node(
        "Reshape", [audio, constant("output_shape", np.array([1, 1, 1, -1], np.int64))], "output"
    )
    nodes = [*before, *graph.node, after]
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    graph.input.extend(
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ]
    )
    graph.output.append(
        helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "samples"])
    )
    return kokoro


def build(kokoro: Path, voice: Path, vocab: Path, out: Path, espeak_voice: str = "fr") -> None:
    """Write `out` (the graph) and ``<out>.json``; both appear whole or not at all."""
    table, symbols = read_table(voice), read_symbols(vocab)
    model = wrap(onnx.load(str(kokoro)), table)
    settings = json.dumps(configuration(symbols, espeak_voice), ensure_ascii=False, indent=1)
    out.parent.mkdir(parents=True, exist_ok=True)
    for path, content in (
        (out.with_name(out.name + ".json"), settings.encode("utf-8")),
        (out, model.SerializeToString(deterministic=True)),
    ):
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and build one voice."""
    parser = argparse.ArgumentParser(description="Make a Piper voice of a Kokoro voice.")
    parser.add_argument("--kokoro", type=Path, required=True, help="Kokoro 82M graph (.onnx)")
    parser.add_argument("--voice", type=Path, required=True, help="voice table (.bin)")
    parser.add_argument("--vocab", type=Path, required=True, help="symbol table (.json)")
    parser.add_argument("--out", type=Path, required=True, help="Piper voice to write (.onnx)")
    parser.add_argument("--espeak-voice", default="fr", help="language of the phonemes")
    given = parser.parse_args(arguments)
    build(given.kokoro, given.voice, given.vocab, given.out, given.espeak_voice)


if __name__ == "__main__":
    main()
