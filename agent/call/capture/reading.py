"""What was understood of a detail that a caller gave: a value, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Field = Literal["phone", "name", "reference", "purchase_date", "email", "postcode"]

FIELDS: tuple[Field, ...] = ("phone", "name", "reference", "purchase_date", "email", "postcode")


@dataclass(frozen=True)
class Reading:
    """One reading of a caller's words.

    Attributes:
        value: Canonical form of the field; of an incomplete reading, what there is of it so far.
        complete: The value is whole and valid: it may be read back.
        doubtful: Another value fits the words too, or something was repaired on the way.
        unusable: A whole value that serves no purpose: a number that cannot be called back.
    """

    value: str = ""
    complete: bool = False
    doubtful: bool = False
    unusable: bool = False


NOTHING = Reading()
"""The words hold nothing of the field."""
