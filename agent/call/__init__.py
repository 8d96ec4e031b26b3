"""One call, in the order in which its audio passes.

transport.py   what a call needs to know of the line that carries it
turns.py       when the caller begins and ends a turn (Silero VAD, Smart Turn)
hearing.py     a turn's audio -> its words (one shared Transcriber)
dialogue.py    words -> what to do next: a pure state machine
reply.py       carries out what the dialogue decides: looks up, hands over, says
speaking.py    sentences -> audio, one ahead of the ear (one shared Voice)
pipeline.py    the ordered list of the above
observer.py    reads the timings off the frames
session.py     one call: owns its tasks, its deadlines and its record
live.py        the calls in progress and the admission limit
record.py      what is kept of a call
"""
