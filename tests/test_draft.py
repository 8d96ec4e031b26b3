"""What a client prepares: no caller notices, then all at once; killed all along.

The process that is killed is a real one, as in `test_lifecycle`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knowledge.answer import Inquiry
from knowledge.code_edits import CodeEdit
from knowledge.collection import Collection
from knowledge.difference import Change
from knowledge.draft import (
    DraftChangedError,
    NothingPreparedError,
    correct_code,
    correct_product,
    discard,
    draft_name,
    drafted,
    erase_previous,
    pending,
    publish_draft,
    remove,
    restore,
    roll_back,
)
from knowledge.errors import DocumentError, IndexMissingError
from knowledge.hand_edits import ProductEdit
from knowledge.ingest import ingest
from knowledge.library import Library
from knowledge.lifecycle import forget, in_service, set_product
from knowledge.pointers import draft_version, has_draft, previous_version
from knowledge.prepare import prepare
from knowledge.stored_passages import found_codes
from knowledge.versions import ManualMissingError, current_version, stored_file
from tests.builders import small_manual
from tests.remembered import Remembered

ROOT = Path(__file__).parents[1]
SLUG = "marque"
WASHER, OVEN, HOB = "zx100.pdf", "ft200.pdf", "tg60.pdf"
CODE = "mon four affiche E2"
MARK = "Garantie Zanzibar"
"""Words of the oven's manual alone."""

STEPS = {"prepare": 23, "publish": 3, "back": 3, "correct": 8}
"""File operations from one kill to the next."""

CHILD = """
import os, signal, sys
from pathlib import Path

from knowledge.code_edits import CodeEdit
from knowledge.draft import correct_code, publish_draft, roll_back
from knowledge.prepare import prepare
from tests.remembered import Remembered

embedder = Remembered(Path(sys.argv[1]))
CHANGES = ("open", "os.", "shutil.")

def change(client, what, file):
    if what == "prepare":
        prepare(client, file, embedder)
    elif what == "publish":
        publish_draft(client, embedder.name)
    elif what == "back":
        roll_back(client, embedder.name)
    elif what == "correct":
        correct_code(client, "ft200.pdf", CodeEdit("E2", "Filtre encrassé", hidden=True))

def count_down(client, left):
    def hook(event, arguments):
        nonlocal left
        if event.startswith(CHANGES) and any(str(client) in str(a) for a in arguments):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

for line in sys.stdin:
    client, what, file, left = line.rstrip().split("\\t")
    child = os.fork()
    if not child:
        count_down(client, int(left))
        change(Path(client), what, Path(file))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture(scope="module")
def embedder() -> Remembered:
    """The small model."""
    return Remembered()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, embedder: Remembered) -> Path:
    """A client with two manuals in service, to be copied."""
    folder = tmp_path_factory.mktemp("clients") / SLUG
    files = tmp_path_factory.mktemp("files")
    oven = small_manual(files / OVEN, title="Four FT200", litres=3, extra=[f"{MARK} : deux ans."])
    ingest(folder, [small_manual(files / WASHER), oven], embedder)
    return folder


@pytest.fixture
def client(published: Path, tmp_path: Path) -> Path:
    """The client's folder, of the test's own: washer (six litres) and oven are in service."""
    shutil.copytree(published, tmp_path / "clients" / SLUG)
    return tmp_path / "clients" / SLUG


@pytest.fixture
def library(client: Path, embedder: Remembered) -> Iterator[Library]:
    """What answers its callers."""
    opened = Library(client.parent, embedder)
    yield opened
    opened.close()


def edition(tmp_path: Path, litres: int) -> Path:
    """Another edition of the washer's manual."""
    (tmp_path / f"{litres}").mkdir(exist_ok=True)
    return small_manual(tmp_path / f"{litres}" / WASHER, litres=litres)


def litres(folder: Path | None) -> int:
    """Litres of the washer's edition in a version."""
    assert folder is not None
    (text,) = [p.text for p in Collection(folder).of_manual(WASHER) if "litres" in p.text]
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


# --- prepared, published, gone back -----------------------------------------------------------


