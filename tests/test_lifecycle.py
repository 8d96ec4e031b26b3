"""A manual's life, on disk: replaced, corrected, deleted, made again; killed all along.

The process that is killed is a real one. It ends itself with SIGKILL at the n-th file operation
under the client's home, for n from the first to the last.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.manual_commands import forget_manuals, reconcile
from agent.opening import open_database
from agent.settings import Settings, load_settings
from agent.store.clients import ClientStore
from knowledge.answer import Inquiry
from knowledge.collection import Collection, current_version, read_meta
from knowledge.errors import IndexMissingError
from knowledge.hand_edits import ProductEdit, read_edits
from knowledge.ingest import ingest, is_stale, reindex
from knowledge.library import Library
from knowledge.lifecycle import forget, in_service, set_product
from knowledge.versions import (
    FORMAT,
    IndexWriteError,
    ManualMissingError,
    read_format,
    stored_file,
)
from tests.builders import small_manual
from tests.remembered import Remembered

ROOT = Path(__file__).parents[1]
SLUG = "marque"
WASHER, OVEN = "zx100.pdf", "ft200.pdf"
CODE = "mon four affiche E2"
STEPS = {"ingest": 7, "forget": 3, "product": 3, "reindex": 13}
"""File operations from one kill to the next; each single one takes minutes."""

MARK = "Garantie Zanzibar"
"""Words of the oven's manual alone."""

CHILD = """
import os, signal, sys
from pathlib import Path

from agent.manual_commands import add_manuals, edit_product, forget_manuals, reconcile
from agent.opening import open_database
from agent.settings import load_settings
from agent.store.clients import ClientStore
from knowledge.hand_edits import ProductEdit
from knowledge.ingest import ingest, reindex
from tests.remembered import Remembered

embedder = Remembered(Path(sys.argv[1]))
CHANGES = ("open", "os.", "shutil.")

def change(home, what, file):
    settings = load_settings(home=home)
    folder = settings.data_dir / "clients" / "marque"
    database = open_database(settings)
    clients = ClientStore(database)
    if what == "ingest":
        ingest(folder, [file], embedder)
    elif what == "reindex":
        reindex(folder, embedder)
    elif what == "forget":
        forget_manuals(settings, clients, "marque", ["ft200.pdf"])
    elif what == "product":
        edit_product(settings, clients, "marque", "ft200.pdf", ProductEdit(references=("QQ77",)))
    reconcile(settings, clients, "marque")
    database.close()

def count_down(home, left):
    def hook(event, arguments):
        nonlocal left
        if event.startswith(CHANGES) and any(str(home) in str(a) for a in arguments):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

for line in sys.stdin:
    home, what, file, left = line.split("\\t")
    child = os.fork()
    if not child:
        count_down(home, int(left))
        change(Path(home), what, Path(file))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture(scope="module")
def embedder() -> Remembered:
    """The small model."""
    return Remembered()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, embedder: Remembered) -> Path:
    """A home whose client has two manuals in service, to be copied."""
    home = tmp_path_factory.mktemp("home")
    files = tmp_path_factory.mktemp("files")
    settings = load_settings(home=home, embedding=embedder.name)
    database = open_database(settings)
    clients = ClientStore(database)
    clients.add(SLUG, "Marque")
    oven = small_manual(files / OVEN, title="Four FT200", litres=3, extra=[f"{MARK} : deux ans."])
    ingest(home / "data" / "clients" / SLUG, [small_manual(files / WASHER), oven], embedder)
    reconcile(settings, clients, SLUG)
    database.close()
    return home


@pytest.fixture
def settings(published: Path, tmp_path: Path, embedder: Remembered) -> Settings:
    """A home of the test's own: washer (six litres) and oven are in service."""
    shutil.copytree(published, tmp_path / "home")
    return load_settings(home=tmp_path / "home", embedding=embedder.name)


@pytest.fixture
def client(settings: Settings) -> Path:
    """The client's folder."""
    return settings.data_dir / "clients" / SLUG


