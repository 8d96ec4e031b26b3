"""Synthetic callers: other Kokoro voices speaking French, made from the voice that is installed.

The installed French voice holds its speaker as a table inside its graph; here the table is
exchanged. The tables come from the npm package kokoro-js, read as data.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from agent.call.voice import PiperPool
from agent.models import path as model_path
from agent.settings import Settings

PACKAGE = "kokoro-js@1.2.1"
BASE = "fr-siwis-kokoro"
NATIVE = "ff_siwis"
ACCENTED = ("af_heart", "bm_george", "if_sara", "em_alex")
"""American woman, British man, Italian woman, Spanish man: callers with an accent."""


def caller_voice(settings: Settings, speaker: str) -> PiperPool:
    """The installed voice with another speaker; built once into the cache (blocks)."""
    source = next(model_path(settings, BASE).glob("*.onnx"))
    folder = settings.home / "cache" / "callers"
    model = folder / f"{speaker}.onnx"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        graph = onnx.load(str(source))
        table = read_table(voice_tables(settings) / f"{speaker}.bin")
        for initializer in graph.graph.initializer:
            if initializer.name == "piper.voice":
                initializer.CopyFrom(numpy_helper.from_array(table, "piper.voice"))
        (folder / f"{speaker}.onnx.json").write_bytes(Path(f"{source}.json").read_bytes())
        part = model.with_suffix(".part")
        part.write_bytes(graph.SerializeToString())
        part.replace(model)
    return PiperPool(model, cache_dir=folder / "clips")


def voice_tables(settings: Settings) -> Path:
    """Folder with every voice's style table, float32 [510, 256] (blocks: fetched once)."""
    folder = settings.home / "cache" / "callers"
    voices = folder / "voices"
    if not voices.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            subprocess.run(
                ["npm", "pack", "--silent", PACKAGE], cwd=scratch, check=True, capture_output=True
            )
            tables = Path(scratch) / "tables"
            tables.mkdir()
            with tarfile.open(next(Path(scratch).glob("*.tgz"))) as packed:
                for member in packed:
                    content = packed.extractfile(member)
                    if member.name.endswith(".bin") and content is not None:
                        (tables / Path(member.name).name).write_bytes(content.read())
            tables.replace(voices)
    return voices


def read_table(file: Path) -> np.ndarray:
    """A speaker's style table, float32 [510, 256]."""
    return np.fromfile(file, dtype="<f4").reshape(-1, 256)
