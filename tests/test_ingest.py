"""Manuals go into an index, on disk, with the real embedding model: replaced, killed, damaged."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.models import path as model_path
from agent.sealing.keys import Key
from agent.sealing.vault import Vault
from agent.settings import load_settings
from knowledge.answer import Inquiry
from knowledge.collection import current_version, read_meta
from knowledge.embeddings import Embedder, load_embedder
from knowledge.errors import DocumentError, IndexMissingError
from knowledge.ingest import ingest, is_stale, reindex
from knowledge.library import Library
from knowledge.vault import use_vault
from knowledge.versions import stored_file
from tests.builders import PdfBuilder, small_manual

ROOT = Path(__file__).parents[1]
QUESTION = "combien de litres d'eau consomme le programme rapide"
CODE = "mon lave-linge affiche E2"
SLUG = "marque"

CHILD = """
import sys
from pathlib import Path
from knowledge.embeddings import load_embedder
from knowledge.ingest import ingest

def progress(stage, done, total):
    print(stage, done, total, flush=True)
    if sys.argv[1] == "stepwise":
        sys.stdin.readline()

embedder = load_embedder("embeddinggemma-sav", Path(sys.argv[2]))
ingest(Path(sys.argv[3]), [Path(name) for name in sys.argv[4:]], embedder, progress)
"""


@pytest.fixture(scope="module")
def model_folder(models_home: Path) -> Path:
    """Folder of the embedding model."""
    settings = load_settings(home=models_home)
    return model_path(settings, settings.embedding)


@pytest.fixture(scope="module")
def embedder(model_folder: Path) -> Embedder:
    """EmbeddingGemma, loaded."""
    return load_embedder(model_folder.name, model_folder)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A folder of clients with one small manual in service, to be copied."""
    root = tmp_path_factory.mktemp("clients")
    file = small_manual(tmp_path_factory.mktemp("files") / "zx100.pdf", litres=6)
    ingest(root / SLUG, [file], embedder)
    return root


@pytest.fixture
def clients(tmp_path: Path, published: Path) -> Path:
    """A folder of clients of the test's own: `zx100.pdf`, six litres, is in service."""
    shutil.copytree(published, tmp_path / "clients")
    return tmp_path / "clients"


def _edition(tmp_path: Path, litres: int) -> Path:
    folder = tmp_path / f"edition-{litres}"
    folder.mkdir()
    return small_manual(folder / "zx100.pdf", litres=litres)


def _kept(clients: Path) -> Path:
    """The file of the manual in service."""
    (entry,) = read_meta(current_version(clients / SLUG) or Path())[1]
    return stored_file(clients / SLUG, entry)


def _said(clients: Path, embedder: Embedder, question: str = QUESTION) -> str:
    library = Library(clients, embedder)
    try:
        return library.ask(SLUG, question).text
    finally:
        library.close()


def _litres(clients: Path, embedder: Embedder) -> int:
    """Litres of the edition in service."""
    library = Library(clients, embedder)
    try:
        passages = library.shelf(SLUG).retriever.collection.passages
        assert library.ask(SLUG, CODE).decision == "answer"
    finally:
        library.close()
    (text,) = [p.text for p in passages if "litres" in p.text]
    return int(text.split()[-2])


def _child(mode: str, model: Path, client: Path, *files: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, mode, *map(str, (model, client, *files))]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_what_is_in_service(clients: Path, embedder: Embedder) -> None:
    """The entry says what the file holds, and a question is answered from it."""
    model, (entry,) = read_meta(current_version(clients / SLUG) or Path())
    assert model == "embeddinggemma-sav"
    assert (entry.file, entry.pages, entry.languages) == ("zx100.pdf", 2, ("fr",))
    assert entry.product.name == "lave-linge ZX100"
    assert entry.passages == 5
    assert _said(clients, embedder, CODE) == (
        _said(clients, embedder, "mon lave-linge affiche E deux")
    )
    assert "Le code E2 veut dire : filtre encrassé. Rincez le filtre. Remettez-le en place." in (
        _said(clients, embedder, CODE)
    )


