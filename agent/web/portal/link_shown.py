"""A link that is shown once, to be copied and passed on."""

from __future__ import annotations

from nicegui import ui

from agent.web.console.pieces import Words, button
from agent.web.portal.parts import notice
from agent.web.portal.words import t


class ShownLink:
    """Where it is shown; hidden until there is one."""

    def __init__(self) -> None:
        with ui.element("div").classes("shown-link") as self._box:
            self._what = notice("", "warn")
            self._link = Words("", "code", "secret", tabindex="0")
            with ui.element("div").classes("actions"):
                button(t("Copier le lien"), self._copy)
            self._copied = notice("", "good")
        self._box.set_visibility(False)

    def show(self, email: str, url: str) -> None:
        """Show a link that is for somebody."""
        self._what.say(
            t("Ce lien est pour {email} seul, et ne sert qu'une fois. Il n'est montré qu'ici.",
              email=email)
        )  # fmt: skip
        self._link.text = url
        self._copied.say("")
        self._box.set_visibility(True)
        self._link.run_method("focus")

    def hide(self) -> None:
        """Show none."""
        self._link.text = ""
        self._box.set_visibility(False)

    def _copy(self) -> None:
        ui.clipboard.write(self._link.text)
        self._copied.say(t("Copié."))
