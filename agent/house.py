"""Opens what every call shares, in order, and closes it in reverse: models, manuals, stores."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.audio import TELEPHONE_RATE_HZ
from agent.call.live import LiveCalls
from agent.call.session import CallServices, CallSession
from agent.call.transcriber import WhisperTranscriber
from agent.call.transport import Line
from agent.call.turns import TurnModels
from agent.call.voice import PiperPool
from agent.handoff.tickets import TicketDesk
from agent.models import path as model_path
from agent.settings import Settings
from agent.store.calls import CallStore
from agent.store.clients import Client, ClientStore, Manual
from agent.store.database import Database
from agent.store.tickets import TicketStore
from knowledge.collection import ManualEntry
from knowledge.compose import OPENINGS
from knowledge.embeddings import load_embedder
from knowledge.ingest import Progress, is_stale
from knowledge.library import Library
from voices.french import sentences
from voices.prompts import fixed_sentences, prompt

BLOCKING_THREADS = 4
"""Threads for the manuals and the stores."""


def open_database(settings: Settings) -> Database:
    """The database, migrated.

    Raises:
        StoreError: It cannot be opened.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    database.migrate()
    return database


def open_library(settings: Settings) -> Library:
    """The manuals of all clients, with the embedding model loaded.

    Raises:
        ModelUnavailableError: The model's files are missing.
        EmbeddingError: They cannot be loaded.
    """
    folder = model_path(settings, settings.embedding)
    return Library(settings.data_dir / "clients", load_embedder(settings.embedding, folder))


def open_transcriber(settings: Settings) -> WhisperTranscriber:
    """The recogniser, loaded.

    Raises:
        ModelUnavailableError: Its files are missing or cannot be loaded.
    """
    return WhisperTranscriber(
        model_path(settings, f"whisper-{settings.whisper}"),
        workers=settings.transcriber_workers,
        threads=settings.transcriber_threads,
    )


def open_voice(settings: Settings) -> PiperPool:
    """The voice, loaded.

    Raises:
        ModelUnavailableError: Its files are missing or cannot be loaded.
    """
    folder = model_path(settings, settings.voice)
    model = next(folder.glob("*.onnx"))
    return PiperPool(
        model, workers=settings.voice_workers, cache_dir=settings.home / "cache" / "voice"
    )


def add_manuals(
    library: Library, clients: ClientStore, slug: str, files: list[Path], progress: Progress | None
) -> list[ManualEntry]:
    """Ingest manuals and put them on the client's list; returns those in service.

    Raises:
        UnknownClientError: There is no such client.
        DocumentError: A file cannot be read as a manual; nothing has changed then.
    """
    clients.get(slug)
    before = {(manual.file_name, manual.sha256) for manual in clients.manuals(slug)}
    entries = library.add(slug, files, progress)
    for entry in entries:
        if (entry.file, entry.sha256) not in before:
            clients.put_manual(slug, _manual(entry))
    return entries


def manuals_changed(settings: Settings, slug: str, files: list[Path]) -> bool:
    """Whether ingesting these files would change the client's index; loads no model."""
    return is_stale(settings.data_dir / "clients" / slug, files, settings.embedding)


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


@dataclass
class House:
    """Everything that serves calls, open; made by `open_house`."""

    settings: Settings
    clients: ClientStore
    calls: CallStore
    tickets: TicketStore
    library: Library
    services: CallServices
    live: LiveCalls
    _stack: ExitStack

    def session(self, call_id: str, client: Client, line: Line) -> CallSession:
        """A call of a client on a line."""
        return CallSession(
            call_id=call_id,
            client=client.slug,
            brand=client.name,
            line=line,
            ask=lambda question, product: self.library.ask(client.slug, question, product),
            services=self.services,
            vocabulary=self.library.shelf(client.slug).vocabulary(),
        )

    async def close(self) -> None:
        """Close everything, the last opened first; waits for running work."""
        await self.services.turns.close()
        await asyncio.to_thread(self._stack.close)


def new_call_id() -> str:
    """A unique identifier, short enough to be read in a log line."""
    return uuid.uuid4().hex[:12]


def open_house(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> House:
    """Open everything (blocks; several seconds). What was opened is closed if a later part fails.

    Raises:
        PermanenceError: A model, the database or an index cannot be used; says what to do.
    """
    with ExitStack() as stack:
        database = open_database(settings)
        stack.callback(database.close)
        calls = CallStore(database)
        calls.close_orphans(datetime.now(UTC))
        clients, tickets = ClientStore(database), TicketStore(database)
        tell("recognition model")
        transcriber = open_transcriber(settings)
        stack.callback(transcriber.close)
        tell("voice")
        voice = open_voice(settings)
        stack.callback(voice.close)
        tell("manuals")
        library = open_library(settings)
        stack.callback(library.close)
        tell("fixed sentences")
        prepare_sentences(voice, [client.name for client in clients.list()])
        blocking = ThreadPoolExecutor(BLOCKING_THREADS, thread_name_prefix="blocking")
        stack.callback(blocking.shutdown)
        services = CallServices(
            transcriber=transcriber,
            voice=voice,
            turns=TurnModels(),
            desk=TicketDesk(tickets),
            log=calls,
            blocking=blocking,
            max_call_s=settings.max_call_s,
        )
        return House(
            settings=settings,
            clients=clients,
            calls=calls,
            tickets=tickets,
            library=library,
            services=services,
            live=LiveCalls(settings.max_calls),
            _stack=stack.pop_all(),
        )


def prepare_sentences(voice: PiperPool, brands: list[str]) -> None:
    """Render what can be said without knowing the call, so that it is heard at once."""
    openings = [text for choices in OPENINGS.values() for text in choices]
    greetings = [prompt("greeting", brand=brand) for brand in brands]
    parts = [part for text in (*openings, *greetings) for part in sentences(text)]
    rates = (TELEPHONE_RATE_HZ, voice.native_rate_hz)  # telephone, browser
    voice.prepare([*fixed_sentences(), *parts], *rates)
