"""The operators' console: NiceGUI pages under /console.

- mounting.py: puts them into the application
- frame.py: what every page has: who is signed in, where else to go
- telling.py: a call, a handoff and a brief in an operator's words (pure)
- feed.py: the callbacks, asked of the database once for all open pages
- pieces.py: elements that hold text; when.py, callback_words.py, call_words.py: words (pure)
- incoming.py: who rings, on every page; standby.py: on those that are not the desk
- callbacks.py, callback_card.py: the callbacks to make, and the chosen one
- history.py, past_call.py: calls that have been; downloads.py: a table, a recording
- verdict_bar.py: whether an answer was good
- desk.py: calls as they come and as they are: take, decline, take over, end
"""
