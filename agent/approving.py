"""Puts approved answers in service: first in the database, then where callers are answered."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from agent.privacy.masking import masked
from agent.store.faq import Faq, FaqStore, NewFaq
from knowledge.approved import ApprovedAnswer, parts_said, read_approved
from knowledge.library import Library

logger = logging.getLogger(__name__)


class Approving:
    """The approved answers of all clients, kept and in service. Blocks (25 ms a new question)."""

    def __init__(self, store: FaqStore, library: Library) -> None:
        self._store = store
        self._library = library
        self._publishing = threading.Lock()

    def list(self, slug: str) -> tuple[Faq, ...]:
        """The client's answers, the oldest first.

        Raises:
            UnknownClientError: There is no such client.
        """
        return self._store.list(slug)

    def add(self, slug: str, new: NewFaq, by: str) -> Faq:
        """Keep an answer and have callers hear it from now on.

        Raises:
            UnknownClientError: There is no such client.
            FaqRefusedError: It cannot be kept so; nothing has changed then.
            IndexWriteError: It is kept, but cannot be put in service.
        """
        made = self._store.add(slug, without_names(new), by)
        self.publish(slug)
        return made

    def change(self, slug: str, faq_id: str, new: NewFaq, by: str) -> Faq:
        """Keep other words for an answer, heard from now on; raises as `add`, and NotKeptError."""
        made = self._store.change(slug, faq_id, without_names(new), by)
        self.publish(slug)
        return made

    def remove(self, slug: str, faq_id: str) -> Faq:
        """Answer so no more.

        Raises:
            NotKeptError: The client has no such answer.
            IndexWriteError: It is removed, but callers may hear it until the next start.
        """
        gone = self._store.remove(slug, faq_id)
        self.publish(slug)
        return gone

    def publish(self, slug: str) -> None:
        """Have callers answered from what is kept.

        Raises:
            IndexWriteError: It cannot be written; what was in service still is.
        """
        with self._publishing:  # of two at once, the last one to write has read both
            self._library.approve(slug, [approved(one) for one in self._store.list(slug)])

    def reconcile(self, slugs: Iterable[str]) -> None:
        """Put in service what is kept, where a process died between the two or models changed."""
        for slug in slugs:
            try:
                kept = tuple(approved(one) for one in self._store.list(slug))
                found = self._library.approved(slug)
                if kept != (() if found is None else found.answers):
                    self.publish(slug)
            except Exception:
                logger.exception("the approved answers of %s cannot be put in service", slug)


def is_behind(store: FaqStore, client_dir: Path, slug: str) -> bool:
    """Whether the file of a client's answers in service says anything else than is kept."""
    found = read_approved(client_dir)
    return found is not None and found.answers != tuple(map(approved, store.list(slug)))


def approved(faq: Faq) -> ApprovedAnswer:
    """What callers are answered from."""
    new = faq.new
    return ApprovedAnswer(
        faq.number, new.question, new.variants, parts_said(new.answer), new.appliance, new.models
    )


def without_names(new: NewFaq) -> NewFaq:
    """Callers' words without what is their own: numbers, names, addresses."""
    variants = tuple(masked(text) for text in new.variants)
    return NewFaq(new.question, new.answer, variants, new.appliance, new.models)
