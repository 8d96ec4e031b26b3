"""Asks a caller for one detail and captures it: a pure state machine, without clock or I/O.

Course: the whole value; after one failure figure by figure (letter by letter); then the telephone's
keys where there are figures only, or of a reference what its dictations say together; then without
it. Nothing is captured that the caller has not agreed to after hearing exactly that value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from agent.call.capture import agreement, replies
from agent.call.capture.fields import (
    KEYPAD_DIGITS,
    Context,
    amend,
    corrected,
    is_begun,
    read,
    said,
)
from agent.call.capture.reading import NOTHING, Field, Reading
from agent.call.capture.state import Ask, Capture, Captured, GivenUp, Move, Stage
from voices.prompts import prompt

MAX_TURNS = 6
"""Caller turns after which a capture is over, whatever was said."""

_LONGEST_KEYED = 17
"""Keys after which an entry ends by itself: 00 and the longest number of E.164."""

_WAYS = 2
"""Failures after which only the keys are left, or nothing."""


Step = tuple[Capture, Move]


def ask(
    field: Field, *, today: date | None = None, known: Sequence[str] = ()
) -> tuple[Capture, str]:
    """A new capture and the question that starts it.

    Args:
        field: What is captured.
        today: The day of the call; a date of purchase needs it.
        known: References of the client's appliances.

    Raises:
        ValueError: A date of purchase is asked for without today.
    """
    if field == "purchase_date" and today is None:
        raise ValueError("a date of purchase is read against today: give today")
    capture = Capture(field, today=today, known=tuple(known))
    question = _question(capture)
    return replace(capture, said=question), question


def heard(capture: Capture, text: str, alternatives: Sequence[str] = ()) -> Step:
    """One turn of the caller.

    Args:
        capture: Where the capture stands.
        text: The caller's words; empty if none were recognised.
        alternatives: The recogniser's other readings, likelier first.

    Raises:
        ValueError: The capture has ended.
    """
    _assert_goes_on(capture)
    texts = (text.strip(), *(other.strip() for other in alternatives))
    capture = replace(capture, turns=capture.turns + 1)
    if capture.stage is Stage.READ_BACK:
        return _bounded(*_read_back_answered(capture, texts))
    return _bounded(*_told(capture, texts))


def key(capture: Capture, digit: str) -> tuple[Capture, Move | None]:
    """One key of the telephone: a figure, « # » to end, « * » to start again.

    Fields that hold letters take no keys. A whole entry counts as a turn.

    Returns:
        The capture and what it does next; None while there is nothing to do but wait for more.

    Raises:
        ValueError: The capture has ended, or this is no key.
    """
    _assert_goes_on(capture)
    if len(digit) != 1 or digit not in "0123456789*#":
        raise ValueError(f"{digit!r} is no key of a telephone")
    length = KEYPAD_DIGITS.get(capture.field)
    if length is None or (digit == "#" and not capture.keys):
        return capture, None
    if digit == "*":
        return replace(capture, keys=""), None
    keys = capture.keys + digit.removesuffix("#")
    abroad = capture.field == "phone" and keys.startswith("00")
    full = len(keys) >= (_LONGEST_KEYED if abroad else length)
    if digit != "#" and not full:
        return replace(capture, keys=keys), None
    capture = replace(capture, keys="", turns=capture.turns + 1)
    return _bounded(*_keyed(capture, read(capture.field, keys, _context(capture))))


def _assert_goes_on(capture: Capture) -> None:
    if capture.stage is Stage.ENDED:
        raise ValueError("this capture has ended")


def _context(capture: Capture) -> Context:
    return Context(capture.today or date.min, capture.known)


def _bounded(capture: Capture, move: Move) -> Step:
    """Ends a capture that can no longer be agreed to within the caller's turns."""
    needed = 1 if capture.stage is Stage.READ_BACK else 2
    if isinstance(move, Ask) and capture.turns + needed > MAX_TURNS:
        return _give_up(capture, "failed")
    if isinstance(move, Ask) and move.text not in (prompt("listening"), prompt("go_on")):
        return replace(capture, said=move.text), move
    return capture, move


# --- the caller gives the value ---------------------------------------------------------------


def _told(capture: Capture, texts: Sequence[str]) -> Step:
    text = texts[0]
    reading, heard_as = understood(capture, text)
    if capture.field == "name" and _is_about_the_question(text):  # any words look like a name
        reading = NOTHING
    if reading.unusable:
        return _unusable(capture)
    if capture.field == "reference":
        capture, reading = _with_dictation(capture, reading, texts)
    if reading.complete and reading.value not in capture.rejected:
        return _offer(capture, reading)
    if replies.refuses(text):
        return _give_up(capture, "refused")
    if replies.asks_again(text):
        return capture, Ask(capture.said)
    if replies.waits(text):
        return capture, Ask(prompt("listening"))
    other = _other_whole(capture, texts)
    if other is not None:
        return _offer(capture, other)
    if replies.cannot_say(text) or (capture.turns == 1 and replies.only_no(text)):
        return _give_up(capture, "refused")
    if capture.keys or replies.only_yes(text):  # words between two keys say nothing
        return capture, Ask(prompt("go_on"))
    if _goes_on(capture, reading):
        return _go_on(capture, heard_as, reading)
    if capture.stage is Stage.KEYPAD and not capture.unclear:
        return replace(capture, unclear=True), Ask(_question(capture))
    return _failed(capture, prompt("capture_not_heard"))


