"""The manuals of a client: what is in service, what is prepared, one manual from its pages.

- looking.py: all that the pages show, read at one time
- wording.py: problems, states and differences in words
- listed.py: the list, files that are sent, publishing
- publishing.py: the draft, its check, one click back
- one.py: one manual: its appliance, its codes, its pages beside its passages
"""

from __future__ import annotations

from agent.web.portal.manuals import listed, one

__all__ = ["listed", "one"]
