"""The callbacks to make, asked of the database once for all open pages of the process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from agent.errors import StoreError
from agent.handoff.hours import Schedule
from agent.handoff.message import zone_of
from agent.house import House
from agent.store.ticket_work import ToCall
from agent.store.users import User, may_see

logger = logging.getLogger(__name__)

POLL_S = 0.5
"""How often the database is asked whether something is new."""

ANEW_S = 20.0
"""How often all is read though nothing is: what is overdue, users and clients."""

DRAFTS = 500
"""Notes begun that are kept, of all users; then the oldest one goes."""


@dataclass(frozen=True)
class Names:
    """How clients and users are called, and where the clients are.

    Attributes:
        brands: Of clients, by slug.
        zones: IANA names, by slug.
        users: By identifier.
    """

    brands: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)

    def brand(self, slug: str) -> str:
        """A client's name."""
        return self.brands.get(slug, slug)

    def zone(self, slug: str) -> str:
        """The time zone in which a client reckons."""
        return self.zones.get(slug, Schedule().zone)

    def user(self, user_id: str | None) -> str:
        """A user's name."""
        return self.users.get(user_id or "", "quelqu'un")


@dataclass(frozen=True)
class Callbacks:
    """What was found last.

    Attributes:
        to_call: In the order in which to call.
        users: By identifier, as they were then.
        version: Another one each time something may be new.
        current: The database answered; else this may be old.
    """

    to_call: tuple[ToCall, ...] = ()
    names: Names = field(default_factory=Names)
    users: Mapping[str, User] = field(default_factory=dict)
    version: int = 0
    current: bool = True

    def of(self, user: User) -> tuple[ToCall, ...]:
        """Those of a user's clients, as they are now."""
        user = self.users.get(user.id, user)
        return tuple(one for one in self.to_call if may_see(user, one.ticket.client))

    def admits(self, user: User) -> bool:
        """Whether somebody who was signed in still may."""
        return self.users.get(user.id, user).active


class CallbackFeed:
    """Tells those who watch when callbacks have changed; used from the event loop only.

    The database is asked in a thread, and only while somebody watches.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._watchers: set[Callable[[], None]] = set()
        self._asked = asyncio.Event()
        self._asking = asyncio.Lock()
        self._mark: int | None = None
        self._anew = False
        self._read_at = 0.0
        self.drafts: OrderedDict[tuple[str, str], str] = OrderedDict()
        self.found = Callbacks()

    @contextmanager
    def watched(self, watcher: Callable[[], None]) -> Iterator[None]:
        """Have a function called whenever something may be new; it returns at once."""
        self._watchers.add(watcher)
        self._asked.set()
        try:
            yield
        finally:
            self._watchers.discard(watcher)

    def touch(self) -> None:
        """Something was changed here: look at once."""
        self._anew = True
        self._asked.set()

    async def fresh(self) -> Callbacks:
        """What there is now, for a page that opens."""
        if not self._watchers or not self._read_at:
            await self._look()
        return self.found

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._asked.wait()
            self._asked.clear()
            if self._watchers:
                try:
                    await self._look()
                except Exception:  # a bug of ours: what is shown goes on being shown
                    logger.exception("the callbacks could not be looked at")

    def keep_draft(self, user_id: str, ticket_id: str, text: str) -> None:
        """Keep a note that somebody has begun, also when their page is loaded again."""
        self.drafts.pop((user_id, ticket_id), None)
        if text:
            self.drafts[user_id, ticket_id] = text
        while len(self.drafts) > DRAFTS:
            self.drafts.popitem(last=False)

    async def _look(self) -> None:
        async with self._asking:
            mark, known = self._mark, self.found
            old = self._anew or time.monotonic() - self._read_at > ANEW_S
            self._anew = False
            try:
                found = await asyncio.to_thread(self._read, None if old else mark)
            except StoreError:
                if known.current:
                    logger.exception("the callbacks cannot be read")
                    self._tell(replace(known, version=known.version + 1, current=False))
                return
            if found is None and known.current:
                return
            if found is not None:
                (self._mark, known), self._read_at = found, time.monotonic()
            self._tell(replace(known, version=self.found.version + 1, current=True))

    def _read(self, mark: int | None) -> tuple[int, Callbacks] | None:
        """In a thread: what there is; None if it bears the same mark."""
        new = self._house.work.mark()
        if new == mark:
            return None
        clients, users = self._house.clients.list(), self._house.users.list()
        names = Names(
            {client.slug: client.name for client in clients},
            {client.slug: zone_of(client.hours) for client in clients},
            {user.id: user.name for user in users},
        )
        to_call = self._house.work.to_call(None, datetime.now(UTC))
        return new, Callbacks(to_call, names, {user.id: user for user in users})

    def _tell(self, found: Callbacks) -> None:
        self.found = found
        for watcher in tuple(self._watchers):
            try:
                watcher()
            except Exception:  # one page's failure is its own
                logger.exception("a page could not be told of the callbacks")
