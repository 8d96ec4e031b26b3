"""The page that explains the API, made from its OpenAPI: plain HTML, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi.responses import HTMLResponse, Response

from agent.web.api.problems import Language
from agent.web.api.route import SCOPE
from agent.web.pages import safe_headers

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("API de permanence", "The API of permanence"),
    "start": ("Pour commencer", "To begin"),
    "make": (
        "Créez un jeton dans Réglages, « Accès programmes » du portail, puis :",
        "Make a token in the portal's Settings, « Programs », then:",
    ),
    "contents": ("Opérations", "Operations"),
    "parameters": ("Paramètres", "Parameters"),
    "body": ("Corps", "Body"),
    "answers": ("Réponses", "Answers"),
    "values": ("Valeurs", "Values"),
    "name": ("Nom", "Name"),
    "kind": ("Type", "Type"),
    "meaning": ("Sens", "Meaning"),
    "needed": ("obligatoire", "required"),
    "or": ("ou", "or"),
    "try": ("Voir la réponse", "See the answer"),
    "schema": ("La même chose pour les machines", "The same for machines"),
}


def docs_page(openapi: Mapping[str, Any], language: Language) -> Response:
    """The page, in a language."""

    def w(key: str) -> str:
        return escape(_WORDS[key][0 if language == "fr" else 1])

    title = w("title")
    body = "".join(
        (
            f"<h1>{title}</h1>",
            f"<p>{_text(openapi['info']['description'])}</p>",
            f"<h2 id=start>{w('start')}</h2><p>{w('make')}</p>",
            "<pre><code>curl -H 'Authorization: Bearer prm_…' "
            f"https://…{escape(openapi['servers'][0]['url'])}/client</code></pre>",
            f"<p><a href='openapi.json'>{w('schema')}</a> (OpenAPI 3.1)</p>",
            f"<nav aria-labelledby=contents><h2 id=contents>{w('contents')}</h2>",
            *_contents(openapi),
            "</nav>",
            *_operations(openapi, w),
            f"<h2 id=values>{w('values')}</h2>",
            *_schemas(openapi, w),
        )
    )
    content = (
        f"<!doctype html><html lang={language}><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>{title}</title><link rel=stylesheet href='/static/api.css'></head>"
        f"<body><main>{body}</main></body></html>"
    )
    headers = {**safe_headers(), "Vary": "Accept-Language"}
    return HTMLResponse(content, headers=headers)


def _each(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _contents(openapi: Mapping[str, Any]) -> Iterator[str]:
    for tag in openapi["tags"]:
        mine = [one for one in _each(openapi) if tag["name"] in one[2]["tags"]]
        if not mine:
            continue
        yield f"<h3>{_text(tag['description'])}</h3><ul>"
        for _, _, one in mine:
            yield f"<li><a href='#{escape(one['operationId'])}'>{escape(one['summary'])}</a></li>"
        yield "</ul>"


def _operations(openapi: Mapping[str, Any], w: Any) -> Iterator[str]:
    for path, method, one in _each(openapi):
        yield f"<section id='{escape(one['operationId'])}' class=operation>"
        yield f"<h2>{escape(one['summary'])}</h2>"
        server = escape(openapi["servers"][0]["url"])
        yield f"<p class=call><b>{method}</b> <code>{server}{escape(path)}</code></p>"
        yield f"<p>{_text(one['description'])}</p>"
        parameters = one.get("parameters", [])
        if parameters:
            rows = [
                (p["name"], p["schema"], p.get("description", ""), p.get("required", False))
                for p in parameters
            ]
            yield from _table(w("parameters"), rows, w)
        for kind, content in one.get("requestBody", {}).get("content", {}).items():
            shape = _kind(content["schema"])
            yield f"<h3>{w('body')}</h3><p><code>{escape(kind)}</code> {shape}</p>"
            example = _example(openapi, content["schema"])
            if example:
                shown = json.dumps(example, ensure_ascii=False, indent=1)
                yield f"<pre><code>{escape(shown)}</code></pre>"
        yield f"<h3>{w('answers')}</h3><ul class=answers>"
        for status, answer in one["responses"].items():
            kinds = [_kind(c.get("schema", {})) for c in answer.get("content", {}).values()]
            shown = "" if "Problem" in "".join(kinds) else " ".join(kinds)
            yield f"<li><b>{escape(status)}</b> {_text(answer['description'])} {shown}</li>"
        yield "</ul>"
        if method == "GET" and "{" not in path and one[SCOPE] != "personal:read":
            yield f"<p><a href='{server}{escape(path)}'>{w('try')}</a></p>"
        yield "</section>"


def _schemas(openapi: Mapping[str, Any], w: Any) -> Iterator[str]:
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        needed = schema.get("required", [])
        rows = [
            (key, kind, kind.get("description", ""), key in needed)
            for key, kind in schema.get("properties", {}).items()
        ]
        yield f"<section id='schema-{escape(name)}'><h3>{escape(name)}</h3>"
        yield from _table("", rows, w)
        yield "</section>"


def _table(title: str, rows: list[tuple[str, Any, str, bool]], w: Any) -> Iterator[str]:
    if title:
        yield f"<h3>{title}</h3>"
    yield f"<table><thead><tr><th scope=col>{w('name')}</th><th scope=col>{w('kind')}</th>"
    yield f"<th scope=col>{w('meaning')}</th></tr></thead><tbody>"
    for name, kind, meaning, needed in rows:
        mark = f" <small>{w('needed')}</small>" if needed else ""
        yield f"<tr><th scope=row><code>{escape(name)}</code>{mark}</th>"
        yield f"<td>{_kind(kind, w('or'))}</td><td>{_text(meaning)}</td></tr>"
    yield "</tbody></table>"


def _kind(schema: Mapping[str, Any], either: str = "|") -> str:
    """A value's type, as HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#schema-{name}'>{name}</a>"
    if "anyOf" in schema:
        return f" {either} ".join(_kind(one, either) for one in schema["anyOf"])
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}), either)}]"
    shown = schema.get("format") or schema.get("type") or "…"
    return f"<code>{escape(str(shown))}</code>"


def _example(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A body of the examples of its fields."""
    name = schema.get("$ref", "").rpartition("/")[2]
    fields = openapi["components"]["schemas"].get(name, {}).get("properties", {})
    return {key: one["examples"][0] for key, one in fields.items() if one.get("examples")}


def _text(words: str) -> str:
    """Words with `code` in them, as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))
