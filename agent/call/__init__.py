"""One call, in the order in which its audio passes.

- transport.py: what a call needs to know of the line that carries it
- turns.py: when the caller begins and ends a turn (Silero VAD, Smart Turn); echo.py takes the
  agent's own voice out first, half_said.py tells what is not said to its end
- hearing.py: a turn's audio -> its words, by transcriber.py (one shared pool)
- intents.py, strangers.py: what a caller says about the conversation; who is no customer;
  talked_over.py: what is heard over the agent's voice and is no reason to stop
- moves.py, dialogue.py: words -> what to do next, a pure state machine; alarm.py deals with
  danger, consent.py with being recorded, guiding.py advises step by step, handing.py hands over,
  ringing.py waits for an operator, capture/ takes down a detail, story.py keeps what was told for
  the brief, talking.py says and takes leave
- reply.py: carries out what the dialogue decides: says it, and has it done by errands.py (manuals,
  tickets, danger); pending.py is the turn it replies to, turn_log.py keeps it
- handover.py: what a call and the operators tell one another; joining.py is the call's side of it,
  joint.py where two lines are joined, operator_leg.py the operator's line
- mouth.py: what is being said, broken off, taken up again
- speaking.py: sentences -> audio, ahead of the ear, by voice.py (one shared pool); playback.py
  knows how much of it was heard
- recorder.py: both sides of the call -> a file, where the client wants it; tracks.py puts them on
  one clock, recording_file.py writes them
- pipeline.py: the ordered list of the above
- carrying.py: a pipeline at work, torn down whatever happens
- session.py: one call: owns its tasks, its deadlines and its record
- live.py: the calls in progress and the admission limit
- record.py: what is kept of a call
"""
