"""Manuals and open questions by the API: sent, read, published, taken back; grouped, answered."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from evals.api_stage import CANARIES, FOREIGN, NUMBERS, OWN, Stage, furnish, leaked
from tests.builders import small_manual
from tests.web.api_house import api_house, api_server, program
from tests.web.console_house import PREPARED_S
from tests.web.test_api import problem

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def house(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Real stores and manuals of two clients."""
    with api_house(models_home, tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def stage(house: Any) -> Stage:
    """What is in them."""
    return furnish(house, datetime.now(UTC))


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
def other(url: str, stage: Stage) -> Iterator[httpx.Client]:
    """One of the other client's."""
    with program(url, stage.tokens["foreign"]) as made:
        yield made


def waited(what: Callable[[], bool], limit_s: float) -> None:
    """Wait until something that goes on in the background is so."""
    until = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.05)


def test_a_manual_is_sent_read_published_and_taken_back(
    full: httpx.Client, other: httpx.Client, house: Any, tmp_path: Path
) -> None:
    """Nothing of it is heard before it is published; the other client sees nothing of it."""
    file = small_manual(tmp_path / "four-ft200.pdf", title="Four FT200", litres=9)
    key = {"Idempotency-Key": "un-manuel"}
    sent = full.post("/uploads", files={"file": (file.name, file.read_bytes())}, headers=key)
    assert sent.status_code == 202, sent.text
    upload = sent.json()
    again = full.post("/uploads", files={"file": (file.name, file.read_bytes())}, headers=key)
    assert again.json()["id"] == upload["id"]
    assert problem(other.get(f"/uploads/{upload['id']}"), 404)
    waited(lambda: house.manuals.work.get(OWN, upload["id"]).state == "ready", PREPARED_S)
    ready = full.get(f"/uploads/{upload['id']}").json()
    assert (ready["state"], ready["pages"], ready["progress"]) == ("ready", 2, None)
    assert [one["name"] for one in full.get("/manuals").json()["items"]] == [f"{OWN}.pdf"]
    drafted = full.get("/manuals", params={"draft": "true"}).json()["items"]
    assert [one["name"] for one in drafted] == [f"{OWN}.pdf", "four-ft200.pdf"]
    draft = full.get("/draft").json()
    assert draft["difference"]["added"] == ["four-ft200.pdf"]
    corrected = full.patch(
        "/manuals/four-ft200.pdf/product", json={"references": ["FT200", "FT 210"]}
    ).json()
    assert corrected["product"]["references"] == ["FT200", "FT 210"]
    assert corrected["found"]["references"] == ["FT200"]
    assert "a changé entre-temps" in problem(
        full.post("/draft/publish", json={"name": draft["name"]}), 409
    )
    published = full.post("/draft/publish", json={"name": full.get("/draft").json()["name"]})
    assert published.json()["added"] == ["four-ft200.pdf"]
    assert full.get("/draft").json() == {"name": None, "difference": None}
    assert "rien à publier" in problem(full.post("/draft/publish", json={}), 409)
    assert len(full.get("/manuals").json()["items"]) == 2
    assert full.post("/publications/roll-back").json()["removed"] == ["four-ft200.pdf"]
    kinds = [one["kind"] for one in full.get("/publications").json()["items"]]
    assert kinds == ["rolled_back", "published"]
    for path in ("/manuals", "/uploads", "/draft", "/publications"):
        assert not leaked(other.get(path).content, FOREIGN)
        assert b"ft200" not in other.get(path).content
    actions = {one.action for one in house.audit.entries((OWN,)) if "manual." in one.action}
    assert {"manual.uploaded", "manual.product_corrected", "manual.published"} <= actions


