"""The command line as a user meets it: real models, the demo client, one sentence an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.call.record import Brief
from agent.models import default_models
from agent.opening import open_database
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore
from agent.store.tickets import TicketStore
from tests.builders import small_manual
from tests.commands import Permanence, Ran, commands


@pytest.fixture
def run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Permanence:
    """Runs `permanence ARGUMENTS` in this process, in the demo client's home or another."""

    permanence = commands(monkeypatch, capfd)

    def in_home(*arguments: str | Path, stdin: str = "", home: Path | None = None) -> Ran:
        monkeypatch.setenv("PERMANENCE_HOME", str(home or settings.home))
        return permanence(*arguments, stdin=stdin)

    return in_home


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A home with the client `essai`, without a manual and without a model."""
    home = tmp_path / "home"
    database = open_database(load_settings(home=home))
    ClientStore(database).add("essai", "Essai")
    database.close()
    return home


def damaged_home(home: Path, settings: Settings, name: str, spoil: Callable[[Path], None]) -> Path:
    """Another home in which the largest file of a model was spoilt."""
    shared, models = settings.models_dir.resolve(), home / "models"
    models.mkdir(exist_ok=True)
    for other in shared.iterdir():
        if other.name != name:
            (models / other.name).symlink_to(other)
    files = sorted((shared / name).iterdir(), key=lambda file: file.stat().st_size)
    (models / name).mkdir()
    for file in files[:-1]:
        (models / name / file.name).symlink_to(file)
    spoilt = models / name / files[-1].name
    with spoilt.open("wb") as sparse:
        sparse.truncate(files[-1].stat().st_size)
    spoil(spoilt)
    return home


# --- clients and manuals ----------------------------------------------------------------------


def test_clients_are_added_and_listed(run: Permanence, empty_home: Path) -> None:
    """Slug and name; a second one of the same slug is refused."""
    added = run("client", "add", "nordal", "--name", "Nordal & Fils", home=empty_home)
    assert added == Ran(0, "nordal: Nordal & Fils\n", "")
    listed = run("client", "list", home=empty_home)
    assert listed.out.splitlines() == ["essai\tEssai", "nordal\tNordal & Fils"]
    assert (
        "'nordal' exists" in run("client", "add", "nordal", "--name", "X", home=empty_home).sentence
    )


@pytest.mark.parametrize(
    "slug", ["Bad Slug", "a", "é" * 5, "../etc", "x" * 41, "[/red]", "[bold]x"]
)
def test_bad_slug_is_one_sentence(run: Permanence, empty_home: Path, slug: str) -> None:
    """The sentence has the slug as typed; cause: square brackets were read as rich's markup."""
    sentence = run("client", "add", slug, "--name", "X", home=empty_home).sentence
    assert f"cannot be {slug!r}" in sentence


def test_blank_name_is_one_sentence(run: Permanence, empty_home: Path) -> None:
    """A brand without a name cannot be greeted with."""
    assert "has no name" in run("client", "add", "vide", "--name", " ", home=empty_home).sentence


@pytest.mark.parametrize(
    "arguments",
    [("ask", "inconnu", "Bonjour ?"), ("ask", "inconnu", "-"), ("manuals", "inconnu"),
     ("ingest", "inconnu", "a.pdf"), ("forget", "inconnu", "a.pdf"), ("reindex", "inconnu"),
     ("product", "inconnu", "a.pdf"), ("tickets", "--client", "inconnu")],
)  # fmt: skip
def test_unknown_client_is_one_sentence(run: Permanence, arguments: tuple[str, ...]) -> None:
    """It lists the clients there are and the command that adds one, as it is typed."""
    sentence = run(*arguments).sentence
    assert "There is no client 'inconnu' (there is: orvane)" in sentence
    assert "permanence client add SLUG --name NAME" in sentence