@pytest.fixture
def clients(settings: Settings) -> Iterator[ClientStore]:
    """The clients' store of that home."""
    database = open_database(settings)
    yield ClientStore(database)
    database.close()


@pytest.mark.parametrize(
    "broken",
    ["index/CURRENT", "meta.json", "search/table.npy", "search/vectors.npy", "search/words",
     "search/passages.jsonl", "search"],
)  # fmt: skip
def test_an_index_is_checked_on_the_disk(client: Path, embedder: Remembered, broken: str) -> None:
    """What is missing or cut is noticed though the index is open, and a question still answered."""
    library = Library(client.parent, embedder)
    assert library.check(SLUG)
    assert not library.check("personne")
    library.shelf(SLUG)
    folder = current_version(client)
    assert folder is not None
    there = client / broken if broken.startswith("index") else folder / broken
    if there.is_dir():
        shutil.rmtree(there)
    elif broken.endswith("CURRENT"):
        there.write_text("nothing-there")
    else:
        os.truncate(there, 10 if broken.endswith(".npy") else there.stat().st_size // 3)
    with pytest.raises(IndexMissingError):
        library.check(SLUG)
    library.close()


def test_an_index_of_another_model_is_noticed(client: Path, embedder: Remembered) -> None:
    """Its vectors mean nothing to the model that is loaded."""
    folder = current_version(client)
    assert folder is not None
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    (folder / "meta.json").write_text(json.dumps(meta | {"embedder": "other"}), "utf-8")
    with pytest.raises(IndexMissingError, match="other"):
        Library(client.parent, embedder).check(SLUG)


def edition(tmp_path: Path, litres: int) -> Path:
    """Another edition of the washer's manual."""
    (tmp_path / f"{litres}").mkdir(exist_ok=True)
    return small_manual(tmp_path / f"{litres}" / WASHER, litres=litres)


def opened(client: Path) -> Collection:
    """The version in service."""
    folder = current_version(client)
    assert folder is not None
    return Collection(folder)


def litres(client: Path) -> int:
    """Litres of the washer's edition in service."""
    (text,) = [p.text for p in opened(client).of_manual(WASHER) if "litres" in p.text]
    return int(text.split()[-2])


def traces(client: Path, *words: str) -> list[Path]:
    """Files under the client's folder that hold one of these words, in a name or inside."""
    return [
        path
        for path in client.rglob("*")
        if any(
            w in path.name or (path.is_file() and w.encode() in path.read_bytes()) for w in words
        )
    ]


def contents(client: Path) -> list[object]:
    """Everything that answers depend on."""
    collection = opened(client)
    vectors = [
        collection.similarities(np.eye(384, dtype=np.float32)[i], list(collection.position))
        for i in range(3)
    ]
    return [list(collection.passages), vectors, [m.product for m in collection.manuals]]


# --- deleted ----------------------------------------------------------------------------------


def test_deleted_manual_leaves_no_trace(
    settings: Settings, client: Path, clients: ClientStore, tmp_path: Path, embedder: Remembered
) -> None:
    """Not in the version before, nor in another edition, nor in the list; the other one answers."""
    ingest(client, [edition(tmp_path, 9)], embedder)  # the version before holds the oven too
    set_product(client, OVEN, ProductEdit(brand="Zanzibar"))
    assert traces(client, MARK, OVEN)
    left = forget_manuals(settings, clients, SLUG, [OVEN])
    assert [entry.file for entry in left] == [WASHER]
    assert traces(client, MARK, "Zanzibar", OVEN, "FT200") == []
    assert [manual.file_name for manual in clients.manuals(SLUG)] == [WASHER]
    assert len(list((client / "index" / "parts").iterdir())) == 1
    assert litres(client) == 9


def test_question_under_way_ends_well_while_its_manual_is_deleted(
    client: Path, embedder: Remembered
) -> None:
    """An open index answers on; the next question is answered without the manual."""
    library = Library(client.parent, embedder)
    try:
        shelf = library.shelf(SLUG)
        forget(client, [OVEN])
        assert "Rincez le filtre" in shelf.answer(Inquiry(CODE)).text
        assert shelf.retriever.collection.of_manual(OVEN)
        assert {e.manual for e in library.ask(SLUG, CODE).evidence} <= {WASHER}
        assert {m.file for m in library.shelf(SLUG).retriever.collection.manuals} == {WASHER}
    finally:
        library.close()


def test_last_manual_deleted(
    settings: Settings, client: Path, clients: ClientStore, embedder: Remembered
) -> None:
    """Nothing but the lock and the pointer stays, nothing is in service, a new one may come."""
    assert forget_manuals(settings, clients, SLUG, [WASHER, OVEN]) == []
    assert sorted(p.name for p in client.rglob("*") if p.is_file()) == ["CURRENT", "LOCK"]
    assert clients.manuals(SLUG) == ()
    library = Library(client.parent, embedder)
    with pytest.raises(IndexMissingError, match="has no manual yet"):
        library.ask(SLUG, CODE)
    library.close()
    assert reindex(client, embedder) == []
    assert ingest(client, [], embedder) == []


def test_unknown_manual_is_told(client: Path) -> None:
    """Nothing changes, even if the other name is right."""
    before = current_version(client)
    with pytest.raises(ManualMissingError) as caught:
        forget(client, [WASHER, "autre.pdf"])
    assert str(caught.value) == (
        "marque n'a pas de notice autre.pdf en service (en service : zx100.pdf, ft200.pdf) ; "
        "vérifiez le nom du fichier."
    )
    assert current_version(client) == before


# --- corrected by hand ------------------------------------------------------------------------


def test_corrected_product_names_the_passages(client: Path, embedder: Remembered) -> None:
    """At once, without a vector made; the caller's words for it are understood."""
    parts = {path.name: path.stat().st_mtime_ns for path in (client / "index" / "parts").iterdir()}
    entry = set_product(client, OVEN, ProductEdit(references=("QQ77", "QQ78")))
    assert (entry.product.name, entry.found and entry.found.name) == ("four QQ77", "four FT200")
    assert {p.product for p in opened(client).of_manual(OVEN)} == {"four QQ77"}
    library = Library(client.parent, embedder)
    try:
        assert library.ask(SLUG, "mon QQ77 affiche E2").product == "four QQ77"
    finally:
        library.close()
    after = {path.name: path.stat().st_mtime_ns for path in (client / "index" / "parts").iterdir()}
    assert after == parts


def test_correction_survives_new_edition_and_reindexing(
    client: Path, tmp_path: Path, embedder: Remembered
) -> None:
    """One value after the other; what was read comes back when the edits are dropped."""
    set_product(client, WASHER, ProductEdit(references=("QQ77",)))
    set_product(client, WASHER, ProductEdit(appliance="sèche-linge"))
    ingest(client, [edition(tmp_path, 9)], embedder)
    assert (litres(client), opened(client).of_manual(WASHER)[0].product) == (9, "sèche-linge QQ77")
    reindex(client, embedder)
    assert opened(client).of_manual(WASHER)[0].product == "sèche-linge QQ77"
    assert set_product(client, WASHER, None).product.name == "lave-linge ZX100"
    assert read_edits(client) == {}


def test_correction_of_an_older_installation_is_brought_in(
    client: Path, embedder: Remembered
) -> None:
    """It stood beside the index, not in a version: the next ingestion takes it, reading no file."""
    folder = current_version(client)
    assert folder is not None
    (folder / "edits.json").unlink()
    edits = {WASHER: {"appliance": "cave à vin", "references": None, "brand": None}}
    (client / "products.json").write_text(json.dumps(edits), "utf-8")
    assert is_stale(client, [], embedder.name)
    stages: list[str] = []
    ingest(client, [], embedder, lambda stage, *_: stages.append(stage))
    assert opened(client).of_manual(WASHER)[0].product == "cave à vin ZX100"
    assert not (client / "products.json").exists()
    assert read_edits(client)[WASHER].product == ProductEdit(appliance="cave à vin")
    assert not [stage for stage in stages if stage.startswith("reading ")]


# --- made again -------------------------------------------------------------------------------


def test_reindexing_gives_the_same_index(client: Path, embedder: Remembered) -> None:
    """Same passages in the same order, same vectors, same products; all files are read."""
    set_product(client, OVEN, ProductEdit(references=("QQ77",)))
    before, stages = contents(client), []
    reindex(client, embedder, lambda stage, *_: stages.append(stage))
    assert contents(client) == before
    assert {f"reading {WASHER}", f"reading {OVEN}"} <= set(stages)


def test_flat_files_are_made_again_from_chroma(client: Path) -> None:
    """To the same bytes, when the index is opened."""
    folder = current_version(client)
    assert folder is not None
    before, files = contents(client), (folder / "search" / "vectors.npy").read_bytes()
    shutil.rmtree(folder / "search")
    assert contents(client) == before
    assert (folder / "search" / "vectors.npy").read_bytes() == files


def test_index_of_the_old_format_answers_and_is_made_again(
    client: Path, embedder: Remembered
) -> None:
    """One Chroma for all manuals and the passages, within the version; files in `manuals`."""
    folder = current_version(client)
    assert folder is not None
    before, (model, entries) = list(opened(client).passages), read_meta(folder)
    (_, first), (_, second) = ((m, client / "index" / "parts" / m.part) for m in entries)
    shutil.rmtree(folder / "search")
    (first / "chroma").rename(folder / "chroma")  # of one manual, which is enough here
    (first / "passages.jsonl").rename(folder / "passages.jsonl")
    shutil.rmtree(second.parent)
    meta = {"embedder": model, "manuals": [{
        "file": WASHER, "sha256": entries[0].sha256, "pages": 2, "languages": ["fr"], "passages": 5,
        "product": {"appliance": "lave-linge", "references": ["ZX100"]},
    }]}  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta), "utf-8")
    stored_file(client, entries[0]).rename(client / "manuals" / WASHER)
    assert read_format(folder) == 1
    assert list(opened(client).passages) == [p for p in before if p.manual == WASHER]
    with pytest.raises(IndexMissingError, match="reindex marque"):
        forget(client, [WASHER])
    assert [entry.file for entry in reindex(client, embedder)] == [WASHER]
    assert read_format(current_version(client) or Path()) == FORMAT
    assert stored_file(client, in_service(client)[0]) != client / "manuals" / WASHER


