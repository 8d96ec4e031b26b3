"""What the plain pages of coming in are put together from; everything given is escaped here."""

from __future__ import annotations

import math
from html import escape

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from agent.web.pages import page
from agent.web.portal.words import spoken, t


def language_of(request: Request) -> str:
    """Of French and English the one that the browser puts first; French if neither."""
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()[:2].casefold()
        if code in ("fr", "en"):
            return code
    return "fr"


def entry_page(
    title: str, *parts: str, service: str = "", status: int = 200, wait_s: float = 0.0
) -> Response:
    """A page.

    Args:
        title: Its heading.
        parts: HTML, as the functions here make it.
        service: A line over the heading.
        status: HTTP status.
        wait_s: After which to try again, seconds; 0: nothing of it is said.
    """
    values = {
        "lang": spoken(),
        "title": escape(title),
        "service": escape(service or t("Service après-vente")),
        "body": "\n".join(parts),
    }
    answer = page("entry.html", values, status, form_action="'self'")
    if wait_s:
        answer.headers["Retry-After"] = str(math.ceil(wait_s))
    return answer


def card(*parts: str) -> str:
    """Parts that belong together and are no form."""
    return f"<div class='card'>{''.join(parts)}</div>"


def form(action: str, *parts: str) -> str:
    """A form that is posted."""
    return f"<form class='card' method='post' action='{escape(action)}'>{''.join(parts)}</form>"


def hidden(name: str, value: str) -> str:
    """A field that is not seen."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def entry(name: str, label: str, value: str = "", *, hint: str = "", **attributes: str) -> str:
    """A labelled field; attributes with "_" for "-", of an empty value: without one."""
    described = ["error"] if "aria_invalid" in attributes else []
    described += [f"{name}-hint"] if hint else []
    if described:
        attributes["aria_describedby"] = " ".join(described)
    more = "".join(
        f" {key.strip('_').replace('_', '-')}" + (f'="{escape(given)}"' if given else "")
        for key, given in attributes.items()
    )
    filled = f' value="{escape(value)}"' if value else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}"{filled}{more}>'
    ) + (f'<p class="hint" id="{name}-hint">{escape(hint)}</p>' if hint else "")


def submit(text: str) -> str:
    """The button of a form."""
    return f'<button type="submit">{escape(text)}</button>'


def trouble(sentence: str) -> str:
    """What is wrong; "" for nothing."""
    if not sentence:
        return ""
    return f"<p class='error' id='error' role='alert'>{escape(sentence)}</p>"


def said(sentence: str, classes: str = "") -> str:
    """A paragraph."""
    return f'<p class="{escape(classes)}">{escape(sentence)}</p>'


def anchor(text: str, to: str) -> str:
    """A link in a line of its own."""
    return f'<p><a href="{escape(to)}">{escape(text)}</a></p>'


def marked(error: str) -> dict[str, str]:
    """Attributes of a field whose value is wrong; none if nothing is."""
    return {"aria_invalid": "true"} if error else {}


def redirect(path: str) -> RedirectResponse:
    """Go there by GET; not kept."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})