def _is_about_the_question(text: str) -> bool:
    ways = (replies.refuses, replies.cannot_say, replies.asks_again, replies.waits)
    return any(says(text) for says in ways)


def understood(capture: Capture, text: str) -> tuple[Reading, str]:
    """What a turn gives, and in which words: alone if whole, else after what came before."""
    alone = read(capture.field, text, _context(capture))
    again = capture.field != "reference" or _said_again(capture.so_far, alone.value)
    same = capture.field == "reference" and alone.value == capture.so_far
    if not capture.partial or not text or (alone.complete and again) or same:
        return alone, text
    both = f"{capture.partial}, {text}"
    joined = read(capture.field, both, _context(capture))
    longer = len(joined.value) > max(len(alone.value), len(capture.so_far))
    return (joined, both) if joined.complete or longer else (alone, text)


def _said_again(so_far: str, value: str) -> bool:
    """Whether a whole reference holds what was understood of it before: it was said anew."""
    return value.startswith(so_far) or (len(so_far) > 1 and so_far in value)


def _other_whole(capture: Capture, texts: Sequence[str]) -> Reading | None:
    """A whole value in the recogniser's other readings, or in what was refused and is put right."""
    for text in texts[1:]:
        reading, _ = understood(capture, text)
        if reading.complete and reading.value not in capture.rejected:
            return replace(reading, doubtful=True)
    if not capture.rejected or capture.partial or not replies.corrects(texts[0]):
        return None
    reading = amend(capture.field, capture.rejected[-1], texts[0], _context(capture))
    return reading if reading.complete and reading.value not in capture.rejected else None


def _with_dictation(
    capture: Capture, reading: Reading, texts: Sequence[str]
) -> tuple[Capture, Reading]:
    """What a turn gives of a reference, in the light of all that was dictated before."""
    if not reading.value:
        return capture, reading
    before, dictation = capture.dictated, tuple(texts)
    alone = read(capture.field, texts[0], _context(capture))
    if capture.partial and not _said_again(capture.so_far, alone.value):
        joined = (f"{capture.partial}, {text}" for text in texts if text)
        before, dictation = before[:-1], (*joined, *texts)
    heard = replace(capture, dictated=(*before, dictation))
    return heard, _likeliest(heard, reading) if reading.complete else reading


def _likeliest(capture: Capture, otherwise: Reading = NOTHING) -> Reading:
    """The likeliest reference that was not said no to."""
    found = agreement.likeliest(capture.dictated, capture.known, capture.rejected)
    return found if found.complete else otherwise


def _goes_on(capture: Capture, reading: Reading) -> bool:
    """Whether a turn brought the beginning of a value, or more of one that was begun."""
    slowly = capture.stage is Stage.SLOWLY
    begun = not reading.complete and is_begun(capture.field, reading.value, slowly=slowly)
    return begun and reading.value != capture.so_far


def _go_on(capture: Capture, partial: str, reading: Reading) -> Step:
    """Keeps the beginning of a value and lets the caller go on."""
    going = replace(capture, partial=partial, so_far=reading.value)
    if capture.field in ("email", "name"):
        return going, Ask(prompt("capture_go_on"))
    return going, Ask(prompt("capture_so_far", value=said(capture.field, reading.value)))


def _unusable(capture: Capture) -> Step:
    """A number that cannot be called back: another one is asked for, once."""
    text = prompt("capture_phone_unusable")
    if capture.said == text:
        return _give_up(capture, "failed")
    again = replace(capture, stage=_way(capture.tries), partial="", so_far="", keys="", offered="")
    return again, Ask(text)


def _keyed(capture: Capture, reading: Reading) -> Step:
    if reading.unusable:
        return _unusable(capture)
    if reading.complete:
        return _offer(capture, reading)
    again = replace(capture, stage=Stage.KEYPAD, tries=_WAYS, partial="", so_far="", offered="")
    return again, Ask(f"{prompt('capture_not_heard')} {_question(again)}")


# --- the caller answers a read-back -----------------------------------------------------------


def _offer(capture: Capture, reading: Reading, lead: str = "") -> Step:
    offering = replace(
        capture, stage=Stage.READ_BACK, offered=reading.value, doubtful=reading.doubtful,
        partial="", so_far="", keys="", unclear=False,
    )  # fmt: skip
    return offering, Ask(f"{lead} {_question(offering)}".strip())