def test_a_draft_answers_whoever_tries_it_and_no_caller(
    client: Path, library: Library, tmp_path: Path, embedder: Remembered
) -> None:
    """Until it is published; then callers are answered from it, and one may go back."""
    assert library.draft_shelf(SLUG) is library.shelf(SLUG)
    entry = prepare(client, edition(tmp_path, 9), embedder)
    assert (entry.file, entry.passages) == (WASHER, 5)
    assert (litres(current_version(client)), litres(draft_version(client))) == (6, 9)
    asked = Inquiry("combien de litres d'eau consomme le programme rapide de mon lave-linge")
    assert "6 litres" in library.answer(SLUG, asked).evidence[0].text
    assert "9 litres" in library.answer(SLUG, asked, draft=True).evidence[0].text
    changed = publish_draft(client, embedder.name, draft_name(client))
    assert (changed.added, changed.replaced, changed.removed) == ((), (WASHER,), ())
    assert "9 litres" in library.answer(SLUG, asked).evidence[0].text
    assert not has_draft(client)
    assert roll_back(client, embedder.name).replaced == (WASHER,)
    assert "6 litres" in library.answer(SLUG, asked).evidence[0].text
    assert roll_back(client, embedder.name).replaced == (WASHER,)  # and forth again
    assert litres(current_version(client)) == 9


def test_first_manual_of_a_client(tmp_path: Path, embedder: Remembered) -> None:
    """Nothing is in service until it is published; then there is no version to go back to."""
    client = tmp_path / SLUG
    prepare(client, small_manual(tmp_path / WASHER), embedder)
    assert current_version(client) is None
    assert in_service(client) == []
    assert [entry.file for entry in drafted(client)] == [WASHER]
    assert ingest(client, [], embedder) == []  # what is only in the draft is not put in service
    changed = publish_draft(client, embedder.name)
    assert (changed.added, changed.passages_before, changed.passages_after) == ((WASHER,), 0, 5)
    assert litres(current_version(client)) == 6
    with pytest.raises(NothingPreparedError):
        roll_back(client, embedder.name)
    with pytest.raises(NothingPreparedError):
        publish_draft(client, embedder.name)


def test_nothing_that_did_not_change_is_read_again(
    client: Path, tmp_path: Path, embedder: Remembered
) -> None:
    """The same file makes no draft; one that was removed comes back without being read."""
    stages: list[str] = []
    (washer,) = [m for m in in_service(client) if m.file == WASHER]
    prepare(client, stored_file(client, washer), embedder, lambda s, *_: stages.append(s))
    assert not has_draft(client)
    remove(client, [WASHER])
    assert [entry.file for entry in drafted(client)] == [OVEN]
    prepare(client, stored_file(client, washer), embedder, lambda s, *_: stages.append(s))
    assert not has_draft(client)
    assert set(stages) == {"writing"}
    assert pending(client).is_empty


def test_a_file_that_is_no_manual_leaves_the_draft_as_it_was(
    client: Path, tmp_path: Path, embedder: Remembered
) -> None:
    """One sentence; nothing of it stays."""
    prepare(client, edition(tmp_path, 9), embedder)
    before = draft_name(client)
    broken = tmp_path / "cassé.pdf"
    broken.write_bytes(b"%PDF-1.4 puis rien")
    with pytest.raises(DocumentError, match=r"cassé\.pdf n'est pas un PDF lisible"):
        prepare(client, broken, embedder)
    assert draft_name(client) == before
    assert traces(client, "cassé") == []
    assert [p.name for p in (client / "preparing").iterdir()] == ["LOCK"]


def test_removed_manual_is_gone_after_the_next_publication_or_on_demand(
    client: Path, tmp_path: Path, embedder: Remembered
) -> None:
    """One may go back to it; then nothing of it stays on the disk."""
    remove(client, [OVEN])
    assert {m.file for m in in_service(client)} == {WASHER, OVEN}
    changed = publish_draft(client, embedder.name)
    assert changed.removed == (OVEN,)
    assert changed.codes_removed == (
        (OVEN, "E1 : Porte mal fermée"), (OVEN, "E2 : Filtre encrassé"),
    )  # fmt: skip
    assert traces(client, MARK)
    home = shutil.copytree(client, tmp_path / "copy" / SLUG)
    erase_previous(client)
    assert traces(client, MARK, OVEN, "FT200") == []
    assert previous_version(client) is None
    prepare(home, edition(tmp_path, 9), embedder)
    publish_draft(home, embedder.name)
    assert traces(home, MARK, OVEN, "FT200") == []


def test_all_manuals_removed(client: Path, library: Library, embedder: Remembered) -> None:
    """A draft of nothing: callers are answered until it is published, and again afterwards."""
    remove(client, [WASHER, OVEN])
    assert drafted(client) == []
    with pytest.raises(IndexMissingError):
        library.answer(SLUG, Inquiry(CODE), draft=True)
    assert library.answer(SLUG, Inquiry(CODE)).evidence
    publish_draft(client, embedder.name)
    with pytest.raises(IndexMissingError):
        library.answer(SLUG, Inquiry(CODE))
    roll_back(client, embedder.name)
    assert library.answer(SLUG, Inquiry(CODE)).evidence


