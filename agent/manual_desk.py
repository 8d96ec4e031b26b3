"""A client's manuals as its people work on them: files come in, are prepared, are published.

Files are prepared one after the other, all clients together, each in a process of its own that
takes only the processor time that calls leave. What was received is in the database and on the disk
before it is acknowledged: a start of the service goes on where the one before ended.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from agent.models import path as model_path
from agent.preparing import Task
from agent.settings import Settings
from agent.store.audit import AuditStore
from agent.store.database import NotKeptError
from agent.store.manual_work import (
    SHOWN,
    Kind,
    ManualWork,
    Publication,
    State,
    Upload,
    new_id,
)
from agent.store.users import User
from knowledge.code_edits import CodeEdit
from knowledge.difference import Difference
from knowledge.documents.reader import ROOT, child_environment
from knowledge.draft import (
    correct_code,
    correct_product,
    discard,
    erase_previous,
    publish_draft,
    remove,
    restore,
    roll_back,
)
from knowledge.hand_edits import ProductEdit
from knowledge.vault import vault_of
from knowledge.versions import current_version

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 2
"""How often a file's reading is begun before it counts as interrupted."""

STOP_S = 5.0
ARRIVING = "arriving.part"
"""Name of a file while it is received."""

By = User | str
"""Who does something: somebody signed in, or the name of another (a token, the command line)."""


@dataclass(frozen=True)
class Step:
    """How far a file is.

    Attributes:
        stage: "loading", "reading" (pages), "embedding" (texts) or "writing".
        done, total: Of that stage.
    """

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Arriving:
    """A file that is being received.

    Attributes:
        upload: What it will be kept as; without checksum and size yet.
        file: Where it is written.
    """

    upload: Upload
    file: Path


