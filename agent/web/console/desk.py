"""The desk: calls that ring, calls in progress, and the one that the operator is on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments, KeyEventArguments
from starlette.requests import Request
from starlette.responses import Response

from agent.call.handover import Leaving, RingRequest
from agent.call.live import LiveCall
from agent.call.record import Brief, CallRecord
from agent.handoff.desks import Operator
from agent.handoff.transfer import SwitchboardTransfer
from agent.house import House
from agent.store.users import User, may_see
from agent.web.console.call_list import CallList, Row
from agent.web.console.conversation import Conversation
from agent.web.console.frame import framed, who
from agent.web.console.incoming import Incoming, letter_of
from agent.web.console.pieces import brief_box
from agent.web.console.telling import SPEAKERS, brief_so_far, caller_of, doing, lasted
from agent.web.console.verdict_bar import Verdicts
from agent.web.headset import Headsets
from knowledge.answer import Evidence

REFRESH_S = 0.2
"""How soon a change is seen."""

CLOCK_S = 1.0

STATUSES = {"available": "Disponible", "break": "En pause"}

ON_AIR = "Vous êtes en ligne : le client vous entend."
COMING = "Le client est prévenu, un instant : il ne vous entend pas encore."

TO_THE_END = "document.querySelectorAll('.transcript').forEach(t => t.scrollTop = t.scrollHeight)"

KEYS = "A : accepter · D : refuser · M : micro · T : terminer · R, G : rendre à l'assistant"


@ui.page("/console/", title="En direct — permanence")
async def desk_page(request: Request) -> Response | None:
    """The console's first page."""
    user = await who(request)
    if isinstance(user, Response):
        return user
    with framed(user, "En direct"):
        verdicts = Verdicts(request.state.house, request.state.feed, user)
        page = DeskPage(request.state.house, request.state.headsets, user, verdicts)
        page.build()
    return None


