"""Late interaction: every word of a question looks for its like among a passage's words.

A text's one vector tells what it is about; whether a passage also holds each thing that was asked
is seen token by token: each of the question's token vectors takes its best cosine among the
passage's, and their mean is the passage's likeness (Khattab and Zaharia 2020, ColBERT; here on
EmbeddingGemma's last states, in the projection that the reader learned: knowledge/reading.py reads
the same rows). It only orders and judges the candidates that other searches put forward. Rows of
128 int8 cost 8 kB a passage.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

TokenRows = npt.NDArray[np.int8]

TOKEN_DIMENSIONS = 128
SCALE = 127.0
READER = "reader.npz"
"""The learned arrays, of the projection here and of knowledge/reading.py."""

LONGEST = 256
"""Tokens kept of a passage; what is cut is the end of very long prose."""


def token_rows(states: npt.NDArray[np.float32]) -> TokenRows:
    """States of tokens, float32 [tokens, 768] -> rows of unit length, int8 [tokens, 128]."""
    weight, bias = _projection()
    rows = unit_rows(unit_rows(states[:LONGEST]) @ weight + bias)
    return np.asarray(np.rint(rows * SCALE), dtype=np.int8)


def unit_rows(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each row with length 1."""
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return np.asarray(rows / lengths, dtype=np.float32)


@cache
def projection_id() -> str:
    """Names the projection: rows of another one mean nothing beside today's."""
    weight, bias = _projection()
    return hashlib.sha256(weight.tobytes() + bias.tobytes()).hexdigest()[:12]


@cache
def _projection() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The projection that the reader learned, [768, 128] and [128]."""
    with (files("knowledge") / READER).open("rb") as file, np.load(file) as stored:
        return (
            stored["project.weight"].astype(np.float32), stored["project.bias"].astype(np.float32)
        )  # fmt: skip


def best_matches(question: TokenRows, passage: TokenRows) -> npt.NDArray[np.float32]:
    """The best cosine of each of the question's tokens among the passage's, shape (tokens,)."""
    if not len(question) or not len(passage):
        return np.zeros(len(question), dtype=np.float32)
    cosines = question.astype(np.float32) @ passage.astype(np.float32).T
    return np.asarray(cosines.max(axis=1) / (SCALE * SCALE), dtype=np.float32)


def likeness(question: TokenRows, passage: TokenRows) -> float:
    """Mean of the best matches, -1 to 1; 0 where a model gives no token vectors."""
    found = best_matches(question, passage)
    return float(found.mean()) if len(found) else 0.0
