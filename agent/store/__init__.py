"""What is kept: SQL lives here and nowhere else.

schema.py      the tables
migrations/    how a database comes to have them
database.py    one engine, short transactions
clients.py     clients and their manuals
calls.py       calls and their turns (implements `CallLog`)
tickets.py     callback requests (implements `TicketBook`)
"""
