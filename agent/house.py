"""Opens what every call shares, in order, and closes it in reverse: models, manuals, stores."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from threadpoolctl import threadpool_limits

from agent.approving import Approving
from agent.call.admission import Admission
from agent.call.guard import Asking, Guard, Limits, Rate
from agent.call.handover import NoOperators
from agent.call.live import LiveCalls
from agent.call.moves import Own
from agent.call.sampling import is_drawn
from agent.call.session import CallServices, CallSession
from agent.call.transport import Line
from agent.call.turns import TurnModels
from agent.call.voice import Voice
from agent.errors import PermanenceError
from agent.first_words import prepare_client, prepare_sentences
from agent.gap_grouping import GapGrouping
from agent.handoff.answering import answers, on_call_now, rings_s
from agent.handoff.desks import RingLimits
from agent.handoff.hours import Schedule
from agent.handoff.hours_text import parse as parse_hours
from agent.handoff.keeping import Keeping
from agent.handoff.notify import Outbox
from agent.handoff.rehearsal import RehearsalBook
from agent.handoff.states import HandoffRecord
from agent.handoff.switchboard import Switchboard
from agent.handoff.tickets import TicketDesk
from agent.manual_commands import client_folder, reconcile
from agent.manual_desk import ManualDesk
from agent.opening import open_database, open_library, open_transcriber, open_vault, open_voice
from agent.outbox import open_outbox
from agent.post import Post, open_post
from agent.sealing.vault import Vault
from agent.settings import Settings
from agent.speakers import Speakers
from agent.store.accounts import Accounts
from agent.store.api_requests import ApiRequestStore
from agent.store.api_tokens import ApiTokenStore
from agent.store.audit import AuditStore
from agent.store.calls import CallStore
from agent.store.clients import Client, ClientStore
from agent.store.database import Database
from agent.store.faq import FaqStore
from agent.store.figures import FigureStore
from agent.store.gap_groups import GapStore
from agent.store.handoffs import HandoffStore
from agent.store.history import CallHistory
from agent.store.manual_work import ManualWork
from agent.store.numbers import NumberStore
from agent.store.outbox import OutboxStore
from agent.store.pages import Pages
from agent.store.sessions import SessionStore
from agent.store.test_questions import Ask, KeptQuestions
from agent.store.ticket_work import TicketWork
from agent.store.tickets import TicketStore
from agent.store.users import UserStore
from agent.store.verdicts import VerdictStore
from knowledge.errors import IndexMissingError
from knowledge.ingest import is_outdated
from knowledge.library import Library
from knowledge.renewal import Renewal
from voices.pronunciations import pronouncer

logger = logging.getLogger(__name__)

BLOCKING_THREADS = 4
"""Threads for the manuals and the stores."""

NO_KEY = "set PERMANENCE_DATA_KEY to what `permanence key new` prints"

BLAS_THREADS = 1
"""Threads of one product of matrices: two of them wait for one another, and on busy cores a
look-up then takes three times as long (`python -m evals.contention`); alone it is no slower."""


@dataclass
class House:
    """Everything that serves calls, open; made by `open_house`.

    Attributes:
        brands: Names of the clients by their slugs, as their last call found them.
    """

    settings: Settings
    database: Database
    clients: ClientStore
    numbers: NumberStore
    calls: CallStore
    tickets: TicketStore
    handoffs: HandoffStore
    switchboard: Switchboard
    kept: Keeping
    outbox: Outbox
    users: UserStore
    sessions: SessionStore
    library: Library
    renewal: Renewal
    manuals: ManualDesk
    services: CallServices
    live: LiveCalls
    admission: Admission
    brands: dict[str, str]
    work: TicketWork
    sendings: OutboxStore
    history: CallHistory
    figures: FigureStore
    verdicts: VerdictStore
    test_questions: KeptQuestions
    approving: Approving
    gaps: GapStore
    gap_grouping: GapGrouping
    audit: AuditStore
    accounts: Accounts
    post: Post
    speakers: Speakers
    pages: Pages
    api_tokens: ApiTokenStore
    api_requests: ApiRequestStore
    vault: Vault
    _stack: ExitStack

    def admit(
        self, call_id: str, client: str, transport: str, caller: str | None = None, *,
        called: str | None = None, trunk: str | None = None,
    ) -> AbstractContextManager[None]:  # fmt: skip
        """Hold a place for a call, until its record is complete; on the event loop only.

        Args:
            call_id: Of the call.
            client: Slug of the client that is called.
            transport: The kind of its line: browser, media-socket, asterisk, …
            caller: What the line says of the caller's number, also where it says that it is
                masked (« anonymous », ""); None where such a line tells none: no rate then.
            called: The number that was dialled, if one was.
            trunk: Which of several lines of the transport, if there are several.

        Raises:
            CallRefusedError: On entering: it is not taken. The transport decides what then
                happens to the caller; `reason` is counted.
        """
        return self.admission.admit(call_id, Asking(client, transport, caller, called, trunk))

    def session(
        self, call_id: str, client: Client, line: Line, *, test: bool = False
    ) -> CallSession:
        """A call of a client on a line.

        Args:
            call_id: Of the call.
            client: As it is now: what it changed since counts.
            line: On which the caller waits.
            test: The client's own people try their line: they are answered from the draft of its
                manuals, nobody is rung, no ticket is kept, and nothing is recorded.
        """
        self.brands[client.slug] = client.name
        self.switchboard.set_ringing(client.slug, client.ringing)
        recorded = client.recording and is_drawn(call_id, client.recording_percent)
        return CallSession(
            call_id=call_id,
            client=client.slug,
            brand=client.name,
            line=line,
            ask=lambda inquiry: self.library.answer(client.slug, inquiry, draft=test),
            sense=self.library.sense,
            services=self._services(client, test),
            vocabulary=self._vocabulary(client.slug, draft=test),
            recorded=recorded and not test,
            pronounce=pronouncer(client.said),
            ring_first_s=0.0 if test else self._ring_first_s(client, line.kind),
            own=Own(client.greeting_sentence, client.recording_notice, client.pace),
            test=test,
            rates=client.satisfaction,
        )

    def voice_of(self, client: Client) -> Voice:
        """The voice that speaks for a client; may block for a second when it is wanted first."""
        return self.speakers.of(client.voice, self.services.voice)

    def prepare(self, client: Client) -> None:
        """Have ready what the client's next callers hear first (blocks for seconds)."""
        prepare_client(self.voice_of(client), client)

    def _services(self, client: Client, test: bool) -> CallServices:
        """What a call of the client's shares with others."""
        services = replace(self.services, voice=self.voice_of(client))
        if not test:
            return services
        desk = TicketDesk(RehearsalBook(), lambda slug: hours_of(self.clients, slug))
        return replace(services, desk=desk, operators=NoOperators())

    def _ring_first_s(self, client: Client, line: str) -> float:
        """How long operators are rung before the agent answers; 0 where it answers first."""
        if client.answering == "always":
            return 0.0
        free = self.switchboard.free(client.slug, line)
        schedule = hours_of(self.clients, client.slug)
        first = answers(schedule, client.answering, datetime.now(UTC), free) == "ring_first"
        return rings_s(client.overflow_rings) if first else 0.0

    def _vocabulary(self, slug: str, *, draft: bool = False) -> tuple[str, ...]:
        """The client's words; none while it has no manual: its callers are then handed over."""
        try:
            open_shelf = self.library.draft_shelf if draft else self.library.shelf
            return open_shelf(slug).vocabulary()
        except IndexMissingError as error:
            logger.warning("%s", error)
            return ()

    async def close(self) -> None:
        """Close everything, the last opened first; waits for running work."""
        await self.services.turns.close()
        await asyncio.to_thread(self._stack.close)


