"""Where a list goes on: a cursor that says nothing but the last one's moment and identifier."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from agent.store.pages import Position
from agent.web.api import sentences
from agent.web.api.problems import ApiError

MOST = 100
"""Of a page."""


class Closed(BaseModel):
    """A value of the API: nothing else may stand in it."""

    model_config = ConfigDict(extra="forbid")


def _utc(given: datetime) -> datetime:
    try:
        return given.astimezone(UTC)
    except OverflowError as error:  # the first or the last day that there is
        raise ValueError("out of range") from error


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_utc),
    Field(description="ISO 8601, avec son fuseau.", examples=["2026-11-27T09:30:00Z"]),
]


class Paged(Closed):
    """What every list may be asked with."""

    limit: int = Field(20, ge=1, le=MOST, description="Combien au plus.")
    cursor: str = Field(
        "", max_length=300, description="Le `next` de la page d'avant ; vide : la première."
    )

    @property
    def after(self) -> Position | None:
        """Where the page begins.

        Raises:
            ApiError: The cursor is none.
        """
        return position_of(self.cursor) if self.cursor else None


def cursor_of(position: Position | None) -> str | None:
    """The cursor of a position."""
    if position is None:
        return None
    at, key = position
    return base64.urlsafe_b64encode(f"{at.isoformat()} {key}".encode()).decode().rstrip("=")


def position_of(cursor: str) -> Position:
    """The position of a cursor.

    Raises:
        ApiError: It is none.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
        at, _, key = text.partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not key or not key.isprintable():
            raise ValueError(text)
        return moment.astimezone(UTC), key
    except (ValueError, OverflowError, binascii.Error) as error:
        raise ApiError(422, sentences.BAD_CURSOR) from error
