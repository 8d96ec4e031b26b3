"""The settings of a client's line: one page each under /portail/SLUG/reglages.

- overview.py: what is set, in a line each, with the way to change it
- saving.py: what all of them need: checks, somebody else's change, the audit, the voice made ready
- greeting.py, voice.py, hours.py, people.py, notifying.py, line.py, recording.py: the pages
"""
