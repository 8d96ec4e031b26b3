"""One version of a client's manuals, open for questions: from the words to a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from knowledge.answer import OTHER_BRAND, UNKNOWN_CODE, Answer, Danger, Inquiry
from knowledge.appliances import foreign_appliance
from knowledge.approved import Approved, Match
from knowledge.coded_answers import CodedAnswers
from knowledge.collection import Collection
from knowledge.deciding import Clock, Decider, Sought, handed_over
from knowledge.embeddings import Embedder, Embedding
from knowledge.evidence import Calibration
from knowledge.followup import is_not_enough, resolved
from knowledge.llm import Writer
from knowledge.products import (
    Product,
    candidates,
    named_model,
    named_product,
)
from knowledge.question import Understood, understand
from knowledge.reading import load_reader
from knowledge.references import references_in, said_reference
from knowledge.retrieve import Retriever
from knowledge.safety import danger_in as named_danger
from knowledge.safety import safety_text
from knowledge.scope import out_of_scope
from knowledge.spoken import references

FEWEST_MORE = 2
"""Known words beside the appliance's name up to which the caller only says which one it is."""


STANDS = (UNKNOWN_CODE, OTHER_BRAND, "référence inconnue", "autre appareil")
"""How a reason to hand over begins that no likeness to an approved answer outweighs."""

REFERENCES_GIVEN = 12
"""Most references that are given to the recogniser: a longer list hides the rest."""


def beside_manuals(match: Match, decided: Answer) -> Answer:
    """What the manuals answer, and an approved answer that may be meant: one is put first. Pure.

    An answer of the manuals that is sure stands, and so does that this is about something that the
    client has not.
    """
    if decided.decision in ("answer", "safety") or decided.reason.startswith(STANDS):
        return decided
    found = match.answer.as_answer(match.probability, decided.product, confirm=True)
    if decided.decision != "confirm":
        return replace(found, timings_ms=decided.timings_ms)
    if decided.confidence > match.probability:
        return decided if decided.other is not None else replace(decided, other=found)
    other = replace(decided, other=None)
    return replace(found, other=other, timings_ms=decided.timings_ms)


class Shelf:
    """A client's manuals in one version; thread-safe."""

    def __init__(
        self, collection: Collection, embedder: Embedder, calibrated: Calibration,
        writer: Writer | None = None, danger_in: Callable[[str], Danger | None] = named_danger,
    ) -> None:  # fmt: skip
        self.folder = collection.folder
        self.retriever = Retriever(
            collection, calibrated.rank, load_reader(), calibrated.read_weight
        )
        self.decider = Decider(self.retriever, calibrated, writer)
        self.products = self.decider.products
        self._codes = CodedAnswers(
            collection.coded(language="fr"), self.retriever, embedder,
            alone=len(self.products) == 1,
        )  # fmt: skip
        self._embedder = embedder
        self._danger_in = danger_in

    def close(self) -> None:
        """Release the index."""
        self.retriever.collection.close()

    def vocabulary(self) -> tuple[str, ...]:
        """Words that callers of this client are likely to say, to help the recogniser.

        Appliances, and references where they are few: of 20 said on the telephone 15 were heard
        without, all with them, and none of another client's list in their place. The last words
        must not be an appliance: a caller's « mon lave-vaisselle » was then dropped as already
        said.
        """
        appliances = dict.fromkeys(product.appliance for product in self.products)
        references = dict.fromkeys(name for one in self.products for name in one.references)
        given = references if len(references) <= REFERENCES_GIVEN else ()
        return (*appliances, *given, "code d'erreur.")

    def answer(self, inquiry: Inquiry, approved: Approved | None = None) -> Answer:
        """Decide about one question.

        Args:
            inquiry: The question.
            approved: What a person has written for this client's callers.
        """
        clock = Clock()
        danger = self._danger_in(inquiry.question)
        if danger is not None:
            text = safety_text(danger)
            return Answer("safety", text, (text,), 1.0, inquiry.product, danger=danger,
                          reason=f"danger: {danger}", timings_ms=clock.read())  # fmt: skip
        question, product, model = self.understood(inquiry)
        clock.lap("understand")
        match = self._approved(inquiry, question, product, model, approved)
        if match is not None and match.is_sure:
            name = None if product is None else product.name
            decided = match.answer.as_answer(match.probability, name, confirm=False)
            return replace(decided, asked=question.text, timings_ms=clock.read())
        decided = self._decide(inquiry, question, product, model, clock)
        if match is not None and match.is_likely:
            decided = beside_manuals(match, decided)
        return replace(decided, asked=question.text)

    def _approved(
        self, inquiry: Inquiry, question: Understood, product: Product | None, model: str | None,
        approved: Approved | None,
    ) -> Match | None:  # fmt: skip
        """What a person has written for this question, if they have."""
        if approved is None or (inquiry.earlier and is_not_enough(inquiry.question)):
            return None
        vector = self._embedder.query(question.text).vector
        return approved.best(question.text, vector, product, model, inquiry.given)

    def _decide(
        self, inquiry: Inquiry, question: Understood, product: Product | None, model: str | None,
        clock: Clock,
    ) -> Answer:  # fmt: skip
        refusal = self.refusal(question.text)
        if refusal is None and not (inquiry.earlier and is_not_enough(inquiry.question)):
            coded = self._codes.row(question, product, model)
            if coded is not None:
                clock.lap("search")
                return self.decider.by_code(coded, product, model, clock)
        embeddings = self.embed(question)
        clock.lap("embed")
        sought = self.search(question, product, model, embeddings, inquiry.given)
        clock.lap("search")
        if refusal is not None or not sought.hits:
            nothing = "rien d'autre dans les notices" if inquiry.given else "rien dans les notices"
            found = handed_over(refusal or nothing, product, sought.hits, clock)
            return replace(found, refused=refusal is not None)
        return self.decider.by_evidence(sought, clock)

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
            references_in(text, self.decider.references)
            or said_reference(text, said, self.decider.references)
        ):
            return f"référence inconnue : {said[0]}"
        kinds = {product.appliance for product in self.products}
        other = foreign_appliance(text, kinds)
        beyond = out_of_scope(text, self.retriever.words.knows, self._has_procedure)
        if other is not None and not (beyond or "").startswith(OTHER_BRAND):
            return f"autre appareil : {other}"
        return beyond

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
        embeddings: Sequence[Embedding], given: Sequence[str] = (),
    ) -> Sought:  # fmt: skip
        """What the manuals hold, best first.

        Args:
            question: As it is searched.
            product: The appliance, if known.
            model: Which of its models, if known.
            embeddings: Of its readings.
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
        return Sought(question, product, model, kept)
