"""Small parts of pages: elements that hold nothing but text, whatever anybody said in it."""

from __future__ import annotations

import re

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments, Handler

from agent.call.record import Brief
from agent.handoff.brief_text import brief_lines, is_danger


class Words(TextElement):
    """An element of a kind that holds a text."""

    def __init__(self, text: str, tag: str = "div", classes: str = "", **attributes: str) -> None:
        """Show a text.

        Args:
            text: Shown as it stands: never read as HTML.
            tag: Kind of element.
            classes: Of its style.
            attributes: Of the element, by their names with "_" for "-".
        """
        super().__init__(tag=tag, text=typeset(text))
        self.classes(classes)
        set_attributes(self, **attributes)

    def say(self, text: str) -> None:
        """Show another text."""
        self.text = typeset(text)


def typeset(text: str) -> str:
    """A text whose signs do not stand alone at a line's end or begin, as French has it."""
    text = re.sub(r"(?<=\d) h(?: (?=\d\d\b))?", lambda at: at[0].replace(" ", "\u00a0"), text)
    return re.sub("« ", "«\u00a0", re.sub(" ([»:;?!%])", "\u00a0\\1", text))


def set_attributes(element: ui.element, **attributes: str) -> None:
    """Give an element attributes whose values may be anything; names with "_" for "-"."""
    for name, value in attributes.items():
        element.props[name.strip("_").replace("_", "-")] = value


def button(
    text: str,
    on_click: Handler[GenericEventArguments],
    classes: str = "",
    key: str = "",
    **attributes: str,
) -> Words:
    """A plain button.

    Args:
        text: Its name; `key` is put behind it.
        on_click: Called at each click.
        classes: Of its style.
        key: That does the same.
        attributes: As `Words` takes them.
    """
    made = Words(
        f"{text} ({key})" if key else text,
        "button",
        f"plain {classes}",
        type="button",
        **attributes,
    )
    if key:
        set_attributes(made, aria_keyshortcuts=key)
    made.on("click", on_click, args=[])
    return made


def brief_box(brief: Brief) -> None:
    """What an operator is told of a caller."""
    with ui.element("div").classes("brief").props('role="group" aria-label="Résumé"'):
        for line in brief_lines(brief):
            Words(line, "p", "danger" if is_danger(line) else "")


def link(text: str, to: str, classes: str = "", **attributes: str) -> Words:
    """A link."""
    return Words(text, "a", classes, href=to, **attributes)
