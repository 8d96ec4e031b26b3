"""One version of a client's manuals, open for questions: from the words to a decision."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.answer import Answer, Evidence, Inquiry
from knowledge.appliances import foreign_appliance, with_article
from knowledge.coded_answers import CodedAnswers, CodeRow
from knowledge.collection import Collection
from knowledge.compose import speech_of, topic_of
from knowledge.embeddings import Embedder, Embedding
from knowledge.evidence import Calibration, signs_of
from knowledge.followup import is_not_enough, resolved
from knowledge.llm import Writer
from knowledge.meant import meant_signs
from knowledge.naming import about_another, names_row, names_title, touches_row
from knowledge.passages import Passage
from knowledge.products import (
    Product,
    candidates,
    distinct,
    named_model,
    named_product,
    same_product,
)
from knowledge.question import Understood, understand
from knowledge.reading import load_reader
from knowledge.references import references_in, said_reference
from knowledge.retrieve import Hit, Retriever
from knowledge.safety import danger_in, fold, safety_text
from knowledge.scope import out_of_scope
from knowledge.spoken import references
from knowledge.unspeakable import speakable_parts, speakable_safely

TITLE_CONFIDENCE = 0.92
"""The caller says the title of a passage, in its own words."""

MOST_CHOICES = 3
"""Appliances that are named to choose from: nobody keeps a longer list in mind."""

LIKELY = 8
"""First hits whose appliances are likely enough to be named."""

FEWEST_MORE = 2
"""Known words beside the appliance's name up to which the caller only says which one it is."""

EVIDENCE_SHOWN = 3
LOOKED_AT = 6
"""Hits among which the second guess is sought."""

_HOW = re.compile(
    r"\bcomment\b|\bque faire\b|\bquoi faire\b|\bje (?:dois|peux) faire\b|\bje fais (?:quoi|pour)\b"
)


@dataclass(frozen=True)
class Sought:
    """A question with what was found of it, before anything is decided.

    Attributes:
        question: As it is searched.
        product: The appliance, if known.
        model: Which of its models, if known.
        hits: Best first; only such as hold for the model.
        refusal: Why no manual can answer, None if one may.
    """

    question: Understood
    product: Product | None
    model: str | None
    hits: tuple[Hit, ...]
    refusal: str | None


