"""Whisper in torch, of CTranslate2's weights, with changes of low rank that can be taught.

The layers are those of the published model (Radford et al. 2022): before each layer a norm, GELU,
learned positions; queries, keys and values of one layer in one matrix, as CTranslate2 keeps them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fun
from encoder import as_int8
from torch import nn

RANK = 16
HEADS = 8


class LowRank(nn.Module):  # type: ignore[misc]  # no torch where this is checked
    """A linear layer, fixed, plus a change that is taught: W + B A."""

    def __init__(self, weight: np.ndarray[Any, Any], bias: np.ndarray[Any, Any]) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.weight = nn.Parameter(_tensor(weight), requires_grad=False)
        self.bias = nn.Parameter(_tensor(bias), requires_grad=False)
        self.a = nn.Parameter(torch.randn(RANK, columns) / math.sqrt(columns))
        self.b = nn.Parameter(torch.zeros(rows, RANK))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., columns] -> [..., rows]."""
        return fun.linear(x, self.weight + self.b @ self.a, self.bias)


class Whisper(nn.Module):  # type: ignore[misc]  # no torch where this is checked
    """Features and tokens -> loss. Names of weights are CTranslate2's, with | for /."""

    def __init__(self, file: Path) -> None:
        """Load the weights, an .npz of `adapt_whisper.read`'s variables."""
        super().__init__()
        with np.load(file) as stored:
            variables = {name: stored[name] for name in stored.files}
        self.fixed = nn.ParameterDict()
        self.low = nn.ModuleDict()
        for name, values in variables.items():
            if "/linear_" in name:
                if name.endswith("/weight"):
                    layer = name.removesuffix("/weight")
                    self.low[_key(layer)] = LowRank(values, variables[f"{layer}/bias"])
            elif values.dtype == np.float16:
                self.fixed[_key(name)] = nn.Parameter(_tensor(values), requires_grad=False)
        count = [name for name in variables if name.endswith("ffn/linear_0/weight")]
        self.encoder_layers = sum(name.startswith("encoder/") for name in count)
        self.decoder_layers = sum(name.startswith("decoder/") for name in count)

    def taught(self) -> list[nn.Parameter]:
        """What is taught."""
        return [value for value in self.parameters() if value.requires_grad]

    def loss(
        self, features: torch.Tensor, tokens: torch.Tensor, taught: torch.Tensor, smoothing: float
    ) -> torch.Tensor:
        """Mean cross-entropy of the tokens that are to be learned.

        Args:
            features: float [batch, 80, frames].
            tokens: int64 [batch, length].
            taught: bool [batch, length].
            smoothing: Of the labels.
        """
        states = self.decode(tokens[:, :-1], self.encode(features))
        wanted = taught[:, 1:]
        logits = fun.linear(states[wanted], self._of("decoder/embeddings/weight")).float()
        return fun.cross_entropy(logits, tokens[:, 1:][wanted], label_smoothing=smoothing)

    def encode(self, features: torch.Tensor) -> torch.Tensor:
        """[batch, 80, frames] -> [batch, frames / 2, width]."""
        x = features
        for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
            weight, bias = self._of(f"{name}/weight"), self._of(f"{name}/bias")
            x = fun.gelu(fun.conv1d(x, weight, bias, padding=1, stride=stride))
        x = x.transpose(1, 2)
        x = x + self._of("encoder/position_encodings/encodings")[: x.shape[1]]
        for layer in range(self.encoder_layers):
            place = f"encoder/layer_{layer}"
            x = x + self._self_attention(f"{place}/self_attention", x, causal=False)
            x = x + self._feed_forward(f"{place}/ffn", x)
        return self._norm("encoder/layer_norm", x)

    def decode(self, tokens: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        """[batch, length] and what was encoded -> [batch, length, width]."""
        x = fun.embedding(tokens, self._of("decoder/embeddings/weight"))
        x = x + self._of("decoder/position_encodings/encodings")[: tokens.shape[1]]
        for layer in range(self.decoder_layers):
            place = f"decoder/layer_{layer}"
            x = x + self._self_attention(f"{place}/self_attention", x, causal=True)
            x = x + self._cross_attention(f"{place}/attention", x, memory)
            x = x + self._feed_forward(f"{place}/ffn", x)
        return self._norm("decoder/layer_norm", x)

    def _self_attention(self, place: str, x: torch.Tensor, *, causal: bool) -> torch.Tensor:
        normed = self._norm(f"{place}/layer_norm", x)
        query, key, value = self._linear(f"{place}/linear_0", normed).chunk(3, -1)
        return self._linear(f"{place}/linear_1", _attention(query, key, value, causal=causal))

    def _cross_attention(self, place: str, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        query = self._linear(f"{place}/linear_0", self._norm(f"{place}/layer_norm", x))
        key, value = self._linear(f"{place}/linear_1", memory).chunk(2, -1)
        return self._linear(f"{place}/linear_2", _attention(query, key, value, causal=False))

    def _feed_forward(self, place: str, x: torch.Tensor) -> torch.Tensor:
        wide = self._linear(f"{place}/linear_0", self._norm(f"{place}/layer_norm", x))
        return self._linear(f"{place}/linear_1", fun.gelu(wide))

    def _norm(self, place: str, x: torch.Tensor) -> torch.Tensor:
        gamma, beta = self._of(f"{place}/gamma"), self._of(f"{place}/beta")
        return fun.layer_norm(x, x.shape[-1:], gamma, beta, 1e-5)

    def _linear(self, place: str, x: torch.Tensor) -> torch.Tensor:
        return self.low[_key(place)](x)

    def _of(self, name: str) -> torch.Tensor:
        return self.fixed[_key(name)]

    def save(self, file: Path) -> None:
        """Write the changes as `adapt_whisper.adapted` reads them."""
        arrays: dict[str, Any] = {}
        for key, layer in self.low.items():
            name = f"{key.replace('|', '/')}/weight"
            arrays[f"{name}.a"], arrays[f"{name}.a_scale"] = as_int8(layer.a.detach().numpy(), 1)
            arrays[f"{name}.b"], arrays[f"{name}.b_scale"] = as_int8(layer.b.detach().numpy(), 0)
        np.savez_compressed(file, **arrays)

    def take_up(self, file: Path) -> None:
        """Begin with the changes of a file that `save` wrote."""
        with np.load(file) as stored:
            for key, layer in self.low.items():
                name = f"{key.replace('|', '/')}/weight"
                for which in ("a", "b"):
                    values = stored[f"{name}.{which}"] * stored[f"{name}.{which}_scale"]
                    getattr(layer, which).data.copy_(_tensor(values))


def _attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, causal: bool
) -> torch.Tensor:
    parts = [_heads(one) for one in (query, key, value)]
    mixed = fun.scaled_dot_product_attention(*parts, is_causal=causal)
    return mixed.transpose(1, 2).flatten(2)


def _heads(x: torch.Tensor) -> torch.Tensor:
    return x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)


def _key(name: str) -> str:
    return name.replace("/", "|")  # a module's name holds no dot, a parameter's no slash


def _tensor(values: np.ndarray[Any, Any]) -> torch.Tensor:
    return torch.tensor(values.astype(np.float32))
