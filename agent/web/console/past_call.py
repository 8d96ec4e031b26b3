"""A past call: its story, what was said turn by turn, and its sound."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.call.record import CallRecord, Turn
from agent.errors import StoreError
from agent.handoff.states import HandoffRecord
from agent.house import House
from agent.store.users import User, may_see
from agent.web.console.call_words import (
    DECISIONS,
    ENDED_BY,
    outcome_of,
    passages_of,
)
from agent.web.console.downloads import recording_path
from agent.web.console.feed import CallbackFeed, Names
from agent.web.console.frame import framed, missing, who
from agent.web.console.pieces import Words, brief_box, link, set_attributes
from agent.web.console.standby import stand_by
from agent.web.console.telling import SPEAKERS, caller_number_of, lasted, lines_of, name_of
from agent.web.console.verdict_bar import Verdicts
from agent.web.console.when import minutes_of, when_said
from agent.web.sound import recording_of

NO_CALL = "Cet appel n'existe pas, ou n'est pas celui d'un de vos clients."
NO_SOUND = "Cet appel n'a pas été enregistré."
NO_TIMES = "L'instant de chaque phrase n'a pas été gardé : on ne peut pas y sauter."

SPEEDS = ("1", "1.25", "1.5", "2")
BEFORE_S = 1.5
"""A turn that began so little before the recording is heard from its beginning."""


@dataclass(frozen=True)
class Past:
    """What is shown of a call."""

    record: CallRecord
    handoffs: tuple[HandoffRecord, ...]
    has_sound: bool


@ui.page("/console/appels/{call_id}", title="Appel — permanence")
async def past_call_page(request: Request, call_id: str) -> Response | None:
    """One call; 404 for what is no call of the user's clients."""
    user = await who(request)
    if isinstance(user, Response):
        return user
    house: House = request.state.house
    feed: CallbackFeed = request.state.feed
    past = await asyncio.to_thread(_read, house, user, call_id)
    if past is None:
        return missing(NO_CALL)
    names = (await feed.fresh()).names
    with framed(user, "Historique"):
        stand_by(request, user)
        ui.add_body_html('<script type="module" src="/static/player.js"></script>')
        verdicts = Verdicts(house, feed, user)
        verdicts.build()
        await verdicts.show(call_id, past.record.client)
        _show(past, names, verdicts)
    return None


def _read(house: House, user: User, call_id: str) -> Past | None:
    """In a thread: the call, None if it is none of the user's clients'."""
    try:
        record = house.calls.load(call_id)
    except StoreError:
        return None
    if not may_see(user, record.client):
        return None
    has_sound = recording_of(house, record) is not None
    return Past(record, house.handoffs.of_call(call_id), has_sound)


def _show(past: Past, names: Names, verdicts: Verdicts) -> None:
    record = past.record
    with ui.element("div").classes("past"):
        with ui.element("section").classes("talk") as talk:
            set_attributes(talk, aria_labelledby="call-title")
            _head(record, names)
            _player(past)
            with ui.element("ol").classes("turns") as turns:
                set_attributes(turns, aria_label="Conversation")
                for position, turn in enumerate(record.turns):
                    _turn(past, position, turn, verdicts)
            if not record.turns:
                Words("Rien n'a été dit.", "p", "none")
        with ui.element("section").classes("about") as about:
            set_attributes(about, aria_label="Suites de l'appel")
            _story(record)
            for handoff in past.handoffs:
                Words("Passage à un conseiller", "h2")
                with ui.element("ol").classes("passages"):
                    for line in passages_of(handoff, names):
                        Words(line, "li")
            _ending(record)


def _head(record: CallRecord, names: Names) -> None:
    name, number = name_of(record), caller_number_of(record)
    at = when_said(record.started_at, datetime.now(UTC), names.zone(record.client))
    length = lasted(record, datetime.now(UTC))
    with ui.element("div").classes("head"):
        with ui.element("div"):
            Words(f"{name}, {number}" if name else number, "h1", id="call-title")
            Words(f"{names.brand(record.client)} · {at} · {length}", "p", "due")
        with ui.element("div").classes("title"):
            Words(outcome_of(record), "span", f"outcome {record.outcome}")
            link("Tous les appels", "/console/appels", "quiet")


def _player(past: Past) -> None:
    with ui.element("div").classes("player"):
        if not past.has_sound:
            Words(NO_SOUND, "p", "none")
            return
        audio = ui.element("audio").props("controls preload=metadata id=recording")
        set_attributes(
            audio, src=recording_path(past.record.call_id),
            aria_label="Enregistrement : le client à gauche, l'assistant à droite",
        )  # fmt: skip
        Words("Vitesse", "label", _for="speed")
        with ui.element("select").props("id=speed"):
            for speed in SPEEDS:
                Words(f"{speed.replace('.', ',')} ×", "option", value=speed)
        if all(turn.at_s is None for turn in past.record.turns):
            Words(NO_TIMES, "p", "none")
        else:
            Words("Espace : écouter · ← → : 5 secondes", "p", "keys")


def _turn(past: Past, position: int, turn: Turn, verdicts: Verdicts) -> None:
    at_s = _place(past, turn)
    with ui.element("li").classes("turn") as line:
        if at_s is not None:
            set_attributes(line, data_at=f"{at_s:.1f}")
            clock = minutes_of(at_s)
            Words(
                clock, "button", "plain at", type="button", data_seek=f"{at_s:.1f}",
                aria_label=f"{clock}, écouter d'ici",
            )  # fmt: skip
        else:
            Words("", "span", "at")
        with ui.element("div").classes("said"):
            for speaker, words in lines_of(turn):
                with ui.element("p").classes(speaker):
                    Words(SPEAKERS[speaker], "span", "speaker")
                    Words(words, "span")
            if turn.by == "agent":
                _grounds(past.record, position, turn)
                verdicts.bar(position, turn)


def _place(past: Past, turn: Turn) -> float | None:
    """Where a turn is in the recording, seconds; None where there is no way to it."""
    begins_s = past.record.recording_from_s
    if not past.has_sound or turn.at_s is None or begins_s is None:
        return None
    at_s = turn.at_s - begins_s
    return None if at_s < -BEFORE_S else max(0.0, at_s)


def _grounds(record: CallRecord, position: int, turn: Turn) -> None:
    """What the turn led to, how sure it was, and the page that it stands on."""
    decision = DECISIONS[turn.decision]
    if not decision:
        return
    sure = f", sûr à {round(turn.confidence * 100)} %" if turn.confidence is not None else ""
    cut = ", interrompu" if turn.interrupted else ""
    Words(f"{decision}{sure}{cut}", "p", "decision")
    for best in turn.evidence[:1]:
        with ui.element("details").classes("source"):
            Words(best.place, "summary")
            Words(best.text, "blockquote")
            picture = f"/api/appels/{record.call_id}/tours/{position}/page.png"
            link("Voir la page de la notice", picture, target="_blank")


def _story(record: CallRecord) -> None:
    if record.handoff is None:
        return
    Words("Résumé transmis", "h2")
    brief_box(record.handoff.brief)
    ticket_id = record.handoff.ticket_id
    link(f"Demande {ticket_id}", f"/console/rappels?demande={ticket_id}", "onward")


def _ending(record: CallRecord) -> None:
    Words("Fin de l'appel", "h2")
    if record.ended_at is None:
        Words("L'appel est en cours.", "p")
        return
    ended = ENDED_BY.get(record.ended_by or "", "")
    Words(f"{ended[:1].upper()}{ended[1:]}." if ended else "Non précisée.", "p")
    Words(f"Appel {record.call_id}", "p", "state")