class Shelf:
    """A client's manuals in one version; thread-safe."""

    def __init__(
        self, collection: Collection, embedder: Embedder, calibrated: Calibration,
        writer: Writer | None = None,
    ) -> None:  # fmt: skip
        self.folder = collection.folder
        self.retriever = Retriever(
            collection, calibrated.rank, load_reader(), calibrated.read_weight
        )
        self.products = distinct(self.retriever.products)
        self._references = [name for product in self.products for name in product.references]
        self._owners = {
            one.name: product.name
            for product in reversed(self.products)
            for one in self.retriever.products
            if same_product(one, product)
        }
        self._codes = CodedAnswers(
            collection.coded(language="fr"), self.retriever, embedder,
            alone=len(self.products) == 1,
        )  # fmt: skip
        self._embedder = embedder
        self._calibration = calibrated
        self._writer = writer

    def close(self) -> None:
        """Release the index."""
        self.retriever.collection.close()

    def vocabulary(self) -> tuple[str, ...]:
        """Words that callers of this client are likely to say, to help the recogniser.

        Appliances only: given references, the recogniser finds them in noise. The last words must
        not be an appliance: a caller's « mon lave-vaisselle » was then dropped as already said.
        """
        appliances = dict.fromkeys(product.appliance for product in self.products)
        return (*appliances, "code d'erreur.")

    def answer(self, inquiry: Inquiry) -> Answer:
        """Decide about one question."""
        clock = _Clock()
        danger = danger_in(inquiry.question)
        if danger is not None:
            text = safety_text(danger)
            return Answer("safety", text, (text,), 1.0, inquiry.product, danger=danger,
                          reason=f"danger: {danger}", timings_ms=clock.read())  # fmt: skip
        question, product, model = self.understood(inquiry)
        clock.lap("understand")
        decided = self._decide(inquiry, question, product, model, clock)
        return replace(decided, asked=question.text)

    def _decide(
        self, inquiry: Inquiry, question: Understood, product: Product | None, model: str | None,
        clock: _Clock,
    ) -> Answer:  # fmt: skip
        refusal = self.refusal(question.text)
        if refusal is None and not is_not_enough(inquiry.question):
            coded = self._codes.row(question, product, model)
            if coded is not None:
                clock.lap("search")
                return self._by_code(coded, product, model, clock)
        embeddings = self.embed(question)
        clock.lap("embed")
        sought = self.search(question, product, model, embeddings, refusal, inquiry.given)
        clock.lap("search")
        if refusal is not None or not sought.hits:
            nothing = "rien d'autre dans les notices" if inquiry.given else "rien dans les notices"
            return _handed_over(refusal or nothing, product, sought.hits, clock)
        return self._by_evidence(sought, clock)

    # --- understanding ------------------------------------------------------------------------

    def understood(self, inquiry: Inquiry) -> tuple[Understood, Product | None, str | None]:
        """The question as it is searched, the appliance and the model that it is about."""
        readings = inquiry.readings or ((inquiry.question, 1.0),)
        named = named_product(inquiry.which, self.products)
        more = "" if self._names_only(inquiry.which, named) else f" {inquiry.which}"
        readings = tuple(
            (resolved(text, inquiry.earlier, self.products) + more, weight)
            for text, weight in readings
        )
        question = understand(readings, self.retriever.collection.sounds.ear)
        product = named or self.product(question.text, inquiry.product)
        model = None if product is None else named_model(question.text, product)
        return question, product, model

    def _names_only(self, which: str, named: Product | None) -> bool:
        """Whether nothing but the appliance is said: « c'est pour le lave-vaisselle »."""
        if named is None:
            return not which
        words = self.retriever.words
        rest = set(words.stems(which)) - set(words.stems(named.name))
        known = [stem for stem in rest if words.knows(stem)]
        return len(known) <= FEWEST_MORE and not any(c.isdigit() for c in "".join(known))

    def product(self, text: str, known: str | None) -> Product | None:
        """The appliance a question is about: the one it names, else the known or only one."""
        named = named_product(text, self.products)
        if named is not None:
            return named
        if len(self.products) == 1:
            return self.products[0]
        return next((p for p in self.products if p.name == known), None)

    def refusal(self, text: str) -> str | None:
        """Why no manual of this client can answer, if that can be told at once."""
        said = references(text)
        if said and not (
            references_in(text, self._references) or said_reference(text, said, self._references)
        ):
            return f"référence inconnue : {said[0]}"
        kinds = {product.appliance for product in self.products}
        other = foreign_appliance(text, kinds)
        if other is not None:
            return f"autre appareil : {other}"
        return out_of_scope(text, self.retriever.words.knows, self._has_procedure)

    def _has_procedure(self, part: str) -> bool:
        """Whether a procedure of the manuals is about a part, by its title or heading."""
        words = self.retriever.words
        stems = set(words.stems(part))
        holding = (self.retriever.collection.passages[int(p)] for p in words.holding(part))
        return any(
            passage.kind == "procedure"
            and stems <= set(words.stems(f"{passage.title} {passage.heading}"))
            for passage in holding
        )

    # --- searching ----------------------------------------------------------------------------

    def embed(self, question: Understood) -> list[Embedding]:
        """The vectors of a question's readings."""
        return [self._embedder.query(reading.text) for reading in question.readings]

    def search(
        self, question: Understood, product: Product | None, model: str | None,
        embeddings: Sequence[Embedding], refusal: str | None = None, given: Sequence[str] = (),
    ) -> Sought:  # fmt: skip
        """What the manuals hold, best first.

        Args:
            question: As it is searched.
            product: The appliance, if known.
            model: Which of its models, if known.
            embeddings: Of its readings.
            refusal: Why no manual can answer, None if one may.
            given: Passages that were given before and did not help.
        """
        scope = [product] if product is not None else candidates(question.text, self.products)
        hits = self.retriever.search(question, embeddings, scope)
        kept = tuple(
            hit
            for hit in hits
            if hit.passage.passage_id not in given
            and (model is None or not hit.passage.models or model in hit.passage.models)
        )
        return Sought(question, product, model, kept, refusal)

    def signs(self, sought: Sought) -> list[float]:
        """The signs on which the gate decides (also what calibration learns from)."""
        words, text = self.retriever.words, sought.question.text
        return signs_of(
            sought.question, sought.hits, unknown=words.unknown_share(text),
            row_named=touches_row(text, sought.hits[0].passage, words.stems),
            product_known=sought.product is not None,
        )  # fmt: skip

    # --- deciding -----------------------------------------------------------------------------

    def _by_code(
        self, found: CodeRow, product: Product | None, model: str | None, clock: _Clock
    ) -> Answer:
        if not found.rows:
            return _handed_over(f"code inconnu : {found.code}", product, (), clock)
        evidence = tuple(_evidence(row) for row in found.rows[:EVIDENCE_SHOWN])
        if len(found.owners) > 1:
            choices = self._named(found.owners)
            return Answer("clarify", confidence=found.confidence, choices=choices,
                          reason=f"le code {found.code} existe pour plusieurs appareils",
                          evidence=evidence, timings_ms=clock.read())  # fmt: skip
        row = found.rows[0]
        return self._spoken(row, model, found.confidence, evidence, clock, confirm=not found.sure,
                            topic=topic_of(row, coded=True))  # fmt: skip

    def _by_evidence(self, sought: Sought, clock: _Clock) -> Answer:
        text, hits = sought.question.text, sought.hits
        probability = self._calibration.probability(self.signs(sought))
        if about_another(text, hits[0].passage, self._references):
            return _handed_over("le passage vaut pour autre chose", sought.product, hits, clock)
        stems, known = self.retriever.words.stems, sought.product is not None
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
            return _handed_over(reason, sought.product, hits, clock, probability)
        confirm = probability < self._calibration.answer_from
        found = self._from_hit(sought, 0, probability, clock, confirm=confirm)
        return replace(found, other=self.instead(sought)) if confirm else found

    def _from_hit(
        self, sought: Sought, place: int, probability: float, clock: _Clock, *, confirm: bool
    ) -> Answer:
        """What one of the hits says, that hit before the others as evidence."""
        text, hits = sought.question.text, sought.hits
        chosen = self._whole(hits[place].passage, how=_HOW.search(fold(text)) is not None)
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
            if about_another(sought.question.text, passage, self._references):
                continue
            found = self._from_hit(sought, place, 0.0, _Clock(), confirm=True)
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

    def _whole(self, passage: Passage, *, how: bool) -> Passage:
        """The procedure to which a warning, or the lines before the first step, belong.

        A warning alone helps nobody; the lines before the first step do, unless « comment ? » is
        asked.
        """
        if passage.kind == "safety" or (how and passage.kind == "text"):
            for other in self.retriever.collection.of_manual(passage.manual):
                if (
                    other.kind == "procedure"
                    and other.heading == passage.heading
                    and passage.text in other.text
                ):
                    return other
        return passage

    def _spoken(
        self, passage: Passage, model: str | None, probability: float,
        evidence: tuple[Evidence, ...], clock: _Clock, *, confirm: bool = False, question: str = "",
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
            passage.product, topic=topic, evidence=evidence, timings_ms=clock.read(),
            reason="à confirmer" if confirm else "",
        )  # fmt: skip


class _Clock:
    """Milliseconds from lap to lap."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: list[tuple[str, float]] = []

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps.append((name, round((now - self._last) * 1000, 2)))
        self._last = now

    def read(self) -> tuple[tuple[str, float], ...]:
        return (*self._laps, ("total", round((time.perf_counter() - self._start) * 1000, 2)))


def _evidence(passage: Passage) -> Evidence:
    return Evidence(passage.manual, passage.page, passage.passage_id, passage.text)


def _handed_over(
    reason: str, product: Product | None, hits: Sequence[Hit], clock: _Clock,
    probability: float = 0.0,
) -> Answer:  # fmt: skip
    evidence = tuple(_evidence(hit.passage) for hit in hits[:EVIDENCE_SHOWN])
    name = None if product is None else product.name
    return Answer("handoff", "", (), probability, name, reason=reason, evidence=evidence,
                  timings_ms=clock.read())  # fmt: skip
