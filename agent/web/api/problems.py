"""What the API answers when it cannot do what it is asked: RFC 9457, in two languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import PermanenceError

Language = Literal["fr", "en"]

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Sentence:
    """A sentence in both languages; `{names}` in it are filled in."""

    fr: str
    en: str

    def said(self, language: Language, **values: object) -> str:
        """The sentence in a language."""
        return (self.fr if language == "fr" else self.en).format(**values)


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field("about:blank", description="Toujours about:blank : le statut dit tout.")
    title: str = Field(description="Le statut HTTP, en mots.")
    status: int = Field(description="Le statut HTTP.")
    detail: str = Field(description="Ce qui ne va pas et que faire, en une phrase.")


class ApiError(PermanenceError):
    """A request that is answered with a problem.

    Attributes:
        status: HTTP status.
        sentence: What is said of it.
        values: That fill it in.
        headers: Of the answer.
    """

    def __init__(
        self,
        status: int,
        sentence: Sentence,
        *,
        headers: dict[str, str] | None = None,
        **values: object,
    ) -> None:
        super().__init__(sentence.said("en", **values))
        self.status = status
        self.sentence = sentence
        self.values = values
        self.headers = headers or {}

    def said(self, language: Language) -> str:
        """The sentence in a language."""
        return self.sentence.said(language, **self.values)


def problem(
    status: int, detail: str, language: Language, headers: dict[str, str] | None = None
) -> Response:
    """The answer that says a problem."""
    told = Problem(
        type="about:blank", title=_title(status).said(language), status=status, detail=detail
    )
    kept = {
        "Content-Language": language,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(
        told.model_dump_json(), status, {**kept, **(headers or {})}, media_type=MEDIA_TYPE
    )


def language_of(accept_language: str) -> Language:
    """The language that somebody reads, by their Accept-Language: English where they prefer it."""
    weights: dict[str, float] = {}
    for part in accept_language.split(",")[:20]:
        tag, _, rest = part.strip().partition(";")
        found = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", rest)
        name = tag.strip().casefold().partition("-")[0]
        weights[name] = max(weights.get(name, 0.0), float(found[1]) if found else 1.0)
    others = weights.get("*", 0.0)
    return "en" if weights.get("en", others) > weights.get("fr", others) else "fr"


_TITLES = {
    400: Sentence("Demande illisible", "Bad request"),
    401: Sentence("Jeton absent ou refusé", "Unauthorized"),
    403: Sentence("Accès refusé", "Forbidden"),
    404: Sentence("Introuvable", "Not found"),
    405: Sentence("Méthode impossible", "Method not allowed"),
    409: Sentence("Impossible en l'état", "Conflict"),
    413: Sentence("Demande trop grande", "Content too large"),
    415: Sentence("Type de contenu refusé", "Unsupported media type"),
    422: Sentence("Valeur refusée", "Unprocessable content"),
    429: Sentence("Trop de demandes", "Too many requests"),
    503: Sentence("Indisponible", "Service unavailable"),
    507: Sentence("Plus de place", "Insufficient storage"),
}
_OTHER = Sentence("Erreur", "Error")


def _title(status: int) -> Sentence:
    return _TITLES.get(status, _OTHER)
