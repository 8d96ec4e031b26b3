"""The chosen callback: all that is known of it, and all that an operator does with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from nicegui import ui

from agent.errors import StoreError
from agent.handoff.message import STATUS_WORDS
from agent.house import House
from agent.store.database import NotKeptError
from agent.store.outbox import Sending
from agent.store.ticket_rows import Result, Ticket
from agent.store.ticket_work import LONGEST_NOTE, TicketRefusedError
from agent.store.users import UnknownUserError, User, may_see
from agent.web.console.callback_words import (
    URGENT,
    due_words,
    journal,
    number_of,
    state_words,
)
from agent.web.console.feed import CallbackFeed
from agent.web.console.pieces import Words, brief_box, button, link, set_attributes
from agent.web.console.when import when_said

logger = logging.getLogger(__name__)

GONE = "Cette demande n'existe plus, ou n'est plus celle d'un de vos clients."
NOT_KEPT = "La base de données ne répond pas : rien n'a été enregistré, réessayez."

CALLED: dict[str, tuple[Result, str]] = {
    "j": ("reached", "Joint"),
    "s": ("no_answer", "Pas de réponse"),
    "f": ("wrong_number", "Mauvais numéro"),
}
"""What came of calling back, by the key that says so."""

NOTE_HELP = "Ctrl + Entrée l'ajoute, Échap quitte le champ."

Work = Callable[[User, datetime], Ticket]


@dataclass(frozen=True)
class Detail:
    """What is shown of a ticket.

    Attributes:
        others: Other requests of the same caller, the newest first.
        sendings: What was sent of it, or will be.
        has_call: Its call is kept.
    """

    ticket: Ticket
    others: tuple[Ticket, ...]
    sendings: tuple[Sending, ...]
    has_call: bool


class CallbackCard:
    """Of one open page.

    Attributes:
        ticket_id: Of the ticket that is shown, None for none.
    """

    def __init__(self, house: House, feed: CallbackFeed, user: User) -> None:
        self._house = house
        self._feed = feed
        self._user = user
        self._detail: Detail | None = None
        self._shown: Any = None
        self._busy = False
        self.ticket_id: str | None = None

    async def build(self) -> None:
        """Make it; the note is typed in a field that is never made again."""
        await self._read()
        with ui.element("section").classes("card") as section:
            set_attributes(section, aria_label="Demande affichée")
            self._head()
            with ui.element("div").classes("columns"):
                with ui.element("div").classes("story"):
                    self._brief()
                with ui.element("div").classes("work"):
                    with ui.element("div").classes("form"):
                        self._actions()
                        self._note = ui.textarea(
                            "Note (N), jointe au rappel ou ajoutée seule", on_change=self._on_note
                        ).props(f"outlined autogrow maxlength={LONGEST_NOTE} for=note")
                        set_attributes(self._note, hint=NOTE_HELP)
                        self._note.on("keydown.ctrl.enter", self._add_note, args=[])
                        self._note.on("keydown.esc", js_handler="(e) => e.target.blur()")
                        self._send = button("Ajouter la note", self._add_note, data_keep="add")
                        self._said = Words("", "p", "said", role="status")
                        self._trouble = Words("", "p", "trouble", role="alert")
                    self._journal()
        self._put_draft()
        self._shown = self._seen()

    async def show(self, ticket_id: str) -> None:
        """Show another one."""
        if ticket_id == self.ticket_id:
            return
        self.ticket_id = ticket_id
        self._tell()
        self._put_draft()
        await self.refresh()

    async def refresh(self) -> None:
        """Read it again, and show what has changed."""
        await self._read()
        seen = self._seen()
        if seen == self._shown:
            return
        self._shown = seen
        for part in (self._head, self._brief, self._actions, self._journal):
            part.refresh()

    def _seen(self) -> tuple[object, ...]:
        """What is shown."""
        return self._detail, self._head_words(), self._journal_lines()

    # --- what is shown --------------------------------------------------------------------------

    @ui.refreshable_method
    def _head(self) -> None:
        if self._detail is None:
            Words("Choisissez une demande dans la liste.", "p", "none")
            return
        ticket = self._detail.ticket
        urgent, state, due = self._head_words()
        with ui.element("div").classes("head"):
            with ui.element("div"):
                with ui.element("div").classes("title"):
                    if urgent:
                        Words(URGENT, "span", "mark")
                    Words(ticket.brief.details.get("name") or "Nom inconnu", "h2", "who")
                    Words(state, "span", "state")
                Words(due, "p", "due")
            with ui.element("div").classes("number"):
                if ticket.caller_number:
                    link(number_of(ticket), f"tel:{ticket.caller_number}", "tel", data_keep="tel")
                else:
                    Words(number_of(ticket), "span", "tel none")
                Words(
                    f"{self._feed.found.names.brand(ticket.client)} · {ticket.ticket_id}",
                    "span", "state",
                )  # fmt: skip

    def _head_words(self) -> tuple[bool, str, str]:
        if self._detail is None:
            return False, "", ""
        ticket, names = self._detail.ticket, self._feed.found.names
        state = ", ".join(state_words(ticket, self._user, names))
        due = due_words(ticket, datetime.now(UTC), names)
        return ticket.urgency == "urgent", state, "" if ticket.status == "done" else due

    @ui.refreshable_method
    def _brief(self) -> None:
        if self._detail is None:
            return
        Words("Ce que l'appelant a dit", "h3")
        brief_box(self._detail.ticket.brief)
        if self._detail.has_call:
            link(
                "Revoir l'appel", f"/console/appels/{self._detail.ticket.call_id}", "onward",
                data_keep="call",
            )  # fmt: skip
        if self._detail.others:
            Words("Autres demandes du même numéro", "h3")
            names, now = self._feed.found.names, datetime.now(UTC)
            with ui.element("ul").classes("others"):
                for one in self._detail.others:
                    at = when_said(one.created_at, now, names.zone(one.client))
                    with ui.element("li"):
                        link(one.ticket_id, f"/console/rappels?demande={one.ticket_id}")
                        Words(f"{STATUS_WORDS[one.status]}, {at} — {one.brief.line}", "span")

    @ui.refreshable_method
    def _actions(self) -> None:
        if self._detail is None:
            return
        with ui.element("div").classes("actions"):
            for key in self._possible():
                name, _ = self._commands()[key]
                strong = "strong" if key in ("p", "o") else ""
                button(name, partial(self.press, key), strong, key.upper(), data_keep=f"do-{key}")
        if self._is_open:
            with ui.element("div").classes("actions called") as group:
                set_attributes(group, role="group", aria_labelledby="called")
                Words("J'ai rappelé :", "span", id="called")
                for key, (_, name) in CALLED.items():
                    press = partial(self.press, key)
                    button(name, press, "", key.upper(), data_keep=f"do-{key}")

    @ui.refreshable_method
    def _journal(self) -> None:
        if self._detail is None:
            return
        Words("Suivi", "h3")
        with ui.element("ol").classes("journal"):
            for when, what, said in self._journal_lines():
                with ui.element("li"):
                    Words(when, "span", "when")
                    Words(what, "span", "what")
                    if said:
                        Words(said, "p", "words")

    def _journal_lines(self) -> tuple[tuple[str, str, str], ...]:
        if self._detail is None:
            return ()
        detail, now = self._detail, datetime.now(UTC)
        return journal(detail.ticket, detail.sendings, self._feed.found.names, now)

    # --- what is done ---------------------------------------------------------------------------

    @property
    def _is_open(self) -> bool:
        return self._detail is not None and self._detail.ticket.status not in ("live", "done")

    def _possible(self) -> list[str]:
        """The keys of what can be done with it now, callings aside."""
        if self._detail is None or self._detail.ticket.status == "live":
            return []
        ticket = self._detail.ticket
        if ticket.status == "done":
            return ["o"]
        free = [] if ticket.taken_by is not None else ["p"]
        return [*free, *(["r"] if ticket.taken_by == self._user.id else []), "t"]

    def _commands(self) -> dict[str, tuple[str, tuple[Work, str]]]:
        """What each key does: its name, the work, and what is said of it afterwards."""
        work, ticket_id = self._house.work, self.ticket_id or ""
        scope = self._user.clients
        return {
            "p": ("Prendre", (
                lambda user, _: work.take(ticket_id, user.id, clients=scope),
                "Vous l'avez prise.",
            )),
            "r": ("Rendre", (
                lambda user, _: work.give_back(ticket_id, user.id, clients=scope),
                "Vous l'avez rendue.",
            )),
            "t": ("Terminer", (
                lambda user, now: work.close(ticket_id, user.id, now, clients=scope),
                "La demande est close.",
            )),
            "o": ("Rouvrir", (
                lambda _, __: work.reopen(ticket_id, clients=scope),
                "La demande est rouverte.",
            )),
        }  # fmt: skip

    async def press(self, key: str) -> None:
        """Do what a key stands for, if that can be done now."""
        if self._detail is None:
            return
        if key == "n":
            ui.run_javascript("document.getElementById('note')?.focus()")
        elif key in self._possible():
            await self._do(*self._commands()[key][1])
        elif key in CALLED and self._is_open:
            await self._called(*CALLED[key])

    async def _called(self, result: Result, name: str) -> None:
        note, ticket_id = str(self._note.value or ""), self.ticket_id or ""

        def attempt(user: User, now: datetime) -> Ticket:
            return self._house.work.attempt(
                ticket_id, user.id, result, note, now, clients=user.clients
            )

        if await self._do(attempt, f"Rappel noté : {name.casefold()}."):
            self._clear_note(ticket_id)

    async def _add_note(self) -> None:
        if self._detail is None:
            return
        note, ticket_id = str(self._note.value or ""), self.ticket_id or ""

        def add(user: User, now: datetime) -> Ticket:
            return self._house.work.note(ticket_id, user.id, note, now, clients=user.clients)

        if await self._do(add, "La note est ajoutée."):
            self._clear_note(ticket_id)

    async def _do(self, work: Work, said: str) -> bool:
        """Do something in a thread and tell how it went; one thing at a time."""
        if self._busy:
            return False
        self._busy = True
        try:
            await asyncio.to_thread(self._as_they_are, work)
        except TicketRefusedError as refused:
            self._tell(trouble=str(refused))
            return False
        except (NotKeptError, UnknownUserError):
            self._tell(trouble=GONE)
            return False
        except StoreError:
            logger.exception("a ticket could not be changed")
            self._tell(trouble=NOT_KEPT)
            return False
        finally:
            self._busy = False
            self._feed.touch()
            await self.refresh()
        self._tell(said=said)
        return True

    def _as_they_are(self, work: Work) -> None:
        """In a thread: as the user is now, who may have been given other clients meanwhile."""
        user = self._house.users.get(self._user.id)
        if not user.active:
            raise UnknownUserError(GONE)
        self._user = user
        work(user, datetime.now(UTC))

    def _tell(self, said: str = "", trouble: str = "") -> None:
        self._said.text, self._trouble.text = said, trouble

    # --- the note -------------------------------------------------------------------------------

    def _on_note(self) -> None:
        if self.ticket_id is not None:
            self._feed.keep_draft(self._user.id, self.ticket_id, str(self._note.value or ""))

    def _put_draft(self) -> None:
        self._note.value = self._feed.drafts.get((self._user.id, self.ticket_id or ""), "")

    def _clear_note(self, ticket_id: str) -> None:
        self._feed.keep_draft(self._user.id, ticket_id, "")
        if self.ticket_id == ticket_id:
            self._note.value = ""

    async def _read(self) -> None:
        """Read the ticket; what cannot be read goes on being shown."""
        ticket_id = self.ticket_id
        if ticket_id is None:
            return
        try:
            detail = await asyncio.to_thread(_detail_of, self._house, self._user, ticket_id)
        except StoreError:
            logger.exception("a ticket could not be read")
            return
        if ticket_id == self.ticket_id:  # else another one was chosen meanwhile
            self._detail = detail


def _detail_of(house: House, user: User, ticket_id: str) -> Detail | None:
    """In a thread: the ticket, None if it is none of the user's clients'."""
    try:
        ticket = house.tickets.get(ticket_id)
    except NotKeptError:
        return None
    if not may_see(user, ticket.client):
        return None
    try:
        house.calls.load(ticket.call_id, client=ticket.client)
    except NotKeptError:
        has_call = False
    else:
        has_call = True
    others, sendings = house.work.of_same_caller(ticket), house.sendings.of_ticket(ticket_id)
    return Detail(ticket, others, sendings, has_call)
