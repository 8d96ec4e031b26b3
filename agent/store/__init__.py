"""What is kept: SQL lives here and nowhere else.

schema/        the tables, by area
migrations/    how a database comes to have them
database.py    one engine, short transactions
clients.py     clients and their manuals
calls.py       calls and their turns (implements `CallLog`)
tickets.py     callback requests (implements `TicketBook`); ticket_rows.py: what one is
ticket_work.py what operators do with them, and which to call next
announce.py    what is to be sent of a ticket, written with it
outbox.py      what waits to be sent, claimed by one sender at a time (implements `Messages`)
targets.py     where a client wants to be told
"""
