"""Teach the reader (knowledge/reading.py) on encoded lessons.

    python train_reader.py --lessons FILE.npz --out READER.npz [--passes 3] [--seed 1]

Stand-alone: run by its path in a throw-away environment that has torch and numpy, by
`permanence eval teach`. FILE.npz holds `rows`, float16 [tokens, 256], the token states of all texts
one after the other; `starts`, where each text begins; `basis` [768, 256] and `centre` [768], which
made these rows of states of unit length; and `asked`, one line of JSON a question: its text, the
texts of its lesson's passages from the likeliest on, which of them answer, which is near.

A question is shown with eight passages of its lesson, the answering ones, the near one and the most
alike, and must choose one or none (softmax with a fixed logit of 0 for none). In a quarter of the
answerable ones the answer is taken away: then none is right. Every tenth lesson is kept out.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fun
from torch import nn

SIZE, WIDE, LAYERS, HEADS = 128, 256, 2, 4
SHOWN, BATCH, CUT = 8, 16, 128
RATE, DECAY, DROPOUT = 8e-4, 0.05, 0.1
TAKEN_AWAY = 0.25
WORDS_LOST = 0.06
FLOOR = -1e4
SCALE = 127.0  # of the rows that an index keeps, int8
CHECKED = 12


class Reader(nn.Module):  # type: ignore[misc]  # no torch where this is checked
    """The reader as it is taught; knowledge/reading.py computes the same with numpy."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(WIDE, SIZE)
        with torch.no_grad():
            self.proj.weight.copy_(torch.eye(WIDE)[:SIZE])
            self.proj.bias.zero_()
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

    def project(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows [..., 256] -> rows of unit length [..., 128], those that an index keeps."""
        return fun.normalize(self.proj(rows), dim=-1)

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


class Texts:
    """The rows of all texts."""

    def __init__(self, stored: Any) -> None:
        self.rows, self.starts = stored["rows"], stored["starts"]

    def batch(self, numbers: list[int], lost: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
        """Texts side by side: rows [n, longest, 256] and which are real; some are left out."""
        parts = []
        for number in numbers:
            rows = self.rows[self.starts[number] : self.starts[number + 1]][:CUT]
            kept = np.random.random(len(rows)) >= lost
            parts.append(rows[kept] if lost and kept.sum() > 2 else rows)
        longest = max(len(part) for part in parts)
        out = np.zeros((len(parts), longest, WIDE), dtype=np.float32)
        real = np.zeros((len(parts), longest), dtype=bool)
        for number, part in enumerate(parts):
            out[number, : len(part)], real[number, : len(part)] = part, True
        return torch.from_numpy(out), torch.from_numpy(real)


def shown(question: dict[str, Any]) -> tuple[list[int], list[bool]]:
    """The passages that a question is shown with, and which of them answer."""
    answers = list(question["answers"])
    others = [p for p in question["passages"] if p not in answers]
    if answers and random.random() < TAKEN_AWAY and len(others) >= SHOWN:
        answers = []
    chosen = answers[:2] if answers else [p for p in [question["near"]] if p in others]
    reach = others[: SHOWN + 4]
    random.shuffle(reach)
    reach = sorted(reach[: SHOWN + 1], key=others.index)
    for passage in reach:
        if len(chosen) < SHOWN and passage not in chosen:
            chosen.append(passage)
    chosen += [chosen[-1]] * (SHOWN - len(chosen))
    return chosen, [passage in answers for passage in chosen]


def loss_of(logits: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Choosing one or none, and each passage by itself."""
    none = ~right.any(1, keepdim=True)
    wide = torch.cat([torch.zeros(len(logits), 1), logits], 1)
    taken = torch.log_softmax(wide, 1).masked_fill(~torch.cat([none, right], 1), FLOOR)
    weight = torch.where(right, 2.0, 0.5)
    each = fun.binary_cross_entropy_with_logits(logits, right.float(), weight=weight)
    return -torch.logsumexp(taken, 1).mean() + 0.3 * each


def judge(reader: Reader, texts: Texts, held: list[dict[str, Any]]) -> str:
    """Of the lessons kept out: answer first, and AUC of the best logit, answerable or not."""
    reader.eval()
    first, able, unable = [], [], []
    with torch.no_grad():
        for question in held:
            passages = question["passages"][:12]
            passages += [p for p in question["answers"] if p not in passages]
            asked, said = texts.batch([question["text"]])
            printed, there = texts.batch(passages)
            count = len(passages)
            logits = reader(
                reader.project(asked).expand(count, -1, -1), said.expand(count, -1),
                reader.project(printed), there,
            )  # fmt: skip
            if question["answers"]:
                first.append(passages[int(logits.argmax())] in question["answers"])
                able.append(float(logits.max()))
            else:
                unable.append(float(logits.max()))
    reader.train()
    area = np.mean([(a > b) + 0.5 * (a == b) for a in able for b in unable])
    return f"answer first {np.mean(first):.3f}, AUC {area:.3f} ({len(held)} questions kept out)"


def teach(stored: Any, passes: int, seed: int) -> Reader:
    """Teach a reader."""
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)
    texts = Texts(stored)
    asked = [json.loads(line) for line in stored["asked"]]
    names = sorted({question["lesson"] for question in asked})
    kept_out = set(names[::10])
    held = [question for question in asked if question["lesson"] in kept_out]
    todo = [question for question in asked if question["lesson"] not in kept_out]
    reader = Reader()
    steps = passes * (len(todo) // BATCH)
    pace = torch.optim.AdamW(reader.parameters(), RATE, weight_decay=DECAY)
    plan = torch.optim.lr_scheduler.OneCycleLR(pace, RATE, total_steps=steps + 1, pct_start=0.1)
    began = time.time()
    for turn in range(passes):
        random.shuffle(todo)
        total = 0.0
        for start in range(0, len(todo) - BATCH + 1, BATCH):
            pairs = [shown(question) for question in todo[start : start + BATCH]]
            rows, said = texts.batch([q["text"] for q in todo[start : start + BATCH]], WORDS_LOST)
            printed, there = texts.batch([p for passages, _ in pairs for p in passages])
            right = torch.tensor([flags for _, flags in pairs])
            with torch.autocast("cpu", dtype=torch.bfloat16):  # 1.7 times as fast on AVX-512
                logits = reader(
                    reader.project(rows).repeat_interleave(SHOWN, 0),
                    said.repeat_interleave(SHOWN, 0), reader.project(printed), there,
                )  # fmt: skip
            loss = loss_of(logits.float().view(BATCH, SHOWN), right)
            pace.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            pace.step()
            plan.step()
            total += loss.item()
        mean = total / (len(todo) // BATCH)
        print(
            f"pass {turn + 1} of {passes}: loss {mean:.3f}, {judge(reader, texts, held)}, "
            f"{time.time() - began:.0f} s",
            flush=True,
        )
    reader.eval()
    return reader


def examples(reader: Reader, stored: Any, out: str) -> None:
    """Store a few pairs, as an index keeps their rows, with the logits that torch gives them."""
    texts, found = Texts(stored), {}
    asked = [json.loads(line) for line in stored["asked"]]
    with torch.no_grad():
        for number, question in enumerate(asked[:: max(1, len(asked) // CHECKED)][:CHECKED]):
            pair = []
            for text in (question["text"], question["passages"][0]):
                rows, real = texts.batch([text])
                kept = torch.round(reader.project(rows) * SCALE)
                pair += [kept, real]
                found[f"{'printed' if len(pair) > 2 else 'asked'}{number}"] = kept[0].numpy()
            logit = reader(pair[0] / SCALE, pair[1], pair[2] / SCALE, pair[3])
            found[f"logit{number}"] = logit.numpy()
    np.savez(out, **found)


def write(reader: Reader, stored: Any, out: str) -> None:
    """Store the reader as float16, with the basis folded into the projection."""
    arrays = {name: value.detach().numpy() for name, value in reader.state_dict().items()}
    weight, bias = arrays.pop("proj.weight"), arrays.pop("proj.bias")
    basis, centre = stored["basis"], stored["centre"]
    arrays["project.weight"] = basis @ weight.T  # [768, 128], on states of unit length
    arrays["project.bias"] = bias - centre @ basis @ weight.T
    np.savez_compressed(out, **{name: value.astype(np.float16) for name, value in arrays.items()})


def main() -> None:
    """Read the arguments, teach, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lessons", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    stored = dict(np.load(arguments.lessons))
    reader = teach(stored, arguments.passes, arguments.seed)
    write(reader, stored, arguments.out)
    examples(reader, stored, arguments.out + ".examples.npz")


if __name__ == "__main__":
    main()
