"""The portal's pages: importing their modules is what puts them into NiceGUI's application."""

from __future__ import annotations

from agent.web.portal import access, account, home, journal, manuals
from agent.web.portal import people as persons
from agent.web.portal.calls import listing, one_call
from agent.web.portal.dashboard import page as dashboard
from agent.web.portal.gaps import answering
from agent.web.portal.gaps import page as gaps
from agent.web.portal.personal import page as personal
from agent.web.portal.personal import register_page
from agent.web.portal.settings import greeting, hours, line, overview, people, recording, voice
from agent.web.portal.trying import page as trying

PAGES = (
    home,
    trying,
    gaps,
    answering,
    dashboard,
    listing,
    one_call,
    overview,
    greeting,
    voice,
    hours,
    people,
    line,
    recording,
    access,
    persons,
    journal,
    personal,
    register_page,
    account,
    manuals,
)
"""A module an area, in the order of the navigation."""
