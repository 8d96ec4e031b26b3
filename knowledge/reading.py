"""Reads a question and a passage together: does the passage answer the question?

Likeness, of vectors or of words, cannot tell what answers from what is only near: « comment je
nettoie le filtre » and « ça coûte combien, un filtre neuf » are near the same passage. The reader
looks at both texts' token rows (knowledge/late.py): each row beside what it matches on the other
side; then two layers in which the question's rows attend to each other and to the passage's
(as in PreTTR, MacAvaney et al. 2020, and MORES, Gao et al. 2020: layers that interact on top of
separately encoded texts). Its score is a logit: 0 is even odds among the candidates.

It is taught by `permanence eval teach` on lessons of other appliances (evals/data/lessons); its
weights are knowledge/reader.npz, for EmbeddingGemma's rows only. Small arrays, hence numpy; one
passage at a time, so that a score does not depend on the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from knowledge.late import READER, SCALE, TokenRows

Floats = npt.NDArray[np.float32]

HEADS = 4
LONGEST = 160
"""Tokens read of a passage, from its start; the lessons' were cut at 128, the gate learned with
this."""

UNREAD = -20.0
"""Score where there is nothing to read."""


@dataclass(frozen=True)
class Weights:
    """The reader's arrays, by the names under which they are stored."""

    arrays: dict[str, Floats]

    def linear(self, rows: Floats, name: str) -> Floats:
        """Rows [n, in] through a layer [out, in] with its bias."""
        return rows @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"]

    def normed(self, rows: Floats, name: str) -> Floats:
        """Layer normalisation of each row."""
        centred = rows - rows.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + 1e-5)
        scaled = centred / spread * self.arrays[f"{name}.weight"] + self.arrays[f"{name}.bias"]
        return np.asarray(scaled, dtype=np.float32)

    def attended(self, rows: Floats, memory: Floats, name: str) -> Floats:
        """Multi-head attention of rows [m, d] to a memory [n, d]."""
        weight, bias = self.arrays[f"{name}.in_proj_weight"], self.arrays[f"{name}.in_proj_bias"]
        size = rows.shape[1]
        asked = (rows @ weight[:size].T + bias[:size]).reshape(len(rows), HEADS, -1)
        keys = memory @ weight[size:].T + bias[size:]
        held = keys[:, :size].reshape(len(memory), HEADS, -1)
        told = keys[:, size:].reshape(len(memory), HEADS, -1)
        scores = np.einsum("mhc,nhc->hmn", asked, held, optimize=True) / math.sqrt(held.shape[2])
        found = np.einsum("hmn,nhc->mhc", _softmax(scores), told, optimize=True)
        return self.linear(found.reshape(len(rows), size), f"{name}.out_proj")


class Reader:
    """Scores passages for a question; thread-safe."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._layers = sum(name.endswith(".linear1.weight") for name in weights.arrays)

    def score(self, question: TokenRows, passage: TokenRows) -> float:
        """The logit that a passage answers a question.

        Args:
            question: The question's token rows, int8 [m, 128].
            passage: The passage's, int8 [n, 128].

        Returns:
            A number around 0, some -10 to 10; `UNREAD` where either has no row.
        """
        if not len(question) or not len(passage):
            return UNREAD
        weights = self._weights
        asked = question.astype(np.float32) / SCALE
        printed = passage[:LONGEST].astype(np.float32) / SCALE
        likeness = asked @ printed.T
        sharp = likeness * np.float32(weights.arrays["tau"])
        scale = math.sqrt(asked.shape[1])
        mine, theirs = asked * scale, printed * scale
        rows = self._mixed(mine, _softmax(sharp) @ theirs, likeness.max(axis=1), "mix")
        memory = self._mixed(theirs, _softmax(sharp.T) @ mine, likeness.max(axis=0), "mixp")
        state = np.concatenate([weights.arrays["cls"].reshape(1, -1), rows])
        for number in range(self._layers):
            state = self._layer(state, memory, f"dec.layers.{number}")
        pooled = np.concatenate([state[0], state[1:].mean(axis=0)])[None]
        return float(weights.linear(weights.normed(pooled, "out.0"), "out.2")[0, 0])

    def _mixed(self, rows: Floats, matched: Floats, best: Floats, name: str) -> Floats:
        """Each row with what it matches on the other side."""
        parts = [rows, matched, rows * matched, best[:, None] * np.float32(4.0)]
        return self._weights.linear(np.concatenate(parts, axis=1), name)

    def _layer(self, state: Floats, memory: Floats, name: str) -> Floats:
        weights = self._weights
        inner = weights.normed(state, f"{name}.norm1")
        state = state + weights.attended(inner, inner, f"{name}.self_attn")
        inner = weights.normed(state, f"{name}.norm2")
        state = state + weights.attended(inner, memory, f"{name}.multihead_attn")
        inner = weights.linear(weights.normed(state, f"{name}.norm3"), f"{name}.linear1")
        return state + weights.linear(_gelu(inner), f"{name}.linear2")


@cache
def load_reader() -> Reader:
    """The reader that is shipped."""
    with (files("knowledge") / READER).open("rb") as file, np.load(file) as stored:
        return Reader(Weights({name: stored[name].astype(np.float32) for name in stored.files}))


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)


def _gelu(values: Floats) -> Floats:
    """The exact GELU (Hendrycks and Gimpel 2016), by an erf good to 1.5e-7 (Abramowitz 7.1.26)."""
    scaled = np.abs(values) * np.float32(1 / math.sqrt(2))
    step = 1 / (1 + np.float32(0.3275911) * scaled)
    series = step * (0.254829592 + step * (-0.284496736 + step * (1.421413741 + step * (
        -1.453152027 + step * 1.061405429))))  # fmt: skip
    erf = np.sign(values) * (1 - series * np.exp(-scaled * scaled))
    return np.asarray(values * (1 + erf) / 2, dtype=np.float32)
