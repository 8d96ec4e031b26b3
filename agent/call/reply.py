"""Carries out what the dialogue decides, by errands.py and the voice; keeps each turn's record.

Events are dealt with one after the other in one task. The dialogue's state is replaced whole, so
that a caller who goes on speaking before the reply was audible takes the conversation back by
exactly one move: both halves of the sentence are then heard as one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import replace

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    ClientConnectedFrame,
    Frame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputTransportMessageUrgentFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from agent.call import dialogue
from agent.call.dialogue import Action, Event, Phase, State
from agent.call.ear import Ear
from agent.call.errands import Ask, Errands, Sense, in_time
from agent.call.foresight import Foresight
from agent.call.half_said import held_s
from agent.call.handover import (
    NoOperator,
    OperatorAway,
    OperatorEvent,
    OperatorLeft,
    Operators,
    TakenOver,
    Transfer,
)
from agent.call.hearing import HeardFrame, PartialFrame
from agent.call.joining import Joining
from agent.call.joint import Joint
from agent.call.mouth import Mouth
from agent.call.moves import NOTHING_OWN, Join, Own, Ring, StopRinging, Tone
from agent.call.noting import note_codes, note_state
from agent.call.pending import Pending
from agent.call.playback import Playback
from agent.call.rating import RATED_FROM_S
from agent.call.record import CallLog, CallRecord, HandoffDesk, Turn, TurnTimings, turn_as_json
from agent.call.recorder import Recorder
from agent.call.silence import Silence
from agent.call.speaking import (
    SLOW_PACE,
    Fillers,
    NoticeFrame,
    ResumeFrame,
    SayFrame,
    SpokenFrame,
    ToneFrame,
)
from agent.call.talked_over import is_no_interruption
from agent.call.transcriber import Transcript
from agent.call.turn_log import TurnLog

logger = logging.getLogger(__name__)

PATIENCE_S = 9.0
"""Silence after which the agent speaks up; after a step, the caller is busy doing it."""

STEP_PATIENCE_S = 35.0
RATING_PATIENCE_S = 6.0
"""The same for a mark, which nobody has to give."""

DEAD_AIR_S = 12.0
"""Longest wait for the first sound of something to say."""

FILLER_AFTER_S = 1.2
"""Of silence after the caller's last word, before a short filler is heard."""

QUICK_LOOK_UP_S = 0.4
"""A look-up that is done sooner needs no filler, however late it began."""

HOLDING_STEP_S = 0.1
"""How often it is looked whether a caller who stopped in the middle goes on."""

RINGING_PAUSE_S = 3.5
"""Between two ringing tones, as in the French network."""

JOIN_LIMIT_S = 10.0
"""Longest wait for « je vous le passe » to be heard before the operator's line is joined."""

EVENTS_WAITING = 64
"""Events that may wait; one more is dropped and counted (a caller cannot speak that fast)."""


