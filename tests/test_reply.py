"""The last words of a call, and the first of an answer, which is got ready at a pause."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pipecat.frames.frames import (
    Frame,
    OutputTransportMessageUrgentFrame,
    UserStartedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection

from agent.call import dialogue
from agent.call.capture import ask
from agent.call.handover import NoOperators
from agent.call.hearing import HeardFrame
from agent.call.joint import Joint
from agent.call.moves import Heard
from agent.call.pending import Pending
from agent.call.playback import Playback
from agent.call.record import CallRecord, Handoff, HandoffRequest, Turn
from agent.call.reply import Reply
from agent.call.silence import Silence
from agent.call.speaking import Fillers, PrepareFrame, SayFrame
from agent.call.transcriber import Transcript
from knowledge.answer import Answer, Inquiry, Sensed
from tests.conversations import ASKED, SHORT


def heard(text: str) -> Transcript:
    """Words as they are recognised."""
    return Transcript(text, (), -0.2, 10.0)


class NoDesk:
    """Nothing is handed over here."""

    def open(self, request: HandoffRequest) -> Handoff:
        """Never asked."""
        raise OSError

    def set_number(self, handoff: Handoff, caller_number: str) -> Handoff:
        """Never asked."""
        raise OSError

    def set_detail(self, handoff: Handoff, field: str, value: str) -> Handoff:
        """Never asked."""
        raise OSError


class NoLog:
    """Nothing is kept here."""

    def save(self, record: CallRecord) -> None:
        """Forget it."""


class NoClock(Silence):
    """Silence does not matter here."""

    async def arm(self, after_s: float) -> None:
        """Count nothing."""


class Conversation(Reply):
    """A Reply without a pipeline around it: its frames are kept, no clock runs."""

    def __init__(self, blocking: ThreadPoolExecutor) -> None:
        self.hung_up = 0
        self.said: list[SayFrame] = []
        self.prepared: list[str] = []
        self.asked: list[str] = []
        self.told: list[object] = []
        self.reading = threading.Event()
        self.reading.set()
        record = CallRecord(
            call_id="c", client="orvane", started_at=datetime.now(UTC), caller_number=None,
            transport="media",
        )  # fmt: skip
        record.turns = [Turn("", said="Bonjour.")]
        super().__init__(
            record=record, brand="Orvane", ask=self._answer, sense=lambda _: None, desk=NoDesk(),
            operators=NoOperators(), joint=Joint(8000), log=NoLog(), blocking=blocking,
            playback=Playback(), fillers=Fillers(["Un."]),
            hang_up=self._count,
        )  # fmt: skip
        self._silence = NoClock(self, self._on_silence)

    def _answer(self, inquiry: Inquiry) -> Answer:
        self.asked.append(inquiry.question)
        self.reading.wait(5)
        return SHORT

    async def _count(self) -> None:
        self.hung_up += 1

    async def push_frame(
        self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM
    ) -> None:
        """Keep what would be said."""
        if isinstance(frame, SayFrame):
            self.said.append(frame)
        if isinstance(frame, PrepareFrame):
            self.prepared += frame.parts
        if isinstance(frame, OutputTransportMessageUrgentFrame):
            self.told.append(frame.message["event"])

    def create_task(  # type: ignore[override]  # pipecat's needs a pipeline
        self, coroutine: Coroutine[None, None, None], name: str | None = None
    ) -> asyncio.Task[None]:
        """As a pipeline does."""
        return asyncio.create_task(coroutine, name=name)

    async def cancel_task(  # type: ignore[override]  # the same
        self, task: asyncio.Task[None], **_: object
    ) -> None:
        """As a pipeline does."""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def deal(self) -> None:
        """Deal with what waits, as `_converse` does."""
        while not self._events.empty():
            event, pending = self._events.get_nowait()
            if pending is None:
                self._pending = Pending(Turn(""))
            else:
                pending.before = self._state
            if await self._waited_for(event, pending):
                await self._move(await self._errands.sensed(event))

    async def pauses_after(self, text: str) -> None:
        """The caller's words so far; what is got ready on them."""
        event, before = self._ear.event(self._pending, heard(text))
        self._foresight.begin(event, self._at_present(before or self._state))
        assert self._foresight._task is not None
        await self._foresight._task

    async def hears(self, text: str, level_db: float = -20.0) -> None:
        """The caller's turn."""
        self._on_heard(HeardFrame(heard(text), 1.0, 1.2, level_db))


