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
        table = _table(folder, speaker)
        for initializer in graph.graph.initializer:
            if initializer.name == "piper.voice":
                initializer.CopyFrom(numpy_helper.from_array(table, "piper.voice"))
        (folder / f"{speaker}.onnx.json").write_bytes(Path(f"{source}.json").read_bytes())
        part = model.with_suffix(".part")
        part.write_bytes(graph.SerializeToString())
        part.replace(model)
    return PiperPool(model, cache_dir=folder / "clips")


def _table(folder: Path, speaker: str) -> np.ndarray:
    """A speaker's style table, float32 [510, 256]."""
    file = folder / f"{speaker}.bin"
    if not file.exists():
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(
                ["npm", "pack", "--silent", PACKAGE], cwd=scratch, check=True, capture_output=True
            )
            archive = next(Path(scratch).glob("*.tgz"))
            with tarfile.open(archive) as packed:
                member = packed.extractfile(f"package/voices/{speaker}.bin")
                assert member is not None
                file.write_bytes(member.read())
    return np.fromfile(file, dtype="<f4").reshape(-1, 256)
