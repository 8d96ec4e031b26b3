"""The voices among which a client chooses."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.call.voice import PiperPool
from agent.errors import ModelUnavailableError
from agent.settings import load_settings
from agent.speakers import Speakers, installed


class Quiet(PiperPool):
    """A voice that says nothing; only its being there counts."""

    def __init__(self) -> None:
        """Load nothing."""
        self.closed = False

    def close(self) -> None:
        """Remember."""
        self.closed = True


def test_a_voice_is_loaded_once_when_it_is_wanted() -> None:
    """And closed with the others; the installation's own is none of these."""
    opened: list[str] = []

    def open_one(name: str) -> PiperPool:
        opened.append(name)
        return Quiet()

    speakers, own = Speakers(open_one), Quiet()
    assert speakers.of("", own) is own
    one = speakers.of("fr-tom", own)
    assert speakers.of("fr-tom", own) is one
    assert opened == ["fr-tom"]
    speakers.close()
    assert isinstance(one, Quiet)
    assert (one.closed, own.closed) == (True, False)


def test_where_a_voice_is_gone_the_usual_one_speaks(caplog: pytest.LogCaptureFixture) -> None:
    """A caller must hear something; whoever runs the service is told."""

    def open_one(name: str) -> PiperPool:
        raise ModelUnavailableError("The model fr-tom is not here: run 'permanence models pull'.")

    own = Quiet()
    assert Speakers(open_one).of("fr-tom", own) is own
    assert "permanence models pull" in caplog.text


def test_only_french_voices_that_are_here_are_offered(models_home: Path, tmp_path: Path) -> None:
    """None of a home without models."""
    (tmp_path / "models").symlink_to(models_home / "models")
    names = [one.name for one in installed(load_settings(home=tmp_path))]
    assert names[0] == "fr-siwis-kokoro"
    assert all(name.startswith("fr-") for name in names)
    assert installed(load_settings(home=tmp_path / "empty")) == ()


def test_the_usual_voice_is_not_loaded_twice() -> None:
    """A client may choose by its name what speaks anyway."""

    def open_one(name: str) -> PiperPool:
        raise AssertionError(name)

    own = Quiet()
    assert Speakers(open_one, "fr-siwis").of("fr-siwis", own) is own


def test_who_has_a_voice_does_not_wait_for_another_one() -> None:
    """A call begins while a voice is loaded that another client has just chosen."""
    began, loaded = threading.Event(), threading.Event()

    def open_one(name: str) -> PiperPool:
        if name == "fr-slow":
            began.set()
            assert loaded.wait(10)
        return Quiet()

    speakers, own = Speakers(open_one), Quiet()
    tom = speakers.of("fr-tom", own)
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(speakers.of, "fr-slow", own)
        try:
            assert began.wait(10)
            assert threads.submit(speakers.of, "fr-tom", own).result(2) is tom
        finally:
            loaded.set()
        assert slow.result(10) is not own
