"""One call, in the order in which its audio passes.

- transport.py: what a call needs to know of the line that carries it
- turns.py: when the caller begins and ends a turn (Silero VAD, Smart Turn)
- hearing.py: a turn's audio -> its words, by transcriber.py (one shared pool)
- intents.py, moves.py, dialogue.py: words -> what to do next, a pure state machine
- reply.py: carries out what the dialogue decides: looks up, hands over, says
- speaking.py: sentences -> audio, ahead of the ear, by voice.py (one shared pool)
- pipeline.py: the ordered list of the above
- session.py: one call: owns its tasks, its deadlines and its record
- live.py: the calls in progress and the admission limit
- record.py: what is kept of a call
"""
