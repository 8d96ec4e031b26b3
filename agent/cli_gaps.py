"""The command that lists what a client's callers were not answered, or not rightly."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from agent.settings import load_settings

if TYPE_CHECKING:
    from agent.store.gaps import Gap

KINDS = {"wrong": "Réponse fausse", "unanswered": "Sans réponse", "misunderstood": "Mal comprise"}


def gaps(
    slug: Annotated[str, typer.Argument(help="The client.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest ones.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one a line.")] = False,
) -> None:
    """List wrong answers, by operators' verdicts, and questions without one, newest first."""
    from agent.handoff.message import zone_of
    from agent.opening import open_database
    from agent.store.clients import ClientStore
    from agent.store.verdicts import VerdictStore

    database = open_database(load_settings())
    try:
        found = VerdictStore(database).gaps(slug, limit)
        zone = ZoneInfo(zone_of(ClientStore(database).get(slug).hours))
    finally:
        database.close()
    for gap in found:
        if as_json:
            print(json.dumps(asdict(gap), ensure_ascii=False, default=str))
        else:
            print("\n".join(lines_of(gap, zone)), end="\n\n")
    if not found and not as_json:
        print(f"{slug} : rien à compléter.")


def lines_of(gap: Gap, zone: ZoneInfo) -> list[str]:
    """A gap as it is read: when, the question, what was said, on which pages, what is thought."""
    lines = [
        f"{gap.at.astimezone(zone):%d/%m/%Y %H:%M}  {KINDS[gap.kind]}  (appel {gap.call_id})",
        f"  Question : {gap.asked}",
        f"  Réponse  : {gap.said}",
    ]
    if gap.pages:
        lines.append(f"  Pages    : {' ; '.join(gap.pages)}")
    if gap.by:
        lines.append(f"  Avis     : {gap.by}" + (f", « {gap.note} »" if gap.note else ""))
    return lines
