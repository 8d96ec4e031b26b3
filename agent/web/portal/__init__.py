"""The portal in which a brand's own people run their line: NiceGUI pages under /portail/SLUG/.

- mounting.py: names the modules whose pages there are
- words.py: every text in the language of who reads it; locale/en/*.po, one file an area
- frame.py: who may come in, the page's head and navigation
- parts.py: fields, tables, notices, questions
- home.py: where one comes in; welcome.py: the first steps, and the line today
- settings/: greeting, voice, hours, people, line, recording; listening.py: what is heard of them
"""

from __future__ import annotations

from agent.web.portal.mounting import PAGES

__all__ = ["PAGES"]
