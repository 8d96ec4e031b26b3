"""Callers handed to operators' telephones: `permanence eval phone-handovers`.

A real Asterisk, a real server with real models, softphones as caller and operator, real sound both
ways. The operator takes the call, is busy, declines, does not answer, is a voicemail, is lost; or
the caller hangs up while it rings. What each end has heard, what was kept and what is left of the
channels are looked at.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent.audio import TELEPHONE_RATE_HZ, Samples, resample
from agent.demo import CALLER, CLIENT
from agent.errors import PermanenceError
from agent.settings import Settings
from agent.telephony.browser import RATE_OUT_HZ
from agent.web.server import RunningServer, running_server
from evals.console_page import PASSWORD, NotInTimeError, wait_for
from evals.exchange_stage import PHONES, ExchangeStage, exchange_stage
from evals.handover_figures import KEPT, SILENT, Run
from evals.handover_stage import ASKS, GREETS, TELLS, home_in, on_loop, speak
from evals.softphone import Softphone, softphone
from evals.sound_match import find

NUMBER, DIALLED = "+33199001234", "0199001234"
EXTENSION, SECRET = "101", "telephone-101"

RING_S = 8.0
GREETED_S = 6.5
"""After the answer, by when the greeting is over."""

STORY_PAUSE_S = 1.0
GONE_LIMIT_S = 4.0
LOST_LIMIT_S = 20.0
"""By when a caller whose operator was lost is on our line again."""

WATCH = "Local/watch@"
"""The exchange's own look at our pulse; it ends a second after the last call."""

BASE = (KEPT, "ticket", "no channel is left", SILENT)
WANTED: dict[str, tuple[str, ...]] = {
    "answered": (
        "it rings", "the story is heard", "joined", "the operator hears the caller",
        "the caller hears the operator", "both are hung up", *BASE,
    ),
    "busy": ("it rings", "told", *BASE),
    "declined": ("it rings", "the story is heard", "told", *BASE),
    "no answer": ("it rings", "told", *BASE),
    "voicemail": ("it rings", "never joined", "told", *BASE),
    "caller gone": ("it rings", "silent within two seconds", *BASE),
    "operator gone": ("it rings", "joined", "told", *BASE),
}  # fmt: skip
"""What has to be so in each case."""


@dataclass
class PhoneStage:
    """What all runs share: the exchange, the server, and what is said."""

    exchange: ExchangeStage
    server: RunningServer
    clips: dict[str, Samples]

    @contextmanager
    def operator(self) -> Iterator[Softphone]:
        """The operator's telephone, signed on, which says its sentence when it is asked to."""
        with softphone(self.exchange.sip_port, EXTENSION, password=SECRET, address=PHONES) as phone:
            board = self.server.house.switchboard
            wait_for(lambda: board.reachable(CLIENT), 15, "the operator is there")
            yield phone

    @contextmanager
    def caller(self) -> Iterator[tuple[Softphone, str]]:
        """A caller who has asked for a person, and the identifier of the call."""
        with softphone(self.exchange.sip_port, CALLER) as phone:
            phone.dial(DIALLED)
            phone.wait_for("CALL_ESTABLISHED", 6)
            shown = wait_for(self.server.house.live.shown, 5, "the call is taken")
            time.sleep(GREETED_S)
            phone.say(self.clips[ASKS])
            yield phone, shown[0].record.call_id

    def heard(self, phone: Softphone, text: str, from_s: float) -> bool:
        """Whether a sentence has come to a telephone."""
        line = phone.heard(from_s)
        found = find(self.clips[text], TELEPHONE_RATE_HZ, line, TELEPHONE_RATE_HZ)
        return found.arrived

    def words(self, samples: Samples) -> str:
        """What the recogniser makes of what was heard, in small letters."""

        async def transcribe() -> str:
            transcriber = self.server.house.services.transcriber
            heard = await transcriber.transcribe(samples, TELEPHONE_RATE_HZ, ())
            return str(heard.text)

        return on_loop(self.server, transcribe()).casefold()

    def said(self, call_id: str, word: str) -> bool:
        """Whether the agent has said something with a word in it to a caller."""
        live = self.server.house.live.get(call_id)
        if live is None:
            return False
        return word in live.state.said or any(word in turn.said for turn in live.record.turns)


