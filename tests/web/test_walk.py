"""The walk: every route of the real application, as each role, for one's own client and another's.

The routes are read off the application: one without a line in `walk_table` fails. Whatever is the
other client's holds a canary, which must be in no answer, whatever its status.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from nicegui.client import Client as OpenPage

from agent.settings import Settings
from agent.web.portal.parts import Field
from agent.web.server import RunningServer, running_server
from tests.web.walk_house import (
    Tenant,
    make_tenant,
    remove_tenants,
    routes_of,
    tables_without,
    visitors,
)
from tests.web.walk_table import TABLE, Line, expected

Visitors = dict[str, httpx.Client]

OBJECTS = {"call_id", "ticket_id", "question_id", "handoff_id", "position"}
"""Names in addresses of what is a client's."""


@pytest.fixture(scope="module")
def server(settings: Settings) -> Iterator[RunningServer]:
    """A server of this module's own: NiceGUI serves the loop that was started last."""
    with running_server(settings) as running:
        yield running


@pytest.fixture(scope="module")
def tenants(
    server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tenant, Tenant]]:
    """One's own client, and the other."""
    house: Any = server.house
    folder = tmp_path_factory.mktemp("walk")
    one = make_tenant(house, folder, "marque-a", "alpha")
    yield one, make_tenant(house, folder, "marque-b", "bravo")
    remove_tenants(house, ["marque-a", "marque-b"])


@pytest.fixture(scope="module")
def people(server: RunningServer, tenants: tuple[Tenant, Tenant]) -> Iterator[Visitors]:
    """Everybody of the first client's, the provider's admin, and a stranger."""
    with visitors(server.house, server.url, tenants[0]) as made:
        yield made


def ask(browser: httpx.Client, route: str, line: Line, values: dict[str, str]) -> httpx.Response:
    """Send a route's request, its names filled in."""
    method, _, path = route.partition(" ")
    values = {**values, **line.names}
    address = re.sub(r"\{(\w+)(:path)?\}", lambda at: values[at[1]], path + line.query)
    given: dict[str, Any] = {"json": line.json} if line.json is not None else {}
    if line.form is not None:
        given["data"] = line.form
    given["headers"] = {name: value.format(**values) for name, value in line.headers.items()}
    return browser.request(method, address, **given)


def holds(answer: httpx.Response, words: tuple[str, ...]) -> list[str]:
    """Which of these words stand in an answer: its headers or its content, packed files too."""
    whole = answer.content + repr(answer.headers.multi_items()).encode()
    if answer.content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            whole += b"".join(name.encode() + packed.read(name) for name in packed.namelist())
    return [word for word in words if word.encode() in whole]


def test_every_route_has_a_line(server: RunningServer) -> None:
    """A new route without an expectation fails, and so does a line without a route."""
    routes = routes_of(server.app)
    assert len(routes) > 60
    unexpected = [f"{route} ({of})" for route, of in routes.items() if expected(route) is None]
    assert unexpected == [], "add their lines to tests/web/walk_table.py:\n" + "\n".join(unexpected)
    gone = [route for route, line in TABLE.items() if route not in routes and not line.optional]
    assert gone == [], "these lines are of no route any more"


def test_everything_of_a_client_holds_its_canary(
    server: RunningServer, tenants: tuple[Tenant, Tenant]
) -> None:
    """A new table of clients' things, of which there is none here, fails."""
    for tenant in tenants:
        assert tables_without(server.house, tenant) == [], "fill them in tests/web/walk_house.py"


@pytest.mark.parametrize(
    ("role", "routes"),
    [
        ("admin", ["GET /portail/", "GET /portail/{slug}/personnes", "GET /console/rappels.csv",
                   "POST /portail/{slug}/donnees/export", "GET /portail/{slug}/appels",
                   "GET /portail/{slug}/personnes/journal",
                   "GET /portail/{slug}/reglages/acces"]),
        ("manager", ["GET /portail/{slug}/personnes", "GET /portail/{slug}/personnes/journal",
                     "GET /portail/{slug}/reglages/acces"]),
        ("operator", ["GET /console/rappels.csv"]),
        ("token:all", ["GET /api/v1/tickets", "GET /api/v1/calls", "GET /api/v1/test-questions"]),
    ],
)  # fmt: skip
def test_canaries_are_seen_by_who_may(
    people: Visitors, tenants: tuple[Tenant, Tenant], role: str, routes: list[str]
) -> None:
    """Else the walk would find nothing because nothing is there."""
    for route in routes:
        answer = ask(people[role], route, TABLE[route], tenants[0].values)
        assert holds(answer, (tenants[0].canary,)), f"{route}: {answer.text[:300]}"
        if role == "admin":
            answer = ask(people[role], route, TABLE[route], tenants[1].values)
            assert holds(answer, (tenants[1].canary,)), route


