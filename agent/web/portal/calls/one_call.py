"""One call of a client's: what was said turn by turn, on which page it stood, how it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.call.record import CallRecord, Decision, Turn
from agent.errors import StoreError
from agent.handoff.message import zone_of
from agent.house import House
from agent.store.call_facts import CallKind, kind_of
from agent.store.users import User
from agent.web.console.pieces import Words, brief_box, link, set_attributes
from agent.web.console.telling import lasted
from agent.web.pages import missing_page
from agent.web.portal.calls.private import Said, caller_of, sees_all, turns_of
from agent.web.portal.dashboard.sheets import kind_name
from agent.web.portal.frame import Visit, framed, visiting
from agent.web.portal.parts import panel
from agent.web.portal.trying.told import place_words
from agent.web.portal.words import moment, percent, speaking, t
from agent.web.sound import recording_of

HERE = "appels"
NO_CALL = "Cet appel n'existe pas, ou n'est pas un des vôtres."


@dataclass(frozen=True)
class OneCall:
    """What is shown of a call."""

    record: CallRecord
    kind: CallKind
    turns: list[Said]
    has_sound: bool


@ui.page("/portail/{slug}/appels/{call_id}", title="Appel — permanence")
async def call_page(request: Request, slug: str, call_id: str) -> Response | None:
    """One call; 404 for what is no call of that client."""
    visit = await visiting(request, slug)
    if isinstance(visit, Response):
        return visit
    call = await asyncio.to_thread(_read, visit.house, visit.user, slug, call_id)
    if call is None:
        return missing_page(NO_CALL)
    with speaking(visit.language):
        at = moment(call.record.started_at, zone_of(visit.client.hours))
        title = t("Appel du {at}", at=at)
    with framed(visit, HERE, title):
        _show(visit, call)
    return None


def _read(house: House, user: User, slug: str, call_id: str) -> OneCall | None:
    """In a thread: the call, None if it is none of the client's."""
    try:
        record = house.calls.load(call_id, client=slug)
        talked = any(
            passage.state == "connected"
            for handoff in house.handoffs.of_call(call_id)
            if handoff.client == slug
            for passage in handoff.history
        )
    except StoreError:
        return None
    if record.test:
        return None
    has_sound = sees_all(user) and recording_of(house, record) is not None
    return OneCall(record, kind_of(record, talked=talked), turns_of(record, user), has_sound)


def _show(visit: Visit, call: OneCall) -> None:
    record = call.record
    ended = record.ended_at is not None
    facts = [caller_of(record, visit.user), lasted(record, datetime.now(UTC)),
             kind_name(call.kind) if ended else t("En cours")]  # fmt: skip
    if record.satisfaction is not None:
        facts.append(t("note {mark} sur 5", mark=record.satisfaction))
    Words(" · ".join(facts), "p", "due")
    if call.has_sound:
        audio = ui.element("audio").props("controls preload=metadata")
        source = f"{visit.path(HERE)}/{record.call_id}/enregistrement.wav"
        set_attributes(audio, src=source, aria_label=t("Enregistrement de l'appel"))
    with panel(t("Conversation")):
        with ui.element("ol").classes("said-turns"):
            for said, turn in zip(call.turns, record.turns, strict=True):
                _turn(said, turn)
        if not record.turns:
            Words(t("Rien n'a été dit."), "p")
    if record.handoff is not None and sees_all(visit.user):
        with panel(t("Résumé transmis")):
            brief_box(record.handoff.brief)
    link(t("Tous les appels"), visit.path(HERE), "plain to-calls")


def _turn(said: Said, turn: Turn) -> None:
    who = t("Conseiller") if turn.by == "operator" else t("Assistant")
    with ui.element("li"):
        for speaker, words in ((t("Appelant"), said.heard), (who, said.said)):
            if words:
                with ui.element("p"):
                    Words(speaker, "strong")
                    Words(f" {words}", "span")
        decision = _decision(turn.decision) if turn.by == "agent" else ""
        if decision:
            sure = ""
            if turn.confidence is not None:
                sure = t(", sûr à {share}", share=percent(turn.confidence))
            Words(f"{decision}{sure}", "p", "hint")
        for best in turn.evidence[:1]:
            with ui.element("details"):
                Words(place_words(best.manual, best.page), "summary")
                Words(best.text, "blockquote")


def _decision(decision: Decision) -> str:
    return {
        "answer": t("réponse du manuel"),
        "confirm": t("demande de confirmation"),
        "clarify": t("demande de précision"),
        "handoff": t("passage à un conseiller"),
        "safety": t("consigne de sécurité"),
        "social": "",
    }[decision]