def _read_back_answered(capture: Capture, texts: Sequence[str]) -> Step:
    text = texts[0]
    reply = _reply(texts)
    if reply == "yes":
        return replace(capture, stage=Stage.ENDED), Captured(capture.offered)
    value = _instead(capture, text, reply)
    if value.complete and value.value == capture.offered and replies.agrees_with_value(text):
        return replace(capture, stage=Stage.ENDED), Captured(capture.offered)
    if value.unusable:
        return _unusable(capture)
    if _is_new(capture, value):
        return _offer_instead(capture, value)
    if replies.refuses(text):
        return _give_up(capture, "refused")
    if reply == "no":
        return _refused(capture, texts, value)
    if reply == "repeat":
        return capture, Ask(_question(capture))
    if replies.waits(text):
        return capture, Ask(prompt("listening"))
    if capture.unclear:
        return _failed(capture, prompt("capture_not_heard"))
    return replace(capture, unclear=True), Ask(f"{prompt('capture_sure')} {_question(capture)}")


def _reply(texts: Sequence[str]) -> replies.Reply:
    """The reply in a turn; a short one that was not understood may stand in another reading."""
    reply = replies.reply_in(texts[0])
    if reply != "unclear" or replies.denies(texts[0]) or not replies.is_short(texts[0]):
        return reply
    others = (replies.reply_in(other) for other in texts[1:])
    return next((other for other in others if other in ("yes", "no")), reply)


def _instead(capture: Capture, text: str, reply: replies.Reply) -> Reading:
    """The value that a caller gives instead of the one that was read back, if they give one."""
    field, context = capture.field, _context(capture)
    if reply == "no" or replies.corrects(text):
        return corrected(field, capture.offered, text, context)
    value = read(field, text, context)
    if field == "name":
        return value if replies.names(text) else NOTHING
    return NOTHING if field == "reference" and value.doubtful else value


def _is_new(capture: Capture, value: Reading) -> bool:
    return value.complete and value.value not in (capture.offered, *capture.rejected)


def _offer_instead(capture: Capture, value: Reading) -> Step:
    """Reads a corrected value back; a reference that was corrected is not offered again."""
    if capture.field == "reference":
        capture = replace(capture, rejected=(*capture.rejected, capture.offered))
    return _offer(capture, value, prompt("capture_corrected"))


def _refused(capture: Capture, texts: Sequence[str], value: Reading) -> Step:
    """A no: what else the recogniser may have heard, the start of another value, or another way."""
    for text in texts[1:]:
        other = corrected(capture.field, capture.offered, text, _context(capture))
        if _is_new(capture, other):
            return _offer_instead(capture, replace(other, doubtful=True))
    if capture.field == "phone" and value.value.startswith("0") and _goes_on(capture, value):
        again = replace(
            capture, stage=_way(capture.tries), offered="",
            rejected=(*capture.rejected, capture.offered),
        )  # fmt: skip
        return _go_on(again, texts[0], value)
    return _failed(capture, prompt("capture_not_that"))


# --- what comes next --------------------------------------------------------------------------


def _way(tries: int) -> Stage:
    return (Stage.WHOLE, Stage.SLOWLY, Stage.KEYPAD)[min(tries, _WAYS)]


def _question(capture: Capture) -> str:
    """What is asked at a stage."""
    match capture.stage:
        case Stage.READ_BACK:
            value = said(capture.field, capture.offered)
            return prompt(f"capture_{capture.field}_read_back", value=value)
        case Stage.KEYPAD:
            return prompt(f"capture_{capture.field}_keypad")
        case Stage.SLOWLY:
            return prompt(f"capture_{capture.field}_again_slowly")
        case _:
            return prompt(f"capture_{capture.field}_ask")


def _failed(capture: Capture, lead: str) -> Step:
    """The next way to ask; none is left after the keys, or after letters one by one."""
    tries = capture.tries + 1
    last = _WAYS if capture.field in KEYPAD_DIGITS else _WAYS - 1
    refused = (capture.offered,) if capture.stage is Stage.READ_BACK else ()
    again = replace(
        capture, stage=_way(tries), tries=tries, partial="", so_far="", unclear=False, offered="",
        rejected=(*capture.rejected, *refused),
    )  # fmt: skip
    if tries > last:
        other = _likeliest(again) if tries == last + 1 else NOTHING
        if other.complete:
            return _offer(again, other, prompt("capture_another_try"))
        return _give_up(capture, "failed")
    return again, Ask(f"{lead} {_question(again)}")


def _give_up(capture: Capture, reason: Literal["refused", "failed"]) -> Step:
    over = replace(capture, stage=Stage.ENDED, offered="")
    return over, GivenUp(prompt(f"capture_{capture.field}_gave_up"), reason)