def call_limits(settings: Settings) -> Limits:
    """Which calls are let in, the cap in all aside."""
    return Limits(
        per_client=settings.max_calls_per_client,
        per_number=settings.max_calls_per_number,
        by_line=settings.max_calls_by_line,
        caller=Rate(settings.caller_calls, settings.caller_window_s),
        masked=Rate(settings.masked_calls, settings.caller_window_s),
    )


def new_call_id() -> str:
    """A unique identifier, short enough to be read in a log line."""
    return uuid.uuid4().hex[:12]


def open_house(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> House:
    """Open everything (blocks; several seconds). What was opened is closed if a later part fails.

    Raises:
        PermanenceError: A model, the database or an index cannot be used; says what to do.
    """
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(BLAS_THREADS, user_api="blas"))
        database = open_database(settings)
        stack.callback(database.close)
        vault = open_vault(settings)
        if not vault.seals:
            logger.warning("recordings and manuals are kept unsealed: %s", NO_KEY)
        calls = CallStore(database)
        calls.close_orphans(datetime.now(UTC))
        clients, tickets = ClientStore(database), TicketStore(database, on_duty=on_call_now)
        for client in clients.list():
            reconcile(settings, clients, client.slug)
        handoffs = HandoffStore(database)
        handoffs.close_orphans(datetime.now(UTC))  # before anything is sent of their tickets
        outbox = open_outbox(settings, database)
        stack.callback(outbox.close)
        post = open_post(settings, database)
        stack.callback(post.close)
        tell("recognition model")
        transcriber = open_transcriber(settings)
        stack.callback(transcriber.close)
        tell("voice")
        voice = open_voice(settings)
        stack.callback(voice.close)
        tell("manuals")
        library = open_library(settings)
        stack.callback(library.close)
        renewal = renew_outdated(settings, clients, library, tell)
        stack.callback(renewal.close)
        approving, gaps = Approving(FaqStore(database), library), GapStore(database)
        approving.reconcile(client.slug for client in clients.list())
        live = LiveCalls(settings.max_calls)
        gap_grouping = GapGrouping(gaps, library.embedder, calls_on=lambda: len(live) > 0)
        stack.callback(gap_grouping.close)
        audit = AuditStore(database)
        manuals = ManualDesk(
            settings, ManualWork(database), audit, lambda slug: reconcile(settings, clients, slug)
        )
        stack.callback(manuals.close)
        tell("fixed sentences")
        speakers = Speakers(lambda name: open_voice(settings, name), settings.voice)
        stack.callback(speakers.close)
        prepare_sentences(voice, clients.list(), speakers)
        blocking = ThreadPoolExecutor(BLOCKING_THREADS, thread_name_prefix="blocking")
        stack.callback(blocking.shutdown)
        keeping = ThreadPoolExecutor(1, thread_name_prefix="handoffs")  # one: in their order
        stack.callback(keeping.shutdown)

        def keep(record: HandoffRecord) -> None:
            keeping.submit(_keep, handoffs, record)

        kept = Keeping(keep)
        switchboard = Switchboard(kept, ring_limits(settings))
        services = CallServices(
            transcriber=transcriber,
            voice=voice,
            turns=TurnModels(),
            desk=TicketDesk(tickets, lambda slug: hours_of(clients, slug), release=outbox.release),
            operators=switchboard,
            live=live,
            log=calls,
            blocking=blocking,
            data_dir=settings.data_dir,
            max_call_s=settings.max_call_s,
            vault=vault,
        )
        return House(
            settings=settings,
            database=database,
            clients=clients,
            numbers=NumberStore(database),
            calls=calls,
            tickets=tickets,
            handoffs=handoffs,
            switchboard=switchboard,
            kept=kept,
            outbox=outbox,
            users=UserStore(database),
            sessions=SessionStore(database),
            library=library,
            renewal=renewal,
            manuals=manuals,
            services=services,
            live=live,
            admission=Admission(live, Guard(call_limits(settings))),
            brands={client.slug: client.name for client in clients.list()},
            work=TicketWork(database),
            sendings=OutboxStore(database),
            history=CallHistory(database),
            figures=FigureStore(database),
            verdicts=VerdictStore(database),
            test_questions=KeptQuestions(database, asking(library)),
            approving=approving,
            gaps=gaps,
            gap_grouping=gap_grouping,
            accounts=Accounts(database, vault),
            post=post,
            audit=audit,
            speakers=speakers,
            pages=Pages(database),
            api_tokens=ApiTokenStore(database),
            api_requests=ApiRequestStore(database),
            vault=vault,
            _stack=stack.pop_all(),
        )