def test_unchanged_file_is_not_read_again(clients: Path, embedder: Embedder) -> None:
    """No progress, no new version."""
    before = current_version(clients / SLUG)
    stages: list[str] = []
    file = _kept(clients)
    assert not is_stale(clients / SLUG, [file], embedder.name)
    entries = ingest(clients / SLUG, [file], embedder, lambda stage, *_: stages.append(stage))
    assert [entry.file for entry in entries] == ["zx100.pdf"]
    assert (stages, current_version(clients / SLUG)) == ([], before)


def test_another_manual_leaves_the_first_one_as_it_is(
    clients: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """Its passages are carried over, not read again."""
    other = small_manual(tmp_path / "four.pdf", title="Four FT200", litres=3)
    stages: list[str] = []
    entries = ingest(clients / SLUG, [other], embedder, lambda stage, *_: stages.append(stage))
    assert [entry.file for entry in entries] == ["zx100.pdf", "four.pdf"]
    assert {stage for stage in stages if "reading " in stage} == {"reading four.pdf"}
    library = Library(clients, embedder)
    try:
        answer = library.ask(SLUG, "il affiche E2")
        assert answer.decision == "clarify"
        assert answer.choices == ("le lave-linge", "le four")
        assert library.ask(SLUG, CODE).evidence[0].manual == "zx100.pdf"
    finally:
        library.close()


def test_new_edition_replaces_the_old_one_in_an_open_library(
    clients: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """The next question is answered from it; the shelf of a question under way stays usable."""
    library = Library(clients, embedder)
    try:
        shelf = library.shelf(SLUG)
        assert "6 litres" in shelf.answer(Inquiry(QUESTION)).evidence[0].text
        library.add(SLUG, [_edition(tmp_path, 9)])
        assert "9 litres" in library.ask(SLUG, QUESTION).evidence[0].text
        assert "6 litres" in shelf.answer(Inquiry(QUESTION)).evidence[0].text
        assert len(library.shelf(SLUG).retriever.collection.manuals) == 1
    finally:
        library.close()


def test_failure_of_one_file_leaves_all_as_it_was(
    clients: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """Not even the readable one goes into service, and its file is not replaced."""
    broken = tmp_path / "cassé.pdf"
    broken.write_bytes(b"%PDF-1.4 puis rien")
    before = current_version(clients / SLUG)
    stored = _kept(clients).read_bytes()
    with pytest.raises(DocumentError, match=r"cassé\.pdf n'est pas un PDF lisible"):
        ingest(clients / SLUG, [_edition(tmp_path, 9), broken], embedder)
    assert current_version(clients / SLUG) == before
    assert _kept(clients).read_bytes() == stored
    assert _litres(clients, embedder) == 6


def test_files_that_are_no_manual(tmp_path: Path, embedder: Embedder) -> None:
    """One sentence each, before any index exists."""
    notes = tmp_path / "notes.txt"
    notes.write_text("Bonjour", "utf-8")
    cover = PdfBuilder(tmp_path / "couverture.pdf")
    cover.cover("Lave-linge ZX100")
    for file, sentence in [
        (
            notes,
            "notes.txt ne contient aucun passage utilisable ; vérifiez que c'est bien un manuel.",
        ),
        (
            tmp_path / "absent.pdf",
            f"Il n'y a pas de fichier lisible {tmp_path / 'absent.pdf'} ; vérifiez le nom.",
        ),
        (
            cover.save(),
            "couverture.pdf ne contient aucun passage utilisable ; "
            "vérifiez que c'est bien un manuel.",
        ),
    ]:
        with pytest.raises(DocumentError) as caught:
            ingest(tmp_path / SLUG, [file], embedder)
        assert str(caught.value) == sentence
    assert current_version(tmp_path / SLUG) is None


def test_same_file_name_twice(clients: Path, tmp_path: Path, embedder: Embedder) -> None:
    """Cause: both went in, and passages of one identifier broke the vector store."""
    file = _edition(tmp_path, 7)
    entries = ingest(clients / SLUG, [file, _edition(tmp_path, 8), file], embedder)
    assert [entry.file for entry in entries] == ["zx100.pdf"]
    assert _litres(clients, embedder) == 7


@pytest.mark.parametrize(
    ("stage", "delay_s"),
    [("reading zx100.pdf 0", 0.0), ("embedding 0", 0.0), ("embedding 8", 0.03),
     ("embedding 8", 0.12)],
)  # fmt: skip
def test_killed_ingestion_leaves_a_whole_version(
    clients: Path,
    tmp_path: Path,
    embedder: Embedder,
    model_folder: Path,
    stage: str,
    delay_s: float,
) -> None:
    """After SIGKILL, the old or the new edition answers, and the next ingestion works."""
    child = _child("stepwise", model_folder, clients / SLUG, _edition(tmp_path, 9))
    assert child.stdin is not None and child.stdout is not None
    reached = False
    for line in child.stdout:
        reached = line.startswith(f"{stage} ")
        if reached and not delay_s:
            break
        child.stdin.write("\n")
        child.stdin.flush()
        if reached:
            time.sleep(delay_s)
            break
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=20)
    assert reached
    assert _litres(clients, embedder) in ((6, 9) if delay_s else (6,))
    ingest(clients / SLUG, [_edition(tmp_path, 12)], embedder)
    assert _litres(clients, embedder) == 12


def test_version_before_outlives_what_a_killed_ingestion_left(
    clients: Path, tmp_path: Path, embedder: Embedder
) -> None:
    """Cause: the newest other folder was kept, even a half-written one, not the one in use."""
    before = current_version(clients / SLUG)
    assert before is not None
    left = clients / SLUG / "index" / "20990101T000000000000"
    (left / "search").mkdir(parents=True)
    ingest(clients / SLUG, [_edition(tmp_path, 9)], embedder)
    assert before.is_dir()
    assert not left.exists()


def test_two_processes_at_once(clients: Path, tmp_path: Path, model_folder: Path) -> None:
    """Both manuals are in service afterwards: one waits for the other."""
    files = [
        small_manual(tmp_path / f"{name}.pdf", title=f"Four {name}") for name in ("FA100", "FB100")
    ]
    children = [_child("free", model_folder, clients / SLUG, file) for file in files]
    assert [child.communicate(timeout=60)[1] for child in children] == [None, None]
    assert [child.returncode for child in children] == [0, 0]
    _, entries = read_meta(current_version(clients / SLUG) or Path())
    assert sorted(entry.file for entry in entries) == ["FA100.pdf", "FB100.pdf", "zx100.pdf"]


def _made_with(clients: Path, model: str) -> None:
    folder = current_version(clients / SLUG)
    assert folder is not None
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    (folder / "meta.json").write_text(json.dumps({**meta, "embedder": model}), "utf-8")


def test_index_of_another_model_is_refused(clients: Path, embedder: Embedder) -> None:
    """Vectors of two models cannot be compared."""
    _made_with(clients, "e5-small")
    library = Library(clients, embedder)
    try:
        with pytest.raises(IndexMissingError) as caught:
            library.ask(SLUG, QUESTION)
    finally:
        library.close()
    assert str(caught.value) == (
        "The index was made with e5-small, the setting is embeddinggemma-sav; "
        f"run `permanence reindex {SLUG}`, or set PERMANENCE_EMBEDDING back."
    )


def test_index_of_another_projection_is_refused(clients: Path, embedder: Embedder) -> None:
    """The reader would read noise: it says which command makes the index anew, and that works."""
    folder = current_version(clients / SLUG)
    assert folder is not None
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    (folder / "meta.json").write_text(json.dumps({**meta, "rows": "another"}), "utf-8")
    library = Library(clients, embedder)
    try:
        with pytest.raises(IndexMissingError, match=f"permanence reindex {SLUG}"):
            library.shelf(SLUG)
        assert is_stale(clients / SLUG, [], embedder.name)
        reindex(clients / SLUG, embedder)
        assert library.shelf(SLUG).products
    finally:
        library.close()


def test_indexing_again_gives_the_same_answers(clients: Path, embedder: Embedder) -> None:
    """All manuals are read from the client's own folder, to the same passages and vectors."""
    before = [_said(clients, embedder, question) for question in (QUESTION, CODE)]
    _made_with(clients, "e5-small")
    assert is_stale(clients / SLUG, [], embedder.name)
    (entry,) = ingest(clients / SLUG, [], embedder)
    assert entry.file == "zx100.pdf"
    assert [_said(clients, embedder, question) for question in (QUESTION, CODE)] == before


def test_missing_folder_is_told_and_mended_by_the_next_ingestion(
    clients: Path, embedder: Embedder
) -> None:
    """Cause: « ingest again » was the advice, and ingesting again failed for the same reason."""
    (clients / SLUG / "index" / "CURRENT").write_text("20200101T000000000000\n", "utf-8")
    library = Library(clients, embedder)
    try:
        with pytest.raises(IndexMissingError, match="20200101T000000000000 est incomplet"):
            library.ask(SLUG, QUESTION)
        assert is_stale(clients / SLUG, [], embedder.name)
        (entry,) = library.add(SLUG, [])
        assert entry.file == "zx100.pdf"
        assert library.ask(SLUG, CODE).decision == "answer"
    finally:
        library.close()


def test_client_without_manuals(tmp_path: Path, embedder: Embedder) -> None:
    """The error says which command to run."""
    library = Library(tmp_path, embedder)
    with pytest.raises(IndexMissingError, match=r"run `permanence ingest neuf FILE\.pdf`"):
        library.ask("neuf", QUESTION)
    library.close()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_close_gives_back_files_and_threads(clients: Path, embedder: Embedder) -> None:
    """Opening and closing again and again leaves nothing behind."""
    _said(clients, embedder)  # what is loaded once and kept
    gc.collect()
    files, threads = _open_files(), set(threading.enumerate())
    for _ in range(5):
        _said(clients, embedder)
    gc.collect()
    assert _open_files() <= files
    assert set(threading.enumerate()) <= threads


def test_damaged_index_gives_back_its_files(clients: Path, embedder: Embedder) -> None:
    """Cause: the vector store stayed open when its collection was missing."""
    folder = current_version(clients / SLUG)
    assert folder is not None
    shutil.rmtree(folder / "search")
    (chroma,) = (folder.parent / "parts").glob("*/chroma")
    shutil.rmtree(chroma)
    library = Library(clients, embedder)
    with pytest.raises(IndexMissingError):
        library.shelf(SLUG)
    gc.collect()
    files = _open_files()
    for _ in range(5):
        with pytest.raises(IndexMissingError):
            library.shelf(SLUG)
    gc.collect()
    assert _open_files() <= files
    library.close()


def test_files_are_sealed_where_their_folder_has_a_vault(
    tmp_path: Path, embedder: Embedder
) -> None:
    """Kept sealed, read again, drawn and compared by its content; nothing is left in memory."""
    clients, vault = tmp_path / "clients", Vault([Key(bytes(32))])
    use_vault(clients, vault)
    source = small_manual(tmp_path / "zx100.pdf", litres=6)
    ingest(clients / SLUG, [source], embedder)
    kept = _kept(clients)
    assert vault.is_current(kept)
    assert b"%PDF" not in kept.read_bytes()
    assert vault.read(kept) == source.read_bytes()
    assert not is_stale(clients / SLUG, [source], embedder.name)
    reindex(clients / SLUG, embedder)
    assert vault.is_current(_kept(clients))
    library = Library(clients, embedder)
    try:
        assert library.picture(SLUG, "zx100.pdf", 1, "").startswith(b"\x89PNG")
    finally:
        library.close()
    mine = Path("/dev/shm").glob(f"permanence-plain-{os.getpid()}-*")
    assert list(mine) == []