def run(settings: Settings, runs: int, only: Sequence[str] = ()) -> list[Run]:
    """Play each case so many times (blocks; half a minute a run).

    Raises:
        PermanenceError: Asterisk, baresip, a model or a port cannot be used.
    """
    played = []
    with staged(settings) as stage:
        for number in range(runs):
            for case, play in CASES.items():
                if only and case not in only:
                    continue
                made = _played(stage, case, play, number)
                played.append(made)
                missing = [name for name in WANTED[case] if not made.checks.get(name)]
                print(f"  {number + 1}/{runs} {case}: {made.took_s:.0f} s {made.fault} "
                      f"{'not: ' + ', '.join(missing) if missing else ''}", flush=True)  # fmt: skip
    return played


@contextmanager
def staged(settings: Settings) -> Iterator[PhoneStage]:
    """Raise the stage (blocks; half a minute); all is taken down at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="phones-")))
        exchange = stack.enter_context(
            exchange_stage(settings, {NUMBER: CLIENT}, phones={EXTENSION: SECRET})
        )
        home = home_in(folder, settings, ring_s=RING_S)
        ours = exchange.settings(home, asterisk_sounds=exchange.sounds, caller_calls=0)
        server = stack.enter_context(running_server(ours))
        house = server.house
        house.numbers.add(CLIENT, NUMBER)
        operator = house.users.add("poste@essai.example", "Poste un", "operator", PASSWORD,
                                   clients=("*",))  # fmt: skip
        house.users.set_phone(operator.id, EXTENSION)
        spoken = {text: speak(server, text) for text in (ASKS, GREETS, *TELLS)}
        clips = {
            text: resample(clip, RATE_OUT_HZ, TELEPHONE_RATE_HZ) for text, clip in spoken.items()
        }
        yield PhoneStage(exchange, server, clips)


def _played(stage: PhoneStage, case: str, play: _Play, number: int) -> Run:
    made, started = Run(case, by="sip"), time.monotonic()
    try:
        with ExitStack() as stack:
            call_id = play(stage, made, number, stack)
        _check_kept(stage, made, call_id)
    except (NotInTimeError, PermanenceError) as error:
        made.fault = str(error).splitlines()[0]
    _check_quiet(stage, made)
    made.took_s = round(time.monotonic() - started, 1)
    return made


def _check_kept(stage: PhoneStage, made: Run, call_id: str) -> None:
    house = stage.server.house
    wait_for(lambda: house.live.get(call_id) is None, 15, "the call is over")
    record = wait_for(
        lambda: one if (one := house.calls.load(call_id)).ended_at else None, 5, "kept"
    )
    assert record.handoff is not None, "a person was asked for"
    ticket_id, wanted = record.handoff.ticket_id, "done" if made.case == "answered" else "new"
    with suppress(NotInTimeError):
        wait_for(lambda: house.tickets.get(ticket_id).status == wanted, 4, "the ticket")
    ticket = house.tickets.get(ticket_id)
    made.checks["ticket"] = ticket.status == wanted
    made.checks[KEPT] = ticket.status == wanted and ticket.caller_number == CALLER


def _check_quiet(stage: PhoneStage, made: Run) -> None:
    board = stage.server.house.switchboard

    def quiet() -> bool:
        return not board.transfers() and all(desk.call is None for desk in board.desks())

    def no_channel() -> bool:
        return not [one for one in stage.exchange.channels() if not one.startswith(WATCH)]

    made.checks[SILENT] = made.checks["no channel is left"] = False
    with suppress(NotInTimeError):
        made.checks[SILENT] = wait_for(quiet, 5, "quiet")
        made.checks["no channel is left"] = wait_for(no_channel, GONE_LIMIT_S, "no channel")
    if not made.checks["no channel is left"]:
        made.fault = made.fault or f"left: {stage.exchange.channels()}"


# --- the cases ------------------------------------------------------------------------------------


def _rung(stage: PhoneStage, made: Run, stack: ExitStack) -> tuple[Softphone, Softphone, str]:
    """An operator who is rung for a caller: both telephones, and the call."""
    operator = stack.enter_context(stage.operator())
    caller, call_id = stack.enter_context(stage.caller())
    incoming = operator.wait_for("CALL_INCOMING", 30)
    made.checks["it rings"] = True
    board = stage.server.house.switchboard.transfers()
    asked_at = board[0].record.history[0].at.timestamp()
    made.times_s["requested to ringing"] = incoming.at - asked_at
    return operator, caller, call_id


def _pick_up(stage: PhoneStage, made: Run, operator: Softphone) -> None:
    """Pick up and hear the story out."""
    operator.answer()
    operator.wait_for("CALL_ESTABLISHED", 5)

    def story() -> bool:
        words = stage.words(operator.heard())
        return any(key in words for key in ("prendre", "faites le", "sinon"))

    with suppress(NotInTimeError):
        made.checks["the story is heard"] = wait_for(story, 20, "the story")


def _join(stage: PhoneStage, made: Run, operator: Softphone, call_id: str) -> None:
    pressed_at = time.time()
    operator.press("1")
    live = stage.server.house.live

    def joined() -> bool:
        call = live.get(call_id)
        return call is not None and call.joined

    wait_for(joined, 12, "they are joined")
    made.times_s["key to joined"] = time.time() - pressed_at
    made.checks["joined"] = True
    time.sleep(STORY_PAUSE_S)


def answered(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """The operator takes it; each hears the other; the operator, or the caller, hangs up."""
    operator, caller, call_id = _rung(stage, made, stack)
    _pick_up(stage, made, operator)
    _join(stage, made, operator, call_id)
    text = TELLS[number % len(TELLS)]
    before_s = (operator.heard().size - 4000) / TELEPHONE_RATE_HZ
    caller_before_s = (caller.heard().size - 4000) / TELEPHONE_RATE_HZ
    operator.say(stage.clips[GREETS])
    time.sleep(stage.clips[GREETS].size / TELEPHONE_RATE_HZ + 0.7)
    caller.say(stage.clips[text])
    time.sleep(stage.clips[text].size / TELEPHONE_RATE_HZ + 1.2)
    made.checks["the operator hears the caller"] = stage.heard(operator, text, before_s)
    made.checks["the caller hears the operator"] = stage.heard(caller, GREETS, caller_before_s)
    since = time.time()
    first, other = (operator, caller) if number % 2 == 0 else (caller, operator)
    first.hang_up()
    other.wait_for("CALL_CLOSED", 5, since)
    made.checks["both are hung up"] = True
    made.times_s["one hangs up to the other's end"] = time.time() - since
    return call_id


def busy(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """The operator's telephone says that it is busy."""
    operator, caller, call_id = _rung(stage, made, stack)
    operator.hang_up()
    _told(stage, made, call_id)
    caller.hang_up()
    return call_id


