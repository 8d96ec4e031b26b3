"""One settings object: read once from the environment, passed down, never read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import (
    Field,
    NonNegativeInt,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.errors import SettingsError
from agent.sealing.keys import Key, read_keys

WhisperSize = Literal["base-sav", "base", "small", "medium", "large-v3-turbo"]


SMTP_EXAMPLE = "smtp://USER:PASSWORD@HOST:587?tls=starttls or smtps://USER:PASSWORD@HOST"

_API_URL = r"^https?://[^/?#@\s]+$"
_E164 = r"\+[1-9]\d{7,14}"


@dataclass(frozen=True)
class SmtpServer:
    """Where e-mail is handed in.

    Attributes:
        security: none | starttls | ssl.
        user: Empty: the server asks for none.
    """

    host: str
    port: int
    security: Literal["none", "starttls", "ssl"]
    user: str = ""
    password: str = field(default="", repr=False)


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
        max_calls_per_client: The same of one client's calls; 0: no limit of its own.
        max_calls_per_number: The same of calls to one dialled number; 0: likewise.
        max_calls_by_line: The same of a trunk or a way to call, by its name:
            ``browser=2,asterisk=10``.
        caller_calls: Calls of one caller's number that are taken within `caller_window_s`; 0: all.
        masked_calls: The same of all callers of a client whose number is masked, together; 0: all.
        caller_window_s: See there, seconds.
        max_call_s: Longest call, seconds; the caller is then told goodbye.
        api_requests_a_minute: Requests of one token of the API; more are answered 429.
        ring_s: How long operators are rung all together, seconds; then the caller is called back.
        ring_each_s: How long each is rung where they are rung in turn, seconds.
        queue_s: Longest wait for an operator who is on another call, seconds.
        transcriber_workers: Decodings at one time (threads of our own).
        transcriber_threads: CPU threads of each decoding.
        voice_workers: Syntheses at one time (threads of our own).
        chat_model: Chat model that rephrases answers, ``provider:name`` (``openai:qwen``,
            ``ollama:qwen2.5``, ``mistralai:…``); empty means none.
        chat_base_url: Address of its server; empty means the provider's own.
        chat_api_key: Key for it; empty where none is asked for.
        chat_budget_s: Longest that a rephrasing may take, seconds; then the manual is quoted.
        metrics_token: Who sends it as ``Authorization: Bearer …`` may read ``/metrics``, and why
            ``/readyz`` fails; empty: programs on this machine may.
        min_free_mb: Free space, in megabytes, on the disk of the data and of the recordings, under
            which ``/readyz`` fails; 0: any.
        database_url: SQLAlchemy URL; empty means SQLite in the data folder.
        data_key: Keys with which recordings and uploads are sealed, the newest first
            (`permanence key new` makes one); empty: they stay plain.
        smtp_url: Server that takes e-mail, ``smtp://USER:PASSWORD@HOST:587?tls=starttls``
            (``tls=none``: a relay without a password) or ``smtps://…``; user and password are
            percent-encoded; empty: e-mails wait.
        admin_second_factor: An admin signs in with a second factor, or makes one first.
        smtp_from: Address that e-mails come from, or ``Name <address>``.
        asterisk_url: The telephone exchange's commands (ARI), ``http://127.0.0.1:8088``; empty:
            there is no exchange.
        asterisk_password: The one that `permanence asterisk config` gave it.
        asterisk_messages: Folder in which it leaves what callers said while the agent could not
            answer; empty: none is looked into.
        asterisk_sounds: Folder whose sounds the exchange plays, under the same name for both.
    """

    model_config = SettingsConfigDict(env_prefix="PERMANENCE_", extra="forbid", frozen=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".permanence")
    whisper: WhisperSize = "base-sav"
    voice: str = "fr-siwis-kokoro"
    embedding: str = "embeddinggemma-sav"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_calls: int = Field(default=12, ge=1, le=1000)
    max_calls_per_client: int = Field(default=0, ge=0)
    max_calls_per_number: int = Field(default=0, ge=0)
    max_calls_by_line: Annotated[dict[str, NonNegativeInt], NoDecode] = Field(default_factory=dict)
    caller_calls: int = Field(default=5, ge=0, le=1000)
    masked_calls: int = Field(default=30, ge=0, le=10_000)
    caller_window_s: float = Field(default=600.0, gt=0, le=86_400)
    max_call_s: float = Field(default=900.0, gt=0)
    api_requests_a_minute: int = Field(default=300, ge=1, le=1_000_000)
    ring_s: float = Field(default=30.0, ge=1, le=300)
    ring_each_s: float = Field(default=15.0, ge=1, le=300)
    queue_s: float = Field(default=180.0, ge=0, le=3600)
    transcriber_workers: int = Field(default=2, ge=1, le=64)
    transcriber_threads: int = Field(default=1, ge=1, le=64)
    voice_workers: int = Field(default=1, ge=1, le=64)
    chat_model: str = Field(default="", pattern=r"^$|^[a-z0-9_]+:.+$")
    chat_base_url: str = Field(default="", pattern=r"^$|^https?://")
    chat_api_key: SecretStr = SecretStr("")
    chat_budget_s: float = Field(default=4.0, gt=0, le=30)
    metrics_token: SecretStr = SecretStr("")
    min_free_mb: int = Field(default=500, ge=0)
    database_url: str = ""
    data_key: SecretStr = SecretStr("")
    smtp_url: SecretStr = SecretStr("")
    smtp_from: str = Field(default="", validate_default=True)
    admin_second_factor: bool = False
    public_url: str = Field(default="", pattern=r"^$|^https?://[^/?#@\s]+(/[^?#\s]*[^/?#\s])?$")
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_account_sid: str = Field(default="", pattern=r"^$|^AC[0-9a-zA-Z]+$")
    twilio_api_url: str = Field(default="https://api.twilio.com", pattern=_API_URL)
    telnyx_public_key: str = Field(default="", pattern=r"^$|^[A-Za-z0-9+/]{43}=$")
    telnyx_api_key: SecretStr = SecretStr("")
    telnyx_api_url: str = Field(default="https://api.telnyx.com", pattern=_API_URL)
    plivo_auth_token: SecretStr = SecretStr("")
    plivo_auth_id: str = Field(default="", pattern=r"^$|^[A-Z0-9]+$")
    plivo_api_url: str = Field(default="https://api.plivo.com", pattern=_API_URL)
    fallback_number: str = Field(default="", pattern=rf"^$|^{_E164}$")
    transfer_numbers: str = Field(default="", pattern=rf"^$|^{_E164}(, ?{_E164})*$")
    asterisk_url: str = Field(default="", pattern=r"^$|^https?://")
    asterisk_password: SecretStr = Field(default=SecretStr(""), validate_default=True)
    asterisk_messages: Path | None = None
    asterisk_sounds: Path = Path("/var/lib/permanence/sounds")

    @field_validator("max_calls_by_line", mode="before")
    @classmethod
    def _limits_are_read(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        pairs = [part.partition("=") for part in given.split(",") if part.strip()]
        if not all(name.strip() and equals for name, equals, _ in pairs):
            raise ValueError("write NAME=CALLS,NAME=CALLS")
        return {name.strip(): calls.strip() for name, _, calls in pairs}

    @field_validator("asterisk_password")
    @classmethod
    def _exchange_has_a_password(cls, password: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("asterisk_url") and not password.get_secret_value():
            raise ValueError("the exchange needs the password of its values, agent.password")
        return password

    @field_validator("data_key")
    @classmethod
    def _data_keys_are_keys(cls, keys: SecretStr) -> SecretStr:
        read_keys(keys.get_secret_value())
        return keys

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url_can_be_used(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            _smtp_server(url.get_secret_value())
        return url

    @field_validator("smtp_from")
    @classmethod
    def _smtp_from_is_an_address(cls, sender: str, info: ValidationInfo) -> str:
        url = info.data.get("smtp_url")
        if not sender and not (url and url.get_secret_value()):
            return sender
        address = parseaddr(sender)[1]
        name, at, domain = address.rpartition("@")
        if not (name and at and "." in domain and address.isascii() and sender.isprintable()):
            raise ValueError("e-mails need the address that they come from, NAME@DOMAIN")
        return sender

    @property
    def smtp(self) -> SmtpServer | None:
        """Where e-mail is handed in; None: nowhere."""
        url = self.smtp_url.get_secret_value()
        return _smtp_server(url) if url else None

    @property
    def data_keys(self) -> tuple[Key, ...]:
        """The keys that seal and open files, the newest first."""
        return read_keys(self.data_key.get_secret_value())

    @property
    def transfer_allowed(self) -> frozenset[str]:
        """The numbers to which carriers may pass callers on, E.164."""
        return frozenset(one.strip() for one in self.transfer_numbers.split(",") if one)

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
    def erasures_file(self) -> Path:
        """The ledger of erased numbers: beside the data, so that it outlives them."""
        return self.home / "erasures.jsonl"

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
        name = str(first["loc"][0] if first["loc"] else "?")
        given = "what it is" if name in _SECRET else repr(first.get("input"))
        raise SettingsError(
            f"PERMANENCE_{name.upper()} cannot be {given}: {first['msg']}; correct it and try"
            " again."
        ) from (None if name in _SECRET else error)


_SECRET = {name for name, kept in Settings.model_fields.items() if kept.annotation is SecretStr}
"""Settings whose value no error may show."""


def _smtp_server(url: str) -> SmtpServer:
    """Read where e-mail is handed in.

    Raises:
        ValueError: The URL is of another form; the sentence does not repeat it.
    """
    wrong = ValueError(f"write {SMTP_EXAMPLE}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    query = parse_qs(parts.query, keep_blank_values=True)
    tls = query.pop("tls", ["starttls"])[-1]
    if (
        parts.scheme not in ("smtp", "smtps")
        or not parts.hostname
        or parts.path not in ("", "/")
        or query
        or tls not in ("starttls", "none")
        or port == 0
    ):
        raise wrong
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "smtps":
        return SmtpServer(parts.hostname, port or 465, "ssl", user, password)
    if tls == "none":
        if user or password:
            raise ValueError("a password is not sent without encryption; write tls=starttls")
        return SmtpServer(parts.hostname, port or 25, "none")
    return SmtpServer(parts.hostname, port or 587, "starttls", user, password)
