"""The voices among which a client may choose: those installed, each loaded when first wanted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent.call.voice import PiperPool, Voice
from agent.errors import ModelUnavailableError
from agent.models import Catalogue, State, state
from agent.settings import Settings

logger = logging.getLogger(__name__)

LANGUAGE = "fr-"
"""How the names of voices begin that speak what callers hear."""


@dataclass(frozen=True)
class Speaker:
    """A voice that is installed.

    Attributes:
        name: In the catalogue.
        description: What it is, in English, as the catalogue has it.
    """

    name: str
    description: str


def installed(settings: Settings) -> tuple[Speaker, ...]:
    """The French voices on this machine, the installation's own first."""
    found = [
        Speaker(model.name, model.description)
        for model in Catalogue.load().models
        if model.kind == "voice"
        and (model.name.startswith(LANGUAGE) or model.name == settings.voice)
        and state(settings, model.name) is State.READY
    ]
    return tuple(sorted(found, key=lambda one: one.name != settings.voice))


class Speakers:
    """The voices besides the installation's own, opened as clients want them."""

    def __init__(self, open_one: Callable[[str], PiperPool], usual: str = "") -> None:
        """Open none yet.

        Args:
            open_one: Loads a voice by its name (blocks).
            usual: Name of the installation's own, which is loaded elsewhere.
        """
        self._open_one = open_one
        self._usual = usual
        self._lock = threading.Lock()
        self._opened: dict[str, PiperPool] = {}

    def of(self, name: str, otherwise: Voice) -> Voice:
        """A voice by its name (blocks when it is wanted first).

        Args:
            name: In the catalogue; "": the installation's own, which may be named too.
            otherwise: That one; it also speaks where the other cannot be loaded, as a caller must
                hear something.
        """
        if name in ("", self._usual):
            return otherwise
        opened = self._opened.get(name)  # without the lock: another voice may be loading
        if opened is not None:
            return opened
        with self._lock:
            if name not in self._opened:
                try:
                    self._opened[name] = self._open_one(name)
                except ModelUnavailableError as error:
                    logger.warning("%s The installation's own voice speaks.", error)
                    return otherwise
            return self._opened[name]

    def close(self) -> None:
        """Wait for running syntheses and release what was loaded."""
        with self._lock:
            for voice in self._opened.values():
                voice.close()
            self._opened.clear()
