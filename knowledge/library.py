"""Asks a client's manuals: the one way in, for a call and for the command line alike."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

from knowledge.answer import Answer, Evidence
from knowledge.collection import Collection, ManualEntry, current_version
from knowledge.compose import speech_of, topic_of
from knowledge.embeddings import Embedder, Vectors
from knowledge.errors import IndexMissingError
from knowledge.evidence import Calibration, calibration, signs_of
from knowledge.ingest import Progress, ingest
from knowledge.passages import Passage
from knowledge.products import Product, named_product, with_article
from knowledge.retrieve import Hit, Retriever
from knowledge.safety import danger_in, fold, safety_text
from knowledge.scope import out_of_scope
from knowledge.spoken import codes, normalise, references

CODE_CONFIDENCE = 0.97
"""An exact row of the right table: what remains is a misheard code."""

FIGURES_CONFIDENCE = 0.85
"""The same when only the figures were heard; the answer begins by saying the code."""

TITLE_CONFIDENCE = 0.92
"""The caller says the title of a passage, in its own words."""

TITLE_WORDS = 2
"""Fewest content words that make a title."""

EVIDENCE_SHOWN = 3
_HOW = re.compile(
    r"\bcomment\b|\bque faire\b|\bquoi faire\b|\bje (?:dois|peux) faire\b|\bje fais (?:quoi|pour)\b"
)


class Library:
    """All clients' manuals under one folder, opened when first asked; thread-safe."""

    def __init__(self, root: Path, embedder: Embedder) -> None:
        self._root = root
        self._embedder = embedder
        self._calibration = calibration(embedder.name)
        self._open: dict[str, Shelf] = {}
        self._retired: dict[str, Shelf] = {}
        self._lock = threading.Lock()

    def ask(self, slug: str, question: str, product: str | None = None) -> Answer:
        """What the client's manuals answer.

        Args:
            slug: The client.
            question: As the caller said it.
            product: Appliance already known in this call, as `Answer.product` named it.

        Raises:
            IndexMissingError: The client has no manual in service.
        """
        return self.shelf(slug).ask(question, product)

    def shelf(self, slug: str) -> Shelf:
        """The client's manuals in service now; a newer version replaces an older one here."""
        folder = current_version(self._root / slug)
        if folder is None:
            raise IndexMissingError(
                f"The client {slug} has no manual yet; run `permanence ingest {slug} FILE.pdf`."
            )
        with self._lock:
            shelf = self._open.get(slug)
            if shelf is None or shelf.folder != folder:
                if shelf is not None:  # a question may still be in it: closed one version later
                    older = self._retired.pop(slug, None)
                    if older is not None:
                        older.close()
                    self._retired[slug] = shelf
                shelf = Shelf(folder, self._embedder, self._calibration)
                self._open[slug] = shelf
            return shelf

    def add(
        self, slug: str, files: list[Path], progress: Progress | None = None
    ) -> list[ManualEntry]:
        """Add or replace manuals; returns those in service afterwards.

        Raises:
            DocumentError: A file cannot be read as a manual; nothing has changed then.
        """
        return ingest(self._root / slug, files, self._embedder, progress)

    def close(self) -> None:
        """Close every open index."""
        with self._lock:
            for shelf in (*self._open.values(), *self._retired.values()):
                shelf.close()
            self._open.clear()
            self._retired.clear()


