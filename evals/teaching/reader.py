"""The reader in torch; knowledge/reading.py computes the same with numpy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fun
from torch import nn

STATE, SIZE, LAYERS, HEADS = 768, 128, 2, 4
DROPOUT = 0.1
FLOOR = -1e4
SCALE = 127.0  # of the rows that an index keeps, int8


class Reader(nn.Module):  # type: ignore[misc]  # no torch where this is checked
    """Two layers of cross-attention from a question's rows to a passage's."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(STATE, SIZE)
        self.mix, self.mixp = nn.Linear(3 * SIZE + 1, SIZE), nn.Linear(3 * SIZE + 1, SIZE)
        self.cls = nn.Parameter(torch.randn(1, 1, SIZE) * 0.02)
        layer = nn.TransformerDecoderLayer(
            SIZE, HEADS, 4 * SIZE, DROPOUT, "gelu", batch_first=True, norm_first=True
        )
        self.dec = nn.TransformerDecoder(layer, LAYERS)
        self.tau = nn.Parameter(torch.tensor(10.0))
        self.out = nn.Sequential(
            nn.LayerNorm(2 * SIZE), nn.Dropout(DROPOUT), nn.Linear(2 * SIZE, 1)
        )
        self.drop = nn.Dropout(DROPOUT)

    def start_from(self, states: np.ndarray[Any, Any]) -> None:
        """Let the projection begin as the principal components of states [n, 768]."""
        values, vectors = np.linalg.eigh(np.cov((states - states.mean(axis=0)).T))
        basis = vectors[:, np.argsort(-values)[:SIZE]].astype(np.float32)
        with torch.no_grad():
            self.proj.weight.copy_(torch.from_numpy(basis.T.copy()))
            self.proj.bias.copy_(torch.from_numpy(-states.mean(axis=0) @ basis))

    def read(self, file: Path) -> None:
        """Begin as `write` stored it."""
        with np.load(file) as stored:
            arrays = {name: torch.from_numpy(stored[name]).float() for name in stored.files}
        arrays["proj.weight"] = arrays.pop("project.weight").T
        arrays["proj.bias"] = arrays.pop("project.bias")
        self.load_state_dict(arrays)

    def project(self, states: torch.Tensor) -> torch.Tensor:
        """States of unit length [..., 768] -> rows of unit length [..., 128], as indexes keep."""
        return fun.normalize(self.proj(states), dim=-1)

    def forward(
        self, asked: torch.Tensor, said: torch.Tensor, printed: torch.Tensor, there: torch.Tensor
    ) -> torch.Tensor:
        """Logits [n] of questions [n, m, 128] and passages [n, k, 128] with their masks."""
        alike = asked @ printed.transpose(1, 2)
        sharp = alike * self.tau
        mine, theirs = asked * math.sqrt(SIZE), printed * math.sqrt(SIZE)
        found = torch.softmax(sharp.masked_fill(~there[:, None], FLOOR), -1) @ theirs
        back = torch.softmax(sharp.transpose(1, 2).masked_fill(~said[:, None], FLOOR), -1) @ mine
        best = alike.masked_fill(~there[:, None], -1.0).amax(-1, keepdim=True) * 4
        held = alike.masked_fill(~said[:, :, None], -1.0).amax(1).unsqueeze(-1) * 4
        rows = self.mix(torch.cat([mine, found, mine * found, best], -1))
        memory = self.mixp(torch.cat([theirs, back, theirs * back, held], -1))
        state = torch.cat([self.cls.expand(len(asked), -1, -1), rows], 1)
        mask = torch.cat([torch.ones_like(said[:, :1]), said], 1)
        state = self.dec(
            self.drop(state), self.drop(memory),
            tgt_key_padding_mask=~mask, memory_key_padding_mask=~there,
        )  # fmt: skip
        mean = (state[:, 1:] * said[..., None]).sum(1) / said.sum(1, keepdim=True)
        return self.out(torch.cat([state[:, 0], mean], -1)).squeeze(-1)

    def write(self, file: Path) -> None:
        """Store it as float16, as knowledge/reading.py reads it."""
        arrays = {name: value.detach().numpy() for name, value in self.state_dict().items()}
        arrays["project.weight"] = arrays.pop("proj.weight").T
        arrays["project.bias"] = arrays.pop("proj.bias")
        stored = {name: value.astype(np.float16) for name, value in arrays.items()}
        np.savez_compressed(file, **stored)
