"""What breaks inside a call or before it: each ends in a clear state, and nobody in silence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.audio import Samples
from agent.call.record import Handoff, HandoffRequest
from agent.call.transcriber import Transcript, WhisperTranscriber
from agent.call.voice import PiperPool
from agent.errors import ModelUnavailableError
from agent.handoff.tickets import TicketDesk
from agent.settings import Settings
from agent.web.server import RunningServer, running_server
from tests.test_call_path import place, saved, until


@contextmanager
def services(server: RunningServer, **changed: Any) -> Iterator[None]:
    """Exchange services of a running server for a while."""
    whole = server.house.services
    server.house.services = replace(whole, **changed)
    try:
        yield
    finally:
        server.house.services = whole


class BrokenTranscriber(WhisperTranscriber):
    """A recogniser whose decoder fails at every turn."""

    def __init__(self) -> None:
        """Load nothing."""

    async def transcribe(
        self, samples: Samples, rate_hz: int, vocabulary: Sequence[str] = ()
    ) -> Transcript:
        """Fail as CTranslate2 does."""
        raise RuntimeError("out of memory")


class BrokenVoice(PiperPool):
    """A voice that can say its greeting and nothing else."""

    def __init__(self, whole: PiperPool) -> None:
        """Borrow the sentences of a whole voice."""
        self._whole = whole

    async def speak(self, sentence: str, rate_hz: int, pace: float = 1.0) -> Samples:
        """Fail at the first sentence of an answer."""
        if "code" in sentence:
            raise RuntimeError("onnxruntime failed")
        return await self._whole.speak(sentence, rate_hz, pace)


class BrokenDesk(TicketDesk):
    """A desk whose database is full."""

    def __init__(self) -> None:
        """Keep nothing."""

    def open(self, request: HandoffRequest) -> Handoff:
        """Fail as a full disk does."""
        raise OSError(28, "No space left on device")


async def test_a_recogniser_that_fails_leads_to_words_and_a_ticket(server: RunningServer) -> None:
    """The caller is asked to repeat, then a human is promised; nobody waits in silence."""
    with services(server, transcriber=BrokenTranscriber()):
        call = await place(server, "demo-1-code", "demo-2-filtre", "human")
    said = [turn["said"] for turn in call.turns]
    assert "pas bien entendu" in said[1]
    assert call.outcome == "handoff"
    assert saved(server, call.call_id).anomalies["undecoded_turn"] >= 3


async def test_a_sentence_that_cannot_be_made_does_not_silence_the_call(
    server: RunningServer,
) -> None:
    """The other sentences are heard, the failure is on the record."""
    with services(server, voice=BrokenVoice(server.house.services.voice)):  # type: ignore[arg-type]
        call = await place(server, "demo-1-code")
    record = saved(server, call.call_id)
    assert record.outcome == "answered"
    assert record.anomalies["unspoken_sentence"] >= 1
    assert call.agent.any()


async def test_no_promise_is_made_when_the_ticket_cannot_be_kept(server: RunningServer) -> None:
    """The caller hears that it failed, not that somebody rings back."""
    with services(server, desk=BrokenDesk()):
        call = await place(server, "human")
    assert "je n'arrive pas à enregistrer" in call.turns[-1]["said"]
    assert not any("vous rappelle" in turn["said"] for turn in call.turns)
    assert call.handoff is None
    assert saved(server, call.call_id).anomalies["failed_ticket"] == 1


class ForgetfulDesk(TicketDesk):
    """A desk whose disk fills up between the ticket and the number."""

    def set_number(self, handoff: Handoff, caller_number: str) -> Handoff:
        """Fail as a full disk does."""
        raise OSError(28, "No space left on device")


async def test_a_number_that_cannot_be_kept_is_not_said_to_be_noted(server: RunningServer) -> None:
    """« C'est noté » is said only of what is durable."""
    with services(server, desk=ForgetfulDesk(server.house.tickets)):
        call = await place(server, "human", "number", "yes", caller=None)
    assert not any("C'est noté" in turn["said"] for turn in call.turns)
    assert "je n'arrive pas à enregistrer" in call.turns[-1]["said"]


async def test_a_bug_in_a_look_up_leads_to_a_human(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the manuals' side raises, the caller hears words and a ticket is kept."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(server.house.library, "answer", broken)
    call = await place(server, "demo-1-code")
    assert "souci technique" in call.turns[-1]["said"]
    assert call.outcome == "handoff"


async def test_a_call_ends_with_words_at_its_longest_duration(server: RunningServer) -> None:
    """After `max_call_s` the caller is told goodbye and the line is freed."""
    with services(server, max_call_s=0.01):  # while the greeting is heard
        call = await place(server, "demo-1-code", "demo-2-filtre", "human")
    assert "Au revoir" in " ".join(call.texts)
    record = saved(server, call.call_id)
    assert record.ended_by == "limit"
    await until(lambda: len(server.house.live) == 0)


# --- models that are missing or corrupt -------------------------------------------------------


@pytest.fixture
def own_home(settings: Settings, tmp_path: Path) -> Settings:
    """A home whose models folder may be spoiled."""
    models = tmp_path / "models"
    models.mkdir()
    for folder in (settings.home / "models").iterdir():
        (models / folder.name).symlink_to(folder.resolve())
    return settings.model_copy(update={"home": tmp_path, "port": 0})


def spoil(home: Path, model: str, file: str, size: int | None = None) -> None:
    """Replace a model's file by zeros, of its own size or of another."""
    folder = home / "models" / model
    source = folder.resolve()
    folder.unlink()
    folder.mkdir()
    for item in source.iterdir():
        if item.name == file:
            with (folder / file).open("wb") as handle:
                handle.truncate(item.stat().st_size if size is None else size)
        elif item.stat().st_size > 1_000_000:
            (folder / item.name).symlink_to(item)
        else:
            shutil.copy2(item, folder / item.name)


def refused(settings: Settings) -> str:
    """The one sentence with which a server refuses to start."""
    with pytest.raises(ModelUnavailableError) as caught, running_server(settings):
        pass
    return str(caught.value)


def test_a_missing_model_is_told_in_one_sentence(own_home: Settings) -> None:
    """The sentence names the model and the command that fetches it."""
    (own_home.home / "models" / "whisper-base-sav").unlink()
    sentence = refused(own_home)
    assert "whisper-base-sav" in sentence
    assert "permanence models pull" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("model", "file", "size"),
    [
        ("whisper-base-sav", "model.bin", 1000),
        ("whisper-base-sav", "model.bin", None),
        ("fr-siwis-kokoro", "fr-siwis-kokoro.onnx", None),
    ],
)
def test_a_corrupt_model_is_told_in_one_sentence(
    own_home: Settings, model: str, file: str, size: int | None
) -> None:
    """Truncated, or of the right size but not the right bytes: the server does not start."""
    spoil(own_home.home, model, file, size)
    sentence = refused(own_home)
    assert model in sentence
    assert "permanence models" in sentence
