"""The order in which a call's frames pass."""

from __future__ import annotations

from pipecat.pipeline.pipeline import Pipeline

from agent.call.echo import EchoCanceller
from agent.call.hearing import Hearing
from agent.call.joint import Joint
from agent.call.recorder import Recorder
from agent.call.reply import Reply
from agent.call.speaking import Speaking, Spoken
from agent.call.transport import Line
from agent.call.turns import TurnModels


def build_pipeline(
    line: Line, turns: TurnModels, hearing: Hearing, reply: Reply, speaking: Speaking,
    joint: Joint, spoken: Spoken, recorder: Recorder | None, echo: EchoCanceller | None,
) -> Pipeline:  # fmt: skip
    """Caller's frames in, turns, words, decision, voice, caller's frames out; then the recorder.

    Sound passes as frames from the line to `hearing` and from `speaking` to `spoken` only: each
    processor on its way costs every call a thousandth of a core.
    """
    return Pipeline(
        [
            line.transport.input(),
            turns.voice_activity(echo),
            turns.end_of_turn(),
            hearing,
            reply,
            speaking,
            joint,
            line.transport.output(),
            spoken,
            *([recorder] if recorder is not None else []),
        ]
    )
