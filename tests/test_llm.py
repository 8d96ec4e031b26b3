"""The chat model over a real streaming server: good answers pass, others change nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from agent.opening import open_writer
from agent.settings import Settings
from knowledge.llm import FAILURES_BEFORE_REST, ChatModelError, ChatWriter, load_writer
from knowledge.rewording import SYSTEM, split_part
from tests.chat_server import ChatServer, chat_server

OPENING = "D'accord, je vous guide pas à pas."
WARNING = "Ne touchez pas l'eau chaude."
PASSAGE = (
    "ATTENTION – L'eau peut être à 60 °C. Elle peut couler. Le filtre peut goutter. Ouvrez la "
    "trappe en bas de l'appareil. Dévissez le filtre et rincez-le pendant 2 minutes. Ne touchez "
    "pas l'eau chaude. Revissez le filtre à fond."
)
PARTS = (
    f"{OPENING} L'eau peut être à 60 °C. Ouvrez la trappe en bas de l'appareil.",
    f"Dévissez le filtre et rincez-le pendant 2 minutes. {WARNING}",
    "Revissez le filtre à fond.",
)
GOOD = (
    "1. D'abord, ouvrez la trappe en bas de l'appareil.\n"
    "2. Ensuite, dévissez le filtre, puis rincez-le pendant deux minutes.\n"
    "3. Enfin, revissez le filtre à fond."
)
BUDGET_S = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    """A chat server that says what the test tells it."""
    with chat_server() as running:
        yield running


@pytest.fixture
def writer(server: ChatServer) -> Iterator[ChatWriter]:
    """A writer with time enough."""
    opened = server.writer(BUDGET_S)
    yield opened
    opened.close()


def test_a_good_answer_is_spoken_and_warnings_stay(server: ChatServer, writer: ChatWriter) -> None:
    """Each part in other words; opening and warnings word for word, in their place."""
    server.says(GOOD)
    said = writer.rephrase("comment nettoyer le filtre", PARTS, [PASSAGE])
    assert said is not None
    assert said.parts == (
        f"{OPENING} L'eau peut être à 60 °C. D'abord, ouvrez la trappe en bas de l'appareil.",
        f"Ensuite, dévissez le filtre, puis rincez-le pendant deux minutes. {WARNING}",
        "Enfin, revissez le filtre à fond.",
    )
    assert (said.changed, said.reason) == (3, "")
    assert 0 < said.first_ms <= said.total_ms < BUDGET_S * 1000


def test_the_request_is_constant_but_for_its_end(server: ChatServer, writer: ChatWriter) -> None:
    """So that the server's prompt cache holds it; the manual stands between the marks."""
    server.says(GOOD)
    server.requests.clear()
    writer.rephrase("une question", PARTS, [PASSAGE])
    writer.rephrase("une autre >>> NOTICE", PARTS[1:], [PASSAGE])
    first, second = (request["messages"] for request in server.requests)
    assert first[:3] == second[:3]
    assert first[0] == {"role": "system", "content": SYSTEM}
    assert first[3]["content"] == (
        "Question : une question\n<<<NOTICE\n1. Ouvrez la trappe en bas de l'appareil.\n"
        "2. Dévissez le filtre et rincez-le pendant 2 minutes.\n"
        "3. Revissez le filtre à fond.\nNOTICE>>>"
    )
    assert second[3]["content"].startswith("Question : une autre NOTICE\n<<<NOTICE\n1. Dév")
    assert all(request["stream"] is True for request in server.requests)
    assert server.requests[0]["temperature"] == 0.0


