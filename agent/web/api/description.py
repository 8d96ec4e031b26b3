"""The API's own description: OpenAPI 3.1, and a page that is read without internet."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from agent.web.api.docs_page import docs_page
from agent.web.api.english import SCOPE_SAID, in_english
from agent.web.api.problems import Language, Problem, language_of
from agent.web.api.route import SCOPE

SERVER = "/api/v1"

_INTRODUCTION = (
    "Pour les programmes d'un client : ses manuels, ses questions, ses demandes de rappel, ses "
    "appels. Un jeton ne donne accès qu'aux données du client pour lequel il a été créé ; ce qui "
    "est à un autre n'existe pas (404). Les instants sont en ISO 8601, UTC. Les listes vont du "
    "plus récent au plus ancien ; `next` donne le `cursor` de la page suivante. Une erreur est un "
    "`application/problem+json` d'une phrase, en français ou en anglais selon Accept-Language. "
    "Trop de demandes : 429, et Retry-After dit combien de secondes attendre."
)
_TAGS = {
    "client": "Les réglages du client.",
    "manuals": "Les manuels : rien n'est en service avant d'être publié.",
    "questions": "Ce que les manuels répondent.",
    "tickets": "Les demandes de rappel.",
    "calls": "Les appels, leurs mots et leurs enregistrements.",
}


def description_routes(app: FastAPI, router: APIRouter) -> None:
    """Add the description of a router's operations; everybody may read it."""

    @cache
    def described(language: Language) -> dict[str, Any]:
        french = openapi_of(router)
        return french if language == "fr" else in_english(french)

    def language(request: Request) -> Language:
        return language_of(request.headers.get("accept-language", ""))

    headers = {"Vary": "Accept-Language", "X-Content-Type-Options": "nosniff"}

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> Response:
        return JSONResponse(described(language(request)), headers=headers)

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        return docs_page(described(language(request)), language(request))


def openapi_of(router: APIRouter) -> dict[str, Any]:
    """The OpenAPI of a router's operations, in French."""
    made = get_openapi(
        title="permanence",
        version=version("permanence"),
        openapi_version="3.1.0",
        description=_INTRODUCTION,
        routes=router.routes,
        servers=[{"url": SERVER}],
        tags=[{"name": name, "description": words} for name, words in _TAGS.items()],
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    made["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "prm_…",
            "description": "Un jeton de Réglages, Accès programmes.",
        }
    }
    for schema in schemas.values():
        schema.pop("description", None)  # the code's own words
    for path in made["paths"].values():
        for method, one in path.items():
            _finish(method, one)
    return made


def _finish(method: str, one: dict[str, Any]) -> None:
    """Say of an operation what FastAPI does not."""
    one["description"] = f"{one['description']}{SCOPE_SAID}`{one[SCOPE]}`."
    for parameter in one.get("parameters", []):
        schema = parameter["schema"]
        if "anyOf" in schema:  # a parameter is left out; it cannot be null
            kinds = [kind for kind in schema.pop("anyOf") if kind.get("type") != "null"]
            parameter["schema"] = {**schema, **kinds[0]}
    for status, answer in one["responses"].items():
        if status.startswith("2") and answer["description"] == "Successful Response":
            answer["description"] = "Fait." if method != "get" else "Voici."
        if status == "200" and method == "get" and "application/json" in answer["content"]:
            answer["headers"] = {
                "ETag": {"description": "Change avec la réponse.", "schema": {"type": "string"}}
            }
    if method == "get":
        one["responses"]["304"] = {"description": "Rien n'a changé (If-None-Match)."}
