"""Who may do what: a line a route. A route that is not here fails the walk; add its line here.

A line says which statuses each role gets for its own client's things and for another's. An admin is
the provider's and may see both. `Line(RIGHTS, …)` has what is special of a route: a query, a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Rights = Mapping[str, tuple[int, int]]
"""By role: status for one's own client's, status for another's."""


@dataclass(frozen=True)
class Line:
    """What is expected of a route.

    Attributes:
        rights: Of browsers' roles, and of programs' tokens where there are such.
        query: Behind the path, with the same names in braces.
        json: Sent as JSON.
        form: Sent as a form.
        headers: Sent with it, with names in braces.
        names: What stands for names in braces, in place of the tenant's.
        public: Names of brands may be seen: the page is for everybody.
        skip: Why it is not walked.
        optional: It is there only as an installation is set up.
    """

    rights: Rights = field(default_factory=dict)
    query: str = ""
    json: Any = None
    form: dict[str, str] | None = None
    public: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    skip: str = ""
    optional: bool = False


def _rights(**given: int | tuple[int, int]) -> Rights:
    return {
        role.replace("__", ":"): status if isinstance(status, tuple) else (status, status)
        for role, status in given.items()
    }


def all_get(status: int) -> Rights:
    """The same for everybody."""
    return _rights(nobody=status, admin=status, manager=status, reader=status, operator=status)


EVERYBODY = all_get(200)
PORTAL = _rights(nobody=303, admin=200, manager=(200, 404), reader=(200, 404), operator=403)
"""A page that shows what is a client's."""

MANAGERS = {**PORTAL, **_rights(reader=403)}
"""A page for who may change what is a client's."""

CONSOLE = _rights(nobody=303, admin=200, manager=403, reader=403, operator=(200, 404))
CONSOLE_ALL = {**CONSOLE, **_rights(operator=200)}
"""A page of whatever is the operator's clients': the same for both."""

SIGNED_IN = _rights(nobody=303, admin=200, manager=200, reader=200, operator=200)


CLIENT = {"Permanence-Client": "{slug}"}


def api(
    own: int, other: int = 404, *, read: bool = False, reader: int = 0, operator: int = 0,
    little: int = 403, json: Any = None, **names: str,
) -> Line:  # fmt: skip
    """An operation of the API: with a token of the first client's, or with a browser's cookie.

    A header says which client is meant: a browser is refused (422) where it is not the user's; a
    token is of one client whatever is said, so that a list is that client's.

    Args:
        own: Status for one's own.
        other: For what is another's, with a token.
        read: Browsers may, too.
        reader: For a reader's own, where it is another one than `own`.
        operator: For an operator's own, likewise.
        little: For a token of nearly nothing.
        json: The body.
        names: What stands for names in braces: a manual's, or of what there is not.
    """
    browsers: Rights = all_get(401)
    if read:
        browsers = _rights(
            nobody=401, admin=own, manager=(own, 422), reader=(reader or own, 422),
            operator=(operator or own, 422),
        )  # fmt: skip
    programs = _rights(token__all=(own, other), token__little=little)
    return Line({**browsers, **programs}, json=json, headers=CLIENT, names=names)


ENTRY = "a plain form of coming in: test_auth and test_entry walk it"
CALL = "a call's own protocol, which names the client that is called: test_call_path, telephony"
SIGNED = "a carrier's, which signs what it sends: tests/telephony"
NICEGUI = "NiceGUI's own files, the same for everybody"