def test_unknown_client_in_a_process_of_its_own(settings: Settings) -> None:
    """`python -m agent` is the same: status 1, one line, no traceback."""
    ended = subprocess.run(
        [sys.executable, "-m", "agent", "ask", "inconnu", "Bonjour ?"],
        env={**os.environ, "PERMANENCE_HOME": str(settings.home)},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (
        "There is no client 'inconnu'" in Ran(ended.returncode, ended.stdout, ended.stderr).sentence
    )


def test_ingest_of_what_is_no_manual(run: Permanence, settings: Settings, tmp_path: Path) -> None:
    """A missing file, another format and a damaged PDF are told; the manuals stay."""
    before = run("manuals", "orvane").out
    for file, content in (("absent.pdf", None), ("note.txt", b"x"), ("bad.pdf", b"%PDF-1.4 x")):
        if content is not None:
            (tmp_path / file).write_bytes(content)
        ended = run("ingest", "orvane", tmp_path / file)
        assert file in ended.sentence
    assert run("manuals", "orvane").out == before


def test_manuals_are_listed(run: Permanence) -> None:
    """Each sample with its appliance."""
    ended = run("manuals", "orvane")
    assert ended.code == 0
    for word in ("lave-linge-lv450.pdf", "lave-vaisselle-vs320.pdf", "four-fr610.pdf", "VS320"):
        assert word in ended.out


@pytest.fixture
def small_home(settings: Settings, empty_home: Path, tmp_path: Path, run: Permanence) -> Path:
    """A home whose client `essai` has two small manuals."""
    (empty_home / "models").symlink_to(settings.models_dir.resolve())
    files = [
        small_manual(tmp_path / "zx100.pdf"),
        small_manual(tmp_path / "ft200.pdf", title="Four FT200"),
    ]
    assert run("ingest", "essai", *files, home=empty_home).code == 0
    return empty_home


def test_manual_is_forgotten(run: Permanence, small_home: Path) -> None:
    """One, then the last; a name that is not there is one sentence and changes nothing."""
    sentence = run("forget", "essai", "autre.pdf", home=small_home).sentence
    assert "essai n'a pas de notice autre.pdf en service" in sentence
    assert run("forget", "essai", "zx100.pdf", home=small_home) == Ran(
        0, "Forgotten: zx100.pdf\n", ""
    )
    listed = run("manuals", "essai", home=small_home).out
    assert "ft200.pdf" in listed
    assert "zx100.pdf" not in listed
    last = run("forget", "essai", "ft200.pdf", home=small_home).out
    assert "essai has no manual in service any more" in last
    assert "n'a aucune notice" in run("reindex", "essai", home=small_home).sentence
    sentence = run("ask", "essai", "Comment nettoyer le filtre ?", home=small_home).sentence
    assert "permanence ingest essai FILE.pdf" in sentence


def test_product_is_shown_and_corrected(run: Permanence, small_home: Path) -> None:
    """What was read stands beside what was typed, through a reindexing, until it is dropped."""
    shown = run("product", "essai", "ft200.pdf", home=small_home)
    assert shown.out.splitlines()[:2] == ["appliance: four", "references: FT200"]
    edited = run(
        "product", "essai", "ft200.pdf", "--references", "qq77, QQ78", "--appliance", "Hotte",
        home=small_home,
    )  # fmt: skip
    assert edited.out.splitlines()[:2] == [
        "appliance: hotte (read: four)",
        "references: QQ77, QQ78 (read: FT200)",
    ]
    assert "hotte QQ77" in run("reindex", "essai", home=small_home).out
    assert "QQ77" in run("manuals", "essai", home=small_home).out
    back = run("product", "essai", "ft200.pdf", "--as-read", home=small_home)
    assert back.out == shown.out


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--appliance", " "), "ne peut pas être vide"), (("--as-read", "--brand", "X"), "seul")],
)
def test_product_that_cannot_be_is_told(
    run: Permanence, options: tuple[str, ...], words: str
) -> None:
    """Before anything is changed."""
    assert words in run("product", "orvane", "four-fr610.pdf", *options).sentence


def test_client_without_manual(run: Permanence, settings: Settings, empty_home: Path) -> None:
    """The sentence gives the command to type."""
    (empty_home / "models").symlink_to(settings.models_dir.resolve())
    sentence = run("ask", "essai", "Comment nettoyer le filtre ?", home=empty_home).sentence
    assert "permanence ingest essai FILE.pdf" in sentence


