"""Asks a client's manuals: the one way in, for a call and for the command line alike."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from knowledge.answer import Answer, Inquiry, Sensed
from knowledge.approved import Approved, ApprovedAnswer, read_approved, stamp_of, write_approved
from knowledge.collection import Collection, ManualEntry, current_version
from knowledge.danger_sense import DangerSense
from knowledge.documents.picture import page_picture
from knowledge.draft import drafted
from knowledge.embeddings import Embedder
from knowledge.errors import IndexMissingError
from knowledge.evidence import calibration
from knowledge.ingest import Progress, ingest
from knowledge.lifecycle import in_service
from knowledge.llm import Writer
from knowledge.pointers import draft_version, has_draft
from knowledge.search_files import check_search_files
from knowledge.shelf import Shelf
from knowledge.versions import FORMAT, ManualMissingError, read_format, read_meta, stored_file


class Library:
    """All clients' manuals under one folder, opened when first asked; thread-safe.

    Attributes:
        embedder: The embedding model, loaded.
    """

    def __init__(self, root: Path, embedder: Embedder, *, writer: Writer | None = None) -> None:
        """Open no client yet.

        Args:
            root: Folder of the clients.
            embedder: The embedding model, loaded.
            writer: Puts answers in other words, each sentence checked; None says them as they
                stand in the manual.
        """
        self._root = root
        self.embedder = embedder
        self._writer = writer
        self._calibration = calibration(embedder.name)
        self._sense = DangerSense(embedder)
        self._open: dict[tuple[str, bool], Shelf] = {}
        self._retired: dict[tuple[str, bool], Shelf] = {}
        self._approved: dict[str, tuple[tuple[int, int] | None, Approved | None]] = {}
        self._approving = threading.Lock()
        self._lock = threading.Lock()

    def ask(self, slug: str, question: str, product: str | None = None) -> Answer:
        """What the client's manuals answer to one question by itself.

        Args:
            slug: The client.
            question: As the caller said it.
            product: Appliance already known in this call, as `Answer.product` named it.

        Raises:
            IndexMissingError: The client has no manual in service.
        """
        return self.answer(slug, Inquiry(question, product))

    def answer(self, slug: str, inquiry: Inquiry, *, draft: bool = False) -> Answer:
        """What the client's manuals answer within a conversation.

        Args:
            slug: The client.
            inquiry: The question.
            draft: Answer as after « Publier »: from the draft, or from what is in service where
                there is no draft. Callers are never answered so.

        Raises:
            IndexMissingError: The client has no manual there.
        """
        shelf = self.draft_shelf(slug) if draft else self.shelf(slug)
        return shelf.answer(inquiry, self.approved(slug))

    def approved(self, slug: str) -> Approved | None:
        """The answers that a person has written for the client's callers; None if there are none.

        Those of another embedding model are of no use until they are written again.
        """
        folder = self._root / slug
        stamp = stamp_of(folder)
        with self._lock:
            kept = self._approved.get(slug)
        if kept is None or kept[0] != stamp:
            kept = stamp, (None if stamp is None else read_approved(folder))
            with self._lock:
                self._approved[slug] = kept
        found = kept[1]
        return found if found is not None and found.embedder == self.embedder.name else None

    def approve(self, slug: str, answers: Sequence[ApprovedAnswer]) -> None:
        """Have these be the client's approved answers, from the next question on.

        Raises:
            IndexWriteError: They cannot be written; those before are still in service.
        """
        with self._approving:
            write_approved(self._root / slug, answers, self.embedder)

    def sense(self, readings: Sequence[str]) -> Sensed | None:
        """The danger in a caller's words as the recogniser read them (some 20 ms a reading)."""
        return self._sense.heard(readings)

    def shelf(self, slug: str) -> Shelf:
        """The client's manuals in service now; a newer version replaces an older one here.

        Raises:
            IndexMissingError: There are none, or the index is damaged or of another model.
        """
        return self._latest(slug, draft=False)

    def draft_shelf(self, slug: str) -> Shelf:
        """The client's manuals as they would be after « Publier »; as now where nothing changes.

        Its `folder.name` tells one draft from the next.

        Raises:
            IndexMissingError: There are none, or the draft is damaged or of another model.
        """
        if has_draft(self._root / slug):
            return self._latest(slug, draft=True)
        self._close_draft(slug)
        return self.shelf(slug)

    def _latest(self, slug: str, *, draft: bool) -> Shelf:
        try:
            return self._shelf(slug, draft)
        except IndexMissingError:
            # A newer version may just have taken the place of the one read.
            return self._shelf(slug, draft)

    def _shelf(self, slug: str, draft: bool) -> Shelf:
        folder = (draft_version if draft else current_version)(self._root / slug)
        if folder is None:
            raise IndexMissingError(
                f"The client {slug} has no manual yet; run `permanence ingest {slug} FILE.pdf`."
            )
        key = (slug, draft)
        with self._lock:
            shelf = self._open.get(key)
            if shelf is not None and shelf.folder == folder:
                return shelf
        opened = self._opened(folder)  # outside the lock: other clients' callers need not wait
        with self._lock:
            shelf = self._open.get(key)
            if shelf is not None and shelf.folder == folder:
                return shelf
            older = self._retired.pop(key, None)
            if older is not None:
                older.close()
            if shelf is not None:  # a question may still be in it: closed one version later
                self._retired[key] = shelf
            self._open[key] = opened
            return opened

    def _close_draft(self, slug: str) -> None:
        with self._lock:
            for shelves in (self._open, self._retired):
                shelf = shelves.pop((slug, True), None)
                if shelf is not None:
                    shelf.close()

    def check(self, slug: str) -> bool:
        """Read a client's index from the disk anew, as the next start of the service would.

        Calls go on with what they have open, whatever became of the files.

        Returns:
            Whether the client has manuals in service.

        Raises:
            IndexMissingError: The index is damaged, or of another version or model.
        """
        try:
            folder = current_version(self._root / slug)
            if folder is None:
                return False
            model, manuals = read_meta(folder)
            _check_format(folder)
            check_search_files(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexMissingError(f"The index cannot be read ({error}).") from error
        if model != self.embedder.name:
            raise IndexMissingError(f"The index was made with {model}.")
        return bool(manuals)

    def picture(
        self, slug: str, manual: str, page: int, text: str, *, draft: bool = False
    ) -> bytes:
        """A page of a client's manual as a PNG, a passage marked on it (blocks, ~0.4 s).

        Args:
            slug: The client.
            manual: File name of the manual.
            page: From 1.
            text: The passage; "" marks nothing.
            draft: Of the draft's manual, where there is a draft.

        Raises:
            ManualMissingError: The manual is not in service.
            DocumentError: It is no PDF, or the page cannot be drawn.
        """
        entry = self.manual(slug, manual, draft=draft)
        return page_picture(stored_file(self._root / slug, entry), page, text)

    def manual(self, slug: str, name: str, *, draft: bool = False) -> ManualEntry:
        """A manual of a client's, in service or (where there is one) in the draft.

        Raises:
            ManualMissingError: There is none of that file name.
            IndexMissingError: The index is damaged.
        """
        folder = self._root / slug
        there = drafted(folder) if draft else in_service(folder)
        entry = next((one for one in there if one.file == name), None)
        if entry is None:
            raise ManualMissingError(f"La notice {name} n'est pas en service.")
        return entry

    def add(
        self, slug: str, files: list[Path], progress: Progress | None = None
    ) -> list[ManualEntry]:
        """Add or replace manuals; returns those in service afterwards.

        Raises:
            DocumentError: A file cannot be read as a manual; nothing has changed then.
            IndexWriteError: The index cannot be written; nothing has changed then.
        """
        return ingest(self._root / slug, files, self.embedder, progress)

    def close(self) -> None:
        """Close every open index."""
        with self._lock:
            for shelf in (*self._open.values(), *self._retired.values()):
                shelf.close()
            self._open.clear()
            self._retired.clear()
        if self._writer is not None:
            self._writer.close()

    def _opened(self, folder: Path) -> Shelf:
        _check_format(folder)
        collection = Collection(folder)
        if collection.embedder != self.embedder.name:
            collection.close()
            raise IndexMissingError(
                f"The index was made with {collection.embedder}, the setting is "
                f"{self.embedder.name}; run `permanence reindex {folder.parent.parent.name}`, "
                "or set PERMANENCE_EMBEDDING back."
            )
        return Shelf(
            collection, self.embedder, self._calibration, self._writer, self._sense.danger_in
        )


def _check_format(folder: Path) -> None:
    try:
        made_by = read_format(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return  # what is damaged is said where it is opened
    if made_by != FORMAT:
        raise IndexMissingError(
            "The index was made by another version of permanence; run "
            f"`permanence reindex {folder.parent.parent.name}`, or start the service, which does."
        )