class DeskPage:
    """One open page of one operator."""

    def __init__(self, house: House, headsets: Headsets, user: User, verdicts: Verdicts) -> None:
        self._house = house
        self._headsets = headsets
        self._user = user
        self._board = house.switchboard
        self._chosen: str | None = None
        self._verdicts = verdicts
        self._muted = False
        self._dirty = True
        self._shown: dict[str, Any] = {"status": "break"}
        self._joined: str | None = None
        self._conversation: Conversation | None = None
        self._list = CallList(self._choose)
        self._incoming = Incoming(house, user, self._accepted)
        self._watching = ExitStack()

    def build(self) -> None:
        """Make the page and begin to watch."""
        operator = Operator(
            self._user.id, self._user.name, self._user.clients, self._user.languages
        )
        self._board.sign_on(operator)
        ui.add_body_html('<script type="module" src="/static/headset.js"></script>')
        with ui.element("div").classes("desk"):
            with ui.element("section").classes("side").props('aria-label="Appels"'):
                self._status()
                self._incoming.build()
                self._list.build()
                ui.label(KEYS).classes("keys")
            with ui.element("section").classes("call").props('aria-label="Appel affiché"'):
                self._call()
            with ui.element("section").classes("page").props('aria-label="Page de la notice"'):
                self._evidence()
        self._verdicts.build()
        ui.on("headset", self._on_headset)
        ui.keyboard(self._on_key, ignore=["input", "select", "textarea"])
        self._watching.enter_context(self._board.watched(self._touch))
        self._watching.enter_context(self._house.live.watched(lambda _: self._touch()))
        ui.timer(REFRESH_S, self._refresh)
        ui.timer(CLOCK_S, self._touch)
        self._client = ui.context.client
        self._client.on_delete(self._close)

    # --- what is shown --------------------------------------------------------------------------

    @ui.refreshable_method
    def _status(self) -> None:
        desk = self._desk()
        with ui.element("div").classes("status").props('role="group" aria-label="Mon statut"'):
            for status, name in STATUSES.items():
                pressed = desk is not None and desk.status == status
                ui.button(name, on_click=self._setting(status)).props(
                    f"{'unelevated' if pressed else 'outline'} no-caps "
                    f'aria-pressed="{str(pressed).lower()}"'
                ).classes(status)

    @ui.refreshable_method
    def _call(self) -> None:
        call = self._house.live.get(self._selected() or "")
        self._conversation = None
        if call is None or not may_see(self._user, call.record.client):
            ui.label("Choisissez un appel, ou attendez qu'il sonne.").classes("none")
            return
        record, mine = call.record, self._mine()
        on_it = mine is not None and mine.request.call_id == record.call_id
        with ui.element("div").classes("head"):
            ui.label(f"{self._brand(record.client)} — {caller_of(record)}").classes("who")
            with ui.element("div").classes("actions"):
                if on_it:
                    self._own_actions()
                elif mine is None and not self._has_operator(record.call_id):
                    ui.button("Prendre l'appel", on_click=lambda: self._take_over(call)).props(
                        "outline no-caps"
                    )
        if on_it:
            air = ui.label(ON_AIR if call.joined else COMING).props('role="status"')
            air.classes("air on" if call.joined else "air")
        brief = self._brief(call)
        if brief is not None:
            brief_box(brief)
        with (
            ui.element("div")
            .classes("transcript")
            .props('role="log" aria-live="polite" aria-label="Conversation" tabindex="0"')
        ):
            self._conversation = Conversation(self._verdicts)
            self._conversation.show(tuple(record.turns))
            self._saying()

    @ui.refreshable_method
    def _saying(self) -> None:
        """What the caller says at this moment: it comes often, and all else stays as it is."""
        call = self._house.live.get(self._selected() or "")
        if call is not None and call.partial and may_see(self._user, call.record.client):
            with ui.element("p").classes("caller partial"):
                ui.label(SPEAKERS["caller"]).classes("speaker")
                ui.label(f"{call.partial} …")
        ui.run_javascript(TO_THE_END)

    @ui.refreshable_method
    def _evidence(self) -> None:
        shown = self._evidence_shown()
        if shown is None:
            ui.label("La page de la notice s'affiche ici dès que l'assistant répond.").classes(
                "none"
            )
            return
        call_id, position, best = shown
        ui.label(best.place).classes("who")
        picture = f"/api/appels/{call_id}/tours/{position}/page.png?{best.passage_id}"
        with ui.link(target=picture, new_tab=True).props('aria-label="Ouvrir la page en grand"'):
            ui.element("img").props(f'src="{picture}" alt="Page {best.page} de la notice"')

    def _brief(self, call: LiveCall) -> Brief | None:
        """What is known of a call: who took over unasked is to know the story, too."""
        if call.record.handoff is not None:
            return call.record.handoff.brief
        mine = self._mine()
        on_it = mine is not None and mine.request.call_id == call.record.call_id
        return brief_so_far(call) if on_it else None

    def _evidence_shown(self) -> tuple[str, int, Evidence] | None:
        """The last passage that the shown call was answered with: call, turn, passage."""
        call = self._house.live.get(self._selected() or "")
        if call is None or not may_see(self._user, call.record.client):
            return None
        answered = [
            (call.record.call_id, position, turn.evidence[0])
            for position, turn in enumerate(call.record.turns)
            if turn.evidence and turn.decision in ("answer", "confirm")
        ]
        return answered[-1] if answered else None

    def _own_actions(self) -> None:
        ui.button("Micro coupé (M)" if self._muted else "Micro (M)", on_click=self._mute).props(
            f'outline no-caps aria-pressed="{str(self._muted).lower()}"'
        )
        for name, why in self._ways_back():
            ui.button(name, on_click=partial(self._leave, why)).props("outline no-caps")
        ui.button("Terminer (T)", on_click=lambda: self._leave("finished")).props(
            "unelevated no-caps color=negative"
        )

    def _ways_back(self) -> tuple[tuple[str, Leaving], ...]:
        """How the caller may be given back to the agent; with a request, what becomes of that."""
        mine = self._mine()
        if mine is None or mine.request.ticket_id is None:
            return (("Rendre à l'assistant (R)", "returned"),)
        return (("Rendre, à rappeler (R)", "returned"), ("Rendre, réglé (G)", "settled"))

    # --- what is done ---------------------------------------------------------------------------

    def _accepted(self, transfer: SwitchboardTransfer) -> None:
        self._chosen = transfer.request.call_id
        self._join(transfer)

    def _take_over(self, call: LiveCall) -> None:
        record = call.record
        brief = record.handoff.brief if record.handoff is not None else brief_so_far(call)
        ticket_id = record.handoff.ticket_id if record.handoff is not None else None
        request = RingRequest(record.client, record.call_id, ticket_id, brief)
        transfer = None
        if not call.state.ringing:
            transfer = self._board.take_over(request, self._user.id, call.told)
        if transfer is None:
            ui.notify("Cet appel a déjà un conseiller.")
            return
        call.take_over(transfer)
        self._join(transfer)

    def _join(self, transfer: SwitchboardTransfer) -> None:
        self._joined, self._muted = transfer.handoff_id, False
        transfer.joining = True
        ui.run_javascript(f"headset.join('{transfer.handoff_id}')")

    def _leave(self, why: Leaving) -> None:
        mine = self._mine()
        if mine is not None:
            self._headsets.leave(mine.handoff_id, self._user.id, why)
            ui.run_javascript("headset.leave()")

    def _mute(self) -> None:
        self._muted = not self._muted
        ui.run_javascript(f"headset.mute({str(self._muted).lower()})")
        self._call.refresh()

    def _setting(self, status: str) -> Callable[[], None]:
        def to_set() -> None:
            if status == "available":
                ui.run_javascript("headset.ready()")  # `_on_headset` goes on
            else:
                self._board.set_status(self._user.id, "break")

        return to_set

    def _on_headset(self, event: GenericEventArguments) -> None:
        state, trouble = str(event.args.get("state", "")), str(event.args.get("trouble", ""))
        if trouble:
            ui.notify(trouble, type="negative", timeout=8000)
        if state == "ready":
            self._board.set_status(self._user.id, "available")

    def _on_key(self, event: KeyEventArguments) -> None:
        letter = letter_of(event)
        if self._incoming.press(letter):
            return
        match letter:
            case "t":
                self._leave("finished")
            case "r":
                self._leave("returned")
            case "g" if len(self._ways_back()) > 1:
                self._leave("settled")
            case "m" if self._mine() is not None:
                self._mute()

    def _choose(self, call_id: str) -> None:
        self._chosen = call_id
        self._touch()

    # --- watching -------------------------------------------------------------------------------

    def _touch(self) -> None:
        self._dirty = True

    async def _refresh(self) -> None:
        """Show what has changed since the last time, section by section."""
        if not self._dirty:
            return
        self._dirty = False
        now = datetime.now(UTC)
        calls = self._visible()
        await self._show("status", self._status, getattr(self._desk(), "status", None))
        await self._incoming.show()
        self._list.show(
            [Row(c.record.call_id, self._clock_of(c.record, now), caller_of(c.record),
                 doing(c.state)) for c in calls],
            self._selected(),
        )  # fmt: skip
        call = self._house.live.get(self._selected() or "")
        mine = self._mine()
        if call is not None and call.record.call_id != self._verdicts.call_id:
            await self._verdicts.show(call.record.call_id, call.record.client)
            if self._client.is_deleted:
                return  # the page was closed meanwhile
        await self._show("call", self._call, call and (
            call.record.call_id, call.record.handoff, self._brief(call),
            self._has_operator(call.record.call_id), mine and mine.record.state,
            call.joined,
        ))  # fmt: skip
        lines = self._conversation
        if call is not None and lines is not None and lines.show(tuple(call.record.turns)):
            ui.run_javascript(TO_THE_END)
        await self._show("saying", self._saying, call and call.partial)
        await self._show("evidence", self._evidence, self._evidence_shown())
        away = mine is not None and mine.leg is None and not mine.joining
        if mine is not None and away and self._joined != mine.handoff_id:
            self._join(mine)  # accepted on another page; or the page that was joined was reloaded

    async def _show(self, name: str, section: Any, seen: Any) -> None:
        if name in self._shown and self._shown[name] == seen:
            return
        self._shown[name] = seen
        await section.refresh()  # now: a task of its own would find the page closed

    def _close(self) -> None:
        self._watching.close()
        self._board.sign_off(self._user.id)

    # --- what is asked of the board -------------------------------------------------------------

    def _desk(self) -> Any:
        mine = (d for d in self._board.desks() if d.operator.user_id == self._user.id)
        return next(mine, None)

    def _mine(self) -> SwitchboardTransfer | None:
        desk = self._desk()
        return self._board.transfer(desk.call) if desk is not None and desk.call else None

    def _selected(self) -> str | None:
        if self._house.live.get(self._chosen or "") is not None:
            return self._chosen
        mine, ringing = self._mine(), self._board.ringing_for(self._user.id)
        if mine is not None:
            return mine.request.call_id
        return ringing[0].request.call_id if ringing else None  # its story, before it is taken

    def _has_operator(self, call_id: str) -> bool:
        return any(one.request.call_id == call_id for one in self._board.transfers())

    def _visible(self) -> list[LiveCall]:
        return [c for c in self._house.live.shown() if may_see(self._user, c.record.client)]

    def _clock_of(self, record: CallRecord, now: datetime) -> str:
        return f"{self._brand(record.client)} · {lasted(record, now)}"

    def _brand(self, slug: str) -> str:
        return self._house.brands.get(slug, slug)
