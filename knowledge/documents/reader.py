"""A file of any kind becomes a document, read in a child process with memory and time limits."""

from __future__ import annotations

import logging
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from pydantic import ValidationError

from knowledge.documents import Document, Page
from knowledge.documents.limits import MAX_BYTES, PER_PAGE_S, STALL_S, START_S
from knowledge.documents.problems import Problem
from knowledge.documents.wire import Message
from knowledge.errors import DocumentError
from knowledge.vault import vault_of

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
MAX_LINE_BYTES = 32_000_000
MAX_OUTPUT_BYTES = 160_000_000
CHUNK_BYTES = 1 << 16
EXIT_S = 2.0
"""How long a child that has closed its output may take to end."""

PASSED_ON = ("PATH", "TESSDATA_PREFIX", "TMPDIR", "HOME")
"""Environment that the child keeps."""

Progress = Callable[[int, int], None]
"""Called with the pages read and the pages of the file."""


@dataclass(frozen=True)
class Reading:
    """What came of a file.

    Attributes:
        document: Its pages, or None where it was refused.
        refusal: One French sentence, or "".
        code: How the child ended: 0, an exit code, or the negated signal.
        peak_bytes: Most memory that the child filled.
    """

    document: Document | None
    refusal: str
    code: int
    peak_bytes: int


def read_document(path: Path, progress: Progress | None = None) -> Document:
    """Read a PDF, DOCX, XLSX, HTML, Markdown, text or CSV file, whatever its extension says.

    Args:
        path: The file.
        progress: Called in this thread with the pages read and the pages of the file.

    Raises:
        DocumentError: One French sentence that says what the client can do.
    """
    reading = read_in_child(path, progress)
    if reading.document is None:
        raise DocumentError(reading.refusal)
    return reading.document


def read_in_child(path: Path, progress: Progress | None = None) -> Reading:
    """As `read_document`, but a refusal is returned, with what the child used."""
    with vault_of(path).plain(path) as file:
        return _read_in_child(file, progress)


def _read_in_child(path: Path, progress: Progress | None) -> Reading:
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError:
        size = None
    if size is None:
        return _refused(f"Il n'y a pas de fichier {path} ; vérifiez le nom.")
    if size == 0:
        return _refused(f"{path.name} est vide ; envoyez de nouveau le fichier.")
    if size > MAX_BYTES:
        mega = MAX_BYTES // 1_000_000
        return _refused(f"{path.name} dépasse {mega} Mo ; partagez-le en plusieurs fichiers.")
    child = subprocess.Popen(
        [sys.executable, "-m", "knowledge.documents.worker", str(path.resolve())],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        cwd=ROOT, env=child_environment(), start_new_session=True,
    )  # fmt: skip
    assert child.stdout is not None
    pages: list[Page] = []
    title: str | None = None
    problems: tuple[Problem, ...] = ()
    refusal, finished = "", False
    try:
        for message in _messages(child.stdout):
            if message.page is not None:
                pages.append(message.page)
            elif message.refused is not None:
                refusal = message.refused
                log.info("A file was refused: %s", message.cause or "by its content")
            elif message.title is not None:
                title, problems = message.title, message.problems
            elif progress is not None and message.done is not None and message.total is not None:
                progress(message.done, message.total)
        finished = True
    except TimeoutError:
        refusal = (
            f"{path.name} demande trop de temps à lire ; exportez-le de nouveau ou "
            "partagez-le en plusieurs fichiers."
        )
    except (ValidationError, ValueError) as error:
        log.warning("The reading child wrote a line that is none: %s", type(error).__name__)
    finally:
        code, peak = _end(child, finished)
    if title is not None and not refusal:
        return Reading(Document(title, tuple(pages), problems), "", code, peak)
    log.info("The reading child ended with %d", code)
    return Reading(
        None, refusal or f"{path.name} est endommagé ; exportez-le de nouveau.", code, peak
    )


def _refused(sentence: str) -> Reading:
    return Reading(None, sentence, 0, 0)


def child_environment() -> dict[str, str]:
    """The environment of a child that reads a file: one thread, nothing of ours but the paths."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    single = dict.fromkeys(("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {
        **kept, **single, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1",
    }  # fmt: skip


def _messages(stream: IO[bytes]) -> Iterator[Message]:
    """The child's lines as they come.

    Raises:
        TimeoutError: No page within STALL_S, or the whole takes longer than its pages allow.
        ValueError: A line is no message, or there is too much of them.
    """
    started = latest = monotonic()
    allowed, taken, rest = START_S, 0, b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            wait = min(latest + STALL_S, started + allowed) - monotonic()
            if wait <= 0 or not selector.select(wait):
                raise TimeoutError
            chunk = os.read(stream.fileno(), CHUNK_BYTES)
            if not chunk:
                return
            taken += len(chunk)
            rest += chunk
            if len(rest) > MAX_LINE_BYTES or taken > MAX_OUTPUT_BYTES:
                raise ValueError("too much output")
            *lines, rest = rest.split(b"\n")
            for line in lines:
                message = Message.model_validate_json(line)
                latest = monotonic()
                if message.total is not None:
                    allowed = START_S + PER_PAGE_S * message.total
                yield message


def _end(child: subprocess.Popen[bytes], finished: bool) -> tuple[int, int]:
    """End the child with all that it started; its code and its peak memory in bytes."""
    assert child.stdout is not None
    patient_until = monotonic() + (EXIT_S if finished else 0)
    while monotonic() < patient_until:
        if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
            break
        sleep(0.01)
    child.stdout.close()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss * 1024