class Shelf:
    """One version of a client's manuals, open for questions."""

    def __init__(self, folder: Path, embedder: Embedder, calibrated: Calibration) -> None:
        collection = Collection(folder)
        if collection.embedder != embedder.name:
            collection.close()
            raise IndexMissingError(
                f"The index was made with {collection.embedder}, the setting is {embedder.name}; "
                "ingest the manuals again, or set PERMANENCE_EMBEDDING back."
            )
        self.folder = folder
        self.retriever = Retriever(collection, calibrated.fusion)
        self._embedder = embedder
        self._calibration = calibrated

    def close(self) -> None:
        """Release the index."""
        self.retriever.collection.close()

    def vocabulary(self) -> tuple[str, ...]:
        """Words that callers of this client are likely to say, to help the recogniser.

        Appliances only: given references, the recogniser finds them in noise. The last words must
        not be an appliance: a caller's « mon lave-vaisselle » was then dropped as already said.
        """
        appliances = dict.fromkeys(product.appliance for product in self.retriever.products)
        return (*appliances, "code d'erreur.")

    def ask(self, question: str, product_name: str | None = None) -> Answer:
        """Decide about one question."""
        clock = _Clock()
        danger = danger_in(question)
        if danger is not None:
            text = safety_text(danger)
            return Answer("safety", text, (text,), 1.0, product_name, danger=danger,
                          reason=f"danger: {danger}", timings_ms=clock.read())  # fmt: skip
        text = normalise(question)
        product = self.product(text, product_name)
        clock.lap("understand")
        refusal = self.refusal(text)
        said_codes = codes(text)
        if refusal is None and said_codes:
            return self._by_code(said_codes, product, clock)
        vector = self.embed(text)
        clock.lap("embed")
        hits = self.retriever.search(text, vector, product)
        clock.lap("search")
        if refusal is not None or not hits:
            return _handed_over(refusal or "rien dans les notices", product, hits, clock)
        return self._by_evidence(text, product, hits, clock)

    def embed(self, text: str) -> Vectors:
        """A question's vector."""
        return self._embedder.query(text)

    def signs(self, text: str, hits: list[Hit]) -> list[float]:
        """The signs on which the gate decides (also what calibration learns from)."""
        words = self.retriever.words
        best = hits[0].passage
        named = best.kind != "table_row" or bool(
            set(words.stems(text)) & set(words.stems(best.title))
        )
        return signs_of(text, hits, unknown=words.unknown_share(text), row_named=named)

    def product(self, text: str, known: str | None) -> Product | None:
        """The appliance a question is about: the one it names, else the known one."""
        named = named_product(text, self.retriever.products)
        if named is not None or known is None:
            return named
        return next((p for p in self.retriever.products if p.name == known), None)

    def refusal(self, text: str) -> str | None:
        """Why no manual of this client can answer, if that can be told at once."""
        products = self.retriever.products
        known = {reference for product in products for reference in product.references}
        foreign = [r for r in references(text) if r.upper() not in known]
        if foreign and len(foreign) == len(references(text)):
            return f"référence inconnue : {foreign[0]}"
        return out_of_scope(
            text, {product.appliance for product in products}, self.retriever.words.knows
        )

    def _names_title(self, text: str, passage: Passage) -> bool:
        """Whether all that is asked for stands in the passage's own title."""
        words = self.retriever.words
        asked = set(words.stems(text)) - set(words.stems(passage.product))
        title = f"{passage.heading.rsplit(' > ', 1)[-1]} {passage.title}"
        return len(asked) >= TITLE_WORDS and asked <= set(words.stems(title))

    def _whole(self, passage: Passage, *, how: bool) -> Passage:
        """The procedure to which a warning, or the lines before the first step, belong.

        A warning alone helps nobody; the lines before the first step do, unless « comment ? » is
        asked.
        """
        if passage.kind == "safety" or (how and passage.kind == "text"):
            for other in self.retriever.collection.passages:
                if (
                    other.kind == "procedure"
                    and other.manual == passage.manual
                    and other.heading == passage.heading
                    and passage.text in other.text
                ):
                    return other
        return passage

    def _by_code(self, said: tuple[str, ...], product: Product | None, clock: _Clock) -> Answer:
        rows = self.retriever.code_passages(said, product)
        clock.lap("search")
        if not rows:
            return _handed_over(f"code inconnu : {said[0]}", product, [], clock)
        evidence = tuple(_evidence(row) for row in rows[:EVIDENCE_SHOWN])
        owners = tuple(dict.fromkeys(row.product for row in rows))
        if len(owners) > 1:
            choices = tuple(with_article(owner) for owner in owners)
            return Answer("clarify", confidence=CODE_CONFIDENCE, choices=choices,
                          reason=f"le code {rows[0].code} existe pour plusieurs appareils",
                          evidence=evidence, timings_ms=clock.read())  # fmt: skip
        sure = FIGURES_CONFIDENCE if all(code.isdigit() for code in said) else CODE_CONFIDENCE
        return _spoken(rows[0], sure, evidence, clock)

    def _by_evidence(
        self, text: str, product: Product | None, hits: list[Hit], clock: _Clock
    ) -> Answer:
        probability = self._calibration.probability(self.signs(text, hits))
        if about_another(text, hits[0].passage):
            return _handed_over("le passage vaut pour autre chose", product, hits, clock)
        evidence = tuple(_evidence(hit.passage) for hit in hits[:EVIDENCE_SHOWN])
        clock.lap("decide")
        if self._names_title(text, hits[0].passage):
            probability = max(probability, TITLE_CONFIDENCE)
        chosen = self._whole(hits[0].passage, how=_HOW.search(fold(text)) is not None)
        evidence = (_evidence(chosen), *(e for e in evidence if e.passage_id != chosen.passage_id))
        if probability >= self._calibration.answer_from:
            return _spoken(chosen, probability, evidence, clock)
        if probability >= self._calibration.confirm_from:
            return _spoken(chosen, probability, evidence, clock, confirm=True)
        return _handed_over("réponse pas assez sûre", product, hits, clock, probability)


def about_another(text: str, passage: Passage) -> bool:
    """Whether a passage names models or programmes and the question names other ones."""
    asked = {reference.upper() for reference in references(text)}
    named = {reference.upper() for reference in references(passage.text)}
    if asked and named and not asked & named:
        return True
    programmes = set(_PROGRAMME.findall(text))
    return bool(programmes) and not any(
        re.search(rf"(?<!\d){number}(?!\d)", passage.searchable) for number in programmes
    )


_PROGRAMME = re.compile(r"\b(?:programmes?|prog|P) ?(?:numéro |n° ?)?(\d{1,2})\b", re.IGNORECASE)


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


def _spoken(
    passage: Passage, probability: float, evidence: tuple[Evidence, ...], clock: _Clock,
    *, confirm: bool = False,
) -> Answer:  # fmt: skip
    parts = speech_of(passage)
    return Answer(
        "confirm" if confirm else "answer", " ".join(parts), parts, probability, passage.product,
        topic=topic_of(passage), evidence=evidence, timings_ms=clock.read(),
        reason="à confirmer" if confirm else "",
    )  # fmt: skip


def _handed_over(
    reason: str, product: Product | None, hits: list[Hit], clock: _Clock, probability: float = 0.0
) -> Answer:
    evidence = tuple(_evidence(hit.passage) for hit in hits[:EVIDENCE_SHOWN])
    name = None if product is None else product.name
    return Answer("handoff", "", (), probability, name, reason=reason, evidence=evidence,
                  timings_ms=clock.read())  # fmt: skip