def test_a_manual_is_taken_out_of_the_draft_only(full: httpx.Client) -> None:
    """Callers are answered from it until that is published."""
    assert full.delete(f"/manuals/{OWN}.pdf").status_code == 204
    assert full.get("/draft").json()["difference"]["removed"] == [f"{OWN}.pdf"]
    assert full.get(f"/manuals/{OWN}.pdf").status_code == 200
    assert problem(full.get(f"/manuals/{OWN}.pdf", params={"draft": "true"}), 404)
    assert problem(full.delete("/manuals/jamais.pdf"), 404)
    assert full.delete("/draft").status_code == 204
    assert full.get("/draft").json()["name"] is None


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("photo.png", b"\x89PNG", 415, "ne peut pas être lu"),
        ("notice.pdf", b"MZ\x90", 415, "ne peut pas être lu"),
        ("vide.pdf", b"", 422, "vide"),
        ("...", b"texte", 422, "nom de fichier"),
    ],
)
def test_a_file_that_cannot_be_is_refused_at_once(
    full: httpx.Client, name: str, content: bytes, status: int, said: str
) -> None:
    """With what to do."""
    answer = full.post("/uploads", files={"file": (name, content)})
    assert said in problem(answer, status)


def test_a_body_that_is_no_form_is_refused(full: httpx.Client) -> None:
    """And one that says that it is too large, before it comes."""
    pdf = {"Content-Type": "application/pdf"}
    assert "multipart/form-data" in problem(full.post("/uploads", content=b"a", headers=pdf), 415)
    assert "« file » ne va pas" in problem(full.post("/uploads", files={"autre": b"a"}), 422)
    server = http.client.HTTPConnection(full.base_url.host, full.base_url.port)
    with closing(server):
        server.putrequest("POST", "/api/v1/uploads")
        server.putheader("Authorization", full.headers["authorization"])
        server.putheader("Content-Type", "multipart/form-data; boundary=x")
        server.putheader("Content-Length", "200100000")
        server.endheaders()
        answer = server.getresponse()
        assert answer.status == 413
        assert "200 Mo" in json.loads(answer.read())["detail"]


def test_open_questions_are_grouped_answered_and_ignored(
    full: httpx.Client, other: httpx.Client, url: str, house: Any, stage: Stage
) -> None:
    """An answer is heard at once; what callers said stays hidden from who may not see it."""
    assert full.post("/gaps/refresh").status_code == 202
    waited(lambda: not house.gap_grouping.is_running(OWN), 60)
    groups = full.get("/gaps").json()["items"]
    assert sum(one["count"] for one in groups) == 7
    washing = next(one for one in groups if "couette" in one["title"])
    new = {"question": "Peut-on laver une couette ?", "answer": "Oui, seule, à quarante degrés."}
    assert problem(other.post(f"/gaps/{washing['id']}/answer", json=new), 404)
    key = {"Idempotency-Key": "une-reponse"}
    made = full.post(f"/gaps/{washing['id']}/answer", json=new, headers=key)
    assert made.status_code == 201, made.text
    again = full.post(f"/gaps/{washing['id']}/answer", json=new, headers=key)
    assert again.json() == made.json()
    heard = full.post("/questions/ask", json={"question": "Est-ce que je peux laver ma couette ?"})
    assert "quarante degrés" in heard.json()["text"]
    rest = full.get("/gaps").json()["items"]
    assert washing["id"] not in [one["id"] for one in rest]
    assert full.post(f"/gaps/{rest[0]['id']}/ignore").status_code == 204
    assert rest[0]["id"] not in [one["id"] for one in full.get("/gaps").json()["items"]]
    with program(url, stage.tokens["foreign"]) as foreign:
        assert "couette" not in foreign.get("/approved-answers").text
        assert problem(foreign.delete(f"/approved-answers/{made.json()['id']}"), 404)
    for path in ("/gaps", "/approved-answers"):
        assert not leaked(other.get(path).content, FOREIGN)
        assert CANARIES[OWN] in full.get("/approved-answers").text
        assert NUMBERS[FOREIGN] not in full.get(path).text
    assert full.delete(f"/approved-answers/{made.json()['id']}").status_code == 204
    assert "couette" not in full.get("/approved-answers").text
