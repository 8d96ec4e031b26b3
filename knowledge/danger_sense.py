"""Danger told by what the words mean, where none of them names it.

« L'huile a pris dans la poêle » holds no word that a list of dangerous words could hold. The
question's vector, which the manuals are searched with anyway, goes through a few small networks
that were taught on phrases of callers in danger and on ordinary questions (`permanence eval
teach-danger`). knowledge/safety.py comes first: it knows the words themselves. Where the networks
are not sure, the caller is asked. danger_marks.py has its say, by sounds and words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from knowledge.answer import Danger, Sensed
from knowledge.danger_marks import Weights, marks, score
from knowledge.embeddings import Embedder, Vectors
from knowledge.safety import danger_in, denied, fold
from knowledge.spoken import normalise

KINDS: tuple[Danger, ...] = get_args(Danger)
LEARNED = "danger.npz"
"""The networks' layers, the weights of the marks, both thresholds, and the name of the embedding
model they go with."""

LEAN = 0.5
"""How much the log-odds by marks count beside those by meaning."""

LEAST = 1e-6
"""Least probability that is told from none."""

FEWEST_WORDS = 4
"""Fewer words mean too little: « ça chauffe », « oui », « j'ai faim » for « c'est fait »."""

DICTATED = re.compile(r"\b\d{1,3}(?:[\s,.]+\d{1,3})+\b")
"""The figures of a number that is being dictated."""

HARMLESS = 0.01
"""Probability of danger under which a dangerous word means another thing: « pot-au-feu »."""

NAMED_SURE = 0.1
"""Probability from which a danger that is named is sure; under it, the caller is asked.

Of 881 kept-out phrases of danger that name it, 19 are under it; of 203 that name it harmlessly,
128.
"""


class Layers(NamedTuple):
    """A network with one hidden layer: weights [in, out] and biases [out], float32."""

    hidden: Vectors
    hidden_bias: Vectors
    out: Vectors
    out_bias: Vectors


class DangerSense:
    """Senses danger in a caller's words; thread-safe."""

    def __init__(self, embedder: Embedder) -> None:
        """Take what was learned for this model; for another one the words alone count."""
        self._embedder = embedder
        with np.load(str(files("knowledge") / LEARNED)) as learned:
            self._fits = str(learned["model"]) == embedder.name
            stacks = [learned[name].astype(np.float32) for name in Layers._fields]
            self._nets = [Layers(*layers) for layers in zip(*stacks, strict=True)]
            self._marks = Weights(
                learned["places"].astype(np.float32), float(learned["places_bias"])
            )
            self._sure, self._maybe = float(learned["sure"]), float(learned["maybe"])

    def sense(self, text: str) -> Sensed | None:
        """The danger that a caller speaks of, by name or by meaning; None if there is none.

        Who cries out while dictating a number is heard by what is no number.
        """
        beside, dictated = DICTATED.subn(" ", normalise(text))
        found = self._sense(beside) if dictated and _is_enough(beside) else None
        return found or self._sense(text)

    def _sense(self, text: str) -> Sensed | None:
        named = danger_in(text)
        if not self._fits or not _is_enough(text):
            return None if named is None else Sensed(named)
        chance = chances(self._nets, self._embedder.query(normalise(text)).vector[None])[0]
        danger = together(float(chance[0]), score(self._marks, marks(text)))
        kind = KINDS[int(np.argmax(chance[1:]))]
        if named is not None:
            return None if danger < HARMLESS else Sensed(named, sure=danger >= NAMED_SURE)
        if danger < self._maybe:
            return None
        return Sensed(kind, sure=danger >= self._sure and not denied(text))

    def heard(self, readings: Sequence[str]) -> Sensed | None:
        """The danger in what a recogniser heard, likeliest first; in another reading never sure."""
        distinct: dict[str, str] = {}  # they often differ by a comma only: each costs 20 ms
        for reading in readings:
            distinct.setdefault(fold(normalise(reading)), reading)
        first, *others = distinct.values()
        found = self.sense(first)
        if found is not None:
            return found
        other = next(filter(None, map(self.sense, others)), None)
        return None if other is None else Sensed(other.danger, sure=False)

    def danger_in(self, text: str) -> Danger | None:
        """The danger, if it is sure."""
        sensed = self.sense(text)
        return sensed.danger if sensed is not None and sensed.sure else None


def _is_enough(text: str) -> bool:
    """Whether there are words enough to mean something."""
    return len(re.findall(r"\w+", text)) >= FEWEST_WORDS


def chances(nets: Sequence[Layers], vectors: Vectors) -> Vectors:
    """Probability of no danger and of each kind: [n, dimensions] -> [n, 7], the networks' mean."""
    each = [
        softmax(np.maximum(vectors @ net.hidden + net.hidden_bias, 0) @ net.out + net.out_bias)
        for net in nets
    ]
    return np.asarray(np.mean(each, axis=0), dtype=np.float32)


def together(safe: float, by_marks: float) -> float:
    """Probability of danger.

    Args:
        safe: Probability of no danger, by meaning.
        by_marks: Log-odds of danger, by sounds and words.
    """
    safe = min(max(safe, LEAST), 1 - LEAST)
    return 1 / (1 + math.exp(math.log(safe / (1 - safe)) - LEAN * by_marks))


def softmax(scores: Vectors) -> Vectors:
    """Scores [n, classes] as probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


def save(
    file: Path, nets: Sequence[Layers], weights: Weights, sure: float, maybe: float, model: str
) -> None:
    """Write what was learned, as float16."""
    stacks = [np.stack(layers).astype(np.float16) for layers in zip(*nets, strict=True)]
    hidden, hidden_bias, out, out_bias = stacks
    np.savez_compressed(
        file, sure=np.float32(sure), maybe=np.float32(maybe), model=np.array(model),
        hidden=hidden, hidden_bias=hidden_bias, out=out, out_bias=out_bias,
        places=weights.places.astype(np.float16), places_bias=np.float32(weights.bias),
    )  # fmt: skip
