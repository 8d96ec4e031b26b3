"""The stage of the handovers: a server with real models, an operator's console, callers' words."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from agent.audio import TELEPHONE_RATE_HZ, Samples, resample, write_wav
from agent.call.record import CallRecord
from agent.demo import BRAND, CLIENT
from agent.handoff.transfer import SwitchboardTransfer
from agent.opening import open_database
from agent.settings import Settings
from agent.store.clients import ClientStore
from agent.telephony.browser import RATE_OUT_HZ
from agent.web.server import RunningServer, running_server
from evals.bench import open_bench
from evals.chromium import browser
from evals.console_page import PASSWORD, ConsolePage, wait_for
from voices.french import sentences, speakable
from voices.prompts import prompt

T = TypeVar("T")

RING_S = 5.0
"""How long operators are rung in the evaluation; in service it is half a minute."""

ASKS = "Je voudrais parler à un conseiller, s'il vous plaît."
AGREES = "Oui, c'est ça."
GREETS = "Bonjour, ici le service après-vente, je vous écoute."
TELLS = (
    "Mon lave-linge fait un bruit terrible pendant l'essorage.",
    "La porte de mon four ne ferme plus depuis hier soir.",
    "Mon réfrigérateur laisse couler de l'eau dans la cuisine.",
    "Le lave-vaisselle s'arrête toujours au milieu du programme.",
    "Ma plaque de cuisson clignote et ne chauffe plus du tout.",
)
"""What callers say to an operator, one after the other: what is left of one call is none of the
next."""

PAUSE_S, CALLER_PAUSE_S = 4.0, 5.6
"""Between two times that an operator, or a caller in a browser, says their sentence: if they do so
at once the first time, they do not the second time."""

RINGING_S = 11.0
"""After a caller in a browser has asked, before they tell: they are joined by then."""


@dataclass
class Stage:
    """What all runs share.

    Attributes:
        page: The first operator's console, which stays open.
        second: The second operator's address and identifier: theirs is opened for a run.
        clips: Sentences as the house's voice says them, by text, at `RATE_OUT_HZ`.
        operator_wav: The operators' microphone: `GREETS` over and over.
        caller_wavs: Microphones of callers in a browser, by what they tell.
    """

    server: RunningServer
    page: ConsolePage
    second: tuple[str, str]
    clips: dict[str, Samples]
    operator_wav: Path
    caller_wavs: dict[str, Path]

    def clip(self, text: str) -> Samples:
        """A sentence at the telephone's rate."""
        return resample(self.clips[text], RATE_OUT_HZ, TELEPHONE_RATE_HZ)

    @property
    def media_url(self) -> str:
        """Of the media WebSocket."""
        return f"{self.server.url.replace('http', 'ws', 1)}/media"

    def transfer_of(self, call_id: str) -> SwitchboardTransfer | None:
        """A call's handoff that is not over."""
        board = self.server.house.switchboard.transfers()
        return next((one for one in board if one.request.call_id == call_id), None)

    def record(self, call_id: str) -> CallRecord:
        """A call as it was kept."""
        return self.server.house.calls.load(call_id)

    @contextmanager
    def second_page(self) -> Iterator[ConsolePage]:
        """The second operator's console, available, in a browser of its own."""
        with browser(self.operator_wav) as opened:
            page = ConsolePage(self.server, opened, *self.second)
            page.sign_in()
            page.available()
            yield page


@contextmanager
def staged(settings: Settings) -> Iterator[Stage]:
    """Raise the stage (blocks; half a minute); all is taken down at the end.

    Raises:
        PermanenceError: A model, the port or Chromium cannot be used.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handovers-")))
        server = stack.enter_context(running_server(home_in(folder, settings)))
        users = server.house.users
        first, second = "premier@essai.example", "second@essai.example"
        ids = [
            users.add(email, name, "operator", PASSWORD, clients=("*",)).id
            for email, name in ((first, "Poste un"), (second, "Poste deux"))
        ]
        clips = {text: speak(server, text) for text in (ASKS, AGREES, GREETS, *TELLS)}
        operator_wav = folder / "operator.wav"
        write_wav(operator_wav, RATE_OUT_HZ, noisy(clips[GREETS], silence(PAUSE_S)))
        greeting = speak(server, prompt("greeting", brand=BRAND)).size / RATE_OUT_HZ
        wavs = {}
        for number, text in enumerate(TELLS):
            wavs[text] = folder / f"caller-{number}.wav"
            tells = [part for _ in range(5) for part in (clips[text], silence(CALLER_PAUSE_S))]
            before = silence(greeting + 3), clips[ASKS], silence(RINGING_S)
            write_wav(wavs[text], RATE_OUT_HZ, noisy(*before, *tells))
        opened = stack.enter_context(browser(operator_wav))
        page = ConsolePage(server, opened, first, ids[0])
        page.sign_in()
        page.available()
        yield Stage(server, page, (second, ids[1]), clips, operator_wav, wavs)


def home_in(folder: Path, settings: Settings, **changes: object) -> Settings:
    """Settings of a home of its own, with the models and the demo client's manuals."""
    open_bench(settings, {CLIENT}).close()
    made = settings.model_copy(
        update={"home": folder, "port": 0, "ring_s": RING_S, "database_url": "", **changes}
    )
    for shared in ("models", "cache"):
        (folder / shared).symlink_to(settings.home / shared)
    indexes = settings.home / "cache" / "evals" / settings.embedding / "data" / "clients"
    shutil.copytree(indexes / CLIENT, made.data_dir / "clients" / CLIENT, symlinks=True)
    database = open_database(made)
    try:
        ClientStore(database).add(CLIENT, BRAND)
    finally:
        database.close()
    return made


def speak(server: RunningServer, words: str) -> Samples:
    """What the house's voice makes of some words, at `RATE_OUT_HZ`."""

    async def said() -> Samples:
        voice = server.house.services.voice
        parts = [await voice.speak(speakable(one), RATE_OUT_HZ) for one in sentences(words)]
        return np.concatenate(parts)

    return on_loop(server, said())


def on_loop(server: RunningServer, work: Coroutine[Any, Any, T], limit_s: float = 60) -> T:
    """Run something in the server's event loop (blocks)."""
    return asyncio.run_coroutine_threadsafe(work, server.loop).result(timeout=limit_s)


def silence(seconds: float) -> Samples:
    """So many seconds of nothing, at `RATE_OUT_HZ`."""
    return np.zeros(int(seconds * RATE_OUT_HZ), np.int16)


def noisy(*parts: Samples) -> Samples:
    """Parts in a row over the faint noise of a real microphone."""
    joined = np.concatenate(parts)
    noise = np.random.default_rng(14).normal(0, 12, joined.size)
    return np.clip(joined + noise, -32768, 32767).astype(np.int16)


async def until(what: Callable[[], T | None], limit_s: float, name: str) -> T:
    """Wait until something is true, looking from a thread; returns it.

    Raises:
        NotInTimeError: It does not come.
    """
    return await asyncio.to_thread(wait_for, what, limit_s, name)
