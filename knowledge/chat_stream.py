"""A chat model's streamed answer, read in a thread: numbered lines, each as soon as it is whole."""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from knowledge.rewording import numbered, prompt_messages

WORKERS = 4
"""Streams at one time; one more waits within its own time budget."""

FIRST_TOKEN_SHARE = 0.6
"""Share of the time budget within which the first word must have come."""

QUEUE_CHUNKS = 64
"""Pieces of a stream that wait; beyond, the reading thread waits until it is stopped."""

MOST_TIMES_LONGER = 3
LONGER_CHARACTERS = 120
"""An answer longer than so many times its source, and a line more, is cut off."""

_LINE = re.compile(r"^\s*(\d{1,2})\s*[.):]\s*(.+?)\s*$")
_FINISHED = ("finish_reason", "done_reason")


class StreamError(Exception):
    """The stream ends here; the message's first word is its kind: time, error, garbage, cut."""


class ChatModel(Protocol):
    """The part of a LangChain chat model that is used."""

    def stream(self, input: Any) -> Iterator[Any]:
        """The answer, piece by piece."""


@dataclass(frozen=True)
class _Piece:
    """What the reading thread hands over.

    Attributes:
        text: Of the answer.
        last: The stream is over.
        complete: The model said that it had finished.
        error: Name of the error that ended it.
    """

    text: str = ""
    last: bool = False
    complete: bool = False
    error: str = ""


class ChatStreams:
    """The threads in which a chat model's streams are read; closed by their owner."""

    def __init__(self, model: ChatModel, budget_s: float) -> None:
        self._model = model
        self._budget_s = budget_s
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="chat")
        self._stopped = threading.Event()

    def close(self) -> None:
        """Stop the running streams; each thread ends with its next piece or its own timeout."""
        self._stopped.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def lines(
        self, question: str, bodies: Sequence[str], started: float
    ) -> Generator[tuple[str, float]]:
        """The model's lines in order, each as soon as it is whole, with the first word's time.

        Raises:
            StreamError: Time is up, the server failed, or what came is not what was asked for.
        """
        stop = threading.Event()
        pieces: queue.Queue[_Piece] = queue.Queue(QUEUE_CHUNKS)
        messages = prompt_messages(question, numbered(bodies))
        most = MOST_TIMES_LONGER * sum(map(len, bodies)) + LONGER_CHARACTERS
        text, first_ms, position = "", 0.0, 0
        try:
            self._pool.submit(self._pump, messages, pieces, stop)
            finished = False
            while not finished:
                share = 1.0 if first_ms else FIRST_TOKEN_SHARE
                left = started + share * self._budget_s - time.monotonic()
                try:
                    piece = pieces.get(timeout=max(0.0, left))
                except queue.Empty:
                    raise StreamError("time: first word" if not first_ms else "time: up") from None
                if left <= 0:
                    raise StreamError("time: up")
                if piece.error:
                    raise StreamError(f"error: {piece.error}")
                if piece.text and not first_ms:
                    first_ms = max((time.monotonic() - started) * 1000, 0.1)
                text, finished = text + piece.text, piece.last
                if len(text) > most:
                    raise StreamError("garbage: too long")
                *whole, text = text.split("\n")
                if finished:
                    if text.strip() and not piece.complete:
                        raise StreamError("cut: stream")
                    whole.append(text)
                for line in whole:
                    if not line.strip():
                        continue
                    match = _LINE.match(line)
                    if not match or int(match[1]) != position + 1 or position >= len(bodies):
                        raise StreamError("garbage: not the lines asked for")
                    position += 1
                    yield match[2], first_ms
                    if position == len(bodies):
                        return
            raise StreamError("cut: lines missing")
        except RuntimeError:  # the pool is closed: the house closes
            raise StreamError("error: closed") from None
        finally:
            stop.set()

    def _pump(
        self, messages: list[tuple[str, str]], pieces: queue.Queue[_Piece], stop: threading.Event
    ) -> None:
        """Read the stream in a thread of the pool, until it ends or is told to stop."""

        def put(piece: _Piece) -> bool:
            while not (stop.is_set() or self._stopped.is_set()):
                try:
                    pieces.put(piece, timeout=0.2)
                    return True
                except queue.Full:
                    continue
            return False

        complete, stream = False, None
        try:
            if stop.is_set():
                return
            stream = self._model.stream(messages)
            for chunk in stream:
                metadata = getattr(chunk, "response_metadata", None) or {}
                complete = complete or any(metadata.get(key) == "stop" for key in _FINISHED)
                if not put(_Piece(_text_of(chunk))):
                    return
            put(_Piece(last=True, complete=complete))
        # The providers' libraries raise errors of many kinds, without a common base.
        except Exception as error:
            put(_Piece(error=type(error).__name__))
        finally:
            if (close := getattr(stream, "close", None)) is not None:
                close()  # hangs up, so that the server stops generating


def _text_of(chunk: Any) -> str:
    content = getattr(chunk, "content", "")
    if isinstance(content, str):
        return content
    return "".join(p.get("text", "") for p in content if isinstance(p, dict))
