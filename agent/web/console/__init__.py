"""The operators' console: NiceGUI pages under /console.

- mounting.py: puts them into the application
- frame.py: what every page has: who is signed in, where else to go
- telling.py: a call, a handoff and a brief in an operator's words (pure)
- desk.py: calls as they come and as they are: take, decline, take over, end
"""