class ManualDesk:
    """The manuals of all clients; thread-safe, blocks unless it says so.

    Attributes:
        work: What is kept of uploads and publications.
    """

    def __init__(
        self, settings: Settings, work: ManualWork, audit: AuditStore,
        changed: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Go on with what an earlier process left.

        Args:
            settings: Of the installation.
            work: The store.
            audit: The log.
            changed: Called with a client whose manuals in service have changed.
        """
        self.work = work
        self._settings, self._audit, self._changed = settings, audit, changed
        self._steps: dict[str, Step] = {}
        self._revisions: Counter[str] = Counter()
        self._wake, self._closing = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._child_of = ""
        self._recover()
        self._thread = threading.Thread(target=self._run, name="manuals")
        self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """Stop; what is under way is begun again by the next start."""
        self._closing.set()
        self._wake.set()
        self._end_child()
        self._thread.join()

    def folder(self, slug: str) -> Path:
        """A client's folder."""
        return self._settings.data_dir / "clients" / slug

    def revision(self, slug: str) -> int:
        """A number that changes with whatever a page shows of a client; does not block."""
        return self._revisions[slug]

    def step(self, upload_id: str) -> Step | None:
        """How far a file is, None where it is not being read; does not block."""
        return self._steps.get(upload_id)

    # --- files --------------------------------------------------------------------------------

    def begin(self, slug: str, file_name: str, by: By) -> Arriving:
        """Make room for a file that is about to be received."""
        user_id, who = (by.id, by.name) if isinstance(by, User) else ("", by)
        upload = Upload(new_id(), slug, file_name, "", 0, user_id, who, datetime.now(UTC))
        folder = self._room(upload)
        folder.mkdir(parents=True)
        return Arriving(upload, folder / ARRIVING)

    def received(self, arriving: Arriving, sha256: str, by: By) -> Upload:
        """Keep a file that has been written whole; it is prepared when its turn comes.

        Raises:
            UnknownClientError: There is no such client.
        """
        size, file = (
            arriving.file.stat().st_size,
            arriving.file.with_name(arriving.upload.file_name),
        )
        vault_of(file).keep(arriving.file, file)
        arriving.file.unlink()
        upload = replace(arriving.upload, sha256=sha256, size=size)
        self.work.add(upload)
        self._note("manual.uploaded", by, upload.client, upload.file_name, size=upload.size)
        self._look(upload.client)
        self._wake.set()
        return upload

    def drop(self, arriving: Arriving) -> None:
        """Forget a file that did not arrive."""
        shutil.rmtree(arriving.file.parent, ignore_errors=True)

    def add(self, slug: str, file: Path, by: By) -> Upload:
        """Keep a copy of a file of this machine, as if it had been sent."""
        arriving = self.begin(slug, file.name, by)
        shutil.copyfile(file, arriving.file)
        with arriving.file.open("rb") as handle:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        return self.received(arriving, sha256, by)

    def cancel(self, slug: str, upload_id: str, by: By) -> None:
        """Take a file back, or off the list where it was refused.

        Raises:
            NotKeptError: The client has no such file, or it is in the draft.
        """
        upload = self.work.change(slug, upload_id, "cancelled", of=(*SHOWN, "cancelled"))
        self._end_child(upload_id)
        shutil.rmtree(self._room(upload), ignore_errors=True)
        self._note("manual.upload_cancelled", by, slug, upload.file_name)
        self._look(slug)

    def try_again(self, slug: str, upload_id: str, by: By) -> None:
        """Prepare a file again whose preparation was interrupted.

        Raises:
            NotKeptError: The client has no such file whose preparation was interrupted.
        """
        upload = self.work.change(
            slug, upload_id, "queued", of=("interrupted",), attempts=0, refusal=""
        )
        self._note("manual.upload_retried", by, slug, upload.file_name)
        self._look(slug)
        self._wake.set()

    # --- the draft ----------------------------------------------------------------------------

    def remove(self, slug: str, names: Sequence[str], by: By) -> None:
        """Take manuals out of the draft: see `knowledge.draft.remove`."""
        remove(self.folder(slug), names)
        self._drafted("manual.removed", by, slug, ", ".join(names))

    def restore(self, slug: str, name: str, by: By) -> None:
        """Have a manual in the draft as it is in service: see `knowledge.draft.restore`."""
        restore(self.folder(slug), name)
        self._drafted("manual.restored", by, slug, name)

    def correct_product(self, slug: str, name: str, edit: ProductEdit | None, by: By) -> None:
        """Correct a manual's appliance: see `knowledge.draft.correct_product`."""
        correct_product(self.folder(slug), name, edit)
        detail = {} if edit is None else {k: v for k, v in vars(edit).items() if v is not None}
        self._drafted("manual.product_corrected", by, slug, name, **detail)

    def correct_code(self, slug: str, name: str, edit: CodeEdit, by: By) -> None:
        """Hide or correct an error code: see `knowledge.draft.correct_code`."""
        correct_code(self.folder(slug), name, edit)
        self._drafted("manual.code_corrected", by, slug, name, **vars(edit))

    def discard(self, slug: str, by: By) -> None:
        """Drop the draft."""
        discard(self.folder(slug))
        self._drafted("manual.draft_discarded", by, slug, "")

    # --- published ----------------------------------------------------------------------------

    def publish(
        self, slug: str, by: By, expected: str = "", check: Mapping[str, Any] | None = None
    ) -> Difference:
        """Put the draft in service: see `knowledge.draft.publish_draft`.

        Args:
            slug: The client.
            by: Who publishes.
            expected: The draft that they looked at; "": whatever there is.
            check: How the test questions went: "asked", "failed".
        """
        changed = publish_draft(self.folder(slug), self._settings.embedding, expected)
        self._published("published", by, slug, changed, check or {})
        return changed

    def roll_back(self, slug: str, by: By) -> Difference:
        """Put the version before in service again: see `knowledge.draft.roll_back`."""
        changed = roll_back(self.folder(slug), self._settings.embedding)
        self._published("rolled_back", by, slug, changed, {})
        return changed

    def erase_previous(self, slug: str, by: By) -> None:
        """Delete the version before for good."""
        erase_previous(self.folder(slug))
        self._drafted("manual.previous_erased", by, slug, "")

    def _published(
        self, kind: Kind, by: By, slug: str, changed: Difference, check: Mapping[str, Any]
    ) -> None:
        version = current_version(self.folder(slug))
        name = version.name if version is not None else ""
        self._changed(slug)
        user_id, who = (by.id, by.name) if isinstance(by, User) else ("", by)
        self.work.published(
            Publication(
                new_id(), slug, datetime.now(UTC), kind, name, user_id, who, changed.as_json(),
                check,
            )
        )  # fmt: skip
        self._drafted(
            f"manual.{kind}", by, slug, "", added=list(changed.added),
            replaced=list(changed.replaced), removed=list(changed.removed), **check,
        )  # fmt: skip

    def _drafted(self, action: str, by: By, slug: str, subject: str, **detail: Any) -> None:
        self._note(action, by, slug, subject, **detail)
        self._look(slug)

    def _note(self, action: str, by: By, slug: str, subject: str, **detail: Any) -> None:
        user, who = (by, "") if isinstance(by, User) else (None, by)
        self._audit.note(action, user=user, who=who, client=slug, subject=subject, **detail)

    def _look(self, slug: str) -> None:
        self._revisions[slug] += 1

    # --- the work -----------------------------------------------------------------------------

    def _room(self, upload: Upload) -> Path:
        return self.folder(upload.client) / "drafts" / upload.upload_id

    def _recover(self) -> None:
        """Queue again what was under way; forget what never arrived whole."""
        waiting = self.work.waiting()
        for upload in waiting:
            if upload.state == "running":
                self._queue_again(upload)
        known = {
            self._room(one)
            for slug in {path.parents[1].name for path in self._rooms()}
            for one in self.work.shown(slug)
        }
        for room in self._rooms():
            if room not in known:
                shutil.rmtree(room, ignore_errors=True)

    def _rooms(self) -> list[Path]:
        return list((self._settings.data_dir / "clients").glob("*/drafts/*"))

    def _queue_again(self, upload: Upload) -> None:
        state: State = "queued" if upload.attempts < MOST_ATTEMPTS else "interrupted"
        self.work.change(upload.client, upload.upload_id, state, of=("running",))

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            while not self._closing.is_set():
                try:
                    waiting = [one for one in self.work.waiting() if one.state == "queued"]
                    if not waiting:
                        break
                    self._prepare(waiting[0])
                except Exception:  # the thread's boundary: the next file must not wait for ever
                    logger.exception("a manual could not be prepared")
                    if self._closing.wait(STOP_S):
                        break

    def _prepare(self, upload: Upload) -> None:
        slug, name = upload.client, upload.upload_id
        attempts = upload.attempts + 1
        with suppress(NotKeptError):  # on either side: it was taken back meanwhile
            upload = self.work.change(slug, name, "running", of=("queued",), attempts=attempts)
            self._settle(upload, self._prepared(upload))
        self._look(slug)

    def _prepared(self, upload: Upload) -> dict[str, Any]:
        """Have a file prepared while its steps are told; as `_in_child`."""
        slug, name = upload.client, upload.upload_id
        self._steps[name] = Step("loading", 0, 1)
        self._look(slug)
        try:
            return self._in_child(upload)
        finally:
            self._steps.pop(name, None)

    def _settle(self, upload: Upload, end: Mapping[str, Any]) -> None:
        """Keep what became of a file.

        Raises:
            NotKeptError: It was taken back.
        """
        slug, name = upload.client, upload.upload_id
        if "entry" in end:
            self.work.change(slug, name, "ready", of=("running",), **end["entry"])
        elif "refused" in end:
            refusal = str(end["refused"])
            self.work.change(slug, name, "refused", of=("running",), refusal=refusal)
        elif self._closing.is_set():
            return  # it is still « running »: the next start goes on
        else:
            self._queue_again(upload)
            logger.warning("%s: the preparation of a manual ended midway", slug)
            return
        shutil.rmtree(self._room(upload), ignore_errors=True)

    def _in_child(self, upload: Upload) -> dict[str, Any]:
        """Have a file prepared; the last that its process said, {} if it ended midway."""
        settings, model = self._settings, self._settings.embedding
        task = Task(
            data_dir=str(settings.data_dir.resolve()),
            client_dir=str(self.folder(upload.client).resolve()),
            file=str((self._room(upload) / upload.file_name).resolve()),
            model=model,
            model_dir=str(model_path(settings, model).resolve()),
            keys=tuple(key.secret.hex() for key in settings.data_keys),
        )
        with self._lock:
            if self._closing.is_set():
                return {}
            try:
                self._child = child = subprocess.Popen(
                    [sys.executable, "-m", "agent.preparing"], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, cwd=ROOT, env=child_environment(),
                    start_new_session=True,
                )  # fmt: skip
            except OSError:  # no memory or no process left: it is tried again
                logger.exception("a process that prepares a manual cannot be started")
                return {}
            self._child_of = upload.upload_id
        assert child.stdin is not None and child.stdout is not None
        end: dict[str, Any] = {}
        try:
            child.stdin.write(task.line())
            child.stdin.flush()
            end = self._follow(upload.upload_id, child.stdout)
        except (OSError, ValueError):
            logger.warning("the process that prepares a manual broke off")
        finally:
            with self._lock:
                self._child, self._child_of = None, ""
            child.stdin.close()
            child.stdout.close()
            child.wait()
        return end

    def _follow(self, upload_id: str, stream: IO[bytes]) -> dict[str, Any]:
        for line in stream:
            said: dict[str, Any] = json.loads(line)
            if "stage" not in said:
                return said
            self._steps[upload_id] = Step(said["stage"], said["done"], said["total"])
        return {}

    def _end_child(self, upload_id: str | None = None) -> None:
        with self._lock:
            if self._child is not None and upload_id in (None, self._child_of):
                self._child.kill()