# --- killed -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def killer(
    published: Path, tmp_path_factory: pytest.TempPathFactory, embedder: Remembered
) -> Iterator[subprocess.Popen[str]]:
    """A process that makes changes in children of its own, each killed where it is told."""
    folder = tmp_path_factory.mktemp("killed")
    for count in (6, 9):
        ingest(folder / "learn", [edition(folder, count)], embedder)
    command = [sys.executable, "-c", CHILD, str(embedder.save(folder / "known.npz"))]
    child = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield child
    child.communicate(timeout=20)


@pytest.mark.parametrize("what", STEPS)
def test_killed_at_a_file_operation(
    what: str, published: Path, tmp_path: Path, killer: subprocess.Popen[str], embedder: Remembered
) -> None:
    """The old or the new version is in service, whole; the list follows; the next attempt works."""
    assert killer.stdin is not None and killer.stdout is not None
    new = edition(tmp_path, 9)
    seen: list[str] = []
    for left in range(0, 1_000, STEPS[what]):
        home = tmp_path / "home"
        shutil.copytree(published, home)
        killer.stdin.write(f"{home}\t{what}\t{new}\t{left}\n")
        killer.stdin.flush()
        status = int(killer.stdout.readline())
        assert status in (0, 9)
        settings = load_settings(home=home, embedding=embedder.name)
        state = _state(settings)
        assert state in _states(what)
        seen.append(state)
        if status == 0 or len(seen) % 8 == 1:
            _again(settings, what, new, embedder)
            assert _state(settings) == _states(what)[-1]
            if what == "forget":
                assert traces(settings.data_dir / "clients" / SLUG, MARK, OVEN) == []
        shutil.rmtree(home)
        if status == 0:
            break
    assert status == 0
    assert len(seen) > 5
    assert seen == sorted(seen, key=_states(what).index)  # once new, never old again


