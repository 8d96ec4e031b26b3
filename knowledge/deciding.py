"""What is done with what was found: answered, asked back, or handed over."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.answer import UNKNOWN_CODE, Answer, Evidence
from knowledge.appliances import with_article
from knowledge.coded_answers import CodeRow
from knowledge.compose import speech_of, topic_of
from knowledge.evidence import Calibration, signs_of
from knowledge.llm import Writer
from knowledge.meant import meant_signs
from knowledge.naming import about_another, names_row, names_title, touches_row
from knowledge.passages import Passage
from knowledge.products import Product, candidates, distinct, same_product
from knowledge.question import Understood
from knowledge.retrieve import Hit, Retriever
from knowledge.safety import fold
from knowledge.unspeakable import speakable_parts, speakable_safely

TITLE_CONFIDENCE = 0.92
"""The caller says the title of a passage, in its own words."""

MOST_CHOICES = 3
"""Appliances that are named to choose from: nobody keeps a longer list in mind."""

LIKELY = 8
"""First hits whose appliances are likely enough to be named."""

EVIDENCE_SHOWN = 3
LOOKED_AT = 6
"""Hits among which the second guess is sought."""

_HOW = re.compile(
    r"\bcomment\b|\bque faire\b|\bquoi faire\b|\bje (?:dois|peux) faire\b|\bje fais (?:quoi|pour)\b"
)
_TO_DO = re.compile(r"\bje (?:voudrais|veux|vais|dois|souhaite|cherche a|n arrive pas a) \w+r\b")
"""« Je voudrais nettoyer le filtre »: how, without asking it."""


@dataclass(frozen=True)
class Sought:
    """A question with what was found of it, before anything is decided.

    Attributes:
        question: As it is searched.
        product: The appliance, if known.
        model: Which of its models, if known.
        hits: Best first; only such as hold for the model.
    """

    question: Understood
    product: Product | None
    model: str | None
    hits: tuple[Hit, ...]


class Decider:
    """Decides by one version's calibration; thread-safe."""

    def __init__(
        self, retriever: Retriever, calibrated: Calibration, writer: Writer | None
    ) -> None:
        self.products = distinct(retriever.products)
        self.references = [name for product in self.products for name in product.references]
        self._owners = {
            one.name: product.name
            for product in reversed(self.products)
            for one in retriever.products
            if same_product(one, product)
        }
        self._retriever = retriever
        self._calibration = calibrated
        self._writer = writer

    def signs(self, sought: Sought) -> list[float]:
        """The signs on which the gate decides (also what calibration learns from)."""
        words, text = self._retriever.words, sought.question.text
        return signs_of(
            sought.question, sought.hits, unknown=words.unknown_share(text),
            row_named=touches_row(text, sought.hits[0].passage, words.stems),
            product_known=sought.product is not None,
        )  # fmt: skip

    def by_code(
        self, found: CodeRow, product: Product | None, model: str | None, clock: Clock
    ) -> Answer:
        """About a code that was said, or that stands in no table."""
        if not found.rows:
            return handed_over(f"{UNKNOWN_CODE} : {found.code}", product, (), clock)
        evidence = tuple(_evidence(row) for row in found.rows[:EVIDENCE_SHOWN])
        if len(found.owners) > 1:
            choices = self._named(found.owners)
            return Answer("clarify", confidence=found.confidence, choices=choices,
                          reason=f"le code {found.code} existe pour plusieurs appareils",
                          evidence=evidence, timings_ms=clock.read())  # fmt: skip
        row = found.rows[0]
        return self._spoken(row, model, found.confidence, evidence, clock, confirm=not found.sure,
                            topic=topic_of(row, coded=True))  # fmt: skip

    def by_evidence(self, sought: Sought, clock: Clock) -> Answer:
        """By the probability that the first hit answers."""
        text, hits = sought.question.text, sought.hits
        probability = self._calibration.probability(self.signs(sought))
        if about_another(text, hits[0].passage, self.references):
            return handed_over("le passage vaut pour autre chose", sought.product, hits, clock)
        stems, known = self._retriever.words.stems, sought.product is not None
        if names_title(text, hits[0].passage, stems) or (
            known and names_row(text, hits[0].passage, stems)
        ):
            probability = max(probability, TITLE_CONFIDENCE)
        clock.lap("decide")
        if self._calibration.asks_which(self.meant_signs(sought), probability):
            evidence = tuple(_evidence(hit.passage) for hit in hits[:EVIDENCE_SHOWN])
            return Answer("clarify", confidence=probability, choices=self._choices(sought),
                          reason="l'appareil n'est pas connu", evidence=evidence,
                          timings_ms=clock.read())  # fmt: skip
        if probability < self._calibration.confirm_from:
            reason = "réponse pas assez sûre"
            return handed_over(reason, sought.product, hits, clock, probability)
        confirm = probability < self._calibration.answer_from
        found = self._from_hit(sought, 0, probability, clock, confirm=confirm)
        return replace(found, other=self.instead(sought)) if confirm else found

    def _from_hit(
        self, sought: Sought, place: int, probability: float, clock: Clock, *, confirm: bool
    ) -> Answer:
        """What one of the hits says, that hit before the others as evidence."""
        text, hits = sought.question.text, sought.hits
        folded = fold(text)
        how = _HOW.search(folded) is not None
        chosen = self.whole(hits[place].passage, how=how, do=how or bool(_TO_DO.search(folded)))
        shown = (_evidence(hit.passage) for hit in hits[:EVIDENCE_SHOWN])
        evidence = (_evidence(chosen), *(e for e in shown if e.passage_id != chosen.passage_id))
        return self._spoken(chosen, sought.model, probability, evidence, clock, confirm=confirm,
                            question=text)  # fmt: skip

    def instead(self, sought: Sought) -> Answer | None:
        """What may be meant if not the first hit: the next one that says something else."""
        first = sought.hits[0].passage
        topic, owner = topic_of(first), self._owner(first)
        for place, hit in enumerate(sought.hits[:LOOKED_AT]):
            passage = hit.passage
            if topic_of(passage) == topic or self._owner(passage) != owner:
                continue
            if about_another(sought.question.text, passage, self.references):
                continue
            found = self._from_hit(sought, place, 0.0, Clock(), confirm=True)
            return found if found.decision == "confirm" else None
        return None

    def meant_signs(self, sought: Sought) -> tuple[float, ...]:
        """Signs of whether the first hit's appliance is meant; () where it is known."""
        if sought.product is not None:
            return ()
        return meant_signs(sought.hits, [self._owner(hit.passage) for hit in sought.hits])

    def _owner(self, passage: Passage) -> str:
        return self._owners.get(passage.product, passage.product)

    def _choices(self, sought: Sought) -> tuple[str, ...]:
        """The appliances to choose from, likeliest first; () if they are too many to be said."""
        likely = dict.fromkeys(self._owner(hit.passage) for hit in sought.hits[:LIKELY])
        names = [p.name for p in candidates(sought.question.text, self.products)]
        owners = [name for name in likely if name in names]
        owners = owners if len(owners) > 1 else list(dict.fromkeys((*owners, *names)))
        return self._named(owners)

    def _named(self, owners: Sequence[str]) -> tuple[str, ...]:
        """Appliances as callers call them: « le four »; with its reference where there are two.

        None of them if they are too many to be said.
        """
        if len(owners) > MOST_CHOICES:
            return ()
        named = {product.name: product for product in self.products}
        kinds = Counter(product.appliance for product in self.products)
        return tuple(
            with_article(named[owner].appliance)
            if owner in named and kinds[named[owner].appliance] == 1
            else with_article(owner)
            for owner in owners
        )

    def whole(self, passage: Passage, *, how: bool, do: bool = False) -> Passage:
        """The procedure to which a warning, or the lines before the first step, belong.

        A warning alone helps nobody; the lines before the first step do, unless « comment ? » is
        asked; nor does a line of the calendar that says how often a thing is done to who wants to.
        """
        if do and passage.kind == "table_row":
            return self._procedure_of(passage) or passage
        if passage.kind == "safety" or (how and passage.kind == "text"):
            for other in self._retriever.collection.of_manual(passage.manual):
                if (
                    other.kind == "procedure"
                    and other.heading == passage.heading
                    and passage.text in other.text
                ):
                    return other
        return passage

    def _procedure_of(self, row: Passage) -> Passage | None:
        """The one procedure of the manual whose title says all that the row's does."""
        stems = self._retriever.words.stems
        wanted = set(stems(row.title))
        found = [
            other
            for other in self._retriever.collection.of_manual(row.manual)
            if other.kind == "procedure" and wanted and wanted <= set(stems(other.title))
        ]
        return found[0] if len(found) == 1 else None

    def _spoken(
        self, passage: Passage, model: str | None, probability: float,
        evidence: tuple[Evidence, ...], clock: Clock, *, confirm: bool = False, question: str = "",
        topic: str = "",
    ) -> Answer:  # fmt: skip
        parts, topic = speakable_parts(speech_of(passage, model)), topic or topic_of(passage)
        if not parts or (confirm and not speakable_safely(topic)):
            reason = "le passage ne peut pas être dit"
            return Answer("handoff", product=passage.product, reason=reason, evidence=evidence,
                          timings_ms=clock.read())  # fmt: skip
        if self._writer is not None and not confirm:
            written = self._writer.rephrase(question, parts, [passage.text])
            parts = parts if written is None else written.parts
            clock.lap("rephrase")
        return Answer(
            "confirm" if confirm else "answer", " ".join(parts), parts, probability,
            passage.product, passage.kind, topic=topic, evidence=evidence, timings_ms=clock.read(),
            reason="à confirmer" if confirm else "",
        )  # fmt: skip


class Clock:
    """Milliseconds from lap to lap."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: list[tuple[str, float]] = []

    def lap(self, name: str) -> None:
        """Name what took since the last one."""
        now = time.perf_counter()
        self._laps.append((name, round((now - self._last) * 1000, 2)))
        self._last = now

    def read(self) -> tuple[tuple[str, float], ...]:
        """The laps and the total."""
        return (*self._laps, ("total", round((time.perf_counter() - self._start) * 1000, 2)))


def _evidence(passage: Passage) -> Evidence:
    return Evidence(passage.manual, passage.page, passage.passage_id, passage.text)


def handed_over(
    reason: str, product: Product | None, hits: Sequence[Hit], clock: Clock,
    probability: float = 0.0,
) -> Answer:  # fmt: skip
    """Nothing is said: a person takes over, with what was found."""
    evidence = tuple(_evidence(hit.passage) for hit in hits[:EVIDENCE_SHOWN])
    name = None if product is None else product.name
    return Answer("handoff", "", (), probability, name, reason=reason, evidence=evidence,
                  timings_ms=clock.read())  # fmt: skip
