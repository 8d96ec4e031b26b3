"""Posted forms of plain pages, read within bounds."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import Request

from agent.web.bodies import BodyError, read_body

FORM_LIMIT_BYTES = 8_000
FORM_LIMIT_S = 5.0
"""Longest arrival of a form."""


async def read_form(request: Request) -> dict[str, str] | None:
    """The fields of a posted form, the last of each name; None if it is none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    try:
        body = await read_body(request, FORM_LIMIT_BYTES, FORM_LIMIT_S)
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    except (BodyError, ValueError):
        return None
    return {name: values[-1] for name, values in fields.items()}
