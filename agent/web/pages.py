"""Plain pages: templates filled in, sent with headers that let them do no more than they need."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from fastapi.responses import HTMLResponse

STATIC = Path(__file__).parent / "static"


def page(name: str, values: dict[str, str], status: int = 200, **policy: str) -> HTMLResponse:
    """A template of `STATIC`, with values that are HTML already.

    Args:
        name: Its file name.
        values: By the names in it.
        status: HTTP status.
        policy: Directives of the Content-Security-Policy beside `safe_headers`'s own, by their
            names with "_" for "-".
    """
    return HTMLResponse(_template(name).substitute(values), status, headers=safe_headers(**policy))


def missing_page(
    sentence: str, target: str = "/", onward: str = "Revenir à l'accueil"
) -> HTMLResponse:
    """What there is not, or is none of the user's business: the same answer for both.

    Args:
        sentence: That says so.
        target: Where else to go.
        onward: The name of that.
    """
    values = {"sentence": sentence, "target": target, "onward": onward}
    return page("missing.html", {name: escape(text) for name, text in values.items()}, 404)


def safe_headers(**policy: str) -> dict[str, str]:
    """Headers of a page that loads styles alone, cannot be framed and is not kept.

    The referrer stays within this site. Not « no-referrer »: browsers then say `Origin: null` of
    our own forms, and `same_origin` could not tell them from another site's.
    """
    directives = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        **{key.replace("_", "-"): value for key, value in policy.items()},
    }
    return {
        "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in directives.items()),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


@cache
def _template(name: str) -> Template:
    return Template((STATIC / name).read_text("utf-8"))