# --- questions --------------------------------------------------------------------------------


def checked(line: str) -> dict[str, object]:
    """An answer's JSON, which keeps its contract."""
    answer: dict[str, object] = json.loads(line)
    wanted = {"decision", "text", "confidence", "product", "evidence", "timings_ms"}
    assert wanted <= answer.keys()
    assert answer["decision"] in {"answer", "confirm", "clarify", "handoff", "safety"}
    assert isinstance(answer["confidence"], float)
    assert 0.0 <= answer["confidence"] <= 1.0
    assert isinstance(answer["evidence"], list)
    for passage in answer["evidence"]:
        assert passage.keys() == {"manual", "page", "passage_id", "text"}
        assert passage["manual"].endswith(".pdf")
        assert passage["page"] >= 1
        assert passage["passage_id"]
        assert passage["text"]
    timings = answer["timings_ms"]
    assert isinstance(timings, dict)
    assert timings["total"] >= 0
    return answer


def test_ask_prints_json(run: Permanence) -> None:
    """A code of the demo manuals: the answer, its page and passage, one line."""
    ended = run("ask", "orvane", "Mon lave-vaisselle affiche E15.", "--json")
    assert (ended.code, ended.err) == (0, "")
    (line,) = ended.out.splitlines()
    answer = checked(line)
    assert answer["decision"] == "answer"
    assert isinstance(answer["product"], str)
    assert "VS320" in answer["product"]
    assert isinstance(answer["evidence"], list)
    assert answer["evidence"][0]["manual"] == "lave-vaisselle-vs320.pdf"
    assert answer["evidence"][0]["page"] == 12
    assert answer["text"]


def test_ask_reads_a_question_a_line(run: Permanence) -> None:
    """Blank lines are skipped; what the manuals do not say is handed over, a danger comes first."""
    lines = "Mon four affiche F07\n\n  \nQui a gagné le match hier soir ?\nÇa sent le gaz\n"
    ended = run("ask", "orvane", "-", stdin=lines)
    answers = [checked(line) for line in ended.out.splitlines()]
    assert [answer["decision"] for answer in answers] == ["answer", "handoff", "safety"]
    assert "0 800 47 33 33" in str(answers[2]["text"])


def test_ask_prints_text(run: Permanence) -> None:
    """Decision and confidence, then manual and page of what was looked at."""
    ended = run("ask", "orvane", "Mon lave-vaisselle affiche E15.")
    assert ended.out.startswith("[answer, 0.97] ")
    assert "lave-vaisselle-vs320.pdf, page 12 : " in ended.out


# --- voice and ear ----------------------------------------------------------------------------


