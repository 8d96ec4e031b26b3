"""« Journal »: who did what at a client, and when."""

from __future__ import annotations

import asyncio
from typing import get_args

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agent.handoff.message import zone_of
from agent.store.audit import PAGE, Entry
from agent.store.users import Role
from agent.web.console.pieces import Words, link
from agent.web.portal.entry.sentences import role_name
from agent.web.portal.frame import PATH, framed, visiting
from agent.web.portal.parts import Cell, table
from agent.web.portal.words import moment, t

SHOWN_DETAILS = 200
"""Characters of what else there is to say of an entry."""


@ui.page(f"{PATH}/{{slug}}/personnes/journal", title="permanence")
async def journal_page(request: Request, slug: str, avant: int = 0) -> Response | None:
    """A page of the log of a client, the newest first; for its managers."""
    visit = await visiting(request, slug, "manager")
    if isinstance(visit, Response):
        return visit
    entries = await asyncio.to_thread(
        visit.house.audit.entries, [slug], client=slug, before=avant or None
    )
    with framed(visit, "personnes", t("Journal")):
        zone = zone_of(visit.client.hours)
        if not entries:
            Words(t("Rien n'a été fait avant cela."), "p")
        else:
            headings = [t("Quand"), t("Qui"), t("Quoi"), t("À quoi")]
            table(headings, [_row(one, zone) for one in entries]).classes("people")
        with ui.element("div").classes("actions"):
            if len(entries) == PAGE:
                link(t("Plus ancien"), f"{visit.path('personnes/journal')}?avant={entries[-1].id}")
            link(t("Revenir aux personnes"), visit.path("personnes"))
    return None


def _row(one: Entry, zone: str) -> list[Cell]:
    def what() -> None:
        Words(action_words().get(one.action, one.action), "span")
        detail = _detail(one)
        if detail:
            Words(detail[:SHOWN_DETAILS], "div", "hint")

    return [moment(one.at, zone), one.who, what, one.subject]


def _detail(one: Entry) -> str:
    """What else there is to say: roles by their names, anything else as it is kept."""
    told = []
    for key, value in one.detail.items():
        if key in ("before", "role") and value in get_args(Role):
            told.append(role_name(value))
        elif key == "device":
            told.append(str(value))
        elif value not in ("", None, [], {}):
            told.append(f"{key} : {value}")
    return " → ".join(told) if "before" in one.detail else ", ".join(part for part in told if part)


def action_words() -> dict[str, str]:
    """What is done, in words; what is not here is shown as it is called."""
    return {
        "user.invited": t("a invité"),
        "user.invited_again": t("a renvoyé l'invitation"),
        "user.invitation_link_shown": t("a montré le lien de l'invitation"),
        "user.invitation_withdrawn": t("a retiré l'invitation"),
        "user.joined": t("a accepté l'invitation"),
        "user.role_changed": t("a changé le rôle"),
        "user.let_go": t("a retiré l'accès"),
        "user.signed_in": t("s'est connecté"),
        "user.password_reset": t("a choisi un autre mot de passe par un lien"),
        "account.changed": t("a changé son nom ou sa langue"),
        "account.password_changed": t("a changé son mot de passe"),
        "account.session_closed": t("a déconnecté un de ses appareils"),
        "account.sessions_closed": t("s'est déconnecté partout ailleurs"),
        "second_factor.on": t("a activé le second facteur"),
        "second_factor.off": t("a désactivé le second facteur"),
        "second_factor.codes_renewed": t("a tiré d'autres codes de secours"),
        "second_factor.recovery_used": t("s'est servi d'un code de secours"),
        "token.created": t("a créé un jeton d'accès"),
        "token.revoked": t("a révoqué un jeton d'accès"),
        "client.added": t("a créé le client"),
        "person.erased": t("a effacé ce qui était gardé d'un numéro"),
        "person.exported": t("a exporté ce qui est gardé d'un numéro"),
        "retention.run": t("a effacé ce qui était trop ancien"),
    }
