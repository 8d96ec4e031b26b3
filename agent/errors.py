"""The errors of this package: one base, one subclass per distinct handling.

Each message is one sentence that says what to do; the command line prints it as it is.
"""

from __future__ import annotations


class PermanenceError(Exception):
    """Base of every error that a user of permanence can meet."""


class SettingsError(PermanenceError):
    """A setting is unknown or has a value that cannot be used; names the key and the value."""


class ModelUnavailableError(PermanenceError):
    """A model's files are missing, corrupt, or no source of the catalogue answered."""


class UnknownClientError(PermanenceError):
    """No client has that slug."""


class StoreError(PermanenceError):
    """The database cannot be opened, read or written; nothing of the request was kept."""


class AudioFileError(PermanenceError):
    """A sound file cannot be read as a caller's voice."""


class CallRefusedError(PermanenceError):
    """The server would not take one more call (admission limit, unknown client).

    Attributes:
        reason: One word: busy, or another of `agent.call.guard`.
    """

    def __init__(self, message: str, reason: str = "busy") -> None:
        super().__init__(message)
        self.reason = reason


class CallFailedError(PermanenceError):
    """A call could not be carried to its end (server unreachable, protocol broken)."""
