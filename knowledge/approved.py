"""Answers that a person has written and approved, with the callers' questions that they are for.

They stand beside the manuals of a client, not in a version of them: going back to an earlier one
takes back no answer, and approving one publishes nothing of a draft. One file holds them all, with
their vectors, and is replaced in one step.

A manual's passage is judged by the gate; an approved answer by how near the question is to those
that it was written for (`likeness`): the words are real callers', and nobody need find out whether
the text answers them.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.answer import APPROVED, Answer, Evidence
from knowledge.appliances import appliance_in, is_related
from knowledge.compose import PART_CHARACTERS, lower_first, step_parts
from knowledge.embeddings import Embedder, Vectors
from knowledge.grouping import codes_in
from knowledge.likeness import Likeness, likeness
from knowledge.products import Product
from knowledge.safety import fold
from knowledge.spoken import normalise
from knowledge.versions import fsync_folder, writing

FILE = "approved.npz"


@dataclass(frozen=True)
class ApprovedAnswer:
    """An answer and what it is for.

    Attributes:
        number: From 1, never given to another one of the client's.
        question: Its title, as one would ask.
        variants: Callers' own words for it.
        parts: What is said, cut into what is said at one time.
        appliance: The kind that it holds for, "" for any.
        models: References for which it holds; () for all.
    """

    number: int
    question: str
    variants: tuple[str, ...]
    parts: tuple[str, ...]
    appliance: str = ""
    models: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is said, whole."""
        return " ".join(self.parts)

    @property
    def topic(self) -> str:
        """Its title within a sentence: « il s'agit de ceci : … »."""
        return lower_first(self.question.rstrip(" ?!.…"))

    @property
    def passage_id(self) -> str:
        """Its identifier among a client's passages."""
        return f"approved-{self.number}"

    @property
    def evidence(self) -> Evidence:
        """What an answer with it rests on."""
        return Evidence(APPROVED, self.number, self.passage_id, f"{self.question} {self.text}")

    def as_answer(self, confidence: float, product: str | None, *, confirm: bool) -> Answer:
        """The decision to say it, or to ask whether it is meant."""
        return Answer(
            "confirm" if confirm else "answer", self.text, self.parts, confidence, product, "faq",
            topic=self.topic, evidence=(self.evidence,),
            reason="à confirmer" if confirm else "",
        )  # fmt: skip


def parts_said(text: str) -> tuple[str, ...]:
    """A written answer, cut into what is said at one time."""
    return tuple(step_parts(text, PART_CHARACTERS))


@dataclass(frozen=True)
class Match:
    """An approved answer that may be meant, and how probably."""

    answer: ApprovedAnswer
    probability: float
    learned: Likeness

    @property
    def is_sure(self) -> bool:
        """Whether it is said at once."""
        return self.probability >= self.learned.answer_from

    @property
    def is_likely(self) -> bool:
        """Whether the caller is asked if it is meant."""
        return self.probability >= self.learned.confirm_from


class Approved:
    """A client's approved answers, open for questions; never changed, so thread-safe."""

    def __init__(
        self, answers: Sequence[ApprovedAnswer], asked: Vectors, owners: Sequence[int],
        wholes: Vectors, embedder: str,
    ) -> None:  # fmt: skip
        """Hold them.

        Args:
            answers: In order.
            asked: Vectors of their questions, shape (n, dimensions).
            owners: Place of the answer that each of these is of, ascending.
            wholes: Vectors of the answers themselves, in their order.
            embedder: Name of the model that made them.
        """
        self.answers = tuple(answers)
        self.embedder = embedder
        self.asked, self.owners, self.wholes = asked, list(owners), wholes
        self._learned = likeness(embedder)
        self._alike = None if self._learned is None else self._learned.centred(asked)
        self._codes = [codes_in(" ".join(map(normalise, _texts(one)))) for one in answers]

    def best(
        self, question: str, vector: Vectors, product: Product | None, model: str | None,
        given: Collection[str] = (),
    ) -> Match | None:  # fmt: skip
        """The answer that is likeliest to be meant; None if none can be.

        Args:
            question: In canonical form.
            vector: The question's, of unit length.
            product: The appliance, if known.
            model: Which of its models, if known.
            given: Identifiers of what was said before and did not help.
        """
        if self._learned is None or self._alike is None or not self.answers:
            return None
        likenesses = self._alike @ self._learned.centred(vector[None])[0]
        nearest = np.full(len(self.answers), -1.0, dtype=np.float32)
        np.maximum.at(nearest, self.owners, likenesses)
        wholes = self.wholes @ vector
        kind, codes = appliance_in(question), codes_in(question)
        found: Match | None = None
        for place, one in enumerate(self.answers):
            if one.passage_id in given or not codes <= self._codes[place]:
                continue
            if not _holds_for(one, kind, product, model):
                continue
            sure = self._learned.probability(float(nearest[place]), float(wholes[place]))
            if one.models and model is None:  # another model's caller may ask in the same words
                sure = min(sure, (self._learned.answer_from + self._learned.confirm_from) / 2)
            if found is None or sure > found.probability:
                found = Match(one, sure, self._learned)
        return found


