"""A page that stays open: what is done on it is done only for who may still do it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from nicegui import ui

from agent.web.auth import SIGN_IN
from agent.web.portal.parts import confirmed


class Guarded(ABC):
    """Somebody who has come to such a page."""

    @abstractmethod
    async def may_still(self) -> bool:
        """Whether they may do things here at this moment; if not, they are told or sent away.

        Raises:
            StoreError: The database cannot be read.
        """

    def guarded(self, handler: Callable[..., Any]) -> Callable[..., Awaitable[None]]:
        """A handler that is run only for who may still do things here."""

        async def run(*arguments: Any) -> None:
            if await self.may_still():
                result = handler(*arguments)
                if isawaitable(result):
                    await result

        return run

    async def confirmed(self, question: str, yes: str, *, danger: bool = False) -> bool:
        """Ask before something is done, as `parts.confirmed` does.

        No, too, for who may not do it any more: a question may stand open for hours.
        """
        return await confirmed(question, yes, danger=danger) and await self.may_still()


def send_to_sign_in() -> None:
    """Have the browser leave the page."""
    ui.run_javascript(f"location.assign({json.dumps(SIGN_IN)})")
