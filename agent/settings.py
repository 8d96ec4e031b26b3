"""One settings object: read once from the environment, passed down, never read again."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent.errors import SettingsError

WhisperSize = Literal["base-sav", "base", "small", "medium", "large-v3-turbo"]


class Settings(BaseSettings):
    """Everything that an installation may set; the environment key is ``PERMANENCE_`` + name.

    Attributes:
        home: Folder of everything that is kept: models, data, download cache.
        whisper: Size of the recognition model; « sav »: adapted to this telephone.
        voice: Catalogue name of the Piper voice that speaks.
        embedding: Catalogue name of the embedding model.
        host: Address on which the server listens.
        port: TCP port of the server; 0 takes a free one.
        max_calls: Calls in progress beyond which a new one is refused.
        max_call_s: Longest call, seconds; the caller is then told goodbye.
        transcriber_workers: Decodings at one time (threads of our own).
        transcriber_threads: CPU threads of each decoding.
        voice_workers: Syntheses at one time (threads of our own).
        chat_model: Chat model that rephrases answers, ``provider:name`` (``openai:qwen``,
            ``ollama:qwen2.5``, ``mistralai:…``); empty means none.
        chat_base_url: Address of its server; empty means the provider's own.
        chat_api_key: Key for it; empty where none is asked for.
        chat_budget_s: Longest that a rephrasing may take, seconds; then the manual is quoted.
        database_url: SQLAlchemy URL; empty means SQLite in the data folder.
    """

    model_config = SettingsConfigDict(env_prefix="PERMANENCE_", extra="forbid", frozen=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".permanence")
    whisper: WhisperSize = "base-sav"
    voice: str = "fr-siwis-kokoro"
    embedding: str = "embeddinggemma-sav"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_calls: int = Field(default=4, ge=1, le=1000)
    max_call_s: float = Field(default=900.0, gt=0)
    transcriber_workers: int = Field(default=2, ge=1, le=64)
    transcriber_threads: int = Field(default=1, ge=1, le=64)
    voice_workers: int = Field(default=1, ge=1, le=64)
    chat_model: str = Field(default="", pattern=r"^$|^[a-z0-9_]+:.+$")
    chat_base_url: str = Field(default="", pattern=r"^$|^https?://")
    chat_api_key: SecretStr = SecretStr("")
    chat_budget_s: float = Field(default=4.0, gt=0, le=30)
    database_url: str = ""

    @property
    def models_dir(self) -> Path:
        """Where verified model files stand, one folder per model."""
        return self.home / "models"

    @property
    def downloads_dir(self) -> Path:
        """Where unfinished and packed downloads wait; may be deleted at any time."""
        return self.home / "downloads"

    @property
    def data_dir(self) -> Path:
        """Where the database, the manuals, the indexes and the recordings stand."""
        return self.home / "data"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'permanence.db'}"


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment, `overrides` first.

    Raises:
        SettingsError: A value cannot be used; the message names the key and the value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates
    except ValidationError as error:
        first = error.errors()[0]
        key = "PERMANENCE_" + str(first["loc"][0] if first["loc"] else "?").upper()
        raise SettingsError(
            f"{key} cannot be {first.get('input')!r}: {first['msg']}; correct it and try again."
        ) from error
