"""The optional chat model: it rephrases what the manual says, and each sentence is checked.

A part is split into what stays word for word (opening, warnings, denials) and what may be put in
other words. The model gets the latter as numbered lines and its answer is read while it streams;
a line that the evidence check refuses, an error or the end of the time budget ends the rewriting,
and from there on the manual's own words are spoken. Without a model nothing of this is imported.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from knowledge.chat_stream import ChatModel, ChatStreams, StreamError
from knowledge.claims import missing, unsupported
from knowledge.errors import KnowledgeError
from knowledge.rewording import misplaced, plain, split_part

log = logging.getLogger(__name__)

FAILURES_BEFORE_REST = 3
REST_S = 60.0
"""A server that fails or is late three times in a row is left alone for a minute."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


class ChatModelError(KnowledgeError):
    """The chat model's library is missing or its settings cannot be used."""


@dataclass(frozen=True)
class Rephrased:
    """What is said instead of an answer's parts.

    Attributes:
        parts: As many as were given, each whole: in other words, or as it was.
        changed: How many are in other words.
        reason: Why the others are not; its first word is its kind. "" if none was refused.
        first_ms: Milliseconds to the model's first word, 0 if none came.
        total_ms: Milliseconds all told.
    """

    parts: tuple[str, ...]
    changed: int
    reason: str
    first_ms: float
    total_ms: float


class Writer(Protocol):
    """Puts the parts of an answer in other words."""

    def rephrase(
        self, question: str, parts: tuple[str, ...], passages: Sequence[str]
    ) -> Rephrased | None:
        """What to say instead of `parts`; None means to say them as they are."""

    def close(self) -> None:
        """End what runs."""


class ChatWriter:
    """A `Writer` over a chat model; thread-safe, blocks for at most its time budget."""

    def __init__(self, model: ChatModel, budget_s: float) -> None:
        self._streams = ChatStreams(model, budget_s)
        self._failures = 0
        self._rest_until = 0.0

    def close(self) -> None:
        """Stop the running streams."""
        self._streams.close()

    def rephrase(
        self, question: str, parts: tuple[str, ...], passages: Sequence[str]
    ) -> Rephrased | None:
        """See `Writer`; never raises: what fails is spoken from the manual."""
        written = self.write(question, parts, passages)
        kind = written.reason.partition(":")[0]
        log.info("rephrased %d of %d parts%s", written.changed, len(parts), kind and f" ({kind})")
        return written if written.changed else None

    def write(self, question: str, parts: tuple[str, ...], passages: Sequence[str]) -> Rephrased:
        """The same, with the reason also where nothing was changed."""
        started = time.monotonic()
        splits = [split_part(part, passages) for part in parts]
        free = [index for index, split in enumerate(splits) if split.body]
        said, reason, first_ms = list(parts), "", 0.0
        if not free or started < self._rest_until:
            return Rephrased(parts, 0, "nothing: to rephrase" if not free else "rest: server",
                             0.0, 0.0)  # fmt: skip
        bodies = [splits[index].body for index in free]
        changed = 0
        lines = self._streams.lines(question, bodies, started)
        try:
            for index, (line, came_ms) in zip(free, lines, strict=False):
                first_ms = first_ms or came_ms
                body = splits[index].body
                if misplaced(line, body, first=index == 0, last=index == len(parts) - 1):
                    reason = "order: says first or last"
                reason = reason or refusal(line, body, passages)
                if reason:
                    break
                if plain(line) != plain(body):
                    said[index] = splits[index].around(line)
                    changed += 1
            self._failures = 0
        except StreamError as error:
            reason = str(error)
            self._count_failure(time.monotonic())
        finally:
            lines.close()
        total_ms = (time.monotonic() - started) * 1000
        return Rephrased(tuple(said), changed, reason, round(first_ms, 1), round(total_ms, 1))

    def _count_failure(self, now: float) -> None:
        self._failures += 1
        if self._failures >= FAILURES_BEFORE_REST:
            self._failures = 0
            self._rest_until = now + REST_S
            log.warning("the chat model failed %d times in a row; it rests", FAILURES_BEFORE_REST)


def refusal(line: str, body: str, passages: Sequence[str]) -> str:
    """Why a rewritten line is not said in the place of a part's free sentences; "" if it may be.

    Each sentence must be supported by the part itself: words of the passage that belong to another
    step would come too early. The passages must support it as well; nothing may be left out.
    """
    for sentence in _SENTENCE_END.split(line):
        if reason := unsupported(sentence, [body]) or unsupported(sentence, passages):
            return reason
    return missing(body, line) or ""


def load_writer(
    model: str, *, base_url: str = "", api_key: str = "", budget_s: float = 4.0
) -> ChatWriter:
    """A writer over the chat model that a setting names.

    Args:
        model: ``provider:name`` as LangChain's `init_chat_model` reads it: ``openai:qwen`` (also
            for any OpenAI-compatible server, with `base_url`), ``ollama:…``, ``mistralai:…``.
        base_url: Address of the server; empty means the provider's own.
        api_key: Key for it; empty where none is needed.
        budget_s: Seconds that a rewriting may take, all told.

    Raises:
        ChatModelError: The library is not installed or refuses the settings; says what to do.
    """
    provider = model.partition(":")[0]
    try:
        from langchain.chat_models import init_chat_model

        chat = init_chat_model(model, **_options(provider, base_url, api_key, budget_s))
    except ImportError as error:
        raise ChatModelError(
            f"The chat model {model} needs a Python package that is not installed ({error.name}): "
            f"run 'pip install permanence[llm]' and, for {provider}, 'pip install "
            f"langchain-{provider}', or unset PERMANENCE_CHAT_MODEL."
        ) from error
    # Validation errors are ValueErrors, the providers' own have no common base.
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise ChatModelError(
            f"PERMANENCE_CHAT_MODEL={model!r} cannot be used ({reason}): write provider:name, "
            "such as openai:qwen with PERMANENCE_CHAT_BASE_URL, or unset it."
        ) from error
    return ChatWriter(_Untraced(chat), budget_s)


def _options(provider: str, base_url: str, api_key: str, budget_s: float) -> dict[str, Any]:
    """The arguments by which each provider's class calls the same things."""
    options: dict[str, Any] = {"temperature": 0.0}
    if base_url:
        options["base_url"] = base_url
    if provider == "ollama":
        return options | {"num_predict": 400, "client_kwargs": {"timeout": budget_s}}
    if api_key or (base_url and provider == "openai"):
        options["api_key"] = api_key or "none"  # a local server asks for none, the client for one
    seconds = max(1, round(budget_s)) if provider == "mistralai" else budget_s
    retries = 1 if provider == "mistralai" else 0
    return options | {"max_tokens": 400, "timeout": seconds, "max_retries": retries}


class _Untraced:
    """A chat model whose calls no tracing service sees, whatever the environment says."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def stream(self, input: Any) -> Iterator[Any]:
        """See `ChatModel`."""
        from langsmith import tracing_context

        with tracing_context(enabled=False):
            yield from self._model.stream(input)
