"""The errors of the manuals' side; each message is one sentence that says what to do."""

from __future__ import annotations


class KnowledgeError(Exception):
    """Base of every error of the manuals' side."""


class DocumentError(KnowledgeError):
    """A file cannot be read as a manual: wrong type, encrypted, damaged, or without text."""


class EmbeddingError(KnowledgeError):
    """The embedding model cannot be loaded."""


class IndexMissingError(KnowledgeError):
    """A client has no manual in service yet."""
