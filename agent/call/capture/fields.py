"""The fields of a capture: how each is read, corrected and read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agent.call.capture import email, name, phone, postcode, purchase_date, reference
from agent.call.capture.reading import Field, Reading

KEYPAD_DIGITS: dict[Field, int] = {"phone": phone.DIGITS, "postcode": postcode.DIGITS}
"""Fields that can be keyed, and how many keys end them."""


@dataclass(frozen=True)
class Context:
    """What a field is read against.

    Attributes:
        today: The day of the call.
        known: References of the client's appliances.
    """

    today: date
    known: tuple[str, ...] = ()


def read(field: Field, text: str, context: Context) -> Reading:
    """The value of a field in a caller's words."""
    match field:
        case "phone":
            return phone.read(text)
        case "name":
            return name.read(text)
        case "reference":
            return reference.read(text, context.known)
        case "purchase_date":
            return purchase_date.read(text, context.today)
        case "email":
            return email.read(text)
        case "postcode":
            return postcode.read(text)


def amend(field: Field, value: str, text: str, context: Context) -> Reading:
    """The value that was read back, once a caller has corrected a part of it."""
    match field:
        case "phone":
            return phone.amend(value, text)
        case "name":
            return name.amend(value, text)
        case "reference":
            return reference.amend(value, text, context.known)
        case "purchase_date":
            return purchase_date.amend(value, text, context.today)
        case "email":
            return email.amend(value, text)
        case "postcode":
            return postcode.amend(value, text)


def said(field: Field, value: str) -> str:
    """A value as it is read back."""
    match field:
        case "phone":
            return phone.said(value)
        case "name":
            return name.said(value)
        case "reference":
            return reference.said(value)
        case "purchase_date":
            return purchase_date.said(value)
        case "email":
            return email.said(value)
        case "postcode":
            return postcode.said(value)


def corrected(field: Field, value: str, text: str, context: Context) -> Reading:
    """What a caller gives instead of the value that was read back: all of it or a part.

    A date keeps the parts that are not said again; any other value that is whole is a new one.
    """
    whole, part = read(field, text, context), amend(field, value, text, context)
    if field == "purchase_date" and part.complete:
        return part
    if whole.complete and not (field == "reference" and whole.doubtful and part.complete):
        return whole
    return part if part.complete or part.unusable else whole


def is_begun(field: Field, part: str, *, slowly: bool) -> bool:
    """Whether an incomplete value is the beginning of one that the caller goes on with.

    Args:
        field: The field.
        part: What was understood so far.
        slowly: The caller was asked to go figure by figure.
    """
    match field:
        case "phone":
            begins = part.startswith(("0", "+")) and len(part) < phone.DIGITS
            return begins and (slowly or len(part) % 2 == 0 or part.startswith("+"))
        case "postcode":
            return (1 if slowly else 2) <= len(part) < postcode.DIGITS
        case "reference":
            return len(part) >= (1 if slowly else 2)
        case "email" | "name":
            return bool(part)
        case "purchase_date":
            return False
