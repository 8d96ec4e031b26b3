"""What every page of the console has: who is signed in, where else to go, one style."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from nicegui import ui
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from agent.store.users import User
from agent.web.auth import FORBIDDEN, SIGN_IN, SIGN_OUT, sign_in_url, signed_in
from agent.web.console.feed import CallbackFeed
from agent.web.console.pieces import Words, set_attributes
from agent.web.pages import missing_page

CALLBACKS = "Rappels"
TABS = (
    ("En direct", "/console/"),
    (CALLBACKS, "/console/rappels"),
    ("Historique", "/console/appels"),
)


async def who(request: Request) -> User | Response:
    """Who is signed in and may use the console; else where to go first, or a refusal."""
    user = await signed_in(request)
    if user is None:
        return RedirectResponse(sign_in_url(request), 303)
    return user if user.role in ("operator", "admin") else PlainTextResponse(FORBIDDEN, 403)


def missing(sentence: str) -> Response:
    """What there is not, or is none of the user's business: the same answer for both."""
    return missing_page(sentence, "/console/", "Revenir à la console")


def _count(user: User) -> None:
    """How many callbacks there are to make, as long as the page is open."""
    client = ui.context.client
    feed: CallbackFeed = client.request.state.feed
    count = Words("", "span", "count")

    def show() -> None:
        if not feed.found.admits(user):
            client.run_javascript(f"location.assign({json.dumps(SIGN_IN)})")
            return
        mine = feed.found.of(user)
        pressing = [one for one in mine if one.overdue or one.ticket.urgency == "urgent"]
        count.text = f"{len(mine)}{' !' if pressing else ''}"
        count.set_visibility(bool(mine))
        name = f"{len(mine)} à faire" + (f", dont {len(pressing)} pressants" * bool(pressing))
        set_attributes(count, role="img", aria_label=name, title=name)
        count.classes(**{"add" if pressing else "remove": "pressing"})

    show()
    watching = ExitStack()
    watching.enter_context(feed.watched(show))
    client.on_delete(watching.close)


@contextmanager
def framed(user: User, here: str) -> Iterator[None]:
    """The page's head and navigation; what is made within is its content."""
    for sheet in ("console.css", "work.css"):
        ui.add_head_html(f'<link rel="stylesheet" href="/static/{sheet}">')
    ui.add_body_html('<script type="module" src="/static/console.js"></script>')
    ui.page_title(f"{here} — permanence")
    ui.colors(primary="#14624c", negative="#a32518", dark="#1d2422")
    with ui.element("header").classes("bar"):
        ui.html('<a class="brand" href="/console/">permanence</a>', sanitize=False)
        with ui.element("nav").props('aria-label="Pages"'):
            for name, path in TABS:
                with ui.link(target=path) as link:
                    Words(name, "span")
                    if name == CALLBACKS:
                        _count(user)
                if name == here:
                    link.props('aria-current="page"')
        ui.html(
            '<button type="button" class="quiet" id="keys-switch" role="switch" '
            'aria-label="Touches de raccourci"></button>',
            sanitize=False,
        )
        ui.label(user.name).classes("me")
        ui.html(
            f'<form method="post" action="{SIGN_OUT}"><button class="quiet">Se déconnecter'
            "</button></form>",
            sanitize=False,
        )
    with ui.element("main"):
        yield