@pytest.fixture
def conversation() -> Iterator[Conversation]:
    """One whose greeting was heard."""
    with ThreadPoolExecutor(1) as blocking:
        yield Conversation(blocking)


async def test_the_last_words_cannot_be_interrupted(conversation: Conversation) -> None:
    """The line is hung up behind them, so nothing may take their place."""
    await conversation.time_up()
    await conversation.deal()
    assert [frame.interruptible for frame in conversation.said] == [False]
    assert conversation.said[0].parts[-1] == "Au revoir."
    assert conversation.hung_up == 1


async def test_an_answer_can_be_interrupted(conversation: Conversation) -> None:
    """Only the first and the last words are heard whole."""
    await conversation.hears("Bonjour.")
    await conversation.deal()
    assert [frame.interruptible for frame in conversation.said] == [True]


async def test_a_caller_who_goes_on_after_goodbye_is_not_hung_up_on(
    conversation: Conversation,
) -> None:
    """« Au revoir… ah non, attendez ! » is one turn."""
    await conversation.hears("Merci, au revoir.")
    await conversation.process_frame(UserStartedSpeakingFrame(), FrameDirection.DOWNSTREAM)
    await conversation.deal()
    assert not conversation.said
    assert not conversation.hung_up
    conversation._caller_speaking = False
    await conversation.hears("Ah non, attendez !")
    await conversation.deal()
    assert conversation.said
    assert not conversation.hung_up
    assert conversation._state.phase is not dialogue.Phase.ENDED


@pytest.mark.parametrize(
    ("number", "asked", "dictated"), [(None, "phone", True), ("0639981234", "appliance", False)]
)
async def test_only_a_number_or_a_name_is_dictated(
    conversation: Conversation, number: str | None, asked: str, dictated: bool
) -> None:
    """« C'est le lave-vaisselle » is said in the manuals' words."""
    phase, capture = dialogue.Phase.CAPTURING, ask("phone")[0] if dictated else None
    conversation._state = replace(
        conversation._state, caller_number=number, phase=phase, capture=capture, wanted=(asked,)
    )
    assert conversation.takes_down is dictated


async def test_a_goodbye_to_a_silent_line_hangs_up(conversation: Conversation) -> None:
    """Nobody goes on: the words, then the end."""
    await conversation.hears("Merci, au revoir.")
    await conversation.deal()
    assert "au revoir" in conversation.said[0].parts[-1]
    assert conversation.hung_up == 1


async def test_an_answer_is_got_ready_at_the_pause(conversation: Conversation) -> None:
    """The manuals are asked once, and nothing is said before the turn is over."""
    before = conversation._state
    await conversation.pauses_after(ASKED)
    assert (conversation.asked, conversation.prepared[0]) == ([ASKED], SHORT.text)
    assert not conversation.said
    assert conversation._state == before
    await conversation.hears(ASKED)
    await conversation.deal()
    assert conversation.asked == [ASKED]
    assert conversation.said[0].parts[0] == SHORT.text


async def test_the_manuals_are_asked_once_where_no_pause_came_before(
    conversation: Conversation,
) -> None:
    """They are asked while danger is made sure of."""
    await conversation.hears(ASKED)
    await conversation.deal()
    assert conversation.asked == [ASKED]
    assert conversation.said[0].parts[0] == SHORT.text


