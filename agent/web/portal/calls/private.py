"""What of a call each of a client's people may see. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from agent.call.record import CallRecord
from agent.privacy.masking import masked, masked_number, masked_turns
from agent.store.history import PastCall
from agent.store.users import User
from agent.web.console.telling import caller_number_of, name_of
from agent.web.portal.words import t


def sees_all(user: User) -> bool:
    """Whether somebody may see who called; others read without names and numbers."""
    return user.role in ("admin", "manager")


@dataclass(frozen=True)
class Said:
    """A turn as it is shown."""

    heard: str
    said: str


def caller_of(record: CallRecord, user: User) -> str:
    """The caller's name and number."""
    number, name = caller_number_of(record), name_of(record)
    if sees_all(user):
        return f"{name}, {number}" if name else number
    return masked_number(number) or t("numéro masqué")


def question_of(call: PastCall, user: User) -> str:
    """What the caller wanted, in their words."""
    if sees_all(user):
        return call.question
    return masked(call.question, _names(call.record))


def turns_of(record: CallRecord, user: User) -> list[Said]:
    """What was said, turn by turn."""
    told = [(turn.heard, turn.said) for turn in record.turns]
    if not sees_all(user):
        told = masked_turns(told, _names(record))
    return [Said(heard, said) for heard, said in told]


def _names(record: CallRecord) -> list[str]:
    return [name] if (name := name_of(record)) else []