def declined(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """The operator picks up, hears the story, and says no."""
    operator, caller, call_id = _rung(stage, made, stack)
    _pick_up(stage, made, operator)
    operator.press("2")
    _told(stage, made, call_id)
    caller.hang_up()
    return call_id


def no_answer(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """The telephone rings, and nobody comes."""
    operator, caller, call_id = _rung(stage, made, stack)
    _told(stage, made, call_id, RING_S + 10)
    operator.wait_for("CALL_CLOSED", 3)
    caller.hang_up()
    return call_id


def voicemail(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """A voicemail picks up, talks, and presses nothing."""
    operator, caller, call_id = _rung(stage, made, stack)
    operator.answer()
    operator.wait_for("CALL_ESTABLISHED", 5)
    operator.say(stage.clips[GREETS])
    _told(stage, made, call_id, 50)
    live = stage.server.house.live.get(call_id)
    made.checks["never joined"] = live is not None and not live.joined
    caller.hang_up()
    return call_id


def gone(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """The caller hangs up while it rings."""
    operator, caller, call_id = _rung(stage, made, stack)
    time.sleep(0.3 * (number % 5))
    since = time.time()
    caller.hang_up()
    silent = operator.wait_for("CALL_CLOSED", 5, since)
    made.times_s["hung up to silent"] = silent.at - since
    made.checks["silent within two seconds"] = silent.at - since <= 2.0
    return call_id


def lost(stage: PhoneStage, made: Run, number: int, stack: ExitStack) -> str:
    """The operator's telephone dies in the middle of the talk: the caller is back with us."""
    operator, caller, call_id = _rung(stage, made, stack)
    _pick_up(stage, made, operator)
    _join(stage, made, operator, call_id)
    died_at = time.time()
    operator.kill()
    _told(stage, made, call_id, LOST_LIMIT_S)
    made.times_s["dead to told"] = time.time() - died_at
    caller.hang_up()
    return call_id


def _told(stage: PhoneStage, made: Run, call_id: str, limit_s: float = 12.0) -> None:
    """Wait until the caller is told that they are called back."""
    wait_for(lambda: stage.said(call_id, "rappel"), limit_s, "told")
    made.checks["told"] = True
    time.sleep(1.0)


_Play = Callable[[PhoneStage, Run, int, ExitStack], str]
CASES: dict[str, _Play] = {
    "answered": answered,
    "busy": busy,
    "declined": declined,
    "no answer": no_answer,
    "voicemail": voicemail,
    "caller gone": gone,
    "operator gone": lost,
}
"""How each is played; returns the call's identifier."""
