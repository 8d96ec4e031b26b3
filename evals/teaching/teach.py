"""Teach the embedding model's adapters and the reader together, on lessons.

    python teach.py --model FOLDER --lessons LESSONS.json --states FILE.pt --out FOLDER
                    [--start FOLDER]

Stand-alone: run by its path, by `permanence eval teach`, in a throw-away environment that has
torch, safetensors, tokenizers and numpy. FOLDER is EmbeddingGemma as published; LESSONS.json a list
of manuals, each with its passages and questions as the model is given them, which passages answer
and which is near; FILE.pt keeps the lower layers' states between runs.

A question is shown with six passages of its manual, the answering ones, the near one and the most
alike, and the reader must choose one or none (softmax with a fixed logit of 0 for none). In a
quarter of the answerable ones the answer is taken away: then none is right. The vectors and the
best matches of single tokens must put what answers first, too. The manuals that LESSONS.json names
as kept out teach nothing. With --start, an earlier adapter.npz and reader.npz are taught further.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as fun
from encoder import HIDDEN, Encoder
from reader import FLOOR, SCALE, Reader
from tokenizers import Tokenizer
from torch import nn

CUT = 160
"""Tokens of a text, those that do not speak for it included."""

ASKED, SHOWN = 64, 6
"""Questions of one manual in a step; passages that the reader is shown with each."""

RATES = (4e-4, 3e-4)
"""Learning rates of the adapters and of the reader."""

DECAY = 0.05
TAKEN_AWAY = 0.25
WORDS_LOST = 0.06
SHARP = 20.0
"""Scale of the likenesses whose softmax must put what answers first."""

WEIGHTS = (1.0, 0.5, 0.25)
"""Of the reader's loss, of the vectors', of the single tokens'."""

AT_ONCE = 4000
"""Tokens that go through the lower layers together."""

CHECKED = 12


class Texts:
    """The lower layers' states of all texts, bfloat16, kept in a file between runs."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._file = file
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.rows = torch.zeros(0, HIDDEN, dtype=torch.bfloat16)
        self.place: dict[str, tuple[int, int]] = {}
        if file.exists():
            stored = torch.load(file)
            self.rows, self.place = stored["rows"], stored["at"]

    def prompt_tokens(self, prompt: str) -> int:
        """Tokens before a question's own."""
        return len(self._tokenizer.encode(prompt).ids) - 1

    def add(self, texts: list[str], encoder: Encoder) -> None:
        """Run the lower layers over the texts that are not known, the short ones first."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self.place]
        tokens = [self._tokenizer.encode(text).ids for text in fresh]
        tokens = [ids if len(ids) <= CUT else [*ids[: CUT - 1], ids[-1]] for ids in tokens]
        order = sorted(range(len(fresh)), key=lambda number: len(tokens[number]))
        parts, total = [self.rows], len(self.rows)
        while order:
            longest = len(tokens[order[min(len(order), 64) - 1]])
            group, order = order[: max(1, AT_ONCE // longest)], order[max(1, AT_ONCE // longest) :]
            ids, real = beside([torch.tensor(tokens[number]) for number in group])
            with torch.no_grad():
                rows = encoder.lower(ids, real)
            for number, mine in zip(group, rows, strict=True):
                length = len(tokens[number])
                parts.append(mine[:length].clone())
                self.place[fresh[number]] = (total, total + length)
                total += length
            print(f"\r  {len(fresh) - len(order)} of {len(fresh)} texts", end="", flush=True)
        self.rows = torch.cat(parts)
        if fresh:
            print()
            torch.save({"rows": self.rows, "at": self.place}, self._file)

    def of(self, text: str) -> torch.Tensor:
        """The states of a text, [tokens, 768]."""
        start, end = self.place[text]
        return self.rows[start:end]


def beside(parts: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Parts [tokens, ...] side by side [n, longest, ...], and which of it is real."""
    longest = max(len(part) for part in parts)
    real = torch.zeros(len(parts), longest, dtype=torch.bool)
    for number, part in enumerate(parts):
        real[number, : len(part)] = True
    return nn.utils.rnn.pad_sequence(parts, batch_first=True), real


