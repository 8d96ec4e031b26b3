"""One passage of a manual: its kind, its words and what they hold for."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal

PassageKind = Literal[
    "error_code", "procedure", "trouble", "specification", "faq", "warranty", "table_row",
    "safety", "text",
]  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """A piece of a manual that can answer a question.

    Attributes:
        passage_id: Stable for the same file: manual, page and content.
        manual: File name of the manual.
        page: Page of the file, from 1.
        language: ISO 639-1 code of its page.
        kind: What it is.
        product: The appliance's name with its references, as said to a caller.
        heading: Its headings, from the widest, joined by " > ".
        title: Its own subject: symptom, meaning of a code, question, title of a procedure, row's
            name.
        text: Its words, whole.
        code: Error code as it is shown ("E24", "Err 3", "voyant Départ clignote 3 fois") for
            `error_code`, else "".
        causes: Possible causes, as one text, else "".
        steps: What is done or said one after the other; one element for plain text. For
            `trouble` with several causes, each is « cause : action ».
        warnings: Warnings that belong to it, spoken with it.
        warned: For each warning, the index of the step before which it is spoken; one that
            `warned` does not reach is spoken first.
        models: References for which it holds; () is all that the manual covers.
        attribute: Name of what a `specification` gives: « Poids net ».
        values: For `specification`, (column, value) in order, the column "" if it has no name;
            for `trouble` and `error_code`, (cause, action) in order where there are several.
    """

    passage_id: str
    manual: str
    page: int
    language: str
    kind: PassageKind
    product: str
    heading: str
    title: str
    text: str
    code: str = ""
    causes: str = ""
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    warned: tuple[int, ...] = ()
    models: tuple[str, ...] = ()
    attribute: str = ""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def searchable(self) -> str:
        """What the word index sees: headings and words."""
        return f"{self.heading} {self.title} {self.code} {self.text}"


def passage_id_of(
    manual: str, page: int, kind: str, heading: str, code: str, text: str
) -> str:  # fmt: skip
    """The identifier of a passage: the same for the same file and content."""
    key = f"{manual}|{page}|{kind}|{heading}|{code}|{text}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def passage_as_json(passage: Passage) -> dict[str, Any]:
    """A passage as JSON values."""
    return asdict(passage)


def passage_from_json(data: dict[str, Any]) -> Passage:
    """The passage that `passage_as_json` wrote, in this version or an older one."""
    lists = {key: tuple(data.get(key, ())) for key in ("steps", "warnings", "warned", "models")}
    pairs = tuple((column, value) for column, value in data.get("values", ()))
    return Passage(**{**data, **lists, "values": pairs})
