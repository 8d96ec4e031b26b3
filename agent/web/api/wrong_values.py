"""What is said of a value that does not fit: where it stands, and what would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from agent.web.api import sentences
from agent.web.api.problems import Language, Sentence

_WHY = {
    "missing": Sentence("il manque", "it is missing"),
    "extra_forbidden": Sentence("il n'existe pas", "there is no such thing"),
    "string_too_short": Sentence(
        "{min_length} caractère(s) au moins", "at least {min_length} character(s)"
    ),
    "string_too_long": Sentence(
        "{max_length} caractères au plus", "at most {max_length} characters"
    ),
    "string_pattern_mismatch": Sentence("sa forme est autre", "it has another form"),
    "string_type": Sentence("un texte est attendu", "a text is wanted"),
    "string_unicode": Sentence("ce n'est pas du texte", "it is no text"),
    "literal_error": Sentence("au choix : {expected}", "choose: {expected}"),
    "enum": Sentence("au choix : {expected}", "choose: {expected}"),
    "int_parsing": Sentence("un nombre entier est attendu", "a whole number is wanted"),
    "int_type": Sentence("un nombre entier est attendu", "a whole number is wanted"),
    "bool_type": Sentence("true ou false est attendu", "true or false is wanted"),
    "bool_parsing": Sentence("true ou false est attendu", "true or false is wanted"),
    "greater_than_equal": Sentence("{ge} au moins", "at least {ge}"),
    "less_than_equal": Sentence("{le} au plus", "at most {le}"),
    "too_long": Sentence("{max_length} au plus", "at most {max_length}"),
    "too_short": Sentence("{min_length} au moins", "at least {min_length}"),
    "timezone_aware": Sentence("il manque le fuseau (Z)", "its time zone is missing (Z)"),
    "list_type": Sentence("une liste est attendue", "a list is wanted"),
    "model_attributes_type": Sentence("un objet JSON est attendu", "a JSON object is wanted"),
    "model_type": Sentence("un objet JSON est attendu", "a JSON object is wanted"),
    "dict_type": Sentence("un objet JSON est attendu", "a JSON object is wanted"),
}
_INSTANT = Sentence(
    "un instant est attendu, comme 2026-11-27T09:30:00Z",
    "an instant is wanted, like 2026-11-27T09:30:00Z",
)
_OTHER = Sentence("la valeur ne convient pas", "the value does not fit")
_BODY = Sentence("le corps", "the body")


def told(error: RequestValidationError, language: Language) -> tuple[int, str]:
    """The status and the sentence of the first value that does not fit.

    A path that nothing can have is one at which there is nothing: 404. What was sent is not said
    again.
    """
    first: Mapping[str, Any] = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if place[:1] == ["path"]:
        return 404, sentences.UNKNOWN_PATH.said(language)
    if first["type"] == "json_invalid":
        return 400, sentences.NO_JSON.said(language)
    where = ".".join(place[1:])[:80] or _BODY.said(language)
    return 422, sentences.WRONG_VALUE.said(language, where=where, why=_why(first, language))


def _why(first: Mapping[str, Any], language: Language) -> str:
    kind = str(first["type"])
    if kind.startswith(("datetime", "value_error")):
        return _INSTANT.said(language)
    values = {name: str(value)[:200] for name, value in (first.get("ctx") or {}).items()}
    try:
        return _WHY.get(kind, _OTHER).said(language, **values)
    except KeyError:
        return _OTHER.said(language)