async def test_a_caller_who_goes_on_is_answered_on_all_of_it(conversation: Conversation) -> None:
    """What was got ready for the first half is not said."""
    whole = f"{ASKED} de la hotte"
    await conversation.pauses_after(ASKED)
    await conversation.hears(whole)
    await conversation.deal()
    assert conversation.asked == [ASKED, whole]


async def test_two_breaths_are_foreseen_as_one_sentence(conversation: Conversation) -> None:
    """A turn that was over too soon and is not answered yet is joined to the next."""
    await conversation.hears("Bonjour, alors voilà")
    await conversation.deal()
    await conversation.pauses_after(ASKED)
    assert conversation.asked == [f"Bonjour, alors voilà {ASKED}"]


async def test_a_person_is_not_asked_for_ahead(conversation: Conversation) -> None:
    """Only words are got ready; no ticket is opened before the caller has ended."""
    await conversation.pauses_after("Je voudrais parler à quelqu'un")
    assert conversation._record.handoff is None
    assert not conversation.asked


async def test_a_caller_who_stopped_in_the_middle_is_heard_out(conversation: Conversation) -> None:
    """« C'est pour mon… lave-vaisselle » is one sentence, and its first half is nothing yet."""
    await conversation.hears("Comment nettoyer le")
    conversation._pending.voice_ended_at = time.time()
    conversation._caller_speaking = True
    await conversation.deal()
    assert not conversation.said
    conversation._caller_speaking = False
    await conversation.hears("filtre ?")
    await conversation.deal()
    assert conversation.asked[-1] == "Comment nettoyer le filtre ?"
    assert conversation._pending.turn.heard == "Comment nettoyer le filtre ?"


async def test_a_caller_who_says_no_more_is_answered_all_the_same(
    conversation: Conversation,
) -> None:
    """The wait has an end."""
    await conversation.hears("Comment nettoyer le")
    await conversation.deal()
    assert conversation.asked == ["Comment nettoyer le"]


async def test_a_filler_does_not_end_the_agents_turn(conversation: Conversation) -> None:
    """After « je regarde dans la notice » it is not the caller's turn; after the answer it is."""
    conversation.reading.clear()
    await conversation.hears(ASKED)
    dealing = asyncio.create_task(conversation.deal())
    for _ in range(500):
        if conversation._looking_up:  # the manuals may be opened before, at the pause
            break
        await asyncio.sleep(0.01)
    await conversation._on_spoken()
    assert "listening" not in conversation.told
    conversation.reading.set()
    await dealing
    await conversation._on_spoken()
    assert conversation.told[-1] == "listening"


async def test_a_television_between_turns_is_not_joined_to_the_caller_s_words(
    conversation: Conversation,
) -> None:
    """Neither in front of them nor behind them."""
    await conversation.hears("Le lave-linge affiche E20.")
    await conversation.hears("Le ministre a présenté un nouveau plan.", -35.0)
    await conversation.deal()
    assert conversation.asked == ["Le lave-linge affiche E20."]
    conversation._pending.became_audible(0.0)
    conversation.said.clear()
    await conversation.hears("Le ministre a présenté un nouveau plan.", -35.0)
    await conversation.deal()
    assert not conversation.said
    assert conversation.told[-1] == "listening"
    await conversation.hears("Et comment on nettoie le joint du lave-linge ?")
    await conversation.deal()
    assert conversation.asked[1:] == ["Et comment on nettoie le joint du lave-linge ?"]


@pytest.mark.parametrize("sure", [False, True])
async def test_only_a_sure_danger_waits_for_nobody(conversation: Conversation, sure: bool) -> None:
    """« La touche avec le… » hints at danger: the caller is heard out before they are asked."""
    await conversation.hears("La touche avec le")
    conversation._pending.voice_ended_at = time.time()
    conversation._caller_speaking = True
    event = Heard("La touche avec le", sensed=True, danger=Sensed("shock", sure))
    assert await conversation._waited_for(event, conversation._pending) is sure
