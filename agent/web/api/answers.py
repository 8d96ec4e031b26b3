"""Which problems an operation may answer with, for its OpenAPI."""

from __future__ import annotations

from typing import Any

from agent.web.api.problems import MEDIA_TYPE

_ALWAYS = (401, 403, 429, 503)
_WORDS = {
    400: "Le corps est illisible.",
    401: "Aucun jeton en vigueur.",
    403: "Le jeton ne comprend pas cet accès.",
    404: "Il n'y en a pas, ou il est à un autre client.",
    409: "Impossible dans l'état présent.",
    413: "Le corps est trop grand.",
    415: "Le corps n'est pas du type attendu.",
    422: "Une valeur ne va pas.",
    429: "Trop de demandes : attendez le temps dit par Retry-After.",
    503: "Un service manque : réessayez.",
    507: "Il n'y a plus assez de place.",
}
_HEADERS = {
    429: {"Retry-After": "Secondes à attendre."},
    401: {"WWW-Authenticate": "Ce qui est attendu."},
}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of an operation: these, and those that every one may have."""
    wanted = {*_ALWAYS, *statuses, *((400, 422) if 415 in statuses else ())}
    return {status: _answer(status) for status in sorted(wanted | {422})}


def _answer(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": _WORDS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    headers = _HEADERS.get(status, {})
    if headers:
        told["headers"] = {
            name: {"description": words, "schema": {"type": "string"}}
            for name, words in headers.items()
        }
    return told