UNGUARDED = {
    "gaps.answering:_Form._listen",
    "settings.greeting:_Greeting.build.<lambda>",
    "settings.recording:_Recording._listen",
    "settings.voice:_Pronunciations._row.<lambda>",
    "settings.voice:_Pronunciations._try",
    "settings.voice:_Voice._listen",  # these have a sentence heard, whose route asks who listens
    "trying.kept:_Panel._change",  # what its dialog holds is shown already; saving asks
    "access:_Page._copy",
    "link_shown:ShownLink._copy",
    "provider:_new_client.propose",
    "settings.greeting:_Greeting._shown",
    "settings.hours:_Hours._add",
    "settings.hours:_Hours._add_closing",
    "settings.hours:_Hours._copy_monday",
    "settings.hours:_Hours._drop",
    "settings.hours:_Hours._editor.<lambda>",
    "settings.hours:_Hours._holidays.<lambda>",
    "settings.hours:_Hours._input.<lambda>",
    "settings.hours:_Hours._special_days.<lambda>",
    "settings.hours:_Hours._views.<lambda>",
    "settings.line:_Answering._chosen",
    "settings.recording:_Recording._mode_chosen",
    "settings.recording:_Recording._usual",  # these change the page alone, until it is saved
}
"""What of a page is run without asking again who is there: it changes and tells nothing."""

GUARDED = {"guarding:Guarded.guarded.run"}

LOOKING = {"trying.page:Trial._ask"}
"""Of these who may still look is enough: they ask for themselves."""


def acting(handler: Callable[..., Any]) -> Callable[..., Any] | None:
    """What a listener does: a field notes what was given, and runs what it was made with."""
    field = getattr(handler, "__self__", None)
    return field._on_change if isinstance(field, Field) else handler


def named(handler: Callable[..., Any]) -> str:
    """Module and name of a handler, « settings.voice:_Voice._listen »."""
    if isinstance(handler, partial):
        handler = handler.func
    name = handler.__qualname__.replace(".<locals>", "")
    return f"{handler.__module__.removeprefix('agent.web.portal.')}:{name}"


def test_pages_that_stay_open_ask_again_who_is_there(
    people: Visitors, tenants: tuple[Tenant, Tenant]
) -> None:
    """Every control of every page of the portal but those that change and tell nothing.

    Before the walk below deletes some of what pages show.
    """
    found: dict[str, str] = {}
    for route, line in TABLE.items():
        if not route.startswith(("GET /portail", "GET /compte")) or line.skip:
            continue
        for role in ("admin", "manager", "reader"):
            before = set(OpenPage.instances)
            ask(people[role], route, line, tenants[0].values)
            for opened in set(OpenPage.instances) - before:
                for element in list(OpenPage.instances[opened].elements.values()):
                    for listener in element._event_listeners.values():
                        typed = re.search("click|key|^change$|^input$", listener.type)
                        handler = acting(listener.handler) if listener.handler else None
                        if typed and handler is not None:
                            found[named(handler)] = f"{route}, {role}"
                            if named(handler) in LOOKING:
                                assert "may_look" in handler.__code__.co_names
    assert found.keys() >= GUARDED | LOOKING
    known = GUARDED | LOOKING | UNGUARDED
    unguarded = {name: at for name, at in found.items() if name not in known}
    assert unguarded == {}, "they act for who was let go meanwhile: Guarded.guarded"
    assert found.keys() >= UNGUARDED, "these are of no page any more"


@pytest.mark.parametrize("route", [route for route, line in TABLE.items() if not line.skip])
def test_nobody_gets_what_is_anothers(
    people: Visitors, tenants: tuple[Tenant, Tenant], server: RunningServer, route: str
) -> None:
    """The status of each role, and no canary of the other client's in any answer."""
    line = TABLE[route]
    if line.optional and route not in routes_of(server.app):
        pytest.skip("not of this installation")
    own, other = tenants
    secret = (other.canary,) if line.public else (other.canary, other.name)
    wrong = []
    for role, statuses in line.rights.items():
        for place, (tenant, status) in enumerate(zip(tenants, statuses, strict=True)):
            answer = ask(people[role], route, line, tenant.values)
            where = f"{role}, {('own', 'other')[place]}"
            if answer.status_code != status:
                wrong.append(f"{where}: {answer.status_code}, not {status}: {answer.text[:200]}")
            if role != "admin" and holds(answer, secret):
                wrong.append(f"{where}: LEAK of {holds(answer, secret)}")
            if role == "nobody" and not line.public and holds(answer, (own.canary, own.name)):
                wrong.append(f"{where}: a stranger sees {holds(answer, (own.canary, own.name))}")
    assert wrong == [], "\n".join(wrong)


MIXED = [
    route
    for route, line in TABLE.items()
    if "{slug}" in route and not line.skip and set(re.findall(r"\{(\w+)\}", route)) & OBJECTS
]


@pytest.mark.parametrize("route", MIXED)
def test_anothers_thing_is_none_of_ones_own_address(
    people: Visitors, tenants: tuple[Tenant, Tenant], route: str
) -> None:
    """Under one's own client's address what is the other's is not found, for an admin either."""
    line, (own, other) = TABLE[route], tenants
    mixed = {**other.values, "slug": own.slug}
    for role, (status, _) in line.rights.items():
        answer = ask(people[role], route, line, mixed)
        assert answer.status_code == (404 if status < 300 else status), role
        assert not holds(answer, (other.canary, other.name)), role
