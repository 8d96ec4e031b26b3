"""The portal's pages: importing their modules is what puts them into NiceGUI's application."""

from __future__ import annotations

from agent.web.portal import access, home

PAGES = (home, access)
"""A module an area, in the order of the navigation."""