def _states(what: str) -> list[str]:
    old = "6 litres, four FT200"
    return {
        "ingest": [old, "9 litres, four FT200"],
        "forget": [old, "6 litres, no oven"],
        "product": [old, "6 litres, four QQ77"],
        "reindex": [old],
    }[what]


def _state(settings: Settings) -> str:
    """What is in service, once it is sure that all its parts agree and the list with it."""
    client = settings.data_dir / "clients" / SLUG
    collection = opened(client)
    for entry in collection.manuals:
        assert len(collection.of_manual(entry.file)) == entry.passages
        assert stored_file(client, entry).is_file()
    best = collection.nearest(np.eye(384, dtype=np.float32)[0], 100, language="fr")
    assert len(best) == len(collection.passages)
    database = open_database(settings)
    store = ClientStore(database)
    reconcile(settings, store, SLUG)
    listed = {m.file_name: (m.sha256, m.product_title) for m in store.manuals(SLUG)}
    database.close()
    assert listed == {m.file: (m.sha256, m.product.name) for m in collection.manuals}
    oven = [m.product.name for m in collection.manuals if m.file == OVEN]
    return f"{litres(client)} litres, {oven[0] if oven else 'no oven'}"


def _again(settings: Settings, what: str, new: Path, embedder: Remembered) -> None:
    client = settings.data_dir / "clients" / SLUG
    if what == "ingest":
        ingest(client, [new], embedder)
    elif what == "reindex":
        reindex(client, embedder)
    elif what == "product":
        set_product(client, OVEN, ProductEdit(references=("QQ77",)))
    elif OVEN in {entry.file for entry in in_service(client)}:
        forget(client, [OVEN])
    else:  # the next writer, whatever it writes, sweeps away what the killed one left
        set_product(client, WASHER, ProductEdit(brand="Marque", appliance="lave-linge "))
        set_product(client, WASHER, None)


