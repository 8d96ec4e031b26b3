"""From the agent to people: now, or when they are there again.

- hours.py, hours_text.py, holidays.py: when a client's operators are there (pure); answering.py who
  answers first and who is on call, opening_hours.py the same for schema.org
- states.py, desks.py, transfer.py, switchboard.py: operators rung for calls
- brief.py, brief_text.py: the story in five seconds (pure)
- tickets.py: requests become tickets, durable before the caller hears of them
- message.py, mail.py, webhook.py, delivery.py, notify.py: tickets told to those concerned
"""
