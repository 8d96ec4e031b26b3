"""Opens, one by one, what a service or a command needs: database, vault, models, manuals."""

from __future__ import annotations

from agent.call.transcriber import WhisperTranscriber
from agent.call.voice import PiperPool
from agent.models import path as model_path
from agent.sealing.vault import Vault
from agent.settings import Settings
from agent.store.database import Database
from knowledge.embeddings import load_embedder
from knowledge.library import Library
from knowledge.llm import ChatWriter, load_writer
from knowledge.vault import use_vault


def open_database(settings: Settings) -> Database:
    """The database, migrated.

    Raises:
        StoreError: It cannot be opened.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    database.migrate()
    return database


def open_vault(settings: Settings) -> Vault:
    """What seals and opens recordings, and the files of the manuals from now on."""
    vault = Vault(settings.data_keys)
    use_vault(settings.data_dir, vault)
    return vault


def open_library(settings: Settings) -> Library:
    """The manuals of all clients, with the embedding model loaded.

    Raises:
        ModelUnavailableError: The model's files are missing.
        EmbeddingError: They cannot be loaded.
    """
    open_vault(settings)
    folder = model_path(settings, settings.embedding)
    embedder = load_embedder(settings.embedding, folder)
    return Library(settings.data_dir / "clients", embedder, writer=open_writer(settings))


def open_writer(settings: Settings) -> ChatWriter | None:
    """The chat model that rephrases answers, None if none is configured.

    Raises:
        ChatModelError: Its library is missing or refuses the settings.
    """
    if not settings.chat_model:
        return None
    return load_writer(
        settings.chat_model,
        base_url=settings.chat_base_url,
        api_key=settings.chat_api_key.get_secret_value(),
        budget_s=settings.chat_budget_s,
    )


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


def open_voice(settings: Settings, name: str = "") -> PiperPool:
    """A voice, loaded; that of the settings if none is named.

    Raises:
        ModelUnavailableError: Its files are missing or cannot be loaded.
    """
    folder = model_path(settings, name or settings.voice)
    model = next(folder.glob("*.onnx"))
    return PiperPool(
        model, workers=settings.voice_workers, cache_dir=settings.home / "cache" / "voice"
    )