def test_draft_that_was_looked_at_is_the_one_published(
    client: Path, tmp_path: Path, embedder: Remembered
) -> None:
    """Somebody else changed it meanwhile: it is said, and nothing is published."""
    prepare(client, edition(tmp_path, 9), embedder)
    seen = draft_name(client)
    correct_product(client, OVEN, ProductEdit(brand="Autre"))
    with pytest.raises(DraftChangedError):
        publish_draft(client, embedder.name, seen)
    assert litres(current_version(client)) == 6
    discard(client)
    assert (has_draft(client), litres(draft_version(client))) == (False, 6)
    assert traces(client, "9 litres") == []


def test_one_manual_is_given_back(client: Path, tmp_path: Path, embedder: Remembered) -> None:
    """As it is in service, its corrections too; a new one leaves the draft."""
    prepare(client, small_manual(tmp_path / HOB, title="Table TG60"), embedder)
    correct_product(client, OVEN, ProductEdit(references=("QQ77",)))
    remove(client, [WASHER])
    restore(client, WASHER)
    restore(client, OVEN)
    assert pending(client).added == (HOB,)
    assert pending(client).products == ()
    restore(client, HOB)
    assert not has_draft(client)
    remove(client, [WASHER, OVEN])
    restore(client, OVEN)  # cause: a draft without any manual gave none back
    assert pending(client).removed == (WASHER,)
    restore(client, WASHER)
    assert not has_draft(client)
    with pytest.raises(ManualMissingError, match=r"Le brouillon n'a pas de notice autre\.pdf"):
        remove(client, ["autre.pdf"])


# --- corrected --------------------------------------------------------------------------------


def test_product_corrected_in_the_draft_alone(
    client: Path, library: Library, embedder: Remembered
) -> None:
    """Without a vector made; callers hear the new name once it is published."""
    correct_product(client, OVEN, ProductEdit(references=("QQ77",)))
    question = Inquiry("mon QQ77 affiche E2")
    assert library.answer(SLUG, question, draft=True).product == "four QQ77"
    assert library.answer(SLUG, question).product != "four QQ77"
    assert pending(client).products == (Change(OVEN, "four FT200", "four QQ77"),)
    publish_draft(client, embedder.name)
    assert library.answer(SLUG, question).product == "four QQ77"
    correct_product(client, OVEN, None)
    publish_draft(client, embedder.name)
    assert in_service(client)[1].product.name == "four FT200"


def test_code_hidden_and_given_back(client: Path, library: Library, embedder: Remembered) -> None:
    """It is no longer answered from, neither by its letters nor by its words; then it is again."""
    (_, oven) = drafted(client)
    edit = CodeEdit("E2", "Filtre encrassé", hidden=True)
    assert [(c.passage.code, c.edit) for c in found_codes(client, oven)] == [
        ("E1", None), ("E2", None),
    ]  # fmt: skip
    correct_code(client, OVEN, edit)
    assert library.answer(SLUG, Inquiry(CODE)).decision == "answer"
    assert library.answer(SLUG, Inquiry(CODE), draft=True).decision == "handoff"
    assert pending(client).codes_removed == ((OVEN, "E2 : Filtre encrassé"),)
    assert (pending(client).passages_before, pending(client).passages_after) == (11, 10)
    publish_draft(client, embedder.name)
    assert library.answer(SLUG, Inquiry(CODE)).decision == "handoff"
    assert library.answer(SLUG, Inquiry("mon lave-linge affiche E2")).decision == "answer"
    (_, oven) = in_service(client)
    assert [(c.passage.code, c.edit) for c in found_codes(client, oven)] == [
        ("E1", None), ("E2", edit),
    ]  # fmt: skip
    correct_code(client, OVEN, CodeEdit("E2", "Filtre encrassé"))
    publish_draft(client, embedder.name)
    assert library.answer(SLUG, Inquiry(CODE)).decision == "answer"


def test_code_corrected(
    client: Path, library: Library, tmp_path: Path, embedder: Remembered
) -> None:
    """Its letters and its meaning; a new edition of the file keeps the correction."""
    edit = CodeEdit("E2", "Filtre encrassé", new_code="F2", new_title="Résistance coupée")
    correct_code(client, WASHER, edit)
    prepare(client, edition(tmp_path, 9), embedder)
    publish_draft(client, embedder.name)
    assert litres(current_version(client)) == 9
    said = library.answer(SLUG, Inquiry("mon lave-linge affiche F2")).text
    assert "Le code F2 veut dire : résistance coupée. Rincez le filtre." in said
    assert library.answer(SLUG, Inquiry("mon lave-linge affiche E2")).decision == "handoff"