def renew_outdated(
    settings: Settings, clients: ClientStore, library: Library, tell: Callable[[str], None]
) -> Renewal:
    """Start to make again the indexes that another version or another model left behind."""
    model = library.embedder.name
    slugs = [c.slug for c in clients.list() if is_outdated(client_folder(settings, c.slug), model)]
    if slugs:
        tell(
            f"the manuals of {', '.join(slugs)} again, while calls are taken: until that is done "
            "their callers are handed over"
        )
    return Renewal(
        settings.data_dir / "clients",
        library.embedder,
        slugs,
        renewed=lambda slug: reconcile(settings, clients, slug),
    )


def asking(library: Library) -> Ask:
    """How test questions are asked of the manuals."""
    return lambda slug, inquiry, draft: library.answer(slug, inquiry, draft=draft)


def hours_of(clients: ClientStore, slug: str) -> Schedule | None:
    """When a client's operators are there; None if it has not said, or cannot be told."""
    try:
        written = clients.get(slug).hours
        return parse_hours(written) if written else None
    except (PermanenceError, ValueError):  # a request is kept all the same
        logger.exception("the hours of %s cannot be told", slug)
        return None


def _keep(handoffs: HandoffStore, record: HandoffRecord) -> None:
    """In the thread of the handoffs: keep one as it stands; the caller goes on whatever happens."""
    try:
        handoffs.save(record)
    except Exception:
        logger.exception("a handoff could not be kept")


def ring_limits(settings: Settings) -> RingLimits:
    """How long who is rung, as an installation sets it."""
    return RingLimits(
        together_s=settings.ring_s, each_s=settings.ring_each_s, queue_s=settings.queue_s
    )