@pytest.mark.parametrize(
    ("answer", "changed", "kind"),
    [
        (GOOD.replace("deux", "trois"), 1, "number"),
        (GOOD.replace("deux minutes", "deux heures"), 1, "number"),
        (GOOD.replace("ouvrez", "n'ouvrez pas"), 0, "negation"),
        (GOOD.replace("ouvrez", "fermez"), 0, "opposite"),
        (GOOD.replace("en bas", "en haut"), 0, "opposite"),
        (GOOD.replace("dévissez", "vissez"), 1, "opposite"),
        (GOOD.replace("à fond", "à fond et appelez le 01 23 45 67 89"), 2, "telephone"),
        (GOOD.replace("à fond", "à fond, voir www.exemple.fr"), 2, "link"),
        (GOOD.replace("à fond.", "à fond. C'est gratuit."), 2, "word"),
        (GOOD.replace("à fond.", "à fond. D'accord ?"), 2, "question"),
        (GOOD.replace(", puis rincez-le pendant deux minutes", ""), 1, "left out"),
        (GOOD.replace("la trappe en bas", "le filtre en bas"), 0, "word"),
        (GOOD.replace("3.", "3. Ouvrez la trappe."), 2, "word"),
        (GOOD.replace("Ensuite", "D'abord"), 1, "order"),
        (GOOD.replace("Ensuite", "Enfin"), 1, "order"),
        ("3. Enfin, revissez le filtre à fond.", 0, "garbage"),
        ("Bien sûr ! Voici :\n" + GOOD, 0, "garbage"),
        (GOOD.split("\n", maxsplit=1)[0], 1, "cut"),
        ("", 0, "cut"),
        ("{}[]<|>" * 30, 0, "garbage"),
    ],
)
def test_from_the_first_bad_line_on_the_manual_is_quoted(
    server: ChatServer, writer: ChatWriter, answer: str, changed: int, kind: str
) -> None:
    """What came before it and was good stays; no part is a mixture of both."""
    server.says(answer)
    said = writer.write("comment nettoyer le filtre", PARTS, [PASSAGE])
    assert said.reason.startswith(kind)
    assert said.changed == changed
    assert said.parts[changed:] == PARTS[changed:]
    assert (writer.rephrase("comment nettoyer", PARTS, [PASSAGE]) is None) == (changed == 0)


def test_too_slow_to_begin(server: ChatServer) -> None:
    """No first word within its share of the budget: the manual, and not much later."""
    server.says(GOOD, before_s=20.0)
    writer = server.writer(budget_s=0.5)
    started = time.monotonic()
    said = writer.write("question", PARTS, [PASSAGE])
    assert (said.parts, said.reason) == (PARTS, "time: first word")
    assert time.monotonic() - started < 5.0
    writer.close()


def test_too_slow_to_end_keeps_what_was_ready(server: ChatServer) -> None:
    """The first lines came in time; the others are quoted."""
    warm = server.writer(BUDGET_S)
    server.says(GOOD)
    assert warm.rephrase("question", PARTS, [PASSAGE]) is not None  # the library is imported now
    warm.close()
    server.says(GOOD, stall_s=20.0)
    writer = server.writer(budget_s=4.0)
    said = writer.write("question", PARTS, [PASSAGE])
    assert said.reason == "time: up"
    assert said.changed == 1
    assert said.parts[1:] == PARTS[1:]
    assert 3900 < said.total_ms < 8000
    writer.close()


@pytest.mark.parametrize("status", [500, 429, 401, 404])
def test_a_server_that_fails(server: ChatServer, writer: ChatWriter, status: int) -> None:
    """An HTTP error is asked once and changes nothing."""
    server.says("", status=status)
    server.requests.clear()
    said = writer.write("question", PARTS, [PASSAGE])
    assert (said.parts, said.changed) == (PARTS, 0)
    assert said.reason.startswith("error: ")
    assert len(server.requests) == 1


def test_garbage_instead_of_a_stream(server: ChatServer, writer: ChatWriter) -> None:
    """Bytes that are no event stream change nothing."""
    server.says("", raw=b"data: {not json}\n\n\xff\xfe")
    said = writer.write("question", PARTS, [PASSAGE])
    assert (said.parts, said.changed) == (PARTS, 0)


def test_a_cut_stream_loses_the_unfinished_line(server: ChatServer, writer: ChatWriter) -> None:
    """Though what came of it reads like a sentence."""
    server.says(GOOD[:-10] + ".", cut=True)
    said = writer.write("question", PARTS, [PASSAGE])
    assert (said.changed, said.reason) == (2, "cut: stream")
    assert said.parts[2] == PARTS[2]


def test_an_answer_cut_by_its_length_loses_the_last_line(
    server: ChatServer, writer: ChatWriter
) -> None:
    """The server stopped at its token limit."""
    server.says(GOOD, finish="length")
    said = writer.write("question", PARTS, [PASSAGE])
    assert (said.changed, said.reason) == (2, "cut: stream")


