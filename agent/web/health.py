"""Whether calls can be taken: the models, indexes, database, disk, threads and outbox are tried.

A try is cheap (a decoding of silence, a word, one write) and its result is kept for some seconds,
so that asking often costs nothing; a part that hangs holds one thread of ours and nobody else's.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from agent.errors import StoreError
from agent.house import House
from agent.telephony.asterisk.messages import left_message
from agent.web.checks import Check, State, UnwellError
from agent.web.loop_lag import LoopLag
from knowledge.errors import IndexMissingError

FRESH_S, MODELS_FRESH_S, INDEXES_FRESH_S = 5.0, 30.0, 30.0
"""How long a success is kept; of models longer, as trying them takes time from calls."""

DEADLINE_S, MODELS_DEADLINE_S = 3.0, 5.0
"""After which a part counts as not working; a model may have turns of callers before it."""

LAG_LIMIT_S, LAG_WITHIN_S, LOOK_LIMIT_S = 1.0, 10.0, 5.0
"""Longest that the event loop may have stood still lately, and may not have been looked at."""

OUTBOX_LIMIT = timedelta(minutes=15)
"""Longest that a message may be due without having been tried."""

MESSAGE_LIMIT_S = 600.0
"""Longest that a message may lie at the exchange."""

MEGABYTE = 1_000_000

MODELS_REMEDY = (
    "lancez « permanence models verify », redémarrez le service, et voyez son journal si cela dure."
)


@runtime_checkable
class Probed(Protocol):
    """A model that can be tried; stand-ins and remote ones need not be."""

    async def probe(self) -> None:
        """Raise whatever is wrong."""


class Watched(Protocol):
    """Something outside that says how it is."""

    @property
    def trouble(self) -> str:
        """What is wrong, in a few words; "" if nothing is."""


class Health:
    """The parts of a house; used from the event loop only."""

    def __init__(self, house: House, lag: LoopLag, exchange: Watched | None = None) -> None:
        """Nothing is tried yet.

        Args:
            house: Whose parts they are.
            lag: Of the event loop.
            exchange: The telephone exchange, if there is one.
        """
        self._house = house
        self._lag = lag
        self._slugs: tuple[str, ...] = tuple(house.brands)
        self._threads = ThreadPoolExecutor(5, thread_name_prefix="health")  # one a blocking check
        self.checks = (
            self._check("event_loop", self._look_at_loop, "Redémarrez le service."),
            self._check(
                "threads", self._try_threads,
                "Les fils de travail n'avancent plus : redémarrez le service, et voyez son journal "
                "si cela dure.",
            ),
            self._check(
                "database", self._in_thread(house.database.probe),
                "La base de données n'accepte pas d'écriture : vérifiez que son fichier ou son "
                "serveur est à sa place, que le disque n'est ni plein ni en lecture seule.",
            ),
            self._check(
                "disk", self._in_thread(self._look_at_disk),
                "Le dossier des données ne peut pas être lu : vérifiez que son disque est monté.",
            ),
            self._check(
                "indexes", self._in_thread(self._read_indexes),
                "Les index des notices ne répondent pas : vérifiez le disque des données.",
                fresh_s=INDEXES_FRESH_S,
            ),
            self._model(
                "recogniser", self._probing(house.services.transcriber),
                "La reconnaissance vocale ne répond pas",
            ),
            self._model(
                "voice", self._probing(house.services.voice), "La voix de synthèse ne répond pas"
            ),
            self._model(
                "turns", self._in_thread(self._listen),
                "La détection de la parole ne répond pas",
            ),
            self._model(
                "embedding", self._in_thread(self._embed),
                "La recherche dans les notices ne répond pas",
            ),
            self._check(
                "outbox", self._in_thread(self._look_at_outbox),
                "Les messages en attente ne peuvent pas être lus : voyez la base de données.",
            ),
            *self._of_exchange(exchange),
        )  # fmt: skip

    async def look(self) -> Mapping[str, State]:
        """Each part's state, by its name."""
        states = await asyncio.gather(*(check.state() for check in self.checks))
        return {check.name: state for check, state in zip(self.checks, states, strict=True)}

    async def close(self) -> None:
        """Look no more."""
        for check in self.checks:
            await check.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(
        self, name: str, attempt: Callable[[], Awaitable[str | None]], remedy: str,
        *, deadline_s: float = DEADLINE_S, fresh_s: float | None = None,
    ) -> Check:  # fmt: skip
        kept_s = FRESH_S if fresh_s is None else fresh_s
        return Check(name, attempt, remedy, deadline_s=deadline_s, fresh_s=kept_s)

    def _model(
        self, name: str, attempt: Callable[[], Awaitable[str | None]], what: str
    ) -> Check:  # fmt: skip
        remedy = f"{what} : {MODELS_REMEDY}"
        return self._check(
            name, attempt, remedy, deadline_s=MODELS_DEADLINE_S, fresh_s=MODELS_FRESH_S
        )

    def _in_thread(
        self, work: Callable[[], str | None]
    ) -> Callable[[], Awaitable[str | None]]:  # fmt: skip
        async def attempt() -> str | None:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

        return attempt

    @staticmethod
    def _probing(model: object) -> Callable[[], Awaitable[str | None]]:
        async def attempt() -> str | None:
            if isinstance(model, Probed):
                await model.probe()
            return None

        return attempt

    async def _look_at_loop(self) -> str | None:
        worst_s = self._lag.worst_s(LAG_WITHIN_S)
        if worst_s > LAG_LIMIT_S or self._lag.silent_s > LOOK_LIMIT_S:
            raise UnwellError(
                "Le service reste figé par moments : il a trop d'appels pour cette machine, ou un "
                "autre programme lui prend ses cœurs ; baissez PERMANENCE_MAX_CALLS.",
                f"it stood still for {worst_s:.1f} s",
            )
        return None

    async def _try_threads(self) -> str | None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._house.services.blocking, lambda: None)
        return None

    def _look_at_disk(self) -> str | None:
        settings = self._house.settings
        recordings = settings.data_dir / "recordings"
        messages = settings.asterisk_messages
        beside = [place for place in (recordings, messages) if place is not None]
        places = [settings.data_dir, *(place for place in beside if place.is_dir())]
        free_mb = min(_free_mb(place) for place in places)
        if free_mb < settings.min_free_mb:
            raise UnwellError(
                f"Il ne reste que {free_mb} Mo sur le disque des données (il en faut "
                f"{settings.min_free_mb}) : faites de la place, par exemple par « permanence "
                "recordings purge », ou baissez PERMANENCE_MIN_FREE_MB."
            )
        return f"{free_mb} Mo libres."

    def _of_exchange(self, exchange: Watched | None) -> Iterator[Check]:
        """What there is to be looked at of a telephone exchange."""
        if exchange is not None:

            async def look() -> str | None:
                if exchange.trouble:
                    raise UnwellError(
                        "Le standard téléphonique n'est pas relié au service : « permanence "
                        "asterisk check » dit ce qui manque.",
                        exchange.trouble,
                    )
                return None

            yield self._check("exchange", look, "Voyez « permanence asterisk check ».")
        folder = self._house.settings.asterisk_messages
        if folder is not None:
            yield self._check(
                "messages", self._in_thread(lambda: _look_at_messages(folder)),
                f"Les messages laissés au standard ne peuvent pas être lus dans {folder} : donnez "
                "au service le droit d'y lire et d'y écrire.",
            )  # fmt: skip

    def _read_indexes(self) -> str | None:
        house = self._house
        with suppress(StoreError):  # the database has its own check; those known are looked at
            self._slugs = tuple(client.slug for client in house.clients.list())
        renewing = not house.renewal.wait(0.0)
        broken: dict[str, str] = {}
        for slug in self._slugs:
            try:
                if not house.library.check(slug) and house.clients.manuals(slug):
                    broken[slug] = "the index is gone"
            except IndexMissingError as error:
                if not renewing:
                    broken[slug] = str(error)
            except StoreError:
                continue
        if broken:
            commands = ", ".join(f"« permanence reindex {slug} »" for slug in broken)
            raise UnwellError(
                f"L'index des notices de {', '.join(broken)} ne peut pas être lu : lancez "
                f"{commands}.",
                "; ".join(f"{slug}: {why}" for slug, why in broken.items()),
            )
        return "Des index sont refaits après une mise à jour." if renewing else None

    def _listen(self) -> str | None:
        self._house.services.turns.probe()
        return None

    def _embed(self) -> str | None:
        (found,) = self._house.library.embedder.passages(["vidange"], [""])
        if not np.isfinite(found.vector).all():
            raise ValueError("the vector is no number")
        return None

    def _look_at_outbox(self) -> str | None:
        outbox, now = self._house.outbox, datetime.now(UTC)
        due_at = self._house.sendings.next_due(outbox.kinds)
        late = due_at is not None and now - due_at > OUTBOX_LIMIT
        if late or not outbox.works:
            raise UnwellError(
                "Les e-mails et webhooks des demandes de rappel ne partent plus : redémarrez le "
                "service, et voyez « permanence tickets » et le journal.",
                f"due since {due_at:%Y-%m-%d %H:%M} UTC" if due_at else "a thread has ended",
            )
        return None


def _look_at_messages(folder: Path) -> str | None:
    """Whether what callers leave at the exchange can be read, and is."""
    waiting = [file for file in folder.iterdir() if left_message(file) is not None]
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(folder)
    late = 0
    for one in waiting:
        with suppress(FileNotFoundError):  # it has just become a ticket
            late += time.time() - one.stat().st_mtime > MESSAGE_LIMIT_S
    if late:
        raise UnwellError(
            f"Dans {folder}, des messages attendent depuis plus de dix minutes ({late}) : "
            "redémarrez le service, et voyez son journal si cela dure."
        )
    return None


def _free_mb(place: Path) -> int:
    """Space that we may still fill on a place's disk, megabytes."""
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize // MEGABYTE
