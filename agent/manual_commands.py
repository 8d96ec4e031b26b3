"""What a command does at once to a client's manuals in service, and to the list of them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from agent.models import path as model_path
from agent.opening import open_vault
from agent.settings import Settings
from agent.store.clients import ClientStore, Manual
from knowledge.collection import ManualEntry
from knowledge.embeddings import load_embedder
from knowledge.errors import IndexMissingError
from knowledge.hand_edits import ProductEdit
from knowledge.ingest import Progress, is_stale, reindex
from knowledge.library import Library
from knowledge.lifecycle import forget, in_service, set_product

logger = logging.getLogger(__name__)


def add_manuals(
    library: Library, clients: ClientStore, slug: str, files: list[Path], progress: Progress | None
) -> list[ManualEntry]:
    """Ingest manuals and put them on the client's list; returns those in service.

    Raises:
        UnknownClientError: There is no such client.
        DocumentError: A file cannot be read as a manual; nothing has changed then.
        IndexWriteError: The index cannot be written; nothing has changed then.
    """
    clients.get(slug)
    entries = library.add(slug, files, progress)
    clients.set_manuals(slug, lambda: [_manual(entry) for entry in entries])
    return entries


def reindex_manuals(
    settings: Settings, clients: ClientStore, slug: str, progress: Progress | None
) -> list[ManualEntry]:
    """Make a client's index again from the files kept; returns the manuals in service.

    Raises:
        UnknownClientError: There is no such client.
        ModelUnavailableError, EmbeddingError: The embedding model cannot be loaded.
        DocumentError: A file cannot be read any more; nothing has changed then.
        IndexWriteError: The index cannot be written; nothing has changed then.
    """
    clients.get(slug)
    open_vault(settings)
    embedder = load_embedder(settings.embedding, model_path(settings, settings.embedding))
    entries = reindex(client_folder(settings, slug), embedder, progress)
    reconcile(settings, clients, slug)
    return entries


def forget_manuals(
    settings: Settings, clients: ClientStore, slug: str, names: list[str]
) -> list[ManualEntry]:
    """Delete manuals, from the index, the folder and the client's list; returns those left.

    Raises:
        UnknownClientError: There is no such client.
        ManualMissingError: One is not in service; nothing has changed then.
        IndexWriteError: The index cannot be written; nothing has changed then.
    """
    clients.get(slug)
    left = forget(client_folder(settings, slug), names)
    reconcile(settings, clients, slug)
    return left


def edit_product(
    settings: Settings, clients: ClientStore, slug: str, name: str, edit: ProductEdit | None
) -> ManualEntry:
    """Correct a manual's appliance by hand (None: back to what was read); returns its entry.

    Raises:
        UnknownClientError: There is no such client.
        ManualMissingError: It is not in service.
        IndexWriteError: The index cannot be written.
    """
    clients.get(slug)
    entry = set_product(client_folder(settings, slug), name, edit)
    reconcile(settings, clients, slug)
    return entry


def reconcile(settings: Settings, clients: ClientStore, slug: str) -> None:
    """Bring the client's list in line with its index, which is the truth.

    They differ when a process was killed between the two. Of a damaged index nothing is known: the
    list then stays as it is.
    """
    folder = client_folder(settings, slug)
    try:
        clients.set_manuals(slug, lambda: [_manual(entry) for entry in in_service(folder)])
    except IndexMissingError as error:
        logger.warning("%s", error)


def manuals_changed(settings: Settings, slug: str, files: list[Path]) -> bool:
    """Whether ingesting these files would change the client's index; loads no model."""
    return is_stale(client_folder(settings, slug), files, settings.embedding)


def client_folder(settings: Settings, slug: str) -> Path:
    """The folder of a client's manuals and of their index."""
    return settings.data_dir / "clients" / slug


def _manual(entry: ManualEntry) -> Manual:
    return Manual(
        file_name=entry.file,
        sha256=entry.sha256,
        pages=entry.pages,
        product_title=entry.product.name,
        product_references=", ".join(entry.product.references),
        appliance=entry.product.appliance,
        languages=", ".join(entry.languages),
        passages=entry.passages,
        ingested_at=datetime.now(UTC),
    )
