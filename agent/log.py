"""Logging: one line format with the call's identifier and no number; pipecat's log joins ours."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import Any

from loguru import logger as pipecat_logger

from agent.privacy.masking import masked

call_id_var: ContextVar[str] = ContextVar("call_id", default="-")
"""Identifier of the call that the running task belongs to."""


class MaskingFormatter(logging.Formatter):
    """Hides telephone numbers and the like in what is told, tracebacks included."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """The line of a record; what was said before and after formatting is hidden alike."""
        record.message = masked(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """A traceback: an exception may repeat the value that it stumbled over."""
        return masked(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        """A stack."""
        return masked(super().formatStack(stack_info))


class _CallId(logging.Filter):
    """Puts the call's identifier into each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `call_id`; keeps every record."""
        record.call_id = call_id_var.get()
        return True


def hush_pipecat() -> None:
    """Drop pipecat's banner and log; before its first import, for commands that print results."""
    pipecat_logger.remove()


def set_up_logging(level: str = "INFO") -> None:
    """Send the log to standard error; pipecat's warnings come along, its debug lines do not."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_CallId())
    handler.setFormatter(
        MaskingFormatter("%(asctime)s %(levelname)-7s %(call_id)s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Some tell each request, and uvicorn with it a caller's number.
    for name in ("httpx", "aioice", "aiortc", "faster_whisper", "chromadb", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
    pipecat_logger.remove()
    pipecat_logger.add(
        lambda line: logging.getLogger("pipecat").warning(str(line).rstrip()),
        level="WARNING",
        format="{name}: {message}",
    )