TABLE: dict[str, Line] = {
    # The telephone, hours, monitoring: for everybody
    "GET /": Line(EVERYBODY, public=True),
    "GET /phone/{slug}": Line(EVERYBODY, public=True),
    "POST /api/phone/{slug}/offer": Line(all_get(400), json={}, public=True),
    "GET /horaires/{slug}": Line(EVERYBODY, public=True),
    "GET /horaires/{slug}.json": Line(EVERYBODY, public=True),
    "GET /healthz": Line(EVERYBODY),
    "GET /readyz": Line(skip="whom it tells what: test_health"),
    "GET /metrics": Line(EVERYBODY),
    "WS /media": Line(skip=CALL),
    "WS /asterisk/media": Line(skip=CALL, optional=True),
    # Carriers
    **{
        f"POST /carriers/{{name}}/{path}": Line(all_get(404))
        for path in (
            "voice",
            "after",
            "after/{token}",
            "operator/{token}",
            "status",
            "transfer/{token}",
        )
    },
    "WS /carriers/{name}/media/{token}": Line(skip=SIGNED),
    # Coming in
    "GET /connexion": Line({**all_get(303), **_rights(nobody=200)}),
    "POST /connexion": Line(all_get(400), json={}),
    "POST /deconnexion": Line(skip=ENTRY),
    "GET /connexion/code": Line(all_get(303)),
    "POST /connexion/code": Line(all_get(303), form={"code": "000000"}),
    "GET /connexion/second-facteur": Line(all_get(303)),
    "POST /connexion/second-facteur": Line(all_get(303), form={"code": "000000"}),
    "GET /mot-de-passe-oublie": Line(EVERYBODY),
    "POST /mot-de-passe-oublie": Line(EVERYBODY, form={"email": "x@walk.example"}),
    "GET /invitation/{token}": Line(all_get(410)),
    "POST /invitation/{token}": Line(all_get(410), form={"name": "X", "password": "x"}),
    # The console
    "GET /console/": Line(CONSOLE_ALL),
    "GET /console/rappels": Line(CONSOLE, query="?demande={ticket_id}"),
    "GET /console/appels": Line(CONSOLE, query="?client={slug}"),
    "GET /console/appels/{call_id}": Line(CONSOLE),
    "GET /console/rappels.csv": Line(CONSOLE, query="?client={slug}"),
    "GET /console/appels/{call_id}/enregistrement.wav": Line(CONSOLE),
    "GET /api/appels/{call_id}/tours/{position}/page.png": Line(CONSOLE),
    "POST /api/casque/{handoff_id}/offer": Line(
        _rights(nobody=401, admin=409, manager=403, reader=403, operator=409), json={}
    ),
    # The portal
    "GET /portail/": Line({**SIGNED_IN, **_rights(manager=303, reader=303, operator=303)}),
    "GET /compte": Line(SIGNED_IN),
    "GET /portail/{slug}/": Line(PORTAL),
    "GET /portail/{slug}/personnes": Line(PORTAL),
    "GET /portail/{slug}/personnes/journal": Line(MANAGERS),
    "GET /portail/{slug}/reglages": Line(PORTAL),
    **{
        f"GET /portail/{{slug}}/reglages/{page}": Line(PORTAL)
        for page in ("acces", "accueil", "equipe", "enregistrement", "horaires", "ligne", "voix")
    },
    "GET /portail/{slug}/manuels": Line(PORTAL),
    "GET /portail/{slug}/manuels/notice": Line(PORTAL, query="?nom={manual}"),
    "GET /portail/{slug}/manuels/page.png": Line(PORTAL, query="?nom={manual}&page=1"),
    "POST /portail/{slug}/manuels/fichiers": Line(
        _rights(nobody=401, admin=400, manager=(400, 404), reader=403, operator=403), json={}
    ),
    "GET /portail/{slug}/essayer": Line(PORTAL),
    "POST /portail/{slug}/essayer/parole": Line(
        _rights(nobody=401, admin=422, manager=(422, 404), reader=(422, 404), operator=403),
        json={},
    ),
    "GET /portail/{slug}/essayer/page.png": Line(PORTAL, query="?notice={manual}&page=1"),
    "GET /portail/{slug}/essayer/questions.csv": Line(PORTAL),
    "POST /portail/{slug}/essayer/questions.csv": Line(
        _rights(nobody=401, admin=422, manager=(422, 404), reader=403, operator=403), json={}
    ),
    "GET /portail/{slug}/questions/{call_id}/{position}.wav": Line(MANAGERS),
    "GET /portail/{slug}/questions": Line(PORTAL),
    "GET /portail/{slug}/questions/repondre": Line(MANAGERS),
    "GET /portail/{slug}/tableau": Line(PORTAL),
    "GET /portail/{slug}/tableau/{name}.csv": Line(PORTAL, names={"name": "tout"}),
    "GET /portail/{slug}/appels": Line(PORTAL),
    "GET /portail/{slug}/appels/{call_id}": Line(PORTAL),
    "GET /portail/{slug}/appels/{call_id}/enregistrement.wav": Line(MANAGERS),
    "GET /portail/{slug}/donnees": Line(PORTAL),
    "GET /portail/{slug}/donnees/registre": Line(PORTAL),
    "POST /portail/{slug}/donnees/export": Line(
        {**MANAGERS, **_rights(nobody=401)}, form={"number": "0639981234"}
    ),
    "GET /portail/{slug}/ecouter.wav": Line(
        {**PORTAL, **_rights(admin=422, manager=(422, 404), reader=(422, 404))}
    ),
    # Programs
    "GET /api/v1/openapi.json": Line(EVERYBODY),
    "GET /api/v1/docs": Line(EVERYBODY),
    "GET /api/v1/client": api(200, 200, read=True, operator=403, little=200),
    "POST /api/v1/questions/ask": api(422, 422, json={}),
    "GET /api/v1/test-questions": api(200, 200, read=True, operator=403),
    "POST /api/v1/test-questions": api(422, 422, json={}),
    "DELETE /api/v1/test-questions/{question_id}": api(204),
    "POST /api/v1/test-questions/check": Line(skip="it asks the manuals: test_api"),
    "GET /api/v1/tickets": api(200, 200, read=True),
    "GET /api/v1/tickets/{ticket_id}": api(200, read=True),
    **{
        f"POST /api/v1/tickets/{{ticket_id}}/{what}": api(200, json={})
        for what in ("take", "give-back", "close", "reopen")
    },
    "POST /api/v1/tickets/{ticket_id}/attempts": api(201, json={"result": "no_answer"}),
    "POST /api/v1/tickets/{ticket_id}/notes": api(201, json={"text": "Vu."}),
    "GET /api/v1/calls": api(200, 200, read=True),
    "GET /api/v1/calls/{call_id}": api(200, read=True),
    "GET /api/v1/calls/{call_id}/recording": api(200, read=True, reader=403),
    "GET /api/v1/gaps": api(200, 200, read=True, operator=403),
    "POST /api/v1/gaps/refresh": Line(skip="it reads meanings: test_api"),
    "POST /api/v1/gaps/{group_id}/answer": api(422, 422, json={}, group_id="nenni"),
    "POST /api/v1/gaps/{group_id}/ignore": api(404, group_id="nenni"),
    "GET /api/v1/approved-answers": api(200, 200, read=True, operator=403),
    "DELETE /api/v1/approved-answers/{answer_id}": api(204),
    "GET /api/v1/manuals": api(200, 200, read=True, operator=403),
    "GET /api/v1/manuals/{name}": api(200, 200, read=True, operator=403, name="notice.pdf"),
    "DELETE /api/v1/manuals/{name}": api(404, name="nenni.pdf"),
    "PATCH /api/v1/manuals/{name}/product": api(404, json={}, name="nenni.pdf"),
    "POST /api/v1/uploads": api(415, 415, json={}),
    "GET /api/v1/uploads": api(200, 200, read=True, operator=403),
    "GET /api/v1/uploads/{upload_id}": api(404, read=True, operator=403, upload_id="nenni"),
    "DELETE /api/v1/uploads/{upload_id}": api(404, upload_id="nenni"),
    "GET /api/v1/draft": api(200, 200, read=True, operator=403),
    "DELETE /api/v1/draft": Line(skip="it changes the index: test_api_manuals"),
    "POST /api/v1/draft/publish": Line(skip="it changes the index: test_api_manuals"),
    "POST /api/v1/publications/roll-back": Line(skip="it changes the index: test_api_manuals"),
    "GET /api/v1/publications": api(200, 200, read=True, operator=403),
    # Files and NiceGUI's own
    "GET /favicon.ico": Line(skip=NICEGUI),
    "FILES /static": Line(skip="style sheets and scripts, the same for everybody"),
    "FILES /_nicegui_ws": Line(skip="a page's events: tied to the page's random identifier"),
}

NICEGUI_PREFIX = "/_nicegui/"


def expected(route: str) -> Line | None:
    """The line of a route; None if it has none."""
    method, _, path = route.partition(" ")
    if path.startswith(NICEGUI_PREFIX) and method in ("GET", "FILES"):
        return Line(skip=NICEGUI)
    return TABLE.get(route)