def test_an_endless_stream_is_hung_up_on(server: ChatServer, writer: ChatWriter) -> None:
    """Too long an answer is not read on, and the server sees the line go down."""
    server.says("1. Ouvrez la trappe et ", endless=True)
    started = time.monotonic()
    said = writer.write("question", PARTS, [PASSAGE])
    assert (said.parts, said.reason) == (PARTS, "garbage: too long")
    assert time.monotonic() - started < BUDGET_S / 2
    assert server.hung_up.wait(5)


def test_a_server_that_keeps_failing_is_left_alone(server: ChatServer, writer: ChatWriter) -> None:
    """After three failures no caller waits for it for a minute."""
    server.says("", status=500)
    server.requests.clear()
    for _ in range(FAILURES_BEFORE_REST + 2):
        assert writer.rephrase("question", PARTS, [PASSAGE]) is None
    assert len(server.requests) == FAILURES_BEFORE_REST
    assert writer.write("question", PARTS, [PASSAGE]).reason == "rest: server"


def test_nothing_to_rephrase_asks_nobody(server: ChatServer, writer: ChatWriter) -> None:
    """Warnings and denials are the manual's, word for word."""
    server.requests.clear()
    assert writer.rephrase("question", (f"{OPENING} {WARNING}",), [PASSAGE]) is None
    assert server.requests == []


def test_several_calls_at_one_time(server: ChatServer, writer: ChatWriter) -> None:
    """Each gets its own answer."""
    server.says(GOOD)
    found: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(writer.write("question", PARTS, [PASSAGE]).changed)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert found == [3, 3, 3, 3]


def test_a_closed_writer_says_the_manual(server: ChatServer) -> None:
    """The house is closing while a question is still in it."""
    writer = server.writer(BUDGET_S)
    writer.close()
    assert writer.write("question", PARTS, [PASSAGE]).reason == "error: closed"


@pytest.mark.parametrize(
    ("part", "head", "body", "tail"),
    [
        (PARTS[0], f"{OPENING} L'eau peut être à 60 °C.",
         "Ouvrez la trappe en bas de l'appareil.", ""),
        (PARTS[1], "", "Dévissez le filtre et rincez-le pendant 2 minutes.", WARNING),
        ("Le code E1 veut dire : porte ouverte. Fermez la porte.",
         "Le code E1 veut dire : porte ouverte.", "Fermez la porte.", ""),
        ("Fermez la porte. Risque de brûlure. Relancez.",
         "Fermez la porte. Risque de brûlure. Relancez.", "", ""),
        ("Utilisez uniquement du sel.", "Utilisez uniquement du sel.", "", ""),
        ("Allez sur www.exemple.fr.", "Allez sur www.exemple.fr.", "", ""),
    ],
)  # fmt: skip
def test_what_may_change_of_a_part(part: str, head: str, body: str, tail: str) -> None:
    """One run of sentences; a part with a warning inside it is left whole."""
    split = split_part(part, ["ATTENTION – L'eau peut être à 60 °C. Videz-la. Attendez. Ouvrez."])
    assert (split.head, split.body, split.tail) == (head, body, tail)


def test_without_a_model_langchain_is_not_imported() -> None:
    """Neither by the writer's module nor by the wiring."""
    script = (
        "import sys, agent.house, knowledge.llm\n"
        "print([m for m in sys.modules if m.startswith(('langchain', 'langsmith'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_settings_choose_the_model(server: ChatServer) -> None:
    """None by default; with a model, its address and its key."""
    assert open_writer(Settings(chat_model="")) is None
    made = Settings(chat_model="openai:test", chat_base_url=server.url, chat_budget_s=9.0)
    writer = open_writer(made)
    assert writer is not None
    server.says(GOOD)
    assert writer.write("question", PARTS, [PASSAGE]).changed == 3
    writer.close()


@pytest.mark.parametrize("model", ["nowhere:model", "ollama:model"])
def test_a_model_that_cannot_be_used_is_one_sentence(model: str) -> None:
    """It names the setting and says what to do."""
    with pytest.raises(ChatModelError, match=r"PERMANENCE_CHAT_MODEL.*unset|or unset") as caught:
        load_writer(model)
    assert "\n" not in str(caught.value)
