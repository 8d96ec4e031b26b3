"""Reads what a dashboard shows of one client. Blocks: run it in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.handoff.message import zone_of
from agent.house import House, hours_of
from agent.store.clients import Client
from agent.web.portal.dashboard.charts import Options, charts_of
from agent.web.portal.dashboard.period import Asked
from agent.web.portal.dashboard.sheets import Seen, Sheet, sheets_of, span_of
from agent.web.portal.words import speaking


@dataclass(frozen=True)
class Dashboard:
    """Everything on the page."""

    seen: Seen
    sheets: dict[str, Sheet]
    charts: dict[str, Options]


def read(house: House, client: Client, asked: Asked, now: datetime, language: str) -> Dashboard:
    """The dashboard that is asked for.

    Args:
        house: Of the figures.
        client: Whose.
        asked: Which periods.
        now: With its zone.
        language: Of the texts.

    Raises:
        PeriodError: The periods cannot be so.
        StoreError: The database cannot be read.
    """
    with speaking(language):
        zone = zone_of(client.hours)
        period, other = asked.periods(now.astimezone(ZoneInfo(zone)).date(), zone)
        schedule = hours_of(house.clients, client.slug)

        spans = [
            span_of(one, house.figures.read(client.slug, one.since, one.until, now), schedule)
            for one in (period, other)
            if one is not None
        ]
        seen = Seen(spans[0], spans[1] if other is not None else None, client.minutes_per_call)
        return Dashboard(seen, sheets_of(seen), charts_of(seen))
