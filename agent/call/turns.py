"""When the caller begins and ends a turn: Silero VAD and Smart Turn, loaded once a process.

pipecat's analysers load a model an instance; here each call's analyser keeps its own state and
borrows one shared onnxruntime session (sessions may run from several threads at once).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pipecat.audio.turn.smart_turn.base_smart_turn import SmartTurnParams
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams, VADState
from pipecat.frames.frames import Frame
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.turns.types import ProcessFrameResult
from pipecat.turns.user_start import VADUserTurnStartStrategy
from pipecat.turns.user_stop import TurnAnalyzerUserTurnStopStrategy
from pipecat.turns.user_stop.base_user_turn_stop_strategy import BaseUserTurnStopStrategy
from pipecat.turns.user_turn_processor import UserTurnProcessor
from pipecat.turns.user_turn_strategies import UserTurnStrategies

from agent.audio import TELEPHONE_RATE_HZ
from agent.call.echo import EchoCanceller
from agent.call.hearing import PartialFrame
from agent.call.intents import is_whole_reply
from agent.call.threads import computing

VAD_STOP_S = 0.2
"""Silence after which speech has paused; the turn may then be over, Smart Turn decides."""

END_FROM_TELEPHONE, END_FROM_WIDEBAND = 0.9, 0.5
"""Probability from which Smart Turn's word ends a turn, at 8 kHz and above.

It is much too sure at 8 kHz A-law: of 22 pauses in the middle of a sentence it took 0.91 for an end
at 0.5, 0.41 at 0.9; of 21 true ends all at either (`permanence eval turns` prints the table).
"""

UNFINISHED_TURN_S = 1.4
"""Silence that ends a turn which Smart Turn holds for unfinished.

Half sentences and numbers without their end are held back longer (half_said.py).
"""

STUCK_TURN_S = 5.0
"""A turn in which nothing happens for so long is ended, whatever the models say."""

VAD = VADParams(confidence=0.6, start_secs=0.15, stop_secs=VAD_STOP_S, min_volume=0.3)
"""A little keener than pipecat's defaults: telephone voices are band-limited and often faint."""


class _SharedSilero(SileroVADAnalyzer):
    """Silero with its own recurrent state and a borrowed session."""

    def __init__(self, template: SileroVADAnalyzer, echo: EchoCanceller | None) -> None:
        super(SileroVADAnalyzer, self).__init__(params=VAD)
        model = object.__new__(type(template._model))
        model.session = template._model.session
        model.sample_rates = template._model.sample_rates
        model.reset_states()
        self._model = model
        self._windows_since_reset = 0
        self._low_confidence_windows = 0
        self._echo = echo

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """Listen to what is not the agent's own voice.

        In the loop, unlike pipecat: a frame takes 0.15 ms, to have a thread do it four times that.
        """
        return self._run_analyzer(buffer if self._echo is None else self._echo.cleaned(buffer))


class _SharedSmartTurn(LocalSmartTurnAnalyzerV3):
    """Smart Turn with its own audio buffer and a borrowed session."""

    def __init__(self, session: Any) -> None:
        super(LocalSmartTurnAnalyzerV3, self).__init__(
            params=SmartTurnParams(stop_secs=UNFINISHED_TURN_S)
        )
        self._log_data = False
        self._session = session
        self._executor = computing(1, "smart-turn")

    def _predict_endpoint(self, audio_array: np.ndarray) -> dict[str, Any]:
        found: dict[str, Any] = super()._predict_endpoint(audio_array)
        telephone = self._sample_rate <= TELEPHONE_RATE_HZ
        end_from = END_FROM_TELEPHONE if telephone else END_FROM_WIDEBAND
        return {**found, "prediction": int(found["probability"] > end_from)}


class WholeReply(BaseUserTurnStopStrategy):
    """Ends a turn whose words are a whole reply: « Oui. », « Non merci. », « C'est fait. ».

    They are so short that Smart Turn takes them for a beginning; the words are there 0.4 s after
    the voice, the silence that would end the turn comes later.
    """

    async def process_frame(self, frame: Frame) -> ProcessFrameResult | None:
        """Look at the words so far, which `hearing` sends up at each pause."""
        await super().process_frame(frame)
        if isinstance(frame, PartialFrame) and is_whole_reply(frame.text):
            await self.trigger_user_turn_stopped()
        return ProcessFrameResult.CONTINUE


class TurnModels:
    """The two models, loaded once; hands each call its own analysers."""

    def __init__(self) -> None:
        self._silero = SileroVADAnalyzer(params=VAD)
        self._smart_turn = LocalSmartTurnAnalyzerV3(cpu_count=1)

    async def close(self) -> None:
        """Release the templates' threads."""
        await self._silero.cleanup()
        await self._smart_turn.cleanup()

    def probe(self) -> None:
        """Listen to a moment of silence with both: whether they work at all (blocks).

        Raises whatever the models do.
        """
        listener = _SharedSilero(self._silero, None)
        window = np.zeros(listener.num_frames_required(), np.float32)
        voice = listener._model(window, TELEPHONE_RATE_HZ).item()
        end = self._smart_turn._predict_endpoint(np.zeros(TELEPHONE_RATE_HZ, np.float32))
        if not (0 <= voice <= 1 and 0 <= end["probability"] <= 1):
            raise ValueError(f"no probabilities: {voice}, {end['probability']}")

    def voice_activity(self, echo: EchoCanceller | None = None) -> VADProcessor:
        """A call's voice-activity processor.

        Args:
            echo: Takes the agent's own voice out first.
        """
        return VADProcessor(vad_analyzer=_SharedSilero(self._silero, echo), enable_direct_mode=True)

    def end_of_turn(self) -> UserTurnProcessor:
        """A call's turn processor: opens a turn on voice, closes it on Smart Turn's word.

        It does not wait for a transcript: `hearing` transcribes meanwhile.
        """
        stop = TurnAnalyzerUserTurnStopStrategy(
            turn_analyzer=_SharedSmartTurn(self._smart_turn._session), wait_for_transcript=False
        )
        return UserTurnProcessor(
            user_turn_strategies=UserTurnStrategies(
                start=[VADUserTurnStartStrategy()], stop=[stop, WholeReply()]
            ),
            user_turn_stop_timeout=STUCK_TURN_S,
        )