class Reply(FrameProcessor):
    """The conversation of one call."""

    def __init__(
        self,
        *,
        record: CallRecord,
        brand: str,
        ask: Ask,
        sense: Sense,
        desk: HandoffDesk,
        operators: Operators,
        log: CallLog,
        blocking: Executor,
        playback: Playback,
        joint: Joint,
        fillers: Fillers,
        hang_up: Callable[[], Awaitable[None]],
        recorder: Recorder | None = None,
        pronounce: Callable[[str], str] = lambda text: text,
        changed: Callable[[], None] = lambda: None,
        ring_first_s: float = 0.0,
        own: Own = NOTHING_OWN,
        rates: bool = False,
    ) -> None:
        super().__init__()
        self._rates = rates
        self._changed = changed
        self._ring_first_s = ring_first_s
        self._record = record
        self._mouth = Mouth(self._send, playback, fillers, pronounce)
        self._turns = TurnLog(record, log, lambda work: in_time(blocking, work))
        self._errands = Errands(
            record, self._turns, ask=ask, sense=sense, desk=desk, operators=operators,
            blocking=blocking,
        )  # fmt: skip
        self._joining = Joining(joint, self._errands, self._operator_said)
        self._foresight = Foresight(self, self._errands, pronounce)
        self._hang_up = hang_up
        self._recorder = recorder
        self._state = State(
            brand=brand, caller_number=record.caller_number, greeting=own.greeting,
            notice=own.notice,
        )  # fmt: skip
        self._events: asyncio.Queue[tuple[Event, Pending | None]] = asyncio.Queue(EVENTS_WAITING)
        self._loop_task: asyncio.Task[None] | None = None
        self._silence = Silence(self, self._on_silence)
        self._ear = Ear()
        self._pending = Pending(Turn(""))
        self._interrupted: Pending | None = None
        self._caller_speaking = False
        self._looking_up = False
        self._partial = ""
        self._voice_at_s: float | None = None

    # --- frames -------------------------------------------------------------------------------

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Turn frames into events; all but the caller's words go on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, HeardFrame):
            self._on_heard(frame)
            return
        if isinstance(frame, PartialFrame):
            self._partial = frame.text
            await self._tell({"event": "partial", "text": frame.text})
            if self._state.phase is not Phase.CONNECTED:
                await self._foresee(frame.transcript)
            return
        if isinstance(frame, ClientConnectedFrame) and self._loop_task is None:
            self._loop_task = self.create_task(self._converse(), "converse")
            self._put(dialogue.Started(self._ring_first_s > 0), self._pending)
        elif isinstance(frame, UserStartedSpeakingFrame):
            self._caller_speaking = True
            self._voice_at_s = self._at_s()
            unheard_s = self._mouth.caller_began()
            if unheard_s is not None:
                self._pending.turn.interrupted = True
                self._ear.unheard_s = unheard_s
            await self._silence.disarm()
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            await self._foresight.forget()  # they go on
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self._caller_speaking = False
        elif isinstance(frame, BotStartedSpeakingFrame):
            await self._silence.disarm()
            self._on_audible()
        elif isinstance(frame, InterruptionFrame):
            self._mouth.interrupted()
        elif isinstance(frame, SpokenFrame):
            await self._on_spoken()
            return
        elif isinstance(frame, InputDTMFFrame):
            self._put(dialogue.Key(frame.button.value), None)
        await self.push_frame(frame, direction)

    @property
    def takes_down(self) -> bool:
        """Whether the caller tells a number, a name or a mark; of the matter any words do."""
        dictating = self._state.phase is Phase.CAPTURING and self._state.capture is not None
        return dictating or self._state.phase is Phase.RATING

    @property
    def state(self) -> State:
        """Where the conversation stands."""
        return self._state

    @property
    def partial(self) -> str:
        """What the caller is saying now, as far as it is heard."""
        return self._partial

    @property
    def joined(self) -> bool:
        """Whether the caller and an operator hear one another."""
        return self._joining.is_joined

    def taken_over(self, transfer: Transfer) -> None:
        """An operator comes unasked."""
        if self._joining.come(transfer):
            self._put(TakenOver(), None)

    def told(self, event: OperatorEvent) -> None:
        """The operators' side says something."""
        if event == OperatorLeft("finished") and self._joining.is_far:
            return  # the caller is hung up there, too
        self._put(event, None)

    async def time_up(self) -> None:
        """Take leave: the call has reached its longest duration."""
        self._put(dialogue.TimeUp(), None)

    async def cleanup(self) -> None:
        """Cancel the call's tasks; the record is the session's to save."""
        self._joining.give_up("caller")
        await self._silence.disarm()
        await self._foresight.forget()
        if self._loop_task is not None:
            await self.cancel_task(self._loop_task)
            self._loop_task = None
        self._turns.note(self._pending)
        await super().cleanup()

    def _on_heard(self, frame: HeardFrame) -> None:
        previous = self._pending
        event, before = self._ear.event(previous, frame.transcript, frame.level_db)
        if before is not None:
            self._state = before
            self._turns.drop(previous)
        else:
            if event.text and not event.interrupting:
                self._ear.note(frame.level_db)
            self._turns.note(previous)
            self._interrupted = previous
        timings = TurnTimings(
            end_of_turn=_ms(frame.turn_ended_at - frame.voice_ended_at),
            transcription=round(frame.transcript.decoding_ms, 1),
        )
        at_s = self._voice_at_s if before is None else previous.turn.at_s
        turn = Turn(heard=event.text, timings_ms=timings, at_s=at_s)
        self._pending = Pending(turn, asked=event.text, voice_ended_at=frame.voice_ended_at)
        self._ear.unheard_s = 0.0
        self._partial = ""
        if event.text and not event.below_db and self._state.phase is not Phase.CONNECTED:
            self._foresight.begin(event, self._at_present(self._state))
        self._put(event, self._pending)

    async def _foresee(self, transcript: Transcript) -> None:
        """Have ready what is to be said if the caller has ended."""
        await self._foresight.forget()
        if self._events.empty() and self._state.phase is not Phase.ENDED:
            event, before = self._ear.event(self._pending, transcript)
            self._foresight.begin(event, self._at_present(before or self._state))

    def _on_audible(self) -> None:
        self._mouth.speaking = True
        self._pending.became_audible(time.time())
        if self._pending.turn.at_s is None:
            self._pending.turn.at_s = self._at_s()

    async def _on_spoken(self) -> None:
        if not self._mouth.spoken():
            return
        await self._report_turn(self._pending)
        if self._caller_speaking or self._looking_up or not self._events.empty():
            return  # « je regarde dans la notice »: it is not the caller's turn yet
        await self._await_caller()

    def _on_silence(self) -> None:
        self._mouth.to_be_heard = 0
        self._put(dialogue.Silence(), None)

    async def _await_caller(self) -> None:
        """It is the caller's turn: say so on the line, and mind their silence."""
        if self._state.phase in (Phase.ENDED, Phase.CONNECTED):
            return
        if self._state.phase is Phase.RINGING:
            await self._silence.arm(RINGING_PAUSE_S)
            return
        await self._tell({"event": "listening"})
        if self._state.phase is Phase.RATING:
            await self._silence.arm(RATING_PATIENCE_S)
            return
        patient = self._state.waiting or self._state.phase is Phase.STEPS
        await self._silence.arm(STEP_PATIENCE_S if patient else PATIENCE_S)

    # --- the conversation ---------------------------------------------------------------------

    def _put(self, event: Event, pending: Pending | None) -> None:
        try:
            self._events.put_nowait((event, pending))
        except asyncio.QueueFull:
            self._turns.count("dropped_event")

    async def _converse(self) -> None:
        while True:
            event, pending = await self._events.get()
            if self._interrupted is not None:  # its end was not heard, so it was not reported
                await self._report_turn(self._interrupted)
                self._interrupted = None
            if pending is None:  # nobody spoke: the agent's own turn
                self._turns.note(self._pending)
                self._pending = Pending(Turn(""))
            else:
                goes_back = pending.asked and self._state.phase is not Phase.CONNECTED
                pending.before = self._state if goes_back else None
                if pending.asked:
                    await self._tell({"event": "heard", "text": pending.asked})
            if isinstance(event, OperatorLeft | NoOperator):
                self._joining.left()
            elif isinstance(event, OperatorAway):
                self._joining.part()
            elif isinstance(event, TakenOver):
                await self._fall_silent()
            try:
                event = await self._errands.sensed(event)
                if await self._waited_for(event, pending):
                    await self._move(event)
                if pending is not None and self._state.phase is Phase.CONNECTED:
                    await self._keep_talk(pending.turn)
            except Exception as error:  # a bug of ours must not leave the caller in silence
                logger.exception("the conversation failed at %s", type(event).__name__)
                self._record.error = f"conversation: {type(error).__name__}: {error}"
                self._turns.count("failed_move")
                await self._move(dialogue.LookUpFailed())

    async def _move(self, event: Event) -> None:
        self._state, actions = dialogue.step(self._at_present(self._state), event)
        note_state(self._record, self._state)
        self._changed()
        for action in actions:
            if not await self._carry_out(action):
                return  # what follows was said on condition that this worked

    async def _waited_for(self, event: Event, pending: Pending | None) -> bool:
        """Whether the turn stands: who may have stopped in the middle has time to go on."""
        if not isinstance(event, dialogue.Heard) or pending is None:
            return True
        if event.danger is not None and event.danger.sure:  # a hint is asked about at the end
            return True
        if self._state.phase is Phase.CONNECTED or is_no_interruption(event, event.text):
            return True
        until = (pending.voice_ended_at or 0.0) + held_s(self._state, event.text)
        while (left_s := until - time.time()) > 0:
            if self._caller_speaking or self._pending is not pending:
                return False  # their words are joined to these when they have ended
            await asyncio.sleep(min(left_s, HOLDING_STEP_S))
        return True

    def _at_present(self, state: State) -> State:
        """A state that knows whether the call is being recorded, and is long enough for a mark."""
        recorded = self._recorder is not None and not self._recorder.over
        return replace(state, recorded=recorded, rates=self._rates and self._at_s() >= RATED_FROM_S)

    async def _carry_out(self, action: Action) -> bool:
        """Do one thing; False when it failed and the caller has been told so."""
        match action:
            case dialogue.Say(text, decision, slow):
                await self._say(text, decision, SLOW_PACE if slow else 1.0)
            case dialogue.Resume():
                await self._resume()
            case dialogue.Listen():
                self._pending.before = None  # the caller's next words do not go on with these
                await self._await_caller()
            case dialogue.LookUp():
                await self._look_up(action)
            case dialogue.OpenTicket():
                await self._move(await self._errands.open_ticket(action, self._state))
            case dialogue.KeepNumber() | dialogue.KeepDetail():
                failed = await self._errands.keep(action)
                if failed is not None:
                    await self._move(failed)
                    return False
            case Ring():
                if not self._joining.ring(self.told, self._ring_first_s):
                    await self._move(NoOperator("nobody"))
                    return False
            case StopRinging(why):
                self._joining.give_up(why)
            case Tone():
                if not self._caller_speaking:
                    await self._mouth.ring()
            case Join():
                if await self._joining.join(self._heard_out):
                    await self._tell({"event": "operator"})
            case dialogue.StartRecording():
                await self.push_frame(NoticeFrame())
            case dialogue.StopRecording():
                if self._recorder is not None:
                    await self._recorder.discard()
            case dialogue.HangUp():
                if self._goes_on():
                    return False  # « au revoir… ah non, attendez ! »
                await self._report_turn(self._pending)
                await self._hang_up()
        return True

    async def _say(self, text: str, decision: str, pace: float) -> None:
        turn = self._pending.turn
        turn.said = f"{turn.said} {text}".strip()
        if decision != "social" or turn.decision == "social":
            turn.decision = decision  # type: ignore[assignment]  # Say.decision is a Decision
        if self._pending.decided_at is None:
            self._pending.decided_at = time.time()
        if self._goes_on():
            self._looking_up = False
            return  # not over the caller: their words will be joined to this turn
        # The first words say that an automatic assistant speaks, and after the last the line is
        # hung up: they are heard whole.
        first, last = not self._record.turns, self._state.phase is Phase.ENDED
        due_at = self._pending.due_at(FILLER_AFTER_S)
        await self._mouth.say(text, pace, due_at, whole=first or last)
        self._looking_up = False

    async def _heard_out(self) -> None:
        """Wait for what is being said to be heard, or cut short by the caller."""
        for _ in range(int(JOIN_LIMIT_S / HOLDING_STEP_S)):
            if not self._mouth.to_be_heard or self._caller_speaking:
                break
            await asyncio.sleep(HOLDING_STEP_S)
        await self._silence.disarm()

    async def _fall_silent(self) -> None:
        """Break off what is being said."""
        await self._silence.disarm()
        await self._mouth.break_off(self.push_frame)

    def _operator_said(self, turn: Turn) -> None:
        self.create_task(self._keep_talk(turn), "operator's words")

    async def _keep_talk(self, turn: Turn) -> None:
        """Keep what was said between the caller and an operator."""
        turn.at_s = self._at_s() if turn.at_s is None else turn.at_s
        self._turns.note(Pending(turn))
        await self._tell({"event": "turn", "turn": turn_as_json(turn)})
        await self._turns.save()

    def _goes_on(self) -> bool:
        """Whether the caller whose turn is being answered has begun to speak again."""
        return self._caller_speaking and not self._pending.is_own

    async def _resume(self) -> None:
        """Go on with what an interruption cut short; the greeting is never cut."""
        if self._caller_speaking:
            return
        if not await self._mouth.resume(SLOW_PACE if self._state.slow else 1.0):
            await self._await_caller()

    async def _send(self, frame: SayFrame | ResumeFrame | ToneFrame) -> None:
        await self._silence.arm(DEAD_AIR_S + PATIENCE_S)
        await self.push_frame(frame)

    async def _fill(self, pending: Pending) -> None:
        """Say a few words if the manuals are not read by then."""
        due_at = pending.due_at(FILLER_AFTER_S)
        if due_at is None:
            return
        await asyncio.sleep(max(QUICK_LOOK_UP_S, due_at - time.time()))
        if self._pending is pending and not self._caller_speaking:
            pending.filled = True
            await self._mouth.fill()

    async def _look_up(self, action: dialogue.LookUp) -> None:
        filling = self.create_task(self._fill(self._pending), "fill")
        self._looking_up = True
        note_codes(self._record, action.question)
        try:
            found = await self._errands.look_up(action, self._pending.turn)
        finally:
            await self.cancel_task(filling)
        await self._move(found)

    # --- the record ---------------------------------------------------------------------------

    async def _report_turn(self, pending: Pending) -> None:
        """Keep a turn now that it has been heard or cut short, and tell the line."""
        if pending.reported or not pending.turn.said:
            return
        pending.reported = True
        if pending is self._pending:
            self._turns.note(pending)
        await self._errands.keep_told(self._state)
        self._record.settle_outcome()
        await self._tell({"event": "turn", "turn": turn_as_json(pending.turn)})
        await self._turns.save()

    def _at_s(self) -> float:
        """Now, seconds from the call's start."""
        return round(time.time() - self._record.started_at.timestamp(), 1)

    async def _tell(self, message: dict[str, object]) -> None:
        self._changed()
        await self.push_frame(OutputTransportMessageUrgentFrame(message=message))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