# --- beside the command line ------------------------------------------------------------------


def test_command_line_changes_the_draft_too(
    client: Path, tmp_path: Path, embedder: Remembered
) -> None:
    """What is ingested or forgotten at once is not undone by publishing an older draft."""
    prepare(client, small_manual(tmp_path / HOB, title="Table TG60"), embedder)
    ingest(client, [edition(tmp_path, 9)], embedder)
    set_product(client, OVEN, ProductEdit(references=("QQ77",)))
    assert litres(draft_version(client)) == 9
    assert pending(client).added == (HOB,)
    assert (pending(client).replaced, pending(client).products) == ((), ())
    forget(client, [OVEN])
    assert traces(client, MARK, "QQ77", OVEN) == []
    publish_draft(client, embedder.name)
    assert sorted(m.file for m in in_service(client)) == [HOB, WASHER]


# --- killed -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def killer(
    published: Path, tmp_path_factory: pytest.TempPathFactory, embedder: Remembered
) -> Iterator[subprocess.Popen[str]]:
    """A process that makes changes in children of its own, each killed where it is told."""
    folder = tmp_path_factory.mktemp("killed")
    ingest(folder / "learn", [edition(folder, 9)], embedder)
    command = [sys.executable, "-c", CHILD, str(embedder.save(folder / "known.npz"))]
    child = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield child
    child.communicate(timeout=20)


START = {"prepare": "6/6", "publish": "6/9", "back": "9/9", "correct": "6/6"}
END = {"prepare": "6/9", "publish": "9/9", "back": "6/6", "correct": "6/6 hidden"}


@pytest.mark.parametrize("what", STEPS)
def test_killed_at_a_file_operation(
    what: str, client: Path, tmp_path: Path, killer: subprocess.Popen[str], embedder: Remembered
) -> None:
    """Callers and draft have a whole version each, the old or the new; the next attempt works."""
    assert killer.stdin is not None and killer.stdout is not None
    new = edition(tmp_path, 9)
    if what in ("publish", "back"):
        prepare(client, new, embedder)
    if what == "back":
        publish_draft(client, embedder.name)
    seen: list[str] = []
    for left in range(0, 1_000, STEPS[what]):
        home = shutil.copytree(client, tmp_path / "killed" / SLUG)
        killer.stdin.write(f"{home}\t{what}\t{new}\t{left}\n")
        killer.stdin.flush()
        status = int(killer.stdout.readline())
        assert status in (0, 9)
        seen.append(_state(home))
        if status == 0 or len(seen) % 6 == 1:
            _again(home, what, new, embedder)
            assert _state(home) == END[what]
        shutil.rmtree(home)
        if status == 0:
            break
    assert status == 0
    assert set(seen) <= {START[what], END[what]}
    assert seen == sorted(seen, key=[START[what], END[what]].index)  # once new, never old again
    assert len(seen) > 3


def _state(client: Path) -> str:
    """Litres in service and in the draft, once it is sure that each version is whole."""
    for folder in (current_version(client), draft_version(client), previous_version(client)):
        if folder is None:
            continue
        collection = Collection(folder)
        for entry in collection.manuals:
            hidden = sum(edit.hidden for edit in entry.codes)
            assert len(collection.of_manual(entry.file)) == entry.passages - hidden
            assert stored_file(client, entry).is_file()
        best = collection.nearest(np.eye(384, dtype=np.float32)[0], 100, language="fr")
        assert len(best) == len(collection.passages)
    hidden = any(entry.codes for entry in drafted(client))
    shown = f"{litres(current_version(client))}/{litres(draft_version(client))}"
    return shown + " hidden" * hidden


def _again(client: Path, what: str, new: Path, embedder: Remembered) -> None:
    if what == "prepare":
        prepare(client, new, embedder)
        assert [path.name for path in (client / "preparing").iterdir()] == ["LOCK"]
    elif what == "publish" and has_draft(client):
        publish_draft(client, embedder.name)
    elif what == "back" and litres(current_version(client)) == 9:
        roll_back(client, embedder.name)
    elif what == "correct":
        correct_code(client, OVEN, CodeEdit("E2", "Filtre encrassé", hidden=True))