def test_what_is_said_is_heard(run: Permanence, tmp_path: Path) -> None:
    """The French voice, 8 kHz, through the recogniser: the words that matter come back."""
    file = tmp_path / "new" / "phrase.wav"
    said = run("say", "Nettoyez le filtre de vidange de la machine.", file)
    assert said.out.startswith(f"{file}: ")
    with wave.open(str(file)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (8000, 1, 2)
        assert 2.0 < wav.getnframes() / 8000 < 4.0
    heard = run("hear", file)
    assert heard.err == ""
    for word in ("filtre", "vidange", "machine"):
        assert word in heard.out.lower()


def test_nothing_to_say(run: Permanence, tmp_path: Path) -> None:
    """No words, no file; a folder in the file's place is told too."""
    assert "nothing to say" in run("say", " … ", tmp_path / "a.wav").sentence
    assert not (tmp_path / "a.wav").exists()
    assert "cannot be written" in run("say", "Bonjour.", tmp_path).sentence
    assert run("say", "Bonjour.", tmp_path / "a.wav", "--rate", "0").code == 2


def test_hearing_what_is_no_sound(run: Permanence, tmp_path: Path) -> None:
    """A text, a folder and a missing file: one sentence each, before any model is loaded."""
    (tmp_path / "text.wav").write_text("bonjour")
    assert "is not a WAV file" in run("hear", tmp_path / "text.wav").sentence
    assert "cannot be read" in run("hear", tmp_path).sentence
    assert "There is no file" in run("hear", tmp_path / "absent.wav").sentence


# --- tickets ----------------------------------------------------------------------------------


def test_tickets(run: Permanence, empty_home: Path) -> None:
    """None, then one, as a table and as JSON; markup in a caller's words stays text.

    Cause of a crash: the table read fields that a ticket does not have.
    """
    assert run("tickets", "--json", home=empty_home) == Ran(0, "", "")
    brief = Brief(
        "four — « [red] fume » — DANGER.", "0639981234", "four", "[red] fume", "D", (), ()
    )
    database = open_database(load_settings(home=empty_home))
    store = TicketStore(database)
    ticket = store.open_ticket("essai", "c1", brief, "urgent")
    store.set_detail(ticket, "name", "Martin")
    store.set_detail(ticket, "subject", "la [b]hotte")
    database.close()
    (line,) = run("tickets", "--json", home=empty_home).out.splitlines()
    kept = json.loads(line)
    assert (kept["ticket_id"], kept["client"], kept["urgency"]) == (ticket, "essai", "urgent")
    assert kept["caller_number"] == "0639981234"
    assert kept["brief"]["line"] == brief.line
    table = run("tickets", "--client", "essai", home=empty_home).out
    for text in (ticket, "urgent", "Martin", "0639981234", "« [red] fume »", "la [b]hotte"):
        assert text in table


# --- models -----------------------------------------------------------------------------------


def test_models_are_listed(run: Permanence, settings: Settings) -> None:
    """Those in use carry a star and are ready."""
    ended = run("models", "list")
    assert ended.code == 0
    for name in default_models(settings):
        (line,) = [line for line in ended.out.splitlines() if f" {name} *" in line]
        assert "ready" in line


@pytest.mark.parametrize(
    ("arguments", "model"),
    [(("ask", "essai", "Bonjour ?"), "embedding"), (("say", "Bonjour.", "a.wav"), "voice"),
     (("hear", "VOICE"), "whisper")],
)  # fmt: skip
@pytest.mark.parametrize("trouble", ["missing", "truncated", "zeros"])
def test_model_that_cannot_be_used_is_one_sentence(
    run: Permanence, settings: Settings, empty_home: Path, tmp_path: Path,
    arguments: tuple[str, ...], model: str, trouble: str,
) -> None:  # fmt: skip
    """Missing, cut short, or of the right size with other bytes: the command that mends it."""
    name = next(name for name in default_models(settings) if name.startswith(
        {"embedding": settings.embedding, "voice": settings.voice, "whisper": "whisper"}[model]
    ))  # fmt: skip
    if trouble == "truncated":
        damaged_home(empty_home, settings, name, lambda file: os.truncate(file, 1_000))
    elif trouble == "zeros":
        damaged_home(empty_home, settings, name, lambda file: None)
    clip = Path(__file__).parents[1] / "evals" / "data" / "calls" / "yes.wav"
    given = [str(clip) if word == "VOICE" else word for word in arguments]
    given = [str(tmp_path / word) if word == "a.wav" else word for word in given]
    sentence = run(*given, home=empty_home).sentence
    assert name in sentence
    assert "permanence models pull" in sentence


def test_bad_setting_is_one_sentence(run: Permanence, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command says which key and value it was."""
    monkeypatch.setenv("PERMANENCE_WHISPER", "huge")
    assert "PERMANENCE_WHISPER cannot be 'huge'" in run("client", "list").sentence
    assert "PERMANENCE_WHISPER cannot be 'huge'" in run("models", "list").sentence


def test_help_and_unknown_command(run: Permanence) -> None:
    """Help is printed with status 0; a mistyped command is a usage error, status 2."""
    helped = run("--help")
    assert helped.code == 0
    for command in ("ask", "call", "client", "demo", "forget", "hear", "ingest", "models",
                    "product", "recordings", "reindex", "say", "serve"):  # fmt: skip
        assert command in helped.out
    assert run("repond").code == 2