class Pupil:
    """What is taught: the encoder's adapters and the reader."""

    def __init__(self, encoder: Encoder, reader: Reader, texts: Texts, prompt: str) -> None:
        self.encoder, self.reader, self._texts = encoder, reader, texts
        self._skip = texts.prompt_tokens(prompt)

    def begin(self, manuals: list[dict[str, Any]]) -> None:
        """Let the reader see the principal components of the states of some passages."""
        sample = []
        with torch.no_grad():
            for manual in manuals:
                inner, real = beside([self._texts.of(text) for text in manual["passages"][:12]])
                sample.append(fun.normalize(self.encoder(inner, real)[1], dim=-1)[real])
        self.reader.start_from(torch.cat(sample).numpy())

    def encode(self, texts: list[str], *, asked: bool) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Unit vectors [n, 768] and each text's rows [tokens, 128].

        Short and long texts go apart: less is computed for nothing.
        """
        skip = self._skip if asked else 1
        lengths = [len(self._texts.of(text)) for text in texts]
        order = sorted(range(len(texts)), key=lengths.__getitem__)
        vectors: list[Any] = [None] * len(texts)
        rows: list[Any] = [None] * len(texts)
        for group in (order[: len(order) // 2], order[len(order) // 2 :]):
            if not group:
                continue
            inner, real = beside([self._texts.of(texts[number]) for number in group])
            found, states = self.encoder(inner, real)
            projected = self.reader.project(fun.normalize(states[:, skip:], dim=-1))
            for place, number in enumerate(group):
                vectors[number] = found[place]
                rows[number] = projected[place, : lengths[number] - skip - 1]
        return torch.stack(vectors), rows

    def ask(
        self, manual: dict[str, Any], questions: list[dict[str, Any]], *, teaching: bool
    ) -> dict[str, torch.Tensor]:
        """Ask questions of a manual: likenesses [n, passages], logits [n, shown], what is right."""
        vectors, rows = self.encode(manual["passages"], asked=False)
        mine, own = self.encode([question["text"] for question in questions], asked=True)
        asked, said = beside(own)
        printed, there = beside(rows)
        if teaching:
            said = said & ~lost(said)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            tokens = best_matches(asked, said, printed, there)
        alike, tokens = mine @ vectors.T, tokens.float()
        right = torch.zeros(len(questions), len(rows), dtype=torch.bool)
        for number, question in enumerate(questions):
            right[number, question["answers"]] = True
        order = (alike + tokens).detach().argsort(1, descending=True).tolist()
        shown = torch.tensor(
            [
                chosen(question, likely) if teaching else likely[:SHOWN]
                for question, likely in zip(questions, order, strict=True)
            ]
        )
        with torch.autocast("cpu", dtype=torch.bfloat16):  # 1.7 times as fast on AVX-512
            logits = self.reader(
                asked.repeat_interleave(SHOWN, 0), said.repeat_interleave(SHOWN, 0),
                printed[shown.flatten()], there[shown.flatten()],
            )  # fmt: skip
        return {
            "alike": alike, "tokens": tokens, "right": right, "shown": shown,
            "logits": logits.float().view(len(questions), SHOWN),
        }  # fmt: skip


def lost(said: torch.Tensor) -> torch.Tensor:
    """Tokens that are left out, of questions that keep three."""
    drawn = said & (torch.rand(said.shape) < WORDS_LOST)
    return drawn & ((said & ~drawn).sum(1, keepdim=True) > 2)


def best_matches(
    asked: torch.Tensor, said: torch.Tensor, printed: torch.Tensor, there: torch.Tensor
) -> torch.Tensor:
    """Late interaction: each question's mean over its tokens of the best likeness, [n, k]."""
    alike = torch.einsum("qic,pjc->qpij", asked, printed)
    best = alike.masked_fill(~there[None, :, None], -1.0).amax(-1)
    return (best * said[:, None]).sum(-1) / said.sum(-1)[:, None]


def chosen(question: dict[str, Any], likely: list[int]) -> list[int]:
    """The passages that a question is shown with."""
    answers = list(question["answers"])
    others = [passage for passage in likely if passage not in answers]
    if answers and random.random() < TAKEN_AWAY and len(others) >= SHOWN:
        answers = []
    found = answers[:2] if answers else [p for p in [question["near"]] if p in others]
    reach = others[: SHOWN + 4]
    random.shuffle(reach)
    for passage in sorted(reach[: SHOWN + 1], key=others.index):
        if len(found) < SHOWN and passage not in found:
            found.append(passage)
    return found + [found[-1]] * (SHOWN - len(found))


def loss_of(found: dict[str, torch.Tensor]) -> tuple[torch.Tensor, list[float]]:
    """Choosing one or none, and each passage by itself; then the two orders."""
    right = found["right"].gather(1, found["shown"])
    none = ~right.any(1, keepdim=True)
    wide = torch.cat([torch.zeros(len(right), 1), found["logits"]], 1)
    taken = torch.log_softmax(wide, 1).masked_fill(~torch.cat([none, right], 1), FLOOR)
    weight = torch.where(right, 2.0, 0.5)
    each = fun.binary_cross_entropy_with_logits(found["logits"], right.float(), weight=weight)
    parts = [-torch.logsumexp(taken, 1).mean() + 0.3 * each]
    answerable = found["right"].any(1)
    for name in ("alike", "tokens"):
        order = found[name][answerable] * SHARP
        kept = order.masked_fill(~found["right"][answerable], FLOOR)
        parts.append((torch.logsumexp(order, 1) - torch.logsumexp(kept, 1)).mean())
    total = sum(weight * part for weight, part in zip(WEIGHTS, parts, strict=True))
    return total, [part.item() for part in parts]


