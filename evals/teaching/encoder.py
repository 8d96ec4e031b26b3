"""EmbeddingGemma in torch, its upper layers with low-rank adapters; weights as published.

The lower layers stay as they are: their states are computed once, for every text, and kept. Only
what adapts the upper ones is taught, and stored as int8 for knowledge/export_gemma.py.

Source of the adapters: Hu et al. 2021, « LoRA ». Of the layers: the Gemma 3 report (2025).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fun
from safetensors.torch import load_file
from torch import nn

LAYERS, ADAPTED = 24, 8
HIDDEN, HEADS, HEAD = 768, 3, 256
RANK = 16
FULL_EVERY = 6
"""Every sixth layer attends with the rotary base of full attention; the window of the others is
wider than any text here."""

PARTS = {
    "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj",
    "o": "self_attn.o_proj", "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj",
}  # fmt: skip
NORMS = {
    "before": "input_layernorm", "after": "post_attention_layernorm",
    "before_mlp": "pre_feedforward_layernorm", "after_mlp": "post_feedforward_layernorm",
    "q_norm": "self_attn.q_norm", "k_norm": "self_attn.k_norm",
}  # fmt: skip


class Adapted(nn.Module):  # type: ignore[misc]  # no torch where this is checked
    """A linear map of the model, with a low-rank one beside it that starts as nothing."""

    def __init__(self, weight: torch.Tensor, adapted: bool) -> None:
        super().__init__()
        self.register_buffer("weight", weight.to(torch.bfloat16))
        self.a: Any = None
        self.b: Any = None
        if adapted:
            rows, columns = weight.shape
            self.a = nn.Parameter(torch.randn(RANK, columns) / math.sqrt(columns))
            self.b = nn.Parameter(torch.zeros(rows, RANK))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows [..., in] -> [..., out]."""
        found = fun.linear(rows, self.weight)
        if self.a is None:
            return found
        return found + fun.linear(
            fun.linear(rows, self.a.to(torch.bfloat16)), self.b.to(torch.bfloat16)
        )


