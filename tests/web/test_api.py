"""The API over real HTTP: who may do what, what is answered, and that nothing crosses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.store.api_tokens import SCOPES
from agent.store.test_questions import NewQuestion
from agent.web.api.app import api_router
from agent.web.api.description import openapi_of
from agent.web.api.english import SCOPE_SAID, english
from agent.web.api.problems import language_of
from agent.web.auth import COOKIE
from agent.web.rates import Allowance, Rates
from evals.api import askers, run
from evals.api_stage import CANARIES, FOREIGN, NUMBERS, OWN, ROLES, Stage, furnish, leaked
from tests.web.api_house import PLENTY, api_house, api_server, bearer, program

NOW = datetime.now(UTC)
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
NOT_READY = {
    ("PATCH", "/manuals/{name}/product"), ("POST", "/draft/publish"),
    ("POST", "/publications/roll-back"), ("POST", "/uploads"),
}  # fmt: skip
"""Operations that need more than is there: in `test_api_manuals.py`."""

EXAMPLES = 5
MADE_UP_BY = ("token, full", "token, foreign")


@pytest.fixture(scope="module")
def house(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Real stores and manuals of two clients."""
    with api_house(models_home, tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def stage(house: Any) -> Stage:
    """What is in them."""
    return furnish(house, NOW)


@pytest.fixture(scope="module")
def url(house: Any, stage: Stage) -> Iterator[str]:
    """The API's address."""
    with api_server(house) as address:
        yield address


@pytest.fixture(scope="module")
def full(url: str, stage: Stage) -> Iterator[httpx.Client]:
    """A program that may do everything for its client."""
    with program(url, stage.tokens["full"]) as made:
        yield made


@pytest.fixture(scope="module")
def openapi(house: Any) -> dict[str, Any]:
    """The description of the operations."""
    return openapi_of(api_router(house, PLENTY))


def problem(answer: httpx.Response, status: int) -> str:
    """The sentence of a problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() == {"type", "title", "status", "detail"}
    assert told["status"] == status
    return str(told["detail"])


# --- who ------------------------------------------------------------------------------------------


def operations(
    house: Any, openapi: dict[str, Any], stage: Stage
) -> Iterator[tuple[str, str, str, str, Any]]:
    """Every operation: method, path, path with identifiers of `OWN`, scope, body."""
    bodies = {
        "ask": {"question": "Mon lave-linge affiche E1."},
        "add_attempt": {"result": "reached"},
        "add_note": {"text": "Un mot."},
        "add_trial": {"question": "Et la garantie ?", "expected": None},
        "check_trials": {},
        "answer_gap": {"question": "Et la couette ?", "answer": "Oui, seule."},
        "correct_product": {},
        "publish_draft": {},
    }
    for path, methods in openapi["paths"].items():
        for method, one in methods.items():
            [question] = house.test_questions.add(
                OWN, [NewQuestion("À supprimer ?", None)], stage.manager
            )
            groups = [one.key for one in house.gaps.groups(OWN) if one.is_to_do]
            known = {
                **stage.others[OWN], "ticket_id": stage.tickets[OWN][3],
                "call_id": stage.calls[OWN][0], "question_id": question.question_id,
                "group_id": (groups or ["aucun"])[0],
            }  # fmt: skip
            filled = path.format(**known)
            yield method.upper(), path, filled, one["x-scope"], bodies.get(one["operationId"])


def test_every_operation_needs_its_scope(
    url: str, house: Any, stage: Stage, openapi: dict[str, Any]
) -> None:
    """Each with the one it needs, with all others, without a token and with the other client's."""
    alone = {
        scope: bearer(house.api_tokens.add(OWN, scope, [scope], NOW, created_by=stage.manager)[1])
        for scope in SCOPES
    }
    missing = {
        scope: bearer(
            house.api_tokens.add(
                OWN, f"sauf {scope}", set(SCOPES) - {scope}, NOW, created_by=stage.manager
            )[1]
        )
        for scope in SCOPES
    }
    foreign = bearer(stage.tokens["foreign"])
    seen = set()
    with httpx.Client(base_url=url, timeout=30) as client:
        for method, template, path, scope, body in operations(house, openapi, stage):

            def ask(headers: dict[str, str]) -> httpx.Response:
                return client.request(method, path, json=body, headers=headers)  # noqa: B023

            refused = ask(missing[scope])
            assert scope in problem(refused, 403)
            assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
            assert ask({}).status_code == 401
            other = ask(foreign)
            assert not leaked(other.content, FOREIGN), path
            assert other.status_code == (404 if "{" in template else other.status_code), path
            done = ask(alone[scope]).status_code
            assert done in (200, 201, 202, 204) or (method, template) in NOT_READY, path
            assert done not in (401, 403), path
            seen.add(scope)
    assert seen == {
        "settings:read", "questions", "tickets:read", "tickets:write", "calls:read",
        "personal:read", "manuals:read", "manuals:write",
    }  # fmt: skip


def test_who_is_signed_in_may_look_as_in_the_portal_and_change_nothing(
    url: str, house: Any, stage: Stage, openapi: dict[str, Any]
) -> None:
    """With a page of this site only."""
    for role in ROLES:
        cookies = {COOKIE: stage.sessions[role]}
        headers = {**SAME_SITE, "Permanence-Client": OWN}
        with httpx.Client(base_url=url, cookies=cookies, timeout=30) as client:
            allowed = set()
            for method, _, path, scope, body in operations(house, openapi, stage):
                answer = client.request(method, path, json=body, headers=headers)
                if method != "GET":
                    assert answer.status_code == 401, path
                elif answer.status_code == 200:
                    allowed.add(scope)
                else:
                    assert answer.status_code == 403, path
                foreign = client.request(
                    method, path, json=body, headers={"Sec-Fetch-Site": "cross-site"}
                )
                assert foreign.status_code == 401
            looks = {"tickets:read", "calls:read"}
            looks |= {"settings:read", "questions", "manuals:read"} if role != "operator" else set()
            looks |= {"personal:read"} if role != "reader" else set()
            assert allowed == looks, role


def test_a_session_of_several_clients_names_one(url: str, stage: Stage) -> None:
    """And of a client that is not theirs nothing is told."""
    for role, headers, status in (
        ("admin", {}, 422), ("admin", {"Permanence-Client": FOREIGN}, 200),
        ("admin", {"Permanence-Client": "nulle-part"}, 422),
        ("manager", {}, 200), ("manager", {"Permanence-Client": FOREIGN}, 422),
    ):  # fmt: skip
        answer = httpx.get(
            f"{url}/client",
            headers={**SAME_SITE, **headers},
            cookies={COOKIE: stage.sessions[role]},
        )
        assert answer.status_code == status, (role, headers)
        if role == "manager":
            assert not leaked(answer.content, OWN)


def test_a_token_that_is_none_is_refused(url: str, house: Any, stage: Stage) -> None:
    """Mistyped, revoked or of another scheme; a cookie beside it does not help."""
    token, secret = house.api_tokens.add(OWN, "court", SCOPES, NOW, created_by=stage.manager)
    assert httpx.get(f"{url}/client", headers=bearer(secret)).status_code == 200
    house.api_tokens.revoke(OWN, token.id, datetime.now(UTC))
    for given in (f"Bearer {secret}", "Bearer prm_nothing", "Bearer", "Basic YTpi", "Bearer é"):
        answer = httpx.get(
            f"{url}/client",
            headers={**SAME_SITE, b"Authorization": given.encode()},  # type: ignore[dict-item]
            cookies={COOKIE: stage.sessions["manager"]},
        )
        assert problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


# --- tickets --------------------------------------------------------------------------------------


def test_tickets_are_paged_and_filtered(full: httpx.Client, stage: Stage) -> None:
    """The newest first, each once; a cursor goes on where the page ended."""
    ids, cursor = [], ""
    while True:
        page = full.get("/tickets", params={"limit": 3, "cursor": cursor}).json()
        ids += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert sorted(ids) == sorted(stage.tickets[OWN])
    assert len(ids) == len(set(ids))
    urgent = full.get("/tickets", params={"urgency": "urgent"}).json()["items"]
    assert [one["id"] for one in urgent] == [stage.tickets[OWN][1]]
    states = full.get("/tickets", params={"status": ["done", "called"]}).json()["items"]
    assert {one["id"] for one in states} >= {stage.tickets[OWN][0], stage.tickets[OWN][2]}
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert full.get("/tickets", params={"since": later}).json()["items"] == []
    for wrong, said in (
        ({"cursor": "abc"}, "curseur"), ({"limit": 0}, "« limit » ne va pas : 1 au moins."),
        ({"limit": "x"}, "« limit » ne va pas : un nombre entier est attendu."),
        ({"since": "hier"}, "2026-11-27T09:30:00Z"),
        ({"since": "2026-11-27T09:30:00"}, "il manque le fuseau"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "« since »"),
        ({"status": "perdu"}, "au choix"), ({"statut": "new"}, "il n'existe pas"),
    ):  # fmt: skip
        assert said in problem(full.get("/tickets", params=wrong), 422)


def test_a_ticket_tells_the_whole_story(full: httpx.Client, stage: Stage) -> None:
    """With instants in UTC and the names of those who worked on it."""
    told = full.get(f"/tickets/{stage.tickets[OWN][0]}").json()
    assert told["caller_number"] == NUMBERS[OWN]
    assert told["created_at"].endswith("Z")
    assert told["details"]["name"] == f"Mme {CANARIES[OWN]}"
    assert [one["result"] for one in told["attempts"]] == ["no_answer"]
    assert told["notes"][0]["by"] == f"manager {CANARIES[OWN]}"
    assert told["steps"][0] == {
        "text": f"Fermez le robinet {CANARIES[OWN]}.", "result": "done",
        "page": "lv84.pdf, page 31",
    }  # fmt: skip


def test_a_ticket_is_worked_on(full: httpx.Client, house: Any, stage: Stage) -> None:
    """Taken by the token's maker, called, noted, closed, reopened; what may not be is said."""
    ticket = stage.tickets[OWN][4]
    taken = full.post(f"/tickets/{ticket}/take").json()
    assert (taken["status"], taken["taken_by"]) == ("taken", f"manager {CANARIES[OWN]}")
    called = full.post(f"/tickets/{ticket}/attempts", json={"result": "no_answer"})
    assert (called.status_code, called.json()["status"]) == (201, "called")
    assert full.post(f"/tickets/{ticket}/close").json()["status"] == "done"
    late = full.post(f"/tickets/{ticket}/take")
    assert problem(late, 409) == f"La demande {ticket} est close : rouvrez-la d'abord."
    english = full.post(f"/tickets/{ticket}/take", headers={"Accept-Language": "en-GB"})
    assert problem(english, 409) == f"The request {ticket} is closed: reopen it first."
    assert english.headers["content-language"] == "en"
    assert full.post(f"/tickets/{ticket}/reopen").json()["status"] == "called"
    other = house.users.by_email("operator@api.example").id
    house.work.take(ticket, other)
    assert "quelqu'un d'autre" in problem(full.post(f"/tickets/{ticket}/take"), 409)
    assert "quelqu'un d'autre" in problem(full.post(f"/tickets/{ticket}/give-back"), 409)
    actions = [one.action for one in house.audit.entries((OWN,)) if one.subject == ticket]
    assert actions[::-1] == [
        "ticket.taken", "ticket.called", "ticket.closed", "ticket.reopened",
    ]  # fmt: skip
    who = house.audit.entries((OWN,))[0].who
    assert who.startswith("jeton full (prm_")


def test_a_note_that_is_sent_twice_is_written_once(full: httpx.Client, stage: Stage) -> None:
    """With the same Idempotency-Key; the key of another request is refused."""
    path = f"/tickets/{stage.tickets[OWN][5]}/notes"
    key = {"Idempotency-Key": "un-essai"}
    first = full.post(path, json={"text": "Pièce commandée."}, headers=key)
    again = full.post(path, json={"text": "Pièce commandée."}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert len(again.json()["notes"]) == 1
    assert "déjà servi" in problem(full.post(path, json={"text": "Autre."}, headers=key), 422)
    assert len(full.post(path, json={"text": "Pièce commandée."}).json()["notes"]) == 2
    failed = {"Idempotency-Key": "un-echec"}
    assert "vide" in problem(full.post(path, json={"text": " "}, headers=failed), 422)
    assert problem(full.post(path, json={"text": " "}, headers=failed), 422)  # not « busy »


# --- calls ----------------------------------------------------------------------------------------


def test_calls_are_listed_and_read_word_by_word(full: httpx.Client, stage: Stage) -> None:
    """The newest first, with their tickets."""
    first = full.get("/calls", params={"limit": 2}).json()
    assert [one["id"] for one in first["items"]] == stage.calls[OWN][:-3:-1]
    second = full.get("/calls", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["id"] for one in second["items"]] == stage.calls[OWN][-3:-5:-1]
    call = full.get(f"/calls/{stage.calls[OWN][0]}").json()
    assert call["ticket_id"] == stage.tickets[OWN][0]
    assert call["recorded"] is True
    assert call["turns"][1]["evidence"][0]["page"] == 31
    assert NUMBERS[OWN] in call["turns"][1]["heard"]
    sound = full.get(f"/calls/{stage.calls[OWN][0]}/recording")
    assert sound.headers["content-type"] == "audio/wav"
    assert sound.content[:4] == b"RIFF" and CANARIES[OWN].encode() in sound.content
    assert "pas d'enregistrement" in problem(
        full.get(f"/calls/{stage.calls[OWN][1]}/recording"), 404
    )


def test_who_called_is_hidden_without_that_scope(url: str, stage: Stage) -> None:
    """In lists, transcripts and tickets."""
    with program(url, stage.tokens["read"]) as reading:
        for path in (
            "/calls", f"/calls/{stage.calls[OWN][0]}", "/tickets",
            f"/tickets/{stage.tickets[OWN][0]}",
        ):  # fmt: skip
            text = reading.get(path).text
            assert NUMBERS[OWN] not in text, path
            assert f"Mme {CANARIES[OWN]}" not in text, path
        told = reading.get(f"/tickets/{stage.tickets[OWN][0]}").json()
        assert told["caller_number"] == "•• •• •• •• 34"


def test_what_is_another_clients_is_nowhere(url: str, stage: Stage) -> None:
    """Neither by identifier nor by cursor; the same answer as of what there never was."""
    with program(url, stage.tokens["foreign"]) as other, program(url, stage.tokens["full"]) as own:
        for path in ("/tickets/{}", "/calls/{}", "/calls/{}/recording"):
            mine = stage.tickets[OWN][0] if "tickets" in path else stage.calls[OWN][0]
            never = "T-999999" if "tickets" in path else "jamais"
            seen, nothing = other.get(path.format(mine)), other.get(path.format(never))
            assert (seen.status_code, seen.text) == (404, nothing.text)
        cursor = own.get("/calls", params={"limit": 1}).json()["next"]
        rest = other.get("/calls", params={"cursor": cursor})
        assert not leaked(rest.content, FOREIGN)


# --- settings and questions -----------------------------------------------------------------------


def test_settings_are_read_without_secrets(full: httpx.Client) -> None:
    """Of the token's client."""
    told = full.get("/client").json()
    assert told["slug"] == OWN
    assert told["numbers"] == ["+33199001234"]
    assert "webhook_secret" not in told


def test_a_question_is_answered_from_the_clients_own_manuals(
    full: httpx.Client, url: str, stage: Stage
) -> None:
    """With decision and evidence; nothing is kept of it."""
    asked = {"question": "Mon lave-linge affiche E1."}
    told = full.post("/questions/ask", json=asked).json()
    assert told["decision"] == "answer"
    assert told["evidence"][0]["manual"] == f"{OWN}.pdf"
    with program(url, stage.tokens["foreign"]) as other:
        answer = other.post("/questions/ask", json=asked)
        assert answer.json()["evidence"][0]["manual"] == f"{FOREIGN}.pdf"
    assert "vide" in problem(full.post("/questions/ask", json={"question": "  "}), 422)


def test_test_questions_are_kept_and_asked(full: httpx.Client, url: str, stage: Stage) -> None:
    """Each client's own: with the page that is expected, or with none."""
    wanted = {
        "question": "Mon lave-linge affiche E1.", "expected": {"manual": f"{OWN}.pdf", "page": 1},
    }  # fmt: skip
    for one in full.get("/test-questions").json()["items"]:
        full.delete(f"/test-questions/{one['id']}")
    key = {"Idempotency-Key": "une-question"}
    kept = full.post("/test-questions", json=wanted, headers=key)
    assert kept.status_code == 201
    assert full.post("/test-questions", json=wanted, headers=key).json() == kept.json()
    refusing = full.post(
        "/test-questions", json={"question": "Quel temps fera-t-il ?", "expected": None}
    ).json()
    checked = full.post("/test-questions/check", json={}).json()
    assert (checked["asked"], checked["draft"]) == (2, False)
    results = {one["question_id"]: one for one in checked["results"]}
    assert results[kept.json()["id"]]["found"]["manual"] == f"{OWN}.pdf"
    assert results[refusing["id"]]["passed"] is True
    listed = full.get("/test-questions").json()["items"]
    assert listed[0]["last"] == results[kept.json()["id"]]
    with program(url, stage.tokens["foreign"]) as other:
        theirs = other.get("/test-questions").json()["items"]
        assert wanted["question"] not in [one["question"] for one in theirs]
        assert problem(other.delete(f"/test-questions/{kept.json()['id']}"), 404)
    assert full.delete(f"/test-questions/{refusing['id']}").status_code == 204
    assert len(full.get("/test-questions").json()["items"]) == 1
    assert "« expected » ne va pas : il manque" in problem(
        full.post("/test-questions", json={"question": "Et ?"}), 422
    )


def test_a_client_without_manuals_is_told_so(url: str, house: Any) -> None:
    """Not that something broke."""
    house.clients.add("cora", "Cora")
    _, secret = house.api_tokens.add("cora", "vide", SCOPES, NOW)
    with program(url, secret) as empty:
        answer = empty.post("/questions/ask", json={"question": "Bonjour ?"})
        assert "publiez-en un" in problem(answer, 409)


# --- what may be sent -----------------------------------------------------------------------------


def test_a_body_that_cannot_be_is_refused_in_a_sentence(full: httpx.Client, stage: Stage) -> None:
    """By type, size, form and content."""
    path = f"/tickets/{stage.tickets[OWN][5]}/notes"
    json_type = {"Content-Type": "application/json"}
    for content, headers, status, said in (
        (b"text=a", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        (b'{"text": "a"}', {"Content-Type": "text/plain"}, 415, "application/json"),
        (b"{", json_type, 400, "JSON"),
        (b"[" * 20_000, json_type, 400, ""),
        (b"\xff\xfe", json_type, 400, ""),
        (b"", json_type, 422, "il manque"),
        (b"[]", json_type, 422, "objet JSON"),
        (b'{"text": 3}', json_type, 422, "« text » ne va pas : un texte est attendu."),
        (b'{"text": ""}', json_type, 422, "1 caractère"),
        (b'{"text": "a", "texte": "b"}', json_type, 422, "« texte » ne va pas : il n'existe pas."),
        (b'{"text": "\\ud800"}', json_type, 422, "« text »"),
        (b'{"text": "' + b"a" * 70_000 + b'"}', json_type, 413, "64 ko"),
    ):  # fmt: skip
        assert said in problem(full.post(path, content=content, headers=headers), status), content
    endless = (b"a" * 10_000 for _ in range(20))
    assert "64 ko" in problem(full.post(path, content=endless, headers=json_type), 413)


def test_addresses_and_methods_that_there_are_not(full: httpx.Client) -> None:
    """In the same form."""
    assert "/api/v1/docs" in problem(full.get("/nulle-part"), 404)
    assert problem(full.get("/tickets/pas-une"), 404)
    assert problem(full.get("/manuals/ligne%0Aautre.pdf"), 404)
    assert problem(full.get("/manuals/"), 404)
    refused = full.delete("/tickets")
    assert "DELETE" in problem(refused, 405)
    assert refused.headers["allow"] == "GET"


def test_what_has_not_changed_is_not_sent_again(full: httpx.Client) -> None:
    """By its ETag."""
    first = full.get("/client")
    same = full.get("/client", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert full.get("/client", headers={"If-None-Match": '"autre"'}).status_code == 200


def test_a_token_that_asks_too_much_waits(house: Any, stage: Stage) -> None:
    """And no other token does."""
    with (
        api_server(house, Allowance(3, 60)) as url,
        program(url, stage.tokens["full"]) as busy,
        program(url, stage.tokens["read"]) as other,
    ):
        assert [busy.get("/client").status_code for _ in range(3)] == [200, 200, 200]
        refused = busy.get("/client")
        assert problem(refused, 429) == "Trop de demandes avec ce jeton : attendez 1 s."
        assert refused.headers["retry-after"] == "1"
        assert other.get("/client").status_code == 200


def test_an_allowance_fills_again() -> None:
    """So many at once, then as they come."""
    rates = Rates(Allowance(at_once=2, a_minute=60))
    assert [rates.wait_s("a", 0.0) for _ in range(3)] == [0, 0, 1.0]
    assert rates.wait_s("b", 0.0) == 0
    assert rates.wait_s("a", 0.5) == 0.5
    assert rates.wait_s("a", 1.0) == 0
    assert [rates.wait_s("a", 100.0) for _ in range(3)] == [0, 0, 1.0]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"), ("en", "en"), ("fr", "fr"), ("en-US,en;q=0.9,fr;q=0.8", "en"),
        ("fr-CH, en;q=0.9", "fr"), ("de", "fr"), ("*", "fr"), ("en;q=0", "fr"), ("EN;q=x", "en"),
        ("de, en;q=0.5", "en"),
    ],
)  # fmt: skip
def test_a_language_is_chosen(accepted: str, language: str) -> None:
    """French, unless English is preferred."""
    assert language_of(accepted) == language


# --- its description ------------------------------------------------------------------------------


def test_the_description_is_open_and_whole(url: str, openapi: dict[str, Any]) -> None:
    """In both languages, and everything in it is said in English too."""
    french = httpx.get(f"{url}/openapi.json")
    assert french.json() == openapi
    assert french.json()["openapi"] == "3.1.0"
    english = httpx.get(f"{url}/openapi.json", headers={"Accept-Language": "en"}).json()
    assert english.keys() == french.json().keys()
    assert untranslated(openapi) == set()
    assert unused(openapi) == set()


def test_the_page_explains_every_operation(url: str, openapi: dict[str, Any]) -> None:
    """As plain HTML that loads nothing from elsewhere."""
    page = httpx.get(f"{url}/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert "http://" not in page.text.replace("https://…", "")
    for methods in openapi["paths"].values():
        for one in methods.values():
            assert f"id='{one['operationId']}'" in page.text
    assert "<html lang=en>" in httpx.get(f"{url}/docs", headers={"Accept-Language": "en"}).text


def texts(part: Any) -> Iterator[str]:
    """Every text of a description."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("description", "summary") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)


def untranslated(openapi: dict[str, Any]) -> set[str]:
    """Texts without English."""
    return {text.partition(SCOPE_SAID)[0] for text in texts(openapi)} - english().keys()


def unused(openapi: dict[str, Any]) -> set[str]:
    """English of texts that there are not."""
    return english().keys() - {text.partition(SCOPE_SAID)[0] for text in texts(openapi)}


# --- requests that are made up --------------------------------------------------------------------


def test_made_up_requests_find_nothing(url: str, stage: Stage) -> None:
    """A small run of `permanence eval api`, whose long one is for the evaluation."""
    who = [one for one in askers(stage) if one.name in MADE_UP_BY]
    tallies = run(url, stage, EXAMPLES, who)
    assert [line for tally in tallies for line in tally.faults] == []
    assert {tally.examples for tally in tallies} == {EXAMPLES}
    answered = {tally.operation for tally in tallies if tally.statuses.keys() & {200, 201}}
    assert len(answered) >= 12


def test_an_answer_to_the_wrong_one_counts(url: str, stage: Stage) -> None:
    """The evaluation would notice: a success that is not theirs, and another client's words."""
    own = next(one for one in askers(stage) if one.name == "token, full")
    wrong = replace(own, client=FOREIGN, scopes=frozenset())
    [tally] = run(url, stage, 1, [wrong], only="GET /client")
    assert [fault.partition(":")[0] for fault in tally.faults] == [
        "200 though they may not", "the other client's words",
    ]  # fmt: skip
