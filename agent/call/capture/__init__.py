"""A detail captured from a caller by voice and read back: number, name, reference, date, address.

- words.py, numerals.py, spelling.py: what was said, word by word: numbers and letters
- letter_names.py, examples.py, example_names.py: one letter: « effe », « F comme François »
- runs.py, takes.py: runs of numbers and the corrections inside an utterance
- phone.py, postcode.py, reference.py, purchase_date.py, email.py, name.py: one field each
- dictation.py, agreement.py: a reference's strings; what several dictations of it say together
- amending.py, respelling.py, email_changes.py: a part of a value corrected after its read-back
- replies.py: yes, no, again, « je préfère pas »
- state.py, capture.py: the sub-dialogue, a pure state machine; fields.py is its table of fields
"""

from agent.call.capture.capture import MAX_TURNS, ask, heard, key, understood
from agent.call.capture.reading import FIELDS, Field, Reading
from agent.call.capture.state import Ask, Capture, Captured, GivenUp, Move, Stage

__all__ = [
    "FIELDS",
    "MAX_TURNS",
    "Ask",
    "Capture",
    "Captured",
    "Field",
    "GivenUp",
    "Move",
    "Reading",
    "Stage",
    "ask",
    "heard",
    "key",
    "understood",
]
