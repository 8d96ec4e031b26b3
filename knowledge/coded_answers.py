"""What is decided when a caller names an error code: its row, and how sure that is meant.

A code is looked up in its own tables and nowhere else; one that is not there is never answered
from text that looks alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.codes import CodeBook, CodeMatch
from knowledge.embeddings import Embedder
from knowledge.passages import Passage
from knowledge.products import Product
from knowledge.question import Understood
from knowledge.reading import UNREAD
from knowledge.references import same_reference
from knowledge.retrieve import Retriever

CODE_CONFIDENCE = 0.97
"""An exact row of the right table: what remains is a misheard code."""

FIGURES_CONFIDENCE = 0.85
"""The same when only the figures were heard; the answer begins by saying the code."""

MISHEARD_CONFIDENCE = 0.5
"""The same when another letter was heard that sounds like it (« à 90 » for E90): it is asked."""

DOUBTED_CONFIDENCE = 0.6
"""The same when the reader finds that something else is asked than what the row says."""

CODE_READ = -2.7
"""The reader's logit under which it is so: 7 of 10 wrong rows and 4 of 72 right ones (measured on
the development, pairs and calibration questions)."""

UNKNOWN_CONFIDENCE = 0.7
"""The same when the appliance is not known and one list alone has the code: it is asked back with
the appliance. Of such answers 7 of 47 were wrong, of the others 3 of 35 (as above)."""

BESIDE_CODE = 4
"""Content words beside the code and the appliance from which something else may be asked."""


@dataclass(frozen=True)
class CodeRow:
    """The rows of a code that was said.

    Attributes:
        code: As it is printed.
        rows: That hold for the caller's model, the likeliest first; none of a code that no list
            of this appliance has.
        owners: Names of the appliances whose rows these are.
        confidence: That the first row is what the caller asks for.
    """

    code: str
    rows: tuple[Passage, ...]
    owners: tuple[str, ...]
    confidence: float

    @property
    def sure(self) -> bool:
        """Whether it is said at once, not asked back."""
        return self.confidence >= FIGURES_CONFIDENCE


class CodedAnswers:
    """The codes of a client's appliances; thread-safe."""

    def __init__(
        self, passages: Sequence[Passage], retriever: Retriever, embedder: Embedder, *, alone: bool
    ) -> None:
        """Index the codes.

        Args:
            passages: Those with a code.
            retriever: Of the same version.
            embedder: Its model.
            alone: The client has one appliance.
        """
        known = [name for product in retriever.products for name in product.references]
        # The names of the models on a cover are printed as codes are.
        self._book = CodeBook(
            [p for p in passages if not any(same_reference(p.code, name) for name in known)]
        )
        self._retriever = retriever
        self._embedder = embedder
        self._alone = alone

    def row(
        self, question: Understood, product: Product | None, model: str | None
    ) -> CodeRow | None:
        """The rows of the code that a question names; None if it names none.

        Args:
            question: What was asked.
            product: The appliance, if known.
            model: Which of its models, if known.
        """
        said = self._said(question, product)
        if not said:
            return None
        first = said[0]
        if first.exactness == "unknown":
            return CodeRow(first.code, (), (), 0.0)
        collection = self._retriever.collection
        rows = [collection.passages[collection.position[i]] for i in first.passage_ids]
        rows = [row for row in rows if not row.models or model in (None, *row.models)] or rows
        owners = tuple(dict.fromkeys(row.product for row in rows))
        sure = CODE_CONFIDENCE
        if len(owners) == 1:
            if first.exactness == "letter_misheard":
                sure = MISHEARD_CONFIDENCE
            elif first.exactness not in ("exact", "zeros"):
                sure = FIGURES_CONFIDENCE
            if self._asks_else(question.text, rows[0]):
                sure = min(sure, DOUBTED_CONFIDENCE)
            if product is None and not self._alone:  # another appliance may lack this code
                sure = min(sure, UNKNOWN_CONFIDENCE)
        return CodeRow(first.code, tuple(rows), owners, sure)

    def _said(self, question: Understood, product: Product | None) -> tuple[CodeMatch, ...]:
        """The codes named, in the first reading that names one of the client's own."""
        name = None if product is None else product.name
        found: tuple[CodeMatch, ...] = ()
        for reading in question.readings:
            matches = self._book.find(reading.text, name)
            if any(match.exactness != "unknown" for match in matches):
                return tuple(match for match in matches if match.exactness != "unknown")
            found = found or matches or self._of_another(reading.text, name)
        near = (self._book.near(reading.text, name) for reading in question.readings)
        return next(filter(None, near), found)

    def _of_another(self, text: str, product: str | None) -> tuple[CodeMatch, ...]:
        """A code that only another appliance's list holds: not to be answered for this one."""
        if product is None:
            return ()
        return tuple(
            CodeMatch(match.code, "unknown")
            for match in self._book.find(text)
            if match.exactness == "exact"
        )

    def _asks_else(self, text: str, row: Passage) -> bool:
        """Whether a code is only mentioned: « E20 est revenu, la réparation est garantie ? »."""
        stems = self._retriever.words.stems
        beside = set(stems(text)) - set(stems(f"{row.code} {row.product}"))
        if len(beside) < BESIDE_CODE:
            return False
        return UNREAD < self._retriever.read(self._embedder.query(text).tokens, row) < CODE_READ