class Layer(nn.Module):  # type: ignore[misc]
    """One layer: attention in both directions, then the gated feed-forward."""

    def __init__(self, weights: dict[str, torch.Tensor], number: int, adapted: bool) -> None:
        super().__init__()
        for name, part in PARTS.items():
            weight = weights[f"layers.{number}.{part}.weight"]
            self.add_module(name, Adapted(weight, adapted))
        for name, part in NORMS.items():
            self.register_buffer(name, weights[f"layers.{number}.{part}.weight"])
        self.base = 1e6 if number % FULL_EVERY == FULL_EVERY - 1 else 1e4

    def forward(self, rows: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Rows [n, tokens, 768] and which tokens are real -> the same shape."""
        count, tokens, _ = rows.shape
        inner = normed(rows, self.before)
        asked = self.q(inner).view(count, tokens, HEADS, HEAD).transpose(1, 2)
        held = self.k(inner).view(count, tokens, 1, HEAD).transpose(1, 2)
        told = self.v(inner).view(count, tokens, 1, HEAD).transpose(1, 2)
        asked = turned(normed(asked, self.q_norm), self.base)
        held = turned(normed(held, self.k_norm), self.base)
        found = fun.scaled_dot_product_attention(
            asked, held.expand(-1, HEADS, -1, -1), told.expand(-1, HEADS, -1, -1),
            attn_mask=real[:, None, None], scale=HEAD**-0.5,
        )  # fmt: skip
        found = self.o(found.transpose(1, 2).reshape(count, tokens, HIDDEN))
        rows = rows + normed(found, self.after)
        inner = normed(rows, self.before_mlp)
        inner = self.down(fun.gelu(self.gate(inner), approximate="tanh") * self.up(inner))
        return rows + normed(inner, self.after_mlp)


class Encoder(nn.Module):  # type: ignore[misc]
    """The model in two halves: `lower` once, `forward` as often as there is something to learn."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        stored = load_file(str(folder / "model.safetensors"))
        weights = {name.removeprefix("model."): value for name, value in stored.items()}
        self._words = weights["embed_tokens.weight"]
        fixed = LAYERS - ADAPTED
        self.fixed = nn.ModuleList(Layer(weights, n, adapted=False) for n in range(fixed))
        self.upper = nn.ModuleList(Layer(weights, n, adapted=True) for n in range(fixed, LAYERS))
        self.register_buffer("last", weights["norm.weight"])
        for name, part in (("first", "2_Dense"), ("second", "3_Dense")):
            dense = load_file(str(folder / part / "model.safetensors"))
            self.register_buffer(name, dense["linear.weight"])

    def lower(self, tokens: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Token ids [n, tokens] -> the states that the upper layers start from, bfloat16."""
        rows = (self._words[tokens] * math.sqrt(HIDDEN)).to(torch.bfloat16)
        for layer in self.fixed:
            rows = layer(rows, real)
        return rows

    def forward(self, rows: torch.Tensor, real: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """States of `lower` -> unit vectors [n, 768] and the last states [n, tokens, 768]."""
        for layer in self.upper:
            rows = layer(rows, real)
        states = normed(rows, self.last).float()
        mask = real[..., None].float()
        mean = (states * mask).sum(1) / mask.sum(1)
        vectors = fun.linear(fun.linear(mean, self.first), self.second)
        return fun.normalize(vectors, dim=-1), states

    def start_from(self, file: Path) -> None:
        """Let the adapters begin as `adapters` stored them."""
        with np.load(file) as stored:
            arrays = {name: torch.from_numpy(stored[name]) for name in stored.files}
        for number, layer in enumerate(self.upper, LAYERS - ADAPTED):
            for name, part in PARTS.items():
                linear, key = getattr(layer, name), f"layers.{number}.{part}"
                for half in ("a", "b"):
                    values = arrays[f"{key}.{half}"].float() * arrays[f"{key}.{half}_scale"]
                    with torch.no_grad():
                        getattr(linear, half).copy_(values)

    def adapters(self) -> dict[str, np.ndarray[Any, Any]]:
        """What was learned, by the model's own names: int8 `a` and `b`, and their scales.

        A weight is the published one plus `(b * b_scale) @ (a * a_scale)`.
        """
        arrays: dict[str, np.ndarray[Any, Any]] = {}
        for number, layer in enumerate(self.upper, LAYERS - ADAPTED):
            for name, part in PARTS.items():
                linear = getattr(layer, name)
                a, a_scale = as_int8(linear.a.detach().numpy(), 1)
                b, b_scale = as_int8(linear.b.detach().numpy(), 0)
                key = f"layers.{number}.{part}"
                arrays |= {f"{key}.a": a, f"{key}.b": b}
                arrays |= {f"{key}.a_scale": a_scale, f"{key}.b_scale": b_scale}
        return arrays


def as_int8(
    values: np.ndarray[Any, Any], axis: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A matrix in int8, and the scales that give it back, one for each line along `axis`."""
    scale = np.abs(values).max(axis=axis, keepdims=True) / 127.0 + 1e-12
    return np.rint(values / scale).astype(np.int8), scale.astype(np.float32)


def normed(rows: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Root-mean-square normalisation, in float32, as bfloat16."""
    wide = rows.float()
    wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + 1e-6)
    return (wide * (1 + weight.float())).to(torch.bfloat16)


def turned(rows: torch.Tensor, base: float) -> torch.Tensor:
    """Rotary positions, on the halves of each head."""
    pace = base ** (-torch.arange(0, HEAD, 2).float() / HEAD)
    angle = torch.arange(rows.shape[2]).float()[:, None] * pace
    angle = torch.cat([angle, angle], -1)
    half = HEAD // 2
    swapped = torch.cat([-rows[..., half:], rows[..., :half]], -1)
    return rows * angle.cos().to(rows.dtype) + swapped * angle.sin().to(rows.dtype)
