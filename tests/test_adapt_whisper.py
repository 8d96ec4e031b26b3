"""What was taught is added to the published recogniser, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.call.adapt_whisper import Weights, adapted, main, read, vocabulary, write

NAME = "decoder/layer_0/ffn/linear_0/weight"


def small() -> Weights:
    """A model of one matrix and what stands beside it."""
    return Weights(
        "WhisperSpec",
        3,
        {
            NAME: np.arange(6, dtype=np.float16).reshape(2, 3),
            "decoder/num_heads": np.array(8, dtype=np.int16),
            "encoder/bias": np.ones(2, dtype=np.float32),
        },
        {"decoder/projection/weight": NAME},
    )


def adapter(file: Path, name: str = NAME, columns: int = 3) -> Path:
    """One that adds 2 everywhere."""
    arrays: dict[str, Any] = {
        f"{name}.a": np.full((1, columns), 100, np.int8),
        f"{name}.a_scale": np.full((1, 1), 0.01, np.float32),
        f"{name}.b": np.full((2, 1), 50, np.int8),
        f"{name}.b_scale": np.full((1, 1), 0.04, np.float32),
    }
    np.savez(file, **arrays)
    return file


def test_written_is_read_the_same(tmp_path: Path) -> None:
    """Names, types, shapes and values."""
    write(tmp_path / "model.bin", small())
    found = read(tmp_path / "model.bin")
    assert (found.spec, found.revision, found.aliases) == ("WhisperSpec", 3, small().aliases)
    assert list(found.variables) == list(small().variables)
    for name, values in small().variables.items():
        assert found.variables[name].dtype == values.dtype
        assert np.array_equal(found.variables[name], values)


def test_the_change_is_added(tmp_path: Path) -> None:
    """The product of the two narrow matrices; every other variable stays."""
    found = adapted(small(), adapter(tmp_path / "a.npz"))
    assert found.variables[NAME].dtype == np.float16
    assert np.allclose(found.variables[NAME], small().variables[NAME] + 2)
    assert np.array_equal(found.variables["encoder/bias"], np.ones(2))


@pytest.mark.parametrize(("name", "columns"), [("decoder/other/weight", 3), (NAME, 4)])
def test_the_adapter_of_another_model_is_refused(tmp_path: Path, name: str, columns: int) -> None:
    """Whether it names another matrix or has another shape."""
    with pytest.raises(ValueError, match="does not hold"):
        adapted(small(), adapter(tmp_path / "a.npz", name, columns))


@pytest.mark.parametrize("change", ["cut", "longer", "version", "empty"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, change: str) -> None:
    """Cut short, with something behind it, of another version, empty."""
    file = tmp_path / "model.bin"
    write(file, small())
    content = file.read_bytes()
    other = {"cut": content[:-3], "longer": content + b"\0", "version": b"\7" + content[1:],
             "empty": b""}  # fmt: skip
    file.write_bytes(other[change])
    with pytest.raises(ValueError, match="model"):
        read(file)


@pytest.mark.parametrize("listed", ["vocabulary.json", "vocabulary.txt"])
def test_a_whole_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    """From the hub's files and from the packages'."""
    inputs, out = tmp_path / "in", tmp_path / "out"
    inputs.mkdir()
    tokens = ["!", "Ġl'eau", "<|fr|>"]
    text = json.dumps(tokens) if listed.endswith("json") else "\n".join(tokens) + "\n"
    (inputs / listed).write_text(text, "utf-8")
    for name in ("config.json", "tokenizer.json"):
        (inputs / name).write_text("{}", "utf-8")
    write(inputs / "model.bin", small())
    given = ["--model", str(inputs), "--out", str(out), "--adapter",
             str(adapter(tmp_path / "a.npz"))]  # fmt: skip
    monkeypatch.setattr("sys.argv", ["adapt_whisper.py", *given])
    main()
    assert {file.name for file in out.iterdir()} == {
        "model.bin", "config.json", "tokenizer.json", "vocabulary.json"
    }  # fmt: skip
    assert vocabulary(out) == tokens
    assert np.allclose(read(out / "model.bin").variables[NAME], small().variables[NAME] + 2)