def _holds_for(
    one: ApprovedAnswer, kind: str | None, product: Product | None, model: str | None
) -> bool:
    """Whether an answer is about the appliance that is asked about."""
    meant = kind or (None if product is None else product.appliance)
    if one.appliance and meant is not None and one.appliance != meant:
        related = is_related(meant, one.appliance) or is_related(one.appliance, meant)
        if not related:
            return False
    return not one.models or model is None or fold(model) in {fold(name) for name in one.models}


def _texts(one: ApprovedAnswer) -> tuple[str, ...]:
    return (one.question, *one.variants, *one.parts, *one.models)


def write_approved(
    client_dir: Path, answers: Sequence[ApprovedAnswer], embedder: Embedder
) -> Approved:
    """Put these answers in service in place of those before; durable when it returns.

    What was embedded before is not embedded again (25 to 50 ms each question).

    Raises:
        IndexWriteError: The file cannot be written; what was in service still is.
    """
    before = read_approved(client_dir)
    known: dict[str, Vectors] = {}
    wholes: dict[str, Vectors] = {}
    if before is not None and before.embedder == embedder.name:
        texts = [text for one in before.answers for text in _questions(one)]
        known = dict(zip(texts, before.asked, strict=True))
        wholes = {_whole(one): v for one, v in zip(before.answers, before.wholes, strict=True)}
    asked: list[Vectors] = []
    owners: list[int] = []
    said: list[Vectors] = []
    for place, one in enumerate(answers):
        for text in _questions(one):
            if text not in known:
                known[text] = embedder.query(normalise(text)).vector
            asked.append(known[text])
            owners.append(place)
        whole = _whole(one)
        if whole not in wholes:
            wholes[whole] = whole_vector(one, embedder)
        said.append(wholes[whole])
    none = np.zeros((0, embedder.dimensions), dtype=np.float32)
    made = Approved(
        answers, np.concatenate([none, *(v[None] for v in asked)]), owners,
        np.concatenate([none, *(v[None] for v in said)]), embedder.name,
    )  # fmt: skip
    _replace(client_dir, made)
    return made


def whole_vector(one: ApprovedAnswer, embedder: Embedder) -> Vectors:
    """The vector of an answer itself, its question before it."""
    return embedder.passages([f"{one.question} {one.text}"], [one.appliance])[0].vector


def read_approved(client_dir: Path) -> Approved | None:
    """The answers in service; None if there are none, or if the file cannot be read."""
    try:
        content = (client_dir / FILE).read_bytes()
        with np.load(io.BytesIO(content)) as stored:
            meta = json.loads(stored["meta"].tobytes())
            answers = [_answer(one) for one in meta["answers"]]
            return Approved(
                answers, stored["asked"], stored["owners"].tolist(), stored["wholes"],
                meta["embedder"],
            )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None  # it is made again from the database


def stamp_of(client_dir: Path) -> tuple[int, int] | None:
    """What tells one file of answers from the next; None if there is none."""
    try:
        found = (client_dir / FILE).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _replace(client_dir: Path, made: Approved) -> None:
    meta = {"embedder": made.embedder, "answers": [asdict(one) for one in made.answers]}
    encoded = json.dumps(meta, ensure_ascii=False).encode()
    with writing(client_dir):
        client_dir.mkdir(parents=True, exist_ok=True)
        part = client_dir / f"{FILE}.part"
        with part.open("wb") as file:
            np.savez(
                file, meta=np.frombuffer(encoded, dtype=np.uint8), asked=made.asked,
                owners=np.asarray(made.owners, dtype=np.int64), wholes=made.wholes,
            )  # fmt: skip
            file.flush()
            os.fsync(file.fileno())
        part.replace(client_dir / FILE)
        fsync_folder(client_dir)


def _questions(one: ApprovedAnswer) -> tuple[str, ...]:
    return tuple(dict.fromkeys((one.question, *one.variants)))


def _whole(one: ApprovedAnswer) -> str:
    return f"{one.appliance}\n{one.question}\n{one.text}"


def _answer(data: dict[str, object]) -> ApprovedAnswer:
    number, question, appliance = data["number"], data["question"], data["appliance"]
    lists = [data[name] for name in ("variants", "parts", "models")]
    assert isinstance(number, int)
    variants, parts, models = (
        tuple(map(str, one)) if isinstance(one, list) else () for one in lists
    )
    return ApprovedAnswer(number, str(question), variants, parts, str(appliance), models)