def judge(pupil: Pupil, manuals: list[dict[str, Any]]) -> str:
    """Of the manuals kept out: what is first, and AUC of the best logit, answerable or not."""
    pupil.encoder.eval()
    pupil.reader.eval()
    first: dict[str, list[bool]] = {"reader": [], "vectors": [], "tokens": []}
    able: list[float] = []
    unable: list[float] = []
    with torch.no_grad():
        for manual in manuals:
            found = pupil.ask(manual, manual["questions"], teaching=False)
            best = found["logits"].argmax(1, keepdim=True)
            heads = {
                "reader": found["shown"].gather(1, best)[:, 0],
                "vectors": found["alike"].argmax(1),
                "tokens": found["tokens"].argmax(1),
            }
            for number, question in enumerate(manual["questions"]):
                top = float(found["logits"][number].max())
                (able if question["answers"] else unable).append(top)
                if question["answers"]:
                    for name, head in heads.items():
                        first[name].append(int(head[number]) in question["answers"])
    pupil.encoder.train()
    pupil.reader.train()
    less = np.array(unable)
    above = [np.mean(less < one) + 0.5 * np.mean(less == one) for one in able]
    shares = ", ".join(f"{name} {np.mean(marks):.3f}" for name, marks in first.items())
    return (
        f"answer first by {shares}; AUC {np.mean(above):.3f} ({len(able) + len(unable)} kept out)"
    )


def steps_of(manuals: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """A pass: every manual's questions in groups, in any order."""
    steps = []
    for manual in manuals:
        questions = list(manual["questions"])
        random.shuffle(questions)
        groups = max(1, round(len(questions) / ASKED))
        steps += [(manual, questions[number::groups]) for number in range(groups)]
    random.shuffle(steps)
    return steps


def teach(pupil: Pupil, manuals: list[dict[str, Any]], passes: int) -> None:
    """Teach, and say after each pass how it goes with the manuals kept out."""
    held = [manual for manual in manuals if manual["kept_out"]]
    todo = [manual for manual in manuals if not manual["kept_out"]]
    taught = [p for p in pupil.encoder.parameters() if p.requires_grad]
    pace = torch.optim.AdamW(
        [
            {"params": taught, "weight_decay": 0.0},
            {"params": list(pupil.reader.parameters()), "weight_decay": DECAY},
        ]
    )
    total = passes * len(steps_of(todo)) + 1
    plan = torch.optim.lr_scheduler.OneCycleLR(
        pace, list(RATES), total_steps=total, pct_start=0.05, anneal_strategy="linear"
    )
    began = time.time()
    print(f"before: {judge(pupil, held)}", flush=True)
    for turn in range(passes):
        losses = []
        steps = steps_of(todo)
        for number, (manual, questions) in enumerate(steps):
            loss, parts = loss_of(pupil.ask(manual, questions, teaching=True))
            pace.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*taught, *pupil.reader.parameters()], 1.0)
            pace.step()
            plan.step()
            losses.append(parts)
            if number % 25 == 24:
                print(f"\r  {number + 1} of {len(steps)} steps", end="", flush=True)
        mean = " ".join(f"{value:.3f}" for value in np.mean(losses, axis=0))
        print(
            f"\rpass {turn + 1} of {passes}: losses {mean}; {judge(pupil, held)}; "
            f"{time.time() - began:.0f} s",
            flush=True,
        )
    pupil.encoder.eval()
    pupil.reader.eval()


def examples(pupil: Pupil, manuals: list[dict[str, Any]]) -> dict[str, Any]:
    """A few pairs, as an index keeps their rows, with the logits that torch gives them."""
    found: dict[str, Any] = {}
    with torch.no_grad():
        for number, manual in enumerate(manuals[:CHECKED]):
            question = manual["questions"][0]
            pair = []
            for text, asked in ((question["text"], True), (manual["passages"][0], False)):
                _, (rows,) = pupil.encode([text], asked=asked)
                pair.append(torch.round(rows * SCALE)[None])
            real = [torch.ones(rows.shape[:2], dtype=torch.bool) for rows in pair]
            logit = pupil.reader(pair[0] / SCALE, real[0], pair[1] / SCALE, real[1])
            found[f"asked{number}"], found[f"printed{number}"] = (r[0].numpy() for r in pair)
            found[f"logit{number}"] = logit.numpy()
    return found


def main() -> None:
    """Read the arguments, teach, write adapter.npz, reader.npz and examples.npz."""
    parser = argparse.ArgumentParser()
    for name in ("model", "lessons", "states", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    random.seed(given.seed)
    np.random.seed(given.seed)
    lessons = json.loads(given.lessons.read_text("utf-8"))
    manuals = lessons["manuals"]
    encoder, reader = Encoder(given.model), Reader()
    texts = Texts(given.model, given.states)
    everything = [text for manual in manuals for text in manual["passages"]]
    everything += [question["text"] for manual in manuals for question in manual["questions"]]
    texts.add(everything, encoder)
    pupil = Pupil(encoder, reader, texts, lessons["prompt"])
    if given.start is None:
        pupil.begin(manuals[::8])
    else:
        encoder.start_from(given.start / "adapter.npz")
        reader.read(given.start / "reader.npz")
    teach(pupil, manuals, given.passes)
    given.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(given.out / "adapter.npz", **encoder.adapters())
    reader.write(given.out / "reader.npz")
    np.savez(given.out / "examples.npz", **examples(pupil, manuals))


if __name__ == "__main__":
    main()
