"""Add what permanence has taught to a Whisper model in CTranslate2's format.

    python adapt_whisper.py --model FOLDER --out FOLDER --adapter whisper.npz

Run by its path; needs numpy only. The adapter holds, for each matrix that it changes, the two
narrow ones whose product is added to it (`permanence eval teach-hearing` makes them). Writes
model.bin, config.json, tokenizer.json and vocabulary.json.

model.bin, version 6 (CTranslate2's python/ctranslate2/specs/model_spec.py), little-endian: version
uint32, name of the specification, revision uint32; then how many variables, and for each its name,
rank uint8, dimensions uint32, type uint8, bytes uint32, values; then how many aliases, and for each
two names. A name is its length uint16, its final zero counted, and its bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

VERSION = 6
TYPES: tuple[type[np.generic], ...] = (np.float32, np.int8, np.int16, np.int32, np.float16)
"""By the number that stands for them."""

Array = npt.NDArray[Any]


@dataclass
class Weights:
    """A model.bin.

    Attributes:
        spec: Name of what the variables make up, "WhisperSpec".
        revision: Of that.
        variables: Arrays by name, in order.
        aliases: Other names of variables.
    """

    spec: str
    revision: int
    variables: dict[str, Array] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, kind: str) -> int:
        """An integer, by its letter in `struct`."""
        value = int(struct.unpack_from(f"<{kind}", self._data, self._at)[0])
        self._at += struct.calcsize(f"<{kind}")
        return value

    def name(self) -> str:
        length = self.number("H")
        value = self._data[self._at : self._at + length - 1].decode()
        self._at += length
        return value

    def array(self) -> Array:
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = TYPES[self.number("B")]
        size = self.number("I")
        count = size // np.dtype(kind).itemsize
        values = np.frombuffer(self._data, kind, count, self._at).reshape(shape)
        self._at += size
        return values

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._data)


def read(file: Path) -> Weights:
    """Read a model.bin.

    Raises:
        ValueError: It is not one of the version known here.
    """
    reader = _Reader(file.read_bytes())
    try:
        if reader.number("I") != VERSION:
            raise ValueError(f"{file} is of another version than {VERSION}")
        weights = Weights(reader.name(), reader.number("I"))
        for _ in range(reader.number("I")):
            name = reader.name()
            weights.variables[name] = reader.array()
        for _ in range(reader.number("I")):
            name = reader.name()
            weights.aliases[name] = reader.name()
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise ValueError(f"{file} is no model of CTranslate2: {error}") from error
    if not reader.is_at_end:
        raise ValueError(f"{file} holds more than a model")
    return weights


def write(file: Path, weights: Weights) -> None:
    """Write a model.bin that `read` reads the same."""
    with file.open("wb") as out:

        def put(kind: str, *values: int) -> None:
            out.write(struct.pack(f"<{kind}", *values))

        def put_name(name: str) -> None:
            put("H", len(name.encode()) + 1)
            out.write(name.encode() + b"\0")

        put("I", VERSION)
        put_name(weights.spec)
        put("II", weights.revision, len(weights.variables))
        for name, values in weights.variables.items():
            put_name(name)
            put(f"B{values.ndim}I", values.ndim, *values.shape)
            put("BI", TYPES.index(values.dtype.type), values.nbytes)
            out.write(np.ascontiguousarray(values).tobytes())
        put("I", len(weights.aliases))
        for alias, name in weights.aliases.items():
            put_name(alias)
            put_name(name)


def adapted(weights: Weights, adapter: Path) -> Weights:
    """The same with the adapter's changes.

    Args:
        weights: Of the model as published; float16.
        adapter: `<variable>.a` int8 [rank, columns] with `.a_scale` [rank, 1], and `.b` int8
            [rows, rank] with `.b_scale` [1, rank]: (b × b_scale) @ (a × a_scale) is added.

    Raises:
        ValueError: The adapter is another model's.
    """
    variables = dict(weights.variables)
    with np.load(adapter) as stored:
        for name in sorted({key.rsplit(".", 1)[0] for key in stored.files}):
            low = stored[f"{name}.a"] * stored[f"{name}.a_scale"].astype(np.float32)
            high = stored[f"{name}.b"] * stored[f"{name}.b_scale"].astype(np.float32)
            change = high @ low
            if name not in variables or variables[name].shape != change.shape:
                raise ValueError(f"{adapter} changes {name}, which the model does not hold")
            changed = variables[name].astype(np.float32) + change
            variables[name] = changed.astype(variables[name].dtype)
    return Weights(weights.spec, weights.revision, variables, weights.aliases)


def vocabulary(folder: Path) -> list[str]:
    """The model's tokens in order; the hub keeps them one a line, packages as JSON."""
    listed = folder / "vocabulary.json"
    if listed.exists():
        return list(json.loads(listed.read_text("utf-8")))
    return (folder / "vocabulary.txt").read_text("utf-8").removesuffix("\n").split("\n")


def main() -> None:
    """Read, change, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    write(asked.out / "model.bin", adapted(read(asked.model / "model.bin"), asked.adapter))
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(asked.model / name, asked.out / name)
    (asked.out / "vocabulary.json").write_text(
        json.dumps(vocabulary(asked.model), ensure_ascii=False), "utf-8"
    )


if __name__ == "__main__":
    main()
