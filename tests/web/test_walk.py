"""The walk: every route of the real application, as each role, for one's own client and another's.

The routes are read off the application: one without a line in `walk_table` fails. Whatever is the
other client's holds a canary, which must be in no answer, whatever its status.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from agent.settings import Settings
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