# --- the disk ---------------------------------------------------------------------------------

LIMITED = """
import resource, sys
from pathlib import Path
from knowledge.ingest import ingest
from knowledge.versions import IndexWriteError
from tests.remembered import Remembered

embedder = Remembered(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    ingest(Path(sys.argv[2]), [Path(sys.argv[3])], embedder)
except IndexWriteError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [0, 1_000, 60_000, 200_000])
def test_disk_full(
    limit: int, client: Path, tmp_path: Path, killer: object, embedder: Remembered
) -> None:
    """No file can grow beyond a limit: one sentence, the old edition in service, no rubbish."""
    new = edition(tmp_path, 9)
    known = embedder.save(tmp_path / "known.npz")
    before = sorted(str(path) for path in client.rglob("*"))
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, known, client, new, str(limit)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    (line,) = ended.stdout.splitlines()
    assert line.startswith("L'index de marque ne peut pas être écrit (")
    assert "les notices en service n'ont pas changé" in line
    assert litres(client) == 6
    assert sorted(str(path) for path in client.rglob("*")) == before


def test_folder_that_may_not_be_written(client: Path, embedder: Remembered) -> None:
    """The sentence names the folder; questions are answered."""
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    for path in (client, *client.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        with pytest.raises(IndexWriteError, match=str(client)):
            forget(client, [OVEN])
        assert litres(client) == 6
    finally:
        for path in (client, *client.rglob("*")):
            path.chmod(0o700)
